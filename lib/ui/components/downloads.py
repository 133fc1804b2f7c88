"""Downloads of what is filtered: streamed from the event store to the browser that asked.

A ticket is made when the choice of formats is opened, with the rights of that moment. Hosts that
forward no routes of our own get Streamlit's download instead, made when it is pressed.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final, Protocol
from urllib.parse import urlsplit

import streamlit as st

from lib.activity.exporting.event_files import (
    ExportCount,
    ExportFormat,
    completeness,
    file_name,
    stream,
)
from lib.activity.queries.chosen_coverage import coverage_for
from lib.activity.queries.filters import Filters
from lib.activity.queries.source_of_record import chosen_source
from lib.app.routes.downloads import TICKETS, Download
from lib.core.texts import md
from lib.store import EventStore, Stores
from lib.store.ledger.records import AuditEntry
from lib.ui.components import words
from lib.ui.shell.frame import Context
from lib.ui.shell.host import browser


class Chosen(Protocol):
    """What a page shows and a file is made of: events of a store by filters, as of `now` (UTC)."""

    @property
    def events(self) -> EventStore:
        """The store that is asked."""

    @property
    def filters(self) -> Filters:
        """Which events."""

    @property
    def now(self) -> datetime:
        """When this was chosen (UTC)."""


LABELS: Final = {
    ExportFormat.CSV: words.DOWNLOAD_CSV,
    ExportFormat.JSONL: words.DOWNLOAD_JSONL,
    ExportFormat.PARQUET: words.DOWNLOAD_PARQUET,
}
#: Hosts that serve the page only, so that a route of ours would answer with the page.
PAGE_ONLY_HOSTS: Final = (".streamlit.app",)


def downloads(context: Context, view: Chosen) -> None:
    """The button "Download" with its formats."""
    with st.popover(words.DOWNLOAD, icon=":material/file_download:", on_change="rerun") as box:
        if not box.open:
            return
        source = chosen_source(view.events, view.filters)
        known = coverage_for(view.events, view.filters, source, view.now)
        st.caption(words.downloaded(md(completeness(known, view.filters))))
        stores = context.runtime.stores_for(context.profile)
        for form in ExportFormat:
            offer = _offer(stores, view, form, file_name(view.filters, form, known))
            button(LABELS[form], offer, key=f"download.{form}")


def button(label: str, offer: Download, *, key: str) -> None:
    """Fetches a file: a link with a ticket, or Streamlit's download on hosts without routes."""
    visitor = browser()
    if visitor and not page_only():
        st.link_button(
            label,
            f"/download/{TICKETS.issue(offer, browser=visitor)}",
            key=key,
            on_click="rerun",  # a ticket works once: the next one is made right away
            width="stretch",
        )
    else:
        st.download_button(
            label,
            data=lambda: b"".join(offer.chunks()),
            file_name=offer.file_name,
            mime=offer.media_type,
            key=key,
            on_click="ignore",
            width="stretch",
        )


def _offer(stores: Stores, view: Chosen, form: ExportFormat, name: str) -> Download:
    return Download(
        name, form.media_type, lambda: _recorded(stores, view, form), view.filters.profile
    )


def _recorded(stores: Stores, view: Chosen, form: ExportFormat) -> Iterator[bytes]:
    """The bytes of the file; the audit record says how far it went."""
    count, outcome = ExportCount(), "stopped"
    try:
        yield from stream(stores.events, view.filters, form, count=count, now=view.now)
        outcome = "ok"
    finally:
        _record(stores, view, form, count.rows, outcome)


def _record(stores: Stores, view: Chosen, form: ExportFormat, rows: int, outcome: str) -> None:
    since, until = view.filters.since, view.filters.until
    stores.ledger.audit(
        AuditEntry(
            at=datetime.now(UTC),
            who="visitor",
            what="export",
            profile=view.filters.profile,
            outcome=outcome,
            detail=f"{form}, {rows} events, {since.isoformat()} to {until.isoformat()}",
        )
    )


def page_only() -> bool:
    """Whether the host forwards no routes of our own."""
    host = urlsplit(st.context.url or "").hostname or ""
    return host.endswith(PAGE_ONLY_HOSTS)

"""Downloads of deliveries as JSON Lines: the whole selection, with bodies for those who may."""

from collections.abc import Iterator
from typing import Final

import orjson
import streamlit as st

from lib.app.routes.downloads import Download
from lib.ui.components.auditing import record
from lib.ui.components.downloads import button
from lib.ui.shell.frame import Context
from lib.ui.webhooks import words_log
from lib.ui.webhooks.view_common import View
from lib.webhooks.log import log
from lib.webhooks.log.curl import row
from lib.webhooks.log.log import Opened

MOST: Final = 100_000
_AT_ONCE: Final = 500


def downloads(context: Context, view: View) -> None:
    """The button "Download"."""
    with st.popover(words_log.DOWNLOAD, icon=":material/file_download:", on_change="rerun") as box:
        if not box.open:
            return
        if not view.may_read:
            st.caption(words_log.EXPORT_BY_HOST)
            return
        st.caption(words_log.download_note(MOST))
        name = f"deliveries-{view.now:%Y%m%dT%H%M%SZ}.jsonl"
        offer = Download(
            name, "application/x-ndjson", lambda: _recorded(context, view), view.choice.profile
        )
        button(words_log.JSON_LINES, offer, key="hooks.download")


def lines(view: View, *, most: int = MOST) -> Iterator[bytes]:
    """The selected deliveries, newest first, a line each; rejected ones have no body."""
    before, left = None, most
    while left > 0:
        page = log.page(view.stores, view.choice, limit=min(_AT_ONCE, left), before=before)
        raw = log.raw(view.stores, view.choice.profile, page.entries)
        for one in page.entries:
            found = raw.get(one.id) or Opened(one, {}, None)
            yield orjson.dumps(row(found)) + b"\n"
        left -= len(page.entries)
        before = page.next
        if before is None:
            return


def _recorded(context: Context, view: View) -> Iterator[bytes]:
    """The bytes of the file; the audit record says how far it went."""
    count, outcome = 0, "stopped"
    try:
        for line in lines(view):
            count += 1
            yield line
        outcome = "ok"
    finally:
        record(context, "export", None, outcome=outcome, detail=f"jsonl, {count} deliveries")

"""The list of deliveries, newest first, a page at a time; rows are opened, or ticked for more."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import pandas as pd
import streamlit as st

from lib.core.texts import plural, short_digest, undisguised
from lib.ui.components.tables import ROW_HEIGHT, times
from lib.ui.shell.session import state, ticked
from lib.ui.webhooks import words
from lib.ui.webhooks.state import Visited, change, current
from lib.ui.webhooks.view_common import View
from lib.webhooks.log import log
from lib.webhooks.log.log import Cursor, Logged, Page

PAGE: Final = 25
SEEN: Final = 11
"""Rows without scrolling, so that what is opened below is in sight."""


def table(view: View) -> tuple[Logged, ...]:
    """A page of deliveries; those that are ticked, when several are."""
    found = view.once(
        "page",
        lambda: log.page(view.stores, view.choice, limit=PAGE, before=view.wanted.before),
    )
    if not found.entries:
        _none(view)
        return ()
    visited = state(Visited)
    ids = [one.id for one in found.entries]
    # rows are ticked by their place, so another list is another widget
    key = f"hooks.table.{short_digest(''.join(ids))}"
    wanted = {*visited.ticked, view.wanted.delivery}
    st.dataframe(
        view.once("frame", lambda: _frame(view, found.entries)),
        key=key,
        hide_index=True,
        height=36 + ROW_HEIGHT * min(len(ids), SEEN),
        row_height=ROW_HEIGHT,
        column_config=_config(view),
        on_select=lambda: _ticked(key, ids),
        selection_mode="multi-row",
        selection_default={"selection": {"rows": [i for i, d in enumerate(ids) if d in wanted]}},
        placeholder="",
        alt=f"{plural(len(ids), 'delivery', 'deliveries')}, newest first",
    )
    _pager(view, found)
    ticked = tuple(one for one in found.entries if one.id in visited.ticked)
    return ticked if len(ticked) > 1 else ()


def _none(view: View) -> None:
    if view.wanted.before is not None:
        st.caption("There is nothing older.")
        st.button("Newest", key="hooks.newest", icon=":material/first_page:", on_click=_go)
    else:
        st.caption("No delivery matches this choice. A longer time, or fewer filters, may.")


def _frame(view: View, entries: Sequence[Logged]) -> pd.DataFrame:
    counts = log.attempt_counts(view.stores, view.choice.profile, entries)
    return pd.DataFrame(
        {
            "Received": times([one.received_at for one in entries], view.zone),
            "Sender": [words.KINDS.get(one.kind, one.kind) for one in entries],
            "Verdict": [words.verdict(one.verdict) for one in entries],
            "Trigger": [undisguised(one.trigger or "") for one in entries],
            "Item": [words.item(one) for one in entries],
            "Person": [words.actor(one) for one in entries],
            "Attempt": [words.attempt(one, counts.get(one.body_id or "", 1)) for one in entries],
            "On the way": [words.seconds(one.sent_to_received_s) for one in entries],
            "Stored after": [words.seconds(one.received_to_stored_s) for one in entries],
            "Bytes": pd.array([one.size for one in entries], dtype="Int64"),
            "Answer": [str(one.answer) for one in entries],
            "Key": [words.KEYS.get(one.key or "", "") for one in entries],
            "Delivery id": [one.delivery_id or "" for one in entries],
        }
    )


def _config(view: View) -> dict[str, Any]:
    return {
        "Received": st.column_config.DatetimeColumn(
            f"Received ({view.look.zone_name})", format="YYYY-MM-DD HH:mm:ss", width=160
        ),
        "Verdict": st.column_config.TextColumn(width=130),
        "Trigger": st.column_config.TextColumn(width=150),
        "Item": st.column_config.TextColumn(width=190),
        "Person": st.column_config.TextColumn(width=140),
        "Bytes": st.column_config.NumberColumn(format="localized", width="small"),
        "On the way": st.column_config.TextColumn(
            help="From when it was sent, by the sender's clock (whole seconds), until it arrived."
        ),
        "Stored after": st.column_config.TextColumn(
            help="From its arrival until it could be charted."
        ),
        "Attempt": st.column_config.TextColumn(
            help="The same body, sent again: its body id stays, its delivery id is new."
        ),
    }


def _ticked(key: str, ids: Sequence[str]) -> None:
    """One row opens it; several can be done something with."""
    chosen = tuple(ticked(key, ids))
    state(Visited).ticked = chosen
    change(replace(current(), delivery=chosen[0] if len(chosen) == 1 else None))


def _pager(view: View, found: Page) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="hooks.pager"):
        where = "Older ones" if view.wanted.before else "The newest"
        st.caption(
            f"{where}: {plural(len(found.entries), 'delivery', 'deliveries')}. Choose one to open "
            "it, several to replay them.",
            width="stretch",
        )
        st.button(
            "Newest",
            key="hooks.newest",
            icon=":material/first_page:",
            disabled=view.wanted.before is None,
            on_click=_go,
        )
        st.button(
            "Older",
            key="hooks.older",
            icon=":material/chevron_right:",
            icon_position="right",
            disabled=found.next is None,
            on_click=_go,
            args=(found.next,),
        )


def _go(before: Cursor | None = None) -> None:
    state(Visited).ticked = ()
    change(current().changed(before=before))

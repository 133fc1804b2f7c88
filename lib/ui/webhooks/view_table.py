"""The list of deliveries, newest first, page by page: one row is opened, several are replayed."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import pandas as pd
import streamlit as st

from lib.core.texts import short_digest, undisguised
from lib.ui.components.tables import ROW_HEIGHT, times
from lib.ui.shell.session import state, ticked
from lib.ui.webhooks import words, words_log
from lib.ui.webhooks.state import Visited, change, current
from lib.ui.webhooks.view_common import View
from lib.webhooks.log import log
from lib.webhooks.log.log import DeliveryCursor, DeliveryPage, Logged

PAGE: Final = 25
SEEN: Final = 11
"""Rows without scrolling, so that what opens below the list stays in sight."""


def table(view: View) -> tuple[Logged, ...]:
    """A page of deliveries; returns the selected ones if there are several."""
    found = view.once(
        "page",
        lambda: log.page(view.stores, view.choice, limit=PAGE, before=view.requested.before),
    )
    if not found.entries:
        _none(view)
        return ()
    visited = state(Visited)
    ids = [one.id for one in found.entries]
    # rows are selected by position, so another list is another widget
    key = f"hooks.table.{short_digest(''.join(ids))}"
    requested = {*visited.ticked, view.requested.delivery}
    st.dataframe(
        view.once("frame", lambda: _frame(view, found.entries)),
        key=key,
        hide_index=True,
        height=36 + ROW_HEIGHT * min(len(ids), SEEN),
        row_height=ROW_HEIGHT,
        column_config=_config(view),
        on_select=lambda: _ticked(key, ids),
        selection_mode="multi-row",
        selection_default={"selection": {"rows": [i for i, d in enumerate(ids) if d in requested]}},
        placeholder="",
        alt=words_log.list_alt(len(ids)),
    )
    _pager(view, found)
    ticked = tuple(one for one in found.entries if one.id in visited.ticked)
    return ticked if len(ticked) > 1 else ()


def _none(view: View) -> None:
    if view.requested.before is not None:
        st.caption(words_log.NOTHING_OLDER)
        st.button(words_log.NEWEST, key="hooks.newest", icon=":material/first_page:", on_click=_go)
    else:
        st.caption(words_log.NO_MATCH)


def _frame(view: View, entries: Sequence[Logged]) -> pd.DataFrame:
    counts = log.attempt_counts(view.stores, view.choice.profile, entries)
    return pd.DataFrame(
        {
            words_log.RECEIVED: times([one.received_at for one in entries], view.zone),
            words_log.SENDER: [words.KINDS.get(one.kind, one.kind) for one in entries],
            words_log.VERDICT: [words.verdict(one.verdict) for one in entries],
            words_log.TRIGGER: [undisguised(one.trigger or "") for one in entries],
            words_log.ITEM: [words.item(one) for one in entries],
            words_log.PERSON: [words.actor(one) for one in entries],
            words_log.ATTEMPT: [
                words.attempt(one, counts.get(one.body_id or "", 1)) for one in entries
            ],
            words_log.TRANSIT: [words.seconds(one.sent_to_received_s) for one in entries],
            words_log.TIME_TO_STORE: [words.seconds(one.received_to_stored_s) for one in entries],
            words_log.BYTES: pd.array([one.size for one in entries], dtype="Int64"),
            words_log.STATUS_COLUMN: [str(one.answer) for one in entries],
            words_log.KEY: [words.KEYS.get(one.key or "", "") for one in entries],
            words_log.DELIVERY_ID: [one.delivery_id or "" for one in entries],
        }
    )


def _config(view: View) -> dict[str, Any]:
    return {
        words_log.RECEIVED: st.column_config.DatetimeColumn(
            words_log.received_in(view.style.zone_name), format="YYYY-MM-DD HH:mm:ss", width=160
        ),
        words_log.VERDICT: st.column_config.TextColumn(width=130),
        words_log.TRIGGER: st.column_config.TextColumn(width=150),
        words_log.ITEM: st.column_config.TextColumn(width=190),
        words_log.PERSON: st.column_config.TextColumn(width=140),
        words_log.BYTES: st.column_config.NumberColumn(format="localized", width="small"),
        words_log.TRANSIT: st.column_config.TextColumn(help=words_log.TRANSIT_HELP),
        words_log.TIME_TO_STORE: st.column_config.TextColumn(help=words_log.STORE_HELP),
        words_log.ATTEMPT: st.column_config.TextColumn(help=words_log.ATTEMPT_HELP),
    }


def _ticked(key: str, ids: Sequence[str]) -> None:
    """One selected row opens its delivery; several can be replayed."""
    chosen = tuple(ticked(key, ids))
    state(Visited).ticked = chosen
    change(replace(current(), delivery=chosen[0] if len(chosen) == 1 else None))


def _pager(view: View, found: DeliveryPage) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="hooks.pager"):
        note = words_log.page_note(len(found.entries), older=view.requested.before is not None)
        st.caption(note, width="stretch")
        st.button(
            words_log.NEWEST,
            key="hooks.newest",
            icon=":material/first_page:",
            disabled=view.requested.before is None,
            on_click=_go,
        )
        st.button(
            words_log.OLDER,
            key="hooks.older",
            icon=":material/chevron_right:",
            icon_position="right",
            disabled=found.next is None,
            on_click=_go,
            args=(found.next,),
        )


def _go(before: DeliveryCursor | None = None) -> None:
    state(Visited).ticked = ()
    change(current().changed(before=before))

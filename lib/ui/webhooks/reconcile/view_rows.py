"""Reconciliation: the actions as a table and as CSV, each with its side and reason.

Below it, what webhooks can't deliver, by event type.
"""

from collections.abc import Callable, Iterator
from typing import Final

import pandas as pd
import streamlit as st

from lib.activity.model.event import describe_type
from lib.app.routes.downloads import TICKETS, Download
from lib.core.texts import undisguised
from lib.ui.components.auditing import record
from lib.ui.components.downloads import page_only
from lib.ui.components.tables import times
from lib.ui.shell.frame import Context, may_act
from lib.ui.shell.host import browser
from lib.ui.webhooks.reconcile import words
from lib.ui.webhooks.reconcile.words import (
    SERIES,
    Outcome,
    reason_words,
    side_of,
    trigger_words,
)
from lib.webhooks.reconcile import stored
from lib.webhooks.reconcile.reconciliation import Line, Reconciliation

SHOWN: Final = 500
_CSV: Final = "text/csv; charset=utf-8"
_SHOW: Final = "hooks_show"


def rows(context: Context, found: Reconciliation) -> None:
    """The chosen actions, newest first."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header(words.ACTIONS, anchor=False, width="stretch")
        _download(context, found)
    shown = {
        one: [line for line in found.lines if test(line, found)] for one, test in _TESTS.items()
    }
    labels = {one: words.outcome(one, len(lines)) for one, lines in shown.items()}
    chosen = st.segmented_control(
        words.WHICH,
        list(shown),
        key=_SHOW,
        default=Outcome.DIFFERENT,
        required=True,
        format_func=labels.__getitem__,
        label_visibility="collapsed",
    )
    lines = shown[Outcome(chosen or Outcome.DIFFERENT)]
    if not lines:
        st.caption(words.NONE)
        return
    st.dataframe(
        _frame(context, lines[:SHOWN]),
        hide_index=True,
        height="content" if len(lines) <= 12 else 440,  # noqa: PLR2004  # as many as fit a screen
        column_config={
            words.WHEN: st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm:ss"),
            words.DELAY: st.column_config.NumberColumn(format="%.1f s"),
            words.WHY: st.column_config.TextColumn(width="large"),
        },
        placeholder="—",
        alt=words.ROWS_ALT,
    )
    if len(lines) > SHOWN:
        st.caption(words.newest_of(SHOWN, len(lines)))


_TESTS: Final[dict[Outcome, Callable[[Line, Reconciliation], bool]]] = {
    Outcome.DIFFERENT: lambda line, _: line.is_fault,
    Outcome.STREAM: lambda line, _: line.reason is not None and line.event is not None,
    Outcome.HOOKS: lambda line, _: line.event is None,
    Outcome.LATE: lambda line, found: any(one.delay > found.late_after for one in line.bodies),
    Outcome.REPEATED: lambda line, _: any(one.times > 1 for one in line.bodies),
    Outcome.ORDER: lambda line, _: any(one.out_of_order for one in line.bodies),
    Outcome.ALL: lambda _line, _found: True,
}


def _frame(context: Context, lines: list[Line]) -> pd.DataFrame:
    items = [line.event or line.bodies[0].first for line in lines]
    return pd.DataFrame(
        {
            words.WHEN: times([line.at for line in lines], context.zone),
            words.ACTION: [
                line.event.type if line.event else line.bodies[0].first.trigger or words.NO_TRIGGER
                for line in lines
            ],
            words.TRIGGER: [trigger_words(line) for line in lines],
            words.ITEM: [
                undisguised(one.item_name or words.item(one.item_type, one.item_id))
                for one in items
            ],
            words.ACTOR: [undisguised(one.actor_login or one.actor_id or "") for one in items],
            words.SIDE: [SERIES[side_of(line)] for line in lines],
            words.WHY: [reason_words(line.reason) for line in lines],
            words.DELAY: [
                line.bodies[0].delay.total_seconds() if line.bodies else None for line in lines
            ],
            words.DELIVERIES: [sum(one.times for one in line.bodies) for line in lines],
        }
    )


def _download(context: Context, found: Reconciliation) -> None:
    if not may_act(context):
        return

    name = f"reconciliation-{context.now:%Y%m%dT%H%M%SZ}.csv"
    visitor = browser()
    if visitor and not page_only():
        offer = Download(name, _CSV, lambda: _recorded(context, found), context.profile.key)
        st.link_button(
            words.CSV,
            f"/download/{TICKETS.issue(offer, browser=visitor)}",
            icon=":material/file_download:",
            key="hooks.rec.csv",
            on_click="rerun",  # a ticket works once: the next one is made right away
            help=words.CSV_HELP,
        )
    else:
        st.download_button(
            words.CSV,
            data=lambda: b"".join(_recorded(context, found)),
            file_name=name,
            mime=_CSV,
            icon=":material/file_download:",
            key="hooks.rec.csv",
            on_click="ignore",
            help=words.CSV_HELP,
        )


def _recorded(context: Context, found: Reconciliation) -> Iterator[bytes]:
    """The bytes of the file; the audit record says that it was taken."""
    detail = f"csv, {len(found.lines)} actions, webhooks against the stream"
    record(context, "export", None, detail=detail)
    yield from stored.as_csv(found.lines)


def never(found: Reconciliation) -> None:
    """Event types that no trigger reports, and how many events of each there were."""
    total = sum(found.never.values())
    box = st.expander(
        words.never(total),
        icon=":material/block:",
        key="hooks.rec.never",
        on_change="rerun",
    )
    if not box.open:
        return
    with box:
        st.caption(words.NEVER_NOTE)
        st.dataframe(
            pd.DataFrame(
                {
                    words.EVENT_TYPE: list(found.never),
                    words.MEANING: [describe_type(one) or "" for one in found.never],
                    words.EVENTS: list(found.never.values()),
                }
            ),
            hide_index=True,
            height="content" if len(found.never) <= 12 else 420,  # noqa: PLR2004  # as many as fit a screen
            placeholder="—",
            alt=words.NEVER_ALT,
        )

"""Reconciliation, row by row: what is on one side and why, as a table and as CSV.

Beside it what webhooks can never carry, by type of event.
"""

from collections.abc import Callable, Iterator
from typing import Final

import pandas as pd
import streamlit as st

from lib.activity.model.event import describe_type
from lib.app.routes.downloads import DESK, Offer
from lib.core.texts import number, plural, undisguised
from lib.ui.components.auditing import record
from lib.ui.components.downloads import page_only
from lib.ui.components.tables import times
from lib.ui.shell.frame import Context, may_act
from lib.ui.shell.host import browser
from lib.ui.webhooks.reconcile.words import (
    OUTCOMES,
    SERIES,
    Outcome,
    reason_words,
    side_of,
    trigger_words,
)
from lib.webhooks.reconcile import stored
from lib.webhooks.reconcile.matching import Account, Line

SHOWN: Final = 500
_CSV: Final = "text/csv; charset=utf-8"
_CSV_HELP: Final = "Every action of the period, with names and addresses."
_SHOW: Final = "hooks_show"


def rows(context: Context, found: Account) -> None:
    """The actions that are asked for, newest first."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header("Actions", anchor=False, width="stretch")
        _download(context, found)
    shown = {
        one: [line for line in found.lines if test(line, found)] for one, test in _TESTS.items()
    }
    words = {one: f"{OUTCOMES[one]} {number(len(lines))}" for one, lines in shown.items()}
    chosen = st.segmented_control(
        "Which",
        list(shown),
        key=_SHOW,
        default=Outcome.DIFFERENT,
        required=True,
        format_func=words.__getitem__,
        label_visibility="collapsed",
    )
    lines = shown[Outcome(chosen or Outcome.DIFFERENT)]
    if not lines:
        st.caption("None in this period.")
        return
    st.dataframe(
        _frame(context, lines[:SHOWN]),
        hide_index=True,
        height="content" if len(lines) <= 12 else 440,  # noqa: PLR2004  # as many as fit a screen
        column_config={
            "When": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm:ss"),
            "Delay": st.column_config.NumberColumn(format="%.1f s"),
            "Why": st.column_config.TextColumn(width="large"),
        },
        placeholder="—",
        alt="Actions on both sides or one, with the reason",
    )
    if len(lines) > SHOWN:
        st.caption(f"The newest {number(SHOWN)} of {number(len(lines))}; the download has all.")


_TESTS: Final[dict[Outcome, Callable[[Line, Account], bool]]] = {
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
            "When": times([line.at for line in lines], context.zone),
            "Action": [
                line.event.type if line.event else line.bodies[0].first.trigger or "no trigger"
                for line in lines
            ],
            "Trigger": [trigger_words(line) for line in lines],
            "Item": [
                undisguised(one.item_name or f"{one.item_type or 'item'} {one.item_id or '?'}")
                for one in items
            ],
            "Actor": [undisguised(one.actor_login or one.actor_id or "") for one in items],
            "Side": [SERIES[side_of(line)] for line in lines],
            "Why": [reason_words(line.reason) for line in lines],
            "Delay": [
                line.bodies[0].delay.total_seconds() if line.bodies else None for line in lines
            ],
            "Deliveries": [sum(one.times for one in line.bodies) for line in lines],
        }
    )


def _download(context: Context, found: Account) -> None:
    if not may_act(context):
        return

    name = f"reconciliation-{context.now:%Y%m%dT%H%M%SZ}.csv"
    visitor = browser()
    if visitor and not page_only():
        offer = Offer(name, _CSV, lambda: _recorded(context, found), context.profile.key)
        st.link_button(
            "CSV",
            f"/download/{DESK.issue(offer, browser=visitor)}",
            icon=":material/file_download:",
            key="hooks.rec.csv",
            on_click="rerun",  # a ticket works once: the next one is made right away
            help=_CSV_HELP,
        )
    else:
        st.download_button(
            "CSV",
            data=lambda: b"".join(_recorded(context, found)),
            file_name=name,
            mime=_CSV,
            icon=":material/file_download:",
            key="hooks.rec.csv",
            on_click="ignore",
            help=_CSV_HELP,
        )


def _recorded(context: Context, found: Account) -> Iterator[bytes]:
    """The bytes of the file; the audit record says that it was taken."""
    detail = f"csv, {len(found.lines)} actions, webhooks against the stream"
    record(context, "export", None, detail=detail)
    yield from stored.as_csv(found.lines)


def never(found: Account) -> None:
    """Types of events that no trigger tells, and how many of each there were."""
    total = sum(found.never.values())
    box = st.expander(
        f"What webhooks can never carry: {plural(total, 'event')}",
        icon=":material/block:",
        key="hooks.rec.never",
        on_change="rerun",
    )
    if not box.open:
        return
    with box:
        st.caption(
            "Webhooks tell what happens to files and folders, where a webhook watches them. Types "
            "of events without a trigger, and items that nothing watches, come through the stream "
            "only. Box publishes no table of triggers against types of events: the pairs here are "
            "made of what Box says that each of the two means."
        )
        st.dataframe(
            pd.DataFrame(
                {
                    "Type of event": list(found.never),
                    "What it is": [describe_type(one) or "" for one in found.never],
                    "Events": list(found.never.values()),
                }
            ),
            hide_index=True,
            height="content" if len(found.never) <= 12 else 420,  # noqa: PLR2004  # as many as fit a screen
            placeholder="—",
            alt="Types of events that no trigger tells, and how many there were",
        )

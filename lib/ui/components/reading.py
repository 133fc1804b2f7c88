"""Reading events, seen from a page: start it, watch it, stop it."""

from datetime import timedelta
from typing import Final

import streamlit as st

from lib.app.background.jobs import Snapshot
from lib.core.texts import md, number, plural, when
from lib.settings.profiles import ProfileKind
from lib.store import SESSION_ROW_LIMIT
from lib.store.ledger.reading_runs import RunState
from lib.ui.shell.boundary import boundary, show_error
from lib.ui.shell.frame import Context

SPANS: Final = {
    "Last 24 hours": timedelta(hours=24),
    "Last 7 days": timedelta(days=7),
    "Last 30 days": timedelta(days=30),
    "Last 90 days": timedelta(days=90),
    "A whole year": timedelta(days=365),
}


def snapshot(context: Context) -> Snapshot | None:
    """The run of reading at hand, or the last one; None when nothing was read yet."""
    job = context.runtime.reader_for(context.profile).job
    return None if job is None else job.snapshot()


def running(context: Context) -> bool:
    """Whether events are being read right now."""
    now = snapshot(context)
    return now is not None and now.running


def control(context: Context) -> None:
    """The button "Read events" with its choice of how far back, where somebody can be asked."""
    if context.profile.only_imported:
        return
    with st.popover(
        "Read events", icon=":material/download:", type="secondary", key="read", width="content"
    ):
        st.caption(
            "From Box into this app, newest days first. What was read already isn't read again."
        )
        for label, since in SPANS.items():
            st.button(
                label,
                key=f"read.{since.days}",
                width="stretch",
                on_click=_start,
                args=(context, since),
            )
        if context.profile.kind is ProfileKind.SESSION:
            st.caption(
                f"Kept in memory for this session, up to {number(SESSION_ROW_LIMIT)} events."
            )


def progress(context: Context) -> None:
    """How far the run at hand is, with a way to stop it; or how the last one failed."""
    now = snapshot(context)
    if now is None:
        return
    left_out = context.events.overflowed
    if left_out:
        st.warning(
            f"This session holds {number(SESSION_ROW_LIMIT)} events at most: "
            f"{plural(left_out, 'event')} were left out, and their time counts as not read.",
            icon=":material/inventory_2:",
        )
    if now.running:
        with st.container(horizontal=True, vertical_alignment="center", key="progress"):
            st.progress(now.share, text=_sentence(context, now))
            st.button(
                "Stop",
                key="read.stop",
                icon=":material/stop_circle:",
                on_click=context.runtime.reader_for(context.profile).cancel,
                help="What was read so far stays.",
            )
    elif now.state is RunState.FAILED and now.error is not None:
        show_error(now.error)
    elif now.state is RunState.CANCELLED:
        st.caption(
            f"Reading was stopped after {plural(now.read, 'event')}. “Read events” goes on there."
        )


def _sentence(context: Context, now: Snapshot) -> str:
    text = f"Reading: {plural(now.read, 'event')}"
    if now.reached is not None:
        text += f", back to {when(now.reached, context.zone)}"
    return md(text)


def _start(context: Context, since: timedelta) -> None:
    with boundary():
        context.runtime.sync_now(context.profile, since)

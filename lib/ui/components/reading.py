"""Reading events, seen from a page: start it, watch it, stop it."""

from datetime import timedelta

import streamlit as st

from lib.app.background.jobs import Snapshot
from lib.core.texts import md, when
from lib.settings.profiles import ProfileKind
from lib.store import SESSION_ROW_LIMIT
from lib.store.ledger.reading_runs import RunState
from lib.ui.components import words
from lib.ui.shell.boundary import boundary, show_error
from lib.ui.shell.frame import Context


def snapshot(context: Context) -> Snapshot | None:
    """The run of reading at hand, or the last one; None when nothing was read yet."""
    job = context.runtime.reader_for(context.profile).job
    return None if job is None else job.snapshot()


def running(context: Context) -> bool:
    """Whether events are being read right now."""
    now = snapshot(context)
    return now is not None and now.running


def control(context: Context) -> None:
    """The button "Read events" with its choice of how far back, where there is a source to read."""
    if context.profile.only_imported:
        return
    with st.popover(
        words.READ, icon=":material/download:", type="secondary", key="read", width="content"
    ):
        st.caption(words.READ_HELP)
        for label, since in words.LAST_PERIODS.items():
            st.button(
                label,
                key=f"read.{since.days}",
                width="stretch",
                on_click=_start,
                args=(context, since),
            )
        if context.profile.kind is ProfileKind.SESSION:
            st.caption(words.kept_in_memory(SESSION_ROW_LIMIT))


def progress(context: Context) -> None:
    """How far the run at hand is, with a way to stop it; or how the last one failed."""
    now = snapshot(context)
    if now is None:
        return
    left_out = context.events.overflowed
    if left_out:
        st.warning(words.left_out(SESSION_ROW_LIMIT, left_out), icon=":material/inventory_2:")
    if now.running:
        with st.container(horizontal=True, vertical_alignment="center", key="progress"):
            st.progress(now.share, text=_sentence(context, now))
            st.button(
                words.STOP,
                key="read.stop",
                icon=":material/stop_circle:",
                on_click=context.runtime.reader_for(context.profile).cancel,
                help=words.STOP_HELP,
            )
    elif now.state is RunState.FAILED and now.error is not None:
        show_error(now.error)
    elif now.state is RunState.CANCELLED:
        st.caption(words.stopped(now.read))


def _sentence(context: Context, now: Snapshot) -> str:
    back_to = "" if now.reached is None else when(now.reached, context.zone)
    return md(words.reading(now.read, back_to))


def _start(context: Context, since: timedelta) -> None:
    with boundary():
        context.runtime.sync_now(context.profile, since)

"""The top of the Health page: check now, progress, a summary, a tile for each group.

It draws itself again, often while checks are at work, and has the rest of the page drawn when a run
has ended, whoever began it.
"""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

import streamlit as st

from lib.app.background.watching import RunSnapshot
from lib.core.texts import md
from lib.runbook.checks.verdict import Status
from lib.runbook.health.groups import grouped
from lib.runbook.health.history import OVERALL, since_when
from lib.settings.profiles import ProfileKind
from lib.store.ledger.reading_runs import RunState
from lib.ui.components.auditing import record
from lib.ui.components.panels import empty
from lib.ui.components.verdicts import (
    STATUS_LOOKS,
    counts_line,
    drawer_open,
    no_drawer,
    status_badge,
    status_mark,
    terms,
)
from lib.ui.health import words
from lib.ui.health.state import HealthView, picture
from lib.ui.health.words_summary import glance, tile
from lib.ui.shell.boundary import boundary, show_error
from lib.ui.shell.diagnostics import diagnostics_button
from lib.ui.shell.frame import Context

BUSY_S: Final = 1.0
IDLE_S: Final = 10.0
LATEST: Final = 6


def control(context: Context) -> None:
    """The button that begins a run."""
    st.button(
        words.CHECK_NOW,
        key="health.check",
        icon=":material/play_circle:",
        type="primary",
        on_click=_check,
        args=(context,),
        help=words.CHECK_NOW_HELP,
    )


def diagnostics(context: Context) -> None:
    """The file for a report of a fault."""
    diagnostics_button(
        context.runtime,
        context.decision,
        profile=context.profile,
        made=lambda: record(context, "diagnostics", None),
    )


def live(context: Context, drawn: HealthView) -> None:
    """The top; `drawn` is what the rest of the page shows."""
    no_drawer()
    st.fragment(_live, run_every=BUSY_S if drawn.running else IDLE_S)(context, drawn.stamp)


def _check(context: Context) -> None:
    with boundary():
        context.runtime.watch_for(context.profile).check_now()


def _live(context: Context, stamp: tuple[object, ...]) -> None:
    with boundary():
        now = picture(replace(context, now=datetime.now(UTC)))
        if now.stamp != stamp and not drawer_open():
            st.rerun()  # the rest of the page has news too, and this may draw at another pace
        _glance(context, now)
        if now.run is not None and now.run.running:
            _progress(now.run)
        _tiles(context, now)


def _glance(context: Context, now: HealthView) -> None:
    verdicts = now.ordered
    if not verdicts:
        _nothing_yet(context, now)
        return
    open_ones = [one for one in now.incidents if one.open]
    said = glance(
        verdicts,
        open_ones,
        since=since_when(now.spans.get(OVERALL, ()), now.now, now.patience.longest_gap),
        zone=context.zone,
        now=now.now,
    )
    style = STATUS_LOOKS[said.status]
    with st.container(border=True, key="health.glance", gap="small"):
        st.markdown(f"#### :{style.colour}[{style.icon}] {md(said.headline)}")
        if said.lines:
            terms([(term, md(text)) for term, text in said.lines])
        st.markdown(counts_line(verdicts))
        st.caption(md(_pace(context, now)))
    _last_failure(now.run)


def _nothing_yet(context: Context, now: HealthView) -> None:
    if now.running:
        st.markdown(f"#### :gray[:material/hourglass_top:] {words.FIRST_RUN}")
        return
    scheduled = context.profile.kind is not ProfileKind.SESSION
    empty(
        words.NOT_CHECKED,
        words.NOT_CHECKED_HELP + (f" {words.SCHEDULE_STARTS}" if scheduled else ""),
    )
    _last_failure(now.run)


def _last_failure(run: RunSnapshot | None) -> None:
    if run is None:
        return
    if run.state is RunState.FAILED and run.error is not None:
        show_error(run.error)
    elif run.state is RunState.CANCELLED:
        st.caption(words.STOPPED)


def _pace(context: Context, now: HealthView) -> str:
    parts = []
    if now.version is not None:
        parts.append(words.checked(now.version, context.zone, context.zone_name, now.now))
    if not now.watch.scheduled:
        parts.append(words.ON_DEMAND)
    else:
        parts.append(words.repeats(now.patience.every))
    if not now.watched_now:
        parts.append(words.NOT_MONITORED_SINCE)
    return " ".join(parts)


def _progress(run: RunSnapshot) -> None:
    done = len(run.verdicts)
    with st.container(border=True, key="health.progress", gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.progress(run.share, text=words.checking(done, run.total))
        for verdict in run.verdicts[-LATEST:]:
            st.markdown(f"{status_mark(verdict.status)} {md(verdict.title)}")


def _tiles(context: Context, now: HealthView) -> None:
    groups = grouped(now.ordered)
    if not groups:
        return
    with st.grid(len(groups), min_column_width=150, key="health.tiles"):
        for group, verdicts in groups.items():
            shown = tile(
                verdicts,
                [now.spans.get(one.id, ()) for one in verdicts],
                now=now.now,
                longest_gap=now.patience.longest_gap,
            )
            with st.container(border=True, height="stretch", gap="xsmall"):
                st.markdown(f"**{group.icon} {group.title}**")
                status_badge(shown.status, label=shown.word)
                st.markdown(shown.figure)
                if shown.since is not None and shown.status is not Status.SKIPPED:
                    st.caption(md(words.since_line(shown.since, context.zone)))

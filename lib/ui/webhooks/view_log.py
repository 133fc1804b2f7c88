"""The tab Log: what it draws, in which order, and how it stays up to date.

A small fragment looks for new deliveries and reruns the page when there are any; otherwise nothing
is drawn. It pauses after each rerun, so that a flood of deliveries can't keep the page busy.
"""

import time
from datetime import UTC, datetime
from typing import Final

import streamlit as st

from lib.app.practice.emitting import EmitOrder
from lib.settings.profiles import ProfileKind
from lib.ui.components import panels
from lib.ui.shell import navigation
from lib.ui.shell.boundary import boundary
from lib.ui.shell.frame import Context, may_act
from lib.ui.webhooks import view_charts, view_controls, view_repeats, view_try, words_log
from lib.ui.webhooks.actions import kinds_of
from lib.ui.webhooks.export import downloads
from lib.ui.webhooks.state import current
from lib.ui.webhooks.view_common import Stamp, View, drawn, stamp_of, view_of
from lib.ui.webhooks.view_delivery import delivery
from lib.ui.webhooks.view_replay import replay_panel
from lib.ui.webhooks.view_table import table

LOOK_S: Final = 0.7


def log_tab(context: Context) -> None:
    """Figures, charts, the list, and the open delivery."""
    view = view_of(context, current())
    if view.stamp.newest.nothing:
        _nothing_yet(context)
    else:
        view_controls.bar(context, view)
        _figures(view)
        _details(view)
        _deliveries(context, view)
    st.fragment(_look, run_every=LOOK_S)(context, view.stamp, drawn())


def _look(context: Context, stamp: Stamp, not_before: float) -> None:
    """Rerun the page when something new has arrived."""
    with boundary():
        if time.monotonic() >= not_before and stamp_of(context, datetime.now(UTC)) != stamp:
            st.rerun()


def _figures(view: View) -> None:
    with boundary():
        with st.container(horizontal=True, key="hooks.totals"):
            view_charts.totals(view)
        with st.container(border=True):
            view_charts.over_time(view)


def _details(view: View) -> None:
    more = st.expander(
        words_log.MORE,
        on_change="rerun",
        key="hooks.more",
        bind="query-params",
    )
    if not more.open:
        return
    with more:
        left, right = st.columns(2)
        with left, st.container(border=True, height="stretch"), boundary():
            view_charts.latency(view)
        with right, st.container(border=True, height="stretch"), boundary():
            view_charts.refusals(view)
        left, right = st.columns(2)
        with left, st.container(border=True, height="stretch"), boundary():
            view_repeats.repeats(view)
        with right, st.container(border=True, height="stretch"), boundary():
            view_repeats.gaps(view)
        st.caption(words_log.ACTIVITY_NOTE)
        for column, (field, title) in zip(st.columns(3), words_log.RANKINGS.items(), strict=True):
            with column, st.container(border=True, height="stretch"), boundary():
                view_charts.ranking(view, field, title)


def _deliveries(context: Context, view: View) -> None:
    with boundary():
        with st.container(horizontal=True, vertical_alignment="center"):
            st.header(words_log.DELIVERIES, anchor=False, width="stretch")
            downloads(context, view)
        ticked = table(view)
    if ticked:
        with boundary(), st.container(border=True, key="hooks.several"):
            st.markdown(words_log.selected(len(ticked)))
            replay_panel(context, view, ticked)
    with boundary():
        delivery(context, view)


def _nothing_yet(context: Context) -> None:
    kind = context.profile.kind
    if kind is ProfileKind.SANDBOX:
        panels.empty(
            words_log.NOTHING,
            words_log.NOTHING_SANDBOX,
        )
        if st.button(
            words_log.GENERATE_THREE, key="hooks.first", type="primary", icon=":material/bolt:"
        ):
            view_try.happen(context, EmitOrder())
        return
    if kind is ProfileKind.SESSION:
        advice = words_log.NOTHING_SESSION
        if context.rehearsing:
            advice += words_log.NOTHING_PRACTICE
    else:
        advice = words_log.NOTHING_CONFIGURED
    panels.empty(words_log.NOTHING, advice)
    if not kinds_of(context):
        st.info(words_log.NO_KEYS, icon=":material/passkey:")
        page = navigation.page("credentials")
        if page is not None:
            st.page_link(page, label=words_log.GO_TO_CREDENTIALS, icon=":material/arrow_forward:")
    elif not may_act(context):
        st.caption(words_log.TESTS_BY_HOST)

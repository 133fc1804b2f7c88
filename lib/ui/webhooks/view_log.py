"""The log put together: what it draws in which order, and how it stays up to date.

A small part looks for something new and has the page drawn again when there is; while nothing
comes, nothing is drawn. After a drawing it rests for a while, so that a flood of deliveries can't
keep the page busy.
"""

import time
from datetime import UTC, datetime
from typing import Final

import streamlit as st

from lib.app.practice.emitting import Order
from lib.settings.profiles import ProfileKind
from lib.ui.components import panels
from lib.ui.shell import navigation
from lib.ui.shell.boundary import boundary
from lib.ui.shell.frame import Context, may_act
from lib.ui.webhooks import view_charts, view_controls, view_try
from lib.ui.webhooks.actions import kinds_of
from lib.ui.webhooks.export import downloads
from lib.ui.webhooks.state import current
from lib.ui.webhooks.view_common import Stamp, View, drawn, stamp_of, view_of
from lib.ui.webhooks.view_delivery import delivery
from lib.ui.webhooks.view_replay import replay_panel
from lib.ui.webhooks.view_table import table

LOOK_S: Final = 0.7


def log_tab(context: Context) -> None:
    """Figures, charts, the list, and the delivery that is open."""
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
    """Whether something new has come."""
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
        "Latency, refusals, repeats, gaps, and activity as webhooks tell it",
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
            view_charts.repeats(view)
        with right, st.container(border=True, height="stretch"), boundary():
            view_charts.gaps(view)
        st.caption(
            "What webhooks tell of activity, each body counted once. Activity counts the stream: "
            "the same action has another id there, and the two are never added up."
        )
        tops = (("trigger", "Triggers"), ("actor", "Most active people"), ("item", "Items"))
        for column, (field, title) in zip(st.columns(3), tops, strict=True):
            with column, st.container(border=True, height="stretch"), boundary():
                view_charts.ranking(view, field, title)


def _deliveries(context: Context, view: View) -> None:
    with boundary():
        with st.container(horizontal=True, vertical_alignment="center"):
            st.header("Deliveries", anchor=False, width="stretch")
            downloads(context, view)
        ticked = table(view)
    if ticked:
        with boundary(), st.container(border=True, key="hooks.several"):
            st.markdown(f"**{len(ticked)} deliveries chosen**")
            replay_panel(context, view, ticked)
    with boundary():
        delivery(context, view)


def _nothing_yet(context: Context) -> None:
    kind = context.profile.kind
    if kind is ProfileKind.SANDBOX:
        panels.empty(
            "Nothing has arrived yet",
            "Make something happen in the sandbox: it sends the webhooks here, signed as Box "
            "signs them, and they appear on this page by themselves.",
        )
        if st.button(
            "Make three things happen", key="hooks.first", type="primary", icon=":material/bolt:"
        ):
            view_try.happen(context, Order())
        return
    if kind is ProfileKind.SESSION:
        told = (
            "No address leads to a profile of this session: nothing can be sent to it from "
            "outside. A test delivery is signed with its keys and received here all the same."
        )
        if context.rehearsing:
            told += " The shared sandbox delivers over HTTP: choose it in the sidebar."
    else:
        told = (
            "Give the address under “Receiving” to Box or Kloudless, or press “Test delivery”: it "
            "is signed with this profile's key and received here."
        )
    panels.empty("Nothing has arrived yet", told)
    if not kinds_of(context):
        st.info(
            "This profile has no key to verify deliveries with: Box's two signature keys are in "
            "its developer console (Webhooks, Manage signature keys); Kloudless signs with the "
            "API key.",
            icon=":material/passkey:",
        )
        page = navigation.page("credentials")
        if page is not None:
            st.page_link(page, label="Go to Credentials", icon=":material/arrow_forward:")
    elif not may_act(context):
        st.caption("Test deliveries are sent by who hosts this app.")

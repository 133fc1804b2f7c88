"""The tab Reconciliation: deliveries compared with the event stream, for a period.

Counts, a chart and rows, each difference with its reason; and what webhooks can't deliver. Both
sides are read from the event store; Box says what is watched.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import streamlit as st

from lib.activity.model.coverage import coverage
from lib.activity.model.source import source_label
from lib.core.texts import md, undisguised
from lib.settings.profiles import ProfileKind
from lib.ui.components import coverage as components_coverage
from lib.ui.components import panels
from lib.ui.components.credentials.credential_entry import also_forget
from lib.ui.shell.boundary import boundary
from lib.ui.shell.frame import Context
from lib.ui.shell.session import state
from lib.ui.webhooks.reconcile import words
from lib.ui.webhooks.reconcile.view_chart import chart, figures
from lib.ui.webhooks.reconcile.view_rows import never, rows
from lib.ui.webhooks.reconcile.watched_folders import AT_ONCE, Known, known, place, unplaced
from lib.webhooks.reconcile import stored
from lib.webhooks.reconcile.reconciliation import Reconciliation

PERIODS: Final = {
    "1h": timedelta(hours=1),
    "24h": timedelta(days=1),
    "7d": timedelta(days=7),
    "30d": timedelta(days=30),
}
_LATE: Final = {"10s": 10, "1m": 60, "5m": 300, "1h": 3600}
_PERIOD: Final = "hooks_period"
_LATE_AFTER: Final = "hooks_late"
LINKED: Final = {_PERIOD: words.PERIODS, _LATE_AFTER: words.LATE_AFTER}
"""What the tab keeps in the URL: the words for each id, by parameter."""


@dataclass(slots=True)
class Compared:
    """The last comparison of this session, and what it was of."""

    key: tuple[object, ...] = ()
    found: Reconciliation | None = None


also_forget(Compared)


def reconcile_tab(context: Context) -> None:
    """The whole tab."""
    period, late = _control()
    with st.spinner(words.LOADING):
        what = known(context)
    context = replace(context, now=context.now.replace(second=0, microsecond=0))
    span = (context.now - PERIODS[period], context.now + timedelta(minutes=1))
    with st.spinner(words.COMPARING, show_time=True):
        found = _compared(context, what, span, late)
        left = unplaced(context, stored.parents_unknown(found, what.watched))
        if left and what.watched.webhooks:
            what = place(context, what, left[:AT_ONCE])
            found = _compared(context, what, span, late)
    _basis(context, what, span)
    if not found.lines and not found.never:
        _nothing(period)
        return
    figures(found)
    with boundary(), st.container(border=True):
        chart(context, found, span)
    if what.watched.webhooks:
        _more_places(context, what, left[AT_ONCE:])
    with boundary():
        rows(context, found)
    never(found)


def _compared(
    context: Context, what: Known, span: tuple[datetime, datetime], late: str
) -> Reconciliation:
    """The comparison; made again when the minute, the events or the choices change."""
    profile, watched, existing = context.profile, what.watched, state(Compared)
    version = context.runtime.version(profile)
    hooks = (watched.webhooks, len(watched.paths), watched.known)
    key = (profile.key, span, late, version, hooks)
    if existing.found is None or existing.key != key:
        existing.found = stored.account(
            context.events,
            profile.key,
            span,
            watched,
            now=context.now,
            late_after=timedelta(seconds=_LATE[late]),
        )
        existing.key = key
    return existing.found


def _control() -> tuple[str, str]:
    with st.container(horizontal=True, vertical_alignment="bottom", key="hooks.rec"):
        period = st.selectbox(
            words.PERIOD,
            list(PERIODS),
            index=1,
            key=_PERIOD,
            bind="query-params",
            format_func=words.PERIODS.__getitem__,
            width=180,
        )
        late = st.selectbox(
            words.LATE,
            list(_LATE),
            index=1,
            key=_LATE_AFTER,
            bind="query-params",
            format_func=words.LATE_AFTER.__getitem__,
            help=words.LATE_HELP,
            width=180,
        )
    return str(period or "24h"), str(late or "1m")


def _basis(context: Context, what: Known, span: tuple[datetime, datetime]) -> None:
    """What is compared with what, and how complete each side is."""
    events = context.events
    source = stored.stream_source(events, context.profile.key)
    read = coverage(events, context.profile.key, source, context.now)
    hooks = what.watched.webhooks
    owners = ", ".join(undisguised(one.name or one.id) for one in what.owners)
    complete = components_coverage.sentence(read, *span, context.zone)
    name = source_label(source)
    st.caption(words.basis(md(name), md(complete), len(hooks), md(owners)))
    if context.profile.kind is ProfileKind.SANDBOX:
        st.caption(words.SANDBOX_NOTE)
    if what.fault is not None:
        text = words.unknown(md(what.fault.message))
        st.warning(text, icon=":material/visibility_off:")


def _nothing(period: str) -> None:
    panels.empty(words.NOTHING, words.nothing(period))


def _more_places(context: Context, what: Known, left: tuple[str, ...]) -> None:
    if left and st.button(
        words.locate(len(left)),
        icon=":material/travel_explore:",
        key="hooks.rec.places",
        help=words.FOLDERS_HELP,
    ):
        with st.spinner(words.LOCATING, show_time=True):
            place(context, what, left)
        st.rerun()

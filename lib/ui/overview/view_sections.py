"""The sections of Overview: ways in, connection, events received, last week, next steps."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

import pandas as pd
import streamlit as st

from lib.activity.ingest.gaps import gaps
from lib.activity.ingest.stream_comparison import latest
from lib.activity.model.coverage import coverage
from lib.activity.model.source import source_label
from lib.activity.model.zones import BucketSize
from lib.activity.queries import source_of_record, time_series
from lib.activity.queries.filters import Filters
from lib.core.texts import ago, md, when
from lib.settings.profiles import ProfileKind
from lib.store.events.retention import marks
from lib.ui.components import coverage as components_coverage
from lib.ui.components import panels, reading
from lib.ui.components.charts import chart_style, series_chart
from lib.ui.components.charts.series import WIDTHS, axis, folded
from lib.ui.overview import view_import, words
from lib.ui.shell import navigation
from lib.ui.shell.boundary import boundary, show_error
from lib.ui.shell.frame import Context

DAYS: Final = 7
FILLING_S: Final = 0.5
LIVE_S: Final = 10.0
STANDING_S: Final = 3.0
CURRENT: Final = timedelta(minutes=10)
"""How long a call that worked shows a connection; reading makes several in that time."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way in: a question, what its pages answer, and the pages."""

    title: str
    sentence: str
    pages: tuple[str, ...]


WAYS: Final = (
    Way(
        words.SET_UP,
        words.SET_UP_NOTE,
        ("credentials", "jwt_key"),
    ),
    Way(
        words.HEALTH,
        words.HEALTH_NOTE,
        ("health", "accounts"),
    ),
    Way(
        words.ACTIVITY,
        words.ACTIVITY_NOTE,
        ("activity",),
    ),
)


def ways_in(context: Context) -> None:
    """Three ways in."""
    for column, way in zip(st.columns(len(WAYS)), WAYS, strict=True):
        with column, st.container(border=True, height="stretch"):
            st.markdown(f"**{way.title}**")
            st.caption(way.sentence)
            with st.container(horizontal=True):
                _links(context, way.pages)


def week(context: Context) -> None:
    """The last seven whole days and today; redraws itself, more often while events are read."""
    if context.profile.only_imported:
        view_import.extent(context)
        return
    busy = reading.running(context)
    st.fragment(_week, run_every=FILLING_S if busy else LIVE_S)(context, busy)


def standing(context: Context) -> None:
    """Connection, events received and next steps; redraws itself while events are read."""
    busy = reading.running(context)
    st.fragment(_standing, run_every=STANDING_S if busy else None)(context)


def _standing(context: Context) -> None:
    now = replace(context, now=datetime.now(UTC))
    parts = (connection, arrived, next_steps)
    for column, part in zip(st.columns(len(parts)), parts, strict=True):
        with column, st.container(border=True, height="stretch"), boundary():
            part(now)


def connection(context: Context) -> None:
    """Whether the API answers, and as whom."""
    panels.titled(words.CONNECTION, "", key="connection")
    if context.profile.only_imported:
        st.caption(words.NO_CONNECTION)
        return
    reader = context.runtime.reader_for(context.profile)
    found = reader.connection
    if found is None:
        st.markdown(words.FIRST_CALL)
    elif found.error is not None:
        st.markdown(words.not_connected(ago(found.at, context.now)))
        show_error(found.error)
        return
    else:
        last = max(found.at, reader.read_at or found.at)
        st.markdown(connected(last, context.now, reads=reading.running(context)))
    facts = {
        words.CONNECTED_AS: (found.name or found.login) if found else "",
        words.ENTERPRISE: found.enterprise if found else "",
        words.LAST_READ: ago(reader.read_at, context.now) if reader.read_at else words.NOT_READ,
    }
    for label, text in facts.items():
        if text:
            st.caption(words.fact(label, md(text)))


def connected(last: datetime, now: datetime, *, reads: bool) -> str:
    """What the last call that worked shows now; `reads`: whether more are being made."""
    if reads or now - last < CURRENT:
        return words.CONNECTED
    return words.connected_before(ago(last, now))


def arrived(context: Context) -> None:
    """The events received, by source, and how far they are complete."""
    panels.titled(words.ARRIVED, "", key="arrived")
    problem = context.runtime.drain_problem()
    if problem is not None:
        show_error(problem)
    events = context.events
    found = source_of_record.sources(events, context.profile.key)
    if not found:
        st.caption(words.NOTHING_ARRIVED)
    for facts in found:
        known = coverage(events, context.profile.key, facts.source, context.now)
        st.markdown(words.events_from(facts.events, source_label(facts.source)))
        complete = "" if known.complete_to is None else when(known.complete_to, context.zone)
        oldest, newest = when(facts.oldest, context.zone), when(facts.newest, context.zone)
        text = words.period(oldest, newest, complete)
        st.caption(words.in_zone(md(text), md(context.zone_name)))
    _gaps(context)
    for reason, count in events.quarantine_counts(context.profile.key)[:3]:
        st.caption(words.quarantined(count, md(reason)))


def _gaps(context: Context) -> None:
    """What may be missing although reading continues, and what is no longer kept."""
    stores, key = context.runtime.stores_for(context.profile), context.profile.key
    for gap in gaps(stores, key, context.now):
        st.caption(words.gap(md(gap.sentence), md(gap.fix)))
    compared = latest(stores.ledger, key)
    if compared is not None and not compared.left_out and not compared.pending:
        st.caption(words.streams_agree(compared.day.start, compared.history))
    for facts in stores.events.sources(key):
        for kind, before in sorted(marks(stores.events, key, facts.source).items()):
            st.caption(md(words.not_kept(kind, when(before, context.zone))))


def next_steps(context: Context) -> None:
    """The next steps for this kind of profile."""
    panels.titled(words.NEXT, "", key="next")
    steps = {
        ProfileKind.SANDBOX: (
            ("activity", words.SEE_PEOPLE),
            ("credentials", words.ENTER_BOX_APP),
            ("jwt_key", words.CHECK_KEY),
        ),
        ProfileKind.SESSION: (
            ("credentials", words.KEEP_CREDENTIALS),
            ("accounts", words.SEE_USERS),
            ("activity", words.READ_AND_CHART),
        ),
        ProfileKind.CONFIGURED: (
            ("accounts", words.CHECK_REACH),
            ("activity", words.READ_FURTHER),
        ),
    }[context.profile.kind]
    if context.profile.only_imported:
        steps = (
            ("activity", words.CHART_IMPORTED),
            ("credentials", words.ENTER_TO_READ),
        )
    if context.rehearsing:
        steps = (
            ("health", words.SEE_BROKEN),
            ("accounts", words.SEE_REACH),
            ("activity", words.READ_AND_CHART),
        )
    for name, sentence in steps:
        page = navigation.page(name)
        if page is not None:
            st.page_link(page, label=sentence, query_params=context.links)


def _links(context: Context, names: tuple[str, ...]) -> None:
    for name in names:
        page = navigation.page(name)
        if page is not None:
            st.page_link(page, query_params=context.links)


def _week(context: Context, busy: bool) -> None:  # noqa: FBT001  # a fragment's arguments
    if busy and not reading.running(context):
        st.rerun()  # the rest of the page has news too, and this may draw less often
    now = datetime.now(UTC)
    with boundary():
        _draw_week(context, now)
        reading.progress(context)


def _draw_week(context: Context, now: datetime) -> None:
    events = context.events
    empty = not source_of_record.sources(events, context.profile.key)
    if empty and not reading.running(context):
        panels.empty(
            words.NO_EVENTS,
            words.PRESS_READ,
        )
        return
    since, midnight = whole_days(now, context)
    filters = Filters(context.profile.key, since, now)
    found = time_series.series(
        events,
        filters,
        now=now,
        by="category",
        size=BucketSize.DAY,
        timezone=context.zone_name,
        top=40,
    )
    frame, keys = folded(found, "category")
    whole = frame[frame["bucket"] < pd.Timestamp(components_coverage.wall(midnight, context.zone))]
    total = int(whole["events"].sum())
    panels.titled(
        words.events_of_week(total, DAYS) if not empty else words.reading_week(DAYS),
        components_coverage.sentence(found.coverage, since, now, context.zone),
        found.buckets[["bucket", "events", "extent"]],
        key="week",
    )
    style = panels.style(context.zone_name)
    panels.chart(
        series_chart.stacked_series(
            frame,
            style,
            bucket_label="day",
            width=WIDTHS[BucketSize.DAY],
            span=axis(found),
            shades=[
                *components_coverage.shades(found.coverage, since, now, context.zone),
                *components_coverage.edges(axis(found), since, now, context.zone),
            ],
            colours=chart_style.palette(keys, style, fixed=True),
            height=260,
        ),
        key="overview.week",
        alt=words.week_chart(DAYS),
    )


def whole_days(now: datetime, context: Context) -> tuple[datetime, datetime]:
    """The last seven whole days of the visitor's zone: from, and the midnight they end at (UTC)."""
    midnight = now.astimezone(context.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    since = (midnight - timedelta(days=DAYS)).astimezone(UTC)
    return since, midnight.astimezone(UTC)

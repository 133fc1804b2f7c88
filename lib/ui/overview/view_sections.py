"""What Overview is made of: ways in, connection, what arrived, the last week, next steps."""

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
from lib.activity.queries import summaries
from lib.activity.queries.filters import Filters
from lib.core.texts import ago, md, number, plural, when
from lib.settings.profiles import ProfileKind
from lib.store.events.retention import marks
from lib.ui.components import charts, panels, reading
from lib.ui.components import coverage as components_coverage
from lib.ui.components.series import WIDTHS, axis, folded
from lib.ui.overview import view_import
from lib.ui.shell import navigation
from lib.ui.shell.boundary import boundary, show_error
from lib.ui.shell.frame import Context

DAYS: Final = 7
FILLING_S: Final = 0.5
LIVE_S: Final = 10.0
STANDING_S: Final = 3.0


@dataclass(frozen=True, slots=True)
class Way:
    """One way in: a question, what its pages answer, and the pages that exist."""

    title: str
    sentence: str
    pages: tuple[str, ...]


WAYS: Final = (
    Way(
        "Set it up",
        "Enter the credentials of a Box app, judge its key, and prove each step with a real call.",
        ("credentials", "jwt_key"),
    ),
    Way(
        "Is it healthy?",
        "What holds, what broke, whose fault it is, and who can fix it.",
        ("health", "accounts"),
    ),
    Way(
        "What happened?",
        "Who did what in Box and when: charts, filters, and each event as Box sent it.",
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
    """The last seven whole days and today; draws itself again, often while it fills."""
    if context.profile.only_imported:
        view_import.extent(context)
        return
    busy = reading.running(context)
    st.fragment(_week, run_every=FILLING_S if busy else LIVE_S)(context, busy)


def standing(context: Context) -> None:
    """The connection, what arrived and what to do next; moves along while events are read."""
    busy = reading.running(context)
    st.fragment(_standing, run_every=STANDING_S if busy else None)(context)


def _standing(context: Context) -> None:
    now = replace(context, now=datetime.now(UTC))
    parts = (connection, arrived, next_steps)
    for column, part in zip(st.columns(len(parts)), parts, strict=True):
        with column, st.container(border=True, height="stretch"), boundary():
            part(now)


def connection(context: Context) -> None:
    """Whether the other side answers, and as whom."""
    panels.titled("Connection", "", key="connection")
    if context.profile.only_imported:
        st.caption("None: this profile is what was imported. Nobody is asked for more.")
        return
    reader = context.runtime.reader_for(context.profile)
    found = reader.connection
    if found is None:
        st.markdown(":material/hourglass_top: Asking for the first time…")
    elif found.error is not None:
        st.markdown(f":red[:material/error:] Not connected, tried {ago(found.at, context.now)}.")
        show_error(found.error)
        return
    else:
        st.markdown(":green[:material/check_circle:] Connected.")
    facts = {
        "As": (found.name or found.login) if found else "",
        "Enterprise": found.enterprise if found else "",
        "Last read": ago(reader.read_at, context.now) if reader.read_at else "not yet",
    }
    for label, text in facts.items():
        if text:
            st.caption(f"{label}: **{md(text)}**")


def arrived(context: Context) -> None:
    """What arrived, by source, and up to when it is complete."""
    panels.titled("What arrived", "", key="arrived")
    problem = context.runtime.drain_problem()
    if problem is not None:
        show_error(problem)
    events = context.events
    found = summaries.sources(events, context.profile.key)
    if not found:
        st.caption("Nothing yet.")
    for facts in found:
        known = coverage(events, context.profile.key, facts.source, context.now)
        st.markdown(f"**{number(facts.events)}** events from {source_label(facts.source)}")
        text = f"{when(facts.oldest, context.zone)} to {when(facts.newest, context.zone)}"
        if known.complete_to is not None:
            text += f"; complete to {when(known.complete_to, context.zone)}"
        st.caption(f"{md(text)} ({md(context.zone_name)}).")
    _gaps(context)
    for reason, count in events.quarantine_counts(context.profile.key)[:3]:
        st.caption(f":material/warning: {plural(count, 'event')} set aside: {md(reason)}")


def _gaps(context: Context) -> None:
    """What may be missing although reading goes on, and what isn't kept any more."""
    stores, key = context.runtime.stores_for(context.profile), context.profile.key
    for gap in gaps(stores, key, context.now):
        st.caption(f":orange[:material/report:] {md(gap.sentence)} {md(gap.fix)}")
    compared = latest(stores.ledger, key)
    if compared is not None and not compared.left_out and not compared.pending:
        st.caption(
            f"Live stream and history agree on {compared.day.start:%Y-%m-%d} (UTC): "
            f"{plural(compared.history, 'event')}."
        )
    for facts in stores.events.sources(key):
        for kind, before in sorted(marks(stores.events, key, facts.source).items()):
            what = f"Events of type {kind}" if kind else "Events"
            st.caption(md(f"{what} before {when(before, context.zone)} aren't kept here any more."))


def next_steps(context: Context) -> None:
    """What to do next, for this kind of profile."""
    panels.titled("What to do next", "", key="next")
    steps = {
        ProfileKind.SANDBOX: (
            ("activity", "See what people do here"),
            ("credentials", "Enter your own Box app"),
            ("jwt_key", "Judge a key, or make a pair"),
        ),
        ProfileKind.SESSION: (
            ("credentials", "Keep these credentials, encrypted"),
            ("accounts", "See who is in this enterprise"),
            ("activity", "Read events and chart them"),
        ),
        ProfileKind.CONFIGURED: (
            ("accounts", "Check whom the app can see"),
            ("activity", "Read further back, up to a year"),
        ),
    }[context.profile.kind]
    if context.profile.only_imported:
        steps = (
            ("activity", "Chart what was imported"),
            ("credentials", "Enter a Box app, to read more"),
        )
    if context.rehearsing:
        steps = (
            ("health", "See what is broken, and who can fix it"),
            ("accounts", "See whom it still reaches"),
            ("activity", "Read events and chart them"),
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
    empty = not summaries.sources(events, context.profile.key)
    if empty and not reading.running(context):
        panels.empty(
            "No events yet",
            "Press “Read events”: the newest days come first, and this fills while it reads.",
        )
        return
    since, midnight = whole_days(now, context)
    filters = Filters(context.profile.key, since, now)
    found = summaries.series(
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
        f"{plural(total, 'event')} in the last {DAYS} whole days"
        if not empty
        else f"Reading the last {DAYS} days…",
        components_coverage.sentence(found.coverage, since, now, context.zone),
        found.buckets[["bucket", "events", "extent"]],
        key="week",
    )
    look = panels.look(context.zone_name)
    panels.chart(
        charts.stacked_series(
            frame,
            look,
            bucket_label="day",
            width=WIDTHS[BucketSize.DAY],
            span=axis(found),
            shades=[
                *components_coverage.shades(found.coverage, since, now, context.zone),
                *components_coverage.edges(axis(found), since, now, context.zone),
            ],
            colours=charts.palette(keys, look, fixed=True),
            height=260,
        ),
        key="overview.week",
        alt=f"Events per day of the last {DAYS} whole days and today, by category",
    )


def whole_days(now: datetime, context: Context) -> tuple[datetime, datetime]:
    """The last seven whole days of the visitor's zone: from, and the midnight they end at (UTC)."""
    midnight = now.astimezone(context.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    since = (midnight - timedelta(days=DAYS)).astimezone(UTC)
    return since, midnight.astimezone(UTC)

"""The questions of the activity page: small frames out of many events.

Each counts one source, the profile's source of record unless the filters name another, so that an
action that reached us through two sources is counted once. SQL is hand-written and parameterised;
what differs between engines is in `lib.store.events.dialect`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import pandas as pd

from lib.activity.model.coverage import Comparison, Coverage, Extent, comparison_allowed
from lib.activity.model.source import RECORD_ORDER, Source, first_of_record
from lib.activity.model.zones import (
    Bucket,
    BucketSize,
    auto_size,
    buckets,
    local_expression,
    starts_by_local,
    zone,
)
from lib.activity.queries import group_counts
from lib.activity.queries.chosen_coverage import coverage_for
from lib.activity.queries.display_names import names
from lib.activity.queries.filters import Filters
from lib.activity.queries.heavy_hitters import Weight, heavy_hitters
from lib.activity.queries.text_search import looked_up
from lib.store.events import dialect
from lib.store.events.events import EventStore, SourceFacts
from lib.store.spans import Span

OTHER_SERIES: Final = "other"
SERIES_BY: Final = {"type": "event_type", "category": "category", "kind": "actor_kind"}


def sources(events: EventStore, profile: str) -> list[SourceFacts]:
    """The sources that hold events of a profile, source of record first."""
    order = {source: n for n, source in enumerate(RECORD_ORDER)}
    return sorted(
        events.sources(profile), key=lambda facts: order.get(Source(facts.source), len(order))
    )


def source_of_record(events: EventStore, profile: str) -> str:
    """The source that is counted: the first of record that has events or was read."""
    existing = {facts.source for facts in events.sources(profile)}
    existing |= {source for source, _ in events.covered_filters(profile)}
    return str(first_of_record(existing))


def chosen_source(events: EventStore, filters: Filters) -> str:
    """The source that a choice counts."""
    return filters.source or source_of_record(events, filters.profile)


def chosen(events: EventStore, filters: Filters) -> tuple[Filters, str]:
    """A choice, with its text looked up if it has one, and the source that it counts."""
    source = chosen_source(events, filters)
    return looked_up(events, filters, source), source


# --- series


@dataclass(frozen=True, slots=True)
class Series:
    """Counts by time and kind.

    `frame`: bucket (time in the zone), series (a type or category, or `other`), events; only
    buckets with events. `buckets`: every bucket of the period with bucket, end, events, extent
    (an `Extent`): a bucket that isn't `read` must not be drawn as a plain zero. `order` lists the
    series, most events first, `other` last.
    """

    frame: pd.DataFrame
    buckets: pd.DataFrame
    size: BucketSize
    order: tuple[str, ...]
    total: int
    coverage: Coverage
    timezone: str


def series(  # options of one chart
    events: EventStore,
    filters: Filters,
    *,
    now: datetime,
    by: str = "type",
    size: BucketSize | None = None,
    timezone: str = "UTC",
    top: int = 8,
) -> Series:
    """Counts per bucket and `type`, `category` or `kind`: the `top` ones and `other`."""
    filters, source = chosen(events, filters)
    size = size or auto_size(filters.since, filters.until)
    bars = buckets(timezone, filters.since, filters.until, size)
    rows = group_counts.over_time(filters, source, timezone=timezone)
    found = events.frame(
        f"SELECT {bucket_expression(filters, size, timezone)} AS bucket,"  # noqa: S608
        f" {SERIES_BY[by]} AS series, sum(times)::BIGINT AS events FROM {rows.sql} GROUP BY ALL",
        rows.parameters,
    )
    known = coverage_for(events, filters, source, now)
    return _series(found, bars, size, timezone, top, known, filters)


def bucket_expression(filters: Filters, size: BucketSize, timezone: str) -> str:
    """SQL for the bucket of an event; `in_zone` makes times in the zone of what it gives."""
    # an hour is unique in UTC only, a day or week in local time
    local = local_expression("occurred_at", timezone, filters.since, filters.until)
    cut = dialect.truncated(str(size), local)
    return f"occurred_at - ({local} - {cut})" if size is BucketSize.HOUR else cut


def in_zone(
    found: "pd.Series[Any]", bars: list[Bucket], size: BucketSize, timezone: str
) -> pd.DatetimeIndex:
    """The starts of buckets as `bucket_expression` gives them, as times in the zone."""
    tz = zone(timezone)
    if size is BucketSize.HOUR:
        return pd.DatetimeIndex(found).tz_localize("UTC").tz_convert(tz)
    starts = starts_by_local(bars, timezone)
    return pd.DatetimeIndex([starts[at.to_pydatetime()] for at in found], tz="UTC").tz_convert(tz)


def _series(  # the parts of one chart
    found: pd.DataFrame,
    bars: list[Bucket],
    size: BucketSize,
    timezone: str,
    top: int,
    known: Coverage,
    filters: Filters,
) -> Series:
    tz = zone(timezone)
    found["bucket"] = in_zone(found["bucket"], bars, size, timezone)
    by_series = {str(k): int(n) for k, n in found.groupby("series")["events"].sum().items()}
    ranked = sorted(by_series, key=lambda name: (-by_series[name], name))
    kept = ranked[:top]
    if len(ranked) > top:
        found["series"] = found["series"].where(found["series"].isin(kept), OTHER_SERIES)
        found = found.groupby(["bucket", "series"])["events"].sum().reset_index()
        kept = [name for name in kept if name != OTHER_SERIES] + [OTHER_SERIES]
    found = found.sort_values(["bucket", "series"], ignore_index=True)
    per_bar = {at: int(n) for at, n in found.groupby("bucket")["events"].sum().items()}
    stamps = pd.DatetimeIndex([bar.start for bar in bars], tz="UTC").tz_convert(tz)
    ends = pd.DatetimeIndex([bar.end for bar in bars], tz="UTC").tz_convert(tz)
    frame = pd.DataFrame(
        {
            "bucket": stamps,
            "end": ends,
            "events": [per_bar.get(stamp, 0) for stamp in stamps],
            "extent": [_extent(known, bar, filters) for bar in bars],
        }
    )
    total = int(found["events"].sum()) if len(found) else 0
    return Series(found, frame, size, tuple(kept), total, known, timezone)


def _extent(known: Coverage, bar: Bucket, filters: Filters) -> str:
    return str(known.extent(max(bar.start, filters.since), min(bar.end, filters.until)))


# --- tops, heat map, totals


def top(events: EventStore, filters: Filters, by: str, *, limit: int = 10) -> pd.DataFrame:
    """The values of a filter's field with the most events: value, label, detail, events, share.

    `label` is the newest name known for the value, `share` its part of all events (0 to 1). Events
    whose value is unknown aren't listed.
    """
    filters, source = chosen(events, filters)
    rows = group_counts.by_value(filters, source, by)
    few = heavy_hitters(events, rows, [Weight(_TIMES, (), limit)])
    found, total = _top(events, rows if few is None else few.rows, limit)
    if few is not None:
        total = few.total
        if not few.enough([n for _, n in found]):
            found, _ = _top(events, rows, limit)
    known = [row for row in found if row[0] is not None]
    reported = names(events, filters, source, by, [value for value, _ in known])
    listed = [(reported[value], n) for value, n in known if value in reported]
    return pd.DataFrame(
        {
            "value": pd.Series([named.value for named, _ in listed], dtype="str"),
            "label": pd.Series([named.label for named, _ in listed], dtype="str"),
            "detail": pd.Series([named.detail for named, _ in listed], dtype="str"),
            "events": pd.Series([n for _, n in listed], dtype="int64"),
            "share": pd.Series([n / total for _, n in listed], dtype="float64"),
        }
    )


def _top(
    events: EventStore, rows: group_counts.Rows, limit: int
) -> tuple[list[tuple[Any, int]], int]:
    """The values with the most events, unknown last, and how many events there are."""
    found = events.rows(
        f"SELECT value, n, sum(n) OVER () FROM ({counted_by([f'{_TIMES} AS n'], rows)})"  # noqa: S608  # our own names
        " ORDER BY value IS NULL, n DESC, value LIMIT ?",
        [*rows.parameters, limit],
    )
    return [(value, int(n)) for value, n, _ in found], int(found[0][2]) if found else 0


_TIMES: Final = "sum(times)::BIGINT"


def counted_by(counts: Sequence[str], rows: group_counts.Rows) -> str:
    """SQL that counts rows by value: `value` and the counts, which are aggregates with names.

    Where a value is worked out of a part it is worked out once for equal parts, and added up.
    """
    reported = [count.rpartition(" AS ")[2] for count in counts]
    parts = f"SELECT {rows.part} AS part, {', '.join(counts)} FROM {rows.sql} GROUP BY ALL"  # noqa: S608
    if rows.value == "part":
        return f"SELECT part AS value, {', '.join(reported)} FROM ({parts})"  # noqa: S608
    again = ", ".join(f"sum({name})::BIGINT AS {name}" for name in reported)
    return f"SELECT {rows.value} AS value, {again} FROM ({parts}) GROUP BY ALL"  # noqa: S608


def heatmap(events: EventStore, filters: Filters, *, timezone: str = "UTC") -> pd.DataFrame:
    """Events by local weekday (1 = Monday) and hour: weekday, hour, events; all 168 rows."""
    filters, source = chosen(events, filters)
    rows = group_counts.over_time(filters, source, timezone=timezone)
    local = local_expression("occurred_at", timezone, filters.since, filters.until)
    found = events.rows(
        f"SELECT {dialect.weekday('moment')}, {dialect.hour('moment')}, sum(n) FROM ("  # noqa: S608
        f"SELECT {dialect.truncated('hour', local)} AS moment, sum(times) AS n FROM {rows.sql}"
        " GROUP BY ALL) GROUP BY ALL",
        rows.parameters,
    )
    counts = {(int(day), int(hour)): int(n) for day, hour, n in found}
    grid = [(day, hour, counts.get((day, hour), 0)) for day in range(1, 8) for hour in range(24)]
    return pd.DataFrame(grid, columns=["weekday", "hour", "events"])


@dataclass(frozen=True, slots=True)
class Counted:
    """How many events, and how many different actors and items."""

    events: int
    actors: int
    items: int


@dataclass(frozen=True, slots=True)
class Totals:
    """Totals of a period. `hidden` counts the events of hidden actor kinds.

    `previous` counts the period of the same length right before; it is None where it must not be
    compared, `comparison.reason` says why. Where the running period isn't read to its end,
    `compared` and `previous` stop at the same distance, so that like is compared with like.
    """

    current: Counted
    hidden: int
    previous: Counted | None
    compared: Counted | None
    comparison: Comparison
    coverage: Coverage
    source: str


@dataclass(frozen=True, slots=True)
class Periods:
    """The running period as far as it may be compared, and the one before it."""

    period: Span
    previous: Span
    comparison: Comparison


def periods(known: Coverage, filters: Filters, now: datetime) -> Periods:
    """What is compared with what: where reading stands short of the end, both stop there."""
    length = filters.until - filters.since
    end = min(filters.until, now)
    if known.extent(filters.since, end) is Extent.SETTLING and known.complete_to is not None:
        end = known.complete_to
    period = Span(filters.since, end)
    previous = Span(filters.since - length, end - length)
    return Periods(period, previous, comparison_allowed(known, period, previous))


def totals(events: EventStore, filters: Filters, *, now: datetime) -> Totals:
    """Events, actors and items of a period, with the previous period where both are covered."""
    filters, source = chosen(events, filters)
    known = coverage_for(events, filters, source, now)
    current, hidden = _counted(events, filters, source), hidden_count(events, filters)
    both = periods(known, filters, now)
    period, previous, comparison = both.period, both.previous, both.comparison
    if not comparison.allowed:
        return Totals(current, hidden, None, None, comparison, known, source)
    before = _counted(events, filters.between(previous.start, previous.end), source)
    alike = (
        current
        if period.end == filters.until
        else _counted(events, filters.between(period.start, period.end), source)
    )
    return Totals(current, hidden, before, alike, comparison, known, source)


def _counted(events: EventStore, filters: Filters, source: str) -> Counted:
    rows = group_counts.over_time(filters, source)
    actors = group_counts.by_value(filters, source, "actor")
    items = group_counts.by_value(filters, source, "item")

    # groups that are then counted: a quarter less time than count(DISTINCT …)
    def different(rows: group_counts.Rows) -> str:
        return (
            f"(SELECT count(*) FROM (SELECT 1 FROM {rows.sql}"  # noqa: S608  # our own names
            f" WHERE {rows.part} IS NOT NULL GROUP BY {rows.part}))"
        )

    row = events.rows(
        f"SELECT (SELECT sum(times) FROM {rows.sql}),"  # noqa: S608  # our own names
        f" {different(actors)}, {different(items)}",
        [*rows.parameters, *actors.parameters, *items.parameters],
    )[0]
    return Counted(*(int(n or 0) for n in row))


def hidden_count(events: EventStore, filters: Filters) -> int:
    """How many events of a choice are hidden because of who acted."""
    if not filters.hide:
        return 0
    filters, source = chosen(events, filters)
    rows = group_counts.over_time(filters, source, hide=False)
    row = events.rows(
        f"SELECT sum(times) FROM {rows.sql} WHERE {dialect.one_of('actor_kind')}",  # noqa: S608
        [*rows.parameters, sorted(filters.hide)],
    )[0]
    return int(row[0] or 0)


def last_activity(
    events: EventStore, profile: str, actors: Sequence[str], *, source: str | None = None
) -> dict[str, datetime]:
    """When each of these actors was last seen (UTC); actors never seen are absent."""
    source = source or source_of_record(events, profile)
    found: list[tuple[Any, ...]] = events.rows(
        "SELECT actor_id, max(occurred_at) FROM events WHERE profile = ? AND source = ? AND "  # noqa: S608
        f"{dialect.one_of('actor_id')} GROUP BY actor_id",
        [profile, source, list(actors)],
    )
    return {str(actor): at.replace(tzinfo=UTC) for actor, at in found}

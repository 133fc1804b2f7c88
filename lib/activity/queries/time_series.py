"""Events by time and kind, with every bucket of the period and how completely it was read."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import pandas as pd

from lib.activity.model.coverage import Coverage
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
from lib.activity.queries.filters import Filters
from lib.activity.queries.source_of_record import chosen
from lib.store.events import dialect
from lib.store.events.events import EventStore

OTHER_SERIES: Final = "other"
SERIES_BY: Final = {"type": "event_type", "category": "category", "kind": "actor_kind"}


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

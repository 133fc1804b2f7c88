"""What goes in and out: downloads beside uploads, and how much storage uploads and deletes move.

Sizes are those that the events carry; an event without one is counted as unknown, never as zero
bytes. Types are those of Box's enterprise and user streams and of Kloudless's activity.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import pandas as pd

from lib.activity.model.coverage import Coverage
from lib.activity.model.zones import BucketSize, auto_size, buckets
from lib.activity.queries import group_counts
from lib.activity.queries.chosen_coverage import coverage_for
from lib.activity.queries.filters import Filters, condition
from lib.activity.queries.source_of_record import chosen
from lib.activity.queries.time_series import bucket_expression, in_zone
from lib.store.events.dialect import texts
from lib.store.events.events import EventStore
from lib.store.times import naive_utc

DOWNLOADS: Final = ("DOWNLOAD", "FILE_WATERMARKED_DOWNLOAD", "ITEM_DOWNLOAD")
UPLOADS: Final = ("UPLOAD", "ITEM_UPLOAD", "add")
DELETES: Final = ("DELETE", "ITEM_TRASH", "delete")
_MOST: Final = 2**63 - 1024
"""The largest float below 2^63: sums of hostile sizes stop here."""


@dataclass(frozen=True, slots=True)
class Moved:
    """Downloads and uploads over time.

    `frame`: bucket (time in the zone), downloads, uploads (events), downloaded, uploaded (bytes),
    unsized (events without a size); every bucket of the period.
    """

    frame: pd.DataFrame
    size: BucketSize
    coverage: Coverage


def moved(events: EventStore, filters: Filters, *, now: datetime, timezone: str = "UTC") -> Moved:
    """Downloads beside uploads per bucket, as events and as bytes where sizes are known."""
    filters, source = chosen(events, filters)
    size = auto_size(filters.since, filters.until)
    rows = group_counts.over_time(filters, source, timezone=timezone)
    found = events.frame(  # by direction: choosing in each sum takes twice as long
        f"SELECT {bucket_expression(filters, size, timezone)} AS bucket,"  # noqa: S608
        f" event_type IN ({texts(UPLOADS)}) AS inward, sum(times) AS times,"
        f" sum(bytes) AS bytes, sum(times) - sum(sized) AS unsized FROM {rows.sql}"
        f" WHERE event_type IN ({texts((*DOWNLOADS, *UPLOADS))}) GROUP BY ALL",
        rows.parameters,
    )
    out, in_ = (
        found[found["inward"] == incoming].set_index("bucket") for incoming in (False, True)
    )
    both = pd.DataFrame(
        {
            "downloads": out["times"],
            "uploads": in_["times"],
            "downloaded": out["bytes"],
            "uploaded": in_["bytes"],
            "unsized": out["unsized"].add(in_["unsized"], fill_value=0),
        }
    )
    both.index.name = "bucket"
    found = both.reset_index()
    known = coverage_for(events, filters, source, now)
    return Moved(_whole(found, filters, size, timezone), size, known)


@dataclass(frozen=True, slots=True)
class Storage:
    """How the size of what is stored moved, as far as events tell.

    `frame`: bucket, added, removed (bytes), growth (running sum). `unsized_uploads` and
    `unsized_deletes` are events whose size nobody told: their bytes are in no figure. `recalled`
    deletes took the size that an earlier event told for the same item.
    """

    frame: pd.DataFrame
    size: BucketSize
    coverage: Coverage
    uploads: int
    deletes: int
    unsized_uploads: int
    unsized_deletes: int
    recalled: int

    @property
    def growth(self) -> int:
        """Bytes added minus bytes removed in the period."""
        return int(self.frame["added"].sum() - self.frame["removed"].sum())


def storage(
    events: EventStore, filters: Filters, *, now: datetime, timezone: str = "UTC"
) -> Storage:
    """Uploads minus deletes by size.

    A delete takes its own size, else the newest size that was told of its item before.
    """
    filters, source = chosen(events, filters)
    size = auto_size(filters.since, filters.until)
    bucket = bucket_expression(filters, size, timezone)
    rows = group_counts.over_time(filters, source, timezone=timezone)
    found = events.frame(
        f"SELECT {bucket} AS bucket,"  # noqa: S608  # our own names
        " sum(bytes) FILTER (WHERE NOT gone) AS added, sum(bytes) FILTER (WHERE gone) AS removed,"
        " sum(times) FILTER (WHERE NOT gone) AS uploads, sum(times) FILTER (WHERE gone) AS deletes,"
        " sum(times - sized) FILTER (WHERE NOT gone) AS unsized_uploads,"
        " sum(times - sized) FILTER (WHERE gone) AS unsized_deletes, 0 AS recalled"
        f" FROM (SELECT *, event_type IN ({texts(DELETES)}) AS gone FROM {rows.sql}"
        f" WHERE event_type IN ({texts((*UPLOADS, *DELETES))})) GROUP BY ALL",
        rows.parameters,
    ).set_index("bucket")
    if found["unsized_deletes"].sum() > 0:
        reported = _recalled(events, filters, source, bucket)
        found["removed"] = found["removed"].add(reported["bytes"], fill_value=0)
        found["recalled"] = found["recalled"].add(reported["times"], fill_value=0)
        found["unsized_deletes"] = found["unsized_deletes"].sub(reported["times"], fill_value=0)
    found = found.reset_index()
    known = coverage_for(events, filters, source, now)
    whole = _whole(found, filters, size, timezone)
    counts = {name: int(whole[name].sum()) for name in list(whole.columns)[3:]}
    frame = whole[["bucket", "added", "removed"]].copy()
    frame["growth"] = (frame["added"] - frame["removed"]).cumsum()
    return Storage(frame, size, known, **counts)


def _recalled(events: EventStore, filters: Filters, source: str, bucket: str) -> pd.DataFrame:
    """What deletes without a size removed, by the sizes told before: by bucket, bytes, times."""
    where = condition(filters, source)
    return events.frame(
        "WITH lost AS MATERIALIZED (SELECT item_key, occurred_at AS gone_at, count(*) AS times"  # noqa: S608
        f" FROM events WHERE {where.sql} AND event_type IN ({texts(DELETES)})"
        " AND size_bytes IS NULL AND item_key IS NOT NULL GROUP BY ALL),"
        " told AS (SELECT item_key, told_at, size_bytes FROM item_sizes WHERE profile = ?"
        " AND source = ? AND told_at < ? AND item_key IN (SELECT item_key FROM lost)),"
        " known AS (SELECT gone_at AS occurred_at, times, size_bytes::HUGEINT * times AS bytes"
        " FROM lost ASOF JOIN told ON lost.item_key = told.item_key AND gone_at >= told_at)"
        f" SELECT {bucket} AS bucket, sum(bytes) AS bytes, sum(times) AS times"
        " FROM known GROUP BY ALL",
        [*where.parameters, filters.profile, source, naive_utc(filters.until)],
    ).set_index("bucket")


def _whole(found: pd.DataFrame, filters: Filters, size: BucketSize, timezone: str) -> pd.DataFrame:
    """Every bucket of the period, with whole numbers."""
    bars = buckets(timezone, filters.since, filters.until, size)
    found["bucket"] = in_zone(found["bucket"], bars, size, timezone)
    starts = pd.DatetimeIndex([bar.start for bar in bars], tz="UTC").tz_convert(timezone)
    whole = found.set_index("bucket").reindex(starts).fillna(0).clip(upper=_MOST).astype("int64")
    whole.index.name = "bucket"
    return whole.reset_index()

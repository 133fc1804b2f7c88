"""What goes in and out: downloads beside uploads, and how much storage uploads and deletes move.

Sizes are those that the events carry; an event without one is counted as unknown, never as zero
bytes. Types are those of Box's enterprise and user streams and of Kloudless's activity.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import pandas as pd

from lib.activity.coverage import Coverage, coverage_for
from lib.activity.filters import Filters, condition
from lib.activity.queries import bucket_expression, chosen_source, in_zone
from lib.activity.zones import BucketSize, auto_size, buckets
from lib.store import dialect
from lib.store.dialect import texts
from lib.store.events import EventStore

DOWNLOADS: Final = ("DOWNLOAD", "FILE_WATERMARKED_DOWNLOAD", "ITEM_DOWNLOAD")
UPLOADS: Final = ("UPLOAD", "ITEM_UPLOAD", "add")
DELETES: Final = ("DELETE", "ITEM_TRASH", "delete")
_SIZED: Final = ("UPLOAD", "ITEM_UPLOAD", "add", "EDIT", "update")
"""What tells how large an item became."""


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
    source = chosen_source(events, filters)
    size = auto_size(filters.since, filters.until)
    where = condition(filters, source)

    found = events.frame(  # by direction: choosing in each sum takes twice as long
        f"SELECT {bucket_expression(filters, size, timezone)} AS bucket,"  # noqa: S608
        f" event_type IN ({texts(UPLOADS)}) AS inward, count(*) AS times,"
        " sum(size_bytes) AS bytes, count(*) - count(size_bytes) AS unsized FROM events"
        f" WHERE {where.sql} AND event_type IN ({texts((*DOWNLOADS, *UPLOADS))}) GROUP BY ALL",
        where.parameters,
    )
    out, in_ = (found[found["inward"] == inward].set_index("bucket") for inward in (False, True))
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
    source = chosen_source(events, filters)
    size = auto_size(filters.since, filters.until)
    where = condition(filters, source)
    told = dialect.latest("size_bytes")
    found = events.frame(
        "WITH chosen AS (SELECT occurred_at, event_type, item_id, size_bytes FROM events"  # noqa: S608
        f" WHERE {where.sql} AND event_type IN ({texts((*UPLOADS, *DELETES))})),"
        " lost AS (SELECT DISTINCT item_id, occurred_at AS gone_at FROM chosen"
        f" WHERE event_type IN ({texts(DELETES)}) AND size_bytes IS NULL"
        " AND item_id IS NOT NULL),"
        f" known AS (SELECT item_id, gone_at, {told} AS told FROM events JOIN lost USING (item_id)"
        " WHERE profile = ? AND source = ? AND occurred_at <= gone_at"
        f" AND event_type IN ({texts(_SIZED)}) GROUP BY item_id, gone_at),"
        f" sized AS (SELECT c.*, event_type IN ({texts(DELETES)}) AS gone, told FROM chosen c"
        " LEFT JOIN known k ON k.item_id = c.item_id AND k.gone_at = c.occurred_at"
        f" AND event_type IN ({texts(DELETES)}))"
        f" SELECT {bucket_expression(filters, size, timezone)} AS bucket,"
        " sum(size_bytes) FILTER (WHERE NOT gone) AS added,"
        " sum(coalesce(size_bytes, told)) FILTER (WHERE gone) AS removed,"
        " count(*) FILTER (WHERE NOT gone) AS uploads, count(*) FILTER (WHERE gone) AS deletes,"
        " count(*) FILTER (WHERE NOT gone AND size_bytes IS NULL) AS unsized_uploads,"
        " count(*) FILTER (WHERE gone AND coalesce(size_bytes, told) IS NULL) AS unsized_deletes,"
        " count(*) FILTER (WHERE gone AND size_bytes IS NULL AND told IS NOT NULL) AS recalled"
        " FROM sized GROUP BY ALL",
        [*where.parameters, filters.profile, source],
    )
    known = coverage_for(events, filters, source, now)
    whole = _whole(found, filters, size, timezone)
    counts = {name: int(whole[name].sum()) for name in list(whole.columns)[3:]}
    frame = whole[["bucket", "added", "removed"]].copy()
    frame["growth"] = (frame["added"] - frame["removed"]).cumsum()
    return Storage(frame, size, known, **counts)


def _whole(found: pd.DataFrame, filters: Filters, size: BucketSize, timezone: str) -> pd.DataFrame:
    """Every bucket of the period, with whole numbers."""
    bars = buckets(timezone, filters.since, filters.until, size)
    found["bucket"] = in_zone(found["bucket"], bars, size, timezone)
    starts = pd.DatetimeIndex([bar.start for bar in bars], tz="UTC").tz_convert(timezone)
    whole = found.set_index("bucket").reindex(starts).fillna(0).astype("int64")
    whole.index.name = "bucket"
    return whole.reset_index()

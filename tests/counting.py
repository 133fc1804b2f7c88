"""What the charts count, in the form in which the sandbox tells the truth."""

from collections import Counter

from lib.activity.model.zones import BucketSize
from lib.activity.queries import time_series
from lib.activity.queries.filters import Filters
from lib.store import EventStore


def counted_by_day(events: EventStore, filters: Filters) -> dict[str, int]:
    """Events by day of UTC, as `YYYY-MM-DD`; only days that have some."""
    found = time_series.series(events, filters, now=filters.until, size=BucketSize.DAY).frame
    days = Counter[str]()
    for day, count in zip(found["bucket"], found["events"], strict=True):
        days[f"{day:%Y-%m-%d}"] += count
    return dict(sorted(days.items()))

"""The bars of a chart of deliveries, and the parts of time of which they are made."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from lib.activity.model.zones import Bucket, BucketSize, auto_size, buckets
from lib.webhooks.log.delivery_filter import Choice

MINUTES_UP_TO: Final = timedelta(hours=3)
MINUTE: Final = timedelta(minutes=1)
# Bars begin at whole quarters of an hour UTC in every zone.
PART_MINUTES: Final = 15
_HOUR_MINUTES: Final = 60
_DAY_MINUTES: Final = 1440


def bars_of(choice: Choice, size: BucketSize | None, timezone: str) -> list[Bucket]:
    """The bars of a choice's period: by the minute up to three hours unless a size is given."""
    length = choice.until - choice.since
    if size is None and length <= MINUTES_UP_TO:
        start = choice.since.astimezone(UTC).replace(second=0, microsecond=0)
        number = -((start - choice.until) // MINUTE)
        return [Bucket(start + n * MINUTE, start + (n + 1) * MINUTE) for n in range(number)]
    width = size or auto_size(choice.since, choice.until)
    return buckets(timezone, choice.since, choice.until, width)


def part_minutes(bars: Sequence[Bucket]) -> int:
    """The widest part of which bars are made: fewer rows come back from a longer period.

    Bars of a zone begin at whole days or hours of UTC, or at quarters of an hour.
    """
    if bars[0].end - bars[0].start == MINUTE:
        return 1
    starts = [bar.start.astimezone(UTC) for bar in bars[1:]]  # what is before them is in the first
    if any(start.minute or start.second for start in starts):
        return PART_MINUTES
    return _HOUR_MINUTES if any(start.hour for start in starts) else _DAY_MINUTES


def bar_at(bars: Sequence[Bucket], at: datetime) -> datetime:
    """The start of the bar that a time is in; what a part begins before them is in the first."""
    place = bisect_right(bars, at, key=lambda bar: bar.start) - 1
    return bars[max(0, place)].start

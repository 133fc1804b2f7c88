"""Buckets of local time: hours, days and weeks in an IANA time zone, with its clock changes.

Events are kept in UTC. A zone's offset is constant between its clock changes, so a query adds the
offset of each stretch instead of asking a calendar for every event.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from lib.core.errors import ConfigurationError, Who
from lib.store.events.dialect import shifted


class BucketSize(StrEnum):
    """How wide a bar is."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"


_HOUR: Final = timedelta(hours=1)
_HOURS_UP_TO: Final = timedelta(days=3)
_DAYS_UP_TO: Final = timedelta(days=120)


@dataclass(frozen=True, slots=True)
class Bucket:
    """One bar: `start` to `end` (UTC instants, end exclusive)."""

    start: datetime
    end: datetime


def zone(name: str) -> ZoneInfo:
    """The time zone of an IANA name. Raises ConfigurationError for an unknown one."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ConfigurationError(
            "Unknown time zone.",
            cause="The name isn't in the IANA time zone database.",
            fix="Use a name such as Europe/Berlin, or UTC.",
            who=Who.YOU,
        ) from error


def auto_size(since: datetime, until: datetime) -> BucketSize:
    """The width that gives a readable number of bars: hours to 3 days, days to 120, else weeks."""
    if until - since <= _HOURS_UP_TO:
        return BucketSize.HOUR
    return BucketSize.DAY if until - since <= _DAYS_UP_TO else BucketSize.WEEK


def offsets(name: str, since: datetime, until: datetime) -> list[tuple[datetime, int]]:
    """The stretches of constant offset in a period: (UTC start, seconds east of UTC)."""
    tz = zone(name)
    at = since.astimezone(UTC)
    found = [(at, _offset(tz, at))]
    while at < until:
        later = min(at + timedelta(days=7), until.astimezone(UTC))
        if _offset(tz, later) != found[-1][1]:
            low, high = at, later
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) / 2
                if _offset(tz, middle) == found[-1][1]:
                    low = middle
                else:
                    high = middle
            change = high.replace(microsecond=0)
            found.append((change, _offset(tz, high)))
        at = later
    return found


def local_expression(column: str, name: str, since: datetime, until: datetime) -> str:
    """SQL for a UTC time column as local time."""
    segments = [
        (start.replace(tzinfo=None).isoformat(sep=" "), seconds)
        for start, seconds in offsets(name, since, until)
    ]
    return shifted(column, segments)


def buckets(name: str, since: datetime, until: datetime, width: BucketSize) -> list[Bucket]:
    """The bars of a period, oldest first, whole ones also at its ends."""
    tz = zone(name)
    result: list[Bucket] = []
    start = _floor(since, tz, width)
    while start < until:
        end = _next(start, tz, width)
        result.append(Bucket(start, end))
        start = end
    return result


def starts_by_local(bars: list[Bucket], name: str) -> dict[datetime, datetime]:
    """The bars' starts by local time without zone, as a query returns days and weeks."""
    tz = zone(name)
    return {bar.start.astimezone(tz).replace(tzinfo=None): bar.start for bar in bars}


def _offset(tz: ZoneInfo, at: datetime) -> int:
    offset = at.astimezone(tz).utcoffset() or timedelta()
    return int(offset.total_seconds())


def _floor(at: datetime, tz: ZoneInfo, width: BucketSize) -> datetime:
    local = at.astimezone(tz)
    if width is BucketSize.HOUR:
        offset = local.utcoffset() or timedelta()
        whole = (at.astimezone(UTC) + offset).replace(minute=0, second=0, microsecond=0)
        return whole - offset
    day = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    if width is BucketSize.WEEK:
        day = (day - timedelta(days=day.weekday())).replace(fold=0)
    return day.astimezone(UTC)


def _next(start: datetime, tz: ZoneInfo, width: BucketSize) -> datetime:
    if width is BucketSize.HOUR:
        following = _floor(start + _HOUR, tz, width)
        return following if following > start else start + _HOUR
    days = 7 if width is BucketSize.WEEK else 1
    # from noon, so that a clock change at midnight can't skip or repeat a day
    noon = start.astimezone(tz).replace(hour=12, minute=0) + timedelta(days=days)
    return _floor(noon, tz, BucketSize.DAY)

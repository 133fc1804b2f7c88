"""Times as people and programs write them: ISO 8601, with slashes, dots, month names, AM and PM.

Whether `03/04/2026` is in March or in April can't be told from it alone: `Dates` is decided for a
whole file, by a part that is above 12 or by the person. A time without an offset is in the zone
that the person says. Never raises for what is in a text.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from enum import StrEnum
from typing import Final

from lib.activity.ingest.json_values import from_datetime


class Dates(StrEnum):
    """The order of a date that is written in numbers."""

    MONTH_FIRST = "month-first"
    DAY_FIRST = "day-first"


@dataclass(frozen=True, slots=True)
class DateOrder:
    """The order of a file's dates; `sure` is False where no date decided it."""

    dates: Dates
    sure: bool


_TIME: Final = re.compile(
    r"(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*([AaPp])?(?(5)\.?[Mm]\.?)"
)
_NUMBERS: Final = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})")
_YEAR_FIRST: Final = re.compile(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})")
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov",
                  "dec")  # fmt: skip
_NAMED: Final = re.compile(
    r"(?:(\d{1,2})(?:st|nd|rd|th)?[ \-.]+)?([A-Za-z]{3,9})\.?[ \-.]+(?:(\d{1,2})(?:st|nd|rd|th)?,?"
    r"[ \-]+)?(\d{4})"
)
_WEEKDAY: Final = re.compile(r"^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+", re.IGNORECASE)
_OFFSET: Final = re.compile(r"(?:UTC|GMT)?([+-])(\d{2}):?(\d{2})?")
# The abbreviations that RFC 5322 defines; any other may mean several zones.
_ZONES: Final = {
    "": None, "Z": 0, "UTC": 0, "GMT": 0, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7,
    "MDT": -6, "PST": -8, "PDT": -7,
}  # fmt: skip
_EPOCH_DIGITS: Final = {10: 1_000_000, 13: 1_000}
_NOON: Final = 12


def order_of(texts: Iterable[str], chosen: Dates | None = None) -> DateOrder:
    """The order of dates in a file: the chosen one, else what the first telling date says."""
    if chosen is not None:
        return DateOrder(chosen, sure=True)
    seen = False
    for text in texts:
        found = _NUMBERS.match(text.strip())
        if found is None:
            continue
        seen = True
        first, second = int(found[1]), int(found[2])
        if first > _NOON >= second:
            return DateOrder(Dates.DAY_FIRST, sure=True)
        if second > _NOON >= first:
            return DateOrder(Dates.MONTH_FIRST, sure=True)
    return DateOrder(Dates.MONTH_FIRST, sure=not seen)


def parse_time(text: str, zone: tzinfo, order: Dates) -> tuple[int, bool] | None:
    """Microseconds since 1970 UTC, and whether the text had an offset; None if it is no time."""
    text = text.strip()
    found = _iso(text) or _epoch(text) or _written(text, order)
    if found is None:
        return None
    reported = found.tzinfo is not None
    try:
        at = from_datetime(found if reported else found.replace(tzinfo=zone))
    except (OverflowError, ValueError):
        return None
    return None if at is None else (at, reported)


def _iso(text: str) -> datetime | None:
    if len(text) < len("2026-01-01"):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _epoch(text: str) -> datetime | None:
    if not (text.isascii() and text.isdigit()) or len(text) not in _EPOCH_DIGITS:
        return None
    microseconds = int(text) * _EPOCH_DIGITS[len(text)]
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)


def _written(text: str, order: Dates) -> datetime | None:
    clock = _TIME.search(text)
    before, after = (text[: clock.start()], text[clock.end() :]) if clock else (text, "")
    date = _date(_WEEKDAY.sub("", before.rstrip(" ,T\t")), order)
    zone = _zone(after.strip(" ()\t"))
    if date is None or zone is _UNKNOWN:
        return None
    hour, minute, second, micro = _clock(clock)
    try:
        return datetime(*date, hour, minute, second, micro, tzinfo=zone)
    except ValueError:
        return None


def _clock(found: "re.Match[str] | None") -> tuple[int, int, int, int]:
    if found is None:
        return 0, 0, 0, 0
    hour, half = int(found[1]), (found[5] or "").lower()
    if half and not 1 <= hour <= _NOON:
        return 99, 0, 0, 0  # no time of day: refused by datetime
    if half:
        hour = hour % _NOON + (_NOON if half == "p" else 0)
    micro = int((found[4] or "0")[:6].ljust(6, "0"))
    return hour, int(found[2]), int(found[3] or 0), micro


def _date(text: str, order: Dates) -> tuple[int, int, int] | None:
    if found := _YEAR_FIRST.fullmatch(text):
        return int(found[1]), int(found[2]), int(found[3])
    if found := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", text):
        return int(found[1]), int(found[2]), int(found[3])
    if found := _NUMBERS.fullmatch(text):
        one, other = int(found[1]), int(found[2])
        month, day = (one, other) if order is Dates.MONTH_FIRST else (other, one)
        return int(found[3]), month, day
    if found := _NAMED.fullmatch(text):
        name, day_text = found[2][:3].lower(), found[1] or found[3]
        if name in _MONTHS and day_text and not (found[1] and found[3]):
            return int(found[4]), _MONTHS.index(name) + 1, int(day_text)
    return None


_UNKNOWN: Final = timezone(timedelta(hours=23, minutes=59))


def _zone(text: str) -> tzinfo | None:
    if text.upper() in _ZONES:
        hours = _ZONES[text.upper()]
        return None if hours is None else timezone(timedelta(hours=hours))
    found = _OFFSET.fullmatch(text)
    if found is None:
        return _UNKNOWN
    east = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
    if east >= timedelta(hours=24):
        return _UNKNOWN
    return timezone(-east if found[1] == "-" else east)

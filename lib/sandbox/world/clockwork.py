"""Calendars and clocks of the invented company's offices, and Box's way to write a time.

Time zones are computed from their daylight-saving rules, so that no tz database is needed and
no machine disagrees. Box writes `created_at` with a Pacific offset (box-api.md, the samples).
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

DAY_MS = 86_400_000
EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
SLOTS = 48  # half hours of a day

# Work in each local half hour: night, a ramp in the morning, lunch, an evening tail.
_PROFILE = (
    *(0.4, 0.3, 0.2, 0.2, 0.1, 0.1, 0.1, 0.1, 0.1, 0.2, 0.3, 0.5),
    *(0.8, 1.2, 3.0, 6.0, 14.0, 24.0, 38.0, 44.0, 46.0, 45.0, 43.0, 36.0),
    *(19.0, 17.0, 31.0, 41.0, 44.0, 45.0, 43.0, 40.0, 36.0, 30.0, 20.0, 13.0),
    *(8.0, 6.0, 5.0, 4.5, 4.2, 4.0, 3.4, 2.8, 2.2, 1.6, 1.0, 0.6),
)


@dataclass(frozen=True, slots=True)
class Office:
    """A place of work. `offset` is minutes east of UTC in winter, `rule` us, eu, au or none."""

    name: str
    timezone: str
    offset: int
    rule: str
    language: str
    phone: str
    address: str
    holidays: frozenset[tuple[int, int]]


_NEW_YEAR = {(1, 1)}
_CHRISTMAS = {(12, 25), (12, 26)}
OFFICES = (
    Office("San Francisco", "America/Los_Angeles", -480, "us", "en", "+1 415 555 01",
           "548 Larkspur Street, San Francisco, CA 94105",
           frozenset(_NEW_YEAR | {(7, 4), (11, 11), (12, 24), (12, 25)})),
    Office("New York", "America/New_York", -300, "us", "en", "+1 212 555 01",
           "77 Alder Square, New York, NY 10013",
           frozenset(_NEW_YEAR | {(7, 4), (11, 11), (12, 24), (12, 25)})),
    Office("London", "Europe/London", 0, "eu", "en", "+44 20 7946 0",
           "12 Ferry Yard, London SE1 2AB", frozenset(_NEW_YEAR | _CHRISTMAS)),
    Office("Berlin", "Europe/Berlin", 60, "eu", "de", "+49 30 2318 5",
           "Lindenhof 9, 10969 Berlin",
           frozenset(_NEW_YEAR | _CHRISTMAS | {(5, 1), (10, 3), (12, 24), (12, 31)})),
    Office("Bengaluru", "Asia/Kolkata", 330, "none", "en", "+91 80 5550 1",
           "4 Jacaranda Road, Bengaluru 560025",
           frozenset({(1, 26), (8, 15), (10, 2), (12, 25)})),
    Office("Tokyo", "Asia/Tokyo", 540, "none", "ja", "+81 3 5550 1",
           "2-8 Hinode, Chiyoda, Tokyo 101-0047",
           frozenset({(1, 1), (1, 2), (1, 3), (2, 11), (4, 29), (5, 3), (5, 4), (5, 5), (11, 3),
                      (11, 23)})),
)  # fmt: skip


def _nth_sunday(year: int, month: int, nth: int) -> int:
    first = date(year, month, 1)
    return first.toordinal() + (6 - first.weekday()) % 7 + 7 * (nth - 1)


def _last_sunday(year: int, month: int) -> int:
    last = date(year + month // 12, month % 12 + 1, 1).toordinal() - 1
    return last - (date.fromordinal(last).weekday() + 1) % 7


@lru_cache(maxsize=512)
def _summer(rule: str, year: int) -> tuple[int, int]:
    if rule == "us":
        return _nth_sunday(year, 3, 2), _nth_sunday(year, 11, 1)
    return _last_sunday(year, 3), _last_sunday(year, 10)


@lru_cache(maxsize=4096)
def office_offset(office: Office, ordinal: int) -> int:
    """Minutes east of UTC on a UTC day (a change of clocks counts for its whole day)."""
    if office.rule == "none":
        return office.offset
    begin, end = _summer(office.rule, date.fromordinal(ordinal).year)
    return office.offset + (60 if begin <= ordinal < end else 0)


@lru_cache(maxsize=8192)
def work_factor(office: Office, ordinal: int) -> float:
    """How much work a local day sees, 1 on average over an ordinary week."""
    day = date.fromordinal(ordinal)
    weekday = day.weekday()
    if weekday == 5:  # noqa: PLR2004  # Saturday
        return 0.20
    if weekday == 6:  # noqa: PLR2004  # Sunday
        return 0.16
    thanksgiving = office.rule == "us" and day.month == 11 and weekday == 3 and 22 <= day.day <= 28  # noqa: PLR2004
    if thanksgiving or (day.month, day.day) in office.holidays:
        return 0.14
    return (1.34, 1.42, 1.40, 1.36, 1.12)[weekday]


@dataclass(frozen=True, slots=True)
class Shift:
    """The part of one local day that lies in a UTC day.

    `local` is the local day minus the UTC day (-1, 0, 1), `mass` the share of that day's work,
    `slots` maps a random byte to a half hour of the UTC day.
    """

    local: int
    mass: float
    slots: bytes


@lru_cache(maxsize=64)
def shifts(offset: int) -> tuple[Shift, ...]:
    """How a UTC day divides into local days, for an office `offset` minutes east of UTC."""
    parts: dict[int, list[tuple[int, float]]] = {}
    for slot in range(SLOTS):
        local_minute = slot * 30 + offset
        parts.setdefault(local_minute // 1440, []).append(
            (slot, _PROFILE[local_minute % 1440 // 30])
        )
    total = sum(_PROFILE)
    return tuple(
        Shift(local, sum(w for _, w in part) / total, spread(part)) for local, part in parts.items()
    )


def spread(weights: list[tuple[int, float]]) -> bytes:
    """A table of 256 bytes in which each value takes its share (largest remainders first)."""
    total = sum(w for _, w in weights)
    shares = [(value, 256 * w / total) for value, w in weights]
    counts = {value: int(share) for value, share in shares}
    rest = sorted(shares, key=lambda pair: (int(pair[1]) - pair[1], pair[0]))
    for value, _ in rest[: 256 - sum(counts.values())]:
        counts[value] += 1
    return b"".join(bytes((value,)) * counts[value] for value, _ in shares)


def work_ms(office: Office, ordinal: int, chance: int) -> int:
    """A moment of a UTC day, drawn from an office's working hours by 64 bits of chance."""
    parts = shifts(office_offset(office, ordinal))
    factors = [p.mass * work_factor(office, ordinal + p.local) for p in parts]
    left = (chance & 0xFFFF) / 0x10000 * sum(factors)
    place = 0
    while place < len(parts) - 1 and left >= factors[place]:
        left -= factors[place]
        place += 1
    slot = parts[place].slots[(chance >> 16) & 0xFF]
    return start_of(ordinal) + slot * 1_800_000 + (chance >> 24) % 1_800_000


@lru_cache(maxsize=64)
def _pacific_summer(year: int) -> tuple[int, int]:
    begin, end = _summer("us", year)
    return (
        (begin - EPOCH_ORDINAL) * DAY_MS + 10 * 3_600_000,
        (end - EPOCH_ORDINAL) * DAY_MS + 9 * 3_600_000,
    )


@lru_cache(maxsize=4096)
def _date_text(day_number: int) -> str:
    return date.fromordinal(day_number + EPOCH_ORDINAL).isoformat()


@lru_cache(maxsize=4096)
def _year_of(day_number: int) -> int:
    return date.fromordinal(day_number + EPOCH_ORDINAL).year


def pacific(ms: int) -> str:
    """RFC 3339 with seconds and the offset of the Pacific coast, as Box writes it."""
    begin, end = _pacific_summer(_year_of(ms // DAY_MS))
    hours, suffix = (7, "-07:00") if begin <= ms < end else (8, "-08:00")
    day_number, rest = divmod(ms // 1000 - hours * 3600, 86400)
    minutes, second = divmod(rest, 60)
    hour, minute = divmod(minutes, 60)
    return f"{_date_text(day_number)}T{hour:02d}:{minute:02d}:{second:02d}{suffix}"


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_ms(instant: datetime) -> int:
    """Milliseconds since 1970, UTC; `moment` must be aware."""
    return (instant - _EPOCH) // timedelta(milliseconds=1)


def from_ms(ms: int) -> datetime:
    """The aware UTC datetime of a number of milliseconds since 1970."""
    return _EPOCH + timedelta(milliseconds=ms)


def ordinal_of(ms: int) -> int:
    """The UTC day (proleptic ordinal) of a moment."""
    return ms // DAY_MS + EPOCH_ORDINAL


def start_of(ordinal: int) -> int:
    """Milliseconds since 1970 of the start of a UTC day."""
    return (ordinal - EPOCH_ORDINAL) * DAY_MS

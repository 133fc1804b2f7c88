"""An hour of the week as a filter's value: Mondays from 9 to 10, in a zone that the value names.

The zone is part of the value, so that a link means the same to whoever opens it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self

from lib.activity.model.zones import local_expression, zone
from lib.core.errors import ConfigurationError, Who
from lib.store.events import dialect

HOUR: Final = "hour"
"""The name of the filter."""
_WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_VALUE: Final = re.compile(r"([1-7])\.([01][0-9]|2[0-3])\.([A-Za-z0-9_+~-]{1,60})", re.ASCII)
_HOURS: Final = 24


@dataclass(frozen=True, slots=True)
class WeekHour:
    """An hour of a weekday (1 is Monday) in an IANA time zone."""

    weekday: int
    hour: int
    zone_name: str

    @property
    def value(self) -> str:
        """As a filter and an address have it: `1.09.Europe~Berlin`."""
        return f"{self.weekday}.{self.hour:02d}.{self.zone_name.replace('/', '~')}"

    @property
    def span(self) -> str:
        """`Mon 09:00 to 10:00`."""
        end = (self.hour + 1) % _HOURS
        return f"{_WEEKDAYS[self.weekday - 1]} {self.hour:02d}:00 to {end:02d}:00"

    def __str__(self) -> str:
        """For people, with the zone."""
        return f"{self.span} ({self.zone_name})"

    @classmethod
    def parse(cls, value: str) -> Self | None:
        """The hour that a value names; None for what names none."""
        found = _VALUE.fullmatch(value)
        if found is None:
            return None
        name = found[3].replace("~", "/")
        try:
            zone(name)
        except ConfigurationError:
            return None
        return cls(int(found[1]), int(found[2]), name)


def zone_names(values: Iterable[str]) -> set[str]:
    """The zones of a filter's values."""
    return {one.zone_name for one in map(_hour, values)}


def condition(values: Iterable[str], since: datetime, until: datetime) -> tuple[str, list[Any]]:
    """SQL for events of a period that happened in one of the hours, and its parameters."""
    hours: dict[str, list[str]] = {}
    for one in map(_hour, values):
        hours.setdefault(one.zone_name, []).append(f"{one.weekday}.{one.hour}")
    parts = []
    for name in hours:
        local = local_expression("occurred_at", name, since, until)
        of_week = f"concat({dialect.weekday(local)}, '.', {dialect.hour(local)})"
        parts.append(dialect.one_of(of_week))
    return f"({' OR '.join(parts)})", list(hours.values())


def _hour(value: str) -> WeekHour:
    found = WeekHour.parse(value)
    if found is None:
        raise ConfigurationError(
            "This isn't an hour of the week.",
            cause="It has the form 1.09.Europe~Berlin: the weekday (1 is Monday), the hour, the "
            "time zone with ~ for its slash.",
            fix="Click a cell of “Events by weekday and hour” on Activity.",
            who=Who.YOU,
        )
    return found

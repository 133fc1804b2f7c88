"""Which deliveries the Webhooks page shows, and how the URL says so.

The URL is the truth, as on Activity: ids, fixed words and times only. A name or a login never gets
into it, and a parameter that makes no sense is ignored, never an error.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final, Self

from lib.core.time_texts import stamp, time_of
from lib.webhooks.log.delivery_filter import COLUMNS, VERDICTS, Choice
from lib.webhooks.log.figures import By
from lib.webhooks.log.log import DeliveryCursor

PERIODS: Final = MappingProxyType(
    {
        "1h": timedelta(hours=1),
        "24h": timedelta(hours=24),
        "7d": timedelta(days=7),
        "30d": timedelta(days=30),
    }
)
CUSTOM: Final = "custom"
DEFAULT_PERIOD: Final = "24h"
KINDS: Final = ("box", "kloudless")
MOST_VALUES: Final = 30
FIRST_ONLY: Final = (1, 1)
_SAFE: Final = re.compile(r"[A-Za-z0-9_.:@\-]{1,200}", re.ASCII)
_DELIVERY: Final = re.compile(r"[0-9a-f]{24}|r[0-9]{1,18}", re.ASCII)
_RANGE: Final = re.compile(r"([0-9]{0,9})-([0-9]{0,9})", re.ASCII)
_STATUS: Final = re.compile(r"[1-5][0-9]{2}", re.ASCII)
_NOTHING: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({})
Bounds = tuple[int | None, int | None]


@dataclass(frozen=True, slots=True)
class LogFilters:
    """What to show. `only` is by the names of `choice.COLUMNS`; what is empty doesn't choose."""

    period: str = DEFAULT_PERIOD
    start: datetime | None = None
    end: datetime | None = None
    kinds: tuple[str, ...] = ()
    verdicts: tuple[str, ...] = ()
    only: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _NOTHING)
    attempts: Bounds = (None, None)
    sizes: Bounds = (None, None)
    answers: tuple[int, ...] = ()
    by: By = By.TRIGGER
    before: DeliveryCursor | None = None
    delivery: str | None = None

    def bounds(self, now: datetime) -> tuple[datetime, datetime]:
        """From (inclusive) and until (exclusive), UTC. A relative period ends right after now."""
        if self.period == CUSTOM and self.start is not None and self.end is not None:
            return self.start, self.end
        length = PERIODS.get(self.period, PERIODS[DEFAULT_PERIOD])
        return now - length, now + timedelta(seconds=1)

    def choice(self, profile: str, now: datetime) -> Choice:
        """The same as a question to the stores."""
        since, until = self.bounds(now)
        return Choice(
            profile,
            since,
            until,
            kinds=self.kinds,
            verdicts=self.verdicts,
            only=self.only,
            attempts=self.attempts,
            sizes=self.sizes,
            answers=self.answers,
        )

    # -- changes; each begins with the newest again, and with no delivery open ---------------------

    def changed(self, **changes: Any) -> Self:
        """With other values, at the newest."""
        return replace(self, **{"before": None, "delivery": None, **changes})

    def keep(self, name: str, values: Iterable[str]) -> Self:
        """With these values as the only ones; asked twice, they are let go.

        `name` is `verdict`, `kind` or one of `choice.COLUMNS`.
        """
        chosen = tuple(dict.fromkeys(values))[:MOST_VALUES]
        if name == "verdict":
            return self.changed(verdicts=() if self.verdicts == chosen else chosen)
        if name == "kind":
            return self.changed(kinds=() if self.kinds == chosen else chosen)
        return self.with_only(name, () if self.only.get(name) == chosen else chosen)

    def with_only(self, name: str, values: Iterable[str]) -> Self:
        """With exactly these values of a column."""
        rest = {key: value for key, value in self.only.items() if key != name}
        chosen = tuple(values)[:MOST_VALUES]
        return self.changed(only=MappingProxyType({**rest, name: chosen} if chosen else rest))

    def zoom(self, start: datetime, end: datetime) -> Self:
        """With a period of its own."""
        return self.changed(period=CUSTOM, start=start, end=end)

    def cleared(self) -> Self:
        """Without any filter but the period's length and what the bars are divided by."""
        period = DEFAULT_PERIOD if self.period == CUSTOM else self.period
        return type(self)(period=period, by=self.by)

    def elsewhere(self) -> Self:
        """The same choice for another profile: verdicts, kinds and triggers mean the same there."""
        kept = {name: values for name, values in self.only.items() if name == "trigger"}
        return replace(
            self.cleared(),
            kinds=self.kinds,
            verdicts=self.verdicts,
            answers=self.answers,
            only=MappingProxyType(kept),
        )

    @property
    def filtered(self) -> int:
        """How many filters are in force, the period aside."""
        lists = (self.kinds, self.verdicts, self.answers, *self.only.values())
        return sum(map(bool, lists)) + sum(b != (None, None) for b in (self.attempts, self.sizes))


def parse(parameters: Mapping[str, str]) -> LogFilters:
    """What an address asks for."""
    period = parameters.get("period", DEFAULT_PERIOD)
    start, end = time_of(parameters.get("from")), time_of(parameters.get("to"))
    if start is not None and end is not None and start < end:
        period = CUSTOM
    elif period not in PERIODS:
        period = DEFAULT_PERIOD
    only = {name: _listed(parameters.get(name, "")) for name in COLUMNS}
    by = parameters.get("by", "")
    delivery = parameters.get("delivery", "")
    return LogFilters(
        period=period,
        start=start if period == CUSTOM else None,
        end=end if period == CUSTOM else None,
        kinds=tuple(v for v in _listed(parameters.get("kind", "")) if v in KINDS),
        verdicts=tuple(v for v in _listed(parameters.get("verdict", "")) if v in VERDICTS),
        only=MappingProxyType({name: values for name, values in only.items() if values}),
        attempts=_bounds(parameters.get("attempt", "")),
        sizes=_bounds(parameters.get("size", "")),
        answers=tuple(
            int(v) for v in _listed(parameters.get("answer", "")) if _STATUS.fullmatch(v)
        ),
        by=By(by) if by in set(By) else By.TRIGGER,
        before=DeliveryCursor.parse(parameters.get("before", "")),
        delivery=delivery if _DELIVERY.fullmatch(delivery) else None,
    )


PARAMETERS: Final = (
    *("period", "from", "to", "kind", "verdict", *COLUMNS, "attempt", "size", "answer", "by"),
    *("before", "delivery"),
)
"""Every name that an address may have from here."""


def to_parameters(requested: LogFilters) -> dict[str, str]:
    """The parameters of an address; what is as it is by itself is left out."""
    found: dict[str, str] = {}
    if requested.period == CUSTOM and requested.start is not None and requested.end is not None:
        found |= {"from": stamp(requested.start), "to": stamp(requested.end)}
    elif requested.period != DEFAULT_PERIOD:
        found["period"] = requested.period
    lists = {"kind": requested.kinds, "verdict": requested.verdicts, **requested.only}
    lists["answer"] = tuple(map(str, requested.answers))
    found |= {name: ",".join(values) for name, values in lists.items() if values}
    for name, (least, most) in (("attempt", requested.attempts), ("size", requested.sizes)):
        if (least, most) != (None, None):
            found[name] = f"{'' if least is None else least}-{'' if most is None else most}"
    if requested.by is not By.TRIGGER:
        found["by"] = requested.by
    if requested.before is not None:
        found["before"] = str(requested.before)
    if requested.delivery is not None:
        found["delivery"] = requested.delivery
    return found


def linkable(value: str) -> bool:
    """Whether a value can stand in an address: a sender's id can hold anything."""
    return _SAFE.fullmatch(value) is not None


def _listed(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(v for v in text.split(",") if linkable(v)))[:MOST_VALUES]


def _bounds(text: str) -> Bounds:
    found = _RANGE.fullmatch(text)
    if found is None:
        return (None, None)
    least, most = (int(part) if part else None for part in found.groups())
    return (least, most)

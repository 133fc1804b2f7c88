"""What an activity page shows, and its form in the address.

The address is the truth: a page reads its `Selection` from it, and a widget's callback writes it.
It carries ids, types and times only. Names, logins, IP addresses and free text stay in the session;
the page says that a link doesn't carry them. A relative period stays relative.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Final, Self

#: Parameter in the address → column of the event store. IP addresses are left out on purpose.
FIELDS: Final = MappingProxyType(
    {
        "type": "event_type",
        "category": "category",
        "actor": "actor_id",
        "item": "item_id",
        "owner": "owner_id",
        "account": "account_id",
    }
)
IP: Final = "ip"
PERIODS: Final = MappingProxyType(
    {
        "24h": timedelta(hours=24),
        "7d": timedelta(days=7),
        "30d": timedelta(days=30),
        "90d": timedelta(days=90),
        "365d": timedelta(days=365),
    }
)
CUSTOM: Final = "custom"
DEFAULT_PERIOD: Final = "7d"
MAX_VALUES: Final = 50
NOT: Final = "not_"
SOURCES: Final = ("box_stream", "box_user_stream", "box_webhook", "kloudless", "import")
STACKS: Final = ("category", "type")
_SAFE: Final = re.compile(r"[A-Za-z0-9_.:\-]{1,80}")
_EMPTY: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Selection:
    """What to show. `include` and `exclude` are by column; `start`, `end` only for `custom`."""

    period: str = DEFAULT_PERIOD
    start: datetime | None = None
    end: datetime | None = None
    include: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _EMPTY)
    exclude: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _EMPTY)
    everyone: bool = False
    source: str | None = None
    stack: str = "category"
    text: str = ""

    def bounds(self, now: datetime) -> tuple[datetime, datetime]:
        """From (inclusive) and until (exclusive), UTC. A relative period ends now."""
        if self.period == CUSTOM and self.start is not None and self.end is not None:
            return self.start, self.end
        return now - PERIODS.get(self.period, PERIODS[DEFAULT_PERIOD]), now

    def keep(self, column: str, values: Iterable[str]) -> Self:
        """With these values as the only ones of their column; asked twice, they are let go."""
        return self._with("include", column, tuple(values), alone=True)

    def leave_out(self, column: str, values: Iterable[str]) -> Self:
        """Without these values of the column."""
        return self._with("exclude", column, tuple(values), alone=False)

    def without(self, which: str, column: str, value: str) -> Self:
        """With one filter value taken back; `which` is include or exclude."""
        now: Mapping[str, tuple[str, ...]] = getattr(self, which)
        left = tuple(v for v in now.get(column, ()) if v != value)
        return replace(self, **{which: _set(now, column, left)})

    def zoom(self, start: datetime, end: datetime) -> Self:
        """With a period of its own."""
        return replace(self, period=CUSTOM, start=start, end=end)

    def with_values(self, which: str, column: str, values: Iterable[str]) -> Self:
        """With exactly these values in `include` or `exclude` of a column."""
        now: Mapping[str, tuple[str, ...]] = getattr(self, which)
        return replace(self, **{which: _set(now, column, tuple(values))})

    @property
    def active(self) -> list[tuple[str, str, str]]:
        """The filter values in force: (include or exclude, column, value)."""
        return [
            (which, column, value)
            for which, mapping in (("include", self.include), ("exclude", self.exclude))
            for column, values in sorted(mapping.items())
            for value in values
        ]

    def _with(self, which: str, column: str, values: tuple[str, ...], *, alone: bool) -> Self:
        now: Mapping[str, tuple[str, ...]] = getattr(self, which)
        old = now.get(column, ())
        again = () if old == values else values
        new = again if alone else tuple(dict.fromkeys((*old, *values)))
        return replace(self, **{which: _set(now, column, new[:MAX_VALUES])})


def parse(parameters: Mapping[str, str]) -> Selection:
    """The selection in an address. What makes no sense is left out, never an error."""
    period = parameters.get("period", DEFAULT_PERIOD)
    start, end = _time(parameters.get("from")), _time(parameters.get("to"))
    if start is not None and end is not None and start < end:
        period = CUSTOM
    elif period not in PERIODS:
        period = DEFAULT_PERIOD
    source = parameters.get("source")
    stack = parameters.get("by", STACKS[0])
    return Selection(
        period=period,
        start=start if period == CUSTOM else None,
        end=end if period == CUSTOM else None,
        include=_values(parameters, ""),
        exclude=_values(parameters, NOT),
        everyone=parameters.get("people") == "all",
        source=source if source in SOURCES else None,
        stack=stack if stack in STACKS else STACKS[0],
    )


def to_parameters(selection: Selection) -> dict[str, str]:
    """The selection for an address: what differs from the default, never an IP or a text."""
    found: dict[str, str] = {}
    if selection.period == CUSTOM and selection.start and selection.end:
        found["from"], found["to"] = _stamp(selection.start), _stamp(selection.end)
    elif selection.period != DEFAULT_PERIOD:
        found["period"] = selection.period
    for prefix, mapping in (("", selection.include), (NOT, selection.exclude)):
        for name, column in FIELDS.items():
            values = [v for v in mapping.get(column, ()) if _SAFE.fullmatch(v)]
            if values:
                found[prefix + name] = ",".join(values)
    if selection.everyone:
        found["people"] = "all"
    if selection.source is not None:
        found["source"] = selection.source
    if selection.stack != STACKS[0]:
        found["by"] = selection.stack
    return found


#: Every parameter that belongs to a selection.
PARAMETERS: Final = frozenset(
    {"period", "from", "to", "people", "source", "by"}
    | set(FIELDS)
    | {NOT + name for name in FIELDS}
)


def _values(parameters: Mapping[str, str], prefix: str) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, column in FIELDS.items():
        values = [v for v in parameters.get(prefix + name, "").split(",") if _SAFE.fullmatch(v)]
        if values:
            found[column] = tuple(dict.fromkeys(values))[:MAX_VALUES]
    return MappingProxyType(found)


def _set(
    mapping: Mapping[str, tuple[str, ...]], column: str, values: tuple[str, ...]
) -> Mapping[str, tuple[str, ...]]:
    rest = {key: value for key, value in mapping.items() if key != column}
    return MappingProxyType({**rest, column: values} if values else rest)


def _time(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    if moment is None or moment.tzinfo is None:
        return None
    return moment.astimezone(UTC)


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")

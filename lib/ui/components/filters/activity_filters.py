"""What an activity page shows, and its form in the address.

The address is the truth: a page reads its `Selection` from it, and a widget's callback writes it.
It carries ids, types and times only. Names, logins, addresses, networks and free text stay in the
session; the page says that a link doesn't carry them. A relative period stays relative.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final, Self

from lib.activity.model.source import RECORDS
from lib.activity.model.week_hours import HOUR, WeekHour
from lib.activity.queries.filters import FIELDS, HIDEABLE, Filters
from lib.core.time_texts import stamp, time_of

#: The filters that an address may carry. IP addresses and their networks are left out on purpose.
UNLINKED: Final = ("ip", "network")
#: The filters whose values mean the same in every enterprise: words of Box's, hours of the week.
WORDS: Final = ("type", "category", "kind", "item_type", "file_type", HOUR)
LINKED: Final = (*(name for name in FIELDS if name not in UNLINKED), HOUR)
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
STACKS: Final = ("category", "type", "kind")
DRAWN: Final = ("stacked", "lines", "share")
VIEWS: Final = ("overview", "content", "sharing", "compare")
OPENABLE: Final = ("actor", "item")
PAIR: Final = 2
_SAFE: Final = re.compile(r"[A-Za-z0-9_.:=+~\-]{1,80}")
_EMPTY: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Selection:
    """What to show. `include` and `exclude` are by the names of links.

    `opened` is the person or item whose profile is shown, `columns` those of the table where it
    isn't the usual ones; `pair` are two people and `beside` the start of another period to compare.
    """

    period: str = DEFAULT_PERIOD
    start: datetime | None = None
    end: datetime | None = None
    include: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _EMPTY)
    exclude: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _EMPTY)
    everyone: bool = False
    source: str | None = None
    stack: str = "category"
    text: str = ""
    drawn: str = DRAWN[0]
    view: str = VIEWS[0]
    opened: tuple[str, str] | None = None
    columns: tuple[str, ...] = ()
    pair: tuple[str, ...] = ()
    beside: datetime | None = None

    def bounds(self, now: datetime) -> tuple[datetime, datetime]:
        """From (inclusive) and until (exclusive), UTC. A relative period ends now."""
        if self.period == CUSTOM and self.start is not None and self.end is not None:
            return self.start, self.end
        return now - PERIODS.get(self.period, PERIODS[DEFAULT_PERIOD]), now

    def filters(self, profile: str, now: datetime) -> Filters:
        """The same choice, for a question to the event store."""
        since, until = self.bounds(now)
        return Filters(
            profile=profile,
            since=since,
            until=until,
            source=self.source,
            include=self.include,
            exclude=self.exclude,
            text=self.text or None,
            hide=frozenset() if self.everyone else HIDEABLE,
        )

    def keep(self, name: str, values: Iterable[str]) -> Self:
        """With these values as the only ones of their filter; asked twice, they are let go."""
        return self._with("include", name, tuple(values), alone=True)

    def leave_out(self, name: str, values: Iterable[str]) -> Self:
        """Without these values of the filter."""
        return self._with("exclude", name, tuple(values), alone=False)

    def without(self, which: str, name: str, value: str) -> Self:
        """With one filter value taken back; `which` is include or exclude."""
        now: Mapping[str, tuple[str, ...]] = getattr(self, which)
        left = tuple(v for v in now.get(name, ()) if v != value)
        return self._replaced(which, _set(now, name, left))

    def inverted(self, which: str, name: str, value: str) -> Self:
        """With a value that was kept left out instead, or the other way around."""
        other = "exclude" if which == "include" else "include"
        now: Mapping[str, tuple[str, ...]] = getattr(self, other)
        values = tuple(dict.fromkeys((*now.get(name, ()), value)))
        added = self._replaced(other, _set(now, name, values[:MAX_VALUES]))
        return added.without(which, name, value)

    def cleared(self) -> Self:
        """Without any filter; the view, the period's length and how it is drawn stay."""
        return replace(
            self,
            period=DEFAULT_PERIOD if self.period == CUSTOM else self.period,
            start=None,
            end=None,
            include=_EMPTY,
            exclude=_EMPTY,
            source=None,
            text="",
        )

    def elsewhere(self) -> Self:
        """The same choice for another profile: nothing that only the one before has.

        Box's own words (types, categories, kinds) stay, and how it is drawn; ids, networks, texts,
        a source and a period of its own dates go.
        """
        return replace(
            self.cleared(),
            include=_words_only(self.include),
            exclude=_words_only(self.exclude),
            opened=None,
            pair=(),
            beside=None,
        )

    def counted(self) -> Self:
        """The same choice of events, drawn in the usual way: equal where charts are alike."""
        return replace(
            self, stack=STACKS[0], drawn=DRAWN[0], view=VIEWS[0], opened=None, columns=(), pair=(),
            beside=None,
        )  # fmt: skip

    def zoom(self, start: datetime, end: datetime) -> Self:
        """With a period of its own."""
        return replace(self, period=CUSTOM, start=start, end=end)

    def with_values(self, which: str, name: str, values: Iterable[str]) -> Self:
        """With exactly these values in `include` or `exclude` of a filter."""
        now: Mapping[str, tuple[str, ...]] = getattr(self, which)
        return self._replaced(which, _set(now, name, tuple(values)))

    @property
    def active(self) -> list[tuple[str, str, str]]:
        """The filter values in force: (include or exclude, name, value)."""
        return [
            (which, name, value)
            for which, mapping in (("include", self.include), ("exclude", self.exclude))
            for name, values in sorted(mapping.items())
            for value in values
        ]

    def _replaced(self, which: str, mapping: Mapping[str, tuple[str, ...]]) -> Self:
        if which == "include":
            return replace(self, include=mapping)
        return replace(self, exclude=mapping)

    def _with(self, which: str, name: str, values: tuple[str, ...], *, alone: bool) -> Self:
        now: Mapping[str, tuple[str, ...]] = getattr(self, which)
        old = now.get(name, ())
        again = () if old == values else values
        new = again if alone else tuple(dict.fromkeys((*old, *values)))
        return self._replaced(which, _set(now, name, new[:MAX_VALUES]))


def parse(parameters: Mapping[str, str]) -> Selection:
    """The selection in an address. What makes no sense is left out, never an error."""
    period = parameters.get("period", DEFAULT_PERIOD)
    start, end = time_of(parameters.get("from")), time_of(parameters.get("to"))
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
        source=source if source in RECORDS else None,
        stack=stack if stack in STACKS else STACKS[0],
        drawn=_one_of(parameters.get("draw"), DRAWN),
        view=_one_of(parameters.get("view"), VIEWS),
        opened=_opened(parameters.get("open", "")),
        columns=_safe(parameters.get("columns", "")),
        pair=_safe(parameters.get("pair", ""))[:PAIR],
        beside=time_of(parameters.get("beside")),
    )


def to_parameters(selection: Selection) -> dict[str, str]:
    """The selection for an address: what differs from the default, never an IP or a text."""
    found: dict[str, str] = {}
    if selection.period == CUSTOM and selection.start and selection.end:
        found["from"], found["to"] = stamp(selection.start), stamp(selection.end)
    elif selection.period != DEFAULT_PERIOD:
        found["period"] = selection.period
    for prefix, mapping in (("", selection.include), (NOT, selection.exclude)):
        for name in LINKED:
            values = [v for v in mapping.get(name, ()) if _SAFE.fullmatch(v)]
            if values:
                found[prefix + name] = ",".join(values)
    if selection.everyone:
        found["people"] = "all"
    if selection.source is not None:
        found["source"] = selection.source
    return found | _drawing(selection)


def _drawing(selection: Selection) -> dict[str, str]:
    """How it is drawn and what is opened, for an address."""
    opened, beside = selection.opened, selection.beside
    choices = (
        ("by", selection.stack, STACKS[0]),
        ("draw", selection.drawn, DRAWN[0]),
        ("view", selection.view, VIEWS[0]),
        ("columns", ",".join(selection.columns), ""),
        ("pair", ",".join(v for v in selection.pair if _SAFE.fullmatch(v)), ""),
        ("open", "~".join(opened) if opened and _SAFE.fullmatch(opened[1]) else "", ""),
        ("beside", stamp(beside) if beside else "", ""),
    )
    return {name: choice for name, choice, usual in choices if choice != usual}


#: Every parameter that belongs to a selection.
PARAMETERS: Final = frozenset(
    {"period", "from", "to", "people", "source", "by", "draw", "view", "open", "columns"}
    | {"pair", "beside"}
    | set(LINKED)
    | {NOT + name for name in LINKED}
)


def _values(parameters: Mapping[str, str], prefix: str) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name in LINKED:
        values = _safe(parameters.get(prefix + name, ""))
        if name == HOUR:
            values = tuple(value for value in values if WeekHour.parse(value))
        if values:
            found[name] = values
    return MappingProxyType(found)


def _safe(text: str) -> tuple[str, ...]:
    values = [value for value in text.split(",") if _SAFE.fullmatch(value)]
    return tuple(dict.fromkeys(values))[:MAX_VALUES]


def _one_of(text: str | None, known: tuple[str, ...]) -> str:
    return text if text in known else known[0]


def _opened(text: str) -> tuple[str, str] | None:
    kind, _, value = text.partition("~")
    return (kind, value) if kind in OPENABLE and _SAFE.fullmatch(value) else None


def _words_only(mapping: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
    return MappingProxyType({k: v for k, v in mapping.items() if k in WORDS})


def _set(
    mapping: Mapping[str, tuple[str, ...]], name: str, values: tuple[str, ...]
) -> Mapping[str, tuple[str, ...]]:
    rest = {key: value for key, value in mapping.items() if key != name}
    return MappingProxyType({**rest, name: values} if values else rest)

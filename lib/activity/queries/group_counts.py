"""Where counts come from: a roll-up where a question allows it, else the events.

A line of a roll-up stands for the events of its hour or day at that hour's or day's start, so it
serves wherever only what it holds matters; the ends of a period that aren't whole are counted from
the events. Both ways give the same counts.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from lib.activity.model.week_hours import HOUR, zone_names
from lib.activity.model.zones import offsets
from lib.activity.queries.filters import FIELDS, PARTS, Condition, Filters, column, condition
from lib.store.events import rollups

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_STRETCH: Final = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class _Rollup:
    """A roll-up: its table, the column and width of its times, and what is selected from it.

    `columns` has the time as `occurred_at`, as the events have it. `counts` are the fields whose
    values it counts, with their columns; `fields` the filters that it can answer. `narrow` counts
    the same in narrower units.
    """

    table: str
    time: str
    unit: timedelta
    columns: str
    counts: Mapping[str, str]
    fields: frozenset[str]
    narrow: "_Rollup | None" = None


_KINDS: Final = {"type": "event_type", "category": "category", "kind": "actor_kind"}
_HOURS: Final = _Rollup(
    "hours",
    "hour",
    timedelta(hours=1),
    "occurred_at, event_type, category, actor_kind, bytes, sized",
    _KINDS,
    frozenset({*_KINDS, HOUR}),
)
_ACTOR_DAYS: Final = _Rollup(
    "actor_days",
    "day",
    rollups.DAY,
    "occurred_at, actor_id, actor_kind",
    {"actor": "actor_id", "kind": "actor_kind"},
    frozenset({"actor", "kind"}),
)
_FILE_TYPE_DAYS: Final = _Rollup(
    "file_type_days",
    "day",
    rollups.DAY,
    "occurred_at, event_type, category, actor_kind, file_type",
    {**_KINDS, "file_type": "file_type"},
    frozenset({*_KINDS, "file_type"}),
)
_ITEM_DAYS: Final = _Rollup(
    "item_days",
    "day",
    rollups.DAY,
    "occurred_at, item_key, actor_kind",
    {"item": "item_key"},
    frozenset({"item", "kind"}),
)
_ITEM_BLOCKS: Final = replace(
    _ITEM_DAYS, table="item_blocks", time="block", unit=rollups.BLOCK, narrow=_ITEM_DAYS
)
_ROLLUPS: Final = (_HOURS, _ACTOR_DAYS, _FILE_TYPE_DAYS, _ITEM_BLOCKS)
_OF_EVENTS: Final = {
    "bytes": "size_bytes AS bytes",
    "sized": "(size_bytes IS NOT NULL)::BIGINT AS sized",
    "file_type": f"{FIELDS['file_type']} AS file_type",
}
"""Columns of roll-ups that events don't have by this name."""


@dataclass(frozen=True, slots=True)
class Rows:
    """What to select from to count the values of a field.

    Rows are grouped by `part`, of which `value` makes the value (they are counted by the part
    first where the rest costs more). `keyed`: values are keys that stand for texts.
    """

    sql: str
    parameters: tuple[Any, ...]
    part: str
    value: str = "part"
    keyed: bool = False


def over_time(
    filters: Filters, source: str, *, timezone: str = "UTC", hide: bool = True
) -> Condition:
    """What to select from for counts by time, type, category and kind, and its parameters.

    Its columns are occurred_at (right to the hour in the zone), event_type, category, actor_kind,
    `bytes` (NULL or 0 where no size is known), `sized`, how many events have a size, and `times`,
    how many a row stands for.
    """
    usable = _answers(_HOURS, filters) and _whole_hours(filters, timezone)
    edges = (filters.since, filters.until)
    rollup = _HOURS if usable else None
    return _from(filters, source, edges, rollup, _HOURS.columns, hide=hide)


def by_value(filters: Filters, source: str, by: str, edges: Sequence[datetime] = ()) -> Rows:
    """What to select from for counts by a filter's field.

    `edges` are times inside the period that rows must not reach across. Its columns are
    occurred_at (right with respect to the edges), what makes `Rows.part`, and `times`.
    """
    usable = _whole_hours(filters, "UTC")  # the zones of hours that are asked for
    found = next((r for r in _ROLLUPS if by in r.counts and _answers(r, filters) and usable), None)
    ends = sorted({filters.since, filters.until, *edges})
    rows = _from(filters, source, ends, found, "*" if found is None else found.columns)
    if by == "item":
        return Rows(rows.sql, rows.parameters, "item_key", keyed=True)
    if found is not None:
        return Rows(rows.sql, rows.parameters, found.counts[by])
    return Rows(rows.sql, rows.parameters, *PARTS.get(by, (column(by), "part")))


def stretches(filters: Filters) -> Iterator[Filters]:
    """A period in stretches, newest first, that grow into the past: what is frequent is soon found.

    Looking for everything at once, or while counting, takes four times as long.
    """
    high, length = filters.until, _FIRST_STRETCH
    while high > filters.since:
        low = max(filters.since, high - length)
        yield filters.between(low, high)
        high, length = low, length * 4


def _from(
    filters: Filters,
    source: str,
    edges: Sequence[datetime],
    rollup: _Rollup | None,
    columns: str,
    *,
    hide: bool = True,
) -> Condition:
    """The events, or where there is a roll-up its lines between the edges, as one thing."""
    if rollup is None:
        parts = [_events(filters, source, columns, hide=hide)]
    else:
        parts = [
            part
            for since, until in pairwise(edges)
            for part in _rolled(rollup, filters.between(since, until), source, columns, hide=hide)
        ]
    sql = " UNION ALL ".join(part.sql for part in parts)
    return Condition(f"({sql})", tuple(value for part in parts for value in part.parameters))


def _rolled(
    rollup: _Rollup | None, filters: Filters, source: str, columns: str, *, hide: bool
) -> list[Condition]:
    """The lines of the whole units of a period; its ends in narrower units, or from the events."""
    if rollup is None:
        return [_events(filters, source, columns, hide=hide)]
    low = _EPOCH - (_EPOCH - filters.since) // rollup.unit * rollup.unit
    high = _EPOCH + (filters.until - _EPOCH) // rollup.unit * rollup.unit
    if low >= high:
        return _rolled(rollup.narrow, filters, source, columns, hide=hide)
    where = condition(filters.between(low, high), source, hide=hide)
    asked = where.sql.replace("occurred_at", rollup.time).replace(FIELDS["file_type"], "file_type")
    lines = (
        f"SELECT {columns.replace('occurred_at', f'{rollup.time} AS occurred_at')},"  # noqa: S608
        f" events AS times FROM {rollup.table} WHERE {asked}"
    )
    ends = [(filters.since, low), (high, filters.until)]
    return [
        Condition(lines, where.parameters),
        *(
            part
            for since, until in ends
            if since < until
            for part in _rolled(
                rollup.narrow, filters.between(since, until), source, columns, hide=hide
            )
        ),
    ]


def _events(filters: Filters, source: str, columns: str, *, hide: bool) -> Condition:
    where = condition(filters, source, hide=hide)
    columns = ", ".join(_OF_EVENTS.get(name, name) for name in columns.split(", "))
    return Condition(
        f"SELECT {columns}, 1 AS times FROM events WHERE {where.sql}",  # noqa: S608  # our own names
        where.parameters,
    )


def _answers(rollup: _Rollup, filters: Filters) -> bool:
    asked = {name for part in (filters.include, filters.exclude) for name in part if part[name]}
    if filters.uncounted:
        return False  # no roll-up tells accounts apart
    return asked <= rollup.fields and not (filters.text and filters.text.strip())


def _whole_hours(filters: Filters, timezone: str) -> bool:
    """Whether the hours of the zone, and of those in the filters, are hours of UTC all the time."""
    asked = (*filters.include.get(HOUR, ()), *filters.exclude.get(HOUR, ()))
    return all(
        _in_whole_hours(name, filters.since, filters.until)
        for name in {timezone, *zone_names(asked)}
    )


def _in_whole_hours(timezone: str, since: datetime, until: datetime) -> bool:
    found = offsets(timezone, since, until)
    return all(seconds % 3600 == 0 for _, seconds in found) and not any(
        at.minute or at.second for at, _ in found[1:]
    )

"""Where counts come from: a roll-up where a question allows it, else the events.

A line of a roll-up stands for the events of its hour or day at that hour's or day's start, so it
serves wherever only what it holds matters; the ends of a period that aren't whole are counted from
the events. Both ways give the same counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Final

from lib.activity.filters import Condition, Filters, condition
from lib.activity.zones import offsets
from lib.store import rollups

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Rollup:
    """A roll-up: its table, the column and width of its times, and the filters it can answer."""

    table: str
    time: str
    unit: timedelta
    fields: frozenset[str]


_HOURS: Final = _Rollup(
    rollups.HOURS, "hour", timedelta(hours=1), frozenset({"type", "category", "kind"})
)
_ACTOR_DAYS: Final = _Rollup(
    rollups.ACTOR_DAYS, "day", timedelta(days=1), frozenset({"actor", "kind"})
)
_ROLLUPS: Final = (_HOURS, _ACTOR_DAYS)


def over_time(
    filters: Filters, source: str, *, timezone: str = "UTC", hide: bool = True
) -> Condition:
    """What to select from for counts by time, type, category and kind, and its parameters.

    Its columns are occurred_at (right to the hour in the zone), event_type, category, actor_kind
    and `times`, how many events a row stands for.
    """
    usable = _whole_hours(filters, timezone) and _answers(_HOURS, filters)
    edges = (filters.since, filters.until)
    return _from(filters, source, edges, _HOURS if usable else None, _HOURS, hide=hide)


def by_value(filters: Filters, source: str, by: str, edges: Sequence[datetime] = ()) -> Condition:
    """What to select from for counts by a filter's field, and its parameters.

    `edges` are times inside the period that rows must not reach across. Its columns are
    occurred_at (right with respect to the edges), what `by` needs, and `times`.
    """
    found = next((r for r in _ROLLUPS if by in r.fields and _answers(r, filters)), None)
    ends = sorted({filters.since, filters.until, *edges})
    return _from(filters, source, ends, found, found, hide=True)


def _from(
    filters: Filters,
    source: str,
    edges: Sequence[datetime],
    rollup: _Rollup | None,
    columns_of: _Rollup | None,
    *,
    hide: bool,
) -> Condition:
    columns = _columns(columns_of)
    parts: list[Condition] = []
    for since, until in pairwise(edges) if rollup else ((filters.since, filters.until),):
        part = filters.between(since, until)
        if rollup is None:
            parts.append(_events(part, source, columns, hide=hide))
        else:
            parts.extend(_rolled(rollup, part, source, columns, hide=hide))
    sql = " UNION ALL ".join(part.sql for part in parts)
    return Condition(f"({sql})", tuple(value for part in parts for value in part.parameters))


def _rolled(
    rollup: _Rollup, filters: Filters, source: str, columns: str, *, hide: bool
) -> list[Condition]:
    """The lines of the whole units of a period, and the events of its ends."""
    low = _EPOCH - (_EPOCH - filters.since) // rollup.unit * rollup.unit
    high = _EPOCH + (filters.until - _EPOCH) // rollup.unit * rollup.unit
    if low >= high:
        return [_events(filters, source, columns, hide=hide)]
    where = condition(filters.between(low, high), source, hide=hide)
    lines = (
        f"SELECT {columns.replace('occurred_at', f'{rollup.time} AS occurred_at')},"  # noqa: S608
        f" events AS times FROM {rollup.table} WHERE"
        f" {where.sql.replace('occurred_at', rollup.time)}"
    )
    ends = [(filters.since, low), (high, filters.until)]
    return [
        Condition(lines, where.parameters),
        *(
            _events(filters.between(since, until), source, columns, hide=hide)
            for since, until in ends
            if since < until
        ),
    ]


def _events(filters: Filters, source: str, columns: str, *, hide: bool) -> Condition:
    where = condition(filters, source, hide=hide)
    return Condition(
        f"SELECT {columns}, 1 AS times FROM events WHERE {where.sql}",  # noqa: S608  # our own names
        where.parameters,
    )


def _columns(rollup: _Rollup | None) -> str:
    if rollup is None:
        return "*"
    return {
        rollups.HOURS: "occurred_at, event_type, category, actor_kind",
        rollups.ACTOR_DAYS: "occurred_at, actor_id, actor_kind",
    }[rollup.table]


def _answers(rollup: _Rollup, filters: Filters) -> bool:
    asked = {name for part in (filters.include, filters.exclude) for name in part if part[name]}
    return asked <= rollup.fields and not (filters.text and filters.text.strip())


def _whole_hours(filters: Filters, timezone: str) -> bool:
    """Whether the zone's hours are those of UTC throughout the period."""
    found = offsets(timezone, filters.since, filters.until)
    return all(seconds % 3600 == 0 for _, seconds in found) and not any(
        at.minute or at.second for at, _ in found[1:]
    )

"""Top lists beside the period before: how much more or less, what is new and what is gone.

A change is only told where both periods were read (`coverage.comparison_allowed`); where reading
stands short of the end of the running period, both periods are compared up to that distance. Both
are counted in one pass over the events.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

import pandas as pd

from lib.activity.model.coverage import Comparison
from lib.activity.queries import group_counts
from lib.activity.queries.chosen_coverage import coverage_for
from lib.activity.queries.display_names import Named, names
from lib.activity.queries.filters import Filters
from lib.activity.queries.heavy_hitters import Weight, heavy_hitters
from lib.activity.queries.period_totals import periods
from lib.activity.queries.source_of_record import chosen
from lib.activity.queries.summaries import counted_by, top
from lib.store.events.events import EventStore
from lib.store.spans import Span
from lib.store.times import naive_utc

GONE: Final = 5
_LOOKED_AT: Final = 20


@dataclass(frozen=True, slots=True)
class Ranking:
    """The values with the most events.

    `frame`: value, label, detail, events, share (0 to 1), and `compared` and `previous`, the events
    up to the same distance in this period and the one before (both missing where not compared).
    `gone`: value, label, events of the busiest values of the period before that have none now.
    """

    frame: pd.DataFrame
    gone: pd.DataFrame
    comparison: Comparison


def ranked(
    events: EventStore, filters: Filters, by: str, *, now: datetime, limit: int = 10
) -> Ranking:
    """The top values of a filter's field with their change against the period before."""
    filters, source = chosen(events, filters)
    both = periods(coverage_for(events, filters, source, now), filters, now)
    if not both.comparison.allowed:
        frame = top(events, filters, by, limit=limit)
        missing = pd.array([pd.NA] * len(frame), dtype="Int64")
        nothing = pd.DataFrame({"value": [], "label": [], "events": []})
        return Ranking(frame.assign(compared=missing, previous=missing), nothing, both.comparison)
    sides = (Span(filters.since, filters.until), both.period, both.previous)
    both_periods = filters.between(both.previous.start, filters.until)
    first, second, total = _twice(events, both_periods, source, by, sides, limit)
    known = [row for row in first if row.value is not None]
    left = [row for row in second if row.value is not None and not row.events][:GONE]
    earlier = filters.between(both.previous.start, both.previous.end)
    return Ranking(
        _frame(known, total, names(events, filters, source, by, [row.value for row in known])),
        _gone(left, names(events, earlier, source, by, [row.value for row in left])),
        both.comparison,
    )


class _Row(NamedTuple):
    """A value: its events in this period, and those that are compared."""

    value: Any
    events: int
    now: int
    before: int


_BETWEEN: Final = (
    "coalesce(sum(times) FILTER (WHERE occurred_at >= ? AND occurred_at < ?), 0)::BIGINT"
)


def _twice(  # the parts of one question
    events: EventStore,
    filters: Filters,
    source: str,
    by: str,
    sides: Sequence[Span],
    limit: int,
) -> tuple[list[_Row], list[_Row], int]:
    """The top of this period, that of the one before, and how many events this period has.

    `sides` are this period, as far of it as is compared, and the one before.
    """
    edges = [at for side in sides for at in (side.start, side.end)]
    bounds = [naive_utc(at) for at in edges]
    rows = group_counts.by_value(filters, source, by, edges)
    few = heavy_hitters(
        events,
        rows,
        [
            Weight(_BETWEEN, tuple(bounds[:2]), limit),
            Weight(_BETWEEN, tuple(bounds[4:]), _LOOKED_AT),
        ],
    )
    first, second, total = _tops(events, rows if few is None else few.rows, bounds, limit)
    if few is not None:
        total = few.total
        if not few.enough([row.events for row in first], [row.before for row in second]):
            first, second, _ = _tops(events, rows, bounds, limit)
    return first, second, total


def _tops(
    events: EventStore, rows: group_counts.Rows, bounds: list[datetime], limit: int
) -> tuple[list[_Row], list[_Row], int]:
    counts = counted_by([f"{_BETWEEN} AS {name}" for name in ("n", "now", "before")], rows)
    found = events.rows(
        f"WITH counts AS MATERIALIZED ({counts})"  # noqa: S608  # our own names
        " (SELECT 'now', value, n, now, before, sum(n) OVER () FROM counts WHERE n > 0"
        " ORDER BY value IS NULL, n DESC, value LIMIT ?)"
        " UNION ALL (SELECT 'before', value, n, now, before, 0 FROM counts WHERE before > 0"
        " ORDER BY value IS NULL, before DESC, value LIMIT ?)",
        [*bounds, *rows.parameters, limit, _LOOKED_AT],
    )
    first, second = (
        [_Row(value, *map(int, counts)) for side, value, *counts, _ in found if side == which]
        for which in ("now", "before")
    )
    return first, second, int(next((row[5] for row in found if row[0] == "now"), 0))


def _frame(rows: list[_Row], total: int, reported: dict[Any, Named]) -> pd.DataFrame:
    rows = [row for row in rows if row.value in reported]
    return _values(rows, reported).assign(
        detail=pd.Series([reported[row.value].detail for row in rows], dtype="str"),
        events=pd.Series([row.events for row in rows], dtype="int64"),
        share=pd.Series([row.events / total for row in rows], dtype="float64"),
        compared=pd.array([row.now for row in rows], dtype="Int64"),
        previous=pd.array([row.before for row in rows], dtype="Int64"),
    )


def _gone(rows: list[_Row], reported: dict[Any, Named]) -> pd.DataFrame:
    rows = [row for row in rows if row.value in reported]
    return _values(rows, reported).assign(
        events=pd.Series([row.before for row in rows], dtype="int64")
    )


def _values(rows: list[_Row], reported: dict[Any, Named]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "value": pd.Series([reported[row.value].value for row in rows], dtype="str"),
            "label": pd.Series([reported[row.value].label for row in rows], dtype="str"),
        }
    )

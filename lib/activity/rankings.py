"""Top lists beside the period before: how much more or less, what is new and what is gone.

A change is only told where both periods were read (`coverage.comparison_allowed`); where reading
stands short of the end of the running period, both periods are compared up to that distance. Both
are counted in one pass over the events.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import pandas as pd

from lib.activity import counted
from lib.activity.coverage import Comparison, coverage_for
from lib.activity.filters import Filters
from lib.activity.queries import Periods, chosen_source, counted_by, names, periods, top
from lib.store.events import EventStore
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
    source = chosen_source(events, filters)
    both = periods(coverage_for(events, filters, source, now), filters, now)
    if not both.comparison.allowed:
        frame = top(events, filters, by, limit=limit)
        missing = pd.array([pd.NA] * len(frame), dtype="Int64")
        nothing = pd.DataFrame({"value": [], "label": [], "events": []})
        return Ranking(frame.assign(compared=missing, previous=missing), nothing, both.comparison)
    found = _twice(events, filters, source, by, both, limit)
    known = [row for row in found if row[0] == "now" and row[1] is not None]
    left = [row for row in found if row[0] == "gone" and row[1] is not None and not row[2]][:GONE]
    earlier = filters.between(both.previous.start, both.previous.end)
    return Ranking(
        _frame(known, names(events, filters, source, by, [str(row[1]) for row in known])),
        _gone(left, names(events, earlier, source, by, [str(row[1]) for row in left])),
        both.comparison,
    )


def _twice(  # the parts of one question
    events: EventStore,
    filters: Filters,
    source: str,
    by: str,
    both: Periods,
    limit: int,
) -> list[tuple[Any, ...]]:
    """The top of this period and the top of the one before: (which, value, events, now, before).

    The last column is the sum of all events of this period.
    """
    whole = Span(filters.since, filters.until)
    edges = [at for span in (whole, both.period, both.previous) for at in (span.start, span.end)]
    inside = [
        "coalesce(sum(times) FILTER (WHERE occurred_at >= ? AND occurred_at < ?), 0)::BIGINT"
        f" AS {name}"
        for name in ("n", "now", "before")
    ]
    both_periods = filters.between(both.previous.start, filters.until)
    rows = counted.by_value(both_periods, source, by, edges)
    sql, again = counted_by(by, inside, rows)
    found = events.rows(
        f"WITH counts AS MATERIALIZED ({sql}),"  # noqa: S608  # our own names
        f" added AS MATERIALIZED (SELECT value, {again} FROM counts GROUP BY value)"
        " (SELECT 'now', value, n, now, before, sum(n) OVER () FROM added WHERE n > 0"
        " ORDER BY value IS NULL, n DESC, value LIMIT ?)"
        " UNION ALL (SELECT 'gone', value, n, now, before, 0 FROM added WHERE before > 0"
        " ORDER BY value IS NULL, before DESC, value LIMIT ?)",
        [*map(naive_utc, edges), *rows.parameters, limit, _LOOKED_AT],
    )
    if not rows.keyed:
        return found
    keys = list({row[1] for row in found if row[1] is not None})
    items = counted.ids(events, both_periods, source, keys)
    return [(row[0], items.get(row[1]), *row[2:]) for row in found]


Names = dict[str, tuple[str | None, str | None]]


def _frame(rows: list[tuple[Any, ...]], told: Names) -> pd.DataFrame:
    values = [str(row[1]) for row in rows]
    return pd.DataFrame(
        {
            "value": pd.Series(values, dtype="str"),
            "label": pd.Series([told.get(v, (v,))[0] or v for v in values], dtype="str"),
            "detail": pd.Series([told.get(v, (v, None))[1] for v in values], dtype="str"),
            "events": pd.Series([int(row[2]) for row in rows], dtype="int64"),
            "share": pd.Series([int(row[2]) / int(row[5]) for row in rows], dtype="float64"),
            "compared": pd.array([int(row[3]) for row in rows], dtype="Int64"),
            "previous": pd.array([int(row[4]) for row in rows], dtype="Int64"),
        }
    )


def _gone(rows: list[tuple[Any, ...]], told: Names) -> pd.DataFrame:
    values = [str(row[1]) for row in rows]
    return pd.DataFrame(
        {
            "value": pd.Series(values, dtype="str"),
            "label": pd.Series([told.get(v, (v,))[0] or v for v in values], dtype="str"),
            "events": pd.Series([int(row[4]) for row in rows], dtype="int64"),
        }
    )

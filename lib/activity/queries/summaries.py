"""The questions of the activity page: small frames out of many events.

Each counts one source, the profile's source of record unless the filters name another, so that an
action that reached us through two sources is counted once. SQL is hand-written and parameterised;
what differs between engines is in `lib.store.events.dialect`.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

import pandas as pd

from lib.activity.model.zones import (
    local_expression,
)
from lib.activity.queries import group_counts
from lib.activity.queries.display_names import names
from lib.activity.queries.filters import Filters
from lib.activity.queries.heavy_hitters import Weight, heavy_hitters
from lib.activity.queries.source_of_record import chosen, source_of_record
from lib.store.events import dialect
from lib.store.events.events import EventStore


def top(events: EventStore, filters: Filters, by: str, *, limit: int = 10) -> pd.DataFrame:
    """The values of a filter's field with the most events: value, label, detail, events, share.

    `label` is the newest name known for the value, `share` its part of all events (0 to 1). Events
    whose value is unknown aren't listed.
    """
    filters, source = chosen(events, filters)
    rows = group_counts.by_value(filters, source, by)
    few = heavy_hitters(events, rows, [Weight(_TIMES, (), limit)])
    found, total = _top(events, rows if few is None else few.rows, limit)
    if few is not None:
        total = few.total
        if not few.enough([n for _, n in found]):
            found, _ = _top(events, rows, limit)
    known = [row for row in found if row[0] is not None]
    reported = names(events, filters, source, by, [value for value, _ in known])
    listed = [(reported[value], n) for value, n in known if value in reported]
    return pd.DataFrame(
        {
            "value": pd.Series([named.value for named, _ in listed], dtype="str"),
            "label": pd.Series([named.label for named, _ in listed], dtype="str"),
            "detail": pd.Series([named.detail for named, _ in listed], dtype="str"),
            "events": pd.Series([n for _, n in listed], dtype="int64"),
            "share": pd.Series([n / total for _, n in listed], dtype="float64"),
        }
    )


def _top(
    events: EventStore, rows: group_counts.Rows, limit: int
) -> tuple[list[tuple[Any, int]], int]:
    """The values with the most events, unknown last, and how many events there are."""
    found = events.rows(
        f"SELECT value, n, sum(n) OVER () FROM ({counted_by([f'{_TIMES} AS n'], rows)})"  # noqa: S608  # our own names
        " ORDER BY value IS NULL, n DESC, value LIMIT ?",
        [*rows.parameters, limit],
    )
    return [(value, int(n)) for value, n, _ in found], int(found[0][2]) if found else 0


_TIMES: Final = "sum(times)::BIGINT"


def counted_by(counts: Sequence[str], rows: group_counts.Rows) -> str:
    """SQL that counts rows by value: `value` and the counts, which are aggregates with names.

    Where a value is worked out of a part it is worked out once for equal parts, and added up.
    """
    reported = [count.rpartition(" AS ")[2] for count in counts]
    parts = f"SELECT {rows.part} AS part, {', '.join(counts)} FROM {rows.sql} GROUP BY ALL"  # noqa: S608
    if rows.value == "part":
        return f"SELECT part AS value, {', '.join(reported)} FROM ({parts})"  # noqa: S608
    again = ", ".join(f"sum({name})::BIGINT AS {name}" for name in reported)
    return f"SELECT {rows.value} AS value, {again} FROM ({parts}) GROUP BY ALL"  # noqa: S608


def heatmap(events: EventStore, filters: Filters, *, timezone: str = "UTC") -> pd.DataFrame:
    """Events by local weekday (1 = Monday) and hour: weekday, hour, events; all 168 rows."""
    filters, source = chosen(events, filters)
    rows = group_counts.over_time(filters, source, timezone=timezone)
    local = local_expression("occurred_at", timezone, filters.since, filters.until)
    found = events.rows(
        f"SELECT {dialect.weekday('moment')}, {dialect.hour('moment')}, sum(n) FROM ("  # noqa: S608
        f"SELECT {dialect.truncated('hour', local)} AS moment, sum(times) AS n FROM {rows.sql}"
        " GROUP BY ALL) GROUP BY ALL",
        rows.parameters,
    )
    counts = {(int(day), int(hour)): int(n) for day, hour, n in found}
    grid = [(day, hour, counts.get((day, hour), 0)) for day in range(1, 8) for hour in range(24)]
    return pd.DataFrame(grid, columns=["weekday", "hour", "events"])


def last_activity(
    events: EventStore, profile: str, actors: Sequence[str], *, source: str | None = None
) -> dict[str, datetime]:
    """When each of these actors was last seen (UTC); actors never seen are absent."""
    source = source or source_of_record(events, profile)
    found: list[tuple[Any, ...]] = events.rows(
        "SELECT actor_id, max(occurred_at) FROM events WHERE profile = ? AND source = ? AND "  # noqa: S608
        f"{dialect.one_of('actor_id')} GROUP BY actor_id",
        [profile, source, list(actors)],
    )
    return {str(actor): at.replace(tzinfo=UTC) for actor, at in found}

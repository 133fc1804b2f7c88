"""Roll-ups: events counted by hour, by actor and day, by item and day and 28 days.

A year is then few rows, and the items of a year are a third of what they are by day.

They are kept with the events, in the same transaction: what is added is counted in lines that are
summed when they are read, and folded into one now and then; where rows are changed or dropped, the
days they are in are counted again. What they hold can always be made again out of the events.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from lib.store import dialect

if TYPE_CHECKING:
    import duckdb

HOURS: Final = "hours"
"""Columns: profile, source, hour, event_type, category, actor_kind, events."""
ACTOR_DAYS: Final = "actor_days"
"""Columns: profile, source, day, actor_id, actor_kind, events."""
ITEM_DAYS: Final = "item_days"
"""Columns: profile, source, day, item_key, item_id, actor_kind, events."""
ITEM_BLOCKS: Final = "item_blocks"
"""Columns: profile, source, block, item_key, actor_kind, events."""
TABLES: Final = (HOURS, ACTOR_DAYS, ITEM_DAYS, ITEM_BLOCKS)
DAY: Final = timedelta(days=1)
BLOCK: Final = timedelta(days=28)
"""Counted from 1970."""
ITEM_KEY: Final = dialect.key("item_id")
"""Stands for an item's id: grouping 64 bits costs a third of grouping texts."""
DDL: Final = (
    """CREATE TABLE IF NOT EXISTS hours (
        profile VARCHAR, source VARCHAR, hour TIMESTAMP, event_type VARCHAR, category VARCHAR,
        actor_kind VARCHAR, events BIGINT)""",
    """CREATE TABLE IF NOT EXISTS actor_days (
        profile VARCHAR, source VARCHAR, day TIMESTAMP, actor_id VARCHAR, actor_kind VARCHAR,
        events BIGINT)""",
    """CREATE TABLE IF NOT EXISTS item_days (
        profile VARCHAR, source VARCHAR, day TIMESTAMP, item_key UBIGINT, item_id VARCHAR,
        actor_kind VARCHAR, events BIGINT)""",
    """CREATE TABLE IF NOT EXISTS item_blocks (
        profile VARCHAR, source VARCHAR, block TIMESTAMP, item_key UBIGINT, actor_kind VARCHAR,
        events BIGINT)""",
)
LINES: Final = 20_000
"""After so many added lines those of the days they are in are folded."""

_KEYS: Final = {
    HOURS: "profile, source, {hour} AS hour, event_type, category, actor_kind",
    ACTOR_DAYS: "profile, source, {day} AS day, actor_id, actor_kind",
    ITEM_DAYS: f"profile, source, {{day}} AS day, {ITEM_KEY} AS item_key, item_id, actor_kind",
    ITEM_BLOCKS: f"profile, source, {{block}} AS block, {ITEM_KEY} AS item_key, actor_kind",
}
_TIMES: Final = {HOURS: "hour", ACTOR_DAYS: "day", ITEM_DAYS: "day", ITEM_BLOCKS: "block"}


def add(cursor: "duckdb.DuckDBPyConnection", table: str) -> int:
    """Count the rows of a registered table that has the columns of an event; how many lines."""
    return sum(_count(cursor, rollup, table, "") for rollup in TABLES)


def rebuild(cursor: "duckdb.DuckDBPyConnection") -> None:
    """Count all events again."""
    for rollup in TABLES:
        cursor.execute(f"DELETE FROM {rollup}")  # noqa: S608  # our own names
        _again(cursor, rollup)


def count_again(cursor: "duckdb.DuckDBPyConnection", low: datetime, high: datetime) -> None:
    """Count the events of the days from `low` to `high` (naive UTC, inclusive) again."""
    for rollup in TABLES:
        first, last = _whole(rollup, low, high)
        _forget(cursor, rollup, first, last)
        _again(cursor, rollup, [first, last])


def fold(cursor: "duckdb.DuckDBPyConnection", low: datetime, high: datetime) -> None:
    """One line for each key again, in the days from `low` to `high` (naive UTC, inclusive)."""
    for rollup in TABLES:
        first, last = _whole(rollup, low, high)
        at = _TIMES[rollup]
        cursor.execute(
            "CREATE OR REPLACE TEMP TABLE folded AS"  # noqa: S608  # our own names
            f" SELECT * EXCLUDE events, sum(events)::BIGINT AS events FROM {rollup}"
            f" WHERE {at} BETWEEN ? AND ? GROUP BY ALL",
            [first, last],
        )
        _forget(cursor, rollup, first, last)
        cursor.execute(f"INSERT INTO {rollup} SELECT * FROM folded ORDER BY {at}")  # noqa: S608
        cursor.execute("DROP TABLE folded")


class Tail:
    """Folds the days of a live tail, where many small batches leave many lines."""

    def __init__(self) -> None:
        self._lines = 0
        self._low: datetime | None = None
        self._high: datetime | None = None

    def added(
        self, cursor: "duckdb.DuckDBPyConnection", lines: int, low: datetime, high: datetime
    ) -> None:
        """Lines were added about a time (naive UTC); once they are many they are folded."""
        if high - low > _LONGEST:
            return  # read in time order its keys hardly come again
        self._lines += lines
        self._low = min(self._low or low, low)
        self._high = max(self._high or high, high)
        if self._lines > LINES:
            if self._high - self._low <= _LONGEST:
                fold(cursor, self._low, self._high)
            self._lines, self._low, self._high = 0, None, None


_LONGEST: Final = timedelta(days=31)
_PERIOD: Final = "(SELECT * FROM events WHERE occurred_at BETWEEN ? AND ?)"


_START: Final = datetime(1970, 1, 1)  # noqa: DTZ001  # naive UTC, as the tables have it


def _whole(rollup: str, low: datetime, high: datetime) -> tuple[datetime, datetime]:
    """The whole days or blocks that a period touches: the first and the last moment of them."""
    width = BLOCK if rollup == ITEM_BLOCKS else DAY
    first = low - (low - _START) % width
    return first, high - (high - _START) % width + width - timedelta(microseconds=1)


def _count(
    cursor: "duckdb.DuckDBPyConnection",
    rollup: str,
    table: str,
    order: str,
    parameters: Sequence[datetime] = (),
) -> int:
    key = _KEYS[rollup].format(
        hour=dialect.truncated("hour", "occurred_at"),
        day=dialect.truncated("day", "occurred_at"),
        block=dialect.days(BLOCK.days, "occurred_at"),
    )
    done = cursor.execute(
        f"INSERT INTO {rollup} SELECT {key}, count(*) FROM {table} GROUP BY ALL{order}",  # noqa: S608
        list(parameters),
    ).fetchall()
    return int(done[0][0])


def _again(
    cursor: "duckdb.DuckDBPyConnection", rollup: str, period: Sequence[datetime] = ()
) -> None:
    """Count all events, or those of a period; blocks add up days, in a third of the time."""
    if rollup != ITEM_BLOCKS:
        _count(cursor, rollup, _PERIOD if period else "events", " ORDER BY 3", period)
        return
    where = "WHERE day BETWEEN ? AND ?" if period else ""
    block = dialect.days(BLOCK.days, "day")
    cursor.execute(
        f"INSERT INTO {ITEM_BLOCKS} SELECT profile, source, {block} AS block, item_key,"  # noqa: S608  # our own names
        f" actor_kind, sum(events) FROM {ITEM_DAYS} {where} GROUP BY ALL ORDER BY block",
        list(period),
    )


def _forget(
    cursor: "duckdb.DuckDBPyConnection", rollup: str, first: datetime, last: datetime
) -> None:
    cursor.execute(
        f"DELETE FROM {rollup} WHERE {_TIMES[rollup]} BETWEEN ? AND ?",  # noqa: S608  # our own names
        [first, last],
    )

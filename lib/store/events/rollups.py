"""Roll-ups: events counted by hour, actor and day, type of file and day, item and day and 28 days.

A year is then few rows, and the items of a year are a third of what they are by day. Beside these
are the sizes that were told of items, with no other columns to be read through.

They are kept with the events, in the same transaction: what is added is counted in lines that are
summed when they are read, and folded into one now and then; where rows are changed or dropped, the
days they are in are counted again. What they hold can always be made again out of the events.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from lib.store.events import dialect

if TYPE_CHECKING:
    import duckdb

DAY: Final = timedelta(days=1)
BLOCK: Final = timedelta(days=28)
"""Counted from 1970."""
SIZED: Final = ("UPLOAD", "ITEM_UPLOAD", "add", "EDIT", "update")
"""Events that tell how large an item became, of all sources."""
LINES: Final = 20_000
"""After so many added lines those of the days they are in are folded."""

_SUMS: Final = {
    "events": "count(*)",
    "bytes": "coalesce(sum(size_bytes), 0)",
    "sized": "count(size_bytes)",
}
_TYPES: Final = {
    **dict.fromkeys(("hour", "day", "block", "told_at"), "TIMESTAMP"),
    "item_key": "UBIGINT",
    "size_bytes": "BIGINT",
    "events": "BIGINT",
    "bytes": "HUGEINT",
    "sized": "BIGINT",
}


@dataclass(frozen=True, slots=True)
class _Rollup:
    """A table: how its time is cut, what it counts by beside that, and what it sums.

    `by` has the columns of what is counted by, as SQL over events where it isn't one of theirs;
    `where` says which events count.
    """

    name: str
    time: str
    unit: timedelta
    cut: str
    by: Mapping[str, str]
    sums: tuple[str, ...] = ("events",)
    where: str = "true"

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns, in order."""
        return ("profile", "source", self.time, *self.by, *self.sums)

    @property
    def ddl(self) -> str:
        """What makes the table."""
        columns = ", ".join(f"{name} {_TYPES.get(name, 'VARCHAR')}" for name in self.columns)
        return f"CREATE TABLE IF NOT EXISTS {self.name} ({columns})"

    def counted(self, table: str) -> str:
        """SQL that counts the rows of a table that has the columns of the event table."""
        by = "".join(f", {sql} AS {name}" for name, sql in self.by.items())
        sums = ", ".join(_SUMS[name] for name in self.sums)
        return (
            f"SELECT profile, source, {self.cut} AS {self.time}{by}, {sums} FROM {table}"  # noqa: S608  # our own names
            f" WHERE {self.where} GROUP BY ALL"
        )

    def whole(self, low: datetime, high: datetime) -> list[datetime]:
        """The whole units that a period touches: the first and the last moment of them."""
        first = low - (low - _START) % self.unit
        last = high - (high - _START) % self.unit + self.unit - timedelta(microseconds=1)
        return [first, last]


_START: Final = datetime(1970, 1, 1)  # noqa: DTZ001  # naive UTC, as the tables have it
_DAYS: Final = dialect.truncated("day", "occurred_at")


def _same(*names: str) -> dict[str, str]:
    return {name: name for name in names}


_HOURS: Final = _Rollup(
    "hours",
    "hour",
    timedelta(hours=1),
    dialect.truncated("hour", "occurred_at"),
    _same("event_type", "category", "actor_kind"),
    ("events", "bytes", "sized"),
)
_ACTOR_DAYS: Final = _Rollup("actor_days", "day", DAY, _DAYS, _same("actor_id", "actor_kind"))
_FILE_TYPE_DAYS: Final = _Rollup(
    "file_type_days",
    "day",
    DAY,
    _DAYS,
    _same("event_type", "category", "actor_kind")
    | {"file_type": dialect.file_type(dialect.ending("item_name", "item_type"))},
)
_ITEM_DAYS: Final = _Rollup("item_days", "day", DAY, _DAYS, _same("item_key", "actor_kind"))
_ITEM_BLOCKS: Final = _Rollup(
    "item_blocks",
    "block",
    BLOCK,
    dialect.days(BLOCK.days, "occurred_at"),
    _same("item_key", "actor_kind"),
)
_ITEM_SIZES: Final = _Rollup(
    "item_sizes",
    "told_at",
    DAY,
    "occurred_at",
    _same("item_key", "size_bytes"),
    where="size_bytes IS NOT NULL AND item_key IS NOT NULL"
    f" AND event_type IN ({dialect.texts(SIZED)})",
)
_ALL: Final = (_HOURS, _ACTOR_DAYS, _FILE_TYPE_DAYS, _ITEM_DAYS, _ITEM_BLOCKS, _ITEM_SIZES)

TABLES: Final = tuple(rollup.name for rollup in _ALL)
DDL: Final = tuple(rollup.ddl for rollup in _ALL)


def add(cursor: "duckdb.DuckDBPyConnection", table: str) -> int:
    """Count the rows of a table that has the columns of the event table; how many lines."""
    return sum(_insert(cursor, rollup, rollup.counted(table)) for rollup in _ALL)


def rebuild(cursor: "duckdb.DuckDBPyConnection") -> None:
    """Make the tables as this version has them and count all events."""
    for name in TABLES:
        rebuild_one(cursor, name)


def rebuild_one(cursor: "duckdb.DuckDBPyConnection", name: str) -> None:
    """Rebuild one of them; in the order of `TABLES`, since blocks add up days."""
    rollup = next(one for one in _ALL if one.name == name)
    cursor.execute(f"DROP TABLE IF EXISTS {rollup.name}")
    cursor.execute(rollup.ddl)
    _again(cursor, rollup)


def count_again(cursor: "duckdb.DuckDBPyConnection", low: datetime, high: datetime) -> None:
    """Count the events of the days from `low` to `high` (naive UTC, inclusive) again."""
    for rollup in _ALL:
        period = rollup.whole(low, high)
        _forget(cursor, rollup, period)
        _again(cursor, rollup, period)


def fold(cursor: "duckdb.DuckDBPyConnection", low: datetime, high: datetime) -> None:
    """One line for each key again, in the days from `low` to `high` (naive UTC, inclusive)."""
    for rollup in _ALL:
        period = rollup.whole(low, high)
        sums = ", ".join(f"sum({name}) AS {name}" for name in rollup.sums)
        cursor.execute(
            "CREATE OR REPLACE TEMP TABLE folded AS"  # noqa: S608  # our own names
            f" SELECT * EXCLUDE ({', '.join(rollup.sums)}), {sums} FROM {rollup.name}"
            f" WHERE {rollup.time} BETWEEN ? AND ? GROUP BY ALL",
            period,
        )
        _forget(cursor, rollup, period)
        _insert(cursor, rollup, f"SELECT * FROM folded ORDER BY {rollup.time}")  # noqa: S608
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


def _again(
    cursor: "duckdb.DuckDBPyConnection", rollup: _Rollup, period: Sequence[datetime] = ()
) -> None:
    """Count all events, or those of a period; blocks add up days, in a third of the time."""
    if rollup is _ITEM_BLOCKS:
        within = "WHERE day BETWEEN ? AND ?" if period else ""
        counted = (
            f"SELECT profile, source, {dialect.days(BLOCK.days, 'day')} AS block, item_key,"  # noqa: S608  # our own names
            f" actor_kind, sum(events) FROM {_ITEM_DAYS.name} {within} GROUP BY ALL"
        )
    else:
        counted = rollup.counted(_PERIOD if period else "events")
    _insert(cursor, rollup, f"{counted} ORDER BY {rollup.time}", period)


_PERIOD: Final = "(SELECT * FROM events WHERE occurred_at BETWEEN ? AND ?)"


def _insert(
    cursor: "duckdb.DuckDBPyConnection",
    rollup: _Rollup,
    lines: str,
    parameters: Sequence[datetime] = (),
) -> int:
    done = cursor.execute(f"INSERT INTO {rollup.name} {lines}", list(parameters)).fetchall()
    return int(done[0][0])


def _forget(
    cursor: "duckdb.DuckDBPyConnection", rollup: _Rollup, period: Sequence[datetime]
) -> None:
    cursor.execute(
        f"DELETE FROM {rollup.name} WHERE {rollup.time} BETWEEN ? AND ?",  # noqa: S608  # our own names
        period,
    )

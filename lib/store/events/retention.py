"""Dropping what is older than it is kept, a day at a time, and marking what was dropped.

Each step is one short transaction: rows, the counts of their source, the coverage and the mark of
how far things are dropped change together, so that a chart never shows dropped time as zero.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from lib.store.events import rollups, texts
from lib.store.spans import Span, subtract
from lib.store.times import aware_utc, naive_utc

if TYPE_CHECKING:
    import duckdb

    from lib.store.events.events import EventStore

STEP: Final = timedelta(days=1)
ALL: Final = ""
"""The mark of all types."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What of a source is dropped: events before a time, of one type, or of all but the spared."""

    profile: str
    source: str
    before: datetime
    event_type: str | None = None
    spared: tuple[str, ...] = ()

    def condition(self) -> tuple[str, list[Any]]:
        """The rows it is about: SQL and parameters."""
        sql, parameters = "profile = ? AND source = ?", [self.profile, self.source]
        if self.event_type is not None:
            return f"{sql} AND event_type = ?", [*parameters, self.event_type]
        if self.spared:
            spared: list[Any] = [*parameters, list(self.spared)]
            return f"{sql} AND NOT list_contains(?::VARCHAR[], event_type)", spared
        return sql, list(parameters)


def drop(store: "EventStore", rule: Rule) -> int:
    """Drop the oldest day of what a rule is about; how many events. 0 = nothing is left of it."""
    where, parameters = rule.condition()
    before = naive_utc(rule.before)
    found = store.rows(
        f"SELECT min(occurred_at) FROM events WHERE {where} AND occurred_at < ?",  # noqa: S608
        [*parameters, before],
    )
    oldest: datetime | None = found[0][0]
    if oldest is None:
        return 0
    end = min(before, oldest + STEP)
    with store.writing() as cursor:
        gone = cursor.execute(
            f"DELETE FROM events WHERE {where} AND occurred_at >= ? AND occurred_at < ?",  # noqa: S608
            [*parameters, oldest, end],
        ).fetchall()
        _count_again(cursor, rule)
        rollups.count_again(cursor, oldest, end)
        _mark(cursor, rule, end)
    return int(gone[0][0])


def drop_beside(store: "EventStore", profile: str, before: datetime) -> int:
    """Drop deliveries of webhooks and quarantined rows that came before a time; how many."""
    total = 0
    with store.writing() as cursor:
        for table in ("deliveries", "quarantine"):
            gone = cursor.execute(
                f"DELETE FROM {table} WHERE profile = ? AND received_at < ?",  # noqa: S608
                [profile, naive_utc(before)],
            ).fetchall()
            total += int(gone[0][0])
    return total


def forget_texts(store: "EventStore") -> None:
    """List the texts that a search asks anew, so that none outlives the events it was in."""
    with store.writing() as cursor:
        texts.rebuild(cursor)


def marks(store: "EventStore", profile: str, source: str) -> dict[str, datetime]:
    """Up to when things were dropped, by type; `ALL` for everything."""
    found = store.rows(
        "SELECT event_type, max(before_at) FROM dropped WHERE profile = ? AND source = ?"
        " GROUP BY event_type",
        [profile, source],
    )
    return {str(kind): aware_utc(at) for kind, at in found}


def _count_again(cursor: "duckdb.DuckDBPyConnection", rule: Rule) -> None:
    key = [rule.profile, rule.source]
    cursor.execute("DELETE FROM sources WHERE profile = ? AND source = ?", key)
    cursor.execute(
        "INSERT INTO sources SELECT profile, source, count(*), min(occurred_at), max(occurred_at)"
        " FROM events WHERE profile = ? AND source = ? GROUP BY profile, source",
        key,
    )


def _mark(cursor: "duckdb.DuckDBPyConnection", rule: Rule, end: datetime) -> None:
    key = [rule.profile, rule.source]
    kind = rule.event_type or ALL
    cursor.execute(
        "DELETE FROM dropped WHERE profile = ? AND source = ? AND event_type = ?"
        " AND before_at <= ?",
        [*key, kind, end],
    )
    cursor.execute("INSERT INTO dropped VALUES (?, ?, ?, ?)", [*key, kind, end])
    if rule.event_type is not None:
        return
    found = cursor.execute(
        "SELECT filter, from_at, to_at, read_at FROM coverage"
        " WHERE profile = ? AND source = ? AND from_at < ?",
        [*key, end],
    ).fetchall()
    cursor.execute(
        "DELETE FROM coverage WHERE profile = ? AND source = ? AND from_at < ?", [*key, end]
    )
    kept = [
        [*key, name, left.start, left.end, read]
        for name, start, stop, read in found
        for left in subtract(Span(start, stop), [Span(start, end)])
    ]
    if kept:
        cursor.executemany("INSERT INTO coverage VALUES (?, ?, ?, ?, ?, ?)", kept)

"""The table of events: pages by keyset, newest first, and single events with their raw JSON.

A page looks into windows of time that grow until it is full, so that a common choice reads an hour
and a rare one still ends.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pandas as pd

from lib.activity.event import COLUMNS
from lib.activity.filters import Filters, condition
from lib.activity.queries import chosen_source
from lib.store.events import EventStore
from lib.store.times import naive_utc

PAGE_COLUMNS: Final = tuple(name for name in COLUMNS if name != "raw")
_FIRST_WINDOW: Final = timedelta(hours=6)
_GROWTH: Final = 4


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last event of a page; the next page begins right before it."""

    occurred_at: datetime
    event_id: str

    def __str__(self) -> str:
        """For a link: time in microseconds and id, no personal data."""
        at = naive_utc(self.occurred_at).isoformat(timespec="microseconds")
        return f"{at}~{self.event_id}"

    @classmethod
    def parse(cls, text: str) -> "Cursor | None":
        """The cursor of a link; None if it isn't one."""
        at, mark, event_id = text.partition("~")
        try:
            moment = datetime.fromisoformat(at).replace(tzinfo=UTC)
        except ValueError:
            return None
        return cls(moment, event_id) if mark and event_id else None


@dataclass(frozen=True, slots=True)
class Page:
    """Events, newest first, with every column but `raw`, times aware in UTC; `next` None = end."""

    frame: pd.DataFrame
    next: Cursor | None


def page(
    events: EventStore, filters: Filters, *, limit: int = 100, before: Cursor | None = None
) -> Page:
    """A page of the newest events of a choice, or of those before a cursor."""
    source = chosen_source(events, filters)
    found: list[tuple[Any, ...]] = []
    high = filters.until
    if before is not None:
        high = min(high, before.occurred_at + timedelta(microseconds=1))
    window = _FIRST_WINDOW
    while len(found) <= limit and high > filters.since:
        low = max(filters.since, high - window)
        where = condition(filters.between(low, high), source)
        sql, parameters = where.sql, [*where.parameters]
        if before is not None:
            sql += " AND (occurred_at < ? OR (occurred_at = ? AND event_id < ?))"
            at = naive_utc(before.occurred_at)
            parameters += [at, at, before.event_id]
        wanted = limit + 1 - len(found)
        look = _by_text if filters.text else _plainly
        found += look(events, sql, parameters, wanted)
        high, window = low, window * _GROWTH
    more = len(found) > limit
    frame = _frame(found[:limit])
    last = frame.iloc[-1] if more else None
    cursor = None if last is None else Cursor(last["occurred_at"], str(last["event_id"]))
    return Page(frame, cursor)


def event(
    events: EventStore,
    profile: str,
    source: str,
    event_id: str,
    *,
    occurred_at: datetime | None = None,
) -> dict[str, Any] | None:
    """One event with all its columns, `raw` too; None if there is none.

    `occurred_at`, where it is known, makes the search quick.
    """
    sql, parameters = "", [profile, source, event_id]
    if occurred_at is not None:
        sql, parameters = " AND occurred_at = ?", [*parameters, naive_utc(occurred_at)]  # type: ignore[list-item]
    found = events.rows(
        f"SELECT {', '.join(COLUMNS)} FROM events"  # noqa: S608  # our own names
        f" WHERE profile = ? AND source = ? AND event_id = ?{sql} LIMIT 1",
        parameters,
    )
    if not found:
        return None
    values = dict(zip(COLUMNS, found[0], strict=True))
    for name in ("occurred_at", "received_at"):
        values[name] = values[name].replace(tzinfo=UTC)
    return values


_ORDERED: Final = "ORDER BY occurred_at DESC, event_id DESC LIMIT ?"
_SLACK: Final = 1_000


def _plainly(
    events: EventStore, sql: str, parameters: list[Any], wanted: int
) -> list[tuple[Any, ...]]:
    return events.rows(
        f"SELECT {', '.join(PAGE_COLUMNS)} FROM events WHERE {sql} {_ORDERED}",  # noqa: S608
        [*parameters, wanted],
    )


def _by_text(
    events: EventStore, sql: str, parameters: list[Any], wanted: int
) -> list[tuple[Any, ...]]:
    """As `_plainly`, but finds the moments before it reads all columns.

    A search in several columns can't be pushed into the scan, which would then read thirty columns
    of everything. The moments are found first, with slack for rows of the same one; without any
    there is nothing to read.
    """
    most = wanted + _SLACK
    moments = events.rows(
        f"SELECT occurred_at FROM events WHERE {sql}"  # noqa: S608  # our own names
        " ORDER BY occurred_at DESC LIMIT ?",
        [*parameters, most],
    )
    if not moments:
        return []
    at = [moment for (moment,) in moments]
    if len(at) == most and at[-1] == at[wanted - 1]:
        return _plainly(events, sql, parameters, wanted)  # the slack ends inside one moment
    return _plainly(
        events,
        f"{sql} AND occurred_at BETWEEN ? AND ? AND occurred_at IN (SELECT unnest(?))",
        [*parameters, at[-1], at[0], at],
        wanted,
    )


def _frame(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(PAGE_COLUMNS))
    for name in ("occurred_at", "received_at"):
        frame[name] = pd.to_datetime(frame[name], utc=True).astype("datetime64[us, UTC]")
    return frame

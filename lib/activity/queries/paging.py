"""The table of events: pages by keyset, newest first, and single events with their raw JSON.

A page looks into windows of time that grow until it is full, so that a common choice reads an hour
and a rare one still ends.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pandas as pd

from lib.activity.model.event import COLUMNS
from lib.activity.queries.filters import Condition, Filters, condition
from lib.activity.queries.source_of_record import chosen
from lib.store.events.events import EventStore
from lib.store.times import naive_utc

PAGE_COLUMNS: Final = tuple(name for name in COLUMNS if name != "raw")
_FIRST_WINDOW: Final = timedelta(hours=6)
_GROWTH: Final = 4


@dataclass(frozen=True, slots=True)
class EventCursor:
    """The last event of a page; the next page begins right before it."""

    occurred_at: datetime
    event_id: str

    def __str__(self) -> str:
        """For a link: time in microseconds and id, no personal data."""
        at = naive_utc(self.occurred_at).isoformat(timespec="microseconds")
        return f"{at}~{self.event_id}"

    @classmethod
    def parse(cls, text: str) -> "EventCursor | None":
        """The cursor of a link; None if it isn't one."""
        at, mark, event_id = text.partition("~")
        try:
            instant = datetime.fromisoformat(at).replace(tzinfo=UTC)
        except ValueError:
            return None
        return cls(instant, event_id) if mark and event_id else None


@dataclass(frozen=True, slots=True)
class PageOfEvents:
    """Events, newest first, with every column but `raw`, times aware in UTC; `next` None = end."""

    frame: pd.DataFrame
    next: EventCursor | None


def page(
    events: EventStore, filters: Filters, *, limit: int = 100, before: EventCursor | None = None
) -> PageOfEvents:
    """A page of the newest events of a choice, or of those before a cursor."""
    filters, source = chosen(events, filters)
    whole, *windows = _conditions(filters, source, before)
    if filters.text:
        found = _by_text(events, whole, windows, limit + 1)
    else:
        found = _plainly(events, windows, limit + 1)
    more = len(found) > limit
    frame = _frame(found[:limit])
    last = frame.iloc[-1] if more else None
    cursor = None if last is None else EventCursor(last["occurred_at"], str(last["event_id"]))
    return PageOfEvents(frame, cursor)


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


def _conditions(filters: Filters, source: str, before: EventCursor | None) -> list[Condition]:
    """That of the whole period, and those of windows that grow into the past, newest first."""
    high, window = filters.until, _FIRST_WINDOW
    earlier = Condition("true", ())
    if before is not None:
        high = min(high, before.occurred_at + timedelta(microseconds=1))
        at = naive_utc(before.occurred_at)
        earlier = Condition(
            "(occurred_at < ? OR (occurred_at = ? AND event_id < ?))", (at, at, before.event_id)
        )
    found = [condition(filters, source) & earlier]
    while high > filters.since:
        low = max(filters.since, high - window)
        found.append(condition(filters.between(low, high), source) & earlier)
        high, window = low, window * _GROWTH
    return found


def _plainly(
    events: EventStore, windows: Sequence[Condition], requested: int
) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = []
    for where in windows:
        found += events.rows(
            f"SELECT {', '.join(PAGE_COLUMNS)} FROM events WHERE {where.sql} {_ORDERED}",  # noqa: S608
            [*where.parameters, requested - len(found)],
        )
        if len(found) >= requested:
            break
    return found


def _by_text(
    events: EventStore, whole: Condition, windows: Sequence[Condition], requested: int
) -> list[tuple[Any, ...]]:
    """As `_plainly`, but finds the moments before it reads all columns.

    A search in several columns can't be pushed into the scan, which would then read thirty columns
    of everything. The moments are found first, with slack for rows of the same one; without any
    there is nothing to read.
    """
    most = requested + _SLACK
    at: list[datetime] = []
    for where in windows:
        instants = events.rows(
            f"SELECT occurred_at FROM events WHERE {where.sql}"  # noqa: S608
            " ORDER BY occurred_at DESC LIMIT ?",
            [*where.parameters, most - len(at)],
        )
        at += [instant for (instant,) in instants]
        if len(at) >= requested:
            break
    if not at:
        return []
    if len(at) == most and at[-1] == at[requested - 1]:
        return _plainly(events, windows, requested)  # the slack ends inside one moment
    last = at[:requested][-1]
    at = [instant for instant in at if instant >= last]
    return _plainly(
        events,
        [
            whole
            & Condition(
                "occurred_at BETWEEN ? AND ? AND occurred_at IN (SELECT unnest(?))",
                (at[-1], at[0], at),
            )
        ],
        requested,
    )


def _frame(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(PAGE_COLUMNS))
    for name in ("occurred_at", "received_at"):
        frame[name] = pd.to_datetime(frame[name], utc=True).astype("datetime64[us, UTC]")
    return frame

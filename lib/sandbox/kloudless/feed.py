"""An account's event log, as Kloudless collects it: in order of arrival, each with a cursor.

A cursor is an integer that grows: the second of the event and its place within it, or the next
number after the newest when an event arrives late. It follows from the events alone, so a cursor
that was kept still fits after a restart. Only the newest events of the retention are given out
(hosted Kloudless: 10,000 events and 24 hours); a cursor behind a loss is refused.
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lib.sandbox.world import World

_PAGE = 500
_SLOTS = 100_000  # cursors within one second
_CHUNK = timedelta(hours=1)
_EXTRA = timedelta(hours=1)
_LATEST = timedelta(minutes=10)  # no delivery of the sandbox's Box is later than that
_ADMIN_STREAM = "admin_logs"
_ADMIN_LIVE = "admin_logs_streaming"
_USER_STREAM = "all"


class CursorLost(ValueError):
    """A cursor that was never given out, or whose following events are gone."""


@dataclass(frozen=True, slots=True)
class CollectedEvent:
    """One collected event of Box with its cursor and time (UTC)."""

    cursor: int
    at: datetime
    event: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Slice:
    """A page of a log: its entries, the cursor to go on from, and how many remain after it."""

    entries: tuple[CollectedEvent, ...]
    cursor: int
    remaining: int


class Feed:
    """The log of one account: of the whole enterprise (`admin`) or of one person.

    A person whom Box does not know has an empty log. `since` is when tracking began: nothing
    older is ever given out. `heard` are the admin events that were emitted since the start: they
    reach an organisation's log at once, before Box's own delay. Safe between threads.
    """

    def __init__(
        self,
        world: "World",
        *,
        admin: bool,
        person_id: str | None,
        since: datetime,
        retention: timedelta,
        most: int,
        heard: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        self._world = world
        self._person = None if person_id is None else world.person(person_id)
        self._admin = admin
        self._since = since
        self._retention = retention
        self._most = most
        self._heard = heard if admin else ()
        self._heard_to = 0
        self._entries: list[CollectedEvent] = []
        self._seen: set[str] = set()
        self._position: int | None = None
        self._floor = self.cursor_at(since)
        self._lock = threading.Lock()

    @staticmethod
    def cursor_at(instant: datetime) -> int:
        """The cursor before any event of that second."""
        return int(instant.timestamp()) * _SLOTS

    def page(  # the parameters of the call
        self,
        after: int | None,
        size: int,
        *,
        start: datetime | None = None,
        until: datetime | None = None,
        not_before: int = 0,
    ) -> Slice:
        """The next `size` events after a cursor (None: from the oldest kept one).

        `start` and `until` bound the events' time, [start, until); `not_before` is a cursor below
        which nothing is given. Raises CursorLost.
        """
        with self._lock:
            self._collect()
            kept, lost = self._kept()
            if after is not None and (after < lost or after > self._newest(lost)):
                raise CursorLost(str(after))
            low = max(after or 0, not_before)
            found = [
                entry
                for entry in kept
                if entry.cursor > low
                and (start is None or entry.at >= start)
                and (until is None or entry.at < until)
            ]
            given = tuple(found[:size])
            if given:
                cursor = given[-1].cursor
            else:
                cursor = after if after is not None else self._newest(lost)
            return Slice(given, cursor, len(found) - len(given))

    def latest(self) -> int:
        """The cursor of the newest event."""
        with self._lock:
            self._collect()
            return self._newest(self._kept()[1])

    def _newest(self, lost: int) -> int:
        return self._entries[-1].cursor if self._entries else lost

    def _kept(self) -> tuple[list[CollectedEvent], int]:
        """The entries of the retention, and the cursor up to which events may have been lost."""
        horizon = max(self._world.as_of() - self._retention, self._since)
        first = next(
            (place for place, entry in enumerate(self._entries) if entry.at >= horizon),
            len(self._entries),
        )
        first = max(first, len(self._entries) - self._most)
        if first > 0:
            return self._entries[first:], self._entries[first - 1].cursor
        return self._entries, self._floor

    def _collect(self) -> None:
        if not self._admin and self._person is None:
            return
        if self._position is None:
            self._begin()
        self._follow()
        while self._heard_to < len(self._heard):
            self._add(self._heard[self._heard_to])
            self._heard_to += 1
        overflow = len(self._entries) - 2 * self._most
        if overflow > 0:
            for entry in self._entries[:overflow]:
                self._seen.discard(str(entry.event["event_id"]))
            del self._entries[:overflow]

    def _begin(self) -> None:
        """Collects what was there before this process began: in order of time, not of arrival."""
        end = self._world.as_of()
        start = max(end - self._retention - _EXTRA, self._since)
        self._floor = self.cursor_at(start)
        if self._admin:
            self._position = self._world.position_at(_ADMIN_LIVE, end - _LATEST)
            for event in self._history(start, end):
                self._add(event)
            return
        self._position = self._world.position_at(_USER_STREAM, start - _LATEST, self._person)
        arrived = [event for page in self._pages() for event in page]
        arrived.sort(key=_time)
        for event in arrived:
            if _time(event) >= start:
                self._add(event)

    def _follow(self) -> None:
        for page in self._pages():
            for event in page:
                self._add(event)

    def _pages(self) -> Iterator[Sequence[Mapping[str, Any]]]:
        """The pages of Box's stream from our position on, which moves along."""
        while True:
            position = self._position or 0
            if self._person is None:
                page = self._world.enterprise_events(_ADMIN_LIVE, position=position, limit=_PAGE)
            else:
                page = self._world.user_events(
                    self._person, _USER_STREAM, position=position, limit=_PAGE
                )
            if not page.entries:
                return
            yield page.entries
            self._position = page.next_position
            if page.next_position == position:
                return

    def _add(self, event: Mapping[str, Any]) -> None:
        event_id = str(event["event_id"])
        if event_id in self._seen:
            return
        at = _time(event)
        if at < self._since:
            return
        newest = self._entries[-1].cursor if self._entries else 0
        self._seen.add(event_id)
        self._entries.append(CollectedEvent(max(newest + 1, self.cursor_at(at) + 1), at, event))

    def _history(self, start: datetime, end: datetime) -> Iterator[Mapping[str, Any]]:
        """The admin log of a span, oldest first; of its beginning only what fits the log."""
        chunks: list[list[Mapping[str, Any]]] = []
        found = 0
        while end > start and found <= self._most:
            begin = max(end - _CHUNK, start)
            chunks.append(list(self._between(begin, end)))
            found += len(chunks[-1])
            end = begin
        for chunk in reversed(chunks):
            yield from chunk

    def _between(self, begin: datetime, end: datetime) -> Iterator[Mapping[str, Any]]:
        position: int | None = None
        while True:
            page = self._world.enterprise_events(
                _ADMIN_STREAM,
                position=position,
                limit=_PAGE,
                created_after=begin,
                created_before=end,
            )
            yield from page.entries
            if not page.entries or page.next_position == position:
                return
            position = page.next_position


def _time(event: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(str(event["created_at"])).astimezone(UTC)

"""The five event streams: positions, pages, retention, and the ways in which they are untidy.

A position encodes the time of a delivery and is above 2**53; every stream, filter and person has an
offset of its own, so positions are of no use elsewhere. `admin_logs` is in order and without
repeats; the others repeat and reorder, always in the same way. Facts: developer.box.com, GET
/events and the guide about stream types.
"""

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from lib.sandbox.world import kinds
from lib.sandbox.world.clockwork import ordinal_of, to_ms
from lib.sandbox.world.day import Days
from lib.sandbox.world.day_cache import DayCache, Delivery
from lib.sandbox.world.mixing import mix, salt
from lib.sandbox.world.model import Action, Event, Person, StreamPage
from lib.sandbox.world.render import Renderer
from lib.sandbox.world.tree import Tree

ADMIN_LOGS, STREAMING = "admin_logs", "admin_logs_streaming"
KEPT = {
    ADMIN_LOGS: timedelta(days=365),
    STREAMING: timedelta(days=14),
    "all": timedelta(days=21),
    "changes": timedelta(days=21),
    "sync": timedelta(days=31),
}
STREAMING_BUFFER_MS = 12_000  # what happened since then is not yet in front of the cursor
_USER_DELAY_MS = 2_000
_BUCKET_MS = 600_000  # a delivery is never later than the end of its ten minutes
_SEQUENCE_BITS = 20
_EMITTED_BIT = 1 << (_SEQUENCE_BITS - 1)
_LEAST_OFFSET = 1 << 58
_CACHED_ACTIONS = 60_000


@dataclass(frozen=True, slots=True)
class StreamTimes:
    """What the streams need to know of time, in milliseconds since 1970.

    `planted_until` ends what was there at the start, `end` is the end of the world now, `now` the
    clock's time, `oldest` the first event of all, `live` whether days after `planted_until` exist.
    """

    planted_until: int
    end: int
    now: int
    oldest: int
    live: bool


class Streams:
    """Hands out pages. The caller holds a lock."""

    def __init__(self, seed: int, days: Days, tree: Tree, renderer: Renderer) -> None:
        self._seed = seed
        self._days = days
        self._tree = tree
        self._renderer = renderer
        self._untidy = salt(seed, "untidy streams")
        self._lags = salt(seed, "late arrivals")
        self._actions = DayCache(_CACHED_ACTIONS)
        self._deliveries = DayCache(_CACHED_ACTIONS)
        self._kinds_of: OrderedDict[int, frozenset[str]] = OrderedDict()
        self._emitted: list[Action] = []

    # ------------------------------------------------------------------ what was emitted

    def emit(self, actions: Sequence[Action]) -> None:
        """Adds events of the present; their times never go back."""
        self._emitted += actions

    @property
    def emitted(self) -> Sequence[Action]:
        """Everything emitted since the start, oldest first."""
        return self._emitted

    # ------------------------------------------------------------------ positions

    def offset(self, stream: str, person: Person | None, types: frozenset[str]) -> int:
        """What makes the positions of a stream, person and filter their own."""
        name = f"offset:{stream}:{person.id if person else ''}:{','.join(sorted(types))}"
        return _LEAST_OFFSET + salt(self._seed, name) % (3 * _LEAST_OFFSET)

    def now_position(
        self, stream: str, person: Person | None, types: frozenset[str], instant: StreamTimes
    ) -> int:
        """The position of the newest event that can be read, or else the end of what is planted."""
        newest = (instant.planted_until << _SEQUENCE_BITS) - 1
        last = ordinal_of(instant.end - 1)
        days = {ordinal_of(a.t) for a in self._emitted}
        if instant.live:
            days |= set(range(ordinal_of(instant.planted_until), last + 1))
        for ordinal in sorted(days, reverse=True):
            listed = self._day(stream, person, ordinal, instant)
            seen = next((d for d in reversed(listed) if self._is_there(stream, d, instant)), None)
            if seen is not None:
                newest = max(newest, seen.key)
                break
        return self.offset(stream, person, types) + newest

    def position_at(self, stream: str, person: Person | None, ms: int) -> int:
        """The position behind which the deliveries from a moment on come, without a filter."""
        return self.offset(stream, person, frozenset()) + (ms << _SEQUENCE_BITS) - 1

    # ------------------------------------------------------------------ pages

    def page(
        self,
        stream: str,
        person: Person | None,
        instant: StreamTimes,
        *,
        position: int | None,
        limit: int,
        after: datetime | None = None,
        before: datetime | None = None,
        types: frozenset[str] = frozenset(),
    ) -> StreamPage:
        """The events behind a position, at most `limit`, sometimes fewer though more are there."""
        offset = self.offset(stream, person, types)
        oldest = max(instant.oldest, instant.end - KEPT[stream] // timedelta(milliseconds=1))
        start = (oldest << _SEQUENCE_BITS) - 1
        if position is not None and position > 0:
            start = max(start, position - offset)
        window = (_seconds(after), _seconds(before))
        first = start
        if window[0] is not None:
            first = max(first, (window[0] << _SEQUENCE_BITS) - 1)
        size = self._page_size(first, limit)
        found: list[Delivery] = []
        for delivery in self._scan(stream, person, instant, first, window[1], types):
            found.append(delivery)
            if len(found) >= size:
                break
        next_key = found[-1].key if found else start
        if position is not None and position > 0 and not found:
            return StreamPage([], position)
        return StreamPage(self._render(found, person), offset + next_key)

    def _page_size(self, key: int, limit: int) -> int:
        chance = mix(self._untidy, key, 5)
        if chance % 5:
            return limit
        return max(1, limit * (55 + (chance >> 8) % 45) // 100)

    def _render(self, found: Sequence[Delivery], person: Person | None) -> list[Event]:
        if person is None:
            return [self._renderer.admin(d.action) for d in found]
        return [self._renderer.user(d.action, person.index) for d in found]

    def _scan(
        self,
        stream: str,
        person: Person | None,
        instant: StreamTimes,
        start: int,
        before: int | None,
        types: frozenset[str],
    ) -> Iterator[Delivery]:
        first = ordinal_of(start >> _SEQUENCE_BITS)
        for ordinal in self._ordinals(first, instant):
            if before is not None and ordinal > ordinal_of(before):
                return
            if types and not types & self._types(ordinal, instant):
                continue
            listed = self._day(stream, person, ordinal, instant)
            place = bisect_right(listed, start, key=_key)
            for delivery in listed[place:] if place else listed:
                action = delivery.action
                if before is not None and action.t // 1000 * 1000 >= before:
                    if stream == ADMIN_LOGS:
                        break
                    continue
                if types and action.kind not in types:
                    continue
                if self._is_there(stream, delivery, instant):
                    yield delivery

    def _ordinals(self, first: int, instant: StreamTimes) -> list[int]:
        last = ordinal_of(instant.end - 1)
        extra = {ordinal_of(a.t) for a in self._emitted}
        return sorted({*range(first, last + 1), *(o for o in extra if o >= first)})

    def _types(self, ordinal: int, instant: StreamTimes) -> frozenset[str]:
        emitted = frozenset(a.kind for a in self._emitted if ordinal_of(a.t) == ordinal)
        if ordinal > ordinal_of(instant.end - 1):
            return emitted
        found = self._kinds_of.get(ordinal)
        if found is None:
            found = frozenset(self._days.count(ordinal))
            self._kinds_of[ordinal] = found
            if len(self._kinds_of) > KEPT[ADMIN_LOGS].days + 2:
                self._kinds_of.popitem(last=False)
        return found | emitted

    # ------------------------------------------------------------------ visibility

    def _is_there(self, stream: str, delivery: Delivery, instant: StreamTimes) -> bool:
        if delivery.key & _EMITTED_BIT:
            return self._settled(stream, delivery, instant)
        if delivery.action.t < instant.planted_until:
            return True
        return instant.live and self._settled(stream, delivery, instant)

    def _settled(self, stream: str, delivery: Delivery, instant: StreamTimes) -> bool:
        action = delivery.action
        if stream == ADMIN_LOGS:
            return action.t + self._lag(action) <= instant.now
        delay = STREAMING_BUFFER_MS if stream == STREAMING else _USER_DELAY_MS
        return (delivery.key >> _SEQUENCE_BITS) + delay <= instant.now

    def _lag(self, action: Action) -> int:
        """How late an event reaches admin_logs: most within 25 s, one in eight up to 2 minutes."""
        chance = mix(self._lags, action.t, action.serial)
        if chance & 7 == 0:
            return 40_000 + (chance >> 8) % 80_000
        return 10_000 + (chance >> 8) % 15_000

    def in_history(self, action: Action, instant: StreamTimes) -> bool:
        """Whether `admin_logs` already shows an action of the live part."""
        return action.t < instant.planted_until or action.t + self._lag(action) <= instant.now

    # ------------------------------------------------------------------ deliveries of a day

    def _history(self, ordinal: int) -> list[Delivery]:
        return self._actions.get(
            ordinal,
            lambda: [
                Delivery(a.t << _SEQUENCE_BITS | (place & (_EMITTED_BIT - 1)), a)
                for place, a in enumerate(self._days.actions(ordinal))
            ],
        )

    def _day(
        self, stream: str, person: Person | None, ordinal: int, instant: StreamTimes
    ) -> list[Delivery]:
        planned = ordinal <= ordinal_of(instant.end - 1)
        listed: list[Delivery] = []
        if planned and stream == ADMIN_LOGS:
            listed = self._history(ordinal)
        elif planned:
            until = instant.planted_until
            key = (stream, person.id if person else None, ordinal)
            listed = self._deliveries.get(
                key, lambda: self._untidy_day(stream, person, ordinal, until)
            )
        added = self._emitted_of(stream, person, ordinal)
        if not added:
            return listed
        return sorted([*listed, *added], key=_key)

    def _emitted_of(self, stream: str, person: Person | None, ordinal: int) -> list[Delivery]:
        return [
            Delivery(a.t << _SEQUENCE_BITS | _EMITTED_BIT | (place & (_EMITTED_BIT - 1)), a)
            for place, a in enumerate(self._emitted)
            if ordinal_of(a.t) == ordinal and (person is None or self._concerns(stream, person, a))
        ]

    def _untidy_day(
        self, stream: str, person: Person | None, ordinal: int, until: int
    ) -> list[Delivery]:
        chosen = (
            (place, a)
            for place, (_, a) in enumerate(self._history(ordinal))
            if person is None or self._concerns(stream, person, a)
        )
        key = mix(self._untidy, person.index if person else -1)
        found: list[Delivery] = []
        for place, action in chosen:
            chance = mix(key, action.t, action.serial)
            first = action.t
            if chance & 31 == 0:
                first = _later(action.t, 1_000 + (chance >> 16) % 45_000, until)
            sequence = (place << 1) & (_EMITTED_BIT - 1)
            found.append(Delivery(first << _SEQUENCE_BITS | sequence, action))
            if chance >> 5 & 63 == 0:
                again = _later(first, 2_000 + (chance >> 32) % 90_000, until)
                found.append(Delivery(again << _SEQUENCE_BITS | sequence | 1, action))
        found.sort(key=_key)
        return found

    def _concerns(self, stream: str, person: Person, action: Action) -> bool:
        """Whether a person's stream tells of an action."""
        name = kinds.USER_KINDS.get(action.kind)
        if name is None or (stream != "all" and name in kinds.ALL_ONLY):
            return False
        if action.extra is not None and "full" in action.extra:
            by = action.extra["by"]["id"]
            return stream != "sync" and person.id in (by, action.extra["owner_id"])
        if action.item is None:
            return name == "ENABLE_TWO_FACTOR_AUTH" and action.actor == person.index
        index = ~action.item if action.item < 0 else self._tree.ids.decode(action.item)[0]
        owns = self._tree.owner_of(index) == person.index
        if action.kind in kinds.OWNER_ONLY or (name.startswith("COLLAB_") and stream != "all"):
            mine = owns
        else:
            mine = owns or action.actor == person.index
        return mine and (stream != "sync" or self._tree.folder(index).synced)


def _key(delivery: Delivery) -> int:
    return delivery.key


def _later(ms: int, delay: int, until: int) -> int:
    """A moment later on, but within the same ten minutes and the planted world."""
    end = ms // _BUCKET_MS * _BUCKET_MS + _BUCKET_MS
    if ms < until:
        end = min(end, until)
    return max(ms, min(ms + delay, end - 1))


def _seconds(instant: datetime | None) -> int | None:
    """Milliseconds of a bound, rounded up to whole seconds as `created_at` shows them."""
    if instant is None:
        return None
    return -(-to_ms(instant) // 1000) * 1000

"""The truth about a world: what a reader of all of admin_logs must find, counted day by day.

Whole days are counted without making their events; only the day that is not over yet is made. The
numbers of a day are kept, its events are not.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from threading import Lock
from typing import Any

from lib.sandbox.world.clockwork import from_ms, ordinal_of, start_of
from lib.sandbox.world.day import Days
from lib.sandbox.world.incidents import Planted
from lib.sandbox.world.model import ANONYMOUS, Action
from lib.sandbox.world.people import Directory
from lib.sandbox.world.render import Renderer
from lib.sandbox.world.streams import Streams, StreamTimes

_SETTLING_MS = 180_000  # longer than any live event needs to reach admin_logs
_KEPT_DAYS = 400


class Truth:
    """Counts a world; safe for threads, and never in the way of the streams."""

    def __init__(
        self, directory: Directory, days: Days, streams: Streams, renderer: Renderer
    ) -> None:
        self._directory = directory
        self._days = days
        self._streams = streams
        self._renderer = renderer
        self._counted: dict[int, Counter[str]] = {}
        self._lock = Lock()

    def tell(self, instant: StreamTimes, emitted: Sequence[Action]) -> dict[str, Any]:
        """`users`, `events` and `incidents` of the truth."""
        with self._lock:
            return self._tell(instant, emitted)

    def _tell(self, instant: StreamTimes, emitted: Sequence[Action]) -> dict[str, Any]:
        by_type: Counter[str] = Counter()
        by_day: Counter[int] = Counter()
        for ordinal, counted in self._each_day(instant, emitted):
            by_type.update(counted)
            by_day[ordinal] += counted.total()
        return {
            "users": dict(Counter(p.kind for p in self._directory.people)),
            "events": {
                "total": by_type.total(),
                "by_type": dict(sorted(by_type.items())),
                "by_day": {
                    date.fromordinal(o).isoformat(): number for o, number in sorted(by_day.items())
                },
            },
            "incidents": list(self._incidents(instant)),
        }

    def _each_day(
        self, instant: StreamTimes, emitted: Sequence[Action]
    ) -> Iterator[tuple[int, Counter[str]]]:
        for ordinal in range(ordinal_of(instant.oldest), ordinal_of(instant.end - 1) + 1):
            over = start_of(ordinal + 1)
            settled = over <= instant.planted_until or over + _SETTLING_MS <= instant.now
            if settled and over <= instant.end:
                yield ordinal, self._whole(ordinal)
            else:
                kinds = (a.kind for a in self._days.actions(ordinal) if self._shown(a, instant))
                yield ordinal, Counter(kinds)
        for action in emitted:
            if self._streams.in_history(action, instant):
                yield ordinal_of(action.t), Counter((action.kind,))

    def _whole(self, ordinal: int) -> Counter[str]:
        found = self._counted.get(ordinal)
        if found is None:
            found = self._days.count(ordinal)
            self._counted[ordinal] = found
            if len(self._counted) > _KEPT_DAYS:
                del self._counted[next(iter(self._counted))]
        return found

    def _shown(self, action: Action, instant: StreamTimes) -> bool:
        return action.t < instant.end and self._streams.in_history(action, instant)

    def _incidents(self, instant: StreamTimes) -> Iterator[dict[str, Any]]:
        for ordinal in range(ordinal_of(instant.oldest), ordinal_of(instant.end - 1) + 1):
            for planted in self._days.planted(ordinal):
                shown = sorted(a for a in planted.actions if self._shown(a, instant))
                if planted.detection is not None and shown:
                    yield self._incident(planted, shown)

    def _incident(self, planted: Planted, shown: list[Action]) -> dict[str, Any]:
        actor = None if planted.actor is None else self._directory.people[planted.actor].id
        if actor is None and all(a.actor == ANONYMOUS for a in shown):
            actor = "2"
        return {
            "detection": planted.detection,
            "actor_id": actor,
            "from": rfc3339(from_ms(shown[0].t)),
            "to": rfc3339(from_ms(shown[-1].t)),
            "event_ids": [self._renderer.event_id(a) for a in shown],
        }


def rfc3339(instant: datetime) -> str:
    """A time in UTC, to the second."""
    return instant.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")

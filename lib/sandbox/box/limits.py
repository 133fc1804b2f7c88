"""Box's call limits: 1000 a minute per user, search 6 a second and 60 a minute (reference, 8.2)."""

from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `calls` in any `seconds`."""

    name: str
    calls: int
    seconds: float


GENERAL = Limit("general", 1000, 60)
SEARCH_SECOND = Limit("search-second", 6, 1)
SEARCH_MINUTE = Limit("search-minute", 60, 60)
SEARCH_ENTERPRISE = Limit("search-enterprise", 12, 1)


class Limiter:
    """Counts calls in sliding windows. `clock` gives monotonic seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._calls: dict[tuple[str, str], deque[float]] = defaultdict(deque)

    def spend(self, who: str, limit: Limit) -> int:
        """0 when the call is admitted (and counted), else whole seconds to wait."""
        now = self._clock()
        calls = self._calls[limit.name, who]
        while calls and calls[0] <= now - limit.seconds:
            calls.popleft()
        if len(calls) >= limit.calls:
            return max(1, ceil(calls[0] + limit.seconds - now))
        calls.append(now)
        return 0

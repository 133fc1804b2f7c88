"""Box's call limits: 1000 a minute per user, search 6 a second and 60 a minute (reference, 8.2)."""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable
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

    def spend(self, budgets: Iterable[tuple[str, Limit]]) -> int:
        """0 when every limit admits the call (it counts for each), else whole seconds to wait.

        A budget is whom it counts for and the limit. A refused call counts for none.
        """
        now = self._clock()
        windows = [(self._window(who, limit, now), limit) for who, limit in budgets]
        waits = [
            window[0] + limit.seconds - now
            for window, limit in windows
            if len(window) >= limit.calls
        ]
        if waits:
            return max(1, ceil(max(waits)))
        for window, _ in windows:
            window.append(now)
        return 0

    def forget(self, prefix: str) -> None:
        """Counts no longer for whose name begins so."""
        for key in [key for key in self._calls if key[1].startswith(prefix)]:
            del self._calls[key]

    def _window(self, who: str, limit: Limit, now: float) -> deque[float]:
        calls = self._calls[limit.name, who]
        while calls and calls[0] <= now - limit.seconds:
            calls.popleft()
        return calls

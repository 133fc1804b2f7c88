"""A budget for calls: never ask more often than the other side admits, and leave room for pages.

Box admits 1000 API requests a minute and user (Box developer documentation, rate limits).
Background work may use all but a reserved share of it, so that a page never waits behind a sync.
When the other side still answers 429, everybody who shares that budget waits as long as it asked.

The counting is pyrate-limiter's in-memory bucket. Its `Limiter` isn't used: it sleeps on its own
clock, starts a thread for every bucket and knows neither priorities nor a pause.
"""

import time
from collections.abc import Callable
from threading import Lock
from typing import Final

import httpx
from pyrate_limiter import InMemoryBucket, Rate, RateItem

from lib.core import causes
from lib.core.errors import RateLimited
from lib.http.context import Priority, context_of

BOX_CALLS_PER_MINUTE: Final = 1000
RESERVED_FOR_PAGES: Final = 40
# A little more than Box's minute, because requests arrive more bunched than they left.
_WINDOW_MS: Final = 60_100
_NEVER: Final = -1
_IDENTITIES_KEPT: Final = 1000


class _Account:
    """The calls of one identity during the last minute."""

    def __init__(self, limit: int, reserved: int) -> None:
        self.lock = Lock()
        self.all = InMemoryBucket([Rate(limit, _WINDOW_MS)])
        self.background = InMemoryBucket([Rate(max(1, limit - reserved), _WINDOW_MS)])
        self.paused_until_ms = 0


class Budget:
    """Calls per minute for each identity, shared by every client that was given this object.

    `limit` is calls a minute, `reserved` the part of it that background work leaves to pages.
    A page that would have to wait longer than `page_wait_s` gets RateLimited instead.
    """

    def __init__(
        self,
        limit: int = BOX_CALLS_PER_MINUTE,
        reserved: int = RESERVED_FOR_PAGES,
        *,
        page_wait_s: float = 10.0,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.limit = limit
        self.reserved = reserved
        self._page_wait_s = page_wait_s
        self._monotonic = monotonic
        self._sleep = sleep
        self._accounts: dict[str, _Account] = {}
        self._lock = Lock()

    def acquire(self, identity: str, priority: Priority) -> None:
        """Wait until this identity may make one more call.

        Raises RateLimited when a page would wait too long.
        """
        account = self._account(identity)
        patience = self._page_wait_s if priority is Priority.PAGES else None
        deadline = None if patience is None else self._monotonic() + patience
        if priority is Priority.BACKGROUND:
            self._take(account, account.background, deadline)
        self._take(account, account.all, deadline)

    def pause(self, identity: str, seconds: float) -> None:
        """Let nobody of this identity call for so many seconds."""
        account = self._account(identity)
        with account.lock:
            until = self._now_ms() + int(seconds * 1000)
            account.paused_until_ms = max(account.paused_until_ms, until)

    def used(self, identity: str) -> int:
        """Calls that this identity made during the last minute."""
        account = self._account(identity)
        with account.lock:
            account.all.leak(self._now_ms())
            return account.all.count()

    def _take(self, account: _Account, bucket: InMemoryBucket, deadline: float | None) -> None:
        while wait_ms := self._try(account, bucket):
            wait_s = wait_ms / 1000
            if deadline is not None and self._monotonic() + wait_s > deadline:
                raise _too_long(wait_s)
            self._sleep(wait_s)

    def _try(self, account: _Account, bucket: InMemoryBucket) -> int:
        """Take a place; 0, or the milliseconds until it is worth trying again."""
        with account.lock:
            now = self._now_ms()
            if now < account.paused_until_ms:
                return account.paused_until_ms - now
            bucket.leak(now)
            item = RateItem("call", now)
            if bucket.put(item):
                return 0
            wait = bucket.waiting(item)
            return max(1, wait) if isinstance(wait, int) and wait != _NEVER else _WINDOW_MS

    def _account(self, identity: str) -> _Account:
        with self._lock:
            if identity not in self._accounts:
                if len(self._accounts) >= _IDENTITIES_KEPT:
                    self._accounts.pop(next(iter(self._accounts)))
                self._accounts[identity] = _Account(self.limit, self.reserved)
            return self._accounts[identity]

    def _now_ms(self) -> int:
        return int(self._monotonic() * 1000)


SHARED_BUDGET: Final = Budget()
"""What clients share unless they were given another one: Box counts per user, not per client."""


class BudgetTransport(httpx.BaseTransport):
    """Spends one call of the budget for every attempt that passes through it."""

    def __init__(self, inner: httpx.BaseTransport, budget: Budget) -> None:
        self._inner = inner
        self._budget = budget

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Wait for a place in the budget, then pass the request on."""
        context = context_of(request)
        if context.identity is not None:
            self._budget.acquire(context.identity, context.priority)
        return self._inner.handle_request(request)

    def close(self) -> None:
        """Close the wrapped transport."""
        self._inner.close()


def _too_long(wait_s: float) -> RateLimited:
    return RateLimited(
        f"This app has used its calls of this minute; {wait_s:.0f} s to wait.",
        retry_after_s=wait_s,
        **causes.cause("rate_limited").explanation,
    )

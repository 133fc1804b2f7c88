"""Repeating a request: when, how often, after how long. Never blindly for an unsafe method.

Reading requests (GET, HEAD, OPTIONS) are repeated after 429, 500, 502, 503, 504, faults on the wire
and JSON that is cut off, which counts as one (as in Box's SDK 3). Any other method only where the
other side certainly did nothing: 429, 503 with Retry-After, and a connection that was never made.
The delays are those of the official Box SDK 10: 2^n s x U(0.5, 1.5), or what Retry-After asks up to
a maximum, beyond which RateLimited is raised.

httpx-retries wasn't kept: its rules don't depend on the method and the answer together, it asks
again too early where Retry-After exceeds its maximum, and it sleeps on a clock of its own.
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import httpx

from lib.core import causes
from lib.core.errors import RateLimited
from lib.http.budget import Budget
from lib.http.context import Priority, call_of, context_of, with_attempt
from lib.http.faults import FaultKind, WireFault, unreachable
from lib.http.responses import is_broken, retry_after_s

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
TOO_MANY_REQUESTS: Final = 429
UNAVAILABLE: Final = 503
_RETRYABLE: Final = frozenset({TOO_MANY_REQUESTS, 500, 502, UNAVAILABLE, 504})


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how long. Attempts count the first one too; 1 switches retries off.

    `attempts` is the official SDK's number, for background work; a page, before which somebody
    sits, makes `page_attempts`. `network_retries` is the counter for faults on the wire. The two
    maxima bound what Retry-After may ask of background work and of a page, in seconds.
    """

    attempts: int = 5
    page_attempts: int = 3
    network_retries: int = 2
    max_wait_s: float = 60.0
    max_page_wait_s: float = 10.0


@dataclass(frozen=True, slots=True)
class Waiting:
    """How to wait: a clock (UTC), a sleep (seconds) and a source of jitter."""

    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[float, float], float] = random.uniform

    def backoff_s(self, retries: int) -> float:
        """Seconds before the nth retry, n from 1."""
        return float(2**retries) * self.jitter(0.5, 1.5)


class RetryTransport(httpx.BaseTransport):
    """Repeats requests by the rules above; raises Unreachable where no answer came at all."""

    def __init__(
        self,
        inner: httpx.BaseTransport,
        policy: RetryPolicy,
        *,
        budget: Budget | None = None,
        waiting: Waiting | None = None,
    ) -> None:
        self._inner = inner
        self._policy = policy
        self._budget = budget
        self._waiting = waiting or Waiting()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request as often as the rules admit; the last answer comes back."""
        attempt = faults = 0
        most = self._policy.network_retries
        while True:
            attempt += 1
            with_attempt(request, attempt)
            last = attempt >= self._attempts(request)
            try:
                response = self._inner.handle_request(request)
            except WireFault as fault:
                faults += 1
                if last or faults > most or not _may_repeat(request, fault):
                    raise unreachable(request.url.host, fault, call_of(request)) from fault
                self._waiting.sleep(self._waiting.backoff_s(attempt))
                continue
            if self._breaks(request, response) and not last and faults < most:
                faults += 1
                self._waiting.sleep(self._waiting.backoff_s(attempt))
                continue
            asked = retry_after_s(response, self._waiting.clock())
            self._tell_budget(request, response, asked)
            if last or not _may_repeat_after(request, response, asked):
                return response
            self._waiting.sleep(self._delay_s(request, attempt, asked))

    def close(self) -> None:
        """Close the wrapped transport."""
        self._inner.close()

    def _breaks(self, request: httpx.Request, response: httpx.Response) -> bool:
        """Whether a reading request's answer is to be taken for a lost connection."""
        retries = context_of(request).retry and request.method in SAFE_METHODS
        return retries and is_broken(response)

    def _attempts(self, request: httpx.Request) -> int:
        context = context_of(request)
        if not context.retry:
            return 1
        page = context.priority is Priority.PAGES
        most = self._policy.attempts
        return min(self._policy.page_attempts, most) if page else most

    def _tell_budget(
        self, request: httpx.Request, response: httpx.Response, asked: float | None
    ) -> None:
        identity = context_of(request).identity
        if self._budget and identity and asked and response.status_code == TOO_MANY_REQUESTS:
            self._budget.pause(identity, min(asked, self._policy.max_wait_s))

    def _delay_s(self, request: httpx.Request, attempt: int, asked: float | None) -> float:
        if asked is None:
            return self._waiting.backoff_s(attempt)
        page = context_of(request).priority is Priority.PAGES
        longest = self._policy.max_page_wait_s if page else self._policy.max_wait_s
        if asked > longest:
            raise rate_limited(request, asked)
        # A little jitter on top, so that waiting threads don't all come back in one instant.
        return asked + self._waiting.jitter(0.0, 0.25)


def rate_limited(request: httpx.Request, asked_s: float) -> RateLimited:
    """The error for a wait that nobody should sit through."""
    return RateLimited(
        f"{request.url.host} asks to wait {asked_s:.0f} s before the next call.",
        retry_after_s=asked_s,
        call=call_of(request),
        **causes.cause("rate_limited").explanation,
    )


def _may_repeat(request: httpx.Request, fault: WireFault) -> bool:
    if fault.kind is FaultKind.BLOCKED:
        return False
    if fault.kind is FaultKind.TIMEOUT and context_of(request).priority is Priority.PAGES:
        return False  # somebody has sat there for a minute already
    return not fault.sent or request.method in SAFE_METHODS


def _may_repeat_after(
    request: httpx.Request, response: httpx.Response, asked: float | None
) -> bool:
    status = response.status_code
    if request.method in SAFE_METHODS:
        return status in _RETRYABLE
    return status == TOO_MANY_REQUESTS or (status == UNAVAILABLE and asked is not None)

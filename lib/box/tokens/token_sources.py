"""Token sources: how a token is kept, shared between threads and renewed in time.

When several threads need a new token, one requests it and the others wait for it, or for its error.
When Box says that `exp` is wrong, the next attempt is made on Box's clock, from its `Date` header,
once; the difference stays in use and is reported as `skew_s`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Final, Protocol

from lib.box.tokens.token_endpoint import Grant, Refused, Token
from lib.core.errors import TokenError, Unreachable
from lib.http import TOO_MANY_REQUESTS, FaultKind, RetryPolicy, Waiting

# As long before the end as the official Node SDK; at most half of a short life.
_RENEW_BEFORE: Final = timedelta(seconds=180)
_PATIENCE: Final = RetryPolicy()
_SERVER_FAULTS: Final = frozenset({500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class TokenLife:
    """When a token was requested and when it expires, UTC."""

    since: datetime
    until: datetime


class TokenSource(Protocol):
    """Where a client gets its tokens."""

    @property
    def skew_s(self) -> float | None:
        """Seconds that Box's clock is ahead of ours, from its last answer; None before one."""

    @property
    def identity(self) -> str:
        """Names the Box user whose limit the calls count against; holds no secret."""

    @property
    def life(self) -> TokenLife | None:
        """The lifetime of the current token; None before one, or where it is unknown."""

    @property
    def renewable(self) -> bool:
        """Whether a refused token can be replaced by a new one."""

    def token(self, *, patient: bool = False) -> Token:
        """A token that is still good for a while. Raises TokenError, Unreachable, RateLimited.

        `patient` waits and tries as long as background work does for its calls.
        """

    def invalidate(self, refused: Token | None = None) -> None:
        """Forget the token; with `refused` only if it is still that one."""


class Renewal(Protocol):
    """How one kind of credentials gets a new token, one attempt at a time."""

    def attempt(self, now: datetime) -> Grant:
        """Send one request; `now` is the time on Box's clock, as far as known. Raises Refused."""

    @property
    def repeatable(self) -> bool:
        """Whether an attempt that may have reached Box can be followed by another."""


class RenewedSource:
    """A token source that requests a new token shortly before the old one expires."""

    renewable = True

    def __init__(
        self,
        renewal: Renewal,
        identity: str,
        *,
        clock: Callable[[], datetime],
        waiting: Waiting,
        attempts: int,
    ) -> None:
        self.identity = identity
        self.skew_s: float | None = None
        self._renewal = renewal
        self._clock = clock
        self._waiting = waiting
        self._attempts = attempts
        self._token: Token | None = None
        self._renew_at: datetime | None = None
        self._since: datetime | None = None
        self._correction = timedelta(0)
        self._failures = 0
        self._last_error: Exception | None = None
        self._trouble: Exception | None = None  # what is being waited out at the moment
        self._lock = Lock()

    @property
    def life(self) -> TokenLife | None:
        """See TokenSource."""
        since, token = self._since, self._token
        if since is None or token is None or token.expires_at is None:
            return None
        return TokenLife(since, token.expires_at)

    def token(self, *, patient: bool = False) -> Token:
        """See TokenSource."""
        seen = self._failures
        token = self._current()
        if token is not None:
            return token
        with self._turn(patient=patient):
            token = self._current()
            if token is not None:
                return token
            if self._last_error is not None and self._failures != seen:
                raise self._last_error  # another thread asked while we waited, and was refused
            try:
                return self._renew(patient=patient)
            except Exception as error:
                self._failures += 1
                self._last_error = error
                raise

    def invalidate(self, refused: Token | None = None) -> None:
        """See TokenSource."""
        with self._lock:
            if refused is None or self._token == refused:
                self._token = None

    def _current(self) -> Token | None:
        token, renew_at = self._token, self._renew_at
        return token if renew_at is not None and self._clock() < renew_at else None

    @contextmanager
    def _turn(self, *, patient: bool) -> Iterator[None]:
        """One asks at a time. A page doesn't sit through what background work waits out."""
        while not self._lock.acquire(timeout=-1 if patient else _PATIENCE.max_page_wait_s):
            if self._trouble is not None:
                raise self._trouble
        try:
            yield
        finally:
            self._trouble = None
            self._lock.release()

    def _renew(self, *, patient: bool) -> Token:
        started = self._clock()
        grant = self._granted(patient=patient)
        token = grant.token
        self._token = token
        self._since = started
        if token.expires_at is not None:
            life = token.expires_at - started
            self._renew_at = token.expires_at - min(_RENEW_BEFORE, life / 2)
        return token

    def _granted(self, *, patient: bool) -> Grant:
        most = max(self._attempts, _PATIENCE.attempts) if patient else self._attempts
        longest = _PATIENCE.max_wait_s if patient else _PATIENCE.max_page_wait_s
        corrected = False
        attempt = 0
        while True:
            attempt += 1
            try:
                grant = self._renewal.attempt(self._clock() + self._correction)
            except Refused as refused:
                self._note(refused.skew_s)
                if is_clock_error(refused) and refused.skew_s is not None and not corrected:
                    corrected = True
                    self._correction = timedelta(seconds=refused.skew_s)
                    continue
                if attempt >= most or not self._may_repeat(refused, longest):
                    raise refused.error from refused
                self._trouble = refused.error
                self._wait(attempt if patient else attempt - 1, refused.retry_after_s)
            except Unreachable as error:
                final = error.kind == FaultKind.BLOCKED or not self._renewal.repeatable
                if attempt >= most or final:
                    raise
                self._trouble = error
                self._wait(attempt if patient else attempt - 1, None)
            else:
                self._note(grant.skew_s)
                return grant

    def _note(self, skew_s: float | None) -> None:
        if skew_s is not None:
            self.skew_s = skew_s

    def _may_repeat(self, refused: Refused, longest_s: float) -> bool:
        asked = refused.retry_after_s
        if asked is not None and asked > longest_s:
            return False
        if refused.status == TOO_MANY_REQUESTS:
            return True  # nothing was spent
        return refused.status in _SERVER_FAULTS and self._renewal.repeatable

    def _wait(self, retries: int, asked_s: float | None) -> None:
        usual = self._waiting.backoff_s(retries)
        self._waiting.sleep(usual if asked_s is None else asked_s)


class FixedSource:
    """A token that was given as it is, such as a developer token, and can't be renewed."""

    renewable = False
    skew_s: float | None = None
    life: TokenLife | None = None

    def __init__(self, token: Token, identity: str) -> None:
        self._token = token
        self.identity = identity

    def token(self, *, patient: bool = False) -> Token:  # noqa: ARG002  # nothing to wait for
        """See TokenSource."""
        return self._token

    def invalidate(self, refused: Token | None = None) -> None:
        """Nothing to forget: there is no way to get another token."""


def is_clock_error(refused: Refused) -> bool:
    """Whether Box refused because the clocks differ (or the assertion was kept too long)."""
    error = refused.error
    return (
        isinstance(error, TokenError)
        and error.code == "invalid_grant"
        and "'exp' claim" in error.description
        and "integer" not in error.description
    )

"""Sign-ins that end in another browser tab, and the one-time state that finds them again.

A person grants access on a page of Box or Kloudless and returns to this app in a tab that knows
nothing of the one that started. The state in the URL ties the two: 256 random bits, valid once,
for ten minutes, in the browser that started. It is kept as a hash, in memory, in a table that holds
each sign-in weakly: a sign-in belongs to its session and ends with it. The code is used at once, by
the tab that came back, because a background tab may sleep longer than a code is valid.
Sources: RFC 6749 (10.12), RFC 9700 (4.7), Box developer documentation (OAuth 2.0).
"""

import hashlib
import hmac
import secrets
import threading
import time
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Generic, Protocol, TypeVar

from lib.app.routes.oauth_callback import CallbackRefusal, Returned, denied, refusal_error
from lib.core.causes import Api
from lib.core.errors import REPORT_WITH, RunbookError, Who
from lib.core.redaction import Secret

LIFETIME_S: Final = 600.0
MAX_OPEN: Final = 1000
_STATE_BYTES: Final = 32


class SignInReport(Protocol):
    """What came of a sign-in, with one line for the tab that comes back."""

    @property
    def headline(self) -> str:
        """Such as “Signed in to Box as Ada”; no secret."""


T = TypeVar("T", bound=SignInReport)


class SignInStage(StrEnum):
    """How far a sign-in is."""

    OPEN = "open"
    WORKING = "working"
    DONE = "done"
    FAILED = "failed"


class SignIn(Generic[T]):
    """One sign-in of one session, which holds it: made by `Consents.begin`.

    `result` is what the work returned, once `stage` is DONE; `error` why it is FAILED.
    """

    def __init__(self, api: Api, state: Secret, work: Callable[[Secret], T]) -> None:
        self.api = api
        self.state = state
        self.stage = SignInStage.OPEN
        self.result: T | None = None
        self.error: RunbookError | None = None
        self._work = work

    @property
    def over(self) -> bool:
        """Whether it is known how it went."""
        return self.stage in (SignInStage.DONE, SignInStage.FAILED)

    def finish(self, returned: Returned) -> None:
        """Do what is to be done with what came back. `Consents` sees to it that it is done once."""
        if returned.code is None:
            self.fail(denied(self.api, returned))
            return
        try:
            self.result = self._work(returned.code)
        except RunbookError as error:
            self.fail(error)
        except Exception:
            self.fail(_fault())  # whoever waits must learn of it as well
            raise
        else:
            self.stage = SignInStage.DONE

    def fail(self, error: RunbookError) -> None:
        """It ends here."""
        self.error = error
        self.stage = SignInStage.FAILED


@dataclass(frozen=True, slots=True)
class Landing:
    """What the tab that came back is told: a headline, or an error; `refusal` if nothing was done.

    It holds nothing of what the sign-in gave.
    """

    headline: str = ""
    error: RunbookError | None = None
    refusal: CallbackRefusal | None = None


@dataclass(slots=True)
class _PendingSignIn:
    sign_in: "weakref.ref[SignIn[Any]]"
    browser: str
    expires_at: float
    spent: bool = False


class Consents:
    """The open sign-ins of this process. `clock` counts seconds and never goes back."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, *, limit: int = MAX_OPEN
    ) -> None:
        self.clock = clock
        self._limit = limit
        self._lock = threading.Lock()
        self._entries: dict[bytes, _PendingSignIn] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def begin(self, api: Api, work: Callable[[Secret], T], *, browser: str) -> SignIn[T]:
        """A sign-in for the browser with that cookie; without one it ends by a pasted address only.

        `work` gets the code, once, in whatever thread brings it, and returns what came of it.
        Raises RunbookError when too many are open.
        """
        sign_in = SignIn(api, Secret(secrets.token_urlsafe(_STATE_BYTES)), work)
        with self._lock:
            now = self.clock()
            self._tidy(now)
            if len(self._entries) >= self._limit:
                raise RunbookError(
                    "Too many sign-ins are open right now.",
                    cause=f"This app allows at most {self._limit} open sign-ins.",
                    fix="Try again in a few minutes.",
                    who=Who.THIS_APP,
                )
            entry = _PendingSignIn(weakref.ref(sign_in), browser, now + LIFETIME_S)
            self._entries[_name(sign_in.state)] = entry
        return sign_in

    def start(self, sign_in: SignIn[Any]) -> None:
        """Its link was followed: the ten minutes count from now on."""
        with self._lock:
            entry = self._entries.get(_name(sign_in.state))
            if entry is not None and not entry.spent:
                entry.expires_at = self.clock() + LIFETIME_S

    def left_s(self, sign_in: SignIn[Any]) -> float:
        """For how many seconds more it is accepted; 0 when it isn't."""
        with self._lock:
            entry = self._entries.get(_name(sign_in.state))
            if entry is None or entry.spent:
                return 0.0
            return max(0.0, entry.expires_at - self.clock())

    def withdraw(self, sign_in: SignIn[Any]) -> None:
        """Give it up: an address that comes back later is refused."""
        with self._lock:
            entry = self._entries.get(_name(sign_in.state))
            if entry is not None:
                entry.spent = True

    def land(self, returned: Returned, *, browser: str) -> Landing:
        """A tab of that browser came back with this: finish the sign-in that it belongs to."""
        return self._follow(returned, lambda entry: _browser_refusal(entry, browser))

    def paste(self, returned: Returned, sign_in: SignIn[Any]) -> Landing:
        """The session that holds `sign_in` was given this address: only its own one counts."""
        return self._follow(
            returned, lambda entry: None if entry.sign_in() is sign_in else CallbackRefusal.UNKNOWN
        )

    def _follow(
        self, returned: Returned, judge: Callable[[_PendingSignIn], CallbackRefusal | None]
    ) -> Landing:
        found = self._claim(returned.state, judge)
        if isinstance(found, CallbackRefusal):
            return Landing(error=refusal_error(found), refusal=found)
        found.finish(returned)
        result = found.result
        return Landing(headline=result.headline if result is not None else "", error=found.error)

    def _claim(
        self, state: Secret, judge: Callable[[_PendingSignIn], CallbackRefusal | None]
    ) -> SignIn[Any] | CallbackRefusal:
        """The sign-in of a state, which works never again; or why not."""
        with self._lock:
            entry = self._entries.get(_name(state))
            if entry is None:
                return CallbackRefusal.UNKNOWN
            if entry.spent:
                return CallbackRefusal.USED
            refusal = judge(entry)
            if refusal is None and self.clock() >= entry.expires_at:
                refusal = CallbackRefusal.EXPIRED
            if refusal in (CallbackRefusal.NO_BROWSER, CallbackRefusal.UNKNOWN):
                return refusal
            entry.spent = True
            sign_in = entry.sign_in()
            if sign_in is None:
                return refusal or CallbackRefusal.GONE
            if refusal is not None:
                sign_in.fail(refusal_error(refusal))
                return refusal
            sign_in.stage = (
                SignInStage.WORKING
            )  # under the lock: one that is spent is never still open
            return sign_in

    def _tidy(self, now: float) -> None:
        """Drop what can't be of use; one that is over is remembered a while, to be told so."""
        full = len(self._entries) >= self._limit
        for name, entry in list(self._entries.items()):
            over = entry.spent or entry.sign_in() is None
            if over and (full or now >= entry.expires_at + LIFETIME_S):
                del self._entries[name]


def _browser_refusal(entry: _PendingSignIn, browser: str) -> CallbackRefusal | None:
    if not browser or not entry.browser:
        return CallbackRefusal.NO_BROWSER
    same = hmac.compare_digest(entry.browser.encode(), browser.encode())
    return None if same else CallbackRefusal.OTHER_BROWSER


def _name(state: Secret) -> bytes:
    """What stands for a state in the table, so that the table itself gives none away."""
    return hashlib.sha256(state.reveal().encode("utf-8", "surrogatepass")).digest()


def _fault() -> RunbookError:
    return RunbookError(
        "The sign-in could not be finished.",
        cause="This is a fault of the app. Its log has the details, without secrets.",
        fix=f"Start again. If it fails again, tell whoever hosts this app. {REPORT_WITH}",
        who=Who.THIS_APP,
    )

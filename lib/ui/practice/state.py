"""The state and actions of practice: inject a fault, remove it, reveal it, leave.

The server knows which fault is active. The session keeps how it was chosen, so that one picked at
random isn't named before its visitor asks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from lib.app import Runtime
from lib.app.practice.faults import PracticeFault
from lib.core.errors import RunbookError
from lib.runbook.checks.verdict import Status, Verdict
from lib.settings.profiles import SANDBOX_KEY, Profile
from lib.ui.practice import words
from lib.ui.shell.frame import choose
from lib.ui.shell.lost import Loss, lost_with_session
from lib.ui.shell.notices import tell
from lib.ui.shell.session import Rehearsed, forget, state
from lib.ui.shell.session_lifetime import forget_stores, hold

STOP_S: Final = 30.0
"""How long to wait for a run of checks that is under way, in seconds."""


class Window(StrEnum):
    """The dialog that is open."""

    CHOICE = "choice"
    OUTCOME = "outcome"


@dataclass(slots=True)
class Exercise:
    """The current exercise.

    `before` are the warnings without a fault (check and cause), `last` is the last injected fault,
    `page` is where a dialog is open.
    """

    before: frozenset[tuple[str, str | None]] = frozenset()
    last: PracticeFault | None = None
    drawn: bool = False
    revealed: bool = False
    mended: bool = False
    window: Window | None = None
    page: str = ""

    @property
    def secret(self) -> bool:
        """Whether the fault must not be named yet."""
        return self.drawn and not self.revealed


def open_window(window: Window, page: str) -> None:
    """Open a dialog on that page."""
    exercise = state(Exercise)
    exercise.window, exercise.page = window, page


def close_window() -> None:
    """No dialog is open any more."""
    state(Exercise).window = None


def active(runtime: Runtime) -> PracticeFault | None:
    """The fault that is active for this session's own apps."""
    profile = state(Rehearsed).profile
    return None if profile is None else runtime.practice.active(profile.key)


def break_it(runtime: Runtime, offer: PracticeFault, page: str, *, drawn: bool) -> None:
    """Inject a fault into this session's own apps, make them the profile in use, and check them.

    Raises RunbookError where that can't be done; then no fault is active.
    """
    profile = _profile(runtime)
    _stop_checks(runtime, profile)
    runtime.practice.switch_on(profile.key, offer)
    exercise = state(Exercise)
    exercise.last, exercise.drawn = offer, drawn
    exercise.revealed = exercise.mended = False
    choose(profile.key)
    open_window(Window.OUTCOME, page)
    check(runtime)


def mend(runtime: Runtime, page: str) -> None:
    """Remove the fault, and check again. Raises RunbookError where that can't be done."""
    profile = _profile(runtime)
    runtime.practice.switch_off(profile.key)
    _stop_checks(runtime, profile)
    exercise = state(Exercise)
    exercise.mended = exercise.revealed = True
    open_window(Window.OUTCOME, page)
    check(runtime)


def reveal() -> None:
    """Name the fault that was picked at random."""
    state(Exercise).revealed = True


def check(runtime: Runtime) -> None:
    """Start a run of checks of this session's own apps, unless one is under way."""
    runtime.watch_for(_profile(runtime)).check_now()


def leave() -> None:
    """Back to the shared sandbox; the session's own apps and all that was read with them go."""
    profile = state(Rehearsed).profile
    forget(Rehearsed)
    forget(Exercise)
    choose(SANDBOX_KEY)
    if profile is not None:
        forget_stores(profile.key)
        tell(words.LEFT)


@lost_with_session
def _lost() -> Loss | None:
    if state(Rehearsed).profile is None:
        return None
    return Loss(
        words.LOST,
        words.LOST_FIX,
        "overview",
    )


def warnings_of(verdicts: Sequence[Verdict]) -> frozenset[tuple[str, str | None]]:
    """The warnings among them, by check and cause."""
    return frozenset((one.id, one.cause) for one in verdicts if one.status is Status.WARNING)


def _profile(runtime: Runtime) -> Profile:
    """The session's own apps, created the first time and checked before any fault."""
    rehearsed = state(Rehearsed)
    if rehearsed.profile is None:
        made = runtime.practice.begin()
        hold(made.key)
        try:
            watch = runtime.watch_for(made)
        except RunbookError:
            forget_stores(made.key)
            raise
        rehearsed.profile = made
        watch.check_now()
        watch.wait(STOP_S)
        run = watch.snapshot()
        state(Exercise).before = warnings_of(run.verdicts if run is not None else ())
    return rehearsed.profile


def _stop_checks(runtime: Runtime, profile: Profile) -> None:
    """End the run under way: it started before the change that is to be seen."""
    watch = runtime.watch_for(profile)
    watch.cancel()
    watch.wait(STOP_S)

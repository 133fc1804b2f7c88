"""Watches one profile: its checks, on a schedule and on demand, one run at a time.

A run is a thread with its own clients and token; a page reads its `snapshot()`. Its verdicts go
into the ledger (history, incidents), and its calls into the profile's journal. The owner gives each
configured profile and the sandbox a schedule; a session profile has none and runs when asked.
"""

import logging
import random
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from lib.app.background.checking import context_for
from lib.app.background.job_outcome import Words, ended
from lib.app.clients import Clients, Clock, utc_now
from lib.core.errors import RunbookError
from lib.runbook.checks.registry import CHECKS
from lib.runbook.checks.running import run
from lib.runbook.goals import Goal
from lib.runbook.health.history import PERIODS, joined
from lib.runbook.health.incidents import Patience
from lib.runbook.health.recording import record_run
from lib.settings.profiles import BoxAuth, Profile
from lib.settings.watching import HealthSettings
from lib.store.ledger.health import HealthBook
from lib.store.ledger.reading_runs import RunState
from lib.store.ledger.verdicts import VerdictSpan

if TYPE_CHECKING:
    from lib.runbook.checks.verdict import Verdict
    from lib.store.events.events import EventStore
    from lib.store.ledger.ledger import Ledger

KEPT_IN_MEMORY: Final = max(PERIODS.values())
STEP_S: Final = 5.0
"""How often the schedule looks whether something is due, in seconds."""
JITTER: Final = 0.1
FIRST_RUN_BY: Final = timedelta(minutes=2)
_KEY: Final = "key"
_WORDS: Final = Words("The checks", "Check again")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RunSnapshot:
    """One picture of a run: the verdicts so far, of `total` checks. Times are UTC."""

    id: str
    started_at: datetime
    total: int
    asked: bool = False
    verdicts: "tuple[Verdict, ...]" = ()
    state: RunState = RunState.RUNNING
    error: RunbookError | None = None
    finished_at: datetime | None = None

    @property
    def running(self) -> bool:
        """Whether it is still at work."""
        return self.state is RunState.RUNNING

    @property
    def share(self) -> float:
        """How many of the checks are done, 0 to 1."""
        return min(1.0, len(self.verdicts) / self.total) if self.total else 1.0


class Watch:
    """The checks of one profile. `after_run` is called when a run has been kept."""

    def __init__(
        self,
        profile: Profile,
        clients: Clients,
        ledger: "Ledger",
        settings: HealthSettings,
        *,
        after_run: Callable[[Profile], object] = lambda _profile: None,
        events: "EventStore | None" = None,
        clock: Clock = utc_now,
        jitter: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self.profile = profile
        self.settings = settings
        self.patience = Patience(calm=settings.calm, every=settings.every)
        self.scheduled = False
        self._clients = clients
        self._ledger = ledger
        self._events = events
        self._after_run = after_run
        self._clock = clock
        self._jitter = jitter
        self._choosing = threading.Lock()
        self._reporting = threading.Lock()
        self._cancelled = threading.Event()
        self._thread: threading.Thread | None = None
        self._snapshot: RunSnapshot | None = None
        self.next_at: datetime | None = None
        self._remembering = threading.Lock()
        self._history: dict[str, list[VerdictSpan]] = {}
        self._read_to: datetime | None = None

    @property
    def book(self) -> HealthBook:
        """Where its history and incidents are."""
        return self._ledger.health

    @property
    def ledger(self) -> "Ledger":
        """The ledger of its book."""
        return self._ledger

    def snapshot(self) -> RunSnapshot | None:
        """The run at hand, or the last one of this process."""
        return self._snapshot

    def history(self) -> Mapping[str, Sequence[VerdictSpan]]:
        """The last 30 days by check, oldest first, whoever checked.

        A month has tens of thousands of rows: they are read once, then only what is new.
        """
        with self._remembering:
            oldest = self._clock() - KEPT_IN_MEMORY
            since = max(oldest, self._read_to) if self._read_to else oldest
            for check_id, spans in self.book.spans(self.profile.key, since).items():
                known = self._history.get(check_id, [])
                found = joined(known, spans, self.patience.longest_gap)
                self._history[check_id] = [one for one in found if one.seen_at >= oldest]
                self._read_to = max(found[-1].seen_at, self._read_to or found[-1].seen_at)
            return dict(self._history)

    def check_now(self, *, asked: bool = True) -> RunSnapshot:
        """Begin a run, unless one is at work: never two at once. Returns at once."""
        with self._choosing:
            now = self._snapshot
            if now is not None and now.running:
                return now
            self._cancelled.clear()
            made = RunSnapshot(uuid.uuid4().hex, self._clock(), len(CHECKS), asked)
            self._snapshot = made
            self._thread = threading.Thread(
                target=self._work, args=(made.id,), name=f"check-{self.profile.key}", daemon=True
            )
            self._thread.start()
            return made

    def cancel(self) -> None:
        """Stop the run at hand after the check that is at work; nothing of it is kept."""
        self._cancelled.set()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait for the end of the run at hand. False when it goes on after `timeout_s`."""
        thread = self._thread
        if thread is None:
            return True
        thread.join(timeout_s)
        return not thread.is_alive()

    def follow(self, stopping: threading.Event, *, idle: Callable[[], bool]) -> None:
        """Run again and again until stopping; the first time as soon as it is `idle`.

        Between runs `after_run` is called, because an alert can become due without one.
        """
        self.scheduled = True
        deadline = self._clock() + FIRST_RUN_BY
        self.next_at = self._clock()
        while not stopping.is_set():
            now = self._clock()
            if now >= self.next_at and (idle() or now >= deadline):
                self.check_now(asked=False)
                while not self.wait(STEP_S):
                    if stopping.is_set():
                        self.cancel()
                        return
                self.next_at = self._clock() + self._pause()
            else:
                self._then()
            left = (self.next_at - self._clock()).total_seconds()
            stopping.wait(min(STEP_S, max(0.2, left)))

    def _pause(self) -> timedelta:
        return self.settings.every * self._jitter(1 - JITTER, 1 + JITTER)

    def _work(self, run_id: str) -> None:
        state, error = ended(self._check, cancelled=self._cancelled.is_set, words=_WORDS)
        if error is not None:
            _log.warning(
                "Checking %s stopped: %s %s", self.profile.kind, error.message, error.cause
            )
        self._change(run_id, state=state, error=error, finished_at=self._clock())
        if state is RunState.DONE:
            self._then()

    def _check(self) -> None:
        now = self._snapshot
        if now is None:
            return
        found: list[Verdict] = []
        with context_for(
            self.profile,
            self._clients,
            self._ledger,
            goal=Goal(self.settings.goal),
            background=not now.asked,
            events=self._events,
        ) as context:
            for verdict in run(context, stopped=self._cancelled.is_set):
                found.append(verdict)
                self._change(now.id, verdicts=tuple(found))
            journal = self._clients.journal(self.profile)
            for call in context.journal.calls:
                journal.add(call)
        if self._cancelled.is_set():
            return
        record_run(
            self._ledger,
            self.profile.key,
            found,
            at=self._clock(),
            complete=True,
            patience=self.patience,
        )
        self._note_key()

    def _note_key(self) -> None:
        """Keep when this key was seen first: Box doesn't tell how old a key is."""
        from lib.box.key_inspection import inspect_key  # noqa: PLC0415  # only for apps with a key

        box = self.profile.box
        if box is None or box.auth is not BoxAuth.JWT or box.private_key is None:
            return
        report = inspect_key(box.private_key, box.passphrase)
        if report.fingerprint_sha256:
            self.book.see(self.profile.key, _KEY, report.fingerprint_sha256, self._clock())

    def _then(self) -> None:
        try:
            with self._reporting:  # one at a time, or two would both find the same alert due
                self._after_run(self.profile)
        except RunbookError as error:
            _log.warning("After checking %s: %s %s", self.profile.kind, error.message, error.cause)

    def _change(self, run_id: str, **values: object) -> None:
        with self._choosing:
            now = self._snapshot
            if now is not None and now.id == run_id:
                self._snapshot = replace(now, **values)  # type: ignore[arg-type]  # its own fields

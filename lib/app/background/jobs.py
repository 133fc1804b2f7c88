"""A piece of background work that a page can watch and cancel: reading events.

The work is a function that gets the job, reports to it and asks it whether to continue. A page
reads `snapshot()`, which is one consistent, immutable picture.
"""

import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from lib.app.background.job_outcome import Words, ended
from lib.core.errors import RunbookError
from lib.store.ledger.reading_runs import RunState

_WORDS: Final = Words("Reading", "Read again")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One picture of a job. `since` and `reached` are UTC; `share` is 0 to 1."""

    id: str
    profile_key: str
    since: datetime
    until: datetime
    state: RunState = RunState.RUNNING
    read: int = 0
    added: int = 0
    reached: datetime | None = None
    error: RunbookError | None = None
    finished_at: datetime | None = None

    @property
    def share(self) -> float:
        """How much of the span was read, newest days first."""
        if self.state is RunState.DONE:
            return 1.0
        whole = (self.until - self.since).total_seconds()
        if self.reached is None or whole <= 0:
            return 0.0
        return min(1.0, max(0.0, (self.until - self.reached).total_seconds() / whole))

    @property
    def running(self) -> bool:
        """Whether it is still at work."""
        return self.state is RunState.RUNNING


class Job:
    """One job and its thread."""

    def __init__(
        self,
        profile_key: str,
        *,
        since: datetime,
        until: datetime,
        work: Callable[["Job"], None],
    ) -> None:
        self._snapshot: Snapshot = Snapshot(uuid.uuid4().hex, profile_key, since, until)
        self._lock = threading.Lock()
        self._cancelled = threading.Event()
        self._work = work
        self._thread = threading.Thread(target=self._run, name=f"read-{profile_key}", daemon=True)

    def start(self) -> "Job":
        """Begin."""
        self._thread.start()
        return self

    def cancel(self) -> None:
        """Ask it to stop at the next page; what was read stays."""
        self._cancelled.set()

    @property
    def cancelled(self) -> threading.Event:
        """Set when it was asked to stop."""
        return self._cancelled

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait for the end. False when it is still at work after `timeout_s`."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def snapshot(self) -> Snapshot:
        """How it stands now."""
        return self._snapshot

    def report(
        self, *, read: int | None = None, added: int | None = None, reached: datetime | None = None
    ) -> None:
        """Say how far it is; None leaves a figure as it was."""
        with self._lock:
            now = self._snapshot
            self._snapshot = replace(
                now,
                read=now.read if read is None else read,
                added=now.added if added is None else added,
                reached=now.reached if reached is None else reached,
            )

    def _run(self) -> None:
        state, error = ended(
            lambda: self._work(self), cancelled=self._cancelled.is_set, words=_WORDS
        )
        with self._lock:
            self._snapshot = replace(
                self._snapshot, state=state, error=error, finished_at=datetime.now(UTC)
            )

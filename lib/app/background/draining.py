"""The owner's one drain: a thread that moves the inbox into the event store.

It works in small steps, sleeps while the inbox is empty, and checks it regularly, because other
processes write to it too. After a fault it waits and retries; nothing is lost meanwhile.
"""

import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from lib.activity.ingest.drain import MAX_PAGES, drain
from lib.activity.model.directory import ledger_directories
from lib.core.errors import RunbookError
from lib.core.system_errors import explained
from lib.store import Stores
from lib.store.ledger.inbox_records import DELIVERIES_A_PAGE

IDLE_S: Final = 0.5
AFTER_FAULT_S: Final = 5.0
LINGER_S: Final = 0.5
"""How long it lets deliveries gather after a step, unless somebody waits in `finish`. One by one
each costs forty times as much, and that time is taken from the answers and the pages."""
MANY: Final = 400
LINGER_AFTER_MANY_S: Final = 1.0
"""The same after a step of so many deliveries: while they come in hundreds a second."""
FULL: Final = MAX_PAGES * DELIVERIES_A_PAGE

_log = logging.getLogger(__name__)


class Drainer:
    """The drain of one owner. `notified` is told the profile that a delivery wants synced."""

    def __init__(
        self, stores: Stores, *, notified: Callable[[str], None] = lambda _profile: None
    ) -> None:
        self._stores = stores
        self._notified = notified
        self._directories = ledger_directories(stores.ledger)
        self._wake = threading.Event()
        self._hurry = threading.Event()
        self._stopping = threading.Event()
        self._moved = threading.Condition()
        self._version = 0
        self.problem: RunbookError | None = None
        self._thread = self._new_thread()

    @property
    def version(self) -> int:
        """Rises whenever something new can be charted."""
        return self._version

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def revive(self) -> None:
        """Begin again if the thread has died."""
        started = self._thread.ident is not None
        if started and not self._thread.is_alive() and not self._stopping.is_set():
            _log.error("The drain's thread had ended; it is started again.")
            self._thread = self._new_thread()
            self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether its thread is at work."""
        return self._thread.is_alive()

    def _new_thread(self) -> threading.Thread:
        return threading.Thread(target=self._run, name="drain", daemon=True)

    def wake(self) -> None:
        """Something was put into the inbox."""
        self._wake.set()

    def stop(self) -> None:
        """End after the step at hand; what still waits is drained at the next start."""
        self._stopping.set()
        self._hurry.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(10)

    def lag_s(self, now: datetime) -> float:
        """How long the oldest entry has waited, in seconds; 0 when nothing waits."""
        oldest = self._stores.ledger.inbox.oldest_waiting()
        if oldest is None:
            return 0.0
        return max(0.0, (now - oldest.replace(tzinfo=UTC)).total_seconds())

    def finish(self, run_id: int | None = None, *, timeout_s: float = 60.0) -> bool:
        """Wait until everything, or everything of a run, is in the event store."""
        deadline = time.monotonic() + timeout_s
        while self._stores.ledger.inbox.waiting(run_id=run_id):
            self._hurry.set()
            self.wake()
            left = deadline - time.monotonic()
            if left <= 0 or self._stopping.is_set():
                return False
            with self._moved:
                self._moved.wait(min(left, IDLE_S))
        return True

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.clear()
            try:
                done = drain(self._stores, self._directories)
            except Exception as error:  # noqa: BLE001  # the thread's boundary: it goes on after it
                self.problem = explained(error, "What was read can't be stored.")
                _log.error("The drain waits: %s %s", self.problem.message, self.problem.cause)
                self._stopping.wait(AFTER_FAULT_S)
                continue
            self.problem = None
            if done.pages:
                with self._moved:
                    self._version += 1
                    self._moved.notify_all()
                for profile in done.notified:
                    self._notified(profile)
                if done.deliveries == done.pages < FULL:
                    self._hurry.wait(LINGER_S if done.deliveries < MANY else LINGER_AFTER_MANY_S)
                self._hurry.clear()
            else:
                self._wake.wait(IDLE_S)

"""Reads the events of one profile: on request, and continuously while the owner runs.

One run at a time: a request for a longer span stops the current run, whose pages are kept. Errors
are kept for the pages; polling continues after them, more slowly.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from lib.app.background.jobs import Job
from lib.app.clients import Clients, Clock, utc_now
from lib.core.errors import RunbookError
from lib.settings.profiles import Profile, ProfileKind
from lib.store.ledger.ledger import Ledger
from lib.store.ledger.reading_runs import RunState

if TYPE_CHECKING:
    from lib.activity.ingest.page_writer import SyncProgress

POLL_S: Final = 30.0
SANDBOX_POLL_S: Final = 3.0
AFTER_FAULT_S: Final = 60.0
# What polling keeps complete by itself; "Read events" goes further back.
KEPT_COMPLETE: Final = timedelta(days=8)
FIRST_WEEK: Final = timedelta(days=7)
PAGES_FIRST_S: Final = 1.0
# The day before yesterday can wait until what people wait for is there.
COMPARE_AFTER_S: Final = 600.0
# A delivery that somebody sends again and again mustn't make us ask as often.
AFTER_WAKING_S: Final = 2.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Connection:
    """Whether the other side answered, as whom we are known there, and when that was (UTC)."""

    at: datetime
    name: str = ""
    login: str = ""
    user_id: str = ""
    enterprise: str = ""
    error: RunbookError | None = None


class Reader:
    """The reading of one profile. `settle(run_id)` returns when a run's events can be charted."""

    def __init__(  # what it works with
        self,
        profile: Profile,
        clients: Clients,
        ledger: Ledger,
        *,
        woken: Callable[[], None],
        settle: Callable[[int], object],
        clock: Clock = utc_now,
    ) -> None:
        self.profile = profile
        self._clients = clients
        self._ledger = ledger
        self._woken = woken
        self._settle = settle
        self._clock = clock
        self._turn = threading.Lock()
        self._choosing = threading.Lock()
        self._woken_up = threading.Event()
        self.job: Job | None = None
        self.connection: Connection | None = None
        self.read_at: datetime | None = None
        self._made = time.monotonic()
        self._compared: datetime | None = None

    def read(self, since: timedelta) -> Job:
        """Read from `since` ago until now; the run at hand goes on if it does that already."""
        now = self._clock()
        start = now - min(since, _all_kept())
        with self._choosing:
            job = self.job
            if job is not None and job.snapshot().running:
                if job.snapshot().since <= start:
                    return job
                job.cancel()
            job = Job(self.profile.key, since=start, until=now, work=self._work(since))
            self.job = job.start()  # started first: whoever sees it may wait for it
            return job

    def cancel(self) -> None:
        """Stop the run at hand."""
        job = self.job
        if job is not None:
            job.cancel()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait for the end of the run at hand. False when it goes on after `timeout_s`."""
        job = self.job
        return job is None or job.wait(timeout_s)

    @property
    def keeps(self) -> timedelta:
        """How far back polling keeps this profile complete by itself."""
        return _all_kept() if self.profile.kind is ProfileKind.SANDBOX else KEPT_COMPLETE

    def wake(self) -> None:
        """Look at once for accounts that webhooks named."""
        self._woken_up.set()

    def poll(self, stopping: threading.Event) -> None:
        """Look again and again until stopping; after a sleep it catches up."""
        pause_s = SANDBOX_POLL_S if self.profile.kind is ProfileKind.SANDBOX else POLL_S
        due = time.monotonic() + pause_s
        while True:
            woken = self._woken_up.wait(max(0.0, due - time.monotonic()))
            self._woken_up.clear()
            if stopping.is_set():
                return
            job = self.job
            busy = job is not None and job.snapshot().running
            try:
                with self._turn:
                    self._serve(stopping)
                    if not woken and not busy:
                        self._sync(self.keeps, None, stopping)
                        self._compare(stopping)
            except RunbookError as error:
                self._failed(error)
                stopping.wait(AFTER_FAULT_S)
            if woken:
                stopping.wait(AFTER_WAKING_S)
            else:
                due = time.monotonic() + pause_s

    def _compare(self, cancelled: threading.Event) -> None:
        """Once a day, compare a day of the live stream with its history."""
        if time.monotonic() - self._made < COMPARE_AFTER_S or self.profile.box is None:
            return
        from lib.activity.ingest.stream_comparison import compare, day_of, due  # noqa: PLC0415  # as below
        from lib.activity.model.source import Source  # noqa: PLC0415  # as below
        from lib.box.events import Stream  # noqa: PLC0415  # as below

        key, now = self.profile.key, self._clock()
        if self._compared == day_of(now).start:
            return
        self._compared = day_of(now).start  # once a day, however it ends
        live = self._ledger.inbox.position(key, Source.BOX_STREAM, Stream.ADMIN_LOGS_STREAMING)
        day = due(self._ledger, key, now)
        if live is None or day is None:
            return
        try:
            run_id = compare(
                key,
                self.profile.box.enterprise_id or None,
                self._clients.box(self.profile).in_background(),
                self._ledger,
                day,
                clock=self._clock,
                cancelled=cancelled,
            )
        except RunbookError as error:
            _log.warning("A day could not be compared: %s", error.message)
            return
        self._woken()
        self._settle(run_id)

    def _serve(self, cancelled: threading.Event) -> None:
        """Read the accounts that webhooks named, and nothing else."""
        if self.profile.kloudless is None:
            return
        requested = self._ledger.deliveries.requested(self.profile.key)
        if not requested:
            return
        from lib.activity.ingest.sync import sync_accounts  # noqa: PLC0415  # loads the clients

        sync_accounts(
            self.profile,
            self._clients.kloudless(self.profile).in_background(),
            self._ledger,
            [one.account_id for one in requested],
            on_progress=lambda _made: self._woken(),
            cancelled=cancelled,
            clock=self._clock,
        )
        self._ledger.deliveries.served(requested)

    def _work(self, since: timedelta) -> Callable[[Job], None]:
        def work(job: Job) -> None:
            with self._turn:
                try:
                    self._sync(since, job, job.cancelled)
                except RunbookError as error:
                    self._failed(error)
                    raise

        return work

    def _sync(self, since: timedelta, job: Job | None, cancelled: threading.Event) -> None:
        from lib.activity.ingest.sync import result_of, sync  # noqa: PLC0415  # loads the clients

        paused = job is None

        def progress(made: "SyncProgress") -> None:
            nonlocal paused
            self._woken()
            if job is not None:
                job.report(read=made.read, reached=made.reached)
            if not paused and made.reached is not None and made.until - made.reached >= FIRST_WEEK:
                paused = True  # who waits for the newest week sees it before older days take turns
                cancelled.wait(PAGES_FIRST_S)

        unknown = self.connection is None or self.connection.error is not None
        if unknown and self.profile.box is not None:
            self._learn()
        result = sync(
            self.profile,
            self._clients.reader(self.profile),
            self._ledger,
            since=since,
            on_progress=progress,
            cancelled=cancelled,
            clock=self._clock,
        )
        self._woken()
        if result.state is RunState.DONE:
            if unknown and self.profile.box is None:
                self._learn()  # it makes no call of its own there: what was read shows it
            self.read_at = self._clock()
        if job is not None:
            self._settle(result.run_id)
            job.report(added=result_of(self._ledger, result.run_id).added)

    def _learn(self) -> None:
        """Who we are on the other side."""
        who: dict[str, Any] = {}
        if self.profile.box is not None:
            who = dict(self._clients.box(self.profile).me())
        enterprise = who.get("enterprise") or {}
        self.connection = Connection(
            self._clock(),
            name=str(who.get("name") or ""),
            login=str(who.get("login") or ""),
            user_id=str(who.get("id") or ""),
            enterprise=str(enterprise.get("name") or enterprise.get("id") or ""),
        )

    def _failed(self, error: RunbookError) -> None:
        _log.warning("Reading %s stopped: %s", self.profile.kind, error.message)
        self.connection = Connection(datetime.now(UTC), error=error)


def _all_kept() -> timedelta:
    from lib.box.events import KEPT, Stream  # noqa: PLC0415  # loads the clients

    return KEPT[Stream.ADMIN_LOGS]

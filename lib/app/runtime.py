"""The one object behind all pages of a process: profiles, stores, clients and background work.

`lib.app.process_runtime` makes it once and starts its threads. Only the process that holds the data
folder's lock (the owner) opens the event store, drains and polls; another process says so instead
of showing empty charts.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from lib.app.background.jobs import Job
from lib.app.clients import Clients
from lib.app.hosting import Hosting
from lib.app.loading import LOADING, PACKAGES, load
from lib.app.ownership import OwnerLock, read_owner
from lib.app.practice.emitting import Emitting
from lib.app.practice.practice import PracticeSessions
from lib.app.practice.sandbox_process import Sandbox
from lib.app.routes.downloads import TICKETS
from lib.app.routes.oauth_state import Consents
from lib.app.routes.webhook_receiver import Receiving
from lib.app.sessions import SessionStoreRegistry
from lib.core.errors import ConfigurationError, RunbookError, StoreError, Who
from lib.core.system_errors import explained
from lib.core.version import VERSION
from lib.settings.profiles import SANDBOX_KEY, Profile, ProfileKind, Settings

if TYPE_CHECKING:
    from lib.app.background.alerting import Alerter
    from lib.app.background.detecting import Detecting
    from lib.app.background.reading import Reader
    from lib.app.background.watching import Watch
    from lib.app.diagnostics.collecting import DiagnosticsSources
    from lib.app.owner import Owner
    from lib.box import BoxClient
    from lib.store import Stores
    from lib.store.schema_version import UpgradeProgress
    from lib.webhooks.receive.receiver import Answer, Kind, Receiver
    from lib.webhooks.signing.sending import Outgoing

OPEN_TIMEOUT_S: Final = 20.0
RETRY_S: Final = 3.0
LONGEST_RETRY_S: Final = 60.0
"""The pauses between tries to open the stores grow up to this."""
LOOK_AFTER_S: Final = 1.0
_LOOK_S: Final = 0.2
_STARTING: Final = "The stores are being opened."
_log = logging.getLogger(__name__)


class Runtime:
    """What this process knows and does. Made by `start_background()`."""

    def __init__(
        self,
        settings: Settings,
        *,
        show_configured: bool = True,
        problem: RunbookError | None = None,
        hosting: Callable[[Settings], Hosting] = lambda _settings: Hosting(),
    ) -> None:
        self.settings = settings
        self.problem = problem
        self.hosting = hosting
        self.started_at = datetime.now(UTC)
        self.shows_configured = show_configured
        self.sandbox = Sandbox(settings.data_dir, url=settings.sandbox_url)
        self.clients = Clients(
            settings.access.allowed_hosts, lambda: self.sandbox.url, settings.data_dir
        )
        self.sessions = SessionStoreRegistry(self.clients, settings.health)
        self.consents = Consents()
        self.practice = PracticeSessions(lambda: self.sandbox.url)
        self.emitting = Emitting(lambda: self.sandbox.url)
        self.receiving = Receiving(settings, self.receives, woken=self._drain_soon)
        self._lock = OwnerLock(settings.data_dir)
        self._stopping = threading.Event()
        self._opened = threading.Event()
        self._owner: Owner | None = None
        self._store_problem: RunbookError | None = None
        self.without_folder = False
        """Whether `problem` is the data folder's, which is tried again."""
        self.upgrade: UpgradeProgress | None = None
        """How far the upgrade of stores of an earlier version is, while it is at work."""
        self._thread = threading.Thread(target=self._run, name="background", daemon=True)

    # -- profiles ------------------------------------------------------------------------------

    @property
    def needs_sandbox(self) -> bool:
        """Whether the sandbox is what visitors see: nothing configured, or nothing to be shown."""
        return self.problem is None and (not self.settings.profiles or not self.shows_configured)

    @property
    def owner(self) -> bool:
        """Whether this process owns the data folder."""
        return self._lock.existing

    @property
    def open_owner(self) -> "Owner | None":
        """The owner's part, if it is open in this process now."""
        return self._owner

    @property
    def store_problem(self) -> RunbookError | None:
        """Why this process could not open the stores that it owns, if so."""
        return self._store_problem

    def configured(self) -> Mapping[str, Profile]:
        """Profiles of the host's settings, by key."""
        return self.settings.profiles

    def receives(self, key: str) -> Profile | None:
        """The profile of that key, if it receives webhooks: a configured one, or the sandbox."""
        profile = self.settings.profiles.get(key)
        if profile is None and key == SANDBOX_KEY and self.needs_sandbox:
            return self.sandbox.known
        return profile

    @property
    def receiver(self) -> "Receiver | None":
        """What receives webhooks; None while it, or the only profile, is on its way."""
        if self.needs_sandbox and not self.sandbox.settled:
            return None
        return self.receiving.receiver

    def client_for(self, profile: Profile) -> "BoxClient":
        """The profile's Box client, shared by its pages and its reading."""
        return self.clients.box(profile)

    def stores_for(self, profile: Profile) -> "Stores":
        """Where the profile's events are: the host's stores, or the session's own in memory.

        Raises RunbookError where this process can't have them.
        """
        if profile.kind is ProfileKind.SESSION:
            return self.sessions.stores_of(profile).stores
        return self._host().stores

    def reader_for(self, profile: Profile) -> "Reader":
        """The reading of a profile. Raises RunbookError where this process can't read it."""
        if profile.kind is ProfileKind.SESSION:
            return self.sessions.stores_of(profile).reader
        return self._host().poll(profile)

    def watch_for(self, profile: Profile) -> "Watch":
        """The watching of a profile. Raises RunbookError where this process can't watch it."""
        if profile.kind is ProfileKind.SESSION:
            return self.sessions.stores_of(profile).watch
        return self._host().watch(profile)

    def detecting_for(self, profile: Profile) -> "Detecting":
        """The detections of a profile. Raises RunbookError where this process can't run them."""
        if profile.kind is ProfileKind.SESSION:
            return self.sessions.stores_of(profile).detecting
        return self._host().detecting(profile)

    def alerter(self) -> "Alerter | None":
        """What sends alerts; None without a receiver, or where this process isn't the owner."""
        owner = self._owner
        return None if owner is None else owner.alerter

    def sync_now(self, profile: Profile, since: timedelta) -> Job:
        """Read the profile from `since` ago until now, in the background."""
        return self.reader_for(profile).read(since)

    def deliver(self, profile: Profile, kind: "Kind", outgoing: "Outgoing") -> "Answer":
        """Have a delivery judged and kept in this process, as if a sender had brought it.

        Raises RunbookError where this process can't keep it.
        """
        if profile.kind is ProfileKind.SESSION:
            return self.sessions.stores_of(profile).deliver(kind, outgoing)
        return self.receiving.deliver(kind, profile.key, outgoing)

    def version(self, profile: Profile) -> int:
        """Rises when something new of this profile can be charted."""
        if profile.kind is ProfileKind.SESSION:
            return self.sessions.stores_of(profile).version
        return self._host().drainer.version

    def drain_problem(self) -> RunbookError | None:
        """Why what was read can't be charted right now, if so."""
        owner = self._owner
        return None if owner is None else owner.drainer.problem

    def forget(self, key: str) -> None:
        """Drop everything of a session profile: downloads, events, clients, journal, rehearsal."""
        TICKETS.forget(key)
        self.practice.forget(key)
        self.sessions.forget(key)
        self.clients.forget(key)

    # -- life ----------------------------------------------------------------------------------

    def start(self) -> None:
        """Start everything that runs without a visitor, and return at once."""
        try:
            self._lock.acquire()
        except ConfigurationError as error:
            self.problem, self.without_folder = error, True
            self._failed(error)
        if self.needs_sandbox:
            self.sandbox.start()
        if self.problem is None or self.without_folder:
            self._thread.start()

    def stop(self) -> None:
        """End background work, the child process and the ownership."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(15)
        self.receiving.close()
        owner, self._owner = self._owner, None
        self._opened.clear()
        if owner is not None:
            owner.stop()
        self.sessions.close()
        self.clients.close()
        self.practice.close()
        self.sandbox.stop()
        self._lock.release()

    def health(self) -> dict[str, Any]:
        """The answer of `GET /healthz`. Another process's event store counts as answering.

        `reason` says why it isn't well, in one sentence without names of people or secrets.
        """
        owner = self._owner
        ledger = events = False
        lag = 0.0
        fault: RunbookError | None = None
        try:
            if owner is not None:
                owner.check_files()
                owner.stores.ledger.ping()
                ledger = True
                lag = owner.drainer.lag_s(datetime.now(UTC))
                owner.stores.events.count()
                fault = owner.drainer.problem
                events = fault is None and owner.drainer.alive
            elif not self.owner and self.problem is None and self._store_problem is None:
                ledger = events = read_owner(self.settings.data_dir) is not None
        except RunbookError as error:
            fault = error
            _log.warning("Not healthy: %s", error.message)
        unkept = self.receiving.fault() if ledger else None
        ok = ledger and events and unkept is None
        report = {
            "ok": ok,
            "ledger": ledger and unkept is None,
            "events": events,
            "drain_lag_s": round(lag, 3),
            "version": VERSION,
        }
        if not ok:
            reason = fault or unkept or self._store_problem or self.problem
            report["reason"] = _STARTING if reason is None else reason.message
        return report

    def wait_until_open(self, timeout_s: float = OPEN_TIMEOUT_S) -> bool:
        """Wait for the stores, where this process is to open them.

        False when time is up, and at once while they are upgraded.
        """
        deadline = time.monotonic() + timeout_s
        while self._thread.is_alive() and self.owner and not self._opened.wait(_LOOK_S):
            if self.upgrade is not None or time.monotonic() > deadline:
                return False
        return True

    def _host(self) -> "Owner":
        """The owner's part. Raises RunbookError when another process has it, or it failed."""
        self.wait_until_open()
        upgrade, owner = self.upgrade, self._owner  # in this order: it ends after its owner is set
        if owner is not None:
            return owner
        if self._store_problem is not None:
            raise self._store_problem
        if upgrade is not None:
            raise StoreError(
                f"The stores are being upgraded to Box Runbook {VERSION}.",
                cause=f"{upgrade.step}: {upgrade.percent} %.",
                fix="Wait until it is done, then reload the page.",
                who=Who.YOU,
            )
        raise StoreError(
            "Another process of this app has this data folder's events open.",
            cause="Only one process can open the event store.",
            fix="Use the other process, or stop it: this one then takes over within seconds.",
            who=Who.YOU,
        )

    def _looked_at(self) -> "DiagnosticsSources":
        from lib.app.diagnostics.subjects import of_runtime  # noqa: PLC0415  # loads the engines

        return of_runtime(self)

    def _drain_soon(self) -> None:
        """Something was put into the inbox."""
        owner = self._owner
        if owner is not None:
            owner.drainer.wake()

    def _receive(self) -> None:
        if self.receiving.receiver is None:
            self.receiving.try_open()

    def _become_owner(self) -> bool:
        """Wait until no other process is; False when stopped before. Raises ConfigurationError."""
        if not self._lock.acquire():
            self._receive()  # another process drains what comes in
        while not self._lock.acquire():
            if self._stopping.wait(RETRY_S):
                return False
            if self.receiving.not_upgraded:
                self._receive()
            self.receiving.tend()
        return True

    def _run(self) -> None:
        """Be the owner as soon as that is possible, and again after whatever ends it."""
        pause = RETRY_S
        while not self._stopping.is_set():
            try:
                if not self._become_owner():
                    return
                self._found_folder()
                self._open()
                pause = RETRY_S
                self._feed()
                self._watch_over()
            except Exception as error:  # noqa: BLE001  # the boundary of what nobody sees: it is told and tried again
                self._failed(explained(error, "The stores can't be opened."))
            if self._stopping.is_set():
                return  # `stop` takes everything down
            self._let_go()
            if self._stopping.wait(pause):
                return
            pause = min(2 * pause, LONGEST_RETRY_S)

    def _open(self) -> None:
        """Open the stores as their owner. Raises what opening them raises."""
        with LOADING:  # a page may be loading the same packages right now
            from lib.app.owner import Owner  # noqa: PLC0415  # loads the engines beside the server
            from lib.app.upgrading import UpgradeLog  # noqa: PLC0415  # as above

        log = UpgradeLog()

        def on_upgrade(progress: "UpgradeProgress") -> None:
            self.upgrade = progress
            log(progress)

        try:
            self._owner = Owner(
                self.settings,
                self._lock,
                self.clients,
                subject=self._looked_at,
                on_upgrade=on_upgrade,
            )
            self._store_problem = None
        except Exception as error:
            self._failed(explained(error, "The stores can't be opened."))
            raise
        finally:
            self._opened.set()
            self.upgrade = None
            self._receive()

    def _found_folder(self) -> None:
        """The data folder can be used: it is a problem no longer."""
        if self.without_folder:
            self.problem, self.without_folder = None, False
            if self.needs_sandbox:
                self.sandbox.start()

    def _failed(self, error: RunbookError) -> None:
        """Keep why there are no stores; said once as long as it stays the same."""
        was, self._store_problem = self._store_problem, error
        if was is None or (was.message, was.cause) != (error.message, error.cause):
            _log.error("%s %s", error.message, error.cause)
        self._opened.set()

    def _feed(self) -> None:
        """Read and watch the profiles from now on."""
        load(*PACKAGES)
        owner = self._owner
        if owner is None:
            return
        for profile in self.settings.profiles.values():
            owner.watch(profile)
        if self.needs_sandbox:
            try:
                profile = self.sandbox.profile()
            except RunbookError as error:
                _log.error("%s %s", error.message, error.cause)
                return
            if not self._stopping.is_set():
                owner.watch(profile)

    def _watch_over(self) -> None:
        """Start dead threads again, until the app stops. Raises StoreError for files that went."""
        while not self._stopping.wait(LOOK_AFTER_S):
            owner = self._owner
            if owner is None:
                return
            owner.check_files()
            owner.drainer.revive()
            self.receiving.tend()

    def _let_go(self) -> None:
        """Close what is open, and let another process, or the next try, have the data folder."""
        owner, self._owner = self._owner, None
        try:
            if owner is not None:
                owner.stop()
        except Exception as error:  # noqa: BLE001  # it may be about files that are gone
            _log.warning("The stores couldn't be closed: %s", type(error).__name__)
        self._lock.release()
        self.receiving.tend()

"""What only the owner of the data folder does: stores, drain, poll, check, alert, commands."""

import os
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lib.activity.ingest.pairing import make_pair
from lib.app.background import retaining
from lib.app.background.draining import Drainer
from lib.app.background.reading import Reader
from lib.app.clients import Clients
from lib.app.export_requests import export
from lib.app.logs import redact_all_logs
from lib.app.open_files import OpenFiles
from lib.app.ownership import LOCK_NAME, OwnerLock, OwnerRecord
from lib.app.routes.loopback_api import Listener, json_body
from lib.app.upgrading import UpgradeLog
from lib.settings.profiles import Profile, Settings
from lib.store import Stores, open_stores
from lib.store.paths import events_path, is_ledger_file, ledger_path
from lib.store.schema_version import OnUpgrade

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from lib.app.background.alerting import Alerter
    from lib.app.background.detecting import Detecting
    from lib.app.background.watching import Watch
    from lib.app.diagnostics.collecting import DiagnosticsSources


def _files(settings: Settings) -> list[Path]:
    """The files that an owner keeps open, its lock among them."""
    own = [events_path(settings), settings.data_dir / LOCK_NAME]
    return [*own, ledger_path(settings)] if is_ledger_file(settings) else own


class Owner:
    """The stores of this data folder and the threads that feed them."""

    def __init__(
        self,
        settings: Settings,
        lock: OwnerLock,
        clients: Clients,
        *,
        subject: "Callable[[], DiagnosticsSources] | None" = None,
        on_upgrade: OnUpgrade | None = None,
    ) -> None:
        """`subject` gives the diagnostics file more than the owner's own part to look at."""
        self._subject = subject
        self._lock = lock
        self._clients = clients
        self._settings = settings
        self.started_at = datetime.now(UTC)
        redact_all_logs()  # and the last errors are kept, in a command too
        self._watches: dict[str, Watch] = {}
        self._detectings: dict[str, Detecting] = {}
        self._stopping = threading.Event()
        self._choosing = threading.Lock()
        self._readers: dict[str, Reader] = {}
        self._threads: list[threading.Thread] = []
        self.alerter: Alerter | None = None
        self._listener: Listener | None = None
        self.stores: Stores = open_stores(settings, on_progress=on_upgrade or UpgradeLog())
        self._files = OpenFiles(_files(settings))
        self.drainer = Drainer(self.stores, notified=self._notified)
        try:
            make_pair(self.stores, self.started_at)
            self._begin()
        except BaseException:  # whoever tries again finds nothing of this one open
            self.stop()
            raise

    def _begin(self) -> None:
        self.drainer.start()
        retention = self._settings.retention
        self._start(lambda: retaining.follow(self.stores, retention, self._stopping))
        self._listener = Listener(self._routes())
        self._listener.start()
        self._lock.publish(OwnerRecord(os.getpid(), self._listener.url, self._listener.token))

    def check_files(self) -> None:
        """Raise StoreError if the stores' files aren't at their place any more."""
        self._files.check()

    def _start(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, name="retention", daemon=True)
        self._threads.append(thread)
        thread.start()

    def poll(self, profile: Profile) -> Reader:
        """Read this profile from now on."""
        with self._choosing:
            reader = self._readers.get(profile.key)
            if reader is not None:
                return reader
            reader = self._readers[profile.key] = Reader(
                profile,
                self._clients,
                self.stores.ledger,
                woken=self.drainer.wake,
                settle=self.drainer.finish,
            )
            reader.read(reader.keeps)  # there at once, so that a page sees that it is being read
            thread = threading.Thread(
                target=reader.poll, args=(self._stopping,), name=f"poll-{profile.key}", daemon=True
            )
            self._threads.append(thread)
            thread.start()
        return reader

    def watch(self, profile: Profile) -> "Watch":
        """Check this profile from now on, as soon as it isn't being read."""
        reader = self.poll(profile)
        from lib.app.background.alerting import Alerter  # noqa: PLC0415  # the stores open before it loads
        from lib.app.background.watching import Watch  # noqa: PLC0415  # as above

        with self._choosing:
            alerts = self._settings.alerts
            if self.alerter is None and alerts is not None:
                self.alerter = Alerter(alerts, self._settings.access.allowed_hosts)
            existing = self._watches.get(profile.key)
            if existing is not None:
                return existing
            watch = self._watches[profile.key] = Watch(
                profile,
                self._clients,
                self.stores.ledger,
                self._settings.health,
                after_run=self._tell,
                events=self.stores.events,
            )
            thread = threading.Thread(
                target=watch.follow,
                args=(self._stopping,),
                kwargs={"idle": lambda: reader.job is None or not reader.job.snapshot().running},
                name=f"watch-{profile.key}",
                daemon=True,
            )
            self._threads.append(thread)
            thread.start()
        self.detecting(profile)
        return watch

    def detecting(self, profile: Profile) -> "Detecting":
        """Look for what is unusual in this profile from now on, when it isn't being read."""
        reader = self.poll(profile)
        from lib.app.background.detecting import Detecting  # noqa: PLC0415  # the stores open before it loads

        with self._choosing:
            existing = self._detectings.get(profile.key)
            if existing is not None:
                return existing
            made = self._detectings[profile.key] = Detecting(
                profile,
                self.stores,
                version=lambda: self.drainer.version,
                after_run=self._tell_findings,
            )
            thread = threading.Thread(
                target=made.follow,
                args=(self._stopping,),
                kwargs={"idle": lambda: reader.job is None or not reader.job.snapshot().running},
                name=f"detect-{profile.key}",
                daemon=True,
            )
            self._threads.append(thread)
            thread.start()
        return made

    @property
    def settings(self) -> Settings:
        """The host's settings."""
        return self._settings

    @property
    def clients(self) -> Clients:
        """The clients of its profiles, with their journals."""
        return self._clients

    @property
    def readers(self) -> dict[str, Reader]:
        """What is being read now, by profile key."""
        return dict(self._readers)

    def reader(self, key: str) -> Reader | None:
        """The reading of that profile, if it is polled."""
        return self._readers.get(key)

    def stop(self) -> None:
        """End every thread, then close the stores."""
        self._stopping.set()
        for reader in self._readers.values():
            reader.cancel()
            reader.wake()
        for watch in self._watches.values():
            watch.cancel()
        for thread in self._threads:
            thread.join(10)
        for watch in self._watches.values():
            watch.wait(10)
        if self._listener is not None:
            self._listener.stop()
        self.drainer.stop()  # no run waits any longer for what it read to be drained
        for reader in self._readers.values():
            reader.wait(10)
        self.stores.close()

    def _notified(self, profile: str) -> None:
        """A delivery only named an account: its events are read now."""
        reader = self._readers.get(profile)
        if reader is not None:
            reader.wake()

    def _tell(self, profile: Profile) -> None:
        if self.alerter is not None and not self._stopping.is_set():
            self.alerter.send_due(self.stores.ledger.health, profile)

    def _tell_findings(self, profile: Profile) -> None:
        if self.alerter is not None and not self._stopping.is_set():
            self.alerter.send_findings(self.stores.ledger, profile)

    def _routes(self) -> "list[BaseRoute]":
        return [
            Route("/status", self._status, methods=["GET"]),
            Route("/drain", self._drain, methods=["POST"]),
            Route("/export", self._export, methods=["POST"]),
            Route("/quarantine", self._quarantine, methods=["POST"]),
            Route("/detect", self._detect, methods=["POST"]),
            Route("/report", self._report, methods=["POST"]),
            Route("/backup", self._backup, methods=["POST"]),
            Route("/renormalise", self._renormalise, methods=["POST"]),
            Route("/diagnostics", self._diagnostics, methods=["POST"]),
        ]

    async def _status(self, _request: Request) -> Response:
        def collect() -> dict[str, Any]:
            return {
                "ok": True,
                "pid": os.getpid(),
                "events": self.stores.events.count(),
                "waiting": self.stores.ledger.inbox.waiting(),
                "drain_lag_s": round(self.drainer.lag_s(datetime.now(UTC)), 3),
            }

        return JSONResponse(await run_in_threadpool(collect))

    async def _export(self, request: Request) -> Response:
        return await export(request, self.stores.events)

    async def _quarantine(self, request: Request) -> Response:
        """What runs set aside: `{"profile", "runs"}`; without runs what all did."""
        body = await json_body(request)
        asked = body.get("runs")
        runs = [int(one) for one in asked] if isinstance(asked, list) else []
        count = self.stores.events.quarantine_counts
        found = await run_in_threadpool(count, str(body.get("profile")), runs)
        return JSONResponse({"quarantine": found})

    async def _detect(self, request: Request) -> Response:
        from lib.app.background.detecting import answer  # noqa: PLC0415  # the stores open before it loads

        return await answer(request, self.stores)

    async def _report(self, request: Request) -> Response:
        from lib.app.report_requests import report  # noqa: PLC0415  # as above

        return await report(request, self.stores.events)

    async def _backup(self, request: Request) -> Response:
        from lib.app.store_tasks import backup_route  # noqa: PLC0415  # as above

        return await backup_route(request, self.stores, self._settings)

    async def _renormalise(self, request: Request) -> Response:
        from lib.app.store_tasks import rebuild_route  # noqa: PLC0415  # as above

        return await rebuild_route(request, self.stores, self._stopping)

    async def _diagnostics(self, request: Request) -> Response:
        from lib.app.diagnostics.subjects import diagnostics, of_owner  # noqa: PLC0415  # as above

        subject = of_owner(self) if self._subject is None else self._subject()
        return await diagnostics(request, subject)

    async def _drain(self, request: Request) -> Response:
        """Wait until what a run read is in the event store: `{"run_id"?, "timeout_s"?}`."""
        body = await json_body(request)
        run_id, timeout = body.get("run_id"), body.get("timeout_s", 60)
        done = await run_in_threadpool(
            self.drainer.finish,
            run_id if isinstance(run_id, int) else None,
            timeout_s=float(timeout) if isinstance(timeout, int | float) else 60.0,
        )
        return JSONResponse({"ok": done, "waiting": self.stores.ledger.inbox.waiting()})

"""What a command needs of the app's data: settings, profile, ledger, and the event store.

Only one process can open the event store. A command becomes its owner when nobody is; otherwise it
writes the ledger, which everybody may, and asks the owner over loopback for the rest.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, Final

import httpx

from lib.activity.exporting.event_files import ExportFormat, stream
from lib.activity.queries.filters import Filters
from lib.app import report_requests
from lib.app.background import detecting
from lib.app.clients import Clients
from lib.app.export_requests import to_json
from lib.app.owner import Owner
from lib.app.owner_client import owner_client
from lib.app.ownership import OwnerLock, unwritable
from lib.app.practice.sandbox_process import Sandbox
from lib.app.upgrading import upgrade_unowned
from lib.core.errors import StoreError, Who
from lib.detections.running import DetectionReport
from lib.report.forms import make
from lib.report.report import ReportFormat, ReportScope
from lib.settings.loading import load_settings
from lib.settings.profiles import SANDBOX_KEY, Profile, Settings
from lib.store import Ledger, open_ledger

_STEP_S: Final = 0.1
_EXPORT_S: Final = 600.0
_WORK_S: Final = 7200.0
_CONFLICT: Final = 409


@dataclass(slots=True)
class Host:
    """The data folder as this command sees it; `owner` is set while we own the event store."""

    settings: Settings
    key: str
    clients: Clients
    sandbox: Sandbox
    lock: OwnerLock
    ledger: Ledger
    owner: Owner | None = None

    def profile(self) -> Profile:
        """The chosen profile; starts a sandbox if that is the one and none is running."""
        return self.settings.profile(self.key) or self.sandbox.profile()

    def woken(self) -> None:
        """New items are in the inbox."""
        if self.owner is not None:
            self.owner.drainer.wake()

    def settle(self, run_id: int, wait: timedelta) -> bool:
        """Wait until everything of a run is in the event store; False when time is up.

        If the owner ends meanwhile, this process takes its place.
        """
        deadline = time.monotonic() + wait.total_seconds()
        while self.ledger.inbox.waiting(run_id=run_id):
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            self.own()
            if self.owner is not None:
                self.owner.drainer.finish(run_id, timeout_s=left)
            else:
                time.sleep(min(left, _STEP_S))
        return True

    def export(self, filters: Filters, form: ExportFormat, file: BinaryIO) -> None:
        """Write the events of a choice to a file. Raises StoreError when nobody can answer."""
        self.own()
        if self.owner is not None:
            self.owner.drainer.finish()
            file.writelines(stream(self.owner.stores.events, filters, form))
        else:
            self._ask("/export", to_json(filters, form), file)

    def report(self, scope: ReportScope, form: ReportFormat, file: BinaryIO) -> None:
        """Write a report to a file. Raises StoreError when nobody can answer."""
        self.own()
        if self.owner is not None:
            self.owner.drainer.finish()
            now = datetime.now(UTC)
            file.write(make(self.owner.stores.events, scope, form, now=now))
        else:
            self._ask("/report", report_requests.to_json(scope, form), file)

    def ask(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """What the owner answers to a request for work. Raises StoreError with its reason."""
        with self._asking(_WORK_S) as client, _answering():
            response = client.post(path, json=body)
            answer: dict[str, Any] = response.json()
        if response.status_code == _CONFLICT:
            reported = answer["error"]
            raise StoreError(
                str(reported["cause"]), cause="", fix=str(reported["fix"]), who=Who(reported["who"])
            )
        if not response.is_success:
            raise _no_answer("It has another version.")
        return answer

    def quarantined(self, runs: Sequence[int] | None = None) -> list[dict[str, Any]]:
        """What was set aside by these runs, or by all: `reason` and `rows`, most first."""
        if runs is not None and not runs:
            return []
        self.own()
        if self.owner is not None:
            found = self.owner.stores.events.quarantine_counts(self.key, runs or ())
        else:
            answer = self.ask("/quarantine", {"profile": self.key, "runs": [*(runs or ())]})
            found = [(str(reason), int(rows)) for reason, rows in answer["quarantine"]]
        return [{"reason": reason, "rows": rows} for reason, rows in found]

    def detect(
        self, since: datetime, until: datetime, source: str | None, only: tuple[str, ...]
    ) -> DetectionReport:
        """Run detections over a period. Raises StoreError when nobody can answer."""
        self.own()
        if self.owner is not None:
            self.owner.drainer.finish()
            return detecting.detect(
                self.owner.stores, self.key, since=since, until=until, source=source, only=only
            )
        with self._asking() as client, _answering():
            asked = detecting.question(self.key, since, until, source, only)
            response = client.post("/detect", json=asked)
            response.raise_for_status()
            return DetectionReport.from_dict(response.json())

    def close(self) -> None:
        """Stop what this command started."""
        if self.owner is not None:
            self.owner.stop()
        self.lock.release()
        self.clients.close()
        self.sandbox.stop()
        self.ledger.close()

    def own(self) -> None:
        """Become the owner of the event store, if nobody is."""
        if self.owner is None and self.lock.acquire():
            self.owner = Owner(self.settings, self.lock, self.clients)

    def _ask(self, path: str, body: dict[str, Any], file: BinaryIO) -> None:
        with (
            self._asking() as client,
            _answering(),
            client.stream("POST", path, json=body) as response,
        ):
            response.raise_for_status()
            file.writelines(response.iter_bytes())

    def _asking(self, seconds: float = _EXPORT_S) -> httpx.Client:
        """A client of the owner. Raises StoreError when it didn't say where it is."""
        found = owner_client(self.settings.data_dir, seconds)
        if found is None:
            raise _no_answer("Its loopback address is unknown.")
        return found


@contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except (httpx.HTTPError, ValueError, KeyError) as error:
        raise _no_answer("It didn't answer over loopback.") from error


def _no_answer(cause: str) -> StoreError:
    return StoreError(
        "Another process has the event store open, and can't be asked.",
        cause=cause,
        fix="Stop the app that uses this data folder, or wait until it has started.",
        who=Who.YOU,
    )


@contextmanager
def data_folder(data: Path | None) -> Iterator[Host]:
    """The data folder for a command that is about its stores, not about a profile."""
    with host(profile=SANDBOX_KEY, data=data, own=False) as found:
        yield found


@contextmanager
def host(*, profile: str | None, data: Path | None, own: bool = True) -> Iterator[Host]:
    """The host's data folder for the length of a command.

    `own` False leaves the event store alone, for a command that doesn't need it.

    Raises ConfigurationError for an unknown profile or a wrong setting, StoreError for a store that
    can't be used.
    """
    settings = load_settings(data_dir=data)
    chosen = settings.profile(profile)
    try:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(settings.data_dir, error) from error
    upgrade_unowned(settings)
    sandbox = Sandbox(settings.data_dir, url=settings.sandbox_url)
    found = Host(
        settings=settings,
        key=SANDBOX_KEY if chosen is None else chosen.key,
        clients=Clients(settings.access.allowed_hosts, lambda: sandbox.url, settings.data_dir),
        sandbox=sandbox,
        lock=OwnerLock(settings.data_dir),
        ledger=open_ledger(settings),
    )
    try:
        if own:
            found.own()
        yield found
    finally:
        found.close()

"""Make a small data folder with something of every kind, out of the sandbox, and pack it.

    python -m tools.data_folder ARCHIVE [FOLDER]

FOLDER is a data folder that is there already and is only packed. Each version of the app adds one
archive to `tests/data/folders/`, named for itself; tests open all of them, so that no version
forgets what an earlier one kept. Everything goes the app's own way in: events are read
over HTTP, deliveries are signed, judged and drained, checks are run with a fault and without.

The world, the time and what is done are always the same. What differs from one making to the next
is what was measured (milliseconds) and drawn (ids of requests). Nothing in it is secret: what the
sandbox gives out opens nothing, and isn't kept in stores anyway.
"""

import argparse
import io
import json
import sqlite3
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import duckdb
import orjson

from lib.activity.importing.importer import import_file
from lib.activity.ingest.drain import drain_all
from lib.activity.ingest.pairing import make_pair
from lib.activity.ingest.retention import step
from lib.activity.ingest.sync import sync
from lib.app.background.checking import context_for
from lib.app.background.detecting import Detecting
from lib.app.clients import Clients
from lib.app.practice.sandbox_calls import SandboxCalls
from lib.app.practice.sandbox_process import Sandbox
from lib.box import signatures as box
from lib.core.version import VERSION
from lib.runbook.checks.running import run as run_checks
from lib.runbook.goals import Goal, Road
from lib.runbook.health.incidents import Patience
from lib.runbook.health.recording import record_run
from lib.runbook.runs import runs
from lib.runbook.runs.run_file import to_record
from lib.settings.profiles import Profile, Settings
from lib.settings.retention import RetentionSettings
from lib.store import Stores, events_path, ledger_path, open_stores
from lib.store.ledger.deliveries import Drill, DrillMode
from lib.store.ledger.findings import FindingMute, FindingState
from lib.store.ledger.inbox import EntryKind, NewEntry
from lib.store.ledger.incidents import AlertKind, AlertOutcome, Mute
from lib.store.ledger.missing import Missing
from lib.store.ledger.records import AuditEntry
from lib.store.ledger.saved_views import SavedView
from lib.webhooks.receive.ingest import hand_in
from lib.webhooks.receive.keeper import Keeper
from lib.webhooks.receive.receiver import Kind, Receiver
from lib.webhooks.signing.sending import Outgoing, kloudless_delivery, sample_body

NOW: Final = datetime(2026, 11, 1, tzinfo=UTC)
CONTENTS: Final = "contents.json"
"""How many rows each table has, beside the stores in the archive."""
_WORLD: Final = (
    *("--seed", "7", "--users", "12", "--days", "40", "--events-per-day", "40"),
    *("--until", NOW.isoformat(), "--no-rate-limits", "--stop-with-parent"),
)
_DAY: Final = timedelta(days=1)
_FAULT: Final = {"name": "admin_scope_missing"}
_REPORT: Final = (
    b"Date,Action,User,Affected\n"
    b"2026-10-01 09:00:00,Downloaded,ada@example.test,Plan.pdf\n"
    b"2026-10-01 09:05:00,Uploaded,ada@example.test,Minutes.docx\n"
)


@dataclass(frozen=True, slots=True)
class Making:
    """What every step of it works with."""

    stores: Stores
    profile: Profile
    clients: Clients
    calls: SandboxCalls


def make(folder: Path) -> None:
    """Fill the stores of a data folder."""
    with _making(folder) as at_work:
        _read(at_work)
        _receive(at_work)
        drain_all(at_work.stores)
        _check(at_work)
        _detect(at_work)
        _drop(at_work)
        _decide(at_work)
        _leave_waiting(at_work)
        _lose(at_work)


def contents(folder: Path) -> dict[str, dict[str, int]]:
    """How many rows each table of both stores has."""
    with (
        closing(sqlite3.connect(folder / "ledger.sqlite")) as ledger,
        duckdb.connect(str(folder / "events.duckdb"), read_only=True) as events,
    ):
        tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        return {
            "ledger": _rows(ledger, tables),
            "events": _rows(events, "SELECT table_name FROM duckdb_tables()"),
        }


def pack(folder: Path, archive: Path) -> None:
    """Both stores and their contents in one archive, with nothing of this machine in it."""
    note = json.dumps(contents(folder), indent=1, sort_keys=True).encode()
    files = {
        **{name: (folder / name).read_bytes() for name in ("events.duckdb", "ledger.sqlite")},
        CONTENTS: note,
    }
    archive.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive, "w:xz", preset=9) as packed:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mtime, entry.mode = len(data), int(NOW.timestamp()), 0o600
            packed.addfile(entry, io.BytesIO(data))


@contextmanager
def _making(folder: Path) -> Iterator[Making]:
    settings = Settings(folder, MappingProxyType({}))
    sandbox = Sandbox(folder / "sandbox", command=(sys.executable, "-m", "lib", "sandbox",
                                                   "--port", "0", *_WORLD))  # fmt: skip
    clients = Clients((), lambda: sandbox.url)
    calls = SandboxCalls(lambda: sandbox.url)
    stores = open_stores(settings)
    try:
        yield Making(stores, sandbox.profile(), clients, calls)
    finally:
        stores.events.checkpoint()
        stores.close()
        calls.close()
        clients.close()
        sandbox.stop()
    with closing(sqlite3.connect(ledger_path(settings))) as ledger:
        ledger.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        ledger.execute("VACUUM")
    with duckdb.connect(str(events_path(settings))) as events:
        events.execute("CHECKPOINT")


def _read(at_work: Making) -> None:
    """Events over HTTP, a report of another program, and rows that can't be normalised."""
    ledger, key = at_work.stores.ledger, at_work.profile.key
    sync(at_work.profile, at_work.clients.reader(at_work.profile), ledger, clock=lambda: NOW)
    import_file(io.BytesIO(_REPORT), key, ledger, clock=lambda: NOW)
    body = orjson.dumps({"entries": [{"event_id": "broken", "event_type": "UPLOAD"}]})
    ledger.inbox.acknowledge(
        [NewEntry(EntryKind.PAGE, key, "box_stream", body, NOW, stream="admin_logs")]
    )


def _receive(at_work: Making) -> None:
    """Deliveries of both senders: genuine, repeated and refused, and a drill."""
    profile, arrivals = at_work.profile, at_work.stores.ledger.deliveries
    if profile.box is None or profile.kloudless is None or profile.kloudless.api_key is None:
        raise SystemExit("The sandbox's profile has not both halves.")
    keys = box.SignatureKeys(profile.box.webhook_primary_key, profile.box.webhook_secondary_key)
    keeper = Keeper(arrivals)
    keeper.start()
    receiver = Receiver({profile.key: profile}.get, keeper, clock=lambda: NOW)
    for number in range(5):
        body = _delivered(number // 2)
        for body_keys in (keys, box.SignatureKeys(profile.kloudless.api_key, None)):
            outgoing = _signed(body, body_keys, number)
            hand_in(receiver, Kind.BOX, profile.key, outgoing)
    account = b"account=7&account_id=7"
    hand_in(
        receiver,
        Kind.KLOUDLESS,
        profile.key,
        kloudless_delivery(account, profile.kloudless.api_key),
    )
    keeper.stop()
    arrivals.set_drill(Drill(profile.key, "box", DrillMode.SLOW, 3, 2.5, NOW))


def _delivered(number: int) -> bytes:
    body: dict[str, Any] = orjson.loads(sample_body("FILE.UPLOADED", NOW - _DAY * number))
    return orjson.dumps(body | {"id": f"0c1f7e6a-0000-4000-8000-{number:012d}"})


def _signed(body: bytes, keys: box.SignatureKeys, number: int) -> Outgoing:
    stamp = NOW.isoformat(timespec="seconds")
    headers = {"Content-Type": "application/json", box.DELIVERY_ID: f"delivery-{number}"}
    return Outgoing({**headers, **box.sign(body, stamp, keys)}, body)


def _check(at_work: Making) -> None:
    """Health: all well, broken by a fault, and well again; a run of the Runbook with verdicts."""
    profile, ledger = at_work.profile, at_work.stores.ledger
    patience = Patience(calm=timedelta(minutes=10), every=timedelta(minutes=5))
    found = []
    for number, fault in enumerate((None, _FAULT, _FAULT, None)):
        if fault:
            at_work.calls.send("POST", "/sandbox/faults", fault, timeout_s=10)
        at = NOW + timedelta(minutes=5 * number)
        with context_for(profile, at_work.clients, ledger, events=at_work.stores.events) as kit:
            found = [replace(one, at=at) for one in run_checks(kit)]
        record_run(ledger, profile.key, found, at=at, complete=True, patience=patience)
        at_work.calls.send("DELETE", "/sandbox/faults", timeout_s=10)
    ledger.health.see(profile.key, "box_key", "ab" * 32, NOW)
    begun = runs.begin(profile, Road.BOX_JWT, Goal.FULL, frozenset(), now=NOW)
    begun = replace(begun, id="0123456789abcdef")
    ledger.road_runs.keep(begun.id, profile.key, to_record(begun), at=NOW)


def _detect(at_work: Making) -> None:
    detecting = Detecting(at_work.profile, at_work.stores, version=lambda: 1, clock=lambda: NOW)
    detecting.refresh(whole=True)


def _drop(at_work: Making) -> None:
    """What retention drops leaves a mark."""
    settings = RetentionSettings(types=MappingProxyType({"PREVIEW": 30 * _DAY}))
    while step(at_work.stores.events, settings, NOW):
        pass


def _decide(at_work: Making) -> None:
    """What people decide: states, notes, mutes, alerts, views; and the audit record of it."""
    ledger, key, later = at_work.stores.ledger, at_work.profile.key, NOW + 7 * _DAY
    first, *_ = ledger.findings.all(key)
    ledger.findings.decide(key, first.key, FindingState.ACKNOWLEDGED, note="Known.", at=NOW)
    ledger.findings.mute(FindingMute(key, first.detection, first.subject, "Known.", NOW, later))
    (incident, *_) = ledger.health.incidents(key, resolved_since=NOW - _DAY)
    ledger.health.mute(Mute(key, incident.cause, "Under way.", NOW, later))
    ledger.health.keep_outcome(
        AlertOutcome(key, AlertKind.OPEN, NOW, ok=True, incident_id=incident.id, status=200)
    )
    ledger.views.keep(SavedView(key, "Downloads", {"type": "DOWNLOAD", "days": "30"}, NOW))
    ledger.audit(AuditEntry(NOW, "visitor", "finding.acknowledged", key, first.key, "done"))


def _leave_waiting(at_work: Making) -> None:
    """A page that nobody drained."""
    event = {
        "event_id": "waiting", "event_type": "UPLOAD", "created_at": NOW.isoformat(),
        "created_by": {"type": "user", "id": "11", "login": "ada@example.test", "name": "Ada"},
    }  # fmt: skip
    body = orjson.dumps({"entries": [event]})
    entry = NewEntry(
        EntryKind.PAGE, at_work.profile.key, "box_stream", body, NOW, stream="admin_logs"
    )
    at_work.stores.ledger.inbox.acknowledge([entry])


def _lose(at_work: Making) -> None:
    """A pair, and something that its event store once lacked."""
    make_pair(at_work.stores, NOW)
    gone = Missing(at_work.profile.key, "kloudless", NOW - 9 * _DAY, NOW - 8 * _DAY,
                   readable=False, calls=0, events=None, found_at=NOW, reported_at=NOW)  # fmt: skip
    at_work.stores.ledger.missing.replace(gone.profile, gone.source, [gone])


def _rows(store: Any, tables: str) -> dict[str, int]:
    names = sorted(name for (name,) in store.execute(tables).fetchall())
    return {
        name: store.execute(f'SELECT count(*) FROM "{name}"').fetchall()[0][0]  # noqa: S608  # the stores' own names
        for name in names
    }


def main() -> int:
    """Make a folder unless one is named, pack it, and say how large that is."""
    parser = argparse.ArgumentParser(prog="python -m tools.data_folder")
    parser.add_argument("archive", type=Path)
    parser.add_argument("folder", type=Path, nargs="?", help="one that is there already")
    asked = parser.parse_args()
    archive: Path = asked.archive
    if asked.folder is not None:
        pack(asked.folder, archive)
    else:
        with tempfile.TemporaryDirectory() as folder:
            make(Path(folder))
            pack(Path(folder), archive)
    print(f"{archive}: Box Runbook {VERSION}, {archive.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())

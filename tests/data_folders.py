"""Data folders that versions of the app left: unpacking them, and reading all that is in them."""

import json
import tarfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Final

from lib.detections.finding_records import finding_of
from lib.runbook.health.recording import latest_verdicts
from lib.runbook.runs.run_file import from_record
from lib.settings.profiles import Settings
from lib.store import Stores
from lib.webhooks.log import log
from lib.webhooks.log.delivery_filter import Choice
from tests.sandbox_server import ROOT

FOLDERS: Final = ROOT / "tests" / "data" / "folders"
NAMES: Final = sorted(path.name.removesuffix(".tar.xz") for path in FOLDERS.glob("*.tar.xz"))
OLDEST: Final = "before-0.1.0"
"""Of ledger schema 1 and event schema 1, made by that version itself."""
NEWEST: Final = max(name for name in NAMES if name != OLDEST)
"""Of the schemas of today."""
PROFILE: Final = "sandbox"
_EVER: Final = datetime(2026, 1, 1, tzinfo=UTC)
_NOW: Final = datetime(2026, 11, 1, tzinfo=UTC)


def unpack(name: str, folder: Path) -> dict[str, dict[str, int]]:
    """Put one into a folder; how many rows each of its tables had when it was packed."""
    with tarfile.open(FOLDERS / f"{name}.tar.xz") as packed:
        packed.extractall(folder, filter="data")
    note = folder / "contents.json"
    found: dict[str, dict[str, int]] = json.loads(note.read_text(encoding="utf-8"))
    note.unlink()
    return found


def settings_of(folder: Path) -> Settings:
    """The settings of a host whose data folder that is."""
    return Settings(folder, MappingProxyType({}))


def read_events(stores: Stores) -> dict[str, int]:
    """How many there are of each kind in the event store, as the app reads them."""
    events = stores.events
    taken = Choice(PROFILE, _EVER, _NOW + timedelta(days=1), verdicts=("accepted", "repeated"))
    return {
        "events": sum(one.events for one in events.sources(PROFILE)),
        "deliveries": len(log.page(stores, taken, limit=1000).entries),
        "quarantine": sum(n for _, n in events.quarantine_counts(PROFILE)),
        "coverage": len(events.coverage(PROFILE, "box_stream")),
    }


def read_ledger(stores: Stores) -> dict[str, int]:
    """How many there are of each kind in the ledger, as the app reads them."""
    ledger = stores.ledger
    health, findings, deliveries = ledger.health, ledger.findings, ledger.deliveries
    spans = health.spans(PROFILE, _EVER)
    return {
        "inbox": len(ledger.inbox.take(1000)),
        "positions": len(ledger.inbox.all_positions(PROFILE, "box_stream")),
        "reads": len(ledger.inbox.reads(PROFILE, "box_stream")),
        "runs": len(ledger.runs(PROFILE)),
        "people": len(ledger.people(PROFILE)),
        "audit": len(ledger.audit_entries()),
        "walks": len([from_record(one) for one in ledger.road_runs.of(PROFILE)]),
        "saved_views": len(ledger.views.of(PROFILE)),
        "findings": len([finding_of(one) for one in findings.all(PROFILE)]),
        "finding_mutes": len(findings.mutes(PROFILE, _NOW)),
        "detection_runs": int(findings.last_run(PROFILE) is not None),
        "verdict_spans": sum(map(len, spans.values())),
        "latest_verdicts": len(latest_verdicts(ledger, PROFILE)),
        "incidents": len(health.incidents(PROFILE, resolved_since=_EVER)),
        "mutes": len(health.mutes(PROFILE, _NOW)),
        "alerts": len(health.outcomes(PROFILE)),
        "fingerprints": len(health.fingerprints(PROFILE)),
        "rejects": len(deliveries.rejects(PROFILE)),
        "reject_counts": len(deliveries.reject_counts(PROFILE, _EVER, _NOW + timedelta(days=1))),
        "key_uses": len(deliveries.key_uses(PROFILE)),
        "wanted": len(deliveries.requested(PROFILE)),
        "drills": len(deliveries.drills(PROFILE)),
        "missing": len(ledger.missing.of(PROFILE)),
    }

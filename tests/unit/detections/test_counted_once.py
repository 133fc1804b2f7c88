"""Thresholds see an action once, and people whom a file names by login alone."""

import csv
import io
import json

import pytest

from lib.activity.importing.importer import import_file
from lib.activity.ingest.derived_ids import is_derived
from lib.activity.ingest.drain import coverage_body, drain_all
from lib.activity.model.repeats import COVERED
from lib.activity.model.source import Source
from lib.cli import detecting
from lib.detections import running
from lib.detections.finding import Finding
from lib.store import Stores
from lib.store.ledger.inbox import EntryKind, NewEntry
from lib.store.spans import Span
from tests.unit.activity.samples import memory_stores
from tests.unit.detections.cases import DAY, HOUR, MINUTE, NOW

PROFILE = "copy"
ADMIN, OWN = "100", "101"
LIMIT = 60
START = NOW - DAY


def told_by(account: str, count: int) -> bytes:
    """A page of Kloudless's activity with downloads of one person, as this account tells them."""
    entries = [
        {
            "id": f"{account}-{n}",
            "account": int(account),
            "type": "DOWNLOAD",
            "modified": (START + n * MINUTE / 4).isoformat(),
            "user_id": "u11",
            "metadata": {"type": "file", "id": f"F{n}", "name": f"{n}.pdf"},
        }
        for n in range(count)
    ]
    return json.dumps({"objects": entries, "cursor": "1", "remaining": 0}).encode()


def mass_downloads(stores: Stores, source: Source) -> list[Finding]:
    scope = running.scope_of(stores.events, PROFILE, NOW - 30 * DAY, NOW, source=source)
    return list(running.run(stores.events, scope, ["mass_download"]).findings)


@pytest.mark.parametrize(
    "count,expected", [(LIMIT - 1, []), (LIMIT // 2, []), (LIMIT + 10, [LIMIT + 10])]
)
def test_a_limit_sees_what_two_accounts_tell_once(count: int, expected: list[int]) -> None:
    stores = memory_stores()
    span = Span(NOW - 30 * DAY, NOW)
    bodies = [(EntryKind.PAGE, told_by(one, count), one) for one in (ADMIN, OWN)]
    bodies.append((EntryKind.COVERAGE, coverage_body(span, read_at=NOW), ""))
    stores.ledger.inbox.acknowledge(
        [
            NewEntry(kind, PROFILE, Source.KLOUDLESS, body, NOW, account_id=account)
            for kind, body, account in bodies
        ]
    )
    drain_all(stores)
    assert stores.events.count() == 2 * count
    twice = [one.events for one in mass_downloads(stores, Source.KLOUDLESS)]
    assert twice == ([2 * count] if 2 * count >= LIMIT else [])
    body = coverage_body(span, read_at=NOW, filter_=f"{COVERED}{OWN}")
    stores.ledger.inbox.acknowledge(
        [NewEntry(EntryKind.COVERAGE, PROFILE, Source.KLOUDLESS, body, NOW)]
    )
    drain_all(stores)
    assert [one.events for one in mass_downloads(stores, Source.KLOUDLESS)] == expected
    stores.close()


def test_a_report_without_ids_gives_a_finding_about_the_login() -> None:
    stores = memory_stores()
    file = io.StringIO(newline="")
    rows = csv.writer(file)
    rows.writerow(["Date", "User Email", "Action", "Affected", "Parent Folder"])
    for n in range(LIMIT + 10):
        at = f"{START + n * MINUTE / 4:%Y-%m-%d %H:%M:%S}"
        rows.writerow([at, "ada@acme.test", "Downloaded", f"{n}.pdf", "Finance"])
    quiet = f"{NOW - HOUR:%Y-%m-%d %H:%M:%S}"
    rows.writerow([quiet, "olu@acme.test", "Downloaded", "1.pdf", "Finance"])
    import_file(
        io.BytesIO(file.getvalue().encode()), PROFILE, stores.ledger,
        clock=lambda: NOW + DAY,
    )  # fmt: skip
    drain_all(stores)
    scope = running.scope_of(stores.events, PROFILE, NOW - 30 * DAY, NOW, source=Source.IMPORT)
    made = running.run(stores.events, scope, ["mass_download"])
    (found,) = made.findings
    assert found.events == LIMIT + 10
    assert found.actor_id is not None
    assert is_derived(found.actor_id)
    assert made.names == {found.actor_id: "ada@acme.test"}
    assert running.DetectionReport.from_dict(made.as_dict()).names == made.names
    (first, *_) = detecting._lines(made, [{**found.as_dict(), "state": None}])
    assert first.endswith("actor ada@acme.test")
    assert found.actor_id not in found.why
    stores.close()

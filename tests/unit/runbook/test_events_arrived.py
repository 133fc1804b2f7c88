"""Monitoring is proved by what came from Box, never by a position or by what the app sent."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lib.app.background.checking import LedgerRecords
from lib.runbook.checks import box_watch
from lib.runbook.checks.verdict import CheckOutcome, Status
from lib.store.ledger.inbox import Position
from lib.store.ledger.inbox_records import Progress
from tests.webhook_bench import Bench, bench, box_body

[ARRIVED] = [one for one in box_watch.CHECKS if one.id == "box.events.arrived"]


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Bench]:
    with bench(tmp_path) as made:
        yield made


def arrived(here: Bench, *, records: bool = True) -> CheckOutcome:
    context: Any = SimpleNamespace(
        records=LedgerRecords(here.stores.ledger) if records else None,
        profile=SimpleNamespace(key="acme"),
        clock=lambda: here.now,
    )
    return ARRIVED.probe(context)


def read(here: Bench, age: timedelta, source: str = "box_stream", events: int = 1) -> None:
    """A run that read some events, the newest of that age, and moved its position."""
    ledger, at = here.stores.ledger, here.now
    run = ledger.begin_run(kind="sync", profile="acme", source=source, at=at)
    ledger.inbox.acknowledge(
        run_id=run,
        position=Position("acme", source, "admin_logs_streaming", "", "7", at),
        progress=Progress(pages=1, read=events, newest=at - age if events else None),
    )


def test_a_position_without_events_proves_nothing(here: Bench) -> None:
    assert arrived(here, records=False).cause == "events.no_records"
    assert arrived(here).cause == "events.none_arrived"
    read(here, timedelta(0), events=0)
    read(here, timedelta(0), source="import")
    found = arrived(here)
    assert (found.status, found.cause) == (Status.UNPROVEN, "events.none_arrived")


@pytest.mark.parametrize("source", ["box_stream", "box_user_stream"])
def test_events_prove_it_as_long_as_they_are_new(here: Bench, source: str) -> None:
    read(here, timedelta(days=4), source)
    found = arrived(here)
    assert (found.status, found.cause) == (Status.UNPROVEN, "events.arrived_long_ago")
    read(here, timedelta(hours=5), source)
    assert arrived(here).status is Status.PASSED


def test_a_genuine_delivery_proves_it(here: Bench) -> None:
    here.box(box_body(1))
    here.drain()
    here.settle()
    assert arrived(here).status is Status.PASSED

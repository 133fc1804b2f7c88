"""Alarms that came as deliveries fail the checks, each with its own cause."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lib.app.background.checking import LedgerRecords
from lib.runbook.checks import box_watch
from lib.runbook.checks.check import Check
from lib.runbook.checks.check_context import Facts
from lib.runbook.checks.verdict import Status
from tests.webhook_bench import Bench, bench, box_body


@pytest.fixture
def webhooks(tmp_path: Path) -> Iterator[Bench]:
    with bench(tmp_path) as made:
        yield made


def test_the_checks_fail_with_the_cause_and_name_the_webhook(webhooks: Bench) -> None:
    stores = webhooks.stores
    context: Any = SimpleNamespace(
        records=LedgerRecords(stores.ledger, stores.events),
        profile=SimpleNamespace(key="acme"),
        clock=lambda: webhooks.now,
        facts=Facts(),
    )
    deleted, session = _alarm_checks()
    assert deleted.probe(context).cause == session.probe(context).cause == "webhooks.none"
    context.facts.webhooks = ({"id": "11"},)
    assert deleted.probe(context).status is session.probe(context).status is Status.UNPROVEN
    for number, (trigger, hook) in enumerate(
        [("WEBHOOK.DELETED", "11"), ("NO_ACTIVE_SESSION", "12"), ("FILE.UPLOADED", "13")]
    ):
        webhooks.box(box_body(number, trigger, webhook={"id": hook, "type": "webhook"}))
    webhooks.drain()
    reported = [
        (one.status, one.cause, one.compared["webhooks"])
        for one in (deleted.probe(context), session.probe(context))
    ]
    assert reported == [
        (Status.FAILED, "webhooks.deleted", "11"),
        (Status.FAILED, "webhooks.no_session", "12"),
    ]


def test_a_delivery_without_an_alarm_passes(webhooks: Bench) -> None:
    webhooks.box(box_body(1))
    webhooks.drain()
    webhooks.settle()
    context: Any = SimpleNamespace(
        records=LedgerRecords(webhooks.stores.ledger, webhooks.stores.events),
        profile=SimpleNamespace(key="acme"),
        clock=lambda: webhooks.now,
        facts=Facts(),
    )
    for check in _alarm_checks():
        assert check.probe(context).status is Status.PASSED


def test_without_the_deliveries_nothing_is_said(webhooks: Bench) -> None:
    context: Any = SimpleNamespace(
        records=LedgerRecords(webhooks.stores.ledger),
        profile=SimpleNamespace(key="acme"),
        clock=lambda: webhooks.now,
    )
    for check in _alarm_checks():
        assert check.probe(context).cause == "events.no_records"


def _alarm_checks() -> tuple[Check, Check]:
    checks = {one.id: one for one in box_watch.CHECKS}
    return checks["box.webhooks.deleted"], checks["box.webhooks.session"]

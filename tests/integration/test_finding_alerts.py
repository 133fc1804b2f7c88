"""Alerts about new findings over real HTTP: once, without anybody's name, never of old times."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from lib.app.background.alerting import Alerter
from lib.core.redaction import Secret
from lib.http import Waiting
from lib.settings.watching import AlertFormat, AlertSettings
from lib.store.ledger.findings import DetectionRun, FindingMute, FoundRecord
from lib.store.ledger.incidents import AlertKind
from lib.store.ledger.ledger import Ledger
from tests.integration.test_alerting import NOW, PATH, PROFILE, Clock
from tests.wire_server import Reply, WireServer, wire_server

HOUR = timedelta(hours=1)
RUN = DetectionRun("acme", NOW, NOW - 24 * HOUR, NOW, "box_stream", {})
ONE = FoundRecord("k1", "mass_download", "11", "11", NOW - 3 * HOUR, NOW - 2 * HOUR, 80, "high",
                  {"why": "80 files <!channel>"})  # fmt: skip


@pytest.fixture
def receiver() -> Iterator[WireServer]:
    with wire_server() as server:
        yield server


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = Ledger.open(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    yield made
    made.close()


def alerter(url: str, kind: AlertFormat = AlertFormat.SLACK) -> Alerter:
    clock = Clock()
    settings = AlertSettings(Secret(url + PATH), kind, after=timedelta(0))
    return Alerter(settings, ("127.0.0.1",), clock=clock, waiting=Waiting(clock, clock.sleep))


def test_new_findings_are_reported_once_in_one_message(
    ledger: Ledger, receiver: WireServer
) -> None:
    ledger.findings.keep(RUN, [ONE, replace(ONE, key="k2", subject="12", actor_id="12")])
    sender = alerter(receiver.url)
    assert sender.send_findings(ledger, PROFILE) == 2
    ledger.findings.keep(RUN, [replace(ONE, until=NOW - HOUR, events=99)])
    assert sender.send_findings(ledger, PROFILE) == 0
    (request,) = receiver.requests
    text = request.json["text"]
    assert "New findings: Acme, production" in text
    assert "2 new findings" in text
    assert "<!channel>" not in text
    (outcome,) = ledger.health.outcomes("acme")
    assert (outcome.kind, outcome.ok) == (AlertKind.FINDINGS, True)


def test_the_plain_form_names_nobody(ledger: Ledger, receiver: WireServer) -> None:
    ledger.findings.keep(RUN, [ONE])
    alerter(receiver.url, AlertFormat.GENERIC).send_findings(ledger, PROFILE)
    (finding,) = receiver.requests[0].json["findings"]
    assert finding["title"] == "Mass download"
    assert "actor_id" not in finding
    assert "subject" not in finding


def test_muted_slight_and_old_findings_alert_nobody(ledger: Ledger, receiver: WireServer) -> None:
    long_ago = NOW - timedelta(days=40)
    ledger.findings.keep(
        RUN,
        [
            ONE,
            replace(ONE, key="k2", subject="12", severity="low"),
            replace(ONE, key="k3", subject="13", since=long_ago, until=long_ago),
        ],
    )
    ledger.findings.mute(FindingMute("acme", "mass_download", "11", "known", NOW, NOW + HOUR))
    assert alerter(receiver.url).send_findings(ledger, PROFILE) == 0
    assert receiver.requests == []


def test_what_could_not_be_sent_is_sent_later(ledger: Ledger, receiver: WireServer) -> None:
    ledger.findings.keep(RUN, [ONE])
    receiver.queue = [Reply(503)] * 3
    sender = alerter(receiver.url)
    sender.send_findings(ledger, PROFILE)
    assert [one.key for one in ledger.findings.untold("acme", NOW - 24 * HOUR)] == ["k1"]
    assert sender.send_findings(ledger, PROFILE) == 0  # too early
    assert isinstance(sender._clock, Clock)
    sender._clock.now += timedelta(minutes=5)
    assert sender.send_findings(ledger, PROFILE) == 1
    assert ledger.findings.untold("acme", NOW - 24 * HOUR) == []

"""Alerts over real HTTP: sent, tried again, refused, and never telling the address."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lib.app.background.alerting import ATTEMPTS, Alerter
from lib.app.logs import redact_all_logs
from lib.core.redaction import Secret
from lib.http import Waiting
from lib.settings.profiles import Profile, ProfileKind
from lib.settings.watching import AlertFormat, AlertSettings
from lib.store.ledger.health import HealthBook, RunRecord
from lib.store.ledger.incidents import AlertKind, Incident, IncidentSeverity, Mute
from lib.store.ledger.ledger import Ledger
from tests.wire_server import CUT, Reply, WireServer, wire_server

NOW = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
PROFILE = Profile("acme", "Acme, production", ProfileKind.CONFIGURED)
PATH = "/services/T0/B0/canary-5d1c"


@pytest.fixture
def receiver() -> Iterator[WireServer]:
    with wire_server() as server:
        yield server


@pytest.fixture
def book(tmp_path: Path) -> Iterator[HealthBook]:
    ledger = Ledger.open(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    yield ledger.health
    ledger.close()


class Clock:
    """A clock that a test moves; sleeping moves it too."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def alerter(
    url: str,
    *allowed: str,
    kind: AlertFormat = AlertFormat.SLACK,
    clock: Clock | None = None,
) -> Alerter:
    clock = clock or Clock()
    settings = AlertSettings(Secret(url), kind, after=timedelta(0))
    return Alerter(settings, allowed, clock=clock, waiting=Waiting(clock, clock.sleep))


def opened(book: HealthBook) -> Incident:
    new = Incident("acme", "network.dns", IncidentSeverity.FAILURE, NOW, NOW, NOW, checks=("a",))
    book.keep_run(
        "acme",
        RunRecord(NOW, ()),
        lambda _known: [new],
        longest_gap=timedelta(minutes=15),
        reopens_within=timedelta(minutes=30),
    )
    (kept,) = book.incidents("acme")
    return kept


def test_an_incident_is_reported_once(book: HealthBook, receiver: WireServer) -> None:
    opened(book)
    sender = alerter(receiver.url + PATH, "127.0.0.1")
    assert sender.send_due(book, PROFILE) == 1
    assert sender.send_due(book, PROFILE) == 0
    (request,) = receiver.requests
    assert (request.method, request.path) == ("POST", PATH)
    assert request.headers["content-type"] == "application/json"
    assert "New incident: Acme, production" in request.json["text"]
    (outcome,) = book.outcomes("acme")
    assert (outcome.kind, outcome.ok, outcome.status, outcome.attempts) == (
        AlertKind.OPEN,
        True,
        200,
        1,
    )


def test_the_plain_form_is_json_of_our_own(book: HealthBook, receiver: WireServer) -> None:
    opened(book)
    alerter(receiver.url + PATH, "127.0.0.1", kind=AlertFormat.GENERIC).send_due(book, PROFILE)
    message = receiver.requests[0].json
    assert message["incident"]["cause"] == "network.dns"
    assert message["profile"]["key"] == "acme"


@pytest.mark.parametrize("trouble", [Reply(503), Reply(429), CUT])
def test_a_receiver_in_trouble_is_asked_again(
    book: HealthBook, receiver: WireServer, trouble: Reply
) -> None:
    opened(book)
    receiver.queue = [trouble, trouble]
    alerter(receiver.url + PATH, "127.0.0.1").send_due(book, PROFILE)
    (outcome,) = book.outcomes("acme")
    assert (outcome.ok, outcome.attempts) == (True, 3)
    assert len(receiver.requests) == 3


def test_what_still_fails_is_shown_and_tried_again_later(
    book: HealthBook, receiver: WireServer
) -> None:
    opened(book)
    receiver.answer = lambda _seen: Reply(500, b"canary-answer")
    clock = Clock()
    sender = alerter(receiver.url + PATH, "127.0.0.1", clock=clock)
    sender.send_due(book, PROFILE)
    (outcome,) = book.outcomes("acme")
    assert (outcome.ok, outcome.status, outcome.attempts) == (False, 500, ATTEMPTS)
    assert outcome.detail == "127.0.0.1 answered 500."
    assert sender.send_due(book, PROFILE) == 0
    clock.sleep(61)
    receiver.answer = None
    assert sender.send_due(book, PROFILE) == 1
    assert book.outcomes("acme")[0].ok


def test_a_refusal_is_not_repeated(book: HealthBook, receiver: WireServer) -> None:
    opened(book)
    receiver.queue = [Reply(404)]
    alerter(receiver.url + PATH, "127.0.0.1").send_due(book, PROFILE)
    (outcome,) = book.outcomes("acme")
    assert (outcome.ok, outcome.status, outcome.attempts) == (False, 404, 1)


def test_loopback_is_reached_only_when_the_host_listed_it(
    book: HealthBook, receiver: WireServer
) -> None:
    outcome = alerter(receiver.url + PATH).test(book, PROFILE)
    assert (outcome.ok, outcome.status, outcome.attempts) == (False, None, 1)
    assert "loopback" in outcome.detail
    assert receiver.requests == []


def test_a_redirect_to_another_host_is_not_followed(book: HealthBook, receiver: WireServer) -> None:
    receiver.queue = [Reply(307, headers={"Location": "https://evil.example/take"})]
    outcome = alerter(receiver.url + PATH, "127.0.0.1").test(book, PROFILE)
    assert not outcome.ok
    assert len(receiver.requests) == 1


def test_a_muted_cause_is_reported_to_nobody(book: HealthBook, receiver: WireServer) -> None:
    opened(book)
    book.mute(Mute("acme", "network.dns", "a move", NOW, NOW + timedelta(hours=1)))
    assert alerter(receiver.url + PATH, "127.0.0.1").send_due(book, PROFILE) == 0
    assert receiver.requests == []


def test_the_address_is_reported_to_nobody(
    book: HealthBook,
    receiver: WireServer,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(logging, "_logRecordFactory", logging.getLogRecordFactory())
    redact_all_logs()  # undone with the test
    caplog.set_level(logging.DEBUG)
    opened(book)
    receiver.answer = lambda _seen: Reply(404)
    alerter(receiver.url + PATH, "127.0.0.1").send_due(book, PROFILE)
    alerter("https://127.0.0.1:1" + PATH, "127.0.0.1").test(book, PROFILE)
    alerter("https://name.invalid" + PATH).test(book, PROFILE)
    assert len(book.outcomes("acme")) == 3
    assert "could not be sent" in caplog.text
    assert "canary" not in caplog.text
    for outcome in book.outcomes("acme"):
        assert "canary" not in outcome.detail
    for path in tmp_path.iterdir():
        assert b"canary-5d1c" not in path.read_bytes()

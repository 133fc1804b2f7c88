"""Webhooks from the sandbox to the real app over real HTTP: each kind of signature, each reason.

The app owns its event store while it runs: what became of deliveries is seen in the ledger, and in
the store once the app has ended.
"""

import contextlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from lib.store import EventStore, Ledger
from tests.browser.conftest import App, running_app, wait_until
from tests.sandbox_server import SandboxServer, running_sandbox

SMALL = ("--days", "2", "--users", "12", "--events-per-day", "60", "--no-rate-limits")


@dataclass(frozen=True, slots=True)
class Watched:
    """An app, the sandbox behind it, and a look into the app's ledger."""

    app: App
    sandbox: SandboxServer
    ledger: Ledger

    def emit(self, kind: str, **order: Any) -> list[dict[str, Any]]:
        """Make events happen; what came back from the app for each delivery."""
        target = {"kind": kind, "url": f"{self.app.url}/webhooks/{kind}/sandbox"}
        answer = self.sandbox.post("/sandbox/emit", {"count": 3, "deliver": [target], **order})
        deliveries: list[dict[str, Any]] = answer["deliveries"]
        assert deliveries
        return deliveries

    def reasons(self, profile: str = "sandbox") -> dict[str, int]:
        """How many were refused lately, by reason."""
        now = datetime.now(UTC)
        hour = timedelta(hours=1)
        found: dict[str, int] = {}
        for one in self.ledger.deliveries.reject_counts(profile, now - hour, now + hour):
            found[one.reason] = found.get(one.reason, 0) + one.times
        return found

    def refused(self, reason: str, times: int) -> bool:
        """Whether so many were refused for a reason."""
        return self.reasons().get(reason) == times


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    """A running app over a small sandbox of its own."""
    with running_sandbox(*SMALL, until=None) as sandbox, contextlib.ExitStack() as stack:
        env = {"BOX_RUNBOOK_SANDBOX": sandbox.url}
        app = stack.enter_context(running_app(tmp_path / "data", env=env))
        wait_until(lambda: app.get("/healthz").status_code == 200)
        ledger = Ledger.open(f"sqlite:///{app.data / 'ledger.sqlite'}")
        stack.callback(ledger.close)
        yield Watched(app, sandbox, ledger)


@contextlib.contextmanager
def ended(watched: Watched) -> Iterator[EventStore]:
    """The app's event store, after its end."""
    wait_until(lambda: watched.ledger.inbox.waiting() == 0)
    watched.app.process.terminate()
    watched.app.process.wait(30)
    store = EventStore.open(watched.app.data / "events.duckdb")
    try:
        yield store
    finally:
        store.close()


SIGNATURES = {
    "wrong": (403, "wrong"),
    "swapped": (403, "swapped"),
    "old": (403, "expired"),
    "future": (403, "future"),
}


def test_every_kind_of_signature_gets_its_own_reason(watched: Watched) -> None:
    for signature, (status, reason) in SIGNATURES.items():
        sent = watched.emit("box", signature=signature)
        assert {one["status"] for one in sent} == {status}
        wait_until(partial(watched.refused, reason, len(sent)))
    assert {one["status"] for one in watched.emit("kloudless", signature="wrong")} == {403}
    good = watched.emit("box", attempts=3)
    assert len(good) == 9
    assert {one["status"] for one in good} == {200}
    named = watched.emit("kloudless")
    assert {one["status"] for one in named} == {200}
    # the account that was named is read from Kloudless, although Box is what charts count
    wait_until(lambda: not watched.ledger.deliveries.requested("sandbox"))
    with ended(watched) as store:
        assert dict(
            store.rows("SELECT verdict, count(*) FROM deliveries WHERE kind = 'box' GROUP BY ALL")
        ) == {"accepted": 3, "repeated": 6}
        ids = {one["id"] for one in good}
        assert {
            i for (i,) in store.rows("SELECT delivery_id FROM deliveries WHERE kind = 'box'")
        } == ids
        sources = {facts.source: facts.events for facts in store.sources("sandbox")}
        assert sources["box_webhook"] == 3
        assert sources["kloudless"] > 0
        late = store.rows(
            "SELECT max(stored_at - received_at) < INTERVAL 30 SECOND FROM deliveries"
        )
        assert late == [(True,)]
        assert store.rows("FROM quarantine") == []


@pytest.mark.parametrize("trigger", ["NO_ACTIVE_SESSION", "WEBHOOK.DELETED"])
def test_the_alarms_arrive_too(watched: Watched, trigger: str) -> None:
    assert {one["status"] for one in watched.emit("box", count=1, trigger=trigger)} == {200}
    with ended(watched) as store:
        assert store.rows("SELECT trigger FROM deliveries") == [(trigger,)]
        assert store.rows("SELECT event_type FROM events WHERE source = 'box_webhook'") == [
            (trigger,)
        ]


def test_what_else_comes_to_the_addresses_over_http(watched: Watched) -> None:
    url = f"{watched.app.url}/webhooks/box/sandbox"
    with httpx.Client(timeout=30) as client:
        looked = client.get(url)
        assert (looked.status_code, looked.headers["allow"]) == (405, "POST")
        assert client.post(f"{watched.app.url}/webhooks/box/acme").status_code == 404
        for same in (url, f"{url}/"):
            assert client.post(same, content=b"{}").json()["reason"] == "missing"
        assert client.post(url, content=b"x" * 3_000_000).status_code == 413
        for path in ("", "/", "/box", "/box/", "/other/sandbox", "/box/a/b"):
            answer = client.post(f"{watched.app.url}/webhooks{path}", content=b"{}")
            assert answer.status_code == 404
            assert answer.headers["content-type"] == "application/json"
    wait_until(lambda: watched.reasons() == {"wrong_method": 1, "missing": 2, "too_large": 1})
    wait_until(lambda: watched.reasons("") == {"unknown_profile": 1})


def test_configured_profiles_receive_also_where_pages_may_not_show_them(tmp_path: Path) -> None:
    """Who may look at pages is one thing, that Box may deliver another."""
    with running_sandbox(*SMALL, until=None) as sandbox:
        keys = sandbox.credentials()["box"]["webhook_keys"]
        prefix = "BOX_RUNBOOK__PROFILES__ACME__BOX__"
        env = {
            "BOX_RUNBOOK_SANDBOX": sandbox.url,
            f"{prefix}AUTH": "developer_token",
            f"{prefix}DEVELOPER_TOKEN": "nobody-asks-for-it",
            f"{prefix}API_URL": "http://127.0.0.1:9",
            f"{prefix}WEBHOOK_PRIMARY_KEY": keys["primary"],
        }
        with running_app(tmp_path / "data", address="0.0.0.0", env=env) as app:  # noqa: S104
            target = {"kind": "box", "url": f"{app.url}/webhooks/box/acme"}
            answer = sandbox.post("/sandbox/emit", {"count": 1, "deliver": [target]})
            assert [one["status"] for one in answer["deliveries"]] == [200]
    with closing(sqlite3.connect(tmp_path / "data" / "ledger.sqlite")) as ledger, ledger:
        found = ledger.execute("SELECT profile, attempts FROM accepted").fetchall()
    ledger.close()
    assert found == [("acme", 1)]
    assert keys["primary"] not in (tmp_path / "data.log").read_text(encoding="utf-8")

"""Watching a profile over the real sandbox: runs, the schedule, incidents, alerts, sessions."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lib.app.background.watching import Watch
from lib.app.clients import Clients
from lib.app.runtime import Runtime
from lib.runbook.checks.registry import CHECKS
from lib.runbook.checks.verdict import Status
from lib.runbook.health.history import OVERALL
from lib.runbook.health.recording import latest_verdicts
from lib.settings.loading import load_settings
from lib.settings.profiles import Profile, sandbox_profile, session_profile
from lib.settings.watching import HealthSettings
from lib.store.ledger.incidents import AlertKind, IncidentState
from lib.store.ledger.ledger import Ledger
from lib.store.ledger.reading_runs import RunState
from tests.sandbox_server import SandboxServer
from tests.wire_server import Reply, Seen, WireServer, wire_server

CALM = timedelta(minutes=30)
WAIT_S = 120


class Clock:
    """The real clock, moved ahead by a test."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def profile(sandbox: SandboxServer) -> Profile:
    return sandbox_profile(sandbox.credentials())


@pytest.fixture
def watch(
    sandbox: SandboxServer, profile: Profile, clock: Clock, tmp_path: Path
) -> Iterator[Watch]:
    clients = Clients((), lambda: sandbox.url, tmp_path)
    ledger = Ledger.open(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    made = Watch(profile, clients, ledger, HealthSettings(calm=CALM), clock=clock)
    yield made
    made.cancel()
    assert made.wait(WAIT_S)
    clients.close()
    ledger.close()


def client_id(sandbox: SandboxServer) -> str:
    """The app of the profile: other tests' apps stay as they are."""
    return str(sandbox.credentials()["box"]["config"]["boxAppSettings"]["clientID"])


def checked(watch: Watch) -> None:
    watch.check_now()
    assert watch.wait(WAIT_S)
    snapshot = watch.snapshot()
    assert snapshot is not None
    assert snapshot.error is None
    assert snapshot.state is RunState.DONE


def test_a_run_is_kept_with_its_verdicts_calls_and_key(watch: Watch, clock: Clock) -> None:
    checked(watch)
    key = watch.profile.key
    snapshot = watch.snapshot()
    assert snapshot is not None
    assert [one.id for one in snapshot.verdicts] == [check.id for check in CHECKS]
    assert not [one.id for one in snapshot.verdicts if one.status is Status.FAILED]
    assert snapshot.share == 1.0
    kept = latest_verdicts(watch.ledger, key)
    assert set(kept) == {check.id for check in CHECKS}
    assert kept["box.identity"].evidence.status == 200
    spans = watch.book.spans(key, clock() - timedelta(hours=1))
    assert set(spans) == {*kept, OVERALL}
    assert any(call.path == "/2.0/users/me" for call in watch._clients.journal(watch.profile).calls)
    (fingerprint,) = watch.book.fingerprints(key)
    assert (fingerprint.kind, len(fingerprint.fingerprint)) == ("key", 64)


def test_two_runs_never_work_at_once(watch: Watch) -> None:
    first = watch.check_now()
    assert watch.check_now().id == first.id
    assert watch.wait(WAIT_S)
    assert watch.check_now().id != first.id


def test_a_run_that_is_cancelled_keeps_nothing(watch: Watch, sandbox: SandboxServer) -> None:
    with sandbox.fault("app_not_authorized", client_id=client_id(sandbox)):
        watch.check_now()
        watch.cancel()
        assert watch.wait(WAIT_S)
    snapshot = watch.snapshot()
    assert snapshot is not None
    assert snapshot.state is RunState.CANCELLED
    assert watch.book.incidents(watch.profile.key) == []
    assert latest_verdicts(watch.ledger, watch.profile.key) == {}


def test_a_fault_makes_one_incident_which_ends_when_it_is_gone(
    watch: Watch, sandbox: SandboxServer, clock: Clock
) -> None:
    key = watch.profile.key
    checked(watch)
    usual = {one.cause for one in watch.book.incidents(key)}
    with sandbox.fault("app_not_authorized", client_id=client_id(sandbox)):
        checked(watch)
        checked(watch)
    (incident,) = [one for one in watch.book.incidents(key) if one.cause not in usual]
    assert incident.cause == "token.app_not_authorized"
    assert incident.checks == ("box.token.enterprise",)
    assert incident.seen == 2
    checked(watch)
    clock.ahead = CALM
    checked(watch)
    (ended,) = [one for one in watch.book.incidents(key) if one.id == incident.id]
    assert ended.state is IncidentState.RESOLVED
    assert {one.cause for one in watch.book.incidents(key) if one.open} == usual


def test_the_schedule_runs_when_idle_again_and_again_until_it_is_stopped(
    sandbox: SandboxServer, profile: Profile, clock: Clock, tmp_path: Path
) -> None:
    ledger = Ledger.open(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    clients = Clients((), lambda: sandbox.url, tmp_path)
    stopping, twice, busy = threading.Event(), threading.Event(), threading.Event()
    runs: set[str] = set()
    asked: list[bool] = []

    def kept(_profile: Profile) -> None:
        snapshot = watch.snapshot()
        if snapshot is not None and not snapshot.running:
            runs.add(snapshot.id)
            asked.append(snapshot.asked)
        if len(runs) >= 2:
            twice.set()

    def idle() -> bool:
        busy.set()
        return len(asked) > 0 or clock() > started + timedelta(milliseconds=50)

    settings = HealthSettings(every=timedelta(milliseconds=10))
    watch = Watch(profile, clients, ledger, settings, after_run=kept, clock=clock)
    started = clock()
    thread = threading.Thread(target=watch.follow, args=(stopping,), kwargs={"idle": idle})
    thread.start()
    assert twice.wait(WAIT_S)
    stopping.set()
    thread.join(WAIT_S)
    assert not thread.is_alive()
    assert watch.wait(WAIT_S)
    assert busy.is_set()
    assert not any(asked)
    clients.close()
    ledger.close()


@pytest.fixture
def receiver() -> Iterator[WireServer]:
    with wire_server() as server:
        yield server


def test_the_app_checks_and_tells_without_a_visitor_and_stops_cleanly(
    tmp_path: Path, own_sandbox: SandboxServer, receiver: WireServer
) -> None:
    own_sandbox.post(
        "/sandbox/faults", {"name": "app_not_authorized", "client_id": client_id(own_sandbox)}
    )
    reported = threading.Event()

    def take(seen: Seen) -> Reply:
        if "isn't authorized in this enterprise" in seen.json["text"]:
            reported.set()
        return Reply()

    receiver.answer = take
    environ = {
        "BOX_RUNBOOK_SANDBOX": own_sandbox.url,
        "BOX_RUNBOOK__ALERTS__URL": f"{receiver.url}/hook",
        "BOX_RUNBOOK__ALERTS__AFTER": "0s",
        "BOX_RUNBOOK__ACCESS__ALLOWED_HOSTS": "127.0.0.1",
    }
    runtime = Runtime(load_settings(environ=environ, secrets={}, data_dir=tmp_path / "data"))
    runtime.start()
    try:
        assert reported.wait(WAIT_S)
    finally:
        runtime.stop()
    ledger = Ledger.open(f"sqlite:///{tmp_path / 'data' / 'ledger.sqlite'}")
    outcomes = ledger.health.outcomes("sandbox")
    assert outcomes
    assert {(one.kind, one.ok) for one in outcomes} == {(AlertKind.OPEN, True)}
    ledger.close()
    names = [thread.name for thread in threading.enumerate()]
    assert [name for name in names if name.startswith(("watch-", "check-"))] == []


def test_a_session_is_checked_on_demand_and_leaves_no_byte(
    tmp_path: Path, sandbox: SandboxServer
) -> None:
    environ = {"BOX_RUNBOOK_SANDBOX": sandbox.url}
    runtime = Runtime(load_settings(environ=environ, secrets={}, data_dir=tmp_path / "data"))
    runtime.start()
    try:
        box = runtime.sandbox.profile().box
        mine = session_profile(box=box, label="canary-label-21aa")
        watch = runtime.watch_for(mine)
        assert not watch.scheduled
        checked(watch)
        assert latest_verdicts(watch.ledger, mine.key)["box.identity"].status is Status.PASSED
        runtime.forget(mine.key)
        assert len(runtime.sessions) == 0
    finally:
        runtime.stop()
    for path in (tmp_path / "data").rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        assert mine.key.encode() not in content
        assert b"canary-label-21aa" not in content


def test_a_second_writer_joins_the_same_incident(
    watch: Watch, sandbox: SandboxServer, tmp_path: Path
) -> None:
    """A command that records its run, beside the app."""
    with sandbox.fault("app_not_authorized", client_id=client_id(sandbox)):
        checked(watch)
        clients = Clients((), lambda: sandbox.url, tmp_path)
        ledger = Ledger.open(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
        other = Watch(watch.profile, clients, ledger, HealthSettings(calm=CALM))
        checked(other)
        clients.close()
    (incident,) = [
        one
        for one in ledger.health.incidents(watch.profile.key)
        if one.cause == "token.app_not_authorized"
    ]
    assert incident.seen == 2
    ledger.close()

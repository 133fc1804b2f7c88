"""The background of the app over the real sandbox: owner, reading, sessions, take-over, health."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import duckdb
import httpx
import pytest

from lib.app import runtime as runtime_module
from lib.app.ownership import TOKEN_HEADER, OwnerLock, read_owner
from lib.app.practice.sandbox_process import Sandbox
from lib.app.process_runtime import current, start_background, stop_background
from lib.app.runtime import Runtime
from lib.core.errors import RunbookError, StoreError, Unreachable
from lib.settings.loading import load_settings
from lib.settings.profiles import Profile, session_profile
from lib.store import open_stores
from lib.store.events import rollups
from lib.store.ledger.reading_runs import RunState
from tests.data_folders import OLDEST, unpack
from tests.sandbox_server import SandboxServer, running_sandbox


@pytest.fixture(scope="module")
def small_world() -> Iterator[SandboxServer]:
    """A sandbox that is read in a moment."""
    with running_sandbox(
        "--days", "10", "--events-per-day", "150", "--users", "20", "--no-rate-limits"
    ) as server:
        yield server


@pytest.fixture
def sandbox(small_world: SandboxServer) -> SandboxServer:
    """The sandbox of this file's tests."""
    small_world.clear_faults()
    return small_world


def make(data: Path, sandbox: SandboxServer) -> Runtime:
    environ = {"BOX_RUNBOOK_SANDBOX": sandbox.url}
    return Runtime(load_settings(environ=environ, secrets={}, data_dir=data))


@pytest.fixture
def runtime(tmp_path: Path, sandbox: SandboxServer) -> Iterator[Runtime]:
    made = make(tmp_path / "data", sandbox)
    made.start()
    yield made
    made.stop()


def read_all(runtime: Runtime) -> Profile:
    profile = runtime.sandbox.profile()
    job = runtime.reader_for(profile).job or runtime.sync_now(profile, timedelta(days=365))
    assert job.wait(120)
    assert job.snapshot().state is RunState.DONE
    return profile


def test_the_owner_reads_everything_by_itself(runtime: Runtime, sandbox: SandboxServer) -> None:
    profile = read_all(runtime)
    stores = runtime.stores_for(profile)
    assert stores.events.count() == sandbox.truth()["events"]["total"]
    health = runtime.health()
    assert (health["ok"], health["ledger"], health["events"]) == (True, True, True)
    connection = runtime.reader_for(profile).connection
    assert connection is not None
    assert connection.error is None
    assert connection.enterprise


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_an_older_data_folder_is_upgraded_while_pages_are_told_how_far_it_is(
    tmp_path: Path, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = unpack(OLDEST, tmp_path)["events"]["events"]
    begun, go_on = threading.Event(), threading.Event()
    rebuild_one = rollups.rebuild_one

    def slow(cursor: duckdb.DuckDBPyConnection, name: str) -> None:
        begun.set()
        assert go_on.wait(60)
        rebuild_one(cursor, name)

    monkeypatch.setattr(rollups, "rebuild_one", slow)
    runtime = make(tmp_path, sandbox)
    runtime.start()
    try:
        profile = runtime.sandbox.profile()
        assert begun.wait(60)
        assert runtime.upgrade is not None
        assert runtime.upgrade.step == "Upgrading the event store"
        with pytest.raises(StoreError, match=r"being upgraded to Box Runbook \d"):
            runtime.stores_for(profile)
        assert runtime.health()["ok"] is False
        go_on.set()
        wait_until(lambda: runtime.open_owner is not None)
        assert runtime.wait_until_open()
        assert runtime.stores_for(profile).events.count() >= rows
        assert runtime.upgrade is None
    finally:
        go_on.set()
        runtime.stop()


def test_a_second_process_receives_once_the_owner_has_upgraded_the_ledger(
    tmp_path: Path, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    unpack(OLDEST, tmp_path)
    monkeypatch.setattr(runtime_module, "RETRY_S", 0.1)
    owner = OwnerLock(tmp_path)
    assert owner.acquire()
    second = make(tmp_path, sandbox)
    second.start()
    try:
        second.sandbox.profile()
        wait_until(lambda: second.receiving.not_upgraded)
        assert second.receiver is None
        open_stores(second.settings).close()  # as the owner does
        wait_until(lambda: second.receiver is not None)
        assert not second.owner
    finally:
        second.stop()
        owner.release()


def test_the_owner_answers_on_loopback_with_its_token_alone(
    runtime: Runtime, tmp_path: Path
) -> None:
    read_all(runtime)
    owner = read_owner(tmp_path / "data")
    assert owner is not None
    assert owner.url.startswith("http://127.0.0.1:")
    assert httpx.get(f"{owner.url}/status").status_code == 403
    wrong = {TOKEN_HEADER: "wrong"}
    assert httpx.get(f"{owner.url}/status", headers=wrong).status_code == 403
    right = {TOKEN_HEADER: owner.token.reveal()}
    assert httpx.get(f"{owner.url}/status", headers=right).json()["waiting"] == 0


def test_a_second_process_says_who_has_the_events_and_takes_over(
    runtime: Runtime, tmp_path: Path, sandbox: SandboxServer
) -> None:
    profile = read_all(runtime)
    second = make(tmp_path / "data", sandbox)
    second.start()
    try:
        assert not second.owner
        with pytest.raises(StoreError, match="Another process"):
            second.stores_for(profile)
        runtime.stop()
        waited = threading.Event()
        for _ in range(100):
            if second.health()["ok"]:
                break
            waited.wait(0.1)
        total = sandbox.truth()["events"]["total"]
        assert second.stores_for(profile).events.count() == total
    finally:
        second.stop()


def test_a_session_profile_leaves_no_byte_on_the_disk(runtime: Runtime, tmp_path: Path) -> None:
    read_all(runtime)
    sandbox = runtime.sandbox.profile()
    runtime.clients.forget(sandbox.key)
    profile = session_profile(box=sandbox.box, label="canary-label-7f31")
    job = runtime.sync_now(profile, timedelta(days=365))
    assert job.wait(120)
    assert job.snapshot().state is RunState.DONE
    assert runtime.stores_for(profile).events.count() > 0
    runtime.forget(profile.key)
    assert len(runtime.sessions) == 0
    runtime.stop()
    for path in (tmp_path / "data").rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        assert profile.key.encode() not in content
        assert b"canary-label-7f31" not in content


def test_regression_a_read_in_the_middle_of_a_call_ends_before_the_app_does(
    tmp_path: Path, sandbox: SandboxServer
) -> None:
    runtime = make(tmp_path / "data", sandbox)
    with sandbox.fault("slow", delay=1, path="/2.0/events"):
        runtime.start()
        job = runtime.reader_for(runtime.sandbox.profile()).job
        assert job is not None
        begun = {thread.name for thread in threading.enumerate()}
        runtime.stop()
    left = {thread.name for thread in threading.enumerate()}
    mine = ("read-", "poll-", "watch-", "check-", "detect-", "drain", "retention", "background")
    assert {name for name in begun if name.startswith("read-")}
    assert {name for name in left if name.startswith(mine)} == set()
    with pytest.raises(Unreachable) as caught:
        runtime.clients.box(runtime.sandbox.profile()).me()
    assert caught.value.kind == "closed"


def test_two_sessions_with_the_same_credentials_see_only_their_own(runtime: Runtime) -> None:
    sandbox = runtime.sandbox.profile()
    one = session_profile(box=sandbox.box)
    two = session_profile(box=sandbox.box)
    assert one.key != two.key
    job = runtime.sync_now(one, timedelta(days=60))
    assert job.wait(120)
    assert runtime.stores_for(one).events.count() > 0
    assert runtime.stores_for(two).events.count() == 0


def test_reading_can_be_cancelled_and_goes_on_later(
    runtime: Runtime, sandbox: SandboxServer
) -> None:
    box = runtime.sandbox.profile().box
    profile = session_profile(box=box)
    job = runtime.sync_now(profile, timedelta(days=365))
    job.cancel()
    assert job.wait(60)
    assert job.snapshot().state in {RunState.CANCELLED, RunState.DONE}
    again = runtime.sync_now(profile, timedelta(days=365))
    assert again.wait(120)
    assert again.snapshot().state is RunState.DONE
    total = sandbox.truth()["events"]["total"]
    assert runtime.stores_for(profile).events.count() == total


def test_a_fault_of_the_other_side_is_kept_for_the_page(
    runtime: Runtime, sandbox: SandboxServer
) -> None:
    profile = session_profile(box=runtime.sandbox.profile().box)
    with sandbox.fault("app_not_authorized"):
        job = runtime.sync_now(profile, timedelta(days=1))
        assert job.wait(60)
    assert job.snapshot().state is RunState.FAILED
    assert isinstance(job.snapshot().error, RunbookError)


def test_starting_twice_is_starting_once(tmp_path: Path, sandbox: SandboxServer) -> None:
    environ = {"BOX_RUNBOOK_SANDBOX": sandbox.url}

    def load() -> object:
        return load_settings(environ=environ, secrets={}, data_dir=tmp_path / "data")

    try:
        first = start_background(load)  # type: ignore[arg-type]
        assert start_background(load) is first  # type: ignore[arg-type]
        assert current() is first
    finally:
        stop_background()
    assert current() is None


def test_the_child_sandbox_is_published_and_ends_with_us(tmp_path: Path) -> None:
    sandbox = Sandbox(tmp_path)
    sandbox.start()
    profile = sandbox.profile()
    record = json.loads((tmp_path / "sandbox.json").read_text())
    assert record["url"] == sandbox.url
    assert record["seed"] == httpx.get(f"{sandbox.url}/sandbox/world").json()["seed"] == 1
    assert profile.box is not None
    other = Sandbox(tmp_path)
    other.start()
    other.profile()
    assert other.url == sandbox.url
    other.stop()
    assert httpx.get(f"{record['url']}/sandbox/credentials").status_code == 200
    sandbox.stop()
    with pytest.raises(httpx.TransportError):
        httpx.get(f"{record['url']}/sandbox/credentials")
    assert not (tmp_path / "sandbox.json").exists()


def test_a_sandbox_that_can_not_start_says_so_at_once(tmp_path: Path) -> None:
    broken = Sandbox(tmp_path, command=("false",))
    with pytest.raises(RunbookError, match="did not start"):
        broken.profile()
    broken.stop()

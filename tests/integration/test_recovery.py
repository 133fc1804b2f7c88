"""What a delivery is told is so: 2xx once a new process would read it; and the app recovers."""

import ctypes
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lib.app import runtime as runtime_module
from lib.app.background import draining
from lib.app.ownership import OwnerLock
from lib.app.runtime import Runtime
from lib.box.signatures import SignatureKeys
from lib.core.redaction import Secret
from lib.settings.loading import load_settings
from lib.store import open_ledger, open_stores
from lib.webhooks.receive.receiver import Kind
from lib.webhooks.signing.sending import box_delivery, sample_body

PROFILE = "BOX_RUNBOOK__PROFILES__ACME__BOX__"
KEYS = SignatureKeys(Secret("a-primary-key"), Secret("a-secondary-key"))


def make(data: Path) -> Runtime:
    environ = {
        f"{PROFILE}AUTH": "developer_token",
        f"{PROFILE}DEVELOPER_TOKEN": "nobody-asks-for-it",
        f"{PROFILE}API_URL": "http://127.0.0.1:9",
        f"{PROFILE}WEBHOOK_PRIMARY_KEY": "a-primary-key",
        f"{PROFILE}WEBHOOK_SECONDARY_KEY": "a-secondary-key",
    }
    return Runtime(load_settings(environ=environ, secrets={}, data_dir=data))


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime_module, "RETRY_S", 0.1)
    monkeypatch.setattr(runtime_module, "LOOK_AFTER_S", 0.1)
    monkeypatch.setattr(draining, "AFTER_FAULT_S", 0.1)


@pytest.fixture
def runtime(tmp_path: Path) -> Iterator[Runtime]:
    made = make(tmp_path / "data")
    made.start()
    try:
        until(lambda: made.health()["ok"])
        yield made
    finally:
        made.stop()


def until(holds: Callable[[], object]) -> None:
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end, "it never held"
        time.sleep(0.05)


def deliver(runtime: Runtime, number: int) -> int:
    at = datetime.now(UTC)
    body = sample_body("FILE.UPLOADED", at).replace(b"}", b',"n":%d}' % number, 1)
    profile = runtime.settings.profiles["acme"]
    return runtime.deliver(profile, Kind.BOX, box_delivery(body, KEYS, at)).status


def kill(name: str) -> threading.Thread:
    """End a thread from inside, as an error that nobody foresaw would."""
    (thread,) = (one for one in threading.enumerate() if one.name == name)
    ending = ctypes.py_object(SystemExit)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident or 0), ending)
    thread.join(60)
    assert not thread.is_alive()
    return thread


def test_a_folder_that_is_deleted_under_the_app(runtime: Runtime) -> None:
    data = runtime.settings.data_dir
    assert deliver(runtime, 1) == 200
    shutil.rmtree(data)
    data.mkdir()  # whatever is told from here on must be in the new one
    told = deliver(runtime, 2)
    until(lambda: runtime.health()["ok"])
    assert deliver(runtime, 3) == 200
    runtime.stop()
    ledger = open_ledger(load_settings(environ={}, secrets={}, data_dir=data))
    found = len(ledger.inbox.take(10))
    ledger.close()
    assert found + drained(data) == 1 + (told == 200)


def drained(data: Path) -> int:
    stores = open_stores(load_settings(environ={}, secrets={}, data_dir=data))
    try:
        return stores.events.count()
    finally:
        stores.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_dead_threads_are_started_again(runtime: Runtime) -> None:
    for number, name in enumerate(("keeper", "drain")):
        kill(name)
        until(lambda: runtime.health()["ok"])
        assert deliver(runtime, number) == 200
    owner = runtime.open_owner
    assert owner is not None
    assert owner.drainer.finish()
    assert owner.stores.events.count() == 2


def test_a_start_that_failed_is_tried_again_and_keeps_no_lock(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for odd in ("events.duckdb", "owner.json", "ledger.sqlite"):
        (data / odd).mkdir(parents=True)
        (data / odd / "inside").touch()
        runtime = make(data)
        runtime.start()
        try:
            until(lambda: runtime.store_problem)  # noqa: B023  # ends in this turn
            health = runtime.health()
            assert health["ok"] is False
            assert health["reason"] == runtime.store_problem.message  # type: ignore[union-attr]  # until
            assert "report" not in runtime.store_problem.fix.lower()  # type: ignore[union-attr]  # as above
            other = OwnerLock(data)
            until(other.acquire)
            other.release()
            shutil.rmtree(data / odd)
            until(lambda: runtime.health()["ok"])  # noqa: B023  # as above
            assert "reason" not in runtime.health()
            assert deliver(runtime, 1) == 200
        finally:
            runtime.stop()
        shutil.rmtree(data)

"""The app killed at random moments under a load of deliveries: acknowledged equals stored, once.

The senders do as Box does: what isn't answered with 2xx comes again under the same body id and a
new delivery id. `BOX_RUNBOOK_KILLS` says how often the app is killed (3).
"""

import os
import random
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from lib.box import signatures as box
from lib.settings.loading import load_settings
from lib.store import Ledger, open_stores
from tests.browser.conftest import free_port, wait_until
from tests.sandbox_server import ROOT
from tests.webhook_bench import KEYS, box_body

KILLS = int(os.environ.get("BOX_RUNBOOK_KILLS", "3"))
SEED = random.Random(20260301)
SENDERS = 6
BETWEEN = 25
"""How many deliveries are acknowledged at least before the next kill."""


def environment(data: Path) -> dict[str, str]:
    """A profile that receives, and whose Box doesn't answer."""
    assert KEYS.primary
    assert KEYS.secondary
    prefix = "BOX_RUNBOOK__PROFILES__ACME__BOX__"
    clean = {k: v for k, v in os.environ.items() if not k.startswith("BOX_RUNBOOK")}
    return clean | {
        "BOX_RUNBOOK_DATA": str(data),
        f"{prefix}AUTH": "developer_token",
        f"{prefix}DEVELOPER_TOKEN": "nobody-asks-for-it",
        f"{prefix}API_URL": "http://127.0.0.1:9",
        f"{prefix}WEBHOOK_PRIMARY_KEY": KEYS.primary.reveal(),
        f"{prefix}WEBHOOK_SECONDARY_KEY": KEYS.secondary.reveal(),
    }


class Senders:
    """Some threads that send one body after the other, each until it is acknowledged."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._number = 0
        self.acknowledged: set[str] = set()
        self.tries = 0
        self._threads = [threading.Thread(target=self._send) for _ in range(SENDERS)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let each finish its body."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(120)

    def _send(self) -> None:
        with httpx.Client(timeout=30, trust_env=False) as client:
            while not self._stopping.is_set():
                with self._lock:
                    self._number += 1
                    number = self._number
                self._until_acknowledged(client, number)

    def _until_acknowledged(self, client: httpx.Client, number: int) -> None:
        body = box_body(number, created_at=datetime.now(UTC).isoformat())
        answered = False
        while not answered:
            at = datetime.now(UTC).isoformat(timespec="seconds")
            headers = {box.DELIVERY_ID: str(uuid4()), **box.sign(body, at, KEYS)}
            try:
                status = client.post(self._url, content=body, headers=headers).status_code
            except httpx.TransportError:
                status = 0
                threading.Event().wait(0.05)  # it is being started again
            with self._lock:
                self.tries += 1
                answered = 200 <= status < 300
                if answered:
                    self.acknowledged.add(f"0c1f7e6a-0000-4000-8000-{number:012d}")


def app(data: Path, port: int) -> "subprocess.Popen[bytes]":
    """The real app on a port."""
    command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py"]
    command += ["--server.address", "localhost", "--server.port", str(port)]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment(data),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@pytest.mark.timeout(3600)
def test_acknowledged_equals_stored_and_none_twice(tmp_path: Path) -> None:
    port = free_port()
    process = app(tmp_path, port)
    senders = Senders(f"http://localhost:{port}/webhooks/box/acme")
    try:
        for _ in range(KILLS):
            goal = len(senders.acknowledged) + BETWEEN
            wait_until(lambda goal=goal: len(senders.acknowledged) >= goal, seconds=120)  # type: ignore[misc]
            threading.Event().wait(SEED.uniform(0, 0.3))
            process.kill()
            process.wait()
            process = app(tmp_path, port)
        senders.stop()
        ledger = Ledger.open(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
        wait_until(lambda: ledger.inbox.waiting() == 0)
        ledger.close()
    finally:
        senders.stop()
        process.terminate()
        process.wait(60)
    stores = open_stores(load_settings(environ=environment(tmp_path), data_dir=tmp_path))
    events = stores.events.rows("SELECT event_id, count(*) FROM events GROUP BY ALL")
    assert {event for event, _ in events} == senders.acknowledged
    assert {times for _, times in events} == {1}
    assert len(senders.acknowledged) >= KILLS * BETWEEN
    # each attempt that was kept is there once, in the log too
    assert stores.events.rows("SELECT count(*) - count(DISTINCT id) FROM deliveries") == [(0,)]
    assert stores.events.rows(
        "SELECT count(*) FROM (SELECT body_id FROM deliveries GROUP BY body_id"
        " HAVING count(*) <> max(attempt))"
    ) == [(0,)]
    assert stores.events.rows("FROM quarantine") == []
    stores.close()

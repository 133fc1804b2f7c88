"""Fuzzing the webhooks' addresses over real HTTP: no 5xx, no growth, nothing lost that counted.

`BOX_RUNBOOK_FUZZ` says how many requests (600); 600,000 take eight to ten minutes.
"""

import os
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from lib.activity.ingest.drain import drain_all
from lib.settings.loading import load_settings
from lib.store import open_stores
from tests.sandbox_server import ROOT
from tests.webhook_bench import API_KEY, APP_ID, KEYS
from tests.webhook_fuzz import Fuzzed, Fuzzer

REQUESTS = int(os.environ.get("BOX_RUNBOOK_FUZZ", "600"))
SEED = int(os.environ.get("BOX_RUNBOOK_FUZZ_SEED", "4711"))
GROWTH_KB = 48_000
"""What the caches of a process and its allocator may take, however long it runs."""


def environment() -> dict[str, str]:
    """The profile `acme` with the keys of the tests."""
    assert KEYS.primary
    assert KEYS.secondary
    prefix = "BOX_RUNBOOK__PROFILES__ACME__"
    clean = {k: v for k, v in os.environ.items() if not k.startswith("BOX_RUNBOOK")}
    return clean | {
        f"{prefix}BOX__WEBHOOK_PRIMARY_KEY": KEYS.primary.reveal(),
        f"{prefix}BOX__WEBHOOK_SECONDARY_KEY": KEYS.secondary.reveal(),
        f"{prefix}KLOUDLESS__APP_ID": APP_ID,
        f"{prefix}KLOUDLESS__API_KEY": API_KEY.reveal(),
        f"{prefix}KLOUDLESS__BASE_URL": "https://kloudless.acme.example/v1",
    }


@contextmanager
def receiving(data: Path) -> Iterator[tuple["subprocess.Popen[str]", int]]:
    """`receive` in a process of its own, and its port."""
    process = subprocess.Popen(
        [sys.executable, "-m", "lib", "receive", "--port", "0", "--data", str(data)],
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield process, int(process.stdout.readline().rsplit(":", 1)[1])
    finally:
        process.kill()
        process.communicate()


def status(port: int, fuzzed: Fuzzed) -> int | None:
    """The status of the answer; None where there is none, as to half a request."""
    patience = 60 if fuzzed.whole else 0.2
    with socket.create_connection(("127.0.0.1", port), timeout=60) as line:
        answer = b""
        with suppress(ConnectionError, *([] if fuzzed.whole else [TimeoutError])):
            line.sendall(fuzzed.raw)
            line.settimeout(patience)
            while len(answer) < 12 and (part := line.recv(4096)):
                answer += part
    words = answer.split(b" ", 2)
    return int(words[1]) if answer.startswith(b"HTTP/1.1 ") else None


def resident_kb(pid: int) -> int:
    text = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(text.split("VmRSS:")[1].split()[0])


@pytest.mark.timeout(3600)
def test_whatever_comes_is_answered_and_costs_nothing(tmp_path: Path) -> None:
    fuzzer = Fuzzer(SEED)
    answers: Counter[tuple[bool, int | None]] = Counter()
    with receiving(tmp_path) as (process, port):
        before = 0
        for number in range(REQUESTS):
            fuzzed = fuzzer.next()
            answers[fuzzed.genuine, status(port, fuzzed)] += 1
            if number == min(REQUESTS // 2, 2000):
                before = resident_kb(process.pid)  # after warming up
        assert process.poll() is None
        grown = resident_kb(process.pid) - before
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=60)
    assert process.returncode == 0
    assert not {said for _, said in answers if said is not None and said >= 500}, (SEED, answers)
    assert {said for genuine, said in answers if genuine} == {200, 400}, (SEED, answers)
    assert grown < GROWTH_KB
    assert log == ""
    stores = open_stores(load_settings(environ=environment(), data_dir=tmp_path))
    drain_all(stores)
    # several ids come more often than is kept, and Kloudless's notices still more so
    (kept,) = stores.events.rows("SELECT count(DISTINCT id), count(*) FROM deliveries")[0][:1]
    assert 0 < kept <= answers[True, 200] + answers[False, 200]
    assert stores.events.rows(
        "SELECT count(*) FROM (SELECT body_id FROM deliveries GROUP BY profile, kind, body_id"
        " HAVING count(*) <> max(attempt))"
    ) == [(0,)]
    bodies = stores.events.rows("SELECT count(DISTINCT body_id) FROM deliveries WHERE kind = 'box'")
    # one that is an event which is there already, or was set aside before, is counted as repeated
    done = stores.events.rows("SELECT sum(added + repeated + quarantined) FROM applied")
    assert done[0][0] >= bodies[0][0]
    assert 0 < stores.events.count() + len(stores.events.rows("FROM quarantine")) <= done[0][0]
    stores.close()


def test_two_fuzzers_of_one_seed_make_the_same() -> None:
    bodies = [[Fuzzer(7).body() for _ in range(50)] for _ in range(2)]
    assert bodies[0] == bodies[1]

"""`sync` killed at random moments and resumed: the store holds exactly the sandbox's truth.

`BOX_RUNBOOK_KILLS` says how often it is killed (5; 20 in `make soak`). The world grows with it, so
that all of it is never read in between, and has no limit on calls.
"""

import json
import os
import random
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from lib.activity.queries import summaries
from lib.activity.queries.filters import Filters
from lib.settings.loading import load_settings
from lib.store import open_stores
from tests.counting import counted_by_day
from tests.sandbox_server import ROOT, running_sandbox

KILLS = int(os.environ.get("BOX_RUNBOOK_KILLS", "5"))
WORLD = (
    *("--days", str(3 * KILLS), "--users", "20", "--events-per-day", "900"),
    "--no-rate-limits",
)
SEED = random.Random(20261101)


def sync(url: str, data: Path) -> "subprocess.Popen[str]":
    environment = os.environ | {"BOX_RUNBOOK_SANDBOX": url}
    command = [sys.executable, "-m", "lib", "sync", "--json", "--data", str(data), "--wait", "120s"]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def pages(data: Path) -> int:
    """How many pages any run has kept so far."""
    try:
        place = f"file:{data / 'ledger.sqlite'}?mode=ro"
        with closing(sqlite3.connect(place, uri=True)) as ledger:
            found = ledger.execute("SELECT coalesce(sum(pages), 0) FROM runs").fetchone()
    except sqlite3.Error:
        return 0
    return int(found[0])


def killed(url: str, data: Path) -> bool:
    """Start it, let it keep at least a page, and kill it a moment later; False if it was done."""
    before = pages(data)
    process = sync(url, data)
    try:
        while pages(data) <= before:
            try:
                process.wait(0.02)
            except subprocess.TimeoutExpired:
                continue
            return False
        try:
            process.wait(SEED.uniform(0, 0.15))
        except subprocess.TimeoutExpired:
            process.kill()
            return True
        return False
    finally:
        process.kill()
        process.communicate()


@pytest.mark.timeout(900)
def test_nothing_acknowledged_is_lost_and_nothing_is_doubled(tmp_path: Path) -> None:
    with running_sandbox(*WORLD) as sandbox:
        count = sum(killed(sandbox.url, tmp_path) for _ in range(KILLS))
        last = sync(sandbox.url, tmp_path)
        answer: dict[str, Any] = json.loads(last.communicate(timeout=400)[0])
        truth = sandbox.truth()["events"]
    assert count >= KILLS * 3 / 4
    assert answer["ok"], answer
    stores = open_stores(load_settings(environ={}, data_dir=tmp_path))
    (facts,) = stores.events.sources("sandbox")
    everything = Filters("sandbox", facts.oldest, facts.newest.replace(year=2200))
    types = summaries.top(stores.events, everything, "type", limit=1000)
    assert dict(zip(types["value"], types["events"], strict=True)) == truth["by_type"]
    assert counted_by_day(stores.events, everything) == truth["by_day"]
    assert facts.events == truth["total"]
    assert stores.events.rows("SELECT count(DISTINCT event_id) FROM events") == [(truth["total"],)]
    assert stores.events.rows("FROM quarantine") == []
    assert sum(run.added for run in stores.ledger.runs("sandbox", limit=1000)) == truth["total"]
    assert stores.ledger.inbox.waiting() == 0
    stores.close()

"""`sync` and `store restore` killed at random moments while the event store is taken away.

Between the kills the event store is deleted, replaced by an older one, or the disk is full.
Whatever happened, what is called ok is exactly the sandbox's truth.
`BOX_RUNBOOK_KILLS` says how often, five times over (10 moments; 100 in `make soak`).
"""

import os
import random
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lib.settings.loading import load_settings
from lib.store import open_stores
from lib.store.restoring import JOURNAL, copy_of
from tests.command_process import Command, forking
from tests.sandbox_server import SandboxServer, running_sandbox

MOMENTS = 5 * int(os.environ.get("BOX_RUNBOOK_KILLS", "2"))
WORLD = ("--days", "5", "--users", "8", "--events-per-day", "200", "--no-rate-limits")
SEED = random.Random(20261101)
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="has no processes that fork")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxServer]:
    with running_sandbox(*WORLD) as server:
        yield server


class Folder:
    """A data folder, its backup, and an older event store of it."""

    def __init__(self, place: Path, url: str) -> None:
        self.data, self.backup, self.older = place / "data", place / "backup", place / "older"
        self._place = place
        self._environment = {"BOX_RUNBOOK_SANDBOX": url}
        self._context = forking()

    def command(self, *arguments: str, most_bytes: int = 0) -> Command:
        given = (*arguments, "--json", "--data", str(self.data))
        return Command(self._context, given, self._place, self._environment, most_bytes=most_bytes)

    def sync(self, *arguments: str) -> dict[str, Any]:
        return self.command("sync", "--wait", "120s", *arguments).answer()

    @property
    def events(self) -> Path:
        return self.data / "events.duckdb"

    def take_away(self) -> None:
        for end in ("", ".wal"):
            self.events.with_name(self.events.name + end).unlink(missing_ok=True)

    def put_older(self) -> None:
        self.take_away()
        shutil.copyfile(self.older, self.events)

    def held(self) -> tuple[int, int]:
        """How many events it has, and how many different ones."""
        stores = open_stores(load_settings(environ={}, data_dir=self.data))
        try:
            query = "SELECT count(*), count(DISTINCT event_id) FROM events WHERE source = ?"
            return stores.events.rows(query, ["box_stream"])[0]
        finally:
            stores.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, sandbox: SandboxServer) -> Folder:
    """Two of its days are read, and there is a backup of that."""
    made = Folder(tmp_path_factory.mktemp("killed"), sandbox.url)
    days = made.sync("--since", "33d")
    assert days["ok"], days
    assert made.command("store", "backup", "--out", str(made.backup)).answer()["ok"]
    shutil.copyfile(made.events, made.older)
    return made


def moment(folder: Folder, number: int) -> None:
    """Harm, a command, and its end at some moment."""
    (lambda: None, folder.take_away, folder.put_older, lambda: None, folder.take_away)[number % 5]()
    if number % 5 in (2, 3):
        command = folder.command("store", "restore", str(folder.backup), "--replace")
    else:
        full = 400_000 if number % 10 == 9 else 0
        command = folder.command("sync", "--wait", "120s", most_bytes=full)
    command.kill_after(SEED.uniform(0, 0.6))


def test_a_deleted_event_store_is_read_again_and_the_calls_are_said_first(
    folder: Folder, sandbox: SandboxServer
) -> None:
    whole = folder.sync()
    assert (whole["ok"], whole["reread"]) == (True, [])
    folder.take_away()
    again = folder.sync("--since", "1d")
    assert again["ok"], again
    (span,) = again["reread"]
    assert span["source"] == "box_stream"
    assert span["calls"] > 0
    assert again["added"] == sandbox.truth()["events"]["total"] == folder.held()[0]
    assert folder.sync()["reread"] == []


@pytest.mark.timeout(1800)
def test_whatever_is_killed_or_taken_away_what_is_called_ok_is_the_truth(
    folder: Folder, sandbox: SandboxServer
) -> None:
    truth = sandbox.truth()["events"]["total"]
    for number in range(MOMENTS):
        moment(folder, number)
        if number % 5 == 4:
            answer = folder.sync()
            assert answer["ok"], answer
            assert answer["lost"] == []
            assert folder.held() == (truth, truth)
    assert not (folder.data / JOURNAL).exists()
    assert not copy_of(folder.events).exists()

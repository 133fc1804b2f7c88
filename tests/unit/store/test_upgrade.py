"""Stores of an earlier version are backed up once before they are upgraded; newer ones refused."""

import hashlib
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import duckdb
import pytest

from lib.core.errors import StoreError
from lib.core.version import VERSION
from lib.store import backup, open_ledger, open_stores, upgrade, versions
from lib.store.backup import read_backup, restore
from lib.store.events import preparing
from lib.store.events.schema import EVENTS_VERSION
from lib.store.ledger import ledger as ledger_module
from lib.store.ledger import tables
from lib.store.ledger.tables import LEDGER_VERSION
from lib.store.schema_version import NewerStoreError, NotUpgradedError, UpgradeProgress
from lib.store.versions import StoreVersion, known, of_events, of_ledger
from tests.data_folders import NEWEST, OLDEST, read_events, read_ledger, settings_of, unpack
from tests.sandbox_server import ROOT

LATER = "99.0.0"
LATER_LEDGER, LATER_EVENTS = LEDGER_VERSION + 1, EVENTS_VERSION + 1
NAME = re.compile(r"\d{8}T\d{6}Z-from-(.+)-to-" + re.escape(VERSION))
OPEN = """
import os, signal, sys
from pathlib import Path
from tests.data_folders import settings_of
from lib.store import open_stores

step, percent = sys.argv[2], int(sys.argv[3])

def die(progress):
    if progress.step == step and progress.percent >= percent:
        os.kill(os.getpid(), signal.SIGKILL)

open_stores(settings_of(Path(sys.argv[1])), on_progress=die)
"""
FULL_DISK = """
import resource, sys
from pathlib import Path
from tests.data_folders import settings_of
from lib.core.errors import StoreError
from lib.store import open_stores

resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
try:
    open_stores(settings_of(Path(sys.argv[1])))
except StoreError as error:
    print(error.message, error.cause)
"""


class Old(NamedTuple):
    """An unpacked data folder of the oldest schema."""

    folder: Path
    events: int
    people: int


@pytest.fixture
def old(tmp_path: Path) -> Old:
    packed = unpack(OLDEST, tmp_path)
    return Old(tmp_path, packed["events"]["events"], packed["ledger"]["people"])


def backups(folder: Path) -> list[Path]:
    return sorted((folder / "backups").glob("*"))


def digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.endswith(("-wal", "-shm"))
    }


def check_whole(old: Old) -> None:
    """The folder is of this version with all that was in it, and so is its only backup."""
    stores = open_stores(settings_of(old.folder))
    try:
        assert read_events(stores)["events"] == old.events
        assert read_ledger(stores)["people"] == old.people
    finally:
        stores.close()
    assert versions.existing(settings_of(old.folder)) == known()
    (made,) = backups(old.folder)
    found = NAME.fullmatch(made.name)
    assert found is not None
    assert found[1] == "schema-1.1"
    note = read_backup(made)
    assert (note.ledger, note.events, note.app) == (1, 1, "")
    assert of_ledger(made / "ledger.sqlite") == StoreVersion(1, None)
    assert of_events(made / "events.duckdb") == StoreVersion(1, None)
    with duckdb.connect(str(made / "events.duckdb"), read_only=True) as events:
        assert events.execute("SELECT count(*) FROM events").fetchall() == [(old.events,)]


def test_the_oldest_schema_is_backed_up_then_upgraded_and_progress_is_told(old: Old) -> None:
    reported: list[UpgradeProgress] = []
    open_stores(settings_of(old.folder), on_progress=reported.append).close()
    steps = [
        "Backing up before the upgrade", "Upgrading the event store", "Upgrading the ledger",
    ]  # fmt: skip
    assert list(dict.fromkeys(one.step for one in reported)) == steps
    for step in steps:
        percents = [one.percent for one in reported if one.step == step]
        assert percents == sorted(percents)
        assert percents[0] == 0
        assert percents[-1] <= 100
    check_whole(old)
    modes = {path.stat().st_mode & 0o777 for path in backups(old.folder)[0].iterdir()}
    assert modes == {0o600}


def test_a_folder_of_this_version_is_opened_without_a_backup(tmp_path: Path) -> None:
    unpack(NEWEST, tmp_path)
    reported: list[UpgradeProgress] = []
    for _ in range(2):
        open_stores(settings_of(tmp_path), on_progress=reported.append).close()
    assert reported == []
    assert not (tmp_path / "backups").exists()


@pytest.mark.parametrize(
    "step, percent",
    [
        ("Backing up before the upgrade", 0),
        ("Backing up before the upgrade", 100),
        ("Upgrading the event store", 0),
        ("Upgrading the event store", 60),
        ("Upgrading the ledger", 0),
    ],
)
def test_killed_at_any_moment_it_goes_on_and_has_one_whole_backup(
    old: Old, step: str, percent: int
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", OPEN, str(old.folder), step, str(percent)], cwd=ROOT, check=False
    )
    assert done.returncode == -signal.SIGKILL
    check_whole(old)


def test_an_upgrade_that_fails_again_and_again_makes_one_backup(
    old: Old, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setitem(tables.MIGRATIONS, 2, ("ALTER TABLE nowhere ADD COLUMN x",))
        for _ in range(3):
            with pytest.raises(StoreError):
                open_stores(settings_of(old.folder))
        assert len([one for one in backups(old.folder) if one.is_dir()]) == 1
        assert of_ledger(old.folder / "ledger.sqlite") == StoreVersion(1, None)
    check_whole(old)


def test_a_backup_of_an_upgrade_that_failed_is_made_anew_when_it_is_damaged(
    old: Old, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setitem(tables.MIGRATIONS, 2, ("ALTER TABLE nowhere ADD COLUMN x",))
        with pytest.raises(StoreError):
            open_stores(settings_of(old.folder))
    (made, _) = backups(old.folder)
    (made / "ledger.sqlite").write_bytes(b"")
    open_stores(settings_of(old.folder)).close()
    whole = [one for one in backups(old.folder) if one != made]
    assert len(whole) == 1
    assert read_backup(whole[0]).ledger == 1


def test_without_space_for_the_backup_nothing_is_changed(
    old: Old, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = digests(old.folder)
    usage = type(shutil.disk_usage(old.folder))
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage(10**9, 10**9, 10**6))
    with pytest.raises(StoreError, match="free disk space") as caught:
        open_stores(settings_of(old.folder))
    assert re.search(r"take 2\.\d MB; .* need 19\.\d MB, and 1\.0 MB are free", caught.value.cause)
    assert digests(old.folder) == before


@pytest.mark.skipif(sys.platform == "win32", reason="has no limits of a process")
def test_a_disk_that_fills_while_the_backup_is_written_leaves_nothing_of_it(old: Old) -> None:
    before = digests(old.folder)
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(old.folder)],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert "can't be backed up" in done.stdout
    assert "File too large" in done.stdout
    assert digests(old.folder) == before
    assert backups(old.folder) == []
    open_stores(settings_of(old.folder)).close()
    check_whole(old)


def test_whoever_is_not_the_owner_leaves_an_older_ledger_alone(old: Old) -> None:
    before = digests(old.folder)
    with pytest.raises(NotUpgradedError, match="earlier version"):
        open_ledger(settings_of(old.folder))
    assert digests(old.folder) == before


def test_a_ledger_alone_is_backed_up_alone(old: Old) -> None:
    (old.folder / "events.duckdb").unlink()
    open_stores(settings_of(old.folder)).close()
    (made,) = backups(old.folder)
    assert set(read_backup(made).sha256) == {"ledger.sqlite"}
    restore(settings_of(old.folder), made, replace=True, now=datetime.now(UTC))
    assert not (old.folder / "events.duckdb").exists()
    assert of_ledger(old.folder / "ledger.sqlite") == StoreVersion(1, None)


def test_what_waits_in_the_log_of_a_killed_event_store_is_in_the_backup(old: Old) -> None:
    code = (
        "import duckdb, os, sys\n"
        "events = duckdb.connect(sys.argv[1], config={'checkpoint_threshold': '1GB'})\n"
        "events.execute(\"INSERT INTO coverage (profile) VALUES ('late')\")\n"
        "os._exit(0)\n"
    )
    path = old.folder / "events.duckdb"
    subprocess.run([sys.executable, "-c", code, str(path)], check=True)
    assert path.with_name("events.duckdb.wal").exists()
    open_stores(settings_of(old.folder)).close()
    (made,) = backups(old.folder)
    with duckdb.connect(str(made / "events.duckdb"), read_only=True) as events:
        late = events.execute("SELECT count(*) FROM coverage WHERE profile = 'late'").fetchall()
    assert late == [(1,)]


# --- a later version of the app, as it will be


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """This app is of version 99.0.0 until it is undone: both schemas have one version more."""
    for module in (ledger_module, versions, backup):
        monkeypatch.setattr(module, "LEDGER_VERSION", LATER_LEDGER)
    for module in (preparing, versions, backup):
        monkeypatch.setattr(module, "EVENTS_VERSION", LATER_EVENTS)
    for module in (ledger_module, preparing, backup, upgrade):
        monkeypatch.setattr(module, "VERSION", LATER)
    monkeypatch.setitem(
        tables.MIGRATIONS, LATER_LEDGER, ("ALTER TABLE audit ADD COLUMN place TEXT",)
    )
    return monkeypatch


def test_a_downgrade_is_refused_by_name_and_the_backup_is_the_way_back(
    tmp_path: Path, later: pytest.MonkeyPatch
) -> None:
    packed = unpack(NEWEST, tmp_path)
    here = settings_of(tmp_path)
    open_stores(here).close()
    (made,) = backups(tmp_path)
    assert re.fullmatch(rf"\d{{8}}T\d{{6}}Z-from-{VERSION}-to-{LATER}", made.name)
    assert of_ledger(tmp_path / "ledger.sqlite") == StoreVersion(LATER_LEDGER, LATER)
    assert of_events(tmp_path / "events.duckdb") == StoreVersion(LATER_EVENTS, LATER)
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite")) as ledger:
        assert ledger.execute("SELECT count(place), count(*) FROM audit").fetchall() == [
            (0, packed["ledger"]["audit"])
        ]
    later.undo()

    before = digests(tmp_path)
    for opening in (open_stores, open_ledger):
        with pytest.raises(NewerStoreError) as caught:
            opening(here)
        error = caught.value
        made_by = f"made by Box Runbook {LATER}, a newer version; this is Box Runbook {VERSION}"
        assert made_by in error.message
        assert "Nothing was changed" in error.cause
        assert f"Install Box Runbook {LATER} or newer" in error.fix
        assert f"`python -m lib store restore {made} --replace`" in error.fix
    assert digests(tmp_path) == before

    restore(here, made, replace=True, now=datetime.now(UTC))
    stores = open_stores(here)
    try:
        assert read_events(stores)["events"] == packed["events"]["events"]
        assert read_ledger(stores)["findings"] == packed["ledger"]["findings"]
    finally:
        stores.close()


@pytest.mark.parametrize("name, older", [("events.duckdb", "ledger"), ("ledger.sqlite", "events")])
def test_a_newer_store_beside_an_older_one_leaves_both_alone(
    old: Old, name: str, older: str
) -> None:
    newer = "UPDATE meta SET value = '99' WHERE name = 'version'"
    if name == "events.duckdb":
        with duckdb.connect(str(old.folder / name)) as events:
            events.execute(newer)
    else:
        with closing(sqlite3.connect(old.folder / name)) as ledger, ledger:
            ledger.execute(newer)
        ledger.close()
    before = digests(old.folder)
    with pytest.raises(NewerStoreError, match="a newer version of this app; this is") as caught:
        open_stores(settings_of(old.folder))
    assert "restore" not in caught.value.fix
    assert versions.existing(settings_of(old.folder))[older] == 1
    assert digests(old.folder) == before


def test_a_backup_of_a_newer_version_is_refused_by_name(
    tmp_path: Path, later: pytest.MonkeyPatch
) -> None:
    here = settings_of(tmp_path / "data")
    stores = open_stores(here)
    backup.back_up(stores, here, tmp_path / "backup", now=datetime.now(UTC))
    stores.close()
    later.undo()
    with pytest.raises(StoreError, match=f"by Box Runbook {LATER}, a newer version"):
        read_backup(tmp_path / "backup")


def test_an_event_store_alone_may_be_older(tmp_path: Path) -> None:
    packed = unpack(NEWEST, tmp_path)
    with duckdb.connect(str(tmp_path / "events.duckdb")) as events:
        events.execute("UPDATE meta SET value = '5' WHERE name = 'version'")
    open_stores(settings_of(tmp_path)).close()
    (made,) = backups(tmp_path)
    assert (read_backup(made).ledger, read_backup(made).events) == (known()["ledger"], 5)
    stores = open_stores(settings_of(tmp_path))
    assert read_events(stores)["events"] == packed["events"]["events"]
    stores.close()

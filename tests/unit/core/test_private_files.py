"""What is kept on disk is for its owner alone."""

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path, PosixPath

import pytest

from lib.core.private_files import make_private, touch_private, write_private
from lib.store import EventStore, Ledger
from tests.sandbox_server import ROOT


def modes(folder: Path) -> dict[str, str]:
    """The permissions of every file in a folder."""
    return {
        file.name: oct(stat.S_IMODE(file.stat().st_mode))
        for file in folder.iterdir()
        if file.is_file()
    }


def test_regression_stores_are_private_in_a_folder_that_was_there(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    ledger = Ledger.open(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    events = EventStore.open(tmp_path / "events.duckdb")
    found = modes(tmp_path)
    assert {"ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-shm", "events.duckdb"} <= {*found}
    del found["events.duckdb.wal"]  # DuckDB makes it anew: by the umask of the process, see below
    assert set(found.values()) == {"0o600"}
    events.close()
    ledger.close()


def test_regression_stores_of_an_older_run_are_tightened(tmp_path: Path) -> None:
    Ledger.open(f"sqlite:///{tmp_path / 'ledger.sqlite'}").close()
    EventStore.open(tmp_path / "events.duckdb").close()
    for name in ("ledger.sqlite-wal", "ledger.sqlite-shm"):
        (tmp_path / name).touch()
    for file in tmp_path.iterdir():
        file.chmod(0o644)
    Ledger.open(f"sqlite:///{tmp_path / 'ledger.sqlite'}").close()
    EventStore.open(tmp_path / "events.duckdb").close()
    assert set(modes(tmp_path).values()) == {"0o600"}


def test_a_command_leaves_nothing_that_others_can_read(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "events.jsonl").write_text(
        '{"event_id":"1","event_type":"LOGIN","occurred_at":"2026-10-01T00:00:00Z"}\n'
    )
    before = os.umask(0o022)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "lib", "import", "events.jsonl", "--data", str(tmp_path / "d")],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            check=False,
            timeout=60,
        )
    finally:
        os.umask(before)
    assert done.returncode == 0, done.stderr
    assert set(modes(tmp_path / "d").values()) == {"0o600"}


@pytest.mark.parametrize("name", ["x", "x-wal", "x-shm", "x-journal", "x.wal"])
def test_the_files_beside_a_store_count_too(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch(0o666)
    make_private(tmp_path / "x")
    assert modes(tmp_path) == {name: "0o600"}


def test_what_cannot_be_made_private_is_left_to_the_engine(tmp_path: Path) -> None:
    (tmp_path / "file").touch(0o600)
    touch_private(tmp_path / "file" / "below")
    assert modes(tmp_path) == {"file": "0o600"}


class _Read(PosixPath):
    """A file in whose place Windows puts no other while somebody reads it: twice, here."""

    readers: Iterator[None] = iter(())

    def replace(self, target: os.PathLike[str] | str) -> "_Read":
        for _ in _Read.readers:
            raise PermissionError(13, "Access is denied", str(target))
        return super().replace(target)


def test_a_file_that_is_being_read_is_replaced_a_instant_later(tmp_path: Path) -> None:
    place = _Read(tmp_path / "owner.json")
    write_private(place, b"one")
    _Read.readers = iter([None, None])
    write_private(place, b"two", durable=True)
    assert place.read_bytes() == b"two"
    _Read.readers = iter([None] * 9)
    with pytest.raises(PermissionError):
        write_private(place, b"three")
    assert place.read_bytes() == b"two"
    assert modes(tmp_path) == {"owner.json": "0o600"}

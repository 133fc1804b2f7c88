"""One owner for a data folder, found through a file that only this user can read."""

import fcntl
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from lib.app.ownership import OwnerLock, OwnerRecord, read_owner
from lib.core.redaction import Secret

ROOT = Path(__file__).resolve().parents[3]


def test_only_one_lock_is_existing_at_a_time(tmp_path: Path) -> None:
    with OwnerLock(tmp_path) as first, OwnerLock(tmp_path) as second:
        assert first.acquire()
        assert first.acquire()
        assert not second.acquire()
        first.release()
        assert second.acquire()


def test_the_lock_of_a_killed_process_is_free_at_once(tmp_path: Path) -> None:
    script = (
        "import sys, pathlib; from lib.app.ownership import OwnerLock;"
        "lock = OwnerLock(pathlib.Path(sys.argv[1])); print(lock.acquire(), flush=True); input()"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with child:
        assert child.stdout is not None
        assert child.stdout.readline().strip() == "True"
        lock = OwnerLock(tmp_path)
        assert not lock.acquire()
        child.kill()
        child.wait()
        assert lock.acquire()
        lock.release()


def test_an_older_version_and_this_one_exclude_each_other(tmp_path: Path) -> None:
    older = os.open(tmp_path / "owner.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(older, fcntl.LOCK_EX | fcntl.LOCK_NB)  # as it did
        with OwnerLock(tmp_path) as lock:
            assert not lock.acquire()
            fcntl.flock(older, fcntl.LOCK_UN)
            assert lock.acquire()
            with pytest.raises(BlockingIOError):
                fcntl.flock(older, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fcntl.flock(older, fcntl.LOCK_EX | fcntl.LOCK_NB)
    finally:
        os.close(older)
    assert stat.S_IMODE((tmp_path / "owner.lock").stat().st_mode) == 0o600


def test_a_child_that_lives_on_does_not_hold_the_lock(tmp_path: Path) -> None:
    script = (
        "import subprocess, sys, pathlib; from lib.app.ownership import OwnerLock;"
        "lock = OwnerLock(pathlib.Path(sys.argv[1])); assert lock.acquire();"
        "print(subprocess.Popen([sys.executable, '-c', 'input()'], stdin=0).pid, flush=True)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.wait(30)
        os.kill(child, 0)  # it is there
        with OwnerLock(tmp_path) as lock:
            assert lock.acquire()


def test_the_owner_is_published_for_this_user_alone_and_withdrawn(tmp_path: Path) -> None:
    lock = OwnerLock(tmp_path)
    assert lock.acquire()
    lock.publish(OwnerRecord(4242, "http://127.0.0.1:9", Secret("the-token")))
    assert stat.S_IMODE((tmp_path / "owner.json").stat().st_mode) == 0o600
    found = read_owner(tmp_path)
    assert found is not None
    assert (found.pid, found.url, found.token.reveal()) == (
        4242,
        "http://127.0.0.1:9",
        "the-token",
    )
    lock.release()
    assert read_owner(tmp_path) is None


def test_a_damaged_file_names_no_owner(tmp_path: Path) -> None:
    for text in ("", "{", "[]", '{"pid": "x"}', '{"pid": 1}'):
        (tmp_path / "owner.json").write_text(text)
        assert read_owner(tmp_path) is None

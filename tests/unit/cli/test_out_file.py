"""What a command writes is whole and private, or not there; what is no plain file stays itself."""

import os
import stat
import sys
import threading
from pathlib import Path

import pytest

from lib.cli.out_file import is_replaced, whole_file
from lib.core.errors import ConfigurationError


def test_a_whole_file_takes_the_place_of_the_older_one(tmp_path: Path) -> None:
    out = tmp_path / "out.md"
    out.write_text("an older one")
    with whole_file(out) as file:
        file.write(b"new")
        assert out.read_text() == "an older one"
        assert os.fstat(file.fileno()).st_mode & 0o777 == 0o600
    assert out.read_text() == "new"
    assert out.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [out]


def test_what_fails_on_the_way_leaves_the_older_one(tmp_path: Path) -> None:
    out = tmp_path / "out.md"
    out.write_text("an older one")
    with pytest.raises(TypeError), whole_file(out) as file:
        file.writelines([b"half", "not bytes"])  # type: ignore[list-item]  # the fault
    assert out.read_text() == "an older one"
    assert list(tmp_path.iterdir()) == [out]


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    there = tmp_path / "there.md"
    there.write_text("before")
    for out, says in (
        (tmp_path, "Is a directory"),
        (Path("/"), "Is a directory"),
        (Path(), "Is a directory"),
        (tmp_path / "missing" / "file.md", "No such file"),
        (there / "below.md", "Not a directory"),
        (tmp_path / ("n" * 300), "name too long"),
    ):
        with pytest.raises(ConfigurationError) as refused, whole_file(out):
            pytest.fail(f"{out} was opened")
        assert says in refused.value.cause, out
    assert there.read_text() == "before"
    assert list(tmp_path.iterdir()) == [there]


def test_only_a_plain_file_is_replaced(tmp_path: Path) -> None:
    """Decided by what is there, and by where it is; root may rename anywhere."""
    plain = tmp_path / "plain"
    plain.touch()
    device = Path(os.devnull).stat()
    assert stat.S_ISCHR(device.st_mode)
    assert is_replaced(plain, plain.stat())
    assert is_replaced(tmp_path / "missing", None)
    assert is_replaced(Path("/dev/shm/out.csv"), None)  # noqa: S108  # a folder like others
    for place, there in (
        (tmp_path / "device", device),
        (tmp_path, tmp_path.stat()),
        (Path("/dev/null"), device),
        (Path("/dev/null"), plain.stat()),  # whatever it may be
        (Path("/dev/nul"), None),
        (Path("/proc/1/fd/pipe:[1]"), None),
    ):
        assert not is_replaced(place, there), place


def test_a_fifo_is_written_to_and_stays_one(tmp_path: Path) -> None:
    fifo, link = tmp_path / "fifo", tmp_path / "link"
    os.mkfifo(fifo)
    link.symlink_to(fifo)
    for out in (fifo, link):
        read: list[bytes] = []
        reader = threading.Thread(target=lambda: read.append(fifo.read_bytes()), daemon=True)  # noqa: B023  # joined in this turn
        reader.start()
        with whole_file(out) as file:
            file.write(b"rows")
        reader.join(10)
        assert read == [b"rows"]
        assert fifo.is_fifo()
        assert link.is_symlink()
    assert sorted(tmp_path.iterdir()) == [fifo, link]


def test_the_target_of_a_symlink_is_replaced_not_the_link(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    target, link = tmp_path / "there" / "out.md", tmp_path / "link"
    link.symlink_to(target)
    for text in (b"made", b"made again"):  # at first it leads to nothing
        with whole_file(link) as file:
            file.write(text)
        assert link.is_symlink()
        assert target.read_bytes() == text
    assert list(target.parent.iterdir()) == [target]


def test_what_became_something_else_meanwhile_stays(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(ConfigurationError), whole_file(out):
        os.mkfifo(out)
    assert out.is_fifo()
    assert list(tmp_path.iterdir()) == [out]


def test_a_dash_is_standard_output(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    with whole_file(Path("-")) as file:
        file.write(b"\xffrows")
    sys.stdout.flush()
    assert capfdbinary.readouterr().out == b"\xffrows"
    assert not Path("-").exists()

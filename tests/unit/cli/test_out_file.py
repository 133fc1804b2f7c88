"""What a command writes is whole, for its owner alone, or not there."""

from pathlib import Path

import pytest

from lib.cli.out_file import whole_file
from lib.core.errors import ConfigurationError


def test_a_whole_file_takes_the_place_of_the_older_one(tmp_path: Path) -> None:
    out = tmp_path / "out.md"
    out.write_text("an older one")
    with whole_file(out) as (file, partial):
        file.write(b"new")
        assert out.read_text() == "an older one"
        assert partial.stat().st_mode & 0o777 == 0o600
    assert out.read_text() == "new"
    assert out.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [out]


def test_what_fails_on_the_way_leaves_the_older_one(tmp_path: Path) -> None:
    out = tmp_path / "out.md"
    out.write_text("an older one")
    with pytest.raises(TypeError), whole_file(out) as (file, _partial):
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
        (Path("/dev/null"), "Invalid argument"),
        (tmp_path / "missing" / "file.md", "No such file"),
        (there / "below.md", "Not a directory"),
        (tmp_path / ("n" * 300), "name too long"),
    ):
        with pytest.raises(ConfigurationError) as refused, whole_file(out):
            pytest.fail(f"{out} was opened")
        assert says in refused.value.cause, out
    assert there.read_text() == "before"
    assert list(tmp_path.iterdir()) == [there]
    assert Path("/dev/null").is_char_device()

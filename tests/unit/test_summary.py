"""What a run doesn't run, and of what it takes a part only, stands at the end of its output."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sandbox_server import ROOT
from tests.slices import ROUND, WHOLE, slice_of

TESTS = """
import pytest
from tests.slices import taken

@pytest.mark.needs("no-such-program")
@pytest.mark.parametrize("number", [1, 2])
def test_needs_a_program(number): assert False

@pytest.mark.browser
def test_needs_a_browser(): assert False

def test_has_its_reason(): pytest.skip("no root here")

def test_walks(record_property):
    assert taken(record_property, "letters", "abcde", 2) == ("b", "c")

def test_is_run(): pass
"""
PARTS = "abcde"


def output(folder: Path, **environment: str) -> tuple[int, list[str]]:
    """Exit code and lines of a run under this project's conftest, where no program is found."""
    (folder / "conftest.py").write_text('pytest_plugins = ["tests.conftest"]\n')
    (folder / "pytest.ini").write_text(
        "[pytest]\naddopts = -p no:cacheprovider\nmarkers =\n  browser: b\n  needs: n\n"
    )
    (folder / "test_it.py").write_text(TESTS)
    clean = {k: v for k, v in os.environ.items() if k not in {"CI", WHOLE}}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q"],
        cwd=folder,
        env={**clean, "PATH": "", "PYTHONPATH": str(ROOT), ROUND: "3", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout.splitlines()


def test_what_cannot_run_here_is_named_with_its_reason_and_counted_on_the_last_line(
    tmp_path: Path,
) -> None:
    code, lines = output(tmp_path)
    assert code == 0
    assert [line for line in lines if line.startswith("NOT RUN")] == [
        "NOT RUN: 2 (no-such-program isn't on this machine)",
        "NOT RUN: 1 (no root here)",
        "NOT RUN: 1 (chromium isn't on this machine)",
    ]
    assert lines[-1].startswith("2 passed, 4 skipped")
    assert [line for line in lines if line.startswith("SLICE")] == [
        "SLICE: letters: 2 of 5 (b, c)",
        f"SLICE: {ROUND}=3 takes the same again; make soak takes all.",
    ]


def test_in_ci_a_missing_program_fails(tmp_path: Path) -> None:
    code, lines = output(tmp_path, CI="true")
    assert code == 1
    assert lines[-1].startswith("2 passed, 1 skipped, 3 errors")
    assert any("no-such-program isn't on this machine" in line for line in lines)


def test_rounds_take_every_part_within_days_and_the_whole_takes_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(WHOLE, raising=False)
    for size in range(1, len(PARTS) + 1):
        days = -(-len(PARTS) // size)
        rounds = []
        for day in range(1000, 1000 + days):
            monkeypatch.setenv(ROUND, str(day))
            rounds.append(slice_of(PARTS, size))
        assert {len(one) for one in rounds} == {size}
        assert {part for one in rounds for part in one} == set(PARTS), size
    monkeypatch.setenv(ROUND, "1000")
    monkeypatch.setenv(WHOLE, "1")
    assert slice_of(PARTS, 1) == tuple(PARTS)

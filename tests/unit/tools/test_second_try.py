"""What fails is run once more, alone, and what passes only then is named; nothing else is."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sandbox_server import ROOT
from tools.second_try import NOT_AGAIN, RACE, TWICE, Attempt, why_not_again

RACY = """
import pathlib, os, pytest
def tried(name):
    file = pathlib.Path(name)
    before = file.exists()
    file.touch()
    return before
def test_racy(): assert tried("racy")
def test_good(): assert not tried("good")
"""
BAD = """
def test_bad(): assert False
"""
HIDES = """
def test_hides():
    if tried("hides"):
        pytest.skip("not today")
    assert False
"""
DIES = """
def test_dies(): os._exit(3)
"""


def tried_twice(folder: Path, text: str, *options: str) -> tuple[int, list[str]]:
    """The exit code and the lines of the tool over a file of tests."""
    (folder / "test_it.py").write_text(text, encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\naddopts = -p no:cacheprovider\n")
    done = subprocess.run(
        [sys.executable, "-m", "tools.second_try", *options, "test_it.py"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout.splitlines()


def test_a_race_is_named_at_the_end_and_what_passed_is_not_run_again(tmp_path: Path) -> None:
    code, lines = tried_twice(tmp_path, RACY)  # test_good would fail at a second try
    assert code == 0
    assert lines[-2:] == [RACE, "  test_it.py::test_racy"]
    assert tried_twice(tmp_path, RACY.replace("not tried", "tried"))[0] == 0


def test_what_fails_twice_fails_and_so_does_what_is_not_run_at_the_second_try(
    tmp_path: Path,
) -> None:
    code, lines = tried_twice(tmp_path, RACY + BAD + HIDES)
    assert code == 1
    assert lines[-5:] == [
        TWICE,
        "  test_it.py::test_bad",
        "  test_it.py::test_hides",
        RACE,
        "  test_it.py::test_racy",
    ]


def test_a_worker_that_dies_is_no_race(tmp_path: Path) -> None:
    code, lines = tried_twice(tmp_path, RACY + DIES, "-p", "xdist", "-n", "1")
    assert code != 0
    assert lines[-1].startswith(NOT_AGAIN)
    assert RACE not in lines


@pytest.mark.parametrize(
    "first, again",
    [
        (Attempt(1, [], ["a", "b", "c"], broke=False), True),
        (Attempt(1, [], ["a", "b", "c", "d"], broke=False), False),
        (Attempt(1, [], ["a"], broke=True), False),
        (Attempt(2, [], ["a"], broke=False), False),  # interrupted, or not even collected
        (Attempt(3, [], ["a"], broke=False), False),  # an error of pytest's own
        (Attempt(4, [], [], broke=False), False),
        (Attempt(5, [], [], broke=False), False),  # no tests
        (Attempt(-9), False),
    ],
)
def test_only_few_failures_of_a_whole_run_get_a_second_try(first: Attempt, *, again: bool) -> None:
    assert (why_not_again(first) is None) == again


def test_a_run_of_no_tests_fails(tmp_path: Path) -> None:
    code, lines = tried_twice(tmp_path, "")
    assert code == pytest.ExitCode.NO_TESTS_COLLECTED
    assert lines[-1].startswith(NOT_AGAIN)

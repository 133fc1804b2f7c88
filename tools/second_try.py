"""Run pytest, and what failed once more, alone: `python -m tools.second_try -n 2 tests/browser`.

A browser on a busy machine loses a click now and then. A test that fails is run again after all
others, with nothing beside it; where it passes then, the end of the output names it, because that
is a race that somebody has to mend. What fails twice fails. Nothing is run again after more than a
few failures, nor where pytest didn't come to its end: that is no race.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

import pytest

MOST: Final = 3
"""Failures that may be races; more of them are something else."""
RACE: Final = (
    "Passed only at the second try, alone. That is a race in the test or in the app: mend it."
)
TWICE: Final = "Failed twice."
NOT_AGAIN: Final = "Nothing was run a second time:"
_REPORT: Final = "--report-into"
_PHASES: Final = ("setup", "call", "teardown")


@dataclass(slots=True)
class Attempt:
    """One run of pytest: its exit code, the node ids of what passed and failed, and if it broke."""

    code: int = -1
    passed: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    broke: bool = True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A phase of a test ended. A worker that died is reported as a phase that doesn't exist."""
        if report.when not in _PHASES:
            self.broke = True
        if report.failed and report.nodeid not in self.failed:
            self.failed.append(report.nodeid)
        if report.passed and report.when == "call":
            self.passed.append(report.nodeid)


def why_not_again(first: Attempt) -> str | None:
    """The reason for which failures stand as they are; None where they get a second try."""
    if first.broke:
        return "pytest, or a worker of it, didn't come to its end."
    if first.code != pytest.ExitCode.TESTS_FAILED or not first.failed:
        return f"pytest ended with {first.code}, which no single test explains."
    if len(first.failed) > MOST:
        return f"{len(first.failed)} tests failed, and more than {MOST} are no race."
    return None


def attempt(arguments: Sequence[str]) -> Attempt:
    """Run pytest in a process of its own, its output where ours goes."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        command = [sys.executable, "-m", "tools.second_try", _REPORT, str(report), *arguments]
        code = subprocess.run(command, check=False).returncode
        if report.exists():
            return Attempt(**json.loads(report.read_text(encoding="utf-8")))
        return Attempt(code=code)


def run_into(report: Path, arguments: Sequence[str]) -> int:
    """Run pytest in this process and write down how it went."""
    seen = Attempt(broke=False)
    seen.code = int(pytest.main(list(arguments), plugins=[seen]))
    report.write_text(json.dumps(asdict(seen)), encoding="utf-8")
    return seen.code


def main(arguments: Sequence[str]) -> int:
    """Run, run failures again, say how both went. The exit code is pytest's, 0 after a race."""
    if arguments[:1] == [_REPORT]:
        return run_into(Path(arguments[1]), arguments[2:])
    first = attempt(arguments)
    if first.code == pytest.ExitCode.OK and not first.broke:
        return 0
    reason = why_not_again(first)
    if reason is not None:
        print(f"{NOT_AGAIN} {reason}", flush=True)
        return first.code or 1
    print(f"\nOnce more, alone: {len(first.failed)} that failed.", flush=True)
    second = attempt(first.failed)
    races = [one for one in first.failed if one in second.passed and one not in second.failed]
    for title, names in (
        (TWICE, [one for one in first.failed if one not in races]),
        (RACE, races),
    ):
        if names:
            print("\n".join([title, *(f"  {name}" for name in names)]), flush=True)
    clean = len(races) == len(first.failed) and second.code == pytest.ExitCode.OK
    return 0 if clean and not second.broke else first.code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Change the code in small ways, one at a time, and see whether its unit tests notice.

    python -m tools.mutants [--module PART]... [--sample N] [--seed N] [--least PERCENT]

A change that no test notices (a survivor) is printed with its file, its line and what it was; the
last line has the percentage. `mutants.toml` says which tests belong to which modules, and which
survivors change nothing that anybody could see. Nothing is written: each change is made while the
module is imported, in a process of its own that already has the libraries.

mutmut and cosmic-ray weren't kept. mutmut 3 changes only what is inside of functions, so no table,
threshold, pattern or statement of SQL, where most faults were that tests had overlooked; half of
what it changes is prose. cosmic-ray changes numbers and operators, no entries and no SQL, starts
Python anew for each change and edits the files of the work tree.
"""

import argparse
import os
import random
import signal
import sys
import tempfile
import time
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import import_module
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType
from typing import Any, Final

from tools.mutations import Mutation, mutations

_HERE: Final = Path(__file__).parent
_PASSED: Final = 0
_BROKEN: Final = 70
# What takes long to import and isn't ours: loaded once, before the processes divide.
_LIBRARIES: Final = (
    "pytest", "hypothesis", "numpy", "pandas", "pyarrow.compute", "duckdb", "httpx", "orjson",
    "cryptography.x509", "cryptography.hazmat.primitives.serialization",
)  # fmt: skip


@dataclass(slots=True)
class Tally:
    """What became of the changes of some modules."""

    killed: int = 0
    explained: int = 0
    left: list[str] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        """Count another one's too."""
        self.killed += other.killed
        self.explained += other.explained
        self.left += other.left

    @property
    def percent(self) -> float:
        """How many of a hundred were noticed, without those that nobody could notice."""
        judged = self.killed + len(self.left)
        return 100 * self.killed / judged if judged else 100.0

    def __str__(self) -> str:
        return (
            f"{self.percent:.1f} % killed: {self.killed} of {self.killed + len(self.left)},"
            f" {self.explained} more are explained"
        )


def main(arguments: Sequence[str]) -> int:
    """Run what was asked for; 1 if less than `--least` percent were killed."""
    asked = _asked(arguments)
    os.nice(10)
    table = tomllib.loads((_HERE / "mutants.toml").read_text(encoding="utf-8"))
    explained = {one["change"] for one in table["explained"]}
    whole = Tally()
    with tempfile.TemporaryDirectory() as folder:
        _prepare(Path(folder))
        for group in table["module"]:
            for path in _paths(group["paths"], asked.module):
                runner = Runner(path, group["tests"], Path(folder))
                tally = runner.judged(explained, asked.sample, asked.seed)
                print(f"{path}: {tally}", flush=True)
                whole.add(tally)
    print(f"mutants: {whole}")
    return 0 if whole.percent >= asked.least else 1


def _asked(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.mutants")
    parser.add_argument("--module", action="append", help="part of a path; all without it")
    parser.add_argument("--sample", type=int, help="so many changes a module; all without it")
    parser.add_argument("--seed", type=int, default=1, help="which ones a sample holds")
    parser.add_argument("--least", type=float, default=0, help="fail below so many percent")
    return parser.parse_args(arguments)


def _paths(patterns: Sequence[str], parts: Sequence[str] | None) -> list[Path]:
    found = [path for pattern in patterns for path in sorted(Path().glob(pattern))]
    return [path for path in found if not parts or any(part in str(path) for part in parts)]


def _prepare(folder: Path) -> None:
    """Load the libraries; let properties neither remember an example nor make it smaller."""
    for name in _LIBRARIES:
        import_module(name)
    hypothesis: Any = import_module("hypothesis")
    import_module("hypothesis.configuration").set_hypothesis_home_dir(folder)
    phases = (hypothesis.Phase.explicit, hypothesis.Phase.generate)
    hypothesis.settings.register_profile(
        "mutants", phases=phases, database=None, derandomize=True, print_blob=False
    )
    hypothesis.settings.load_profile("mutants")


class Runner:
    """The changes of one module, each held against the tests that belong to it."""

    def __init__(self, path: Path, tests: Sequence[str], folder: Path) -> None:
        self._path = path
        self._tests = tests
        self._folder = folder
        self._source = path.read_text(encoding="utf-8")
        start = time.monotonic()
        if self._run(self._source, limit_s=900) != _PASSED:
            raise SystemExit(f"{path}: its tests fail without any change")
        self._limit_s = 10 + 5 * (time.monotonic() - start)

    def judged(self, explained: set[str], sample: int | None, seed: int) -> Tally:
        """What became of all changes, or of a sample of them; survivors are printed at once."""
        chosen = mutations(self._source)
        if sample is not None and sample < len(chosen):
            drawn = random.Random(f"{seed} {self._path}").sample(chosen, sample)
            chosen = sorted(drawn, key=lambda one: one.start)
        tally = Tally()
        for one in chosen:
            shown = one.shown(self._source)
            if shown in explained:
                tally.explained += 1
            elif self._survives(one):
                tally.left.append(shown)
                print(f"{self._path}:{one.line}: {shown}", flush=True)
            else:
                tally.killed += 1
        return tally

    def _survives(self, one: Mutation) -> bool:
        return self._run(one.of(self._source), limit_s=self._limit_s) == _PASSED

    def _run(self, source: str, *, limit_s: float) -> int:
        """The tests' exit status with that text in the module's place; -1 when they don't end."""
        child = os.fork()
        if child == 0:
            status = _BROKEN
            try:
                status = self._tested(source)
            finally:
                os._exit(status)
        deadline = time.monotonic() + limit_s
        while time.monotonic() < deadline:
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.02)
        os.killpg(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return -1

    def _tested(self, source: str) -> int:
        """In a process of its own: import the changed text, run the tests."""
        os.setsid()
        with (self._folder / "said").open("w") as said:
            os.dup2(said.fileno(), 1)
            os.dup2(said.fileno(), 2)
        _import_instead(self._path.resolve(), source)
        pytest: Any = import_module("pytest")
        options = ["-x", "-q", "--no-header", f"--basetemp={self._folder / 'tests'}"]
        options += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
        return int(pytest.main([*options, *self._tests]))


def _import_instead(path: Path, source: str) -> None:
    """Let the import of a file find another text in it."""
    get_code = SourceFileLoader.get_code

    def changed(self: SourceFileLoader, fullname: str) -> CodeType | None:
        if Path(self.path).resolve() != path:
            return get_code(self, fullname)
        return compile(source, str(path), "exec", dont_inherit=True)

    SourceFileLoader.get_code = changed  # type: ignore[assignment, method-assign]


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

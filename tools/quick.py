"""The unit tests of what changed: `python -m tools.quick` runs them, `--list` names them.

A module's tests are where it is: `lib/a/b.py` has `tests/unit/a/test_b.py`. Where that file isn't
there, the tests of its package are taken. It says nothing of what else stands on the module:
`make test` does.
"""

import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def changed() -> list[str]:
    """Files that differ from the last commit, new ones included."""
    asked = (
        ("git", "diff", "--name-only", "--diff-filter=d", "HEAD"),
        ("git", "ls-files", "--others", "--exclude-standard"),
    )
    return [
        line
        for words in asked
        for line in subprocess.run(
            words, cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout.splitlines()
    ]


def unit_tests_of(files: Iterable[str], root: Path = ROOT) -> list[str]:
    """The test files of the given files, each once, in order."""
    return sorted({test for file in files for test in _own_tests(Path(file), root)})


def _own_tests(file: Path, root: Path) -> Iterator[str]:
    if file.suffix != ".py":
        return
    if file.parts[0] == "tests" and file.name.startswith("test_"):
        if file.parts[1] == "unit":
            yield file.as_posix()
        return
    if file.parts[0] != "lib":
        return
    package = Path("tests", "unit", *file.parts[1:-1])
    own = package / f"test_{file.stem}.py"
    if (root / own).exists():
        yield own.as_posix()
    else:
        yield from (
            path.relative_to(root).as_posix() for path in (root / package).glob("test_*.py")
        )


def main() -> int:
    """Run them; the exit code is pytest's, 0 where nothing that has unit tests changed."""
    tests = unit_tests_of(changed())
    if not tests or "--list" in sys.argv[1:]:
        print("\n".join(tests) or "No change has unit tests of its own.")
        return 0
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *tests], cwd=ROOT, check=False
    ).returncode


if __name__ == "__main__":
    sys.exit(main())

"""Which tests `make quick` runs."""

from pathlib import Path

from tools.quick import unit_tests_of


def test_a_module_has_its_own_tests_else_those_of_its_package(tmp_path: Path) -> None:
    for name in ("a/test_one.py", "a/test_two.py", "b/test_three.py"):
        file = tmp_path / "tests" / "unit" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    cases = {
        "lib/a/one.py": ["tests/unit/a/test_one.py"],
        "lib/a/new.py": ["tests/unit/a/test_one.py", "tests/unit/a/test_two.py"],
        "tests/unit/b/test_three.py": ["tests/unit/b/test_three.py"],
        "tests/browser/test_shell.py": [],
        "lib/c/four.py": [],
        "README.md": [],
        "pages/health.py": [],
    }
    for changed, expected in cases.items():
        assert unit_tests_of([changed], tmp_path) == expected, changed
    assert unit_tests_of(["lib/a/one.py", "lib/a/one.py"], tmp_path) == ["tests/unit/a/test_one.py"]

"""Before a commit runs what CI runs first: the same commands, in the same environment."""

import re

from tests.sandbox_server import ROOT

FIRST = ("lint", "types", "contracts")


def test_the_hooks_are_the_commands_of_the_makefile() -> None:
    config = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    tested = re.search(r"^test: setup-dev (.+) tests$", makefile, re.MULTILINE)
    assert tested is not None
    assert tuple(tested[1].split()) == FIRST
    wanted = [
        (line.replace("$(BIN)", ".venv/bin"), target)
        for target in FIRST
        for line in _recipe(makefile, target)
    ]
    hooks = re.findall(r"name: [^\n]+\(make (\w+)\)\n +entry: ([^\n]+)\n", config)
    assert [(entry, target) for target, entry in hooks] == wanted
    assert config.count("language: system") == config.count("- id: ") == len(hooks)
    assert re.findall(r"repo: (\S+)", config) == ["local"]  # nothing is downloaded


def _recipe(makefile: str, target: str) -> list[str]:
    found = re.search(rf"^{target}:[^\n]*\n((?:\t[^\n]+\n)+)", makefile, re.MULTILINE)
    assert found is not None
    return [line.strip() for line in found[1].splitlines()]

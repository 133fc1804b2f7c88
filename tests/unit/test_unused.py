"""What only tests call is deleted: every function, class and constant of lib is used by lib.

Methods aren't looked at: what they are called on isn't known before they run.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
WITH = (
    "lib/**/*.py",
    "pages/*.py",
    "streamlit_app.py",
    "tools/*.py",
    "docs/**/*.py",
    "benchmarks/*.py",
)
# Found by name when they run: a module for each command, and what a served sandbox offers.
BY_NAME = {"add", "install", "notify"}
# Decorators that only change a function; any other may have put it into a registry or a route.
PLAIN = {"cache", "contextmanager", "dataclass"}


def trees() -> dict[str, ast.Module]:
    found = {}
    for pattern in WITH:
        for path in ROOT.glob(pattern):
            name = path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")
            found[name.removesuffix(".__init__")] = ast.parse(path.read_text(encoding="utf-8"))
    return found


def used(module: str, tree: ast.Module) -> Iterator[tuple[str, str]]:
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for one in node.names:
                names[one.asname or one.name] = f"{node.module}.{one.name}"
                yield node.module, one.name
        elif isinstance(node, ast.Import):
            names |= {one.asname or one.name: one.name for one in node.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield module, node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield names.get(node.value.id, ""), node.attr
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from ((module, word) for word in re.findall(r"\w+", node.value[:200]))


def made(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            if {ast.unparse(one).split("(")[0] for one in node.decorator_list} <= PLAIN:
                yield node.name
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id
        elif isinstance(node, ast.Assign):
            yield from (one.id for one in node.targets if isinstance(one, ast.Name))


def test_everything_in_lib_is_used_outside_of_tests() -> None:
    found = trees()
    uses = {use for module, tree in found.items() for use in used(module, tree)}
    lost = [
        f"{module}.{name}"
        for module, tree in found.items()
        if module.startswith("lib")
        for name in made(tree)
        if (module, name) not in uses and name not in BY_NAME and not name.startswith("__")
    ]
    assert lost == []

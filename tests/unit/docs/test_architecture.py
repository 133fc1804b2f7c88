"""docs/architecture.md names the layers, files and classes that there are."""

import ast
import importlib
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
#: Names that are columns of stores: they stay, so that older data folders can be read.
PERSISTED = {"told_at"}
FLOWS = ("An event", "A delivery", "A credential", "A check", "A detection")


def _section(title: str) -> str:
    return re.split(rf"^##+ {title}\n", TEXT, maxsplit=1, flags=re.MULTILINE)[1]


def test_the_layers_are_those_of_the_contract_in_its_order() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contract = project["tool"]["importlinter"]["contracts"][0]
    assert contract["type"] == "layers"
    table = _section("Layers").split("\n## ", 1)[0]
    rows = re.findall(r"^\| ((?:`lib[\w.]+`(?:, )?)+) \|", table, re.MULTILINE)
    reported = [re.findall(r"`([^`]+)`", row) for row in rows]
    assert reported == [layer.split(" | ") for layer in contract["layers"]]


def test_each_flow_has_one_picture_whose_files_exist() -> None:
    for title in FLOWS:
        part = re.split(r"^##", _section(title), maxsplit=1, flags=re.MULTILINE)[0]
        pictures = re.findall(r"^```mermaid\n(.*?)^```$", part, re.MULTILINE | re.DOTALL)
        assert len(pictures) == 1, title
        for label in re.findall(r'"([^"]*)"', pictures[0]):
            folder = None
            for name in re.findall(r"[\w/]+\.py", label):
                path = Path(name) if "/" in name else (folder or Path()) / name
                folder = path.parent
                assert (ROOT / path).is_file(), f"{title}: {name}"
        made = set(re.findall(r"\b(\w+)[\[(]", pictures[0]))
        bare = re.sub(r'[\[(]+"[^"]*"[\])]+', "", pictures[0]).replace("flowchart LR", "")
        ends = set(re.findall(r"\w+", re.sub(r"--(?: [^->]+ --)?>", " ", bare)))
        assert ends == made, (title, ends ^ made)


def test_every_word_of_the_glossary_has_its_module_or_class() -> None:
    rows = _glossary()
    words = [word for word, _, _ in rows]
    assert len(words) >= 40
    assert len(set(words)) == len(words)
    for word, name, _ in rows:
        module, _, last = name.rpartition(".")
        if last[0].isupper():
            found = getattr(importlib.import_module(module), last, None)
            assert isinstance(found, type), word
            assert found.__module__ == module, word
        else:
            importlib.import_module(name)


def test_no_name_in_lib_has_a_word_that_the_glossary_rules_out() -> None:
    ruled_out = {word for _, _, words in _glossary() for word in words}
    assert len(ruled_out) >= 12
    found = {
        (path.as_posix(), name)
        for path in sorted((ROOT / "lib").rglob("*.py"))
        for name in _names(path)
        if name not in PERSISTED and ruled_out & set(_words(name))
    }
    assert found == set()


def _glossary() -> list[tuple[str, str, list[str]]]:
    """Of each row the word, its module or class, and the words that aren't used for it."""
    rows = re.findall(
        r"^\| ([^|]+) \| [^|]+ \| `(lib[\w.]+)` \| ?([^|]*)\|$", _section("Glossary"), re.MULTILINE
    )
    return [(word, name, re.findall(r"\w+", ruled_out)) for word, name, ruled_out in rows]


def _names(path: Path) -> Iterator[str]:
    """The names that a module gives: itself, classes, functions, parameters, variables."""
    yield path.stem
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name
            case ast.arg():
                yield node.arg
            case ast.Name(ctx=ast.Store()):
                yield node.id
            case ast.Attribute(ctx=ast.Store()):
                yield node.attr


def _words(name: str) -> list[str]:
    """`heldBack`, `HELD_BACK` and `held_back` have the words held and back."""
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)
    return [form for part in parts for form in (part.lower(), part.lower().removesuffix("s"))]

"""docs/architecture.md names the layers, files and classes that there are."""

import importlib
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
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
    rows = re.findall(
        r"^\| ([^|]+) \| ([^|]+) \| `(lib[\w.]+)` \|$", _section("Glossary"), re.MULTILINE
    )
    words = [word for word, _, _ in rows]
    assert len(words) >= 40
    assert len(set(words)) == len(words)
    for word, _, name in rows:
        module, _, last = name.rpartition(".")
        if last[0].isupper():
            found = getattr(importlib.import_module(module), last, None)
            assert isinstance(found, type), word
            assert found.__module__ == module, word
        else:
            importlib.import_module(name)

"""The guides name what stands on the pages: each label in bold is a text of the app."""

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[3]
GUIDES = sorted((ROOT / "docs" / "guide").glob("*.md"))


@cache
def texts_of_the_app() -> frozenset[str]:
    """The texts in the source of pages and `lib`, f-strings by their parts."""
    found = set()
    for folder in ("pages", "lib"):
        for path in (ROOT / folder).rglob("*.py"):
            if "sandbox" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    found.add(node.value.strip(" *.:"))
    return frozenset(found)


def test_there_is_a_guide_for_each_person() -> None:
    assert [path.stem for path in GUIDES] == [
        "analyst",
        "box-admin",
        "host",
        "integration-engineer",
    ]


def test_every_label_in_a_guide_stands_in_the_app() -> None:
    missing = []
    for path in GUIDES:
        labels = re.findall(r"\*\*([^*]+)\*\*", path.read_text(encoding="utf-8"))
        assert labels, path.name
        missing += [f"{path.name}: {one}" for one in labels if one not in texts_of_the_app()]
    assert missing == []


def test_every_guide_ends_with_where_to_look_when_it_fails() -> None:
    for path in GUIDES:
        last = path.read_text(encoding="utf-8").rsplit("\n## ", 1)[1]
        assert last.startswith("When it fails\n"), path.name

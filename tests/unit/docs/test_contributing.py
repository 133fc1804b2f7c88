"""The lists of CONTRIBUTING.md lead to places that exist, and what exists is in each of them."""

import ast
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path

from lib.activity.importing import importer
from lib.activity.importing.file_format import Form
from lib.activity.ingest.normalise import _MAKERS
from lib.activity.model.source import RECORD_ORDER, RECORDS, Source
from lib.detections.registry import DETECTIONS
from lib.runbook.checks import registry
from lib.runbook.health.groups import GROUPS
from lib.runbook.roads.steps import table
from lib.sandbox.world.plays import PLAYS
from lib.ui.shell.navigation import PAGES

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
WITHOUT_PLAY = {"stream_gap"}  # silence can't be planted
WITHOUT_PAGE = {"practice"}  # a banner and its dialogs, on every page


def _list(title: str) -> list[str]:
    section = TEXT.split(f"### {title}\n", 1)[1].split("\n### ", 1)[0]
    return re.findall(r"`((?:lib|pages|tests|docs)/[^`]+|pyproject\.toml|README\.md)`", section)


def _read(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def _lacking(title: str, path: str, requested: Iterable[str]) -> list[str]:
    """What a place of a list doesn't have, though it exists already."""
    assert path in _list(title), (title, path)
    text = _read(path)
    return [f"{path}: {one}" for one in requested if one not in text]


def test_every_place_of_every_list_exists() -> None:
    titles = re.findall(r"^### (An? .+)$", TEXT, re.MULTILINE)
    assert titles == [
        "A check",
        "A detection",
        "A page",
        "A source of events",
        "An import format",
        "A schema version of a store",
        "An engine for events",
    ]
    for title in titles:
        places = _list(title)
        assert len(places) > 4, title
        for place in places:
            assert "NAME" in place or (ROOT / place).exists(), (title, place)


def test_every_make_target_that_is_named_exists_and_the_other_way_round() -> None:
    named = set(re.findall(r"^\| `make ([a-z-]+)` \|", TEXT, re.MULTILINE))
    phony = re.search(r"^\.PHONY: (.+)$", _read("Makefile"), re.MULTILINE)
    assert phony is not None
    targets = set(phony[1].split())
    assert targets - named == {"help", "setup", "setup-dev", "system", "clean"}
    assert named <= targets


def test_every_check_is_in_each_place_of_its_list() -> None:
    folder = ROOT / "lib" / "runbook" / "checks"
    modules = [
        path
        for path in folder.glob("*.py")
        if re.search(r"^CHECKS\b", path.read_text(encoding="utf-8"), re.MULTILINE)
        and path.stem != "registry"
    ]
    places = _list("A check")
    listed = _read("lib/runbook/checks/registry.py")
    for path in modules:
        assert path.relative_to(ROOT).as_posix() in places
        assert f"*{path.stem}.CHECKS" in listed
    ids = [check.id for check in registry.CHECKS]
    assert _lacking("A check", "docs/reference/checks.md", (f"| `{one}` |" for one in ids)) == []
    data = ROOT / "lib" / "runbook" / "roads" / "data"
    steps = sorted(p.relative_to(ROOT).as_posix() for p in data.glob("steps_*.toml"))
    assert set(steps) <= set(places)
    verified = {one for step in table().steps.values() for one in step.verify}
    assert [one for one in ids if one not in verified] == []
    prefixes = tuple(prefix for group in GROUPS for prefix in group.prefixes)
    assert [one for one in ids if not one.startswith(prefixes)] == []


def test_every_cause_that_a_check_names_is_in_the_table() -> None:
    causes = tomllib.loads(_read("lib/core/data/causes.toml"))
    known = {row["id"] for row in causes["cause"]}
    named = set()
    for path in (ROOT / "lib" / "runbook" / "checks").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in {"failed", "warning", "unproven"}
                and node.args
                and isinstance(node.args[0], ast.Constant)
            ):
                named.add(node.args[0].value)
    assert len(named) > 20
    assert named - known == set()


def test_every_detection_is_in_each_place_of_its_list() -> None:
    ids = [one.id for one in DETECTIONS]
    rows = [f"| `{one}` |" for one in ids]
    assert _lacking("A detection", "docs/reference/detections.md", rows) == []
    assert "lib/sandbox/world/plays.py" in _list("A detection")
    assert set(ids) - set(PLAYS) == WITHOUT_PLAY
    rules = "".join(
        path.read_text(encoding="utf-8")
        for path in (ROOT / "lib" / "detections" / "rules").glob("*.py")
    )
    assert [one for one in ids if f'id="{one}"' not in rules] == []


def test_every_page_is_in_each_place_of_its_list() -> None:
    contracts = tomllib.loads(_read("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    apart = next(one for one in contracts if one["type"] == "independence")["modules"]
    shared = next(
        one["layers"] for one in contracts if one["name"] == "What pages share knows no page"
    )
    for page in PAGES:
        assert page.path.is_file(), page.name
        assert (ROOT / "lib" / "ui" / page.name).is_dir(), page.name
        assert f"lib.ui.{page.name}" in apart, page.name
        assert f"lib.ui.{page.name}" in shared[0].split(" | "), page.name
    folders = {path.parent.name for path in (ROOT / "lib" / "ui").glob("*/__init__.py")}
    assert folders - {page.name for page in PAGES} - {"shell", "components"} == WITHOUT_PAGE
    first_steps = _read("README.md").split("## First steps\n", 1)[1].split("\n## ", 1)[0]
    shown = [page.title for page in PAGES if not page.hidden]
    assert [one for one in shown if f"**{one}**" not in first_steps] == []


def test_every_source_is_in_each_place_of_its_list() -> None:
    assert set(RECORDS) == set(Source)
    assert {source for _, source in _MAKERS} == set(Source)
    assert set(Source) - set(RECORD_ORDER) == {Source.BOX_WEBHOOK}
    rows = [f"| `{one}` |" for one in Source]
    assert _lacking("A source of events", "docs/reference/event-columns.md", rows) == []


def test_every_import_format_is_in_each_place_of_its_list() -> None:
    of_its_own = {Form.PARQUET, Form.CSV}  # the first has columns, the last is what is left
    assert set(importer._JSON) | of_its_own == set(Form)
    endings = [f'"{one}"' for one in Form if one is not Form.EMPTY]
    assert _lacking("An import format", "lib/ui/overview/view_import.py", endings) == []
    folder = ROOT / "lib" / "activity" / "importing"
    assert {path.name for path in folder.glob("*.py")} >= {"file_format.py", "importer.py"}


def test_every_module_that_knows_the_engine_is_in_the_list() -> None:
    knowing = set()
    for path in (ROOT / "lib").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            if any(name.split(".")[0] == "duckdb" for name in names):
                knowing.add(path.relative_to(ROOT).as_posix())
    assert knowing - set(_list("An engine for events")) == set()

"""The tables of docs/reference say what the code does, no more and no less."""

import argparse
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pyarrow as pa

from lib.activity.model.event import ACTOR_KINDS, CATEGORIES, COLUMNS, KLOUDLESS_STREAM
from lib.activity.model.source import Source
from lib.box.events import Stream
from lib.cli import build_parser
from lib.detections.registry import DETECTIONS
from lib.runbook.checks.registry import CHECKS
from lib.runbook.goals import Road
from lib.settings.profiles import Access, BoxCredentials, KloudlessCredentials
from lib.settings.retention import RetentionSettings
from lib.settings.watching import AlertSettings, HealthSettings
from lib.store.events.schema import ARROW, REQUIRED

ROOT = Path(__file__).parents[3]
REFERENCE = ROOT / "docs" / "reference"


def _page(name: str) -> str:
    return (REFERENCE / f"{name}.md").read_text(encoding="utf-8")


def _section(page: str, title: str) -> str:
    return _page(page).split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]


def _first_cells(text: str) -> list[str]:
    return re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE)


# --- commands

COMMANDS = _page("commands")


def _commands(parser: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, child in action.choices.items():
                nested = list(_commands(child))
                yield from ((f"{name} {rest}", leaf) for rest, leaf in nested)
                if not nested:
                    yield name, child


def _options(parser: argparse.ArgumentParser) -> set[str]:
    return {o for action in parser._actions for o in action.option_strings if o.startswith("--")}


def _row(command: str) -> str:
    match = re.search(rf"^\| `python -m lib {re.escape(command)}\b[^\n]*$", COMMANDS, re.MULTILINE)
    return match[0] if match else ""


def test_every_command_and_option_is_in_the_reference() -> None:
    missing = []
    shared = {"--help", "--json", "--profile", "--data"}
    hidden = {"--stop-with-parent", "--no-rate-limits"}
    for command, parser in _commands(build_parser()):
        row = _row(command)
        missing += [
            f"{command} {o}"
            for o in _options(parser) - shared - hidden
            if f"{o}`" not in row.replace(" ", "` ")
        ]
        if not row:
            missing.append(command)
    assert missing == []


def test_the_reference_names_no_command_and_no_option_that_does_not_exist() -> None:
    known = dict(_commands(build_parser()))
    named = re.findall(r"^\| `python -m lib ([a-z]+(?: [a-z]+)?)", COMMANDS, re.MULTILINE)
    assert {n for n in named if n not in known and n.split()[0] not in known} == set()
    for command, parser in known.items():
        assert set(re.findall(r"(--[a-z-]+)", _row(command))) <= _options(parser), command


def test_the_reference_says_which_commands_take_a_profile() -> None:
    sentence = COMMANDS.split("`--profile KEY` is an option of ", 1)[1].split(". Without", 1)[0]
    taking = {name for name, parser in _commands(build_parser()) if "--profile" in _options(parser)}
    assert set(re.findall(r"`([a-z ]+)`", sentence)) == taking
    with_data = {name for name, parser in _commands(build_parser()) if "--data" in _options(parser)}
    assert {name for name in with_data - taking if name.split()[0] != "store"} == {"receive"}


# --- settings


def test_every_setting_is_in_the_reference_and_no_other() -> None:
    box = {f.name for f in fields(BoxCredentials)}
    kloudless = {f.name for f in fields(KloudlessCredentials)}
    later = {"admins", "analysts", "configured"}  # signing in comes with another change
    tables = {
        "`[profiles.KEY]`": {"label"},
        "`[profiles.KEY.box]`": box | {"config"},
        "`[profiles.KEY.kloudless]`": kloudless,
        "`[access]`": {f.name for f in fields(Access)} - later,
        "`[retention]`": {f.name for f in fields(RetentionSettings)},
        "`[health]`": {f.name for f in fields(HealthSettings)},
        "`[alerts]`": {f.name for f in fields(AlertSettings)},
        "`[store]`": {"events", "ledger"},
        "Environment only": {"BOX_RUNBOOK_DATA", "BOX_RUNBOOK_SANDBOX"},
    }
    for title, names in tables.items():
        cells = _first_cells(_section("settings", title))
        assert sorted(cells) == sorted(names), title
    headings = re.findall(r"^## (.+)$", _page("settings"), re.MULTILINE)
    assert headings == list(tables)


def test_every_setting_is_in_the_example_file() -> None:
    names = {f.name for kind in (BoxCredentials, KloudlessCredentials) for f in fields(kind)}
    example = (ROOT / ".streamlit" / "secrets.example.toml").read_text(encoding="utf-8")
    assert {n for n in names if not re.search(rf"^(# )?{n} = ", example, re.MULTILINE)} == set()


def test_every_access_setting_that_works_is_in_the_reference() -> None:
    later = {"admins", "analysts", "configured"}  # signing in comes with another change
    text = _section("settings", "`[access]`")
    assert {f.name for f in fields(Access)} - later == {"open", "allowed_hosts"}
    assert "`open = true`" in text
    assert "`allowed_hosts`" in text


# --- checks, detections, roads


def test_every_check_is_in_the_reference_in_its_order() -> None:
    rows = re.findall(
        r"^\| `((?:box|kloudless)\.[a-z_.]+)` \| ([^|]+) \|$", _page("checks"), re.MULTILINE
    )
    assert rows == [(check.id, check.proves.removesuffix(".")) for check in CHECKS]


def test_every_detection_is_in_the_reference_in_its_order() -> None:
    rows = re.findall(
        r"^\| `([a-z_]+)` \| ([^|]+) \| (T[0-9.]+)? ?\|$", _page("detections"), re.MULTILINE
    )
    assert rows == [
        (one.id, one.says.removesuffix("."), one.attack.id if one.attack else "")
        for one in DETECTIONS
    ]


def test_every_road_is_in_the_reference() -> None:
    named = re.findall(r"`([a-z]+-[a-z]+)`", _page("roads"))
    assert set(named) == {road.value for road in Road}


# --- columns of events


def _kind(field: pa.Field) -> str:
    if pa.types.is_timestamp(field.type):
        return "time"
    return "whole number" if pa.types.is_integer(field.type) else "text"


def test_every_column_of_an_event_is_in_the_reference_in_its_order() -> None:
    intro = _page("event-columns").split("\n## ", 1)[0]
    rows = re.findall(r"^\| `([a-z_]+)` \| ([^|]+) \| ([^|]+) \| [^|]+ \|$", intro, re.MULTILINE)
    assert rows == [
        (field.name, _kind(field), "always" if field.name in REQUIRED else "if known")
        for field in ARROW
    ]
    assert [name for name, _, _ in rows] == list(COLUMNS)


def test_every_word_that_a_column_can_hold_is_in_the_reference() -> None:
    assert _first_cells(_section("event-columns", "Sources"))[1:] == list(Source)
    assert _first_cells(_section("event-columns", "Kinds of actor"))[1:] == list(ACTOR_KINDS)
    streams = re.findall(r"`([a-z_]+)`", _section("event-columns", "Streams"))
    assert streams == [*Stream, KLOUDLESS_STREAM]
    categories = re.findall(r"`([a-z_]+)`", _section("event-columns", "Categories"))
    assert categories == list(CATEGORIES)

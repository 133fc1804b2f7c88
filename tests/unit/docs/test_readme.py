"""The README's tables say what the code does, no more and no less."""

import argparse
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

from lib.cli import build_parser
from lib.detections.registry import DETECTIONS
from lib.runbook.checks.registry import CHECKS
from lib.runbook.roads.goals import Road
from lib.settings.profiles import Access, BoxCredentials, KloudlessCredentials

README = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")


def _commands(parser: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, child in action.choices.items():
                nested = list(_commands(child))
                yield from ((f"{name} {rest}", leaf) for rest, leaf in nested)
                if not nested:
                    yield name, child


def _row(command: str) -> str:
    match = re.search(rf"^\| `python -m lib {re.escape(command)}\b[^\n]*$", README, re.MULTILINE)
    return match[0] if match else ""


def _section(title: str) -> str:
    return README.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]


def test_every_command_and_option_is_in_the_readme() -> None:
    missing = []
    shared = {"--help", "--json", "--profile", "--data"}
    hidden = {"--stop-with-parent", "--no-rate-limits"}
    for command, parser in _commands(build_parser()):
        row = _row(command)
        options = {
            option
            for action in parser._actions
            for option in action.option_strings
            if option.startswith("--")
        }
        missing += [
            f"{command} {o}"
            for o in options - shared - hidden
            if f"{o}`" not in row.replace(" ", "` ")
        ]
        if not row:
            missing.append(command)
    assert missing == []


def test_the_readme_names_no_command_that_does_not_exist() -> None:
    known = {command for command, _ in _commands(build_parser())}
    named = re.findall(r"^\| `python -m lib ([a-z]+(?: [a-z]+)?)", README, re.MULTILINE)
    assert {n for n in named if n not in known and n.split()[0] not in known} == set()


def test_every_setting_is_in_the_readme() -> None:
    text = _section("Configuration")
    names = {f.name for kind in (BoxCredentials, KloudlessCredentials) for f in fields(kind)}
    singly = {"client_id", "client_secret", "public_key_id", "private_key", "passphrase"}
    singly |= {
        "refresh_token",
        "developer_token",
    }  # the README points to the example file for these
    assert {n for n in names - singly if f"`{n}`" not in text} == set()
    example = (Path(__file__).parents[3] / ".streamlit" / "secrets.example.toml").read_text(
        encoding="utf-8"
    )
    assert {n for n in names if not re.search(rf"^(# )?{n} = ", example, re.MULTILINE)} == set()


def test_every_access_setting_that_works_is_in_the_readme() -> None:
    later = {"admins", "analysts", "configured"}  # signing in comes with another change
    text = _section("Configuration")
    assert {f.name for f in fields(Access)} - later == {"open", "allowed_hosts"}
    assert "`open = true`" in text
    assert "`allowed_hosts`" in text


def test_every_check_is_in_the_readme_in_its_order() -> None:
    rows = re.findall(
        r"^\| `((?:box|kloudless)\.[a-z_.]+)` \| ([^|]+) \|$", _section("Checks"), re.MULTILINE
    )
    assert rows == [(check.id, check.proves.removesuffix(".")) for check in CHECKS]


def test_every_detection_is_in_the_readme_in_its_order() -> None:
    rows = re.findall(
        r"^\| `([a-z_]+)` \| ([^|]+) \| (T[0-9.]+)? ?\|$", _section("Detections"), re.MULTILINE
    )
    assert rows == [
        (one.id, one.says.removesuffix("."), one.attack.id if one.attack else "")
        for one in DETECTIONS
    ]


def test_every_road_is_in_the_readme() -> None:
    named = re.findall(r"`([a-z]+-[a-z]+)`", _section("Roads"))
    assert set(named) == {road.value for road in Road}

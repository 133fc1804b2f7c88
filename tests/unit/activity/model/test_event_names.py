"""Readable names of event types: every type has one, and each tells its type."""

import csv
import re
from collections import Counter
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import lib.detections.rules
from lib.activity.model.event import KLOUDLESS_TYPES, categories
from lib.activity.model.event_names import event_name, event_names, with_raw
from lib.detections.registry import DETECTIONS
from lib.sandbox.world import World, WorldSpec

UNTIL = datetime(2026, 11, 2, tzinfo=UTC)
# Seen in real events, though in no enum of Box's: the other spellings of MFA.
OBSERVED = {
    "MULTI_FACTOR_AUTH_DISABLE",
    "MULTI_FACTOR_AUTH_ENABLE",
    "MULTI_FACTOR_AUTH_GENERATED_BACKUP_CODE",
}

# Types that the sandbox makes up, because Box says that its list isn't complete.
MADE_UP = {"APP_ITEM_SHARED", "HUB_ITEM_PINNED"}


def emitted_by_the_sandbox() -> set[str]:
    """Every type and trigger in its tables, and every type that its world has."""
    data = files("lib.sandbox").joinpath("data")
    listed = {
        row[column]
        for name, column in (("event-types.csv", "event_type"), ("webhook-triggers.csv", "trigger"))
        for row in csv.DictReader(data.joinpath(name).read_text(encoding="utf-8").splitlines())
    }
    truth = World(WorldSpec(days=60, until=UNTIL), lambda: UNTIL).truth()
    return (listed | set(truth["events"]["by_type"])) - MADE_UP


def read_by_detections() -> set[str]:
    """The types that detections declare, and those that their queries name."""
    declared = {one for detection in DETECTIONS for one in detection.types}
    [folder] = lib.detections.rules.__path__
    source = "\n".join(path.read_text(encoding="utf-8") for path in Path(folder).glob("*.py"))
    named = set(re.findall(r"""['"]([A-Z][A-Z0-9_]{3,})['"]""", source)) & set(categories())
    return declared | named


def test_every_known_type_has_a_name() -> None:
    known = set(categories()) | emitted_by_the_sandbox() | read_by_detections() | KLOUDLESS_TYPES
    assert {"METADATA_INSTANCE_CREATE", "LOGIN", "NEW_USER", "FILE.UPLOADED", "add"} <= known
    assert sorted((known | OBSERVED) - set(event_names())) == []


def test_a_name_tells_its_type() -> None:
    often = Counter(name.casefold() for name in event_names().values())
    assert [name for name, times in often.items() if times > 1] == []
    raw = {one.casefold() for one in event_names()}
    same = {name for name in often if name in raw}
    assert same == {"login"}  # whose raw name is the word itself


def test_names_are_words_in_sentence_case() -> None:
    for event_type, name in event_names().items():
        assert name == name.strip(), event_type
        assert name[0].isupper(), event_type
        assert "_" not in name, event_type


def test_an_unknown_type_is_shown_as_it_came() -> None:
    assert event_name("METADATA_INSTANCE_CREATE") == "Metadata added"
    assert with_raw("METADATA_INSTANCE_CREATE") == "Metadata added (METADATA_INSTANCE_CREATE)"
    for unknown in (*MADE_UP, "BRAND_NEW_TYPE", "download", "", "<b>"):
        assert event_name(unknown) == with_raw(unknown) == unknown

"""What an event is made of: its categories and kinds of actor, and its columns.

Categories of Box's event types come from `data/event-types.csv` (written from Box's OpenAPI
document and event guides); unknown types are `other` and pass through.
"""

import csv
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Final

from lib.store.events.schema import COLUMNS

__all__ = [
    "ACTOR_KINDS",
    "CATEGORIES",
    "COLUMNS",
    "KLOUDLESS_STREAM",
    "KLOUDLESS_TYPES",
    "NORMALISER",
    "OTHER",
    "ActorKind",
    "categories",
    "category_of",
    "describe_type",
    "trigger_category",
]

NORMALISER: Final = 2
"""Version of the normalisation, kept with every event."""
OTHER: Final = "other"


class ActorKind(StrEnum):
    """What kind of user acted."""

    MANAGED = "managed"
    APP = "app"
    SERVICE = "service"
    EXTERNAL = "external"
    ANONYMOUS = "anonymous"
    UNKNOWN = "unknown"


KLOUDLESS_STREAM: Final = "events"
ACTOR_KINDS: Final[tuple[str, ...]] = tuple(ActorKind)
# Kloudless API reference, "Event types".
KLOUDLESS_TYPES: Final = frozenset({"add", "delete", "update", "rename", "move", "copy", "restore"})
# The part of a webhook trigger before its dot, in the categories of the event types.
_TRIGGER_FAMILIES: Final = {
    "COLLABORATION": "collaboration",
    "COMMENT": "comment",
    "FILE": "content",
    "FOLDER": "content",
    "METADATA_INSTANCE": "metadata",
    "SHARED_LINK": "sharing",
    "SIGN_REQUEST": "sign",
    "TASK_ASSIGNMENT": "task",
    "WEBHOOK": "app",
}


@cache
def _types() -> dict[str, tuple[str, str]]:
    text = files(__package__).joinpath("data/event-types.csv").read_text(encoding="utf-8")
    return {
        row["event_type"]: (row["category"], row["description"])
        for row in csv.DictReader(text.splitlines())
    }


@cache
def categories() -> dict[str, str]:
    """The category of every Box event type we know."""
    return {name: category for name, (category, _) in _types().items()}


CATEGORIES: Final[tuple[str, ...]] = (*sorted(set(categories().values())), OTHER)


def category_of(event_type: str) -> str:
    """The category of a Box event type, `other` if unknown."""
    return categories().get(event_type, OTHER)


def trigger_category(trigger: str) -> str:
    """The category of a Box webhook trigger (`FILE.UPLOADED`), `other` if unknown."""
    return _TRIGGER_FAMILIES.get(trigger.partition(".")[0], OTHER)


def describe_type(event_type: str) -> str | None:
    """What a Box event type means, in a sentence; None if unknown.

    What is marked as inferred in the table is not told.
    """
    found = _types().get(event_type)
    return found[1] if found and "[" not in found[1] else None

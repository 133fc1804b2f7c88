"""Box's webhook triggers, and which event of a stream reports the same action.

`data/triggers.csv` is the one table. Triggers, targets and descriptions come from Box's webhook
documentation and its OpenAPI document. Box publishes no table of triggers against event types: the
pairs are inferred by us from Box's descriptions of both. `events` are pairs that say the
same of the same kind of item; `perhaps` may come with a trigger, and are never missed without it.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

FILE: Final = "file"
FOLDER: Final = "folder"
DELETED: Final = "WEBHOOK.DELETED"
NO_SESSION: Final = "NO_ACTIVE_SESSION"
ALARMS: Final = (DELETED, NO_SESSION)
"""Triggers that tell of the webhook itself, not of an item."""
_OF_ONE_KIND: Final = {"FILE": FILE, "FOLDER": FOLDER}


class Asked(StrEnum):
    """Whether a trigger can be asked for when a webhook is made."""

    YES = "yes"
    GUIDE = "guide"
    """Only the guide names it, the API's own list doesn't."""
    OTHER_NAME = "other_name"
    """The guide's spelling; the API's list has another one for it."""
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Trigger:
    """One trigger. `targets` are the kinds of item it can be asked for on."""

    name: str
    targets: frozenset[str]
    asked: Asked
    asked_as: str
    events: tuple[str, ...]
    perhaps: tuple[str, ...]
    description: str

    @property
    def item_type(self) -> str | None:
        """The kind of item it is about; None for any."""
        return _OF_ONE_KIND.get(self.name.partition(".")[0])


@dataclass(frozen=True, slots=True)
class Pair:
    """Triggers for one type of event: those that tell the same, and those that may come with it."""

    sure: tuple[str, ...] = ()
    perhaps: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.sure or self.perhaps)

    @property
    def triggers(self) -> tuple[str, ...]:
        """Both, the sure ones first."""
        return self.sure + self.perhaps


@cache
def triggers() -> Mapping[str, Trigger]:
    """Every trigger by its name."""
    text = files(__package__).joinpath("data/triggers.csv").read_text(encoding="utf-8")
    return MappingProxyType(
        {
            row["trigger"]: Trigger(
                name=row["trigger"],
                targets=frozenset(_listed(row["targets"])),
                asked=Asked(row["asked"]),
                asked_as=row["asked_as"],
                events=_listed(row["events"]),
                perhaps=_listed(row["perhaps"]),
                description=row["description"],
            )
            for row in csv.DictReader(text.splitlines())
        }
    )


@cache
def offered(target_type: str) -> tuple[str, ...]:
    """The triggers that can be asked for on a file or on a folder."""
    return tuple(
        one.name
        for one in triggers().values()
        if one.asked is Asked.YES and target_type in one.targets
    )


@cache
def pair(event_type: str, item_type: str | None) -> Pair:
    """The triggers for an event of that type on that kind of item; empty where there are none.

    Webhooks watch files and folders: what happens to anything else has no trigger.
    """
    if item_type not in (FILE, FOLDER, None):
        return Pair()
    fitting = [one for one in triggers().values() if _fits(one, item_type)]
    return Pair(
        tuple(one.name for one in fitting if event_type in one.events),
        tuple(one.name for one in fitting if event_type in one.perhaps),
    )


@cache
def paired_types() -> frozenset[str]:
    """Every type of event that some trigger tells."""
    return frozenset(event for one in triggers().values() for event in (*one.events, *one.perhaps))


def has_event(trigger: str) -> bool:
    """Whether some type of event tells the same as a trigger."""
    found = triggers().get(trigger)
    return found is not None and bool(found.events or found.perhaps)


def _fits(trigger: Trigger, item_type: str | None) -> bool:
    return item_type is None or trigger.item_type in (None, item_type)


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split(";") if part)

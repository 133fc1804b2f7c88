"""Readable names of event types, for people alone.

Filters, addresses, exports and detections use the raw type. The names are in
`data/event-names.csv`: Box's event types, its webhook triggers and Kloudless's event types. Each
name is used once, so that the type can be told from it.
"""

import csv
from functools import cache
from importlib.resources import files

from lib.activity.model.event import categories


@cache
def event_names() -> dict[str, str]:
    """The readable name of every event type we know, by its raw name."""
    text = files(__package__).joinpath("data/event-names.csv").read_text(encoding="utf-8")
    return {row["event_type"]: row["name"] for row in csv.DictReader(text.splitlines())}


@cache
def event_types() -> dict[str, str]:
    """The raw name of every event type of Box, by its readable name in lower case."""
    return {name.casefold(): raw for raw, name in event_names().items() if raw in categories()}


def event_name(event_type: str) -> str:
    """`Metadata added` for METADATA_INSTANCE_CREATE; an unknown type as it came."""
    return event_names().get(event_type, event_type)


def with_raw(event_type: str) -> str:
    """`Metadata added (METADATA_INSTANCE_CREATE)`; an unknown type as it came."""
    name = event_name(event_type)
    return event_type if name == event_type else f"{name} ({event_type})"

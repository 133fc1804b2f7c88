"""Every text of the profile of a person or an item on the Activity page."""

from datetime import datetime, tzinfo
from typing import Final

from lib.core.texts import ago, plural, size_words, when

PERSON_LISTS: Final = {
    "item": "Items",
    "type": "Actions",
    "network": "IP networks",
    "ip": "IP addresses",
    "service": "Apps",
    "parent": "Folders",
}
ITEM_LISTS: Final = {
    "actor": "People",
    "type": "Actions",
    "network": "IP networks",
    "ip": "IP addresses",
    "service": "Apps",
    "target": "Shared with",
}
BACK: Final = "Back to all activity"
UNKNOWN_SUBJECT: Final = "No events found"
EMPTY_PERIOD: Final = "No events in this period"
DOWNLOADS: Final = "Downloads"
UPLOADS: Final = "Uploads"
PEERS: Final = "People who used the same items"
NO_PEERS: Final = "Nobody else used the same items in this period."
ITEMS_IN_COMMON: Final = "items in common"
SHARED_WITH: Final = "Shared with"
SHARING_ACTIONS: Final = "Sharing actions"
NEWEST: Final = "Newest events"


def unknown_subject(noun: str, value: str) -> str:
    """Nothing is known of an ID."""
    link = "by" if noun == "person" else "on"
    return (
        f"This source has no events {link} the {noun} with the ID {value}. Read a longer period, "
        "or choose another source in “Filters”."
    )


def newest_event(at: datetime, zone: tzinfo) -> str:
    """What to do where the period has no event of it."""
    return f"The newest event is from {when(at, zone)}. Choose a longer period."


def subject_line(kind: str, login: str | None, owner: str | None, id_: str, folder: str) -> str:
    """`person · ada@acme.test · ID 123`, `file · owner: ada@acme.test · ID 123 · in Finance`."""
    parts = [kind, login or "", f"owner: {owner}" if owner else "", f"ID {id_}"]
    return " · ".join(part for part in (*parts, f"in {folder}" if folder else "") if part)


def seen(first: datetime, last: datetime, now: datetime, zone: tzinfo, events: int) -> str:
    """When somebody or something was first and last seen."""
    return (
        f"First seen: {when(first, zone)} · Last seen: {when(last, zone)} ({ago(last, now)}) · "
        f"{plural(events, 'event')} stored from this source"
    )


NEW: Final = " · New: first seen within the last week"


def filter_by_this(noun: str) -> str:
    """From a profile to everything that is filtered by it."""
    return f"Filter by this {noun}"


def sized(size: int) -> str:
    """How many bytes, as far as is known."""
    return f"{size_words(size)} in events with a known size."


def devices(events: int) -> str:
    """Events of new devices."""
    return f"{plural(events, 'event')} of new or newly pinned devices."


def newest_only(count: int, noun: str) -> str:
    """The table has only the newest."""
    return f"Showing the newest {count}. “{filter_by_this(noun)}” shows all."

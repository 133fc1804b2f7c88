"""What the columns of our own exports can hold, so that a file can't bring nonsense in unsaid.

Foreign events are read tolerantly, because their raw JSON stays beside the columns. A row of our
own columns has nothing beside it: what it can't hold is refused with a reason. Never raises.
"""

from collections.abc import Mapping
from typing import Any, Final

from lib.activity.ingest.json_values import NotJson, loads, size
from lib.activity.model.event import (
    ACTOR_KINDS,
    CATEGORIES,
    KLOUDLESS_STREAM,
    KLOUDLESS_TYPES,
    OTHER,
    category_of,
    trigger_category,
)
from lib.activity.model.source import RECORDS, Api, Source
from lib.box.events import Stream

_WORDS: Final = {
    "source": frozenset(Source),
    "stream": frozenset({*Stream, KLOUDLESS_STREAM}),
    "actor_kind": frozenset(ACTOR_KINDS),
    "category": frozenset(CATEGORIES),
}
_LONGEST_SHOWN: Final = 40
_LARGEST: Final = {"size_bytes": 2**63 - 1, "normaliser": 2**31 - 1}


def nonsense(values: Mapping[str, Any]) -> str | None:
    """Why a row can't be ours, in words that name the column; None if it can."""
    for name, words in _WORDS.items():
        given = values.get(name)
        if given not in (None, "") and not (isinstance(given, str) and given in words):
            return f"{name} can't be {_shown(given)}"
    for name, largest in _LARGEST.items():
        given = values.get(name)
        if given not in (None, "") and not _is_whole(given, largest):
            return f"{name} isn't a whole number from 0 to {largest}"
    raw = values.get("raw")
    if raw in (None, ""):
        return None
    try:
        loads(raw.encode() if isinstance(raw, str) else b"")
    except NotJson as error:
        return f"raw is {error}"
    return None


def _shown(value: Any) -> str:
    shown = value if isinstance(value, str) else type(value).__name__
    return repr(shown[:_LONGEST_SHOWN])


def _is_whole(value: Any, largest: int) -> bool:
    if isinstance(value, float):
        return value.is_integer() and 0 <= value <= largest and size(value) is not None
    number = size(value) if not isinstance(value, str) or _is_integral(value) else None
    return number is not None and number <= largest


def _is_integral(text: str) -> bool:
    try:
        return text.isdigit() or float(text).is_integer()
    except (ValueError, OverflowError):
        return False


def agreed_category(source: str, event_type: str, given: str | None) -> str:
    """The category as we would give it; where the type tells nothing, the one that was given."""
    record = RECORDS[Source(source)]
    if record.delivered:
        ours = trigger_category(event_type)
    elif record.api is Api.KLOUDLESS and event_type in KLOUDLESS_TYPES:
        ours = "content"
    else:
        ours = category_of(event_type)
    return given if ours == OTHER and given is not None else ours

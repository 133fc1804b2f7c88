"""Fields of an API's answer, read tolerantly: what is missing or of another type is unknown."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from lib.core.time_texts import time_of


def text_field(value: Any) -> str:
    """A text, or a number as text; '' for anything else."""
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def mapping_field(value: Any) -> Mapping[str, Any]:
    """A JSON object; an empty one for anything else."""
    return value if isinstance(value, Mapping) else {}


def word(words: Mapping[str, str], value: Any) -> str:
    """Our word for one of theirs; theirs where we have none."""
    found = text_field(value)
    return words.get(found, found)


def whole_field(value: Any) -> int | None:
    """A whole number; Box writes very large sizes in exponent notation."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return int(value)
    except (ValueError, OverflowError):  # not a number, infinity
        return None


def flag_field(value: Any) -> bool | None:
    """True or false; None for anything else."""
    return value if isinstance(value, bool) else None


def time_field(value: Any) -> datetime | None:
    """A time in UTC; None when it isn't one."""
    return time_of(value, without_offset=UTC)

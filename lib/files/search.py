"""Turns the search form into a query, or into messages about what is wrong with it.

Nothing of it goes into a URL. Facts: Box API reference, search.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from types import MappingProxyType
from typing import Final

from lib.files.location import is_id
from lib.files.source import ItemRef, SearchQuery

KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {"": "Anything", "file": "Files", "folder": "Folders", "web_link": "Web links"}
)
LONGEST: Final = 500
MB: Final = 1_000_000
_PARTS: Final = re.compile(r"[\s,;]+")
_EXTENSION: Final = re.compile(r"[A-Za-z0-9_\-]{1,30}")
_LAST: Final = time(23, 59, 59)


@dataclass(frozen=True, slots=True)
class Form:
    """The form as it was filled in. Days are in the visitor's zone, sizes in megabytes."""

    words: str = ""
    kind: str = ""
    extensions: str = ""
    owners: str = ""
    created_from: date | None = None
    created_to: date | None = None
    updated_from: date | None = None
    updated_to: date | None = None
    size_from: float | None = None
    size_to: float | None = None
    everywhere: bool = False


def query_of(
    form: Form, zone: tzinfo, *, below: ItemRef | None = None
) -> tuple[SearchQuery | None, tuple[str, ...]]:
    """The query, or what is wrong and how to fix it."""
    extensions = _split(form.extensions, strip=".")
    owners = _split(form.owners)
    problems = [
        *_words_problems(form.words),
        *(
            f"“{one}” isn't a file extension. Use letters and digits, such as pdf."
            for one in extensions
            if not _EXTENSION.fullmatch(one)
        ),
        *(
            f"“{one}” isn't a Box user ID: use digits only. Find user IDs on the Accounts page."
            for one in owners
            if not is_id(one)
        ),
        *_order_problem("created", form.created_from, form.created_to),
        *_order_problem("changed", form.updated_from, form.updated_to),
        *_order_problem("size", form.size_from, form.size_to),
    ]
    if problems:
        return None, tuple(problems)
    query = SearchQuery(
        words=form.words.strip(),
        kind=form.kind,
        extensions=extensions,
        created=(_begin(form.created_from, zone), _end(form.created_to, zone)),
        updated=(_begin(form.updated_from, zone), _end(form.updated_to, zone)),
        size=(_bytes(form.size_from), _bytes(form.size_to)),
        owners=owners,
        below=below,
        everywhere=form.everywhere,
    )
    return query, ()


def _split(text: str, *, strip: str = "") -> tuple[str, ...]:
    parts = (part.lstrip(strip) for part in _PARTS.split(text) if part)
    return tuple(dict.fromkeys(parts))


def _words_problems(words: str) -> list[str]:
    if not words.strip():
        return ["Enter a word of the name or the content."]
    if len(words) > LONGEST:
        return [f"The search text is too long: use at most {LONGEST} characters."]
    return []


def _order_problem(what: str, low: date | float | None, high: date | float | None) -> list[str]:
    if low is None or high is None:
        return []
    backwards = low > high  # type: ignore[operator]  # both are days, or both numbers
    return [f"The range “{what}” ends before it starts. Swap the two values."] if backwards else []


def _begin(day: date | None, zone: tzinfo) -> datetime | None:
    return None if day is None else datetime.combine(day, time.min, zone)


def _end(day: date | None, zone: tzinfo) -> datetime | None:
    return None if day is None else datetime.combine(day, _LAST, zone)


def _bytes(megabytes: float | None) -> int | None:
    return None if megabytes is None else round(megabytes * MB)

"""Ids for the people and items of imported files that give none, so that all questions work alike.

Reports of the Admin Console name people by login or name and items by folder and name. Such a
person or item gets an id here, where rows are normalised, and nowhere else: a keyed hash, so that a
link tells nobody's login. The key is the event store's. To the outside the id stays unknown:
`as_sent` and `sent` take derived ids away again, for exports.
"""

import hmac
from collections.abc import Mapping
from typing import Final

from lib.activity.ingest.event_row import Row
from lib.activity.model.event import COLUMNS
from lib.activity.model.source import Source
from lib.store.events import dialect

PREFIX: Final = "x-derived-"
"""What a derived id begins with: Box's own ids are numbers."""

# An id's column, and what stands for it where it is empty: the first of these that is known.
_PEOPLE: Final[Mapping[str, tuple[str, ...]]] = {
    "actor_id": ("actor_login", "actor_name"),
    "owner_id": ("owner_login",),
    "target_id": ("target_login",),
}
_PLACES: Final = {name: n for n, name in enumerate(COLUMNS)}
DERIVED: Final = (*_PEOPLE, "parent_id", "item_id")
"""The columns of an event that may hold a derived id."""
_NOBODY: Final = frozenset({"unknown user", "anonymous user"})


def with_derived_ids(row: Row, key: bytes) -> Row:
    """An imported row with an id for everybody and everything that it names without one."""
    if row[_PLACES["source"]] != Source.IMPORT:
        return row
    cells = list(as_sent(row))

    def cell(name: str) -> str | None:
        return cells[_PLACES[name]]  # type: ignore[no-any-return]  # text columns

    for name, instead in _PEOPLE.items():
        who = next((known for one in instead if (known := cell(one))), None)
        if cell(name) is None and who is not None and who.casefold() not in _NOBODY:
            cells[_PLACES[name]] = _made(key, "person", who.casefold())
    if cell("parent_id") is None and (parent := cell("parent_name")):
        cells[_PLACES["parent_id"]] = _made(key, "folder", parent)
    if cell("item_id") is None and (item := cell("item_name")):
        cells[_PLACES["item_id"]] = _made(key, "item", cell("parent_name") or "", item)
    return tuple(cells)


def is_derived(value: str) -> bool:
    """Whether an id is one of ours, which tells a person nothing."""
    return value.startswith(PREFIX)


def as_sent(row: Row) -> Row:
    """The row without derived ids: unknown is None again."""
    cells = list(row)
    for name in DERIVED:
        given = cells[_PLACES[name]]
        if given is not None and is_derived(given):
            cells[_PLACES[name]] = None
    return tuple(cells)


def sent(name: str) -> str:
    """SQL for a column of an event as it was sent: NULL instead of a derived id."""
    return dialect.unless_prefixed(name, PREFIX) if name in DERIVED else name


def _made(key: bytes, *parts: str) -> str:
    text = "\n".join(parts).encode("utf-8", "surrogatepass")
    return PREFIX + hmac.digest(key, text, "sha256").hex()[:32]

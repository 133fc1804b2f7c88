"""The Files page's read operations, for Box directly or through Kloudless.

Everything only reads. `BoxSource` and `KloudlessSource` implement them, so that the page draws both
alike and can compare them.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

from lib.accounts.rows import UserRow
from lib.files.rows import ROOT, Details, FolderFacts, ItemRow, RecentRow

#: The header that asks Box not to notify people about a call.
QUIET: Final = {"Box-Notifications": "off"}


class FileSide(StrEnum):
    """The API that a call goes to."""

    BOX = "box"
    KLOUDLESS = "kloudless"

    @property
    def label(self) -> str:
        """What a page calls it."""
        return "Box, directly" if self is FileSide.BOX else "Through Kloudless"


@dataclass(frozen=True, slots=True)
class ItemRef:
    """A file or folder by its ids: Box's, Kloudless's, or both. '' is unknown."""

    id: str = ROOT
    other_id: str = ""


@dataclass(frozen=True, slots=True)
class Ask:
    """Which page of a list. `marker` is the sender's own word for a later page, '' the first.

    Box's folders go by position (`number`, from 1) or `by_marker`; only positions can be sorted.
    """

    size: int
    number: int = 1
    marker: str = ""
    by_marker: bool = False
    sort: str = ""
    descending: bool = False

    @property
    def offset(self) -> int:
        """The position of the page's first entry, from 0."""
        return (self.number - 1) * self.size


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list. `following` is the marker or position of the next one, '' at the end.

    `total` is None where the sender doesn't tell it. Box counts entries that this identity may not
    see, so a page can be the last one and hold fewer.
    """

    rows: tuple[ItemRow, ...]
    total: int | None = None
    following: str = ""
    recent: tuple[RecentRow, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether this first page is all there is."""
        return not self.following


@dataclass(frozen=True, slots=True)
class Opened:
    """A folder and one page of what is in it."""

    facts: FolderFacts
    listing: Listing


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """A search. Times are aware, sizes bytes; None, '' and () are no limit.

    All but `words` and `below` are Box's alone.
    """

    words: str
    kind: str = ""
    extensions: tuple[str, ...] = ()
    created: tuple[datetime | None, datetime | None] = (None, None)
    updated: tuple[datetime | None, datetime | None] = (None, None)
    size: tuple[int | None, int | None] = (None, None)
    owners: tuple[str, ...] = ()
    below: ItemRef | None = None
    everywhere: bool = False

    @property
    def box_only(self) -> bool:
        """Whether the query uses a filter that Kloudless's search doesn't have."""
        return bool(
            self.kind
            or self.extensions
            or self.owners
            or self.everywhere
            or any(part is not None for part in (*self.created, *self.updated, *self.size))
        )


@dataclass(frozen=True, slots=True)
class People:
    """Users whose name or login starts with the search text, and how many there are in all."""

    rows: tuple[UserRow, ...]
    total: int


class FileSource(Protocol):
    """One side, for one identity. Every call raises RunbookError when it fails."""

    @property
    def side(self) -> FileSide:
        """Which side it is."""

    def me(self) -> UserRow:
        """Whom the calls run as, according to Box."""

    def people(self, term: str, *, limit: int) -> People:
        """The first users whose name or login starts with `term`."""

    def open(self, spot: ItemRef, ask: Ask) -> Opened:
        """A folder and one page of it."""

    def recent(self, ask: Ask) -> Listing:
        """One page of recent files."""

    def search(self, query: SearchQuery, ask: Ask) -> Listing:
        """One page of search results."""

    def details(self, kind: str, spot: ItemRef) -> Details:
        """Everything about one file or folder."""

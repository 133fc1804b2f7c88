"""The Files page's read operations, on Box directly. Facts: Box API reference, sections of content.

Only GET is used. Box lists by position up to 10,000 and by marker beyond; only positions can be
sorted. A search gives 200 entries at most.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Final

from lib.accounts.rows import USER_FIELDS, UserRow, user_row
from lib.box import BoxClient, EntryPage
from lib.core.errors import RunbookError, Who
from lib.core.time_texts import stamp
from lib.files.rows import (
    FILE_FIELDS,
    FOLDER,
    FOLDER_FIELDS,
    ITEM_FIELDS,
    Details,
    details,
    folder_facts,
    item_row,
    link_addresses,
    recent_row,
)
from lib.files.source import Ask, FileSide, ItemRef, Listing, Opened, People, SearchQuery

_FOLDER_FACTS: Final = (*ITEM_FIELDS, "path_collection")
SEARCH_MOST: Final = 200
#: Box refuses a position beyond this in a search.
SEARCH_END: Final = 10_000


class BoxSource:
    """Box as one identity sees it: the client's own, or the user it acts as."""

    side = FileSide.BOX

    def __init__(self, client: BoxClient, enterprise_id: str = "") -> None:
        self._client = client
        self._enterprise_id = enterprise_id

    def me(self) -> UserRow:
        """Whom the calls run as."""
        return user_row(self._client.me(fields=USER_FIELDS), enterprise_id=self._enterprise_id)

    def people(self, term: str, *, limit: int) -> People:
        """The first users whose name or login starts with `term`."""
        page = self._client.users_page(
            limit=limit, offset=0, filter_term=term.strip() or None, fields=USER_FIELDS
        )
        rows = tuple(user_row(raw, enterprise_id=self._enterprise_id) for raw in page.entries)
        return People(rows, page.total or len(rows))

    def open(self, spot: ItemRef, ask: Ask) -> Opened:
        """A folder and one page of it."""
        if not spot.id:
            raise RunbookError(
                "This folder can't be opened in Box.",
                cause="Kloudless returned only its own ID for the folder, not Box's.",
                fix="Switch to Kloudless only, or start at the root folder.",
                who=Who.YOU,
            )
        facts = folder_facts(self._client.folder(spot.id, fields=_FOLDER_FACTS))
        page = self._client.folder_items(
            spot.id,
            limit=ask.size,
            offset=None if ask.by_marker else ask.offset,
            marker=ask.marker or None,
            fields=ITEM_FIELDS,
            sort=ask.sort or None if not ask.by_marker else None,
            direction=_direction(ask) if ask.sort and not ask.by_marker else None,
        )
        return Opened(facts, _listing(page))

    def recent(self, ask: Ask) -> Listing:
        """One page of this user's recent files."""
        page = self._client.recent_items(
            limit=ask.size, marker=ask.marker or None, fields=ITEM_FIELDS
        )
        recent = tuple(recent_row(raw) for raw in page.entries)
        return Listing(
            rows=tuple(one.row for one in recent),
            following=page.next_marker or "",
            recent=recent,
        )

    def search(self, query: SearchQuery, ask: Ask) -> Listing:
        """One page of search results; the marker of a later page is its position."""
        page = self._client.search(
            query.words,
            limit=min(ask.size, SEARCH_MOST),
            offset=int(ask.marker or 0),
            fields=ITEM_FIELDS,
            type=query.kind or None,
            file_extensions=",".join(query.extensions) or None,
            created_at_range=_times(query.created),
            updated_at_range=_times(query.updated),
            size_range=_range("" if end is None else str(end) for end in query.size),
            owner_user_ids=",".join(query.owners) or None,
            ancestor_folder_ids=query.below.id if query.below is not None else None,
            scope="enterprise_content" if query.everywhere else None,
        )
        found = _listing(page)
        within = found.following and int(found.following) <= SEARCH_END
        return found if within else replace(found, following="")

    def details(self, kind: str, spot: ItemRef) -> Details:
        """Everything about one file or folder, without its link's address."""
        if kind == FOLDER:
            return details(self._client.folder(spot.id, fields=FOLDER_FIELDS))
        return details(self._client.file(spot.id, fields=FILE_FIELDS))

    def link_addresses(self, kind: str, item_id: str) -> tuple[str, str]:
        """The addresses of the item's shared link: keep them nowhere."""
        ask = self._client.folder if kind == FOLDER else self._client.file
        return link_addresses(ask(item_id, fields=("id", "shared_link")))


def _listing(page: EntryPage) -> Listing:
    position = "" if page.next_offset is None else str(page.next_offset)
    return Listing(
        rows=tuple(item_row(raw) for raw in page.entries),
        total=page.total,
        following=page.next_marker or position,
    )


def _direction(ask: Ask) -> str:
    return "DESC" if ask.descending else "ASC"


def _times(span: tuple[datetime | None, datetime | None]) -> str | None:
    return _range("" if end is None else stamp(end) for end in span)


def _range(ends: Iterable[str]) -> str | None:
    said = ",".join(ends)
    return None if said == "," else said

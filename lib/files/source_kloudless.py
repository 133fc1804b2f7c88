"""The Files page's read operations, on Box through one Kloudless account.

Nothing is written: the two POSTs are the conversion of an id and the pass-through of a GET, which
is how Kloudless takes them. An organisation's account acts as one of its users with
X-Kloudless-As-User. Facts: the published Kloudless SDKs and documentation archives.
"""

from collections.abc import Callable, Mapping, MutableMapping
from typing import Any, Final

from lib.accounts.pass_through import ME, asked_of_box
from lib.accounts.rows import USER_FIELDS, UserRow, user_row
from lib.core.json_fields import whole_field
from lib.files.rows import FILE, FOLDER, ROOT, Details
from lib.files.rows_kloudless import details, folder_facts, item_row
from lib.files.source import Ask, FileSide, ItemRef, Listing, Opened, People, SearchQuery
from lib.http import read_list, read_object
from lib.kloudless import KloudlessClient, ObjectPage

#: Kloudless's name of an account's root folder.
_ROOT: Final = "root"
_USER: Final = "user"
Ids = MutableMapping[tuple[str, str, str], str]
"""From account, kind and Box's id to Kloudless's id, as far as it was told."""


class KloudlessSource:
    """Box as one Kloudless account, or a user it acts as, sees it.

    `user` is a Box id, '' for the account's own identity. `ids` is filled with what is learned.
    """

    side = FileSide.KLOUDLESS

    def __init__(
        self,
        client: KloudlessClient,
        account: str,
        *,
        user: str = "",
        raw_headers: Mapping[str, str] | None = None,
        ids: Ids,
    ) -> None:
        self._client = client.acting(raw_headers=raw_headers)
        self._account = account
        self._user = user
        self._ids = ids

    def me(self) -> UserRow:
        """Whom the calls run as at Box: asked of Box itself, by the pass-through call."""
        return user_row(read_object(self._passed(ME, {})))

    def people(self, term: str, *, limit: int) -> People:
        """The first users whose name or login starts with `term`, by the pass-through call.

        Kloudless's own list of users can't be searched.
        """
        params = {"limit": str(limit), "filter_term": term.strip()}
        body, entries = read_list(self._passed("/2.0/users", params, as_user=False), "entries")
        return People(
            tuple(user_row(raw) for raw in entries), whole_field(body.get("total_count")) or 0
        )

    def open(self, spot: ItemRef, ask: Ask) -> Opened:
        """A folder and one page of it."""
        client, folder = self._acting(), self._id(FOLDER, spot)
        facts = folder_facts(client.folder(self._account, folder))
        page = client.folder_contents(
            self._account, folder, page=ask.marker or None, page_size=ask.size
        )
        return Opened(facts, self._listing(page))

    def recent(self, ask: Ask) -> Listing:
        """One page of recently changed files; the marker of a later page is its number."""
        number = int(ask.marker or 1)
        page = self._acting().recent(self._account, page=number, page_size=ask.size)
        found = self._listing(page)
        more = page.total is not None and number * ask.size < page.total and bool(page.objects)
        return Listing(found.rows, page.total, str(number + 1) if more else "")

    def search(self, query: SearchQuery, ask: Ask) -> Listing:
        """One page of search results: by text, below a folder."""
        below = () if query.below is None else (self._id(FOLDER, query.below),)
        page = self._acting().search(
            self._account,
            query.words,
            page=ask.marker or None,
            page_size=ask.size,
            parents=below,
        )
        return self._listing(page)

    def details(self, kind: str, spot: ItemRef) -> Details:
        """Everything about one file or folder."""
        client, found = self._acting(), self._id(kind, spot)
        ask: Callable[..., dict[str, Any]] = client.folder if kind == FOLDER else client.file
        return details(ask(self._account, found))

    def _acting(self) -> KloudlessClient:
        if not self._user:
            return self._client
        user = self._id(_USER, ItemRef(self._user))
        return self._client.acting(as_user=user, raw_headers=self._client.raw_headers)

    def _passed(self, path: str, params: Mapping[str, str], *, as_user: bool = True) -> Any:
        """Box's answer to a GET. Raises the error of the side that refused."""
        client = self._acting() if as_user else self._client
        asked = {**params, "fields": ",".join(USER_FIELDS)}
        return asked_of_box(client, self._account, path, asked)

    def _id(self, kind: str, spot: ItemRef) -> str:
        if spot.other_id:
            return spot.other_id
        if kind == FOLDER and spot.id == ROOT:
            return _ROOT
        key = (self._account, kind, spot.id)
        if key not in self._ids:
            self._ids[key] = self._client.encode_raw_id(self._account, spot.id, kind)
        return self._ids[key]

    def _listing(self, page: ObjectPage) -> Listing:
        rows = tuple(item_row(raw) for raw in page.objects)
        for row in rows:
            if row.id and row.other_id and row.kind in (FILE, FOLDER):
                self._ids[self._account, row.kind, row.id] = row.other_id
        return Listing(rows, page.total, page.next_page or "")

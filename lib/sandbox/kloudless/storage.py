"""The Storage API as far as an analyst needs it: folders, contents, files, recent, search.

Every answer is made from Box's own at the moment of the call. Facts: Kloudless contract 10.
"""

from dataclasses import dataclass, field
from typing import Any

from starlette.responses import Response

from lib.sandbox import wire
from lib.sandbox.kloudless import upstream
from lib.sandbox.kloudless.call import Call, envelope, numbered
from lib.sandbox.kloudless.errors import KloudlessError, invalid
from lib.sandbox.kloudless.faults import NOT_TRACKING
from lib.sandbox.kloudless.ids import BadId
from lib.sandbox.kloudless.model import Account, stamp
from lib.sandbox.kloudless.objects import ITEM_FIELDS
from lib.sandbox.kloudless.pages import open_page, seal_page

_BOX_PAGE = 1000
_SEARCH_PAGE = 200
_SEARCH_END = 10_000
_ITEMS = ("file", "folder")
_LANGUAGES = ("keyword", "raw", "cmis")


async def folder(call: Call) -> Response:
    """GET .../storage/folders/{folder}; `root` is an alias."""
    account = call.data_account()
    raw_id = call.item("folder")
    found = await call.box(f"/2.0/folders/{raw_id}", account, {"fields": ITEM_FIELDS})
    return wire.Json(call.maker(account).item(found))


async def file(call: Call) -> Response:
    """GET .../storage/files/{file}: its metadata."""
    account = call.data_account()
    found = await call.box(f"/2.0/files/{call.item('file')}", account, {"fields": ITEM_FIELDS})
    return wire.Json(call.maker(account).item(found))


@dataclass(slots=True)
class _DeepListing:
    """Reads folders' children in order, from a stack of (folder, place) on.

    With `deep` each folder's own children follow it. The stack is all that has to be kept between
    two pages: it is as long as the tree is deep.
    """

    call: Call
    account: Account
    stack: list[tuple[str, int]]
    size: int
    deep: bool
    _known: dict[str, tuple[int, list[Any], int]] = field(default_factory=dict)

    async def take(self) -> list[dict[str, Any]]:
        """The next `size` children; afterwards the stack is empty when there are no more."""
        found: list[dict[str, Any]] = []
        while self.stack and len(found) < self.size:
            raw_id, place = self.stack[-1]
            child = await self._child(raw_id, place)
            if child is None:
                self.stack.pop()
                continue
            self.stack[-1] = (raw_id, place + 1)
            if child["type"] not in _ITEMS:
                continue
            found.append(child)
            if self.deep and child["type"] == "folder":
                self.stack.append((str(child["id"]), 0))
        while self.stack and await self._child(*self.stack[-1]) is None:
            self.stack.pop()
        return found

    async def _child(self, raw_id: str, place: int) -> Any:
        first, entries, total = self._known.get(raw_id, (0, [], -1))
        if not first <= place < first + len(entries) and (total < 0 or place < total):
            params: dict[str, str | int] = {
                "offset": place,
                "limit": min(self.size, _BOX_PAGE),
                "fields": ITEM_FIELDS,
            }
            answer = await self.call.box(f"/2.0/folders/{raw_id}/items", self.account, params)
            first, entries, total = place, answer["entries"], int(answer["total_count"])
            self._known[raw_id] = (first, entries, total)
        if first <= place < first + len(entries):
            return entries[place - first]
        return None


async def contents(call: Call) -> Response:
    """GET .../storage/folders/{folder}/contents: children, with `recursive` the whole subtree."""
    account = call.data_account()
    raw_id, deep = call.item("folder"), call.flag("recursive") is True
    size = call.page_size(call.service.conventions.page_size)
    family = f"contents {raw_id} {deep}"
    stack = open_page(account.sealer, family, call.text("page")) or [(raw_id, 0)]
    listing = _DeepListing(call, account, [(str(i), int(at)) for i, at in stack], size, deep)
    found = await listing.take()
    next_page = seal_page(account.sealer, family, listing.stack) if listing.stack else None
    maker = call.maker(account)
    objects = [maker.item(item) for item in found]
    page = call.text("page") or 1
    return wire.Json(envelope(objects, "storage", page=page, next_page=next_page))


async def recent(call: Call) -> Response:
    """GET .../storage/recent: newest first; what equals `after` is left out."""
    page = call.number("page", 1)
    size = call.page_size(call.service.conventions.page_size)
    objects: list[dict[str, Any]] = []
    for account in call.data_accounts():
        objects += await _recent_of(call, account)
    after = call.text("after")
    if after is not None:
        objects = _newer(call, objects)
    objects.sort(key=lambda item: str(item["modified"]), reverse=True)
    found = numbered(objects, page, size)
    return wire.Json(envelope(found, "storage", total=len(objects), page=page))


def _newer(call: Call, objects: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those modified after `after`; a time that can't be read gives none."""
    try:
        text = stamp(call.instant("after"))
    except KloudlessError:
        return []
    return [item for item in objects if str(item["modified"]) > str(text)]


async def _recent_of(call: Call, account: Account) -> list[dict[str, Any]]:
    app = call.service.apps[account.app_id]
    upstream.reachable(call.service.state, account)
    if not app.recent_enabled or call.fault(NOT_TRACKING):
        return []
    maker = call.maker(account)
    items: dict[str, dict[str, Any]] = {}
    marker = ""
    while True:
        params: dict[str, str | int] = {"limit": _BOX_PAGE, "fields": ITEM_FIELDS}
        if marker:
            params["marker"] = marker
        answer = await call.box("/2.0/recent_items", account, params)
        for entry in answer["entries"]:
            item = entry["item"]
            if item.get("type") in _ITEMS:
                items.setdefault(str(item["id"]), maker.item(item))
        marker = str(answer.get("next_marker") or "")
        if not marker or not answer["entries"]:
            return list(items.values())


async def search(call: Call) -> Response:
    """GET .../storage/search: `q` is required; `parents` are folders to search below."""
    query = (call.text("q") or "").strip()
    if not query:
        raise invalid("q is required.")
    if (call.text("lang") or "keyword") not in _LANGUAGES:
        raise invalid(f"lang is one of {', '.join(_LANGUAGES)}.")
    accounts = call.data_accounts()
    size = min(call.page_size(call.service.conventions.page_size), _SEARCH_PAGE)
    sealer = call.service.apps[accounts[0].app_id].sealer
    family = f"search {query} {call.text('parents')}"
    at, offset = open_page(sealer, family, call.text("page")) or (0, 0)
    account = accounts[at]
    params: dict[str, str | int] = {
        "query": query,
        "limit": size,
        "offset": offset,
        "fields": ITEM_FIELDS,
    }
    parents = _parents(call, account)
    if parents:
        params["ancestor_folder_ids"] = parents
    answer = await call.box("/2.0/search", account, params)
    maker = call.maker(account)
    objects = [maker.item(item) for item in answer["entries"] if item.get("type") in _ITEMS]
    after = offset + size
    if answer["entries"] and after < min(int(answer["total_count"]), _SEARCH_END):
        place = (at, after)
    else:
        place = (at + 1, 0)
    next_page = seal_page(sealer, family, place) if place[0] < len(accounts) else None
    page = call.text("page") or 1
    return wire.Json(envelope(objects, "storage", page=page, next_page=next_page))


def _parents(call: Call, account: Account) -> str:
    raw = []
    for name in (call.text("parents") or "").split(","):
        if not name:
            continue
        try:
            raw.append("0" if name == "root" else account.sealer.open("folder", name))
        except BadId as error:
            raise invalid("parents are ids of folders.") from error
    return ",".join(raw)

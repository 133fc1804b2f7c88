"""Folders, their items, files and recent items. Facts: Box API reference, section 7."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lib.sandbox.box import items
from lib.sandbox.box.answers import BoxError, bad_parameter, no_such, object_answer
from lib.sandbox.box.callers import FILES, Call, Caller, endpoint
from lib.sandbox.box.faults import NOT_FOUND
from lib.sandbox.box.paging import flag, listing, page_of
from lib.sandbox.box.render import fields_of, time_text
from lib.sandbox.state import State
from lib.sandbox.wire import Json
from lib.sandbox.world import File, Folder, Item, MadeFolder

DIRECTIONS = ("ASC", "DESC")
SORTS: Mapping[str, Callable[[Item], Any]] = {
    "id": lambda item: int(item.id),
    "name": lambda item: item.name.lower(),
    "date": lambda item: item.modified_at,
    "size": lambda item: item.size,
}


def found_item(caller: Caller, kind: str, item_id: str) -> Item:
    """The item, if this identity may see it. Raises 404, 405 for an id that can't be one."""
    if not item_id.isascii() or not item_id.isdigit():
        raise BoxError(405)
    item = caller.state.world.item(kind, item_id)
    if item is None or not sees(caller, item) or caller.fault(NOT_FOUND):
        raise no_such(kind, item_id)
    if item.item_status == "trashed":
        raise BoxError(404, "trashed", "Item is trashed", problems=[(kind, "Item is trashed")])
    check_restriction(caller, item)
    return item


def sees(caller: Caller, item: Item) -> bool:
    """Whether the caller may see an item at all, be it in the trash."""
    return sees_all(caller, item) or caller.state.world.visible(caller.person, item)


def sees_all(caller: Caller, item: Item) -> bool:
    """Whether the Global Content Manager opens this item: content that the enterprise owns."""
    if "enterprise_content" not in caller.scopes or caller.for_another or not caller.is_admin:
        return False
    if isinstance(item, MadeFolder) and item.scope != caller.person.scope:
        return False
    owner = caller.state.world.person(item.owner_id)
    return owner is not None and owner.kind != "external"


def check_restriction(caller: Caller, item: Item) -> None:
    """Refuses what lies outside the resource of a downscoped token."""
    allowed = {
        (one["object"]["type"], one["object"]["id"])
        for one in caller.token.restricted_to
        if "object" in one
    }
    if not allowed or (item.type, item.id) in allowed:
        return
    if not any(("folder", folder.id) in allowed for folder in caller.state.world.path(item)):
        raise caller.lacks_scope()


async def folder(request: Request, caller: Caller) -> Response:
    """GET /folders/{id}; 0 is the root of whoever calls."""
    found = found_item(caller, "folder", request.path_params["folder_id"])
    world, person = caller.state.world, caller.person

    def collection() -> dict[str, Any]:
        return _items_body(caller, request, found, None, marked=False)

    body = items.shown(world, person, found, fields_of(request), collection)
    return object_answer(request.headers.get("if-none-match"), body)


async def folder_items(request: Request, caller: Caller) -> Response:
    """GET /folders/{id}/items, by offset or by marker."""
    found = found_item(caller, "folder", request.path_params["folder_id"])
    marked = flag(request, "usemarker")
    return Json(_items_body(caller, request, found, fields_of(request), marked=marked))


def _items_body(
    caller: Caller,
    request: Request,
    of: Item,
    fields: tuple[str, ...] | None,
    *,
    marked: bool,
) -> dict[str, Any]:
    page = page_of(request, name=f"items {of.id}", markers=marked)
    sort = request.query_params.get("sort")
    direction = request.query_params.get("direction", "ASC").upper()
    if marked and sort is not None:
        raise bad_parameter("sort", "'sort' can't be used with markers")
    if sort is not None and sort not in SORTS:
        raise bad_parameter("sort", f"Invalid value '{sort}' for 'sort'")
    if direction not in DIRECTIONS:
        raise bad_parameter("direction", f"Invalid value '{direction}' for 'direction'")
    world, person = caller.state.world, caller.person
    everything = _sorted(children(caller, of), sort or "name", direction)
    by = sort or "name"
    order = (("type", "ASC"), (by, direction))
    return listing(
        page,
        f"items {of.id}",
        everything,
        lambda item: items.in_list(world, person, item, fields),
        order=() if page.marked else order,
    )


def children(caller: Caller, of: Item) -> Sequence[Item]:
    """What the caller sees in a folder."""
    world = caller.state.world
    if of.id == items.ROOT or not sees_all(caller, of):
        return world.children(of.id, caller.person)
    return world.children(of.id, scope=caller.person.scope)


def _sorted(found: Sequence[Item], sort: str, direction: str) -> Sequence[Item]:
    """Folders first whatever the sort, as Box lists them."""
    if sort == "name" and direction == "ASC":
        return found
    ordered = sorted(found, key=SORTS[sort], reverse=direction == "DESC")
    return [
        *(item for item in ordered if isinstance(item, Folder)),
        *(item for item in ordered if isinstance(item, File)),
    ]


async def file(request: Request, caller: Caller) -> Response:
    """GET /files/{id}."""
    found = found_item(caller, "file", request.path_params["file_id"])
    body = items.shown(caller.state.world, caller.person, found, fields_of(request))
    return object_answer(request.headers.get("if-none-match"), body)


async def recent_items(request: Request, caller: Caller) -> Response:
    """GET /recent_items: what this user touched in 90 days, at most 1000, by marker."""
    page = page_of(request, name="recent", only_markers=True)
    world, person, fields = caller.state.world, caller.person, fields_of(request)

    def shown(recent: Any) -> dict[str, Any]:
        return {
            "type": "recent_item",
            "interaction_type": recent.interaction_type,
            "interacted_at": time_text(recent.interacted_at),
            "interaction_shared_link": None,
            "item": items.shown(world, person, recent.item, fields),
        }

    return Json(listing(page, "recent", world.recent(person), shown))


def routes(state: State) -> list[Route]:
    """The addresses of items that are only read."""
    return [
        endpoint(state, "/2.0/folders/{folder_id}/items", {"GET": Call(folder_items, FILES)}),
        endpoint(state, "/2.0/files/{file_id}", {"GET": Call(file, FILES)}),
        endpoint(state, "/2.0/recent_items", {"GET": Call(recent_items, FILES)}),
    ]

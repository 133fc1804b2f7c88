"""GET /search. Facts: Box API reference, section 7; call limits 8.2.

What the sandbox's world doesn't have (metadata, trash search by person) is checked for its form
and then matches nothing.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lib.sandbox.box import items
from lib.sandbox.box.answers import BoxError, bad_parameter, no_such
from lib.sandbox.box.callers import FILES, Call, Caller, endpoint
from lib.sandbox.box.content import DIRECTIONS
from lib.sandbox.box.paging import flag, listing, page_of, rfc3339
from lib.sandbox.box.render import fields_of
from lib.sandbox.state import State
from lib.sandbox.wire import Json
from lib.sandbox.world import Item

TYPES = ("file", "folder", "web_link")
SCOPES = ("user_content", "enterprise_content")
TRASH = ("non_trashed_only", "trashed_only", "all_items")
SORTS = ("modified_at", "relevance")
CONTENT_TYPES = frozenset({"name", "description", "file_content", "comments", "tag"})


def _one_of(request: Request, name: str, words: Sequence[str], default: str) -> str:
    said = request.query_params.get(name, default)
    if said not in words:
        raise _invalid(name, said)
    return said


def _invalid(name: str, said: str) -> BoxError:
    return bad_parameter(name, f"Invalid value '{said}' for '{name}'", code="invalid_parameter")


def _ids(request: Request, name: str) -> tuple[str, ...]:
    said = request.query_params.get(name, "")
    ids = tuple(part.strip() for part in said.split(",") if part.strip())
    if not all(one.isascii() and one.isdigit() for one in ids):
        raise _invalid(name, said)
    return ids


def _times(request: Request, name: str) -> tuple[datetime | None, datetime | None]:
    said = request.query_params.get(name)
    if said is None:
        return None, None
    begin, comma, end = said.partition(",")
    if not comma or not (begin or end):
        raise _invalid(name, said)
    try:
        return (
            rfc3339(name, begin) if begin else None,
            rfc3339(name, end) if end else None,
        )
    except BoxError as error:
        raise _invalid(name, said) from error


def _sizes(request: Request) -> tuple[int, int | None]:
    said = request.query_params.get("size_range")
    if said is None:
        return 0, None
    begin, comma, end = said.partition(",")
    if not comma or not all(part == "" or part.isdigit() for part in (begin, end)):
        raise _invalid("size_range", said)
    return int(begin or 0), int(end) if end else None


def _check_form(request: Request) -> None:
    said = request.query_params.get("content_types")
    if said is not None and not set(said.split(",")) <= CONTENT_TYPES:
        raise _invalid("content_types", said)
    _one_of(request, "sort", SORTS, "relevance")
    _one_of(request, "direction", DIRECTIONS, "DESC")
    for name in ("recent_updater_user_ids", "deleted_user_ids"):
        _ids(request, name)
    _times(request, "deleted_at_range")


def _check_ancestors(caller: Caller, ancestors: Sequence[str], *, enterprise: bool) -> None:
    world = caller.state.world
    for folder_id in ancestors:
        folder = world.item("folder", folder_id)
        there = folder is not None and folder.item_status == "active"
        if folder is None or not there or not (enterprise or world.visible(caller.person, folder)):
            raise no_such("folder", folder_id)


def _found(request: Request, caller: Caller, query: str, *, enterprise: bool) -> list[Item]:
    ancestors = _ids(request, "ancestor_folder_ids")
    _check_ancestors(caller, ancestors, enterprise=enterprise)
    kind = request.query_params.get("type")
    if kind is not None and kind not in TYPES:
        raise _invalid("type", kind)
    if _one_of(request, "trash_content", TRASH, TRASH[0]) == "trashed_only":
        return []
    if request.query_params.get("mdfilters") or kind == "web_link":
        return []
    created = _times(request, "created_at_range")
    updated = _times(request, "updated_at_range")
    low, high = _sizes(request)
    extensions = request.query_params.get("file_extensions", "")
    updaters = _ids(request, "recent_updater_user_ids")
    found = caller.state.world.search(
        None if enterprise else caller.person,
        query,
        item_type=kind,
        extensions=[part.strip() for part in extensions.split(",") if part.strip()],
        ancestor_ids=ancestors,
        owner_ids=_ids(request, "owner_user_ids"),
        scope=caller.person.scope,
    )
    return [
        item
        for item in found
        if _within(item.created_at, created)
        and _within(item.modified_at, updated)
        and item.size >= low
        and (high is None or item.size <= high)
        and (not updaters or item.modified_by_id in updaters)
    ]


def _within(at: datetime, span: tuple[datetime | None, datetime | None]) -> bool:
    begin, end = span
    return (begin is None or at >= begin) and (end is None or at <= end)


def _ordered(request: Request, found: list[Item]) -> list[Item]:
    if request.query_params.get("sort", "relevance") == "relevance":
        return found
    newest_first = request.query_params.get("direction", "DESC") == "DESC"
    return sorted(found, key=lambda item: (item.modified_at, item.id), reverse=newest_first)


async def search(request: Request, caller: Caller) -> Response:
    """GET /search."""
    query = request.query_params.get("query", "").strip()
    if not query and not request.query_params.get("mdfilters"):
        message = "'query' or 'mdfilters' is required"
        raise BoxError(
            400,
            "missing_parameter",
            message,
            problems=[("query", message)],
            reason="missing_parameter",
        )
    enterprise = _one_of(request, "scope", SCOPES, SCOPES[0]) == "enterprise_content"
    if enterprise:
        if "enterprise_content" not in caller.scopes or caller.for_another:
            raise caller.lacks_scope()
        caller.require_admin()
    _check_form(request)
    page = page_of(request, name="search", default=30, most=200)
    fields, world, person = fields_of(request), caller.state.world, caller.person
    found = await asyncio.to_thread(_found, request, caller, query, enterprise=enterprise)
    found = _ordered(request, found)

    def shown(item: Item) -> dict[str, object]:
        body = items.shown(world, person, item, fields)
        if not flag(request, "include_recent_shared_links"):
            return body
        link = item.shared_link
        return {
            "item": body,
            "accessible_via_shared_link": None if link is None else link.url,
            "type": "search_result",
        }

    body = listing(page, "search", found, shown)
    with_links = flag(request, "include_recent_shared_links")
    body["type"] = "search_results_with_shared_links" if with_links else "search_results_items"
    return Json(body)


def routes(state: State) -> list[Route]:
    """The address of search."""
    return [endpoint(state, "/2.0/search", {"GET": Call(search, FILES, search=True)})]

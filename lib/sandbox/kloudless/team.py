"""The Team API: users and groups of the organisation behind an admin account.

Facts: Kloudless contract 9. The pages' `next_page` is opaque; here it seals Box's offset.
"""

from typing import Any

from starlette.responses import Response

from lib.sandbox import wire
from lib.sandbox.kloudless.call import Call, envelope
from lib.sandbox.kloudless.objects import USER_FIELDS
from lib.sandbox.kloudless.pages import open_page, seal_page

_MOST = 1000


async def _page(call: Call, path: str, family: str, fields: str = "") -> tuple[list[Any], Any]:
    """A page of Box's entries and our `next_page`, None at the end."""
    account = call.data_account(admin=True)
    size = min(call.page_size(call.service.conventions.page_size), _MOST)
    offset = open_page(account.sealer, family, call.text("page")) or 0
    params: dict[str, str | int] = {"limit": size, "offset": offset}
    if fields:
        params["fields"] = fields
    found = await call.box(path, account, params)
    entries = found.get("entries", [])
    after = offset + int(found.get("limit", size))
    more = bool(entries) and after < int(found.get("total_count", 0))
    return entries, seal_page(account.sealer, family, after) if more else None


def _answer(call: Call, objects: list[dict[str, Any]], next_page: Any) -> Response:
    page = call.text("page") or 1
    return wire.Json(envelope(objects, "team", page=page, next_page=next_page))


async def users(call: Call) -> Response:
    """GET /accounts/{id}/team/users."""
    entries, next_page = await _page(call, "/2.0/users", "users", USER_FIELDS)
    maker = call.maker(call.account)
    return _answer(call, [maker.user(entry) for entry in entries], next_page)


async def user(call: Call) -> Response:
    """GET /accounts/{id}/team/users/{user}."""
    account = call.data_account(admin=True)
    found = await call.box(f"/2.0/users/{call.person('u')}", account, {"fields": USER_FIELDS})
    return wire.Json(call.maker(account).user(found))


async def memberships(call: Call) -> Response:
    """GET /accounts/{id}/team/users/{user}/memberships: the user's groups."""
    call.data_account(admin=True)
    raw_id = call.person("u")
    entries, next_page = await _page(call, f"/2.0/users/{raw_id}/memberships", f"of {raw_id}")
    maker = call.maker(call.account)
    made = [maker.group(entry["group"], role=entry.get("role")) for entry in entries]
    return _answer(call, made, next_page)


async def groups(call: Call) -> Response:
    """GET /accounts/{id}/team/groups."""
    entries, next_page = await _page(call, "/2.0/groups", "groups")
    maker = call.maker(call.account)
    return _answer(call, [maker.group(entry) for entry in entries], next_page)


async def group(call: Call) -> Response:
    """GET /accounts/{id}/team/groups/{group}."""
    account = call.data_account(admin=True)
    found = await call.box(f"/2.0/groups/{call.person('g')}", account, {})
    return wire.Json(call.maker(account).group(found))


async def members(call: Call) -> Response:
    """GET /accounts/{id}/team/groups/{group}/members: the group's users."""
    call.data_account(admin=True)
    raw_id = call.person("g")
    entries, next_page = await _page(call, f"/2.0/groups/{raw_id}/memberships", f"in {raw_id}")
    maker = call.maker(call.account)
    made = [maker.user({"role": entry.get("role"), **entry["user"]}) for entry in entries]
    return _answer(call, made, next_page)

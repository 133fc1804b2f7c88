"""POST /folders and DELETE /folders/{id}: what a probe needs that cleans up after itself.

Only folders that were made here can be deleted: the planted world follows from its seed and can't
change, so Box's word for a lack of rights (403) is the answer there. `Box-Notifications: off` is
accepted like any header and, without the right that Box gives on request, has no effect. Facts:
Box's OpenAPI document (rules of names, codes, statuses).
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lib.sandbox.box import apps, items
from lib.sandbox.box.answers import BoxError, no_such
from lib.sandbox.box.bodies import json_object
from lib.sandbox.box.callers import CREATES, DELETES, FILES, Call, Caller, endpoint
from lib.sandbox.box.content import children, folder, found_item
from lib.sandbox.box.paging import flag
from lib.sandbox.box.render import fields_of
from lib.sandbox.state import State
from lib.sandbox.wire import Json
from lib.sandbox.world import Folder, Full, Item, MadeFolder, NameTaken

LONGEST = 255
FORBIDDEN = frozenset("/\\")
SYNC_STATES = ("synced", "not_synced", "partially_synced")
NOT_SERVED = "'folder_upload_email' is not served by this sandbox"


def _bad(name: str, message: str, reason: str = "invalid_parameter") -> BoxError:
    return BoxError(400, problems=[(name, message)], reason=reason)


def _missing(name: str) -> BoxError:
    return _bad(name, f"'{name}' is required", "missing_parameter")


def _name(said: Any) -> str:
    if said is None:
        raise _missing("name")
    if not isinstance(said, str) or not said:
        raise _bad("name", "'name' must be text")
    if len(said) > LONGEST:
        raise BoxError(400, "item_name_too_long", "Item name too long")
    unprintable = any(sign < " " or sign == "\x7f" for sign in said)
    if unprintable or FORBIDDEN & set(said) or said in (".", "..") or said.endswith(" "):
        raise BoxError(400, "item_name_invalid", "Item name invalid")
    return said


def _parent(caller: Caller, said: Any) -> Folder:
    if said is None:
        raise _missing("parent")
    if not isinstance(said, dict):
        raise _bad("parent", "'parent' must have an id")
    parent_id = said.get("id")
    if parent_id is None:
        raise _missing("parent.id")
    if not isinstance(parent_id, str):
        raise _bad("parent.id", "'id' must be text")
    try:
        found = found_item(caller, "folder", parent_id)
    except BoxError as refusal:
        if refusal.status == 405:  # noqa: PLR2004  # an id in a body is never a wrong method
            raise no_such("parent", parent_id) from refusal
        raise
    if not isinstance(found, Folder) or not _may_write(caller, found):
        raise BoxError(403)
    return found


def _may_write(caller: Caller, item: Item) -> bool:
    """Whether the person may change what is in it: the Global Content Manager alone may not."""
    own = item.owner_id == caller.person.id or caller.person.kind != "external"
    return own and caller.state.world.visible(caller.person, item)


def _check_extras(body: dict[str, Any]) -> None:
    sync = body.get("sync_state")
    if sync is not None and sync not in SYNC_STATES:
        raise _bad("sync_state", f"Invalid value '{sync}' for 'sync_state'")
    if body.get("folder_upload_email") is not None:
        raise _bad("folder_upload_email", NOT_SERVED)


async def create(request: Request, caller: Caller) -> Response:
    """POST /folders: an empty folder of whoever the call runs as."""
    body = await json_object(request)
    name = _name(body.get("name"))
    parent = _parent(caller, body.get("parent"))
    _check_extras(body)
    world, person = caller.state.world, caller.person
    try:
        made = world.make_folder(person, parent, name, apps.service(caller.app))
    except NameTaken as taken:
        raise BoxError(
            409,
            "item_name_in_use",
            "Item with the same name already exists",
            conflicts=[items.mini(taken.item)],
        ) from taken
    except Full as full:
        raise BoxError(403, "storage_limit_exceeded", "Account storage limit reached") from full
    return Json(items.shown(world, person, made, fields_of(request)), 201)


async def delete(request: Request, caller: Caller) -> Response:
    """DELETE /folders/{id}: into the trash; with `recursive` also one that is not empty."""
    found = found_item(caller, "folder", request.path_params["folder_id"])
    recursive = flag(request, "recursive")
    if found.id == items.ROOT or not _may_write(caller, found):
        raise BoxError(403)
    version = request.headers.get("if-match")
    if version is not None and version.strip('"') != found.etag:
        raise BoxError(412)
    if not recursive and children(caller, found):
        raise BoxError(
            400, "folder_not_empty", "Cannot delete - folder not empty", reason="invalid_parameter"
        )
    if not isinstance(found, MadeFolder):
        raise BoxError(403)
    caller.state.world.delete_folder(caller.person, found, apps.service(caller.app))
    return Response(status_code=204)


def routes(state: State) -> list[Route]:
    """The addresses of folders that take writes."""
    return [
        endpoint(state, "/2.0/folders", {"POST": Call(create, CREATES)}),
        endpoint(
            state,
            "/2.0/folders/{folder_id}",
            {"GET": Call(folder, FILES), "DELETE": Call(delete, DELETES)},
        ),
    ]

"""Webhooks V2: create, list, read, change, delete, with their errors and limits.

A webhook belongs to the app and the user that made it, and only they see it. Facts: Box API
reference, sections 6.1 to 6.3 (bodies of 400, 409 and of the 1000 limit as third parties saw
them or, unseen, as ours).
"""

import csv
import ipaddress
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lib.sandbox.box import apps
from lib.sandbox.box.answers import BoxError, no_such
from lib.sandbox.box.apps import DATA
from lib.sandbox.box.bodies import json_object
from lib.sandbox.box.callers import Call, Caller, Handler, endpoint
from lib.sandbox.box.content import sees
from lib.sandbox.box.faults import NO_WEBHOOKS_RIGHT, WEBHOOK_CLEANED_UP
from lib.sandbox.box.memory import Memory, Webhook, memory_of
from lib.sandbox.box.paging import listing, page_of
from lib.sandbox.box.render import time_text, user_mini
from lib.sandbox.state import State
from lib.sandbox.wire import Json

SCOPE = frozenset({apps.WEBHOOKS})
MOST = 1000
KINDS = ("file", "folder")
HTTPS_PORT = 443
MOST_HOST = 253
LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
NAMES = ("target", "address", "triggers")


@cache
def all_triggers() -> Mapping[str, frozenset[str]]:
    """Every trigger that a delivery can bear, with the types of target that it goes with."""
    with (DATA / "webhook-triggers.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["trigger"]: frozenset(row["target types"].split(";")) & frozenset(KINDS)
            for row in csv.DictReader(file)
        }


@cache
def target_types() -> Mapping[str, frozenset[str]]:
    """The triggers that can be asked for, with the types of target that they go with."""
    return {trigger: kinds for trigger, kinds in all_triggers().items() if kinds}


def _bad(*problems: tuple[str, str]) -> BoxError:
    return BoxError(400, problems=problems)


def _address(said: Any) -> str:
    if not isinstance(said, str):
        raise _bad(("address", "'address' must be a URL"))
    try:
        parts = urlsplit(said)
        port = HTTPS_PORT if parts.port is None else parts.port
        host = _host(said, parts.hostname)
    except ValueError as error:
        raise _bad(("address", f"Invalid value '{said}'. 'address' is not a URL")) from error
    if parts.scheme != "https" or port != HTTPS_PORT or "@" in parts.netloc:
        raise _bad(("address", "'address' must be https on port 443"))
    if not _is_public(host) or host == "box.com" or host.endswith(".box.com"):
        raise _bad(("address", "'address' must be a public address"))
    return said


def _host(said: str, name: str | None) -> str:
    """The host of an address, as DNS would be asked for it. Raises ValueError for what is none."""
    if any(sign.isspace() or not sign.isprintable() for sign in said):
        raise ValueError("a URL has no spaces or control characters")
    host = (name or "").lower().removesuffix(".")
    if ":" in host:
        return host
    host = host.encode("idna").decode()  # refuses labels that are empty or above 63 characters
    if len(host) > MOST_HOST or not all(LABEL.fullmatch(label) for label in host.split(".")):
        raise ValueError("no name of a host")
    return host


def _is_public(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        pass
    hidden = (".local", ".localhost", ".internal", ".lan")
    named = "." in host and not host.endswith(hidden)
    return named and not host.replace(".", "").isdigit() and not host.startswith("0x")


def _triggers(said: Any, kind: str) -> tuple[str, ...]:
    if not isinstance(said, list) or not said or not all(isinstance(one, str) for one in said):
        raise _bad(("triggers", "'triggers' must be a list of at least one trigger"))
    known = target_types()
    for one in said:
        if one not in known:
            raise _bad(("triggers", f"Invalid value '{one}'. It is no trigger"))
        if kind not in known[one]:
            raise _bad(("triggers", f"Trigger '{one}' is not valid for a target of type '{kind}'"))
    return tuple(dict.fromkeys(said))


def _target(caller: Caller, said: Any) -> tuple[str, str]:
    if not isinstance(said, dict):
        raise _bad(("target", "'target' must have an id and a type"))
    kind, item_id = said.get("type"), said.get("id")
    if kind not in KINDS or not isinstance(item_id, str):
        raise _bad(("target", "'target' must have an id and a type"))
    if kind == "folder" and item_id == "0":
        raise BoxError(403)
    item = caller.state.world.item(kind, item_id)
    if item is None or item.item_status != "active" or not sees(caller, item):
        raise no_such(str(kind), item_id)
    return str(kind), item_id


def _own(memory: Memory, caller: Caller) -> list[Webhook]:
    mine = (caller.token.client_id, caller.person.id)
    return [
        hook
        for hook in memory.webhooks.values()
        if (hook.client_id, hook.user_id) == mine and not _cleaned_up(caller.state, hook)
    ]


def _cleaned_up(state: State, hook: Webhook) -> bool:
    """Whether the fault says that Box has deleted it."""
    on = state.faults.active(WEBHOOK_CLEANED_UP, hook.client_id)
    return on is not None and hook.made_at <= on.started_at


def _replace(memory: Memory, made: Webhook) -> None:
    """Keeps a new webhook; one that a fault hides makes room for it."""
    same = (made.client_id, made.user_id, made.target_type, made.target_id)
    memory.webhooks = {
        key: hook
        for key, hook in memory.webhooks.items()
        if (hook.client_id, hook.user_id, hook.target_type, hook.target_id) != same
    }
    memory.webhooks[made.id] = made


def _check_free(memory: Memory, caller: Caller, target: tuple[str, str], but: str = "") -> None:
    for hook in _own(memory, caller):
        if (hook.target_type, hook.target_id) == target and hook.id != but:
            raise BoxError(409, problems=[("target", "A webhook on this target exists already")])


def _shown(caller: Caller, hook: Webhook) -> dict[str, Any]:
    maker = caller.state.world.person(hook.user_id)
    return {
        **_mini(hook),
        "created_by": None if maker is None else user_mini(maker),
        "created_at": hook.created_at,
        "address": hook.address,
        "triggers": list(hook.triggers),
    }


def _mini(hook: Webhook) -> dict[str, Any]:
    target = {"id": hook.target_id, "type": hook.target_type}
    return {"id": hook.id, "type": "webhook", "target": target}


async def create(request: Request, caller: Caller) -> Response:
    """POST /webhooks."""
    body = await json_object(request)
    missing = [name for name in NAMES if body.get(name) is None]
    if missing:
        raise _bad(*((name, f"'{name}' is required") for name in missing))
    memory = memory_of(caller.state)
    target = _target(caller, body["target"])
    address = _address(body["address"])
    triggers = _triggers(body["triggers"], target[0])
    _check_free(memory, caller, target)
    if len(_own(memory, caller)) >= MOST:
        raise _bad(("webhooks", f"An app and user can have at most {MOST} webhooks"))
    hook = Webhook(
        id=str(1_000_000 + caller.state.number()),
        client_id=caller.token.client_id,
        user_id=caller.person.id,
        target_type=target[0],
        target_id=target[1],
        address=address,
        triggers=triggers,
        created_at=time_text(caller.state.now()) or "",
        made_at=caller.state.monotonic(),
    )
    _replace(memory, hook)
    return Json(_shown(caller, hook), 201)


async def listed(request: Request, caller: Caller) -> Response:
    """GET /webhooks: one's own, small."""
    page = page_of(request, name="webhooks", only_markers=True)
    mine = sorted(_own(memory_of(caller.state), caller), key=lambda hook: int(hook.id))
    caller.fault(WEBHOOK_CLEANED_UP)  # counts this answer
    return Json(listing(page, "webhooks", mine, _mini, end=""))


def _found(request: Request, caller: Caller) -> Webhook:
    requested = request.path_params["webhook_id"]
    for hook in _own(memory_of(caller.state), caller):
        if hook.id == requested:
            return hook
    caller.fault(WEBHOOK_CLEANED_UP)  # counts this answer
    raise no_such("webhook", requested)


async def read(request: Request, caller: Caller) -> Response:
    """GET /webhooks/{id}."""
    return Json(_shown(caller, _found(request, caller)))


async def change(request: Request, caller: Caller) -> Response:
    """PUT /webhooks/{id}: any of target, address, triggers; triggers replace the list."""
    hook = _found(request, caller)
    body = await json_object(request)
    target = (hook.target_type, hook.target_id)
    if body.get("target") is not None:
        target = _target(caller, body["target"])
        _check_free(memory_of(caller.state), caller, target, but=hook.id)
    said = body.get("triggers")
    triggers = _triggers(list(hook.triggers) if said is None else said, target[0])
    address = hook.address if body.get("address") is None else _address(body["address"])
    hook.target_type, hook.target_id = target
    hook.triggers, hook.address = triggers, address
    return Json(_shown(caller, hook))


async def delete(request: Request, caller: Caller) -> Response:
    """DELETE /webhooks/{id}."""
    del memory_of(caller.state).webhooks[_found(request, caller).id]
    return Response(status_code=204)


def watching(state: State, event: Mapping[str, Any], trigger: str) -> Iterator[Webhook]:
    """Each webhook that an event of the admin log sets off."""
    source = event.get("source") or {}
    kind = source.get("item_type") or source.get("type")
    item_id = source.get("item_id") or source.get("id")
    if source.get("folder_id"):
        kind, item_id = "folder", source["folder_id"]
    item = state.world.item(str(kind), str(item_id))
    touched = {(str(kind), str(item_id))}
    if item is not None:
        touched |= {("folder", folder.id) for folder in state.world.path(item)}
    elif source.get("parent"):
        touched.add(("folder", str(source["parent"].get("id"))))
    for hook in memory_of(state).webhooks.values():
        watches = trigger in hook.triggers and (hook.target_type, hook.target_id) in touched
        if watches and not _cleaned_up(state, hook):
            yield hook


def _call(handler: Handler) -> Call:
    """A call for whom no fault takes the right away."""

    async def entitled(request: Request, caller: Caller) -> Response:
        if caller.fault(NO_WEBHOOKS_RIGHT):
            raise BoxError(403)
        return await handler(request, caller)

    return Call(entitled, SCOPE)


def routes(state: State) -> list[Route]:
    """The addresses of webhooks."""
    return [
        endpoint(state, "/2.0/webhooks", {"GET": _call(listed), "POST": _call(create)}),
        endpoint(
            state,
            "/2.0/webhooks/{webhook_id}",
            {"GET": _call(read), "PUT": _call(change), "DELETE": _call(delete)},
        ),
    ]

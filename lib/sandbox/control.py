"""`/sandbox/...`: what Box and Kloudless don't have, for people and tests that run them.

Credentials, what the world is made from and the truth about it, faults, the log of served
requests, new events on demand with their webhook deliveries, where public webhook addresses lead
on this machine, and visitors with apps of their own.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lib.sandbox import box, deliveries, kloudless, visitors
from lib.sandbox.faults import InvalidFault, UnknownFault
from lib.sandbox.state import State
from lib.sandbox.wire import Json

EMIT_LIMIT = 10_000


class _Refused(ValueError):
    """The control call asks for something that can't be done; the message says what."""


async def _body(request: Request) -> dict[str, Any]:
    raw = await request.body()
    if not raw:
        return {}
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise _Refused("The body is not JSON.") from error
    if not isinstance(body, dict):
        raise _Refused("The body must be a JSON object.")
    return body


def _text(said: Any, name: str) -> str:
    if not isinstance(said, str) or not said:
        raise _Refused(f"`{name}` must be given, as text.")
    return said


def _refusal(error: Exception) -> Response:
    return Json({"ok": False, "error": str(error)}, 400)


class _Control:
    def __init__(self, state: State) -> None:
        self._state = state

    async def credentials(self, _request: Request) -> Response:
        """What a client needs to be let in, the developer token made anew.

        They open nothing but this sandbox.
        """
        box.renew_developer_token(self._state)
        return Json(
            {"box": box.credentials(self._state), "kloudless": kloudless.credentials(self._state)}
        )

    async def visitors(self, request: Request) -> Response:
        """Registers a visitor: the answer of `credentials`, with ids and secrets of its own."""
        try:
            if await _body(request):
                raise _Refused("A visitor is registered without a body.")  # noqa: TRY301  # one road out
        except _Refused as error:
            return _refusal(error)
        return Json(visitors.welcome(self._state), 201)

    async def visitor(self, request: Request) -> Response:
        """Whether the visitor with this client id is known; DELETE forgets them."""
        found = visitors.visitor_of(self._state, request.path_params["client_id"])
        if found is None:
            return Json({"ok": False, "error": "No visitor has that client id."}, 404)
        if request.method == "DELETE":
            visitors.farewell(self._state, found)
        return Json({"ok": True})

    async def apps(self, _request: Request) -> Response:
        """Every app registered at Box, so that each of its refusals can be met."""
        return Json(box.registered_apps(self._state))

    async def world(self, _request: Request) -> Response:
        """What the world is made from, without looking at its events."""
        return Json(self._state.world.facts())

    async def truth(self, _request: Request) -> Response:
        """What is in the world, to compare with what was read."""
        return Json(await asyncio.to_thread(self._truth))

    def _truth(self) -> dict[str, Any]:
        return {**self._state.world.truth(), "kloudless": kloudless.truth(self._state)}

    async def log(self, _request: Request) -> Response:
        """The requests served, oldest first: at, method, path, status, client_id."""
        return Json(
            [
                {
                    "at": served.at.isoformat(),
                    "method": served.method,
                    "path": served.path,
                    "status": served.status,
                    "client_id": served.client_id,
                }
                for served in self._state.served
            ]
        )

    async def faults(self, request: Request) -> Response:
        """Lists faults, switches one on (POST), or one or all off (DELETE)."""
        registry = self._state.faults
        try:
            if request.method == "POST":
                options = await _body(request)
                registry.switch_on(_text(options.pop("name", None), "name"), options)
            elif request.method == "DELETE":
                options = {**request.query_params, **await _body(request)}
                registry.switch_off(
                    options.get("name"),
                    client_id=options.get("client_id"),
                    path=options.get("path"),
                )
        except (UnknownFault, InvalidFault, _Refused) as error:
            return _refusal(error)
        return Json(registry.listing())

    async def routes(self, request: Request) -> Response:
        """Maps a public webhook address to a loopback one: {"from", "to"}."""
        try:
            body = await _body(request)
            local = deliveries.loopback(_text(body.get("to"), "to"))
            self._state.routes[_text(body.get("from"), "from")] = local
        except (_Refused, deliveries.NotLoopback) as error:
            return _refusal(error)
        return Json(self._state.routes)

    async def emit(self, request: Request) -> Response:
        """Makes events happen now and delivers webhooks for them."""
        try:
            body = await _body(request)
            order = _order(body)
        except (_Refused, deliveries.NotLoopback) as error:
            return _refusal(error)
        world = self._state.world
        events: list[dict[str, Any]] = []
        try:
            for event_type, number in order.shares():
                events += world.emit(number, event_type)
        except (ValueError, LookupError) as error:
            return _refusal(error)
        outcome = await deliveries.deliver(self._state, events, order)
        return Json(
            {
                "event_ids": [event["event_id"] for event in events],
                "deliveries": [sent.as_dict() for sent in outcome],
            }
        )


def _order(body: dict[str, Any]) -> deliveries.EmitRequest:
    number = body.get("count", 1)
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= EMIT_LIMIT:
        raise _Refused(f"`count` is a number from 0 to {EMIT_LIMIT}.")
    event_type = body.get("event_type")
    if event_type is not None and not isinstance(event_type, str):
        raise _Refused("`event_type` is text.")
    try:
        signature = deliveries.Signature(body.get("signature", "good"))
    except ValueError as error:
        words = ", ".join(deliveries.Signature)
        raise _Refused(f"`signature` is one of {words}.") from error
    targets = body.get("deliver", [])
    if not isinstance(targets, list):
        raise _Refused("`deliver` is a list of {kind, url}.")
    attempts = body.get("attempts", 1)
    if isinstance(attempts, bool) or not isinstance(attempts, int) or not 1 <= attempts <= 12:  # noqa: PLR2004  # Box gives up after 12
        raise _Refused("`attempts` is a number from 1 to 12.")
    return deliveries.EmitRequest(
        count=number,
        event_type=event_type,
        targets=tuple(_target(target) for target in targets),
        signature=signature,
        attempts=attempts,
        trigger=_trigger(body.get("trigger")),
        mark=_mark(body.get("mark", "")),
    )


def _mark(said: Any) -> str:
    if not isinstance(said, str) or len(said) > 100 or not (said.isascii() and said.isprintable()):  # noqa: PLR2004  # a short header
        raise _Refused("`mark` is a short text.")
    return said


def _trigger(said: Any) -> str | None:
    if said is not None and said not in box.webhook_triggers():
        raise _Refused("`trigger` is one of Box's webhook triggers.")
    return said if isinstance(said, str) else None


def _target(target: Any) -> deliveries.Target:
    if not isinstance(target, dict) or not isinstance(target.get("url"), str):
        raise _Refused("Each of `deliver` has a `kind` and a `url`.")
    try:
        kind = deliveries.Kind(target.get("kind", ""))
    except ValueError as error:
        raise _Refused("`kind` is box or kloudless.") from error
    return deliveries.Target(kind, deliveries.loopback(target["url"]))


def routes(state: State) -> Sequence[Route]:
    """The control routes."""
    control = _Control(state)
    return [
        Route("/sandbox/credentials", control.credentials, methods=["GET"]),
        Route("/sandbox/visitors", control.visitors, methods=["POST"]),
        Route("/sandbox/visitors/{client_id}", control.visitor, methods=["GET", "DELETE"]),
        Route("/sandbox/apps", control.apps, methods=["GET"]),
        Route("/sandbox/world", control.world, methods=["GET"]),
        Route("/sandbox/truth", control.truth, methods=["GET"]),
        Route("/sandbox/log", control.log, methods=["GET"]),
        Route("/sandbox/faults", control.faults, methods=["GET", "POST", "DELETE"]),
        Route("/sandbox/routes", control.routes, methods=["POST"]),
        Route("/sandbox/emit", control.emit, methods=["POST"]),
    ]

"""The sandbox as one ASGI application: Box, Kloudless and their control on one port.

The edge around the routes gives every answer its `Date` (which a clock fault shifts), Box's
own answers their `box-request-id`, and notes method, path, status and client id of each request.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING
from uuid import uuid4

from starlette.routing import Router
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lib.sandbox import box, control, kloudless, wire
from lib.sandbox.faults import Faults, serving
from lib.sandbox.state import Settings, State

if TYPE_CHECKING:
    from lib.sandbox.world import World


def utc_now() -> datetime:
    """The time now, UTC."""
    return datetime.now(UTC)


def create_state(
    world: "World",
    settings: Settings | None = None,
    *,
    clock: Callable[[], datetime] = utc_now,
    monotonic: Callable[[], float] = time.monotonic,
) -> State:
    """A fresh state with every fault registered and none switched on."""
    faults = Faults(monotonic)
    state = State(
        world=world,
        settings=settings or Settings(),
        clock=clock,
        monotonic=monotonic,
        faults=faults,
    )
    faults.register(wire.FAULTS)
    faults.register(box.FAULTS)
    faults.register(kloudless.FAULTS)
    box.open_service_accounts(world)
    return state


def create_app(state: State) -> ASGIApp:
    """The application: `/sandbox`, Kloudless's `/v1`; all else is Box's, known or not."""
    routes = [*control.routes(state), *kloudless.routes(state), *box.routes(state)]
    router = Router(routes, redirect_slashes=False, default=box.unknown_route)
    app = Edge(router, state)
    state.app = app
    return app


class Edge:
    """What every request passes on its way in and out."""

    def __init__(self, app: ASGIApp, state: State) -> None:
        self._app = app
        self._state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        notes = scope.setdefault("state", {})
        notes["box_request_id"] = f"0{uuid4().hex}"
        status = 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                client_id = notes.get("client_id")
                headers = list(message.get("headers", ()))
                ours = scope["path"].startswith("/sandbox/")
                now = self._state.now(client_id, answering=not ours)
                date = format_datetime(now, usegmt=True)
                headers.append((b"date", date.encode()))
                if box.serves(scope["path"]) and not notes.get(wire.STRANGER):
                    headers.append((b"box-request-id", notes["box_request_id"].encode()))
                message = {**message, "headers": headers}
            await send(message)

        try:
            with serving(scope["path"]):
                await self._app(scope, receive, sending)
        finally:
            self._state.log(scope["method"], scope["path"], status, notes.get("client_id"))

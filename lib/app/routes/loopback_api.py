"""The owner's API for other processes of this machine: a small listener on loopback.

Every call needs the token of `owner.json` in `X-Runbook-Token`; a wrong one gets 403 and no more.
A command uses it when it must read the event store, which only one process can open.
"""

import hmac
import json
import secrets
import socket
import threading
from collections.abc import Sequence

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from lib.app.ownership import TOKEN_HEADER
from lib.app.routes.body_limits import BodyLimit
from lib.core.errors import ConfigurationError, RunbookError, Who
from lib.core.redaction import Secret

HOST = "127.0.0.1"


class _TokenGate:
    """ASGI middleware: nothing behind it is reached without the token."""

    def __init__(self, app: ASGIApp, *, token: Secret) -> None:
        self._app = app
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            request = Request(scope)
            given = request.headers.get(TOKEN_HEADER, "")
            if not hmac.compare_digest(given.encode(), self._token.reveal().encode()):
                await JSONResponse({"ok": False}, status_code=403)(scope, receive, send)
                return
        await self._app(scope, receive, send)


class Listener:
    """The listener: made with its routes, started on a free port, stopped with the owner."""

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        self.token = Secret(secrets.token_urlsafe(32))
        app = Starlette(
            routes=list(routes),
            middleware=[Middleware(BodyLimit), Middleware(_TokenGate, token=self.token)],
            exception_handlers={RunbookError: _explain},
        )
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.bind((HOST, 0))
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                lifespan="off",
                log_config=None,
                log_level="warning",
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=1,
                ws="none",
            )
        )
        self._thread = threading.Thread(
            target=self._server.run,
            kwargs={"sockets": [self._socket]},
            name="owner-listener",
            daemon=True,
        )

    @property
    def url(self) -> str:
        """Its base URL on loopback."""
        return f"http://{HOST}:{self._socket.getsockname()[1]}"

    def start(self) -> None:
        """Answer from now on."""
        self._socket.listen(16)
        self._thread.start()

    def stop(self) -> None:
        """Answer no more."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(3)
        self._socket.close()


async def _explain(_request: Request, error: Exception) -> Response:
    if isinstance(error, RunbookError):
        return JSONResponse({"ok": False, "error": error.as_dict()}, status_code=409)
    raise error


def other_version(message: str) -> ConfigurationError:
    """The error for a question that isn't of this version's form."""
    return ConfigurationError(
        message,
        cause="The process that sent the request has another version.",
        fix="Stop the app and the command, and start both from the same version.",
        who=Who.YOU,
    )


async def json_body(request: Request) -> dict[str, object]:
    """The JSON object in the body; an empty one when there is none or it is something else."""
    try:
        value = json.loads(await request.body() or b"{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}

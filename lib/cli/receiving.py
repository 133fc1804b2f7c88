"""Serves only the webhook addresses, for hosts where the pages run elsewhere.

The same routes and the same receiver as in the app. It writes the ledger only: the app, or
`sync`, brings what it keeps into the event store.
"""

import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any, Final, Self

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lib.app.routes.webhook_receiver import Receiving
from lib.core.errors import ConfigurationError, Who
from lib.core.private_files import WINDOWS
from lib.settings.profiles import Profile, Settings
from lib.webhooks.receive.routes import routes

_BACKLOG: Final = 1024


class Server:
    """A server for a `with` block: bound when made, answering inside."""

    def __init__(
        self,
        settings: Settings,
        profiles: Callable[[str], Profile | None],
        *,
        address: str,
        port: int,
    ) -> None:
        self._socket = _listening(address, port)
        host = f"[{address}]" if ":" in address else address
        self.url = f"http://{host}:{self._socket.getsockname()[1]}"
        """Its base URL."""
        self._receiving = Receiving(settings, profiles)
        app = Starlette(
            routes=[
                Route("/healthz", self._healthz, methods=["GET"]),
                *routes(lambda: self._receiving.receiver),
            ]
        )
        app.router.redirect_slashes = False  # a sender doesn't follow one
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                ws="none",
                lifespan="off",
                log_config=None,
                log_level="error",  # anybody could fill the log with broken requests
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=1,  # a command ends within five seconds
            )
        )
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, name="http", daemon=True
        )

    def serve_until(self, stop: threading.Event) -> None:
        """Answer until asked to stop, or until the server can't go on."""
        while not stop.wait(0.5) and self._thread.is_alive():
            self._receiving.tend()

    def done(self) -> dict[str, Any]:
        """What arrived: `accepted`, `repeated` and `refused` (by reason); `own` is the app's."""
        return self._receiving.done()

    def __enter__(self) -> Self:
        self._receiving.open()
        self._socket.listen(_BACKLOG)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.should_exit = True
        self._thread.join(15)
        self._receiving.close()
        self._socket.close()

    async def _healthz(self, _request: Request) -> Response:
        fault = await run_in_threadpool(self._receiving.fault)
        if fault is None:
            return JSONResponse({"ok": True, "ledger": True})
        report = {"ok": False, "ledger": False, "reason": fault.message}
        return JSONResponse(report, status_code=503)


def _listening(address: str, port: int) -> socket.socket:
    """A socket bound to the address. Raises ConfigurationError when it can't be."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    if not WINDOWS:  # where it would share a port that another holds
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((address, port))
    except OSError as error:
        listener.close()
        raise ConfigurationError(
            f"{address}, port {port}, can't be used.",
            cause=f"{error.strerror or error}.",
            fix="Choose another port with --port, or 0 for any free one. --address must be one of"
            " this machine's own.",
            who=Who.YOU,
        ) from error
    return listener

"""Runs the sandbox on a loopback port until it is told to stop or its parent goes away.

`python -m lib sandbox` and the app's child process both start here.
"""

import asyncio
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from lib.sandbox.app import create_app, create_state, utc_now
from lib.sandbox.faults import InvalidFault, UnknownFault
from lib.sandbox.state import Settings
from lib.sandbox.wire import DROP
from lib.sandbox.world import World, WorldSpec

__all__ = ["InvalidFault", "UnknownFault", "serve"]

HOST = "127.0.0.1"
GRACE_S = 2.0


class _Protocol(HttpToolsProtocol):
    """Lets an answer close its connection without a word: the fault dropped_connection."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        scope: Any = self.scope
        scope["extensions"] = {DROP: self.transport.abort}


class _Server(uvicorn.Server):
    """Says when it can be asked."""

    def __init__(self, config: uvicorn.Config, readable: Callable[[], None]) -> None:
        super().__init__(config)
        self._readable = readable

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._readable()


def _print_line(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _stop_with_parent(server: uvicorn.Server) -> None:
    """Ends the process when standard input does: the pipe closes when the parent is gone."""

    def watch() -> None:
        while sys.stdin.buffer.read(1024):
            pass
        server.should_exit = True
        time.sleep(GRACE_S)
        os._exit(0)  # a request that hangs must not keep an orphan alive

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()


def serve(  # the options of the command
    spec: WorldSpec,
    *,
    port: int = 0,
    faults: Sequence[str] = (),
    rate_limits: bool = True,
    stop_with_parent: bool = False,
    announce: Callable[[str], None] = _print_line,
) -> None:
    """Serves until interrupted; `port` 0 takes a free one.

    `announce` gets the URL, once, when the world can be read. Raises UnknownFault for a name in
    `faults`, OSError for a taken port.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if os.name != "nt":  # where it would share a port that another holds
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((HOST, port))
    listener.listen(512)
    url = f"http://{HOST}:{listener.getsockname()[1]}"
    state = create_state(World(spec, utc_now), Settings(base_url=url, rate_limits=rate_limits))
    for name in faults:
        state.faults.switch_on(name)
    config = uvicorn.Config(
        create_app(state),
        http=_Protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="warning",
        access_log=False,
        date_header=False,
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    server = _Server(config, lambda: announce(url))
    if stop_with_parent:
        _stop_with_parent(server)
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(server.serve(sockets=[listener]))

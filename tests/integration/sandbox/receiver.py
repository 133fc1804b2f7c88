"""A webhook receiver on this machine that keeps what it gets."""

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any


@dataclass(slots=True)
class Delivery:
    """One request that a receiver got. Header names are in lower case."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class Receiver:
    """A receiver on this machine that keeps what it gets."""

    server: HTTPServer
    got: list[Delivery] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"


@contextlib.contextmanager
def listening() -> Iterator[Receiver]:
    """A receiver that answers 204, and 500 below /broken."""
    got: list[Delivery] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("content-length", 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            got.append(Delivery(self.path, headers, self.rfile.read(length)))
            self.send_response(204 if self.path != "/broken" else 500)
            self.end_headers()

        def log_message(self, *_args: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield Receiver(server, got)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

"""A small HTTP server on a loopback port: answers what a test told it, counts what it saw."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True, slots=True)
class Seen:
    """One request as it came in."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    connection: int

    @property
    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer; `raw` replaces it by bytes after which the connection is cut."""

    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None


CUT = Reply(raw=b"")


def as_json(value: Any, status: int = 200, **headers: str) -> Reply:
    names = {name.replace("_", "-"): text for name, text in headers.items()}
    return Reply(status, json.dumps(value).encode(), {"Content-Type": "application/json", **names})


Answerer = Callable[[Seen], Reply]


class WireServer:
    """Answers by `answer` if it is set, else by the queue, else with `{}`.

    `connections` is how many were made so far, `open` how many are not closed yet.
    """

    def __init__(self) -> None:
        self.requests: list[Seen] = []
        self.queue: list[Reply] = []
        self.answer: Answerer | None = None
        self.connections = 0
        self.open = 0
        self.lock = Lock()
        owner = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = 65536  # head and body leave together

            def handle(self) -> None:
                with owner.connected() as self.number:
                    super().handle()

            def handle_one_request(self) -> None:
                try:
                    super().handle_one_request()
                except OSError:
                    self.close_connection = True

            def log_message(self, *_: Any) -> None:
                """Silence."""

            def _serve(self) -> None:
                parts = urlsplit(self.path)
                size = int(self.headers.get("content-length") or 0)
                seen = Seen(
                    method=self.command,
                    path=parts.path,
                    query={k: v[0] for k, v in parse_qs(parts.query).items()},
                    headers={name.lower(): value for name, value in self.headers.items()},
                    body=self.rfile.read(size),
                    connection=self.number,
                )
                reply = owner.reply(seen)
                if reply.raw is not None:
                    self.wfile.write(reply.raw)
                    self.close_connection = True
                    return
                self.send_response_only(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                if "Date" not in reply.headers:
                    self.send_header("Date", self.date_time_string())
                self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                self.wfile.write(reply.body)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _serve  # noqa: N815

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: Any, client_address: Any) -> None:
                """A cut connection is what some tests are about."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = int(self.server.server_address[1])
        self.url = f"http://127.0.0.1:{self.port}"

    @contextmanager
    def connected(self) -> Iterator[int]:
        """The number of a connection, as long as it is open."""
        with self.lock:
            self.connections += 1
            self.open += 1
            number = self.connections
        try:
            yield number
        finally:
            with self.lock:
                self.open -= 1

    def reply(self, seen: Seen) -> Reply:
        with self.lock:
            self.requests.append(seen)
            if self.answer is None:
                return self.queue.pop(0) if self.queue else Reply()
        return self.answer(seen)


@contextmanager
def wire_server() -> Iterator[WireServer]:
    """A server for the time of the block."""
    wire = WireServer()
    thread = Thread(target=wire.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield wire
    finally:
        wire.server.shutdown()
        wire.server.server_close()
        thread.join()

"""An endpoint that serves event pages encoded beforehand, in a process of its own.

`python benchmarks/_pages.py` builds the pages, prints its URL and serves until it is ended. With
`--limit` it admits so many calls in any 60 seconds and answers 429 beyond; with `--inject N` every
Nth call is answered 429 although it would have been admitted. `GET /stats` tells what it saw.
"""

import argparse
import asyncio
import contextlib
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import orjson
import uvicorn

POSITION = 1152922976252290886
FIRST_INSTANT = 1_790_000_000
WINDOW_S = 60.0


def event(number: int) -> dict[str, Any]:
    """One event of the size that Box's enterprise events have (about 1.3 KB)."""
    person = str(11_000_000 + number * 7919 % 60)
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S-00:00", time.gmtime(FIRST_INSTANT + number // 10))
    return {
        "type": "event",
        "event_id": f"{number:08x}-1111-4222-8333-{number * 2654435761 % 2**48:012x}",
        "event_type": ("DOWNLOAD", "UPLOAD", "PREVIEW", "EDIT", "SHARE", "LOGIN")[number % 6],
        "created_at": stamp,
        "created_by": {
            "type": "user",
            "id": person,
            "name": f"Person Number {person}",
            "login": f"person.{person}@benchmark.example",
        },
        "source": {
            "item_type": "file",
            "item_id": str(73_835_521_000 + number % 40_000),
            "item_name": f"Quarterly report, version {number % 997}, as sent to the board.pdf",
            "parent": {
                "type": "folder",
                "name": f"Finance {number % 89}",
                "id": str(1000 + number % 89),
            },
            "owned_by": {
                "type": "user",
                "id": str(11_000_000 + number % 60),
                "name": "Somebody Else",
                "login": f"owner.{number % 60}@benchmark.example",
            },
            "classification": {"name": "Internal"},
        },
        "additional_details": {
            "size": number * 31 % 90_000_000,
            "ekm_id": f"{number * 2246822519 % 2**64:016x}-{number * 3266489917 % 2**64:016x}",
            "version_id": str(85_835_521_000 + number),
            "service_id": str(50_000 + number % 12),
            "service_name": "Archive Connector for the Records Department",
            "shared_link_id": f"{number * 668265263 % 2**64:016x}" * 4,
            "type": "box://event/additional_details/content",
            "note": "The quick brown fox jumps over the lazy dog while the records are kept. " * 4,
        },
        "session_id": f"{number * 374761393 % 2**64:016x}",
        "ip_address": f"203.0.113.{number % 250}",
        "action_by": None,
        "accessible_by": None,
    }


def page(first: int, count: int, following: int) -> bytes:
    """The JSON of one page."""
    return orjson.dumps(
        {
            "chunk_size": count,
            "next_stream_position": str(POSITION + following),
            "entries": [event(number) for number in range(first, first + count)],
        }
    )


class Endpoint:
    """The ASGI application."""

    def __init__(self, pages: list[bytes], *, limit: int, inject: int) -> None:
        self.pages = pages
        self.limit = limit
        self.inject = inject
        self.window: deque[float] = deque()
        self.admitted: list[float] = []
        self.refused = 0
        self.injected = 0
        self.calls = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        del receive
        if scope["type"] != "http":
            return
        path = scope["path"]
        if path == "/stats":
            await _answer(send, 200, orjson.dumps(self.stats()))
            return
        wait = self.wait_s() if self.limit or self.inject else 0
        if wait:
            body = b'{"type":"error","status":429,"code":"rate_limit_exceeded"}'
            await _answer(send, 429, body, wait)
            return
        if path != "/2.0/events":
            await _answer(send, 200, b'{"type":"user","id":"1","name":"Ada"}')
            return
        asked = parse_qs(scope["query_string"].decode()).get("stream_position", [str(POSITION)])
        index = int(asked[0]) - POSITION
        empty = b'{"chunk_size":0,"next_stream_position":"0","entries":[]}'
        await _answer(send, 200, self.pages[index] if index < len(self.pages) else empty)

    def wait_s(self) -> int:
        """Seconds that a call has to wait; 0 admits it."""
        now = time.monotonic()
        self.calls += 1
        while self.window and self.window[0] <= now - WINDOW_S:
            self.window.popleft()
        if self.limit and len(self.window) >= self.limit:
            self.refused += 1
            return max(1, int(self.window[0] + WINDOW_S - now) + 1)
        # A call that is answered 429 on purpose has spent its place all the same.
        self.window.append(now)
        self.admitted.append(now)
        if self.inject and self.calls % self.inject == 0:
            self.injected += 1
            return 1
        return 0

    def stats(self) -> dict[str, Any]:
        """Seconds since the first call of each admitted one, and the refusals."""
        first = self.admitted[0] if self.admitted else 0.0
        return {
            "admitted": [round(when - first, 3) for when in self.admitted],
            "refused": self.refused,
            "injected": self.injected,
        }


async def _answer(send: Any, status: int, body: bytes, wait_s: int = 0) -> None:
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
    ]
    if wait_s:
        headers.append((b"retry-after", str(wait_s).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@dataclass(frozen=True, slots=True)
class Pages:
    """A running endpoint: its address, and how many events a pass over it holds."""

    url: str
    events: int


@contextlib.contextmanager
def serving(events: int, page_size: int, *, limit: int = 0, inject: int = 0) -> Iterator[Pages]:
    """The endpoint as a child process, for the time of the block."""
    options = {"events": events, "page": page_size, "limit": limit, "inject": inject}
    command = [sys.executable, str(Path(__file__).resolve())]
    command += [part for name, value in options.items() for part in (f"--{name}", str(value))]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        url = child.stdout.readline().strip() if child.stdout else ""
        if not url:
            message = "the endpoint didn't start"
            raise RuntimeError(message)
        yield Pages(url, events)
    finally:
        child.terminate()
        child.wait(timeout=20)
        if child.stdout:
            child.stdout.close()


def main() -> None:
    """Build the pages and serve them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--page", type=int, default=500)
    parser.add_argument("--limit", type=int, default=0)
    parser.add_argument("--inject", type=int, default=0)
    options = parser.parse_args()
    starts = range(0, options.events, options.page)
    pages = [
        page(first, min(options.page, options.events - first), number + 1)
        for number, first in enumerate(starts)
    ]
    listening = socket.create_server(("127.0.0.1", 0), backlog=128)
    app = Endpoint(pages, limit=options.limit, inject=options.inject)
    print(f"http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
    config = uvicorn.Config(app, log_level="error", access_log=False, lifespan="off")
    asyncio.run(uvicorn.Server(config).serve(sockets=[listening]))


if __name__ == "__main__":
    main()

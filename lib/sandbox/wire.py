"""How answers leave the sandbox: JSON, empty answers, broken ones, and calls from within.

`disturbed` plays the faults that concern the transport rather than an API: slow answers, none at
all, dropped connections, server errors, rate limits, malformed JSON, and somebody else's page. An
area calls it around its own work.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import unquote

import orjson
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from lib.sandbox.faults import Activation, Fault
from lib.sandbox.state import State

DROP = "sandbox.drop"
STRANGER = "stranger"  # noted of a request that neither Box nor Kloudless has answered
LOOK_EVERY_S = 0.05
SIGN_IN = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Sign in to continue</title></head>
<body><h1>Sign in to continue</h1><p>Your network asks you to sign in before you go on.</p>
<form method="post" action="/login"><label>User <input name="user"></label>
<label>Password <input type="password" name="password"></label><button>Sign in</button></form>
</body></html>
"""

FAULTS = (
    Fault("slow", "Every answer waits `delay` seconds first.", "both", {"delay": 5.0}),
    Fault(
        "hang",
        "The call is taken and never answered: the connection stays open as long as this is on, at "
        "most `longest` seconds, and then closes without a word.",
        "both",
        {"longest": 600.0},
    ),
    Fault("dropped_connection", "The connection closes without an answer.", "both"),
    Fault("malformed_json", "A JSON body is cut off in the middle.", "both"),
    Fault("server_error_500", "Answers are 500, an internal error.", "both"),
    Fault("server_error_502", "Answers are 502, a bad gateway.", "both"),
    Fault(
        "server_error_503",
        "Answers are 503, unavailable; with `retry_after` above 0 they say "
        "after how many seconds to ask again.",
        "both",
        {"retry_after": 0},
    ),
    Fault(
        "intermittent",
        "Every `every`th answer is 503, unavailable, and does not say when to ask again.",
        "both",
        {"every": 3},
    ),
    Fault(
        "html_answer",
        "A sign-in page comes in place of the answer, 200 and text/html, as from a proxy in "
        "between.",
        "both",
    ),
    Fault(
        "rate_limit",
        "Answers are 429 with Retry-After: `retry_after` seconds.",
        "both",
        {"retry_after": 1},
    ),
)


class Json(Response):
    """A JSON answer. Integers beyond 53 bits stay integers."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """The body's bytes."""
        return orjson.dumps(content)


class Dropped(Response):
    """No answer at all: the server closes the connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Closes the connection; without a server underneath, breaks the answer off."""
        del receive
        close = scope.get("extensions", {}).get(DROP)
        if close is not None:
            close()
            return
        await send(
            {
                "type": "http.response.start",
                "status": 200,
                "headers": [(b"content-length", b"1000")],
            }
        )


class Refuser(Protocol):
    """How an area words the faults of the transport."""

    def server_error(self, status: int, retry_after: int) -> Response:
        """The area's body for 500, 502 or 503."""

    def too_many(self, retry_after: int) -> Response:
        """The area's 429."""


async def disturbed(
    state: State,
    request: Request,
    client_id: str | None,
    refuser: Refuser,
    work: Callable[[], Awaitable[Response]],
) -> Response:
    """The answer of `work`, unless a transport fault is on for this client and path."""
    request.state.client_id = client_id
    faults = state.faults
    slow = faults.take("slow", client_id)
    if slow is not None:
        await asyncio.sleep(slow.params["delay"])
    hang = faults.take("hang", client_id)
    if hang is not None:
        await _hang(state, request, hang)
        return Dropped()
    if faults.take("dropped_connection", client_id):
        return Dropped()
    instead = _instead(state, request, client_id, refuser)
    if instead is not None:
        return instead
    answer = await work()
    if answer.media_type == "application/json" and faults.take("malformed_json", client_id):
        body = bytes(answer.body)
        cut = Response(body[: len(body) // 2 + 1], answer.status_code)
        cut.headers["content-type"] = "application/json"
        return cut
    return answer


async def _hang(state: State, request: Request, on: Activation) -> None:
    """Waits until the fault is over or the caller has gone; the server's end cancels it."""
    await request.body()  # what is still to come would be taken for the caller's going
    ends = state.monotonic() + on.params["longest"]
    while state.faults.lasts(on) and state.monotonic() < ends:
        if await request.is_disconnected():
            return
        await asyncio.sleep(LOOK_EVERY_S)


def _instead(
    state: State, request: Request, client_id: str | None, refuser: Refuser
) -> Response | None:
    """What comes in place of the answer, without any work done."""
    faults = state.faults
    for status in (500, 502, 503):
        broken = faults.take(f"server_error_{status}", client_id)
        if broken is not None:
            return refuser.server_error(status, int(broken.params.get("retry_after", 0)))
    now_and_then = faults.active("intermittent", client_id)
    if now_and_then is not None:
        now_and_then.met += 1
        if now_and_then.met % max(1, now_and_then.params["every"]) == 0:
            faults.take("intermittent", client_id)
            return refuser.server_error(503, 0)
    limited = faults.take("rate_limit", client_id)
    if limited is not None:
        return refuser.too_many(int(limited.params["retry_after"]))
    if faults.take("html_answer", client_id):
        setattr(request.state, STRANGER, True)
        return HTMLResponse(SIGN_IN)
    return None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call from within got."""

    status: int
    headers: Mapping[str, str]
    body: bytes


async def ask(  # the parts of an HTTP request
    app: ASGIApp,
    method: str,
    path: str,
    *,
    query: str = "",
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
) -> Answer:
    """Calls the application as a client would, without a socket (for pass-through calls).

    `path` is percent-encoded, as in a request line.
    """
    status = 500
    got_headers: dict[str, str] = {}
    chunks: list[bytes] = []
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(k.lower().encode(), v.encode()) for k, v in (headers or {}).items()],
        "server": ("127.0.0.1", 80),
        "client": ("127.0.0.1", 0),
        "state": {},
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
            got_headers.update((k.decode(), v.decode()) for k, v in message["headers"])
        else:
            chunks.append(message.get("body", b""))

    await app(scope, receive, send)
    return Answer(status, got_headers, b"".join(chunks))

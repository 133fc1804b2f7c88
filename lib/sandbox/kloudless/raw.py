"""The pass-through call: the caller's own request to Box, answered with Box's own answer.

Always `POST /accounts/{id}/raw`; method and address travel in headers. What comes back is Box's
status, headers and body, unchanged (Kloudless contract 11).
"""

from urllib.parse import urlsplit

from starlette.responses import Response

from lib.sandbox.kloudless import upstream
from lib.sandbox.kloudless.call import Call
from lib.sandbox.kloudless.errors import invalid

_METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
# Framing belongs to this connection, and the edge dates every answer itself.
_HOP = ("content-length", "transfer-encoding", "connection", "date")


async def pass_through(call: Call) -> Response:
    """POST /accounts/{id}/raw."""
    account = call.data_account()
    headers = call.request.headers
    method = headers.get("x-kloudless-raw-method", "").upper()
    if method not in _METHODS:
        raise invalid("X-Kloudless-Raw-Method names an HTTP method.")
    path, query = _address(headers.get("x-kloudless-raw-uri", ""))
    sent = call.upstream_headers()
    body = await call.request.body()
    if body and "content-type" in headers:
        sent = {"content-type": headers["content-type"]} | {k.lower(): v for k, v in sent.items()}
    answer = await upstream.call(
        call.service.state, account, method, path, query=query, headers=sent, body=body
    )
    made = Response(answer.body, answer.status)
    for name, value in answer.headers.items():
        if name.lower() not in _HOP:
            made.headers[name] = value
    return made


def _address(uri: str) -> tuple[str, str]:
    """Path and query of a relative address. Only Box's API is behind it."""
    parts = urlsplit(uri)
    strange = parts.scheme or parts.netloc or "#" in uri
    if strange or not uri.isascii() or not uri.isprintable():
        raise invalid("X-Kloudless-Raw-URI is a relative address, such as /2.0/users/me.")
    path = parts.path if parts.path.startswith("/") else f"/{parts.path}"
    if not path.startswith("/2.0/") or "/../" in f"{path}/":
        raise invalid("X-Kloudless-Raw-URI must be an address of Box's API, below /2.0/.")
    return path, parts.query

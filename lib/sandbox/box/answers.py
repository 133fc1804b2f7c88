"""Box's answers: errors in their three shapes, conditional answers, the API error object.

By default 401 and missing scopes have empty bodies and a `WWW-Authenticate` header; the fault
json_403 shows the newer JSON form. Facts: Box API reference, sections 3.3, 4.3 and 8.1.
"""

import secrets
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from lib.sandbox.wire import Json

HELP = "https://developer.box.com/guides/api-calls/permissions-and-errors/common-errors/"
REALM = 'Bearer realm="Service"'
INVALID_TOKEN = "The access token provided is invalid."  # noqa: S105  # Box's words, no token
HIGHER = "The request requires higher privileges than provided by the access token."
DENIED = "Access denied - insufficient permission"
CODES: Mapping[int, str] = {
    400: "bad_request",
    403: "access_denied_insufficient_permissions",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    412: "precondition_failed",
    429: "rate_limit_exceeded",
    500: "internal_server_error",
    502: "bad_gateway",
    503: "unavailable",
}
MESSAGES: Mapping[int, str] = {
    400: "Bad Request",
    403: DENIED,
    404: "Not Found",
    405: "Method Not Allowed",
    409: "A resource with this value already exists",
    412: "The resource has been modified. Please retrieve the resource again and retry",
    429: "Request rate limit exceeded, please try again later",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Unavailable",
}


class BoxError(Exception):
    """Box says no. Without code and message the status's usual ones are sent.

    `problems` become `context_info.errors`: pairs of a parameter's name and a message; `conflicts`
    are the objects in the way.
    """

    def __init__(
        self,
        status: int,
        code: str | None = None,
        message: str | None = None,
        *,
        problems: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        reason: str = "invalid_parameter",
        conflicts: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        super().__init__(message or MESSAGES.get(status, str(status)))
        self.status = status
        self.code = code or CODES[status]
        self.message = message or MESSAGES[status]
        self.problems = tuple(problems)
        self.headers = dict(headers or {})
        self.reason = reason
        self.conflicts = tuple(conflicts)

    def answer(self) -> Response:
        """The API error object."""
        body: dict[str, Any] = {
            "type": "error",
            "status": self.status,
            "code": self.code,
            "help_url": HELP,
            "message": self.message,
            "request_id": secrets.token_hex(8),
        }
        if self.problems:
            body["context_info"] = {
                "errors": [
                    {"reason": self.reason, "name": name, "message": message}
                    for name, message in self.problems
                ]
            }
        if self.conflicts:
            body["context_info"] = {"conflicts": list(self.conflicts)}
        return Json(body, self.status, self.headers)


class InvalidToken(BoxError):
    """No token, a wrong one or one that is over: 401 without a body."""

    def __init__(self) -> None:
        super().__init__(401, "unauthorized", INVALID_TOKEN)

    def answer(self) -> Response:
        """Empty, with the reason in a header."""
        said = f'{REALM}, error="invalid_token", error_description="{INVALID_TOKEN}"'
        return Response(status_code=self.status, headers={"www-authenticate": said})


class InsufficientScope(BoxError):
    """The token may not do this: 403 without a body, or (`spoken`) as JSON."""

    def __init__(self, *, spoken: bool = False) -> None:
        super().__init__(403, "insufficient_scope", HIGHER)
        said = f'{REALM}, error="insufficient_scope", error_description="{HIGHER}"'
        self.headers["www-authenticate"] = said
        self.spoken = spoken

    def answer(self) -> Response:
        """Empty, with the reason in a header, unless `spoken`."""
        if self.spoken:
            return super().answer()
        return Response(status_code=self.status, headers=self.headers)


class Unexplained(BoxError):
    """403 without a body and without a reason in a header, as a bare edge answers."""

    def __init__(self) -> None:
        super().__init__(403)

    def answer(self) -> Response:
        """Nothing at all."""
        return Response(status_code=self.status)


def bad_parameter(name: str, message: str, *, code: str = "bad_request") -> BoxError:
    """400 for one parameter."""
    return BoxError(400, code, message, problems=[(name, message)])


def no_such(name: str, value: str) -> BoxError:
    """404 for an object that does not exist or that this identity can't see."""
    said = f"Invalid value '{value}'. '{name}' with value '{value}' not found"
    return BoxError(404, problems=[(name, said)])


class BoxRoute(Route):
    """An address of Box: a method that it has not is refused as the API refuses (section 8.1)."""

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if self.methods and scope["method"] not in self.methods:
            headers = {"allow": ", ".join(sorted(self.methods))}
            await BoxError(405, headers=headers).answer()(scope, receive, send)
            return
        await super().handle(scope, receive, send)


class TransportWords:
    """How Box words a rate limit and a broken server (for `wire.disturbed`)."""

    def server_error(self, status: int, retry_after: int) -> Response:
        """500, 502 or 503."""
        headers = {"retry-after": str(retry_after)} if retry_after > 0 else {}
        return BoxError(status, headers=headers).answer()

    def too_many(self, retry_after: int) -> Response:
        """429 with Retry-After."""
        return BoxError(429, headers={"retry-after": str(retry_after)}).answer()


def token_error(error: str, description: str, status: int = 400) -> Response:
    """The token endpoint's own error shape."""
    headers = {"cache-control": "no-store"}
    return Json({"error": error, "error_description": description}, status, headers)


def object_answer(request_etag: str | None, body: dict[str, Any]) -> Response:
    """A file or folder: 304 when the caller has this version already."""
    etag = body.get("etag")
    headers = {"etag": f'"{etag}"'} if etag is not None else {}
    if etag is not None and request_etag is not None and request_etag.strip('"') == str(etag):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Json(body, headers=headers)

"""A limit for request bodies: answers 413 before a large body is held in memory.

Streamlit puts no limit on routes of our own. Its upload endpoint keeps its own limit
(`server.maxUploadSize`), so the larger of the two is allowed there; so do the webhooks' addresses,
which count what they refuse. A body is counted while it arrives, because a sender may not say its
length, or may lie about it.
"""

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lib.webhooks.receive.routes import PREFIX

MAX_BODY_BYTES: Final = 2 * 1024 * 1024
MAX_UPLOAD_BYTES: Final = 21 * 1024 * 1024  # server.maxUploadSize and its multipart wrapping
UPLOAD_PREFIX: Final = "/_stcore/upload_file"


class _TooLarge(Exception):
    """The body grew past the limit while it was read."""


class BodyLimit:
    """ASGI middleware: refuses request bodies above the limit with 413 and closes."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        max_bytes: int = MAX_BODY_BYTES,
        max_upload_bytes: int = MAX_UPLOAD_BYTES,
    ) -> None:
        self._app = app
        self._max_bytes = max_bytes
        self._max_upload_bytes = max_upload_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on while its body stays below the limit."""
        if scope["type"] != "http" or scope["path"].startswith(PREFIX):
            await self._app(scope, receive, send)
            return
        limit = (
            self._max_upload_bytes if scope["path"].startswith(UPLOAD_PREFIX) else self._max_bytes
        )
        if _declared_length(scope) > limit:
            await _refuse(send)
            return
        started = False
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            if message["type"] == "http.request":
                received += len(message.get("body", b""))
                if received > limit:
                    raise _TooLarge
            return message

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, counted, watched)
        except _TooLarge:
            if not started:
                await _refuse(send)


def _declared_length(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else 0
    return 0


async def _refuse(send: Send) -> None:
    body = b'{"ok":false,"error":"The request body is too large."}'
    await send(
        {
            "type": "http.response.start",
            "status": 413,
            "headers": [
                (b"content-type", b"application/json"),
                (b"content-length", str(len(body)).encode()),
                (b"connection", b"close"),
            ],
        }
    )
    await send({"type": "http.response.body", "body": body})

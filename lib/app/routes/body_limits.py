"""A limit for request bodies: answers 413 before a large body is held in memory.

Streamlit puts no limit on routes of our own. Its upload endpoint keeps its own limit
(`server.maxUploadSize`), so the larger of the two is allowed there; so do the webhooks' addresses,
which count what they refuse. A body is counted while it arrives, because a sender may not say its
length, or may lie about it.
"""

from collections.abc import Callable
from typing import Final

from starlette.formparsers import MultiPartParser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lib.webhooks.receive.quota import Full, Quota
from lib.webhooks.receive.routes import PREFIX

MAX_BODY_BYTES: Final = 2 * 1024 * 1024
MAX_UPLOAD_BYTES: Final = 21 * 1024 * 1024  # server.maxUploadSize and its multipart wrapping
MAX_UPLOADS: Final = 16
MAX_UPLOADS_BYTES: Final = 4 * MAX_UPLOAD_BYTES
"""Of all uploads that are being read together: they are held in memory."""
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
        max_uploads_bytes: int = MAX_UPLOADS_BYTES,
    ) -> None:
        self._app = app
        self._max_bytes = max_bytes
        self._max_upload_bytes = max_upload_bytes
        self._uploads = Quota(requests=MAX_UPLOADS, size=max_uploads_bytes)
        keep_uploads_in_memory()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on while its body stays below the limit."""
        if scope["type"] != "http" or scope["path"].startswith(PREFIX):
            await self._app(scope, receive, send)
            return
        if not scope["path"].startswith(UPLOAD_PREFIX):
            await self._limited(scope, receive, send, self._max_bytes, lambda _size: None)
            return
        try:
            with self._uploads.hold() as hold:
                await self._limited(scope, receive, send, self._max_upload_bytes, hold.take)
        except Full:
            await _refuse(send, 503, _BUSY)

    async def _limited(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        limit: int,
        take: Callable[[int], None],
    ) -> None:
        """Pass on what stays below the limit; `take` is told each part, and may raise Full."""
        if _declared_length(scope) > limit:
            await _refuse(send)
            return
        started = False
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            if message["type"] == "http.request":
                part = len(message.get("body", b""))
                received += part
                if received > limit:
                    raise _TooLarge
                take(part)
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


def keep_uploads_in_memory() -> None:
    """Let the server's form parser hold a whole upload: nothing uploaded touches the disk.

    Starlette's parser writes files above 1 MB to a temporary file; Streamlit's upload route uses
    it, and has no setting for that.
    """
    MultiPartParser.spool_max_size = MAX_UPLOAD_BYTES


def _declared_length(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else 0
    return 0


_TOO_LARGE: Final = b'{"ok":false,"error":"The request body is too large."}'
_BUSY: Final = b'{"ok":false,"error":"Too many uploads at once; try again."}'


async def _refuse(send: Send, status: int = 413, body: bytes = _TOO_LARGE) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [
                (b"content-type", b"application/json"),
                (b"content-length", str(len(body)).encode()),
                (b"connection", b"close"),
            ],
        }
    )
    await send({"type": "http.response.body", "body": body})

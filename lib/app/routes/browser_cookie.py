"""A cookie that tells one browser from another: 128 random bits, HttpOnly, no meaning.

Set with the first HTML answer, so that the page's WebSocket carries it. Downloads are bound to it;
it signs nobody in.
"""

import re
import secrets
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE: Final = "runbook_browser"
_PRESENT: Final = re.compile(rf"(?:^|;\s*){COOKIE}=([0-9a-f]{{32}})(?:;|$)".encode())


class BrowserCookie:
    """ASGI middleware: gives a browser without the cookie one, together with a page."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; add the cookie to an HTML answer where it is missing."""
        if scope["type"] != "http" or _has_cookie(scope):
            await self._app(scope, receive, send)
            return

        async def with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start" and _is_html(message):
                flags = "; Path=/; HttpOnly; SameSite=Lax"
                if scope.get("scheme") == "https":
                    flags += "; Secure"
                cookie = f"{COOKIE}={secrets.token_hex(16)}{flags}".encode()
                message = {**message, "headers": [*message["headers"], (b"set-cookie", cookie)]}
            await send(message)

        await self._app(scope, receive, with_cookie)


def _has_cookie(scope: Scope) -> bool:
    return any(name == b"cookie" and _PRESENT.search(value) for name, value in scope["headers"])


def _is_html(message: Message) -> bool:
    return any(
        name.lower() == b"content-type" and value.startswith(b"text/html")
        for name, value in message["headers"]
    )

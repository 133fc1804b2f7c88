"""The app as `streamlit_app.py` builds it, with one route more that does nothing.

`POST /ceiling` reads the body and answers 200, behind the same middleware: what any route of this
process can do at most.
"""

from pathlib import Path

import streamlit as st
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from lib.app import lifespan, middleware, routes
from lib.ui.shell.host import load, on_script_error, show_configured
from lib.ui.shell.page_html import documents

_ANSWER = b'{"ok":true,"repeat":false}'


class Nothing:
    """An ASGI application that takes everything and keeps nothing."""

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Read to the end, answer."""
        while (await receive()).get("more_body", False):
            pass
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(_ANSWER)).encode()),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": _ANSWER})


app = st.App(
    Path(__file__).parents[1] / "lib" / "ui" / "main.py",
    routes=[Route("/ceiling", Nothing()), *routes(documents())],
    middleware=middleware(),
    lifespan=lifespan(load, show_configured=show_configured),
    on_script_error=on_script_error,
)

"""The app as `streamlit_app.py` builds it, with one route more: what its memory holds of sessions.

`GET /probe` answers with the keys that the runtime still knows, and the threads that read for a
session. A test's eye only: the product has no such route.
"""

import threading

import streamlit as st
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lib.app import current, lifespan, middleware, routes
from lib.ui.shell.host import load, on_script_error, show_configured
from lib.ui.shell.page_html import documents
from tests.sandbox_server import ROOT


async def probe(_request: Request) -> Response:
    runtime = current()
    if runtime is None:
        return JSONResponse({}, status_code=503)
    clients = runtime.clients
    return JSONResponse(
        {
            "rooms": sorted(runtime.sessions._stores),
            "clients": sorted({*clients._box, *clients._kloudless}),
            "journals": sorted(clients._journals),
            "refresh_tokens": sorted(clients._refresh_tokens),
            "threads": sorted(
                thread.name
                for thread in threading.enumerate()
                if thread.name.startswith("read-session-")
            ),
        }
    )


app = st.App(
    ROOT / "lib" / "ui" / "main.py",
    routes=[Route("/probe", probe, methods=["GET"]), *routes(documents())],
    middleware=middleware(),
    lifespan=lifespan(load, show_configured=show_configured),
    on_script_error=on_script_error,
)

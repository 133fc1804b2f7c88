"""The app as `streamlit_app.py` builds it, with one route more: time passes when a test says so.

`POST /forward?seconds=601` moves the clock by which sign-ins end. The product has no such route.
"""

import time

import streamlit as st
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lib.app import current, lifespan, middleware, routes
from lib.ui.shell.host import load, on_script_error, show_configured
from lib.ui.shell.page_html import documents
from tests.sandbox_server import ROOT

passed = [0.0]


async def forward(request: Request) -> Response:
    runtime = current()
    if runtime is None:
        return JSONResponse({}, status_code=503)
    passed[0] += float(request.query_params["seconds"])
    runtime.consents.clock = lambda: time.monotonic() + passed[0]
    return JSONResponse({"passed": passed[0]})


app = st.App(
    ROOT / "lib" / "ui" / "main.py",
    routes=[Route("/forward", forward, methods=["POST"]), *routes(documents())],
    middleware=middleware(),
    lifespan=lifespan(load, show_configured=show_configured),
    on_script_error=on_script_error,
)

"""The app's own routes, its middleware, and its lifespan, for `st.App`.

`GET /healthz` says whether the stores answer, without secrets. `/webhooks/box/{profile}` and
`/webhooks/kloudless/{profile}` receive deliveries; everything else below `/webhooks/` is 404:
Streamlit would answer an unknown path with the page and 200, and a sender would believe its
delivery had arrived. The lifespan starts background work at once and loads the heavy libraries
beside it, so that the first page doesn't pay for them.
"""

import gc
import logging
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from lib.app.hosting import Hosting
from lib.app.loading import freeze
from lib.app.loading import load as load_alone
from lib.app.process_runtime import current, start_background, stop_background
from lib.app.routes.body_limits import BodyLimit
from lib.app.routes.browser_cookie import BrowserCookie
from lib.app.routes.downloads import download
from lib.settings.profiles import Settings
from lib.webhooks.receive.routes import Absent, Unavailable
from lib.webhooks.receive.routes import routes as webhook_routes

if TYPE_CHECKING:
    from lib.webhooks.receive.receiver import Receiver

# Long page runs hold the interpreter; a short switch interval lets the routes answer in between.
SWITCH_INTERVAL_S: Final = 0.0005
# In the order in which the first page needs them.
HEAVY_MODULES: Final = ("pandas", "plotly.graph_objects", "streamlit.elements.plotly_chart")
LOOKING: Final = ("GET", "HEAD")
ANY_METHOD: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

_log = logging.getLogger(__name__)


async def healthz(_request: Request) -> Response:
    """200 when the ledger and the event store answer, else 503."""
    runtime = current()
    if runtime is None:
        report: dict[str, Any] = {"ok": False, "ledger": False, "events": False}
    else:
        report = await run_in_threadpool(runtime.health)
    return JSONResponse(
        report, status_code=200 if report["ok"] else 503, headers={"Cache-Control": "no-store"}
    )


async def no_receiver(_request: Request) -> Response:
    """There is no webhook receiver at this address."""
    return JSONResponse({"ok": False, "error": "No webhooks are received here."}, status_code=404)


def receiver() -> "Receiver | None":
    """What receives webhooks; None while it is on its way.

    Raises Absent where nothing runs, Unavailable where nothing can be kept.
    """
    runtime = current()
    if runtime is not None and runtime.without_folder:
        raise Unavailable
    if runtime is None or runtime.problem is not None:
        raise Absent
    found = runtime.receiver
    receiving = runtime.receiving
    if found is None and receiving.problem is not None and not receiving.not_upgraded:
        raise Unavailable
    return found


def page(html: str) -> Callable[[Request], Awaitable[Response]]:
    """Answers with that page; a browser asks each time, as it does for Streamlit's own."""

    async def answer(_request: Request) -> Response:
        return HTMLResponse(html, headers={"Cache-Control": "no-cache"})

    return answer


def routes(documents: Mapping[str, str]) -> list[BaseRoute]:
    """Our routes, in the order in which they are tried.

    `documents` is the HTML of the pages that have their own, by page name.
    """
    return [
        *(Route(f"/{name}", page(html), methods=["GET"]) for name, html in documents.items()),
        Route("/healthz", healthz, methods=["GET"]),
        Route("/download/{ticket}", download, methods=["GET"]),
        *webhook_routes(receiver),
        # a browser that looks there gets the page of that name; whoever sends gets no 2xx
        Route("/webhooks", no_receiver, methods=[m for m in ANY_METHOD if m not in LOOKING]),
        Route("/webhooks/{rest:path}", no_receiver, methods=list(ANY_METHOD)),
    ]


def middleware() -> list[Middleware]:
    """Middleware that runs before Streamlit's own."""
    return [Middleware(BodyLimit), Middleware(BrowserCookie)]


def warm_up(
    modules: Sequence[str] = HEAVY_MODULES, opened: Callable[[], object] = lambda: None
) -> None:
    """Load what the pages need, then take it out of the garbage collector's sight.

    Streamlit collects after every script run; over these libraries that costs 65 to 110 ms.
    `opened` returns when the background has loaded its own.
    """
    try:
        for name in modules:
            load_alone(name)  # a page or the background may be about to load it too
        opened()
    except ImportError as error:  # pragma: no cover  # pinned in requirements.txt
        _log.warning("%s could not be loaded ahead of time.", error.name)
    finally:
        freeze()
        gc.enable()


def lifespan(
    load: Callable[[], Settings],
    *,
    show_configured: Callable[[Settings], bool],
    hosting: Callable[[Settings], Hosting] = lambda _settings: Hosting(),
) -> Callable[[Any], AbstractAsyncContextManager[None]]:
    """A lifespan for `st.App`.

    `load` reads the settings; `show_configured` says whether this server may show configured
    profiles at all (if not, the sandbox takes their place); `hosting` how the app is reached.
    """

    @asynccontextmanager
    async def span(_app: Any) -> AsyncIterator[None]:
        sys.setswitchinterval(SWITCH_INTERVAL_S)
        gc.disable()  # while libraries load there is nothing to collect; warm_up enables it again
        runtime = start_background(load, show_configured=show_configured, hosting=hosting)
        threading.Thread(
            target=warm_up,
            kwargs={"opened": runtime.wait_until_open},
            name="warm-up",
            daemon=True,
        ).start()
        try:
            yield
        finally:
            await run_in_threadpool(stop_background)

    return span

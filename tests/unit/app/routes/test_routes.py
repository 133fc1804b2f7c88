"""The app's own routes without a running background."""

import pytest
from starlette.applications import Starlette

from lib.app.asgi import middleware, routes
from lib.app.routes.browser_cookie import COOKIE
from tests.asgi import ask

APP = Starlette(routes=routes({}), middleware=middleware())
PATHS = ["/webhooks", "/webhooks/", "/webhooks/box/acme", "/webhooks/a/b/c"]


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
@pytest.mark.parametrize(
    "path", ["/webhooks", "/webhooks/", "/webhooks/box/acme", "/webhooks/a/b/c"]
)
def test_nothing_below_webhooks_pretends_to_receive(method: str, path: str) -> None:
    if (method, path) == ("GET", "/webhooks"):
        return  # the page of that name, which Streamlit serves
    answer = ask(APP, method, path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/json"


def test_healthz_is_503_before_anything_runs() -> None:
    answer = ask(APP, "GET", "/healthz")
    assert answer.status_code == 503
    assert answer.json()["ok"] is False
    assert answer.headers["content-type"] == "application/json"


def test_only_html_brings_the_browser_cookie() -> None:
    assert COOKIE not in ask(APP, "GET", "/healthz").cookies

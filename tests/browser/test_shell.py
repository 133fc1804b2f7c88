"""The frame around the pages, in a real browser over the real server."""

import socket
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import WebSocket, expect

from lib.ui.shell.navigation import available
from lib.ui.shell.page_html import documents
from tests.browser.conftest import App, OpenPage, running_app, settled
from tests.slices import Record, taken

pytestmark = pytest.mark.browser

PROFILE = {
    "BOX_RUNBOOK__PROFILES__ACME__LABEL": "Acme-Canary-Label",
    "BOX_RUNBOOK__PROFILES__ACME__BOX__CLIENT_ID": "acme-canary-client",
    "BOX_RUNBOOK__PROFILES__ACME__BOX__AUTH": "ccg",
    "BOX_RUNBOOK__PROFILES__ACME__BOX__CLIENT_SECRET": "acme-canary-secret",
    "BOX_RUNBOOK__PROFILES__ACME__BOX__ENTERPRISE_ID": "424242",
}
CANARIES = (b"Acme-Canary-Label", b"acme-canary-client", b"acme-canary-secret", b"424242")


@pytest.mark.parametrize("path", ["activity", ""])
def test_regression_a_deep_link_in_a_fresh_process_goes_through_the_guard(
    tmp_path: Path, open_page: OpenPage, path: str, record_property: Record
) -> None:
    """A `pages/` folder beside the page script once ran a page without it.

    Of the process that began with the root, more pages are opened.
    """
    others = () if path else tuple(one.name for one in available() if one.name != "activity")
    with running_app(tmp_path / "data", address="0.0.0.0", env=PROFILE) as app:  # noqa: S104
        for name in (path, *taken(record_property, "pages of a locked profile", others, 2)):
            shows_no_locked_profile(app, open_page, name)
        log = app.log.read_bytes()
        assert [canary for canary in CANARIES if canary in log] == []


def shows_no_locked_profile(app: App, open_page: OpenPage, path: str) -> None:
    """Neither the page nor any frame has anything of the profile that its address names."""
    page = open_page("about:blank")
    seen: list[bytes] = []
    page.on("websocket", recorder(seen))
    page.goto(f"{app.url}/{path}?profile=acme")
    page.get_by_text("Configured profiles are hidden").wait_for()
    settled(page)
    assert seen
    content = b"".join(seen) + page.content().encode()
    assert [canary for canary in CANARIES if canary in content] == [], path
    assert "Sandbox" in page.locator("body").inner_text()
    assert "profile=acme" not in page.url
    page.context.close()


def recorder(seen: list[bytes]) -> Callable[[WebSocket], None]:
    """Keeps every frame that the server sends."""

    def received(payload: bytes | str) -> None:
        seen.append(payload if isinstance(payload, bytes) else payload.encode())

    return lambda connection: connection.on("framereceived", received)


def test_a_configured_profile_is_shown_on_loopback(tmp_path: Path, open_page: OpenPage) -> None:
    with running_app(tmp_path / "data", env=PROFILE) as app:
        page = open_page(app.url)
        chosen = page.locator("[class*='st-key-shell-profile'] input")
        expect(chosen).to_have_value("Acme-Canary-Label")


def test_nothing_is_asked_of_a_foreign_host_and_no_script_reads_the_session_cookie(
    app: App, open_page: OpenPage
) -> None:
    page = open_page("about:blank")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(app.url)
    page.get_by_role("heading", level=1).wait_for()
    page.wait_for_load_state("networkidle")
    assert [url for url in asked if not url.startswith((app.url, "data:", "blob:"))] == []
    cookies = {cookie["name"]: cookie for cookie in page.context.cookies()}
    assert cookies["runbook_browser"]["httpOnly"]


def test_the_profile_and_the_zone_are_in_the_address(app: App, open_page: OpenPage) -> None:
    page = open_page(app.url, zone="America/New_York")
    page.get_by_role("heading", level=1).wait_for()
    page.wait_for_url("**profile=sandbox**")
    page.get_by_text("Times in UTC").click()
    page.wait_for_url("**tz=utc**")
    page.reload()
    page.wait_for_url("**tz=utc**")


def test_unknown_addresses_of_senders_are_not_the_page(app: App) -> None:
    answer = app.get("/webhooks/box/acme")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/json"


def upgrade(app: App, host: str) -> str:
    """The status line that a WebSocket handshake gets under that name."""
    address = urlsplit(app.url)
    lines = (
        "GET /_stcore/stream HTTP/1.1",
        f"Host: {host}",
        f"Origin: http://{host}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    )
    with socket.create_connection(("127.0.0.1", address.port or 0), timeout=20) as connection:
        connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        return connection.recv(4096).decode(errors="replace").split("\r\n", 1)[0]


def test_a_foreign_name_that_points_here_is_not_this_server(app: App) -> None:
    port = urlsplit(app.url).port
    assert " 101 " in upgrade(app, f"localhost:{port}")
    assert " 403 " in upgrade(app, f"evil.example:{port}")


@pytest.mark.parametrize("path, library", [("activity", "PlotlyChart"), ("webhooks", "DataFrame")])
def test_a_page_opened_by_its_name_finds_the_app_at_once_and_what_it_draws_with(
    app: App, open_page: OpenPage, path: str, library: str
) -> None:
    page = open_page("about:blank")
    asked: list[str] = []
    answers: list[tuple[str, int]] = []
    page.on("request", lambda request: asked.append(urlsplit(request.url).path))
    page.on("response", lambda answer: answers.append((answer.url, answer.status)))
    page.goto(f"{app.url}/{path}")
    settled(page)
    assert [answer for answer in answers if answer[1] >= 400] == []
    before = asked[: asked.index("/_stcore/health")]
    assert [name for name in before if library in name]
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Health").click()
    page.wait_for_url("**/health*")
    expect(page.get_by_role("heading", level=1)).to_have_text("Health")  # the new page has begun
    settled(page)
    page.go_back()
    page.wait_for_url(f"**/{path}*")


BEHIND_A_PROXY = {
    "/activity": "/",
    "/activity/?from=x#y": "/",
    "/tools/box/activity": "/tools/box/",
    "/activity/activity": "/activity/",
    "/reactivity": None,
    "/": None,
}


def test_a_page_knows_where_the_app_is_behind_a_proxy_that_strips_a_path(
    open_page: OpenPage,
) -> None:
    html = documents()["activity"]
    script = html[html.index("<script>(") :].split("</script>", 1)[0] + "</script>"
    page = open_page("about:blank")
    page.route("**/*", lambda route: route.fulfill(body=script, content_type="text/html"))
    for address, app_is_at in BEHIND_A_PROXY.items():
        page.goto(f"http://proxy.example{address}")
        where = app_is_at and f"http://proxy.example{app_is_at}"
        assert page.evaluate("window.__streamlit ?? null") == (
            where and {"BACKEND_BASE_URL": where, "MAIN_PAGE_BASE_URL": where}
        ), address
    page.add_init_script("window.__streamlit = {BACKEND_BASE_URL: 'http://host.example/'}")
    for address in BEHIND_A_PROXY:
        page.goto(f"http://proxy.example{address}")
        assert page.evaluate("window.__streamlit") == {
            "BACKEND_BASE_URL": "http://host.example/"
        }, address

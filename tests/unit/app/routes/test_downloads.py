"""A download ticket works once, in time, and only in the browser it was made for."""

from collections.abc import Iterator
from dataclasses import replace

import httpx
from starlette.applications import Starlette

from lib.app.asgi import middleware, routes
from lib.app.routes.browser_cookie import COOKIE
from lib.app.routes.downloads import TICKET_LIFETIME_S, TICKETS, Download, DownloadTickets
from tests.asgi import ask

BROWSER = "a" * 32


def _chunks() -> Iterator[bytes]:
    yield b"one,"
    yield b"two"


OFFER = Download("events.csv", "text/csv; charset=utf-8", _chunks)


def test_a_ticket_works_once() -> None:
    desk = DownloadTickets()
    key = desk.issue(OFFER, browser=BROWSER)
    assert desk.redeem(key, browser=BROWSER) is OFFER
    assert desk.redeem(key, browser=BROWSER) is None


def test_another_browser_gets_nothing_and_does_not_use_the_ticket_up() -> None:
    desk = DownloadTickets()
    key = desk.issue(OFFER, browser=BROWSER)
    assert desk.redeem(key, browser="b" * 32) is None
    assert desk.redeem(key, browser="") is None
    assert desk.redeem(key, browser=BROWSER) is OFFER


def test_a_ticket_gets_too_old() -> None:
    now = 0.0
    desk = DownloadTickets(lambda: now)
    key = desk.issue(OFFER, browser=BROWSER)
    now = TICKET_LIFETIME_S
    assert desk.redeem(key, browser=BROWSER) is None


def test_a_browser_without_cookie_can_have_no_ticket() -> None:
    desk = DownloadTickets()
    key = desk.issue(OFFER, browser="")
    assert desk.redeem(key, browser="") is None


def _get(path: str, cookie: str | None) -> httpx.Response:
    app = Starlette(routes=routes({}), middleware=middleware())
    headers = {"Cookie": f"{COOKIE}={cookie}"} if cookie else {}
    return ask(app, "GET", path, headers=headers)


def test_the_route_streams_the_file_to_its_browser_alone() -> None:
    key = TICKETS.issue(OFFER, browser=BROWSER)
    assert _get(f"/download/{key}", None).status_code == 404
    answer = _get(f"/download/{key}", BROWSER)
    assert answer.text == "one,two"
    assert answer.headers["content-disposition"] == 'attachment; filename="events.csv"'
    assert answer.headers["cache-control"] == "no-store"
    assert _get(f"/download/{key}", BROWSER).status_code == 404


def test_what_was_forgotten_can_not_be_downloaded() -> None:
    desk = DownloadTickets()
    mine = desk.issue(replace(OFFER, profile="session-1"), browser=BROWSER)
    theirs = desk.issue(replace(OFFER, profile="session-2"), browser=BROWSER)
    desk.forget("session-1")
    assert desk.redeem(mine, browser=BROWSER) is None
    assert desk.redeem(theirs, browser=BROWSER) is not None

"""Two tabs of one browser, and other browsers: what the tests of connecting accounts walk with."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, WebSocket, expect

from tests.browser.conftest import PHONE, WIDE, App, running_app, settled
from tests.browser.looks import finished
from tests.sandbox_oauth import Grant, sign_in
from tests.sandbox_server import SandboxServer, running_sandbox

SMALL = ("--days", "2", "--users", "12", "--no-rate-limits")
CLOCK = "tests/app_with_clock.py"
PATIENCE = 30_000
BOX_LINK = "Sign in to Box"


@pytest.fixture(scope="session")
def world() -> Iterator[SandboxServer]:
    with running_sandbox(*SMALL, until=None) as server:
        yield server


@pytest.fixture(scope="session")
def clocked(world: SandboxServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """An app over that sandbox whose time for sign-ins a test can move."""
    data = tmp_path_factory.mktemp("connect") / "data"
    with running_app(data, env={"BOX_RUNBOOK_SANDBOX": world.url}, script=CLOCK) as app:
        yield app


@pytest.fixture(scope="session")
def page_only(world: SandboxServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """An app over that sandbox of which nothing but the page is served."""
    data = tmp_path_factory.mktemp("page-only") / "data"
    env = {"BOX_RUNBOOK_SANDBOX": world.url}
    with running_app(data, env=env, script="tests/app_page_only.py") as app:
        yield app


@pytest.fixture(scope="session")
def dead(world: SandboxServer) -> Grant:
    """A grant whose refresh token somebody else has used."""
    grant = sign_in(world)
    form = {
        "grant_type": "refresh_token",
        "refresh_token": grant.refresh_token,
        "client_id": grant.client_id,
        "client_secret": grant.client_secret,
    }
    httpx.post(f"{world.url}/oauth2/token", data=form, timeout=60).raise_for_status()
    return grant


@pytest.fixture(scope="session")
def open_host(
    world: SandboxServer, dead: Grant, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[App]:
    """An app that is open to everybody, with a profile of its host's."""
    given = world.credentials()["kloudless"]
    prefix = "BOX_RUNBOOK__PROFILES__ACME__KLOUDLESS__"
    env = {
        "BOX_RUNBOOK_SANDBOX": world.url,
        "BOX_RUNBOOK__ACCESS__OPEN": "true",
        **dead.environment(world.url),
        f"{prefix}BASE_URL": given["base_url"],
        f"{prefix}APP_ID": given["app_id"],
        f"{prefix}API_KEY": given["api_key"],
    }
    with running_app(tmp_path_factory.mktemp("open") / "data", env=env) as app:
        yield app


@dataclass
class Visitor:
    """One browser: its context, the tab that begins, and every address that any tab went to."""

    context: BrowserContext
    page: Page
    addresses: list[str] = field(default_factory=list)
    frames: list[bytes] = field(default_factory=list)
    """What the server sent to the tab that begins."""

    def __post_init__(self) -> None:
        self.context.on("request", lambda request: self.addresses.append(request.url))
        self.page.on("websocket", self.keep_frames)

    def keep_frames(self, socket: WebSocket) -> None:
        """Keep what the server sends over a connection."""
        socket.on(
            "framereceived",
            lambda frame: self.frames.append(frame if isinstance(frame, bytes) else frame.encode()),
        )

    def other_tab(self, link: str = BOX_LINK) -> Page:
        """Follow the link: the tab that it opened, on the consent page."""
        settled(self.page)  # while it is being drawn, the link may still be the one before
        with self.context.expect_page() as opened:
            self.page.get_by_role("link", name=link).click()
        tab = opened.value
        expect(tab.get_by_role("heading", level=1)).to_be_visible()
        return tab

    def came_back(self) -> list[str]:
        """The addresses with which the other side sent this browser back."""
        return [one for one in self.addresses if re.search(r"/connected\?.*(code|error)=", one)]


@pytest.fixture
def visitors(browser: Browser) -> Iterator["Visitors"]:
    made = Visitors(browser)
    yield made
    for context in made.contexts:
        context.close()


@dataclass
class Visitors:
    """Makes browsers that don't know each other."""

    browser: Browser
    contexts: list[BrowserContext] = field(default_factory=list)

    def __call__(
        self, app: App, path: str = "/credentials", *, dark: bool = False, phone: bool = False
    ) -> Visitor:
        context = self.browser.new_context(
            timezone_id="UTC",
            locale="en-GB",
            color_scheme="dark" if dark else "light",
            viewport=PHONE if phone else WIDE,  # type: ignore[arg-type]  # a plain dict will do
        )
        context.set_default_timeout(30_000)
        self.contexts.append(context)
        visitor = Visitor(context, context.new_page())
        visitor.page.goto(f"{app.url}{path}")
        settled(visitor.page)
        return visitor


def sees(page: Page, text: str | re.Pattern[str]) -> None:
    expect(page.get_by_text(text).first).to_be_visible(timeout=PATIENCE)


def landed(tab: Page) -> None:
    """The tab is back, and its address gives nothing away."""
    expect(tab.get_by_role("heading", level=1)).to_have_text(
        "Back from the sign-in", timeout=PATIENCE
    )
    settled(tab)
    assert not re.search("code=|state=|error", tab.url)


def readable(page: Page) -> None:
    """Nothing sticks out of the screen, and axe finds nothing serious, in two looks."""
    finished(page, "dark wide", "light phone")

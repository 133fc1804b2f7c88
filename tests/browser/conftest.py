"""The real app in a process of its own, and a real Chromium that looks at it."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.chromium import ARGUMENTS, chromium
from tests.sandbox_server import running_sandbox

ROOT = Path(__file__).resolve().parents[2]
WIDE = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
PATIENCE = 40_000  # milliseconds for one action or one fact; a busy machine needs them
DRAWN = 60_000  # and for a whole page, the first of its process too


@dataclass(frozen=True, slots=True)
class App:
    """A running app: its address, its data folder, its log."""

    url: str
    data: Path
    log: Path
    process: "subprocess.Popen[bytes]"

    def get(self, path: str) -> httpx.Response:
        """One of the app's own routes."""
        return httpx.get(f"{self.url}{path}", timeout=30)

    def sandbox(self, path: str) -> Any:
        """The JSON answer of the app's sandbox, which an app that has just started still makes."""
        wait_until((self.data / "sandbox.json").exists)
        url = json.loads((self.data / "sandbox.json").read_text())["url"]
        return httpx.get(f"{url}{path}", timeout=60).raise_for_status().json()


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running_app(
    data: Path,
    *options: str,
    address: str = "localhost",
    env: Mapping[str, str] | None = None,
    script: str = "streamlit_app.py",
) -> Iterator[App]:
    """Start `streamlit run streamlit_app.py`, wait until it answers, end it after."""
    port = free_port()
    data.mkdir(parents=True, exist_ok=True)
    log = data.parent / f"{data.name}.log"
    command = [
        *(sys.executable, "-m", "streamlit", "run", script),
        *("--server.address", address, "--server.port", str(port), *options),
    ]
    clean = {k: v for k, v in os.environ.items() if not k.startswith("BOX_RUNBOOK")}
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**clean, "BOX_RUNBOOK_DATA": str(data), **(env or {})},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            app = App(f"http://localhost:{port}", data, log, process)
            _until_it_answers(app)
            yield app
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _until_it_answers(app: App) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if app.process.poll() is not None:
            break
        with contextlib.suppress(httpx.HTTPError):
            if app.get("/_stcore/health").status_code == 200:
                return
        time.sleep(0.1)  # another process's start can't be awaited in any other way
    message = f"the app didn't start:\n{app.log.read_text()[-2000:]}"
    raise RuntimeError(message)


class OpenPage(Protocol):
    """Opens a page of an app in a browser context of its own."""

    def __call__(
        self, url: str, *, dark: bool = False, phone: bool = False, zone: str = "UTC"
    ) -> Page: ...


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """One app on loopback with its own live sandbox, for every test that doesn't change it."""
    with running_app(tmp_path_factory.mktemp("app") / "data") as running:
        yield running


@dataclass(frozen=True, slots=True)
class StillApp:
    """An app over a sandbox whose world ended at midnight, all of it read."""

    app: App
    truth: Any

    @property
    def days(self) -> Mapping[str, int]:
        """Events by UTC day."""
        days: Mapping[str, int] = self.truth["events"]["by_day"]
        return days


@pytest.fixture(scope="session")
def still(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StillApp]:
    """The same figures for the whole run: nothing happens in its world any more."""
    midnight = f"{datetime.now(UTC):%Y-%m-%d}T00:00:00Z"
    with running_sandbox("--no-rate-limits", until=midnight) as sandbox:
        data = tmp_path_factory.mktemp("still") / "data"
        with running_app(data, env={"BOX_RUNBOOK_SANDBOX": sandbox.url}) as running:
            truth = sandbox.truth()
            wait_until(lambda: events_existing(running) == truth["events"]["total"], seconds=180)
            yield StillApp(running, truth)


def events_existing(app: App) -> int | None:
    """How many events the app's owner holds, asked as a command asks; None before it answers."""
    path = app.data / "owner.json"
    if not path.exists():
        return None
    owner = json.loads(path.read_text())
    answer = httpx.get(f"{owner['url']}/status", headers={"X-Runbook-Token": owner["token"]})
    return int(answer.json()["events"])


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the whole run."""
    expect.set_options(timeout=PATIENCE)  # as long as an action may take: see `open_page`
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """Opens pages; each has its own cookies, and is closed after the test."""
    contexts: list[BrowserContext] = []

    def opened(url: str, *, dark: bool = False, phone: bool = False, zone: str = "UTC") -> Page:
        context = browser.new_context(
            viewport=PHONE if phone else WIDE,  # type: ignore[arg-type]  # a plain dict will do
            color_scheme="dark" if dark else "light",
            timezone_id=zone,
            locale="en-GB",
            # As people can ask their system for. Without a graphics card the moving parts of
            # Streamlit's own page take a tenth of all the work.
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.goto(url)
        return page

    yield opened
    for context in contexts:
        context.close()


def settled(page: Page) -> None:
    """Wait until the page is drawn and Streamlit runs no more."""
    page.get_by_role("heading", level=1).wait_for(timeout=DRAWN)
    page.wait_for_function(
        "() => document.querySelector('[data-testid=stApp]')?.dataset.testScriptState"
        " === 'notRunning' && !document.querySelector('[data-testid=stSkeleton]')",
        timeout=DRAWN,
    )


def again_until(act: Callable[[], object], shows: Callable[[float], object]) -> None:
    """Do something until it shows: a click on what is just being drawn anew is lost.

    `shows` expects what follows from it, within so many milliseconds. What is done must be good to
    be done twice.
    """
    for _ in range(4):
        act()
        with contextlib.suppress(AssertionError):
            shows(PATIENCE / 5)
            return
    shows(PATIENCE)


Condition = Callable[[], bool]


def wait_until(condition: Condition, *, seconds: float = 60) -> None:
    """Wait until something of another process is true."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            message = "it did not become true in time"
            raise AssertionError(message)
        time.sleep(0.2)  # as above

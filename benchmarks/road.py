"""How long it takes to get from a settings file to a fully proven Box JWT road, in a browser.

A real Chromium drives the real app over its sandbox, as the browser test does: upload the file, try
it, choose goal and road, prove everything, allow the one write, say of each step that no check can
show how it is known. The machine clicks without thinking, so this is what the app takes of a
person's two minutes. Beside it, in the same run, as many clicks on an empty Streamlit page. Prints
a table.

    python -m benchmarks.road
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.start import OPTIONS, free_port
from tests.browser.conftest import App, running_app, settled
from tests.browser.runbook_walk import (
    choose_goal_and_road,
    enter_settings,
    prove_everything,
    prove_with_a_write,
    vouch_for_the_rest,
)
from tests.chromium import ARGUMENTS, chromium

BUTTON = (
    "import time\n\nimport streamlit as st\n\n"
    "st.title('Empty')\nst.button('Press')\nst.write(time.time_ns())\n"
)


class Clicks:
    """Counts the clicks of a page."""

    def __init__(self, page: Page) -> None:
        page.add_init_script(
            "window.clicks = 0; addEventListener('pointerdown', () => window.clicks++, true)"
        )
        self._page = page

    @property
    def number(self) -> int:
        """Clicks since the page was loaded."""
        return int(self._page.evaluate("window.clicks"))


def walk(app: App, page: Page) -> list[tuple[str, float]]:
    """Seconds of each part, from the open Credentials page on."""
    parts: list[tuple[str, float]] = []

    def done(name: str, since: float) -> float:
        now = time.perf_counter()
        parts.append((name, now - since))
        return now

    at = time.perf_counter()
    enter_settings(page, app)
    at = done("settings file uploaded and tried", at)
    choose_goal_and_road(page)
    at = done("goal and road chosen", at)
    prove_everything(page)
    at = done("everything proved that reading can prove", at)
    prove_with_a_write(page)
    at = done("the one write allowed and proved", at)
    vouched = vouch_for_the_rest(page)
    page.locator(".st-key-runbook-proven").wait_for()
    done(f"{vouched} steps that a person vouches for", at)
    return parts


def empty_clicks(browser: Browser, folder: Path, number: int) -> float:
    """Seconds for so many clicks on an empty page, each until its run is over."""
    (folder / "empty.py").write_text(BUTTON, encoding="utf-8")
    port = free_port()
    child = subprocess.Popen(
        [
            *(sys.executable, "-m", "streamlit", "run", "empty.py"),
            *(*OPTIONS, f"--server.port={port}"),
        ],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        page = browser.new_page()
        for _ in range(100):
            try:
                page.goto(f"http://localhost:{port}")
                break
            except Exception:  # noqa: BLE001  # it is still starting
                time.sleep(0.2)
        settled(page)
        started = time.perf_counter()
        for _ in range(number):
            before = page.locator("[data-testid=stMarkdown]").last.inner_text()
            page.get_by_role("button", name="Press").click()
            page.wait_for_function(
                "one => [...document.querySelectorAll('[data-testid=stMarkdown]')].at(-1).innerText"
                " !== one",
                arg=before,
            )
        return time.perf_counter() - started
    finally:
        child.terminate()
        child.wait()


def main() -> None:
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        with running_app(folder / "data") as app:
            context = browser.new_context(viewport={"width": 1440, "height": 900})
            context.set_default_timeout(60_000)
            page = context.new_page()
            clicks = Clicks(page)
            page.goto(f"{app.url}/credentials")
            settled(page)
            parts = walk(app, page)
            number = clicks.number
        for part, seconds in parts:
            print(f"{part:48} {seconds:6.1f} s")
        whole = sum(seconds for _, seconds in parts)
        print(f"{f'the whole road, {number} clicks':48} {whole:6.1f} s")
        beside = empty_clicks(browser, folder, number)
        print(f"{f'{number} clicks on an empty page':48} {beside:6.1f} s")
        browser.close()


if __name__ == "__main__":
    main()

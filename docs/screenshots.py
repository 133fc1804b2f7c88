"""Makes the pictures of the README and the guides: `make screenshots`.

Starts the app on an empty data folder with its sandbox and waits until the last week is charted.
The README has the Activity page in light and in dark side by side, each guide one page in light.
Nobody is named in them but invented people, and no page is shown that has a credential.
"""

import io
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs" / "activity.png"
GUIDE = ROOT / "docs" / "guide"
SIZE = (1280, 1120)
GUIDE_SIZE = (1280, 900)
START_S = 60
READ_MS = 180_000
COLORS = 192
PRESSED_MS = 15_000
GUIDES = {
    "integration-engineer": ("runbook", "Run all checks"),
    "box-admin": ("health", "Check now"),
    "analyst": ("detections", None),
    "host": ("", None),
}
"""Of each guide the page that is shown, and a button of it to press first."""


def main() -> None:
    """Write docs/activity.png and a picture for each guide."""
    with tempfile.TemporaryDirectory() as folder:
        address = f"http://127.0.0.1:{_free_port()}"
        app = subprocess.Popen(  # our own app
            [
                *(sys.executable, "-m", "streamlit", "run", "streamlit_app.py"),
                *("--server.address", "127.0.0.1", "--server.port", address.rsplit(":", 1)[1]),
            ],
            cwd=ROOT,
            env={**os.environ, "BOX_RUNBOOK_DATA": folder},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait(f"{address}/healthz")
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path="/usr/bin/chromium", args=["--no-sandbox"]
                )
                halves = [_activity(browser, address, scheme) for scheme in ("light", "dark")]
                for guide, (name, press) in GUIDES.items():
                    _save(_page(browser, f"{address}/{name}", press), GUIDE / f"{guide}.png")
                browser.close()
        finally:
            app.terminate()
            app.wait(20)
    whole = Image.new("RGB", (SIZE[0] * 2, SIZE[1]))
    for number, half in enumerate(halves):
        whole.paste(half, (number * SIZE[0], 0))
    _save(whole, PICTURE)


def _activity(browser: Browser, address: str, scheme: str) -> Image.Image:
    page = _opened(browser, SIZE, scheme)
    page.goto(f"{address}/activity?period=7d")
    page.locator(".js-plotly-plot .bars").first.wait_for(timeout=READ_MS)
    page.get_by_text("Reading:").first.wait_for(state="detached", timeout=READ_MS)
    return _shot(page)


def _page(browser: Browser, address: str, press: str | None) -> Image.Image:
    page = _opened(browser, GUIDE_SIZE, "light")
    page.goto(address)
    page.get_by_role("heading", level=1).wait_for(timeout=READ_MS)
    if press is not None:
        page.get_by_role("button", name=press).first.click()
        page.mouse.move(0, 0)  # away from the button, whose help would stand in the picture
        page.wait_for_timeout(PRESSED_MS)
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for(timeout=READ_MS)
    return _shot(page)


def _opened(browser: Browser, size: tuple[int, int], scheme: str) -> Page:
    return browser.new_page(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if scheme == "dark" else "light",
        timezone_id="Europe/Berlin",
    )


def _shot(page: Page) -> Image.Image:
    page.wait_for_timeout(2000)  # the charts' transitions
    picture = Image.open(io.BytesIO(page.screenshot()))
    page.close()
    return picture.convert("RGB")


def _save(picture: Image.Image, path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    picture.convert("P", palette=Image.Palette.ADAPTIVE, colors=COLORS).save(path, optimize=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(url: str) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        try:
            if httpx.get(url, timeout=2).status_code == httpx.codes.OK:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.3)
    message = "the app didn't start"
    raise RuntimeError(message)


if __name__ == "__main__":
    main()

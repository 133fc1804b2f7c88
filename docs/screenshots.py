"""Makes the picture of the README: `make screenshots`.

Starts the app on an empty data folder with its sandbox, waits until the last week is charted, and
puts the Activity page in light and in dark side by side.
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
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs" / "activity.png"
SIZE = (1280, 1120)
START_S = 60
READ_MS = 180_000


def main() -> None:
    """Write docs/activity.png."""
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
                halves = [_shot(browser, address, scheme) for scheme in ("light", "dark")]
                browser.close()
        finally:
            app.terminate()
            app.wait(20)
    whole = Image.new("RGB", (SIZE[0] * 2, SIZE[1]))
    for number, half in enumerate(halves):
        whole.paste(half, (number * SIZE[0], 0))
    whole.convert("P", palette=Image.Palette.ADAPTIVE, colors=192).save(PICTURE, optimize=True)


def _shot(browser: Browser, address: str, scheme: str) -> Image.Image:
    page = browser.new_page(
        viewport={"width": SIZE[0], "height": SIZE[1]},
        color_scheme="dark" if scheme == "dark" else "light",
        timezone_id="Europe/Berlin",
    )
    page.goto(f"{address}/activity?period=7d")
    page.locator(".js-plotly-plot .bars").first.wait_for(timeout=READ_MS)
    page.get_by_text("Reading:").first.wait_for(state="detached", timeout=READ_MS)
    page.wait_for_timeout(2000)  # the charts' transitions
    picture = Image.open(io.BytesIO(page.screenshot()))
    page.close()
    return picture.convert("RGB")


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

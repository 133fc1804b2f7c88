"""The Activity page as a browser sees it, over a store of one million events.

Fills a store, starts the real app over it, opens Activity in Chromium again and again, then flips
a control: from the click to the new chart drawn and the script at rest. Prints the median and
the slowest for 30 days and for a year; asserts nothing.

    python -m benchmarks.activity_page [--events 1000000] [--clicks 20]
"""

import argparse
import contextlib
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
from playwright.sync_api import Page, sync_playwright

from benchmarks.store import END, build

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
# A profile whose events are there already, and whose other side doesn't answer.
PROFILE = {
    "BOX_RUNBOOK__PROFILES__BENCH__BOX__AUTH": "developer_token",
    "BOX_RUNBOOK__PROFILES__BENCH__BOX__DEVELOPER_TOKEN": "nobody-asks-for-it",
    "BOX_RUNBOOK__PROFILES__BENCH__BOX__API_URL": "http://127.0.0.1:9",
}
REST_MS = 2500
# When the frame that has all of it had been painted, since the page was asked for (milliseconds).
# Asking from outside would wait until the browser is done with everything else, too.
WATCH = """const look = () => {
  if (!SELECTORS.every((one) => document.querySelector(one))) return requestAnimationFrame(look);
  const painted = new MessageChannel();
  painted.port1.onmessage = () => { window.paintedMs = performance.now(); };
  painted.port2.postMessage(0);
};
requestAnimationFrame(look);"""
FIRST_CHART = "[class*='st-key-series-'] .barlayer .point"
# From the click until the chart is another one, has bars, and the script is at rest (milliseconds).
FLIP = """([control, label]) => new Promise((resolve) => {
  const chart = () => document.querySelector("[class*='st-key-series-']")?.className;
  const place = document.querySelector(`[class*='st-key-activity-${control}']`);
  const part = label ? [...place.querySelectorAll("button")]
    .find((one) => one.textContent.trim() === label) : place.querySelector("input");
  const before = chart(), start = performance.now();
  const look = () => {
    const rests = document.querySelector('[data-testid=stApp]').dataset.testScriptState;
    const bars = document.querySelector("[class*='st-key-series-'] .barlayer .point");
    if (rests === 'notRunning' && chart() && chart() !== before && bars)
      resolve(performance.now() - start);
    else requestAnimationFrame(look);
  };
  part.click();
  requestAnimationFrame(look);
})"""
# What is drawn in another way is counted once; everything on the page is about the other selection.
CONTROLS = {
    "drawn in another way": [["stack", "Type"], ["stack", "Category"]],
    "another selection": [["people", ""], ["people", ""]],
}


@contextlib.contextmanager
def running(data: Path) -> Iterator[str]:
    """The app over that data folder: its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    child = subprocess.Popen(
        [
            *(sys.executable, "-m", "streamlit", "run", "streamlit_app.py"),
            *("--server.address=localhost", f"--server.port={port}"),
        ],
        cwd=ROOT,
        env={**os.environ, **PROFILE, "BOX_RUNBOOK_DATA": str(data)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://localhost:{port}"
    try:
        for _ in range(600):
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"{url}/healthz").status_code == 200:
                    break
            time.sleep(0.1)
        yield url
    finally:
        child.terminate()
        child.wait(30)


def watch(page: Page, *selectors: str) -> None:
    """Have every page that is opened from now on note when it has all of these."""
    page.add_init_script(WATCH.replace("SELECTORS", json.dumps(selectors)))


def painted(page: Page, address: str) -> float:
    """Milliseconds from asking for the page until what is watched for has been painted.

    The server is at rest before: an earlier page that still draws would count for this one.
    """
    page.wait_for_timeout(REST_MS)
    page.goto(address)
    page.wait_for_function("window.paintedMs", timeout=120_000)
    return float(page.evaluate("window.paintedMs"))


def opens(page: Page, url: str, days: int) -> float:
    """Milliseconds from asking for the page until its chart over time has bars."""
    since = END - timedelta(days=days)
    span = f"from={since:%Y-%m-%dT%H:%M:%SZ}&to={END:%Y-%m-%dT%H:%M:%SZ}"
    return painted(page, f"{url}/activity?{span}")


def flips(page: Page, url: str, days: int, clicks: int, steps: list[list[str]]) -> list[float]:
    """Milliseconds of each flip of a control, back and forth."""
    opens(page, url, days)
    page.wait_for_timeout(3000)
    if steps[0][0] == "stack":
        page.get_by_role("button", name="Display").click()  # what is flipped is in there
    page.locator(f"[class*='st-key-activity-{steps[0][0]}']").wait_for()
    for step in steps:  # the first of each kind is the warm-up
        page.evaluate(FLIP, step)
    found = []
    for n in range(clicks):
        page.wait_for_timeout(300)
        found.append(float(page.evaluate(FLIP, steps[n % 2])))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--clicks", type=int, default=20)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        data = Path(name) / "data"
        data.mkdir(mode=0o700)
        build(data / "events.duckdb", arguments.events)
        with (
            running(data) as url,
            sync_playwright() as playwright,
            playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"]) as browser,
        ):
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            watch(page, FIRST_CHART)
            print(f"{arguments.events:,} events, {arguments.clicks} clicks each,", end=" ")
            print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
            print(f"{'':20} {'period':>8} {'median ms':>10} {'slowest ms':>11} {'target':>7}")
            opens(page, url, 30)
            for days, target in ((30, "500"), (365, "")):
                opened = [opens(page, url, days) for _ in range(7)]
                median, slowest = statistics.median(opened), max(opened)
                print(f"{'page opened':20} {days:>3} days {median:10.0f} {slowest:11.0f} {1000:>7}")
                for control, steps in CONTROLS.items():
                    found = flips(page, url, days, arguments.clicks, steps)
                    median, slowest = statistics.median(found), max(found)
                    line = f"{control:20} {days:>3} days {median:10.0f} {slowest:11.0f} {target:>7}"
                    print(line, flush=True)


if __name__ == "__main__":
    main()

"""How long a start takes, beside an empty Streamlit app on the same machine.

For each side: from the start of the process to `/_stcore/health`, and to what a real browser shows.
The empty app's first text; ours when Overview charts the newest seven whole days with exactly the
sandbox's figures, and when all of its days can be charted. Fresh data folder each time. Prints a
table; asserts nothing.

    python benchmarks/start.py [--runs 5]
"""

import argparse
import contextlib
import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
EMPTY = 'import streamlit as st\n\nst.title("Empty")\n'
LIMIT_S = 180.0
OPTIONS = (
    "--server.headless=true",
    "--browser.gatherUsageStats=false",
    "--server.fileWatcherType=none",
    "--logger.hideWelcomeMessage=true",
    "--server.address=localhost",
)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def process(script: Path, folder: Path, data: Path) -> Iterator[tuple[str, float]]:
    """A started `streamlit run`: its address, and the moment it was started."""
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(script), *OPTIONS]
    clean = {k: v for k, v in os.environ.items() if not k.startswith("BOX_RUNBOOK")}
    started = time.perf_counter()
    child = subprocess.Popen(
        [*command, f"--server.port={port}"],
        cwd=folder,
        env={**clean, "BOX_RUNBOOK_DATA": str(data)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield f"http://localhost:{port}", started
    finally:
        child.terminate()
        try:
            child.wait(20)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def until(done: Callable[[], bool], *, step_s: float = 0.02) -> float:
    """The moment when something became true."""
    deadline = time.perf_counter() + LIMIT_S
    while not done():
        if time.perf_counter() > deadline:
            message = "it took too long"
            raise TimeoutError(message)
        time.sleep(step_s)
    return time.perf_counter()


def healthy(url: str) -> bool:
    with contextlib.suppress(httpx.HTTPError):
        return httpx.get(f"{url}/_stcore/health", timeout=5).status_code == 200
    return False


@contextlib.contextmanager
def tab(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, timezone_id="UTC", locale="en-GB"
    )
    try:
        yield context.new_page()
    finally:
        context.close()


def empty_app(browser: Browser, folder: Path) -> tuple[float, float]:
    """Seconds to health, and to the first text."""
    script = folder / "empty.py"
    script.write_text(EMPTY)
    with process(script, folder, folder / "none") as (url, started), tab(browser) as page:
        health = until(lambda: healthy(url)) - started
        page.goto(url, wait_until="commit")
        page.get_by_text("Empty", exact=True).wait_for(timeout=LIMIT_S * 1000)
        return health, time.perf_counter() - started


def our_app(browser: Browser, folder: Path, truth: "Truth") -> tuple[float, float, float, float]:
    """Seconds to health, first text, the week charted exactly, and all days in the store."""
    data = folder / f"data-{time.monotonic_ns()}"
    script = ROOT / "streamlit_app.py"
    with process(script, ROOT, data) as (url, started), tab(browser) as page:
        health = until(lambda: healthy(url)) - started
        page.goto(url, wait_until="commit")
        page.get_by_role("heading", level=1).wait_for(timeout=LIMIT_S * 1000)
        text = time.perf_counter() - started
        title = re.compile(rf"^{truth.week:,} events in the last 7 whole days$")
        page.get_by_text(title).wait_for(timeout=LIMIT_S * 1000)
        page.locator(".st-key-overview-week .barlayer .point").first.wait_for()
        week = time.perf_counter() - started
        everything = until(lambda: existing(data) >= truth.total, step_s=0.2) - started
        return health, text, week, everything


def existing(data: Path) -> int:
    """How many events the app can chart, asked as a command asks its owner."""
    owner = json.loads((data / "owner.json").read_text())
    headers = {"X-Runbook-Token": owner["token"]}
    return int(httpx.get(f"{owner['url']}/status", headers=headers, timeout=30).json()["events"])


class Truth:
    """What the sandbox says: the newest seven whole UTC days, and everything before today."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "lib", "sandbox", "--port", "0"]
        child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        try:
            url = child.stdout.readline().strip() if child.stdout else ""
            days = httpx.get(f"{url}/sandbox/truth", timeout=120).json()["events"]["by_day"]
        finally:
            child.terminate()
            child.wait()
        today = datetime.now(UTC).date()
        requested = [(today - timedelta(days=n)).isoformat() for n in range(1, 8)]
        self.week = sum(int(days.get(day, 0)) for day in requested)
        self.total = sum(int(n) for day, n in days.items() if day < today.isoformat())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    truth = Truth()
    empty: list[tuple[float, float]] = []
    ours: list[tuple[float, float, float, float]] = []
    with (
        tempfile.TemporaryDirectory() as name,
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"]) as browser,
    ):
        folder = Path(name)
        empty_app(browser, folder)  # fill the caches of disk and browser
        for _ in range(runs):
            empty.append(empty_app(browser, folder))
            ours.append(our_app(browser, folder, truth))
    report(empty, ours, truth)


def report(
    empty: list[tuple[float, float]], ours: list[tuple[float, float, float, float]], truth: Truth
) -> None:
    def middle(values: "list[tuple[float, ...]]", column: int) -> float:
        return statistics.median(row[column] for row in values)

    base_health, base_text = middle([*empty], 0), middle([*empty], 1)
    rows = (
        ("empty app: healthy", base_health, None, None),
        ("empty app: first text", base_text, None, None),
        ("ours: healthy", middle([*ours], 0), base_health, 2.0),
        ("ours: first text", middle([*ours], 1), base_text, None),
        (f"ours: 7 days charted ({truth.week:,} events)", middle([*ours], 2), base_text, 3.0),
        (f"ours: all days in ({truth.total:,} events)", middle([*ours], 3), base_text, None),
    )
    print(f"median of {len(ours)}, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    print(f"{'':48} {'seconds':>8} {'times empty':>12} {'target':>7}")
    for label, seconds, base, target in rows:
        times = f"{seconds / base:.2f}" if base else ""
        print(f"{label:48} {seconds:8.2f} {times:>12} {target or '':>7}")


if __name__ == "__main__":
    main()

"""Durable deliveries: how many a second, and how soon each is answered.

The real app over a store of events receives signed deliveries of 2 KB, each another body, at 1, 8
and 64 connections over loopback; first idle, then while five sessions run the Activity page again
and again. Beside each figure stands the same process's route that does nothing: the ceiling. The
two take turns, because a shared machine is quick in one second and slow in the next; rates are the
medians of the turns. Then 100 deliveries a second, by the clock. At the end what was acknowledged
is compared with what is stored. Prints a table; asserts nothing.

    python -m benchmarks.receiving [--seconds 10] [--events 100000] [--think 0.25]
"""

import argparse
import asyncio
import contextlib
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast
from uuid import uuid4

import httpx
import orjson
import uvloop

from benchmarks.activity_page import PROFILE
from benchmarks.store import END, build
from lib.box import signatures as box
from lib.core.redaction import Secret
from lib.settings.loading import load_settings
from lib.store import Ledger, open_stores

ROOT = Path(__file__).resolve().parents[1]
KEYS = box.SignatureKeys(Secret("benchmark-primary-key"), Secret("benchmark-secondary-key"))
KEY_SETTINGS = {
    "BOX_RUNBOOK__PROFILES__BENCH__BOX__WEBHOOK_PRIMARY_KEY": "benchmark-primary-key",
    "BOX_RUNBOOK__PROFILES__BENCH__BOX__WEBHOOK_SECONDARY_KEY": "benchmark-secondary-key",
}
CONNECTIONS = (1, 8, 64)
RATE = 100
TURNS = 5
SESSIONS = 5
PADDING = "The quick brown fox jumps over the lazy dog while the records are kept. " * 20
DELIVERIES, CEILING = "/webhooks/box/bench", "/ceiling"
Request = Callable[[], bytes]


@dataclass(slots=True)
class Measured:
    """What a phase saw: milliseconds of each answer, and answers that weren't 200."""

    seconds: float = 0.0
    took: list[float] = field(default_factory=list)
    other: int = 0

    def at(self, share: float) -> float:
        """A percentile of the answers."""
        ordered = sorted(self.took)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.took) / self.seconds if self.seconds else 0.0


def delivery(path: str) -> bytes:
    """A request with a body of its own, signed for now."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    body = orjson.dumps(
        {
            "type": "webhook_event",
            "id": str(uuid4()),
            "created_at": now,
            "trigger": "FILE.UPLOADED",
            "webhook": {"id": "4165", "type": "webhook"},
            "created_by": {"type": "user", "id": "11", "name": "Ada", "login": "ada@acme.example"},
            "source": {"id": "735", "type": "file", "name": "Q1.pdf", "description": PADDING},
            "additional_info": [],
        }
    )
    headers = {
        "Host": "localhost",
        "Content-Type": "application/json",
        "User-Agent": "Box-WH-Client/0.1",
        "Content-Length": str(len(body)),
        box.DELIVERY_ID: str(uuid4()),
        **box.sign(body, now, KEYS),
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST {path} HTTP/1.1\r\n{head}\r\n".encode() + body


class Line(asyncio.Protocol):
    """One connection that sends a request and waits for its answer."""

    def __init__(self) -> None:
        self._got = b""
        self._answer: asyncio.Future[int] | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """As asyncio calls it."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is no subclass

    def data_received(self, data: bytes) -> None:
        """An answer is there when its length is."""
        self._got += data
        head, blank, body = self._got.partition(b"\r\n\r\n")
        if not blank or self._answer is None or self._answer.done():
            return
        length = int(head.lower().split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
        if len(body) >= length:
            self._got = b""
            self._answer.set_result(int(head.split(b" ", 2)[1]))

    def connection_lost(self, exc: Exception | None) -> None:
        """Whoever waits is told."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(exc or ConnectionResetError())

    async def ask(self, raw: bytes) -> int:
        """The status of the answer."""
        self._answer = asyncio.get_running_loop().create_future()
        if self._transport is not None:
            self._transport.write(raw)
        return await self._answer

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()


async def lines(port: int, number: int) -> list[Line]:
    """So many connections."""
    loop = asyncio.get_running_loop()
    made = [await loop.create_connection(Line, "127.0.0.1", port) for _ in range(number)]
    return [line for _, line in made]


async def flat_out(port: int, path: str, number: int, seconds: float) -> Measured:
    """As many as go through, each connection one after the other."""
    ready = [delivery(path) for _ in range(int(number**0.5 * seconds * 900))]
    found = Measured()
    open_lines = await lines(port, number)
    started = time.perf_counter()

    async def one(line: Line) -> None:
        while (now := time.perf_counter()) - started < seconds:
            status = await line.ask(ready.pop() if ready else delivery(path))
            found.took.append((time.perf_counter() - now) * 1000)
            found.other += status != 200

    await asyncio.gather(*(one(line) for line in open_lines))
    found.seconds = time.perf_counter() - started
    for line in open_lines:
        line.close()
    return found


async def by_the_clock(port: int, path: str, seconds: float) -> Measured:
    """So many a second; an answer that is late is late from when it was due to be sent."""
    found = Measured()
    free = asyncio.Queue[Line]()
    for line in await lines(port, 64):
        free.put_nowait(line)
    started = time.perf_counter()

    async def one(due: float) -> None:
        line = await free.get()
        status = await line.ask(delivery(path))
        found.took.append((time.perf_counter() - due) * 1000)
        found.other += status != 200
        free.put_nowait(line)

    tasks = []
    for number in range(int(seconds * RATE)):
        due = started + number / RATE
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        tasks.append(asyncio.create_task(one(due)))
    await asyncio.gather(*tasks)
    found.seconds = time.perf_counter() - started
    while not free.empty():
        free.get_nowait().close()
    return found


@contextlib.contextmanager
def running(data: Path) -> Iterator[int]:
    """The app with the route that does nothing: its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "streamlit", "run", "benchmarks/_ceiling_app.py"]
    command += ["--server.address=127.0.0.1", f"--server.port={port}"]
    child = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **PROFILE, **KEY_SETTINGS, "BOX_RUNBOOK_DATA": str(data)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(1200):
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"http://127.0.0.1:{port}/healthz").status_code == 200:
                    break
            time.sleep(0.1)
        yield port
    finally:
        child.terminate()
        child.wait(60)


@contextlib.contextmanager
def sessions(port: int, think_s: float) -> Iterator[None]:
    """Five sessions that run Activity again and again."""
    since = END - timedelta(days=30)
    page = f"activity?from={since:%Y-%m-%dT%H:%M:%SZ}&to={END:%Y-%m-%dT%H:%M:%SZ}"
    command = [sys.executable, "-m", "benchmarks._sessions", f"http://127.0.0.1:{port}", page]
    child = subprocess.Popen(
        [*command, str(SESSIONS), str(think_s)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    time.sleep(8)  # the first runs load what the later ones have
    try:
        yield
    finally:
        out, _ = child.communicate("", timeout=240)
        runs, median = out.split()
        print(f"    (the page ran {runs} times, median {median} ms)")


def measure(port: int, seconds: float, what: str) -> int:
    """One half of the table; how many deliveries were acknowledged."""
    acknowledged = 0
    for number in CONNECTIONS:
        ceilings, rates, found = [], [], Measured()
        for _ in range(TURNS):
            nothing = uvloop.run(flat_out(port, CEILING, number, seconds / TURNS / 2))
            turn = uvloop.run(flat_out(port, DELIVERIES, number, seconds / TURNS))
            ceilings.append(nothing.rate)
            rates.append(turn.rate)
            found.took += turn.took
            found.other += turn.other
        acknowledged += len(found.took) - found.other
        ceiling, rate = statistics.median(ceilings), statistics.median(rates)
        times = ceiling / rate if rate else 0.0
        print(
            f"{what:14} {number:>4} {rate:12,.0f} {found.at(0.5):8.1f} {found.at(0.99):8.1f}"
            f" {ceiling:12,.0f} {times:7.1f} {found.other:6}",
            flush=True,
        )
    found = uvloop.run(by_the_clock(port, DELIVERIES, seconds))
    acknowledged += len(found.took) - found.other
    print(
        f"{what:14} {RATE}/s {found.rate:10,.0f} {found.at(0.5):8.1f} {found.at(0.99):8.1f}"
        f" {'':12} {'':7} {found.other:6}",
        flush=True,
    )
    return acknowledged


def drained(data: Path, seconds: float = 300) -> float:
    """Wait until nothing waits any more; how long that took."""
    ledger = Ledger.open(f"sqlite:///{data / 'ledger.sqlite'}")
    started = time.perf_counter()
    while ledger.inbox.waiting() and time.perf_counter() - started < seconds:
        time.sleep(0.1)
    ledger.close()
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--think", type=float, default=0.25)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        data = Path(name) / "data"
        data.mkdir(mode=0o700)
        build(data / "events.duckdb", arguments.events)
        with running(data) as port:
            print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores, 2 KB each")
            print(
                f"{'':14} {'conn':>4} {'deliveries/s':>12} {'p50 ms':>8} {'p99 ms':>8}"
                f" {'ceiling/s':>12} {'times':>7} {'not 200':>6}"
            )
            acknowledged = measure(port, arguments.seconds, "idle")
            with sessions(port, arguments.think):
                acknowledged += measure(port, arguments.seconds, "five sessions")
            behind = drained(data)
        settings = load_settings(environ=PROFILE | KEY_SETTINGS, data_dir=data)
        stores = open_stores(settings)
        ((stored, bodies, p50, p99),) = stores.events.rows(
            "SELECT count(*), count(DISTINCT body_id),"
            " quantile_cont(epoch_ms(stored_at) - epoch_ms(received_at), 0.5),"
            " quantile_cont(epoch_ms(stored_at) - epoch_ms(received_at), 0.99) FROM deliveries"
        )
        stores.close()
        print(f"acknowledged {acknowledged:,}, stored {stored:,}, different bodies {bodies:,};")
        print(f"from received to charted p50 {p50:,.0f} ms, p99 {p99:,.0f} ms;", end=" ")
        print(f"{behind:.1f} s until all of it was")


if __name__ == "__main__":
    main()

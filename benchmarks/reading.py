"""How fast events are read: from the HTTP page to inbox rows with the position committed.

Run it with `python -m benchmarks.reading`. Three sides over the same pages, encoded beforehand and
served by a process of its own whose limit is off, as is our budget (`Policy(budget=None)`): a bare
fetch as the floor, the official SDK's events call, and ours, which also keeps every page on disk.
Then ours against Box's limit of 1,000 calls a minute, with 429 answers thrown in, while pages ask
too: how much of the limit is used, whether anything is lost, how long pages wait. It prints tables
and asserts nothing about time.
"""

import argparse
import os
import platform
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import orjson
from box_sdk_gen import BaseUrls, BoxDeveloperTokenAuth, NetworkSession
from box_sdk_gen import BoxClient as OfficialClient
from box_sdk_gen.managers.events import GetEventsStreamType

from benchmarks._pages import POSITION, Pages, serving
from lib.activity.ingest.page_writer import Cancelled, Reading
from lib.box.client import BoxClient
from lib.box.events import read_history
from lib.box.tokens.auth import Token, fixed_token
from lib.core.redaction import Secret
from lib.http import (
    BOX_CALLS_PER_MINUTE,
    RESERVED_FOR_PAGES,
    Budget,
    Egress,
    Journal,
    Policy,
    build_client,
)
from lib.store.ledger.inbox import Position
from lib.store.ledger.ledger import Ledger

PROFILE = "benchmark"
SOURCE = "box_stream"
STREAM = "admin_logs"
BEFORE = datetime(2026, 11, 1, tzinfo=UTC)
AFTER = BEFORE - timedelta(days=365)
BOX_ADMITS = 8_300  # events a second: 1,000 calls of 500 events in 60 seconds


def bare_fetch(pages: Pages) -> int:
    """The floor: every page's bytes and nothing else; the position is counted, not read."""
    number, read = 0, 0
    with httpx.Client(trust_env=False, headers={"Authorization": "Bearer x"}) as http:
        while read < pages.events:
            place = str(POSITION + number)
            params = {"stream_type": STREAM, "limit": "500", "stream_position": place}
            http.get(f"{pages.url}/2.0/events", params=params).raise_for_status()
            number += 1
            read = min(number * 500, pages.events)
    return read


def official(pages: Pages) -> int:
    """The official SDK's events call until an empty page; nothing is kept."""
    network = NetworkSession(base_urls=BaseUrls(base_url=pages.url))
    client = OfficialClient(BoxDeveloperTokenAuth(token="x"), network_session=network)  # noqa: S106
    read, position = 0, str(POSITION)
    while True:
        page = client.events.get_events(
            stream_type=GetEventsStreamType.ADMIN_LOGS,
            stream_position=position,
            limit=500,
            created_after=AFTER,
            created_before=BEFORE,
        )
        if not page.entries:
            return read
        read += len(page.entries)
        position = str(page.next_stream_position)


@contextmanager
def our_client(url: str, policy: Policy) -> Iterator[BoxClient]:
    """Our client with a given token."""
    egress = Egress(allowed_hosts=("127.0.0.1",))
    with build_client(egress, Journal(), policy=policy) as http:
        tokens = fixed_token(Token(Secret("x"), None), "benchmark")
        yield BoxClient(http, tokens, api_url=url)


@contextmanager
def fresh_ledger() -> Iterator[Ledger]:
    """A ledger on disk, as the app has one."""
    with tempfile.TemporaryDirectory() as folder:
        ledger = Ledger.open(f"sqlite:///{Path(folder) / 'ledger.sqlite'}")
        try:
            yield ledger
        finally:
            ledger.close()


def read_into(ledger: Ledger, client: BoxClient, cancelled: threading.Event) -> Reading:
    """What `sync` does with a window: each page into the inbox, with the position behind it."""
    now = datetime.now(UTC)
    reading = Reading(
        ledger,
        profile=PROFILE,
        source=SOURCE,
        enterprise_id="1",
        run_id=ledger.begin_run(kind="sync", profile=PROFILE, source=SOURCE, at=now),
        since=AFTER,
        clock=lambda: datetime.now(UTC),
        cancelled=cancelled,
        on_progress=lambda _: None,
    )
    for page in read_history(client, AFTER, BEFORE):
        stand = Position(PROFILE, SOURCE, STREAM, "window", page.next_position, reading.clock())
        reading.keep(
            page.body,
            page.count,
            stand,
            times=(page.first_created_at, page.last_created_at),
        )
    return reading


def ours(pages: Pages) -> int:
    """Ours: parsed as far as needed, kept on disk with its position, page by page."""
    with fresh_ledger() as ledger, our_client(pages.url, Policy(budget=None)) as client:
        reading = read_into(ledger, client.in_background(), threading.Event())
        stored = ledger.inbox.position(PROFILE, SOURCE, STREAM, "window")
        last = -(-pages.events // 500)
        if (
            ledger.inbox.waiting() != last
            or stored is None
            or stored.position != str(POSITION + last)
        ):
            message = "pages were lost"
            raise RuntimeError(message)
        return reading.progress.read


@dataclass(frozen=True, slots=True)
class Speed:
    """Events a second by the wall clock, microseconds of this process's CPU for each event."""

    rate: float
    cpu_us: float


def measured(name: str, run: Callable[[Pages], int], pages: Pages) -> Speed:
    """One pass."""
    started, cpu = time.perf_counter(), time.process_time()
    read = run(pages)
    seconds, spent = time.perf_counter() - started, time.process_time() - cpu
    if read != pages.events:
        message = f"{name} read {read:,} of {pages.events:,} events"
        raise RuntimeError(message)
    return Speed(read / seconds, spent / read * 1e6)


def full_speed(events: int, repeat: int) -> None:
    """The three sides, interleaved by side."""
    sides = {"bare fetch": bare_fetch, "official SDK": official, "ours": ours}
    passes: dict[str, list[Speed]] = {name: [] for name in sides}
    with serving(events, 500) as pages:
        for _ in range(repeat):  # side by side, so that a busy moment of the machine hits all
            for name, run in sides.items():
                passes[name].append(measured(name, run, pages))
    rates = {name: statistics.median(one.rate for one in all_) for name, all_ in passes.items()}
    print(f"\nFull speed: {events:,} events in pages of 500, median of {repeat} passes")
    print(f"{'side':<14}{'events/s':>12}{'CPU us/event':>14}{'of the SDK':>12}{'of 8,300/s':>12}")
    for name, rate in rates.items():
        cpu = statistics.median(one.cpu_us for one in passes[name])
        sdk, box = rate / rates["official SDK"], rate / BOX_ADMITS
        print(f"{name:<14}{rate:>12,.0f}{cpu:>14.1f}{sdk:>11.1f}x{box:>11.1f}x")
    print("ours: parsed, compressed and committed on disk (SQLite, synchronous=FULL) page by page")


@dataclass(slots=True)
class PageCalls:
    """What the pages met while a sync ran: milliseconds of each call, and refusals."""

    times_ms: list[float]
    failed: int = 0


def call_as_pages(client: BoxClient, every_s: float, stop: threading.Event) -> PageCalls:
    """One call of a page at a time, evenly, until told to stop."""
    seen = PageCalls([])
    while not stop.wait(every_s):
        started = time.perf_counter()
        try:
            client.me(("id",))
        except Exception:  # noqa: BLE001  # whatever it is, the page didn't get its answer
            seen.failed += 1
        seen.times_ms.append((time.perf_counter() - started) * 1000)
    return seen


def ids_kept(ledger: Ledger) -> list[str]:
    """The event ids of all pages in the inbox, in order."""
    return [
        entry["event_id"]
        for kept in ledger.inbox.take(1_000_000, max_bytes=10**12)
        for entry in orjson.loads(kept.body)["entries"]
    ]


def limited(seconds: float, inject: int) -> None:
    """Ours against Box's limit, with 429 answers thrown in and pages asking too."""
    size = 100
    calls = int(BOX_CALLS_PER_MINUTE * (seconds / 60 + 2))
    every_s = 60 / (RESERVED_FOR_PAGES - 2)
    with (
        serving(calls * size, size, limit=BOX_CALLS_PER_MINUTE, inject=inject) as pages,
        fresh_ledger() as ledger,
        our_client(pages.url, Policy(budget=Budget())) as client,
    ):
        stop, seen = threading.Event(), PageCalls([])

        def ask_as_pages() -> None:
            nonlocal seen
            seen = call_as_pages(client, every_s, stop)

        def read() -> None:
            with suppress(Cancelled):
                read_into(ledger, client.in_background(), stop)

        threads = [threading.Thread(target=work, daemon=True) for work in (read, ask_as_pages)]
        for thread in threads:
            thread.start()
        time.sleep(seconds)
        stats = httpx.get(f"{pages.url}/stats").json()
        stop.set()
        threads[1].join()
        threads[0].join(timeout=0.5)  # it may be waiting for its minute; what it keeps is kept
        ids = ids_kept(ledger)
    spent = sum(when <= seconds for when in stats["admitted"])
    most = BOX_CALLS_PER_MINUTE * seconds / 60
    times = [f"{statistics.median(seen.times_ms):.1f}", f"{max(seen.times_ms):,.1f}"]
    whole = len(ids) == len(set(ids)) and ids == sorted(ids)
    print(
        f"\nAt the limit: {BOX_CALLS_PER_MINUTE:,} calls a minute, {seconds:.0f} s, {size} a page"
    )
    rows = {
        "calls made, of what the limit admits": f"{spent:,} of {most:,.0f} = {spent / most:.1%}",
        "of these by pages": f"{len(seen.times_ms)}; {RESERVED_FOR_PAGES} a minute are theirs",
        "429 answers thrown in / for going too fast": f"{stats['injected']} / {stats['refused']}",
        "events kept, lost or doubled": f"{len(ids):,}, {'none' if whole else 'some'}",
        "a page's call, ms: median / slowest": " / ".join(times),
        "a page's call that failed": f"{seen.failed}",
    }
    for name, value in rows.items():
        print(f"{name:<46}{value}")


def machine() -> str:
    """The date and what this ran on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores, {memory:.0f} GiB, "
        f"Python {platform.python_version()}, {platform.machine()}"
    )


def main() -> None:
    """Run what was asked for and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--limited-seconds", type=float, default=120.0, help="0 leaves it out")
    parser.add_argument("--inject", type=int, default=200, help="every Nth call is answered 429")
    options = parser.parse_args()
    print(machine())
    full_speed(options.events, options.repeat)
    if options.limited_seconds:
        limited(options.limited_seconds, options.inject)


if __name__ == "__main__":
    main()

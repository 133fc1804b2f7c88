"""The log of deliveries at one million, 30 % of them repeats: each question of the page, timed.

The deliveries are made by the database from row numbers, so their counts are known beforehand and
printed beside what the questions count. Then the real app is started over them: how long the page
takes to open in a browser, and how long from sending a signed delivery until an open page shows it.
Medians of warm runs, in milliseconds; asserts nothing.

    python -m benchmarks.webhook_log [--deliveries 1000000]
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Page, sync_playwright

from benchmarks.activity_page import CHROMIUM, painted, running, watch
from benchmarks.receiving import KEY_SETTINGS, KEYS
from lib.activity.model.zones import BucketSize
from lib.store import EventStore, Ledger, Stores
from lib.store.ledger.deliveries import Notes, Reject
from lib.webhooks.log import delivery_latency, delivery_values, figures, log
from lib.webhooks.log.delivery_filter import Choice
from lib.webhooks.log.delivery_latency import DeliveryStage
from lib.webhooks.log.figures import By
from lib.webhooks.signing.sending import box_delivery, post, sample_body

END: Final = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
SPAN: Final = timedelta(days=30)
REPEATS: Final = 7
CHART_AND_LIST: Final = (
    "[class*='st-key-hooks-series-'] .barlayer .point",
    "[class*='st-key-hooks-table-'] canvas",
)
TRIGGERS: Final = ("FILE.UPLOADED", "FILE.DOWNLOADED", "FILE.PREVIEWED", "FOLDER.CREATED",
                   "COLLABORATION.CREATED", "SHARED_LINK.CREATED")  # fmt: skip
# Of ten rows three repeat the body of the row before them that isn't a repeat.
MAKE: Final = """
WITH rows AS (
    SELECT i, i % 10 >= 7 AS again, i - CASE WHEN i % 10 >= 7 THEN i % 10 - 6 ELSE 0 END AS body,
           $start::TIMESTAMP + to_microseconds((i * 2592000000000.0 / $n)::BIGINT) AS at_
    FROM range($low, $high) t(i))
INSERT INTO deliveries
SELECT printf('%012x', epoch_ms(at_)) || printf('%012x', i), 'bench', 'box',
    md5(body::VARCHAR)::UUID::VARCHAR, uuid()::VARCHAR,
    list_extract($triggers, 1 + (6 * ((hash(body) % 1000) / 1000.0)::DOUBLE
        * ((hash(body) % 1000) / 1000.0))::INT % 6),
    '4165', 'file', (700000000 + hash(body + 1) % 40000)::VARCHAR,
    'document ' || hash(body + 1) % 40000 || '.pdf', (10000000 + hash(body + 2) % 2000)::VARCHAR,
    'user' || hash(body + 2) % 2000 || '@acme.example', 'User ' || hash(body + 2) % 2000, NULL,
    at_ - INTERVAL 1 SECOND, date_trunc('second', at_),
    at_ + to_microseconds((hash(i + 5) % 400000)::BIGINT),
    at_ + to_microseconds((400000 + hash(i + 6) % 300000)::BIGINT),
    1300 + hash(body + 7) % 900, CASE WHEN again THEN 'repeated' ELSE 'accepted' END, 'primary',
    CASE WHEN again THEN i % 10 - 5 ELSE 1 END, 200,
    '{"content-type":"application/json","user-agent":"Box-WH-Client/0.1","box-delivery-id":"'
    || uuid() || '","box-delivery-timestamp":"' || at_ || '"}',
    ('{"type":"webhook_event","id":"' || md5(body::VARCHAR) || '","created_at":"' || at_
    || '","trigger":"FILE.UPLOADED","webhook":{"id":"4165","type":"webhook"},"created_by":'
    || '{"type":"user","id":"' || hash(body + 2) % 2000 || '"},"source":{"id":"'
    || hash(body + 1) % 40000 || '","type":"file","description":"' || $padding || '"}}')::BLOB
FROM rows ORDER BY at_"""
PADDING: Final = "accessible through the usual way, unchanged; " * 24


def build(folder: Path, n: int) -> Stores:
    """Stores of n deliveries, and some refused requests."""
    events = EventStore.open(folder / "events.duckdb")
    cursor = events._connection.cursor()  # noqa: SLF001  # loads faster than any way in of ours
    for low in range(0, n, 250_000):
        values: dict[str, Any] = {
            "low": low,
            "high": min(n, low + 250_000),
            "n": n,
            "start": (END - SPAN).replace(tzinfo=None),
        }
        cursor.execute(MAKE, {**values, "triggers": list(TRIGGERS), "padding": PADDING}).fetchall()
    cursor.close()
    events.checkpoint()
    ledger = Ledger.open(f"sqlite:///{folder / 'ledger.sqlite'}")
    notes = Notes()
    for number in range(20_000):
        at = END - number * SPAN / 20_000
        minute = at.replace(second=0, microsecond=0)
        notes.counts[minute, "bench", "box", "wrong"] += 1
        notes.rejects.append(Reject(at, "bench", "box", "wrong", 403, "POST", 1300, {"a": "b"}))
    ledger.deliveries.keep([], notes)
    return Stores(ledger, events)


def timed(ask: Callable[[], Any]) -> tuple[float, Any]:
    """The median of warm runs (ms), and the answer."""
    answer = ask()
    took = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        answer = ask()
        took.append((time.perf_counter() - started) * 1000)
    return statistics.median(took), answer


def questions(stores: Stores) -> dict[str, Callable[[], Any]]:
    """What the page asks."""
    month = Choice("bench", END - SPAN, END)
    day = month.between(END - timedelta(days=1), END)
    middle = log.DeliveryCursor(END - SPAN / 2, "r0")
    rare = Choice("bench", END - SPAN, END, only={"item": ("700000007",)})
    one = log.page(stores, month, limit=1).entries[0]
    return {
        "page, newest": lambda: log.page(stores, month, limit=50),
        "page, from the middle": lambda: log.page(stores, month, limit=50, before=middle),
        "page of one item": lambda: log.page(stores, rare, limit=50),
        "page of third attempts": lambda: log.page(
            stores, Choice("bench", END - SPAN, END, attempts=(3, None)), limit=50
        ),
        "one delivery, opened": lambda: log.opened(stores, "bench", one.id),
        "attempts of a body": lambda: log.attempts(stores, "bench", str(one.body_id)),
        "totals of the month": lambda: figures.totals(stores, month),
        "bars by trigger, month": lambda: figures.counts(stores, month),
        "bars by verdict, month": lambda: figures.counts(stores, month, by=By.VERDICT),
        "bars by the hour, a day": lambda: figures.counts(stores, day, size=BucketSize.HOUR),
        "latency of the month": lambda: delivery_latency.latency(stores, month),
        "latency by day": lambda: delivery_latency.latency_over_time(
            stores, month, DeliveryStage.RECEIVED_TO_STORED
        ),
        "most repeated": lambda: figures.most_repeated(stores, month),
        "gaps": lambda: figures.gaps(stores, month),
        "what came last": lambda: log.newest(stores, "bench"),
        "attempts of 25 bodies": lambda: log.attempt_counts(
            stores, "bench", log.page(stores, month, limit=25).entries
        ),
        "values of triggers": lambda: delivery_values.values(stores, month, "trigger"),
    }


def opens(page: Page, url: str, period: str) -> float:
    """Milliseconds from asking for the page until its chart and its list are painted."""
    return painted(page, f"{url}/webhooks?profile=bench&period={period}")


def appears(page: Page, url: str) -> float:
    """Milliseconds from sending a delivery until the open page counts it."""
    counted = page.get_by_test_id("stMetric").filter(has_text="Accepted")
    before = int(counted.get_by_test_id("stMetricValue").inner_text().replace(",", ""))
    started = time.perf_counter()
    now = datetime.now(UTC)
    sent = post(
        box_delivery(sample_body("FILE.UPLOADED", now), KEYS, now), f"{url}/webhooks/box/bench"
    )
    if not sent.ok:
        raise RuntimeError(sent.reason)
    counted.get_by_text(f"{before + 1:,}", exact=True).wait_for(timeout=60_000)
    return (time.perf_counter() - started) * 1000


def reported(what: str, took: list[float]) -> None:
    """A line of the table."""
    print(f"{what:26} {statistics.median(took):8.1f} ms, most {max(took):.1f} ms", flush=True)


def in_the_browser(folder: Path) -> None:
    """The page over those stores."""
    os.environ.update(KEY_SETTINGS)
    with (
        running(folder) as url,
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"]) as browser,
    ):
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        watch(page, *CHART_AND_LIST)
        opens(page, url, "24h")
        for period in ("24h", "30d"):
            took = [opens(page, url, period) for _ in range(REPEATS)]
            reported(f"page opened, {period}", took)
            appearing = []
            # the item of such a delivery: what leaves the period meanwhile isn't counted
            page.goto(f"{url}/webhooks?profile=bench&period={period}&item=1&trigger=FILE.UPLOADED")
            page.get_by_test_id("stMetricValue").first.wait_for(timeout=60_000)
            for _ in range(REPEATS):
                page.wait_for_timeout(3000)
                appearing.append(appears(page, url))
            reported(f"delivery appears, {period}", appearing)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--deliveries", type=int, default=1_000_000)
    n = parser.parse_args().deliveries
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        stores = build(folder, n)
        size = (folder / "events.duckdb").stat().st_size
        print(f"{n:,} deliveries, {size / n:,.0f} bytes each on disk,", end=" ")
        print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        for what, ask in questions(stores).items():
            median, _ = timed(ask)
            print(f"{what:26} {median:8.1f} ms", flush=True)
        month = Choice("bench", END - SPAN, END)
        totals, different = figures.totals(stores, month), figures.bodies(stores, month)
        bodies = sum(1 for i in range(n) if i % 10 < 7)  # as MAKE says
        print(
            f"accepted {totals.accepted:,} (made {bodies:,}), repeated {totals.repeated:,}", end=""
        )
        print(f" (made {n - bodies:,}), bodies {different:,}, refused {totals.refused}")
        stores.close()
        in_the_browser(folder)


if __name__ == "__main__":
    main()

"""All detections over 30 days of a large event store: seconds each, and the memory of the process.

    python -m benchmarks.detections --sizes 1000000 10000000

The events are those of `benchmarks.store`, spread over so many days, with one account that does
all the work of an hour, so that there is something to find. What is read depends on the events in
the 30 days and the looks back before them, so 3,290,000 events over 120 days ask as much as 10
million over a year, and are built sooner. Each measurement runs in a process
of its own, so that memory is its own too. Nothing is asserted about time.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import benchmarks.store as made
from lib.detections.registry import DETECTIONS
from lib.detections.running import run_these, scope_of
from lib.store import EventStore

DAYS: Final = timedelta(days=30)
BURST: Final = """
UPDATE events SET event_type = 'DOWNLOAD', actor_id = '10001999', actor_kind = 'managed'
WHERE occurred_at >= TIMESTAMP '2026-10-20 02:00:00'
    AND occurred_at < TIMESTAMP '2026-10-20 03:00:00'"""


def build(path: Path, n: int, days: int) -> None:
    """A store of n events over so many days before `END`."""
    start = (made.END - timedelta(days=days)).strftime("%Y-%m-%d")
    spread = made.MAKE.replace("31536000000000.0", f"{days * 86_400_000_000}.0")
    made.build(path, n, make=spread.replace("TIMESTAMP '2025-11-01'", f"TIMESTAMP '{start}'"))
    store = EventStore.open(path)
    store._connection.cursor().execute(BURST)  # noqa: SLF001  # loads faster than any way in
    store.checkpoint()
    store.close()


def measure(path: Path) -> dict[str, Any]:
    """Seconds by detection, one after the other in one process, the second time warm."""
    events = EventStore.open(path)
    scope = scope_of(events, "bench", made.END - DAYS, made.END, own_domains={"acme.example"})
    judged = events.rows(
        "SELECT count(*) FROM events WHERE occurred_at >= ?",
        [(made.END - DAYS).replace(tzinfo=None)],
    )[0][0]
    rounds = []
    found = 0
    for _ in range(2):
        seconds: dict[str, float] = {}
        found = 0
        for detection in DETECTIONS:
            begin = time.perf_counter()
            found += len(run_these(events, scope, [detection]).findings)
            seconds[detection.id] = time.perf_counter() - begin
        rounds.append(seconds)
    events.close()
    return {
        "first": rounds[0],
        "again": rounds[1],
        "findings": found,
        "judged": judged,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def main() -> None:
    """Build each store, measure it, print a table."""
    parser = argparse.ArgumentParser(description=str(__doc__).split("\n", 1)[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--days", type=int, nargs="+", default=[365, 90])
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        print(json.dumps(measure(arguments.measure)))
        return
    for size in arguments.sizes:
        for days in arguments.days:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "events.duckdb"
                build(path, size, days)
                command = [sys.executable, "-m", "benchmarks.detections", "--measure", str(path)]
                done = subprocess.run(command, check=True, capture_output=True, text=True)
                _print(size, days, json.loads(done.stdout))


def _print(size: int, days: int, found: dict[str, Any]) -> None:
    first, again = found["first"], found["again"]
    print(f"\n{size:,} events over {days} days; {found['judged']:,} in the 30 days that are judged")
    for name in first:
        print(f"  {name:26} {first[name]:8.2f} s   again {again[name]:8.2f} s")
    total = f"  {'all':26} {sum(first.values()):8.2f} s   again {sum(again.values()):8.2f} s"
    print(f"{total}   {found['findings']} findings, peak {found['peak_mb']:,.0f} MB")


if __name__ == "__main__":
    main()

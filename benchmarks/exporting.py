"""An export to a file, at each size and in each format, beside pandas writing the same events.

    python -m benchmarks.exporting --sizes 1000000 10000000 --days 30

Prints rows and megabytes a second and the peak memory; nothing is asserted about time. The events
are those of `benchmarks.store`, their raw JSON included; each measurement is made in a process of
its own, so that its memory is its own too. pandas holds what it writes, so it is asked only for
periods of at most `--pandas` events.
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
from typing import Any

from benchmarks.store import END, build
from lib.activity.exporting.event_files import ExportFormat, export
from lib.activity.model.event import COLUMNS
from lib.activity.queries.filters import Filters, condition
from lib.store import EventStore


def ours(events: EventStore, filters: Filters, form: ExportFormat, target: Path) -> int:
    """Write the events as the app does; how many."""
    with target.open("wb") as file:
        return export(events, filters, form, file)


def by_pandas(events: EventStore, filters: Filters, form: ExportFormat, target: Path) -> int:
    """Write the events out of one frame; how many."""
    where = condition(filters, "box_stream")
    frame = events.frame(
        f"SELECT {', '.join(COLUMNS)} FROM events WHERE {where.sql} ORDER BY occurred_at, event_id",  # noqa: S608
        where.parameters,
    )
    if form is ExportFormat.PARQUET:
        frame.to_parquet(target)
    elif form is ExportFormat.CSV:
        frame.to_csv(target, index=False)
    else:
        frame.to_json(target, orient="records", lines=True, date_format="iso")
    return len(frame)


def measure(path: Path, days: int, form: ExportFormat, who: str) -> dict[str, Any]:
    """One export: rows, rows and megabytes a second, and the peak memory of the process."""
    events = EventStore.open(path)
    filters = Filters("bench", END - timedelta(days=days), END)
    target = path.with_suffix(f".{form}")
    began = time.perf_counter()
    rows = (by_pandas if who == "pandas" else ours)(events, filters, form, target)
    took = time.perf_counter() - began
    size = target.stat().st_size
    target.unlink()
    events.close()
    return {
        "rows": rows,
        "per_s": rows / took,
        "mb_s": size / took / 1e6,
        "s": took,
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=str(__doc__).split("\n", 1)[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000_000])
    parser.add_argument("--days", type=int, nargs="+", default=[30, 365])
    parser.add_argument("--pandas", type=int, default=1_000_000)
    parser.add_argument("--measure", nargs=4, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.measure:
        path, days, form, who = chosen.measure
        print(json.dumps(measure(Path(path), int(days), ExportFormat(form), who)))
        return
    for n in chosen.sizes:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "events.duckdb"
            build(path, n)
            print(f"\n{n:,} events{'':12}{'rows':>12}{'rows/s':>12}{'MB/s':>8}{'s':>8}{'MB':>8}")
            for days in chosen.days:
                small = n * days / 365 <= chosen.pandas
                for form in ExportFormat:
                    for who in ("ours", "pandas") if small else ("ours",):
                        command = ["--measure", str(path), str(days), form, who]
                        answer = subprocess.run(
                            [sys.executable, "-m", "benchmarks.exporting", *command],
                            check=True,
                            capture_output=True,
                            text=True,
                        )
                        found = json.loads(answer.stdout)
                        print(
                            f"{f'{days} days, {form}, {who}':28}{found['rows']:>12,}"
                            f"{found['per_s']:>12,.0f}{found['mb_s']:>8.0f}{found['s']:>8.1f}"
                            f"{found['memory_mb']:>8.0f}",
                            flush=True,
                        )


if __name__ == "__main__":
    main()

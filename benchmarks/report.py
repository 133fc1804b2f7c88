"""A year's report, made and rendered, at each size. Prints a table, asserts nothing about time.

    python -m benchmarks.report --sizes 1000000 10000000

The events are those of `benchmarks.store`; each size is measured in a process of its own, so that
its memory is its own too. What the same questions cost elsewhere is measured by `benchmarks.store`.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.store import END, YEAR, build
from lib.activity.queries.filters import Filters
from lib.report import html as report_html
from lib.report import pdf as report_pdf
from lib.report.report import ReportScope
from lib.report.report import build as build_report
from lib.store import EventStore


def measure(path: Path) -> dict[str, Any]:
    """Seconds for each part of a year's report, its size, and the memory of the process."""
    events = EventStore.open(path)
    scope = ReportScope(Filters("bench", END - YEAR, END), "Bench", "Europe/Berlin")
    began = time.perf_counter()
    report = build_report(events, scope, now=END)
    built = time.perf_counter()
    html = report_html.render(report)
    reported = time.perf_counter()
    pdf = report_pdf.render(report)
    drawn = time.perf_counter()
    events.close()
    return {
        "questions_s": built - began,
        "html_s": reported - built,
        "pdf_s": drawn - reported,
        "html_kb": len(html) / 1000,
        "pdf_kb": len(pdf) / 1000,
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000,
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000_000])
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        print(json.dumps(measure(arguments.measure)))
        return
    for n in arguments.sizes:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "events.duckdb"
            build(path, n)
            done = subprocess.run(
                [sys.executable, "-m", "benchmarks.report", "--measure", str(path)],
                check=True,
                capture_output=True,
                text=True,
            )
        print(f"{n:>12,} events, a year")
        for name, value in json.loads(done.stdout).items():
            print(f"    {name:<12} {value:>10,.2f}")


if __name__ == "__main__":
    main()

"""A report tells apart people of one name, and the hour that comes twice in October."""

import io
from datetime import UTC, datetime
from pathlib import Path

from lib.activity.importing.importer import import_file
from lib.activity.ingest.drain import drain_all
from lib.activity.queries.filters import Filters
from lib.report.html import render
from lib.report.report import ReportScope, build
from tests.unit.activity.samples import memory_stores

CASE = Path(__file__).parents[2] / "data" / "cases" / "namesakes.jsonl"
NOW = datetime(2026, 11, 20, tzinfo=UTC)


def test_namesakes_and_the_hour_that_comes_twice_are_told_apart() -> None:
    stores = memory_stores()
    import_file(io.BytesIO(CASE.read_bytes()), "copy", stores.ledger, clock=lambda: NOW)
    drain_all(stores)
    filters = Filters(
        "copy",
        datetime(2026, 10, 24, 22, tzinfo=UTC),
        datetime(2026, 10, 25, 23, tzinfo=UTC),
        source="import",
    )
    report = build(stores.events, ReportScope(filters, "copy", "Europe/Berlin"), now=NOW)
    people = report.rankings[0].rows
    assert {row.label for row in people} == {
        "Kim Lee (kim0@example.com)",
        "Kim Lee (kim1@example.com)",
    }
    assert any("kim" in text for text in report.remarks)
    starts = [report.when(bar.start) for bar in report.bars]
    assert len(set(starts)) == len(starts) == 25
    assert "2026-10-25 02:00 +0200" in starts
    assert "2026-10-25 02:00 +0100" in starts
    assert "2026-10-25 03:00" in starts
    page = render(report).decode()
    assert "02:00 +0200" in page
    assert "02:00 +0100" in page


def test_the_hour_that_is_left_out_in_march_needs_no_offset() -> None:
    stores = memory_stores()
    filters = Filters(
        "copy",
        datetime(2026, 3, 28, 23, tzinfo=UTC),
        datetime(2026, 3, 29, 22, tzinfo=UTC),
        source="import",
    )
    report = build(stores.events, ReportScope(filters, "copy", "Europe/Berlin"), now=NOW)
    starts = [report.when(bar.start) for bar in report.bars]
    assert len(set(starts)) == len(starts)
    assert not any("+" in start for start in starts)

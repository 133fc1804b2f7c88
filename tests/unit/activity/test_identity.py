"""One action is stored once, and people and items without ids are counted like the others."""

import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from lib.activity.exporting.event_files import ExportFormat, export
from lib.activity.importing.importer import ImportResult, import_file
from lib.activity.ingest.derived_ids import PREFIX
from lib.activity.ingest.drain import drain_all
from lib.activity.ingest.renormalise import renormalise
from lib.activity.model.directory import Directory
from lib.activity.queries import period_totals, summaries
from lib.activity.queries.filters import Filters
from lib.store import Stores
from tests.unit.activity.samples import DAY, NOW, box_event, memory_stores, put_events

CASES = Path(__file__).parents[2] / "data" / "cases"
REPORT = (
    "Date,User Name,User Email,Action,Affected,Parent Folder\r\n"
    "2026-03-10 06:08:38,Ann,ann@corp.example,Downloaded,Plan.docx,Finance\r\n"
    "2026-03-10 06:09:38,Ann A.,ANN@corp.example,Downloaded,Plan.docx,Finance\r\n"
    "2026-03-10 06:10:38,Bob,,Downloaded,Plan.docx,Sales\r\n"
    "2026-03-10 06:11:38,Unknown User,,Downloaded,Sales.xlsx,\r\n"
)
CHOICE = Filters("copy", NOW - 4000 * DAY, NOW + 400 * DAY, source="import")


def brought(content: bytes, stores: Stores | None = None) -> tuple[Stores, ImportResult]:
    stores = stores or memory_stores()
    result = import_file(io.BytesIO(content), "copy", stores.ledger, clock=lambda: NOW)
    drain_all(stores)
    return stores, result


def exported(stores: Stores) -> list[dict[str, Any]]:
    file = io.BytesIO()
    export(stores.events, CHOICE, ExportFormat.JSONL, file)
    return [orjson.loads(line) for line in file.getvalue().splitlines()]


def test_people_and_items_without_ids_are_counted_and_stay_unknown_in_exports() -> None:
    stores, _ = brought(REPORT.encode())
    totals = period_totals.totals(stores.events, CHOICE, now=NOW).current
    assert (totals.events, totals.actors, totals.items) == (4, 2, 3)
    people = summaries.top(stores.events, CHOICE, "actor")
    assert list(people["events"]) == [2, 1]
    assert all(value.startswith(PREFIX) for value in people["value"])
    assert "ann" not in "".join(people["value"]).casefold()
    items = summaries.top(stores.events, CHOICE, "item")
    assert set(items["label"]) == {"Plan.docx (Finance)", "Plan.docx (Sales)", "Sales.xlsx"}
    only = Filters(
        "copy", CHOICE.since, CHOICE.until, "import", {"actor": (str(people["value"][0]),)}
    )
    assert period_totals.totals(stores.events, only, now=NOW).current.events == 2
    rows = exported(stores)
    assert [(r["actor_id"], r["item_id"], r["parent_id"]) for r in rows] == [(None,) * 3] * 4
    again, _ = brought(b"\n".join(map(orjson.dumps, rows)))
    assert exported(again) == rows


def test_derived_ids_differ_from_store_to_store() -> None:
    ids = [
        set(summaries.top(brought(REPORT.encode())[0].events, CHOICE, "actor")["value"])
        for _ in range(2)
    ]
    assert not ids[0] & ids[1]


def test_rows_of_an_earlier_version_get_ids_when_they_are_normalised_again() -> None:
    stores, _ = brought(REPORT.encode())
    kept = stores.events.rows("SELECT event_id, actor_id, item_id FROM events ORDER BY ALL")
    with stores.events.writing() as cursor:
        cursor.execute("UPDATE events SET actor_id = NULL, item_id = NULL, normaliser = 1")
        cursor.execute("UPDATE events SET ip = 'Unknown IP'")
    renormalise(stores.events, lambda _profile: Directory())
    found = stores.events.rows("SELECT event_id, actor_id, item_id FROM events ORDER BY ALL")
    assert found == kept
    assert stores.events.rows("SELECT DISTINCT ip FROM events") == [(None,)]


@pytest.mark.parametrize("later", [timedelta(0), timedelta(hours=9), 400 * DAY])
def test_one_id_at_two_times_is_a_repeat(later: timedelta) -> None:
    stores = memory_stores()
    put_events(stores, [box_event(1)])
    done = put_events(stores, [box_event(1, NOW + later), box_event(2, NOW + later)])
    assert (done.added, done.repeated) == (1, 1)
    assert stores.events.count() == 2


def test_events_without_ids_in_one_second_are_told_apart_by_target() -> None:
    content = (CASES / "ext_noids_same_second.jsonl").read_bytes()
    stores, _ = brought(content)
    assert stores.events.count() == 5
    brought(content, stores)
    assert stores.events.count() == 5


def test_unknown_ip_is_no_address_and_details_as_text_are_read() -> None:
    stores, _ = brought((CASES / "shield_and_odd_shapes.jsonl").read_bytes())
    rows = {row["event_id"][-3:]: row for row in exported(stores)}
    assert rows["301"]["ip"] is None
    found = rows["602"]
    assert (found["size_bytes"], found["service_id"], found["service_name"]) == (
        4711,
        "1",
        "Box Web",
    )
    assert json.loads(found["raw"])["additional_details"].startswith("{")


def test_two_events_ten_years_apart_are_exported() -> None:
    stores, _ = brought((CASES / "export-two-old-events.jsonl").read_bytes())
    assert [row["event_id"] for row in exported(stores)] == ["o1", "o2"]


def test_namesakes_are_told_apart_by_login() -> None:
    stores, _ = brought((CASES / "namesakes.jsonl").read_bytes())
    people = summaries.top(stores.events, CHOICE, "actor")
    assert sorted(people["label"]) == ["Kim Lee (kim0@example.com)", "Kim Lee (kim1@example.com)"]


@pytest.mark.parametrize(
    "name, types, sizes",
    [
        (
            "user-activity-en.csv",
            ["PREVIEW", "DOWNLOAD", "APPLICATION_PUBLIC_KEY_ADDED", "CONTENT_ACCESS", "DOWNLOAD"],
            [12_800, 2_097_152, None, 12_288, 12_288],
        ),
        ("user-activity-ja.csv", ["PREVIEW", "DOWNLOAD"], [12_800, 2_097_152]),
    ],
)
def test_user_activity_reports_are_understood(
    name: str, types: list[str], sizes: list[int | None]
) -> None:
    stores, result = brought((CASES / name).read_bytes())
    rows = exported(stores)
    assert [row["event_type"] for row in rows] == types
    assert [row["size_bytes"] for row in rows] == sizes
    assert [row["category"] for row in rows if row["event_type"].startswith("APP")] == (
        ["app"] if len(rows) == 5 else []
    )
    first = rows[0]
    named = ("actor_id", "actor_login", "actor_name", "item_id", "item_name", "parent_name", "ip")
    assert all(first[column] for column in named)
    assert first["ip"] == "203.0.113.7"
    assert rows[1]["ip"] is None
    before = stores.events.count()
    brought((CASES / name).read_bytes(), stores)
    assert stores.events.count() == before
    assert result.notes["times without an offset"] == len(rows)

import csv
import io
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.activity.exporting.event_files import ExportFormat, completeness, export, file_name, stream
from lib.activity.importing.importer import ImportResult, import_file
from lib.activity.ingest.drain import drain_all
from lib.activity.model.coverage import Coverage
from lib.activity.model.event import COLUMNS
from lib.activity.queries.filters import Filters
from lib.core.errors import ConfigurationError
from lib.store import Stores
from lib.store.ledger.inbox import EntryKind, NewEntry
from lib.store.spans import Span
from tests.unit.activity.samples import DAY, NOW, box_event, memory_stores, put, put_events

NASTY = ["=1+1", "+a", "-5", "@x", "\tt", "\rr", "'=x", "''-", "'plain", 'a"b,c', "a\nb", "\r\n",
         "  ", "NULL", "\u202eexe", "naïve ☃ 🦉", "\x00", "'", ";", "1e5", "007"]  # fmt: skip


def whole(source: str | None = None) -> Filters:
    return Filters("acme", NOW - 400 * DAY, NOW + DAY, source=source)


def exported(stores: Stores, form: ExportFormat, source: str | None = None) -> io.BytesIO:
    file = io.BytesIO()
    export(stores.events, whole(source), form, file)
    file.seek(0)
    return file


def rows(stores: Stores) -> list[tuple[Any, ...]]:
    return stores.events.rows(
        "SELECT * EXCLUDE (profile) FROM events ORDER BY source, occurred_at, event_id"
    )


def imported(file: io.BytesIO, profile: str = "copy") -> tuple[Stores, ImportResult]:
    stores = memory_stores()
    result = import_file(file, profile, stores.ledger, clock=lambda: NOW + DAY)
    drain_all(stores)
    return stores, result


def nasty_stores() -> Stores:
    stores = memory_stores()
    events = [
        box_event(
            n,
            at=NOW - timedelta(days=n, microseconds=n),
            source={"item_type": "file", "item_id": name, "item_name": name},
            session_id=name,
        )
        for n, name in enumerate(NASTY)
    ]
    put_events(stores, events)
    return stores


@pytest.mark.parametrize("form", list(ExportFormat))
def test_our_own_exports_come_back_as_they_were(form: ExportFormat) -> None:
    stores = nasty_stores()
    copy, result = imported(exported(stores, form))
    assert (result.rows, result.refused) == (len(NASTY), [])
    assert rows(copy) == rows(stores)
    assert copy.events.sources("copy")[0].source == "box_stream"
    stores.close()
    copy.close()


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1, max_size=5),
    st.sampled_from(ExportFormat),
)
def test_any_text_survives_every_format(names: list[str], form: ExportFormat) -> None:
    stores = memory_stores()
    put_events(
        stores,
        [
            box_event(n, source={"item_type": "file", "item_id": name})
            for n, name in enumerate(names)
        ],
    )
    copy, result = imported(exported(stores, form))
    assert result.refused == []
    assert rows(copy) == rows(stores)
    stores.close()
    copy.close()


def test_importing_an_export_twice_adds_nothing() -> None:
    stores = nasty_stores()
    file = exported(stores, ExportFormat.JSONL)
    import_file(file, "acme", stores.ledger, clock=lambda: NOW)
    again = drain_all(stores)
    assert (again.added, again.repeated) == (0, len(NASTY))
    stores.close()


def test_csv_keeps_the_order_of_the_design_and_no_cell_runs() -> None:
    stores = nasty_stores()
    text = exported(stores, ExportFormat.CSV).getvalue().decode()
    reader = csv.reader(io.StringIO(text, newline=""))
    assert next(reader) == ["csv_schema", *COLUMNS]
    cells = list(reader)
    assert {row[0] for row in cells} == {"1"}
    assert not [c for row in cells for c in row if c.startswith(("=", "+", "-", "@", "\t", "\r"))]
    times = [row[1 + COLUMNS.index("occurred_at")] for row in cells]
    assert times == sorted(times)
    assert all(datetime.fromisoformat(at).utcoffset() == timedelta(0) for at in times)
    stores.close()


def test_jsonl_lines_and_parquet_carry_every_column() -> None:
    stores = nasty_stores()
    line = json.loads(exported(stores, ExportFormat.JSONL).readline())
    assert tuple(line) == COLUMNS
    parquet = pq.ParquetFile(exported(stores, ExportFormat.PARQUET))
    assert tuple(parquet.schema_arrow.names) == COLUMNS
    assert b"box_runbook.completeness" in parquet.schema_arrow.metadata
    zone = pa.timestamp("us", tz="UTC")
    for name in ("occurred_at", "received_at"):
        assert parquet.schema_arrow.field(name).type == zone  # or other programs guess the zone
    stores.close()


def test_a_parquet_file_without_a_zone_is_taken_as_utc() -> None:
    stores = nasty_stores()
    table = pq.read_table(exported(stores, ExportFormat.PARQUET))
    naive = pa.schema(
        [f.with_type(pa.timestamp("us")) if f.name.endswith("_at") else f for f in table.schema]
    )
    file = io.BytesIO()
    pq.write_table(table.cast(naive), file)
    file.seek(0)
    copy, result = imported(file)
    assert result.refused == []
    assert rows(copy) == rows(stores)
    stores.close()
    copy.close()


def test_an_export_comes_in_pieces_and_of_one_source(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lib.activity.exporting.event_files._SORTED", 10)
    stores = memory_stores()
    for day in range(4):
        put_events(stores, [box_event(day * 10 + n, at=NOW - day * DAY) for n in range(10)])
    put_events(stores, [box_event(900)], source="box_user_stream")
    pieces = list(stream(stores.events, whole(), ExportFormat.JSONL))
    assert len(pieces) == 4
    assert sum(piece.count(b"\n") for piece in pieces) == 40
    assert exported(stores, ExportFormat.JSONL, "box_user_stream").getvalue().count(b"\n") == 1
    stores.close()


def test_an_export_of_nothing_is_a_valid_file() -> None:
    stores = memory_stores()
    assert exported(stores, ExportFormat.CSV).getvalue().startswith(b"csv_schema,event_id")
    assert exported(stores, ExportFormat.JSONL).getvalue() == b""
    assert pq.ParquetFile(exported(stores, ExportFormat.PARQUET)).metadata.num_rows == 0
    stores.close()


def test_an_export_says_what_is_not_read() -> None:
    known = Coverage("box_stream", (Span(NOW - 3 * DAY, NOW - timedelta(hours=1)),), NOW)
    filters = Filters("acme", NOW - 2 * DAY, NOW)
    assert completeness(known, filters) == "not read: 2026-03-15T11:00:00Z to 2026-03-15T12:00:00Z"
    assert file_name(filters, ExportFormat.CSV, known) == (
        "box-events-20260313-20260315-complete-to-20260315T110000Z.csv"
    )
    done = Filters("acme", NOW - 2 * DAY, NOW - DAY)
    assert completeness(known, done) == "complete to 2026-03-14T12:00:00Z"
    assert file_name(done, ExportFormat.CSV, known).endswith("-complete.csv")
    early = Filters("acme", NOW - 9 * DAY, NOW)
    assert file_name(early, ExportFormat.CSV, known).endswith("-incomplete.csv")


def lines(*values: Any) -> io.BytesIO:
    return io.BytesIO(
        b"\n".join(orjson.dumps(v) if not isinstance(v, bytes) else v for v in values)
    )


def test_raw_box_events_are_imported_as_imports_under_their_own_id() -> None:
    stores, result = imported(lines(box_event(1), box_event(2)))
    assert (result.rows, result.refused) == (2, [])
    (facts,) = stores.events.sources("copy")
    assert (facts.source, facts.events) == ("import", 2)
    ids = stores.events.rows("SELECT event_id FROM events ORDER BY 1")
    assert [i for (i,) in ids] == [box_event(1)["event_id"], box_event(2)["event_id"]]
    stores.close()


@pytest.mark.parametrize("wrap", [lambda e: {"entries": e}, lambda e: e])
def test_whole_answers_of_box_are_taken_apart(wrap: Callable[[Any], Any]) -> None:
    stores, result = imported(lines(wrap([box_event(1), box_event(2)])))
    assert result.rows == 2
    stores.close()


def test_rows_that_cannot_be_taken_are_refused_with_line_and_reason() -> None:
    file = lines(box_event(1), b"{oops", b"", b"[1]", box_event(2, created_at=None), box_event(3))
    stores, result = imported(file)
    assert result.rows == 2
    assert [(r.line, r.reason) for r in result.refused] == [
        (2, "not valid JSON"),
        (4, "not a JSON object"),
        (5, "no usable time"),
    ]
    assert stores.events.count() == 2
    assert stores.events.rows("FROM quarantine") == []
    stores.close()


OWN = {"event_id": "1", "event_type": "DOWNLOAD", "occurred_at": "2026-10-01T00:00:00Z"}


@pytest.mark.parametrize(
    "nonsense",
    [
        {"raw": "{cut"},
        {"raw": "NaN"},
        {"raw": {"event_id": "1"}},
        {"raw": 5},
        {"stream": "nonsense"},
        {"source": "box"},
        {"source": ["import"]},
        {"actor_kind": "robot"},
        {"category": "zz"},
        {"size_bytes": "many"},
        {"size_bytes": -1},
        {"size_bytes": 1.5},
        {"size_bytes": "1.5"},
        {"size_bytes": 2**63},
        {"size_bytes": "9223372036854775808"},
        {"size_bytes": True},
        {"normaliser": 2**31},
    ],
)
def test_regression_nonsense_in_our_own_columns_is_refused(nonsense: dict[str, Any]) -> None:
    stores, result = imported(lines(OWN, OWN | nonsense))
    (refused,) = result.refused
    assert refused.line == 2
    assert next(iter(nonsense)) in refused.reason
    assert (result.rows, stores.events.count()) == (1, 1)
    stores.close()


@pytest.mark.parametrize(
    "given,kept",
    [
        ({"size_bytes": 2**63 - 1}, 2**63 - 1),
        ({"size_bytes": "9223372036854775807"}, 2**63 - 1),
        ({"size_bytes": "5.6E+14"}, 560_000_000_000_000),
        ({"size_bytes": 0}, 0),
        ({"size_bytes": ""}, None),
        ({"size_bytes": None}, None),
        ({"category": "login"}, "content"),
        ({"category": ""}, "content"),
        ({"category": "login", "event_type": "OF_ANOTHER_TOOL"}, "login"),
        ({"event_type": "OF_ANOTHER_TOOL"}, "other"),
        ({"raw": '{"n": 12345678901234567890123}'}, '{"n": 12345678901234567890123}'),
    ],
)
def test_what_makes_sense_is_kept_and_a_category_follows_its_type(
    given: dict[str, Any], kept: object
) -> None:
    stores, result = imported(lines(OWN | given))
    assert result.refused == []
    name = "category" if "event_type" in given else next(iter(given))
    columns = dict(zip(COLUMNS, stores.events.rows("SELECT * FROM events")[0], strict=False))
    assert columns[name] == kept
    stores.close()


def test_a_foreign_csv_gets_made_ids_and_is_an_import() -> None:
    text = (
        "created_at,type,actor_id,item_id,source,unknown\r\n"
        "2026-03-01T00:00:00Z,DOWNLOAD,11,5,box_stream,x\r\n"
        "2026-03-01T00:00:00Z,DOWNLOAD,11,5,box_stream,y\r\n"
        "never,DOWNLOAD,11,5,,\r\n"
        "2026-03-01T00:00:01Z,=cmd,11\r\n"
        '2026-03-01T00:00:02Z,"A\r\nB",11,5,,☃☃\r\n'
    )
    bad = b"2026-03-01T00:00:03Z,\xff,11,5,,\r\n"
    stores, result = imported(io.BytesIO(text.encode() + bad))
    assert [(r.line, r.reason) for r in result.refused] == [
        (4, "no usable time"),
        (5, "3 cells instead of 6"),
        (8, "not UTF-8"),
    ]
    found = stores.events.rows(
        "SELECT event_id, source, event_type, category FROM events ORDER BY 3"
    )
    assert [row[1:] for row in found] == [
        ("import", "A\r\nB", "other"),
        ("import", "DOWNLOAD", "content"),
    ]
    assert all(row[0].startswith("x-") for row in found)
    stores.close()


def test_a_csv_of_another_schema_is_refused_row_by_row() -> None:
    stores = nasty_stores()
    text = exported(stores, ExportFormat.CSV).getvalue().replace(b"\r\n1,", b"\r\n2,")
    copy, result = imported(io.BytesIO(text))
    assert result.rows == 0
    assert len(result.refused) == len(NASTY)
    stores.close()
    copy.close()


def test_a_byte_order_mark_does_not_matter() -> None:
    stores, result = imported(io.BytesIO(b"\xef\xbb\xbf" + orjson.dumps(box_event(1))))
    assert result.rows == 1
    stores.close()


def test_an_empty_file_has_no_rows() -> None:
    stores, result = imported(io.BytesIO(b" \n"))
    assert (result.rows, result.refused) == (0, [])
    stores.close()


@pytest.mark.parametrize(
    "content",
    [b"\x89PNG\r\n\x00\x00", b"a,b\r\n1,2\r\n", b"PAR1nothing", "x".encode("utf-16"), b"[oops"],
)
def test_what_is_no_export_is_refused_with_a_fix(content: bytes) -> None:
    stores = memory_stores()
    with pytest.raises(ConfigurationError) as caught:
        import_file(io.BytesIO(content), "acme", stores.ledger, clock=lambda: NOW)
    assert "CSV" in caught.value.fix
    (run,) = stores.ledger.runs("acme")
    assert run.state == "failed"
    stores.close()


def test_all_five_sources_are_exported_and_imported_apart() -> None:
    stores = memory_stores()
    put_events(stores, [box_event(1)])
    put_events(stores, [box_event(2)], source="box_user_stream")
    put_events(stores, [box_event(3)], source="import")
    delivery = {"id": "d", "trigger": "FILE.UPLOADED", "created_at": NOW.isoformat()}
    put(stores, NewEntry(EntryKind.DELIVERY, "acme", "box_webhook", orjson.dumps(delivery), NOW))
    activity = orjson.dumps(
        {"objects": [{"type": "add", "modified": NOW.isoformat(), "account": 7}]}
    )
    put(stores, NewEntry(EntryKind.PAGE, "acme", "kloudless", activity, NOW))
    copy = memory_stores()
    for facts in stores.events.sources("acme"):
        file = exported(stores, ExportFormat.CSV, facts.source)
        assert import_file(file, "acme", copy.ledger, clock=lambda: NOW).rows == 1
    drain_all(copy)
    assert rows(copy) == rows(stores)
    assert len(rows(copy)) == 5
    stores.close()
    copy.close()

"""Files of other programs: whatever is in them, each row is taken or refused with a reason."""

import csv
import io
import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.activity.importing.column_mapping import matched
from lib.activity.importing.importer import ImportOptions, ImportResult, examine, import_file
from lib.activity.importing.times import Dates, order_of, parse_time
from lib.activity.ingest.drain import drain_all
from lib.activity.ingest.json_values import to_datetime
from lib.core.errors import ConfigurationError
from lib.store import Stores
from tests.unit.activity.samples import DAY, NOW, box_event, memory_stores

REPORT = (
    "Date,User Name,User Email,IP Address,Action,Affected,Parent Folder,Size,Shared Link\r\n"
    "11/17/2025 3:19:34 PM,Ada,ada@acme.test,203.0.113.7,Downloaded,Q1.pdf,Finance,1024,\r\n"
    '11/17/2025 3:19:34 PM,Ada,ada@acme.test,203.0.113.7,Downloaded,Q2.pdf,Finance,"1,024",\r\n'
    "11/18/2025 9:00:00 AM,Olu,olu@acme.test,Unknown IP,Signed a pact,Q1.pdf,Finance,,https://x\r\n"
    "soon,Olu,olu@acme.test,,Downloaded,Q1.pdf,Finance,,\r\n"
)  # fmt: skip


def brought(
    content: bytes, options: ImportOptions | None = None, stores: Stores | None = None
) -> tuple[Stores, ImportResult]:
    stores = stores or memory_stores()
    result = import_file(
        io.BytesIO(content), "copy", stores.ledger, clock=lambda: NOW + DAY, options=options
    )
    drain_all(stores)
    return stores, result


def test_a_report_is_understood_by_its_headers_and_every_cell_is_kept() -> None:
    stores, result = brought(REPORT.encode())
    assert (result.rows, result.refused_count, result.repeated) == (3, 1, 0)
    assert [(r.line, r.reason) for r in result.refused] == [(5, "no usable time")]
    assert result.words == {("Downloaded", "DOWNLOAD"): 2, ("Signed a pact", "Signed a pact"): 1}
    assert result.columns is not None
    pairs = zip(result.columns.headers, result.columns.taken, strict=True)
    assert [header for header, taken in pairs if taken is None] == ["Shared Link"]
    found = stores.events.rows(
        "SELECT occurred_at, event_type, category, actor_login, item_name, parent_name, size_bytes,"
        " source, raw FROM events ORDER BY occurred_at, item_name"
    )
    assert [row[1:8] for row in found] == [
        ("DOWNLOAD", "content", "ada@acme.test", "Q1.pdf", "Finance", 1024, "import"),
        ("DOWNLOAD", "content", "ada@acme.test", "Q2.pdf", "Finance", 1024, "import"),
        ("Signed a pact", "other", "olu@acme.test", "Q1.pdf", "Finance", None, "import"),
    ]
    assert found[0][0] == datetime(2025, 11, 17, 15, 19, 34)  # noqa: DTZ001  # as it is stored
    assert json.loads(found[2][8])["imported_row"]["Shared Link"] == "https://x"
    stores.close()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_letters_and_separators_are_reported_by_the_content(encoding: str, separator: str) -> None:
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=separator)
    writer.writerow(["Date", "Action", "User Name"])
    writer.writerow(["2025-11-17 15:19", "Uploaded", "Jürgen Grün"])
    stores, result = brought(file.getvalue().encode(encoding))
    assert (result.rows, result.refused) == (1, [])
    assert stores.events.rows("SELECT actor_name FROM events") == [("Jürgen Grün",)]
    stores.close()


def test_the_same_file_twice_changes_nothing() -> None:
    stores, _ = brought(REPORT.encode())
    before = stores.events.rows("SELECT * FROM events ORDER BY ALL")
    brought(REPORT.encode(), stores=stores)
    assert stores.events.rows("SELECT * FROM events ORDER BY ALL") == before
    stores.close()


def test_times_without_an_offset_are_in_the_zone_that_was_said() -> None:
    options = ImportOptions(timezone="America/New_York")
    stores, result = brought(REPORT.encode(), options)
    assert result.oldest == datetime(2025, 11, 17, 20, 19, 34, tzinfo=UTC)
    assert result.notes["times without an offset"] == 3
    stores.close()


def test_a_person_can_say_what_a_column_is() -> None:
    text = b"Moment,Deed,Who\r\n2025-11-17,Downloaded,Ada\r\n"
    looked = examine(io.BytesIO(text), clock=lambda: NOW)
    assert looked.columns is not None
    assert looked.columns.missing == ("occurred_at", "event_type")
    with pytest.raises(ConfigurationError, match="can't be imported") as caught:
        brought(text)
    assert "Moment, Deed, Who" in caught.value.cause
    said = ImportOptions({"Moment": "occurred_at", "Deed": "event_type", "Who": "actor_name"})
    stores, result = brought(text, said)
    assert result.rows == 1
    stores.close()
    for wrong in ({"Nothing": "ip"}, {"Deed": "no_such_column"}, {"Deed": "source"}):
        with pytest.raises(ConfigurationError):
            brought(text, ImportOptions(wrong))


def test_a_column_that_was_left_out_is_not_taken_by_its_name() -> None:
    found = matched(["Date", "Action", "User Email"], {"User Email": None})
    assert found.taken == ("occurred_at", "event_type", None)


def test_lines_above_the_header_are_counted() -> None:
    stores, result = brought(b"A report\r\n,,\r\n" + REPORT.encode())
    assert (result.rows, result.above) == (3, 2)
    assert result.refused[0].line == 7
    stores.close()


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("paged", [False, True])
def test_json_of_the_command_line_is_taken_apart(indent: int | None, paged: bool) -> None:  # noqa: FBT001
    events = [box_event(1), box_event(2, created_at=None), box_event(3)]
    value: Any = {"chunk_size": 3, "entries": events, "next": "1"} if paged else events
    stores, result = brought(json.dumps(value, indent=indent).encode("utf-16"))
    assert (result.rows, result.problems) == (2, {"no usable time": 1})
    if indent:
        line = next(
            n
            for n, text in enumerate(json.dumps(value, indent=indent).split("\n"), start=1)
            if events[1]["event_id"] in text
        )
        assert result.refused[0].line == line - 2  # the line of its bracket
    stores.close()


def test_pages_one_after_another_are_read_past_a_broken_one() -> None:
    pages = [json.dumps({"entries": [box_event(n)]}, indent=1) for n in range(3)]
    broken = pages[1][: len(pages[1]) // 2]
    stores, result = brought("\n".join([pages[0], broken, pages[2]]).encode())
    assert (result.rows, result.refused_count) == (2, 1)
    assert "not valid JSON" in result.refused[0].reason
    stores.close()


def test_a_dry_run_says_what_an_import_does() -> None:
    for content in (REPORT.encode(), json.dumps([box_event(1), box_event(1), 7]).encode()):
        looked = examine(io.BytesIO(content), clock=lambda: NOW)
        stores, done = brought(content)
        assert (looked.rows, looked.refused, looked.types) == (done.rows, done.refused, done.types)
        assert stores.events.count() == looked.rows - (looked.repeated or 0)
        stores.close()


@pytest.mark.parametrize(
    "text,expected",
    [
        ("11/17/2025 3:19:34 PM", "2025-11-17T15:19:34"),
        ("11/17/2025, 12:05 am", "2025-11-17T00:05:00"),
        ("17 Nov 2025 15:19", "2025-11-17T15:19:00"),
        ("Mon, Nov 17th, 2025 15:19", "2025-11-17T15:19:00"),
        ("2025/11/17 15:19", "2025-11-17T15:19:00"),
        ("2025-11-17T15:19:34+01:00", "2025-11-17T14:19:34"),
        ("11/17/2025 15:19 PST", "2025-11-17T23:19:00"),
        ("11/17/2025 15:19 +0530", "2025-11-17T09:49:00"),
        ("1763392774", "2025-11-17T15:19:34"),
        ("13:61", None),
        ("11/17/2025 15:19 XYZ", None),
        ("13/17/2025", None),
        ("11/17/2025 13:00 PM", None),
        ("0001-01-01", None),
        ("", None),
    ],
)
def test_times_as_people_write_them(text: str, expected: str | None) -> None:
    found = parse_time(text, UTC, Dates.MONTH_FIRST)
    shown = None if found is None else to_datetime(found[0]).replace(tzinfo=None).isoformat()
    assert shown == expected


def test_the_order_of_dates_is_decided_by_a_part_above_12() -> None:
    assert order_of(["01/02/2025", "17/11/2025"]).dates is Dates.DAY_FIRST
    assert order_of(["01/02/2025", "11/17/2025"]).sure
    assert not order_of(["01/02/2025"]).sure
    assert order_of(["2025-01-02"]).sure


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=40), st.sampled_from(["UTC", "Pacific/Apia", "Europe/Berlin"]))
def test_no_text_breaks_the_reading_of_times(text: str, zone: str) -> None:
    parse_time(text, ZoneInfo(zone), Dates.DAY_FIRST)


CELL = st.text(max_size=12) | st.sampled_from(
    ["2025-01-02 10:00", "DOWNLOAD", '"', "\r", "\x00", "=1", "1e999", "9" * 30, "\ufeff"]
)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.lists(CELL, max_size=5), max_size=6),
    st.sampled_from(["utf-8", "utf-16", "utf-8-sig"]),
    st.sampled_from([",", ";", "\t"]),
)
def test_every_row_of_a_hostile_csv_is_taken_or_refused(
    rows: list[list[str]], encoding: str, separator: str
) -> None:
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=separator)
    writer.writerow(["Date", "Action", "Size", "IP Address"])
    writer.writerows(rows)
    result = examine(io.BytesIO(file.getvalue().encode(encoding, "replace")), clock=lambda: NOW)
    # a line without any cell is no row
    assert result.rows + result.refused_count == sum(1 for row in rows if row)
    assert sum(result.problems.values()) == result.refused_count


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["event_type", "created_at", "source", "created_by", "event_id", "x"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


@settings(max_examples=80, deadline=None)
@given(st.lists(JSON, max_size=5), st.booleans(), st.sampled_from([None, 1]))
def test_every_element_of_hostile_json_is_taken_or_refused(
    values: list[Any],
    paged: bool,  # noqa: FBT001
    indent: int | None,
) -> None:
    events = [*values, box_event(1)]
    whole: Any = {"entries": events} if paged else events
    result = examine(io.BytesIO(json.dumps(whole, indent=indent).encode()), clock=lambda: NOW)
    assert result.rows + result.refused_count == len(events)
    assert result.types["DOWNLOAD"] >= 1


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda t: t.encode("utf-8", "replace")))
def test_any_bytes_are_an_import_or_a_clear_refusal(content: bytes) -> None:
    for start in (b"", b"[", b"{", b"Date,Action\r\n", b"PAR1", b'{"entries": ['):
        with suppress(ConfigurationError):
            examine(io.BytesIO(start + content), clock=lambda: NOW)


def test_a_jsonl_line_that_breaks_off_does_not_take_the_next_with_it() -> None:
    body = orjson.dumps(box_event(1))
    stores, result = brought(b"{oops\n" + body + b"\n" + body[:40] + b"\n")
    assert (result.rows, result.refused_count) == (1, 2)
    stores.close()

from datetime import UTC, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.activity.ingest.drain import collect, drain, drain_all
from lib.activity.model.directory import ledger_directories
from lib.store import EventStore, Ledger, Stores
from lib.store.ledger.inbox import EntryKind, NewEntry
from lib.store.ledger.inbox_records import Progress
from lib.store.ledger.records import KnownPerson
from lib.store.spans import Span
from lib.store.times import naive_utc
from tests.unit.activity.samples import (
    DAY,
    NOW,
    box_event,
    marker,
    memory_stores,
    page_entry,
    put,
    put_events,
)


def test_a_run_is_counted_event_by_event() -> None:
    stores = memory_stores()
    put_events(stores, [box_event(1)])
    run = stores.ledger.begin_run(kind="sync", profile="acme", source="box_stream", at=NOW)
    page = page_entry([box_event(1), box_event(2), box_event(2), {"odd": 1}])
    stores.ledger.inbox.acknowledge([page], run_id=run, progress=Progress(4))
    result = drain(stores)
    assert (result.added, result.repeated, result.quarantined) == (1, 2, 1)
    found = stores.ledger.run(run)
    assert found is not None
    assert (found.read, found.added, found.repeated, found.quarantined, found.pending) == (
        4,
        1,
        2,
        1,
        0,
    )
    stores.close()


@pytest.mark.parametrize("body", [b"not json", b'{"entries": 7}', b"\xff\xfe", b""])
def test_what_is_no_page_goes_to_quarantine_and_blocks_nothing(body: bytes) -> None:
    stores = memory_stores()
    bad = NewEntry(EntryKind.PAGE, "acme", "box_stream", body, NOW, stream="admin_logs")
    result = put(stores, bad, page_entry([box_event(1)]))
    assert (result.added, result.quarantined) == (1, 1)
    assert stores.events.rows(
        "SELECT raw, stream, received_at FROM quarantine WHERE profile = 'acme'"
    ) == [(body, "admin_logs", naive_utc(NOW))]
    assert stores.events.quarantine_counts("acme")[0][1] == 1
    stores.close()


def test_coverage_is_claimed_with_the_events_before_it_and_not_earlier() -> None:
    stores = memory_stores()
    entries = [page_entry([box_event(1)]), marker(NOW - DAY, NOW), page_entry([box_event(2)])]
    stores.ledger.inbox.acknowledge(entries)
    drain(stores, max_pages=1)
    assert stores.events.coverage("acme", "box_stream") == []
    drain(stores, max_pages=1)
    assert stores.events.coverage("acme", "box_stream") == [Span(NOW - DAY, NOW, NOW)]
    assert stores.events.count() == 1
    stores.close()


def test_regression_a_crash_between_the_two_stores_repeats_nothing(tmp_path: Path) -> None:
    url, path = f"sqlite:///{tmp_path / 'l.sqlite'}", tmp_path / "e.duckdb"
    ledger, events = Ledger.open(url), EventStore.open(path)
    run = ledger.begin_run(kind="sync", profile="acme", source="box_stream", at=NOW)
    page = page_entry([box_event(1), box_event(2), {"odd": 1}])
    ledger.inbox.acknowledge([page, marker(NOW - DAY, NOW)], run_id=run)
    # the event store commits, and the process dies before the ledger hears of it
    events.commit(collect(ledger.inbox.take(9), ledger_directories(ledger)))
    events.close()
    ledger.close()
    stores = Stores(Ledger.open(url), EventStore.open(path))
    result = drain_all(stores)
    assert (result.added, result.repeated, result.quarantined) == (2, 0, 1)
    assert stores.events.count() == 2
    assert len(stores.events.rows("FROM quarantine")) == 1
    found = stores.ledger.run(run)
    assert found is not None
    assert (found.added, found.repeated, found.quarantined, found.pending) == (2, 0, 1, 0)
    stores.close()


def test_a_crash_before_the_event_store_commits_loses_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'l.sqlite'}"
    ledger = Ledger.open(url)
    ledger.inbox.acknowledge([page_entry([box_event(1)])])
    collect(ledger.inbox.take(9), ledger_directories(ledger))
    ledger.close()
    stores = Stores(Ledger.open(url), EventStore.open(":memory:"))
    assert drain_all(stores).added == 1
    stores.close()


def test_a_ledger_begun_anew_is_not_mistaken_for_the_old_one(tmp_path: Path) -> None:
    events = EventStore.open(tmp_path / "e.duckdb")
    first = Stores(Ledger.in_memory(), events)
    put(first, page_entry([box_event(1)]))
    second = Stores(Ledger.in_memory(), events)
    late = NewEntry(
        EntryKind.PAGE, "acme", "box_stream", page_entry([box_event(2)]).body, NOW + DAY
    )
    assert put(second, late).added == 1
    second.close()


def test_kinds_follow_the_directory_known_when_drained() -> None:
    stores = memory_stores()
    put_events(stores, [box_event(1)])
    stores.ledger.remember_people("acme", [KnownPerson("11", None, None, "managed")], NOW)
    put_events(stores, [box_event(2)])
    put_events(stores, [box_event(2)], profile="other")
    found = stores.events.rows("SELECT actor_kind FROM events ORDER BY profile, event_id")
    assert found == [("unknown",), ("managed",), ("unknown",)]
    stores.close()


EVENTS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 3)), max_size=40)


@settings(max_examples=10, deadline=None)
@given(st.lists(EVENTS, max_size=5), st.integers(1, 3))
def test_every_event_is_kept_exactly_once_however_it_is_paged(
    pages: list[list[tuple[int, int]]], max_pages: int
) -> None:
    stores = memory_stores()
    for page in pages:
        events = [box_event(n, at=NOW - timedelta(minutes=n)) for n, _ in page]
        stores.ledger.inbox.acknowledge([page_entry(events)])
    result = drain_all(stores, max_pages=max_pages)
    distinct = {number for page in pages for number, _ in page}
    assert stores.events.count() == len(distinct) == result.added
    assert result.added + result.repeated == sum(map(len, pages))
    existing = stores.events.rows("SELECT occurred_at FROM events ORDER BY 1 DESC")
    assert [at.replace(tzinfo=UTC) for (at,) in existing] == [
        NOW - timedelta(minutes=n) for n in sorted(distinct)
    ]
    stores.close()


def test_a_row_that_cannot_be_used_is_set_aside_once_and_then_a_repeat() -> None:
    stores = memory_stores()
    bad = {"event_id": "bad", "event_type": "UPLOAD"}
    assert put_events(stores, [bad, bad]).quarantined == 1
    again = put_events(stores, [bad])
    assert (again.quarantined, again.repeated) == (0, 1)
    assert sum(n for _, n in stores.events.quarantine_counts("acme")) == 1
    stores.close()

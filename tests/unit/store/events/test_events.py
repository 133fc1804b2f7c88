import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from lib.activity.ingest.drain import collect, table
from lib.activity.model.directory import ledger_directories
from lib.core.errors import StoreError, Who
from lib.store import EventStore, session_stores
from lib.store.events.batch import Covered, EventBatch, Quarantined
from lib.store.events.retention import Rule, drop
from lib.store.events.schema import COLUMNS, KEYS
from lib.store.ledger.reading_runs import Counts
from lib.store.spans import Span
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


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "events.duckdb"


@pytest.fixture
def store(path: Path) -> Iterator[EventStore]:
    opened = EventStore.open(path)
    yield opened
    opened.close()


def empty_batch(**changes: object) -> EventBatch:
    return EventBatch(
        **{"events": table([]), "entries": [], "counts": {}, "received": {}, **changes}
    )


def test_a_store_opened_again_holds_what_was_committed(path: Path) -> None:
    first = EventStore.open(path)
    first.commit(empty_batch(covered=[Covered("acme", "box_stream", Span(NOW - DAY, NOW, NOW))]))
    first.close()
    second = EventStore.open(path)
    assert second.coverage("acme", "box_stream") == [Span(NOW - DAY, NOW, NOW)]
    second.close()


def test_columns_are_those_of_the_design_in_order(store: EventStore) -> None:
    found = store.rows("SELECT column_name FROM duckdb_columns() WHERE table_name = 'events'")
    assert [name for (name,) in found] == [*COLUMNS, *KEYS]


def test_pin_raw_is_compressed_with_zstd(path: Path) -> None:
    store = EventStore.open(path)
    stores = memory_stores()
    entry = page_entry([box_event(n) for n in range(3000)])
    stores.ledger.inbox.acknowledge([entry])
    store.commit(collect(stores.ledger.inbox.take(1), ledger_directories(stores.ledger)))
    store.checkpoint()
    found = store.rows(
        "SELECT DISTINCT compression FROM pragma_storage_info('events')"
        " WHERE column_name = 'raw' AND segment_type = 'VARCHAR'"
    )
    assert ("ZSTD",) in found
    store.close()
    stores.close()


def test_a_second_process_is_reported_who_has_the_file_open(path: Path, store: EventStore) -> None:
    code = (
        "import sys; from lib.core.errors import StoreError\n"
        "from lib.store import EventStore\n"
        "try: EventStore.open(sys.argv[1])\n"
        "except StoreError as error: print(error.message, error.who)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
    )
    assert "Another process has the event store open" in answer.stdout
    assert store.count() == 0


def test_a_file_that_is_no_store_is_explained(path: Path) -> None:
    path.write_bytes(b"nothing of the kind" * 1000)
    with pytest.raises(StoreError) as caught:
        EventStore.open(path)
    assert caught.value.who is Who.YOU
    assert str(path.parent) not in caught.value.message + caught.value.cause + caught.value.fix


def test_a_store_of_a_newer_version_is_refused(path: Path) -> None:
    EventStore.open(path).close()
    with duckdb.connect(str(path)) as connection:
        connection.execute("UPDATE meta SET value = '99'")
    with pytest.raises(StoreError, match="newer version"):
        EventStore.open(path)


def test_an_event_is_kept_once_whatever_batch_it_comes_in() -> None:
    stores = memory_stores()
    assert put_events(stores, [box_event(1), box_event(2), box_event(1)]).added == 2
    again = put_events(stores, [box_event(2), box_event(3)])
    assert (again.added, again.repeated) == (1, 1)
    assert stores.events.count() == 3
    stores.close()


def test_two_profiles_on_one_enterprise_both_have_every_event() -> None:
    stores = memory_stores()
    for profile in ("one", "two"):
        put_events(stores, [box_event(1), box_event(2)], profile=profile)
    assert [facts.events for p in ("one", "two") for facts in stores.events.sources(p)] == [2, 2]
    stores.close()


def test_the_same_id_from_two_sources_is_two_events() -> None:
    stores = memory_stores()
    put_events(stores, [box_event(1)])
    put_events(stores, [box_event(1)], source="box_user_stream")
    assert {s.source: s.events for s in stores.events.sources("acme")} == {
        "box_stream": 1,
        "box_user_stream": 1,
    }
    stores.close()


def test_source_facts_survive_being_folded() -> None:
    stores = memory_stores()
    for number in range(70):  # two events a time, so that events and commits aren't the same
        first, second = 2 * number, 2 * number + 1
        put_events(stores, [box_event(n, at=NOW - timedelta(minutes=n)) for n in (first, second)])
    (facts,) = stores.events.sources("acme")
    assert (facts.events, facts.newest) == (140, NOW)
    assert facts.oldest == NOW - timedelta(minutes=139)
    assert stores.events.count() == 140
    assert stores.events.rows("SELECT count(*) < 20 FROM sources") == [(True,)]
    stores.close()


def test_a_folder_that_is_missing_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    EventStore.open(folder / "events.duckdb").close()
    assert folder.stat().st_mode & 0o777 == 0o700


def test_only_the_entries_of_the_last_commit_are_remembered_as_applied() -> None:
    stores = memory_stores()
    for number in (1, 2):
        stores.events.commit(empty_batch(received={number: NOW}, counts={number: Counts(added=3)}))
    assert stores.events.applied() == {(2, NOW): Counts(added=3)}
    stores.close()


def test_quarantine_is_counted_by_reason_and_profile() -> None:
    stores = memory_stores()
    rows = [
        Quarantined(
            profile, "box_stream", "admin_logs", NOW + n * DAY, n, f"reason {n % 2}", b"{%d" % n
        )
        for n, profile in enumerate(("acme", "acme", "other", "acme"))
    ]
    stores.events.commit(empty_batch(quarantined=rows))
    assert stores.events.quarantine_counts("acme") == [("reason 1", 2), ("reason 0", 1)]
    assert stores.events.quarantine_counts("acme", [0, 3]) == [("reason 0", 1), ("reason 1", 1)]
    stores.close()


def test_what_is_covered_is_told_of_one_profile() -> None:
    stores = memory_stores()
    span = Span(NOW - DAY, NOW, NOW)
    spans = [
        Covered(profile, source, span, part)
        for profile, source, part in (
            ("acme", "kloudless", "b"), ("acme", "kloudless", "a"), ("acme", "box_stream", ""),
            ("other", "import", ""),
        )
    ]  # fmt: skip
    stores.events.commit(empty_batch(covered=spans))
    assert stores.events.covered_filters("acme") == [
        ("box_stream", ""),
        ("kloudless", "a"),
        ("kloudless", "b"),
    ]
    stores.close()


def test_what_is_covered_is_joined_with_its_own_kind_alone() -> None:
    stores = memory_stores()

    def span(start: int, end: int, read: int | None = None) -> Span:
        return Span(NOW + start * DAY, NOW + end * DAY, None if read is None else NOW + read * DAY)

    for key, covered in (
        (("acme", "box_stream"), span(0, 1, 7)),
        (("other", "box_stream"), span(5, 6, 8)),
        (("acme", "kloudless"), span(5, 6)),
        (("acme", "box_stream"), span(1, 2, 9)),
    ):
        stores.events.commit(empty_batch(covered=[Covered(*key, covered)]))
    assert stores.events.coverage("other", "box_stream") == [span(5, 6, 8)]
    assert stores.events.coverage("acme", "kloudless") == [span(5, 6, 6)]
    (joined,) = stores.events.coverage("acme", "box_stream")
    assert (joined.start, joined.end) == (NOW, NOW + 2 * DAY)
    stores.close()


@pytest.mark.parametrize(
    "error, message",
    [
        (duckdb.IOException("Could not set lock on file"), "Another process has"),
        (duckdb.IOException("Conflicting lock is held"), "Another process has"),
        (duckdb.IOException("a lock of another kind"), "can't be opened"),
        (duckdb.IOException("Conflicting versions"), "can't be opened"),
        (duckdb.SerializationException("odd bytes"), "can't be opened"),
        (duckdb.OutOfMemoryException("too much"), "ran out of memory"),
        (duckdb.BinderException("no such column"), "The event store failed"),
    ],
)
def test_a_fault_of_the_engine_is_told_by_its_kind(error: duckdb.Error, message: str) -> None:
    stores = memory_stores()
    with pytest.raises(StoreError, match=message), stores.events.writing():
        raise error
    stores.close()


def test_a_source_of_which_nothing_is_left_is_none() -> None:
    stores = memory_stores()
    put_events(stores, [box_event(1)])
    while drop(stores.events, Rule("acme", "box_stream", NOW + DAY)):
        pass
    with stores.events.writing() as cursor:
        cursor.execute("INSERT INTO sources VALUES ('acme', 'import', 0, ?, ?)", [NOW, NOW])
    assert stores.events.sources("acme") == []
    stores.close()


def test_deleting_a_profile_leaves_the_others() -> None:
    stores = memory_stores()
    for profile in ("acme", "other"):
        put_events(stores, [box_event(1)], profile=profile)
    put(stores, marker(NOW - DAY, NOW))
    stores.delete_profile("acme")
    assert stores.events.sources("acme") == []
    assert stores.events.coverage("acme", "box_stream") == []
    assert stores.events.count() == 1
    stores.close()


def test_readers_of_many_threads_and_a_writer_get_along() -> None:
    stores = memory_stores()
    failed: list[Exception] = []
    done = threading.Event()

    def read() -> None:
        try:
            while not done.is_set():
                stores.events.frame("SELECT event_type, count(*) FROM events GROUP BY ALL")
        except StoreError as error:
            failed.append(error)

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(15):
        put_events(stores, [box_event(number)])
    done.set()
    for thread in threads:
        thread.join(60)
    assert failed == []
    assert stores.events.count() == 15
    stores.close()


def test_a_batch_that_fails_leaves_nothing_behind() -> None:
    stores = memory_stores()
    bad = empty_batch(covered=[Covered("acme", "box_stream", Span(NOW, NOW + DAY, NOW))])
    bad.events = table([]).append_column("odd", [[]])
    bad.received = {1: None}  # type: ignore[dict-item]
    with pytest.raises((StoreError, AttributeError)):
        stores.events.commit(bad)
    assert stores.events.coverage("acme", "box_stream") == []
    put_events(stores, [box_event(1)])
    assert stores.events.count() == 1
    stores.close()


def test_a_session_holds_as_many_events_as_it_says_and_claims_no_more() -> None:
    stores = session_stores(row_limit=3)
    put(stores, page_entry([box_event(n) for n in range(2)]), marker(NOW - DAY, NOW))
    put(stores, page_entry([box_event(n) for n in range(2, 9)]), marker(NOW - 9 * DAY, NOW - DAY))
    assert stores.events.count() == 3
    assert stores.events.overflowed == 6
    assert stores.events.coverage("acme", "box_stream") == [Span(NOW - DAY, NOW, NOW)]
    stores.close()


def test_a_session_writes_nothing_to_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    stores = session_stores()
    put_events(stores, [box_event(n) for n in range(100)])
    stores.events.frame("SELECT * FROM events ORDER BY raw")
    assert stores.events.rows("SELECT current_setting('temp_directory')") == [("",)]
    stores.close()
    assert list(tmp_path.iterdir()) == []

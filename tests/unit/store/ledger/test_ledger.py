import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from lib.core.errors import StoreError
from lib.store import Ledger
from lib.store.ledger.inbox import EntryKind, NewEntry, Position, pack, unpack
from lib.store.ledger.inbox_records import Progress, ReadSpan
from lib.store.ledger.reading_runs import Counts, RunState
from lib.store.ledger.records import AuditEntry, KnownPerson
from lib.store.spans import Span
from tests.unit.activity.samples import DAY, NOW, box_event, page_entry

HUGE_POSITION = "11529229762522908863"


@pytest.fixture(params=["file", "memory"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    opened = (
        Ledger.in_memory()
        if request.param == "memory"
        else Ledger.open(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    )
    yield opened
    opened.close()


def position(text: str, *, filter_: str = "") -> Position:
    return Position("acme", "box_stream", "admin_logs", filter_, text, NOW)


def test_a_page_comes_back_byte_for_byte_with_its_position(ledger: Ledger) -> None:
    entry = page_entry([box_event()])
    ledger.inbox.acknowledge([entry], position=position(HUGE_POSITION))
    (taken,) = ledger.inbox.take(10)
    assert taken.body == entry.body
    assert taken.received_at == NOW
    stored = ledger.inbox.position("acme", "box_stream", "admin_logs")
    assert stored == position(HUGE_POSITION)


def test_regression_position_above_2_53_survives(ledger: Ledger) -> None:
    ledger.inbox.acknowledge(position=position("1152922976252290886"))
    stored = ledger.inbox.position("acme", "box_stream", "admin_logs")
    assert stored is not None
    assert stored.position == "1152922976252290886"


def test_page_and_position_are_kept_together_or_not_at_all(ledger: Ledger) -> None:
    broken = NewEntry(EntryKind.PAGE, "acme", "box_stream", b"{}", NOW.replace(tzinfo=None))
    with pytest.raises(StoreError):
        ledger.inbox.acknowledge([page_entry([]), broken], position=position("7"))
    assert ledger.inbox.waiting() == 0
    assert ledger.inbox.position("acme", "box_stream", "admin_logs") is None


def test_entries_are_taken_in_order_and_stay_until_they_are_drained(ledger: Ledger) -> None:
    for number in range(5):
        ledger.inbox.acknowledge([page_entry([box_event(number)])])
    first = ledger.inbox.take(3)
    assert [entry.id for entry in first] == sorted(entry.id for entry in first)
    assert ledger.inbox.take(3) == first
    ledger.inbox.drained([entry.id for entry in first], {}, "1:a")
    assert ledger.inbox.waiting() == 2
    assert ledger.inbox.take(10)[0].id > first[-1].id


def test_a_large_body_is_taken_alone(ledger: Ledger) -> None:
    for _ in range(3):
        ledger.inbox.acknowledge([page_entry([box_event()])])
    assert len(ledger.inbox.take(3, max_bytes=1)) == 1


def test_positions_of_windows_and_accounts_are_kept_apart(ledger: Ledger) -> None:
    ledger.inbox.acknowledge(position=position("1", filter_="a"))
    ledger.inbox.acknowledge(position=position("2", filter_="b"))
    ledger.inbox.acknowledge(position=position("3", filter_="b"))
    stored = ledger.inbox.positions("acme", "box_stream", "admin_logs")
    assert {p.filter: p.position for p in stored} == {"a": "1", "b": "3"}
    ledger.inbox.acknowledge(forget=position("", filter_="a"))
    assert len(ledger.inbox.positions("acme", "box_stream", "admin_logs")) == 1


def test_spans_that_were_read_are_joined(ledger: Ledger) -> None:
    for start in (0, 2, 1):
        span = Span(NOW + start * DAY, NOW + (start + 1) * DAY, NOW)
        ledger.inbox.acknowledge(read=ReadSpan("acme", "box_stream", span))
    assert ledger.inbox.reads("acme", "box_stream") == [Span(NOW, NOW + 3 * DAY, NOW)]
    assert ledger.inbox.reads("acme", "kloudless") == []


def test_a_run_counts_what_was_read_and_what_became_of_it(ledger: Ledger) -> None:
    run = ledger.begin_run(kind="sync", profile="acme", source="box_stream", at=NOW)
    for oldest in (NOW - DAY, NOW - 2 * DAY):
        progress = Progress(2, 1, oldest, oldest + timedelta(hours=1))
        ledger.inbox.acknowledge(
            [page_entry([box_event()])], position=position("9"), run_id=run, progress=progress
        )
    found = ledger.run(run)
    assert found is not None
    assert (found.read, found.pages, found.pending, found.position) == (4, 2, 2, "9")
    assert (found.oldest, found.newest) == (NOW - 2 * DAY, NOW - DAY + timedelta(hours=1))
    ids = [entry.id for entry in ledger.inbox.take(10)]
    ledger.inbox.drained(ids, {run: Counts(1, 2, 3)}, "1:a")
    ledger.finish_run(run, state=RunState.DONE, at=NOW, error="token=abcdefgh")
    found = ledger.run(run)
    assert found is not None
    assert (found.added, found.repeated, found.quarantined, found.pending) == (1, 2, 3, 0)
    assert "abcdefgh" not in str(found.error)
    assert [r.id for r in ledger.runs("acme")] == [run]
    assert ledger.runs("other") == []


def test_people_are_kept_up_to_date(ledger: Ledger) -> None:
    ledger.remember_people("acme", [KnownPerson("1", "a@b", "A", "managed")], NOW)
    before = ledger.people_version("acme")
    ledger.remember_people("acme", [KnownPerson("1", "a@c", "A", "external")], NOW + DAY)
    assert ledger.people("acme") == [KnownPerson("1", "a@c", "A", "external")]
    assert ledger.people_version("acme") != before


def test_the_audit_record_can_only_grow(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    ledger = Ledger.open(f"sqlite:///{path}")
    ledger.audit(AuditEntry(NOW, "admin", "export", "acme", detail="access_token=abcdefghij"))
    with closing(sqlite3.connect(path)) as connection, connection:
        for change in ("UPDATE audit SET who = 'x'", "DELETE FROM audit"):
            with pytest.raises(sqlite3.DatabaseError, match="append-only"):
                connection.execute(change)
    connection.close()
    (entry,) = ledger.audit_entries(profile="acme")
    assert entry.at == NOW
    assert "abcdefghij" not in str(entry.detail)
    ledger.close()


def test_two_processes_may_write_at_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    ledgers = [Ledger.open(url) for _ in range(3)]

    def write(one: Ledger) -> None:
        for number in range(30):
            one.inbox.acknowledge([page_entry([box_event(number)])], position=position(str(number)))

    threads = [threading.Thread(target=write, args=(one,)) for one in ledgers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert ledgers[0].inbox.waiting() == 90
    for one in ledgers:
        one.close()


def test_a_ledger_in_memory_serves_many_threads() -> None:
    ledger = Ledger.in_memory()

    def write() -> None:
        for _ in range(20):
            ledger.inbox.acknowledge([page_entry([])])

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert ledger.inbox.waiting() == 80
    ledger.close()


def test_deleting_a_profile_leaves_the_others_and_the_audit_record(ledger: Ledger) -> None:
    for profile in ("acme", "other"):
        ledger.inbox.acknowledge([page_entry([box_event()], profile=profile)])
        ledger.remember_people(profile, [KnownPerson("1", None, None, "managed")], NOW)
    ledger.audit(AuditEntry(NOW, "admin", "delete", "acme"))
    ledger.delete_profile("acme")
    assert [entry.profile for entry in ledger.inbox.take(9)] == ["other"]
    assert ledger.people("acme") == []
    assert len(ledger.audit_entries()) == 1


def test_a_ledger_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    Ledger.open(f"sqlite:///{path}").close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE meta SET value = '99'")
    connection.close()
    with pytest.raises(StoreError, match="newer version"):
        Ledger.open(f"sqlite:///{path}")


def test_a_file_that_is_no_ledger_is_explained(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    path.write_bytes(b"not a database, but long enough to be looked at" * 50)
    with pytest.raises(StoreError) as caught:
        Ledger.open(f"sqlite:///{path}")
    assert str(tmp_path) not in caught.value.message + caught.value.cause


def test_pin_sqlite_syncs_every_commit(tmp_path: Path) -> None:
    ledger = Ledger.open(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    with ledger._read() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
    ledger.close()


def test_regression_a_second_opening_in_one_process_leaves_the_first_its_locks(
    tmp_path: Path,
) -> None:
    """Closing any descriptor of a file drops the process's locks on it; SQLite relies on them.

    Without them another process that closes the ledger takes its log away from under us.
    """
    path = tmp_path / "ledger.sqlite"
    first = Ledger.open(f"sqlite:///{path}")
    first.inbox.acknowledge([page_entry([])], position=position("7"))
    second = Ledger.open(f"sqlite:///{path}")
    script = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); "
        "c.execute('SELECT count(*) FROM inbox').fetchone(); c.close()"
    )
    subprocess.run([sys.executable, "-c", script, str(path)], check=True)
    assert path.with_name("ledger.sqlite-wal").exists()
    first.inbox.acknowledge([page_entry([])], position=position("8"))
    assert second.inbox.waiting() == first.inbox.waiting() == 2
    first.close()
    second.close()


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"x" * 100_000, b"\x28\xb5\x2f\xfd and no frame of ours", bytes(range(256)) * 40],
    ids=["empty", "short", "long", "looks compressed", "long and binary"],
)
def test_a_body_waits_as_it_came_whether_it_is_compressed_or_not(body: bytes) -> None:
    assert unpack(pack(body), len(body)) == body


def test_long_bodies_wait_compressed() -> None:
    assert len(pack(b"x" * 100_000)) < 1_000

"""The book of health over a real SQLite file: compact history, incidents, mutes, outcomes."""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from lib.store.ledger.health import RETENTION, HealthBook, RunRecord
from lib.store.ledger.health_tables import TABLES
from lib.store.ledger.incidents import (
    AlertKind,
    AlertOutcome,
    Incident,
    IncidentSeverity,
    IncidentState,
    Mute,
)
from lib.store.ledger.ledger import Ledger
from lib.store.ledger.verdicts import Sample, VerdictSpan

NOW = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
GAP = 15 * MINUTE


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger.open(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    yield opened
    opened.close()


def none(_known: Sequence[Incident]) -> list[Incident]:
    return []


def keep(
    book: HealthBook,
    at: datetime,
    *samples: Sample,
    profile: str = "acme",
    new: Sequence[Incident] = (),
    complete: bool = False,
) -> None:
    latest = [(one.check_id, one.at, {"id": one.check_id}) for one in samples]
    book.keep_run(
        profile,
        RunRecord(at, samples, latest, complete=complete),
        lambda _known: new,
        longest_gap=GAP,
        reopens_within=30 * MINUTE,
    )


def sample(minute: float, status: str = "passed", cause: str | None = None) -> Sample:
    return Sample("a", status, cause, NOW + minute * MINUTE, ms=10 + minute)


def history(book: HealthBook, since: datetime = NOW) -> list[VerdictSpan]:
    return book.spans("acme", since).get("a", [])


def incident(cause: str = "network.dns", at: datetime = NOW) -> Incident:
    return Incident(
        "acme", cause, IncidentSeverity.FAILURE, at, at, at, checks=("a",), waiting=("a",)
    )


def test_what_stays_the_same_is_one_row_an_hour(ledger: Ledger) -> None:
    book = ledger.health
    for minute in range(0, 120, 5):
        keep(book, NOW + minute * MINUTE, sample(minute))
    found = history(book)
    assert [(one.at, one.seen_at, one.runs) for one in found] == [
        (NOW, NOW + 55 * MINUTE, 12),
        (NOW + 60 * MINUTE, NOW + 115 * MINUTE, 12),
    ]
    assert found[0].ms == pytest.approx(10 + 27.5)


def test_every_change_is_a_row(ledger: Ledger) -> None:
    book = ledger.health
    for minute, status, cause in [
        (0, "passed", None),
        (5, "failed", "network.dns"),
        (10, "failed", "box.internal_error"),
        (15, "passed", None),
        (20, "passed", None),
    ]:
        keep(book, NOW + minute * MINUTE, sample(minute, status, cause))
    assert [(one.status, one.cause, one.runs) for one in history(book)] == [
        ("passed", None, 1),
        ("failed", "network.dns", 1),
        ("failed", "box.internal_error", 1),
        ("passed", None, 2),
    ]


def test_a_gap_parts_what_is_otherwise_the_same(ledger: Ledger) -> None:
    book = ledger.health
    for minute in (0, 10, 30):
        keep(book, NOW + minute * MINUTE, sample(minute))
    assert [(one.at, one.seen_at) for one in history(book)] == [
        (NOW, NOW + 10 * MINUTE),
        (NOW + 30 * MINUTE, NOW + 30 * MINUTE),
    ]


def test_a_period_begins_with_the_last_row_before_it(ledger: Ledger) -> None:
    book = ledger.health
    for minute in (-120, -60, 5):
        keep(book, NOW + minute * MINUTE, sample(minute))
    assert [one.at for one in history(book)] == [NOW - 60 * MINUTE, NOW + 5 * MINUTE]


def test_old_history_goes_and_open_incidents_stay(ledger: Ledger) -> None:
    book = ledger.health
    long_ago = NOW - RETENTION - MINUTE
    resolved = replace(
        incident("box.internal_error", long_ago),
        state=IncidentState.RESOLVED,
        resolved_at=long_ago,
    )
    keep(
        book,
        long_ago,
        Sample("a", "failed", "network.dns", long_ago),
        new=[incident(at=long_ago), resolved],
    )
    book.keep_outcome(AlertOutcome("acme", AlertKind.OPEN, long_ago, ok=True))
    keep(book, NOW, sample(0))
    assert [one.at for one in history(book, long_ago)] == [NOW]
    assert [one.cause for one in book.incidents("acme")] == ["network.dns"]
    assert book.outcomes("acme") == []


def test_an_incident_comes_back_as_it_was_kept(ledger: Ledger) -> None:
    book = ledger.health
    made = replace(
        incident(), verdict={"id": "a", "note": "ä"}, calm_at=NOW + MINUTE, episode=2, seen=7
    )
    keep(book, NOW, sample(0), new=[made])
    (kept,) = book.incidents("acme")
    assert kept.id > 0
    assert replace(kept, id=0) == made
    keep(book, NOW, sample(5), new=[replace(kept, seen=8)])
    (again,) = book.incidents("acme")
    assert (again.id, again.seen) == (kept.id, 8)


def test_a_run_sees_open_incidents_and_those_resolved_a_short_while_ago(ledger: Ledger) -> None:
    book = ledger.health
    made = [incident("network.dns")]
    for cause, ago in (("rate_limited", 10), ("network.tls", 40)):
        at = NOW - ago * MINUTE
        made.append(replace(incident(cause, at), state=IncidentState.RESOLVED, resolved_at=at))
    keep(book, NOW, sample(0), new=made)
    seen: list[str] = []

    def look(known: Sequence[Incident]) -> list[Incident]:
        seen.extend(one.cause for one in known)
        return []

    book.keep_run("acme", RunRecord(NOW, ()), look, longest_gap=GAP, reopens_within=30 * MINUTE)
    assert sorted(seen) == ["network.dns", "rate_limited"]


def test_a_fault_in_the_middle_keeps_nothing_of_the_run(ledger: Ledger) -> None:
    book = ledger.health

    def broken(_known: Sequence[Incident]) -> list[Incident]:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        book.keep_run(
            "acme", RunRecord(NOW, [sample(0)]), broken, longest_gap=GAP, reopens_within=GAP
        )
    assert history(book) == []


def test_the_latest_verdict_replaces_the_one_before(ledger: Ledger) -> None:
    book = ledger.health
    other = Sample("b", "passed", None, NOW)
    keep(book, NOW, sample(0), other, complete=True)
    assert {one["id"] for one in book.latest("acme")} == {"a", "b"}
    assert book.version("acme") == NOW
    keep(book, NOW, sample(5))
    assert {one["id"] for one in book.latest("acme")} == {"a", "b"}
    keep(book, NOW, sample(10), complete=True)
    assert {one["id"] for one in book.latest("acme")} == {"a"}
    assert book.version("acme") == NOW + 10 * MINUTE


def test_a_mute_holds_until_its_time_and_its_reason_hides_secrets(ledger: Ledger) -> None:
    book = ledger.health
    until = NOW + timedelta(hours=1)
    book.mute(Mute("acme", "network.dns", "moving, client_secret=abc123def456ghi", NOW, until))
    (mute,) = book.mutes("acme", NOW).values()
    assert mute.until == until
    assert "abc123def456ghi" not in mute.reason
    assert book.mutes("acme", until) == {}
    book.mute(Mute("acme", "network.dns", "again", NOW, until + GAP))
    assert book.mutes("acme", until)["network.dns"].reason == "again"
    book.unmute("acme", "network.dns")
    assert book.mutes("acme", NOW) == {}


def test_outcomes_are_kept_newest_first_and_found_by_incident(ledger: Ledger) -> None:
    book = ledger.health
    one = AlertOutcome("acme", AlertKind.OPEN, NOW, ok=False, incident_id=3, attempts=3, status=500)
    two = AlertOutcome("acme", AlertKind.TEST, NOW + MINUTE, ok=True, detail="Taken.")
    book.keep_outcome(one)
    book.keep_outcome(two)
    assert book.outcomes("acme") == [two, one]
    assert book.outcomes("acme", incident_ids=[3]) == [one]
    assert book.outcomes("other") == []


def test_a_key_is_known_since_it_was_first_seen(ledger: Ledger) -> None:
    book = ledger.health
    book.see("acme", "key", "aa11", NOW)
    book.see("acme", "key", "bb22", NOW + MINUTE)
    book.see("acme", "key", "aa11", NOW + 2 * MINUTE)
    newest, older = book.fingerprints("acme")
    assert (newest.fingerprint, newest.first_at, newest.seen_at) == ("aa11", NOW, NOW + 2 * MINUTE)
    assert older.fingerprint == "bb22"


def test_an_older_ledger_gains_the_tables_and_keeps_what_it_has(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    ledger = Ledger.open(f"sqlite:///{path}")
    run = ledger.begin_run(kind="sync", profile="acme", source="box_stream", at=NOW)
    ledger.close()
    with closing(sqlite3.connect(path)) as raw:
        for table in TABLES:
            raw.execute(f"DROP TABLE {table.name}")
        raw.commit()
    again = Ledger.open(f"sqlite:///{path}")
    keep(again.health, NOW, sample(0))
    assert len(history(again.health)) == 1
    assert again.run(run) is not None
    again.close()


def test_a_deleted_profile_leaves_nothing_and_others_stay(ledger: Ledger, tmp_path: Path) -> None:
    book = ledger.health
    for profile in ("acme", "other"):
        keep(book, NOW, sample(0), profile=profile, new=[replace(incident(), profile=profile)])
        book.mute(Mute(profile, "network.dns", "why", NOW, NOW + GAP))
        book.keep_outcome(AlertOutcome(profile, AlertKind.TEST, NOW, ok=True))
        book.see(profile, "key", "aa11", NOW)
    ledger.delete_profile("acme")
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite")) as raw:
        for table in TABLES:
            rows = raw.execute(str(select(table.c.profile).distinct())).fetchall()
            assert rows == [("other",)], table.name


def test_two_writers_take_turns(ledger: Ledger, tmp_path: Path) -> None:
    """A command and the app record runs of one profile at once; neither opens a second incident."""
    other = Ledger.open(f"sqlite:///{tmp_path / 'ledger.sqlite'}")

    def opened(known: Sequence[Incident]) -> list[Incident]:
        return [replace(one, seen=one.seen + 1) for one in known] or [incident()]

    def work(mine: Ledger) -> None:
        for _ in range(10):
            mine.health.keep_run(
                "acme", RunRecord(NOW, ()), opened, longest_gap=GAP, reopens_within=GAP
            )

    threads = [threading.Thread(target=work, args=(one,)) for one in (ledger, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (kept,) = ledger.health.incidents("acme")
    assert kept.seen == 20
    other.close()

"""Findings in the ledger: each once, whatever runs find, with what was decided about it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from lib.store import Ledger
from lib.store.ledger.findings import DetectionRun, FindingMute, FindingState, FoundRecord, muted
from tests.unit.activity.samples import NOW

HOUR = timedelta(hours=1)
RUN = DetectionRun("acme", NOW, NOW - 24 * HOUR, NOW, "box_stream", {"stream_gap": "too little"})
ONE = FoundRecord("k1", "mass_download", "11", "11", NOW - 3 * HOUR, NOW - 2 * HOUR, 80, "medium",
                  {"why": "so"})  # fmt: skip


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    made = Ledger.in_memory()
    yield made
    made.close()


def test_the_same_finding_is_kept_once_and_grows(ledger: Ledger) -> None:
    book = ledger.findings
    assert len(book.keep(RUN, [ONE])) == 1
    assert book.keep(RUN, [ONE]) == []
    assert book.keep(RUN, [replace(ONE, until=NOW - HOUR, events=120, severity="high")]) == []
    [kept] = book.all("acme")
    assert (kept.events, kept.severity, kept.until) == (120, "high", NOW - HOUR)
    assert book.last_run("acme") == RUN


def test_late_events_that_move_its_beginning_make_no_second_finding(ledger: Ledger) -> None:
    ledger.findings.keep(RUN, [ONE])
    moved = replace(ONE, key="k2", since=ONE.since - HOUR, events=90)
    assert ledger.findings.keep(RUN, [moved]) == []
    [kept] = ledger.findings.all("acme")
    assert (kept.key, kept.since, kept.events) == ("k1", moved.since, 90)


def test_others_of_the_same_time_are_findings_of_their_own(ledger: Ledger) -> None:
    others = [ONE, replace(ONE, key="k2", subject="12"), replace(ONE, key="k3", detection="x")]
    assert len(ledger.findings.keep(RUN, others)) == 3


def test_what_was_decided_stays_and_a_resolved_one_that_goes_on_opens_again(
    ledger: Ledger,
) -> None:
    book = ledger.findings
    book.keep(RUN, [ONE])
    assert book.decide("acme", "k1", FindingState.RESOLVED, note="quarter's end", at=NOW)
    book.keep(RUN, [ONE])
    kept = book.one("acme", "k1")
    assert kept is not None
    assert (kept.state, kept.note) == (FindingState.RESOLVED, "quarter's end")
    book.keep(RUN, [replace(ONE, until=NOW, events=200)])
    again = book.one("acme", "k1")
    assert again is not None
    assert (again.state, again.note) == (FindingState.OPEN, "quarter's end")
    assert not book.decide("other", "k1", FindingState.RESOLVED, at=NOW)


def test_a_mute_covers_its_detection_and_subject_until_it_ends(ledger: Ledger) -> None:
    book = ledger.findings
    book.keep(RUN, [ONE, replace(ONE, key="k2", subject="12")])
    book.mute(FindingMute("acme", "mass_download", "11", "known", NOW, NOW + HOUR))
    mutes = book.mutes("acme", NOW)
    assert {one.key: muted(mutes, one) is not None for one in book.all("acme")} == {
        "k1": True,
        "k2": False,
    }
    assert book.mutes("acme", NOW + HOUR) == {}
    book.unmute("acme", "mass_download", "11")
    assert book.mutes("acme", NOW) == {}


def test_only_open_findings_that_nobody_heard_of_are_untold(ledger: Ledger) -> None:
    book = ledger.findings
    book.keep(RUN, [ONE, replace(ONE, key="k2", subject="12")])
    book.decide("acme", "k2", FindingState.ACKNOWLEDGED, at=NOW)
    [one] = book.untold("acme", NOW - 24 * HOUR)
    book.reported([one.id], NOW)
    assert book.untold("acme", NOW - 24 * HOUR) == []


def test_a_forgotten_profile_leaves_no_finding(ledger: Ledger) -> None:
    ledger.findings.keep(RUN, [ONE])
    ledger.findings.mute(FindingMute("acme", "x", "11", "known", NOW, NOW + HOUR))
    ledger.delete_profile("acme")
    assert ledger.findings.all("acme") == []
    assert ledger.findings.mutes("acme", NOW) == {}
    assert ledger.findings.last_run("acme") is None

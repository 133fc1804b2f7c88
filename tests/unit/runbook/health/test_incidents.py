"""Incidents: one for each cause, and none that flaps."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.core import causes
from lib.core.errors import Who
from lib.runbook.checks.verdict import Status, Verdict
from lib.runbook.health.incidents import BLAMES, Blame, advance, blame_of, cause_key
from lib.store.ledger.incidents import Incident, IncidentSeverity, IncidentState
from tests.unit.runbook.verdict_samples import MINUTE, NOW, failed, passed, verdict, warned

CALM = timedelta(minutes=30)
EVERY = timedelta(minutes=5)
SCOPE = "box.insufficient_scope"
DNS = "network.dns"


@dataclass
class Book:
    """Keeps incidents as the ledger does, without a ledger."""

    kept: dict[int, Incident] = field(default_factory=dict)
    now: datetime = NOW

    def run(self, *verdicts: Verdict, after: timedelta = EVERY, complete: bool = True) -> None:
        self.now += after
        known = [
            one
            for one in self.kept.values()
            if one.open or (one.resolved_at and self.now - one.resolved_at <= CALM)
        ]
        found = advance(known, verdicts, profile="acme", now=self.now, calm=CALM, complete=complete)
        for one in found:
            key = one.id or len(self.kept) + 1
            self.kept[key] = replace(one, id=key)

    @property
    def open(self) -> list[Incident]:
        return [one for one in self.kept.values() if one.open]

    def only(self) -> Incident:
        (found,) = self.kept.values()
        return found


def test_one_cause_that_fails_two_checks_is_one_incident() -> None:
    book = Book()
    book.run(failed("box.scope.manage_users", SCOPE), failed("box.scope.manage_groups", SCOPE))
    assert book.only().cause == SCOPE
    assert book.only().checks == ("box.scope.manage_users", "box.scope.manage_groups")
    assert book.only().severity is IncidentSeverity.FAILURE
    assert book.only().seen == 1


def test_two_causes_are_two_incidents() -> None:
    book = Book()
    book.run(failed("box.scope.manage_users", SCOPE), failed("kloudless.reachable", DNS))
    assert {one.cause for one in book.open} == {SCOPE, DNS}


def test_it_is_updated_while_it_lasts() -> None:
    book = Book()
    book.run(failed("a", SCOPE), passed("b"))
    book.run(failed("a", SCOPE), failed("b", SCOPE))
    assert book.only().seen == 2
    assert book.only().seen_at == NOW + 2 * EVERY
    assert book.only().opened_at == NOW + EVERY
    assert book.only().checks == ("a", "b")


def test_it_is_resolved_after_the_calm_period_and_not_before() -> None:
    book = Book()
    book.run(failed("a", SCOPE))
    for _ in range(6):
        book.run(passed("a"))
        assert book.only().open
    book.run(passed("a"))
    assert book.only().state is IncidentState.RESOLVED
    assert book.only().resolved_at == book.now


def test_one_that_returns_within_the_calm_period_goes_on() -> None:
    book = Book()
    book.run(failed("a", SCOPE))
    book.run(passed("a"), after=20 * MINUTE)
    book.run(failed("a", SCOPE))
    assert book.only().open
    assert (book.only().seen, book.only().episode, book.only().calm_at) == (2, 1, None)
    book.run(passed("a"))
    book.run(passed("a"), after=25 * MINUTE)
    assert book.only().open  # the calm began anew


def test_one_that_returns_soon_after_it_was_resolved_is_reopened() -> None:
    book = Book()
    book.run(failed("a", SCOPE))
    book.run(passed("a"))
    book.run(passed("a"), after=CALM)
    assert not book.only().open
    book.run(failed("b", SCOPE), after=CALM)
    assert book.only().open
    assert (book.only().episode, book.only().episode_at, book.only().resolved_at) == (
        2,
        book.now,
        None,
    )
    assert book.only().waiting == ("b",)


def test_one_that_returns_much_later_is_another() -> None:
    book = Book()
    book.run(failed("a", SCOPE))
    book.run(passed("a"))
    book.run(passed("a"), after=CALM)
    book.run(failed("a", SCOPE), after=CALM + MINUTE)
    assert [one.open for one in book.kept.values()] == [False, True]


@pytest.mark.parametrize(
    "masked",
    [
        failed("a", DNS),
        verdict("a", Status.SKIPPED, "check.need_failed"),
        verdict("a", Status.SKIPPED, "events.no_records"),  # by a command that has no events
    ],
)
def test_a_check_that_could_not_be_judged_ends_nothing(masked: Verdict) -> None:
    book = Book()
    book.run(failed("a", SCOPE))
    for _ in range(20):
        book.run(masked)
    assert SCOPE in {one.cause for one in book.open}
    book.run(passed("a"))
    book.run(passed("a"), after=CALM)
    assert SCOPE not in {one.cause for one in book.open}


@pytest.mark.parametrize(
    "clear",
    [
        verdict("a", Status.SKIPPED, "check.not_here"),
        verdict("a", Status.UNPROVEN),
        warned("a", DNS),
    ],
)
def test_a_check_that_holds_or_applies_no_more_ends_it(clear: Verdict) -> None:
    book = Book()
    book.run(failed("a", SCOPE))
    book.run(clear)
    book.run(clear, after=CALM)
    assert SCOPE not in {one.cause for one in book.open}


def test_a_run_of_other_checks_ends_nothing() -> None:
    book = Book()
    book.run(failed("a", SCOPE))
    for _ in range(20):
        book.run(passed("b"), complete=False)
    assert book.only().open


def test_a_check_that_exists_no_longer_keeps_nothing_open() -> None:
    book = Book()
    book.run(failed("a", SCOPE))
    book.run(passed("b"))
    book.run(passed("b"), after=CALM)
    assert not book.only().open


def test_a_warning_is_less_and_what_got_worse_stays_worse() -> None:
    book = Book()
    book.run(warned("a", DNS))
    assert book.only().severity is IncidentSeverity.WARNING
    book.run(failed("a", DNS))
    book.run(warned("a", DNS))
    assert book.only().severity is IncidentSeverity.FAILURE


def test_skipped_and_unproven_make_none() -> None:
    book = Book()
    book.run(verdict("a", Status.SKIPPED, "check.not_here"), verdict("b", Status.UNPROVEN))
    assert book.kept == {}


def test_unknown_faults_are_told_apart_by_what_was_answered() -> None:
    teapot = verdict("a", Status.FAILED, "unknown", http=418, code="teapot")
    other = verdict("b", Status.FAILED, "unknown", http=500)
    assert cause_key(teapot) == "unknown:418:teapot"
    assert cause_key(other) == "unknown:500"
    assert blame_of(cause_key(teapot), Who.DEVELOPER) is Blame.UNKNOWN


def test_every_cause_has_somebody_to_blame_and_everybody_is_in_the_table() -> None:
    assert set(BLAMES) == set(Who)
    for one in causes.all_causes():
        blame = blame_of(one.id, one.who)
        assert (blame is Blame.UNKNOWN) is (one.id == "unknown")
        if one.id.startswith("network.") and one.id not in {"network.blocked", "network.closed"}:
            assert blame is Blame.NETWORK


@pytest.mark.parametrize(
    "cause_id, expected",
    [
        ("token.app_not_authorized", Blame.BOX_ADMIN),
        ("box.internal_error", Blame.BOX),
        ("kloudless.internal_error", Blame.KLOUDLESS),
        ("box.insufficient_scope", Blame.YOU),
        ("rate_limited", Blame.THIS_APP),
        ("clock.slow", Blame.YOU),
    ],
)
def test_whose_fault(cause_id: str, expected: Blame) -> None:
    assert blame_of(cause_id, causes.cause(cause_id).who) is expected


CHECKS = ("a", "b", "c")
CAUSES = (SCOPE, DNS, "box.internal_error")
one_verdict = st.sampled_from(
    [
        (Status.PASSED, None),
        (Status.PASSED, None),
        (Status.SKIPPED, "check.need_failed"),
        (Status.UNPROVEN, None),
        *((status, cause) for status in (Status.FAILED, Status.WARNING) for cause in CAUSES),
    ]
)
runs = st.lists(
    st.tuples(
        st.integers(1, 90),
        st.fixed_dictionaries(dict.fromkeys(CHECKS, one_verdict)),
        st.sets(st.sampled_from(CHECKS), min_size=1),
        st.booleans(),
    ),
    max_size=40,
)


@settings(deadline=None)
@given(runs)
def test_whatever_happens_no_incident_flaps(
    history: Sequence[tuple[int, dict[str, tuple[Status, str | None]], set[str], bool]],
) -> None:
    book = Book()
    sightings: dict[str, list[datetime]] = {}
    for minutes, found, chosen, complete in history:
        ids = CHECKS if complete else sorted(chosen)
        verdicts = [verdict(check, *found[check]) for check in ids]
        before = dict(book.kept)
        book.run(*verdicts, after=minutes * MINUTE, complete=complete)
        seen = {key for one in verdicts if (key := cause_key(one))}
        for cause in seen:
            sightings.setdefault(cause, []).append(book.now)
        # At most one open incident for each cause, and one for each that was seen just now.
        assert len(book.open) == len({one.cause for one in book.open})
        assert seen <= {one.cause for one in book.open}
        for number, one in book.kept.items():
            # What is resolved stays so unless its cause was seen again just now.
            if one.open and number in before and not before[number].open:
                assert one.cause in seen
            # Nothing ends before its cause stayed away for the whole calm period.
            if one.resolved_at:
                assert one.resolved_at - one.seen_at >= CALM
                assert one.waiting == ()
    # Two incidents of one cause are further apart than a calm period.
    for cause, times in sightings.items():
        mine = sorted((one for one in book.kept.values() if one.cause == cause), key=lambda o: o.id)
        assert sum(one.seen for one in mine) == len(times)
        assert mine[0].opened_at == times[0]
        for earlier, later in pairwise(mine):
            assert earlier.resolved_at is not None
            assert later.opened_at - earlier.resolved_at > CALM


@settings(deadline=None)
@given(st.lists(st.integers(0, 5), min_size=1, max_size=40))
def test_an_intermittent_fault_makes_one_incident(gaps: list[int]) -> None:
    book = Book()
    for passes in gaps:
        book.run(failed("a", SCOPE))
        for _ in range(passes):
            book.run(passed("a"))
    assert book.only().open
    assert book.only().seen == len(gaps)
    assert book.only().episode == 1

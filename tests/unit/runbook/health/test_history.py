"""Uptime from a history of verdicts: weighted by time, sure only of what was watched."""

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from lib.runbook.checks.verdict import Status
from lib.runbook.health.history import Extent, joined, overall, since_when, timeline, uptime
from lib.store.ledger.verdicts import VerdictSpan
from tests.unit.runbook.verdict_samples import MINUTE, NOW, failed, passed, verdict, warned

GAP = timedelta(minutes=15)
HOUR = timedelta(hours=1)


def span(
    start: int, end: int, status: Status = Status.PASSED, cause: str | None = None
) -> VerdictSpan:
    """A span by minutes after 12:00."""
    return VerdictSpan("a", status, cause, NOW + start * MINUTE, NOW + end * MINUTE)


def extents(*spans: VerdictSpan, since: int = 0, until: int = 60) -> list[tuple[int, int, Extent]]:
    found = timeline(spans, NOW + since * MINUTE, NOW + until * MINUTE, GAP)
    return [
        (
            round((one.start - NOW) / MINUTE),
            round((one.end - NOW) / MINUTE),
            one.extent,
        )
        for one in found
    ]


def test_a_verdict_holds_until_the_next_one() -> None:
    assert extents(span(0, 25), span(30, 55, Status.FAILED, "network.dns"), span(60, 60)) == [
        (0, 30, Extent.UP),
        (30, 60, Extent.DOWN),
    ]


def test_time_that_nobody_watched_is_neither_up_nor_down() -> None:
    assert extents(span(0, 10), span(40, 58)) == [
        (0, 10, Extent.UP),
        (10, 40, Extent.UNWATCHED),
        (40, 60, Extent.UP),
    ]
    found = uptime(timeline([span(0, 10), span(40, 58)], NOW, NOW + HOUR, GAP))
    assert found.share == 1.0
    assert found.watched == 30 * MINUTE
    assert found.watched_share == 0.5


def test_without_any_run_nothing_is_claimed() -> None:
    assert extents() == [(0, 60, Extent.UNWATCHED)]
    assert uptime(timeline([], NOW, NOW + HOUR, GAP)).share is None
    assert since_when([], NOW, GAP) is None


def test_what_began_before_the_period_is_cut_to_it() -> None:
    assert extents(span(-300, 20), span(20, 60, Status.WARNING, "rate_limited")) == [
        (0, 20, Extent.UP),
        (20, 60, Extent.WARNING),
    ]


def test_an_old_last_run_says_nothing_of_now() -> None:
    assert extents(span(-300, 10)) == [(0, 10, Extent.UP), (10, 60, Extent.UNWATCHED)]
    assert extents(span(-300, -200)) == [(0, 60, Extent.UNWATCHED)]


def test_shares_are_weighted_by_time_and_a_warning_is_up() -> None:
    spans = [span(0, 40), span(45, 50, Status.FAILED), span(50, 60, Status.WARNING)]
    found = uptime(timeline(spans, NOW, NOW + HOUR, GAP))
    assert found.share is not None
    assert abs(found.share - 55 / 60) < 1e-9
    assert found.down == 5 * MINUTE


def test_skipped_and_unproven_count_as_neither() -> None:
    spans = [span(0, 30), span(30, 60, Status.SKIPPED), span(60, 60, Status.UNPROVEN)]
    found = uptime(timeline(spans, NOW, NOW + HOUR, GAP))
    assert (found.up, found.down, found.watched) == (30 * MINUTE, timedelta(0), HOUR)


def test_since_when_it_is_so() -> None:
    spans = [
        span(0, 10, Status.FAILED),
        span(15, 30),
        span(35, 50, Status.WARNING),
        span(50, 60),
    ]
    assert since_when(spans, NOW + HOUR, GAP) == NOW + 15 * MINUTE
    assert since_when(spans, NOW + 2 * HOUR, GAP) is None
    assert since_when([span(0, 10), span(30, 60)], NOW + HOUR, GAP) == NOW + 30 * MINUTE


def test_the_whole_is_as_bad_as_its_worst_check() -> None:
    at = NOW
    assert overall([passed("a"), warned("b", "network.dns")], at).status == Status.WARNING
    both = overall([warned("b", "network.dns"), failed("c", "box.internal_error")], at)
    assert (both.status, both.cause) == (Status.FAILED, "box.internal_error")
    assert overall([passed("a"), verdict("b", Status.UNPROVEN)], at).status == Status.PASSED
    assert overall([verdict("b", Status.SKIPPED)], at).status == Status.UNPROVEN


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 40), st.sampled_from(Status)), max_size=20), st.data())
def test_history_that_is_read_piecemeal_is_the_history(
    runs: list[tuple[int, Status]], data: st.DataObject
) -> None:
    """As the ledger does: the last row goes on, and is read again when it has."""
    rows: list[VerdictSpan] = []
    remembered: list[VerdictSpan] = []
    read_to, now = NOW, NOW
    for minutes, status in runs:
        now += minutes * MINUTE
        last = rows[-1] if rows else None
        if last and last.status == status and now - last.seen_at <= GAP:
            rows[-1] = replace(last, seen_at=now)
        else:
            rows.append(VerdictSpan("a", status, None, now, now))
        if data.draw(st.booleans()):
            news = [one for one in rows if one.seen_at >= read_to]
            remembered = joined(remembered, news, GAP)
            read_to = remembered[-1].seen_at if remembered else NOW
    remembered = joined(remembered, [one for one in rows if one.seen_at >= read_to], GAP)
    assert remembered == joined([], rows, GAP)
    assert timeline(remembered, NOW, now + MINUTE, GAP) == timeline(rows, NOW, now + MINUTE, GAP)


@st.composite
def histories(draw: st.DrawFn) -> list[VerdictSpan]:
    found, at = [], NOW - timedelta(hours=draw(st.integers(0, 48)))
    for _ in range(draw(st.integers(0, 12))):
        end = at + draw(st.integers(0, 200)) * MINUTE
        found.append(VerdictSpan("a", draw(st.sampled_from(Status)), None, at, end))
        at = end + draw(st.integers(0, 60)) * MINUTE
    return found


@settings(deadline=None)
@given(histories(), st.integers(1, 3000))
def test_a_timeline_covers_its_period_once(spans: list[VerdictSpan], minutes: int) -> None:
    until = NOW + minutes * MINUTE
    found = timeline(spans, NOW, until, GAP)
    edges: list[datetime] = [NOW]
    for one in found:
        assert one.start == edges[-1]
        assert one.end > one.start
        edges.append(one.end)
    assert edges[-1] == until
    total = uptime(found)
    assert total.whole == until - NOW
    assert total.up + total.down <= total.watched <= total.whole

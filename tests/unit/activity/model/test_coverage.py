from datetime import timedelta

import pytest

from lib.activity.model.coverage import Coverage, Extent, comparison_allowed
from lib.activity.queries.chosen_coverage import coverage_for
from lib.activity.queries.filters import Filters
from lib.store.events.retention import Rule, drop
from lib.store.spans import Span
from tests.unit.activity.samples import DAY, NOW, box_event, marker, memory_stores, put, put_events

MINUTE = timedelta(minutes=1)
KNOWN = Coverage(
    "box_stream",
    (Span(NOW - 30 * DAY, NOW - 20 * DAY), Span(NOW - 10 * DAY, NOW - 5 * MINUTE)),
    NOW,
)


@pytest.mark.parametrize(
    "since, until, expected",
    [
        (NOW - 9 * DAY, NOW - 8 * DAY, Extent.READ),
        (NOW - 15 * DAY, NOW - 14 * DAY, Extent.UNREAD),
        (NOW - 11 * DAY, NOW - 9 * DAY, Extent.PARTIAL),
        (NOW - 12 * DAY, NOW - 10 * DAY, Extent.UNREAD),
        (NOW - DAY, NOW + DAY, Extent.SETTLING),
        (NOW - 4 * MINUTE, NOW, Extent.SETTLING),
        (NOW, NOW + DAY, Extent.FUTURE),
        (NOW - 400 * DAY, NOW - 399 * DAY, Extent.LOST),
        (NOW - 40 * DAY, NOW + DAY, Extent.PARTIAL),
    ],
)
def test_how_much_is_known_of_a_stretch(since: object, until: object, expected: Extent) -> None:
    assert KNOWN.extent(since, until) is expected  # type: ignore[arg-type]


def test_what_is_complete_goes_to_the_end_of_the_newest_span() -> None:
    assert KNOWN.complete_to == NOW - 5 * MINUTE
    nothing = Coverage("box_stream", (), NOW)
    assert nothing.complete_to is None


def test_gaps_end_now() -> None:
    assert KNOWN.gaps(NOW - 25 * DAY, NOW + DAY) == [
        Span(NOW - 20 * DAY, NOW - 10 * DAY),
        Span(NOW - 5 * MINUTE, NOW),
    ]
    assert KNOWN.gaps(NOW, NOW + DAY) == KNOWN.gaps(NOW + DAY, NOW + 2 * DAY) == []


def test_a_hole_is_never_settling_however_small() -> None:
    holed = Coverage(
        "box_stream", (Span(NOW - DAY, NOW - 4 * MINUTE), Span(NOW - 3 * MINUTE, NOW)), NOW
    )
    assert holed.extent(NOW - DAY, NOW) is Extent.PARTIAL


def test_the_end_of_a_stretch_settles_for_three_readings_and_no_longer() -> None:
    """A quarter of an hour: three times what is left out at the end of a reading."""
    for minutes, expected in (
        (5, Extent.SETTLING),
        (15, Extent.SETTLING),
        (15 + 1 / 60, Extent.PARTIAL),
        (30, Extent.PARTIAL),
    ):
        known = Coverage("box_stream", (Span(NOW - DAY, NOW - minutes * MINUTE),), NOW)
        assert known.extent(NOW - DAY, NOW) is expected, minutes
        later = known.extent(NOW - minutes * MINUTE, NOW)
        assert later is (expected if expected is Extent.SETTLING else Extent.UNREAD), minutes


def test_several_gaps_are_partial_wherever_they_are() -> None:
    hour = timedelta(hours=1)
    middle = Coverage("box_stream", (Span(NOW - 5 * hour, NOW - 4 * hour),), NOW)
    assert len(middle.gaps(NOW - 6 * hour, NOW - 3 * hour)) == 2
    assert middle.extent(NOW - 6 * hour, NOW - 3 * hour) is Extent.PARTIAL
    # one gap of another day, and one of a moment ago that by itself would settle
    newest = Coverage("box_stream", (Span(NOW - 5 * hour, NOW - 5 * MINUTE),), NOW)
    assert newest.extent(NOW - 5 * hour, NOW) is Extent.SETTLING
    assert newest.extent(NOW - 6 * hour, NOW) is Extent.PARTIAL


def test_what_the_sender_no_longer_keeps_is_lost() -> None:
    """Box keeps the enterprise's history for 365 days, a user's stream for 21 (its reference)."""
    second = timedelta(seconds=1)
    for source, days in (("box_stream", 365), ("box_user_stream", 21)):
        known, edge = Coverage(source, (), NOW), NOW - days * DAY
        for end, lost in ((edge - second, True), (edge, True), (edge + second, False)):
            gap = Span(end - DAY, end)
            assert known.lost(gap.start, gap.end) == ([gap] if lost else []), (source, end)
            expected = Extent.LOST if lost else Extent.UNREAD
            assert known.extent(gap.start, gap.end) is expected, (source, end)
    assert Coverage("import", (), NOW).lost(NOW - 600 * DAY, NOW - 500 * DAY) == []
    assert Coverage("kloudless", (), NOW).lost(NOW - 600 * DAY, NOW - 500 * DAY) == []


def test_what_was_dropped_here_is_said_up_to_the_mark_and_not_beyond() -> None:
    second = timedelta(seconds=1)
    mark = NOW - 10 * DAY
    for known, reason in (
        (Coverage("box_stream", (), NOW, dropped=mark), Extent.DROPPED),
        (Coverage("box_stream", (), NOW, thinned=mark), Extent.THINNED),
        (Coverage("box_stream", (), NOW, dropped=mark, thinned=NOW), Extent.DROPPED),
    ):
        assert known.extent(mark - DAY, mark) is reason
        beyond = Extent.THINNED if known.thinned == NOW else Extent.UNREAD
        assert known.extent(mark - DAY, mark + second) is beyond


def test_a_period_is_covered_by_one_span_and_only_if_it_is_one() -> None:
    start, end = NOW - 30 * DAY, NOW - 20 * DAY
    second = timedelta(seconds=1)
    for since, until, covered in (
        (start, end, True),
        (start - second, end, False),
        (start, end + second, False),
        (start, start + second, True),
        (start, start, False),
        (end, start, False),
        (start, NOW - 9 * DAY, False),
    ):
        assert KNOWN.covers(since, until) is covered, (since, until)


def test_all_types_that_were_dropped_thin_nothing_out() -> None:
    stores = memory_stores()
    put_events(stores, [box_event(0, at=NOW - 20 * DAY - MINUTE)])
    put(stores, marker(NOW - 30 * DAY, NOW))
    assert drop(stores.events, Rule("acme", "box_stream", NOW - 20 * DAY)) == 1
    filters = Filters("acme", NOW - 30 * DAY, NOW)
    known = coverage_for(stores.events, filters, "box_stream", NOW)
    assert (known.dropped, known.thinned) == (NOW - 20 * DAY, None)
    stores.close()


def test_of_several_dropped_types_the_newest_bound_counts() -> None:
    """Time between the bounds lacks the type that was dropped up to later: it isn't whole."""
    stores = memory_stores()
    bounds = {"PREVIEW": NOW - 10 * DAY, "LOGIN": NOW - 20 * DAY}
    put_events(
        stores,
        [
            box_event(n, at=bound - MINUTE, event_type=kind)
            for n, (kind, bound) in enumerate(bounds.items())
        ],
    )
    put(stores, marker(NOW - 30 * DAY, NOW))
    for kind, bound in bounds.items():
        assert drop(stores.events, Rule("acme", "box_stream", bound, kind)) == 1

    def known(*chosen: str) -> Coverage:
        filters = Filters("acme", NOW - 30 * DAY, NOW, include={"type": chosen} if chosen else {})
        return coverage_for(stores.events, filters, "box_stream", NOW)

    for chosen, bound in (
        ((), NOW - 10 * DAY),
        (("LOGIN", "PREVIEW"), NOW - 10 * DAY),
        (("LOGIN",), NOW - 20 * DAY),
    ):
        found = known(*chosen)
        assert (found.thinned, found.spans) == (bound, (Span(bound, NOW),)), chosen
        assert found.extent(bound - DAY, bound) is Extent.THINNED, chosen
        assert found.extent(bound - DAY, bound + DAY) is Extent.PARTIAL, chosen
        assert found.extent(bound, bound + DAY) is Extent.READ, chosen
    whole = known("DOWNLOAD")
    assert (whole.thinned, whole.spans) == (None, (Span(NOW - 30 * DAY, NOW, NOW),))
    stores.close()


def test_a_comparison_needs_both_periods() -> None:
    week = Span(NOW - 3 * DAY, NOW - DAY)
    assert comparison_allowed(KNOWN, week, Span(NOW - 5 * DAY, week.start)).allowed
    late = Span(NOW - 8 * DAY, NOW - DAY)
    refused = comparison_allowed(KNOWN, late, Span(NOW - 15 * DAY, late.start))
    assert not refused.allowed
    assert refused.reason

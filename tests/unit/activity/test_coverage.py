from datetime import timedelta

import pytest

from lib.activity.coverage import Coverage, Extent, comparison_allowed, previous_period
from lib.store.spans import Span
from tests.unit.activity.samples import DAY, NOW

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


def test_complete_to_is_the_end_of_the_newest_span() -> None:
    assert KNOWN.complete_to == NOW - 5 * MINUTE
    assert Coverage("box_stream", (), NOW).complete_to is None


def test_gaps_end_now() -> None:
    assert KNOWN.gaps(NOW - 25 * DAY, NOW + DAY) == [
        Span(NOW - 20 * DAY, NOW - 10 * DAY),
        Span(NOW - 5 * MINUTE, NOW),
    ]


def test_a_hole_is_never_settling_however_small() -> None:
    holed = Coverage(
        "box_stream", (Span(NOW - DAY, NOW - 4 * MINUTE), Span(NOW - 3 * MINUTE, NOW)), NOW
    )
    assert holed.extent(NOW - DAY, NOW) is Extent.PARTIAL


def test_what_the_sender_no_longer_keeps_is_lost() -> None:
    lost = Coverage("box_user_stream", (), NOW).lost(NOW - 60 * DAY, NOW - 30 * DAY)
    assert lost == [Span(NOW - 60 * DAY, NOW - 30 * DAY)]
    assert Coverage("import", (), NOW).lost(NOW - 600 * DAY, NOW - 500 * DAY) == []


def test_a_comparison_needs_both_periods() -> None:
    week = Span(NOW - 3 * DAY, NOW - DAY)
    assert comparison_allowed(KNOWN, week, previous_period(week.start, week.end)).allowed
    late = Span(NOW - 8 * DAY, NOW - DAY)
    refused = comparison_allowed(KNOWN, late, previous_period(late.start, late.end))
    assert not refused.allowed
    assert refused.reason

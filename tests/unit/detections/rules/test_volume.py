"""At, below and above what an hour of the week may hold, and how long it may be silent."""

from datetime import datetime, timedelta

from lib.detections.finding import Confidence, Severity
from tests.unit.detections.cases import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    Event,
    details,
    event,
    found,
    ids,
    report,
    stores_of,
)

WEEK = 7 * DAY
QUARTER = 15 * MINUTE
AT = NOW - 3 * HOUR


def crowd(count: int, at: datetime) -> list[Event]:
    """As many accounts, one event each, all in one quarter of an hour."""
    return [
        event("PREVIEW", at + n * timedelta(seconds=1), {"type": "user", "id": str(1000 + n)})
        for n in range(count)
    ]


def weeks_of(counts: tuple[int, ...], at: datetime = AT) -> list[Event]:
    """The crowds of the weeks before, the newest first."""
    return [one for n, count in enumerate(counts, 1) for one in crowd(count, at - n * WEEK)]


def test_an_hour_is_too_full_beyond_the_largest_of_its_limits() -> None:
    """The three busiest accounts of a quarter don't count, so three more than the limit may be."""
    odd = tuple(n + 3 for n in (40, 60, 80, 100, 100, 120, 140, 160))
    low, high = (Severity.LOW, Confidence.MEDIUM), (Severity.MEDIUM, Confidence.HIGH)
    far = 120  # twice the limit
    for name, before, limit in (
        ("sixty more than nothing", (), 60),
        ("sixty more than usual", (83,) * 8, 140),
        ("1.6 times the usual", (203,) * 8, 320),
        ("six deviations from it", odd, 277),
    ):
        history = weeks_of(before)
        rows = [(limit, []), (limit + 1, [low])]
        rows += [] if before else [(far - 1, [low]), (far, [high])]
        for count, expected in rows:
            reported = found([*history, *crowd(count + 3, AT)], "volume_anomaly", since=NOW - DAY)
            assert [(one.severity, one.confidence) for one in reported] == expected, (name, count)


def test_an_hour_is_judged_by_at_least_four_weeks_that_were_read() -> None:
    for known, judged in ((4 * WEEK + 2 * HOUR, True), (4 * WEEK + 2 * HOUR - QUARTER, False)):
        stores = stores_of(crowd(70, NOW - HOUR), known=known)
        said = report(stores, "volume_anomaly", since=NOW - DAY)
        assert ("volume_anomaly" not in said.not_judged, len(said.findings)) == (judged, judged)
        stores.close()


def test_a_silence_lasts_three_hours_where_thirty_events_are_usual() -> None:
    before = NOW - 8 * HOUR
    sure, likely = Confidence.HIGH, Confidence.MEDIUM
    for length, usual, expected in (
        (3 * HOUR, 30, [likely]),
        (3 * HOUR - QUARTER, 30, []),
        (3 * HOUR, 29, []),
        (3 * HOUR, 89, [likely]),
        (3 * HOUR, 90, [sure]),
    ):
        around = [*crowd(1, before - QUARTER), *crowd(1, before + length)]
        events = [*weeks_of((usual,) * 6, before + HOUR), *around]
        reported = found(events, "stream_gap", since=NOW - DAY)
        assert [one.confidence for one in reported] == expected, (length, usual)
        for one in reported:
            assert (one.since, one.until) == (before, before + length)


def test_a_silence_is_judged_by_at_least_three_weeks_that_were_read() -> None:
    events = weeks_of((40,) * 6)
    for known, judged in ((3 * WEEK + 4 * HOUR, True), (3 * WEEK + 2 * HOUR - QUARTER, False)):
        stores = stores_of(events, known=known)
        said = report(stores, "stream_gap", since=NOW - DAY)
        assert ("stream_gap" not in said.not_judged, len(said.findings)) == (judged, judged)
        stores.close()


def test_an_hour_that_is_too_full_is_told_with_what_is_in_it() -> None:
    odd = tuple(n + 3 for n in (40, 60, 80, 100, 100, 120, 140, 160))
    now = crowd(281, AT)
    [one] = found([*weeks_of(odd), *now], "volume_anomaly", since=NOW - DAY)
    assert one.event_ids == ids(now)
    assert details(one) == {
        "actor_id": None,
        "subject": "",
        "from": "2026-03-15T09:00:00Z",
        "to": "2026-03-15T09:04:40Z",
        "began": "2026-03-15T08:15:00Z",
        "events": 281,
        "severity": "low",
        "confidence": "medium",
        "why": "278 events within an hour, without those of the 3 busiest accounts; the limit for"
        " this time of the week is 278.",
        "facts": {"events_of_many": 278, "limit": 277.9, "hours": 4},
    }


def test_a_silence_is_told_with_what_was_expected_and_never_beyond_the_period() -> None:
    events = [*weeks_of((100,) * 6, NOW - 5 * HOUR), *crowd(1, NOW - 6 * HOUR)]
    for until, end in ((NOW - 2 * HOUR, NOW - 2 * HOUR), (NOW + HOUR, NOW)):
        [one] = found(events, "stream_gap", since=NOW - DAY, until=until)
        begin = NOW - 6 * HOUR + QUARTER
        assert (one.since, one.until) == (begin, end)
        assert one.facts == {"expected": 100.0}
        hours = (end - begin) / HOUR
        assert one.why == (
            f"No events for {hours:,.1f} hours, although the stream was read. Expected at this"
            " time of the week: 100."
        )
        assert (one.events, one.event_ids, str(one.severity)) == (0, (), "medium")

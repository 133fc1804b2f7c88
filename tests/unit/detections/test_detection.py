"""What a scope knows of its period: only what was read completely."""

from datetime import UTC, datetime, timedelta

from lib.detections.detection import DetectionScope
from lib.store.spans import Span

HOUR = timedelta(hours=1)
START = datetime(2026, 3, 1, tzinfo=UTC)
END = START + 10 * HOUR


def scope(*hours: tuple[int, int]) -> DetectionScope:
    """A period of ten hours of which the spans between these hours were read."""
    known = tuple(Span(START + a * HOUR, START + b * HOUR) for a, b in hours)
    return DetectionScope("acme", "box_stream", START, END, known)


def test_a_period_is_known_to_the_last_end_of_what_was_read_of_it() -> None:
    for hours, known_to in (
        ((), 0),
        (((0, 4),), 4),
        (((0, 4), (6, 8)), 8),
        (((0, 12),), 10),
        (((9, 12),), 10),
        (((10, 12),), 0),  # nothing of the period
        (((0, 3), (11, 12)), 3),
    ):
        assert scope(*hours).known_to == START + known_to * HOUR, hours


def test_a_stretch_is_known_where_one_span_covers_all_of_it() -> None:
    found = scope((0, 4), (5, 8))
    stretches = ((0, 4, True), (1, 3, True), (3, 5, False), (4, 5, False), (5, 9, False))
    for since, until, known in stretches:
        assert found.knows(START + since * HOUR, START + until * HOUR) is known, (since, until)

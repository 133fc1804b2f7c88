import itertools
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from lib.store.spans import Span, subtract, union

START = datetime(2026, 1, 1, tzinfo=UTC)
HOURS = st.integers(0, 60)


def span(low: int, high: int) -> Span:
    return Span(START + timedelta(hours=low), START + timedelta(hours=high))


SPANS = st.lists(st.tuples(HOURS, HOURS).map(lambda pair: span(*sorted(pair))), max_size=8)


def hours(spans: list[Span]) -> set[int]:
    found: set[int] = set()
    for one in spans:
        low = int((one.start - START) / timedelta(hours=1))
        found |= set(range(low, low + int(one.length / timedelta(hours=1))))
    return found


@given(SPANS)
def test_a_union_is_the_same_time_in_separate_spans(spans: list[Span]) -> None:
    joined = union(spans)
    assert hours(joined) == hours(spans)
    assert all(a.end < b.start for a, b in itertools.pairwise(joined))


@given(SPANS, HOURS, HOURS)
def test_gaps_and_spans_together_are_the_whole_and_never_overlap(
    spans: list[Span], low: int, high: int
) -> None:
    whole = span(*sorted((low, high)))
    gaps = subtract(whole, spans)
    assert hours(gaps) == hours([whole]) - hours(spans)


def test_a_joined_span_is_as_old_as_its_oldest_part() -> None:
    old, new = START, START + timedelta(days=1)
    parts = [
        Span(START, START + timedelta(hours=2), new),
        Span(START, START + timedelta(hours=1), old),
    ]
    assert union(parts) == [Span(START, START + timedelta(hours=2), old)]

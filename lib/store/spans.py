"""Spans of time, half open `[start, end)`, in UTC: joined, cut, and the gaps between them.

Pure arithmetic, shared by the ledger (what was read) and the coverage (what is charted).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """The time from `start` (inclusive) to `end` (exclusive), both UTC.

    `read_at` is when it was read; None where that has no meaning (a gap).
    """

    start: datetime
    end: datetime
    read_at: datetime | None = None

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return self.end - self.start

    def covers(self, other: "Span") -> bool:
        """Whether `other` lies inside."""
        return self.start <= other.start and other.end <= self.end


def union(spans: Iterable[Span]) -> list[Span]:
    """The same time in as few spans as possible, oldest first; the oldest `read_at` is kept."""
    joined: list[Span] = []
    for span in sorted((s for s in spans if s.start < s.end), key=lambda s: (s.start, s.end)):
        if joined and span.start <= joined[-1].end:
            last = joined[-1]
            joined[-1] = Span(last.start, max(last.end, span.end), _older(last, span))
        else:
            joined.append(span)
    return joined


def subtract(whole: Span, spans: Iterable[Span]) -> list[Span]:
    """What is left of `whole` without `spans`: the gaps, oldest first."""
    gaps: list[Span] = []
    at = whole.start
    for span in union(spans):
        if span.end <= at:
            continue
        if span.start >= whole.end:
            break
        if span.start > at:
            gaps.append(Span(at, span.start))
        at = max(at, span.end)
    if at < whole.end:
        gaps.append(Span(at, whole.end))
    return gaps


def _older(one: Span, other: Span) -> datetime | None:
    times = [at for at in (one.read_at, other.read_at) if at is not None]
    return min(times) if times else None

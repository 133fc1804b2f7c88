"""Health over time: what a history of verdicts says about a period, and how sure it is.

A verdict holds until the next one, unless they are too far apart: nobody watched in between, and
such time counts neither as up nor as down. Shares are weighted by time. Pure; times are UTC.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from lib.runbook.checks.verdict import Status, Verdict
from lib.store.ledger.verdicts import Sample, VerdictSpan

OVERALL: Final = "overall"
"""The history of the whole: down while any check fails."""
PERIODS: Final = {
    "24 hours": timedelta(hours=24),
    "7 days": timedelta(days=7),
    "30 days": timedelta(days=30),
}


class Extent(StrEnum):
    """What is known of a span of time."""

    UP = "up"
    WARNING = "warning"
    DOWN = "down"
    OPEN = "unproven"  # watched, but skipped or unproven
    UNWATCHED = "not watched"


_EXTENTS: Final = {
    Status.PASSED: Extent.UP,
    Status.WARNING: Extent.WARNING,
    Status.FAILED: Extent.DOWN,
    Status.SKIPPED: Extent.OPEN,
    Status.UNPROVEN: Extent.OPEN,
}
_UP: Final = frozenset({Extent.UP, Extent.WARNING})


@dataclass(frozen=True, slots=True)
class Segment:
    """A span of time of one extent; `cause` is an id of the table of causes."""

    start: datetime
    end: datetime
    extent: Extent
    cause: str | None = None

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Uptime:
    """How long it was up and down, and how much of the `whole` period was watched at all."""

    up: timedelta
    down: timedelta
    watched: timedelta
    whole: timedelta

    @property
    def share(self) -> float | None:
        """The share of the judged time that it was up, 0 to 1; None where nothing was judged."""
        judged = self.up + self.down
        return self.up / judged if judged else None

    @property
    def watched_share(self) -> float:
        """The share of the period that was watched, 0 to 1."""
        return self.watched / self.whole if self.whole else 0.0


def joined(
    spans: Sequence[VerdictSpan], more: Iterable[VerdictSpan], longest_gap: timedelta
) -> list[VerdictSpan]:
    """Spans oldest first with newer ones added: what stayed the same without a gap is one span.

    A newer one may be the last of the older ones, gone on since. Their `runs` and `ms` are those of
    the last part.
    """
    found = list(spans)
    for span in more:
        last = found[-1] if found else None
        if last is None or (last.status, last.cause) != (span.status, span.cause):
            if last is None or span.at >= last.seen_at:
                found.append(span)
        elif span.at - last.seen_at > longest_gap:
            found.append(span)
        else:
            found[-1] = replace(
                span, at=min(last.at, span.at), seen_at=max(last.seen_at, span.seen_at)
            )
    return found


def timeline(
    spans: Sequence[VerdictSpan], since: datetime, until: datetime, longest_gap: timedelta
) -> list[Segment]:
    """The whole period in segments without holes, oldest first, from spans oldest first."""
    joined: list[Segment] = []
    for segment in _filled(spans, since, until, longest_gap):
        last = joined[-1] if joined else None
        if last and (last.extent, last.cause) == (segment.extent, segment.cause):
            joined[-1] = Segment(last.start, segment.end, last.extent, last.cause)
        else:
            joined.append(segment)
    return joined


def uptime(segments: Iterable[Segment]) -> Uptime:
    """What a timeline adds up to."""
    up = down = watched = whole = timedelta(0)
    for segment in segments:
        whole += segment.length
        if segment.extent is not Extent.UNWATCHED:
            watched += segment.length
        if segment.extent in _UP:
            up += segment.length
        elif segment.extent is Extent.DOWN:
            down += segment.length
    return Uptime(up, down, watched, whole)


def since_when(
    spans: Sequence[VerdictSpan], now: datetime, longest_gap: timedelta
) -> datetime | None:
    """Since when the latest status has lasted without a gap; None when it isn't monitored now.

    Passed and warning count as one: it worked.
    """
    if not spans or now - spans[-1].seen_at > longest_gap:
        return None
    extent = _good(spans[-1])
    start = spans[-1].at
    for later, earlier in zip(reversed(spans), reversed(spans[:-1]), strict=False):
        if _good(earlier) != extent or later.at - earlier.seen_at > longest_gap:
            break
        start = earlier.at
    return start


def overall(verdicts: Sequence[Verdict], at: datetime) -> Sample:
    """The sample of a whole run: its worst status, with the cause of the first that failed."""
    for status in (Status.FAILED, Status.WARNING):
        worst = next((one for one in verdicts if one.status is status), None)
        if worst is not None:
            return Sample(OVERALL, status, worst.cause, at, _took(verdicts))
    proved = any(one.status is Status.PASSED for one in verdicts)
    return Sample(OVERALL, Status.PASSED if proved else Status.UNPROVEN, None, at, _took(verdicts))


def samples(verdicts: Iterable[Verdict]) -> list[Sample]:
    """What the history keeps of verdicts."""
    return [Sample(one.id, one.status, one.cause, one.at, one.ms) for one in verdicts]


def _took(verdicts: Iterable[Verdict]) -> float:
    return sum(verdict.ms for verdict in verdicts)


def _good(span: VerdictSpan) -> Extent:
    extent = _EXTENTS[Status(span.status)]
    return Extent.UP if extent in _UP else extent


def _filled(
    spans: Sequence[VerdictSpan], since: datetime, until: datetime, longest_gap: timedelta
) -> Iterator[Segment]:
    """Pieces of the period in order; what no verdict reaches is unwatched."""
    at = since
    for index, span in enumerate(spans):
        if at >= until:
            return
        following = spans[index + 1].at if index + 1 < len(spans) else until
        existing = following if following - span.seen_at <= longest_gap else span.seen_at
        start, end = max(span.at, at), min(existing, until)
        if start > at:
            yield Segment(at, min(start, until), Extent.UNWATCHED)
            at = min(start, until)
        if end > at:
            yield Segment(at, end, _EXTENTS[Status(span.status)], span.cause)
            at = end
    if at < until:
        yield Segment(at, until, Extent.UNWATCHED)

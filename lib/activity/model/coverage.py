"""What has been read, so that a chart never draws as zero what nobody knows.

Coverage is what the event store has committed: spans per profile and source. Around them time is
unread, still settling (the last minutes, in which the sender may add events), lost to the sender's
retention, dropped by ours, or in the future.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from lib.activity.model.source import RECORDS, Source
from lib.store.events.events import EventStore
from lib.store.events.retention import ALL, marks
from lib.store.spans import Span, subtract

SETTLING: Final = timedelta(minutes=5)
"""The end of a read closer to now than this isn't final yet."""


class Extent(StrEnum):
    """How much is known about a stretch of time."""

    READ = "read"
    PARTIAL = "partial"
    SETTLING = "settling"
    UNREAD = "unread"
    LOST = "lost"
    DROPPED = "dropped"
    THINNED = "thinned"
    """Some types of events were dropped here before others."""
    FUTURE = "future"


@dataclass(frozen=True, slots=True)
class Coverage:
    """What is read of one source of a profile, as seen at `now`."""

    source: str
    spans: tuple[Span, ...]
    now: datetime
    dropped: datetime | None = None
    """What is older was dropped here, because it was kept long enough."""
    thinned: datetime | None = None
    """What is older lacks types of events that are asked for; it isn't in the spans."""

    @property
    def complete_to(self) -> datetime | None:
        """The end of the newest span: everything right before it is known. None = nothing read."""
        return self.spans[-1].end if self.spans else None

    def gaps(self, since: datetime, until: datetime) -> list[Span]:
        """The stretches of a period that aren't read, up to now."""
        return subtract(Span(since, min(until, self.now)), self.spans)

    def covers(self, since: datetime, until: datetime) -> bool:
        """Whether all of the period is read."""
        return since < until and any(span.covers(Span(since, until)) for span in self.spans)

    def extent(self, since: datetime, until: datetime) -> Extent:
        """How much is known about a stretch of time."""
        if since >= self.now:
            return Extent.FUTURE
        gaps = self.gaps(since, until)
        if not gaps:
            return Extent.READ
        if self._settling(gaps[0]):
            return Extent.SETTLING
        if gaps[0].length < min(until, self.now) - since:  # of several, each is shorter
            return Extent.PARTIAL
        return self._why(until)

    def lost(self, since: datetime, until: datetime) -> list[Span]:
        """The gaps that the sender doesn't keep any more."""
        return [gap for gap in self.gaps(since, until) if self._lost(gap.end)]

    def _why(self, until: datetime) -> Extent:
        """Why nothing of a stretch up to a time is whole."""
        if self.dropped is not None and until <= self.dropped:
            return Extent.DROPPED
        if self.thinned is not None and until <= self.thinned:
            return Extent.THINNED
        return Extent.LOST if self._lost(until) else Extent.UNREAD

    def _settling(self, gap: Span) -> bool:
        # what was read to its end moments ago, and only waits for late arrivals
        end = self.complete_to
        return end is not None and gap.start >= end and gap.length <= 3 * SETTLING

    def _lost(self, end: datetime) -> bool:
        kept = RECORDS[Source(self.source)].kept
        return kept is not None and end <= self.now - kept


@dataclass(frozen=True, slots=True)
class Comparison:
    """Whether two periods may be compared, and if not, why not."""

    allowed: bool
    reason: str = ""


def coverage(
    events: EventStore,
    profile: str,
    source: str,
    now: datetime,
    marked: Mapping[str, datetime] | None = None,
) -> Coverage:
    """The coverage of a source as it is charted now; `marked` is what was dropped, if known."""
    gone = marks(events, profile, source) if marked is None else marked
    return Coverage(source, tuple(events.coverage(profile, source)), now, gone.get(ALL))


def comparison_allowed(known: Coverage, period: Span, previous: Span) -> Comparison:
    """A comparison needs both periods to be read; the running one up to where reading stands."""
    if not known.covers(previous.start, previous.end):
        return Comparison(allowed=False, reason="The previous period hasn't been read completely.")
    if not known.covers(period.start, period.end):
        return Comparison(allowed=False, reason="This period hasn't been read completely.")
    return Comparison(allowed=True)

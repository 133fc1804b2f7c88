"""What a detection is: a record of the registry, and what it is given to look at.

A detection gets a `DetectionContext`: how to query the event store, which events are judged, and
what is known of the enterprise. It returns the findings that were active in the period; to see
where one began it may read `look_back` further into the past. It reads no clock: time is that of
the events.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from lib.detections.finding import Attack, Finding
from lib.store.spans import Span


class EventQuery(Protocol):
    """How a detection asks: the rows of a parameterised query over the table `events`."""

    def __call__(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows as tuples; times are naive, in UTC."""


@dataclass(frozen=True, slots=True)
class DetectionScope:
    """Which events are judged: those of one source of a profile, from `since` to before `until`.

    `known` are the spans that were read completely: outside of them silence means nothing.
    `own_domains` are the mail domains of the enterprise, lower case.
    """

    profile: str
    source: str
    since: datetime
    until: datetime
    known: tuple[Span, ...] = ()
    own_domains: frozenset[str] = frozenset()

    @property
    def known_to(self) -> datetime:
        """How far the end of the period is read: the newest minutes usually aren't yet."""
        ends = [span.end for span in self.known if span.start < self.until]
        return min(self.until, max(ends, default=self.since))

    def knows(self, since: datetime, until: datetime) -> bool:
        """Whether all of a stretch was read."""
        return any(span.start <= since and until <= span.end for span in self.known)


class NotEnough(Exception):  # a verdict, not a fault: there is too little to judge
    """There are too few events to judge by; the text says what is missing."""


@dataclass(frozen=True, slots=True)
class DetectionContext:
    """What a detection looks at: the question asker and the scope."""

    query: EventQuery
    scope: DetectionScope


Find = Callable[[DetectionContext], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Detection:
    """One detection. `id` never changes; `find` raises NotEnough where it can't judge.

    `says` is what it finds, `benign_causes` what it may be instead, `next_step` what to look at
    first.
    `parameters` is the frozen dataclass with its thresholds, which `find` already holds.
    """

    id: str
    title: str
    family: str
    says: str
    benign_causes: tuple[str, ...]
    next_step: str
    parameters: object
    look_back: timedelta
    find: Find
    attack: Attack | None = None
    types: tuple[str, ...] = field(default=())

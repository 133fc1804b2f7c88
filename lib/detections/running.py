"""Running detections over an event store: which were run, what they found, which couldn't judge."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from lib.activity.model.repeats import BESIDE, COVERED, PERSONAL_TYPES
from lib.activity.queries.source_of_record import source_of_record, uncounted
from lib.core.time_texts import rfc3339
from lib.detections.detection import (
    Detection,
    DetectionContext,
    DetectionScope,
    EventQuery,
    NotEnough,
)
from lib.detections.evidence import names_of, shown_name
from lib.detections.finding import Finding
from lib.detections.registry import DETECTIONS
from lib.store.events import dialect
from lib.store.events.events import EventStore
from lib.store.spans import Span

DEFAULT_SPAN: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class DetectionReport:
    """One run. `ran` are the ids of all that were run, `not_judged` why some couldn't judge.

    `seen` is False where the profile has no events at all. `names` are what the people of the
    findings are called, by actor id: ids that we made ourselves tell nobody anything.
    """

    profile: str
    source: str
    since: datetime
    until: datetime
    ran: tuple[str, ...]
    findings: tuple[Finding, ...]
    not_judged: dict[str, str]
    seen: bool = True
    names: Mapping[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON."""
        return {
            "profile": self.profile,
            "source": self.source,
            "from": rfc3339(self.since),
            "to": rfc3339(self.until),
            "ran": list(self.ran),
            "seen": self.seen,
            "names": dict(self.names),
            "findings": [one.as_dict() for one in self.findings],
            "not_judged": [{"detection": d, "reason": why} for d, why in self.not_judged.items()],
        }

    @classmethod
    def from_dict(cls, found: dict[str, Any]) -> "DetectionReport":
        """The report back from `as_dict`. Raises KeyError or ValueError for anything else."""
        return cls(
            profile=str(found["profile"]),
            source=str(found["source"]),
            since=datetime.fromisoformat(found["from"]),
            until=datetime.fromisoformat(found["to"]),
            ran=tuple(found["ran"]),
            findings=tuple(Finding.from_dict(one) for one in found["findings"]),
            not_judged={one["detection"]: one["reason"] for one in found["not_judged"]},
            seen=bool(found["seen"]),
            names=dict(found.get("names") or {}),
        )


def scope_of(
    events: EventStore,
    profile: str,
    since: datetime,
    until: datetime,
    *,
    source: str | None = None,
    own_domains: Collection[str] = (),
) -> DetectionScope:
    """What is judged: the profile's source of record, and what was read of it.

    A source without coverage (an import) counts as read from its first event to its last.
    """
    source = source or source_of_record(events, profile)
    known = events.coverage(profile, source) or [
        Span(one.oldest, one.newest) for one in events.sources(profile) if one.source == source
    ]
    return DetectionScope(
        profile, source, since, until, tuple(known), frozenset(d.lower() for d in own_domains)
    )


def run(events: EventStore, scope: DetectionScope, only: Iterable[str] = ()) -> DetectionReport:
    """Run all detections, or those with these ids, over a scope; oldest finding first."""
    requested = frozenset(only)
    chosen = [one for one in DETECTIONS if not requested or one.id in requested]
    return run_these(events, scope, chosen)


_COUNTED: Final = f"""FROM (
    SELECT * FROM events AS told WHERE told.event_type IN ({dialect.texts(sorted(PERSONAL_TYPES))})
    OR NOT EXISTS (
        SELECT 1 FROM coverage AS apart
        WHERE apart.profile = told.profile AND apart.source = told.source
        AND apart.filter IN ('{COVERED}' || told.account_id, '{BESIDE}' || told.account_id)
        AND told.occurred_at >= apart.from_at AND told.occurred_at < apart.to_at)) AS events"""  # noqa: S608  # our own names


def _counting_once(events: EventStore, scope: DetectionScope) -> EventQuery:
    """How detections ask: where accounts tell one action twice, one of them is judged."""
    if not uncounted(events, scope.profile, scope.source):
        return events.rows

    def rows(sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        return events.rows(_FROM_EVENTS.sub(_COUNTED, sql), parameters)

    return rows


_FROM_EVENTS: Final = re.compile(r"\bFROM events\b")


def run_these(
    events: EventStore, scope: DetectionScope, chosen: Sequence[Detection]
) -> DetectionReport:
    """Run these detections."""
    context = DetectionContext(_counting_once(events, scope), scope)
    found: list[Finding] = []
    not_judged: dict[str, str] = {}
    for detection in chosen:
        try:
            found.extend(detection.find(context))
        except NotEnough as reason:
            not_judged[detection.id] = str(reason)
    found.sort(key=lambda one: (one.since, one.detection, one.subject))
    return DetectionReport(
        scope.profile,
        scope.source,
        scope.since,
        scope.until,
        tuple(one.id for one in chosen),
        tuple(found),
        not_judged,
        seen=any(one.source == scope.source for one in events.sources(scope.profile)),
        names=_names(events, scope, found),
    )


def _names(events: EventStore, scope: DetectionScope, found: Sequence[Finding]) -> dict[str, str]:
    actors = {one.actor_id for one in found if one.actor_id}
    since = min((one.since for one in found), default=scope.since)
    known = names_of(events, scope.profile, scope.source, actors, since)
    return {one: name for one in sorted(known) if (name := shown_name(one, known))}

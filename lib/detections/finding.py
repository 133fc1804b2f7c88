"""What a detection finds: who, when, which events, why, and with what confidence.

A finding's key follows from the detection, its subject and the time of its first event, so that the
same finding is the same one in every run, whatever period the run looks at. Texts here never hold a
name, a login or an address of a person: they may leave the app in an alert.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from lib.core.time_texts import rfc3339

EVIDENCE_LIMIT: Final = 1000
"""How many event ids a finding carries; `events` counts all."""


class Severity(StrEnum):
    """How bad it would be, if it is what it looks like."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Confidence(StrEnum):
    """How sure it is that this isn't ordinary work."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Attack:
    """A technique of MITRE ATT&CK (Enterprise) that a detection is about."""

    id: str
    name: str

    @property
    def url(self) -> str:
        """Its public page."""
        return f"https://attack.mitre.org/techniques/{self.id.replace('.', '/')}/"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found.

    `subject` is whom or what it is about (an actor's id, an item's id, an address), empty for the
    whole enterprise; `actor_id` who did it, None where nobody is known. `since` and `until` are the
    times of its first and last event, UTC. `event_ids` are its first `EVIDENCE_LIMIT` events in
    order, `events` counts all of them. `facts` are figures for people and machines. `began` is the
    time that its key is made of.
    """

    detection: str
    subject: str
    actor_id: str | None
    since: datetime
    until: datetime
    event_ids: tuple[str, ...]
    events: int
    severity: Severity
    confidence: Confidence
    why: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    began: datetime | None = None

    @property
    def key(self) -> str:
        """24 hex digits that are the same for the same finding."""
        began = (self.began or self.since).astimezone(UTC).isoformat()
        text = f"{self.detection}\n{self.subject}\n{began}"
        return hashlib.sha256(text.encode()).hexdigest()[:24]

    def as_dict(self) -> dict[str, Any]:
        """The finding as JSON."""
        return {
            "key": self.key,
            "detection": self.detection,
            "actor_id": self.actor_id,
            "from": rfc3339(self.since),
            "to": rfc3339(self.until),
            "event_ids": list(self.event_ids),
            "events": self.events,
            "severity": str(self.severity),
            "confidence": str(self.confidence),
            "subject": self.subject,
            "why": self.why,
            "facts": dict(self.facts),
            "began": rfc3339(self.began or self.since),
        }

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> "Finding":
        """The finding back from `as_dict`. Raises KeyError or ValueError for anything else."""
        return cls(
            detection=str(found["detection"]),
            subject=str(found["subject"]),
            actor_id=found["actor_id"],
            since=datetime.fromisoformat(found["from"]),
            until=datetime.fromisoformat(found["to"]),
            event_ids=tuple(str(one) for one in found["event_ids"]),
            events=int(found["events"]),
            severity=Severity(found["severity"]),
            confidence=Confidence(found["confidence"]),
            why=str(found["why"]),
            facts=dict(found["facts"]),
            began=datetime.fromisoformat(found["began"]),
        )

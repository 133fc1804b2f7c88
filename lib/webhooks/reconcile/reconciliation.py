"""What is compared, and the account of it: events, deliveries, lines and their reasons."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from lib.webhooks.manage.watching import Watching


@dataclass(frozen=True, slots=True)
class Happened:
    """An event of a stream. Times are UTC, unknown ids are None."""

    id: str
    at: datetime
    type: str
    item_type: str | None = None
    item_id: str | None = None
    item_name: str | None = None
    parent_id: str | None = None
    actor_id: str | None = None
    actor_login: str | None = None


@dataclass(frozen=True, slots=True)
class Came:
    """One accepted delivery. `at` is when the action happened, as its body says."""

    id: str
    body_id: str
    at: datetime
    received_at: datetime
    trigger: str | None
    item_type: str | None = None
    item_id: str | None = None
    item_name: str | None = None
    actor_id: str | None = None
    actor_login: str | None = None
    webhook_id: str | None = None


@dataclass(frozen=True, slots=True)
class Watched:
    """What is watched. `paths` lists the folders above a folder, by its id, itself included.

    `known` says that the list of webhooks is complete; what isn't in `paths` may be anywhere.
    """

    webhooks: tuple[Watching, ...] = ()
    paths: Mapping[str, frozenset[str]] = field(default_factory=dict)
    known: bool = False


class MissReason(StrEnum):
    """Why only one side has something."""

    MISSED = "missed"
    """A webhook watches the item for this, and brought nothing."""
    MAY_COME = "may_come"
    """As missed, but Box may still be trying."""
    PERHAPS = "perhaps"
    """Box doesn't say that this type of event sets off the trigger."""
    NOT_WATCHED = "not_watched"
    BEFORE = "before"
    """The webhook was made later."""
    UNKNOWN_PLACE = "unknown_place"
    """Where the item is, or what is watched, isn't known."""
    NOT_READ = "not_read"
    """The stream isn't read for that time."""
    NO_EVENT = "no_event"
    """No type of event tells the same."""
    ALARM = "alarm"
    """It tells of the webhook itself."""
    TWICE = "twice"
    """The same webhook told it already, under another id."""
    NOT_IN_STREAM = "not_in_stream"


FAULTS: Final = frozenset({MissReason.MISSED, MissReason.NOT_IN_STREAM, MissReason.TWICE})
"""Reasons that somebody has to look into; the others explain themselves."""


@dataclass(frozen=True, slots=True)
class Body:
    """A body and its deliveries: the first that was received, and how many there were."""

    first: Came
    times: int
    out_of_order: bool = False

    @property
    def delay(self) -> timedelta:
        """From the action until it came here."""
        return self.first.received_at - self.first.at


@dataclass(frozen=True, slots=True)
class Line:
    """One action: on both sides, or on one with the reason."""

    at: datetime
    event: Happened | None
    bodies: tuple[Body, ...] = ()
    reason: MissReason | None = None

    @property
    def is_fault(self) -> bool:
        """Whether it is a difference that nothing explains."""
        return self.reason in FAULTS


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The whole comparison, newest first. `never` counts events that no trigger tells, by type."""

    lines: tuple[Line, ...]
    never: Mapping[str, int]
    late_after: timedelta

    @property
    def both(self) -> int:
        """Events that webhooks brought too."""
        return sum(1 for line in self.lines if line.reason is None)

    @property
    def bodies(self) -> tuple[Body, ...]:
        """Every body that came."""
        return tuple(body for line in self.lines for body in line.bodies)

    def reasons(self, *, of_stream: bool) -> Counter[MissReason]:
        """How many lines only one side has, by reason."""
        return Counter(
            line.reason
            for line in self.lines
            if line.reason is not None and (line.event is not None) == of_stream
        )

    @property
    def missed(self) -> int:
        """Events that a webhook had to bring and didn't."""
        return self.reasons(of_stream=True)[MissReason.MISSED]

    @property
    def differences(self) -> int:
        """Lines that nothing explains."""
        return sum(line.is_fault for line in self.lines)

    @property
    def late(self) -> int:
        """Bodies that came late."""
        return sum(body.delay > self.late_after for body in self.bodies)

    @property
    def repeated(self) -> int:
        """Deliveries beyond the first of their body."""
        return sum(body.times - 1 for body in self.bodies)

    @property
    def out_of_order(self) -> int:
        """Bodies that came after one of a later action."""
        return sum(body.out_of_order for body in self.bodies)

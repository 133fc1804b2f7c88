"""Compares a stream with what webhooks delivered: what only one of the two has, and why.

Pure: two sets of rows go in, one account of them comes out. An event and a delivery are the same
action when item, actor and action agree and their times are close; which trigger reports which type
of event is in `lib.webhooks.manage.triggers`. Each delivery answers for one event, and of the
deliveries of one webhook and trigger only one answers for an event. Box promises no order and tries
again for two hours, so what is younger than that isn't missing yet. Source: Box developer
documentation, webhooks (limitations, retries).
"""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby
from typing import Final

from lib.webhooks.manage.triggers import ALARMS, FOLDER, has_event, pair
from lib.webhooks.manage.watching import Watching

CLOSE: Final = timedelta(seconds=60)
"""How far the two times of one action may be apart."""
LATE: Final = timedelta(seconds=60)
TRIED_FOR: Final = timedelta(hours=2)
"""For so long Box tries again."""
_MOST_LOOKED_AT: Final = 50


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


def reconcile(
    events: Iterable[Happened],
    deliveries: Iterable[Came],
    watched: Watched,
    *,
    now: datetime,
    read: Sequence[tuple[datetime, datetime]] = (),
    period: tuple[datetime, datetime] | None = None,
    close: timedelta = CLOSE,
    late_after: timedelta = LATE,
) -> Reconciliation:
    """Compare the two.

    `read` are the spans of the stream that were read. Rows outside `period` only serve to find
    what belongs to a row inside. Nothing raises, whatever the rows hold.
    """
    reported, never = _split(events, period)
    bodies = _bodies(deliveries)
    matched, others = _match(reported, bodies, close)
    look = _Explainer(watched, now)
    lines = [
        Line(
            event.at,
            event,
            tuple(matched.get(event.id, ())),
            None if event.id in matched else look.why_missing(event),
        )
        for event in reported
    ]
    taken = {_twin(body) for event in reported for body in matched.get(event.id, ())}
    lines += [Line(body.first.at, None, (body,), _why_alone(body, read, taken)) for body in others]
    if period is not None:
        lines = [line for line in lines if period[0] <= line.at < period[1]]
    lines.sort(key=lambda line: (line.at, line.event.id if line.event else ""), reverse=True)
    return Reconciliation(tuple(lines), never, late_after)


def _split(
    events: Iterable[Happened], period: tuple[datetime, datetime] | None
) -> tuple[list[Happened], Counter[str]]:
    """Events that some trigger tells, each id once; and how many none does, by type."""
    reported: dict[str, Happened] = {}
    never: Counter[str] = Counter()
    seen: set[str] = set()
    for event in events:
        if event.id in seen:
            continue
        seen.add(event.id)
        if pair(event.type, event.item_type):
            reported[event.id] = event
        elif period is None or period[0] <= event.at < period[1]:
            never[event.type] += 1
    return list(reported.values()), never


def _bodies(deliveries: Iterable[Came]) -> list[Body]:
    """The bodies in the order in which they came; whether one of a later action came before."""
    found: dict[str, list[Came]] = defaultdict(list)
    for one in sorted(deliveries, key=lambda one: (one.received_at, one.id)):
        found[one.body_id].append(one)
    bodies: list[Body] = []
    newest: datetime | None = None
    by_receipt = groupby(found.values(), key=lambda same: same[0].received_at)
    for _, together in by_receipt:  # what came in one moment is in no order
        these = list(together)
        bodies += [
            Body(same[0], len(same), newest is not None and same[0].at < newest) for same in these
        ]
        latest = max(same[0].at for same in these)
        newest = latest if newest is None else max(newest, latest)
    return bodies


def _match(
    events: Sequence[Happened], bodies: Sequence[Body], close: timedelta
) -> tuple[dict[str, list[Body]], list[Body]]:
    """Which bodies tell which event, and the bodies that tell none. The nearest in time first."""
    places = _Places(events)
    matched: dict[str, list[Body]] = defaultdict(list)
    reported: set[tuple[str, str | None, str | None]] = set()
    left = list(bodies)
    for apart in (timedelta(), close):  # most agree to the second, and need no comparing
        pairs = sorted(
            (abs(event.at - body.first.at), not sure, event.at, event.id, number)
            for number, body in enumerate(left)
            for event, sure in places.near(body.first, apart)
        )
        done: set[int] = set()
        for _, _, _, event_id, number in pairs:
            first = left[number].first
            by = (event_id, first.webhook_id, first.trigger)
            if number not in done and by not in reported:
                done.add(number)
                reported.add(by)
                matched[event_id].append(left[number])
        left = [body for number, body in enumerate(left) if number not in done]
    return dict(matched), left


class _Places:
    """Events by item and trigger, in the order of time."""

    def __init__(self, events: Sequence[Happened]) -> None:
        found: dict[tuple[str | None, str], list[tuple[datetime, str, Happened, bool]]]
        found = defaultdict(list)
        for event in events:
            both = pair(event.type, event.item_type)
            for trigger in both.triggers:
                sure = trigger in both.sure
                found[event.item_id, trigger].append((event.at, event.id, event, sure))
        for places in found.values():
            places.sort(key=lambda place: place[:2])
        self._found = dict(found)

    def near(self, one: Came, close: timedelta) -> Iterator[tuple[Happened, bool]]:
        """Events that a delivery can be about, and whether their type surely tells the same."""
        places = self._found.get((one.item_id, one.trigger or ""), [])
        first = bisect_left(places, one.at - close, key=lambda place: place[0])
        last = bisect_right(places, one.at + close, key=lambda place: place[0])
        middle = bisect_left(places, one.at, key=lambda place: place[0])
        first = max(first, middle - _MOST_LOOKED_AT)
        last = min(last, middle + _MOST_LOOKED_AT)
        for _, _, event, sure in places[first:last]:
            if _agree(event.actor_id, one.actor_id) and _agree(event.item_type, one.item_type):
                yield event, sure


def _agree(one: str | None, other: str | None) -> bool:
    """Equal, as far as both are known."""
    return one is None or other is None or one == other


@dataclass(frozen=True, slots=True)
class _Explainer:
    """Why webhooks didn't bring an event."""

    watched: Watched
    now: datetime

    def why_missing(self, event: Happened) -> MissReason:
        both = pair(event.type, event.item_type)
        asking = [hook for hook in self.watched.webhooks if hook.triggers & set(both.triggers)]
        over = [hook for hook in asking if self._over(hook, event)]
        bound = [hook for hook in over if hook.triggers & set(both.sure)]
        if bound:
            if all(hook.since is not None and event.at < hook.since for hook in bound):
                return MissReason.BEFORE
            return MissReason.MAY_COME if self.now - event.at < TRIED_FOR else MissReason.MISSED
        if over:
            return MissReason.PERHAPS
        if not self.watched.known:
            return MissReason.UNKNOWN_PLACE
        folders = any(hook.target_type == FOLDER for hook in asking)
        return (
            MissReason.UNKNOWN_PLACE
            if folders and not self._placed(event)
            else MissReason.NOT_WATCHED
        )

    def _over(self, hook: Watching, event: Happened) -> bool:
        if (hook.target_type, hook.target_id) == (event.item_type, event.item_id):
            return True
        return hook.target_type == FOLDER and hook.target_id in self._above(event)

    def _above(self, event: Happened) -> frozenset[str]:
        parent = event.parent_id
        if parent is None:
            return frozenset()
        return self.watched.paths.get(parent, frozenset()) | {parent}

    def _placed(self, event: Happened) -> bool:
        return event.parent_id is not None and event.parent_id in self.watched.paths


Twin = tuple[str | None, str | None, str | None, str | None]


def _twin(body: Body) -> tuple[Twin, datetime]:
    one = body.first
    return (one.webhook_id, one.trigger, one.item_id, one.actor_id), one.at


def _why_alone(
    body: Body, read: Sequence[tuple[datetime, datetime]], taken: set[tuple[Twin, datetime]]
) -> MissReason:
    one = body.first
    if one.trigger in ALARMS:
        return MissReason.ALARM
    if not has_event(one.trigger or ""):
        return MissReason.NO_EVENT
    if _twin(body) in taken:
        return MissReason.TWICE
    if not any(start <= one.at < end for start, end in read):
        return MissReason.NOT_READ
    return MissReason.NOT_IN_STREAM

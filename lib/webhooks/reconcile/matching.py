"""Compares a stream with what webhooks delivered: what only one of the two has, and why.

Pure: two sets of rows go in, one account of them comes out. An event and a delivery are the same
action when item, actor and action agree and their times are close; which trigger reports which type
of event is in `lib.webhooks.manage.triggers`. Each delivery answers for one event, and of the
deliveries of one webhook and trigger only one answers for an event. Box promises no order. Source:
Box developer documentation, webhooks (limitations, retries).
"""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final

from lib.webhooks.manage.triggers import pair
from lib.webhooks.reconcile.miss_reasons import MissExplainer, twin_of, why_alone
from lib.webhooks.reconcile.reconciliation import (
    Body,
    Came,
    Happened,
    Line,
    Reconciliation,
    Watched,
)

CLOSE: Final = timedelta(seconds=60)
"""How far the two times of one action may be apart."""
LATE: Final = timedelta(seconds=60)
_MOST_LOOKED_AT: Final = 50


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
    look = MissExplainer(watched, now)
    lines = [
        Line(
            event.at,
            event,
            tuple(matched.get(event.id, ())),
            None if event.id in matched else look.why_missing(event),
        )
        for event in reported
    ]
    taken = {twin_of(body) for event in reported for body in matched.get(event.id, ())}
    lines += [Line(body.first.at, None, (body,), why_alone(body, read, taken)) for body in others]
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

"""The stream against webhooks: a perfect set has no difference, and each that is made is found."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.webhooks.manage.triggers import pair, triggers
from lib.webhooks.manage.watching import Watching
from lib.webhooks.reconcile.matching import CLOSE, LATE, reconcile
from lib.webhooks.reconcile.miss_reasons import TRIED_FOR
from lib.webhooks.reconcile.reconciliation import (
    Came,
    Happened,
    MissReason,
    Reconciliation,
    Watched,
)

T0 = datetime(2026, 3, 1, 9, tzinfo=UTC)
NOW = T0 + timedelta(days=2)
SECOND = timedelta(seconds=1)
READ = ((T0 - timedelta(days=1), NOW),)
SURE = sorted(
    (event, kind)
    for event in {event for one in triggers().values() for event in one.events}
    for kind in ("file", "folder")
    if pair(event, kind).sure
)
HOOK = Watching("9", "folder", "1", frozenset(triggers()), T0 - timedelta(days=1))
WATCHED = Watched((HOOK,), {"5": frozenset({"1", "5"})}, known=True)


def event(number: int, **changes: Any) -> Happened:
    made = Happened(
        id=f"e{number}",
        at=T0 + number * 10 * SECOND,
        type="UPLOAD",
        item_type="file",
        item_id="70",
        item_name="Q1.pdf",
        parent_id="5",
        actor_id="11",
    )
    return replace(made, **changes)


def delivery(of: Happened, **changes: Any) -> Came:
    made = Came(
        id=f"d-{of.id}",
        body_id=f"b-{of.id}",
        at=of.at,
        received_at=of.at + SECOND,
        trigger=pair(of.type, of.item_type).triggers[0],
        item_type=of.item_type,
        item_id=of.item_id,
        actor_id=of.actor_id,
        webhook_id="9",
    )
    return replace(made, **changes)


def compare(
    events: Sequence[Happened], came: Sequence[Came], watched: Watched = WATCHED, **how: Any
) -> Reconciliation:
    return reconcile(events, came, watched, **{"now": NOW, "read": READ, **how})


def why(events: Sequence[Happened], came: Sequence[Came], **how: Any) -> list[MissReason | None]:
    return [line.reason for line in compare(events, came, **how).lines]


@dataclass(frozen=True, slots=True)
class Perfect:
    events: list[Happened]
    came: list[Came]


@st.composite
def perfect(draw: st.DrawFn) -> Perfect:
    """Actions at least two seconds apart, each brought a second after it happened."""
    steps = draw(st.lists(st.integers(2, 90), min_size=1, max_size=25))
    at, events = T0, []
    for number, step in enumerate(steps):
        at += step * SECOND
        kind, item_type = draw(st.sampled_from(SURE))
        item, actor = draw(st.sampled_from("78")), draw(st.sampled_from("12"))
        made = event(number, at=at, type=kind, item_type=item_type, item_id=item, actor_id=actor)
        events.append(made)
    return Perfect(events, [delivery(one) for one in events])


def some(draw: st.DrawFn, of: Sequence[Came]) -> list[Came]:
    return draw(st.lists(st.sampled_from(of), unique_by=lambda one: one.id, max_size=len(of)))


@settings(max_examples=50)
@given(perfect(), st.randoms())
def test_a_perfect_set_has_no_difference_in_whatever_order_it_is_read(
    world: Perfect, shuffled: random.Random
) -> None:
    shuffled.shuffle(world.came)
    shuffled.shuffle(world.events)
    found = compare(world.events, world.came)
    assert (found.both, len(found.lines)) == (len(world.events), len(world.events))
    assert (found.differences, found.late, found.repeated, found.out_of_order) == (0, 0, 0, 0)
    assert not found.never


@settings(max_examples=50)
@given(st.data(), perfect())
def test_what_was_taken_away_is_what_is_missed(data: st.DataObject, world: Perfect) -> None:
    gone = data.draw(st.sets(st.sampled_from([one.id for one in world.events])))
    left = [one for one in world.came if one.id.removeprefix("d-") not in gone]
    found = compare(world.events, left)
    missed = {
        line.event.id for line in found.lines if line.event and line.reason is MissReason.MISSED
    }
    assert missed == gone
    assert found.missed == found.differences == len(gone)
    assert found.both == len(world.events) - len(gone)


@settings(max_examples=50)
@given(st.data(), perfect())
def test_what_the_stream_lacks_is_reported_by_webhooks_alone(
    data: st.DataObject, world: Perfect
) -> None:
    gone = data.draw(st.sets(st.sampled_from([one.id for one in world.events])))
    found = compare([one for one in world.events if one.id not in gone], world.came)
    alone = {
        line.bodies[0].first.body_id.removeprefix("b-")
        for line in found.lines
        if line.reason is MissReason.NOT_IN_STREAM
    }
    assert alone == gone
    assert found.differences == len(gone)


@settings(max_examples=50)
@given(st.data(), perfect())
def test_what_came_again_is_counted_and_is_no_difference(
    data: st.DataObject, world: Perfect
) -> None:
    again = data.draw(st.lists(st.sampled_from(world.came), max_size=12))
    number = count()
    repeats = [
        replace(one, id=f"r{next(number)}", received_at=one.received_at + timedelta(minutes=5))
        for one in again
    ]
    found = compare(world.events, world.came + repeats)
    assert found.repeated == len(again)
    assert (found.differences, found.late, found.out_of_order) == (0, 0, 0)


@settings(max_examples=50)
@given(st.data(), perfect())
def test_what_was_held_back_is_late_and_out_of_order(data: st.DataObject, world: Perfect) -> None:
    existing = data.draw(st.sets(st.sampled_from([one.id for one in world.came])))
    came = [
        replace(one, received_at=one.received_at + timedelta(hours=1))
        if one.id in existing
        else one
        for one in world.came
    ]
    found = compare(world.events, came)
    assert {b.first.id for b in found.bodies if b.delay > LATE} == existing
    assert found.late == len(existing)
    # each body against each other: the definition, said once more
    expected = {
        one.id
        for one in came
        if any(other.received_at < one.received_at and other.at > one.at for other in came)
    }
    assert {b.first.id for b in found.bodies if b.out_of_order} == expected
    assert expected <= existing
    assert found.differences == 0


@pytest.mark.parametrize("apart", [SECOND, CLOSE])
def test_times_may_differ_a_little_and_the_nearest_belong_together(apart: timedelta) -> None:
    first, second = event(0), event(20)
    came = [delivery(one, at=one.at + apart) for one in (first, second)]
    found = compare([first, second], came)
    assert {line.event.id: line.bodies[0].first.id for line in found.lines if line.event} == {
        "e0": "d-e0",
        "e20": "d-e20",
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"at": T0 + CLOSE + SECOND},
        {"item_id": "71"},
        {"actor_id": "12"},
        {"trigger": "FILE.DOWNLOADED"},
        {"item_type": "folder"},
    ],
)
def test_what_differs_in_item_actor_action_or_time_is_something_else(
    changes: dict[str, Any],
) -> None:
    one = event(0)
    found = why([one], [delivery(one, **changes)])
    assert sorted(found, key=str) == [MissReason.MISSED, MissReason.NOT_IN_STREAM]


def test_an_actor_that_one_side_doesnt_tell_is_no_difference() -> None:
    one = event(0)
    assert why([one], [delivery(one, actor_id=None)]) == [None]


def test_two_webhooks_may_bring_one_action_and_one_webhook_only_once() -> None:
    one = event(0)
    first, other = delivery(one), delivery(one, id="d2", body_id="b2", webhook_id="10")
    assert why([one], [first, other]) == [None]
    again = delivery(one, id="d3", body_id="b3")
    assert sorted(map(str, why([one], [first, other, again]))) == ["None", "twice"]


def test_a_move_may_come_as_an_upload_as_well() -> None:
    moved = event(0, type="MOVE")
    both = [delivery(moved), delivery(moved, id="d2", body_id="b2", trigger="FILE.UPLOADED")]
    assert why([moved], both) == [None]
    uploads = Watched((replace(HOOK, triggers=frozenset({"FILE.UPLOADED"})),), known=True)
    nothing: list[Came] = []
    there = replace(uploads, paths=WATCHED.paths)
    assert why([moved], nothing, watched=there) == [MissReason.PERHAPS]


@pytest.mark.parametrize(
    "changes, watched, reason",
    [
        ({}, WATCHED, MissReason.MISSED),
        ({"parent_id": "1"}, WATCHED, MissReason.MISSED),
        ({"at": NOW - TRIED_FOR + SECOND}, WATCHED, MissReason.MAY_COME),
        ({"at": NOW - TRIED_FOR}, WATCHED, MissReason.MISSED),
        ({"parent_id": "6"}, WATCHED, MissReason.UNKNOWN_PLACE),
        ({"parent_id": None}, WATCHED, MissReason.UNKNOWN_PLACE),
        ({"parent_id": "6"}, replace(WATCHED, paths={"6": frozenset("6")}), MissReason.NOT_WATCHED),
        ({}, Watched(known=True), MissReason.NOT_WATCHED),
        ({}, Watched(known=False), MissReason.UNKNOWN_PLACE),
        ({"at": T0 - timedelta(days=2)}, WATCHED, MissReason.BEFORE),
        ({}, replace(WATCHED, webhooks=(replace(HOOK, since=None),)), MissReason.MISSED),
        ({"type": "EDIT"}, WATCHED, MissReason.PERHAPS),
        (
            {},
            Watched((replace(HOOK, target_type="file", target_id="70"),), known=True),
            MissReason.MISSED,
        ),
        (
            {},
            Watched((replace(HOOK, target_type="file", target_id="71"),), known=True),
            MissReason.NOT_WATCHED,
        ),
        (
            {},
            replace(WATCHED, webhooks=(replace(HOOK, triggers=frozenset({"FILE.MOVED"})),)),
            MissReason.NOT_WATCHED,
        ),
    ],
)
def test_why_webhooks_brought_nothing(
    changes: dict[str, Any], watched: Watched, reason: MissReason
) -> None:
    assert why([event(0, **changes)], [], watched=watched) == [reason]


@pytest.mark.parametrize(
    "changes, how, reason",
    [
        ({}, {}, MissReason.NOT_IN_STREAM),
        ({}, {"read": ()}, MissReason.NOT_READ),
        ({"trigger": "NO_ACTIVE_SESSION", "item_id": None}, {}, MissReason.ALARM),
        ({"trigger": "FILE.DELETED"}, {}, MissReason.NO_EVENT),
        ({"trigger": "FILE.INVENTED"}, {}, MissReason.NO_EVENT),
        ({"trigger": None}, {}, MissReason.NO_EVENT),
    ],
)
def test_why_the_stream_has_nothing(
    changes: dict[str, Any], how: dict[str, Any], reason: MissReason
) -> None:
    assert why([], [delivery(event(0), **changes)], **how) == [reason]


def test_what_no_trigger_tells_is_counted_by_type_and_never_missed() -> None:
    others = [event(n, type=t) for n, t in enumerate(("LOGIN", "LOGIN", "EDIT_USER"))]
    others.append(event(9, type="DELETE", item_type="web_link"))
    found = compare([*others, others[0]], [])
    assert found.never == {"LOGIN": 2, "EDIT_USER": 1, "DELETE": 1}
    assert not found.lines


def test_what_lies_around_the_period_only_helps_to_match() -> None:
    inside, outside = event(0), event(1, at=T0 - SECOND)
    found = compare(
        [inside, outside, event(3, at=T0 - SECOND, type="LOGIN")],
        [delivery(inside, at=T0 - SECOND)],
        period=(T0, NOW),
    )
    assert [line.event.id for line in found.lines if line.event] == ["e0"]
    assert not found.never


TEXT = st.none() | st.text(max_size=6) | st.sampled_from(["file", "folder", "1", "5", "70"])
TIMES = st.integers(-700_000, 2_900_000).map(lambda days: T0 + timedelta(days=days, seconds=1))
KINDS = st.sampled_from(["UPLOAD", "MOVE", "LOGIN", "", "FILE.UPLOADED", "NO_ACTIVE_SESSION"])
EVENTS = st.builds(Happened, st.text(max_size=3), TIMES, KINDS, TEXT, TEXT, TEXT, TEXT, TEXT)
CAME = st.builds(
    Came, st.text(max_size=3), st.text(max_size=3), TIMES, TIMES, KINDS, TEXT, TEXT, TEXT, TEXT
)
HOOKS = st.builds(
    Watching, st.text(max_size=3), st.text(max_size=6), st.text(max_size=3), st.just(HOOK.triggers)
)


@settings(max_examples=60)
@given(
    st.lists(EVENTS, max_size=12),
    st.lists(CAME, max_size=12),
    st.builds(Watched, st.lists(HOOKS, max_size=2).map(tuple), st.just({}), st.booleans()),
    TIMES,
)
def test_nothing_raises_and_every_row_is_somewhere(
    events: list[Happened], came: list[Came], watched: Watched, now: datetime
) -> None:
    found = compare(events, came, watched, now=now)
    ids = {one.id for one in events}
    assert sum(found.never.values()) + sum(1 for one in found.lines if one.event) == len(ids)
    assert sum(body.times for body in found.bodies) == len(came)

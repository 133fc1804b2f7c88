"""The events of a finding, and the names of those who did them."""

from datetime import timedelta

from lib.detections.evidence import SHOWN, names_of, rows_of
from lib.detections.finding import Confidence, Finding, Severity
from lib.store import EventStore
from tests.unit.activity.samples import NOW, box_event, memory_stores, put_events

MINUTE = timedelta(minutes=1)
SOURCE = "box_stream"


def store() -> EventStore:
    """Ten events of two people, a minute apart, and the same ones of another profile."""
    stores = memory_stores()
    ada = [box_event(n, NOW + n * MINUTE) for n in range(9)]
    named = {"type": "user", "id": "11", "name": "Ada Archer", "login": "archer@acme.test"}
    renamed = box_event(9, NOW + 9 * MINUTE, created_by=named)
    other = {"type": "user", "id": "12", "name": "Olu", "login": "olu@acme.test"}
    for profile in ("acme", "other"):
        put_events(stores, [*ada, renamed], profile=profile)
    put_events(stores, [box_event(20, NOW - timedelta(days=1), created_by=other)])
    return stores.events


def finding(first: int, last: int, *numbers: int) -> Finding:
    ids = tuple(str(box_event(n)["event_id"]) for n in numbers)
    times = NOW + first * MINUTE, NOW + last * MINUTE
    return Finding("x", "", None, *times, ids, len(ids), Severity.LOW, Confidence.LOW, "")


def test_the_events_of_a_finding_are_its_own_from_its_first_to_its_last() -> None:
    events = store()
    frame = rows_of(events, "acme", SOURCE, finding(2, 5, 5, 1, 2, 3, 6))
    assert list(frame.columns) == [
        "occurred_at", "event_type", "actor_name", "actor_login", "item_name", "parent_name",
        "target_login", "ip", "service_name", "event_id",
    ]  # fmt: skip
    assert list(frame["event_id"]) == [box_event(n)["event_id"] for n in (2, 3, 5)]
    assert list(frame["occurred_at"]) == [NOW + n * MINUTE for n in (2, 3, 5)]
    assert rows_of(events, "acme", "import", finding(2, 5, 2)).empty
    assert rows_of(events, "nobody", SOURCE, finding(2, 5, 2)).empty


def test_the_first_five_hundred_are_shown() -> None:
    stores = memory_stores()
    put_events(stores, [box_event(n) for n in range(SHOWN + 5)])
    shown = rows_of(stores.events, "acme", SOURCE, finding(0, 0, *range(SHOWN + 5)))
    assert SHOWN == len(shown) == 500
    assert set(shown["event_id"]) == {box_event(n)["event_id"] for n in range(500)}


def test_people_are_named_as_their_newest_event_names_them() -> None:
    events = store()
    both = {"11": ("Ada Archer", "archer@acme.test"), "12": ("Olu", "olu@acme.test")}
    assert names_of(events, "acme", SOURCE, {"11", "12"}, NOW) == both
    assert names_of(events, "acme", SOURCE, {"12"}, NOW) == {"12": both["12"]}
    assert names_of(events, "acme", SOURCE, ["12"], NOW + MINUTE) == {}  # a day before at most
    assert names_of(events, "other", SOURCE, {"11", "12"}, NOW) == {"11": both["11"]}
    assert names_of(events, "acme", "import", {"11"}, NOW) == {}
    assert names_of(events, "acme", SOURCE, set(), NOW) == {}

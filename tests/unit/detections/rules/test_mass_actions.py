"""What the findings of mass actions say, by window and by what is known of the account."""

from datetime import timedelta
from typing import Any

from lib.detections.rules.mass_actions import DELETIONS, DOWNLOADS, PERMISSIONS, SERVICE_DOWNLOADS
from tests.unit.detections.cases import (
    ADA,
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    START,
    Event,
    details,
    event,
    file,
    found,
    ids,
)


def deleted(count: int, span: timedelta = HOUR, start: Any = START) -> list[Event]:
    """Files of two folders, ten bytes each, evenly over a span."""
    step = span / max(1, count - 1)
    return [
        event(
            "DELETE",
            start + n * step,
            source=file(str(n), parent={"type": "folder", "id": str(n % 2), "name": "x"}),
            additional_details={"size": 10},
        )
        for n in range(count)
    ]


def test_an_hour_too_full_is_told_with_what_was_in_it() -> None:
    events = deleted(30, 58 * MINUTE)
    [one] = found(events, "mass_delete")
    assert one.event_ids == ids(events)
    assert details(one) == {
        "actor_id": "11",
        "subject": "11",
        "from": "2026-03-12T12:00:00Z",
        "to": "2026-03-12T12:58:00Z",
        "began": "2026-03-12T12:00:00Z",
        "events": 30,
        "severity": "medium",
        "confidence": "low",
        "why": "30 items deleted within an hour; the limit is 30. This account had none in the"
        " previous 28 days.",
        "facts": {
            "usual_day": None,
            "days_of_history": 0,
            "items": 30,
            "folders": 2,
            "bytes": 300,
        },
    }


def test_a_day_too_full_is_told_as_a_day_beside_the_usual_one() -> None:
    usual = [one for n in range(1, 6) for one in deleted(5, start=START - n * DAY)]
    [one] = found([*usual, *deleted(100, 23 * HOUR)], "mass_delete", since=START)
    assert one.why == (
        "100 items deleted within 24 hours; the limit is 100. This account's daily median: 5."
    )
    assert (one.facts["usual_day"], one.facts["days_of_history"]) == (5.0, 6)
    assert str(one.confidence) == "medium"


def test_three_times_the_limit_is_grave_and_sure_where_the_account_is_known() -> None:
    usual = [one for n in range(1, 6) for one in deleted(5, start=START - n * DAY)]
    for before, count, grade in (
        ([], 89, ("medium", "low")),
        ([], 90, ("high", "medium")),
        (usual, 89, ("medium", "medium")),
        (usual, 90, ("high", "high")),
    ):
        [one] = found([*before, *deleted(count, 58 * MINUTE)], "mass_delete", since=START)
        assert (str(one.severity), str(one.confidence)) == grade, count


def permission(kind: str, n: int) -> Event:
    """A role changes, or somebody is removed: three items, five people."""
    person = {"type": "user", "id": str(100 + n % 5), "login": "x@y.test"}
    source = {"item_type": "folder", "item_id": str(n % 3), "item_name": "x"}
    return event(kind, START + n * SECOND, source=source, accessible_by=person)


def test_permissions_are_told_by_items_and_people_whatever_their_kind() -> None:
    kinds = (
        "COLLABORATION_ROLE_CHANGE",
        "CHANGE_FOLDER_PERMISSION",
        "COLLABORATION_REMOVE",
        "COLLAB_ROLE_CHANGE",
        "COLLAB_REMOVE_COLLABORATOR",
    )
    events = [permission(kinds[n % 5], n) for n in range(15)]
    [one] = found(events, "mass_permission_change")
    assert one.event_ids == ids(events)
    assert (one.facts["items"], one.facts["people"]) == (3, 5)
    assert one.why.startswith("15 permissions changed within an hour; the limit is 15.")
    for kind in kinds:
        assert len(found([permission(kind, n) for n in range(15)], "mass_permission_change")) == 1


def test_making_oneself_owner_is_no_change_of_permissions_here() -> None:
    for role, target, count in (("owner", ADA, 0), ("editor", ADA, 1), ("owner", {}, 1)):
        events = [
            event(
                "COLLABORATION_ROLE_CHANGE",
                START + n * SECOND,
                accessible_by={"type": "user", "id": "12", "login": "x@y.test"} | target,
                additional_details={"role": role},
            )
            for n in range(15)
        ]
        assert len(found(events, "mass_permission_change")) == count, (role, target)


def test_the_two_windows_hold_their_own_limits() -> None:
    """Of the day, too: stories of a thousand events for each would take long."""
    for bulk, hour, day in (
        (DOWNLOADS, (60, 2.0), (200, 6.0)),
        (SERVICE_DOWNLOADS, (1000, 4.0), (5000, 6.0)),
        (DELETIONS, (30, 3.0), (100, 8.0)),
        (PERMISSIONS, (15, 3.0), (40, 8.0)),
    ):
        first, second = bulk.windows
        assert (first.length, first.floor, first.factor) == (HOUR, *hour)
        assert (second.length, second.floor, second.factor) == (DAY, *day)

"""What Box Shield and policies report: of whom, how often, and what it says."""

from datetime import timedelta
from typing import Any

from tests.unit.detections.cases import (
    ADA,
    DAY,
    MINUTE,
    START,
    Event,
    details,
    event,
    file,
    found,
    ids,
)

BOX = {"type": "user", "id": "", "name": "", "login": ""}


def alert(minute: int, who: str = "11", rule: str | None = "location", **more: Any) -> Event:
    """An alert about a person, which no account makes."""
    said = {"user": {"id": who}, "priority": "low"} | ({"rule_category": rule} if rule else {})
    at, details_of = START + minute * MINUTE, {"shield_alert": said | more}
    return event("SHIELD_ALERT", at, BOX, additional_details=details_of)


def test_all_that_is_about_one_person_is_one_finding() -> None:
    events = [
        alert(0, rule="session"),
        alert(1),
        alert(2, rule=None),
        event("SHIELD_PREVIEW_BLOCKED", START + 3 * MINUTE, ADA),
        event("CONTENT_WORKFLOW_UPLOAD_POLICY_VIOLATION", START + 4 * MINUTE, ADA),
        event("CONTENT_WORKFLOW_SHARING_POLICY_VIOLATION", START + 5 * MINUTE, ADA),
    ]
    [one] = found(events, "shield_and_policy")
    assert one.event_ids == ids(events)
    assert details(one) == {
        "actor_id": "11",
        "subject": "11",
        "from": "2026-03-12T12:00:00Z",
        "to": "2026-03-12T12:05:00Z",
        "began": "2026-03-12T12:00:00Z",
        "events": 6,
        "severity": "high",
        "confidence": "high",
        "why": "About one person within 24 hours: Shield alerts: 3, blocked actions: 1, policy"
        " violations: 2.",
        "facts": {"alerts": 3, "blocked": 1, "violations": 2, "rules": ["location", "session"]},
    }


def test_an_alert_is_about_the_person_inside_of_it_and_else_about_its_item() -> None:
    blocked = event("SHIELD_DOWNLOAD_BLOCKED", START, BOX, source=file("77"))
    reported = found([alert(0, "12"), blocked], "shield_and_policy")
    assert [(one.subject, one.actor_id) for one in reported] == [("12", "12"), ("77", None)]
    assert [str(one.severity) for one in reported] == ["medium", "low"]
    assert reported[1].facts == {"alerts": 0, "blocked": 1, "violations": 0}


def test_at_most_nine_rules_are_told() -> None:
    [one] = found([alert(n, rule=f"rule {n:02}") for n in range(11)], "shield_and_policy")
    assert one.facts["rules"] == [f"rule {n:02}" for n in range(9)]


def test_what_lies_more_than_a_day_apart_is_two_findings() -> None:
    for apart, count in ((DAY, 1), (DAY + timedelta(seconds=1), 2)):
        events = [event("SHIELD_PREVIEW_BLOCKED", START + n * apart, ADA) for n in range(2)]
        assert len(found(events, "shield_and_policy")) == count


def test_three_of_a_person_are_grave_and_each_rule_is_told_once() -> None:
    for count, grade in ((2, ("medium", "medium")), (3, ("high", "high"))):
        [one] = found([alert(n) for n in range(count)], "shield_and_policy")
        assert (str(one.severity), str(one.confidence)) == grade, count
        assert one.facts["rules"] == ["location"]

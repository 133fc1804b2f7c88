"""What the findings of sharing say: outsiders, links opened wide, strangers at one item."""

from datetime import timedelta
from typing import Any

from tests.unit.detections.cases import (
    DAY,
    HOUR,
    MINUTE,
    OLU,
    SECOND,
    START,
    Event,
    details,
    event,
    file,
    found,
    ids,
    report,
    stores_of,
)

STRANGER = {"type": "user", "id": "2", "name": "unknown", "login": ""}


def invited(
    login: str, when: timedelta, kind: str = "COLLABORATION_INVITE", who: Event | None = None
) -> Event:
    person = {"type": "user", "id": "900", "login": login}
    source = {"item_type": "folder", "item_id": login[0], "item_name": "x"}
    return event(kind, START + when, who, source=source, accessible_by=person)


def test_outsiders_are_told_by_address_item_and_domain() -> None:
    events = [
        invited("a@One.test", 0 * MINUTE),
        invited("A@one.test", MINUTE),
        invited("b@two.test", 2 * MINUTE, "COLLAB_INVITE_COLLABORATOR"),
        invited("c@two.test", 3 * MINUTE),
    ]
    own = invited("d@acme.test", 4 * MINUTE)
    [one] = found([*events, own], "external_collaboration")
    assert one.event_ids == ids(events)
    assert details(one) == {
        "actor_id": "11",
        "subject": "11",
        "from": "2026-03-12T12:00:00Z",
        "to": "2026-03-12T12:03:00Z",
        "began": "2026-03-12T12:00:00Z",
        "events": 4,
        "severity": "medium",
        "confidence": "medium",
        "why": "3 different people outside your own domains were invited within 24 hours; the limit"
        " is 3. Domains of theirs that nobody invited in the previous 28 days: 2.",
        "facts": {
            "addresses": 3,
            "items": 4,
            "domains": ["one.test", "two.test"],
            "new_domains": 2,
        },
    }


def test_a_domain_is_known_from_anybodys_invitation_of_the_four_weeks_before() -> None:
    events = [invited(f"{n}@new.test", n * MINUTE) for n in range(6)]
    for ago, new in ((28 * DAY, 0), (28 * DAY + SECOND, 1), (30 * DAY, 1)):
        [one] = found([*events, invited("x@new.test", -ago, who=OLU)], "external_collaboration")
        assert one.facts["new_domains"] == new, ago
        assert str(one.severity) == ("high" if new else "medium"), ago
        assert str(one.confidence) == ("high" if new else "medium"), ago
        if not new:
            assert one.why.endswith(
                " People from the same domains were invited in the previous 28 days."
            )


def test_without_own_domains_nobody_is_an_outsider() -> None:
    stores = stores_of([invited("a@one.test", 0 * MINUTE)])
    said = report(stores, "external_collaboration", own=())
    stores.close()
    assert said.not_judged == {
        "external_collaboration": "Your own email domains aren't known yet. Read the enterprise's"
        " users first."
    }


def link(
    minute: int, item: str, kind: str = "ITEM_SHARED_UPDATE", *, label: bool = False, **said: Any
) -> Event:
    source = file(item) | ({"classification": {"name": "Secret"}} if label else {})
    at = START + minute * MINUTE
    return event(kind, at, source=source, additional_details={"shared_link_id": item} | said)


OPEN: Event = {"access": "open", "access_before": "company"}
BARED: Event = {
    "access": "open",
    "access_before": "open",
    "is_password_enabled": "false",
    "was_password_enabled": "true",
}


def test_links_are_told_by_what_became_of_them() -> None:
    events = [
        link(0, "1", **OPEN),
        link(1, "2", **OPEN, label=True),
        link(2, "3", **BARED),
        link(3, "4", "SHARE", access="open", label=True),
    ]
    unseen = [
        link(4, "5", access="company", access_before="open"),
        link(5, "6", "SHARE", access="open"),
        link(6, "7", "SHARE", access="company", label=True),
        link(7, "8", access="open", access_before="open"),
    ]
    [one] = found([*events, *unseen], "link_opened_wide")
    assert one.event_ids == ids(events)
    assert one.facts == {"items": 4, "opened": 4, "unprotected": 1, "classified": 2}
    assert one.why == (
        "Shared links within 24 hours: 4 opened to anyone, 1 lost their password. Links to"
        " classified items: 2."
    )
    assert (str(one.severity), str(one.confidence)) == ("medium", "medium")


def test_links_are_graver_where_they_are_classified_unprotected_or_many() -> None:
    def opened(count: int, *, labels: int = 0) -> list[Event]:
        return [link(n, str(n), **OPEN, label=n < labels) for n in range(count)]

    for name, events, grade in (
        ("one", opened(1), None),
        ("one, classified", opened(1, labels=1), ("medium", "medium")),
        ("two", opened(2), ("low", "low")),
        (
            "two, one unprotected",
            [link(0, "1", **BARED), link(1, "2", **BARED)],
            ("medium", "medium"),
        ),
        ("four, classified", opened(4, labels=1), ("medium", "medium")),
        ("five", opened(5), ("low", "high")),
        ("five, classified", opened(5, labels=1), ("high", "high")),
    ):
        reported = found(events, "link_opened_wide")
        grades = [(str(one.severity), str(one.confidence)) for one in reported]
        assert grades == ([] if grade is None else [grade]), name


def test_what_a_link_was_is_told_by_its_last_event_of_four_weeks() -> None:
    for ago, was, count in (
        (DAY, "company", 1),
        (DAY, "open", 0),
        (28 * DAY, "open", 0),
        (28 * DAY + SECOND, "open", 1),
    ):
        before = event(
            "ITEM_SHARED_UPDATE",
            START - ago,
            OLU,
            source=file("1"),
            additional_details={"shared_link_id": "1", "access": was, "access_before": was},
        )
        now = link(0, "1", access="open", label=True)
        assert len(found([before, now], "link_opened_wide")) == count, (ago, was)


def test_strangers_are_told_by_addresses_and_downloads() -> None:
    kinds = ["PREVIEW"] * 28 + ["DOWNLOAD", "FILE_WATERMARKED_DOWNLOAD"]
    events = [
        event(
            kind, START + n * MINUTE, STRANGER, source=file("77"), ip_address=f"198.51.100.{n % 3}"
        )
        for n, kind in enumerate(kinds)
    ]
    known = event("PREVIEW", START, source=file("77"))
    [one] = found([*events, known], "anonymous_burst")
    assert one.event_ids == ids(events)
    assert (one.subject, one.facts) == ("77", {"addresses": 3, "downloads": 2})
    assert one.why == (
        "One item was opened 30 times within an hour by anonymous users from 3 IP addresses; the"
        " limit is 30."
    )
    assert found(events[1:], "anonymous_burst") == []


def test_strangers_are_counted_over_an_hour_and_held_against_three_usual_days() -> None:
    def opened(
        count: int, start: timedelta = 0 * DAY, span: timedelta = 29 * MINUTE
    ) -> list[Event]:
        step = span / (count - 1)
        times = [START + start + n * step for n in range(count - 1)]
        return [
            event("PREVIEW", at, STRANGER, source=file("77"), ip_address="198.51.100.1")
            for at in [*times, START + start + span]
        ]

    assert len(found(opened(30, span=HOUR), "anonymous_burst")) == 1
    assert found(opened(30, span=HOUR + SECOND), "anonymous_burst") == []
    before = [one for n in range(1, 4) for one in opened(12, -n * DAY)]
    for count, reported in ((36, 1), (35, 0)):
        assert len(found([*before, *opened(count)], "anonymous_burst")) == reported, count

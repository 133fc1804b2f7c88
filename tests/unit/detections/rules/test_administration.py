"""What the findings of administration say, and which events are in them."""

from tests.unit.detections.cases import (
    ADA,
    HOUR,
    MINUTE,
    SECOND,
    START,
    Event,
    details,
    event,
    found,
    ids,
)

SIGNS = {
    "CHANGE_ADMIN_ROLE": "an admin role was changed",
    "DISABLE_MULTI_FACTOR_AUTH": "multi-factor authentication was turned off for another account",
    "ADMIN_LOGIN": "another account was opened from the Admin Console",
    "EMAIL_ALIAS_PRIMARY": "the primary email of another account was changed",
    "EXTERNAL_COLLAB_SECURITY_SETTINGS": "the external collaboration settings were changed",
    "ACCESS_GRANTED": "Box support was given access to the account",
}
CHANGES = {
    "APPLICATION_CREATED": "an app was created",
    "APPLICATION_PUBLIC_KEY_ADDED": "a public key was added to an app",
    "APPLICATION_PUBLIC_KEY_DELETED": "a public key of an app was deleted",
    "ENTERPRISE_APP_AUTHORIZATION_DELETE": "the authorization of an app was removed",
    "ENTERPRISE_APP_AUTHORIZATION_UPDATE": "an app was authorized for the enterprise",
    "OAUTH2_ACCESS_TOKEN_REVOKE": "an access token was revoked",
}


def sign(kind: str, minute: int, target: str = "7") -> Event:
    """One act of an administrator on an account."""
    return event(kind, START + minute * MINUTE, source={"type": "user", "id": target, "login": ""})


def test_every_sign_of_a_takeover_is_told_once() -> None:
    kinds = sorted(SIGNS)
    events = [sign(kind, n, str(n % 2)) for n, kind in enumerate([*kinds, kinds[0]])]
    [one] = found(events, "admin_takeover")
    assert one.event_ids == ids(events)
    assert details(one) == {
        "actor_id": "11",
        "subject": "11",
        "from": "2026-03-12T12:00:00Z",
        "to": "2026-03-12T12:06:00Z",
        "began": "2026-03-12T12:00:00Z",
        "events": 7,
        "severity": "high",
        "confidence": "high",
        "why": f"One account did this within hours: {'; '.join(SIGNS[kind] for kind in kinds)}.",
        "facts": {"signs": kinds, "people": 2},
    }


def test_ones_own_second_factor_and_address_are_no_sign() -> None:
    own = {"DISABLE_MULTI_FACTOR_AUTH", "EMAIL_ALIAS_PRIMARY"}
    events, expected = [], set()
    for n, kind in enumerate(SIGNS):
        who = ADA | {"id": str(100 + n), "login": f"p{n}@acme.test"}
        other = "ADMIN_LOGIN" if kind == "ACCESS_GRANTED" else "ACCESS_GRANTED"
        events += [event(one, START, who, source=who) for one in (kind, other)]
        expected |= set() if kind in own else {who["id"]}
    assert {one.subject for one in found(events, "admin_takeover")} == expected


def grab(kind: str, minute: int, item: str, role: str = "owner") -> Event:
    """An account makes itself owner of an item, or is refused."""
    at, said = START + minute * MINUTE, {"role": role}
    source = {"item_type": "folder", "item_id": item, "item_name": "x"}
    return event(kind, at, source=source, accessible_by=ADA, additional_details=said)


def test_an_ownership_grab_tells_how_often_and_how_much_was_refused() -> None:
    refused = "ILLEGAL_ITEM_OWNERSHIP_TRANSFER_BY_USER"
    events = [
        grab("COLLABORATION_ROLE_CHANGE", 0, "1"),
        grab("COLLAB_ROLE_CHANGE", 1, "2"),
        grab(refused, 2, "2", "editor"),
    ]
    [one] = found([*events, grab("COLLABORATION_ROLE_CHANGE", 3, "9", "editor")], "ownership_grab")
    assert one.event_ids == ids(events)
    assert (one.facts, str(one.confidence)) == ({"items": 2, "refused": 1}, "high")
    assert one.why == (
        "One account made itself the owner of items, or tried to, 3 times; refused: 1. The limit"
        " is 3 within 24 hours."
    )
    assert found(events[:2], "ownership_grab") == []


def changes(*kinds: str) -> list[Event]:
    """Changes of apps a minute apart, by administrators in turn."""
    return [
        event(kind, START + n * MINUTE, ADA | {"id": str(11 + n % 2)})
        for n, kind in enumerate(kinds)
    ]


def test_every_change_of_an_app_is_told_once_with_how_many_made_them() -> None:
    events = changes(*CHANGES, "APPLICATION_CREATED")
    [one] = found(events, "app_and_key_changes")
    assert one.event_ids == ids(events)
    assert one.facts == {"kinds": list(CHANGES), "administrators": 2}
    assert one.why == f"Apps or their keys were changed: {'; '.join(CHANGES.values())}."
    assert (str(one.severity), str(one.confidence)) == ("high", "high")


def test_a_revoked_token_is_told_within_two_hours_before_a_change() -> None:
    for apart, events in ((2 * HOUR, 2), (2 * HOUR + SECOND, 1)):
        revoked = event("OAUTH2_ACCESS_TOKEN_REVOKE", START - apart)
        [one] = found([revoked, *changes("APPLICATION_CREATED")], "app_and_key_changes")
        assert one.events == events


def test_changes_more_than_two_hours_apart_are_two_findings() -> None:
    for apart, count in ((2 * HOUR, 1), (2 * HOUR + SECOND, 2)):
        events = [event("APPLICATION_CREATED", START + n * apart) for n in range(2)]
        assert len(found(events, "app_and_key_changes")) == count


def test_eight_grabs_and_three_kinds_of_changes_are_grave() -> None:
    for count, grade in ((7, ("medium", "medium")), (8, ("high", "high"))):
        events = [grab("COLLABORATION_ROLE_CHANGE", n, str(n)) for n in range(count)]
        [one] = found(events, "ownership_grab")
        assert (str(one.severity), str(one.confidence)) == grade, count
    kinds = ["APPLICATION_CREATED", "APPLICATION_PUBLIC_KEY_DELETED", "OAUTH2_ACCESS_TOKEN_REVOKE"]
    for count, grade in ((1, ("low", "medium")), (2, ("low", "medium")), (3, ("high", "high"))):
        [one] = found(changes(*kinds[:count]), "app_and_key_changes")
        assert (str(one.severity), str(one.confidence)) == grade, count

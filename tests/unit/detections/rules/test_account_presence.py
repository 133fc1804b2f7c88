"""What a new network and a dormant account that returns say of themselves."""

from datetime import timedelta

from tests.unit.detections.cases import (
    ADA,
    DAY,
    HOUR,
    MINUTE,
    NOW,
    OLU,
    SECOND,
    START,
    Event,
    details,
    event,
    found,
    ids,
    report,
    stores_of,
)

NEW, OLD, OTHER = "81.2.69.7", "93.184.216.7", "198.51.100.7"
DEVICE = "ADD_LOGIN_ACTIVITY_DEVICE"


def at(kind: str, when: timedelta, address: str = NEW, who: Event = ADA) -> Event:
    """An event of an account so long after START."""
    return event(kind, START + when, who, ip_address=address)


def moved(*more: Event) -> list[Event]:
    """Five days on an old network, then a sign-in and a device on a new one."""
    before = [at("PREVIEW", -n * DAY, OLD) for n in range(1, 6)]
    return [*before, at("LOGIN", 0 * DAY), at(DEVICE, MINUTE), *more]


def test_a_new_network_is_told_with_its_first_hour() -> None:
    last = at("DOWNLOAD", HOUR)
    other = [at("PREVIEW", MINUTE, OTHER), at("PREVIEW", HOUR + SECOND), at("LOGIN", 0 * DAY, OLD)]
    evidence = ids([at("LOGIN", 0 * DAY), at(DEVICE, MINUTE), at("DOWNLOAD", 2 * MINUTE), last])
    [one] = found(moved(at("DOWNLOAD", 2 * MINUTE), last, *other), "new_network")
    assert one.event_ids == evidence
    assert details(one) == {
        "actor_id": "11",
        "subject": "11 81.2.69.0/24",
        "from": "2026-03-12T12:00:00Z",
        "to": "2026-03-12T13:00:00Z",
        "began": "2026-03-12T12:00:00Z",
        "events": 4,
        "severity": "high",
        "confidence": "medium",
        "why": "A sign-in from a network that this account hasn't used for 28 days, with a device"
        " that Box hadn't seen before. Actions in the first hour: 4; downloads: 2. Nobody else"
        " used this network.",
        "facts": {"network": "81.2.69.0/24", "downloads": 2, "used_by_others": False},
    }


def test_others_on_the_network_are_told_from_the_four_weeks_before() -> None:
    for ago, used in ((28 * DAY, True), (28 * DAY + SECOND, False), (0 * DAY, False)):
        events = moved(at("PREVIEW", -ago, who=OLU), at("DOWNLOAD", 2 * MINUTE))
        [one] = found(events, "new_network")
        assert one.facts["used_by_others"] is used, ago
        grade = ("medium", "low") if used else ("high", "medium")
        assert (str(one.severity), str(one.confidence)) == grade, ago
        assert one.why.endswith(
            " Others use this network too." if used else " Nobody else used this network."
        )


def test_a_network_is_used_by_any_event_of_the_account_but_a_failed_sign_in() -> None:
    for kind, ago, count in (
        ("FAILED_LOGIN", DAY, 1),
        ("PREVIEW", DAY, 0),
        ("PREVIEW", 28 * DAY - MINUTE, 0),
        ("PREVIEW", 28 * DAY, 1),
        ("PREVIEW", HOUR - MINUTE, 1),
        ("PREVIEW", HOUR, 0),
    ):
        reported = found(moved(at(kind, -ago)), "new_network")
        assert len(reported) == count, (kind, ago)


def test_only_a_device_and_a_sign_in_of_one_account_on_one_network_count() -> None:
    before = moved()[:5]
    for name, login, device in (
        ("another network", at("LOGIN", 0 * DAY), at(DEVICE, MINUTE, OTHER)),
        ("another account", at("LOGIN", 0 * DAY), at(DEVICE, MINUTE, who=OLU)),
        ("no sign-in", at("PREVIEW", 0 * DAY), at(DEVICE, MINUTE)),
        ("no device", at("LOGIN", 0 * DAY), at("LOGIN", MINUTE)),
    ):
        assert found([*before, login, device], "new_network") == [], name


def test_a_network_that_is_no_longer_new_when_the_period_begins_is_not_told_again() -> None:
    events = moved(at("PREVIEW", HOUR))
    for since, count in ((HOUR, 1), (HOUR + SECOND, 0)):
        assert len(found(events, "new_network", since=START + since)) == count


def back(*kinds: str, quiet: timedelta | None = 30 * DAY) -> list[Event]:
    """An account is seen, is quiet, then does this, a minute apart."""
    before = [] if quiet is None else [at("PREVIEW", -quiet)]
    return [*before, *(at(kind, n * MINUTE) for n, kind in enumerate(kinds))]


def test_a_dormant_account_is_told_with_its_first_two_hours() -> None:
    inside = [*(["PREVIEW"] * 8), "DOWNLOAD"]
    events = [*back(*inside), at("DOWNLOAD", 2 * HOUR)]
    [one] = found([*events, at("DOWNLOAD", 2 * HOUR + SECOND)], "dormant_return")
    assert one.event_ids == ids(events[1:])
    assert details(one) == {
        "actor_id": "11",
        "subject": "11",
        "from": "2026-03-12T12:00:00Z",
        "to": "2026-03-12T14:00:00Z",
        "began": "2026-03-12T12:00:00Z",
        "events": 10,
        "severity": "high",
        "confidence": "high",
        "why": "An account with no activity for at least 30 days did 10 actions within two hours;"
        " downloads: 2.",
        "facts": {"downloads": 2, "seen_before": True},
    }


def test_whether_it_was_seen_before_looks_ninety_days_back() -> None:
    for quiet, seen in ((90 * DAY - SECOND, True), (90 * DAY, False), (None, False)):
        [one] = found(back(*(["PREVIEW"] * 5), quiet=quiet), "dormant_return")
        assert one.facts["seen_before"] is seen, quiet


def test_an_account_that_was_made_in_the_quiet_was_not_dormant() -> None:
    for target, ago, count in (
        (ADA, 30 * DAY - SECOND, 0),
        (ADA, 30 * DAY, 1),
        (ADA, 0 * DAY, 0),
        (OLU, DAY, 1),
    ):
        made = event("NEW_USER", START - ago, OLU, source=target)
        reported = found([*back(*(["PREVIEW"] * 5), quiet=None), made], "dormant_return")
        assert [one.actor_id for one in reported] == ["11"] * count, (target["id"], ago)


def test_inactivity_is_judged_where_its_thirty_days_were_read() -> None:
    for known, judged in ((30 * DAY + HOUR, True), (30 * DAY + HOUR - SECOND, False)):
        stores = stores_of(back(*(["PREVIEW"] * 5)), known=known)
        said = report(stores, "dormant_return", since=NOW - DAY)
        assert ("dormant_return" not in said.not_judged) is judged
        stores.close()
    for known, count in ((33 * DAY, 1), (33 * DAY - SECOND, 0)):
        stores = stores_of(back(*(["PREVIEW"] * 5)), known=known)
        assert len(report(stores, "dormant_return").findings) == count
        stores.close()


def test_ten_actions_are_many_and_downloads_make_them_grave() -> None:
    for kinds, grade in (
        (["DOWNLOAD"] * 9, ("medium", "medium")),
        (["DOWNLOAD"] * 10, ("high", "high")),
        (["PREVIEW"] * 10, ("medium", "high")),
    ):
        [one] = found(back(*kinds), "dormant_return")
        assert (str(one.severity), str(one.confidence)) == grade, kinds

"""What the findings of failed sign-ins say; their limits stand in tools/mutants.toml as exempt."""

from datetime import timedelta

from lib.detections.rules.sign_ins import FAILED_LOGINS, SPRAY
from tests.unit.detections.cases import (
    ADA,
    DAY,
    MINUTE,
    SECOND,
    START,
    Event,
    details,
    event,
    found,
    ids,
)

FAILURES = FAILED_LOGINS.failures


def failed(count: int, who: Event = ADA, start: timedelta = 0 * DAY) -> list[Event]:
    """Failures of one account, a second apart, from two addresses."""
    return [
        event("FAILED_LOGIN", START + start + n * SECOND, who, ip_address=f"198.51.100.{n % 2}")
        for n in range(count)
    ]


def login(when: timedelta, who: Event = ADA, kind: str = "LOGIN") -> Event:
    return event(kind, START + when, who, ip_address="198.51.100.9")


def test_failures_are_told_with_the_success_that_follows() -> None:
    events = failed(FAILURES)
    success = login(10 * MINUTE)
    [one] = found([*events, success, login(11 * MINUTE)], "failed_login_burst")
    assert one.event_ids == ids([*events, success])
    assert details(one) == {
        "actor_id": "11",
        "subject": "11",
        "from": "2026-03-12T12:00:00Z",
        "to": "2026-03-12T12:10:00Z",
        "began": "2026-03-12T12:00:00Z",
        "events": FAILURES + 1,
        "severity": "high",
        "confidence": "medium",
        "why": f"{FAILURES} sign-ins failed within 15 minutes; the limit is {FAILURES}. A sign-in"
        " succeeded within 30 minutes of the failures.",
        "facts": {"succeeded": True, "addresses": 2},
    }


def test_a_success_counts_after_the_first_failure_of_its_account() -> None:
    last = (FAILURES - 1) * SECOND
    until = last + FAILED_LOGINS.success_within
    rows: tuple[tuple[str, timedelta | None, str, bool], ...] = (
        ("none, though others sign in", None, "LOGIN", False),
        ("before", -SECOND, "LOGIN", False),
        ("with the first", 0 * DAY, "LOGIN", False),
        ("between", 2 * SECOND, "LOGIN", True),
        ("at the end", until, "LOGIN", True),
        ("too late", until + SECOND, "LOGIN", False),
        ("another event", MINUTE, "PREVIEW", False),
    )
    events = []
    for n, (_, when, kind, _) in enumerate(rows):
        who = ADA | {"id": str(100 + n), "login": f"p{n}@acme.test"}
        events += [*failed(FAILURES, who), *([] if when is None else [login(when, who, kind)])]
    reported = {one.subject: one for one in found(events, "failed_login_burst")}
    assert len(reported) == len(rows)
    for n, (name, when, _, succeeded) in enumerate(rows):
        one = reported[str(100 + n)]
        assert one.facts["succeeded"] is succeeded, name
        assert one.events == FAILURES + succeeded, name
        assert str(one.severity) == ("high" if succeeded else "medium"), name
        end = max(last, when) if succeeded and when is not None else last
        assert one.until == START + end, name
        assert succeeded or one.why.endswith(
            " No sign-in to this account succeeded within 30 minutes of the failures."
        )


def test_a_success_after_the_period_is_not_known() -> None:
    events = [*failed(FAILURES), login(10 * MINUTE)]
    for until, succeeded in ((10 * MINUTE + SECOND, True), (10 * MINUTE, False)):
        [one] = found(events, "failed_login_burst", until=START + until)
        assert one.facts["succeeded"] is succeeded


def test_twice_as_many_failures_as_the_limit_are_sure() -> None:
    for count, sure in ((FAILURES - 1, None), (2 * FAILURES - 1, "medium"), (2 * FAILURES, "high")):
        reported = found(failed(count), "failed_login_burst")
        assert [str(one.confidence) for one in reported] == ([] if sure is None else [sure]), count


def test_failures_are_told_anew_after_more_than_two_hours() -> None:
    last = (FAILURES - 1) * SECOND
    pause = timedelta(hours=2)
    for apart, count in ((pause, 1), (pause + SECOND, 2)):
        events = [*failed(FAILURES), *failed(FAILURES, start=last + apart)]
        assert len(found(events, "failed_login_burst")) == count


def sprayed(accounts: int, address: str = "203.0.113.9", each: int = 1) -> list[Event]:
    return [
        event(
            "FAILED_LOGIN",
            START + (n + accounts * again) * SECOND,
            ADA | {"id": str(100 + n), "login": f"p{n}@acme.test"},
            ip_address=address,
        )
        for again in range(each)
        for n in range(accounts)
    ]


def test_a_spray_is_told_by_its_address_and_is_of_no_account() -> None:
    events = sprayed(SPRAY.accounts, each=2)
    [one] = found(events, "password_spray")
    assert one.event_ids == ids(events)
    assert (one.subject, one.actor_id) == ("203.0.113.9", None)
    assert one.facts == {"accounts": SPRAY.accounts}
    assert one.why == (
        f"Sign-ins to {SPRAY.accounts} different accounts failed from one IP address within an"
        f" hour; the limit is {SPRAY.accounts}."
    )


def test_twice_as_many_accounts_as_the_limit_are_grave() -> None:
    limit = SPRAY.accounts
    for count, grade in (
        (limit - 1, None),
        (limit, "medium"),
        (2 * limit - 1, "medium"),
        (2 * limit, "high"),
    ):
        reported = found(sprayed(count), "password_spray")
        grades = [(str(one.severity), str(one.confidence)) for one in reported]
        assert grades == ([] if grade is None else [(grade, grade)]), count

"""At, below and above the threshold of each detection, and what makes a finding graver.

Each table is one story of many accounts, one a row: windows are counted for each by itself.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from lib.detections.finding import Confidence, Finding, Severity
from tests.unit.detections.cases import DAY, HOUR, MINUTE, NOW, event, every, found

SECOND = timedelta(seconds=1)
START = NOW - 3 * DAY
LOW, MEDIUM, HIGH = Severity.LOW, Severity.MEDIUM, Severity.HIGH
UNSURE, LIKELY, SURE = Confidence.LOW, Confidence.MEDIUM, Confidence.HIGH
Event = dict[str, Any]
Grade = tuple[Severity, Confidence]
Row = tuple[str, Callable[[dict[str, Any]], list[Event]], Grade | None]


def grades(detection: str, rows: Iterable[Row], *, robots: bool = False) -> list[str]:
    """The rows whose account isn't judged as they say; each gets an account of its own."""
    people = {str(100 + n): (name, make, expected) for n, (name, make, expected) in enumerate(rows)}
    events: list[Event] = []
    for number, (_, make, _) in people.items():
        domain = "boxdevedition.com" if robots else "acme.test"
        login = f"AutomationUser_{number}_x@{domain}"
        events += make({"type": "user", "id": number, "name": number, "login": login})
    reported: dict[str, list[Grade]] = {number: [] for number in people}
    for one in found(events, detection):
        reported[str(one.actor_id)].append((one.severity, one.confidence))
    return [
        f"{name}: {reported[number]}"
        for number, (name, _, expected) in people.items()
        if reported[number] != ([] if expected is None else [expected])
    ]


def spread(
    kind: str, count: int, span: timedelta, start: datetime = START
) -> Callable[[dict[str, Any]], list[Event]]:
    """`count` events, the first and the last as far apart as `span`."""
    times = [*every(span / count, count - 1, start), start + span]
    return lambda who: [event(kind, at, who) for at in times]


def usual(
    kind: str, each: int, days: Iterable[int], count: int
) -> Callable[[dict[str, Any]], list[Event]]:
    """`each` events on days before, then `count` in a quarter of an hour."""
    times = [at for day in days for at in every(SECOND, each, START - day * DAY)]
    times += every(SECOND, count, START)
    return lambda who: [event(kind, at, who) for at in times]


def test_too_much_at_once_has_a_limit_for_an_hour_and_for_a_day() -> None:
    morning, long = START.replace(hour=0), DAY - SECOND  # one day of the calendar
    for detection, kind, hour, day in (
        ("mass_download", "DOWNLOAD", 60, 200),
        ("mass_download", "ITEM_DOWNLOAD", 60, 200),
        ("mass_delete", "DELETE", 30, 100),
        ("mass_permission_change", "COLLABORATION_REMOVE", 15, 40),
    ):
        wrong = grades(
            detection,
            [
                ("an hour, the limit", spread(kind, hour, HOUR), (MEDIUM, UNSURE)),
                ("an hour, one less", spread(kind, hour - 1, HOUR), None),
                ("longer than an hour", spread(kind, hour, HOUR + SECOND), None),
                ("a day, the limit", spread(kind, day, long, morning), (MEDIUM, UNSURE)),
                ("a day, one less", spread(kind, day - 1, long, morning), None),
                ("longer than a day", spread(kind, day, DAY + SECOND), None),
                ("three times the limit", spread(kind, 3 * hour, HOUR), (HIGH, LIKELY)),
                ("nearly three times", spread(kind, 3 * hour - 1, HOUR), (MEDIUM, UNSURE)),
            ],
        )
        assert wrong == [], (detection, kind)


def test_what_an_account_usually_does_raises_its_limit_and_how_sure_it_is() -> None:
    five, four = (1, 2, 3, 4, 5), (1, 2, 3, 4)
    wrong = grades(
        "mass_download",
        [
            ("twice its day in an hour", usual("DOWNLOAD", 50, five, 100), (MEDIUM, LIKELY)),
            ("one less", usual("DOWNLOAD", 50, five, 99), None),
            ("three times that", usual("DOWNLOAD", 50, five, 300), (HIGH, SURE)),
            ("nearly", usual("DOWNLOAD", 50, five, 299), (MEDIUM, LIKELY)),
            ("known from four days", usual("DOWNLOAD", 1, four, 60), (MEDIUM, UNSURE)),
            ("four weeks ago", usual("DOWNLOAD", 50, (28,), 99), None),
            ("longer ago", usual("DOWNLOAD", 50, (29,), 99), (MEDIUM, UNSURE)),
        ],
    )
    assert wrong == []
    wrong = grades(
        "mass_delete",
        [
            ("three times its day", usual("DELETE", 20, five, 60), (MEDIUM, LIKELY)),
            ("one less", usual("DELETE", 20, five, 59), None),
        ],
    )
    assert wrong == []


def test_services_have_limits_of_their_own() -> None:
    morning, long = START.replace(hour=0), DAY - SECOND
    wrong = grades(
        "mass_download",
        [
            ("the limit", spread("DOWNLOAD", 1000, HOUR), (MEDIUM, UNSURE)),
            ("one less", spread("DOWNLOAD", 999, HOUR), None),
            ("a day, the limit", spread("DOWNLOAD", 5000, long, morning), (MEDIUM, UNSURE)),
            ("a day, one less", spread("DOWNLOAD", 4999, long, morning), None),
        ],
        robots=True,
    )
    assert wrong == []
    assert grades("mass_delete", [("any", spread("DELETE", 90, HOUR), None)], robots=True) == []


def test_signs_of_a_takeover_are_counted_by_kind_within_two_hours() -> None:
    def signs(*kinds: str, span: timedelta = HOUR) -> Callable[[dict[str, Any]], list[Event]]:
        step = span / max(1, len(kinds) - 1)
        return lambda who: [
            event(kind, START + n * step, who, source={"type": "user", "id": "7", "login": "x@y.z"})
            for n, kind in enumerate(kinds)
        ]

    role, login, settings = "CHANGE_ADMIN_ROLE", "ADMIN_LOGIN", "EXTERNAL_COLLAB_SECURITY_SETTINGS"
    wrong = grades(
        "admin_takeover",
        [
            ("one kind, often", signs(role, role, role), None),
            ("two", signs(role, login), (HIGH, LIKELY)),
            ("two, two hours apart", signs(role, login, span=2 * HOUR), (HIGH, LIKELY)),
            ("two, farther apart", signs(role, login, span=2 * HOUR + SECOND), None),
            ("three", signs(role, login, settings), (HIGH, SURE)),
            ("support is let in", signs("ACCESS_GRANTED", login), (HIGH, LIKELY)),
        ],
    )
    assert wrong == []


def test_making_oneself_owner_counts_three_times_a_day_and_others_do_not() -> None:
    def grabs(count: int, span: timedelta, **role: Any) -> Callable[[dict[str, Any]], list[Event]]:
        times = [*every(span / count, count - 1, START), START + span]

        def made(who: dict[str, Any]) -> list[Event]:
            if not role:
                return [event("ILLEGAL_ITEM_OWNERSHIP_TRANSFER_BY_USER", at, who) for at in times]
            target = who if role["own"] else who | {"id": "7"}
            details = {"role": role["role"]}
            return [
                event(
                    "COLLABORATION_ROLE_CHANGE",
                    at,
                    who,
                    accessible_by=target,
                    additional_details=details,
                )
                for at in times
            ]

        return made

    wrong = grades(
        "ownership_grab",
        [
            ("three refused", grabs(3, DAY), (MEDIUM, SURE)),
            ("two refused", grabs(2, DAY), None),
            ("three in more than a day", grabs(3, DAY + SECOND), None),
            ("three done", grabs(3, HOUR, role="owner", own=True), (MEDIUM, LIKELY)),
            ("seven done", grabs(7, HOUR, role="owner", own=True), (MEDIUM, LIKELY)),
            ("eight done", grabs(8, HOUR, role="owner", own=True), (HIGH, SURE)),
            ("for somebody else", grabs(3, HOUR, role="owner", own=False), None),
            ("another role", grabs(3, HOUR, role="editor", own=True), None),
        ],
    )
    assert wrong == []


def judged(detection: str, events: list[Event]) -> list[Grade]:
    return [(one.severity, one.confidence) for one in found(events, detection)]


def test_changes_of_apps_are_graver_where_they_open_a_door_or_come_together() -> None:
    """Hours lie between the rows: changes of one hour belong together, whoever makes them."""
    rows: list[tuple[tuple[str, ...], Grade | None]] = [
        (("APPLICATION_CREATED",), (LOW, LIKELY)),
        (("APPLICATION_PUBLIC_KEY_ADDED",), (MEDIUM, LIKELY)),
        (("ENTERPRISE_APP_AUTHORIZATION_UPDATE",), (MEDIUM, LIKELY)),
        (("APPLICATION_PUBLIC_KEY_DELETED",), (LOW, LIKELY)),
        (("ENTERPRISE_APP_AUTHORIZATION_DELETE",), (LOW, LIKELY)),
        (("APPLICATION_PUBLIC_KEY_DELETED", "ENTERPRISE_APP_AUTHORIZATION_DELETE"), (LOW, LIKELY)),
        (("OAUTH2_ACCESS_TOKEN_REVOKE",), None),
        (
            ("APPLICATION_CREATED", "APPLICATION_PUBLIC_KEY_DELETED", "OAUTH2_ACCESS_TOKEN_REVOKE"),
            (HIGH, SURE),
        ),
    ]
    events = [
        event(kind, START + row * 6 * HOUR + n * MINUTE)
        for row, (kinds, _) in enumerate(rows)
        for n, kind in enumerate(kinds)
    ]
    expected = [grade for _, grade in rows if grade is not None]
    assert judged("app_and_key_changes", events) == expected


def test_outsiders_are_counted_by_address_within_a_day() -> None:
    def invited(
        count: int, span: timedelta, domain: str, addresses: int | None = None
    ) -> Callable[[dict[str, Any]], list[Event]]:
        times = [*every(span / count, count - 1, START), START + span]
        return lambda who: [
            event(
                "COLLABORATION_INVITE",
                at,
                who,
                accessible_by={
                    "type": "user",
                    "id": str(9000 + n % (addresses or 99)),
                    "login": f"p{n % (addresses or 99)}@{domain}",
                },
            )
            for n, at in enumerate(times)
        ]

    known = [
        event(
            "COLLABORATION_INVITE",
            START - 20 * DAY,
            accessible_by={"type": "user", "id": "8999", "login": f"x@{domain}"},
        )
        for domain in ("known3.test", "known6.test")
    ]

    def after(make: Callable[[dict[str, Any]], list[Event]]) -> Callable[..., list[Event]]:
        return lambda who: [*known, *make(who)]

    wrong = grades(
        "external_collaboration",
        [
            ("three of a new domain", invited(3, DAY, "new3.test"), (MEDIUM, LIKELY)),
            ("two", invited(2, DAY, "new2.test"), None),
            ("three in more than a day", invited(3, DAY + SECOND, "newlong.test"), None),
            ("two addresses often", invited(9, HOUR, "newoften.test", 2), None),
            ("six of a new domain", invited(6, HOUR, "new6.test"), (HIGH, SURE)),
            ("five of a new domain", invited(5, HOUR, "new5.test"), (MEDIUM, LIKELY)),
            ("three of a known one", after(invited(3, HOUR, "known3.test")), (MEDIUM, UNSURE)),
            ("six of a known one", after(invited(6, HOUR, "known6.test")), (MEDIUM, LIKELY)),
            ("own", invited(9, HOUR, "acme.test"), None),
        ],
    )
    assert wrong == []


def test_what_guards_say_is_graver_where_it_is_urgent_or_often() -> None:
    def said(
        *kinds: str, priority: str = "low", span: timedelta = HOUR
    ) -> Callable[[dict[str, Any]], list[Event]]:
        step = span / max(1, len(kinds) - 1)

        def made(who: dict[str, Any]) -> list[Event]:
            alert = {"user": {"id": who["id"]}, "priority": priority, "rule_category": "x"}
            return [
                event(kind, START + n * step, who, additional_details={"shield_alert": alert})
                for n, kind in enumerate(kinds)
            ]

        return made

    alert, blocked = "SHIELD_ALERT", "SHIELD_DOWNLOAD_BLOCKED"
    policy = "CONTENT_WORKFLOW_UPLOAD_POLICY_VIOLATION"
    wrong = grades(
        "shield_and_policy",
        [
            ("an alert", said(alert), (MEDIUM, LIKELY)),
            ("a grave one", said(alert, priority="HIGH"), (HIGH, SURE)),
            ("a critical one", said(alert, priority="critical"), (HIGH, SURE)),
            ("one blocked", said(blocked), (LOW, LIKELY)),
            ("one violation", said(policy), (LOW, LIKELY)),
            ("two", said(blocked, policy), (LOW, LIKELY)),
            ("three", said(blocked, policy, policy), (HIGH, SURE)),
        ],
    )
    assert wrong == []
    barrier, external = "SHIELD_INFORMATION_BARRIER", "SHIELD_EXTERNAL_COLLAB"
    kinds = [
        "SHIELD_DOWNLOAD_BLOCKED",
        "SHIELD_PREVIEW_BLOCKED",
        "SHIELD_SHARED_LINK_ACCESS_BLOCKED",
        f"{external}_ACCESS_BLOCKED",
        f"{external}_ACCESS_BLOCKED_MISSING_JUSTIFICATION",
        f"{external}_INVITE_BLOCKED",
        f"{external}_INVITE_BLOCKED_MISSING_JUSTIFICATION",
        f"{barrier}_COLLAB_BLOCKED",
        f"{barrier}_GROUP_ADD_USER_BLOCKED",
        f"{barrier}_ITEM_COPY_BLOCKED",
        f"{barrier}_ITEM_MOVE_BLOCKED",
        f"{barrier}_ITEM_OWNER_TRANSFER_BLOCKED",
        f"{barrier}_SHARED_ITEM_ACCESS_BLOCKED",
        "CONTENT_WORKFLOW_ABNORMAL_DOWNLOAD_ACTIVITY",
        "CONTENT_WORKFLOW_SHARING_POLICY_VIOLATION",
        "CONTENT_WORKFLOW_UPLOAD_POLICY_VIOLATION",
    ]
    assert grades("shield_and_policy", [(one, said(one), (LOW, LIKELY)) for one in kinds]) == []


def names(kind: str, *items: str, span: timedelta = HOUR) -> Callable[..., list[Event]]:
    """An item a name, from now on over a span."""
    step = span / max(1, len(items) - 1)
    return lambda who: [
        event(
            kind,
            START + n * step,
            who,
            source={"item_type": "file", "item_id": f"{who['id']}{n}", "item_name": name},
        )
        for n, name in enumerate(items)
    ]


def test_strange_endings_count_from_ten_an_hour_and_a_ransom_note_as_three() -> None:
    locked = [f"plan {n}.docx.locked" for n in range(20)]
    note = "HOW TO DECRYPT FILES.txt"
    wrong = grades(
        "risky_content",
        [
            ("ten", names("RENAME", *locked[:10]), (HIGH, LIKELY)),
            ("nine", names("RENAME", *locked[:9]), None),
            ("ten in more than an hour", names("RENAME", *locked[:10], span=HOUR + SECOND), None),
            ("twenty", names("RENAME", *locked), (HIGH, SURE)),
            ("nineteen", names("RENAME", *locked[:19]), (HIGH, LIKELY)),
            ("seven and a note", lambda who: [
                *names("RENAME", *locked[:7])(who), event("UPLOAD", START + MINUTE, who, source={
                    "item_type": "file", "item_id": f"{who['id']}n", "item_name": note})
            ], (HIGH, LIKELY)),
            ("six and a note", lambda who: [
                *names("RENAME", *locked[:6])(who), event("UPLOAD", START + MINUTE, who, source={
                    "item_type": "file", "item_id": f"{who['id']}n", "item_name": note})
            ], None),
            ("uploads of a known ending", names("UPLOAD", *locked[:10]), (HIGH, LIKELY)),
            ("uploads of another", names("UPLOAD", *[f"a{n}.b.strange" for n in range(12)]), None),
        ],
    )  # fmt: skip
    assert wrong == []


def opened(at: datetime, item: str, count: int, step: timedelta) -> list[Event]:
    stranger = {"type": "user", "id": "2", "name": "unknown", "login": ""}
    source = {"item_type": "file", "item_id": item, "item_name": "x.pdf"}
    return [event("PREVIEW", when, stranger, source=source) for when in every(step, count, at)]


def summary(findings: list[Finding]) -> dict[str, Grade]:
    return {one.subject: (one.severity, one.confidence) for one in findings}


def test_strangers_at_one_item_count_from_thirty_an_hour() -> None:
    step = HOUR / 60
    events = [
        *opened(START, "29", 29, step),
        *opened(START, "30", 30, step),
        *opened(START, "59", 59, step),
        *opened(START, "60", 60, step),
    ]
    assert summary(found(events, "anonymous_burst")) == {
        "30": (MEDIUM, LIKELY),
        "59": (MEDIUM, LIKELY),
        "60": (HIGH, SURE),
    }


def test_an_account_is_dormant_after_thirty_days_and_back_with_five_actions() -> None:
    def back(
        count: int,
        *,
        quiet: timedelta | None = 30 * DAY,
        span: timedelta = HOUR,
        kind: str = "PREVIEW",
    ) -> Callable[[dict[str, Any]], list[Event]]:
        times = [*every(span / count, count - 1, START), START + span]
        return lambda who: [
            *([] if quiet is None else [event("PREVIEW", START - quiet, who)]),
            *(event(kind, at, who) for at in times),
        ]

    def made(ago: timedelta) -> Callable[[dict[str, Any]], list[Event]]:
        return lambda who: [
            event("NEW_USER", START - ago, source=who | {"type": "user"}),
            *back(10, quiet=None)(who),
        ]

    wrong = grades(
        "dormant_return",
        [
            ("five", back(5), (MEDIUM, LIKELY)),
            ("four", back(4), None),
            ("five in two hours", back(5, span=2 * HOUR), (MEDIUM, LIKELY)),
            ("five in more", back(5, span=2 * HOUR + SECOND), None),
            ("quiet for less", back(5, quiet=30 * DAY - SECOND), None),
            ("nine downloads", back(9, kind="DOWNLOAD"), (MEDIUM, LIKELY)),
            ("ten downloads", back(10, kind="DOWNLOAD"), (HIGH, SURE)),
            ("ten of another kind", back(10), (MEDIUM, SURE)),
            ("ten, not seen before", back(10, quiet=None), (MEDIUM, LIKELY)),
            ("ten, seen 80 days ago", back(10, quiet=80 * DAY), (MEDIUM, SURE)),
            ("ten, seen 90 days ago", back(10, quiet=90 * DAY), (MEDIUM, LIKELY)),
            ("made a day before", made(DAY), None),
            ("made 30 days before", made(30 * DAY), (MEDIUM, LIKELY)),
        ],
    )
    assert wrong == []


def test_a_network_is_new_beside_a_new_device_after_four_weeks() -> None:
    def moved(
        *,
        days: int = 5,
        device: timedelta = 15 * MINUTE,
        used: timedelta | None = None,
        by: str | None = None,
        download: timedelta | None = None,
    ) -> Callable[[dict[str, Any]], list[Event]]:
        def made(who: dict[str, Any]) -> list[Event]:
            old, new = f"93.184.{who['id']}.7", f"81.2.{who['id']}.7"
            found = [
                event("PREVIEW", START - n * DAY, who, ip_address=old) for n in range(1, days + 1)
            ]
            found.append(event("LOGIN", START, who, ip_address=new))
            found.append(event("ADD_LOGIN_ACTIVITY_DEVICE", START + device, who, ip_address=new))
            if used is not None:
                found.append(event("PREVIEW", START - used, who, ip_address=new))
            if by is not None:
                other = who | {"id": by, "login": f"{by}@acme.test"}
                found.append(event("PREVIEW", START - DAY, other, ip_address=new))
            if download is not None:
                found.append(event("DOWNLOAD", START + download, who, ip_address=new))
            return found

        return made

    wrong = grades(
        "new_network",
        [
            ("known from five days", moved(), (MEDIUM, LIKELY)),
            ("known from four", moved(days=4), None),
            ("the device first", moved(device=-15 * MINUTE), (MEDIUM, LIKELY)),
            ("the device too late", moved(device=15 * MINUTE + SECOND), None),
            ("the device too early", moved(device=-15 * MINUTE - SECOND), None),
            ("used 27 days ago", moved(used=27 * DAY), None),
            ("used 29 days ago", moved(used=29 * DAY), (MEDIUM, LIKELY)),
            ("used by another", moved(by="77"), (MEDIUM, UNSURE)),
            ("a download in the hour", moved(download=HOUR), (HIGH, LIKELY)),
            ("a download after it", moved(download=HOUR + SECOND), (MEDIUM, LIKELY)),
            ("a download where others are", moved(by="78", download=HOUR), (MEDIUM, UNSURE)),
        ],
    )
    assert wrong == []

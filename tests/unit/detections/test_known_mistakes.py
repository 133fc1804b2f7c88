"""What published rules get wrong, each as a test of ours."""

from datetime import datetime
from typing import Any

import pytest

from lib.detections.finding import Severity
from lib.detections.windows import Burst, Measure, Window, statement
from tests.unit.detections.cases import (
    ADA,
    DAY,
    HOUR,
    MINUTE,
    NOW,
    OLU,
    PEOPLE,
    event,
    every,
    found,
    report,
    stores_of,
)


def downloads(count: int, start: datetime, **more: Any) -> list[dict[str, Any]]:
    return [event("DOWNLOAD", at, **more) for at in every(MINUTE / 2, count, start)]


def test_a_burst_across_the_full_hour_is_one_burst_because_windows_slide() -> None:
    start = (NOW - DAY).replace(hour=9, minute=45)
    [one] = found(downloads(70, start), "mass_download")  # 09:45 to 10:20: 30 and 40 by the clock
    assert (one.since, one.events) == (start, 70)


def test_a_burst_across_midnight_is_one_finding() -> None:
    start = (NOW - DAY).replace(hour=23, minute=45)
    assert [one.events for one in found(downloads(70, start), "mass_download")] == [70]


def test_just_below_the_limit_nothing_is_found() -> None:
    assert found(downloads(59, NOW - DAY), "mass_download") == []


def test_the_usual_day_is_the_median_of_days_that_were_active_not_of_the_whole_period() -> None:
    """Divided by 28 days, an account that works on few days would look quieter than it is."""
    busy = [
        one for back in (8, 10, 12, 14, 16) for one in downloads(50, NOW - back * DAY)
    ]  # 50 on each of five days: by 28 days that would be 9 a day
    assert found([*busy, *downloads(90, NOW - DAY)], "mass_download") == []
    [one] = found([*busy, *downloads(110, NOW - DAY)], "mass_download")
    assert one.facts["usual_day"] == 50
    assert "the limit is 100" in one.why


def test_the_day_itself_is_no_part_of_what_is_usual() -> None:
    [one] = found(downloads(400, NOW - DAY), "mass_download")
    assert one.facts["usual_day"] is None


def test_the_same_burst_is_the_same_finding_in_every_later_run() -> None:
    """Without a bound in time a rule fires again each hour."""
    stores = stores_of(downloads(70, NOW - 3 * DAY))
    keys = {
        one.key
        for hours in range(0, 72, 6)
        for one in report(
            stores, "mass_download", since=NOW - 3 * DAY, until=NOW - 2 * DAY + hours * HOUR
        ).findings
    }
    later = report(stores, "mass_download", since=NOW - 2 * DAY, until=NOW).findings
    assert len(keys) == 1
    assert later == ()


def test_what_never_ends_is_reported_once_a_week_and_the_same_wherever_a_run_begins() -> None:
    kind = "ILLEGAL_ITEM_OWNERSHIP_TRANSFER_BY_USER"
    stores = stores_of([event(kind, at) for at in every(HOUR, 24 * 40, NOW - 40 * DAY)])
    whole = {one.key for one in report(stores, "ownership_grab", since=NOW - 28 * DAY).findings}
    assert len(whole) in (4, 5)
    for back in range(1, 28, 3):
        later = report(stores, "ownership_grab", since=NOW - back * DAY).findings
        assert {one.key for one in later} <= whole


def test_two_accounts_are_never_counted_together() -> None:
    """A cross join would pair everybody's downloads with everybody's."""
    mine, theirs = downloads(40, NOW - DAY), downloads(40, NOW - DAY, who=OLU)
    assert found([*mine, *theirs], "mass_download") == []


def test_a_large_join_is_not_possible_because_there_is_none_over_events() -> None:
    burst = Burst(("FAILED_LOGIN",), "ip", (Window(HOUR, 8),), value="actor_id",
                  measure=Measure.DIFFERENT)  # fmt: skip
    assert "CROSS" not in statement(burst)
    assert statement(burst).count("FROM events") == 1


def link(at: datetime, item: str, **details: Any) -> dict[str, Any]:
    source = {"item_type": "file", "item_id": item, "item_name": f"{item}.pdf"}
    return event(
        "ITEM_SHARED_UPDATE",
        at,
        source=source,
        additional_details={"shared_link_id": f"link-{item}", **details},
    )


def test_a_link_that_was_open_before_is_not_opened_again() -> None:
    """A rule that compares the new access with itself never sees, or always sees, a change."""
    first = [link(NOW - 3 * DAY, str(n), access="open") for n in range(3)]
    again = [link(NOW - HOUR, str(n), access="open") for n in range(3)]
    [one] = found([*first, *again], "link_opened_wide")
    assert one.since == NOW - 3 * DAY
    assert one.facts["opened"] == 3


def test_a_link_that_loses_its_password_is_seen_by_comparing_two_events() -> None:
    first = [link(NOW - 3 * DAY, str(n), access="company", is_password_enabled=True)
             for n in range(2)]  # fmt: skip
    then = [link(NOW - HOUR, str(n), access="company", is_password_enabled=False)
            for n in range(2)]  # fmt: skip
    [one] = found([*first, *then], "link_opened_wide")
    assert (one.facts["unprotected"], one.facts["opened"]) == (2, 0)
    assert found(then, "link_opened_wide") == []


@pytest.mark.parametrize(
    "name, risky",
    [
        ("monkey.png", False),
        ("keynote of the key account.pptx", False),
        ("hockey.pem.png", False),
        ("passwordless sign-in.pdf", False),
        ("our passwords.xlsx", True),
        ("server_private-key.txt", True),
        ("ID_RSA", True),
        ("backup.kdbx", True),
    ],
)
def test_a_name_is_compared_by_its_words_so_that_key_does_not_match_monkey(
    name: str, *, risky: bool
) -> None:
    source = {"item_type": "file", "item_id": "1", "item_name": name}
    shared = event("SHARE", NOW - HOUR, source=source, additional_details={"access": "open"})
    assert bool(found([shared], "risky_content")) is risky


def renames(ending: str, count: int = 12, name: str = "plan {}.docx") -> list[dict[str, Any]]:
    return [
        event(
            "RENAME",
            at,
            source={"item_type": "file", "item_id": str(n), "item_name": name.format(n) + ending},
        )
        for n, at in enumerate(every(MINUTE, count, NOW - DAY))
    ]


@pytest.mark.parametrize("ending", [".locked", ".enc0d3d", ".a7f3k2"])
def test_many_files_that_get_a_strange_second_ending_are_found(ending: str) -> None:
    [one] = found(renames(ending), "risky_content")
    assert (one.events, one.severity) == (12, Severity.HIGH)


@pytest.mark.parametrize(
    "ending, name",
    [(".gz", "archive {}.tar"), (".docx", "contract v1.{}"), ("", "2026.03.{} notes.txt"),
     ("", "plan {}.docx")],
)  # fmt: skip
def test_ordinary_endings_are_not_ransomware(ending: str, name: str) -> None:
    assert found(renames(ending, name=name), "risky_content") == []


def test_a_mark_of_malware_after_the_renames_joins_their_finding_whatever_the_run_sees() -> None:
    renamed = renames(".locked")
    source = renamed[0]["source"]
    marked = event("FILE_MARKED_MALICIOUS", NOW - 2 * HOUR, {"id": None}, source=source)
    stores = stores_of([*renamed, marked])
    [whole] = report(stores, "risky_content").findings
    [later] = report(stores, "risky_content", since=NOW - 3 * HOUR).findings
    assert (whole.facts["malware"], whole.events) == (1, 13)
    assert later == whole


def test_services_copy_for_a_living() -> None:
    robot = {"type": "user", "id": "90", "name": "Robot", "login": PEOPLE[2].login}
    assert found(downloads(300, NOW - DAY, who=robot), "mass_download") == []
    assert len(found(downloads(1100, NOW - DAY, who=robot), "mass_download")) == 0  # over 9 hours
    fast = [event("DOWNLOAD", at, who=robot) for at in every(MINUTE / 20, 1100, NOW - DAY)]
    assert len(found(fast, "mass_download")) == 1


def test_a_success_after_failed_sign_ins_makes_it_worse() -> None:
    failed = [event("FAILED_LOGIN", at) for at in every(MINUTE, 8, NOW - DAY)]
    [calm] = found(failed, "failed_login_burst")
    [grave] = found([*failed, event("LOGIN", NOW - DAY + 20 * MINUTE)], "failed_login_burst")
    assert (calm.severity, grave.severity) == (Severity.MEDIUM, Severity.HIGH)
    assert calm.key == grave.key
    assert len(grave.event_ids) == 9


def test_an_address_is_judged_by_different_accounts_not_by_failures() -> None:
    one_account = [event("FAILED_LOGIN", at) for at in every(MINUTE, 40, NOW - DAY)]
    assert found(one_account, "password_spray") == []
    many = [
        event("FAILED_LOGIN", at, who=ADA | {"id": str(100 + n)})
        for n, at in enumerate(every(MINUTE, 9, NOW - DAY))
    ]
    [one] = found(many, "password_spray")
    assert (one.actor_id, one.facts["accounts"]) == (None, 9)


def test_own_people_are_not_outsiders_whatever_the_case_of_their_address() -> None:
    def invited(n: int, login: str) -> dict[str, Any]:
        return event(
            "COLLABORATION_INVITE",
            NOW - DAY + n * MINUTE,
            accessible_by={"type": "user", "id": str(500 + n), "name": "X", "login": login},
            source={"folder_id": "1", "folder_name": "Plans"},
        )

    own = [invited(n, f"Colleague{n}@ACME.test") for n in range(6)]
    assert found(own, "external_collaboration") == []
    [one] = found([*own, *(invited(10 + n, f"x{n}@Rival.test") for n in range(3))],
                  "external_collaboration")  # fmt: skip
    assert one.facts["domains"] == ["rival.test"]
    stores = stores_of(own)
    unknown = report(stores, "external_collaboration", own=())
    assert "own" in unknown.not_judged["external_collaboration"]


def test_raw_json_that_is_none_never_stops_a_run() -> None:
    stores = stores_of(renames(".locked"))
    stores.events._connection.cursor().execute("UPDATE session_events.events SET raw = 'no{json'")
    kinds = [one.detection for one in report(stores).findings]
    assert "risky_content" in kinds


def test_too_little_to_judge_is_said_and_is_no_finding() -> None:
    stores = stores_of(downloads(5, NOW - DAY), known=3 * DAY)
    said = report(stores).not_judged
    assert {"dormant_return", "volume_anomaly", "stream_gap"} <= set(said)
    assert "30 days" in said["dormant_return"]


def test_regression_the_minutes_that_are_not_read_yet_hide_no_dormant_account() -> None:
    woken = [event("PREVIEW", at) for at in every(MINUTE, 8, NOW - HOUR)]
    stores = stores_of(woken)
    running_ahead = report(stores, "dormant_return", until=NOW + 3 * MINUTE)
    assert running_ahead.not_judged == {}
    assert len(running_ahead.findings) == 1


def test_silence_is_found_where_the_stream_was_read_and_never_where_it_was_not() -> None:
    steady = [
        event("PREVIEW", at)
        for at in every(5 * MINUTE, 12 * 24 * 40, NOW - 40 * DAY)
        if not NOW - 2 * DAY <= at < NOW - 2 * DAY + 5 * HOUR
    ]
    stores = stores_of(steady)
    [one] = report(stores, "stream_gap").findings
    assert (one.since, one.until) == (NOW - 2 * DAY, NOW - 2 * DAY + 5 * HOUR)
    unread = stores_of(steady, known=DAY)
    assert report(unread, "stream_gap").findings == ()

"""The matrix of capabilities, and the preview of writes: pure readings."""

from datetime import UTC, datetime

import pytest

from lib.runbook.checks.registry import CHECKS
from lib.runbook.checks.verdict import Evidence, Status, Verdict
from lib.runbook.checks.writes import WRITING, planned
from lib.runbook.goals import GOALS, Goal, Need
from lib.runbook.roads.capabilities import CAPABILITIES, Mark, matrix
from lib.settings.profiles import BoxCredentials

NOW = datetime(2026, 11, 2, tzinfo=UTC)
REQUESTED = GOALS[Goal.FULL].needs


def verdicts(**found: tuple[Status, str | None]) -> dict[str, Verdict]:
    ids = {name.replace("__", "."): value for name, value in found.items()}
    return {
        name: Verdict(name, name, status, NOW, cause=cause) for name, (status, cause) in ids.items()
    }


def test_every_check_that_a_capability_names_exists() -> None:
    known = {check.id for check in CHECKS}
    for one in CAPABILITIES:
        assert {*one.granted_by, *one.proved_by} <= known


def test_nothing_is_claimed_that_was_not_checked() -> None:
    rows = matrix({}, REQUESTED)
    assert {row.granted for row in rows} == {Mark.UNKNOWN}
    assert {row.proved for row in rows} == {Mark.UNKNOWN}


def test_granted_and_proved_are_told_apart() -> None:
    found = verdicts(
        box__scope__manage_enterprise_properties=(Status.PASSED, None),
        box__events__streaming=(Status.FAILED, "events.no_report_right"),
        box__gcm=(Status.SKIPPED, "check.not_wanted"),
        box__scope__write_files=(Status.UNPROVEN, "box.write_unproven"),
        kloudless__account__present=(Status.SKIPPED, "check.not_here"),
        box__webhooks__alive=(Status.SKIPPED, "webhooks.none"),
        box__scope__manage_webhooks=(Status.PASSED, None),
    )
    rows = {(row.side, row.capability): row for row in matrix(found, REQUESTED)}
    live = rows["Box", "Live activity"]
    assert (live.granted, live.proved, live.requested) == (Mark.YES, Mark.NO, True)
    any_content = rows["Box", "Access any content of the enterprise"]
    assert (any_content.granted, any_content.requested) == (Mark.NO, False)
    assert rows["Box", "Write files and folders"].proved is Mark.UNKNOWN
    assert rows["Kloudless", "Storage API"].granted is Mark.ABSENT
    webhooks = rows["Box", "Webhooks"]
    assert (webhooks.granted, webhooks.proved) == (Mark.YES, Mark.UNKNOWN)


def test_seeing_only_app_users_is_not_the_right_to_manage_users() -> None:
    found = verdicts(box__scope__manage_users=(Status.WARNING, "box.only_app_users"))
    (users,) = (row for row in matrix(found, REQUESTED) if row.capability == "Users")
    assert (users.granted, users.proved) == (Mark.NO, Mark.NO)


@pytest.mark.parametrize(
    "status,cause,answered,mark",
    [
        (Status.PASSED, None, 200, Mark.YES),
        (Status.PASSED, None, 403, Mark.UNKNOWN),
        (Status.WARNING, "webhooks.quiet", 200, Mark.UNKNOWN),
        (Status.WARNING, "box.gcm_granted", 200, Mark.YES),
        (Status.FAILED, "box.scope_missing", 403, Mark.NO),
        (Status.FAILED, "box.token", 401, Mark.UNKNOWN),
        (Status.FAILED, "box.busy", 429, Mark.UNKNOWN),
        (Status.FAILED, "box.down", 503, Mark.UNKNOWN),
        (Status.FAILED, "network", None, Mark.UNKNOWN),
        (Status.UNPROVEN, "box.write_unproven", 200, Mark.UNKNOWN),
    ],
)
def test_a_mark_is_what_a_call_of_this_right_showed(
    status: Status, cause: str | None, answered: int | None, mark: Mark
) -> None:
    name = "box.scope.read_files"
    evidence = Evidence(request="GET /2.0/folders/0", status=answered)
    found = {name: Verdict(name, name, status, NOW, cause=cause, evidence=evidence)}
    (row,) = (one for one in matrix(found, REQUESTED) if name in _proof(one.capability))
    assert (row.granted, row.proved) == (mark, mark)


def _proof(capability: str) -> tuple[str, ...]:
    return next((one.proved_by for one in CAPABILITIES if one.name == capability), ())


def test_the_goal_decides_what_is_requested() -> None:
    rows = {row.capability: row for row in matrix({}, frozenset({Need.GCM}))}
    assert rows["Access any content of the enterprise"].requested
    assert not rows["Groups"].requested


def test_a_write_is_shown_before_it_is_made_and_without_the_token() -> None:
    box = BoxCredentials(api_url="https://api.box.com")
    make, delete = planned("box.notifications", box)
    assert make.text.splitlines()[:3] == [
        "POST https://api.box.com/2.0/folders",
        "Authorization: Bearer $BOX_TOKEN",
        "Box-Notifications: off",
    ]
    assert '"parent": {"id": "0"}' in make.text
    assert delete.method == "DELETE"
    assert "Box-Notifications" not in planned("box.scope.write_files", box)[0].headers
    for check in CHECKS:
        assert bool(planned(check.id, box)) == (check.id in WRITING)


def test_groups_that_cannot_be_listed_are_no_team_api() -> None:
    found = verdicts(
        kloudless__account__admin=(Status.PASSED, None),
        kloudless__team=(Status.PASSED, None),
        kloudless__groups=(Status.FAILED, "kloudless.service_forbidden"),
    )
    (team,) = (row for row in matrix(found, REQUESTED) if row.capability == "Team API")
    assert team.proved is not Mark.YES
    assert team.granted is not Mark.YES

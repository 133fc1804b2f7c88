"""The checks of a healthy profile: what they find, and what they ask the other side."""

import json
from collections import Counter
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from lib.cli import main
from lib.runbook.checks.registry import CHECKS
from lib.runbook.goals import Goal, Road
from lib.runbook.roads.roads import checks_of, steps_for
from tests.sandbox_server import SandboxServer

# Not proved by reading, or not there: everything else passes.
UNPROVEN = {
    "box.scope.write_files",
    "box.notifications",
    "kloudless.webhook",
    "box.events.arrived",  # nothing read yet
}
SKIPPED = {
    "box.token.signin",  # a JWT app has no sign-in
    "box.events.user",
    "box.gcm",  # not granted, not wanted
    "box.webhooks.here",  # none
    "box.webhooks.alive",
    "kloudless.keys.admin_oauth",  # it works as a service account
    "box.webhooks.deleted",  # a command alone has no deliveries
    "box.webhooks.session",
    "box.events.position",  # nothing read yet
    "kloudless.activity.position",
}
# The sandbox plants one account whose Box token died.
WARNED = {"kloudless.account.callable"}


@pytest.fixture
def check(
    sandbox: SandboxServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Any:
    """`check --json` on the sandbox: its exit code and document."""
    monkeypatch.setenv("BOX_RUNBOOK_SANDBOX", sandbox.url)
    monkeypatch.setenv("BOX_RUNBOOK_DATA", str(tmp_path / "data"))

    def run(*options: str) -> tuple[int, Any]:
        code = main(["check", "--json", *options])
        return code, json.loads(capsys.readouterr().out)

    return run


def served_since(sandbox: SandboxServer, start: int) -> list[dict[str, Any]]:
    served: list[dict[str, Any]] = sandbox.get("/sandbox/log")[start:]
    return [one for one in served if not one["path"].startswith("/sandbox/")]


def test_a_healthy_profile_passes_and_says_what_reading_cannot_prove(check: Any) -> None:
    code, answer = check()
    assert code == 0
    assert list(answer) == ["profile", "ok", "proved", "deciding", "not_proved", "checks"]
    assert (answer["proved"], answer["deciding"], answer["not_proved"]) == (0, 0, [])
    assert answer["ok"] is True
    found = {one["id"]: one["status"] for one in answer["checks"]}
    assert list(found) == [one.id for one in CHECKS]
    assert {name for name, status in found.items() if status == "unproven"} == UNPROVEN
    assert {name for name, status in found.items() if status == "skipped"} == SKIPPED
    assert {name for name, status in found.items() if status == "warning"} == WARNED
    for one in answer["checks"]:
        assert list(one) == (
            [
                "id",
                "title",
                "deciding",
                "status",
                "cause",
                "cause_text",
                "fix",
                "who",
                "evidence",
                "ms",
            ]
        )
        assert (one["cause"] is None) == (one["status"] == "passed")


def test_the_checks_only_read_and_ask_box_once_for_each_probe(
    sandbox: SandboxServer, check: Any
) -> None:
    start = len(sandbox.get("/sandbox/log"))
    check("--road", "box-jwt")
    served = served_since(sandbox, start)
    assert Counter((one["method"], one["path"]) for one in served) == {
        ("GET", "/2.0/users/me"): 4,  # without a token, as the app, as a user, by a user's token
        ("POST", "/oauth2/token"): 2,  # for the enterprise and for a user
        ("GET", "/2.0/folders/0"): 1,
        ("GET", "/2.0/users"): 1,
        ("GET", "/2.0/groups"): 1,
        ("GET", "/2.0/events"): 2,  # live and history
        ("GET", "/2.0/webhooks"): 1,
        ("GET", "/2.0/search"): 1,  # whether more was granted than is wanted
    }


def test_the_checks_of_kloudless_only_read(sandbox: SandboxServer, check: Any) -> None:
    start = len(sandbox.get("/sandbox/log"))
    check("--road", "kloudless-jwt")
    served = served_since(sandbox, start)
    assert len(served) > 10
    # A pass-through GET is a POST to Kloudless. Kloudless gets Box's tokens by itself.
    assert all(
        one["method"] == "GET" or one["path"].endswith(("/raw/", "/raw", "/oauth2/token"))
        for one in served
    )


def test_only_runs_what_is_named_and_tells_the_need_that_failed(
    sandbox: SandboxServer, check: Any
) -> None:
    code, answer = check("--only", "box.scope.manage_groups")
    assert code == 0
    assert [one["id"] for one in answer["checks"]] == ["box.scope.manage_groups"]
    with sandbox.fault("app_not_authorized"):
        code, answer = check("--only", "box.scope.manage_groups")
    assert code == 1
    found = {one["id"]: (one["status"], one["cause"]) for one in answer["checks"]}
    assert found["box.token.enterprise"] == ("failed", "token.app_not_authorized")
    assert found["box.scope.manage_groups"] == ("skipped", "check.need_failed")
    # What doesn't hold stands before what needs it.
    assert next(iter(found)) == "box.token.enterprise"


@pytest.mark.parametrize("road", ["box-ccg", "box-oauth", "kloudless-oauth"])
def test_a_road_that_the_profile_cannot_take_is_wrong_usage(check: Any, road: str) -> None:
    code, answer = check("--road", road)
    assert code == 2
    assert answer["ok"] is False
    assert "jwt" in answer["error"]["cause"]
    assert "box-jwt, kloudless-jwt, kloudless-import" in answer["error"]["fix"]


def test_a_road_is_ok_only_when_every_deciding_check_passed(check: Any) -> None:
    code, answer = check("--road", "box-jwt", "--goal", "people")
    decide = {one["id"]: one["status"] for one in answer["checks"] if one["deciding"]}
    assert len(decide) == answer["deciding"]
    left = [one for one, status in decide.items() if status != "passed"]
    assert {one["id"] for one in answer["not_proved"]} == set(left)
    assert answer["proved"] == answer["deciding"] - len(left)
    # Nothing has been read yet, and the app may do more than this goal needs: neither is proved.
    assert set(left) == {"box.events.position", "box.events.arrived", "box.least_privilege"}
    assert (code, answer["ok"]) == (1, False)


def test_a_write_that_was_not_allowed_is_said_and_is_no_failure(check: Any) -> None:
    _, answer = check("--road", "box-jwt")
    found = {one["id"]: one["needs_write"] for one in answer["not_proved"]}
    assert found == {
        "box.scope.write_files": True,
        "box.webhooks.here": False,
        "box.webhooks.alive": False,
        "box.events.position": False,
        "box.events.arrived": False,
    }


def test_a_run_in_which_nothing_passed_is_not_ok(check: Any) -> None:
    code, answer = check("--only", "box.token.signin")
    assert (code, answer["ok"]) == (1, False)
    code, answer = check("--only", "box.token.enterprise")
    assert (code, answer["ok"]) == (0, True)


FITTING = ("box-jwt", "kloudless-jwt", "kloudless-import")


@pytest.mark.parametrize("road", [Road(one) for one in FITTING])
def test_a_road_has_the_checks_that_prove_its_steps(check: Any, road: Road) -> None:
    _, answer = check("--road", road)
    assert {one["id"] for one in answer["checks"]} >= set(checks_of(steps_for(road, Goal.FULL)))


def test_regression_a_road_has_no_check_that_none_of_its_steps_needs(check: Any) -> None:
    _, answer = check("--road", "box-jwt", "--goal", "activity")
    ran = [one["id"] for one in answer["checks"]]
    assert "box.token.enterprise" in ran
    assert "box.events.history" in ran
    # of another way to sign in, of another goal, and only on request
    assert {"box.token.signin", "box.scope.manage_webhooks", "box.gcm"}.isdisjoint(ran)


def test_an_unknown_check_is_wrong_usage_and_names_the_known_ones(check: Any) -> None:
    code, answer = check("--only", "box.scope.manage_group")
    assert code == 2
    assert "box.scope.manage_groups" in answer["error"]["cause"]


def test_a_smaller_goal_warns_of_what_is_granted_beyond_it(check: Any) -> None:
    _, answer = check("--goal", "activity", "--only", "box.least_privilege")
    (spare,) = answer["checks"]
    assert (spare["status"], spare["cause"], spare["who"]) == (
        "warning",
        "box.granted_unused",
        "developer",
    )
    assert "Manage groups" in spare["cause_text"]
    assert "Manage enterprise properties" not in spare["cause_text"]


def test_what_the_goal_does_not_need_may_be_refused(sandbox: SandboxServer, check: Any) -> None:
    with sandbox.fault("missing_scope_manage_groups"):
        code, answer = check("--goal", "activity")
    assert code == 0
    groups = next(one for one in answer["checks"] if one["id"] == "box.scope.manage_groups")
    assert (groups["status"], groups["cause"]) == ("skipped", "check.not_wanted")
    assert groups["evidence"]["status"] == 403


def test_junit_is_what_ci_shows(sandbox: SandboxServer, check: Any, tmp_path: Path) -> None:
    file = tmp_path / "out" / "checks.xml"
    with sandbox.fault("missing_scope_manage_groups"):
        code, answer = check("--junit", str(file))
    assert code == 1
    suite = ET.fromstring(file.read_bytes())  # noqa: S314  # our own file
    cases = suite.findall("testcase")
    assert suite.attrib["tests"] == str(len(answer["checks"])) == str(len(cases))
    assert suite.attrib["failures"] == "2"
    failure, through_kloudless = suite.iter("failure")
    assert through_kloudless.attrib["type"] == "kloudless.service_forbidden"
    assert failure.attrib["type"] == "box.insufficient_scope"
    assert "reauthorize" in failure.attrib["message"]


def test_junit_fails_where_a_road_is_not_proved(check: Any, tmp_path: Path) -> None:
    file = tmp_path / "road.xml"
    _, answer = check("--road", "box-jwt", "--junit", str(file))
    suite = ET.fromstring(file.read_bytes())  # noqa: S314  # our own file
    wrong = [one["id"] for one in answer["not_proved"] if not one["needs_write"]]
    failing = [
        f"{case.attrib['classname']}.{case.attrib['name']}"
        for case in suite.findall("testcase")
        if case.find("failure") is not None
    ]
    assert sorted(failing) == sorted(wrong)
    assert suite.attrib["failures"] == str(len(wrong))


def test_text_is_for_people(
    sandbox: SandboxServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("BOX_RUNBOOK_SANDBOX", sandbox.url)
    monkeypatch.setenv("BOX_RUNBOOK_DATA", str(tmp_path / "data"))
    with sandbox.fault("app_not_authorized"):
        assert main(["check"]) == 1
    text = capsys.readouterr().out
    assert "FAILED" in text
    assert "Admin Console > Integrations > Platform Apps Manager" in text
    assert "Who: box_admin." in text
    secret = sandbox.credentials()["box"]["config"]["boxAppSettings"]["clientSecret"]
    assert secret not in text

"""Running checks: needs, goals, doubts, and a check's own mistakes."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lib.box.api_errors import box_error
from lib.core import causes
from lib.core.call import Call
from lib.core.errors import RunbookError, Who
from lib.http import Egress, Policy, Waiting, build_client, send
from lib.runbook.checks.check import Check, CheckSide
from lib.runbook.checks.check_context import CheckContext
from lib.runbook.checks.registry import CHECKS, by_id
from lib.runbook.checks.running import run, with_needs
from lib.runbook.checks.verdict import CheckOutcome, Verdict, passed, unproven
from lib.runbook.goals import Goal, Need
from lib.settings.profiles import BoxCredentials, Profile, ProfileKind
from tests.wire_server import Reply, Seen, as_json, wire_server

NOW = datetime(2026, 11, 2, tzinfo=UTC)
PROFILE = Profile("acme", "Acme", ProfileKind.CONFIGURED, box=BoxCredentials())


def check(
    name: str,
    probe: Callable[[CheckContext], CheckOutcome],
    *needs: str,
    grants: frozenset[Need] = frozenset(),
) -> Check:
    return Check(name, name, name, probe, CheckSide.BOX, needs=needs, grants=grants)


def verdicts(*checks: Check, goal: Goal = Goal.FULL) -> dict[str, Verdict]:
    with CheckContext(PROFILE, egress=Egress(), goal=goal) as context:
        return {one.id: one for one in run(context, checks=checks)}


def breaks(_context: CheckContext) -> CheckOutcome:
    raise RunbookError("It broke.", cause="So.", fix="Mend it.", who=Who.YOU, cause_id="unknown")


def test_a_failed_need_skips_all_that_stands_on_it_and_is_reported_once() -> None:
    found = verdicts(
        check("a", breaks),
        check("b", lambda _: passed(), "a"),
        check("c", lambda _: passed(), "b"),
        check("d", lambda _: passed()),
    )
    assert [one.status.value for one in found.values()] == [
        "failed",
        "skipped",
        "skipped",
        "passed",
    ]
    assert found["c"].cause == "check.need_failed"
    assert "“a”" in found["b"].cause_text


def test_what_cannot_be_proved_does_not_stop_what_stands_on_it() -> None:
    found = verdicts(
        check("a", lambda _: unproven("box.write_unproven")), check("b", lambda _: passed(), "a")
    )
    assert found["b"].status.value == "passed"


def test_a_mistake_of_our_own_is_reported_as_one_and_hides_what_looks_secret() -> None:
    def slips(_context: CheckContext) -> CheckOutcome:
        raise KeyError("client_secret=abcdefghijklmnopqrstuvwxyz0123")

    found = verdicts(check("a", slips), check("b", lambda _: passed()))
    assert (found["a"].cause, found["a"].who) == ("check.own_fault", Who.THIS_APP)
    assert "abcdefghijkl" not in str(found["a"].to_record())
    assert found["b"].status.value == "passed"


@pytest.mark.parametrize(
    "calls,cause",
    [
        ([(503, 1, 10.0), (200, 2, 10.0)], "box.unavailable"),
        ([(None, 1, 10.0), (200, 2, 10.0)], "network.reset"),
        ([(429, 1, 10.0), (200, 2, 10.0)], "rate_limited"),
        ([(200, 1, 4500.0)], "network.slow"),
        ([(200, 1, 100.0)], None),
        ([(403, 1, 10.0)], None),
    ],
)
def test_what_only_worked_at_the_second_attempt_or_slowly_is_doubted(
    calls: list[tuple[int | None, int, float]], cause: str | None
) -> None:
    def calling(context: CheckContext) -> CheckOutcome:
        for status, attempt, ms in calls:
            code = "reset" if status is None else None
            context.journal.add(
                Call(NOW, "GET", "api.box.com", "/2.0/groups", status, ms, ("id",), attempt, code)
            )
        return passed("There.")

    found = verdicts(check("a", calling))["a"]
    assert (found.cause, found.status.value) == (cause, "warning" if cause else "passed")
    assert found.evidence.request == "GET /2.0/groups"


def answers(seen: Seen) -> Reply:
    """403 to the question that decides, 404 to any other."""
    if seen.path == "/2.0/users/me":
        fault = {"code": "access_denied_insufficient_permissions", "request_id": "in-the-body"}
        return as_json(fault, 403, box_request_id="in-the-header")
    return as_json({}, 404, box_request_id="other")


@pytest.mark.parametrize("after", ["works", "works_later", "fails"])
def test_the_evidence_names_the_call_whose_error_decided(after: str) -> None:
    def asks(context: CheckContext) -> CheckOutcome:
        egress = Egress(origins=frozenset({("127.0.0.1", server.port)}))
        waiting = Waiting(sleep=lambda _: None, jitter=lambda low, _high: low)
        policy = Policy(waiting=waiting, budget=None)
        with build_client(egress, context.journal, policy=policy) as http:
            try:
                raise box_error(send(http, "GET", f"{server.url}/2.0/users/me", params={"q": "x"}))
            finally:  # what a check does to clean up
                if after == "fails":
                    send(http, "GET", f"{server.url}/2.0/groups")
                else:
                    server.queue = [as_json({}, 503)] if after == "works_later" else []
                    server.answer = None
                    send(http, "GET", f"{server.url}/2.0/folders/0")

    with wire_server() as server:
        server.answer = answers
        found = verdicts(check("a", asks))["a"]
    assert found.cause == "box.no_permission"
    assert found.evidence.request == "GET /2.0/users/me"
    assert (found.evidence.status, found.evidence.attempts) == (403, 1)
    assert found.evidence.code == "access_denied_insufficient_permissions"
    assert found.evidence.request_ids == ("in-the-header", "in-the-body")


def test_an_error_of_no_call_has_no_evidence_of_one() -> None:
    def asks(context: CheckContext) -> CheckOutcome:
        context.journal.add(Call(NOW, "GET", "api.box.com", "/2.0/groups", 200, 9.0, (), 1, None))
        return breaks(context)

    found = verdicts(check("a", asks))["a"]
    assert found.status.value == "failed"
    assert found.evidence.request is None


def test_an_id_stands_after_all_that_it_needs() -> None:
    seen: set[str] = set()
    for one in CHECKS:
        assert seen.issuperset((*one.needs, *one.builds_on)), one.id
        seen.add(one.id)
    assert len(seen) == len(CHECKS)


def test_needs_are_found_through_needs() -> None:
    names = [one.id for one in with_needs({"box.as_user"})]
    assert names[0] == "box.settings"
    assert names[-2:] == ["box.scope.manage_users", "box.as_user"]
    with pytest.raises(KeyError):
        by_id("box.telepathy")


@pytest.mark.parametrize("one", CHECKS, ids=lambda one: one.id)
def test_a_check_reads_like_one(one: Check) -> None:
    assert re.fullmatch(r"(box|kloudless)(\.[a-z_]+){1,2}", one.id)
    assert one.id.startswith(one.side.value)
    for text in (one.proves, one.method):
        assert text.endswith(".")
    assert not one.title.endswith(".")
    assert len(one.title) <= 50


def test_every_cause_that_a_check_names_is_met_by_a_test() -> None:
    rows = {row.id for row in causes.all_causes()}
    source = "".join(file.read_text(encoding="utf-8") for file in Path("lib/runbook").rglob("*.py"))
    named = {row for row in rows if f'"{row}"' in source}
    folders = (Path("tests/unit/runbook"), Path("tests/integration/runbook"))
    tests = "".join(
        file.read_text(encoding="utf-8") for folder in folders for file in folder.rglob("*.py")
    )
    unmet = {row for row in named if f'"{row}"' not in tests}
    assert unmet == set()

"""A run: its states, its file, and the ledger that keeps it."""

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.core.errors import ConfigurationError, Who
from lib.core.redaction import Secret
from lib.runbook.checks.verdict import Evidence, Status, Verdict
from lib.runbook.goals import Goal, Need, Road
from lib.runbook.roads.roads import steps_for
from lib.runbook.runs import run_file, runs
from lib.runbook.runs.run_file import NotARun
from lib.runbook.runs.runs import Run, StepState
from lib.settings.profiles import (
    BoxAuth,
    BoxCredentials,
    KloudlessCredentials,
    Origin,
    Profile,
    ProfileKind,
    session_profile,
)
from lib.store import Ledger
from lib.store.ledger.runs import KEPT, RoadRunRecord

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
PROFILE = Profile("acme", "Acme, production", ProfileKind.CONFIGURED, box=BoxCredentials())


def begun() -> Run:
    return runs.begin(PROFILE, Road.BOX_JWT, Goal.FULL, frozenset({Need.GCM}), now=NOW)


def verdict(status: Status, cause: str | None = None) -> Verdict:
    return Verdict(
        "box.identity",
        "Token works",
        status,
        NOW,
        12.5,
        cause=cause,
        who=Who.YOU if cause else None,
        evidence=Evidence(note="seen", request="GET /2.0/users/me", status=200, attempts=1),
    )


PASSED = verdict(Status.PASSED)
FAILED = verdict(Status.FAILED, "box.invalid_token")
WARNED = verdict(Status.WARNING, "network.slow")
UNPROVEN = verdict(Status.UNPROVEN, "box.write_unproven")
NOT_RUN = verdict(Status.SKIPPED, "check.need_failed")
NOT_HERE = verdict(Status.SKIPPED, "check.not_here")


@pytest.mark.parametrize(
    "verdicts,state",
    [
        ([PASSED], StepState.PROVED),
        ([WARNED], StepState.OPEN),
        ([PASSED, WARNED], StepState.OPEN),
        ([PASSED, NOT_HERE], StepState.OPEN),
        ([PASSED, FAILED], StepState.BLOCKED),
        ([NOT_RUN], StepState.BLOCKED),
        ([UNPROVEN], StepState.OPEN),
        ([PASSED, UNPROVEN], StepState.OPEN),
        ([NOT_HERE], StepState.OPEN),
        ([], StepState.OPEN),
    ],
)
def test_a_step_is_as_its_checks_say(verdicts: list[Verdict], state: StepState) -> None:
    run = runs.prove(begun(), "token", verdicts, now=NOW)
    assert run.step("token").state is state
    assert run.step("token").verdicts == tuple(verdicts)
    assert run.at_step == "token"


def test_what_a_person_said_stays_where_checks_cannot_tell() -> None:
    run = runs.by_hand(begun(), "quiet", "no mail came", now=NOW)
    run = runs.prove(run, "quiet", [UNPROVEN], now=NOW)
    assert run.step("quiet").state is StepState.DONE
    assert run.step("quiet").reason == "no mail came"
    # A failure is stronger than what a person said.
    assert runs.prove(run, "quiet", [FAILED], now=NOW).step("quiet").state is StepState.BLOCKED


def test_regression_a_persons_word_takes_nothing_from_what_checks_proved() -> None:
    run = runs.prove(begun(), "token", [PASSED], now=NOW)
    run = runs.by_hand(run, "token", "seen", now=NOW)
    assert run.step("token").state is StepState.PROVED
    assert run.step("token").verdicts == (PASSED,)
    assert run.step("token").reason == "seen"


def test_a_step_is_left_out_only_with_a_reason_and_can_be_opened_again() -> None:
    with pytest.raises(ConfigurationError, match="needs a reason"):
        runs.leave_out(begun(), "webhooks", "  \n ", now=NOW)
    run = runs.leave_out(begun(), "webhooks", "we\npoll", now=NOW)
    assert run.step("webhooks").reason == "we poll"
    assert run.settled(["webhooks", "token"]) == 1
    assert run.next_open(["webhooks", "token"]) == "token"
    assert runs.reopen(run, "webhooks", now=NOW).next_open(["webhooks"]) == "webhooks"
    assert runs.by_hand(run, "token", now=NOW).next_open(["webhooks", "token"]) is None


def test_a_run_interrupted_at_every_step_goes_on_where_it_was(tmp_path: Path) -> None:
    steps = [f"step-{number}" for number in range(8)]
    url = f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    run = begun()
    for number, step in enumerate(steps):
        # another day, another process: from the store, and from a file
        ledger = Ledger.open(url)
        ledger.road_runs.keep(run.id, run.profile, run_file.to_record(run), at=run.updated_at)
        ledger.close()
        ledger = Ledger.open(url)
        (kept,) = ledger.road_runs.of("acme")
        ledger.close()
        assert run_file.from_record(kept) == run_file.from_json(run_file.to_json(run)) == run
        run = run_file.from_record(kept)
        assert run.next_open(steps) == step
        acts: list[Any] = [
            lambda r, s: runs.prove(r, s, [PASSED], now=NOW),
            lambda r, s: runs.by_hand(r, s, "seen", now=NOW),
            lambda r, s: runs.leave_out(r, s, "not here", now=NOW),
        ]
        run = acts[number % 3](run, step)
    assert run.next_open(steps) is None


def test_no_secret_gets_into_a_run() -> None:
    own = session_profile(box=BoxCredentials(), label="Mine")
    run = runs.begin(own, Road.BOX_JWT, Goal.FULL, frozenset(), now=NOW)
    run = runs.leave_out(run, "x", "the client_secret=hunter2hunter2hunter2 is wrong", now=NOW)
    text = run_file.to_json(run).decode()
    assert own.key not in text
    assert run.profile == "session"
    assert "hunter2" not in text


@pytest.mark.parametrize(
    "data,words",
    [
        (b"", "truncated"),
        (b"{", "truncated"),
        (b"[" * 100_000, "truncated"),
        (b"\xff\xfe", "UTF-8"),
        (b"[]", "kind is missing"),
        (b'{"boxAppSettings":{}}', "kind is missing"),
        (b" " * (run_file.MAX_BYTES + 1), "too large"),
    ],
)
def test_another_file_is_refused_and_says_why(data: bytes, words: str) -> None:
    with pytest.raises(NotARun, match=words):
        run_file.from_json(data)


@pytest.mark.parametrize(
    "changes,words",
    [
        ({"version": 99}, "another version"),
        ({"steps": []}, "steps"),
        ({"steps": {str(n): {"state": "open"} for n in range(301)}}, "too many"),
        ({"steps": {"a": {"state": "finished"}}}, "finished"),
        ({"steps": {"a": {}}}, "missing"),
        ({"steps": {"a": {"state": "open", "verdicts": [{"id": "x"}]}}}, "lacks"),
        ({"road": "box-telepathy"}, "telepathy"),
        ({"goal": "everything"}, "everything"),
        ({"started_at": "yesterday"}, "yesterday"),
        ({"id": "../../etc"}, "can't be read"),
        ({"extras": "gcm"}, "can't be read"),
    ],
)
def test_a_run_with_something_wrong_in_it_is_refused_and_says_what(
    changes: dict[str, Any], words: str
) -> None:
    record = run_file.to_record(begun()) | changes
    with pytest.raises(NotARun, match=words):
        run_file.from_json(json.dumps(record).encode())


@given(st.binary(max_size=300))
def test_no_file_breaks_it(data: bytes) -> None:
    with pytest.raises(NotARun):
        run_file.from_json(data)


def test_a_byte_order_mark_does_no_harm() -> None:
    assert run_file.from_json(b"\xef\xbb\xbf" + run_file.to_json(begun())).road is Road.BOX_JWT


def test_regression_a_step_that_was_left_out_keeps_its_reason_when_its_check_fails() -> None:
    run = runs.leave_out(begun(), "gcm", "we don't want it", now=NOW)
    for verdicts in ([FAILED], [NOT_RUN], [UNPROVEN]):
        after = runs.prove(run, "gcm", verdicts, now=NOW).step("gcm")
        assert (after.state, after.reason) == (StepState.SKIPPED, "we don't want it")
        assert after.verdicts == tuple(verdicts)
    assert runs.prove(run, "gcm", [PASSED], now=NOW).step("gcm").state is StepState.PROVED


def test_regression_what_a_permitted_write_proved_outlives_a_check_without_writes() -> None:
    wrote = replace(PASSED, id="box.scope.write_files")
    later = NOW + timedelta(hours=23)
    silent = replace(UNPROVEN, id="box.scope.write_files", at=later)
    run = runs.prove(begun(), "scopes", [wrote, PASSED], now=NOW)
    run = runs.prove(run, "scopes", [silent, PASSED], now=later)
    assert run.step("scopes").state is StepState.PROVED
    assert run.step("scopes").verdicts[0].at == NOW  # it says when it was shown
    refused = replace(FAILED, id="box.scope.write_files")
    assert runs.prove(run, "scopes", [refused], now=later).step("scopes").state is StepState.BLOCKED
    # Only what needs a permission to write is so: anything else unproven is open again.
    run = runs.prove(begun(), "token", [PASSED], now=NOW)
    assert runs.prove(run, "token", [UNPROVEN], now=later).step("token").state is StepState.OPEN


def test_only_what_decides_a_step_proves_it() -> None:
    other = replace(PASSED, id="box.reachable")
    decide = ("box.identity",)
    assert runs.shown_by([other], decide) is StepState.OPEN
    assert runs.shown_by([PASSED, other], decide) is StepState.PROVED
    assert runs.shown_by([PASSED, replace(FAILED, id="x")], decide) is StepState.PROVED
    assert runs.shown_by([PASSED], ("box.identity", "box.reachable")) is StepState.OPEN
    assert runs.shown_by([PASSED], ()) is StepState.OPEN
    for found in (WARNED, UNPROVEN, NOT_HERE):
        assert runs.shown_by([found, other], decide) is StepState.OPEN
    assert runs.shown_by([FAILED, other], decide) is StepState.BLOCKED


def test_a_proof_lasts_a_day_and_then_says_when_it_was_made() -> None:
    decide = {"token": ("box.identity",)}
    run = runs.prove(begun(), "token", [PASSED], now=NOW, deciding=decide["token"])
    just = NOW + timedelta(hours=23, minutes=59)
    assert runs.aged(run, decide, just) == run
    assert run.last_proved("token", decide["token"]) is None  # it is proved now
    old = runs.aged(run, decide, NOW + timedelta(hours=24))
    assert old.step("token").state is StepState.OPEN
    assert old.last_proved("token", decide["token"]) == NOW
    warned = runs.prove(begun(), "token", [WARNED], now=NOW, deciding=decide["token"])
    assert warned.last_proved("token", decide["token"]) is None
    # what a person said doesn't age
    hand = runs.by_hand(begun(), "token", "seen", now=NOW)
    assert runs.aged(hand, decide, NOW + timedelta(days=9)) == hand


def proved() -> dict[str, Any]:
    """The record of a run with one proved step, to be changed."""
    record: dict[str, Any] = json.loads(
        run_file.to_json(runs.prove(begun(), "token", [PASSED], now=NOW))
    )
    return record


def test_regression_secrets_that_somebody_wrote_into_a_file_do_not_come_out_again() -> None:
    record = proved()
    (written,) = record["steps"]["token"]["verdicts"]
    written["cause_text"] = "client_secret=hunter2hunter2hunter2"
    written["evidence"]["note"] = "Authorization: Bearer hunter2hunter2hunter2"
    written["evidence"]["compared"] = {"client_secret": "hunter2hunter2hunter2"}
    record["steps"]["client_secret=hunter2hunter2hunter2"] = {"state": "open"}
    record["at_step"] = record["about"] = "refresh_token=hunter2hunter2hunter2"
    run = run_file.from_json(json.dumps(record).encode())
    assert run.step("token").state is StepState.PROVED
    assert "hunter2" not in run_file.to_json(run).decode() + repr(run)


@pytest.mark.parametrize(
    "step,words",
    [
        ({"state": "proved"}, "token is marked proved"),
        ({"state": "proved", "verdicts": [FAILED.to_record()]}, "token is marked proved"),
        ({"state": "proved", "verdicts": [NOT_HERE.to_record()]}, "token is marked proved"),
        ({"state": "skipped"}, "without a reason"),
        ({"state": "open", "verdicts": [PASSED.to_record() | {"ms": float("nan")}]}, "nan ms"),
        ({"state": "open", "verdicts": [PASSED.to_record() | {"ms": 10**400}]}, "too large"),
    ],
)
def test_regression_a_file_must_show_what_it_claims(step: dict[str, Any], words: str) -> None:
    record = proved()
    record["steps"]["token"] = step
    with pytest.raises(NotARun, match=words):
        run_file.from_json(json.dumps(record).encode())


def test_regression_what_was_proved_of_one_app_says_nothing_of_another() -> None:
    mine = session_profile(box=BoxCredentials(client_id="one", enterprise_id="1"), label="Mine")
    run = runs.begin(mine, Road.BOX_JWT, Goal.FULL, frozenset(), now=NOW)
    run = runs.prove(run, "token", [PASSED], now=NOW)
    run = runs.prove(run, "key", [FAILED], now=NOW)
    run = runs.by_hand(run, "ticket", "sent", now=NOW)
    data = run_file.to_json(run)
    assert b'"one"' not in data  # the file tells apps apart without naming them

    again = replace(mine, key="session-" + "0" * 32)  # the same app, another day
    same = runs.taken_over(run_file.from_json(data), again, now=NOW)
    assert same.step("token").state is StepState.PROVED
    assert same.step("key").state is StepState.BLOCKED

    for client_id in ("two", ""):
        box = BoxCredentials(client_id=client_id, enterprise_id="1")
        other = runs.taken_over(run_file.from_json(data), replace(mine, box=box), now=NOW)
        assert other.step("token").state is StepState.OPEN
        assert other.step("token").verdicts == (PASSED,)
        assert other.step("key").state is StepState.OPEN
        assert other.step("ticket").state is StepState.DONE


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "two"},
        {"public_key_id": "k2"},
        {"enterprise_id": "2"},
        {"user_id": "7"},
        {"auth": BoxAuth.CCG},
        {"api_url": "https://api.box.example"},
    ],
)
def test_what_was_proved_is_open_again_when_the_profile_is_another(changes: dict[str, Any]) -> None:
    box = BoxCredentials(client_id="one", public_key_id="k1", enterprise_id="1")
    mine = replace(PROFILE, box=box)
    run = runs.begin(mine, Road.BOX_JWT, Goal.FULL, frozenset(), now=NOW)
    run = runs.prove(run, "token", [PASSED], now=NOW)
    run = runs.leave_out(run, "quiet", "not here", now=NOW)
    assert runs.fitted(run, mine) == run
    other = runs.fitted(run, replace(mine, box=replace(box, **changes)))
    assert other.step("token").state is StepState.OPEN
    assert other.of_another_app("token")
    assert other.step("quiet").state is StepState.SKIPPED
    # Also with another secret: nobody tried that one. What the road doesn't use may change, and
    # so may a token that changes by itself.
    for secret in (
        replace(box, client_secret=Secret("hunter2hunter2")),
        replace(box, passphrase=Secret("hunter3")),
    ):
        other = runs.fitted(run, replace(mine, box=secret))
        assert other.step("token").state is StepState.OPEN
    kloudless = KloudlessCredentials(base_url="https://k.example/v1", app_id="a")
    turned = replace(box, refresh_token=Secret("hunter2hunter2"))
    assert runs.fitted(run, replace(mine, box=turned, kloudless=kloudless)) == run
    other = runs.fitted(run, replace(mine, box=replace(box, **changes)))
    # Proved anew it is of the new app; then going back is another app again.
    anew = runs.prove(other, "token", [PASSED], now=NOW)
    assert anew.step("token").state is StepState.PROVED
    assert runs.fitted(anew, mine).step("token").state is StepState.OPEN


def test_what_a_write_proved_of_another_app_is_not_carried_over() -> None:
    mine = replace(PROFILE, box=BoxCredentials(client_id="one"))
    run = runs.begin(mine, Road.BOX_JWT, Goal.FULL, frozenset(), now=NOW)
    run = runs.prove(run, "scopes", [replace(PASSED, id="box.scope.write_files")], now=NOW)
    other = runs.fitted(run, replace(PROFILE, box=BoxCredentials(client_id="two")))
    silent = replace(UNPROVEN, id="box.scope.write_files")
    assert runs.prove(other, "scopes", [silent], now=NOW).step("scopes").state is StepState.OPEN


def test_the_sandbox_is_the_same_at_another_port() -> None:
    def at(port: int) -> Profile:
        box = BoxCredentials(client_id="one", api_url=f"http://127.0.0.1:{port}")
        return replace(PROFILE, box=box, origins={"box": Origin.SANDBOX})

    assert runs.fingerprint(at(1), Road.BOX_JWT) == runs.fingerprint(at(2), Road.BOX_JWT)


def test_of_two_walks_along_a_road_the_later_word_of_each_step_counts() -> None:
    later = NOW + timedelta(hours=1)
    here = runs.by_hand(begun(), "a", "here", now=NOW)
    here = runs.by_hand(here, "b", "here", now=later)
    there = runs.by_hand(begun(), "a", "there", now=later)
    there = runs.by_hand(runs.by_hand(there, "b", "there", now=NOW), "c", "there", now=NOW)
    both = runs.merged(here, there, now=later)
    assert {name: one.reason for name, one in both.steps.items()} == {
        "a": "there",
        "b": "here",
        "c": "there",
    }
    assert both.id == here.id


def test_what_a_file_proved_of_another_app_displaces_no_proof_of_this_one() -> None:
    mine = replace(PROFILE, box=BoxCredentials(client_id="one"))
    theirs = replace(PROFILE, box=BoxCredentials(client_id="two"))
    later = NOW + timedelta(hours=1)
    here, there = (
        runs.prove(
            runs.begin(one, Road.BOX_JWT, Goal.FULL, frozenset(), now=NOW),
            "token",
            [PASSED],
            now=at,
        )
        for one, at in ((mine, NOW), (theirs, later))
    )
    both = runs.merged(here, runs.taken_over(there, mine, now=later), now=later)
    assert both.step("token") == here.step("token")


def test_a_file_without_fingerprints_of_its_steps_is_of_its_runs_app() -> None:
    run = runs.begin(
        replace(PROFILE, box=BoxCredentials(client_id="one")),
        Road.BOX_JWT,
        Goal.FULL,
        frozenset(),
        now=NOW,
    )
    record = run_file.to_record(runs.prove(run, "token", [PASSED], now=NOW))
    del record["steps"]["token"]["about"]
    assert run_file.from_record(record).step("token").about == run.about


def test_changes_of_many_at_once_lose_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    first = begun()

    def mark(number: int) -> None:
        ledger = Ledger.open(url)  # as each process has its own

        def decide(records: list[Mapping[str, Any]]) -> RoadRunRecord:
            run = run_file.from_record(records[0]) if records else first
            run = runs.by_hand(run, f"step-{number}", now=NOW)
            return RoadRunRecord(run.id, run_file.to_record(run), run.updated_at)

        ledger.road_runs.change("acme", decide)
        ledger.close()

    Ledger.open(url).close()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(mark, range(24)))
    ledger = Ledger.open(url)
    (record,) = ledger.road_runs.of("acme")
    assert len(run_file.from_record(record).steps) == 24
    ledger.road_runs.change("acme", lambda _: None)
    assert ledger.road_runs.of("acme") == [record]
    ledger.close()


def test_a_run_of_a_file_goes_on_with_another_profile() -> None:
    other = replace(PROFILE, key="other", label="Other")
    run = runs.taken_over(runs.by_hand(begun(), "a", now=NOW), other, now=NOW)
    assert (run.profile, run.label) == ("other", "Other")
    assert run.step("a").state is StepState.DONE


def test_the_ledger_keeps_the_newest_walks_of_each_profile_and_forgets_a_profile() -> None:
    ledger = Ledger.in_memory()
    road_runs = ledger.road_runs
    for number in range(KEPT + 5):
        road_runs.keep(f"{number:08x}", "acme", {"n": number}, at=NOW + timedelta(minutes=number))
    road_runs.keep("ffffffff", "other", {"n": -1}, at=NOW)
    assert [one["n"] for one in road_runs.of("acme")] == list(range(KEPT + 4, 4, -1))
    road_runs.keep(f"{10:08x}", "acme", {"n": 1000}, at=NOW + timedelta(days=1))
    assert [one["n"] for one in road_runs.of("acme")][:2] == [1000, KEPT + 4]
    road_runs.forget("ffffffff")
    assert road_runs.of("other") == []
    ledger.delete_profile("acme")
    assert road_runs.of("acme") == []
    ledger.close()


@pytest.mark.parametrize("other", [FAILED, WARNED, UNPROVEN, NOT_RUN])
def test_whatever_checks_said_of_any_step_is_read_again_as_it_was_kept(other: Verdict) -> None:
    for road in Road:
        run = runs.begin(PROFILE, road, Goal.FULL, frozenset(), now=NOW)
        for step in steps_for(road, Goal.FULL):
            found = [
                replace(PASSED if one in step.deciding else other, id=one) for one in step.verify
            ]
            run = runs.prove(run, step.id, found, now=NOW, deciding=step.deciding)
        assert StepState.PROVED in {record.state for record in run.steps.values()}
        assert run_file.from_json(run_file.to_json(run)) == run, road

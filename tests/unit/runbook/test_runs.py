"""A run: its states, its file, and the ledger that keeps it."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.errors import ConfigurationError, Who
from lib.profiles import BoxCredentials, Profile, ProfileKind, session_profile
from lib.runbook import runs
from lib.runbook.goals import Goal, Need, Road
from lib.runbook.runs import NotARun, Run, StepState
from lib.runbook.verdict import Evidence, Status, Verdict
from lib.store import Ledger
from lib.store.walks import KEPT

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
        ([PASSED, WARNED], StepState.PROVED),
        ([PASSED, NOT_HERE], StepState.PROVED),
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
        ledger.walks.keep(run.id, run.profile, runs.to_record(run), at=run.updated_at)
        ledger.close()
        ledger = Ledger.open(url)
        (kept,) = ledger.walks.of("acme")
        ledger.close()
        assert runs.from_record(kept) == runs.from_json(runs.to_json(run)) == run
        run = runs.from_record(kept)
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
    text = runs.to_json(run).decode()
    assert own.key not in text
    assert run.profile == "session"
    assert "hunter2" not in text


@pytest.mark.parametrize(
    "data,words",
    [
        (b"", "cut off"),
        (b"{", "cut off"),
        (b"[" * 100_000, "cut off"),
        (b"\xff\xfe", "UTF-8"),
        (b"[]", "doesn't say"),
        (b'{"boxAppSettings":{}}', "doesn't say"),
        (b" " * (runs.MAX_BYTES + 1), "too large"),
    ],
)
def test_another_file_is_refused_and_says_why(data: bytes, words: str) -> None:
    with pytest.raises(NotARun, match=words):
        runs.from_json(data)


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
    record = runs.to_record(begun()) | changes
    with pytest.raises(NotARun, match=words):
        runs.from_json(json.dumps(record).encode())


@given(st.binary(max_size=300))
def test_no_file_breaks_it(data: bytes) -> None:
    with pytest.raises(NotARun):
        runs.from_json(data)


def test_a_byte_order_mark_does_no_harm() -> None:
    assert runs.from_json(b"\xef\xbb\xbf" + runs.to_json(begun())).road is Road.BOX_JWT


def test_a_run_of_a_file_goes_on_with_another_profile() -> None:
    other = replace(PROFILE, key="other", label="Other")
    run = runs.taken_over(runs.by_hand(begun(), "a", now=NOW), other, now=NOW)
    assert (run.profile, run.label) == ("other", "Other")
    assert run.step("a").state is StepState.DONE


def test_the_ledger_keeps_the_newest_walks_of_each_profile_and_forgets_a_profile() -> None:
    ledger = Ledger.in_memory()
    walks = ledger.walks
    for number in range(KEPT + 5):
        walks.keep(f"{number:08x}", "acme", {"n": number}, at=NOW + timedelta(minutes=number))
    walks.keep("ffffffff", "other", {"n": -1}, at=NOW)
    assert [one["n"] for one in walks.of("acme")] == list(range(KEPT + 4, 4, -1))
    walks.keep(f"{10:08x}", "acme", {"n": 1000}, at=NOW + timedelta(days=1))
    assert [one["n"] for one in walks.of("acme")][:2] == [1000, KEPT + 4]
    walks.forget("ffffffff")
    assert walks.of("other") == []
    ledger.delete_profile("acme")
    assert walks.of("acme") == []
    ledger.close()

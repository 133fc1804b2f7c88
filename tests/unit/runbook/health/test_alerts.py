"""When somebody is told of an incident, and what of it leaves the app."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from lib.runbook.checks.verdict import CheckOutcome, Evidence, Status, conclude
from lib.runbook.health.alerts import Threshold, due, generic_message, slack_message
from lib.store.ledger.incidents import (
    AlertKind,
    AlertOutcome,
    Incident,
    IncidentSeverity,
    IncidentState,
    Mute,
)
from tests.unit.runbook.verdict_samples import MINUTE, NOW

CAUSE = "token.app_not_authorized"
AFTER = Threshold(after=10 * MINUTE)
DAY = timedelta(days=1)


def incident(opened: datetime = NOW) -> Incident:
    record = conclude(
        "box.token.enterprise",
        "Box gives a token",
        CheckOutcome(Status.FAILED, CAUSE, "canary-name@acme.example said no."),
        Evidence(code="canary-code"),
        at=NOW,
        ms=1,
    ).to_record()
    return Incident(
        "acme",
        CAUSE,
        IncidentSeverity.FAILURE,
        opened,
        NOW,
        opened,
        checks=("box.token.enterprise",),
        verdict=record,
        id=7,
    )


def resolved(at: datetime) -> Incident:
    return replace(incident(), state=IncidentState.RESOLVED, calm_at=NOW, resolved_at=at)


def outcome(kind: AlertKind, at: datetime, *, ok: bool = True, episode: int = 1) -> AlertOutcome:
    return AlertOutcome("acme", kind, at, ok=ok, incident_id=7, episode=episode)


def ask(
    one: Incident,
    at: datetime,
    outcomes: Sequence[AlertOutcome] = (),
    *,
    mute: Mute | None = None,
    threshold: Threshold = AFTER,
) -> AlertKind | None:
    return due(one, outcomes, mute=mute, threshold=threshold, now=at)


def test_nobody_is_reported_of_what_is_over_at_once() -> None:
    assert ask(incident(), NOW + 9 * MINUTE) is None
    assert ask(incident(), NOW + 10 * MINUTE) is AlertKind.OPEN
    assert ask(replace(incident(), calm_at=NOW + 5 * MINUTE), NOW + 20 * MINUTE) is None


def test_it_is_reported_once_then_once_a_day() -> None:
    reported = outcome(AlertKind.OPEN, NOW)
    assert ask(incident(), NOW + 20 * MINUTE, [reported]) is None
    assert ask(incident(), NOW + DAY, [reported]) is AlertKind.REMINDER
    again = outcome(AlertKind.REMINDER, NOW + DAY)
    assert ask(incident(), NOW + DAY + 60 * MINUTE, [again, reported]) is None
    assert ask(incident(), NOW + 2 * DAY, [again, reported]) is AlertKind.REMINDER


def test_the_end_is_reported_once_to_those_who_heard_of_the_beginning() -> None:
    end = NOW + 60 * MINUTE
    reported = outcome(AlertKind.OPEN, NOW)
    assert ask(resolved(end), end, [reported]) is AlertKind.RESOLVE
    assert ask(resolved(end), end, []) is None
    done = outcome(AlertKind.RESOLVE, end)
    assert ask(resolved(end), end + MINUTE, [done, reported]) is None
    assert ask(resolved(end), end + DAY + MINUTE, [reported]) is None


def test_one_that_was_reopened_is_reported_anew() -> None:
    again = replace(incident(), episode=2, episode_at=NOW + 60 * MINUTE)
    before = [outcome(AlertKind.RESOLVE, NOW), outcome(AlertKind.OPEN, NOW)]
    assert ask(again, NOW + 65 * MINUTE, before) is None
    assert ask(again, NOW + 70 * MINUTE, before) is AlertKind.OPEN


def test_a_muted_one_is_reported_when_the_mute_ends() -> None:
    mute = Mute("acme", CAUSE, "a move", NOW, NOW + DAY)
    assert ask(incident(), NOW + 60 * MINUTE, mute=mute) is None
    assert ask(incident(), NOW + DAY) is AlertKind.OPEN


def test_warnings_are_reported_only_when_asked_for() -> None:
    mild = replace(incident(), severity=IncidentSeverity.WARNING)
    later = NOW + 60 * MINUTE
    assert ask(mild, later) is None
    assert ask(mild, later, threshold=Threshold(warnings=True)) is AlertKind.OPEN


@pytest.mark.parametrize("failures, wait", [(1, 1), (2, 2), (3, 4), (7, 60), (30, 60)])
def test_what_failed_is_tried_again_ever_more_rarely(failures: int, wait: int) -> None:
    last = NOW + 60 * MINUTE
    outcomes = [outcome(AlertKind.OPEN, last, ok=False)] * failures
    assert ask(incident(), last + wait * MINUTE - timedelta(seconds=1), outcomes) is None
    assert ask(incident(), last + wait * MINUTE, outcomes) is AlertKind.OPEN


@pytest.mark.parametrize("kind", [AlertKind.OPEN, AlertKind.REMINDER, AlertKind.RESOLVE])
def test_no_word_of_the_other_side_leaves(kind: AlertKind) -> None:
    one = resolved(NOW) if kind is AlertKind.RESOLVE else incident()
    slack = slack_message(kind, one, label="Acme", now=NOW)
    generic = generic_message(kind, one, key="acme", label="Acme", now=NOW)
    for message in (slack, generic):
        assert "canary" not in json.dumps(message)
        assert "isn't authorized in this enterprise" in json.dumps(message)
    assert set(slack) == {"text"}


def test_an_unknown_fault_is_reported_by_its_status_and_plain_words_alone() -> None:
    one = replace(incident(), cause="unknown:418:ada@acme.example <!channel>")
    text = slack_message(AlertKind.OPEN, one, label="Acme", now=NOW)["text"]
    assert "unknown 418" in text
    assert "@" not in text
    assert "Responsible: unknown" in text


def test_a_label_calls_nobody_in_slack() -> None:
    text = slack_message(AlertKind.TEST, None, label="<!channel> & co", now=NOW)["text"]
    assert "&lt;!channel&gt; &amp; co" in text


def test_the_plain_form_says_everything_a_machine_needs() -> None:
    found = generic_message(AlertKind.OPEN, incident(), key="acme", label="Acme", now=NOW)
    assert found["version"] == 1
    assert found["kind"] == "open"
    assert found["profile"] == {"key": "acme", "label": "Acme"}
    facts = found["incident"]
    assert (facts["cause"], facts["blame"], facts["who"]) == (CAUSE, "box_admin", "box_admin")
    assert facts["checks"] == ["box.token.enterprise"]
    assert facts["opened_at"] == NOW.isoformat()
    assert found["sent_at"] == NOW.isoformat()

"""A run: the record of following a road, step by step, with what proved each step.

It can begin anywhere, leave steps out with a reason, and go on another day:
`lib.runbook.runs.run_file` writes and reads it. It holds no secret: verdicts are redacted where
they are made, what a person typed is redacted here, and the key of a session's profile never gets
in. What was proved of one app says nothing of another: each step remembers of which its checks
spoke.
"""

import hashlib
import json
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from lib.core.errors import ConfigurationError, Who
from lib.core.redaction import redact
from lib.runbook.checks.verdict import Status, Verdict
from lib.runbook.checks.writes import WRITING
from lib.runbook.goals import Goal, Need, Road
from lib.settings.profiles import Profile, ProfileKind

MAX_REASON: Final = 500
SESSION: Final = "session"
"""What a file says in place of the key of a session's profile."""


class StepState(StrEnum):
    """The state of a step in a run."""

    OPEN = "open"
    PROVED = "proved"  # its checks hold
    DONE = "done"  # done by hand; no check can show it
    SKIPPED = "skipped"  # left out, with a reason
    BLOCKED = "blocked"  # a check of it failed


SETTLED: Final = frozenset({StepState.PROVED, StepState.DONE, StepState.SKIPPED})
_OF_CHECKS: Final = frozenset({StepState.PROVED, StepState.BLOCKED})


@dataclass(frozen=True, slots=True)
class StepRecord:
    """One step of a run: its state, since when (UTC), why, and the verdicts that showed it.

    `about` is the fingerprint of what the verdicts speak of.
    """

    state: StepState = StepState.OPEN
    at: datetime | None = None
    reason: str = ""
    verdicts: tuple[Verdict, ...] = ()
    about: str = ""


_OPEN: Final = StepRecord()


@dataclass(frozen=True, slots=True)
class Run:
    """One run. `steps` has only the steps that were touched, by their ids.

    `about` is the fingerprint of the profile that it goes on with.
    """

    id: str
    profile: str
    label: str
    road: Road
    goal: Goal
    extras: frozenset[Need]
    started_at: datetime
    updated_at: datetime
    at_step: str = ""
    about: str = ""
    steps: Mapping[str, StepRecord] = field(default_factory=lambda: MappingProxyType({}))

    def step(self, step_id: str) -> StepRecord:
        """The record of a step; open if it was never changed."""
        return self.steps.get(step_id, _OPEN)

    def settled(self, step_ids: Iterable[str]) -> int:
        """How many of these steps are proved, done or left out."""
        return sum(self.step(one).state in SETTLED for one in step_ids)

    def of_another_app(self, step_id: str) -> bool:
        """Whether what the step's checks said was said of another app, person or enterprise."""
        record = self.step(step_id)
        return bool(record.verdicts) and record.about != self.about

    def next_open(self, step_ids: Sequence[str]) -> str | None:
        """The first of these steps that isn't settled; None when all are."""
        return next((one for one in step_ids if self.step(one).state not in SETTLED), None)


def begin(
    profile: Profile, road: Road, goal: Goal, extras: frozenset[Need], *, now: datetime
) -> Run:
    """A new run, at its start."""
    return Run(
        id=secrets.token_hex(8),
        profile=_shown_key(profile),
        label=redact(profile.label)[:120],
        road=road,
        goal=goal,
        extras=extras,
        started_at=now,
        updated_at=now,
        about=fingerprint(profile, road),
    )


def go_to(run: Run, step_id: str, *, now: datetime) -> Run:
    """The run, standing at that step."""
    return replace(run, at_step=step_id, updated_at=now)


def prove(run: Run, step_id: str, verdicts: Sequence[Verdict], *, now: datetime) -> Run:
    """The run with what the step's checks found.

    A failure blocks the step, unless a person left it out. It is proved when at least one check
    passed and none is unproven or was left out for another's failure; otherwise it stays as a
    person left it. What a permitted write proved once isn't undone by a check that wrote nothing.
    """
    before = run.step(step_id)
    known = () if run.of_another_app(step_id) else before.verdicts
    found = tuple(_still_proved(verdict, known) for verdict in verdicts)
    state = shown_by(found)
    if state is StepState.OPEN and before.state in SETTLED - {StepState.PROVED}:
        state = before.state
    if state is StepState.BLOCKED and before.state is StepState.SKIPPED:
        state = before.state
    reason = before.reason if state is before.state else ""
    return _with(run, step_id, StepRecord(state, now, reason, found, run.about), now)


def by_hand(run: Run, step_id: str, reason: str = "", *, now: datetime) -> Run:
    """The run with the step done by a person, who may say how they know.

    What checks proved stays proved: a person's word is less.
    """
    before = run.step(step_id)
    text = as_reason(reason)
    if before.state is StepState.PROVED:
        return _with(run, step_id, replace(before, reason=text or before.reason), now)
    return _with(run, step_id, replace(before, state=StepState.DONE, at=now, reason=text), now)


def leave_out(run: Run, step_id: str, reason: str, *, now: datetime) -> Run:
    """The run without that step. Raises ConfigurationError without a reason."""
    text = as_reason(reason)
    if not text:
        raise ConfigurationError(
            "A skipped step needs a reason.",
            cause="Whoever reads the run later needs to know why.",
            fix="Say in a few words why this step isn't needed here.",
            who=Who.YOU,
        )
    record = replace(run.step(step_id), state=StepState.SKIPPED, at=now, reason=text)
    return _with(run, step_id, record, now)


def reopen(run: Run, step_id: str, *, now: datetime) -> Run:
    """The run with that step open again; its verdicts stay to be looked at."""
    record = replace(run.step(step_id), state=StepState.OPEN, at=now, reason="")
    return _with(run, step_id, record, now)


def fitted(run: Run, profile: Profile) -> Run:
    """The run for the profile as it is now.

    What checks said of another app is open again, with their verdicts to be looked at; what a
    person did or left out stays.
    """
    about = fingerprint(profile, run.road)
    return _reopened(run, about, lambda record: record.about != about)


def taken_over(run: Run, profile: Profile, *, now: datetime) -> Run:
    """The run of a file, going on with this profile. Its history stays; see `fitted`.

    Where nothing names the app, nobody can tell whether it is the same.
    """
    about = fingerprint(profile, run.road)
    return replace(
        _reopened(run, about, lambda record: not about or record.about != about),
        profile=_shown_key(profile),
        label=redact(profile.label)[:120],
        updated_at=now,
    )


def merged(run: Run, other: Run, *, now: datetime) -> Run:
    """The run with the steps of another along the same road: of each step the later word counts.

    What was said of another app takes the place of nothing that is settled.
    """

    def counts(name: str, record: StepRecord) -> bool:
        here = run.step(name)
        foreign = other.of_another_app(name) and record.state is StepState.OPEN
        return _later(record, here) and not (foreign and here.state in SETTLED)

    later = {name: record for name, record in other.steps.items() if counts(name, record)}
    return replace(
        run,
        steps=MappingProxyType({**run.steps, **later}),
        started_at=min(run.started_at, other.started_at),
        at_step=other.at_step or run.at_step,
        updated_at=now,
    )


def fingerprint(profile: Profile, road: Road) -> str:
    """A digest of what names the app, whom it works as and where; empty where nothing does.

    It has no secret in it, and tells apps apart without naming them. On a road to Box alone what
    the profile has of Kloudless doesn't count. The sandbox has another port at each start.
    """
    box, kloudless = profile.box, profile.kloudless if road.is_kloudless else None
    names: list[str] = []
    if box:
        names += [box.auth, box.client_id, box.public_key_id, box.enterprise_id, box.user_id]
    if kloudless:
        names.append(kloudless.app_id)
    if not profile.given_by_sandbox:
        names += [box.api_url, box.account_url] if box else []
        names += [kloudless.base_url] if kloudless else []
    named = (box and box.client_id) or (kloudless and kloudless.app_id)
    return hashlib.sha256(json.dumps(names).encode()).hexdigest()[:32] if named else ""


def _reopened(run: Run, about: str, other: Callable[[StepRecord], bool]) -> Run:
    """The run for that fingerprint, where what checks said of an `other` is open again."""
    steps = {
        name: replace(one, state=StepState.OPEN) if one.state in _OF_CHECKS and other(one) else one
        for name, one in run.steps.items()
    }
    return replace(run, about=about, steps=MappingProxyType(steps))


def _later(one: StepRecord, other: StepRecord) -> bool:
    return one.at is not None and (other.at is None or one.at > other.at)


def _with(run: Run, step_id: str, record: StepRecord, now: datetime) -> Run:
    return replace(
        run,
        steps=MappingProxyType({**run.steps, step_id: record}),
        at_step=step_id,
        updated_at=now,
    )


def shown_by(verdicts: Sequence[Verdict]) -> StepState:
    """What verdicts alone say of a step."""
    states = {verdict.status for verdict in verdicts}
    if Status.FAILED in states or any(one.cause == "check.need_failed" for one in verdicts):
        return StepState.BLOCKED
    if states & {Status.PASSED, Status.WARNING} and Status.UNPROVEN not in states:
        return StepState.PROVED
    return StepState.OPEN


def _still_proved(verdict: Verdict, before: Sequence[Verdict]) -> Verdict:
    if verdict.id in WRITING and verdict.status is Status.UNPROVEN:
        passed = (one for one in before if one.id == verdict.id and one.status is Status.PASSED)
        return next(passed, verdict)
    return verdict


def _shown_key(profile: Profile) -> str:
    return SESSION if profile.kind is ProfileKind.SESSION else profile.key


def as_reason(text: str) -> str:
    """What a person typed, on one line, with what looks like a secret hidden."""
    return redact(" ".join(text.split()))[:MAX_REASON]

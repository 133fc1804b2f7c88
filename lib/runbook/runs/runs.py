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
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from lib.core.errors import ConfigurationError, Who
from lib.core.redaction import Secret, redact
from lib.runbook.checks.verdict import Status, Verdict
from lib.runbook.checks.writes import WRITING
from lib.runbook.goals import Goal, Need, Road
from lib.settings.profiles import Profile, ProfileKind

MAX_REASON: Final = 500
PROOF_LASTS: Final = timedelta(hours=24)
"""How long a proof is shown as one; after it, it says when it was made."""
SESSION: Final = "session"
"""What a file says in place of the key of a session's profile."""


class StepState(StrEnum):
    """The state of a step in a run."""

    OPEN = "open"
    PROVED = "proved"  # every check that decides it passed
    DONE = "done"  # done by hand; no check can show it
    SKIPPED = "skipped"  # left out, with a reason
    BLOCKED = "blocked"  # a check of it failed


SETTLED: Final = frozenset({StepState.PROVED, StepState.DONE, StepState.SKIPPED})
NEED_FAILED: Final = "check.need_failed"
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

    def last_proved(self, step_id: str, deciding: Sequence[str]) -> datetime | None:
        """When the step was proved, where that isn't so any more: too old, or another profile."""
        record = self.step(step_id)
        if record.state is not StepState.OPEN:
            return None
        if shown_by(record.verdicts, deciding) is not StepState.PROVED:
            return None
        return proved_at(record.verdicts, deciding)

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


def prove(
    run: Run,
    step_id: str,
    verdicts: Sequence[Verdict],
    *,
    now: datetime,
    deciding: Sequence[str] | None = None,
) -> Run:
    """The run with what the step's checks found; see `shown_by` for what `deciding` says.

    A failure blocks the step, unless a person left it out. It is proved only when every deciding
    check passed; otherwise it stays as a person left it. What a permitted write proved less than
    `PROOF_LASTS` ago isn't undone by a check that wrote nothing.
    """
    before = run.step(step_id)
    known = () if run.of_another_app(step_id) else before.verdicts
    found = tuple(_still_proved(verdict, known, now) for verdict in verdicts)
    state = shown_by(found, deciding)
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

    What checks said of it before any of its settings changed is open again, with their verdicts to
    be looked at; what a person did or left out stays.
    """
    about = fingerprint(profile, run.road)
    return _reopened(run, about, lambda record: record.about != about)


def aged(run: Run, deciding: Mapping[str, Sequence[str]], now: datetime) -> Run:
    """The run as it is at that moment: proofs older than `PROOF_LASTS` are open again.

    `deciding` has the checks that decide each step now; the oldest of them counts. What another
    goal's checks proved is open again too.
    """

    def old(name: str, record: StepRecord) -> bool:
        if record.state is not StepState.PROVED:
            return False
        decide = deciding.get(name)
        at = proved_at(record.verdicts, decide)
        shown = shown_by(record.verdicts, decide)
        return shown is not StepState.PROVED or at is None or now - at >= PROOF_LASTS

    steps = {
        name: replace(one, state=StepState.OPEN) if old(name, one) else one
        for name, one in run.steps.items()
    }
    return replace(run, steps=MappingProxyType(steps))


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
    """A digest of the profile's settings; empty where nothing names an app.

    All of them go into one digest, so that none can be guessed from it alone; tokens that change by
    themselves don't count. On a road to Box alone what the profile has of Kloudless doesn't count.
    The sandbox has another port at each start.
    """
    box, kloudless = profile.box, profile.kloudless if road.is_kloudless else None
    names: list[str] = []
    if box:
        names += [box.auth, box.client_id, box.public_key_id, box.enterprise_id, box.user_id]
        names += [_digest(getattr(box, name)) for name in _BOX_SECRETS]
    if kloudless:
        names += [kloudless.app_id, _digest(kloudless.api_key)]
    if not profile.given_by_sandbox:
        names += [box.api_url, box.account_url] if box else []
        names += [kloudless.base_url] if kloudless else []
    named = (box and box.client_id) or (kloudless and kloudless.app_id)
    return hashlib.sha256(json.dumps(names).encode()).hexdigest()[:32] if named else ""


_BOX_SECRETS: Final = (
    "client_secret",
    "private_key",
    "passphrase",
    "webhook_primary_key",
    "webhook_secondary_key",
)


def _digest(secret: Secret | None) -> str:
    return hashlib.sha256(secret.reveal().encode()).hexdigest() if secret else ""


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


def shown_by(verdicts: Sequence[Verdict], deciding: Sequence[str] | None = None) -> StepState:
    """What verdicts alone say of a step that is decided by the `deciding` checks.

    None: each of these verdicts decides. An empty list: none can, so it is never proved.
    """
    ids = [one.id for one in verdicts] if deciding is None else list(deciding)
    own = [one for one in verdicts if one.id in ids]
    failed = any(one.status is Status.FAILED for one in own)
    if failed or any(one.cause == NEED_FAILED for one in own):
        return StepState.BLOCKED
    passed = {one.id for one in own if one.status is Status.PASSED}
    others = any(one.status is not Status.PASSED for one in own)
    proved = bool(ids) and set(ids) <= passed and not others
    return StepState.PROVED if proved else StepState.OPEN


def proved_at(
    verdicts: Sequence[Verdict], deciding: Sequence[str] | None = None
) -> datetime | None:
    """When the oldest of the deciding verdicts was made (UTC)."""
    return min((one.at for one in verdicts if deciding is None or one.id in deciding), default=None)


def _still_proved(verdict: Verdict, before: Sequence[Verdict], now: datetime) -> Verdict:
    if verdict.id in WRITING and verdict.status is Status.UNPROVEN:
        passed = (
            one
            for one in before
            if one.id == verdict.id and one.status is Status.PASSED and now - one.at < PROOF_LASTS
        )
        return next(passed, verdict)
    return verdict


def _shown_key(profile: Profile) -> str:
    return SESSION if profile.kind is ProfileKind.SESSION else profile.key


def as_reason(text: str) -> str:
    """What a person typed, on one line, with what looks like a secret hidden."""
    return redact(" ".join(text.split()))[:MAX_REASON]

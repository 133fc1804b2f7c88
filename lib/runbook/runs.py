"""A run: the record of a person's walk along a road, step by step, with what proved each.

It can begin anywhere, leave steps out with a reason, and go on another day from the store or from a
file. It holds no secret: verdicts are redacted where they are made, what a person typed is redacted
here, and the key of a session's profile never gets in.
"""

import hashlib
import json
import math
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from lib.errors import ConfigurationError, Who
from lib.profiles import Profile, ProfileKind
from lib.redaction import redact, redact_value
from lib.runbook.goals import Goal, Need, Road
from lib.runbook.verdict import Status, Verdict
from lib.runbook.writes import WRITING

VERSION: Final = 1
KIND: Final = "box-runbook run"
MAX_BYTES: Final = 4_000_000
MAX_STEPS: Final = 300
MAX_REASON: Final = 500
SESSION: Final = "session"
"""What a file says in place of the key of a session's profile."""


class StepState(StrEnum):
    """How a step stands in a run."""

    OPEN = "open"
    PROVED = "proved"  # its checks hold
    DONE = "done"  # done by hand; no check can show it
    SKIPPED = "skipped"  # left out, with a reason
    BLOCKED = "blocked"  # a check of it failed


SETTLED: Final = frozenset({StepState.PROVED, StepState.DONE, StepState.SKIPPED})


@dataclass(frozen=True, slots=True)
class StepRecord:
    """One step of a run: its state, since when (UTC), why, and the verdicts that showed it."""

    state: StepState = StepState.OPEN
    at: datetime | None = None
    reason: str = ""
    verdicts: tuple[Verdict, ...] = ()


_OPEN: Final = StepRecord()


@dataclass(frozen=True, slots=True)
class Run:
    """One walk. `steps` has only the steps that were touched, by their ids.

    `about` tells apps apart without naming them: what is proved of one says nothing of another.
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
        """The record of a step; open where nobody touched it."""
        return self.steps.get(step_id, _OPEN)

    def settled(self, step_ids: Iterable[str]) -> int:
        """How many of these steps are proved, done or left out."""
        return sum(self.step(one).state in SETTLED for one in step_ids)

    def next_open(self, step_ids: Sequence[str]) -> str | None:
        """The first of these steps that isn't settled; None when all are."""
        return next((one for one in step_ids if self.step(one).state not in SETTLED), None)


class NotARun(ValueError):
    """A file isn't a run, or not one that can be read; the message says what is wrong."""


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
        about=_about(profile),
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
    found = tuple(_still_proved(verdict, before.verdicts) for verdict in verdicts)
    state = _shown_by(found)
    if state is StepState.OPEN and before.state in SETTLED - {StepState.PROVED}:
        state = before.state
    if state is StepState.BLOCKED and before.state is StepState.SKIPPED:
        state = before.state
    reason = before.reason if state is before.state else ""
    return _with(run, step_id, StepRecord(state, now, reason, found), now)


def by_hand(run: Run, step_id: str, reason: str = "", *, now: datetime) -> Run:
    """The run with the step done by a person, who may say how they know.

    What checks proved stays proved: a person's word is less.
    """
    before = run.step(step_id)
    text = _reason(reason)
    if before.state is StepState.PROVED:
        return _with(run, step_id, replace(before, reason=text or before.reason), now)
    return _with(run, step_id, replace(before, state=StepState.DONE, at=now, reason=text), now)


def leave_out(run: Run, step_id: str, reason: str, *, now: datetime) -> Run:
    """The run without that step. Raises ConfigurationError without a reason."""
    text = _reason(reason)
    if not text:
        raise ConfigurationError(
            "A step that is left out needs a reason.",
            cause="Whoever reads the run later wants to know why.",
            fix="Say in a few words why this step isn't needed here.",
            who=Who.YOU,
        )
    record = replace(run.step(step_id), state=StepState.SKIPPED, at=now, reason=text)
    return _with(run, step_id, record, now)


def reopen(run: Run, step_id: str, *, now: datetime) -> Run:
    """The run with that step open again; its verdicts stay to be looked at."""
    record = replace(run.step(step_id), state=StepState.OPEN, at=now, reason="")
    return _with(run, step_id, record, now)


def taken_over(run: Run, profile: Profile, *, now: datetime) -> Run:
    """The run of a file, going on with this profile. Its history stays.

    What checks said of another app is open again, with their verdicts to be looked at; what a
    person did or left out stays.
    """
    about = _about(profile)
    steps = run.steps
    if not about or about != run.about:
        of_checks = {StepState.PROVED, StepState.BLOCKED}
        steps = {
            name: replace(one, state=StepState.OPEN) if one.state in of_checks else one
            for name, one in steps.items()
        }
    return replace(
        run,
        profile=_shown_key(profile),
        label=redact(profile.label)[:120],
        about=about,
        steps=MappingProxyType(dict(steps)),
        updated_at=now,
    )


# -- files and the store


def to_record(run: Run) -> dict[str, Any]:
    """The run as JSON keeps it."""
    return {
        "kind": KIND,
        "version": VERSION,
        "id": run.id,
        "profile": run.profile,
        "label": run.label,
        "road": run.road.value,
        "goal": run.goal.value,
        "extras": sorted(need.value for need in run.extras),
        "started_at": _time(run.started_at),
        "updated_at": _time(run.updated_at),
        "at_step": run.at_step,
        "about": run.about,
        "steps": {
            step_id: {
                "state": record.state.value,
                "at": _time(record.at) if record.at else None,
                "reason": record.reason,
                "verdicts": [verdict.to_record() for verdict in record.verdicts],
            }
            for step_id, record in run.steps.items()
        },
    }


def from_record(value: Any) -> Run:
    """Back from `to_record`. Raises NotARun, saying what is wrong."""
    if not isinstance(value, dict) or value.get("kind") != KIND:
        raise NotARun("This isn't the file of a run: it doesn't say that it is one.")
    version = value.get("version")
    if version != VERSION:
        raise NotARun(
            f"The run was written by another version of this app ({version!r}; this one reads "
            f"{VERSION})."
        )
    steps = value.get("steps")
    if not isinstance(steps, dict) or len(steps) > MAX_STEPS:
        raise NotARun("The run's steps are missing, or far too many.")
    try:
        return Run(
            id=_hex(value["id"]),
            profile=redact(str(value["profile"]))[:80],
            label=redact(str(value.get("label") or ""))[:120],
            road=Road(value["road"]),
            goal=Goal(value["goal"]),
            extras=frozenset(Need(one) for one in value.get("extras") or ()),
            started_at=_moment(value["started_at"]),
            updated_at=_moment(value["updated_at"]),
            at_step=_step_id(value.get("at_step") or ""),
            about=redact(str(value.get("about") or ""))[:64],
            steps={_step_id(name): _step(name, record) for name, record in steps.items()},
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        told = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise NotARun(f"The run can't be read: {redact(told)[:200]}.") from error


def to_json(run: Run) -> bytes:
    """The run as a file to keep, to go on from or to send on."""
    return json.dumps(to_record(run), ensure_ascii=False, indent=1).encode()


def from_json(data: bytes) -> Run:
    """The run in a file. Raises NotARun, saying what is wrong with it."""
    if len(data) > MAX_BYTES:
        raise NotARun(f"The file is too large for a run ({len(data):,} bytes).")
    try:
        value = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise NotARun("The file isn't text in UTF-8.") from error
    except (json.JSONDecodeError, RecursionError) as error:
        where = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise NotARun(f"The file isn't whole JSON{where}; perhaps it was cut off.") from error
    return from_record(value)


def _with(run: Run, step_id: str, record: StepRecord, now: datetime) -> Run:
    return replace(
        run,
        steps=MappingProxyType({**run.steps, step_id: record}),
        at_step=step_id,
        updated_at=now,
    )


def _shown_by(verdicts: Sequence[Verdict]) -> StepState:
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


def _step(name: str, value: Mapping[str, Any]) -> StepRecord:
    """A step of a file. Anybody can write one: what it claims must be shown in it."""
    record = StepRecord(
        state=StepState(value["state"]),
        at=_moment(value["at"]) if value.get("at") else None,
        reason=_reason(str(value.get("reason") or "")),
        verdicts=tuple(_verdict(one) for one in value.get("verdicts") or ()),
    )
    told = _step_id(name)
    if record.state is StepState.PROVED and _shown_by(record.verdicts) is not StepState.PROVED:
        message = f"the step {told} is called proved, and its verdicts don't show it"
        raise ValueError(message)
    if record.state is StepState.SKIPPED and not record.reason:
        message = f"the step {told} was left out without a reason"
        raise ValueError(message)
    return record


def _verdict(value: Mapping[str, Any]) -> Verdict:
    """A verdict of a file, with what looks like a secret hidden: others may have written it."""
    verdict = Verdict.from_record(redact_value(value))
    if not math.isfinite(verdict.ms):
        message = f"a verdict took {verdict.ms} ms"
        raise ValueError(message)
    return verdict


def _step_id(value: Any) -> str:
    return redact(str(value))[:80]


def _about(profile: Profile) -> str:
    """A digest of what names the apps and the enterprise; empty where nothing does."""
    box, kloudless = profile.box, profile.kloudless
    names = (
        *((box.client_id, box.enterprise_id, box.user_id, box.api_url) if box else ()),
        *((kloudless.base_url, kloudless.app_id) if kloudless else ()),
    )
    named = (box and box.client_id) or (kloudless and kloudless.app_id)
    return hashlib.sha256(json.dumps(names).encode()).hexdigest()[:32] if named else ""


def _shown_key(profile: Profile) -> str:
    return SESSION if profile.kind is ProfileKind.SESSION else profile.key


def _reason(text: str) -> str:
    return redact(" ".join(text.split()))[:MAX_REASON]


def _hex(value: Any) -> str:
    text = str(value)
    int(text, 16)
    if not 8 <= len(text) <= 32:  # noqa: PLR2004  # half and twice as long as ours
        message = "its id has another length"
        raise ValueError(message)
    return text


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(str(value))
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)

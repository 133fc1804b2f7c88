"""A run: the record of a person's walk along a road, step by step, with what proved each.

It can begin anywhere, leave steps out with a reason, and go on another day from the store or from a
file. It holds no secret: verdicts are redacted where they are made, what a person typed is redacted
here, and the key of a session's profile never gets in.
"""

import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from lib.errors import ConfigurationError, Who
from lib.profiles import Profile, ProfileKind
from lib.redaction import redact
from lib.runbook.goals import Goal, Need, Road
from lib.runbook.verdict import Status, Verdict

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
    """One walk. `steps` has only the steps that were touched, by their ids."""

    id: str
    profile: str
    label: str
    road: Road
    goal: Goal
    extras: frozenset[Need]
    started_at: datetime
    updated_at: datetime
    at_step: str = ""
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
    )


def go_to(run: Run, step_id: str, *, now: datetime) -> Run:
    """The run, standing at that step."""
    return replace(run, at_step=step_id, updated_at=now)


def prove(run: Run, step_id: str, verdicts: Sequence[Verdict], *, now: datetime) -> Run:
    """The run with what the step's checks found.

    A failure blocks the step. It is proved when at least one check passed and none is unproven or
    was left out for another's failure; otherwise it stays as a person left it.
    """
    found = tuple(verdicts)
    states = {verdict.status for verdict in found}
    unsaid = any(verdict.cause == "check.need_failed" for verdict in found)
    before = run.step(step_id)
    if Status.FAILED in states or unsaid:
        state = StepState.BLOCKED
    elif states & {Status.PASSED, Status.WARNING} and Status.UNPROVEN not in states:
        state = StepState.PROVED
    else:
        state = before.state if before.state in SETTLED - {StepState.PROVED} else StepState.OPEN
    reason = before.reason if state is before.state else ""
    return _with(run, step_id, StepRecord(state, now, reason, found), now)


def by_hand(run: Run, step_id: str, reason: str = "", *, now: datetime) -> Run:
    """The run with the step done by a person, who may say how they know."""
    record = replace(run.step(step_id), state=StepState.DONE, at=now, reason=_reason(reason))
    return _with(run, step_id, record, now)


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
    """The run of a file, going on with this profile. Its history stays."""
    return replace(
        run, profile=_shown_key(profile), label=redact(profile.label)[:120], updated_at=now
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
            at_step=str(value.get("at_step") or "")[:80],
            steps={str(name)[:80]: _step(record) for name, record in steps.items()},
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
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


def _step(value: Mapping[str, Any]) -> StepRecord:
    return StepRecord(
        state=StepState(value["state"]),
        at=_moment(value["at"]) if value.get("at") else None,
        reason=_reason(str(value.get("reason") or "")),
        verdicts=tuple(Verdict.from_record(one) for one in value.get("verdicts") or ()),
    )


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

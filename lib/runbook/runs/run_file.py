"""A run as a file and as a record of the store: writing it, and reading what anybody has written.

A file is hostile input: what it claims must be shown in it, what looks like a secret is hidden, and
what can't be read is refused with the reason. It holds no secret (`lib.runbook.runs.runs`).
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from lib.core.redaction import redact, redact_value
from lib.runbook.checks.verdict import Status, Verdict
from lib.runbook.goals import Goal, Need, Road
from lib.runbook.roads.roads import deciding_by_step
from lib.runbook.runs.runs import Run, StepRecord, StepState, as_reason, shown_by

VERSION: Final = 1
KIND: Final = "box-runbook run"
MAX_BYTES: Final = 4_000_000
MAX_STEPS: Final = 300


class NotARun(ValueError):
    """A file isn't a run, or not one that can be read; the message says what is wrong."""


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
                "about": record.about,
            }
            for step_id, record in run.steps.items()
        },
    }


def from_record(value: Any) -> Run:
    """Back from `to_record`. Raises NotARun, saying what is wrong."""
    if not isinstance(value, dict) or value.get("kind") != KIND:
        raise NotARun("This isn't a run file: its kind is missing.")
    version = value.get("version")
    if version != VERSION:
        raise NotARun(
            f"The run was written by another version of this app ({version!r}; this one reads "
            f"{VERSION})."
        )
    steps = value.get("steps")
    if not isinstance(steps, dict) or len(steps) > MAX_STEPS:
        raise NotARun("The run's steps are missing, or there are too many.")
    try:
        about = _fingerprint(value.get("about"))
        extras = frozenset(Need(one) for one in value.get("extras") or ())
        deciding = deciding_by_step(Road(value["road"]), Goal(value["goal"]), extras)
        return Run(
            id=_hex(value["id"]),
            profile=redact(str(value["profile"]))[:80],
            label=redact(str(value.get("label") or ""))[:120],
            road=Road(value["road"]),
            goal=Goal(value["goal"]),
            extras=extras,
            started_at=_instant(value["started_at"]),
            updated_at=_instant(value["updated_at"]),
            at_step=_step_id(value.get("at_step") or ""),
            about=about,
            steps={
                _step_id(name): _step(name, record, about, deciding.get(name))
                for name, record in steps.items()
            },
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        reported = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise NotARun(f"The run can't be read: {redact(reported)[:200]}.") from error


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
        raise NotARun(
            f"The file isn't complete JSON{where}; it may have been truncated."
        ) from error
    return from_record(value)


def _step(
    name: str, value: Mapping[str, Any], about: str, deciding: Sequence[str] | None
) -> StepRecord:
    """A step of a file. Anybody can write one: what it claims must be shown in it.

    A step that an older version took for proved is open: its checks passed, but they don't decide.
    """
    record = StepRecord(
        state=StepState(value["state"]),
        at=_instant(value["at"]) if value.get("at") else None,
        reason=as_reason(str(value.get("reason") or "")),
        verdicts=tuple(_verdict(one) for one in value.get("verdicts") or ()),
        about=_fingerprint(value.get("about", about)),
    )
    reported = _step_id(name)
    shown = shown_by(record.verdicts, deciding)
    if record.state is StepState.PROVED and shown is not StepState.PROVED:
        if not _could_be_proved(record):
            message = f"the step {reported} is marked proved, but its verdicts don't show it"
            raise ValueError(message)
        record = replace(record, state=StepState.OPEN)
    if record.state is StepState.SKIPPED and not record.reason:
        message = f"the step {reported} was skipped without a reason"
        raise ValueError(message)
    return record


def _could_be_proved(record: StepRecord) -> bool:
    """Whether an older version took it for proved: something passed or warned, nothing failed."""
    states = {one.status for one in record.verdicts}
    return bool(states & {Status.PASSED, Status.WARNING}) and Status.FAILED not in states


def _verdict(value: Mapping[str, Any]) -> Verdict:
    """A verdict of a file, with what looks like a secret hidden: others may have written it."""
    verdict = Verdict.from_record(redact_value(value))
    if not math.isfinite(verdict.ms):
        message = f"a verdict took {verdict.ms} ms"
        raise ValueError(message)
    return verdict


def _step_id(value: Any) -> str:
    return redact(str(value))[:80]


def _fingerprint(value: Any) -> str:
    return redact(str(value or ""))[:64]


def _hex(value: Any) -> str:
    text = str(value)
    int(text, 16)
    if not 8 <= len(text) <= 32:  # noqa: PLR2004  # half and twice as long as ours
        message = "its id has the wrong length"
        raise ValueError(message)
    return text


def _time(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat()


def _instant(value: Any) -> datetime:
    instant = datetime.fromisoformat(str(value))
    return instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)

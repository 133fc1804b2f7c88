"""How each step of a run stands for people: what is broken, what only waits for it, what aged.

One broken thing is one red: of all steps that a failed check keeps from being proved, the one where
it can be mended is broken; the others wait for it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from lib.runbook.checks.running import with_needs
from lib.runbook.checks.verdict import Status, Verdict
from lib.runbook.roads.roads import Step
from lib.runbook.runs.runs import Run, StepState

_MENDED_AT: Final[Mapping[str, frozenset[str]]] = {
    "token.signature": frozenset({"box.key.upload"}),
    "token.bad_client": frozenset({"box.app.secret", "box.app.settings_file"}),
    "token.app_not_authorized": frozenset({"box.authorize"}),
    "token.user_token_refused": frozenset({"box.app.user_tokens"}),
}
"""Where a cause is mended, if it isn't the first step of who can mend it."""


@dataclass(frozen=True, slots=True)
class Broken:
    """Something that fails: the verdict that says so, and the step where it is mended.

    `place` is the step's number, from 1. `checks` are all that fail for the same cause.
    """

    verdict: Verdict
    step: Step
    place: int
    checks: frozenset[str]


@dataclass(frozen=True, slots=True)
class Standing:
    """How a step stands: `waits_for` is the number of the step that must be mended first.

    `last_proved` (UTC) is when it was proved, where that doesn't count any more.
    """

    state: StepState
    waits_for: int | None = None
    last_proved: datetime | None = None


def broken(run: Run, steps: Sequence[Step]) -> tuple[Broken, ...]:
    """What is broken, each cause once, in the order of the steps."""
    causes: dict[tuple[str, str], list[tuple[int, Step, Verdict]]] = {}
    for place, step in enumerate(steps, start=1):
        if run.step(step.id).state is not StepState.BLOCKED or run.of_another_app(step.id):
            continue
        for verdict in run.step(step.id).verdicts:
            if verdict.status is Status.FAILED:
                key = (verdict.cause or verdict.id, verdict.id.partition(".")[0])
                causes.setdefault(key, []).append((place, step, verdict))
    found = [_root(seen) for seen in causes.values()]
    return tuple(sorted(found, key=lambda one: one.place))


def standings(run: Run, steps: Sequence[Step]) -> Mapping[str, Standing]:
    """How every step stands, by its id."""
    roots = broken(run, steps)
    return {step.id: _standing(run, step, roots) for step in steps}


def _root(seen: Sequence[tuple[int, Step, Verdict]]) -> Broken:
    """The step that the person who can mend it does, else the first that the check decides."""

    def rank(one: tuple[int, Step, Verdict]) -> tuple[bool, bool, bool, int]:
        place, step, verdict = one
        elsewhere = step.id not in _MENDED_AT.get(verdict.cause or "", ())
        return elsewhere, step.who is not verdict.who, verdict.id not in step.deciding, place

    place, step, verdict = min(seen, key=rank)
    return Broken(verdict, step, place, frozenset(one.id for _, _, one in seen))


def _standing(run: Run, step: Step, roots: Sequence[Broken]) -> Standing:
    record = run.step(step.id)
    if record.state is not StepState.BLOCKED:
        return Standing(record.state, last_proved=run.last_proved(step.id, step.deciding))
    if any(root.step.id == step.id for root in roots):
        return Standing(StepState.BLOCKED)
    needed = {one.id for one in with_needs(set(step.verify))}
    for root in roots:
        if root.checks & needed:
            return Standing(StepState.OPEN, waits_for=root.place)
    return Standing(StepState.BLOCKED)

"""What the buttons of the Runbook page do: run checks, mark steps, resume from a file.

Every change goes into the ledger before the page draws it.
"""

from collections.abc import Callable, Sequence
from typing import Final

from lib.app.background.checking import context_for
from lib.runbook.checks.registry import CHECKS
from lib.runbook.checks.running import run as run_checks
from lib.runbook.checks.verdict import Verdict
from lib.runbook.checks.writes import WRITING
from lib.runbook.health.recording import record_run
from lib.runbook.roads.roads import Step
from lib.runbook.runs import run_file, runs
from lib.runbook.runs.runs import SETTLED, Run, StepState
from lib.store.ledger.records import AuditEntry
from lib.ui.runbook import words
from lib.ui.runbook.state import STEP, CurrentRoad, change, choose, go_on_with, now
from lib.ui.shell.frame import Context
from lib.ui.shell.notices import tell

OnProgress = Callable[[int, int, str], None]
"""Receives how many checks of how many are done, and the title of the last."""
_KNOWN: Final = frozenset(check.id for check in CHECKS)


def prove(
    context: Context,
    current_road: CurrentRoad,
    step: Step,
    *,
    allow_writes: bool,
    reported: OnProgress,
) -> Run:
    """Run the checks of one step and keep what they found."""
    ids = tuple(one for one in step.verify if one in _KNOWN)
    found = _check(context, current_road, ids, allow_writes=allow_writes, reported=reported)
    by_id = {verdict.id: verdict for verdict in found}
    reported_of_step = _of_step(step, by_id, found)
    return change(
        context,
        current_road,
        lambda run: runs.prove(
            run, step.id, reported_of_step, now=now(), deciding=current_road.deciding(step)
        ),
    )


def prove_all(context: Context, current_road: CurrentRoad, *, reported: OnProgress) -> Run:
    """Run every check once, and settle each step that it speaks of."""
    found = _check(context, current_road, (), allow_writes=False, reported=reported)
    by_id = {verdict.id: verdict for verdict in found}

    def settle(run: Run) -> Run:
        for step in current_road.steps:
            known = [by_id[one] for one in step.verify if one in by_id]
            if known:
                decide = current_road.deciding(step)
                run = runs.prove(run, step.id, known, now=now(), deciding=decide)
        return runs.go_to(run, run.next_open(current_road.ids) or run.at_step, now=now())

    return change(context, current_road, settle)


def _of_step(step: Step, by_id: dict[str, Verdict], found: Sequence[Verdict]) -> list[Verdict]:
    """The step's own verdicts in its order, then the failed prerequisites."""
    own = [by_id[one] for one in step.verify if one in by_id]
    return own + [verdict for verdict in found if verdict.id not in step.verify]


def _check(
    context: Context,
    current_road: CurrentRoad,
    ids: Sequence[str],
    *,
    allow_writes: bool,
    reported: OnProgress,
) -> list[Verdict]:
    runtime = context.runtime
    stores = runtime.stores_for(context.profile)
    ledger = stores.ledger
    total = len(ids) or len(CHECKS)
    found: list[Verdict] = []
    with context_for(
        context.profile,
        runtime.clients,
        ledger,
        goal=current_road.goal,
        extras=current_road.extras,
        allow_writes=allow_writes,
        events=stores.events,
    ) as check_context:
        for verdict in run_checks(check_context, ids):
            found.append(verdict)
            reported(len(found), total, verdict.title)
        journal = runtime.clients.journal(context.profile)
        for call in check_context.journal.calls:
            journal.add(call)
    watch = runtime.watch_for(context.profile)
    record_run(
        ledger,
        context.profile.key,
        found,
        at=now(),
        complete=False,  # another goal than the profile's own may have been asked for
        patience=watch.patience,
    )
    if allow_writes and any(one in WRITING for one in ids):
        ledger.audit(
            AuditEntry(now(), "visitor", "check.write", context.profile.key, ",".join(ids))
        )
    return found


def by_hand(context: Context, current_road: CurrentRoad, step: Step, note: str) -> None:
    """The step was done by a person."""
    _say(context, current_road, step, lambda run: runs.by_hand(run, step.id, note, now=now()))


def leave_out(context: Context, current_road: CurrentRoad, step: Step, reason: str) -> None:
    """The step is left out. Raises ConfigurationError without a reason."""
    _say(context, current_road, step, lambda run: runs.leave_out(run, step.id, reason, now=now()))


def reopen(context: Context, current_road: CurrentRoad, step: Step) -> None:
    """The step is open again."""
    change(context, current_road, lambda run: runs.reopen(run, step.id, now=now()), as_seen=step.id)


def go_on_from(context: Context, data: bytes) -> Run:
    """The run of a file, going on with this profile, and what the ledger has of the same road.

    Of each step the later word counts. Raises NotARun.
    """
    return go_on_with(
        context, runs.taken_over(run_file.from_json(data), context.profile, now=now())
    )


def _say(
    context: Context, current_road: CurrentRoad, step: Step, act: Callable[[Run], Run]
) -> None:
    """What a person says of a step, and on to the first that is open."""
    run = change(context, current_road, act, as_seen=step.id)
    if run.step(step.id).state not in SETTLED:
        return
    skipped = run.step(step.id).state is StepState.SKIPPED
    following = run.next_open(current_road.ids)
    tell(
        words.noted(
            current_road.ids.index(step.id) + 1,
            words.STEP_SKIPPED if skipped else words.STEP_DONE,
            None if following is None else current_road.ids.index(following) + 1,
        )
    )
    if following is not None:
        choose(STEP, following)

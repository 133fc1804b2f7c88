"""How steps stand: one broken thing is one red, what depends on it waits, old proofs say so."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from lib.core.errors import Who
from lib.runbook.checks.verdict import Status, Verdict
from lib.runbook.goals import Goal, Road
from lib.runbook.roads.roads import Step, deciding_by_step, steps_for
from lib.runbook.runs import runs
from lib.runbook.runs.runs import Run, StepState
from lib.runbook.runs.standing import broken, standings
from lib.settings.profiles import BoxCredentials, Profile, ProfileKind

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
STEPS = steps_for(Road.BOX_JWT, Goal.FULL)
PLACES = {step.id: place for place, step in enumerate(STEPS, start=1)}


def verdict(
    check_id: str, status: Status, cause: str | None = None, who: Who | None = None
) -> Verdict:
    return Verdict(check_id, check_id, status, NOW, cause=cause, who=who)


def run_with(**verdicts: Verdict) -> Run:
    """A run in which every check was run: those given as they are, the rest passed."""
    given = {one.id: one for one in verdicts.values()}
    profile = Profile("acme", "Acme", ProfileKind.CONFIGURED, box=BoxCredentials(client_id="one"))
    run = runs.begin(profile, Road.BOX_JWT, Goal.FULL, frozenset(), now=NOW)
    for step in STEPS:
        found = [given.get(one, verdict(one, Status.PASSED)) for one in step.verify]
        if found:
            run = runs.prove(run, step.id, found, now=NOW, deciding=step.deciding)
    return run


REFUSED = verdict("box.token.enterprise", Status.FAILED, "token.app_not_authorized", Who.BOX_ADMIN)
WAITING = verdict("box.identity", Status.SKIPPED, "check.need_failed")


def shown(run: Run) -> dict[str, StepState]:
    return {name: one.state for name, one in standings(run, STEPS).items()}


def test_one_broken_thing_is_one_red_at_the_step_of_who_can_mend_it() -> None:
    run = run_with(token=REFUSED, identity=WAITING)
    (root,) = broken(run, STEPS)
    assert (root.step.id, root.place) == ("box.authorize", PLACES["box.authorize"])
    assert [one for one, state in shown(run).items() if state is StepState.BLOCKED] == [
        root.step.id
    ]
    waiting = {one for one, s in standings(run, STEPS).items() if s.waits_for == root.place}
    assert {"box.app.create_jwt", "box.key.upload", "box.identity", "box.enter_jwt"} <= waiting
    assert "box.network" not in waiting


def test_a_cause_that_is_mended_at_one_step_stands_red_there() -> None:
    signature = replace(REFUSED, cause="token.signature", who=Who.DEVELOPER)
    (root,) = broken(run_with(token=signature, identity=WAITING), STEPS)
    assert root.step.id == "box.key.upload"


def test_two_broken_things_are_two_reds_and_none_is_none() -> None:
    groups = verdict(
        "box.scope.manage_groups", Status.FAILED, "box.insufficient_scope", Who.DEVELOPER
    )
    clock = verdict("box.clock", Status.FAILED, "clock.slow", Who.YOU)
    roots = broken(run_with(groups=groups, clock=clock), STEPS)
    assert [one.step.id for one in roots] == ["box.app.scopes", "box.network"]
    assert broken(run_with(), STEPS) == ()
    assert StepState.BLOCKED not in shown(run_with()).values()


def test_an_old_proof_says_when_it_was_made_and_is_not_proved() -> None:
    run = run_with()
    decide = deciding_by_step(Road.BOX_JWT, Goal.FULL)
    later = runs.aged(run, decide, NOW + timedelta(days=1))
    standing = standings(later, STEPS)["box.network"]
    assert (standing.state, standing.last_proved) == (StepState.OPEN, NOW)
    assert standings(run, STEPS)["box.network"].last_proved is None


def test_what_a_smaller_goal_proved_is_open_for_a_larger_one() -> None:
    small: tuple[Step, ...] = steps_for(Road.BOX_JWT, Goal.ACTIVITY)
    scopes = next(step for step in small if step.id == "box.app.scopes")
    found = [verdict(one, Status.PASSED) for one in scopes.verify]
    run = runs.prove(run_with(), scopes.id, found, now=NOW, deciding=scopes.deciding)
    assert run.step(scopes.id).state is StepState.PROVED
    whole = runs.aged(replace(run, goal=Goal.FULL), deciding_by_step(Road.BOX_JWT, Goal.FULL), NOW)
    assert whole.step(scopes.id).state is StepState.OPEN

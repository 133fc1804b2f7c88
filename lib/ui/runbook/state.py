"""What the Runbook page works on: the address's goal, road, extras and step, the ledger's run.

The address carries words of ours only. A run is made when something is first done, so that looking
around leaves nothing behind. Whatever is done is done to the run as the ledger has it at that
moment, so that two tabs, or two people, lose nothing of each other's.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

import streamlit as st

from lib.core.errors import ConfigurationError
from lib.runbook.checks.verdict import Status, Verdict
from lib.runbook.goals import Goal, Need, Road, road_of
from lib.runbook.roads.fits import unfit
from lib.runbook.roads.grants import EXTRAS as ON_REQUEST
from lib.runbook.roads.grants import requested
from lib.runbook.roads.placeholders import Places
from lib.runbook.roads.roads import Step, deciding_by_step, steps_for
from lib.runbook.runs import run_file, runs
from lib.runbook.runs.runs import Run
from lib.runbook.runs.standing import Broken, Standing, broken, standings
from lib.settings.profiles import ProfileKind
from lib.store.ledger.runs import RoadRunRecord
from lib.ui.runbook import view_other_changes
from lib.ui.shell.frame import Context
from lib.ui.shell.host import app_url
from lib.ui.shell.leaving import cleared_with_profile

T = TypeVar("T", Goal, Road)

GOAL: Final = "goal"
ROAD: Final = "road"
EXTRAS: Final = "extras"
STEP: Final = "step"
REDIRECT_PAGE: Final = "/connected"


@dataclass(frozen=True, slots=True)
class CurrentRoad:
    """A road for a goal, its steps as this profile sees them, and the run along it.

    `changed` says whether somebody else changed the run since this session drew it last, `unfit`
    why this profile can't take the road.
    """

    goal: Goal
    extras: frozenset[Need]
    road: Road
    steps: tuple[Step, ...]
    run: Run
    kept: bool
    changed: bool = False
    unfit: ConfigurationError | None = None

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the steps, in order."""
        return tuple(step.id for step in self.steps)

    @property
    def requested(self) -> frozenset[Need]:
        """What the goal and the extras need on this road."""
        return requested(self.road, self.goal, self.extras)

    @property
    def failing(self) -> tuple[Verdict, ...]:
        """What fails now, each check once."""
        found = {
            verdict.id: verdict
            for one in self.ids
            if not self.run.of_another_app(one)
            for verdict in self.run.step(one).verdicts
            if verdict.status is Status.FAILED
        }
        return tuple(found.values())

    @property
    def broken(self) -> tuple[Broken, ...]:
        """What is broken, each cause once."""
        return broken(self.run, self.steps)

    @property
    def standings(self) -> Mapping[str, Standing]:
        """How every step stands."""
        return standings(self.run, self.steps)

    def deciding(self, step: Step) -> tuple[str, ...]:
        """The checks that decide a step; none where the profile can't take the road."""
        return () if self.unfit else step.deciding

    @property
    def chosen(self) -> Step:
        """The step that is shown: the address's, else what is broken, else the first open."""
        by_id = {step.id: step for step in self.steps}
        wrong = [one.step.id for one in self.broken][:1]
        following = self.run.next_open(self.ids)
        for one in (st.query_params.get(STEP), *wrong, following, self.run.at_step):
            if one in by_id:
                return by_id[one]
        return self.steps[0]

    def beside(self, step: Step, by: int) -> Step | None:
        """The step before (-1) or after (1) this one."""
        place = self.ids.index(step.id) + by
        return self.steps[place] if 0 <= place < len(self.steps) else None


def current(context: Context) -> CurrentRoad:
    """The road and goal of the address, with the run from the ledger or a new one."""
    goal = _word(GOAL, Goal, Goal.FULL)
    road = _word(ROAD, Road, road_of(context.profile))
    asked = st.query_params.get(EXTRAS, "").split(",")
    extras = frozenset(need for need in ON_REQUEST if need.value in asked)
    places = Places(redirect_uri=redirect_uri(), webhook_base=app_url())
    steps = steps_for(road, goal, extras=extras, profile=context.profile, places=places)
    records = context.runtime.stores_for(context.profile).ledger.road_runs.of(context.profile.key)
    found = _newest(context, records, road)
    run = found or runs.begin(context.profile, road, goal, extras, now=context.now)
    run = _as_now(context, replace(run, goal=goal, extras=extras))
    wrong = unfit(context.profile, road)
    current_road = CurrentRoad(goal, extras, road, steps, run, found is not None, unfit=wrong)
    return replace(
        current_road,
        changed=view_other_changes.look(context.profile.key, run, kept=current_road.kept),
    )


def _word(name: str, kind: type[T], default: T) -> T:
    try:
        return kind(st.query_params.get(name, default))
    except ValueError:
        return default


def _newest(context: Context, records: Iterable[Mapping[str, Any]], road: Road) -> Run | None:
    """The newest of these runs along this road, as far as it can be read, for the profile as it is.

    What was proved before the profile's app was another one is open again.
    """
    for record in records:
        try:
            run = run_file.from_record(record)
        except run_file.NotARun:
            continue
        if run.road is road:
            return runs.fitted(run, context.profile)
    return None


def _as_now(context: Context, run: Run) -> Run:
    """The run with only those proofs that count now."""
    if unfit(context.profile, run.road):
        return runs.aged(run, dict.fromkeys(run.steps, ()), now())
    return runs.aged(run, deciding_by_step(run.road, run.goal, run.extras), now())


def change(
    context: Context,
    current_road: CurrentRoad,
    act: Callable[[Run], Run],
    *,
    as_seen: str | None = None,
) -> Run:
    """The run with a change made to its current state in the ledger: others may have changed it.

    With `as_seen` nothing is done where somebody else has changed that step since it was read: who
    said something of it did so of another state.
    """
    ledger = context.runtime.stores_for(context.profile).ledger
    made = [current_road.run]

    def decide(records: list[Mapping[str, Any]]) -> RoadRunRecord | None:
        run = _newest(context, records, current_road.road) or _fresh(context, current_road)
        run = replace(run, goal=current_road.goal, extras=current_road.extras)
        run = made[0] = _as_now(context, run)
        if as_seen is not None and run.step(as_seen).at != current_road.run.step(as_seen).at:
            return None
        after = made[0] = act(run)
        view_other_changes.did(context.profile.key, run, after)
        return RoadRunRecord(after.id, run_file.to_record(after), after.updated_at)

    ledger.road_runs.change(context.profile.key, decide)
    return made[0]


def go_on_with(context: Context, run: Run) -> Run:
    """That run kept, together with what the ledger has of the same road."""
    made = [run]

    def decide(records: list[Mapping[str, Any]]) -> RoadRunRecord:
        here = _newest(context, records, run.road)
        after = made[0] = runs.merged(here, run, now=now()) if here else run
        return RoadRunRecord(after.id, run_file.to_record(after), after.updated_at)

    context.runtime.stores_for(context.profile).ledger.road_runs.change(context.profile.key, decide)
    view_other_changes.forget()
    return made[0]


def _fresh(context: Context, current_road: CurrentRoad) -> Run:
    """The run that isn't in the ledger yet, or another where it was forgotten meanwhile."""
    if not current_road.kept:
        return current_road.run
    return runs.begin(
        context.profile, current_road.road, current_road.goal, current_road.extras, now=now()
    )


def start_anew(context: Context, current_road: CurrentRoad) -> None:
    """Forget the run, so that the next thing done begins another.

    Not what somebody else has just done: it is shown first.
    """
    if current_road.changed:
        return
    view_other_changes.forget()
    context.runtime.stores_for(context.profile).ledger.road_runs.forget(current_road.run.id)


def choose(name: str, text: str) -> None:
    """Put a choice into the address; the step is reset where the steps change."""
    st.query_params[name] = text
    if name != STEP:
        st.query_params.pop(STEP, None)


@cleared_with_profile
def _leave() -> str:
    """The road and the step are those that fit the profile in use, until another is chosen."""
    for name in (ROAD, STEP):
        st.query_params.pop(name, None)
    return ""


def choose_extras(extras: Iterable[str]) -> None:
    """Put the extras into the address."""
    text = ",".join(extras)
    if text:
        choose(EXTRAS, text)
    else:
        st.query_params.pop(EXTRAS, None)


def roads_for(context: Context) -> Sequence[Road]:
    """Every road; the one that fits the profile first."""
    first = road_of(context.profile)
    return (first, *(road for road in Road if road is not first))


def redirect_uri() -> str:
    """Where a sign-in comes back to."""
    base = app_url()
    return f"{base}{REDIRECT_PAGE}" if base else ""


def lasting(context: Context) -> bool:
    """Whether a run of this profile outlives the session."""
    return context.profile.kind is not ProfileKind.SESSION


def now() -> datetime:
    """The moment of what is done now: later than the run of the page."""
    return datetime.now(UTC)

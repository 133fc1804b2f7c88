"""What the Runbook page works on: the address's goal, road, extras and step, the ledger's run.

The address carries words of ours only. A run is made when something is first done, so that looking
around leaves nothing behind.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, TypeVar

import streamlit as st

from lib.profiles import ProfileKind
from lib.runbook import runs
from lib.runbook.filling import Places
from lib.runbook.goals import Goal, Need, Road, road_of
from lib.runbook.granting import EXTRAS as ON_REQUEST
from lib.runbook.granting import wanted
from lib.runbook.roads import Step, steps_for
from lib.runbook.runs import Run
from lib.ui.shell import Context

T = TypeVar("T", Goal, Road)

GOAL: Final = "goal"
ROAD: Final = "road"
EXTRAS: Final = "extras"
STEP: Final = "step"
REDIRECT_PAGE: Final = "/connected"


@dataclass(frozen=True, slots=True)
class Walk:
    """A road for a goal, its steps as this profile sees them, and the run along it."""

    goal: Goal
    extras: frozenset[Need]
    road: Road
    steps: tuple[Step, ...]
    run: Run
    kept: bool

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the steps, in order."""
        return tuple(step.id for step in self.steps)

    @property
    def wanted(self) -> frozenset[Need]:
        """What the goal and the extras need on this road."""
        return wanted(self.road, self.goal, self.extras)

    @property
    def chosen(self) -> Step:
        """The step that is shown: the address's, else where the run stands, else the first open."""
        by_id = {step.id: step for step in self.steps}
        for one in (st.query_params.get(STEP), self.run.next_open(self.ids), self.run.at_step):
            if one in by_id:
                return by_id[one]
        return self.steps[0]

    def beside(self, step: Step, by: int) -> Step | None:
        """The step before (-1) or after (1) this one."""
        place = self.ids.index(step.id) + by
        return self.steps[place] if 0 <= place < len(self.steps) else None


def current(context: Context) -> Walk:
    """The walk that the address names, with its run from the ledger or a fresh one."""
    goal = _word(GOAL, Goal, Goal.FULL)
    road = _word(ROAD, Road, road_of(context.profile))
    asked = st.query_params.get(EXTRAS, "").split(",")
    extras = frozenset(need for need in ON_REQUEST if need.value in asked)
    places = Places(redirect_uri=redirect_uri(), webhook_base=app_url())
    steps = steps_for(road, goal, extras=extras, profile=context.profile, places=places)
    found = _kept(context, road)
    run = found or runs.begin(context.profile, road, goal, extras, now=context.now)
    run = replace(run, goal=goal, extras=extras)
    return Walk(goal, extras, road, steps, run, found is not None)


def _word(name: str, kind: type[T], default: T) -> T:
    try:
        return kind(st.query_params.get(name, default))
    except ValueError:
        return default


def _kept(context: Context, road: Road) -> Run | None:
    """The newest run of this profile along this road, as far as it can be read."""
    ledger = context.runtime.stores_for(context.profile).ledger
    for record in ledger.walks.of(context.profile.key):
        try:
            run = runs.from_record(record)
        except runs.NotARun:
            continue
        if run.road is road:
            return run
    return None


def keep(context: Context, run: Run) -> None:
    """Put the run into the profile's ledger: the host's, or the session's own in memory."""
    ledger = context.runtime.stores_for(context.profile).ledger
    ledger.walks.keep(run.id, context.profile.key, runs.to_record(run), at=run.updated_at)


def start_anew(context: Context, walk: Walk) -> None:
    """Forget the run, so that the next thing done begins another."""
    context.runtime.stores_for(context.profile).ledger.walks.forget(walk.run.id)


def choose(name: str, text: str) -> None:
    """Put a choice into the address; the step begins anew where the steps change."""
    st.query_params[name] = text
    if name != STEP:
        st.query_params.pop(STEP, None)


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


def app_url() -> str:
    """Where the browser sees this app, without a path."""
    url = str(st.context.url or "")
    return "/".join(url.split("/")[:3]) if "://" in url else ""


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

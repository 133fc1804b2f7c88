"""The roads: each a list of steps for one goal, with the values of a profile filled in.

This is what pages, cards and exports ask; the texts are data (`lib.runbook.roads.steps`). No secret
gets in: of those only whether they are there is said.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from lib.core.causes import Mark
from lib.core.errors import Who
from lib.runbook.checks.registry import by_id
from lib.runbook.goals import Goal, Need, Road
from lib.runbook.roads.grants import APP_AUTH, requested
from lib.runbook.roads.placeholders import Places, fill, unknown_in, values_for
from lib.runbook.roads.steps import RoadSpec, StepSpec, table
from lib.settings.profiles import BoxAuth, Profile

_HERE: Final = frozenset({Who.YOU, Who.NETWORK, Who.THIS_APP})
_SERVER_APPS: Final = frozenset({BoxAuth.JWT, BoxAuth.CCG})
# Checks that only some ways to sign in have.
_ONLY_FOR: Final[Mapping[str, frozenset[BoxAuth]]] = {
    "box.key.readable": frozenset({BoxAuth.JWT}),
    "box.token.enterprise": _SERVER_APPS,
    "box.token.user": _SERVER_APPS,
    "box.token.signin": frozenset({BoxAuth.OAUTH}),
    "box.events.user": frozenset({BoxAuth.OAUTH}),
    "kloudless.keys.jwt": frozenset({BoxAuth.JWT}),
    "kloudless.keys.admin_oauth": frozenset({BoxAuth.OAUTH}),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a road for a goal, ready to read.

    `why`, `do`, `undo` and `no_check` are Markdown of the few forms of `lib.runbook.roads.markup`.
    `verify` are the ids of the checks that are run for it here, `deciding` those that prove it:
    every one must pass. Without one it is done by hand, and `no_check` says why.
    `where` is the way through the other side's console as it was on `known_good` (ISO date).
    `unknown` names the values in `do` that the profile doesn't have.
    """

    id: str
    title: str
    why: str
    do: str
    who: Who
    undo: str
    mark: Mark
    verify: tuple[str, ...]
    deciding: tuple[str, ...]
    no_check: str
    where: str | None
    known_good: str | None
    unknown: tuple[str, ...]

    @property
    def hand_off(self) -> bool:
        """Whether another person must do it, who gets a card."""
        return self.who not in _HERE

    @property
    def place(self) -> str:
        """“Admin Console > … (as of 2026-02-16)”; empty where there is nothing to click."""
        return f"{self.where} (as of {self.known_good})" if self.where else ""


def road(which: Road) -> RoadSpec:
    """A road's title, its sentence and the ids of all its steps."""
    return table().roads[which]


def steps_for(
    which: Road,
    goal: Goal,
    *,
    extras: frozenset[Need] = frozenset(),
    profile: Profile | None = None,
    places: Places | None = None,
) -> tuple[Step, ...]:
    """The steps of a road for a goal, in order, with what the profile knows filled in.

    `extras` are needs on top of the goal (`lib.runbook.roads.grants.EXTRAS`).
    """
    needs = requested(which, goal, extras)
    values = values_for(profile, which, places)
    return tuple(
        _step(
            spec, which, needs, values, fill(spec.do, values, road=which, goal=goal, extras=extras)
        )
        for spec in (table().steps[one] for one in road(which).step_ids)
        if not spec.needs or spec.needs & needs
    )


def checks_of(steps: tuple[Step, ...]) -> tuple[str, ...]:
    """The ids of the checks that are run for these steps, each once."""
    return tuple(dict.fromkeys(one for step in steps for one in step.verify))


def deciding_of(steps: tuple[Step, ...]) -> tuple[str, ...]:
    """The ids of the checks that decide these steps, each once."""
    return tuple(dict.fromkeys(one for step in steps for one in step.deciding))


def deciding_by_step(
    which: Road, goal: Goal, extras: frozenset[Need] = frozenset()
) -> Mapping[str, tuple[str, ...]]:
    """The ids of the checks that decide each step of a road for a goal."""
    needs = requested(which, goal, extras)
    return {
        one: tuple(c for c in _deciding(table().steps[one], which) if _proves(c, which, needs))
        for one in road(which).step_ids
    }


def _step(
    spec: StepSpec, which: Road, needs: frozenset[Need], values: Mapping[str, str], do: str
) -> Step:
    deciding = tuple(one for one in _deciding(spec, which) if _proves(one, which, needs))
    return Step(
        id=spec.id,
        title=spec.title,
        why=spec.why,
        do=do,
        who=spec.who,
        undo=spec.undo,
        mark=spec.mark,
        verify=tuple(one for one in spec.verify if _proves(one, which, needs)),
        deciding=deciding,
        no_check="" if deciding else spec.no_check,
        where=spec.where,
        known_good=spec.known_good,
        unknown=unknown_in(spec.do, values),
    )


def _deciding(spec: StepSpec, which: Road) -> tuple[str, ...]:
    if which.is_kloudless and spec.deciding_kloudless is not None:
        return spec.deciding_kloudless
    return spec.deciding


def _proves(check_id: str, which: Road, needs: frozenset[Need]) -> bool:
    """Whether a check means something on this road, for what is wanted."""
    if check_id.startswith("kloudless.") and not which.is_kloudless:
        return False
    if APP_AUTH[which] not in _ONLY_FOR.get(check_id, frozenset(BoxAuth)):
        return False
    grants = by_id(check_id).grants
    return not grants or bool(grants & needs)

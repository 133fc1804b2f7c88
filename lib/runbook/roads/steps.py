"""Roads and steps as they are written down: data files, and a reader that refuses a wrong row.

A step is written once and used by every road that needs it. What is inferred about Box or Kloudless
is marked and worded as such. The texts keep their placeholders here; `lib.runbook.roads.roads`
fills them. Facts: Box developer documentation as of the dates in the files, the connector guide,
the archived documentation and SDKs of Kloudless.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final

from lib.core.causes import Mark
from lib.core.errors import Who
from lib.runbook.checks.registry import CHECKS
from lib.runbook.goals import Need, Road
from lib.runbook.roads.markup import FENCE, problem
from lib.runbook.roads.placeholders import BLOCKS, PLACEHOLDER, VALUES

_FILES: Final = ("roads.toml", "steps_box.toml", "steps_box_app.toml", "steps_kloudless.toml")
_ID: Final = re.compile(r"[a-z]+(?:[._][a-z0-9]+)+")
PEOPLE: Final = (
    Who.YOU,
    Who.DEVELOPER,
    Who.BOX_ADMIN,
    Who.BOX_SUPPORT,
    Who.KLOUDLESS_ADMIN,
)
"""Who can do a step."""
GUESSES: Final = ("presumably", "our reading", "our guess", "as far as we can tell", "we assume")
"""Each inferred text contains one of these."""


class TableError(ValueError):
    """The steps or roads have a row that isn't right; says which."""


@dataclass(frozen=True, slots=True)
class StepSpec:
    """One step as it is written.

    `needs`: it is shown when one of them is wanted; empty means always. `verify` are ids of checks
    that are run for it, `deciding` those of them that prove it: all must pass. On the roads of
    Kloudless `deciding_kloudless` takes their place where it isn't None. `no_check` says why no
    reading decides it, where none does for the goal. `where` is the way through the other side's
    console, `known_good` the ISO date of the documentation it was read in.
    """

    id: str
    title: str
    why: str
    do: str
    who: Who
    undo: str
    mark: Mark
    needs: frozenset[Need] = frozenset()
    verify: tuple[str, ...] = ()
    deciding: tuple[str, ...] = ()
    deciding_kloudless: tuple[str, ...] | None = None
    no_check: str = ""
    where: str | None = None
    known_good: str | None = None


@dataclass(frozen=True, slots=True)
class RoadSpec:
    """One road: for whom it is, and the ids of all its steps in order."""

    road: Road
    title: str
    sentence: str
    step_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Everything that the files say."""

    steps: Mapping[str, StepSpec]
    roads: Mapping[Road, RoadSpec]


@cache
def table() -> Table:
    """The steps and roads of this app."""
    folder = Path(__file__).with_name("data")
    return read_table([(folder / name).read_text(encoding="utf-8") for name in _FILES])


def read_table(texts: Sequence[str]) -> Table:
    """The steps and roads of some TOML texts.

    Raises TableError for a missing or unknown field, an id that is used twice or nowhere or isn't
    there, a placeholder that nothing fills, a text outside the few forms of
    `lib.runbook.roads.markup`.
    """
    steps: dict[str, StepSpec] = {}
    roads: dict[Road, RoadSpec] = {}
    for text in texts:
        tree = tomllib.loads(text)
        if set(tree) - {"step", "road"}:
            raise TableError(f"there is no table {min(set(tree) - {'step', 'road'})}")
        for raw in tree.get("step", []):
            step = _step(raw)
            if step.id in steps:
                raise TableError(f"{step.id} is there twice")
            steps[step.id] = step
        for raw in tree.get("road", []):
            road = _road(raw)
            if road.road in roads:
                raise TableError(f"{road.road} is there twice")
            roads[road.road] = road
    _whole(steps, roads)
    return Table(steps, roads)


def _whole(steps: Mapping[str, StepSpec], roads: Mapping[Road, RoadSpec]) -> None:
    missing = [road for road in Road if road not in roads]
    if missing:
        raise TableError(f"the road {missing[0]} is missing")
    used: set[str] = set()
    for road in roads.values():
        if len(set(road.step_ids)) != len(road.step_ids):
            raise TableError(f"{road.road} has a step twice")
        for one in road.step_ids:
            if one not in steps:
                raise TableError(f"{road.road}: there is no step {one}")
        used |= set(road.step_ids)
    stray = set(steps) - used
    if stray:
        raise TableError(f"{min(stray)} is on no road")


_TEXTS: Final = ("id", "title", "why", "do", "who", "undo", "mark")
_DECIDING: Final = ("deciding", "deciding_kloudless")
_FIELDS: Final = frozenset(
    {*_TEXTS, "needs", "verify", *_DECIDING, "no_check", "where", "known_good"}
)
_KNOWN_CHECKS: Final = frozenset(check.id for check in CHECKS)


def _step(raw: Mapping[str, Any]) -> StepSpec:
    name = str(raw.get("id", "?"))
    _fields(name, raw, _TEXTS, _FIELDS)
    if not _ID.fullmatch(name):
        raise TableError(f"{name}: an id is words of a-z with . and _ between them")
    verify, needs = _list(name, raw, "verify"), _list(name, raw, "needs")
    for one in verify:
        if one not in _KNOWN_CHECKS:
            raise TableError(f"{name}: there is no check {one}")
    deciding = _deciding(name, raw, verify)
    known_good = raw.get("known_good")
    if ("where" in raw) != isinstance(known_good, date):
        raise TableError(f"{name}: a way through a console needs the date it was read, and only it")
    try:
        step = StepSpec(
            id=name,
            title=raw["title"],
            why=raw["why"],
            do=raw["do"].strip("\n"),
            who=Who(raw["who"]),
            undo=raw["undo"],
            mark=Mark(raw["mark"]),
            needs=frozenset(Need(one) for one in needs),
            verify=verify,
            deciding=deciding[0] or (),
            deciding_kloudless=deciding[1],
            no_check=raw.get("no_check", ""),
            where=raw.get("where"),
            known_good=known_good.isoformat() if known_good else None,
        )
    except ValueError as error:
        raise TableError(f"{name}: {error}") from error
    _words(step)
    return step


def _deciding(
    name: str, raw: Mapping[str, Any], verify: tuple[str, ...]
) -> list[tuple[str, ...] | None]:
    """What decides the step: everywhere, and on the roads of Kloudless where that differs."""
    found = [_list(name, raw, field) if field in raw else None for field in _DECIDING]
    if not (found[0] or raw.get("no_check")) or found[1] == ():
        raise TableError(f"{name}: it needs deciding checks, or the reason why there are none")
    stray = {one for some in found for one in some or ()} - set(verify)
    if stray:
        raise TableError(f"{name}: {min(stray)} decides it and isn't run for it")
    return found


def _words(step: StepSpec) -> None:
    """Refuse texts that could not be shown as they are meant."""
    if step.who not in PEOPLE:
        raise TableError(f"{step.id}: {step.who} can't do a step")
    for text in (step.title, step.why, step.undo, step.no_check):
        if PLACEHOLDER.search(text):
            raise TableError(f"{step.id}: only what is to be done has placeholders")
    for text in (step.why, step.undo, step.no_check, step.do):
        wrong = problem(text)
        if wrong:
            raise TableError(f"{step.id}: {wrong}")
    _placeholders(step)
    said = f"{step.why} {step.do}".casefold()
    if step.mark is Mark.INFERRED and not any(word in said for word in GUESSES):
        raise TableError(f"{step.id}: what is inferred must be worded as a guess")


def _placeholders(step: StepSpec) -> None:
    """A value stands in code, where nothing of it is read as Markdown; a block on its own line."""
    fenced = False
    for line in step.do.split("\n"):
        fenced ^= line.startswith(FENCE)
        for found in PLACEHOLDER.finditer(line):
            name = found[1]
            inline = line[: found.start()].count("`") % 2 == 1
            if name in BLOCKS:
                placed = line == found[0] and not fenced
            elif name in VALUES:
                placed = fenced or inline
            else:
                raise TableError(f"{step.id}: nothing fills {found[0]}")
            if not placed:
                raise TableError(f"{step.id}: {found[0]} stands where it can't be filled")


def _road(raw: Mapping[str, Any]) -> RoadSpec:
    name = str(raw.get("id", "?"))
    _fields(name, raw, ("id", "title", "sentence"), frozenset({"id", "title", "sentence", "steps"}))
    try:
        road = Road(name)
    except ValueError as error:
        raise TableError(f"{name}: {error}") from error
    steps = _list(name, raw, "steps")
    if not steps:
        raise TableError(f"{name}: it has no steps")
    return RoadSpec(road, raw["title"], raw["sentence"], steps)


def _fields(name: str, raw: Mapping[str, Any], texts: Sequence[str], known: frozenset[str]) -> None:
    for one in texts:
        if not isinstance(raw.get(one), str) or not raw[one].strip():
            raise TableError(f"{name}: {one} is missing")
    stray = set(raw) - known
    if stray:
        raise TableError(f"{name}: there is no field {min(stray)}")


def _list(name: str, raw: Mapping[str, Any], field: str) -> tuple[str, ...]:
    value = raw.get(field, [])
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise TableError(f"{name}: {field} must be a list of texts")
    if len(set(value)) != len(value):
        raise TableError(f"{name}: {field} names one twice")
    return tuple(value)

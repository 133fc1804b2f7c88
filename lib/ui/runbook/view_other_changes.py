"""What others did to a run since this session drew it last: another tab, or another person.

The page says so, so that nobody continues from an outdated state. A session remembers when each
step was last changed, as it was drawn.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import streamlit as st

from lib.core.texts import md, plural
from lib.runbook.roads.roads import Step
from lib.runbook.runs.runs import Run
from lib.ui.runbook import words
from lib.ui.shell.session import forget as forget_state
from lib.ui.shell.session import state

MOST_NAMED: Final = 4


@dataclass(slots=True)
class Drawn:
    """The run that was drawn: whose, along which road, which, and when its steps were changed.

    `news` are the steps that others changed and that the person wasn't told of; `replaced` says
    that they began another run.
    """

    of: tuple[str, str] = ("", "")
    run: str = ""
    steps: dict[str, str] = field(default_factory=dict)
    news: list[str] = field(default_factory=list)
    replaced: bool = False


def look(profile: str, run: Run, *, kept: bool) -> bool:
    """Note the run as it is drawn now; whether someone else changed it since the last time."""
    drawn = state(Drawn)
    before, of = drawn.steps, (profile, run.road.value)
    if drawn.of != of:
        forget()
        drawn = state(Drawn)
        before = _times(run)
    now = _times(run)
    other = bool(drawn.run) and (drawn.run != run.id or not kept)
    news = [] if other else [one for one in now if before.get(one) != now[one]]
    drawn.of, drawn.run, drawn.steps = of, run.id if kept else "", now
    drawn.replaced |= other
    drawn.news = [] if other else [*drawn.news, *(one for one in news if one not in drawn.news)]
    return other or bool(news)


def did(profile: str, before: Run, after: Run) -> None:
    """Note what this session does itself: it is no news to it."""
    drawn = state(Drawn)
    times = _times(before)
    mine = {one: at for one, at in _times(after).items() if times.get(one) != at}
    if drawn.of == (profile, after.road.value):
        # A run that others started meanwhile is reported as their steps, not as a replacement.
        drawn.run = after.id
        drawn.steps |= mine


def forget() -> None:
    """What comes next is looked at for the first time."""
    forget_state(Drawn)


def tell(steps: Sequence[Step]) -> None:
    """What others changed, until the person has seen it."""
    drawn = state(Drawn)
    places = {step.id: f"{place}. {step.title}" for place, step in enumerate(steps, start=1)}
    named = [md(places[one]) for one in drawn.news if one in places]
    if not named and not drawn.replaced:
        return
    what = words.ANOTHER_RUN
    if named:
        names = "; ".join(named) if len(named) <= MOST_NAMED else plural(len(named), "step")
        what = words.changed_steps(names)
    with st.container(border=True, key="runbook.meanwhile"):
        st.markdown(f":orange[:material/sync_problem:] {words.others_changed(what)}")
        st.button(words.SEEN, key="runbook.meanwhile.seen", on_click=_seen)


def _seen() -> None:
    drawn = state(Drawn)
    drawn.news, drawn.replaced = [], False


def _times(run: Run) -> dict[str, str]:
    return {name: record.at.isoformat() for name, record in run.steps.items() if record.at}

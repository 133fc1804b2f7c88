"""The Runbook page above its steps: goal, road, needed permissions, progress."""

from typing import Final

import streamlit as st

from lib.core.errors import Who
from lib.core.texts import ago, md
from lib.runbook.checks.describe import PERSONS
from lib.runbook.goals import GOALS, Goal, Need
from lib.runbook.roads.fits import roads_that_fit
from lib.runbook.roads.grants import EXTRAS, grants_for
from lib.runbook.roads.roads import road
from lib.ui.runbook import view_other_changes, words
from lib.ui.runbook.actions import prove_all
from lib.ui.runbook.state import (
    GOAL,
    ROAD,
    CurrentRoad,
    choose,
    choose_extras,
    lasting,
    roads_for,
    start_anew,
)
from lib.ui.shell.frame import Context
from lib.ui.shell.navigation import page
from lib.ui.shell.session import seed, value

_GOAL_KEY: Final = "runbook.goal"
_ROAD_KEY: Final = "runbook.road"
_EXTRAS_KEY: Final = "runbook.extras"
_EXTRAS: Final = sorted(EXTRAS)


def choice(context: Context, current_road: CurrentRoad) -> None:
    """What the person wants and by which road; each goal says what it gives."""
    with st.container(border=True, key="runbook.choice"):
        seed(_GOAL_KEY, current_road.goal)
        st.segmented_control(
            words.GOAL,
            list(Goal),
            format_func=lambda goal: GOALS[goal].title,
            key=_GOAL_KEY,
            on_change=_chose_goal,
            required=True,
        )
        st.caption(GOALS[current_road.goal].sentence)
        left, right = st.columns(2, gap="medium")
        with left:
            seed(_ROAD_KEY, current_road.road)
            st.selectbox(
                words.ROAD,
                roads_for(context),
                format_func=lambda one: road(one).title,
                key=_ROAD_KEY,
                on_change=_chose_road,
            )
            st.caption(road(current_road.road).sentence)
        with right:
            seed(_EXTRAS_KEY, [need for need in _EXTRAS if need in current_road.extras])
            st.multiselect(
                words.ON_REQUEST,
                list(_EXTRAS),
                format_func=_extra_label,
                key=_EXTRAS_KEY,
                on_change=_chose_extras,
                placeholder=words.NOTHING_MORE,
            )
            st.caption(words.SIDE_EFFECTS)
        _mismatch(context, current_road)


def _extra_label(need: Need) -> str:
    return words.ANY_CONTENT if need is Need.GCM else words.NO_NOTIFICATIONS


def _chose_goal() -> None:
    choose(GOAL, str(value(_GOAL_KEY)))


def _chose_road() -> None:
    choose(ROAD, str(value(_ROAD_KEY)))


def _chose_extras() -> None:
    choose_extras(value(_EXTRAS_KEY) or ())


def _mismatch(context: Context, current_road: CurrentRoad) -> None:
    """A road whose side the profile lacks can be read, but not proved."""
    half = context.profile.kloudless if current_road.road.is_kloudless else context.profile.box
    if half is None:
        side = words.KLOUDLESS_APPLICATION if current_road.road.is_kloudless else words.BOX_APP
        st.info(words.lacks_side(md(context.profile.label), side), icon=":material/info:")
    elif current_road.unfit is not None:
        fitting = [road(one).title for one in roads_that_fit(context.profile)]
        title = road(current_road.road).title
        text = words.does_not_fit(title, md(current_road.unfit.cause), fitting)
        st.warning(text, icon=":material/wrong_location:")


def needed(current_road: CurrentRoad) -> None:
    """The fewest scopes, switches and rights that the goal needs on this road."""
    grants = grants_for(current_road.road, current_road.goal, current_road.extras)
    count = len(grants.all)
    with st.expander(words.fewest_rights(count), icon=":material/shield_person:"):
        st.dataframe(
            {
                words.NEED_WHERE: [
                    *(words.SELECT_IN_APP for _ in grants.ticks),
                    *(words.TURN_ON_IN_APP for _ in grants.switches),
                    *(words.ASK_SUPPORT for _ in grants.requests),
                ],
                words.NEED_LABEL: [grant.label for grant in grants.all],
                words.NEED_SCOPE: [grant.scope or None for grant in grants.all],
                words.NEED_GIVES: [grant.gives for grant in grants.all],
            },
            hide_index=True,
            placeholder="—",
            alt=words.NEEDED_ALT,
        )
        if grants.rights:
            names = "; ".join(f"“{md(right)}”" for right in grants.rights)
            st.markdown(words.co_admin_rights(names))
        st.caption(words.GRANTED_BEYOND)


def progress(context: Context, current_road: CurrentRoad) -> None:
    """How far the run is, and the button that proves everything at once."""
    run = current_road.run
    settled = run.settled(current_road.ids)
    blocked = len({one.place for one in current_road.broken})
    with st.container(horizontal=True, vertical_alignment="center", key="runbook.progress"):
        reported = words.completed(settled, len(current_road.steps), blocked)
        st.progress(settled / len(current_road.steps), text=reported)
        if st.button(
            words.RUN_ALL,
            type="secondary" if settled == len(current_road.steps) else "primary",
            icon=":material/verified:",
            key="runbook.prove_all",
            help=words.RUN_ALL_HELP,
        ):
            _prove_all(context, current_road)
            st.rerun()
    for one in current_road.broken:
        text = words.broken(
            md(one.verdict.cause_title),
            PERSONS[one.verdict.who or Who.YOU],
            one.place,
            md(one.step.title),
        )
        st.markdown(f":red[:material/error:] {text}")
    view_other_changes.tell(current_road.steps)
    _of_another_app(current_road)
    if settled == len(current_road.steps):
        _proven(context, current_road)
    _run_line(context, current_road)


def _of_another_app(current_road: CurrentRoad) -> None:
    """Proofs that say nothing any more, because the profile's app isn't the one they speak of."""
    stale = sum(current_road.run.of_another_app(one) for one in current_road.ids)
    if stale:
        st.markdown(f":orange[:material/history:] {words.other_app(stale)}")


def _proven(context: Context, current_road: CurrentRoad) -> None:
    """Every step is settled: by what, and what comes after."""
    states = [current_road.run.step(one).state for one in current_road.ids]
    ways = [
        f"{number} {word}"
        for state, word in words.COMPLETED_BY.items()
        if (number := states.count(state))
    ]
    with st.container(border=True, key="runbook.proven"):
        st.markdown(f":green[:material/verified:] {words.all_complete(', '.join(ways))}")
        watching = page("health")
        if watching is not None:
            st.page_link(watching, label=words.ON_HEALTH, query_params=context.links)


def _prove_all(context: Context, current_road: CurrentRoad) -> None:
    bar = st.progress(0.0, text=words.RUNNING)

    def reported(done: int, total: int, title: str) -> None:
        bar.progress(min(1.0, done / total), text=words.checked(done, total, md(title)))

    prove_all(context, current_road, reported=reported)
    bar.empty()


def _run_line(context: Context, current_road: CurrentRoad) -> None:
    if not current_road.kept:
        where = words.IN_LEDGER if lasting(context) else words.IN_SESSION
        st.caption(words.nothing_done(where))
        return
    begun, changed = (
        ago(at, context.now) for at in (current_road.run.started_at, current_road.run.updated_at)
    )
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        then = words.RESUMES if lasting(context) else words.SAVE_TO_RESUME
        st.caption(words.started(begun, changed, then))
        with st.popover(words.START_OVER, type="tertiary", icon=":material/restart_alt:"):
            st.markdown(words.START_OVER_HELP)
            if st.button(words.DELETE_RUN, key="runbook.anew"):
                start_anew(context, current_road)
                st.rerun()

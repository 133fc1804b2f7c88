"""The Runbook page above its steps: what is wanted, by which road, what it needs, how far it is."""

from typing import Final

import streamlit as st

from lib.core.texts import ago, md, plural
from lib.runbook.roads.goals import GOALS, Goal, Need
from lib.runbook.roads.grants import EXTRAS, grants_for
from lib.runbook.roads.roads import road
from lib.runbook.runs.runs import StepState
from lib.ui.runbook import view_other_changes
from lib.ui.runbook.actions import prove_all
from lib.ui.runbook.state import (
    GOAL,
    ROAD,
    Walk,
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
_SETTLED_BY: Final = {
    StepState.PROVED: "by checks",
    StepState.DONE: "by hand",
    StepState.SKIPPED: "left out",
}


def choice(context: Context, walk: Walk) -> None:
    """What the person wants and by which road; each goal says what it gives."""
    with st.container(border=True, key="runbook.choice"):
        seed(_GOAL_KEY, walk.goal)
        st.segmented_control(
            "What do you want?",
            list(Goal),
            format_func=lambda goal: GOALS[goal].title,
            key=_GOAL_KEY,
            on_change=_chose_goal,
            required=True,
        )
        st.caption(GOALS[walk.goal].sentence)
        left, right = st.columns(2, gap="medium")
        with left:
            seed(_ROAD_KEY, walk.road)
            st.selectbox(
                "Road",
                roads_for(context),
                format_func=lambda one: road(one).title,
                key=_ROAD_KEY,
                on_change=_chose_road,
            )
            st.caption(road(walk.road).sentence)
        with right:
            seed(_EXTRAS_KEY, [need for need in _EXTRAS if need in walk.extras])
            st.multiselect(
                "On request from Box support",
                list(_EXTRAS),
                format_func=_extra_label,
                key=_EXTRAS_KEY,
                on_change=_chose_extras,
                placeholder="Nothing more",
            )
            st.caption("Both have side effects; leave them out unless you know that you need them.")
        _mismatch(context, walk)


def _extra_label(need: Need) -> str:
    return "See any content of the enterprise" if need is Need.GCM else "Notify nobody of calls"


def _chose_goal() -> None:
    choose(GOAL, str(value(_GOAL_KEY)))


def _chose_road() -> None:
    choose(ROAD, str(value(_ROAD_KEY)))


def _chose_extras() -> None:
    choose_extras(value(_EXTRAS_KEY) or ())


def _mismatch(context: Context, walk: Walk) -> None:
    """A road whose side the profile lacks can be read, but not proved."""
    half = context.profile.kloudless if walk.road.is_kloudless else context.profile.box
    if half is None:
        side = "Kloudless application" if walk.road.is_kloudless else "Box app"
        st.info(
            f"**{md(context.profile.label)}** has no {side} yet, so its steps can be followed but "
            "not proved. Enter it on the Credentials page when you have it.",
            icon=":material/info:",
        )


def needed(walk: Walk) -> None:
    """The fewest scopes, switches and rights that the goal needs on this road."""
    grants = grants_for(walk.road, walk.goal, walk.extras)
    count = len(grants.all)
    with st.expander(f"The fewest rights for this goal: {count}", icon=":material/shield_person:"):
        st.dataframe(
            {
                "Where": [
                    *("Tick in the app" for _ in grants.ticks),
                    *("Switch on in the app" for _ in grants.switches),
                    *("Ask Box support" for _ in grants.requests),
                ],
                "In Box's words": [grant.label for grant in grants.all],
                "Scope": [grant.scope or None for grant in grants.all],
                "What it gives": [grant.gives for grant in grants.all],
            },
            hide_index=True,
            placeholder="—",
            alt="The scopes, switches and requests that the chosen goal needs.",
        )
        if grants.rights:
            names = "; ".join(f"“{md(right)}”" for right in grants.rights)
            st.markdown(f"A co-admin who signs in also needs: {names}. An admin has them.")
        st.caption(
            "What is granted beyond this is told by the check “Nothing granted that isn't needed”."
        )


def progress(context: Context, walk: Walk) -> None:
    """How far the run is, and the button that proves everything at once."""
    run = walk.run
    settled = run.settled(walk.ids)
    blocked = sum(run.step(one).state is StepState.BLOCKED for one in walk.ids)
    with st.container(horizontal=True, vertical_alignment="center", key="runbook.progress"):
        words = f"{settled} of {plural(len(walk.steps), 'step')} settled"
        if blocked:
            words += f", {blocked} blocked"
        st.progress(settled / len(walk.steps), text=words)
        if st.button(
            "Prove everything",
            type="secondary" if settled == len(walk.steps) else "primary",
            icon=":material/verified:",
            key="runbook.prove_all",
            help="Runs every check once. It only reads.",
        ):
            _prove_all(context, walk)
            st.rerun()
    view_other_changes.tell(walk.steps)
    _of_another_app(walk)
    if settled == len(walk.steps):
        _proven(context, walk)
    _run_line(context, walk)


def _of_another_app(walk: Walk) -> None:
    """Proofs that say nothing any more, because the profile's app isn't the one they speak of."""
    stale = sum(walk.run.of_another_app(one) for one in walk.ids)
    if stale:
        st.markdown(
            f":orange[:material/history:] **{plural(stale, 'step')} proved for another app**: the "
            "Client ID, key ID, enterprise, user or address of this profile has changed since. "
            "Prove everything again; what was done by hand stays."
        )


def _proven(context: Context, walk: Walk) -> None:
    """Every step is settled: by what, and what comes after."""
    states = [walk.run.step(one).state for one in walk.ids]
    ways = [
        f"{number} {word}" for state, word in _SETTLED_BY.items() if (number := states.count(state))
    ]
    with st.container(border=True, key="runbook.proven"):
        st.markdown(
            f":green[:material/verified:] **This road is proven**: {', '.join(ways)}. "
            "What holds now can break: have it watched."
        )
        watching = page("health")
        if watching is not None:
            st.page_link(watching, label="See it watched on Health", query_params=context.links)


def _prove_all(context: Context, walk: Walk) -> None:
    bar = st.progress(0.0, text="Asking…")

    def told(done: int, total: int, title: str) -> None:
        bar.progress(min(1.0, done / total), text=f"{done} of {total}: {md(title)}")

    prove_all(context, walk, told=told)
    bar.empty()


def _run_line(context: Context, walk: Walk) -> None:
    if not walk.kept:
        where = "in this session" if not lasting(context) else "in this app's ledger"
        st.caption(f"Nothing has been done on this road yet. What you do is kept {where}.")
        return
    begun, changed = (ago(at, context.now) for at in (walk.run.started_at, walk.run.updated_at))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(
            f"Begun {begun}, changed {changed}. "
            + (
                "It goes on where you left it."
                if lasting(context)
                else "Keep a file to go on later."
            )
        )
        with st.popover("Start anew", type="tertiary", icon=":material/restart_alt:"):
            st.markdown("This forgets what was proved and noted on this road. Keep a file first.")
            if st.button("Forget this run", key="runbook.anew"):
                start_anew(context, walk)
                st.rerun()

"""What leaves the Runbook page: the run as a file or a report, and cards for other people."""

from typing import Final

import streamlit as st

from lib.core.texts import md, plural
from lib.runbook.handoff.cards import Card, cards
from lib.runbook.health.recording import latest_verdicts
from lib.runbook.roads.capabilities import Mark, matrix
from lib.runbook.runs import run_file
from lib.runbook.runs.run_file import NotARun
from lib.runbook.runs.run_report import to_markdown
from lib.runbook.runs.runs import SETTLED
from lib.ui.runbook.actions import go_on_from
from lib.ui.runbook.state import GOAL, ROAD, Walk, choose, choose_extras
from lib.ui.shell.frame import Context
from lib.ui.shell.notices import tell

_MARKS: Final = {
    Mark.YES: "✓ yes",
    Mark.NO: "✗ no",
    Mark.UNKNOWN: "? not shown",
    Mark.ABSENT: "- not here",
}


def files(context: Context, walk: Walk) -> None:
    """Keep the run, report it, or go on from a file."""
    with st.popover("Keep or go on", icon=":material/save:"):
        name = f"runbook-{walk.run.profile}-{walk.road}-{walk.run.updated_at:%Y%m%d-%H%M}"
        st.download_button(
            "The run, to go on from (JSON)",
            lambda: run_file.to_json(walk.run),
            file_name=f"{name}.json",
            mime="application/json",
            icon=":material/data_object:",
            width="stretch",
            disabled=not walk.kept,
            on_click="ignore",
        )
        st.download_button(
            "A report with evidence (Markdown)",
            lambda: to_markdown(walk.run, walk.steps),
            file_name=f"{name}.md",
            mime="text/markdown",
            icon=":material/article:",
            width="stretch",
            disabled=not walk.kept,
            on_click="ignore",
        )
        st.caption("Neither holds a secret. Times are UTC.")
        _go_on(context)


def _go_on(context: Context) -> None:
    file = st.file_uploader("Go on from a file", type=["json"], key="runbook.file")
    if file is None or not st.button("Go on from this file", key="runbook.go_on"):
        return
    try:
        run = go_on_from(context, file.getvalue())
    except NotARun as error:
        st.error(
            f"{md(str(error))} Choose a file that this page has given.", icon=":material/error:"
        )
        return
    choose(ROAD, run.road)
    choose(GOAL, run.goal)
    choose_extras(need.value for need in run.extras)
    told = sum(record.state in SETTLED for record in run.steps.values())
    tell(f"The file is taken: the run goes on with {plural(told, 'settled step')}.")
    st.rerun()


def hand_offs(context: Context, walk: Walk) -> None:
    """Cards for the people who do the steps that aren't yours."""
    made = cards(
        walk.steps,
        which=walk.road,
        goal=walk.goal,
        extras=walk.extras,
        profile=context.profile,
        failing=walk.failing,
        at=context.now,
    )
    st.subheader("For other people", anchor=False)
    if not made:
        st.caption("Every step of this road is yours.")
        return
    st.caption("A card has exactly what that person needs, and no secret.")
    for card in made:
        left = sum(walk.run.step(one).state not in SETTLED for one in card.steps)
        words = card.counted
        if card.steps and left < len(card.steps):
            words += f", {left} still to do" if left else ", all settled"
        with st.expander(f"{card.title}: {words}", icon=":material/assignment_ind:"):
            _card(card)


def _card(card: Card) -> None:
    with st.container(horizontal=True):
        st.download_button(
            "As a page to print or send (HTML)",
            card.html,
            file_name=f"{card.file_name}.html",
            mime="text/html",
            icon=":material/print:",
            key=f"runbook.card.html.{card.who}",
            on_click="ignore",
        )
        st.download_button(
            "As text (Markdown)",
            card.markdown,
            file_name=f"{card.file_name}.md",
            mime="text/markdown",
            icon=":material/article:",
            key=f"runbook.card.md.{card.who}",
            on_click="ignore",
        )
    st.markdown(card.markdown)


def capabilities(context: Context, walk: Walk) -> None:
    """What the product can do, what each needs, what is granted, what was proved."""
    verdicts = latest_verdicts(
        context.runtime.stores_for(context.profile).ledger, context.profile.key
    )
    rows = matrix(verdicts, walk.wanted)
    st.subheader("What works", anchor=False)
    if not verdicts:
        st.caption("Nothing was checked yet: prove everything to fill this.")
    st.dataframe(
        {
            "Capability": [row.capability for row in rows],
            "Through": [row.side for row in rows],
            "Wanted": ["yes" if row.wanted else "no" for row in rows],
            "Granted": [_MARKS[row.granted] for row in rows],
            "Proved": [_MARKS[row.proved] for row in rows],
            "Needs": ["; ".join(row.needs) or "—" for row in rows],
        },
        hide_index=True,
        height="content",
        alt="Each capability of the product: whether it is wanted, granted and proved.",
    )

"""What leaves the Runbook page: the run as a file or a report, and cards for other people."""

import streamlit as st

from lib.core.texts import md
from lib.runbook.handoff.cards import Card, cards
from lib.runbook.health.recording import latest_verdicts
from lib.runbook.roads.capabilities import matrix
from lib.runbook.runs import run_file
from lib.runbook.runs.run_file import NotARun
from lib.runbook.runs.run_report import to_markdown
from lib.runbook.runs.runs import SETTLED
from lib.ui.runbook import words
from lib.ui.runbook.actions import go_on_from
from lib.ui.runbook.state import GOAL, ROAD, CurrentRoad, choose, choose_extras
from lib.ui.shell.frame import Context
from lib.ui.shell.notices import tell


def files(context: Context, current_road: CurrentRoad) -> None:
    """Save the run, report it, or resume from a file."""
    with st.popover(words.SAVE_OR_RESUME, icon=":material/save:"):
        run = current_road.run
        name = f"runbook-{run.profile}-{current_road.road}-{run.updated_at:%Y%m%d-%H%M}"
        st.download_button(
            words.RUN_FILE,
            lambda: run_file.to_json(current_road.run),
            file_name=f"{name}.json",
            mime="application/json",
            icon=":material/data_object:",
            width="stretch",
            disabled=not current_road.kept,
            on_click="ignore",
        )
        st.download_button(
            words.REPORT_FILE,
            lambda: to_markdown(current_road.run, current_road.steps),
            file_name=f"{name}.md",
            mime="text/markdown",
            icon=":material/article:",
            width="stretch",
            disabled=not current_road.kept,
            on_click="ignore",
        )
        st.caption(words.NO_SECRETS)
        _go_on(context)


def _go_on(context: Context) -> None:
    file = st.file_uploader(words.RESUME, type=["json"], key="runbook.file")
    if file is None or not st.button(words.RESUME_THIS, key="runbook.go_on"):
        return
    try:
        run = go_on_from(context, file.getvalue())
    except NotARun as error:
        st.error(f"{md(str(error))} {words.OTHER_FILE}", icon=":material/error:")
        return
    choose(ROAD, run.road)
    choose(GOAL, run.goal)
    choose_extras(need.value for need in run.extras)
    reported = sum(record.state in SETTLED for record in run.steps.values())
    tell(words.resumed(reported))
    st.rerun()


def hand_offs(context: Context, current_road: CurrentRoad) -> None:
    """Cards for the people who do the steps that aren't yours."""
    made = cards(
        current_road.steps,
        which=current_road.road,
        goal=current_road.goal,
        extras=current_road.extras,
        profile=context.profile,
        failing=current_road.failing,
        at=context.now,
    )
    st.subheader(words.FOR_OTHERS, anchor=False)
    if not made:
        st.caption(words.ALL_YOURS)
        return
    st.caption(words.CARD)
    for card in made:
        left = sum(current_road.run.step(one).state not in SETTLED for one in card.steps)
        counted = card.counted
        if card.steps and left < len(card.steps):
            counted += words.to_do(left) if left else words.CARD_COMPLETE
        with st.expander(f"{card.title}: {counted}", icon=":material/assignment_ind:"):
            _card(card)


def _card(card: Card) -> None:
    with st.container(horizontal=True):
        st.download_button(
            words.CARD_HTML,
            card.html,
            file_name=f"{card.file_name}.html",
            mime="text/html",
            icon=":material/print:",
            key=f"runbook.card.html.{card.who}",
            on_click="ignore",
        )
        st.download_button(
            words.CARD_MARKDOWN,
            card.markdown,
            file_name=f"{card.file_name}.md",
            mime="text/markdown",
            icon=":material/article:",
            key=f"runbook.card.md.{card.who}",
            on_click="ignore",
        )
    st.markdown(card.markdown)


def capabilities(context: Context, current_road: CurrentRoad) -> None:
    """What the product can do, what each needs, what is granted, what was proved."""
    verdicts = latest_verdicts(
        context.runtime.stores_for(context.profile).ledger, context.profile.key
    )
    rows = matrix(verdicts, current_road.requested)
    st.subheader(words.WHAT_WORKS, anchor=False)
    if not verdicts:
        st.caption(words.NOT_CHECKED)
    st.dataframe(
        {
            words.CAPABILITY: [row.capability for row in rows],
            words.THROUGH: [row.side for row in rows],
            words.REQUESTED: [words.YES if row.requested else words.NO for row in rows],
            words.GRANTED: [words.MARKS[row.granted] for row in rows],
            words.PROVED: [words.MARKS[row.proved] for row in rows],
            words.NEEDS: ["; ".join(row.needs) or "—" for row in rows],
        },
        hide_index=True,
        height="content",
        alt=words.CAPABILITIES_ALT,
    )

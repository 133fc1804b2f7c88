"""The two dialogs of a rehearsal: choose what to break, and see what the checks make of it."""

from typing import Final

import streamlit as st

from lib.app.background.watching import RunSnapshot
from lib.app.practice.faults import Group, Offer, draw, matching
from lib.core.texts import md
from lib.runbook.checks.verdict import Status, Verdict
from lib.store.ledger.reading_runs import RunState
from lib.ui.components.fields import words_field
from lib.ui.components.verdicts import counts_line, handoff_box, status_mark, verdict_reason
from lib.ui.practice.state import (
    Exercise,
    Window,
    active,
    break_it,
    check,
    close_window,
    mend,
    open_window,
    reveal,
    warnings_of,
)
from lib.ui.practice.words import outcome_words, state_words
from lib.ui.shell import navigation
from lib.ui.shell.boundary import boundary, show_error
from lib.ui.shell.frame import Context
from lib.ui.shell.session import state

LOOK_EVERY_S: Final = 0.5
LIST_HEIGHT: Final = 330
PLACES: Final = ("runbook", "health", "explorer")


def choice_window(context: Context, page: str) -> None:
    """Choose what to break, or have one drawn."""
    st.dialog("Break something", width="medium", on_dismiss=close_window)(_choose)(context, page)


def outcome_window(context: Context, page: str) -> None:
    """What the checks say of this session's own apps, as it comes in."""
    st.dialog("What checks say", width="medium", on_dismiss=close_window)(_outcome)(context, page)


def fix_button(context: Context, page: str, *, place: str, primary: bool) -> None:
    """Switch off what is broken, and check again."""
    if st.button(
        "Fix it",
        key=f"rehearsal.fix.{place}",
        icon=":material/healing:",
        type="primary" if primary else "tertiary",
    ):
        with boundary(), st.spinner("Mending…"):
            mend(context.runtime, page)
            st.rerun()


def reveal_button(*, place: str) -> None:
    """Tell what was drawn."""
    if st.button(
        "Reveal",
        key=f"rehearsal.reveal.{place}",
        icon=":material/visibility:",
        type="tertiary",
        help="Tells what was drawn.",
    ):
        reveal()
        st.rerun()


def _choose(context: Context, page: str) -> None:
    with boundary():
        offers = context.runtime.rehearsals.offers()
        st.caption(
            "It breaks for apps of your own in the sandbox: nobody else notices, and nothing "
            "reaches Box. Then the checks have to say what is wrong, and who can fix it."
        )
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            text = words_field(
                "Search",
                key="rehearsal.search",
                type="search",
                live=True,
                placeholder="scope, expired, 429, clock…",
                icon=":material/search:",
            )
            surprise = st.button(
                "Surprise me",
                key="rehearsal.surprise",
                icon=":material/casino:",
                help="Draws one that the checks notice, and doesn't tell which: find the cause.",
            )
        chosen = _list(offers, text)
        pressed = st.button(
            "Break it",
            key="rehearsal.start",
            icon=":material/heart_broken:",
            type="primary",
            disabled=chosen is None,
        )
        offer = draw(offers) if surprise else chosen if pressed else None
        if offer is not None:
            with st.spinner("Looking at it while it is whole, then breaking it…", show_time=True):
                break_it(context.runtime, offer, page, drawn=surprise)
            st.rerun()


def _list(offers: tuple[Offer, ...], text: str) -> Offer | None:
    """The faults that are searched for; what was chosen."""
    present = [group for group in Group if any(offer.group is group for offer in offers)]
    group = st.pills("Kind", present, key="rehearsal.group", label_visibility="collapsed")
    if group is Group.HARDLY:
        st.caption("No check notices these. They show what a green run doesn't prove.")
    found = matching(offers, text, group)
    if not found:
        st.info("No fault has these words. Search for others, or among all kinds.")
        return None
    by_name = {offer.name: offer for offer in found}
    with st.container(height=LIST_HEIGHT, border=True, key="rehearsal.list"):
        name = st.radio(
            "Fault",
            list(by_name),
            index=None,
            format_func=lambda name: md(by_name[name].title),
            captions=[md(offer.sentence) for offer in found],
            key="rehearsal.fault",
            label_visibility="collapsed",
        )
    return by_name.get(name or "")


def _outcome(context: Context, page: str) -> None:
    with boundary():
        exercise, broken = state(Exercise), active(context.runtime) is not None
        run = context.runtime.watch_for(context.profile).snapshot()
        st.markdown(state_words(exercise, broken=broken))
        if run is None:
            st.caption("Nothing was checked yet.")
        elif run.running:
            st.fragment(_progress, run_every=LOOK_EVERY_S)(context, run.id)
        else:
            _verdicts(context, run, exercise, broken=broken)
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            if broken:
                fix_button(context, page, place="window", primary=True)
                if exercise.secret:
                    reveal_button(place="window")
            elif st.button("Break something else", icon=":material/heart_broken:"):
                open_window(Window.CHOICE, page)
                st.rerun()
            if run is None or not run.running:
                _check_button(context, again=run is not None)
            _links(context, page)


def _check_button(context: Context, *, again: bool) -> None:
    if st.button(
        "Check again" if again else "Check now",
        key="rehearsal.check",
        icon=":material/play_circle:",
        type="tertiary",
    ):
        check(context.runtime)
        st.rerun()


def _progress(context: Context, run_id: str) -> None:
    """How far the run is. When it is over, everything is drawn again."""
    run = context.runtime.watch_for(context.profile).snapshot()
    if run is None or run.id != run_id or not run.running:
        st.rerun()
    st.progress(run.share, text=f"Checking: {len(run.verdicts)} of {run.total}")
    if run.verdicts:
        st.markdown(counts_line(run.verdicts))
        last = run.verdicts[-1]
        st.caption(f"{status_mark(last.status)} {md(last.title)}")


def _verdicts(context: Context, run: RunSnapshot, exercise: Exercise, *, broken: bool) -> None:
    """What failed and what warns; what holds is a number."""
    if run.state is RunState.CANCELLED:
        st.caption("The last run was stopped before its end.")
        return
    if run.error is not None:
        show_error(run.error)
        return
    st.markdown(outcome_words(run.verdicts, exercise, broken=broken))
    st.markdown(counts_line(run.verdicts))
    wrong = [one for one in run.verdicts if one.status in (Status.FAILED, Status.WARNING)]
    planted = [one for one in wrong if warnings_of([one]) & exercise.before]
    for verdict in wrong:
        if verdict not in planted:
            _card(context, verdict)
    if planted:
        with st.expander("Also warned before anything was broken", type="compact"):
            for verdict in planted:
                _card(context, verdict)


def _card(context: Context, verdict: Verdict) -> None:
    with st.container(border=True, gap="xsmall", key=f"rehearsal.card.{verdict.id}"):
        st.markdown(f"{status_mark(verdict.status)} {md(verdict.title)}")
        verdict_reason(verdict)
        with st.expander("Hand over", icon=":material/forward_to_inbox:", type="compact"):
            handoff_box(verdict, context)


def _links(context: Context, page: str) -> None:
    for name in PLACES:
        there = navigation.page(name)
        if there is not None and name != page:
            st.page_link(there, query_params=context.links)

"""The two dialogs of practice: choose a fault to inject, and see what the checks report."""

from typing import Final

import streamlit as st

from lib.app.background.watching import RunSnapshot
from lib.app.practice.faults import Group, PracticeFault, draw, matching
from lib.core.texts import md
from lib.runbook.checks.verdict import Status, Verdict
from lib.store.ledger.reading_runs import RunState
from lib.ui.components.fields import words_field
from lib.ui.components.verdicts import counts_line, handoff_box, status_mark, verdict_reason
from lib.ui.practice import words, words_exercise
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
from lib.ui.shell import navigation
from lib.ui.shell.boundary import boundary, show_error
from lib.ui.shell.frame import Context
from lib.ui.shell.session import state

LOOK_EVERY_S: Final = 0.5
LIST_HEIGHT: Final = 330
PLACES: Final = ("runbook", "health", "explorer")


def choice_window(context: Context, page: str) -> None:
    """Choose a fault, or have one picked at random."""
    st.dialog(words.INJECT_A_FAULT, width="medium", on_dismiss=close_window)(_choose)(context, page)


def outcome_window(context: Context, page: str) -> None:
    """What the checks report about this session's own apps, as results come in."""
    st.dialog(words.RESULTS, width="medium", on_dismiss=close_window)(_outcome)(context, page)


def fix_button(context: Context, page: str, *, place: str, primary: bool) -> None:
    """Remove the fault, and check again."""
    if st.button(
        words.REMOVE,
        key=f"rehearsal.fix.{place}",
        icon=":material/healing:",
        type="primary" if primary else "tertiary",
    ):
        with boundary(), st.spinner(words.REMOVING):
            mend(context.runtime, page)
            st.rerun()


def reveal_button(*, place: str) -> None:
    """Name the fault that was picked at random."""
    if st.button(
        words.REVEAL,
        key=f"rehearsal.reveal.{place}",
        icon=":material/visibility:",
        type="tertiary",
        help=words.REVEAL_HELP,
    ):
        reveal()
        st.rerun()


def _choose(context: Context, page: str) -> None:
    with boundary():
        offers = context.runtime.practice.offers()
        st.caption(words.NOTE)
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            text = words_field(
                words.SEARCH,
                key="rehearsal.search",
                type="search",
                live=True,
                placeholder=words.SEARCH_PLACEHOLDER,
                icon=":material/search:",
            )
            surprise = st.button(
                words.RANDOM,
                key="rehearsal.surprise",
                icon=":material/casino:",
                help=words.RANDOM_HELP,
            )
        chosen = _list(offers, text)
        pressed = st.button(
            words.INJECT,
            key="rehearsal.start",
            icon=":material/heart_broken:",
            type="primary",
            disabled=chosen is None,
        )
        offer = draw(offers) if surprise else chosen if pressed else None
        if offer is not None:
            with st.spinner(words.INJECTING, show_time=True):
                break_it(context.runtime, offer, page, drawn=surprise)
            st.rerun()


def _list(offers: tuple[PracticeFault, ...], text: str) -> PracticeFault | None:
    """The faults that match; returns the chosen one."""
    present = [group for group in Group if any(offer.group is group for offer in offers)]
    group = st.pills(words.KIND, present, key="rehearsal.group", label_visibility="collapsed")
    if group is Group.HARDLY:
        st.caption(words.UNNOTICED)
    found = matching(offers, text, group)
    if not found:
        st.info(words.NO_MATCH)
        return None
    by_name = {offer.name: offer for offer in found}
    with st.container(height=LIST_HEIGHT, border=True, key="rehearsal.list"):
        name = st.radio(
            words.FAULT,
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
        st.markdown(words_exercise.state_words(exercise, broken=broken))
        if run is None:
            st.caption(words.NOT_CHECKED)
        elif run.running:
            st.fragment(_progress, run_every=LOOK_EVERY_S)(context, run.id)
        else:
            _verdicts(context, run, exercise, broken=broken)
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            if broken:
                fix_button(context, page, place="window", primary=True)
                if exercise.secret:
                    reveal_button(place="window")
            elif st.button(words.INJECT_ANOTHER, icon=":material/heart_broken:"):
                open_window(Window.CHOICE, page)
                st.rerun()
            if run is None or not run.running:
                _check_button(context, again=run is not None)
            _links(context, page)


def _check_button(context: Context, *, again: bool) -> None:
    if st.button(
        words.CHECK_AGAIN if again else words.CHECK_NOW,
        key="rehearsal.check",
        icon=":material/play_circle:",
        type="tertiary",
    ):
        check(context.runtime)
        st.rerun()


def _progress(context: Context, run_id: str) -> None:
    """How far the run is. When it ends, everything is drawn again."""
    run = context.runtime.watch_for(context.profile).snapshot()
    if run is None or run.id != run_id or not run.running:
        st.rerun()
    st.progress(run.share, text=words.progress(len(run.verdicts), run.total))
    if run.verdicts:
        st.markdown(counts_line(run.verdicts))
        last = run.verdicts[-1]
        st.caption(f"{status_mark(last.status)} {md(last.title)}")


def _verdicts(context: Context, run: RunSnapshot, exercise: Exercise, *, broken: bool) -> None:
    """Failures and warnings; what passed is a number."""
    if run.state is RunState.CANCELLED:
        st.caption(words.CANCELLED)
        return
    if run.error is not None:
        show_error(run.error)
        return
    st.markdown(words_exercise.outcome_words(run.verdicts, exercise, broken=broken))
    st.markdown(counts_line(run.verdicts))
    wrong = [one for one in run.verdicts if one.status in (Status.FAILED, Status.WARNING)]
    planted = [one for one in wrong if warnings_of([one]) & exercise.before]
    for verdict in wrong:
        if verdict not in planted:
            _card(context, verdict)
    if planted:
        with st.expander(words.WARNED_BEFORE, type="compact"):
            for verdict in planted:
                _card(context, verdict)


def _card(context: Context, verdict: Verdict) -> None:
    with st.container(border=True, gap="xsmall", key=f"rehearsal.card.{verdict.id}"):
        st.markdown(f"{status_mark(verdict.status)} {md(verdict.title)}")
        verdict_reason(verdict)
        with st.expander(words.HAND_OVER, icon=":material/forward_to_inbox:", type="compact"):
            handoff_box(verdict, context)


def _links(context: Context, page: str) -> None:
    for name in PLACES:
        there = navigation.page(name)
        if there is not None and name != page:
            st.page_link(there, query_params=context.links)

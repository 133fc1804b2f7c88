"""The sandbox's banner: break something, and as long as it is broken, what to do about it."""

import streamlit as st

from lib.settings.profiles import ProfileKind
from lib.ui.practice.state import Exercise, Window, active, close_window, leave, open_window
from lib.ui.practice.view_dialogs import choice_window, fix_button, outcome_window, reveal_button
from lib.ui.practice.words import state_words
from lib.ui.shell.boundary import boundary
from lib.ui.shell.frame import Context, choose
from lib.ui.shell.session import Rehearsed, state


def banner(context: Context, page: str) -> None:
    """Below the banner's sentence: what is broken and what can be done; `page` is the URL path."""
    with boundary():
        if context.profile.kind is ProfileKind.SANDBOX:
            _shared(context, page)
        else:
            _own(context, page)
        _window(context, page)


def _shared(context: Context, page: str) -> None:
    """The sandbox that everybody has."""
    mine = state(Rehearsed).profile
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if mine is None:
            _break_button(page)
            return
        told = "Something is broken in" if active(context.runtime) else "You have"
        st.markdown(f"{told} a copy of your own.", width="content")
        st.button(
            "Go to it",
            key="rehearsal.back",
            icon=":material/arrow_forward:",
            type="tertiary",
            on_click=choose,
            args=(mine.key,),
        )


def _own(context: Context, page: str) -> None:
    """The session's own copy: broken, or whole again."""
    exercise, offer = state(Exercise), active(context.runtime)
    st.markdown(state_words(exercise, broken=offer is not None))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if offer is not None:
            fix_button(context, page, place="banner", primary=False)
            if exercise.secret:
                reveal_button(place="banner")
        else:
            _break_button(page)
        st.button(
            "What checks say",
            key="rehearsal.outcome",
            icon=":material/fact_check:",
            type="tertiary",
            on_click=open_window,
            args=(Window.OUTCOME, page),
        )
        if st.button(
            "Leave",
            key="rehearsal.leave",
            icon=":material/logout:",
            type="tertiary",
            help="Back to the shared sandbox. Your copy, and all that was read with it, is "
            "forgotten.",
        ):
            with st.spinner("Leaving…"):
                leave()
            st.rerun()


def _break_button(page: str) -> None:
    st.button(
        "Break something",
        key="rehearsal.break",
        icon=":material/heart_broken:",
        type="tertiary",
        on_click=open_window,
        args=(Window.CHOICE, page),
        help="Choose a failure, or draw one, and see how its cause is found. It is yours alone.",
    )


def _window(context: Context, page: str) -> None:
    """The dialog that was opened here; going to another page closes it."""
    exercise = state(Exercise)
    if exercise.page != page:
        close_window()
    if exercise.window is Window.CHOICE:
        choice_window(context, page)
    elif exercise.window is Window.OUTCOME and context.rehearsing:
        outcome_window(context, page)

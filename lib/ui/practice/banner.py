"""The sandbox's banner: inject a fault, and while one is active, what to do about it."""

import streamlit as st

from lib.settings.profiles import ProfileKind
from lib.ui.practice import words, words_exercise
from lib.ui.practice.state import Exercise, Window, active, close_window, leave, open_window
from lib.ui.practice.view_dialogs import choice_window, fix_button, outcome_window, reveal_button
from lib.ui.shell.boundary import boundary
from lib.ui.shell.frame import Context, choose
from lib.ui.shell.session import Rehearsed, state


def banner(context: Context, page: str) -> None:
    """Below the banner's sentence: the active fault and what to do; `page` is the URL path."""
    with boundary():
        if context.profile.kind is ProfileKind.SANDBOX:
            _shared(context, page)
        else:
            _own(context, page)
        _window(context, page)


def _shared(context: Context, page: str) -> None:
    """The sandbox that all sessions share."""
    mine = state(Rehearsed).profile
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if mine is None:
            _inject_button(page)
            return
        broken = active(context.runtime) is not None
        st.markdown(words.COPY_BROKEN if broken else words.COPY_WHOLE, width="content")
        st.button(
            words.SWITCH,
            key="rehearsal.back",
            icon=":material/arrow_forward:",
            type="tertiary",
            on_click=choose,
            args=(mine.key,),
        )


def _own(context: Context, page: str) -> None:
    """The session's own copy, with or without a fault."""
    exercise, offer = state(Exercise), active(context.runtime)
    st.markdown(words_exercise.state_words(exercise, broken=offer is not None))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if offer is not None:
            fix_button(context, page, place="banner", primary=False)
            if exercise.secret:
                reveal_button(place="banner")
        else:
            _inject_button(page)
        st.button(
            words.RESULTS,
            key="rehearsal.outcome",
            icon=":material/fact_check:",
            type="tertiary",
            on_click=open_window,
            args=(Window.OUTCOME, page),
        )
        if st.button(
            words.LEAVE,
            key="rehearsal.leave",
            icon=":material/logout:",
            type="tertiary",
            help=words.LEAVE_HELP,
        ):
            with st.spinner(words.LEAVING):
                leave()
            st.rerun()


def _inject_button(page: str) -> None:
    st.button(
        words.INJECT_A_FAULT,
        key="rehearsal.break",
        icon=":material/heart_broken:",
        type="tertiary",
        on_click=open_window,
        args=(Window.CHOICE, page),
        help=words.INJECT_HELP,
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

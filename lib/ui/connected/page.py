"""The page that a tab returns to from a consent page: hands the result over and shows it.

The tokens of the sign-in never come here: they belong to the session that started it.
"""

import streamlit as st

from lib.app.routes.oauth_callback import CallbackRefusal
from lib.core.texts import md
from lib.ui.components.credentials.credential_entry import also_forget
from lib.ui.connected import words
from lib.ui.shell import navigation
from lib.ui.shell.boundary import show_error
from lib.ui.shell.frame import Context
from lib.ui.shell.host import browser
from lib.ui.shell.oauth_callback import CallbackState
from lib.ui.shell.session import state

also_forget(CallbackState)


def callback_section(context: Context) -> None:
    """Hand over the result, and say what happened and what to do here."""
    delivery = state(CallbackState)
    if delivery.returned is not None:
        with st.spinner(words.FINISHING, show_time=True):
            _hand_over(context, delivery)
    landing = delivery.landing
    if landing is None:
        _nothing()
    elif landing.error is None:
        st.success(
            words.done(md(landing.headline)),
            icon=":material/check_circle:",
        )
    else:
        show_error(landing.error)
        if landing.refusal is not CallbackRefusal.NO_BROWSER:
            st.caption(words.CLOSE)


def _hand_over(context: Context, delivery: CallbackState) -> None:
    returned, delivery.returned = delivery.returned, None
    if returned is not None:
        delivery.landing = context.runtime.consents.land(returned, browser=browser())


def _nothing() -> None:
    st.info(
        words.NOTHING,
        icon=":material/info:",
    )
    for name in ("credentials", "accounts"):
        page = navigation.page(name)
        if page is not None:
            st.page_link(page)

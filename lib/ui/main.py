"""The page script: guard, shell and navigation. Runs on every rerun of every page.

It lives here, away from `pages/`, so that Streamlit never takes that folder for its own old kind of
pages and a deep link can't run a page without the guard.
"""

import streamlit as st

import lib.ui.shell.packages  # noqa: F401  # the packages first, whole
from lib.app.loading import set_aside
from lib.app.routes.oauth_callback import PAGE
from lib.ui.components.fields import mend_fields
from lib.ui.practice import banner
from lib.ui.shell import lost, navigation, words
from lib.ui.shell.boundary import boundary
from lib.ui.shell.frame import enter, frame
from lib.ui.shell.oauth_callback import take_address
from lib.ui.shell.session import Visitor, state


def main() -> None:
    """Draw the shell, then the page that the address names."""
    # The icon first: without one the browser asks a foreign host for the page's.
    st.set_page_config(
        page_icon="📦",
        layout="wide",
        menu_items={"About": words.ABOUT},
    )
    page = st.navigation(navigation.sections())
    st.set_page_config(page_title=f"{page.title} · {words.TITLE}")
    if page.url_path == PAGE:
        take_address()  # first: what writes the address otherwise would repeat the code
    state(Visitor).page = page.url_path
    with boundary():
        context = enter()
        mend_fields()
        frame(context, lambda: banner.banner(context, page.url_path))
        lost.notice(context)
        try:
            page.run()
        finally:  # also where a page stops its run, or has it begun anew
            lost.note()


set_aside()
main()

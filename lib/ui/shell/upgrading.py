"""In place of every page while stores of an earlier version are upgraded: how far it is."""

from typing import Final

import streamlit as st

from lib.app import Runtime
from lib.ui.shell import words

LOOK_S: Final = 1.0


def wait(runtime: Runtime) -> None:
    """Show it until it is done, then begin the page anew."""
    st.title(words.UPGRADING, anchor=False)
    st.caption(words.UPGRADING_NOTE)
    st.fragment(_progress, run_every=LOOK_S)(runtime)


def _progress(runtime: Runtime) -> None:
    upgrade = runtime.upgrade
    if upgrade is None:
        st.rerun()
    st.progress(upgrade.percent, text=f"{upgrade.step}: {upgrade.percent} %")

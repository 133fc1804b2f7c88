"""In place of every page while stores of an earlier version are upgraded: how far it is."""

from typing import Final

import streamlit as st

from lib.app import Runtime
from lib.core.version import VERSION

LOOK_S: Final = 1.0
TITLE: Final = f"Upgrading to Box Runbook {VERSION}"
WHAT: Final = (
    "The data folder is of an earlier version. It is backed up first, then upgraded. "
    "This page opens by itself when that is done."
)


def wait(runtime: Runtime) -> None:
    """Show it until it is done, then begin the page anew."""
    st.title(TITLE, anchor=False)
    st.caption(WHAT)
    st.fragment(_progress, run_every=LOOK_S)(runtime)


def _progress(runtime: Runtime) -> None:
    upgrade = runtime.upgrade
    if upgrade is None:
        st.rerun()
    st.progress(upgrade.percent, text=f"{upgrade.step}: {upgrade.percent} %")

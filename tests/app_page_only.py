"""The app where nothing of ours but the page reaches the visitor: no route, no middleware.

So no cookie of ours either. Hosts that serve Streamlit's page only are like this.
"""

import streamlit as st

from lib.app import lifespan
from lib.ui.shell.host import load, on_script_error, show_configured
from tests.sandbox_server import ROOT

app = st.App(
    ROOT / "lib" / "ui" / "main.py",
    lifespan=lifespan(load, show_configured=show_configured),
    on_script_error=on_script_error,
)

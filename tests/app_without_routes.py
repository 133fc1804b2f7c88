"""The app where a host forwards none of our own routes: every address is answered by the page."""

import streamlit as st

from lib.app import lifespan, middleware
from lib.ui.shell.host import load, on_script_error, show_configured
from tests.sandbox_server import ROOT

app = st.App(
    ROOT / "lib" / "ui" / "main.py",
    middleware=middleware(),
    lifespan=lifespan(load, show_configured=show_configured),
    on_script_error=on_script_error,
)

"""The front door: builds the ASGI app. `streamlit run streamlit_app.py` starts it.

The page script is `lib/ui/main.py`, not this file: a `pages/` folder beside the page script would
let deep links past its guard.
"""

from pathlib import Path

import streamlit as st

import lib.ui.shell.preflight  # noqa: F401  # first: it says what is missing before that is needed
from lib.app import lifespan, middleware, routes
from lib.ui.shell.host import hosting, load, on_script_error, restrict_hosts, show_configured
from lib.ui.shell.page_html import documents

restrict_hosts()
app = st.App(
    Path(__file__).parent / "lib" / "ui" / "main.py",
    routes=routes(documents()),
    middleware=middleware(),
    lifespan=lifespan(load, show_configured=show_configured, hosting=hosting),
    on_script_error=on_script_error,
)

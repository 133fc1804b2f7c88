"""Overview: three ways in, whether it is connected, what arrived when, what to do next."""

import streamlit as st

from lib.ui import import_view, overview_parts, reading_view, report_view
from lib.ui.boundary import boundary
from lib.ui.shell import enter, heading

# 1. Who is asking
context = enter()
with heading("Overview", "Is it connected, what arrived, and what to do next."):
    reading_view.control(context)
    with boundary():
        report_view.report_button(context)

_ = context.events  # without the stores there is one thing to say, not five

# 2. The last week, filling as it is read
with st.container(border=True), boundary():
    overview_parts.week(context)

# 3. Three ways in
overview_parts.ways_in(context)

# 4. How it stands
overview_parts.standing(context)

# 5. Events without credentials
with boundary():
    import_view.section(context)

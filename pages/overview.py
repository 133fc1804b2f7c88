"""Overview: three ways in, whether it is connected, what arrived when, what to do next."""

import streamlit as st

from lib.ui.components import reading, report_button
from lib.ui.overview import view_import, view_sections, words
from lib.ui.shell.boundary import boundary
from lib.ui.shell.frame import enter, heading

# 1. Who is asking
context = enter()
with heading(words.TITLE, words.SUBTITLE):
    reading.control(context)
    with boundary():
        report_button.report_button(context)

_ = context.events  # without the stores there is one thing to say, not five

# 2. The last week, filling as it is read
with st.container(border=True), boundary():
    view_sections.week(context)

# 3. Three ways in
view_sections.ways_in(context)

# 4. How it stands
view_sections.standing(context)

# 5. Events without credentials
with boundary():
    view_import.section(context)

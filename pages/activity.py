"""Activity: who did what in Box, when; down to the event as Box sent it."""

import streamlit as st

from lib.ui.activity import view_controls, view_events, words
from lib.ui.activity.page import charts_of, nothing_yet, view_of
from lib.ui.components import reading
from lib.ui.components.downloads import downloads
from lib.ui.components.filters import activity_selection
from lib.ui.components.report_button import report_button
from lib.ui.shell.boundary import boundary
from lib.ui.shell.frame import enter, heading

# 1. The visitor and the profile
context = enter()
with heading(words.TITLE, words.SUBTITLE):
    reading.control(context)
chosen = activity_selection.current()
view = view_of(context, chosen)

# 2. No events yet: say what to do
if nothing_yet(context, view):
    st.stop()

# 3. What to show
view_controls.bar(context, view.events, chosen)

# 4. Figures and charts, filling while events are read
charts_of(context)

# 5. The events themselves; a profile shows its own
if chosen.opened is not None:
    st.stop()
with boundary():
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header(words.EVENTS, anchor=False, width="stretch")
        view_events.chooser(view)
        downloads(context, view)
        report_button(context, view.filters)
    view_events.table(view)

"""Detections: what is unusual in Box, why, how sure that is, and what was decided about it."""

import streamlit as st

from lib.ui import detections_view, reading_view
from lib.ui.boundary import boundary
from lib.ui.detections_entry import picture
from lib.ui.detections_finding import opened
from lib.ui.detections_list import LINKED, controls, listing, timeline
from lib.ui.hand_written import in_words
from lib.ui.shell import enter, heading

# 1. Who is asking, about what
context = enter()
in_words("detections", LINKED)
with heading("Detections", "What is unusual in Box, why, and what it may be instead."):
    reading_view.control(context)
    detections_view.control(context)

# 2. Nothing to judge yet: say what to do
if detections_view.nothing_yet(context):
    st.stop()
now = picture(context)
detections_view.judged(context, now)

# 3. What to show
shown = controls(now)

# 4. When it happened, and each finding
with boundary():
    timeline(context, now, shown)
    listing(context, now, shown)

# 5. The one that is open, with its evidence
with boundary():
    opened(context, now)

"""Detections: what is unusual in Box, why, with what confidence, and what was decided."""

import streamlit as st

from lib.ui.components import reading
from lib.ui.detections import view_judging, words
from lib.ui.detections.state import picture
from lib.ui.detections.view_finding import opened
from lib.ui.detections.view_list import LINKED, controls, listing, timeline
from lib.ui.shell.boundary import boundary
from lib.ui.shell.frame import enter, heading
from lib.ui.shell.url_aliases import in_words

# 1. The visitor and the profile
context = enter()
in_words("detections", LINKED)
with heading(words.TITLE, words.SUBTITLE):
    reading.control(context)
    view_judging.control(context)

# 2. No events yet: say what to do
if view_judging.nothing_yet(context):
    st.stop()
now = picture(context)
view_judging.judged(context, now)

# 3. What to show
shown = controls(now)

# 4. When it happened, and each finding
with boundary():
    timeline(context, now, shown)
    listing(context, now, shown)

# 5. The one that is open, with its evidence
with boundary():
    opened(context, now)

"""Runbook: set up and verify an integration, one step at a time."""

import streamlit as st

from lib.ui.runbook import state, view_keep, view_steps, view_summary, words
from lib.ui.shell.boundary import boundary
from lib.ui.shell.frame import enter, heading

# 1. Who is here, and where the walk stands
context = enter()
with heading(words.HEADING, words.SUMMARY):
    walk = state.current(context)
    view_keep.files(context, walk)

# 2. What is wanted, and the fewest rights for it
with boundary():
    view_summary.choice(context, walk)
    view_summary.needed(walk)

# 3. How far it is
with boundary():
    view_summary.progress(context, walk)

# 4. The steps, and the one that is open
chosen = walk.chosen
left, right = st.columns([2, 3], gap="medium")
with left, boundary():
    view_steps.steps_list(walk, chosen)
with right, boundary():
    view_steps.step_detail(context, walk, chosen)

# 5. What others have to do
with boundary():
    view_keep.hand_offs(context, walk)

# 6. What works by now
with boundary():
    view_keep.capabilities(context, walk)

"""Runbook: from nothing to a proven integration, one step at a time; each step proves itself."""

import streamlit as st

from lib.ui import runbook_keep, runbook_state, runbook_steps, runbook_view
from lib.ui.boundary import boundary
from lib.ui.shell import enter, heading

# 1. Who is here, and where the walk stands
context = enter()
with heading("Runbook", "From nothing to a proven integration, one step at a time."):
    walk = runbook_state.current(context)
    runbook_keep.files(context, walk)

# 2. What is wanted, and the fewest rights for it
with boundary():
    runbook_view.choice(context, walk)
    runbook_view.needed(walk)

# 3. How far it is
with boundary():
    runbook_view.progress(context, walk)

# 4. The steps, and the one that is open
chosen = walk.chosen
left, right = st.columns([2, 3], gap="medium")
with left, boundary():
    runbook_steps.steps_list(walk, chosen)
with right, boundary():
    runbook_steps.step_detail(context, walk, chosen)

# 5. What others have to do
with boundary():
    runbook_keep.hand_offs(context, walk)

# 6. What works by now
with boundary():
    runbook_keep.capabilities(context, walk)

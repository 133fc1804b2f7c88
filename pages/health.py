"""Health: what works, what fails and since when, who is responsible, and who can fix it."""

import streamlit as st

from lib.ui.health import view_summary, words
from lib.ui.health.state import picture
from lib.ui.health.view_alerts import alerts, undelivered
from lib.ui.health.view_checks import checks
from lib.ui.health.view_history import history
from lib.ui.health.view_incidents import incidents
from lib.ui.health.view_missing import missing
from lib.ui.health.view_numbers import numbers
from lib.ui.shell.boundary import boundary
from lib.ui.shell.frame import enter, heading

# 1. Who is asking, about what
context = enter()
with heading(words.HEADING, words.SUMMARY):
    view_summary.diagnostics(context)
    view_summary.control(context)
now = picture(context)

# 2. At a glance, moving while checks are at work
view_summary.live(context, now)

# 3. What is wrong
with boundary():
    undelivered(context, now)
    missing(context)
    if now.version is not None:
        incidents(context, now)

# 4. The details, one at a time
views = {
    words.CHECKS_TAB: checks,
    words.HISTORY_TAB: history,
    words.NUMBERS_TAB: numbers,
    words.ALERTS_TAB: alerts,
}
tabs = st.tabs(list(views), key="view", bind="query-params")
for tab, draw in zip(tabs, views.values(), strict=True):
    if tab.open:
        with tab, boundary():
            draw(context, now)

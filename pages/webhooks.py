"""Webhooks: which deliveries arrive, whether they are genuine, how fast and how often; tests."""

import streamlit as st

from lib.ui.shell.boundary import boundary
from lib.ui.shell.frame import enter, heading
from lib.ui.shell.url_aliases import in_words
from lib.ui.webhooks import view_try, words
from lib.ui.webhooks.manage.page import manage_tab
from lib.ui.webhooks.reconcile.page import LINKED, reconcile_tab
from lib.ui.webhooks.view_log import log_tab
from lib.ui.webhooks.view_playground import playground_tab
from lib.ui.webhooks.view_receiving import receiving_tab

# 1. Who is here, and with which profile
context = enter()
in_words("webhooks", LINKED)
with heading("Webhooks", words.SUBTITLE):
    view_try.control(context)

# 2. One view at a time: only the open one asks anything
drawn = {
    "Log": log_tab,
    "Receiving": receiving_tab,
    "Playground": playground_tab,
    "Management": manage_tab,
    "Reconciliation": reconcile_tab,
}
tabs = st.tabs(list(drawn), key="part", bind="query-params")
for tab, draw in zip(tabs, drawn.values(), strict=True):
    if tab.open:
        with tab, boundary():
            draw(context)

"""Accounts: the enterprise's Box users and groups, and the accounts connected through Kloudless."""

import streamlit as st

from lib.ui.accounts import words
from lib.ui.accounts.view_box import groups_tab, users_tab
from lib.ui.accounts.view_connect import box_sign_in_button
from lib.ui.accounts.view_impersonation import TAB, TABS, impersonation_tab
from lib.ui.accounts.view_kloudless import accounts_tab
from lib.ui.shell.boundary import boundary
from lib.ui.shell.frame import enter, heading

# 1. Who is here, and with which profile
context = enter()
with heading(words.TITLE, words.SUBTITLE):
    box_sign_in_button()

# 2. One list at a time: only the open one asks anybody
profile = context.profile
lists_users = profile.box is not None or profile.kloudless is None
first = words.USERS_TAB if lists_users else words.KLOUDLESS_TAB
drawn = {
    words.USERS_TAB: users_tab,
    words.GROUPS_TAB: groups_tab,
    words.KLOUDLESS_TAB: accounts_tab,
    TAB: impersonation_tab,
}
tabs = st.tabs(list(drawn), default=first, key=TABS, bind="query-params")
for tab, draw in zip(tabs, drawn.values(), strict=True):
    if tab.open:
        with tab, boundary():
            draw(context)

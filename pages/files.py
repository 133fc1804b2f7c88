"""Files: folders, recent files and search as any identity sees them, through Box and Kloudless."""

import streamlit as st

from lib.ui.files import words
from lib.ui.files.state import QUIET_SWITCH, VIEW, VIEWS, current
from lib.ui.files.view_common import misread
from lib.ui.files.view_folder import folders
from lib.ui.files.view_item import item
from lib.ui.files.view_lists import recent, search
from lib.ui.files.view_who import who
from lib.ui.shell.boundary import boundary
from lib.ui.shell.frame import enter, heading
from lib.ui.shell.session import value

# 1. Who is here, with which profile, and where the address points
context = enter()
heading(words.TITLE, words.SUBTITLE)
place, refused = current(context)
misread(refused)

# 2. Whose eyes: the sides, the account, the identity
lenses = who(context, place)
if not lenses:
    st.stop()

# 3. One view at a time: only the open one asks anybody
tabs = st.tabs(VIEWS, default=VIEWS[0], key=VIEW, bind="query-params")
for tab, draw in zip(tabs, (folders, recent, search), strict=True):
    if tab.open:
        with tab, boundary():
            draw(context, place, lenses)

# 4. The item that was chosen
with boundary():
    item(context, place, lenses, quiet=bool(value(QUIET_SWITCH)))

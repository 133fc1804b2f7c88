"""Credentials: enter them, try them, see which enterprises they open, keep or forget them."""

import streamlit as st

from lib.ui.components.next_step import ENTER, ENTERPRISES, KEEP
from lib.ui.credentials import words
from lib.ui.credentials.view_entry import entry_section
from lib.ui.credentials.view_keep import keep_section
from lib.ui.credentials.view_try import enterprises_section, try_section
from lib.ui.shell.boundary import boundary
from lib.ui.shell.frame import enter, heading

# 1. Who is here, and with which profile
context = enter()
heading(
    words.TITLE,
    words.SUBTITLE,
)

# 2. Enter
st.subheader(words.ENTER, anchor=ENTER)
with boundary():
    entry_section(context)

# 3. Try
st.subheader(words.TRY, anchor=False)
with boundary():
    try_section(context)

# 4. Several enterprises over one app
st.subheader(words.ENTERPRISES, anchor=ENTERPRISES)
with boundary():
    enterprises_section(context)

# 5. Keep or forget
st.subheader(words.KEEP, anchor=KEEP)
with boundary():
    keep_section()

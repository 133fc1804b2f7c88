"""JWT key: judge or make a key, see the assertion it signs, exchange it for a token."""

import streamlit as st

from lib.ui.jwt_key import words
from lib.ui.jwt_key.view_exchange import exchange_section
from lib.ui.jwt_key.view_judge import key_section
from lib.ui.shell.boundary import boundary
from lib.ui.shell.frame import enter, heading

# 1. Who is here, and with which profile
context = enter()
heading(
    words.TITLE,
    words.SUBTITLE,
)

# 2. The key
st.subheader(words.KEY, anchor=False)
with boundary():
    key_section(context)

# 3. What would be sent, and what Box answers
st.subheader(words.ASSERTION, anchor=False)
with boundary():
    exchange_section(context)

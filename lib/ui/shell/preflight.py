"""Says what is missing before the app's modules are loaded. Importing it asks.

An older Streamlit takes the front door for a page and runs it for each visitor: they see the line.
"""

import sys

import streamlit as st
from streamlit import runtime

from lib.preflight import problem

_missing = problem()
if _missing:
    if runtime.exists():
        sys.stderr.write(f"{_missing}\n")
        st.error(_missing)
        st.stop()
    raise SystemExit(_missing)

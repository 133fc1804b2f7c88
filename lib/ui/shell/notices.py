"""What a press did, where the page it was pressed on doesn't show it: said once, at the next run.

For what changes somewhere else, or takes away what it stood on. What is wrong is said in its place
and stays there; this goes away by itself.
"""

from dataclasses import dataclass, field
from typing import Final

import streamlit as st

from lib.core.texts import md
from lib.ui.shell.session import state

SHOWN_S: Final = 10


@dataclass(slots=True)
class Notices:
    """Plain texts with their icons, in order."""

    waiting: list[tuple[str, str]] = field(default_factory=list)


def tell(text: str, *, icon: str = ":material/check:") -> None:
    """Have it said at the next run: for callbacks, and before `st.rerun()`."""
    state(Notices).waiting.append((text, icon))


def say() -> None:
    """Say what waits to be said."""
    waiting = state(Notices).waiting
    while waiting:
        text, icon = waiting.pop(0)
        st.toast(md(text), icon=icon, duration=SHOWN_S)

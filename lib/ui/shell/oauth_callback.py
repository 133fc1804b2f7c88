"""What a tab came back with from a consent page, taken out of the address before anything else.

The address holds a code and a state. Where this app's cookie doesn't arrive it is left as it is, to
be pasted into the tab that began.
"""

from dataclasses import dataclass

import streamlit as st

from lib.app.routes.oauth_callback import Returned
from lib.app.routes.oauth_state import Landing
from lib.ui.shell.host import browser
from lib.ui.shell.session import state


@dataclass(slots=True)
class CallbackState:
    """What this tab came back with, until it is handed over; then how it went."""

    returned: Returned | None = None
    landing: Landing | None = None


def take_address() -> None:
    """Take what came back out of the address. Call it before anything writes the address."""
    returned = Returned.of(st.query_params.to_dict())
    if returned is None:
        return
    delivery = state(CallbackState)
    delivery.returned, delivery.landing = returned, None
    if browser():
        st.query_params.clear()

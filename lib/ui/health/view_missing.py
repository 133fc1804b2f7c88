"""What the event store lacks of what was read or received: read again, or lost."""

import streamlit as st

from lib.activity.ingest.gaps import missing_of
from lib.core.texts import md
from lib.ui.health import words
from lib.ui.shell.frame import Context


def missing(context: Context) -> None:
    """One line for each span that is missing."""
    stores = context.runtime.stores_for(context.profile)
    for gap in missing_of(stores.ledger, context.profile.key):
        st.warning(words.missing(md(gap.sentence), md(gap.fix)), icon=":material/warning:")

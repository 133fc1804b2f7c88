"""Addresses that people write: ids where a widget that is bound to the address writes its words.

Streamlit puts a choice's words into the address (`hooks_period=Last+7+days`) and takes nothing
else from there: `hooks_period=7d` would be dropped without a word. So the page is opened once more
with the words, before any widget is drawn.
"""

from collections.abc import Mapping

import streamlit as st

from lib.ui.shell.navigation import page


def in_words(name: str, words: Mapping[str, Mapping[str, str]]) -> None:
    """See that a page's address has words; `words` has those for ids, by parameter.

    Returns when there was nothing to do. What is neither an id nor words stays as it is.
    """
    written = {one: st.query_params.get_all(one) for one in st.query_params}
    reported = {
        one: [words[one].get(text, text) for text in texts] if one in words else texts
        for one, texts in written.items()
    }
    here = page(name)
    if reported != written and here is not None:
        st.switch_page(here, query_params=reported)

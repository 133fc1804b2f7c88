"""Search for a person or an item by name, login or ID, to open its profile."""

from dataclasses import replace
from typing import Final

import streamlit as st

from lib.activity.queries import value_search
from lib.activity.queries.profiles import ACTOR, ITEM
from lib.core.texts import md
from lib.store import EventStore
from lib.ui.activity import words
from lib.ui.components.fields import words_field
from lib.ui.components.filters import activity_selection, picker
from lib.ui.components.filters.activity_filters import Selection
from lib.ui.shell.boundary import boundary
from lib.ui.shell.frame import Context

_TEXT: Final = "activity.find"
_BOX: Final = "find"
_KINDS: Final = (
    (ACTOR, words.NOUNS[ACTOR], ":material/person:"),
    (ITEM, words.NOUNS[ITEM], ":material/draft:"),
)


def control(context: Context, events: EventStore, chosen: Selection) -> None:
    """The search, and what it finds: a click opens the profile."""
    with st.popover(
        words.FIND, icon=":material/search:", on_change="rerun", key=_BOX, help=words.FIND_HELP
    ) as box:
        if box.open:
            st.fragment(_search)(context, events, chosen)


def _search(context: Context, events: EventStore, chosen: Selection) -> None:
    text = words_field(
        words.FIND_LABEL,
        key=_TEXT,
        type="search",
        live=True,
        max_chars=100,
        placeholder=words.FIND_PLACEHOLDER,
        help=words.FIND_FIELD_HELP,
    )
    if not text:
        st.caption(words.FIND_CAPTION)
        return
    filters = chosen.filters(context.profile.key, context.now)
    with boundary():
        for kind_of, nouns, icon in _KINDS:
            _found(value_search.find(events, filters, kind_of, text), kind_of, nouns, icon)


def _found(reported: value_search.Matches, kind_of: str, nouns: tuple[str, str], icon: str) -> None:
    if not reported.found:
        st.caption(words.nothing_found(nouns[0]))
        return
    st.caption(words.found(reported.total, nouns, len(reported.found)))
    shown = picker.distinct(
        (one.value for one in reported.found),
        {one.value: picker.match_label(one) for one in reported.found},
    )
    for one in reported.found:
        if st.button(
            md(shown[one.value]),
            key=f"find.{kind_of}.{one.value}",
            type="tertiary",
            icon=icon,
        ):
            activity_selection.change(
                replace(activity_selection.current(), opened=(kind_of, one.value))
            )
            st.rerun()

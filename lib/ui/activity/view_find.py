"""Anybody's profile, and any item's: found by name, login or ID as it is typed."""

from dataclasses import replace
from typing import Final

import streamlit as st

from lib.activity.queries import value_search
from lib.activity.queries.profiles import ACTOR, ITEM
from lib.core.texts import md, plural
from lib.store import EventStore
from lib.ui.components import activity_selection, picker
from lib.ui.components.activity_filters import Selection
from lib.ui.components.fields import words_field
from lib.ui.shell.boundary import boundary
from lib.ui.shell.frame import Context

_TEXT: Final = "activity.find"
_BOX: Final = "find"
_KINDS: Final = (
    (ACTOR, ("person", "people"), ":material/person:"),
    (ITEM, ("item", "items"), ":material/draft:"),
)


def control(context: Context, events: EventStore, chosen: Selection) -> None:
    """The search, and what it finds: a click opens the profile."""
    with st.popover(
        "Find", icon=":material/search:", on_change="rerun", key=_BOX, help="Opens a profile"
    ) as box:
        if box.open:
            st.fragment(_search)(context, events, chosen)


def _search(context: Context, events: EventStore, chosen: Selection) -> None:
    text = words_field(
        "Person or item",
        key=_TEXT,
        type="search",
        live=True,
        max_chars=100,
        placeholder="Name, login or ID",
        help="Looks through everything that is kept of this source, not only this period.",
    )
    if not text:
        st.caption("Type a part of a name or login, or an ID.")
        return
    filters = chosen.filters(context.profile.key, context.now)
    with boundary():
        for kind_of, words, icon in _KINDS:
            _found(value_search.find(events, filters, kind_of, text), kind_of, words, icon)


def _found(told: value_search.Matches, kind_of: str, words: tuple[str, str], icon: str) -> None:
    single, many = words
    if not told.found:
        st.caption(f"No {single} fits.")
        return
    listed = len(told.found)
    more = f", the {listed} with the most events" if told.total > listed else ""
    st.caption(f"{plural(told.total, single, many)}{more}")
    shown = picker.distinct(
        (one.value for one in told.found),
        {one.value: picker.match_label(one) for one in told.found},
    )
    for one in told.found:
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

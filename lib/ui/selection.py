"""The selection of this session's page: out of the address, and back into it."""

from dataclasses import replace
from typing import Final

import streamlit as st

from lib.ui.filters import PARAMETERS, UNLINKED, Selection, parse, to_parameters
from lib.ui.leaving import cleared_with_profile
from lib.ui.session import Visitor, state

PAGE: Final = "activity"


def current() -> Selection:
    """What the address asks for, with the IP addresses and the text that only the session holds.

    A page that is opened without any filter in its address goes on where the session left it.
    """
    visitor = state(Visitor)
    found = {name: st.query_params[name] for name in PARAMETERS if name in st.query_params}
    if not found and visitor.filters:
        found = dict(visitor.filters)
        _write(found)
    return _held(parse(found))


def _held(selection: Selection) -> Selection:
    """With the IP addresses and the text that only the session holds."""
    visitor = state(Visitor)
    for (which, name), values in visitor.unlinked.items():
        selection = selection.with_values(which, name, values)
    return replace(selection, text=visitor.text)


def change(selection: Selection) -> None:
    """Make this the selection: the address gets what it may carry, the session the rest."""
    visitor = state(Visitor)
    visitor.unlinked = {
        (which, name): values
        for which, mapping in (("include", selection.include), ("exclude", selection.exclude))
        for name, values in mapping.items()
        if name in UNLINKED
    }
    visitor.text = selection.text
    visitor.filters = to_parameters(selection)
    _write(visitor.filters)


@cleared_with_profile
def _leave() -> str:
    """What is filtered by, without what only the profile before has."""
    visitor = state(Visitor)
    on_show = visitor.page == PAGE
    selection = current() if on_show else _held(parse(visitor.filters))
    left = selection.elsewhere()
    if left == selection:
        return ""
    visitor.unlinked, visitor.text, visitor.filters = {}, "", to_parameters(left)
    if on_show:
        _write(visitor.filters)
    return "filters on Activity"


def unlinked(selection: Selection) -> bool:
    """Whether a link to this page would not carry everything that is filtered."""
    return bool(selection.text) or any(
        name in mapping for name in UNLINKED for mapping in (selection.include, selection.exclude)
    )


def _write(parameters: dict[str, str]) -> None:
    """All at once: each change of the address is a step of the browser's history."""
    now = st.query_params.to_dict()
    others = {name: text for name, text in now.items() if name not in PARAMETERS}
    wanted = {**others, **parameters}
    if wanted != now:
        st.query_params.from_dict(wanted)

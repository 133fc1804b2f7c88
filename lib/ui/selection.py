"""The selection of this session's page: out of the address, and back into it."""

from dataclasses import replace

import streamlit as st

from lib.ui.filters import PARAMETERS, UNLINKED, Selection, parse, to_parameters
from lib.ui.session import Visitor, state


def current() -> Selection:
    """What the address asks for, with the IP addresses and the text that only the session holds.

    A page that is opened without any filter in its address goes on where the session left it.
    """
    visitor = state(Visitor)
    found = {name: st.query_params[name] for name in PARAMETERS if name in st.query_params}
    if not found and visitor.filters:
        found = dict(visitor.filters)
        _write(found)
    selection = parse(found)
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

"""The state of the Webhooks page: read from the URL, and written back into it."""

from dataclasses import dataclass, field
from typing import Final

import streamlit as st

from lib.ui.shell.leaving import cleared_with_profile
from lib.ui.shell.session import Visitor, state
from lib.ui.webhooks import words
from lib.ui.webhooks.filters import PARAMETERS, LogFilters, linkable, parse, to_parameters

PAGE: Final = "webhooks"
_MOMENTARY: Final = ("before", "delivery")
"""What a later visit doesn't begin with."""


@dataclass(slots=True)
class Visited:
    """What this session showed last, and which rows are selected."""

    parameters: dict[str, str] = field(default_factory=dict)
    ticked: tuple[str, ...] = ()


def current() -> LogFilters:
    """What the URL asks for; if it asks for nothing, what the session showed last."""
    found = {name: st.query_params[name] for name in PARAMETERS if name in st.query_params}
    visited = state(Visited)
    if not found and visited.parameters:
        found = dict(visited.parameters)
        _write(found)
    return parse(found)


def change(requested: LogFilters) -> None:
    """Show this from now on."""
    visited, parameters = state(Visited), to_parameters(requested)
    visited.parameters = {k: v for k, v in parameters.items() if k not in _MOMENTARY}
    _write(parameters)


@cleared_with_profile
def _leave() -> str:
    """Drop the selection, and the filters that make sense for the previous profile only."""
    visited = state(Visited)
    on_show = state(Visitor).page == PAGE
    requested = current() if on_show else parse(visited.parameters)
    left = requested.elsewhere()
    visited.ticked = ()
    if left == requested:
        return ""
    visited.parameters = to_parameters(left)
    if on_show:
        _write(visited.parameters)
    return words.FILTERS


def keep(name: str, values: list[str]) -> None:
    """Filter by what was clicked; a value that can't stand in a URL is ignored."""
    values = [value for value in values if linkable(value)]
    if values:
        change(current().keep(name, values))


def _write(parameters: dict[str, str]) -> None:
    """Write our own parameters only: those bound to a widget belong to the widget."""
    now = st.query_params.to_dict()
    for name in PARAMETERS:
        if name in now and name not in parameters:
            del st.query_params[name]
    changed = {name: text for name, text in parameters.items() if now.get(name) != text}
    if changed:
        st.query_params.update(changed)

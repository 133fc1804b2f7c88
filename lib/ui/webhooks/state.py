"""What the Webhooks page is asked for: out of the address, and back into it."""

from dataclasses import dataclass, field
from typing import Final

import streamlit as st

from lib.ui.shell.leaving import cleared_with_profile
from lib.ui.shell.session import Visitor, state
from lib.ui.webhooks.filters import PARAMETERS, Wanted, linkable, parse, to_parameters

PAGE: Final = "webhooks"
_OF_A_MOMENT: Final = ("before", "delivery")
"""What a later visit doesn't begin with."""


@dataclass(slots=True)
class Visited:
    """What this session looked at last, and which rows it ticked."""

    parameters: dict[str, str] = field(default_factory=dict)
    ticked: tuple[str, ...] = ()


def current() -> Wanted:
    """What the address asks for; without a word of it, what the session looked at last."""
    found = {name: st.query_params[name] for name in PARAMETERS if name in st.query_params}
    visited = state(Visited)
    if not found and visited.parameters:
        found = dict(visited.parameters)
        _write(found)
    return parse(found)


def change(wanted: Wanted) -> None:
    """Show this from now on."""
    visited, parameters = state(Visited), to_parameters(wanted)
    visited.parameters = {k: v for k, v in parameters.items() if k not in _OF_A_MOMENT}
    _write(parameters)


@cleared_with_profile
def _leave() -> str:
    """What is filtered by and ticked, without what only the profile before has."""
    visited = state(Visited)
    on_show = state(Visitor).page == PAGE
    wanted = current() if on_show else parse(visited.parameters)
    left = wanted.elsewhere()
    visited.ticked = ()
    if left == wanted:
        return ""
    visited.parameters = to_parameters(left)
    if on_show:
        _write(visited.parameters)
    return "filters on Webhooks"


def keep(name: str, values: list[str]) -> None:
    """Show only what was clicked; what can't stand in an address can't be chosen."""
    values = [value for value in values if linkable(value)]
    if values:
        change(current().keep(name, values))


def _write(parameters: dict[str, str]) -> None:
    """Only our own names: those that are bound to a widget are the widget's to change."""
    now = st.query_params.to_dict()
    for name in PARAMETERS:
        if name in now and name not in parameters:
            del st.query_params[name]
    changed = {name: text for name, text in parameters.items() if now.get(name) != text}
    if changed:
        st.query_params.update(changed)

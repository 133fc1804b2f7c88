"""The selection of this session's page: out of the address, and back into it."""

from dataclasses import replace
from datetime import datetime
from typing import Final

import streamlit as st

from lib.ui.components import words
from lib.ui.components.filters.activity_filters import (
    CUSTOM,
    DEFAULT_PERIOD,
    PARAMETERS,
    UNLINKED,
    Selection,
    parse,
    to_parameters,
)
from lib.ui.shell.leaving import cleared_with_profile
from lib.ui.shell.session import Imported, Visitor, state

_TIMES: Final = frozenset({"period", "from", "to"})

PAGE: Final = "activity"


def current() -> Selection:
    """What the address asks for, with the IP addresses and the text that only the session holds.

    A page that is opened without any filter in its address goes on where the session left it. What
    was imported is shown from its first event to its last, unless another time is asked for.
    """
    visitor = state(Visitor)
    found = {name: st.query_params[name] for name in PARAMETERS if name in st.query_params}
    if not found and visitor.filters:
        found = dict(visitor.filters)
        _write(found)
    selection, times = parse(found), imported_times()
    if times is not None and not _TIMES & found.keys():
        selection = selection.zoom(*times)
    return _existing(selection)


def _existing(selection: Selection) -> Selection:
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
    visitor.filters = _parameters(selection)
    _write(visitor.filters)


@cleared_with_profile
def _leave() -> str:
    """What is filtered by, without what only the profile before has."""
    visitor = state(Visitor)
    on_show = visitor.page == PAGE
    selection = current() if on_show else _existing(parse(visitor.filters))
    left = selection.elsewhere()
    if left == selection:
        return ""
    visitor.unlinked, visitor.text, visitor.filters = {}, "", to_parameters(left)
    if on_show:
        _write(visitor.filters)
    return words.FILTERS_ON_ACTIVITY


def start_anew(selection: Selection) -> None:
    """Make this what the pages show when they are opened next."""
    visitor = state(Visitor)
    visitor.unlinked, visitor.text, visitor.filters = {}, "", to_parameters(selection)


def clear() -> None:
    """Let go of every filter; what was imported is shown whole again."""
    now = current()
    change(unzoomed(now.cleared()) if now.period == CUSTOM else now.cleared())


def imported_times() -> tuple[datetime, datetime] | None:
    """From (inclusive) and until (exclusive), where the profile in use is of imported files."""
    mine = state(Imported)
    if mine.profile is None or state(Visitor).profile_key != mine.profile.key:
        return None
    return mine.times


def zoomed(selection: Selection) -> bool:
    """Whether dates were chosen, other than those of all that was imported."""
    return selection.period == CUSTOM and (selection.start, selection.end) != imported_times()


def unzoomed(selection: Selection) -> Selection:
    """With the usual time: all that was imported, else the usual period."""
    times = imported_times()
    if times is not None:
        return selection.zoom(*times)
    return replace(selection, period=DEFAULT_PERIOD, start=None, end=None)


def _parameters(selection: Selection) -> dict[str, str]:
    """For an address, in which the time that is usual for the profile goes without saying."""
    found = to_parameters(selection)
    if imported_times() is None:
        return found
    if selection.period == DEFAULT_PERIOD:
        return {**found, "period": DEFAULT_PERIOD}
    return found if zoomed(selection) else {k: v for k, v in found.items() if k not in _TIMES}


def unlinked(selection: Selection) -> bool:
    """Whether a link to this page would not carry everything that is filtered."""
    return bool(selection.text) or any(
        name in mapping for name in UNLINKED for mapping in (selection.include, selection.exclude)
    )


def _write(parameters: dict[str, str]) -> None:
    """All at once: each change of the address is a step of the browser's history."""
    now = st.query_params.to_dict()
    others = {name: text for name, text in now.items() if name not in PARAMETERS}
    requested = {**others, **parameters}
    if requested != now:
        st.query_params.from_dict(requested)

"""What one browser session holds, as typed objects. Nobody else touches `st.session_state`.

`state(SomeDataclass)` is the session's one object of that kind. A widget that another place must
set before it is drawn goes through `seed()`, and is read through `value()`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import streamlit as st

from lib.settings.profiles import Profile

T = TypeVar("T")


@dataclass(slots=True)
class Visitor:
    """What a visitor chose that holds on every page.

    `page` is the path of the page on show, `moves` counts how often another profile came into use.
    """

    page: str = ""
    profile_key: str | None = None
    requested_key: str | None = None
    choices: int = 0
    moves: int = 0
    utc: bool = False
    unlinked: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    text: str = ""
    filters: dict[str, str] = field(default_factory=dict)
    click: str = "keeps"
    refresh_s: int = 0


@dataclass(slots=True)
class Own:
    """The profile that was entered in this session, if any; it is gone with the session."""

    profile: Profile | None = None


@dataclass(slots=True)
class Rehearsed:
    """The profile of this session's own apps in the sandbox, while there is something to break."""

    profile: Profile | None = None


@dataclass(slots=True)
class Imported:
    """The profile of the files that were imported in this session, if any, and from when to when.

    The times are UTC, in whole seconds; the end isn't included.
    """

    profile: Profile | None = None
    times: tuple[datetime, datetime] | None = None


def state(kind: type[T]) -> T:
    """The session's object of this dataclass, made with its defaults the first time."""
    key = f"{kind.__module__}.{kind.__qualname__}"
    if key not in st.session_state:
        st.session_state[key] = kind()
    found = st.session_state[key]
    # A class that was reloaded has another identity; its old object is of no use.
    if not isinstance(found, kind):
        found = st.session_state[key] = kind()
    return found


def forget(kind: type[Any]) -> None:
    """Drop the session's object of this dataclass."""
    st.session_state.pop(f"{kind.__module__}.{kind.__qualname__}", None)


def seed(key: str, value: Any) -> None:
    """Set a widget's value before it is drawn."""
    st.session_state[key] = value


def value(key: str, default: Any = None) -> Any:
    """A widget's value; `default` when it was not drawn yet."""
    return st.session_state.get(key, default)


def of_profile(key: str) -> str:
    """The key of a widget whose value means something in the profile in use only.

    Under another profile it is another widget, as it was at first.
    """
    moves = state(Visitor).moves
    return f"{key}.{moves}" if moves else key


def ticked(key: str, rows: Sequence[T]) -> list[T]:
    """Those of the rows that a table shows which are chosen in it."""
    chosen = dict(value(key, {})).get("selection", {}).get("rows", [])
    return [rows[int(at)] for at in chosen if int(at) < len(rows)]


def drop(key: str) -> None:
    """Forget a widget's value."""
    st.session_state.pop(key, None)

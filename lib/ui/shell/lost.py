"""After a reload: say that what the session before held is gone, why, and what to do.

A reload begins another session, and what was typed, made or imported lives in the memory of one.
The server remembers which sessions of a browser held something, by the cookie that tells browsers
apart: in memory, what it was in words, never a value of it. Nothing of this is in the address, so
a link that somebody else opens says nothing.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from lib.core.texts import md, when
from lib.ui.shell import navigation, words
from lib.ui.shell.frame import Context
from lib.ui.shell.host import browser
from lib.ui.shell.session import state
from lib.ui.shell.session_lifetime import alive

MOST_SESSIONS: Final = 1000
KEPT: Final = timedelta(days=7)
#: A connection behind a proxy may end a little later than its tab was reloaded.
LOOKS_FOR: Final = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Loss:
    """What a session can lose, in words, the cure, and the page where it is."""

    what: str
    cure: str
    page: str


@dataclass(frozen=True, slots=True)
class SessionContents:
    """What one session of a browser held when it was drawn last (UTC)."""

    browser: str
    session_id: str
    losses: tuple[Loss, ...]
    at: datetime


Look = Callable[[], Loss | None]
_LOOKS: Final[dict[str, Look]] = {}


def lost_with_session(look: Look) -> Look:
    """Have it asked what this session would lose, None for nothing; as a decorator."""
    _LOOKS[f"{look.__module__}.{look.__qualname__}"] = look
    return look


class Sessions:
    """What the sessions of each browser hold. `alive(session_id)`: whether one is connected."""

    def __init__(self, *, alive: Callable[[str], bool]) -> None:
        self._alive = alive
        self._lock = threading.Lock()
        self._existing: dict[str, SessionContents] = {}  # by session, the one drawn last at the end

    def note(self, existing: SessionContents) -> None:
        """What a session holds now; without a loss it is forgotten."""
        with self._lock:
            self._existing.pop(existing.session_id, None)
            if existing.losses:
                self._existing[existing.session_id] = existing
            while len(self._existing) > MOST_SESSIONS:
                del self._existing[next(iter(self._existing))]

    def claim(self, browser: str, session_id: str, now: datetime) -> SessionContents | None:
        """What a session of this browser that isn't connected any more held; told once."""
        with self._lock:
            for one in reversed(self._existing.values()):
                if one.browser != browser or one.session_id == session_id or now - one.at > KEPT:
                    continue
                if not self._alive(one.session_id):
                    return self._existing.pop(one.session_id)
        return None

    def is_back(self, existing: SessionContents) -> bool:
        """Whether that session continues after all: its connection was lost for a moment."""
        return self._alive(existing.session_id)


_SESSIONS: Final = Sessions(alive=alive)


@dataclass(slots=True)
class Lost:
    """What this session reported as lost, until dismissed; and since when it has been looking."""

    existing: SessionContents | None = None
    began: datetime | None = None


def notice(context: Context) -> None:
    """Say what a session before this one lost, until it is dismissed."""
    existing = _found(context.now)
    if existing is None:
        return
    what = words.listed([one.what for one in existing.losses])
    with st.container(border=True, key="lost", gap="xsmall"):
        st.markdown(
            ":orange[:material/history_toggle_off:] "
            + words.lost(md(what), md(when(existing.at, context.zone)), md(context.zone_name))
        )
        cures = list(dict.fromkeys(one.cure for one in existing.losses))
        st.markdown(f"**{words.WHAT_TO_DO_TERM}**: {md(' '.join(cures))}")
        with st.container(horizontal=True, vertical_alignment="center"):
            for name in dict.fromkeys(one.page for one in existing.losses):
                page = navigation.page(name)
                if page is not None:
                    st.page_link(page, query_params=context.links)
            st.button(words.DISMISS, key="lost.seen", type="tertiary", on_click=_seen)


def note() -> None:
    """Remember what this session holds, for the session after it."""
    script, which = get_script_run_ctx(), browser()
    if script is None or not which:
        return
    losses = tuple(loss for look in _LOOKS.values() if (loss := look()) is not None)
    lost = state(Lost)
    if losses:
        lost.existing = None  # whoever has entered something again knows
    elif lost.existing is not None:
        losses = lost.existing.losses  # not seen yet: the next session is told, too
    _SESSIONS.note(SessionContents(which, script.session_id, losses, datetime.now(UTC)))


def _found(now: datetime) -> SessionContents | None:
    script, lost, which = get_script_run_ctx(), state(Lost), browser()
    if script is None or not which:
        return None
    if lost.began is None:
        lost.began = now
    if lost.existing is None and now - lost.began <= LOOKS_FOR:
        lost.existing = _SESSIONS.claim(which, script.session_id, now)
    elif lost.existing is not None and _SESSIONS.is_back(lost.existing):
        lost.existing = None
    return lost.existing


def _seen() -> None:
    lost = state(Lost)
    lost.existing = None

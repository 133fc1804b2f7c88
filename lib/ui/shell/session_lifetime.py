"""What the server keeps for a session ends with it: a lease for each session profile in use.

Streamlit tells us when a session's caches are dropped, which is more often than when it ends: also
when its connection breaks for a moment, and for everybody at once when any visitor asks to clear
the caches. So a lease that was dropped gets a time of grace, and ends only if its session is gone
by then. Every run of a page takes its session's lease again.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import streamlit as st
from streamlit import runtime as streamlit_runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from lib.app import current

Later = Callable[[float, Callable[[], None]], None]
"""Does something after a number of seconds, in a thread of its own."""


@dataclass(slots=True)
class _LiveSession:
    session_id: str
    turn: int = 0  # rises with each taking: an older end is void
    dropped: bool = False


class SessionLifetimes:
    """Leases by the key of a session profile.

    `end(key)` drops what is kept for it, `alive(session_id)` says whether a session is connected.
    """

    def __init__(
        self, *, end: Callable[[str], None], alive: Callable[[str], bool], later: Later
    ) -> None:
        self._end = end
        self._alive = alive
        self._later = later
        self._lock = threading.Lock()
        self._existing: dict[str, _LiveSession] = {}

    def __len__(self) -> int:
        return len(self._existing)

    def take(self, key: str, session_id: str) -> None:
        """The session uses this profile now."""
        with self._lock:
            existing = self._existing.setdefault(key, _LiveSession(session_id))
            if existing.dropped or existing.session_id != session_id:
                existing.turn += 1
            existing.dropped, existing.session_id = False, session_id

    def drop(self, key: str, *, grace_s: float) -> None:
        """The session's caches were dropped: end after the grace, unless it goes on.

        Returns at once, because the server's only event loop calls it.
        """
        with self._lock:
            existing = self._existing.get(key)
            if existing is None:
                return
            existing.dropped = True
            turn = existing.turn
        self._later(grace_s, lambda: self._end_or_wait(key, turn, grace_s))

    def _end_or_wait(self, key: str, turn: int, grace_s: float) -> None:
        with self._lock:
            existing = self._existing.get(key)
            if existing is None or existing.turn != turn or not existing.dropped:
                return
            goes_on = self._alive(existing.session_id)
            if not goes_on:
                del self._existing[key]
        if goes_on:  # an open tab that nobody touched since
            self._later(grace_s, lambda: self._end_or_wait(key, turn, grace_s))
        else:
            self._end(key)


def _after(seconds: float, act: Callable[[], None]) -> None:
    timer = threading.Timer(seconds, act)
    timer.daemon = True
    timer.start()


def alive(session_id: str) -> bool:
    """Whether a session of Streamlit's is connected."""
    return streamlit_runtime.exists() and streamlit_runtime.get_instance().is_active_session(
        session_id
    )


def events_of(key: str) -> int:
    """How many events are held that were read with a session profile."""
    runtime = current()
    return 0 if runtime is None else runtime.sessions.events_of(key)


def forget_stores(key: str) -> None:
    """Drop the events that were read with a session profile, its clients and its journal."""
    runtime = current()
    if runtime is not None:
        runtime.forget(key)


_LIFETIMES: Final = SessionLifetimes(end=forget_stores, alive=alive, later=_after)


def hold(key: str) -> None:
    """Keep what belongs to this session profile for as long as its session lives."""
    context = get_script_run_ctx()
    if context is not None:
        _LIFETIMES.take(key, context.session_id)
        _lifetime_name(key)


def _dropped(key: str) -> None:
    _LIFETIMES.drop(key, grace_s=float(st.get_option("server.disconnectedSessionTTL")))


@st.cache_resource(scope="session", on_release=_dropped, show_spinner=False)
def _lifetime_name(key: str) -> str:
    return key

"""What the Files page keeps in a session, how it asks, and what it writes into the audit record.

An answer is kept for a minute by question, identity and profile, together with its calls; a refusal
too, so that a click elsewhere doesn't repeat it. No exception is kept: its frames hold credentials.
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Generic, TypeVar

import streamlit as st

from lib.core.errors import RunbookError
from lib.files.location import PARAMETERS, Place, parse, to_parameters
from lib.files.source import FileSide, SearchQuery
from lib.http import Exchange, capturing
from lib.http.outcome import Fault, fault_of
from lib.ui.components.auditing import look_up
from lib.ui.components.credentials.credential_entry import also_forget
from lib.ui.components.fetched_pages import kept, refresh
from lib.ui.files import words
from lib.ui.shell.frame import Context
from lib.ui.shell.session import of_profile, seed, state

T = TypeVar("T")
VIEW: Final = "files"
FOLDERS, RECENT, SEARCH = VIEWS = (words.FOLDERS_TAB, words.RECENT_TAB, words.SEARCH_TAB)
NUMBER: Final = "folder_page"
BOTH: Final = "both"
SIDES: Final = "side"
QUIET_SWITCH: Final = "quiet"


@dataclass(frozen=True, slots=True)
class Asked(Generic[T]):
    """The outcome of a question: value or fault, its calls, and when it was asked (UTC)."""

    value: T | None
    fault: Fault | None
    exchanges: tuple[Exchange, ...]
    at: datetime


@dataclass(slots=True)
class Files:
    """The session's part of the page.

    `profile` is the one that the place in the address belongs to, `usual` whom it opens as.
    `other_id` is Kloudless's id of the folder on show where its Box id isn't known. `trails` are
    the markers that led to the page a list is on. `searched_at` is whose files `query` looks
    through, by which account, and below which folder; `searches` numbers the lives of its form.
    `turns` give the tables of a side a new life, so that nothing stays chosen there.
    """

    profile: str = ""
    usual: str = ""
    other_id: str = ""
    trails: dict[Hashable, tuple[str, ...]] = field(default_factory=dict)
    ids: dict[str, dict[tuple[str, str, str], str]] = field(default_factory=dict)
    query: SearchQuery | None = None
    searched_at: tuple[str, str, str] = ("", "", "")
    searches: int = 0
    turns: dict[FileSide, int] = field(default_factory=dict)


also_forget(Files)


def current(context: Context) -> tuple[Place, tuple[str, ...]]:
    """The place in the address, and the parts of the address that are invalid.

    Another profile starts at its own root: ids of one mean nothing in another.
    """
    files = state(Files)
    before, files.profile = files.profile, context.profile.key
    files.usual = _usual(context)
    if before not in ("", files.profile):
        _start(files)
        _write({})
    place, refused = parse(st.query_params.to_dict(), usual=files.usual)
    _end_search(files, place)
    if files.other_id and place.folder == Place().folder:
        place = place.into("")
    return place, refused


def _usual(context: Context) -> str:
    """Whom the page opens as: in the sandbox a made-up person with files, else the profile itself.

    Real people's files are opened only when someone chose the person.
    """
    if not context.profile.given_by_sandbox:
        return ""
    box = context.runtime.sandbox.credentials.get("box", {})
    return str(box.get("users", {}).get("managed", ""))


def search_for(place: Place, query: SearchQuery) -> None:
    """Search from there; the result stays until the place no longer matches it."""
    files = state(Files)
    files.query, files.searched_at = query, _eyes(place, query)


def search_key(name: str) -> str:
    """The key of a widget of the search form; another search begins with an empty form."""
    life = state(Files).searches
    return of_profile(f"files.search.{name}.{life}" if life else f"files.search.{name}")


def _eyes(place: Place, query: SearchQuery) -> tuple[str, str, str]:
    """Whose files a search looks through, through which account, and below which folder."""
    return place.user, place.account, place.folder if query.below is not None else ""


def _end_search(files: Files, place: Place) -> None:
    """Forget a search of another identity's files, or below another folder, with its form."""
    if files.query is not None and files.searched_at != _eyes(place, files.query):
        files.query = None
        files.searches += 1


def go(place: Place, *, other_id: str = "", view: str = "") -> None:
    """Go to that place; for callbacks. `other_id` is Kloudless's id of a folder without Box's."""
    files = state(Files)
    files.other_id = other_id
    unchoose(*FileSide)
    seed(NUMBER, 1)
    if view:
        seed(VIEW, view)
    _show(place)


def look_at(
    place: Place, item: tuple[str, str] | None, *, chosen_in: FileSide | None = None
) -> None:
    """Show an item's details, or none, without leaving the place; for callbacks.

    `chosen_in` is the side whose table it was chosen in: the other one's choice is dropped.
    """
    unchoose(*(side for side in FileSide if side is not chosen_in))
    _show(place.looking_at(item))


def unchoose(*sides: FileSide) -> None:
    """Clear the selection in the tables of these sides."""
    turns = state(Files).turns
    for side in sides:
        turns[side] = turns.get(side, 0) + 1


def turn(side: FileSide) -> int:
    """The current life of a side's tables."""
    return state(Files).turns.get(side, 0)


def found_out(place: Place, folder: str) -> Place:
    """The place with the Box id that its folder turned out to have."""
    state(Files).other_id = ""
    known = place.into(folder).looking_at(place.item)
    _show(known)
    return known


def ask_again() -> None:
    """Load everything on show again."""
    refresh()


def ask(
    context: Context,
    question: Hashable,
    fetch: Callable[[], T],
    *,
    looked_up: tuple[str, str] | None = None,
) -> Asked[T]:
    """The answer to a question, kept for a minute.

    `looked_up` is whose files it reads and which: written into the audit record each time the
    question is really asked.
    """

    def asked() -> Asked[T]:
        answer = _asked(fetch, context.now)
        if looked_up is not None:
            subject, detail = looked_up
            outcome = "ok" if answer.fault is None else "refused"
            look_up(context, subject, detail=detail, outcome=outcome)
        return answer

    return kept((context.profile.key, "files", question), asked, now=context.now)[0]


def _asked(fetch: Callable[[], T], now: datetime) -> Asked[T]:
    value: T | None = None
    fault = None
    with capturing() as exchanges:
        try:
            value = fetch()
        except RunbookError as error:
            fault = fault_of(error)
    return Asked(value, fault, tuple(exchanges), now)


def trail(key: Hashable) -> tuple[str, ...]:
    """The markers that lead to the page on show; empty on the first."""
    return state(Files).trails.get(key, ())


def follow(key: Hashable, markers: tuple[str, ...]) -> None:
    """Show the page behind these markers; for callbacks."""
    state(Files).trails[key] = markers
    unchoose(*FileSide)


def known_ids(context: Context) -> dict[tuple[str, str, str], str]:
    """Kloudless's ids of this profile, as far as they are known."""
    return state(Files).ids.setdefault(context.profile.key, {})


def _start(files: Files) -> None:
    files.other_id, files.query = "", None
    files.trails.clear()
    seed(NUMBER, 1)


def _show(place: Place) -> None:
    _write(to_parameters(place, usual=state(Files).usual))


def _write(requested: Mapping[str, str]) -> None:
    """Write all parameters at once: each change of the address is a step of the browser's history.

    Parameters that are bound to widgets may not be written here, so only ours are.
    """
    now = st.query_params.to_dict()
    if any(requested.get(name, "") != now.get(name, "") for name in PARAMETERS):
        # An empty list takes the parameter out of the address.
        st.query_params.update({name: requested.get(name) or [] for name in PARAMETERS})

"""What comes after “Try it”: the usual next step as a button, and the others as links.

If the credentials work, that is reading activity. If they don't, it is whatever finds or fixes the
fault, depending on who can fix it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import streamlit as st

from lib.core.errors import RunbookError, Who
from lib.credentials.draft import Part
from lib.http.outcome import Fault, Outcome
from lib.settings.profiles import BoxAuth, Profile, ProfileKind
from lib.ui.components import words
from lib.ui.shell import navigation
from lib.ui.shell.boundary import boundary
from lib.ui.shell.frame import Context

#: The anchors of this page's own sections.
ENTER: Final = "enter"
ENTERPRISES: Final = "enterprises"
KEEP: Final = "keep-or-forget"
FIRST_READ: Final = timedelta(days=7)
KEY_CAUSES: Final = ("token.signature", "token.iss")


@dataclass(frozen=True, slots=True)
class Next:
    """A way on: a page of the app, or a section of this one (`anchor`). `reads` begins to read."""

    label: str
    icon: str
    page: str = ""
    anchor: str = ""
    reads: bool = False


ROAD: Final = Next(words.VERIFY, ":material/checklist:", "runbook")
FIND: Final = Next(words.FIND, ":material/checklist:", "runbook")
SEE: Final = Next(words.SEE, ":material/monitoring:", "activity")
READ: Final = Next(words.READ_WEEK, ":material/download:", "activity", reads=True)
CONNECT: Final = Next(words.CONNECT, ":material/add_link:", "accounts")
LIST: Final = Next(words.LIST, ":material/group:", "accounts")
KEPT: Final = Next(words.SAVE, ":material/lock:", anchor=KEEP)
ADMIN: Final = Next(words.ADMIN, ":material/forward_to_inbox:", anchor=ENTERPRISES)
KEY: Final = Next(words.CHECK_KEY, ":material/key:", "jwt_key")
CORRECT: Final = Next(words.CORRECT, ":material/edit:", anchor=ENTER)


def ways_on(
    profile: Profile, outcomes: Mapping[Part, Outcome], *, has_events: bool
) -> tuple[Next, ...]:
    """The ways on from these outcomes of one profile, the first of them the one to take."""
    own = profile.kind is ProfileKind.SESSION and not profile.given_by_sandbox
    for part, outcome in outcomes.items():
        if outcome.fault is not None:
            return _mending(profile, part, outcome.fault, own=own)
    ways = [SEE if has_events else READ, ROAD, LIST]
    if profile.box is None and _nobody_connected(outcomes):
        ways = [CONNECT, ROAD]
    return (*ways, KEPT) if own else tuple(ways)


def _mending(profile: Profile, part: Part, fault: Fault, *, own: bool) -> tuple[Next, ...]:
    auth = profile.box.auth if part is Part.BOX and profile.box is not None else None
    if fault.who == Who.BOX_ADMIN and auth in (BoxAuth.JWT, BoxAuth.CCG):
        return ADMIN, FIND
    if fault.cause_id in KEY_CAUSES and auth is BoxAuth.JWT:
        return KEY, FIND
    if fault.who in (Who.YOU, Who.DEVELOPER) and own:
        return CORRECT, FIND
    return (FIND,)


def _nobody_connected(outcomes: Mapping[Part, Outcome]) -> bool:
    found = outcomes.get(Part.KLOUDLESS)
    return found is not None and any(fact.warning for fact in found.facts)


def next_steps(context: Context, outcomes: Mapping[Part, Outcome]) -> None:
    """Draw the ways on."""
    ways = ways_on(context.profile, outcomes, has_events=_has_events(context))
    bad = any(one.fault is not None for one in outcomes.values())
    with st.container(border=True, key="credentials.next", gap="xsmall"):
        st.markdown(words.NEXT_AND_AGAIN if bad else words.NEXT)
        first, *rest = ways
        with st.container(horizontal=True, vertical_alignment="center"):
            _primary(context, first)
            for way in rest:
                _link(context, way)


def _has_events(context: Context) -> bool:
    """Whether something was read already; unknown is no."""
    try:
        return bool(context.events.sources(context.profile.key))
    except RunbookError:
        return False


def _primary(context: Context, way: Next) -> None:
    if way.anchor:
        _link(context, way, primary=True)
        return
    there = navigation.page(way.page)
    if there is None:
        return
    if st.button(way.label, icon=way.icon, type="primary", key="credentials.next.go"):
        if way.reads:
            with boundary():
                context.runtime.sync_now(context.profile, FIRST_READ)
        st.switch_page(there, query_params=context.links)


def _link(context: Context, way: Next, *, primary: bool = False) -> None:
    if way.anchor:
        link = f"[{way.icon} {way.label}](#{way.anchor})"
        st.markdown(f"**{link}**" if primary else link, width="content")
        return
    there = navigation.page(way.page)
    if there is not None:
        st.page_link(there, label=way.label, icon=way.icon, query_params=context.links)

"""A sign-in that ends in another tab, as a page shows it: a link, the waiting, a pasted address.

A redirect in the same tab would start a new session and lose what was typed, so the link opens a
tab of its own, and this one waits and goes on by itself. What is done with the code is the plan's;
what is found out is handed to whoever drew it, once. No code and no state is written anywhere.
"""

import secrets
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, Generic, TypeVar

import streamlit as st

from lib.app import current
from lib.app.routes.oauth_callback import (
    CallbackRefusal,
    Returned,
    connected_address,
    refusal_error,
)
from lib.app.routes.oauth_state import Consents, SignIn, SignInReport, SignInStage
from lib.core.causes import Api
from lib.core.errors import RunbookError, Who
from lib.core.redaction import Secret
from lib.core.texts import md
from lib.ui.components import words
from lib.ui.components.fields import secret_field
from lib.ui.shell.boundary import show_error
from lib.ui.shell.frame import Context
from lib.ui.shell.host import browser
from lib.ui.shell.session import drop, state, value

LOOK_EVERY_S: Final = 1.0
_MINUTE_S: Final = 60
T = TypeVar("T", bound=SignInReport)


@dataclass(slots=True)
class Stopwatch:
    """Since when a person is away at the other side; work that is done later may hold it."""

    at: float = field(default_factory=time.monotonic)

    def start(self) -> None:
        """From now on."""
        self.at = time.monotonic()

    def passed(self) -> timedelta:
        """How long it has been."""
        return timedelta(seconds=time.monotonic() - self.at)


@dataclass(slots=True)
class SignInSpot:
    """One place where a session can sign in: the sign-in at hand, and what was wrong with the last.

    Each place has a class of its own, because a session keeps one object of a class. `subject` is
    what the sign-in at hand was begun with; `started` whether its link was followed.
    """

    sign_in: SignIn[Any] | None = None
    subject: Hashable = None
    started: bool = False
    error: RunbookError | None = None
    done: str = ""
    name: str = field(default_factory=lambda: secrets.token_hex(4))
    turns: int = 0
    away: Stopwatch = field(default_factory=Stopwatch)


@dataclass(frozen=True, slots=True)
class Plan(Generic[T]):
    """One sign-in that can be begun: whose page it is, what its address is, what comes of its code.

    Another `subject` is another sign-in: the one at hand is given up.
    """

    api: Api
    side: str
    label: str
    subject: Hashable
    address: Callable[[str], str]
    work: Callable[[Secret], T]


def own_address(page: str) -> str:
    """The redirect URI as this browser reaches it; empty if it isn't known."""
    return connected_address(st.context.url, page)


def consent(context: Context, spot: SignInSpot, plan: Plan[T]) -> T | None:
    """The link and the waiting. What the sign-in gave is returned once: take it, and run again."""
    consents = context.runtime.consents
    if spot.subject != plan.subject:
        give_up(consents, spot)
        spot.subject = plan.subject
    found = _taken(consents, spot)
    if found is not None:
        return found  # type: ignore[no-any-return]  # a plan's subject names the kind of its result
    if spot.sign_in is None:
        spot.sign_in = consents.begin(plan.api, plan.work, browser=browser())
        spot.away.start()
    with st.container():  # whatever comes and goes in it, what follows keeps its place
        _link(spot, plan, plan.address(spot.sign_in.state.reveal()))
    return None


def paste(spot: SignInSpot, side: str) -> None:
    """The field for the address that the browser ended at: the last resort."""
    secret_field(
        words.address_field(side),
        key=_field(spot),
        on_change=_pasted,
        args=(type(spot), side),
        help=words.PASTE_HELP,
    )


def give_up(consents: Consents, spot: SignInSpot) -> None:
    """Start over: the result of the current sign-in is rejected."""
    if spot.sign_in is not None:
        consents.withdraw(spot.sign_in)
    spot.sign_in, spot.started, spot.error, spot.done = None, False, None, ""


def _taken(consents: Consents, spot: SignInSpot) -> Any:
    """What the sign-in at hand gave, if it is over; why it gave nothing is left at the spot."""
    sign_in = spot.sign_in
    if sign_in is None:
        return None
    # In this order: a sign-in that is taken up in between is spent, but open no more.
    late = spot.started and not consents.left_s(sign_in) and sign_in.stage is SignInStage.OPEN
    if not sign_in.over and not late:
        return None
    if late:  # not given up, so that a tab that comes back now is told the same
        spot.sign_in, spot.started = None, False
        spot.error = refusal_error(CallbackRefusal.EXPIRED)
        return None
    give_up(consents, spot)
    spot.error = sign_in.error
    if sign_in.result is not None:
        spot.done = sign_in.result.headline
    return sign_in.result


def _link(spot: SignInSpot, plan: Plan[Any], address: str) -> None:
    st.link_button(
        plan.label,
        address,
        key=f"{spot.name}.link",
        icon=":material/open_in_new:",
        type="secondary" if spot.started or spot.done else "primary",
        on_click=_followed,
        args=(type(spot),),
    )
    if spot.started:
        st.fragment(_waiting, run_every=LOOK_EVERY_S)(type(spot), plan.side)
    if spot.error is not None:
        show_error(spot.error)
    elif spot.done:
        st.success(f"**{md(spot.done)}**", icon=":material/check_circle:")


# Streamlit keeps what a callback or a fragment was given for as long as the session lives. So they
# are given the class of their spot, not the spot: what was forgotten is forgotten.


def _at(kind: type[SignInSpot]) -> tuple[Consents, SignInSpot]:
    runtime = current()
    if runtime is None:  # the app is stopping
        st.stop()
    return runtime.consents, state(kind)


def _followed(kind: type[SignInSpot]) -> None:
    consents, spot = _at(kind)
    if spot.sign_in is not None:
        consents.start(spot.sign_in)
        spot.away.start()
        spot.started, spot.error, spot.done = True, None, ""


def _given_up(kind: type[SignInSpot]) -> None:
    give_up(*_at(kind))


def _waiting(kind: type[SignInSpot], side: str) -> None:
    consents, spot = _at(kind)
    sign_in = spot.sign_in
    left_s = consents.left_s(sign_in) if sign_in is not None else 0.0
    working = sign_in is not None and sign_in.stage is SignInStage.WORKING
    if not left_s and not working:
        st.rerun()
    minutes = int(left_s // _MINUTE_S) + 1
    with st.container(horizontal=True, vertical_alignment="center", key=f"{spot.name}.waiting"):
        if working:
            st.markdown(f":material/progress_activity: {words.FINISHING}")
        else:
            st.markdown(f":material/hourglass_top: {words.waiting(md(side), minutes)}")
        st.button(
            words.CANCEL,
            key=f"{spot.name}.stop",
            type="tertiary",
            on_click=_given_up,
            args=(kind,),
            disabled=working,
        )


def _pasted(kind: type[SignInSpot], side: str) -> None:
    consents, spot = _at(kind)
    key = _field(spot)
    address = str(value(key) or "")
    drop(key)
    spot.turns += 1
    if not address.strip() or spot.sign_in is None:
        return
    spot.error = None
    returned = Returned.of_address(address)
    if returned is None:
        spot.error = RunbookError(
            words.NO_CODE,
            cause=words.no_code_why(side),
            fix=words.no_code_fix(side),
            who=Who.YOU,
        )
        return
    landing = consents.paste(returned, spot.sign_in)
    if landing.refusal is CallbackRefusal.UNKNOWN:
        spot.error = RunbookError(
            words.OTHER_SIGN_IN,
            cause=words.OTHER_SIGN_IN_WHY,
            fix=words.OTHER_SIGN_IN_FIX,
            who=Who.YOU,
        )
    elif landing.refusal is not None and not spot.sign_in.over:
        spot.error = landing.error


def _field(spot: SignInSpot) -> str:
    return f"{spot.name}.back.{spot.turns}"

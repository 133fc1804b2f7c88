"""Sign-in with Box (OAuth 2.0) by hand: a link there, and the address that Box sends back to.

The address holds a code that is good once and for 30 seconds. It is taken out of its field at once
and exchanged; what stays is the refresh token. A state of our own making tells our sign-in from
somebody else's. Source: Box developer documentation, OAuth 2.0.
"""

import hmac
import secrets
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs, urlsplit

import streamlit as st

from lib.box.oauth import authorize_url, exchange_code
from lib.errors import RunbookError
from lib.http import Egress
from lib.redaction import Secret
from lib.ui.boundary import show_error
from lib.ui.credentials_calls import open_line
from lib.ui.credentials_draft import Brought
from lib.ui.credentials_entry import Entry, also_forget, change, take_text
from lib.ui.credentials_fields import Judgement, Level
from lib.ui.session import state
from lib.ui.text import md

_BACK: Final = "oauth.back"


@dataclass(slots=True)
class SignIn:
    """One sign-in at hand: its state, where it leads back to, and what went wrong with it."""

    state: str = ""
    redirect_uri: str = ""
    problem: Judgement | None = None
    error: RunbookError | None = None


also_forget(SignIn)


def read_redirect(address: str, expected_state: str) -> Secret | Judgement:
    """The code in an address that Box sent back to, or what is wrong with the address."""
    query = parse_qs(urlsplit(address.strip()).query)
    refused = query.get("error")
    if refused:
        return Judgement(
            Level.ERROR,
            f"Box sent back: {refused[0][:80]}.",
            "Sign in again and grant access.",
        )
    code = query.get("code", [""])[0]
    if not code:
        return Judgement(
            Level.ERROR,
            "There is no code in it.",
            "Copy the whole address from the browser after Box sent you back.",
        )
    got = query.get("state", [""])[0]
    if not hmac.compare_digest(got.encode(), expected_state.encode()):
        return Judgement(
            Level.ERROR,
            "It belongs to another sign-in.",
            "Use the link on this page, in this session, and paste the address that follows.",
        )
    return Secret(code)


def sign_in(egress: Egress) -> None:
    """The link to Box and the field for the address that follows; needs client ID and secret."""
    entry, work = state(Entry), state(SignIn)
    box = entry.draft.box
    if not box.client_id or not box.client_secret:
        st.caption("Enter client ID and secret, then sign in here, or enter a refresh token.")
        return
    work.state = work.state or secrets.token_urlsafe(24)
    work.redirect_uri = (
        st.text_input(
            "Redirect address (optional)",
            key="oauth.redirect",
            placeholder="https://…",
            help="One that is registered in the app's Configuration; needed if there are several.",
        )
        or ""
    ).strip()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.link_button(
            "Sign in at Box",
            authorize_url(box, redirect_uri=work.redirect_uri or None, state=work.state),
            icon=":material/login:",
        )
        st.text_input(
            "Address that Box sent you back to",
            type="password",
            key=entry.key(_BACK),
            on_change=_take_address,
            args=(egress,),
            autocomplete="off",
            help="Copy it from the browser within 30 seconds; a page that doesn't load is fine.",
        )
    if work.problem is not None:
        st.caption(f":red[:material/error:] {md(work.problem.text)} {md(work.problem.fix)}")
    if work.error is not None:
        show_error(work.error)


def _take_address(egress: Egress) -> None:
    work = state(SignIn)
    found = read_redirect(take_text(_BACK), work.state)
    work.problem, work.error = None, None
    if isinstance(found, Judgement):
        work.problem = found
        return
    work.state = ""
    try:
        _exchange(found, egress)
    except RunbookError as error:
        work.error = error


def _exchange(code: Secret, egress: Egress) -> None:
    draft, work = state(Entry).draft, state(SignIn)
    line = open_line(egress)
    with line.http:
        grant = exchange_code(
            draft.box, line.http, code=code, redirect_uri=work.redirect_uri or None
        )
    if grant.refresh_token is None:
        work.problem = Judgement(
            Level.ERROR, "Box gave no refresh token.", "Check that the app uses OAuth 2.0."
        )
        return
    change(draft.put("box.refresh_token", grant.refresh_token.reveal(), Brought.SIGN_IN))

"""Sign-in with Box (OAuth 2.0) on the Credentials page, for the credentials of this session.

The refresh token goes into the draft, which completes it: the session's profile holds it in memory.
Source: Box developer documentation (OAuth 2.0).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import streamlit as st

from lib.box.sign_in import SignedIn
from lib.box.tokens.oauth import authorize_url
from lib.core import causes
from lib.core.causes import Api
from lib.core.redaction import Secret
from lib.core.texts import md
from lib.credentials.calls import open_line, sign_in_box
from lib.credentials.draft import Brought
from lib.http import Egress
from lib.http.outcome import Outcome
from lib.settings.profiles import BoxCredentials
from lib.ui.components.credentials.credential_entry import CredentialEntry, also_forget, change
from lib.ui.components.credentials.sign_in_tab import Plan, SignInSpot, consent, own_address, paste
from lib.ui.components.fields import code_field
from lib.ui.components.outcome import definitions
from lib.ui.credentials import words
from lib.ui.shell.frame import Context
from lib.ui.shell.host import browser
from lib.ui.shell.session import Own, state, value

PAGE: Final = "credentials"
_REDIRECT: Final = "oauth.redirect"


@dataclass(slots=True)
class EntrySpot(SignInSpot):
    """The sign-in for the entered credentials."""


also_forget(EntrySpot)


@dataclass(frozen=True, slots=True)
class Gain:
    """What a sign-in gave, and its outcome in words."""

    signed_in: SignedIn
    outcome: Outcome

    @property
    def headline(self) -> str:
        """See Told."""
        return self.signed_in.headline


def sign_in(context: Context, egress: Egress) -> None:
    """The sign-in link and its return; needs client ID and client secret."""
    box = state(CredentialEntry).draft.box
    if not box.client_id or not box.client_secret:
        st.caption(words.NEEDS_CLIENT)
        return
    spot = state(EntrySpot)
    own = own_address(PAGE)
    typed = str(value(_REDIRECT) or "").strip()
    redirect = typed if is_web_address(typed) else own
    with st.container(border=True):
        st.markdown(words.SIGN_IN_INTRO)
        redirect_uri(redirect)
        gain = consent(
            context,
            spot,
            Plan(
                api=Api.BOX_CONSENT,
                side=words.BOX,
                label=words.SIGN_IN,
                subject=(box.client_id, box.client_secret, box.api_url, box.account_url, redirect),
                address=lambda code_state: authorize_url(
                    box, redirect_uri=redirect or None, state=code_state
                ),
                work=_work(box, egress, redirect or None),
            ),
        )
        if gain is not None:
            _keep(gain)
        with st.expander(words.NO_RETURN, expanded=needs_pasting(redirect, own)):
            code_field(
                words.REDIRECT,
                key=_REDIRECT,
                placeholder=own or "https://…",
                help=words.REDIRECT_HELP,
            )
            if typed and not is_web_address(typed):
                st.caption(words.REDIRECT_INVALID)
            paste(spot, words.BOX)
            refused_address()


def is_web_address(text: str) -> bool:
    """Whether Box could send a browser there."""
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.fragment
    except ValueError:
        return False


def redirect_uri(address: str) -> None:
    """The redirect URI, ready to copy, and where to register it."""
    if not address:
        st.caption(words.REDIRECT_UNKNOWN)
        return
    known = causes.cause("oauth.redirect_uri")
    st.caption(words.redirect_uri(md(known.where or "")))
    st.code(address, language=None)


def refused_address() -> None:
    """What to do when Box shows an error of its own and never sends the browser back."""
    known = causes.cause("oauth.redirect_uri")
    st.caption(words.REDIRECT_REFUSED)
    definitions(
        [
            (words.WHAT_HAPPENED, md(known.title)),
            (words.WHY, md(known.text)),
            (words.WHAT_TO_DO, md(known.fix)),
            (words.WHERE, words.as_of(md(known.where or ""), md(known.known_good or ""))),
        ]
    )


def needs_pasting(redirect: str, own: str) -> bool:
    """Whether the other tab can't hand over its result: another address, or without our cookie."""
    return not own or redirect != own or not browser()


def _work(
    credentials: BoxCredentials, egress: Egress, redirect: str | None
) -> Callable[[Secret], Gain]:
    def work(code: Secret) -> Gain:
        line = open_line(egress)
        with line.http:
            return Gain(*sign_in_box(line, credentials, code=code, redirect_uri=redirect))

    return work


def _keep(gain: Gain) -> None:
    token = gain.signed_in.refresh_token.reveal()
    change(state(CredentialEntry).draft.put("box.refresh_token", token, Brought.SIGN_IN))
    own = state(Own).profile
    if own is not None:
        state(CredentialEntry).outcomes[own.key, "box"] = gain.outcome
    st.rerun()

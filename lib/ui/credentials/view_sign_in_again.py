"""Signing in again for a configured profile whose refresh token no longer works.

The new token replaces the stored one for everyone, so only people who may change the host's
configuration see it, and it is stored only if Box reports that the right person signed in.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import streamlit as st

from lib.app.sign_in_again import sign_in_again
from lib.box.sign_in import SignedIn
from lib.box.tokens.oauth import authorize_url
from lib.core.causes import Api
from lib.core.redaction import Secret
from lib.core.texts import md
from lib.settings.profiles import BoxAuth, BoxCredentials, ProfileKind
from lib.ui.components.auditing import auditor
from lib.ui.components.credentials.credential_entry import CredentialEntry, also_forget
from lib.ui.components.credentials.sign_in_tab import Plan, SignInSpot, consent, own_address, paste
from lib.ui.credentials import words
from lib.ui.credentials.view_oauth import PAGE, redirect_uri, refused_address
from lib.ui.shell.frame import Context
from lib.ui.shell.session import state

if TYPE_CHECKING:
    from lib.http.outcome import Outcome


@dataclass(slots=True)
class AgainSpot(SignInSpot):
    """The sign-in for the profile in use."""


also_forget(AgainSpot)


def again_section(context: Context) -> None:
    """“Sign in again”, for an OAuth profile of the host's settings."""
    profile = context.profile
    box = profile.box
    if profile.kind is not ProfileKind.CONFIGURED or box is None or box.auth is not BoxAuth.OAUTH:
        return
    if not context.decision.may_change:
        st.caption(words.AGAIN_ONLY_HOST)
        return
    spot = state(AgainSpot)
    tried: Outcome | None = state(CredentialEntry).outcomes.get((profile.key, "box"))
    failed = tried is not None and not tried.ok
    with st.expander(words.AGAIN, expanded=failed or spot.started or bool(spot.done)):
        if not box.refresh_token:
            st.caption(words.AGAIN_NOT_YET)
            return
        _sign_in(context, box, spot)


def _sign_in(context: Context, box: BoxCredentials, spot: AgainSpot) -> None:
    profile, own = context.profile, own_address(PAGE)
    st.markdown(words.again_intro(md(profile.label)))
    redirect_uri(own)
    done = consent(
        context,
        spot,
        Plan(
            api=Api.BOX_CONSENT,
            side=words.BOX,
            label=words.AGAIN_BUTTON,
            subject=(profile, own),
            address=lambda returned: authorize_url(box, redirect_uri=own or None, state=returned),
            work=_work(context, own or None),
        ),
    )
    if done is not None:
        state(CredentialEntry).outcomes.pop((profile.key, "box"), None)
        st.rerun()
    st.markdown(words.AGAIN_NO_RETURN)
    paste(spot, words.BOX)
    refused_address()


def _work(context: Context, redirect: str | None) -> Callable[[Secret], SignedIn]:
    clients, profile, audit = context.runtime.clients, context.profile, auditor(context)

    def work(code: Secret) -> SignedIn:
        return sign_in_again(
            clients,
            profile,
            code=code,
            redirect_uri=redirect,
            audit=audit,
            now=lambda: datetime.now(UTC),
        )

    return work

"""“Connect an account” on the list of Kloudless accounts: scope, address, consent, what came of it.

The account's Bearer token is verified and dropped where the code is exchanged; a page never has it.
Connecting the same person once more renews the account that is there. Facts: the published
Kloudless SDKs, archived documentation (scopes, OAuth, reconnecting an account).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import streamlit as st

from lib.accounts.fetch import AccountQuery, accounts_page
from lib.accounts.rows import AccountRow
from lib.app import current
from lib.core.causes import Api
from lib.core.errors import RunbookError
from lib.core.redaction import Secret
from lib.core.texts import md
from lib.credentials.draft import Part, started
from lib.kloudless.connecting import Connected, connect_account
from lib.kloudless.oauth import authorize_url
from lib.kloudless.scopes import OFFERED, read_scope, wants_admin
from lib.settings.profiles import BoxAuth, KloudlessCredentials, ProfileKind
from lib.store.ledger.records import AuditEntry
from lib.ui.accounts.state import ACCOUNT_FILTERS, ACCOUNTS_PAGE, ACCOUNTS_SEARCH, ACCOUNTS_TABLE
from lib.ui.components.auditing import auditor
from lib.ui.components.credential_entry import Entry, also_forget, take_auth
from lib.ui.components.fetched_pages import first_page, kept, refresh
from lib.ui.components.outcome import verbatim
from lib.ui.components.sign_in_tab import (
    Plan,
    Spot,
    Stopwatch,
    consent,
    give_up,
    own_address,
    paste,
)
from lib.ui.shell import navigation
from lib.ui.shell.boundary import boundary
from lib.ui.shell.frame import Context
from lib.ui.shell.session import drop, of_profile, seed, state, value

PAGE: Final = "accounts"
WHAT: Final = "connect_account"
_SCOPE: Final = "accounts.connect.scope"
_OPEN: Final = "accounts.connect.open"


@dataclass(slots=True)
class ConnectSpot(Spot):
    """The sign-in at Kloudless at hand; `again` is the account that is to be renewed by it."""

    again: AccountRow | None = None
    connected: Connected | None = None


also_forget(ConnectSpot)


def may_connect(context: Context) -> bool:
    """Whether this visitor may add accounts to the application of the profile."""
    return context.profile.kind is not ProfileKind.CONFIGURED or context.decision.may_change


def connect_section(context: Context) -> None:
    """A way to connect an account to the profile's application, and how the last one went."""
    credentials = context.profile.kloudless
    if credentials is None:
        return
    if not may_connect(context):
        st.caption("Accounts of this profile are connected by who hosts this app.")
        return
    spot = state(ConnectSpot)
    with st.expander(
        "Connect an account",
        expanded=spot.started or bool(spot.done),
        icon=":material/add_link:",
        key=_OPEN,
        on_change="rerun",
    ) as box:
        if box.open:
            with boundary():
                _connect(context, credentials, spot)


def reconnect_button(context: Context, row: AccountRow) -> None:
    """For the details of an account: renew it by a new sign-in of the same person."""
    if context.profile.kloudless is None or not may_connect(context):
        return
    st.button(
        "Reconnect",
        key=f"accounts.reconnect.{row.id}",
        icon=":material/sync:",
        help="Its person signs in again; the account keeps its ID. For one whose Box token is of "
        "no use any more.",
        on_click=_reconnect,
        args=(row,),
    )


def box_sign_in_button() -> None:
    """To the sign-in with Box, which is on the Credentials page; what was entered there stays."""
    page = navigation.page("credentials")
    if page is None or not st.button(
        "Sign in to Box", icon=":material/login:", help="With OAuth 2.0, on the Credentials page."
    ):
        return
    if not started(state(Entry).draft, Part.BOX):
        take_auth(BoxAuth.OAUTH)
    st.switch_page(page)


def _reconnect(row: AccountRow) -> None:
    spot, runtime = state(ConnectSpot), current()
    if runtime is not None:
        give_up(runtime.consents, spot)
    spot.again, spot.connected = row, None
    seed(_SCOPE, f"{row.service}:admin" if row.admin else row.service)
    seed(_OPEN, True)  # noqa: FBT003  # a widget's value


def _connect(context: Context, credentials: KloudlessCredentials, spot: ConnectSpot) -> None:
    profile, own = context.profile, own_address(PAGE)
    if spot.again is not None:
        st.markdown(
            f"Renew {verbatim(spot.again.account)} (account {md(spot.again.id)}): its person signs "
            "in again in the other tab."
        )
    scope = _scope()
    if scope is None:
        return
    if not own:
        st.caption("This browser doesn't tell the app its own address, so it can't be sent back.")
        return
    st.caption(
        "This redirect URI must be one of the application's (App Details page, OAuth settings):"
    )
    st.code(own, language=None)
    found = consent(
        context,
        spot,
        Plan(
            api=Api.KLOUDLESS_CONSENT,
            side="Kloudless",
            label="Connect at Kloudless",
            subject=(profile.key, credentials, scope, own),
            address=lambda returned: _address(credentials, own, scope, returned),
            work=_work(context, credentials, own, spot.away),
        ),
    )
    if found is not None:
        spot.connected = found
        show_in_list(context, found.account_id, found.name)
        st.rerun()
    if spot.done and spot.connected is not None:
        _told(spot.connected, spot.again, scope)
    if spot.sign_in is not None:
        st.caption("What the link asks for, exactly:")
        address = _address(credentials, own, scope, spot.sign_in.state.reveal())
        st.code(address, language=None, wrap_lines=True)
    st.caption(
        "Does Kloudless show an error and not send you back? Look whether the redirect URI above "
        "is listed with the application. Does the other tab not hand over what it got? Paste its "
        "address here:"
    )
    paste(spot, "Kloudless")


def _address(credentials: KloudlessCredentials, own: str, scope: str, returned: str) -> str:
    return authorize_url(credentials, redirect_uri=own, state=returned, scope=scope)


def _scope() -> str | None:
    """The chosen or typed scope, if it can be sent; what is wrong with it is said."""
    chosen = value(_SCOPE)
    options = [*OFFERED, *([chosen] if chosen and chosen not in OFFERED else [])]
    scope = st.selectbox(
        "Scope",
        options,
        key=_SCOPE,
        accept_new_options=True,
        format_func=lambda one: f"{one} · {OFFERED[one]}" if one in OFFERED else one,
        help="Choose one, or type your own: entries like box, box.storage, box:admin, parted by "
        "spaces.",
    )
    try:
        entries = read_scope(scope or "")
    except RunbookError as error:
        st.caption(f":red[:material/error:] {md(error.message)} {md(error.fix)}")
        return None
    if wants_admin(entries):
        st.caption(
            ":material/shield_person: An administrator of the organisation has to sign in there. "
            "Kloudless's own examples have all:admin; that Box's is written box:admin is our "
            "reading of them."
        )
    return scope


def _work(
    context: Context, credentials: KloudlessCredentials, own: str, away: Stopwatch
) -> Callable[[Secret], Connected]:
    clients, profile, audit = context.runtime.clients, context.profile, auditor(context)

    def work(code: Secret) -> Connected:
        found: Connected | None = None
        try:
            found = connect_account(
                credentials,
                clients.kloudless(profile),
                code=code,
                redirect_uri=own,
                age=away.passed,
                now=lambda: datetime.now(UTC),
            )
        finally:
            subject = f"account {found.account_id}" if found is not None else None
            outcome = "ok" if found is not None else "refused"
            now = datetime.now(UTC)
            audit(AuditEntry(now, "visitor", WHAT, profile.key, subject, outcome))
        return found

    return work


def show_in_list(context: Context, account_id: str, name: str) -> None:
    """Narrow the list, fetched anew, to the account and choose it; before it is drawn."""
    refresh()
    first_page(ACCOUNTS_PAGE)
    seed(ACCOUNTS_SEARCH, name)
    for widget in ACCOUNT_FILTERS:
        drop(widget)
        st.query_params.pop(widget, None)
    query = AccountQuery(search=name)
    with boundary():
        page, _ = kept(
            (context.profile.key, "accounts", query),
            lambda: accounts_page(context.runtime.clients.kloudless(context.profile), query),
            now=context.now,
        )
        rows = [place for place, row in enumerate(page.rows) if row.id == account_id]
        chosen = {"rows": rows[:1], "columns": [], "cells": []}
        seed(of_profile(f"{ACCOUNTS_TABLE}.1"), {"selection": chosen})


def _told(found: Connected, again: AccountRow | None, scope: str) -> None:
    """What there is to know about the account that came, and what to mind."""
    account = f"{verbatim(found.name)} (account {md(found.account_id)})"
    if again is not None and again.id != found.account_id:
        st.warning(
            f"You wanted to renew {verbatim(again.account)} (account {md(again.id)}), which stays "
            f"as it was. {account} came instead: another person signed in.",
            icon=":material/warning:",
        )
    elif found.was_there:
        st.markdown(f"It is the same account as before: {account} kept its ID and was renewed.")
    elif found.was_there is None:
        st.markdown(f"It is {account}. Kloudless doesn't say whether it was there before.")
    else:
        st.markdown(f"It is new: {account}.")
    if wants_admin(read_scope(scope)) and not found.admin:
        st.warning(
            "An administrator's access was asked for, and Kloudless says that this account is a "
            "personal one.",
            icon=":material/warning:",
        )
    st.caption("The list below is narrowed to it: empty its search to see all.")

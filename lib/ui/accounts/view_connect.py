"""“Connect an account” on the list of Kloudless accounts: scope, address, consent, outcome.

The account's Bearer token is verified and dropped where the code is exchanged; a page never has it.
Connecting the same person again renews the existing account. Facts: the published Kloudless SDKs,
archived documentation (scopes, OAuth, reconnecting an account).
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
from lib.settings.profiles import BoxAuth, KloudlessCredentials
from lib.store.ledger.records import AuditEntry
from lib.ui.accounts import words_kloudless as words
from lib.ui.accounts.state import ACCOUNT_FILTERS, ACCOUNTS_PAGE, ACCOUNTS_SEARCH, ACCOUNTS_TABLE
from lib.ui.components.auditing import auditor
from lib.ui.components.credentials.credential_entry import CredentialEntry, also_forget, take_auth
from lib.ui.components.credentials.sign_in_tab import (
    Plan,
    SignInSpot,
    Stopwatch,
    consent,
    give_up,
    own_address,
    paste,
)
from lib.ui.components.fetched_pages import first_page, kept, refresh
from lib.ui.components.outcome import verbatim
from lib.ui.shell import navigation
from lib.ui.shell.boundary import boundary
from lib.ui.shell.frame import Context, may_act
from lib.ui.shell.session import drop, of_profile, seed, state, value

PAGE: Final = "accounts"
WHAT: Final = "connect_account"
_SCOPE: Final = "accounts.connect.scope"
_OPEN: Final = "accounts.connect.open"


@dataclass(slots=True)
class ConnectSpot(SignInSpot):
    """The current sign-in at Kloudless; `again` is the account that it is to renew."""

    again: AccountRow | None = None
    connected: Connected | None = None


also_forget(ConnectSpot)


def connect_section(context: Context) -> None:
    """The form that connects an account to the profile's application, and its last outcome."""
    credentials = context.profile.kloudless
    if credentials is None:
        return
    if not may_act(context):
        st.caption(words.ONLY_HOST_CONNECTS)
        return
    spot = state(ConnectSpot)
    with st.expander(
        words.CONNECT,
        expanded=spot.started or bool(spot.done),
        icon=":material/add_link:",
        key=_OPEN,
        on_change="rerun",
    ) as box:
        if box.open:
            with boundary():
                _connect(context, credentials, spot)


def reconnect_button(context: Context, row: AccountRow) -> None:
    """In an account's details: renew it by a new sign-in of the same person."""
    if context.profile.kloudless is None or not may_act(context):
        return
    st.button(
        words.RECONNECT,
        key=f"accounts.reconnect.{row.id}",
        icon=":material/sync:",
        help=words.RECONNECT_HELP,
        on_click=_reconnect,
        args=(row,),
    )


def box_sign_in_button() -> None:
    """A button to the sign-in with Box on the Credentials page; what was entered there stays."""
    page = navigation.page("credentials")
    if page is None or not st.button(
        words.SIGN_IN_TO_BOX, icon=":material/login:", help=words.SIGN_IN_TO_BOX_HELP
    ):
        return
    if not started(state(CredentialEntry).draft, Part.BOX):
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
        st.markdown(words.reconnecting(verbatim(spot.again.account), md(spot.again.id)))
    scope = _scope()
    if scope is None:
        return
    if not own:
        st.caption(words.OWN_ADDRESS_UNKNOWN)
        return
    st.caption(words.REDIRECT_URI)
    st.code(own, language=None)
    found = consent(
        context,
        spot,
        Plan(
            api=Api.KLOUDLESS_CONSENT,
            side=words.KLOUDLESS,
            label=words.CONNECT_AT_KLOUDLESS,
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
        _describe(spot.connected, spot.again, scope)
    if spot.sign_in is not None:
        st.caption(words.LINK_SHOWN)
        address = _address(credentials, own, scope, spot.sign_in.state.reveal())
        st.code(address, language=None, wrap_lines=True)
    st.caption(words.CONSENT_TROUBLE)
    paste(spot, words.KLOUDLESS)


def _address(credentials: KloudlessCredentials, own: str, scope: str, returned: str) -> str:
    return authorize_url(credentials, redirect_uri=own, state=returned, scope=scope)


def _scope() -> str | None:
    """The scope, if it can be sent; otherwise show what is wrong with it."""
    chosen = value(_SCOPE)
    options = [*OFFERED, *([chosen] if chosen and chosen not in OFFERED else [])]
    scope = st.selectbox(
        words.SCOPE,
        options,
        key=_SCOPE,
        accept_new_options=True,
        format_func=lambda one: words.offered_scope(one, OFFERED[one]) if one in OFFERED else one,
        help=words.SCOPE_HELP,
    )
    try:
        entries = read_scope(scope or "")
    except RunbookError as error:
        st.caption(f":red[:material/error:] {md(error.message)} {md(error.fix)}")
        return None
    if wants_admin(entries):
        st.caption(words.ADMIN_SCOPE)
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
    """Narrow the list, loaded again, to the account and select it, before the list is drawn."""
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


def _describe(found: Connected, again: AccountRow | None, scope: str) -> None:
    """Show which account came, and what to note about it."""
    account = words.named(verbatim(found.name), md(found.account_id))
    if again is not None and again.id != found.account_id:
        st.warning(
            words.other_person(words.named(verbatim(again.account), md(again.id)), account),
            icon=":material/warning:",
        )
    elif found.was_there:
        st.markdown(words.same_account(account))
    elif found.was_there is None:
        st.markdown(words.maybe_new(account))
    else:
        st.markdown(words.new_account(account))
    if wants_admin(read_scope(scope)) and not found.admin:
        st.warning(
            words.PERSONAL_CAME,
            icon=":material/warning:",
        )
    st.caption(words.LIST_FILTERED)

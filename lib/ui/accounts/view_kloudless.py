"""The Accounts page's list of Kloudless accounts: filters, state up to “callable”, details."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import pandas as pd
import streamlit as st

from lib.accounts.fetch import (
    AccountPage,
    AccountQuery,
    Proof,
    accounts_page,
    can_be_tried,
    prove_account,
    state_words,
)
from lib.accounts.rows import AccountRow
from lib.core.texts import md, undisguised
from lib.files.location import ACCOUNT as FILES_ACCOUNT
from lib.kloudless import KloudlessClient
from lib.ui.accounts import words_kloudless as words
from lib.ui.accounts.state import (
    ACCOUNTS_PAGE,
    ACCOUNTS_SEARCH,
    ACCOUNTS_TABLE,
    SERVICE,
    AccountsState,
    searched,
)
from lib.ui.accounts.view_bulk import batch_section, bulk_section
from lib.ui.accounts.view_connect import connect_section
from lib.ui.accounts.view_import import import_section
from lib.ui.accounts.view_manage import changes_section, last_change
from lib.ui.components.fetched_pages import first_page, kept, page_number
from lib.ui.components.fields import words_field
from lib.ui.components.outcome import definitions, show_fault, verbatim
from lib.ui.components.tables import missing_half, pager, rows_table, time_words, times
from lib.ui.shell import navigation
from lib.ui.shell.boundary import boundary
from lib.ui.shell.frame import Context
from lib.ui.shell.session import of_profile, seed, state

BATCH: Final = 10
_ADMIN: Final = {"any": None, "admin": True, "personal": False}
_ENABLED: Final = {"any": None, "enabled": True, "disabled": False}
_WORDS: Final = {
    "any": words.ALL,
    "admin": words.ADMIN,
    "personal": words.PERSONAL,
    "enabled": words.ENABLED,
    "disabled": words.DISABLED,
}


def accounts_tab(context: Context) -> None:
    """Filters, one page of accounts with their state, tests, and the selected account."""
    if context.profile.kloudless is None:
        missing_half(context, words.KLOUDLESS_APPLICATION)
        return
    connect_section(context)
    import_section(context)
    query = _query()
    page, at = _accounts(context, query)
    if not page.rows:
        st.info(
            words.NOTHING_FITS if query != AccountQuery(number=query.number) else words.NO_ACCOUNTS,
            icon=":material/search_off:",
        )
        _what_happened(context, ())
        return
    _prove_batch(context, page.rows)
    key = of_profile(f"{ACCOUNTS_TABLE}.{query.number}")
    _follow(page.rows, key)
    positions = rows_table(
        account_frame(page.rows, context),
        key=key,
        columns={
            words.ACCOUNT: st.column_config.TextColumn(width=260),
            words.STATE: st.column_config.TextColumn(width=170),
            words.SERVICE: st.column_config.TextColumn(width=125),
            words.APIS: st.column_config.TextColumn(width=175),
            words.CREATED: st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm"),
            words.TESTED: st.column_config.DatetimeColumn(format="HH:mm:ss"),
        },
        alt=words.ACCOUNTS_TABLE,
    )
    pager(page.paging, len(page.rows), key=ACCOUNTS_PAGE, what=words.ACCOUNTS, fetched_at=at)
    if page.scanned is not None:
        st.caption(words.searched_for_service(page.scanned))
    chosen = [page.rows[place] for place in positions]
    _what_happened(context, chosen)
    if not chosen:
        st.caption(words.CHOOSE)
    elif len(chosen) == 1:
        _account(context, chosen[0])
    else:
        bulk_section(context, chosen)


def _what_happened(context: Context, chosen: Sequence[AccountRow]) -> None:
    """Outcomes of accounts that aren't shown; below the list, so that the list doesn't move."""
    last_change(context, chosen)
    batch_section(context)


def _follow(rows: Sequence[AccountRow], key: str) -> None:
    """Keep the changed accounts selected, wherever they are in the reloaded list."""
    accounts_state = state(AccountsState)
    if accounts_state.follow is None:
        return
    places = [place for place, row in enumerate(rows) if row.id in accounts_state.follow]
    seed(key, {"selection": {"rows": places, "columns": [], "cells": []}})
    accounts_state.follow = None


def _query() -> AccountQuery:
    accounts_state = state(AccountsState)
    if accounts_state.search is not None:
        seed(ACCOUNTS_SEARCH, accounts_state.search)
        accounts_state.search = None
        _again()
    first, second, third, fourth = st.columns([3, 2, 2, 2])
    with first:
        search = words_field(
            words.SEARCH, type="search", key=ACCOUNTS_SEARCH, live=True, on_change=_again
        )
    service = second.selectbox(
        words.SERVICE,
        ["box"],
        index=None,
        key=SERVICE,
        placeholder=words.ALL,
        accept_new_options=True,
        format_func=lambda name: words.BOX if name == "box" else name,
        on_change=_again,
    )
    admin = third.segmented_control(
        words.RIGHTS,
        list(_ADMIN),
        default="any",
        required=True,
        format_func=_WORDS.__getitem__,
        key="account_rights",
        bind="query-params",
        on_change=_again,
    )
    enabled = fourth.segmented_control(
        words.STATE,
        list(_ENABLED),
        default="any",
        required=True,
        format_func=_WORDS.__getitem__,
        key="account_state",
        bind="query-params",
        on_change=_again,
    )
    searched(ACCOUNTS_PAGE, search or "")
    return AccountQuery(
        number=page_number(ACCOUNTS_PAGE),
        search=search or "",
        service=str(service or ""),
        admin=_ADMIN[admin or "any"],
        enabled=_ENABLED[enabled or "any"],
    )


def _again() -> None:
    first_page(ACCOUNTS_PAGE)


def _client(context: Context) -> KloudlessClient:
    return context.runtime.clients.kloudless(context.profile)


def _accounts(context: Context, query: AccountQuery) -> tuple[AccountPage, datetime]:
    with st.spinner(words.GETTING_ACCOUNTS, show_time=True):
        return kept(
            (context.profile.key, "accounts", query),
            lambda: accounts_page(_client(context), query),
            now=context.now,
        )


def account_frame(rows: Sequence[AccountRow], context: Context) -> pd.DataFrame:
    """Accounts as a table, with the known state of each."""
    proofs = [_proof(context, row) for row in rows]
    return pd.DataFrame(
        {
            words.ACCOUNT: [undisguised(row.account) for row in rows],
            words.STATE: [state_words(row, proof) for row, proof in zip(rows, proofs, strict=True)],
            words.SERVICE: [row.service_name for row in rows],
            words.RIGHTS: [words.ADMIN if row.admin else words.PERSONAL for row in rows],
            words.APIS: [", ".join(row.apis) for row in rows],
            words.CREATED: times([row.created_at for row in rows], context.zone),
            words.TESTED: times([proof.at if proof else None for proof in proofs], context.zone),
        }
    )


def _proof(context: Context, row: AccountRow) -> Proof | None:
    return state(AccountsState).proofs.get((context.profile.key, row.id))


def _prove_batch(context: Context, rows: Sequence[AccountRow]) -> None:
    waiting = [row for row in rows if can_be_tried(row) and _proof(context, row) is None]
    if not waiting:
        return
    batch = waiting[:BATCH]
    pressed = st.button(
        words.test_batch(len(batch)),
        icon=":material/bolt:",
        help=words.TEST_HELP,
    )
    if not pressed:
        return
    bar = st.progress(0.0, words.TESTING)
    with boundary():
        client = _client(context)
        for done, row in enumerate(batch, start=1):
            _keep(context, row, client)
            bar.progress(done / len(batch), words.done_of(done, len(batch)))
    st.rerun()


def _keep(context: Context, row: AccountRow, client: KloudlessClient) -> None:
    proof = prove_account(client, row, now=lambda: datetime.now(UTC))
    state(AccountsState).proofs[context.profile.key, row.id] = proof


def _untried(row: AccountRow) -> str:
    if not row.enabled:
        return words.UNTESTED_DISABLED
    if not can_be_tried(row):
        return words.UNTESTED_NO_FILES
    return words.UNTESTED


def _account(context: Context, row: AccountRow) -> None:
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(words.account_heading(md(row.service_name)))
        definitions(
            [
                (words.ACCOUNT, verbatim(undisguised(row.account))),
                (words.KLOUDLESS_ID, verbatim(row.id)),
                (words.RIGHTS, words.ADMIN_RIGHTS if row.admin else words.PERSONAL),
                (words.APIS, md(", ".join(row.apis)) or words.NOT_REPORTED),
                (words.SCOPE, verbatim(row.scope) if row.scope else words.NOT_REPORTED),
                (words.CONNECTED, time_words(row.created_at, context)),
                (words.CHANGED, time_words(row.modified_at, context)),
                (words.EXPIRY, time_words(row.token_expiry, context, words.NOT_REPORTED)),
            ]
        )
    with right:
        st.markdown(words.DOES_IT_WORK)
        if st.button(words.TEST_ONE, icon=":material/bolt:", disabled=not can_be_tried(row)):
            with boundary(), st.spinner(words.TESTING):
                _keep(context, row, _client(context))
            st.rerun()
        proof = _proof(context, row)
        if proof is None:
            st.caption(_untried(row))
        elif proof.fault is not None:
            show_fault(proof.fault)
        else:
            st.success(
                words.callable_at(proof.at),
                icon=":material/check_circle:",
            )
            files = navigation.page("files")
            if files is not None and row.service == "box":
                query = {**context.links, FILES_ACCOUNT: row.id}
                st.page_link(files, label=words.FILES_LINK, query_params=query)
        changes_section(context, row)

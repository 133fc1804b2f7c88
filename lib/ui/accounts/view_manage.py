"""Changes to one Kloudless account: enable, disable, rename, new tokens, delete.

Every change is written into the audit record with its outcome. What was typed stays when Kloudless
refuses. Deleting requires typing the account's name, and says what ends. Facts: the published
Kloudless SDKs and their tests (PATCH and DELETE of an account).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import streamlit as st

from lib.accounts.changes import (
    Action,
    Change,
    apply,
    audit_outcome,
    is_confirmed,
    switching,
    what_to_type,
)
from lib.accounts.rows import AccountRow
from lib.core.redaction import Secret
from lib.core.texts import md, undisguised
from lib.http.outcome import Outcome
from lib.kloudless import KloudlessClient
from lib.kloudless.account_import import ImportOrder, ImportProblem, changed_tokens, problems
from lib.ui.accounts import words_kloudless as words
from lib.ui.accounts.state import ACCOUNTS_SEARCH, AccountsState
from lib.ui.accounts.view_connect import reconnect_button
from lib.ui.components.auditing import record
from lib.ui.components.credentials.credential_entry import CredentialEntry, also_forget, take_text
from lib.ui.components.fetched_pages import refresh
from lib.ui.components.fields import code_field, secret_field, words_field
from lib.ui.components.outcome import show_fault, show_outcome, verbatim
from lib.ui.components.tables import show_problem
from lib.ui.shell.boundary import boundary
from lib.ui.shell.frame import Context, may_act
from lib.ui.shell.session import seed, state, value

TOKENS = ("token", "refresh_token")


@dataclass(slots=True)
class Managing:
    """New tokens entered for an account, and the outcome of the last change.

    `last` belongs to an account, by profile and id. `close` is the popover to close.
    """

    tokens: dict[str, Secret] = field(default_factory=dict)
    tokens_of: tuple[str, str] | None = None
    close: str | None = None
    last: tuple[tuple[str, str], Outcome] | None = None


also_forget(Managing)


def changes_section(context: Context, row: AccountRow) -> None:
    """The buttons that change an account, and what came of the last one."""
    if not may_act(context):
        st.caption(words.ONLY_HOST_CHANGES)
        return
    st.markdown(words.CHANGE_HEADING)
    _close_popover()
    with st.container(horizontal=True, gap="small"):
        _switch(context, row)
        _rename(context, row)
        _new_tokens(context, row)
        reconnect_button(context, row)
        if st.button(words.DELETE_MENU, icon=":material/delete:", key=f"accounts.delete.{row.id}"):
            _confirm(context, row)
    last = state(Managing).last
    if last is not None and last[0] == (context.profile.key, row.id):
        show_outcome(last[1])


def last_change(context: Context, shown: Sequence[AccountRow]) -> None:
    """The outcome of a change whose account is no longer selected: deleted, or filtered out.

    Forgotten as soon as other accounts are selected.
    """
    managing = state(Managing)
    last = managing.last
    if last is None or last[0][0] != context.profile.key:
        return
    if not shown:
        show_outcome(last[1])
    elif all(row.id != last[0][1] for row in shown):
        managing.last = None


def change(context: Context, row: AccountRow, requested: Change, *, close: str = "") -> Outcome:
    """Make a change, record it, and load the list again.

    `close` is the popover to close when the change succeeded.
    """
    managing = state(Managing)
    with st.spinner(words.CALLING, show_time=True):
        outcome = apply(_client(context), row, requested)
        # Before anything is drawn: a click elsewhere may end this run there, the change is made.
        written(context, row, requested, outcome)
        managing.last = ((context.profile.key, row.id), outcome)
        if outcome.ok:
            managing.close = close or None
            _let_follow(context, row, requested)
    return outcome


def _let_follow(context: Context, row: AccountRow, requested: Change) -> None:
    """Load the list again and keep the account selected, under its new name too."""
    accounts_state = state(AccountsState)
    accounts_state.proofs.pop((context.profile.key, row.id), None)
    accounts_state.follow = (row.id,)
    name, searched = str(requested.body.get("account") or ""), str(value(ACCOUNTS_SEARCH) or "")
    if name and searched.strip().casefold() not in name.casefold():
        accounts_state.search = name
    refresh()


def written(context: Context, row: AccountRow, requested: Change, outcome: Outcome) -> None:
    """Write a change of an account into the audit record."""
    word, why = audit_outcome(outcome)
    sent = ", ".join(requested.body) if requested.action is Action.TOKENS else ""
    record(
        context,
        requested.action,
        f"account {row.id}",
        outcome=word,
        detail=": ".join(part for part in (sent, why or "") if part) or None,
    )


def _close_popover() -> None:
    """Close the popover of a change that succeeded, before it is drawn."""
    managing = state(Managing)
    if managing.close is not None:
        seed(managing.close, False)  # noqa: FBT003  # the state of a popover: closed
        managing.close = None


def _switch(context: Context, row: AccountRow) -> None:
    label = words.DISABLE if row.enabled else words.ENABLE
    icon = ":material/toggle_off:" if row.enabled else ":material/toggle_on:"
    pressed = st.button(
        label,
        icon=icon,
        key=f"accounts.switch.{row.id}",
        help=words.DISABLE_HELP if row.enabled else words.ENABLE_HELP,
    )
    if pressed:
        with boundary():
            change(context, row, switching(row, on=not row.enabled))
        st.rerun()


def _rename(context: Context, row: AccountRow) -> None:
    with st.popover(
        words.RENAME, icon=":material/edit:", key=f"accounts.rename.{row.id}", on_change="rerun"
    ) as box:
        if not box.open:
            return
        requested = words_field(
            words.NEW_NAME,
            value=undisguised(row.account),
            key=f"accounts.name.{row.id}",
            help=words.NEW_NAME_HELP,
            max_chars=200,
        )
        if st.button(words.SAVE_NAME, type="primary", key=f"accounts.rename.do.{row.id}"):
            if not requested:
                st.caption(words.NAME_NEEDED)
            elif requested == row.account:
                st.caption(words.SAME_NAME)
            else:
                with boundary():
                    renaming = Change(Action.RENAME, {"account": requested})
                    outcome = change(context, row, renaming, close=f"accounts.rename.{row.id}")
                    if outcome.fault is not None:
                        show_fault(outcome.fault)
                        return
                st.rerun()


def _new_tokens(context: Context, row: AccountRow) -> None:
    with st.popover(
        words.NEW_TOKENS, icon=":material/key:", key=f"accounts.tokens.{row.id}", on_change="rerun"
    ) as box:
        if not box.open:
            return
        st.caption(words.NEW_TOKENS_INTRO)
        managing = _entered(context, row)
        for name in TOKENS:
            _token(row, managing, name)
        expiry = code_field(
            words.NEW_EXPIRY,
            key=f"accounts.tokens.expiry.{row.id}",
            placeholder="2026-11-30T18:00:00Z",
            autocomplete="off",
        )
        order = ImportOrder(
            account=row.account or row.id,
            token=managing.tokens.get("token"),
            refresh_token=managing.tokens.get("refresh_token"),
            token_expiry=expiry.strip(),
        )
        found = problems(order, context.now)
        _said(found, order)
        if st.button(
            words.SEND_TOKENS,
            type="primary",
            key=f"accounts.tokens.do.{row.id}",
            disabled=not all(one.warning for one in found),
        ):
            _send_tokens(context, row, order)


def _entered(context: Context, row: AccountRow) -> Managing:
    """The tokens entered for this account; those entered for another are dropped."""
    managing, owner = state(Managing), (context.profile.key, row.id)
    if managing.tokens_of != owner:
        managing.tokens, managing.tokens_of = {}, owner
    return managing


def _token(row: AccountRow, managing: Managing, name: str) -> None:
    widget = f"tokens.{row.id}.{name}"
    is_set = name in managing.tokens
    secret_field(
        words.TOKEN_LABELS[name],
        key=state(CredentialEntry).key(widget),
        placeholder=words.REPLACE if is_set else "",
        on_change=_take,
        args=(widget, name),
    )
    if is_set:
        st.caption(words.SET)


def _take(widget: str, name: str) -> None:
    text = take_text(widget).strip()
    if text:
        state(Managing).tokens[name] = Secret(text)


def _said(found: Sequence[ImportProblem], order: ImportOrder) -> None:
    for one in found:
        if one.field == "token" and not order.token:
            continue  # nothing was entered yet
        show_problem(one)


def _send_tokens(context: Context, row: AccountRow, order: ImportOrder) -> None:
    body = changed_tokens(
        token=order.token, refresh_token=order.refresh_token, token_expiry=order.token_expiry
    )
    with boundary():
        sending = Change(Action.TOKENS, body)
        outcome = change(context, row, sending, close=f"accounts.tokens.{row.id}")
        if outcome.fault is not None:
            show_fault(outcome.fault)
            return
        state(Managing).tokens = {}
    st.rerun()


@st.dialog(words.DELETE_ONE, width="medium")
def _confirm(context: Context, row: AccountRow) -> None:
    name = undisguised(row.account)
    st.markdown(words.delete_one(verbatim(name), verbatim(row.id), md(row.service_name)))
    requested = what_to_type(row)
    key = f"accounts.delete.typed.{row.id}"
    typed = words_field(
        words.type_to_delete(verbatim(requested)), key=key, live=True, autocomplete="off"
    )
    sure = is_confirmed(requested, typed)
    if st.button(
        words.DELETE_ONE_BUTTON, type="primary", icon=":material/delete:", disabled=not sure
    ):
        outcome = change(context, row, Change(Action.DELETE))
        if outcome.fault is None:
            st.rerun()
        show_fault(outcome.fault)


def _client(context: Context) -> KloudlessClient:
    return context.runtime.clients.kloudless(context.profile)

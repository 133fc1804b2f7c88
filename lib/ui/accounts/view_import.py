"""“Import an account” on the list of Kloudless accounts: the form, the request, the outcome.

For people who already have Box tokens. The field names that Kloudless expects for a Box
organisation are no longer published, so the form says that its names are this app's and lets people
change them. Kloudless accepts a token without testing it, so an imported account is tested by a
call. Facts: the published Kloudless SDKs and tests; Box API reference (users/me).
"""

from datetime import UTC, datetime
from typing import Final

import streamlit as st

from lib.accounts.changes import Action, audit_outcome, bring_in
from lib.accounts.fetch import Proof, can_be_tried, prove_account
from lib.accounts.rows import AccountRow
from lib.box.admin_proof import prove_admin
from lib.core.errors import RunbookError
from lib.core.texts import md
from lib.http.outcome import Outcome, fault_of
from lib.kloudless import KloudlessClient
from lib.kloudless.account_import import (
    ImportOrder,
    preview,
    problems,
    sendable,
)
from lib.settings.profiles import BOX_API_URL
from lib.ui.accounts import words_kloudless as words
from lib.ui.accounts.import_state import (
    ORGANISATION,
    PERSON,
    Import,
    clear,
    draft,
    key_of,
    order_of,
    take_kind,
)
from lib.ui.accounts.state import AccountsState
from lib.ui.accounts.view_connect import show_in_list
from lib.ui.accounts.view_import_fields import extra_inputs, plain_input, secret_input
from lib.ui.components.auditing import record
from lib.ui.components.outcome import show_fault, show_outcome
from lib.ui.shell.boundary import boundary
from lib.ui.shell.frame import Context, may_act
from lib.ui.shell.session import state

OPEN: Final = "accounts.import.open"
_KINDS: Final = {PERSON: words.ONE_PERSON, ORGANISATION: words.ORGANISATION}


def import_section(context: Context) -> None:
    """The form that imports an account with tokens obtained elsewhere."""
    if context.profile.kloudless is None or not may_act(context):
        return
    with st.expander(
        words.IMPORT, icon=":material/move_to_inbox:", key=OPEN, on_change="rerun"
    ) as box:
        if box.open:
            with boundary():
                _form(context, draft(context.profile.key))


def _form(context: Context, found: Import) -> None:
    st.caption(words.IMPORT_INTRO)
    organisation = found.order.organisation
    st.segmented_control(
        words.ACCOUNT_TYPE,
        list(_KINDS),
        default=ORGANISATION if organisation else PERSON,
        format_func=_KINDS.__getitem__,
        required=True,
        key=key_of("kind"),
        on_change=take_kind,
    )
    wrong = {one.field: one for one in problems(order_of(found), context.now)}
    plain_input(found, wrong, "account", "ada@example.com")
    left, right = st.columns(2, gap="medium")
    if organisation:
        with left:
            plain_input(found, wrong, "enterprise_id", "1234567")
        with right:
            secret_input(found, wrong, "proof_token")
        _proof(context, found)
    else:
        with left:
            secret_input(found, wrong, "token")
            plain_input(found, wrong, "token_expiry", _EXAMPLES[0])
        with right:
            secret_input(found, wrong, "refresh_token")
            plain_input(found, wrong, "refresh_token_expiry", _EXAMPLES[1])
    extra_inputs(found, wrong)
    _request(context, found)
    _send(context, found)


_EXAMPLES: Final = ("2026-11-30T18:00:00Z", "2027-01-29T18:00:00Z")


def _proof(context: Context, found: Import) -> None:
    if st.button(
        words.CHECK_PROOF,
        icon=":material/verified_user:",
        help=words.CHECK_PROOF_HELP,
    ):
        if found.order.proof_token and found.order.enterprise_id.strip():
            _prove(context, found)
        else:
            st.caption(words.PROOF_NEEDS)
    if found.proof is not None:
        st.success(words.proved(md(found.proof.words)), icon=":material/verified_user:")
        st.caption(words.PROOF_LIMITS)
    elif found.proof_fault is not None:
        show_fault(found.proof_fault)


def _prove(context: Context, found: Import) -> bool:
    order = found.order
    found.proof = found.proof_fault = None
    if order.proof_token is None:
        return False
    try:
        with st.spinner(words.CHECKING_PROOF, show_time=True):
            found.proof = prove_admin(
                _client(context).http,
                order.proof_token,
                api_url=_box_address(context),
                enterprise_id=order.enterprise_id.strip(),
            )
    except RunbookError as error:
        found.proof_fault = fault_of(error)
    return found.proof is not None


def _box_address(context: Context) -> str:
    """The address of the Box behind the profile's Kloudless."""
    if context.profile.box is not None:
        return context.profile.box.api_url
    given = context.runtime.sandbox.credentials
    kloudless = context.profile.kloudless
    ours = given.get("kloudless", {}).get("base_url")
    if kloudless is not None and ours and kloudless.base_url == str(ours).rstrip("/"):
        return str(given["box"]["api_url"])
    return BOX_API_URL


def _request(context: Context, found: Import) -> None:
    credentials = context.profile.kloudless
    if credentials is None:
        return
    st.markdown(words.REQUEST_HEADING)
    st.code(preview(order_of(found), credentials.base_url), language=None, wrap_lines=True)


def _send(context: Context, found: Import) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        pressed = st.button(words.IMPORT_BUTTON, type="primary", icon=":material/move_to_inbox:")
        st.button(words.CLEAR_FORM, type="tertiary", on_click=clear, args=(found,))
    if pressed:
        found.pressed, found.outcome, found.called = True, None, None
        order = order_of(found)
        if sendable(order, context.now) and _may_be_sent(context, found):
            _bring_in(context, found, order)
        st.rerun()
    if found.pressed and not sendable(order_of(found), context.now):
        st.caption(words.NOT_SENT)
    if found.outcome is not None:
        show_outcome(found.outcome)
    if found.called is not None:
        _called(found)


def _may_be_sent(context: Context, found: Import) -> bool:
    """An organisation's import needs its proof first, because Kloudless asks for it too."""
    return not found.order.organisation or found.proof is not None or _prove(context, found)


def _bring_in(context: Context, found: Import, order: ImportOrder) -> None:
    client = _client(context)
    with st.spinner(words.IMPORTING, show_time=True):
        outcome, row = bring_in(client, order)
        # Before anything is drawn: a click elsewhere may end this run there, the account is there.
        _written(context, found, order, outcome, row)
        if row is not None:
            clear(found)
        found.outcome = outcome
    if row is not None:
        with st.spinner(words.TESTING_IMPORTED):
            found.called = _try(context, row)
        show_in_list(context, row.id, row.account)


def _written(
    context: Context, found: Import, order: ImportOrder, outcome: Outcome, row: AccountRow | None
) -> None:
    """The import, in the audit record."""
    word, why = audit_outcome(outcome)
    proof = found.proof
    of = f"organisation {order.enterprise_id.strip()}" if order.organisation else "one person"
    shown = f", proved by user {proof.user_id}" if order.organisation and proof else ""
    record(
        context,
        Action.IMPORT,
        f"account {row.id}" if row else None,
        outcome=word,
        detail=f"{of}{shown}" + (f": {why}" if why else ""),
    )


def _try(context: Context, row: AccountRow) -> Proof | None:
    if not can_be_tried(row):
        return None
    proof = prove_account(_client(context), row, now=lambda: datetime.now(UTC))
    state(AccountsState).proofs[context.profile.key, row.id] = proof
    return proof


def _called(found: Import) -> None:
    proof = found.called
    if proof is None:
        return
    if proof.fault is None:
        st.success(
            words.imported_works(proof.at),
            icon=":material/check_circle:",
        )
        return
    st.markdown(words.IMPORTED_FAILS)
    show_fault(proof.fault)


def _client(context: Context) -> KloudlessClient:
    return context.runtime.clients.kloudless(context.profile)

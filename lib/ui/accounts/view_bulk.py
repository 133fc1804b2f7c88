"""Changes to several Kloudless accounts at once: one call and one outcome each.

A run can stop after any account (leave the page, press a button): the rest is shown as remaining
and can be continued. Each change is in the audit record by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from lib.accounts.changes import (
    DONE,
    TOGETHER,
    AccountBatch,
    Action,
    as_asked,
    change_of,
    is_confirmed,
    together_to_type,
    work_through,
)
from lib.accounts.rows import AccountRow
from lib.core.errors import Who
from lib.core.texts import md, undisguised
from lib.http.outcome import Outcome
from lib.kloudless import KloudlessClient
from lib.ui.accounts import words_kloudless as words
from lib.ui.accounts.state import AccountsState
from lib.ui.accounts.view_manage import written
from lib.ui.components.credentials.credential_entry import also_forget
from lib.ui.components.fetched_pages import refresh
from lib.ui.components.fields import words_field
from lib.ui.components.outcome import verbatim
from lib.ui.shell.boundary import WHO
from lib.ui.shell.frame import Context, may_act
from lib.ui.shell.session import state

_TYPED = "accounts.bulk.typed"
_BUTTONS = {
    Action.ENABLE: (words.ENABLE, ":material/toggle_on:"),
    Action.DISABLE: (words.DISABLE, ":material/toggle_off:"),
    Action.DELETE: (words.DELETE_MENU, ":material/delete:"),
}


@dataclass(slots=True)
class Bulk:
    """The current batch, and whether it is running."""

    batch: AccountBatch | None = None
    going: bool = False


also_forget(Bulk)


def bulk_section(context: Context, rows: Sequence[AccountRow]) -> None:
    """What can be done with the selected accounts."""
    st.markdown(words.chosen(len(rows)))
    st.caption(", ".join(verbatim(undisguised(row.account)) for row in rows))
    if not may_act(context):
        st.caption(words.ONLY_HOST_CHANGES)
        return
    with st.container(horizontal=True, gap="small"):
        for action in TOGETHER:
            label, icon = _BUTTONS[action]
            if not st.button(label, icon=icon, key=f"accounts.bulk.{action}"):
                continue
            if action is Action.DELETE:
                _confirm(context, tuple(rows))
            else:
                _begin(context, action, tuple(rows))
                st.rerun()


def batch_section(context: Context) -> None:
    """Run the current batch, and show each account's outcome."""
    bulk = state(Bulk)
    batch = bulk.batch
    if batch is None or batch.owner != context.profile.key:
        return
    if bulk.going:
        _go_on(context, bulk, batch)
        st.rerun()
    with st.container(border=True, gap="small", key="accounts.batch"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(words.batch_heading(len(batch.rows), md(batch.words)))
            if batch.left:
                st.button(
                    words.go_on(len(batch.left)),
                    icon=":material/play_arrow:",
                    on_click=_again,
                    args=(bulk,),
                )
            st.button(words.CLOSE, type="tertiary", on_click=_close, args=(bulk,))
        _results(batch)


def _begin(context: Context, action: Action, rows: tuple[AccountRow, ...]) -> None:
    bulk = state(Bulk)
    bulk.batch, bulk.going = AccountBatch(action, rows, context.profile.key), True


def _again(bulk: Bulk) -> None:
    bulk.going = True


def _close(bulk: Bulk) -> None:
    bulk.batch, bulk.going = None, False


def _go_on(context: Context, bulk: Bulk, batch: AccountBatch) -> None:
    client: KloudlessClient = context.runtime.clients.kloudless(context.profile)
    total = len(batch.rows)
    bar = st.progress(0.0, words.CALLING)
    # Whatever stops this run, the next one doesn't go on by itself.
    bulk.going = False
    accounts_state = state(AccountsState)
    accounts_state.follow = tuple(row.id for row in batch.rows)
    refresh()
    for row, outcome in work_through(batch, client):
        if outcome.calls:
            written(context, row, change_of(batch.action, row), outcome)
        if outcome.ok:
            accounts_state.proofs.pop((context.profile.key, row.id), None)
        done = len(batch.outcomes)
        bar.progress(done / total, words.done_of(done, total))


def _results(batch: AccountBatch) -> None:
    outcomes = [batch.outcomes.get(row.id) for row in batch.rows]
    frame = pd.DataFrame(
        {
            words.ACCOUNT: [undisguised(row.account) for row in batch.rows],
            words.OUTCOME: [_word(batch, one) for one in outcomes],
            words.WHY: [_why(one) for one in outcomes],
            words.WHAT_TO_DO: [one.fault.fix if one and one.fault else "" for one in outcomes],
            words.WHO: [_who(one) for one in outcomes],
            words.REQUEST_ID: [_ids(one) for one in outcomes],
        }
    )
    st.dataframe(
        frame[[name for name in frame if frame[name].any()]],
        hide_index=True,
        height="content",
        placeholder="—",
        alt=words.BATCH_TABLE,
    )


def _word(batch: AccountBatch, outcome: Outcome | None) -> str:
    if outcome is None:
        return words.LEFT
    if outcome.fault is not None:
        return words.REFUSED if outcome.fault.status else words.NO_ANSWER
    if not outcome.calls:
        return words.done(outcome.title)
    return words.done(DONE[batch.action]) if as_asked(outcome) else words.UNCLEAR


def _why(outcome: Outcome | None) -> str:
    if outcome is None:
        return ""
    if outcome.fault is not None:
        return f"{outcome.fault.message} {outcome.fault.cause}"
    return " ".join(fact.warning for fact in outcome.facts if fact.warning)


def _who(outcome: Outcome | None) -> str:
    return WHO[Who(outcome.fault.who)] if outcome is not None and outcome.fault is not None else ""


def _ids(outcome: Outcome | None) -> str:
    if outcome is None or outcome.fault is None:
        return ""
    return ", ".join(outcome.fault.request_ids)


@st.dialog(words.DELETE_SEVERAL, width="medium")
def _confirm(context: Context, rows: tuple[AccountRow, ...]) -> None:
    st.markdown("\n".join(f"- {verbatim(undisguised(row.account))} ({md(row.id)})" for row in rows))
    st.markdown(words.DELETE_SEVERAL_INTRO)
    requested = together_to_type(rows)
    label = words.type_to_delete_several(verbatim(requested))
    typed = words_field(label, key=_TYPED, live=True, autocomplete="off")
    sure = is_confirmed(requested, typed)
    if st.button(
        words.DELETE_SEVERAL_BUTTON, type="primary", icon=":material/delete:", disabled=not sure
    ):
        _begin(context, Action.DELETE, rows)
        st.rerun()

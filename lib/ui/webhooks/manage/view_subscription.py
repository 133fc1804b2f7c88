"""Management: one webhook in full: its issues, changing it, deleting it.

Deleting requires its ID to be typed, and says what ends. A change is shown as the exact request.
"""

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from lib.accounts.changes import is_confirmed
from lib.core.texts import md, undisguised
from lib.ui.components.fields import code_field
from lib.ui.components.outcome import definitions, show_fault, verbatim
from lib.ui.components.tables import time_words
from lib.ui.shell.boundary import boundary, show_error
from lib.ui.shell.frame import Context, may_act
from lib.ui.shell.session import seed, value
from lib.ui.webhooks.manage import words
from lib.ui.webhooks.manage.changes import change, delete
from lib.ui.webhooks.manage.subscription_list import Owned, here, item_name, key_of, managing_of
from lib.ui.webhooks.manage.view_form import address_field, trigger_field
from lib.ui.webhooks.manage.view_lint import blocks, show
from lib.webhooks.manage import subscriptions
from lib.webhooks.manage.lint_rules import CLEANED_AFTER
from lib.webhooks.manage.lint_subjects import Hook
from lib.webhooks.manage.linting import LintRemark, lint
from lib.webhooks.manage.subscriptions import Identity, Listed


def hook_section(
    context: Context,
    owner: Owned,
    listed: Listed,
    found: Sequence[LintRemark],
    *,
    last: datetime | None,
) -> None:
    """The selected webhook."""
    hook = listed.hook
    with st.container(border=True, gap="small", key="hooks.one"):
        st.markdown(f"#### {md(undisguised(item_name(hook, listed.place)))}")
        if listed.fault is not None:
            show_error(listed.fault)
            return
        show(found, well=words.WELL)
        definitions(_facts(context, owner.identity, listed, last))
        if may_act(context):
            with st.container(horizontal=True, gap="small"):
                _change(context, owner, listed)
                if st.button(words.DELETE, icon=":material/delete:", key=f"hooks.del.{hook.id}"):
                    _confirm(context, owner.identity, listed)


def _facts(
    context: Context, identity: Identity, listed: Listed, last: datetime | None
) -> list[tuple[str, str]]:
    hook = listed.hook
    place = "" if listed.place is not None else words.NOT_VISIBLE
    until = ""
    if last is not None:
        left = max(0, (last + CLEANED_AFTER - context.now).days)
        until = words.cleanup(left)
    return [
        (words.WATCHES, f"{md(hook.target_type)} {verbatim(undisguised(hook.target_id))}{place}"),
        (words.DELIVERS_TO, verbatim(undisguised(hook.address))),
        (words.TRIGGERS, ", ".join(md(undisguised(one)) for one in hook.triggers)),
        (words.OWNER, f"{md(undisguised(identity.name))} {verbatim(undisguised(identity.login))}"),
        (words.CREATED, md(time_words(hook.created_at, context))),
        (words.LAST_DELIVERY, md(time_words(last, context, words.NONE) + until)),
        (words.ID, verbatim(undisguised(hook.id))),
    ]


def _change(context: Context, owner: Owned, listed: Listed) -> None:
    hook, identity = listed.hook, owner.identity
    popover = key_of(context, f"hooks.change.{hook.id}")
    existing = managing_of(context)
    with st.popover(words.CHANGE, icon=":material/edit:", key=popover, on_change="rerun") as box:
        if not box.open:
            return
        keys = (f"hooks.address.{hook.id}", f"hooks.triggers.{hook.id}")
        if value(keys[0]) is None:
            seed(keys[0], hook.address)
        if value(keys[1]) is None:
            seed(keys[1], list(hook.triggers))
        address = address_field(context, key=keys[0])
        chosen = trigger_field(hook.target_type, key=keys[1], existing=hook.triggers)
        requested = Hook(
            hook.target_type, hook.target_id, address, chosen, hook.id, hook.created_at
        )
        around = subscriptions.around(context.now, identity, owner.hooks, here=here(context))
        found = lint(requested, around)
        show(found)
        same = address == hook.address and set(chosen) == set(hook.triggers)
        api = context.profile.box.api_url if context.profile.box is not None else ""
        if same:
            st.caption(words.UNCHANGED)
        else:
            st.caption(words.CHANGE_NOTE)
            call = subscriptions.planned_change(
                api, hook, identity, address=address, triggers=chosen
            )
            st.code(call, language="http", wrap_lines=True)
        if st.button(
            words.SAVE,
            type="primary",
            key=f"hooks.change.go.{hook.id}",
            disabled=same or blocks(found),
        ):
            with boundary():
                outcome = change(context, identity, hook, address=address, triggers=chosen)
                if outcome.fault is not None:
                    show_fault(outcome.fault)
                    return
                existing.last, existing.done = outcome, existing.done + 1
            st.rerun()


@st.dialog(words.DELETE_TITLE, width="medium")
def _confirm(context: Context, identity: Identity, listed: Listed) -> None:
    hook = listed.hook
    st.markdown(
        f"{verbatim(undisguised(item_name(hook, listed.place)))} · "
        f"{verbatim(undisguised(hook.address))}\n\n{words.DELETE_NOTES}"
    )
    api = context.profile.box.api_url if context.profile.box is not None else ""
    st.code(subscriptions.planned_deletion(api, hook, identity), language="http", wrap_lines=True)
    key = f"hooks.del.typed.{hook.id}"
    typed = code_field(
        words.type_to_delete(verbatim(hook.id)), key=key, live=True, autocomplete="off"
    )
    sure = is_confirmed(hook.id, typed)
    if st.button(words.DELETE_IT, type="primary", icon=":material/delete:", disabled=not sure):
        outcome = delete(context, identity, hook)
        if outcome.fault is None:
            managing_of(context).last = outcome
            st.rerun()
        show_fault(outcome.fault)

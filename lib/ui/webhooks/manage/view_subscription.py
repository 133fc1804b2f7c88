"""Management: one webhook in full: what is wrong with it, changing it, deleting it.

Deleting wants its ID typed, and says what ends. What a change writes is shown as the exact call.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import streamlit as st

from lib.accounts.changes import is_confirmed
from lib.core.texts import md, plural, undisguised
from lib.ui.components.fields import code_field
from lib.ui.components.outcome import definitions, show_fault, verbatim
from lib.ui.components.tables import moment_words
from lib.ui.shell.boundary import boundary, show_error
from lib.ui.shell.frame import Context, may_act
from lib.ui.shell.session import seed, value
from lib.ui.webhooks.manage.changes import change, delete
from lib.ui.webhooks.manage.subscription_list import Owned, here, item_name, key_of, managing_of
from lib.ui.webhooks.manage.view_form import address_field, trigger_field
from lib.ui.webhooks.manage.view_lint import blocks, show
from lib.webhooks.manage import subscriptions
from lib.webhooks.manage.lint_rules import CLEANED_AFTER
from lib.webhooks.manage.lint_subjects import Hook
from lib.webhooks.manage.linting import Finding, lint
from lib.webhooks.manage.subscriptions import Identity, Listed

_WELL: Final = "Nothing is wrong with it, as far as can be seen from here."


def hook_section(
    context: Context,
    owner: Owned,
    listed: Listed,
    found: Sequence[Finding],
    *,
    last: datetime | None,
) -> None:
    """The webhook that is chosen."""
    hook = listed.hook
    with st.container(border=True, gap="small", key="hooks.one"):
        st.markdown(f"#### {md(undisguised(item_name(hook, listed.place)))}")
        if listed.fault is not None:
            show_error(listed.fault)
            return
        show(found, well=_WELL)
        definitions(_facts(context, owner.identity, listed, last))
        if may_act(context):
            with st.container(horizontal=True, gap="small"):
                _change(context, owner, listed)
                if st.button("Delete…", icon=":material/delete:", key=f"hooks.del.{hook.id}"):
                    _confirm(context, owner.identity, listed)


def _facts(
    context: Context, identity: Identity, listed: Listed, last: datetime | None
) -> list[tuple[str, str]]:
    hook = listed.hook
    place = "" if listed.place is not None else " · its owner can't see it (any more)"
    until = ""
    if last is not None:
        left = max(0, (last + CLEANED_AFTER - context.now).days)
        until = f" · Box's clean-up in {plural(left, 'day')} at the earliest"
    return [
        ("Watches", f"{md(hook.target_type)} {verbatim(undisguised(hook.target_id))}{place}"),
        ("Delivers to", verbatim(undisguised(hook.address))),
        ("Triggers", ", ".join(md(undisguised(one)) for one in hook.triggers)),
        ("Owner", f"{md(undisguised(identity.name))} {verbatim(undisguised(identity.login))}"),
        ("Made", md(moment_words(hook.created_at, context))),
        ("Last delivery here", md(moment_words(last, context, "none") + until)),
        ("ID", verbatim(undisguised(hook.id))),
    ]


def _change(context: Context, owner: Owned, listed: Listed) -> None:
    hook, identity = listed.hook, owner.identity
    popover = key_of(context, f"hooks.change.{hook.id}")
    held = managing_of(context)
    with st.popover("Change", icon=":material/edit:", key=popover, on_change="rerun") as box:
        if not box.open:
            return
        keys = (f"hooks.address.{hook.id}", f"hooks.triggers.{hook.id}")
        if value(keys[0]) is None:
            seed(keys[0], hook.address)
        if value(keys[1]) is None:
            seed(keys[1], list(hook.triggers))
        address = address_field(context, key=keys[0])
        chosen = trigger_field(hook.target_type, key=keys[1], held=hook.triggers)
        wanted = Hook(hook.target_type, hook.target_id, address, chosen, hook.id, hook.created_at)
        around = subscriptions.around(context.now, identity, owner.hooks, here=here(context))
        found = lint(wanted, around)
        show(found)
        same = address == hook.address and set(chosen) == set(hook.triggers)
        api = context.profile.box.api_url if context.profile.box is not None else ""
        if same:
            st.caption("That is how it is already.")
        else:
            st.caption("What is written; triggers replace the whole list:")
            call = subscriptions.planned_change(
                api, hook, identity, address=address, triggers=chosen
            )
            st.code(call, language="http", wrap_lines=True)
        if st.button(
            "Change it",
            type="primary",
            key=f"hooks.change.go.{hook.id}",
            disabled=same or blocks(found),
        ):
            with boundary():
                outcome = change(context, identity, hook, address=address, triggers=chosen)
                if outcome.fault is not None:
                    show_fault(outcome.fault)
                    return
                held.last, held.done = outcome, held.done + 1
            st.rerun()


@st.dialog("Delete this webhook?", width="medium")
def _confirm(context: Context, identity: Identity, listed: Listed) -> None:
    hook = listed.hook
    st.markdown(
        f"{verbatim(undisguised(item_name(hook, listed.place)))} · "
        f"{verbatim(undisguised(hook.address))}\n\n"
        "- Box stops delivering what happens there, at once.\n"
        "- What was delivered stays in the log; nothing is deleted in the folder.\n"
        "- There is no way back: a new one gets another ID."
    )
    api = context.profile.box.api_url if context.profile.box is not None else ""
    st.code(subscriptions.planned_deletion(api, hook, identity), language="http", wrap_lines=True)
    key = f"hooks.del.typed.{hook.id}"
    typed = code_field(
        f"Type {verbatim(hook.id)} to delete it", key=key, live=True, autocomplete="off"
    )
    sure = is_confirmed(hook.id, typed)
    if st.button("Delete it", type="primary", icon=":material/delete:", disabled=not sure):
        outcome = delete(context, identity, hook)
        if outcome.fault is None:
            managing_of(context).last = outcome
            st.rerun()
        show_fault(outcome.fault)

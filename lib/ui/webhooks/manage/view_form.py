"""Management: a new webhook, linted while it is typed, shown as the exact request, then created.

The fields are those of Box's request: an item, an address, triggers. Input stays when Box rejects
it.
"""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from lib.core.texts import md, undisguised
from lib.ui.components.fields import code_field
from lib.ui.components.outcome import show_fault
from lib.ui.shell.boundary import boundary
from lib.ui.shell.frame import Context
from lib.ui.shell.session import seed, value
from lib.ui.webhooks.manage import words
from lib.ui.webhooks.manage.changes import make
from lib.ui.webhooks.manage.subscription_list import Owned, folders, here, key_of, managing_of
from lib.ui.webhooks.manage.view_lint import blocks, show
from lib.webhooks.manage import subscriptions
from lib.webhooks.manage.linting import lint
from lib.webhooks.manage.subscriptions import Identity, SubscriptionRequest
from lib.webhooks.manage.triggers import FILE, FOLDER, offered, triggers

MEANINGS: Final = 4
BY_ID: Final = ""
FIRST: Final = ("FILE.UPLOADED", "FILE.DOWNLOADED", "FILE.PREVIEWED")
_NEW: Final = "hooks.new"


def new_section(context: Context, owners: Sequence[Owned]) -> None:
    """The form, closed at first."""
    listed = [one for one in owners if one.fault is None]
    if not listed:
        return
    with st.expander(
        words.NEW, icon=":material/add_link:", key=key_of(context, _NEW), on_change="rerun"
    ) as box:
        if box.open:
            with boundary():
                _form(context, listed)


def owner_choice(owners: Sequence[Owned], *, key: str) -> Owned:
    """The owner of the webhook; asked only where there are several."""
    if len(owners) == 1:
        return owners[0]
    place = st.selectbox(
        words.OWNER,
        range(len(owners)),
        key=key,
        format_func=lambda one: undisguised(owners[one].identity.name or owners[one].identity.id),
        help=words.OWNER_HELP,
    )
    return owners[int(place or 0)]


def address_field(context: Context, *, key: str) -> str:
    """Where to deliver; this app's own address unless another is typed."""
    mine = here(context)
    if value(key) is None and mine:
        seed(key, mine[0])
    typed = code_field(
        words.ADDRESS,
        key=key,
        live=True,
        autocomplete="off",
        placeholder="https://runbook.example.com/webhooks/box/acme",
        help=words.ADDRESS_HELP if mine else words.ADDRESS_HELP_SESSION,
    )
    return typed.strip()


def trigger_field(kind: str, *, key: str, existing: Sequence[str] = ()) -> tuple[str, ...]:
    """The triggers: those offered for the kind of item, and those the webhook has already."""
    options = list(dict.fromkeys((*offered(kind), *existing)))
    before = value(key)
    if before is not None and not set(before) <= set(options):
        seed(key, [one for one in before if one in options])
    known = triggers()
    chosen = st.multiselect(
        words.TRIGGERS,
        options,
        key=key,
        placeholder=words.TRIGGERS_PLACEHOLDER,
    )
    reported = [
        f"{md(one)}: {md(known[one].description)}" for one in chosen[:MEANINGS] if one in known
    ]
    if reported:
        st.caption(words.meanings(reported, len(chosen) - MEANINGS))
    return tuple(chosen)


def root_note(identity: Identity, found: dict[str, str]) -> None:
    """What to do when an owner sees no folder."""
    if not found:
        st.info(words.no_folder(md(undisguised(identity.name))), icon=":material/folder_off:")


def _form(context: Context, owners: Sequence[Owned]) -> None:
    owner = owner_choice(owners, key="hooks.new.owner")
    identity = owner.identity
    left, right = st.columns(2, gap="medium")
    with left:
        kind = (
            st.segmented_control(
                words.WATCHES,
                [FOLDER, FILE],
                key="hooks.new.kind",
                default=FOLDER,
                required=True,
                format_func=words.ITEM_KINDS.__getitem__,
            )
            or FOLDER
        )
        item_id, name = _item(context, identity, str(kind))
    with right:
        address = address_field(context, key=f"hooks.new.address.{context.profile.key}")
        if value("hooks.new.triggers") is None:
            seed("hooks.new.triggers", list(FIRST))
        chosen = trigger_field(str(kind), key="hooks.new.triggers")
    order = SubscriptionRequest(str(kind), item_id, address, chosen, name)
    around = subscriptions.around(context.now, identity, owner.hooks, here=here(context))
    found = lint(order.hook, around)
    show(found, well=words.NEW_WELL)
    with st.expander(words.REQUEST, icon=":material/edit_note:"):
        box = context.profile.box
        api = box.api_url if box is not None else ""
        st.code(subscriptions.planned(api, order, identity), language="http", wrap_lines=True)
    if st.button(
        words.CREATE,
        type="primary",
        icon=":material/add_link:",
        key="hooks.new.go",
        disabled=blocks(found),
    ):
        _make(context, identity, order)


def _item(context: Context, identity: Identity, kind: str) -> tuple[str, str]:
    """The item's id and, where it was chosen from a list, its name."""
    if kind == FILE:
        typed = code_field(words.FILE_ID, key="hooks.new.file", live=True, autocomplete="off")
        return typed.strip(), ""
    found = folders(context, identity, "0")
    root_note(identity, found)
    chosen = st.selectbox(
        words.FOLDER_,
        [*found, BY_ID],
        key=f"hooks.new.folder.{identity.id}",
        format_func=lambda one: undisguised(found[one]) if one in found else words.ANOTHER_FOLDER,
    )
    if chosen:
        return str(chosen), found.get(str(chosen), "")
    typed = code_field(
        words.FOLDER_ID,
        key="hooks.new.folder.id",
        live=True,
        autocomplete="off",
        help=words.FOLDER_ID_HELP,
    )
    return typed.strip(), ""


def _make(context: Context, identity: Identity, order: SubscriptionRequest) -> None:
    with st.spinner(words.ASKING, show_time=True):
        outcome = make(context, identity, order)
    if outcome.fault is not None:
        show_fault(outcome.fault)
        return
    existing = managing_of(context)
    existing.last, existing.done = outcome, existing.done + 1
    st.rerun()

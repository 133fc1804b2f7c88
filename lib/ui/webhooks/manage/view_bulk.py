"""Management: webhooks on several folders at once, previewed, made one by one, told one by one.

What was begun can be left at any folder (leave the page, press a button): the rest is told as left
and can be gone on with. Each webhook is in the audit record by itself.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import pandas as pd
import streamlit as st

from lib.core.errors import RunbookError
from lib.core.texts import plural, undisguised
from lib.ui.components.fetched_pages import refresh
from lib.ui.components.fields import code_field
from lib.ui.shell.boundary import WHO, boundary
from lib.ui.shell.frame import Context
from lib.ui.shell.session import seed, value
from lib.ui.webhooks.manage.changes import lead_here, written
from lib.ui.webhooks.manage.subscription_list import (
    Managing,
    Owned,
    box_client,
    folders,
    here,
    key_of,
    managing_of,
)
from lib.ui.webhooks.manage.view_form import (
    FIRST,
    address_field,
    owner_choice,
    root_note,
    trigger_field,
)
from lib.ui.webhooks.manage.view_lint import blocks, mark
from lib.webhooks.manage import subscriptions
from lib.webhooks.manage.linting import Finding, lint
from lib.webhooks.manage.subscriptions import Batch, Order
from lib.webhooks.manage.triggers import FOLDER

_KEY: Final = "hooks.bulk"


def bulk_section(context: Context, owners: Sequence[Owned]) -> None:
    """Choose folders, see what would be made, and begin."""
    listed = [one for one in owners if one.fault is None]
    if not listed:
        return
    with st.expander(
        "Several folders",
        icon=":material/library_add:",
        key=key_of(context, _KEY),
        on_change="rerun",
    ) as box:
        if box.open:
            with boundary():
                _choose(context, listed)


def batch_section(context: Context) -> None:
    """Work through what was begun, and tell how each folder went."""
    held = managing_of(context)
    batch = held.batch
    if batch is None:
        return
    if held.going:
        _go_on(context, held, batch)
        st.rerun()
    with st.container(border=True, gap="small", key="hooks.batch"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"**{plural(len(batch.orders), 'folder')}**: {_words(batch)}")
            if batch.left:
                st.button(
                    f"Go on with {plural(len(batch.left), 'folder')}",
                    icon=":material/play_arrow:",
                    on_click=_again,
                    args=(held,),
                )
            st.button(
                "Close", type="tertiary", key="hooks.batch.close", on_click=_close, args=(held,)
            )
        _results(batch)


def _choose(context: Context, owners: Sequence[Owned]) -> None:
    owner = owner_choice(owners, key="hooks.bulk.owner")
    identity = owner.identity
    left, right = st.columns(2, gap="medium")
    with left:
        below = code_field(
            "Folders below",
            key="hooks.bulk.below",
            value="0",
            autocomplete="off",
            help="A folder's ID; 0 is the owner's root.",
        )
        found = folders(context, identity, below.strip() or "0")
        root_note(identity, found)
        chosen = st.multiselect(
            "Folders",
            list(found),
            key=f"hooks.bulk.folders.{identity.id}.{below}",
            format_func=lambda one: undisguised(found[one]),
            placeholder="Which folders to watch",
        )
    with right:
        address = address_field(context, key=f"hooks.bulk.address.{context.profile.key}")
        if value("hooks.bulk.triggers") is None:
            seed("hooks.bulk.triggers", list(FIRST))
        names = trigger_field(FOLDER, key="hooks.bulk.triggers")
    orders = [Order(FOLDER, one, address, names, found[one]) for one in chosen]
    good = _preview(context, owner, orders)
    if st.button(
        f"Make {plural(len(good), 'webhook')}" if good else "Make them",
        type="primary",
        icon=":material/library_add:",
        key="hooks.bulk.go",
        disabled=not good,
    ):
        held = managing_of(context)
        held.batch, held.going, held.last = Batch(good, identity, context.profile.key), True, None
        held.done += 1
        st.rerun()


def _preview(context: Context, owner: Owned, orders: Sequence[Order]) -> tuple[Order, ...]:
    """What would be made and what not, and why; those that would be."""
    if not orders:
        return ()
    judged: list[tuple[Order, tuple[Finding, ...]]] = []
    for number, order in enumerate(orders):
        around = subscriptions.around(context.now, owner.identity, owner.hooks, here=here(context))
        # the ones before it are made by then
        around = replace(around, count=len(owner.hooks) + number)
        judged.append((order, lint(order.hook, around)))
    st.dataframe(
        pd.DataFrame(
            {
                "Folder": [undisguised(order.name) for order, _ in judged],
                "ID": [undisguised(order.target_id) for order, _ in judged],
                "Judged": [mark(found) for _, found in judged],
                "Why": [" ".join(one.what for one in found[:2]) for _, found in judged],
            }
        ),
        hide_index=True,
        height="content",
        placeholder="—",
        alt="What would be made on each folder, and what is wrong with it",
    )
    good = tuple(order for order, found in judged if not blocks(found))
    api = context.profile.box.api_url if context.profile.box is not None else ""
    if good:
        with st.expander(f"What is written: {plural(len(good), 'call')} like this one"):
            call = subscriptions.planned(api, good[0], owner.identity)
            st.code(call, language="http", wrap_lines=True)
    if len(good) < len(orders):
        st.caption(f"{plural(len(orders) - len(good), 'folder')} is left out: see why above.")
    return good


def _go_on(context: Context, held: Managing, batch: Batch) -> None:
    client = batch.identity.client(box_client(context))
    lead_here(context, batch.orders[0].address)
    total = len(batch.orders)
    bar = st.progress(0.0, "Asking Box…")
    # Whatever stops this run, the next one doesn't go on by itself.
    held.going = False
    refresh()
    for order, _made, fault in subscriptions.work_through(batch, client):
        written(context, batch, order, fault)
        done = total - len(batch.left)
        bar.progress(done / total, f"{done} of {total}")


def _words(batch: Batch) -> str:
    parts = [
        f"{len(batch.made)} made" if batch.made else "",
        f"{len(batch.faults)} refused" if batch.faults else "",
        f"{len(batch.left)} left" if batch.left else "",
    ]
    return " · ".join(part for part in parts if part)


def _results(batch: Batch) -> None:
    faults = [batch.faults.get(one.target_id) for one in batch.orders]
    frame = pd.DataFrame(
        {
            "Folder": [undisguised(one.name or one.target_id) for one in batch.orders],
            "Outcome": [_outcome(batch, one) for one in batch.orders],
            "Webhook": [batch.made.get(one.target_id, "") for one in batch.orders],
            "Why": [f"{one.message} {one.cause}" if one else "" for one in faults],
            "What to do": [one.fix if one else "" for one in faults],
            "Who": [WHO[one.who] if one else "" for one in faults],
        }
    )
    st.dataframe(
        frame[[name for name in frame if frame[name].any()]],
        hide_index=True,
        height="content",
        placeholder="—",
        alt="How each folder went",
    )


def _outcome(batch: Batch, order: Order) -> str:
    if order.target_id in batch.made:
        return "✓ Made"
    fault = batch.faults.get(order.target_id)
    if fault is None:
        return "… left"
    return "✗ Refused" if _answered(fault) else "✗ No answer"


def _answered(fault: RunbookError) -> bool:
    return getattr(fault, "status", None) is not None


def _again(held: Managing) -> None:
    held.going = True


def _close(held: Managing) -> None:
    held.batch, held.going = None, False

"""Management: webhooks for several folders at once, previewed, then created one by one.

A batch can be interrupted at any folder (leave the page, press a button); the rest is listed as not
started and can be resumed. Each webhook has its own audit record.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import pandas as pd
import streamlit as st

from lib.core.errors import RunbookError
from lib.core.texts import undisguised
from lib.ui.components.fetched_pages import refresh
from lib.ui.components.fields import code_field
from lib.ui.shell.boundary import WHO, boundary
from lib.ui.shell.frame import Context
from lib.ui.shell.session import seed, value
from lib.ui.webhooks.manage import words
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
from lib.webhooks.manage.linting import LintRemark, lint
from lib.webhooks.manage.subscriptions import SubscriptionBatch, SubscriptionRequest
from lib.webhooks.manage.triggers import FOLDER

_KEY: Final = "hooks.bulk"


def bulk_section(context: Context, owners: Sequence[Owned]) -> None:
    """Choose folders, preview their webhooks, and start."""
    listed = [one for one in owners if one.fault is None]
    if not listed:
        return
    with st.expander(
        words.SEVERAL,
        icon=":material/library_add:",
        key=key_of(context, _KEY),
        on_change="rerun",
    ) as box:
        if box.open:
            with boundary():
                _choose(context, listed)


def batch_section(context: Context) -> None:
    """Work through the batch, and show the outcome of each folder."""
    existing = managing_of(context)
    batch = existing.batch
    if batch is None:
        return
    if existing.going:
        _resume(context, existing, batch)
        st.rerun()
    with st.container(border=True, gap="small", key="hooks.batch"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            counts = (len(batch.made), len(batch.faults), len(batch.left))
            st.markdown(words.batch(len(batch.orders), *counts))
            if batch.left:
                st.button(
                    words.resume(len(batch.left)),
                    icon=":material/play_arrow:",
                    on_click=_again,
                    args=(existing,),
                )
            st.button(
                words.CLOSE,
                type="tertiary",
                key="hooks.batch.close",
                on_click=_close,
                args=(existing,),
            )
        _results(batch)


def _choose(context: Context, owners: Sequence[Owned]) -> None:
    owner = owner_choice(owners, key="hooks.bulk.owner")
    identity = owner.identity
    left, right = st.columns(2, gap="medium")
    with left:
        below = code_field(
            words.BELOW,
            key="hooks.bulk.below",
            value="0",
            autocomplete="off",
            help=words.BELOW_HELP,
        )
        found = folders(context, identity, below.strip() or "0")
        root_note(identity, found)
        chosen = st.multiselect(
            words.FOLDERS,
            list(found),
            key=f"hooks.bulk.folders.{identity.id}.{below}",
            format_func=lambda one: undisguised(found[one]),
            placeholder=words.FOLDERS_PLACEHOLDER,
        )
    with right:
        address = address_field(context, key=f"hooks.bulk.address.{context.profile.key}")
        if value("hooks.bulk.triggers") is None:
            seed("hooks.bulk.triggers", list(FIRST))
        names = trigger_field(FOLDER, key="hooks.bulk.triggers")
    orders = [SubscriptionRequest(FOLDER, one, address, names, found[one]) for one in chosen]
    good = _preview(context, owner, orders)
    if st.button(
        words.create(len(good)),
        type="primary",
        icon=":material/library_add:",
        key="hooks.bulk.go",
        disabled=not good,
    ):
        existing = managing_of(context)
        existing.batch, existing.going, existing.last = (
            SubscriptionBatch(good, identity, context.profile.key),
            True,
            None,
        )
        existing.done += 1
        st.rerun()


def _preview(
    context: Context, owner: Owned, orders: Sequence[SubscriptionRequest]
) -> tuple[SubscriptionRequest, ...]:
    """The webhook for each folder and its issues; returns those that can be created."""
    if not orders:
        return ()
    linted: list[tuple[SubscriptionRequest, tuple[LintRemark, ...]]] = []
    for number, order in enumerate(orders):
        around = subscriptions.around(context.now, owner.identity, owner.hooks, here=here(context))
        # those before it exist by then
        around = replace(around, count=len(owner.hooks) + number)
        linted.append((order, lint(order.hook, around)))
    st.dataframe(
        pd.DataFrame(
            {
                words.FOLDER_COLUMN: [undisguised(order.name) for order, _ in linted],
                words.ID: [undisguised(order.target_id) for order, _ in linted],
                words.ISSUES: [mark(found) for _, found in linted],
                words.WHY: [" ".join(one.what for one in found[:2]) for _, found in linted],
            }
        ),
        hide_index=True,
        height="content",
        placeholder="—",
        alt=words.PREVIEW_ALT,
    )
    good = tuple(order for order, found in linted if not blocks(found))
    api = context.profile.box.api_url if context.profile.box is not None else ""
    if good:
        with st.expander(words.requests(len(good))):
            call = subscriptions.planned(api, good[0], owner.identity)
            st.code(call, language="http", wrap_lines=True)
    if len(good) < len(orders):
        st.caption(words.left_out(len(orders) - len(good)))
    return good


def _resume(context: Context, existing: Managing, batch: SubscriptionBatch) -> None:
    client = batch.identity.client(box_client(context))
    lead_here(context, batch.orders[0].address)
    total = len(batch.orders)
    bar = st.progress(0.0, words.ASKING)
    # Whatever stops this run, the next one doesn't resume by itself.
    existing.going = False
    refresh()
    for order, _made, fault in subscriptions.work_through(batch, client):
        written(context, batch, order, fault)
        done = total - len(batch.left)
        bar.progress(done / total, words.progress(done, total))


def _results(batch: SubscriptionBatch) -> None:
    faults = [batch.faults.get(one.target_id) for one in batch.orders]
    frame = pd.DataFrame(
        {
            words.FOLDER_COLUMN: [undisguised(one.name or one.target_id) for one in batch.orders],
            words.OUTCOME: [_outcome(batch, one) for one in batch.orders],
            words.WEBHOOK: [batch.made.get(one.target_id, "") for one in batch.orders],
            words.WHY: [f"{one.message} {one.cause}" if one else "" for one in faults],
            words.FIX: [one.fix if one else "" for one in faults],
            words.WHO: [WHO[one.who] if one else "" for one in faults],
        }
    )
    st.dataframe(
        frame[[name for name in frame if frame[name].any()]],
        hide_index=True,
        height="content",
        placeholder="—",
        alt=words.RESULTS_ALT,
    )


def _outcome(batch: SubscriptionBatch, order: SubscriptionRequest) -> str:
    if order.target_id in batch.made:
        return words.MADE
    fault = batch.faults.get(order.target_id)
    if fault is None:
        return words.LEFT
    return words.REJECTED if _answered(fault) else words.NO_ANSWER


def _answered(fault: RunbookError) -> bool:
    return getattr(fault, "status", None) is not None


def _again(existing: Managing) -> None:
    existing.going = True


def _close(existing: Managing) -> None:
    existing.batch, existing.going = None, False

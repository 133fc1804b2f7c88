"""The tab Management: the webhooks of each owner, their issues, and changes.

Box lists webhooks for one owner at a time, so each owner is asked separately; an error for one
doesn't hide another's. The list is linted as it is drawn. Facts: Box developer documentation.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import pandas as pd
import streamlit as st

from lib.core.errors import BoxApiError
from lib.core.texts import md, undisguised, when
from lib.ui.components import panels
from lib.ui.components.fetched_pages import page_number, refresh
from lib.ui.components.outcome import show_outcome
from lib.ui.components.tables import rows_table, times
from lib.ui.shell.boundary import boundary, show_error
from lib.ui.shell.frame import Context, may_act
from lib.ui.shell.session import seed
from lib.ui.webhooks.manage import words
from lib.ui.webhooks.manage.subscription_list import (
    Owned,
    details,
    here,
    identities,
    item_name,
    last_seen,
    managing_of,
    owned,
    stores_of,
)
from lib.ui.webhooks.manage.view_bulk import batch_section, bulk_section
from lib.ui.webhooks.manage.view_form import new_section
from lib.ui.webhooks.manage.view_kloudless import kloudless_section
from lib.ui.webhooks.manage.view_lint import mark
from lib.ui.webhooks.manage.view_owners import people_bar
from lib.ui.webhooks.manage.view_subscription import hook_section
from lib.webhooks.log.alarms import Alarm, standing
from lib.webhooks.manage import subscriptions
from lib.webhooks.manage.lint_rules import MOST, NEARLY
from lib.webhooks.manage.linting import LintRemark, lint
from lib.webhooks.manage.subscriptions import Identity, Listed
from lib.webhooks.manage.triggers import DELETED

PAGE: Final = 20
_PAGE: Final = "hooks_page"
_TABLE: Final = "hooks.managed"


@dataclass(frozen=True, slots=True)
class SubscriptionRow:
    """One webhook of the list. `last` is when it last delivered here."""

    owner: Owned
    listed: Listed
    found: tuple[LintRemark, ...]
    last: datetime | None


def manage_tab(context: Context) -> None:
    """The whole tab."""
    if context.profile.box is None:
        st.info(words.no_box(md(context.profile.label)), icon=":material/passkey:")
    else:
        with boundary():
            _box(context)
    if context.profile.kloudless is not None:
        with boundary():
            kloudless_section(context)


def _box(context: Context) -> None:
    _alarms(context)
    with st.spinner(words.ASKING):
        owners = [owned(context, one) for one in identities(context)]
    people_bar(context, owners)
    _meters(owners)
    for one in owners:
        if one.fault is not None:
            st.markdown(f"**{_name(one.identity)}**")
            show_error(one.fault)
    existing = managing_of(context)
    batch_section(context)
    chosen = _list(context, owners)
    if existing.last is not None:
        show_outcome(existing.last)
    if chosen is not None:
        hook_section(context, chosen.owner, chosen.listed, chosen.found, last=chosen.last)
    if not may_act(context):
        st.caption(words.BY_HOST)
        return
    new_section(context, owners)
    bulk_section(context, owners)


def _alarms(context: Context) -> None:
    """Box's own notices about webhooks, at the top."""
    stores = stores_of(context)
    if stores is None:
        return
    for alarm in standing(stores.events, context.profile.key, context.now):
        st.error(_alarm_words(alarm, context), icon=":material/notification_important:")


def _alarm_words(alarm: Alarm, context: Context) -> str:
    known = alarm.webhook_id
    name = words.webhook(md(undisguised(known))) if known else words.A_WEBHOOK
    at = f"{when(alarm.at, context.zone)} {context.zone_name}"
    if alarm.trigger == DELETED:
        return words.alarm_deleted(name, at)
    return words.alarm_no_session(name, at, alarm.times)


def _meters(owners: Sequence[Owned]) -> None:
    """How much of the limit each owner has used."""
    for one in owners:
        if one.hooks:
            near = ":orange[:material/warning:] " if len(one.hooks) >= NEARLY else ""
            st.progress(
                min(1.0, len(one.hooks) / MOST),
                words.meter(_name(one.identity), len(one.hooks), near),
            )


def _list(context: Context, owners: Sequence[Owned]) -> SubscriptionRow | None:
    total = sum(len(one.hooks) for one in owners)
    asked = [one for one in owners if one.fault is None]
    if not total:
        if asked:
            panels.empty(words.NONE_YET, words.NONE_YET_NOTE)
        return None
    pages = -(-total // PAGE)
    if page_number(_PAGE) > pages:
        seed(_PAGE, pages)
    first = (page_number(_PAGE) - 1) * PAGE
    rows = _rows(context, owners, first)
    picked = rows_table(
        _frame(context, rows),
        key=_TABLE,
        columns={
            words.ITEM: st.column_config.TextColumn(width="medium"),
            words.ADDRESS: st.column_config.TextColumn(width="medium"),
            words.LAST_DELIVERY: st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm"),
            words.CREATED: st.column_config.DatetimeColumn(format="YYYY-MM-DD"),
        },
        alt=words.LIST_ALT,
        several=False,
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(words.list_note(total, len(asked)))
        if pages > 1:
            st.pagination(pages, key=_PAGE, max_visible_pages=5, width=340)
        st.button(
            words.REFRESH,
            key="hooks.again",
            icon=":material/refresh:",
            type="tertiary",
            on_click=refresh,
        )
    return rows[picked[0]] if picked else None


def _rows(context: Context, owners: Sequence[Owned], first: int) -> list[SubscriptionRow]:
    """The webhooks of one page of the list, with all that Box reports of them."""
    seen, mine = last_seen(context), here(context)
    rows: list[SubscriptionRow] = []
    skipped = 0
    for owner in owners:
        start = min(len(owner.hooks), max(0, first - skipped))
        skipped += len(owner.hooks)
        part = owner.hooks[start : start + PAGE - len(rows)]
        if not part:
            continue
        for listed in details(context, owner.identity, part):
            found = _linted(context, owner, listed, seen, mine)
            rows.append(SubscriptionRow(owner, listed, found, seen.get(listed.hook.id)))
    return rows


def _linted(
    context: Context,
    owner: Owned,
    listed: Listed,
    seen: Mapping[str, datetime],
    mine: tuple[str, ...],
) -> tuple[LintRemark, ...]:
    if listed.fault is not None:
        return ()
    last = seen.get(listed.hook.id)
    known = subscriptions.around(
        context.now, owner.identity, owner.hooks, here=mine, last_delivery=last
    )
    return lint(listed.hook, known)


def _frame(context: Context, rows: Sequence[SubscriptionRow]) -> pd.DataFrame:
    hooks = [row.listed.hook for row in rows]
    return pd.DataFrame(
        {
            words.ITEM: [undisguised(item_name(row.listed.hook, row.listed.place)) for row in rows],
            words.KIND: [hook.target_type for hook in hooks],
            words.ISSUES: [_issues(row) for row in rows],
            words.TRIGGERS: [_triggers(hook.triggers) for hook in hooks],
            words.ADDRESS: [undisguised(hook.address) for hook in hooks],
            words.OWNER: [undisguised(row.owner.identity.name) for row in rows],
            words.LAST_DELIVERY: times([row.last for row in rows], context.zone),
            words.CREATED: times([hook.created_at for hook in hooks], context.zone),
            words.ID: [undisguised(hook.id) for hook in hooks],
        }
    )


def _issues(row: SubscriptionRow) -> str:
    fault = row.listed.fault
    if fault is None:
        return mark(row.found)
    gone = isinstance(fault, BoxApiError) and fault.status == 404  # noqa: PLR2004  # HTTP's own
    return words.NOT_FOUND if gone else words.NOT_REPORTED


def _triggers(names: Sequence[str]) -> str:
    shown = ", ".join(names[:2])
    return shown if len(names) <= 2 else f"{shown} +{len(names) - 2}"  # noqa: PLR2004  # as many as fit


def _name(identity: Identity) -> str:
    return md(undisguised(identity.name or identity.login or identity.id))

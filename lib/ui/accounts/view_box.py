"""The Accounts page's lists of Box users and groups, and the details of a selected one."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pandas as pd
import streamlit as st

from lib.accounts.fetch import (
    GroupPage,
    Members,
    UserPage,
    group_members,
    groups_page,
    user_groups,
    users_page,
    with_last_seen,
)
from lib.accounts.rows import GroupRow, UserKind, UserRow
from lib.activity.queries.summaries import last_activity
from lib.box import BoxClient
from lib.core.errors import RunbookError
from lib.core.texts import md, size_words, undisguised
from lib.ui.accounts import words
from lib.ui.accounts.state import GROUPS_PAGE, USERS_PAGE, looked_up_anew, searched
from lib.ui.accounts.view_impersonation import choose_to_act_for
from lib.ui.components.auditing import look_up
from lib.ui.components.fetched_pages import first_page, kept, page_number
from lib.ui.components.fields import words_field
from lib.ui.components.outcome import definitions, verbatim
from lib.ui.components.tables import (
    acts_as_person,
    missing_half,
    pager,
    table,
    time_words,
    times,
    user_frame,
)
from lib.ui.shell import navigation
from lib.ui.shell.boundary import boundary
from lib.ui.shell.frame import Context
from lib.ui.shell.session import of_profile


def users_tab(context: Context) -> None:
    """Search, one page of users, and the selected user."""
    if context.profile.box is None:
        missing_half(context, words.BOX_APP)
        return
    left, right = st.columns([3, 2])
    with left:
        term = words_field(
            words.USER_SEARCH,
            type="search",
            key=of_profile("accounts.users.term"),
            live=True,
            on_change=first_page,
            args=(USERS_PAGE,),
            placeholder=words.USER_SEARCH_EXAMPLE,
        )
    kind = right.segmented_control(
        words.USER_TYPE,
        list(words.USER_TYPES),
        default="managed",
        format_func=lambda one: words.USER_TYPES[one],
        required=True,
        key="user_type",
        bind="query-params",
        on_change=first_page,
        args=(USERS_PAGE,),
    )
    searched(USERS_PAGE, term or "")
    page, at = _users(context, term or "", kind or "managed")
    if not page.rows:
        st.info(_nothing(context, term or ""), icon=":material/search_off:")
        return
    seen = _last_seen(context, [row.id for row in page.rows])
    page = with_last_seen(page, lambda _ids: seen or {})
    chosen = table(
        user_frame(page.rows, context.zone, seen=seen is not None),
        key=of_profile(f"accounts.users.table.{page_number(USERS_PAGE)}.{kind}"),
        columns=_time_columns(),
        alt=words.USERS_TABLE,
    )
    pager(page.paging, len(page.rows), key=USERS_PAGE, what=words.USERS, fetched_at=at)
    if chosen is not None and chosen < len(page.rows):
        _user(context, page.rows[chosen], seen is not None)
    else:
        st.caption(words.CHOOSE_USER + (words.LAST_ACTIVITY_SOURCE if seen is not None else ""))


def _users(context: Context, term: str, kind: str) -> tuple[UserPage, datetime]:
    number = page_number(USERS_PAGE)
    box = context.profile.box
    enterprise = box.enterprise_id if box else ""
    with st.spinner(words.ASKING_FOR_USERS, show_time=True):
        return kept(
            (context.profile.key, "users", number, term, kind),
            lambda: users_page(
                _client(context),
                number=number,
                term=term,
                user_type=kind,
                enterprise_id=enterprise,
            ),
            now=context.now,
        )


def _client(context: Context) -> BoxClient:
    return context.runtime.client_for(context.profile)


def _last_seen(context: Context, ids: Sequence[str]) -> Mapping[str, datetime] | None:
    """When users were last seen in the events read so far; None when no store can be asked."""
    try:
        events = context.runtime.stores_for(context.profile).events
        return last_activity(events, context.profile.key, list(ids))
    except RunbookError:
        return None


def _nothing(context: Context, term: str) -> str:
    if term:
        return words.no_user_starts_with(md(term))
    if acts_as_person(context):
        return words.NO_USERS_FOR_PERSON
    return words.NO_USERS


def _user(context: Context, row: UserRow, seen: bool) -> None:  # noqa: FBT001  # read by name
    if looked_up_anew(context.profile.key, row.id):
        look_up(context, f"user {row.id}")
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(f"#### {md(undisguised(row.name)) or words.UNNAMED}")
        facts = [
            (words.LOGIN, verbatim(undisguised(row.login))),
            (words.BOX_ID, verbatim(row.id)),
            (words.KIND, str(row.kind)),
            (words.ROLE, md(row.role) or words.NOT_REPORTED),
            (words.STATUS, md(row.status) or words.NOT_REPORTED),
            (words.JOB_TITLE, md(row.job_title) or words.NONE),
            (words.TIME_ZONE, md(row.timezone) or words.NONE),
            (words.STORAGE_USED, size_words(row.space_used)),
            (words.CREATED, time_words(row.created_at, context)),
        ]
        if seen:
            facts.append(
                (
                    words.LAST_ACTIVITY,
                    time_words(row.last_activity, context, words.NO_ACTIVITY_YET),
                )
            )
        definitions(facts)
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            _activity_link(context, row)
            st.button(
                words.CAN_ACT_FOR,
                key=f"accounts.users.act.{row.id}",
                icon=":material/switch_account:",
                type="tertiary",
                on_click=choose_to_act_for,
                args=(row.login, row.id),
            )
    with right, boundary():
        st.markdown(words.GROUPS_HEADING)
        if row.kind is UserKind.EXTERNAL:
            st.caption(words.EXTERNAL_USER)
        found, _ = kept(
            (context.profile.key, "user_groups", row.id),
            lambda: user_groups(_client(context), row.id),
            now=context.now,
        )
        _memberships(found, of="group")


def _activity_link(context: Context, row: UserRow) -> None:
    page = navigation.page("activity")
    if page is not None:
        st.page_link(
            page,
            label=words.USER_ACTIVITY,
            icon=":material/monitoring:",
            query_params={**context.links, "actor": row.id, "period": "30d", "people": "all"},
        )


def _memberships(found: Members, *, of: str) -> None:
    if not found.rows:
        st.caption(words.IN_NO_GROUP if of == "group" else words.NO_MEMBERS)
        return
    first = words.GROUP if of == "group" else words.MEMBER
    frame = pd.DataFrame(
        {
            first: [r.group_name if of == "group" else r.user_name for r in found.rows],
            words.LOGIN: [r.user_login for r in found.rows],
            words.ROLE: [r.role for r in found.rows],
        }
    )
    if of == "group":
        frame = frame.drop(columns=words.LOGIN)
    st.dataframe(frame, hide_index=True, alt=words.memberships_of(first))
    if found.total > len(found.rows):
        st.caption(words.first_of(len(found.rows), found.total))


def groups_tab(context: Context) -> None:
    """Search, one page of groups, and the members of the selected one."""
    if context.profile.box is None:
        missing_half(context, words.BOX_APP)
        return
    term = words_field(
        words.GROUP_SEARCH,
        type="search",
        key=of_profile("accounts.groups.term"),
        live=True,
        on_change=first_page,
        args=(GROUPS_PAGE,),
    )
    searched(GROUPS_PAGE, term or "")
    page, at = _groups(context, term or "")
    if not page.rows:
        st.info(_no_groups(context, term or ""), icon=":material/search_off:")
        return
    chosen = table(
        _group_frame(page.rows, context),
        key=of_profile(f"accounts.groups.table.{page_number(GROUPS_PAGE)}"),
        columns=_time_columns(),
        alt=words.GROUPS_TABLE,
    )
    pager(page.paging, len(page.rows), key=GROUPS_PAGE, what=words.GROUPS, fetched_at=at)
    if chosen is None or chosen >= len(page.rows):
        st.caption(words.CHOOSE_GROUP)
        return
    _group(context, page.rows[chosen])


def _no_groups(context: Context, term: str) -> str:
    if term:
        return words.no_group_starts_with(md(term))
    return words.NO_GROUPS_FOR_PERSON if acts_as_person(context) else words.NO_GROUPS


def _groups(context: Context, term: str) -> tuple[GroupPage, datetime]:
    number = page_number(GROUPS_PAGE)
    with st.spinner(words.ASKING_FOR_GROUPS, show_time=True):
        return kept(
            (context.profile.key, "groups", number, term),
            lambda: groups_page(_client(context), number=number, term=term),
            now=context.now,
        )


def _group_frame(rows: Sequence[GroupRow], context: Context) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            words.NAME: [row.name for row in rows],
            words.KIND: [row.kind for row in rows],
            words.DESCRIPTION: [row.description for row in rows],
            words.PROVENANCE: [row.provenance for row in rows],
            words.CREATED: times([row.created_at for row in rows], context.zone),
        }
    )
    return frame if frame[words.PROVENANCE].any() else frame.drop(columns=words.PROVENANCE)


def _group(context: Context, row: GroupRow) -> None:
    with boundary():
        found, _ = kept(
            (context.profile.key, "members", row.id),
            lambda: group_members(_client(context), row.id),
            now=context.now,
        )
        st.markdown(words.group_heading(md(row.name), found.total))
        _memberships(found, of="member")


def _time_columns() -> dict[str, Any]:
    return {
        name: st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm")
        for name in (words.LAST_ACTIVITY, words.CREATED)
    }

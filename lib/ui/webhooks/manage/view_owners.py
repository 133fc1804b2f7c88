"""Management: whose webhooks are listed, and adding another owner."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import streamlit as st

from lib.core.texts import md, undisguised
from lib.ui.components.fetched_pages import kept
from lib.ui.components.fields import words_field
from lib.ui.shell.boundary import boundary
from lib.ui.shell.frame import Context, may_act
from lib.ui.shell.session import drop, value
from lib.ui.webhooks.manage import words
from lib.ui.webhooks.manage.subscription_list import Owned, add_person, box_client, managing_of
from lib.webhooks.manage.subscriptions import Identity, identity_of

SHOWN: Final = 50
_TERM: Final = "hooks.person.term"
_PERSON: Final = "hooks.person"


def people_bar(context: Context, owners: Sequence[Owned]) -> None:
    """The listed owners, and a way to add one."""
    with st.container(horizontal=True, vertical_alignment="center", key="hooks.owners"):
        st.markdown(words.WEBHOOKS_OF, width="content")
        for one in owners:
            st.badge(_badge(one), icon=":material/person:", color="gray")
        if not may_act(context):
            return
        with st.popover(
            words.ANOTHER_OWNER, icon=":material/person_add:", on_change="rerun", key="hooks.add"
        ) as box:
            if box.open:
                with boundary():
                    _add(context)
        if managing_of(context).people:
            st.button(
                words.ONLY_OWN,
                type="tertiary",
                icon=":material/person_remove:",
                key="hooks.only",
                on_click=_only,
                args=(context,),
            )


def _badge(one: Owned) -> str:
    name = md(undisguised(one.identity.name or one.identity.login or one.identity.id))
    count = words.NOT_LISTED if one.fault is not None else words.webhooks(len(one.hooks))
    return words.owner_badge(name, one.identity.owner, count)


def _add(context: Context) -> None:
    st.caption(words.ACTING_NOTE)
    term = words_field(words.FIND_PERSON, key=_TERM, placeholder=words.FIND_PLACEHOLDER)
    client = box_client(context)
    page, _ = kept(
        ("hooks.users", context.profile.key, term),
        lambda: client.users_page(
            limit=SHOWN,
            offset=0,
            filter_term=term or None,
            fields=("id", "name", "login"),
        ),
        now=context.now,
    )
    found = {str(user.get("id")): user for user in page.entries}
    st.selectbox(
        words.PERSON,
        list(found),
        index=None,
        key=_PERSON,
        format_func=lambda one: _name(found[one]),
        placeholder=words.CHOOSE_PERSON if found else words.NO_PERSON,
    )
    st.button(
        words.LIST_TOO,
        type="primary",
        key="hooks.person.go",
        disabled=value(_PERSON) not in found,
        on_click=_chosen,
        args=(context, {key: identity_of(raw, acting=True) for key, raw in found.items()}),
        width="stretch",
    )


def _chosen(context: Context, people: Mapping[str, Identity]) -> None:
    person = people.get(str(value(_PERSON)))
    if person is not None:
        add_person(context, person)
        drop(_PERSON)


def _only(context: Context) -> None:
    managing_of(context).people = ()


def _name(user: Mapping[str, Any]) -> str:
    return undisguised(words.person(str(user.get("name") or ""), str(user.get("login") or "")))

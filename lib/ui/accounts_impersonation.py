"""Accounts, tab Impersonation: choose a person, see what bars it, and prove it side by side.

Names and logins stay in the session; the audit record says that the person was looked up.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
import streamlit as st

from lib.errors import RunbookError
from lib.profiles import ProfileKind
from lib.runbook.impersonation import (
    Attempt,
    Person,
    compare,
    differences,
    person_of,
    rules,
)
from lib.server.checking import kit_for
from lib.store.records import AuditEntry
from lib.ui.accounts_entry import kept, looked_up_anew
from lib.ui.accounts_view import missing_half
from lib.ui.boundary import show_error
from lib.ui.credentials_entry import also_forget
from lib.ui.credentials_outcome import duration
from lib.ui.session import state
from lib.ui.shell import Context
from lib.ui.text import md, undisguised

FIELDS: Final = ("id", "name", "login", "role", "status", "is_platform_access_only", "enterprise")
SHOWN: Final = 50
_MARKS: Final = {
    True: ":green[:material/check_circle:]",
    False: ":red[:material/cancel:]",
    None: ":gray[:material/help:]",
}
_WORDS: Final = {True: "yes", False: "no", None: "not known yet"}


@dataclass(slots=True)
class Proved:
    """The last comparison of this session, and whom it was about."""

    profile_key: str = ""
    user_id: str = ""
    attempts: tuple[Attempt, ...] = ()


also_forget(Proved)


def impersonation_tab(context: Context) -> None:
    """The whole tab."""
    if context.profile.box is None:
        missing_half(context, "Box credentials")
        return
    st.caption(
        "Acting for a user shows what that person sees. Nothing is written; looking a person up is "
        "in the audit record."
    )
    client = context.runtime.client_for(context.profile)
    me, _ = kept(
        ("impersonation.me", context.profile.key),
        lambda: dict(client.me(("id", "login", "role", "enterprise"))),
        now=context.now,
    )
    found = _chooser(context)
    if found is None:
        return
    enterprise = me.get("enterprise") or {}
    theirs = found.get("enterprise") or {}
    foreign = bool(theirs.get("id")) and str(theirs["id"]) != str(enterprise.get("id") or "")
    person = person_of(found, foreign=foreign)
    _rules(person, me)
    _prove(context, person, me)


def _chooser(context: Context) -> Mapping[str, Any] | None:
    left, right = st.columns([2, 3], gap="medium", vertical_alignment="bottom")
    with left:
        term = st.text_input(
            "Find a person",
            key="impersonation.term",
            placeholder="Beginning of a name or login",
            help="External people are found by their whole login.",
        )
    client = context.runtime.client_for(context.profile)
    page, _ = kept(
        ("impersonation.users", context.profile.key, term),
        lambda: client.users_page(
            limit=SHOWN, offset=0, filter_term=term.strip(), fields=FIELDS, user_type="all"
        ),
        now=context.now,
    )
    people = {str(user.get("id")): user for user in page.entries}
    with right:
        chosen = st.selectbox(
            "Person",
            list(people),
            index=None,
            format_func=lambda one: _name(people[one]),
            key="impersonation.person",
            placeholder="Choose whom to act for" if people else "Nobody begins so",
        )
    if page.total and page.total > SHOWN:
        st.caption(f"The first {SHOWN} of {page.total:,} are offered; type more of the name.")
    return people.get(str(chosen)) if chosen else None


def _name(user: Mapping[str, Any]) -> str:
    return undisguised(f"{user.get('name') or 'without a name'} · {user.get('login') or ''}")


def _rules(person: Person, me: Mapping[str, Any]) -> None:
    st.markdown("**What must hold**")
    st.markdown(
        "\n".join(
            f"- {_MARKS[rule.met]} {md(rule.text)} :gray[{_WORDS[rule.met]}]"
            for rule in rules(person, me)
        )
    )


def _prove(context: Context, person: Person, me: Mapping[str, Any]) -> None:
    proved = state(Proved)
    if st.button("Prove it", type="primary", icon=":material/play_arrow:", key="impersonation.go"):
        _record(context, person.id)
        with st.spinner("Asking in each way…", show_time=True):
            attempts = _attempts(context, person, me)
        proved.profile_key, proved.user_id = context.profile.key, person.id
        proved.attempts = attempts
    if (proved.profile_key, proved.user_id) == (context.profile.key, person.id):
        _results(person, proved.attempts)


def _attempts(context: Context, person: Person, me: Mapping[str, Any]) -> tuple[Attempt, ...]:
    clients = context.runtime.clients
    with kit_for(context.profile, clients) as kit:
        attempts = tuple(compare(kit, person, me))
        journal = clients.journal(context.profile)
        for call in kit.journal.calls:
            journal.add(call)
    return attempts


def _results(person: Person, attempts: tuple[Attempt, ...]) -> None:
    if all(one.skipped for one in attempts):
        st.info(f"Not impersonable. {md(attempts[0].skipped)}", icon=":material/block:")
        return
    st.dataframe(
        pd.DataFrame(
            {
                "Way": [str(one.way) for one in attempts],
                "Result": [_result(one) for one in attempts],
                "Who answered": [_who(one) for one in attempts],
                "Items in the root": [_items(one) for one in attempts],
                "Status": [one.status for one in attempts],
                "Took": [duration(one.ms) if one.ms else None for one in attempts],
                "Request IDs": [", ".join(one.request_ids) or None for one in attempts],
            }
        ),
        hide_index=True,
        height="content",
        placeholder="—",
        alt="The same person asked for in each way: who answered and what the root folder shows.",
    )
    for sentence in differences(person, attempts):
        st.warning(md(sentence), icon=":material/difference:")
    for one in attempts:
        if one.error is not None:
            st.markdown(f"**{md(one.way)}**")
            show_error(one.error)
    if not differences(person, attempts) and sum(one.worked for one in attempts) > 1:
        st.success(
            "Every way shows the same person and the same root folder.", icon=":material/check:"
        )


def _result(one: Attempt) -> str:
    if one.skipped:
        return f"- not tried: {one.skipped}"
    return "✓ worked" if one.error is None else "✗ refused"


def _who(one: Attempt) -> str | None:
    return undisguised(" · ".join(part for part in (one.user_id, one.login) if part)) or None


def _items(one: Attempt) -> str | None:
    return None if one.items is None else f"{one.items}{'+' if one.more else ''}"


def _record(context: Context, user_id: str) -> None:
    """As the list of users does when a person's details are opened."""
    profile = context.profile
    if profile.kind is ProfileKind.SESSION or not looked_up_anew(profile.key, user_id):
        return
    try:
        ledger = context.runtime.stores_for(profile).ledger
    except RunbookError:
        return
    ledger.audit(
        AuditEntry(context.now, "visitor", "look_up", profile.key, f"user {user_id}, acting for it")
    )

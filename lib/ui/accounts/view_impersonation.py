"""Accounts, tab Impersonation: choose a person, see the requirements, test each way.

With Box credentials the people are Box's, else those of the Kloudless account's team. Names and
logins stay in the session; the audit record says that the person was looked up.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import streamlit as st

from lib.app.background.checking import context_for
from lib.box import BoxClient
from lib.core.texts import md, undisguised
from lib.kloudless import KloudlessClient
from lib.runbook.impersonation.attempts import Attempt, compare
from lib.runbook.impersonation.rules import (
    Caller,
    Person,
    Way,
    barred,
    caller_of,
    person_of,
    ways_of,
)
from lib.runbook.impersonation.team import AdminAccount, admin_accounts, team_person
from lib.ui.accounts import words
from lib.ui.accounts.view_impersonation_ways import results, way_cards
from lib.ui.components.auditing import look_up
from lib.ui.components.credentials.credential_entry import also_forget
from lib.ui.components.fetched_pages import kept
from lib.ui.components.fields import words_field
from lib.ui.components.tables import missing_half
from lib.ui.shell import navigation
from lib.ui.shell.frame import Context
from lib.ui.shell.session import of_profile, seed, state, value

FIELDS: Final = ("id", "name", "login", "role", "status", "is_platform_access_only", "enterprise")
ME: Final = ("id", "login", "role", "enterprise")
SHOWN: Final = 50
TEAM_PAGES: Final = 5
#: The key of the page's tabs, and this one's name.
TABS: Final = "list"
TAB: Final = words.IMPERSONATION_TAB
_TERM: Final = "impersonation.term"
_PERSON: Final = "impersonation.person"


@dataclass(slots=True)
class Proved:
    """The last comparison of this session, and the person it is about."""

    about: tuple[str, str] = ("", "")
    attempts: tuple[Attempt, ...] = ()


also_forget(Proved)


@dataclass(frozen=True, slots=True)
class Choice:
    """A person who can be chosen, with a name."""

    person: Person
    name: str

    @property
    def key(self) -> str:
        """The ID that identifies the person on the side that lists them."""
        return self.person.team_id or self.person.id

    @property
    def words(self) -> str:
        """“Ada Lind · ada@acme.example”."""
        name = self.name or words.WITHOUT_NAME
        return undisguised(" · ".join(part for part in (name, self.person.login) if part))


@dataclass(frozen=True, slots=True)
class Choices:
    """The people who match the search text; `more` says in words how many are left out."""

    people: tuple[Choice, ...]
    more: str = ""


def choose_to_act_for(login: str, user_id: str) -> None:
    """Go to the tab with that Box user selected; for callbacks."""
    seed(of_profile(_TERM), login)
    seed(of_profile(_PERSON), user_id)
    seed(TABS, TAB)


def impersonation_tab(context: Context) -> None:
    """The whole tab."""
    profile = context.profile
    if not ways_of(profile):
        missing_half(context, words.BOX_OR_KLOUDLESS)
        return
    st.caption(words.IMPERSONATION_INTRO)
    if profile.box is None:
        caller = Caller()
        chosen = _from_team(context)
    else:
        me, _ = kept(
            ("impersonation.me", profile.key),
            lambda: dict(_box(context).me(ME)),
            now=context.now,
        )
        caller = caller_of(me, profile.box.auth)
        chosen = _from_box(context, str((me.get("enterprise") or {}).get("id") or ""))
    if chosen is not None:
        cards = st.container()
        attempts = _prove(context, chosen.person, caller)
        with cards:
            way_cards(ways_of(profile), chosen.person, caller, attempts)
    _other_ways(context)


def _box(context: Context) -> BoxClient:
    return context.runtime.client_for(context.profile)


def _kloudless(context: Context) -> KloudlessClient:
    return context.runtime.clients.kloudless(context.profile)


# -- who ---------------------------------------------------------------------------------------


def _from_box(context: Context, enterprise_id: str) -> Choice | None:
    left, right = st.columns([2, 3], gap="medium")
    with left:
        term = _term(words.BOX_TERM, words.BOX_TERM_HELP)
    with st.spinner(words.ASKING_FOR_USERS, show_time=True):
        page, _ = kept(
            ("impersonation.users", context.profile.key, term),
            lambda: _box(context).users_page(
                limit=SHOWN, offset=0, filter_term=term or None, fields=FIELDS, user_type="all"
            ),
            now=context.now,
        )
    people = tuple(_box_choice(raw, enterprise_id) for raw in page.entries)
    more = ""
    if page.total and page.total > SHOWN:
        more = words.first_people_of(SHOWN, page.total)
    with right:
        return _choice(Choices(people, more))


def _box_choice(raw: Mapping[str, Any], enterprise_id: str) -> Choice:
    return Choice(person_of(raw, enterprise_id=enterprise_id), str(raw.get("name") or ""))


def _from_team(context: Context) -> Choice | None:
    account = _account(context)
    if account is None:
        return None
    left, right = st.columns([2, 3], gap="medium")
    with left:
        term = _term(words.TEAM_TERM, words.TEAM_TERM_HELP)
    with st.spinner(words.ASKING_FOR_TEAM, show_time=True):
        team, _ = kept(
            ("impersonation.team", context.profile.key, account.id),
            lambda: _team(_kloudless(context), account.id),
            now=context.now,
        )
    requested = term.casefold()
    fitting = tuple(one for one in team.people if requested in one.words.casefold())
    more = team.more
    if len(fitting) > SHOWN:
        more = f"{words.first_people_of(SHOWN, len(fitting))} {more}"
    with right:
        return _choice(Choices(fitting[:SHOWN], more))


def _account(context: Context) -> AdminAccount | None:
    """The organisation whose people are listed."""
    accounts, _ = kept(
        ("impersonation.accounts", context.profile.key),
        lambda: admin_accounts(_kloudless(context)),
        now=context.now,
    )
    if not accounts:
        st.info(
            words.NO_ADMIN_ACCOUNT,
            icon=":material/link_off:",
        )
        return None
    if len(accounts) == 1:
        return accounts[0]
    names = {one.id: one for one in accounts}
    key = "impersonation.account"
    if value(key) not in names:
        seed(key, accounts[0].id)
    chosen = st.selectbox(
        words.ORGANISATION,
        list(names),
        format_func=lambda one: undisguised(names[one].name) or words.unnamed_account(one),
        key=key,
    )
    return names[chosen]


def _team(client: KloudlessClient, account: str) -> Choices:
    people: list[Choice] = []
    for number, page in enumerate(client.team_users(account), start=1):
        people += [
            Choice(team_person(raw, account), str(raw.get("name") or ""))
            for raw in page.objects
            if raw.get("id")
        ]
        if number == TEAM_PAGES and page.next_page is not None:
            return Choices(tuple(people), words.first_of_team(len(people)))
    return Choices(tuple(people))


def _term(placeholder: str, note: str) -> str:
    return words_field(words.FIND_PERSON, key=of_profile(_TERM), placeholder=placeholder, help=note)


def _choice(choices: Choices) -> Choice | None:
    people = {one.key: one for one in choices.people}
    if value(of_profile(_PERSON)) not in people:
        seed(of_profile(_PERSON), None)
    chosen = st.selectbox(
        words.PERSON,
        list(people),
        index=None,
        format_func=lambda one: people[one].words,
        key=of_profile(_PERSON),
        placeholder=words.CHOOSE_PERSON if people else words.NOBODY,
        disabled=not people,
    )
    if choices.more:
        st.caption(choices.more)
    return people[chosen] if chosen else None


# -- proof -------------------------------------------------------------------------------------


def _prove(context: Context, person: Person, caller: Caller) -> tuple[Attempt, ...]:
    """Run the test when the button is pressed, and show the results for this person."""
    ways = ways_of(context.profile)
    if all(barred(way, person, caller) for way in ways):
        st.info(
            words.NOT_IMPERSONABLE,
            icon=":material/block:",
        )
        return ()
    proved, about = state(Proved), (context.profile.key, person.team_id or person.id)
    if st.button(words.TEST, type="primary", icon=":material/play_arrow:", key="impersonation.go"):
        with st.spinner(words.TESTING, show_time=True):
            proved.attempts = _attempts(context, person, caller)
            proved.about = about
    if proved.about != about:
        return ()
    results(person, proved.attempts)
    return proved.attempts


def _attempts(context: Context, person: Person, caller: Caller) -> tuple[Attempt, ...]:
    """The result of every way; the audit record gets the look-up and its outcome."""
    clients = context.runtime.clients
    with context_for(context.profile, clients) as check_context:
        attempts = tuple(compare(check_context, person, caller))
        journal = clients.journal(context.profile)
        for call in check_context.journal.calls:
            journal.add(call)
    outcome = "ok" if any(one.worked for one in attempts) else "refused"
    who = f"user {person.id}" if person.id else f"team user {person.team_id}"
    look_up(context, who, detail="acting for it", outcome=outcome)
    return attempts


def _other_ways(context: Context) -> None:
    """The ways that need the missing half of the profile, and where to enter it."""
    if context.profile.box is not None and context.profile.kloudless is not None:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(
            words.box_ways_missing(md(Way.AS_USER), md(Way.USER_TOKEN))
            if context.profile.box is None
            else words.kloudless_way_missing(md(Way.KLOUDLESS))
        )
        page = navigation.page("credentials")
        if page is not None:
            st.page_link(page, label=words.GO_TO_CREDENTIALS, icon=":material/arrow_forward:")

"""The session state of Management: the listed owners, their webhooks, the last change.

Box's responses are kept for a minute, as on the Accounts page; adding a person is written into the
audit log as a look-up.
"""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

import streamlit as st

from lib.app.practice.emitting import PUBLIC
from lib.box import BoxClient
from lib.core.errors import BoxApiError, RunbookError
from lib.http.outcome import Outcome
from lib.settings.profiles import ProfileKind
from lib.store import Stores
from lib.ui.components.auditing import look_up
from lib.ui.components.credentials.credential_entry import also_forget
from lib.ui.components.fetched_pages import kept
from lib.ui.shell.frame import Context, may_act
from lib.ui.shell.session import state
from lib.ui.webhooks.manage import words
from lib.webhooks.log.alarms import last_deliveries
from lib.webhooks.manage import subscriptions
from lib.webhooks.manage.lint_subjects import Hook
from lib.webhooks.manage.subscriptions import Identity, Listed, Place, SubscriptionBatch

NAMED: Final = 200
"""How many webhooks of one owner are asked about one by one."""
OWNERS: Final = "owners"
"""The name in the address of the people whose webhooks are listed, by id."""
MOST_OWNERS: Final = 20
_ID: Final = re.compile(r"[0-9]{1,20}")
_FIELDS: Final = ("id", "name", "login")


@dataclass(slots=True)
class Managing:
    """Whose webhooks are listed beside the profile's own account, and the last change.

    `done` counts the changes: after each, the form is a new widget, and so closed. `restored` says
    that the owners of the address were taken over: once, in a session that begins.
    """

    profile_key: str = ""
    people: tuple[Identity, ...] = ()
    last: Outcome | None = None
    batch: SubscriptionBatch | None = None
    going: bool = False
    paths: dict[str, frozenset[str] | None] = field(default_factory=dict)
    done: int = 0
    restored: bool = False


also_forget(Managing)


@dataclass(frozen=True, slots=True)
class Owned:
    """The webhooks of one owner; `fault` says why Box didn't list them."""

    identity: Identity
    hooks: tuple[Hook, ...] = ()
    fault: RunbookError | None = None


def managing_of(context: Context) -> Managing:
    """The session's state for this profile; another profile's is dropped."""
    existing = state(Managing)
    if existing.profile_key != context.profile.key:
        existing.restored = bool(existing.profile_key)  # an address names owners of one profile
        existing.profile_key, existing.people, existing.last = context.profile.key, (), None
        existing.batch, existing.going, existing.paths = None, False, {}
    return existing


def key_of(context: Context, name: str) -> str:
    """The widget key of a part that opens: a new one, which is closed, after each change."""
    return f"{name}.{managing_of(context).done}"


def box_client(context: Context) -> BoxClient:
    """The profile's Box client. Raises RunbookError."""
    return context.runtime.client_for(context.profile)


def identities(context: Context) -> tuple[Identity, ...]:
    """Whom webhooks are listed as: the account that the app is, then the people chosen."""
    client = box_client(context)
    me, _ = kept(
        ("hooks.me", context.profile.key),
        lambda: subscriptions.identity_of(client.me(_FIELDS)),
        now=context.now,
    )
    _restore(context, client)
    others = tuple(one for one in managing_of(context).people if one.id != me.id)
    return (me, *others)


def _restore(context: Context, client: BoxClient) -> None:
    """List the owners of the address after a reload, and keep it naming those that are listed."""
    existing = managing_of(context)
    if not existing.restored:
        existing.restored = True
        asked = st.query_params.get(OWNERS, "").split(",") if may_act(context) else []
        for id_ in [one for one in asked if _ID.fullmatch(one)][:MOST_OWNERS]:
            with suppress(BoxApiError):  # somebody who has left is listed no more
                person = client.user(id_, _FIELDS)
                add_person(context, subscriptions.identity_of(person, acting=True))
    named = ",".join(one.id for one in existing.people[:MOST_OWNERS])
    if named:
        st.query_params[OWNERS] = named
    elif OWNERS in st.query_params:
        del st.query_params[OWNERS]


def add_person(context: Context, person: Identity) -> None:
    """List this person's webhooks too."""
    existing = managing_of(context)
    if person.id not in {one.id for one in existing.people}:
        existing.people = (*existing.people, person)
        look_up(context, f"user {person.id}", detail="webhooks, acting for it")


def owned(context: Context, identity: Identity) -> Owned:
    """The webhooks of one owner, with ids and targets."""
    client = identity.client(box_client(context))
    try:
        hooks, _ = kept(
            ("hooks.list", context.profile.key, identity.id),
            lambda: subscriptions.all_hooks(client),
            now=context.now,
        )
    except BoxApiError as error:  # one owner's refusal hides nobody else's
        return Owned(identity, fault=error)
    return Owned(identity, hooks)


def details(context: Context, identity: Identity, hooks: Sequence[Hook]) -> tuple[Listed, ...]:
    """Address, triggers and place of these webhooks."""
    client = identity.client(box_client(context))
    requested = tuple(hooks[:NAMED])

    def ask() -> tuple[Listed, ...]:
        with st.spinner(words.ASKING_EACH, show_time=True):
            return tuple(subscriptions.details(client, requested))

    ids = tuple(one.id for one in requested)
    found, _ = kept(("hooks.details", context.profile.key, identity.id, ids), ask, now=context.now)
    return found


def folders(context: Context, identity: Identity, below: str) -> dict[str, str]:
    """The folders right below one, by id, with their names; 200 at most. Raises RunbookError."""
    client = identity.client(box_client(context))

    def ask() -> dict[str, str]:
        page = client.folder_items(below, limit=1000, offset=0, fields=("id", "type", "name"))
        found = [one for one in page.entries if one.get("type") == "folder"]
        return {str(one["id"]): str(one.get("name") or "") for one in found[:NAMED]}

    found, _ = kept(
        ("hooks.folders", context.profile.key, identity.id, below), ask, now=context.now
    )
    return found


def stores_of(context: Context) -> Stores | None:
    """Where deliveries are; None where this process can't look."""
    try:
        return context.runtime.stores_for(context.profile)
    except RunbookError:
        return None


def last_seen(context: Context) -> dict[str, datetime]:
    """When each webhook last delivered here, by its id."""
    stores = stores_of(context)
    return {} if stores is None else last_deliveries(stores.events, context.profile.key)


def here(context: Context) -> tuple[str, ...]:
    """This app's own addresses for the profile's webhooks, as a sender outside would use them."""
    profile = context.profile
    if profile.kind is ProfileKind.SESSION:
        return ()
    if profile.kind is ProfileKind.SANDBOX:
        return (PUBLIC,)
    parts = urlsplit(st.context.url or "")
    return (f"https://{parts.netloc}/webhooks/box/{profile.key}",) if parts.netloc else ()


def item_name(hook: Hook, place: Place | None) -> str:
    """The name of the item that a webhook watches."""
    if place is not None and place.name:
        return place.name
    return words.item(hook.target_type, hook.target_id)

"""A profile's webhooks at Box: listing them as each possible owner, and changing them.

Box lists only the webhooks of this app and of the user whose token asks, so each owner is asked
separately. The list holds ids and targets; address and triggers are fetched one by one, several at
a time. A change is shown first, as the exact request. Nothing here decides whether to make it.
Source: Box developer documentation and OpenAPI document, webhooks V2.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from lib.box import BoxClient
from lib.box.client import MAX_LIMIT
from lib.core.errors import BoxApiError, RunbookError
from lib.core.time_texts import time_of
from lib.http import ListEnd
from lib.webhooks.manage.lint_subjects import Around, Hook, Owner
from lib.webhooks.manage.triggers import FILE, FOLDER
from lib.webhooks.manage.watching import Watching

AT_ONCE: Final = 4
_NOT_FOUND: Final = 404
_PLACE: Final = ("id", "name", "path_collection")
_SERVICE_DOMAIN: Final = "@boxdevedition.com"
_TOKEN: Final = "Bearer $BOX_TOKEN"  # noqa: S105  # a placeholder for people


@dataclass(frozen=True, slots=True)
class Identity:
    """Who may own webhooks. `acting` says that the calls act as this user by As-User."""

    id: str
    name: str
    login: str
    acting: bool = False

    @property
    def owner(self) -> Owner:
        """What kind of owner it is."""
        login = self.login.lower()
        if login.startswith("automationuser_") and login.endswith(_SERVICE_DOMAIN):
            return Owner.SERVICE
        return Owner.PERSON if login else Owner.UNKNOWN

    def client(self, client: BoxClient) -> BoxClient:
        """A client whose calls are this identity's."""
        return client.as_user(self.id) if self.acting else client


@dataclass(frozen=True, slots=True)
class Place:
    """Where an item is: its name, and the ids of the folders above it, the nearest last."""

    name: str = ""
    above: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Listed:
    """A webhook as Box tells it. `fault` says why the rest couldn't be had.

    `place` is None where the identity can't see the item (any more).
    """

    hook: Hook
    place: Place | None = None
    fault: RunbookError | None = None


@dataclass(frozen=True, slots=True)
class SubscriptionRequest:
    """What a webhook is to be. `name` is the item's, for people."""

    target_type: str
    target_id: str
    address: str
    triggers: tuple[str, ...]
    name: str = ""

    @property
    def hook(self) -> Hook:
        """As the linter sees it."""
        return Hook(self.target_type, self.target_id, self.address, self.triggers)

    @property
    def body(self) -> dict[str, Any]:
        """What is sent."""
        return {
            "target": {"type": self.target_type, "id": self.target_id},
            "address": self.address,
            "triggers": list(self.triggers),
        }


@dataclass(slots=True)
class SubscriptionBatch:
    """Webhooks to be made one after the other: it can be left at any and gone on with.

    `owner` is the key of the profile. What was made is in `made`, what wasn't in `faults`, both by
    the item's id.
    """

    orders: tuple[SubscriptionRequest, ...]
    identity: Identity
    owner: str
    made: dict[str, str] = field(default_factory=dict)
    faults: dict[str, RunbookError] = field(default_factory=dict)

    @property
    def left(self) -> tuple[SubscriptionRequest, ...]:
        """Those whose turn hasn't come."""
        return tuple(
            one
            for one in self.orders
            if one.target_id not in self.made and one.target_id not in self.faults
        )


def identity_of(me: Mapping[str, Any], *, acting: bool = False) -> Identity:
    """An identity from a Box user object."""
    return Identity(
        str(me.get("id") or ""), str(me.get("name") or ""), str(me.get("login") or ""), acting
    )


def hook_of(raw: Mapping[str, Any]) -> Hook:
    """A webhook from Box's JSON; what is missing is empty."""
    target = raw.get("target")
    target = target if isinstance(target, Mapping) else {}
    names = raw.get("triggers")
    return Hook(
        target_type=str(target.get("type") or ""),
        target_id=str(target.get("id") or ""),
        address=str(raw.get("address") or ""),
        triggers=tuple(str(one) for one in names) if isinstance(names, list) else (),
        id=str(raw.get("id") or ""),
        created_at=time_of(raw.get("created_at")),
    )


def all_hooks(client: BoxClient) -> tuple[Hook, ...]:
    """Every webhook of the calling identity, with id and target only."""
    found: list[Hook] = []
    marker: str | None = None
    end = ListEnd(client.api_url)
    while True:
        page = client.webhooks_page(limit=MAX_LIMIT, marker=marker)
        found += [hook_of(raw) for raw in page.entries]
        marker = page.next_marker
        if marker is None:
            return tuple(found)
        end.go_on(marker)  # half a list would be taken for all of it


def details(client: BoxClient, hooks: Sequence[Hook]) -> Iterator[Listed]:
    """Address, triggers and the item's place of each, in their order."""
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="webhooks") as pool:
        yield from pool.map(lambda hook: _detail(client, hook), hooks)


def place_of(client: BoxClient, kind: str, item_id: str) -> Place | None:
    """Where an item is; None where this identity can't see it. Other faults are raised."""
    ask = client.folder if kind == FOLDER else client.file
    try:
        raw = ask(item_id, _PLACE)
    except BoxApiError as error:
        if error.status == _NOT_FOUND:
            return None
        raise
    path = raw.get("path_collection")
    entries = path.get("entries") if isinstance(path, Mapping) else None
    above = [str(one.get("id")) for one in entries or [] if isinstance(one, Mapping)]
    return Place(str(raw.get("name") or ""), tuple(above))


def paths_of(client: BoxClient, folder_ids: Sequence[str]) -> dict[str, frozenset[str]]:
    """The folders above each folder, itself included; a folder that can't be seen is left out."""

    def ask(folder_id: str) -> tuple[str, Place | None]:
        try:
            return folder_id, place_of(client, FOLDER, folder_id)
        except BoxApiError:
            return folder_id, None

    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="webhooks") as pool:
        return {
            folder_id: frozenset((*place.above, folder_id))
            for folder_id, place in pool.map(ask, folder_ids)
            if place is not None
        }


def create(client: BoxClient, order: SubscriptionRequest) -> Hook:
    """Make a webhook; it as Box tells it."""
    return hook_of(
        client.create_webhook(
            target_type=order.target_type,
            target_id=order.target_id,
            address=order.address,
            triggers=order.triggers,
        )
    )


def change(client: BoxClient, hook: Hook, *, address: str, triggers: Sequence[str]) -> Hook:
    """Change what differs; the webhook as Box tells it then."""
    return hook_of(
        client.update_webhook(
            hook.id,
            address=None if address == hook.address else address,
            triggers=None if tuple(triggers) == hook.triggers else triggers,
        )
    )


def work_through(
    batch: SubscriptionBatch, client: BoxClient
) -> Iterator[tuple[SubscriptionRequest, Hook | None, RunbookError | None]]:
    """Make one webhook after the other; how each went is in the batch before it is given."""
    for order in batch.left:
        made, fault = None, None
        try:
            made = create(client, order)
            batch.made[order.target_id] = made.id
        except RunbookError as error:
            fault = batch.faults[order.target_id] = error
        yield order, made, fault


def planned(api_url: str, order: SubscriptionRequest, identity: Identity) -> str:
    """The call that makes a webhook, as HTTP is read, without the token."""
    return _call("POST", f"{api_url}/2.0/webhooks", identity, order.body)


def planned_change(
    api_url: str, hook: Hook, identity: Identity, *, address: str, triggers: Sequence[str]
) -> str:
    """The call that changes a webhook; triggers replace the whole list."""
    body: dict[str, Any] = {}
    if address != hook.address:
        body["address"] = address
    if tuple(triggers) != hook.triggers:
        body["triggers"] = list(triggers)
    return _call("PUT", f"{api_url}/2.0/webhooks/{hook.id}", identity, body)


def planned_deletion(api_url: str, hook: Hook, identity: Identity) -> str:
    """The call that deletes a webhook."""
    return _call("DELETE", f"{api_url}/2.0/webhooks/{hook.id}", identity, None)


def watching(listed: Listed) -> Watching:
    """A webhook as reconciliation sees it."""
    hook = listed.hook
    return Watching(
        hook.id, hook.target_type, hook.target_id, frozenset(hook.triggers), hook.created_at
    )


def around(
    now: datetime,
    identity: Identity,
    hooks: Sequence[Hook],
    *,
    here: tuple[str, ...] = (),
    last_delivery: datetime | None = None,
) -> Around:
    """What is known around a webhook of this identity."""
    return Around(
        now=now,
        owner=identity.owner,
        others=tuple((one.target_type, one.target_id, one.id) for one in hooks),
        count=len(hooks),
        here=here,
        last_delivery=last_delivery,
    )


def _detail(client: BoxClient, hook: Hook) -> Listed:
    try:
        whole = hook_of(client.webhook(hook.id))
    except RunbookError as error:
        return Listed(hook, fault=error)
    if whole.target_type not in (FILE, FOLDER):
        return Listed(whole)
    try:
        return Listed(whole, place_of(client, whole.target_type, whole.target_id))
    except RunbookError:
        return Listed(whole)


def _call(method: str, url: str, identity: Identity, body: Mapping[str, Any] | None) -> str:
    lines = [f"{method} {url}", f"Authorization: {_TOKEN}"]
    if identity.acting:
        lines.append(f"As-User: {identity.id}")
    if body is not None:
        lines += ["Content-Type: application/json", "", json.dumps(body, indent=2)]
    return "\n".join(lines)

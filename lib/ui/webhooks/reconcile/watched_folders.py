"""Reconciliation: what webhooks watch, and where the folders involved are; both asked of Box.

Box lists webhooks for one owner at a time, so only those of the owners listed under Management are
known. Folders are looked up once per session, as whichever owner can see them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from lib.core.errors import RunbookError
from lib.ui.shell.frame import Context
from lib.ui.webhooks.manage.subscription_list import (
    box_client,
    details,
    identities,
    managing_of,
    owned,
)
from lib.webhooks.manage.subscriptions import Identity, paths_of, watching
from lib.webhooks.reconcile.reconciliation import Watched

AT_ONCE: Final = 40
"""How many folders are looked up automatically."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is watched, by whose webhooks; `fault` says why that isn't known."""

    watched: Watched
    owners: tuple[Identity, ...] = ()
    fault: RunbookError | None = None


def known(context: Context) -> Known:
    """The webhooks of the listed owners, with the folders that were looked up."""
    if context.profile.box is None:
        return Known(Watched())
    paths = {key: found for key, found in managing_of(context).paths.items() if found}
    try:
        found = [owned(context, one) for one in identities(context)]
        reported = [
            listed
            for one in found
            if one.hooks
            for listed in details(context, one.identity, one.hooks)
        ]
    except RunbookError as error:
        return Known(Watched(paths=paths), fault=error)
    fault = next((one.fault for one in found if one.fault is not None), None)
    owners = tuple(one.identity for one in found)
    fault = fault or next((one.fault for one in reported if one.fault is not None), None)
    all_reported = fault is None and len(reported) == sum(len(one.hooks) for one in found)
    return Known(Watched(tuple(map(watching, reported)), paths, known=all_reported), owners, fault)


def unplaced(context: Context, folder_ids: Sequence[str]) -> tuple[str, ...]:
    """Of these folders, those that weren't looked up yet."""
    looked = managing_of(context).paths
    return tuple(one for one in folder_ids if one not in looked)


def place(context: Context, what: Known, folder_ids: Sequence[str]) -> Known:
    """Look these folders up as each owner in turn; what nobody sees stays unknown."""
    existing = managing_of(context)
    left = list(folder_ids)
    client = box_client(context)
    for identity in what.owners:
        if not left:
            break
        found = paths_of(identity.client(client), left)
        existing.paths.update(found)
        left = [one for one in left if one not in found]
    existing.paths.update(dict.fromkeys(left))
    paths = {key: found for key, found in existing.paths.items() if found}
    return replace(what, watched=replace(what.watched, paths=paths))

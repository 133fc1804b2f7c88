"""One page of users, groups or accounts at a time, and the call that tests an account.

Every function makes as few calls as one screen needs, so that 10,000 users cost no more than 50.
Box lists by position up to 10,000; beyond that only by the start of a name or login.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from lib.accounts.rows import (
    GROUP_FIELDS,
    PAGE_SIZE,
    USER_FIELDS,
    AccountRow,
    GroupRow,
    MemberRow,
    Paging,
    UserRow,
    account_row,
    group_row,
    member_row,
    user_row,
)
from lib.box import BoxClient
from lib.core.errors import ApiError, RunbookError
from lib.http.outcome import Fault, fault_of
from lib.kloudless import KloudlessClient

MEMBERS_SHOWN: Final = 200
_SCAN_SIZE: Final = 1000
_SCAN_PAGES: Final = 10

LastSeen = Callable[[Sequence[str]], Mapping[str, datetime]]
"""From Box user ids to when each was last seen (UTC); users never seen are absent."""


@dataclass(frozen=True, slots=True)
class UserPage:
    """One screen of users."""

    rows: tuple[UserRow, ...]
    paging: Paging


@dataclass(frozen=True, slots=True)
class GroupPage:
    """One screen of groups."""

    rows: tuple[GroupRow, ...]
    paging: Paging


@dataclass(frozen=True, slots=True)
class Members:
    """The first members of a group, or groups of a user, and how many there are in all."""

    rows: tuple[MemberRow, ...]
    total: int


@dataclass(frozen=True, slots=True)
class AccountPage:
    """One screen of Kloudless accounts. `scanned`: how many were read to find a service."""

    rows: tuple[AccountRow, ...]
    paging: Paging
    scanned: int | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """Whether an account answered a read call. `at` is UTC."""

    ok: bool
    at: datetime
    state: str
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class AccountQuery:
    """Which accounts to list. None means either."""

    number: int = 1
    search: str = ""
    service: str = ""
    admin: bool | None = None
    enabled: bool | None = None


def users_page(
    client: BoxClient, *, number: int, term: str, user_type: str, enterprise_id: str
) -> UserPage:
    """One page of users whose name or login starts with `term`; `user_type` is a Box value."""
    asked = Paging(number, 0)
    page = client.users_page(
        limit=PAGE_SIZE,
        offset=asked.offset,
        filter_term=term.strip() or None,
        fields=USER_FIELDS,
        user_type=user_type,
    )
    rows = tuple(user_row(raw, enterprise_id=enterprise_id) for raw in page.entries)
    return UserPage(rows, Paging(number, page.total or len(rows)))


def with_last_seen(page: UserPage, last_seen: LastSeen) -> UserPage:
    """The same page with each user's last activity."""
    seen = last_seen([row.id for row in page.rows])
    return replace(
        page, rows=tuple(replace(row, last_activity=seen.get(row.id)) for row in page.rows)
    )


def groups_page(client: BoxClient, *, number: int, term: str) -> GroupPage:
    """One page of groups whose name starts with `term`."""
    page = client.groups_page(
        limit=PAGE_SIZE,
        offset=Paging(number, 0).offset,
        filter_term=term.strip() or None,
        fields=GROUP_FIELDS,
    )
    rows = tuple(group_row(raw) for raw in page.entries)
    return GroupPage(rows, Paging(number, page.total or len(rows)))


def group_members(client: BoxClient, group_id: str) -> Members:
    """The first members of a group."""
    page = next(client.group_memberships(group_id, limit=MEMBERS_SHOWN))
    rows = tuple(member_row(raw) for raw in page.entries)
    return Members(rows, page.total or len(rows))


def user_groups(client: BoxClient, user_id: str) -> Members:
    """The first groups of a user."""
    page = next(client.user_memberships(user_id, limit=MEMBERS_SHOWN))
    rows = tuple(member_row(raw) for raw in page.entries)
    return Members(rows, page.total or len(rows))


def accounts_page(client: KloudlessClient, query: AccountQuery) -> AccountPage:
    """One page of connected accounts. Kloudless can't filter by service, so that is done here."""
    if query.service:
        return _of_one_service(client, query)
    page = client.accounts(
        page=query.number,
        page_size=PAGE_SIZE,
        enabled=query.enabled,
        admin=query.admin,
        search=query.search.strip() or None,
    )
    rows = tuple(account_row(raw) for raw in page.objects)
    return AccountPage(rows, Paging(query.number, page.total or len(rows)))


def _of_one_service(client: KloudlessClient, query: AccountQuery) -> AccountPage:
    found: list[AccountRow] = []
    scanned = 0
    pages = client.all_accounts(
        page_size=_SCAN_SIZE,
        enabled=query.enabled,
        admin=query.admin,
        search=query.search.strip() or None,
    )
    for number, page in enumerate(pages, start=1):
        scanned += len(page.objects)
        found += [row for row in map(account_row, page.objects) if row.service == query.service]
        if number == _SCAN_PAGES:
            break
    paging = Paging(query.number, len(found))
    rows = tuple(found[paging.offset : paging.offset + PAGE_SIZE])
    return AccountPage(rows, paging, scanned)


def prove_account(
    client: KloudlessClient, account: AccountRow, *, now: Callable[[], datetime]
) -> Proof:
    """Ask for one entry of the account's root folder: the smallest call that reaches Box."""
    try:
        client.folder_contents(account.id, page_size=1)
    except RunbookError as error:
        state = "Not callable" if isinstance(error, ApiError) else "No answer"
        return Proof(ok=False, at=now(), state=state, fault=fault_of(error))
    return Proof(ok=True, at=now(), state="Callable")


def can_be_tried(account: AccountRow) -> bool:
    """Whether a call can test it: it is enabled, and it has files or doesn't list its APIs."""
    return account.enabled and (not account.apis or "storage" in account.apis)


def state_words(account: AccountRow, proof: Proof | None) -> str:
    """An account's state: disabled, enabled, or verified by a call."""
    if not account.enabled:
        return "○ Disabled"
    if proof is not None:
        return f"✓ {proof.state}" if proof.ok else f"✗ {proof.state}"
    return "? Enabled, not tested" if can_be_tried(account) else "? Enabled, no files"

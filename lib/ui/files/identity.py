"""Whose files the Files page shows: the sides of the profile, the account, the identity.

Whom a side's calls run as isn't taken from the choice but from Box's answer to `users/me`.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import TypeVar

from lib.accounts.rows import AccountRow, UserRow, account_row
from lib.box import BoxClient
from lib.core.errors import ConfigurationError, Who
from lib.files.location import Place
from lib.files.source import QUIET, FileSide, FileSource
from lib.files.source_box import BoxSource
from lib.files.source_kloudless import KloudlessSource
from lib.kloudless import KloudlessClient
from lib.ui.files import words
from lib.ui.files.state import Asked, ask, known_ids
from lib.ui.shell.frame import Context

T = TypeVar("T")
#: Accounts are listed in one call, which is as many as Kloudless gives in one.
ACCOUNTS_LISTED = 1000


@dataclass(frozen=True, slots=True)
class Accounts:
    """The enabled Box accounts of the application, organisations first, and the one in use."""

    rows: tuple[AccountRow, ...]
    used: AccountRow
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Lens:
    """One side for one identity. `subject` is whose files these are: '' for the profile's own."""

    side: FileSide
    source: FileSource
    key: Hashable
    subject: str = ""
    account: AccountRow | None = None

    def ask(
        self, context: Context, what: Hashable, fetch: Callable[[FileSource], T], detail: str
    ) -> Asked[T]:
        """The answer of this side, kept for a minute; a look-up of a person is recorded."""
        looked_up = (self.subject, f"files: {detail}, {self.side.label}") if self.subject else None
        return ask(context, (self.key, what), lambda: fetch(self.source), looked_up=looked_up)


def sides_of(context: Context) -> tuple[FileSide, ...]:
    """The sides that the profile has."""
    profile = context.profile
    halves = ((FileSide.BOX, profile.box), (FileSide.KLOUDLESS, profile.kloudless))
    return tuple(side for side, half in halves if half is not None)


def box_lens(context: Context, place: Place, *, quiet: bool) -> Lens:
    """Box directly, as the profile itself or as the chosen user."""
    return Lens(
        side=FileSide.BOX,
        source=box_source(context, place.user, quiet=quiet),
        key=(FileSide.BOX, place.user, quiet),
        subject=f"user {place.user}" if place.user else "",
    )


def box_source(context: Context, user: str = "", *, quiet: bool) -> BoxSource:
    """Box directly, for one identity. Raises RunbookError for credentials that can't work."""
    client: BoxClient = context.runtime.client_for(context.profile)
    if user:
        client = client.as_user(user)
    box = context.profile.box
    if quiet:
        client = client.with_headers(QUIET)
    return BoxSource(client, box.enterprise_id if box is not None else "")


def kloudless_lens(context: Context, place: Place, account: AccountRow, *, quiet: bool) -> Lens:
    """Through one Kloudless account. Only an organisation's can act as someone else."""
    user = place.user if account.admin else ""
    subject = f"user {user}" if user else "" if account.admin else f"account {account.id}"
    return Lens(
        side=FileSide.KLOUDLESS,
        source=KloudlessSource(
            _kloudless(context),
            account.id,
            user=user,
            raw_headers=QUIET if quiet else None,
            ids=known_ids(context),
        ),
        key=(FileSide.KLOUDLESS, user, account.id, quiet),
        subject=subject,
        account=account,
    )


def accounts(context: Context, place: Place) -> Asked[Accounts]:
    """The listed accounts, and the one in use: the one in the address, else the first."""
    return ask(
        context, ("accounts", place.account), lambda: _accounts(_kloudless(context), place.account)
    )


def _accounts(client: KloudlessClient, requested: str) -> Accounts:
    page = client.accounts(page_size=ACCOUNTS_LISTED, enabled=True)
    listed = (account_row(raw) for raw in page.objects)
    rows = [row for row in listed if row.service == "box" and row.enabled]
    rows.sort(key=lambda row: (not row.admin, row.account.lower()))
    used = next((row for row in rows if row.id == requested), None)
    if requested and used is None:
        used = account_row(client.account(requested, full=False))
        rows.append(used)
    more = page.total is not None and page.total > len(page.objects)
    cut = more or page.next_page is not None
    if not rows and cut:
        raise ConfigurationError(
            words.NO_ACCOUNT_AMONG_FIRST,
            cause=words.NO_ACCOUNT_AMONG_FIRST_CAUSE,
            fix=words.NO_ACCOUNT_AMONG_FIRST_FIX,
            who=Who.YOU,
        )
    if not rows:
        raise ConfigurationError(
            words.NO_ACCOUNT,
            cause=words.NO_ACCOUNT_CAUSE,
            fix=words.NO_ACCOUNT_FIX,
            who=Who.KLOUDLESS_ADMIN,
        )
    return Accounts(tuple(rows), used or rows[0], cut)


def _kloudless(context: Context) -> KloudlessClient:
    return context.runtime.clients.kloudless(context.profile)


def acting(context: Context, lens: Lens) -> Asked[UserRow]:
    """Whom the calls of a side run as. Asking this reads nobody's files."""
    return ask(context, (lens.key, "me"), lens.source.me)

"""A person on Kloudless's side: the admin account that reaches them, and their ID there.

Kloudless's team IDs aren't Box's. They are matched by what Kloudless itself tells: its conversion
of a Box ID (`encode_raw_id`), else the Box ID that the team list carries (`raw_id`, in version 2
`raw.id`); the login is the last resort. Each match says which it was. Nothing is written: the
conversion is a POST that only converts. Source: the published Kloudless SDKs and migration guide.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from lib.core.errors import KloudlessApiError, RunbookError
from lib.kloudless import KloudlessClient
from lib.runbook.impersonation.rules import Person

MOST_ACCOUNTS: Final = 5
TEAM_PAGES: Final = 20
_BOX: Final = "box"
_USER: Final = "user"
#: What an appliance answers that doesn't know the call, or nobody of this ID.
_NOT_THAT_WAY: Final = frozenset({400, 404, 405, 501})


class Match(StrEnum):
    """How a person of Box was found in Kloudless's team, in words for people."""

    CHOSEN = "chosen from Kloudless's team list"
    CONVERTED = "Kloudless's own conversion of the Box ID"
    RAW_ID = "the Box ID in Kloudless's team list"
    LOGIN = "the login alone, because Kloudless returned no Box ID"


@dataclass(frozen=True, slots=True)
class AdminAccount:
    """An enabled admin account of Box: its ID and what Kloudless calls it."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class KloudlessPerson:
    """Where a person is on Kloudless's side. `id` is what X-Kloudless-As-User takes."""

    account: AdminAccount
    id: str
    match: Match


def admin_accounts(client: KloudlessClient) -> tuple[AdminAccount, ...]:
    """The enabled admin accounts of Box, in Kloudless's order."""
    return tuple(
        AdminAccount(str(one["id"]), str(one.get("account") or ""))
        for page in client.all_accounts(admin=True, enabled=True)
        for one in page.objects
        if one.get("service") == _BOX and one.get("admin") is True
    )


def team_person(raw: Mapping[str, Any], account: str) -> Person:
    """A person from a user of the team list of that account."""
    return Person(
        id=box_id_of(raw),
        login=str(raw.get("email") or ""),
        role=str(raw.get("role") or ""),
        team_id=str(raw.get("id") or ""),
        account=account,
    )


def box_id_of(raw: Mapping[str, Any]) -> str:
    """The Box ID that Kloudless returns with an object; '' where it returns none."""
    upstream = raw.get("raw")
    found = raw.get("raw_id") or (upstream.get("id") if isinstance(upstream, Mapping) else None)
    return str(found) if isinstance(found, str | int) and not isinstance(found, bool) else ""


def found_in_team(client: KloudlessClient, person: Person) -> KloudlessPerson | None:
    """The person in the team of the first account that has them; None when none has.

    Raises what Kloudless refused with, when an account couldn't be asked and no other has them.
    """
    refused: RunbookError | None = None
    for account in _accounts_for(client, person):
        try:
            found = _in_team_of(client, account, person)
        except RunbookError as error:
            refused = refused or error
            continue
        if found is not None:
            return found
    if refused is not None:
        raise refused
    return None


def _accounts_for(client: KloudlessClient, person: Person) -> tuple[AdminAccount, ...]:
    accounts = admin_accounts(client)
    if person.account:
        return tuple(one for one in accounts if one.id == person.account)
    return accounts[:MOST_ACCOUNTS]


def _in_team_of(
    client: KloudlessClient, account: AdminAccount, person: Person
) -> KloudlessPerson | None:
    if person.team_id:
        return KloudlessPerson(account, person.team_id, Match.CHOSEN)
    if person.id:
        converted = _converted(client, account, person)
        if converted is not None:
            return converted
    return _listed(client, account, person)


def _converted(
    client: KloudlessClient, account: AdminAccount, person: Person
) -> KloudlessPerson | None:
    """By conversion, where the team then knows the ID; None where that way isn't open."""
    try:
        team_id = client.encode_raw_id(account.id, person.id, _USER)
        reported = client.team_user(account.id, team_id)
    except KloudlessApiError as error:
        if error.status not in _NOT_THAT_WAY:
            raise
        return None
    if box_id_of(reported) not in ("", person.id):
        return None
    return KloudlessPerson(account, team_id, Match.CONVERTED)


def _listed(
    client: KloudlessClient, account: AdminAccount, person: Person
) -> KloudlessPerson | None:
    login = person.login.casefold()
    for user in _team(client, account):
        reported = box_id_of(user)
        if reported and person.id:
            if reported == person.id:
                return KloudlessPerson(account, str(user["id"]), Match.RAW_ID)
        elif login and str(user.get("email") or "").casefold() == login:
            return KloudlessPerson(account, str(user["id"]), Match.LOGIN)
    return None


def _team(client: KloudlessClient, account: AdminAccount) -> Iterator[Mapping[str, Any]]:
    for number, page in enumerate(client.team_users(account.id), start=1):
        yield from page.objects
        if number >= TEAM_PAGES:
            return

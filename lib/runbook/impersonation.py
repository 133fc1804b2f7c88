"""Acting for a user: who can be acted for, and the same question asked in every way there is.

The rules are Box's: a managed or app user of the same enterprise, with the app's switch on; never
an external user; a co-admin can't act as another co-admin or the primary admin. The proof is the
same everywhere: who answers, and what that person's root folder shows. It only reads.
Sources: Box developer documentation (As-User, user access tokens), a Box support article on what
co-admins may do; the published Kloudless SDKs.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from lib.box import BoxClient, Subject, SubjectType
from lib.errors import RunbookError
from lib.runbook.checks.box_identity import acts_as_person, is_service_account
from lib.runbook.kit import Kit

_ADMINS: Final = frozenset({"admin", "coadmin"})
_MOST: Final = 1000  # items of a root folder that are counted
_TEAM_PAGES: Final = 20


class Way(StrEnum):
    """How to act for somebody."""

    AS_USER = "Box, As-User header"
    USER_TOKEN = "Box, token for the user"  # noqa: S105  # a name for people
    KLOUDLESS = "Kloudless, X-Kloudless-As-User"


@dataclass(frozen=True, slots=True)
class Person:
    """The user to act for, as Box lists them. `foreign`: of another enterprise."""

    id: str
    login: str
    role: str = ""
    status: str = ""
    app_user: bool = False
    foreign: bool = False
    service: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule and whether it is met; `met` None where Box's lists don't tell."""

    text: str
    met: bool | None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One way tried. `skipped` says why it wasn't.

    `user_id` and `login` are who answered, `items` how many entries the root folder shows, `more`
    that there are others. `request_ids` are those of the deciding calls, `ms` all calls together.
    """

    way: Way
    skipped: str = ""
    user_id: str = ""
    login: str = ""
    items: int | None = None
    more: bool = False
    status: int | None = None
    request_ids: tuple[str, ...] = ()
    ms: float = 0.0
    error: RunbookError | None = None

    @property
    def worked(self) -> bool:
        """Whether the call was answered."""
        return not self.skipped and self.error is None


def person_of(raw: Mapping[str, Any], *, foreign: bool = False) -> Person:
    """A person from a Box user object."""
    return Person(
        id=str(raw.get("id") or ""),
        login=str(raw.get("login") or ""),
        role=str(raw.get("role") or ""),
        status=str(raw.get("status") or ""),
        app_user=raw.get("is_platform_access_only") is True,
        foreign=foreign,
        service=is_service_account(dict(raw)),
    )


def rules(person: Person, me: Mapping[str, Any]) -> tuple[Rule, ...]:
    """What must hold for this person to be acted for by the account `me`."""
    my_role = str(me.get("role") or "")
    found = [
        Rule(
            "Belongs to this enterprise; an external user can't be acted for.", not person.foreign
        ),
        Rule("Isn't a service account: probably that can't be acted for.", not person.service),
        Rule("Is active.", person.status == "active" if person.status else None),
    ]
    if my_role == "coadmin":
        met = None if not person.role else person.role not in _ADMINS
        found.append(Rule("Isn't an admin or co-admin: a co-admin can't act as another one.", met))
    found.append(Rule("The app's switch for acting as users is on; only a call can show it.", None))
    return tuple(found)


def barred(person: Person, me: Mapping[str, Any]) -> str:
    """Why this person can't be acted for whatever the app may do; empty when nothing is known."""
    broken = [rule.text for rule in rules(person, me) if rule.met is False]
    return " ".join(broken)


def compare(kit: Kit, person: Person, me: Mapping[str, Any]) -> Iterator[Attempt]:
    """The same person in every way that the profile has, one after the other."""
    why = barred(person, me)
    for way in Way:
        reason = why or _lacking(kit, way)
        yield Attempt(way, skipped=reason) if reason else _tried(kit, way, person)


def _lacking(kit: Kit, way: Way) -> str:
    if way is Way.KLOUDLESS:
        return "" if kit.profile.kloudless is not None else "This profile has no Kloudless half."
    if kit.profile.box is None:
        return "This profile has no Box half."
    if way is Way.USER_TOKEN and acts_as_person(kit):
        return "Only JWT and client credentials apps get tokens for users."
    return ""


def _tried(kit: Kit, way: Way, person: Person) -> Attempt:
    before = len(kit.journal.calls)
    started = time.perf_counter()
    error: RunbookError | None = None
    found: dict[str, Any] = {}
    try:
        if way is Way.AS_USER:
            found = _seen(kit.box.as_user(person.id))
        elif way is Way.USER_TOKEN:
            with kit.box_for(Subject(SubjectType.USER, person.id)) as client:
                found = _seen(client)
        else:
            found = _through_kloudless(kit, person)
    except RunbookError as problem:
        error = problem
    calls = kit.journal.calls[before:]
    return Attempt(
        way,
        skipped=str(found.pop("skipped", "")),
        status=calls[-1].status if calls else None,
        request_ids=tuple(dict.fromkeys(one for call in calls for one in call.request_ids)),
        ms=round((time.perf_counter() - started) * 1000, 1),
        error=error,
        **found,
    )


def _seen(client: BoxClient) -> dict[str, Any]:
    me = client.me(("id", "login"))
    page = client.folder_items("0", limit=_MOST, offset=0, fields=("id",))
    return {
        "user_id": str(me.get("id") or ""),
        "login": str(me.get("login") or ""),
        "items": len(page.entries),
        "more": page.next_offset is not None,
    }


def _through_kloudless(kit: Kit, person: Person) -> dict[str, Any]:
    """The person's root folder through an admin account; the two sides are matched by login."""
    account = next(
        (
            str(one["id"])
            for page in kit.kloudless.all_accounts(admin=True, enabled=True)
            for one in page.objects
            if one.get("service") == "box" and one.get("admin") is True
        ),
        None,
    )
    if account is None:
        return {"skipped": "No enabled Box admin account is connected to Kloudless."}
    user = _team_user(kit, account, person.login)
    if user is None:
        return {"skipped": "Kloudless's team list has nobody with this login."}
    page = kit.kloudless.folder_contents(account, page_size=_MOST, as_user=str(user["id"]))
    return {
        "login": str(user.get("email") or ""),
        "items": len(page.objects),
        "more": page.next_page is not None,
    }


def _team_user(kit: Kit, account: str, login: str) -> Mapping[str, Any] | None:
    wanted = login.casefold()
    for number, page in enumerate(kit.kloudless.team_users(account)):
        for user in page.objects:
            if str(user.get("email") or "").casefold() == wanted:
                return user
        if number >= _TEAM_PAGES:
            break
    return None


def differences(person: Person, attempts: Sequence[Attempt]) -> tuple[str, ...]:
    """What the ways disagree about, in sentences; nothing where they agree."""
    worked = [one for one in attempts if one.worked]
    told = [
        f"{one.way} was answered by user {one.user_id}, not by {person.id}: perhaps something on "
        "the way removes headers."
        for one in worked
        if one.user_id and one.user_id != person.id
    ]
    counts = {one.items for one in worked}
    if len(counts) > 1:
        parts = "; ".join(f"{one.way}: {one.items}" for one in worked)
        told.append(
            f"The root folder doesn't show the same number of items ({parts}). A token or an "
            "account may have fewer rights, or one side isn't up to date."
        )
    failed = [one for one in attempts if one.error is not None]
    if failed and worked:
        names = ", ".join(one.way for one in failed)
        told.append(
            f"{names} was refused while another way worked, so the person can be acted for: the "
            "refused way lacks a switch, a right or a working account."
        )
    return tuple(told)

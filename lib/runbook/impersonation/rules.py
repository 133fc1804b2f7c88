"""Whom the app can act as, by method: what is required, and whether it is met.

Only what is documented bars anybody. Where the documentation is silent (inactive people; co-admins
and service accounts through Kloudless), the rule says so and only a call tells. Sources: Box
developer documentation (As-User, user access tokens, app access), Box support articles 360043693434
and 360044192553; Kloudless's guide for its Box connector and its documentation of the Team API.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from lib.runbook.checks.box_identity import is_service_account
from lib.settings.profiles import BoxAuth, Profile

ADMIN: Final = "admin"
COADMIN: Final = "coadmin"
_ADMINS: Final = frozenset({ADMIN, COADMIN})
_SERVER_APPS: Final = frozenset({BoxAuth.JWT, BoxAuth.CCG})
_INACTIVE: Final = "inactive"
_BOX: Final = "Box's"
_KLOUDLESS: Final = "Kloudless's"


class Way(StrEnum):
    """How to act as a user."""

    AS_USER = "Box, As-User header"
    USER_TOKEN = "Box, token for the user"  # noqa: S105  # a name for people
    KLOUDLESS = "Kloudless, X-Kloudless-As-User"


@dataclass(frozen=True, slots=True)
class Person:
    """The user to act for. `foreign`: of another enterprise, or of none.

    `id` is Box's; it is '' where only Kloudless lists the person and doesn't tell it. `team_id` is
    the ID in the team list of the Kloudless account `account`, where the person was chosen there.
    """

    id: str
    login: str
    role: str = ""
    status: str = ""
    app_user: bool = False
    foreign: bool = False
    service: bool = False
    team_id: str = ""
    account: str = ""


@dataclass(frozen=True, slots=True)
class Caller:
    """Whom the profile's own Box calls run as, and by which kind of app."""

    id: str = ""
    role: str = ""
    service: bool = False
    auth: BoxAuth | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule and whether it is met; None where only a call can show it."""

    text: str
    met: bool | None


def person_of(raw: Mapping[str, Any], *, enterprise_id: str = "") -> Person:
    """A person from a Box user object; `enterprise_id` is the caller's own, to compare with."""
    theirs = raw.get("enterprise") or {}
    reported = "enterprise" in raw and bool(enterprise_id)
    return Person(
        id=str(raw.get("id") or ""),
        login=str(raw.get("login") or ""),
        role=str(raw.get("role") or ""),
        status=str(raw.get("status") or ""),
        app_user=raw.get("is_platform_access_only") is True,
        foreign=reported and str(theirs.get("id") or "") != enterprise_id,
        service=is_service_account(raw),
    )


def caller_of(me: Mapping[str, Any], auth: BoxAuth | None) -> Caller:
    """The caller, from Box's answer about itself."""
    return Caller(
        id=str(me.get("id") or ""),
        role=str(me.get("role") or ""),
        service=is_service_account(me),
        auth=auth,
    )


def ways_of(profile: Profile) -> tuple[Way, ...]:
    """The ways that the profile's halves make possible."""
    found = () if profile.box is None else (Way.AS_USER, Way.USER_TOKEN)
    return found if profile.kloudless is None else (*found, Way.KLOUDLESS)


def rules(way: Way, person: Person, caller: Caller) -> tuple[Rule, ...]:
    """What must hold for the caller to act for that person in that way."""
    if way is Way.AS_USER:
        return _as_user(person, caller)
    return _user_token(person, caller) if way is Way.USER_TOKEN else _kloudless(person)


def barred(way: Way, person: Person, caller: Caller) -> tuple[str, ...]:
    """The rules that are known to be broken; the way needn't be tried then."""
    return tuple(rule.text for rule in rules(way, person, caller) if rule.met is False)


def _as_user(person: Person, caller: Caller) -> tuple[Rule, ...]:
    found = [
        Rule(
            "Belongs to this enterprise: Box doesn't allow acting as an external user.",
            not person.foreign,
        ),
        Rule("Isn't a service account: Box doesn't accept its ID here.", not person.service),
    ]
    if caller.role == COADMIN and not caller.service:
        other = None if not person.role else person.role not in _ADMINS or person.id == caller.id
        found.append(
            Rule(
                "Isn't a co-admin or the primary admin: the calls run as a co-admin, who can't act "
                "as another of them.",
                other,
            )
        )
    found.append(
        Rule(
            "The calls run as the app's service account, or as an admin or co-admin who manages "
            "users.",
            _may_manage(caller),
        )
    )
    switch = (
        "The app can make calls with the As-User header: its switch in the Developer Console is "
        "on, and an admin has authorized the app since."
        if caller.auth in _SERVER_APPS
        else "Box support has enabled “Admin can make calls on behalf of Users” for the app."
    )
    return (*found, Rule(switch, None), *_reach(person, caller), *_inactive(person, _BOX))


def _may_manage(caller: Caller) -> bool | None:
    """A co-admin may or may not have that right; no response shows it."""
    if caller.service or caller.role == ADMIN:
        return True
    return None if caller.role in ("", COADMIN) else False


def _user_token(person: Person, caller: Caller) -> tuple[Rule, ...]:
    own = person.service and person.id == caller.id
    found = [
        Rule(
            "The app uses JWT or client credentials: only such apps get tokens for users.",
            None if caller.auth is None else caller.auth in _SERVER_APPS,
        ),
        Rule(
            "Belongs to this enterprise: Box refuses tokens for users of another enterprise.",
            not person.foreign,
        ),
    ]
    if person.service:
        found.append(
            Rule("Isn't the app's own service account: Box issues no user token for it.", not own)
            if own
            else Rule(f"{_silent(_BOX)} a service account of another app.", None)
        )
    switch = (
        "“Generate user access tokens” is on in the Developer Console, and an admin has authorized "
        "the app since."
    )
    return (*found, Rule(switch, None), *_reach(person, caller), *_inactive(person, _BOX))


def _kloudless(person: Person) -> tuple[Rule, ...]:
    listed = bool(person.team_id)
    found = [
        Rule(
            "Belongs to the organisation: Kloudless's guide counts external users of shared "
            "folders among those who can't be impersonated.",
            not person.foreign,
        ),
        Rule("An organisation's admin account is connected and enabled.", listed or None),
        Rule(
            "Is in that account's team list; the header needs an ID from this list.", listed or None
        ),
        Rule(
            "The Box app behind Kloudless can act as users: “Perform Actions as Users” is on "
            "(JWT), or Box support has enabled “Admin can make calls on behalf of Users” (OAuth).",
            None,
        ),
    ]
    if person.service:
        found.append(Rule(f"{_silent(_KLOUDLESS)} a service account.", None))
    if person.role in _ADMINS:
        found.append(Rule(f"{_silent(_KLOUDLESS)} acting as admins and co-admins.", None))
    return (*found, *_inactive(person, _KLOUDLESS))


def _reach(person: Person, caller: Caller) -> tuple[Rule, ...]:
    """The app's access level, which matters for managed users of server apps."""
    if caller.auth not in _SERVER_APPS or person.app_user or person.service or person.foreign:
        return ()
    level = "The app's access level is App + Enterprise: App access only doesn't cover this user."
    return (Rule(level, None),)


def _inactive(person: Person, whose: str) -> tuple[Rule, ...]:
    if person.status != _INACTIVE:
        return ()
    return (Rule(f"Is inactive. {_silent(whose)} inactive users.", None),)


def _silent(whose: str) -> str:
    return f"{whose} documentation says nothing about"

"""Which identity the token has, and whether it is the expected one.

Sources: Box API reference, `GET /users/me`; Box developer documentation, service accounts.
"""

from collections.abc import Mapping
from typing import Any, Final

from lib.runbook.checks.check import Check, CheckSide
from lib.runbook.checks.check_context import CheckContext
from lib.runbook.checks.verdict import CheckOutcome, failed, passed
from lib.settings.profiles import BoxAuth

FIELDS: Final = ("id", "login", "name", "role", "status", "enterprise", "is_platform_access_only")
SERVICE_DOMAIN: Final = "@boxdevedition.com"
ADMINS: Final = frozenset({"admin", "coadmin"})
_INACTIVE: Final = "inactive"
TOKEN_NEEDS: Final = ("box.token.enterprise", "box.token.signin")


def is_service_account(user: Mapping[str, Any]) -> bool:
    """Whether a user is the account that Box made for an app."""
    login = str(user.get("login") or "").lower()
    return login.startswith("automationuser_") and login.endswith(SERVICE_DOMAIN)


def kind_of(user: Mapping[str, Any]) -> str:
    """What a user is, as evidence says it."""
    return "service account" if is_service_account(user) else "person"


def _identity(context: CheckContext) -> CheckOutcome:
    me = dict(context.box.me(FIELDS))
    context.facts.me = me
    status = str(me.get("status") or "")
    shown: dict[str, Any] = {
        "id": me.get("id"),
        "kind": kind_of(me),
        "role": me.get("role"),
        "status": status or None,
    }
    if status == _INACTIVE:
        return failed("box.person_inactive", **shown)
    if context.credentials.user_id and str(me.get("id")) != context.credentials.user_id:
        return failed("box.other_user", requested=context.credentials.user_id, **shown)
    return passed(f"The calls run as {_named(me)}.", **shown)


def _named(me: dict[str, Any]) -> str:
    return "the app's service account" if is_service_account(me) else f"user {me.get('id')}"


def enterprise_of(user: Mapping[str, Any], requested: str, note: str) -> CheckOutcome:
    """Whether a user belongs to the requested enterprise, to any where none is; `note` if so."""
    found = user.get("enterprise")
    reported = str(found.get("id") or "") if isinstance(found, dict) else ""
    if not reported:
        return failed("box.no_enterprise", requested=requested or None)
    if requested and reported != requested:
        return failed("box.other_enterprise", requested=requested, reported=reported)
    return passed(note, enterprise_id=reported)


def _enterprise(context: CheckContext) -> CheckOutcome:
    requested = context.credentials.enterprise_id
    note = (
        "It matches the settings."
        if requested
        else "The settings name no enterprise to compare with."
    )
    return enterprise_of(context.facts.me, requested, note)


def acts_as_person(context: CheckContext) -> bool:
    """Whether the calls run as a person who signed in, not as a service account."""
    return context.credentials.auth in (BoxAuth.OAUTH, BoxAuth.DEVELOPER_TOKEN)


def is_ordinary_user(context: CheckContext) -> bool:
    """Whether it is a person without admin rights, as far as Box reports the role."""
    role = context.facts.me.get("role")
    return acts_as_person(context) and isinstance(role, str) and role not in ADMINS


CHECKS: Final = (
    Check(
        "box.identity",
        "Access token works",
        "Box accepts the token, and the account behind it is active.",
        _identity,
        CheckSide.BOX,
        method="GET /2.0/users/me.",
        needs=("box.settings", "box.reachable", *TOKEN_NEEDS),
    ),
    Check(
        "box.enterprise",
        "Enterprise is the expected one",
        "The account belongs to the enterprise that the settings name.",
        _enterprise,
        CheckSide.BOX,
        method="Compares the enterprise in that response with the settings.",
        needs=("box.identity",),
    ),
)

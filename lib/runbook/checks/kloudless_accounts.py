"""Who stands behind Kloudless's accounts: whose keys for Box it holds, and whether they work.

The API doesn't show the keys. An admin account that works as the app's service account was given a
token for the key pair; one that works as a person, or an ordinary account, was signed in with an
OAuth app. Sources: the connector guide; published Kloudless SDKs; Box developer documentation.
"""

from collections.abc import Mapping
from typing import Any, Final

from lib.http import read_object
from lib.kloudless.api_errors import kloudless_error
from lib.runbook.checks.box_identity import ADMINS, enterprise_of, is_service_account, kind_of
from lib.runbook.checks.check import Check, CheckSide
from lib.runbook.checks.check_context import CheckContext
from lib.runbook.checks.kloudless import enabled_accounts
from lib.runbook.checks.verdict import CheckOutcome, failed, passed, skipped, unproven
from lib.runbook.goals import Need
from lib.settings.profiles import BoxAuth

MAX_ORDINARY: Final = 5  # ordinary accounts that are tried until one works
_ME: Final = "/2.0/users/me?fields=id,login,role,status,enterprise"


def _person(context: CheckContext, account_id: str) -> Mapping[str, Any]:
    """Whom Box says that the account works as. Raises what Kloudless answers."""
    response = context.kloudless.raw(account_id, "GET", _ME)
    if response.is_error:
        raise kloudless_error(response)
    return read_object(response)


def _ordinary(context: CheckContext) -> list[Mapping[str, Any]]:
    return [one for one in enabled_accounts(context) if one.get("admin") is not True]


def _admin_id(context: CheckContext) -> str:
    return context.facts.admin_account or ""


def _identity(context: CheckContext) -> CheckOutcome:
    me = context.facts.behind_admin = _person(context, _admin_id(context))
    shown = {"id": me.get("id"), "kind": kind_of(me), "role": me.get("role")}
    return passed("Box answers the admin account.", **shown)


def _enterprise(context: CheckContext) -> CheckOutcome:
    box = context.profile.box
    requested = box.enterprise_id if box is not None else ""
    note = "The admin account belongs to this enterprise."
    return enterprise_of(context.facts.behind_admin, requested, note)


def _keys_jwt(context: CheckContext) -> CheckOutcome:
    me = context.facts.behind_admin
    if not is_service_account(me):
        return skipped("check.not_here", "The admin account works as a person.")
    own = context.facts.me
    box = context.profile.box
    if box is not None and box.auth is BoxAuth.JWT and is_service_account(own):
        if own.get("id") != me.get("id"):
            return failed("kloudless.other_app", requested=own.get("id"), reported=me.get("id"))
        return passed("It works as the service account of this profile's app.", id=me.get("id"))
    return passed("It works as the service account of a Box app.", id=me.get("id"))


def _keys_admin_oauth(context: CheckContext) -> CheckOutcome:
    me = context.facts.behind_admin
    if is_service_account(me):
        return skipped("check.not_here", "The admin account works as a service account.")
    role = me.get("role")
    if role not in ADMINS:
        return failed("kloudless.not_an_admin", role=role)
    return passed("It works as a person with admin rights.", id=me.get("id"), role=role)


def _keys_oauth(context: CheckContext) -> CheckOutcome:
    """An ordinary account that works; with the one app of an OAuth road the admin's counts too."""
    ordinary = _ordinary(context)
    if not ordinary:
        return failed("kloudless.no_ordinary_account")
    first = None
    for place, account in enumerate(ordinary[:MAX_ORDINARY], start=1):
        response = context.kloudless.raw(str(account["id"]), "GET", _ME)
        if response.is_error:
            first = first or kloudless_error(response)
            continue
        me = read_object(response)
        if not is_service_account(me):
            return passed("An ordinary account works as a person.", tried=place, id=me.get("id"))
    if first is not None:
        raise first
    return failed("kloudless.no_ordinary_account")


def _groups(context: CheckContext) -> CheckOutcome:
    context.kloudless.get(f"/accounts/{_admin_id(context)}/team/groups", {"page_size": 1})
    return passed("The organisation's groups can be listed.")


def _recent(context: CheckContext) -> CheckOutcome:
    """Of the first ordinary account that has any; a service account rarely has."""
    ordinary = _ordinary(context)
    for account in ordinary[:MAX_ORDINARY]:
        response = context.kloudless.request(
            "GET",
            f"/accounts/{account['id']}/storage/recent",
            params={"page_size": 1},
            raise_errors=False,
        )
        if not response.is_error and read_object(response).get("objects"):
            return passed("Recent files are listed.", account=account.get("id"))
    return unproven("kloudless.nothing_recent", tried=min(len(ordinary), MAX_ORDINARY))


_BEHIND: Final = ("kloudless.identity",)

CHECKS: Final = (
    Check(
        "kloudless.identity",
        "The admin account works",
        "Kloudless reaches Box with the admin account, and Box says whom it works as.",
        _identity,
        CheckSide.KLOUDLESS,
        method="A pass-through GET of users/me with the admin account.",
        needs=("kloudless.account.admin", "kloudless.account.callable"),
    ),
    Check(
        "kloudless.enterprise",
        "The admin account is of the expected enterprise",
        "The admin account belongs to the enterprise that the settings name.",
        _enterprise,
        CheckSide.KLOUDLESS,
        method="Compares the enterprise in that response with the settings.",
        needs=_BEHIND,
    ),
    Check(
        "kloudless.keys.jwt",
        "Kloudless has working JWT keys",
        "The five values of the JWT app at Kloudless work, for this profile's app if it has one.",
        _keys_jwt,
        CheckSide.KLOUDLESS,
        method="Reads whether the admin account works as the app's service account.",
        needs=_BEHIND,
        builds_on=("box.identity",),
    ),
    Check(
        "kloudless.keys.admin_oauth",
        "An admin signed in to Kloudless",
        "The admin account works as a Box admin or co-admin who signed in with OAuth.",
        _keys_admin_oauth,
        CheckSide.KLOUDLESS,
        method="Reads the role of the person behind the admin account.",
        needs=_BEHIND,
    ),
    Check(
        "kloudless.keys.oauth",
        "Kloudless has working OAuth keys",
        "An ordinary account works as a person who signed in with the OAuth app.",
        _keys_oauth,
        CheckSide.KLOUDLESS,
        method=f"A pass-through GET of users/me with up to {MAX_ORDINARY} ordinary accounts.",
        needs=("kloudless.account.callable",),
    ),
    Check(
        "kloudless.groups",
        "Can list the organisation's groups",
        "The admin account can list groups with the Team API.",
        _groups,
        CheckSide.KLOUDLESS,
        method="GET one group of team/groups.",
        needs=("kloudless.account.admin", "kloudless.account.callable"),
        grants=frozenset({Need.GROUPS}),
    ),
    Check(
        "kloudless.recent",
        "Recent files are listed",
        "Kloudless lists the recent files of an ordinary account.",
        _recent,
        CheckSide.KLOUDLESS,
        method=f"GET one recent file of up to {MAX_ORDINARY} ordinary accounts.",
        needs=("kloudless.account.callable",),
    ),
)

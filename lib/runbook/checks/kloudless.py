"""Kloudless: the address, the key, the accounts behind it, and what flows through them.

The hosted service is gone, so all of it is about an address of the host's own. What the API can't
tell with an API key (the webhook's address) stays unproven. Sources: the published Kloudless SDKs
and documentation archives.
"""

from collections.abc import Mapping
from datetime import UTC, timedelta
from typing import Any, Final

from lib.activity.model.source import Source, source_read
from lib.core.causes import UNKNOWN
from lib.core.errors import RunbookError
from lib.core.time_texts import time_of
from lib.http import TOO_MANY_REQUESTS, CallContext, error_body, malformed, read_object, send
from lib.kloudless.activity import subscriptions
from lib.kloudless.api_errors import kloudless_error
from lib.runbook.checks.check import Check, CheckSide
from lib.runbook.checks.check_context import CheckContext
from lib.runbook.checks.verdict import CheckOutcome, failed, passed, skipped, unproven, warning

SERVICE: Final = "box"
MAX_CALLED: Final = 10  # accounts that are tried one by one
# A hosted service kept a day of events, an appliance about a week.
KEPT_SHORT: Final = timedelta(hours=24)
KEPT_LONG: Final = timedelta(days=7)
_CATALOGUE: Final = "/public/services/box/"
_ERROR_FROM: Final = 400
_SERVER_FAULT: Final = 500
_NOT_FOUND: Final = 404
# Box answers an unknown version with a code of its own: that shows a forwarded header arriving.
_PROBE_HEADERS: Final[Mapping[str, str]] = {"box-version": "1900.0"}
_PROBE_CODE: Final = "invalid_api_version"


def _settings(context: CheckContext) -> CheckOutcome:
    kloudless = context.kloudless_credentials
    missing = [name for name in ("base_url", "app_id", "api_key") if not getattr(kloudless, name)]
    if missing:
        return failed("kloudless.settings_incomplete", f"Missing: {', '.join(missing)}.")
    return passed("Base URL, application ID and API key are there.", app_id=kloudless.app_id)


def _reachable(context: CheckContext) -> CheckOutcome:
    """The public catalogue needs no key: any answer in Kloudless's form shows that it is there."""
    response = send(
        context.kloudless.http,
        "GET",
        context.kloudless.base_url + _CATALOGUE,
        context=CallContext(identity=None),
    )
    context.facts.answers[_CATALOGUE] = response
    if response.status_code >= _SERVER_FAULT or response.status_code == TOO_MANY_REQUESTS:
        raise kloudless_error(response)
    if response.status_code >= _ERROR_FROM:
        if "error_code" not in error_body(response):
            raise malformed(response, "the error isn't in Kloudless's form")
        return passed("Kloudless answers, but not with its catalogue.")
    read_object(response)
    return passed("Kloudless answers at this address.")


def _connector(context: CheckContext) -> CheckOutcome:
    response = context.facts.answers[_CATALOGUE]
    if response.status_code == _NOT_FOUND:
        return failed("kloudless.no_connector")
    if response.status_code >= _ERROR_FROM:
        return unproven("kloudless.catalogue_closed", status=response.status_code)
    name = str(read_object(response).get("name") or "")
    if name != SERVICE:
        return failed("kloudless.no_connector", reported=name or None)
    return passed("The catalogue offers Box.", service=name)


def _api_key(context: CheckContext) -> CheckOutcome:
    page = context.kloudless.accounts(page_size=1000)
    context.facts.accounts = tuple(
        account for account in page.objects if account.get("service") == SERVICE
    )
    return passed(
        "Kloudless accepts the API key.",
        accounts=page.total,
        box_accounts=len(context.facts.accounts),
    )


def _present(context: CheckContext) -> CheckOutcome:
    enabled = enabled_accounts(context)
    total = len(context.facts.accounts)
    if not total:
        return failed("kloudless.no_accounts")
    if not enabled:
        return failed("kloudless.accounts_disabled", accounts=total)
    return passed("Box accounts are connected.", enabled=len(enabled), accounts=total)


def enabled_accounts(context: CheckContext) -> list[Mapping[str, Any]]:
    """Accounts in use; `active` is the older name of `enabled`."""
    return [
        account
        for account in context.facts.accounts
        if account.get("enabled", account.get("active")) is not False
    ]


def _callable(context: CheckContext) -> CheckOutcome:
    """A failure when the account that the rest relies on doesn't work, else a warning."""
    chosen = sorted(enabled_accounts(context), key=lambda account: not account.get("admin"))[
        :MAX_CALLED
    ]
    faults: list[RunbookError] = []
    for account in chosen:
        try:
            context.kloudless.folder(str(account["id"]))
        except RunbookError as error:
            if account is chosen[0]:
                raise
            faults.append(error)
    if faults:
        reported = f"{len(faults)} of {len(chosen)} tested accounts failed."
        return warning(
            faults[0].cause_id or UNKNOWN, reported, tried=len(chosen), broken=len(faults)
        )
    more = len(enabled_accounts(context)) - len(chosen)
    note = f"{more} more weren't tested." if more > 0 else "Each enabled account was tested."
    return passed(note, tried=len(chosen))


def _admin(context: CheckContext) -> CheckOutcome:
    for account in enabled_accounts(context):
        if account.get("admin") is True:
            context.facts.admin_account = str(account["id"])
            return passed("An admin account is connected.", account=context.facts.admin_account)
    return failed("kloudless.no_admin_account", accounts=len(enabled_accounts(context)))


def _admin_id(context: CheckContext) -> str:
    return context.facts.admin_account or ""


def _team(context: CheckContext) -> CheckOutcome:
    page = next(context.kloudless.team_users(_admin_id(context), page_size=25))
    context.facts.team_user = next(
        (user for user in page.objects if user.get("id") and user.get("role") != "admin"), None
    )
    return passed("The organisation's users can be listed.", users_on_page=len(page.objects))


def _as_user(context: CheckContext) -> CheckOutcome:
    user = context.facts.team_user
    if user is None:
        return skipped("as_user.nobody", "The organisation lists only admins.")
    folder = context.kloudless.folder(_admin_id(context), as_user=str(user["id"]))
    return passed("A call ran as a user of the organisation.", folder=folder.get("type"))


def _raw_headers(context: CheckContext) -> CheckOutcome:
    response = context.kloudless.raw(
        _admin_id(context), "GET", "/2.0/users/me", headers=_PROBE_HEADERS
    )
    body = error_body(response)
    if body.get("code") == _PROBE_CODE:
        return passed("Box received the header that was sent to Kloudless.")
    if response.is_error:
        raise kloudless_error(response)
    return failed("kloudless.raw_headers_dropped")


def _subscription(context: CheckContext) -> CheckOutcome:
    page = subscriptions(context.kloudless, _admin_id(context))
    default = next((one for one in page.objects if one.get("default")), None)
    chosen = default or next(iter(page.objects), None)
    if chosen is None:
        return failed("kloudless.no_subscription")
    if chosen.get("active") is not True:
        return failed(
            "kloudless.subscription_off", reason=chosen.get("disable_reason"), id=chosen.get("id")
        )
    updated = time_of(chosen.get("last_cursor_updated_at"), without_offset=UTC)
    age = None if updated is None else context.clock() - updated
    shown: dict[str, Any] = {
        "id": chosen.get("id"),
        "type": chosen.get("subscription_type"),
        "cursor_moved": f"{updated:%Y-%m-%d %H:%M} UTC" if updated else None,
    }
    if age is not None and age >= KEPT_SHORT:
        return warning("kloudless.cursor_still", **shown)
    return passed("Activity is tracked.", **shown)


def _events(context: CheckContext) -> CheckOutcome:
    body = context.kloudless.get(f"/accounts/{_admin_id(context)}/events", {"page_size": 1})
    count = body.get("count")
    if not count and not body.get("remaining"):
        return warning("kloudless.no_activity")
    return passed("The account's activity can be read.", remaining=body.get("remaining"))


def _position(context: CheckContext) -> CheckOutcome:
    if context.records is None:
        return skipped("events.no_records")
    stored = context.records.readings(context.profile.key, Source.KLOUDLESS)
    if not stored:
        return skipped("events.never_read")
    oldest = min(stored, key=lambda one: one.at)
    age = context.clock() - oldest.at
    shown: dict[str, Any] = {
        "complete_to": f"{oldest.at:%Y-%m-%d %H:%M} UTC",
        "hours": f"{age.total_seconds() / 3600:.1f}",
        "accounts": len(stored),
    }
    if age >= KEPT_LONG:
        return failed("kloudless.position_lost", **shown)
    if age >= KEPT_SHORT:
        return warning("kloudless.position_old", **shown)
    return passed("Each account is read from a cursor that is still kept.", **shown)


def _webhook(_context: CheckContext) -> CheckOutcome:
    return unproven("kloudless.webhook_unproven")


def _reads_kloudless(context: CheckContext) -> str | None:
    if source_read(context.profile) is not Source.KLOUDLESS:
        return "This profile reads its events from Box directly."
    return None


_KEY: Final = ("kloudless.api_key",)
_ADMIN: Final = ("kloudless.account.admin",)

CHECKS: Final = (
    Check(
        "kloudless.settings",
        "Settings are complete",
        "Base URL, application ID and API key have been entered.",
        _settings,
        CheckSide.KLOUDLESS,
        method="Checks the profile; makes no call.",
    ),
    Check(
        "kloudless.reachable",
        "Kloudless can be reached",
        "The base URL leads to a Kloudless server, with no proxy answering instead.",
        _reachable,
        CheckSide.KLOUDLESS,
        method="GET /public/services/box, which needs no key.",
        needs=("kloudless.settings",),
    ),
    Check(
        "kloudless.connector",
        "Box connector is available",
        "The server's catalogue has the Box connector.",
        _connector,
        CheckSide.KLOUDLESS,
        method="Reads that response.",
        needs=("kloudless.reachable",),
    ),
    Check(
        "kloudless.api_key",
        "API key is accepted",
        "Kloudless accepts the API key for the application.",
        _api_key,
        CheckSide.KLOUDLESS,
        method="GET /accounts.",
        needs=("kloudless.reachable",),
    ),
    Check(
        "kloudless.account.present",
        "Box accounts are connected",
        "At least one connected Box account is enabled.",
        _present,
        CheckSide.KLOUDLESS,
        method="Reads that list.",
        needs=_KEY,
    ),
    Check(
        "kloudless.account.callable",
        "Connected accounts work",
        "Kloudless still reaches Box with the tokens of its accounts.",
        _callable,
        CheckSide.KLOUDLESS,
        method=f"GET the root folder of up to {MAX_CALLED} enabled accounts.",
        needs=("kloudless.account.present",),
    ),
    Check(
        "kloudless.account.admin",
        "An admin account is connected",
        "An account with admin access is connected, for organisation-wide access.",
        _admin,
        CheckSide.KLOUDLESS,
        method="Reads the list of accounts.",
        needs=("kloudless.account.present",),
    ),
    Check(
        "kloudless.team",
        "Can list the organisation's users",
        "The admin account can use the Team API.",
        _team,
        CheckSide.KLOUDLESS,
        method="GET the first page of team/users.",
        needs=(*_ADMIN, "kloudless.account.callable"),
    ),
    Check(
        "kloudless.as_user",
        "Can act as a user",
        "X-Kloudless-As-User gives access to the files of a user of the organisation.",
        _as_user,
        CheckSide.KLOUDLESS,
        method="GET the root folder with X-Kloudless-As-User.",
        needs=("kloudless.team",),
    ),
    Check(
        "kloudless.raw_headers",
        "Raw headers reach Box",
        "Headers in X-Kloudless-Raw-Headers are passed on to Box.",
        _raw_headers,
        CheckSide.KLOUDLESS,
        method="A pass-through GET with an unknown box-version, which Box must reject.",
        needs=(*_ADMIN, "kloudless.account.callable"),
    ),
    Check(
        "kloudless.activity.subscription",
        "Activity is tracked",
        "The admin account has an active subscription whose cursor moves.",
        _subscription,
        CheckSide.KLOUDLESS,
        method="GET the account's subscriptions.",
        needs=_ADMIN,
    ),
    Check(
        "kloudless.activity.events",
        "Activity can be read",
        "Kloudless has events of the organisation.",
        _events,
        CheckSide.KLOUDLESS,
        method="GET one event of the account.",
        needs=("kloudless.account.callable", "kloudless.activity.subscription"),
    ),
    Check(
        "kloudless.activity.position",
        "Reading keeps up",
        "Each account is read from a cursor that Kloudless still keeps.",
        _position,
        CheckSide.KLOUDLESS,
        method="Checks the stored cursors; makes no call.",
        needs=("kloudless.settings",),
        applies=_reads_kloudless,
    ),
    Check(
        "kloudless.webhook",
        "Webhook is configured",
        "Kloudless notifies this app when an account changes.",
        _webhook,
        CheckSide.KLOUDLESS,
        method="The API key can't read the webhooks of an application.",
        needs=_KEY,
    ),
)

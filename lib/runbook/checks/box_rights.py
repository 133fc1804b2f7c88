"""Each permission and feature, by the cheapest reading call that needs it.

A call that works proves the scope and the person's right at once; one that is refused tells by its
code which of the two is missing. Sources: Box API reference; Box developer documentation, scopes,
permission errors, As-User, user access tokens.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from lib.box import Subject, SubjectType
from lib.box.events import Stream
from lib.core.time_texts import stamp
from lib.http import read_list
from lib.runbook.checks.box_identity import is_ordinary_user, is_service_account
from lib.runbook.checks.check import Check, CheckSide
from lib.runbook.checks.check_context import CheckContext
from lib.runbook.checks.verdict import CheckOutcome, failed, passed, skipped, unproven, warning
from lib.runbook.checks.write_probe import try_folder
from lib.runbook.goals import NEEDS, Need
from lib.settings.profiles import BoxAuth

_SAMPLE: Final = 25  # users looked at to find one to act as
_HISTORY: Final = timedelta(hours=1)
_EVENTS: Final = "/2.0/events"
_STREAMING: Final = "streaming"
_NO_RIGHT: Final = "access_denied_insufficient_permissions"
_SERVER_APPS: Final = frozenset({BoxAuth.JWT, BoxAuth.CCG})


def _read_files(context: CheckContext) -> CheckOutcome:
    folder = context.box.folder("0", ("id", "name"))
    return passed("The root folder can be read.", folder=folder.get("id"))


def _write_files(context: CheckContext) -> CheckOutcome:
    if not context.allow_writes:
        return unproven("box.write_unproven")
    try_folder(context.box, quiet=False)
    return passed("A scratch folder was created and deleted.")


def _users(context: CheckContext) -> CheckOutcome:
    page = context.box.users_page(
        limit=_SAMPLE, offset=0, fields=("id", "login", "role", "status", "is_platform_access_only")
    )
    context.facts.users_seen = page.total or len(page.entries)
    context.facts.managed = next((user for user in page.entries if _can_be_acted_for(user)), None)
    if page.entries and all(user.get("is_platform_access_only") for user in page.entries):
        return warning("box.only_app_users", users=context.facts.users_seen)
    return passed("Users can be listed.", users=context.facts.users_seen)


def _can_be_acted_for(user: Mapping[str, Any]) -> bool:
    return (
        user.get("role") in (None, "user")
        and user.get("status", "active") == "active"
        and not user.get("is_platform_access_only")
        and not is_service_account(user)
    )


def _groups(context: CheckContext) -> CheckOutcome:
    page = context.box.groups_page(limit=1, fields=("id",))
    return passed("Groups can be listed.", groups=page.total)


def _properties(context: CheckContext) -> CheckOutcome:
    """The scope, by the streaming events; a refusal for the person's right is the next check's."""
    response = context.box.request(
        "GET",
        _EVENTS,
        params={
            "stream_type": Stream.ADMIN_LOGS_STREAMING,
            "stream_position": "now",
            "limit": 1,
        },
        raise_errors=False,
    )
    context.facts.answers[_STREAMING] = response
    error = _refusal(response)
    if error is not None and error.code != _NO_RIGHT:
        raise error
    if error is not None:
        return passed("Box reports a missing right of the user, not a missing scope.")
    return passed("The scope is granted.")


def _streaming(context: CheckContext) -> CheckOutcome:
    response = context.facts.answers[_STREAMING]
    error = _refusal(response)
    if error is not None:
        raise error
    body, _ = read_list(response, "entries")
    return passed(
        "The live stream returned a position.",
        position="returned" if body.get("next_stream_position") not in (None, "") else "missing",
    )


def _refusal(response: Any) -> Any:
    from lib.box.api_errors import box_error  # noqa: PLC0415  # only on this path

    return box_error(response, path=_EVENTS) if response.is_error else None


def _history(context: CheckContext) -> CheckOutcome:
    since = context.clock() - _HISTORY
    body = context.box.get(
        _EVENTS,
        {
            "stream_type": "admin_logs",
            "limit": 1,
            "created_after": stamp(since),
        },
    )
    return passed("The history can be read.", events=body.get("chunk_size"))


def _user_events(context: CheckContext) -> CheckOutcome:
    body = context.box.get(_EVENTS, {"stream_type": "all", "stream_position": "now", "limit": 1})
    reported = body.get("next_stream_position") not in (None, "")
    return passed(
        "The user's own stream can be read.", position="returned" if reported else "missing"
    )


def _webhooks(context: CheckContext) -> CheckOutcome:
    page = context.box.webhooks_page(limit=1000)
    context.facts.webhooks = page.entries
    return passed("Webhooks can be listed.", webhooks=len(page.entries))


def _as_user(context: CheckContext) -> CheckOutcome:
    user = context.facts.managed
    if user is None:
        return skipped("as_user.nobody", _nobody(context))
    requested = str(user["id"])
    reported = str(context.box.as_user(requested).me(("id",)).get("id"))
    if reported != requested:
        return failed("as_user.wrong_person", requested=requested, reported=reported)
    return passed(
        "A call with As-User ran as that managed user. External users and the service account "
        "can't be impersonated.",
        user=requested,
    )


def _user_token(context: CheckContext) -> CheckOutcome:
    user = context.facts.managed
    if user is None:
        return skipped("as_user.nobody", _nobody(context))
    requested = str(user["id"])
    with context.box_for(Subject(SubjectType.USER, requested)) as client:
        reported = str(client.me(("id",)).get("id"))
    if reported != requested:
        return failed("as_user.wrong_person", requested=requested, reported=reported)
    return passed(
        "Box issued a token for a managed user, and it belongs to that user.", user=requested
    )


def _nobody(context: CheckContext) -> str:
    seen = context.facts.users_seen
    return f"{seen} users are listed, none of them an active managed user without admin rights."


def _gcm(context: CheckContext) -> CheckOutcome:
    context.box.search("a", limit=1, fields=("id",), scope="enterprise_content")
    if Need.GCM in context.requested:
        return passed("A search across the whole enterprise succeeded.")
    context.facts.granted.add(Need.GCM)
    return warning("box.gcm_granted")


def _notifications(context: CheckContext) -> CheckOutcome:
    if not context.allow_writes:
        return unproven("box.notifications_unproven")
    try_folder(context.box, quiet=True)
    return unproven(
        "box.notifications_accepted",
        "A scratch folder was created and deleted with Box-Notifications: off.",
    )


def _least_privilege(context: CheckContext) -> CheckOutcome:
    spare = sorted(context.facts.granted - context.requested)
    labels = "; ".join(NEEDS[need].label for need in spare)
    if spare:
        return warning(
            "box.granted_unused", f"Not needed for this goal: {labels}.", goal=context.goal
        )
    return passed("No permission was found that the goal doesn't need.", goal=context.goal)


def _server_app_with_users(context: CheckContext) -> str | None:
    if context.credentials.auth not in _SERVER_APPS:
        return "Only JWT and client credentials apps get tokens for users."
    return _knows_users(context)


def _knows_users(context: CheckContext) -> str | None:
    if context.credentials.user_id:
        return "The profile already acts as one user."
    return None


def _not_ordinary(context: CheckContext) -> str | None:
    if is_ordinary_user(context):
        return "The person who signed in is neither admin nor co-admin."
    return None


def _ordinary(context: CheckContext) -> str | None:
    if is_ordinary_user(context):
        return None
    return "The enterprise's streams are read instead."


def _wants_gcm(context: CheckContext) -> str | None:
    if context.credentials.auth is BoxAuth.DEVELOPER_TOKEN:
        return "A developer token is for trials only."
    return None


_ID: Final = ("box.identity",)

CHECKS: Final = (
    Check(
        "box.scope.read_files",
        "Can read files and folders",
        "The scope to read files is granted.",
        _read_files,
        CheckSide.BOX,
        method="GET /2.0/folders/0.",
        needs=_ID,
        grants=frozenset({Need.READ_FILES}),
    ),
    Check(
        "box.scope.write_files",
        "Can write files and folders",
        "The scope to write files is granted.",
        _write_files,
        CheckSide.BOX,
        method="With your permission: creates an empty scratch folder and deletes it.",
        needs=("box.scope.read_files",),
        grants=frozenset({Need.WRITE_FILES}),
    ),
    Check(
        "box.scope.manage_users",
        "Can list users",
        "The scope Manage users is granted, and the account has the right.",
        _users,
        CheckSide.BOX,
        method=f"GET /2.0/users?limit={_SAMPLE}.",
        needs=_ID,
        grants=frozenset({Need.USERS}),
        applies=_not_ordinary,
    ),
    Check(
        "box.scope.manage_groups",
        "Can list groups",
        "The scope Manage groups is granted, and the account has the right.",
        _groups,
        CheckSide.BOX,
        method="GET /2.0/groups?limit=1.",
        needs=_ID,
        grants=frozenset({Need.GROUPS}),
        applies=_not_ordinary,
    ),
    Check(
        "box.scope.manage_enterprise_properties",
        "Can use the enterprise's properties",
        "The scope Manage enterprise properties is granted.",
        _properties,
        CheckSide.BOX,
        method="GET /2.0/events, the live admin stream from now.",
        needs=_ID,
        grants=frozenset({Need.PROPERTIES}),
        applies=_not_ordinary,
    ),
    Check(
        "box.events.streaming",
        "Live admin events",
        "The live stream of the enterprise's events can be read.",
        _streaming,
        CheckSide.BOX,
        method="Reads the response to the previous check.",
        needs=("box.scope.manage_enterprise_properties",),
        grants=frozenset({Need.PROPERTIES}),
        applies=_not_ordinary,
    ),
    Check(
        "box.events.history",
        "Past admin events",
        "The enterprise's history of events can be read.",
        _history,
        CheckSide.BOX,
        method="GET /2.0/events, admin_logs of the last hour, one event.",
        needs=("box.scope.manage_enterprise_properties",),
        grants=frozenset({Need.PROPERTIES}),
        applies=_not_ordinary,
    ),
    Check(
        "box.events.user",
        "The signed-in user's own events",
        "The stream of the person who signed in can be read.",
        _user_events,
        CheckSide.BOX,
        method="GET /2.0/events, the user's stream from now.",
        needs=_ID,
        applies=_ordinary,
    ),
    Check(
        "box.scope.manage_webhooks",
        "Can manage webhooks",
        "The scope Manage webhooks is granted.",
        _webhooks,
        CheckSide.BOX,
        method="GET /2.0/webhooks.",
        needs=_ID,
        grants=frozenset({Need.WEBHOOKS}),
    ),
    Check(
        "box.as_user",
        "Can act as a managed user",
        "The app can call Box as a managed user of the enterprise.",
        _as_user,
        CheckSide.BOX,
        method="GET /2.0/users/me with As-User.",
        needs=("box.scope.manage_users",),
        grants=frozenset({Need.AS_USER}),
        applies=lambda context: _not_ordinary(context) or _knows_users(context),
    ),
    Check(
        "box.token.user",
        "Box issues tokens for users",
        "The app can get an access token for a managed user.",
        _user_token,
        CheckSide.BOX,
        method="POST /oauth2/token for that user, then GET /2.0/users/me.",
        needs=("box.scope.manage_users",),
        grants=frozenset({Need.USER_TOKENS}),
        applies=_server_app_with_users,
    ),
    Check(
        "box.gcm",
        "Can access any content",
        "Global Content Manager is enabled for the app.",
        _gcm,
        CheckSide.BOX,
        method="GET /2.0/search over the whole enterprise, one result.",
        needs=_ID,
        grants=frozenset({Need.GCM}),
        applies=_wants_gcm,
    ),
    Check(
        "box.notifications",
        "Can suppress notifications",
        "The app's calls can be made without sending e-mails to people.",
        _notifications,
        CheckSide.BOX,
        method="With your permission: a scratch folder with Box-Notifications: off.",
        needs=("box.scope.read_files",),
        grants=frozenset({Need.QUIET}),
    ),
    Check(
        "box.least_privilege",
        "No unneeded permissions",
        "The granted permissions are no more than the goal needs.",
        _least_privilege,
        CheckSide.BOX,
        method="Compares what the previous checks proved with the goal.",
        needs=_ID,
        builds_on=(
            "box.scope.read_files",
            "box.scope.manage_users",
            "box.scope.manage_groups",
            "box.scope.manage_enterprise_properties",
            "box.scope.manage_webhooks",
            "box.as_user",
            "box.token.user",
            "box.gcm",
        ),
    ),
)

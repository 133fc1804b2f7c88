"""The failures of Box that can be switched on. Texts are Box's own where they are known (3.3)."""

from collections.abc import Mapping

from lib.sandbox.box import apps
from lib.sandbox.box.assertions import (
    EXPIRED,
    JTI_USED,
    NO_EXP,
    NO_JTI,
    NOT_INTEGER,
    TOO_LONG,
    WRONG_SIGNATURE,
    WRONG_SUB,
)
from lib.sandbox.faults import Fault

AS_USER_OFF = "as_user_off"
AS_USER_TARGET = "as_user_target_refused"
USER_TOKENS_OFF = "user_tokens_off"
NO_USERS_RIGHT = "no_users_right"
NO_GROUPS_RIGHT = "no_groups_right"
NO_WEBHOOKS_RIGHT = "no_webhooks_right"
OTHER_ENTERPRISE = "other_enterprise"
FREE_ACCOUNT = "free_account"
PERSON_INACTIVE = "person_inactive"
EMPTY_403 = "empty_403"
NOT_FOUND = "not_found_everywhere"
GCM_GRANTED = "gcm_granted"
WEBHOOK_CLEANED_UP = "webhook_cleaned_up"
HISTORY_REFUSED = "admin_logs_refused"
STREAMING_REFUSED = "streaming_refused"
_DENIED = "403 access_denied_insufficient_permissions"

# name of the fault: error, description, status
TOKEN_ERRORS: Mapping[str, tuple[str, str, int]] = {
    "token_exp_past": ("invalid_grant", EXPIRED, 400),
    "token_exp_too_far": ("invalid_grant", TOO_LONG, 400),
    "token_exp_not_integer": ("invalid_grant", NOT_INTEGER, 400),
    "token_exp": ("invalid_grant", NO_EXP, 400),
    "token_jti_used": ("invalid_grant", JTI_USED, 400),
    "token_jti": ("invalid_grant", NO_JTI, 400),
    "token_sub": ("invalid_grant", WRONG_SUB, 400),
    "token_signature": ("invalid_grant", WRONG_SIGNATURE, 400),
    "token_iss": ("invalid_grant", "Please check the 'iss' claim.", 400),
    "token_aud": ("invalid_grant", "Please check the 'aud' claim.", 400),
    "token_grant_credentials": ("invalid_grant", "Grant credentials are invalid", 400),
    "token_refresh_invalid": ("invalid_grant", "Invalid refresh token", 400),
    "token_refresh_expired": ("invalid_grant", "Refresh token has expired", 400),
    "token_code_expired": ("invalid_grant", "The authorization code has expired", 400),
    "app_not_authorized": (
        "unauthorized_client",
        "This app is not authorized by the enterprise admin",
        400,
    ),
    "app_not_authorized_short": (
        "unauthorized_client",
        "This app is not authorized by the enterprise",
        400,
    ),
    "token_grant_type": (
        "unauthorized_client",
        "The grant type is unauthorized for this client_id",
        400,
    ),
    "token_grant_type_invalid_request": (
        "invalid_request",
        "The grant type is unauthorized for this client_id",
        400,
    ),
    "token_subject_type": (
        "unauthorized_client",
        'The "box_subject_type" value is unauthorized for this client_id',
        400,
    ),
    "token_user": (
        "invalid_request",
        "Cannot obtain user token based on the enterprise configuration for your app",
        400,
    ),
    "token_enterprise": (
        "invalid_request",
        "Cannot obtain token based on the enterprise configuration for your app",
        400,
    ),
    "token_client": ("invalid_client", "The client credentials are invalid", 400),
    "token_client_not_valid": ("invalid_client", "The client credentials are not valid", 400),
    "token_request": (
        "invalid_request",
        "Invalid grant_type parameter or parameter missing",
        400,
    ),
    "token_scope": (
        "invalid_scope",
        "The subject_token does not have all of the requested scopes",
        401,
    ),
}

# name of the fault: status, code, message (codes: 4.3 and 8.1; messages are ours)
API_ERRORS: Mapping[str, tuple[int, str, str]] = {
    "location_blocked": (
        403,
        "access_from_location_blocked",
        "You can't access from this network location",
    ),
    "terms_of_service": (
        400,
        "terms_of_service_required",
        "User must accept custom terms of service before action can be taken",
    ),
    "password_reset": (400, "password_reset_required", "User needs to reset their password"),
    "email_confirmation": (
        403,
        "user_email_confirmation_required",
        "User needs to complete email confirmation",
    ),
    "policy": (403, "forbidden_by_policy", "Action is restricted by a Shield access policy"),
}

FAULTS: tuple[Fault, ...] = (
    *(
        Fault(name, f"The token endpoint answers {status} {error}: {description}")
        for name, (error, description, status) in TOKEN_ERRORS.items()
    ),
    *(
        Fault(
            f"missing_scope_{scope}",
            f"Tokens lack the scope {scope}: calls that need it are 403 insufficient_scope.",
        )
        for scope in apps.SCOPES
    ),
    *(
        Fault(name, f"Calls of the API are {status} {code}.")
        for name, (status, code, _) in API_ERRORS.items()
    ),
    Fault(
        "clock_fast",
        "Box's clock is `offset` seconds ahead of this machine's: `Date` and the checks of `exp` "
        "shift, as if the caller's clock were slow.",
        params={"offset": 300},
    ),
    Fault(
        "clock_slow",
        "Box's clock is `offset` seconds behind this machine's: `Date` and the checks of `exp` "
        "shift, as if the caller's clock were fast.",
        params={"offset": 300},
    ),
    Fault(
        "token_rejected",
        "Every access token is refused: 401 with an empty body, as after it expired or was "
        "revoked.",
    ),
    Fault(
        "no_report_right",
        "The person may not run reports: the admin event streams are 403 "
        "access_denied_insufficient_permissions.",
    ),
    Fault(
        "json_403",
        "A missing scope is a 403 with a JSON body, as newer services of Box answer, not an empty "
        "one.",
    ),
    Fault(
        "empty_page_zero",
        "Event pages are empty and say position 0, as admin_logs does at its end.",
    ),
    Fault("repeated_page", "The event page served last comes again, with the same position."),
    Fault(
        "late_arrivals",
        "Every `every`th event of the newest `minutes` is missing from admin_logs; when this "
        "ends, they stand where they always belonged, behind the readers.",
        params={"every": 5, "minutes": 60},
    ),
    Fault(HISTORY_REFUSED, f"The stream admin_logs alone is {_DENIED}."),
    Fault(STREAMING_REFUSED, f"The stream admin_logs_streaming alone is {_DENIED}."),
    Fault(
        AS_USER_OFF,
        "The app may not act for users: calls with As-User are 403 insufficient_scope, all others "
        "work.",
    ),
    Fault(
        AS_USER_TARGET,
        f"Whomever As-User names, the call is {_DENIED}, as for a person out of reach.",
    ),
    Fault(
        USER_TOKENS_OFF,
        "User access tokens are switched off: a token for a user is refused, one for the "
        "enterprise is given.",
    ),
    Fault(NO_USERS_RIGHT, f"The person may not manage users: reading them is {_DENIED}."),
    Fault(NO_GROUPS_RIGHT, f"The person may not manage groups: reading them is {_DENIED}."),
    Fault(NO_WEBHOOKS_RIGHT, f"The person may not use webhooks: every call to them is {_DENIED}."),
    Fault(OTHER_ENTERPRISE, "/users/me names another enterprise than the one that was set up."),
    Fault(FREE_ACCOUNT, "/users/me names no enterprise, as for a free account."),
    Fault(PERSON_INACTIVE, "/users/me says that the account is inactive."),
    Fault(
        EMPTY_403,
        "Calls of the API are 403 with neither a body nor a WWW-Authenticate header.",
    ),
    Fault(NOT_FOUND, "Every folder and file is 404 not_found, as seen by the wrong identity."),
    Fault(GCM_GRANTED, "The app has the scope enterprise_content, the Global Content Manager."),
    Fault(
        WEBHOOK_CLEANED_UP,
        "Box has deleted the app's webhooks: the list does not have them and each is 404. Those "
        "made afterwards are there.",
    ),
    Fault("long_poll_reconnect", "A long poll ends at once with the message reconnect."),
)

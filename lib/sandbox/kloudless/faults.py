"""The failures of Kloudless that can be switched on: one for each row of its error table, and more.

A row's fault is named `kloudless_<code>`; three have the names people look for. A fault of the
connector shows where the call tells whose it is: the catalogue by its parameter `app_id`.
"""

from lib.sandbox.faults import Fault
from lib.sandbox.kloudless.errors import TABLE

UPSTREAM_EXPIRED = "upstream_expired"
RATE_LIMIT = "kloudless_rate_limit"
SERVER_ERROR = "kloudless_5xx"
NOT_TRACKING = "kloudless_not_tracking"
NO_JWT_KEYS = "kloudless_no_jwt_keys"
CONSENT_DENIED = "kloudless_consent_denied"
NO_ACCOUNTS = "kloudless_no_accounts"
NO_ADMIN_ACCOUNT = "kloudless_no_admin_account"
ACCOUNT_DISABLED = "kloudless_account_disabled"
NO_CONNECTOR = "kloudless_no_box_connector"
AS_USER_REFUSED = "kloudless_as_user_refused"
HEADERS_DROPPED = "kloudless_raw_headers_dropped"
NO_SUBSCRIPTION = "kloudless_no_subscription"
SUBSCRIPTION_INACTIVE = "kloudless_subscription_inactive"
STALE_ACTIVITY = "kloudless_stale_activity"
CURSOR_EXPIRED = "kloudless_cursor_expired"

AREA = "kloudless"

FAULTS = (
    Fault(
        UPSTREAM_EXPIRED,
        "The Box token behind an account (`account` 0: every account) is dead: data calls answer "
        "401 service_unauthorized.",
        AREA,
        {"account": 0},
    ),
    Fault(
        RATE_LIMIT,
        "Answers are 429 too_many_requests with Retry-After: `retry_after` seconds; 0 leaves the "
        "header out.",
        AREA,
        {"retry_after": 1},
    ),
    Fault(
        SERVER_ERROR,
        "Answers have the 5xx `status`, with the error code that goes with it.",
        AREA,
        {"status": 502},
    ),
    Fault(
        NOT_TRACKING,
        "The Box app's webhook is missing: recent files and activity stay empty.",
        AREA,
    ),
    Fault(
        NO_JWT_KEYS,
        "The application has no Box JWT keys: importing a Box admin account fails, and data "
        "calls of one that is connected answer 401 service_unauthorized.",
        AREA,
    ),
    Fault(CONSENT_DENIED, "The consent page always answers access_denied.", AREA),
    Fault(NO_ACCOUNTS, "No account is connected: the list is empty, each is 404 not_found.", AREA),
    Fault(
        NO_ADMIN_ACCOUNT,
        "No organisation is connected: the list has no admin account, and each is 404 not_found.",
        AREA,
    ),
    Fault(
        ACCOUNT_DISABLED,
        "An account (`account` 0: every one) is disabled: it says so, and data calls are 403 "
        "forbidden.",
        AREA,
        {"account": 0},
    ),
    Fault(
        NO_CONNECTOR,
        "The application does not offer Box: it is not in the catalogue, and can't be connected "
        "or imported. Accounts that are connected stay so.",
        AREA,
    ),
    Fault(AS_USER_REFUSED, "Calls with X-Kloudless-As-User are 403 service_forbidden.", AREA),
    Fault(HEADERS_DROPPED, "X-Kloudless-Raw-Headers are not handed on to Box.", AREA),
    Fault(
        NO_SUBSCRIPTION,
        "Accounts have no subscription: the list is empty, there is no default one, and events "
        "stay empty. One that is made afterwards is there.",
        AREA,
    ),
    Fault(
        SUBSCRIPTION_INACTIVE,
        "Subscriptions are not active and give `reason` for it: events stay empty, activity is 400 "
        "request_failed.",
        AREA,
        {"reason": "Collecting events failed repeatedly."},
    ),
    Fault(
        STALE_ACTIVITY,
        "The cursor of each subscription has not moved for `hours`.",
        AREA,
        {"hours": 48},
    ),
    Fault(
        CURSOR_EXPIRED,
        "Cursors from before this was switched on are refused: 400 invalid_parameters. Those given "
        "out since then are good.",
        AREA,
    ),
    *(
        Fault(f"kloudless_{code}", f"Answers are {row.status} {code}: {row.meaning}", AREA)
        for code, row in TABLE.items()
    ),
)

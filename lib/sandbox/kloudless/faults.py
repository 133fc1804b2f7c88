"""The failures of Kloudless that can be switched on: one for each row of its error table, and more.

A row's fault is named `kloudless_<code>`; three have the names people look for.
"""

from lib.sandbox.faults import Fault
from lib.sandbox.kloudless.errors import TABLE

UPSTREAM_EXPIRED = "upstream_expired"
RATE_LIMIT = "kloudless_rate_limit"
SERVER_ERROR = "kloudless_5xx"
NOT_TRACKING = "kloudless_not_tracking"
NO_JWT_KEYS = "kloudless_no_jwt_keys"
CONSENT_DENIED = "kloudless_consent_denied"

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
        "The application has no Box JWT keys: importing a Box admin account fails.",
        AREA,
    ),
    Fault(CONSENT_DENIED, "The consent page always answers access_denied.", AREA),
    *(
        Fault(f"kloudless_{code}", f"Answers are {row.status} {code}: {row.meaning}", AREA)
        for code, row in TABLE.items()
    ),
)

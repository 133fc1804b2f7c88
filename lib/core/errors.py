"""The error tree: everything this project raises on purpose.

    RunbookError                a message, its cause, its fix and who can do it
    ├─ ConfigurationError       a profile or a setting is wrong (names it, never its value)
    ├─ KeyProblem               a private key can't be used, and why
    ├─ ApiError                 the other side answered with a fault
    │  ├─ BoxApiError
    │  │  └─ TokenError         Box's token endpoint has an error shape of its own
    │  └─ KloudlessApiError
    ├─ Unreachable              no answer: DNS, TLS, timeout, refused, or not allowed to ask
    ├─ RateLimited              asked to wait longer than we are willing to
    └─ StoreError               the ledger or the event store can't be used

Texts must be safe for a stranger to read: no secret is ever put into one.
"""

from enum import StrEnum
from typing import Final, NotRequired, TypedDict, Unpack

from lib.core.call import Call

REPORT_WITH: Final = (
    "Attach the diagnostics file (Health, “Download diagnostics”, or "
    "`python -m lib diagnostics --out FILE`)."
)
"""Ends every text that asks to report a fault of this app."""


class Who(StrEnum):
    """Who can fix a problem."""

    YOU = "you"
    DEVELOPER = "developer"
    BOX_ADMIN = "box_admin"
    BOX_SUPPORT = "box_support"
    KLOUDLESS_ADMIN = "kloudless_admin"
    NETWORK = "network"
    THIS_APP = "this_app"


class Explanation(TypedDict):
    """Why something failed, what to do next, and who can do it.

    `cause_id` is the id in the table of causes, where the fault is a known one. An error takes it
    by its names, so that whoever raises one writes the texts there, and carries it as a whole.
    """

    cause: str
    fix: str
    who: Who
    cause_id: NotRequired[str | None]


class RunbookError(Exception):
    """Something failed in a way we can explain.

    `message` says what happened, `explanation` the rest, and `call` is the attempt that failed,
    where it was one of a request: without query, headers and body.
    """

    def __init__(
        self, message: str, *, call: Call | None = None, **explanation: Unpack[Explanation]
    ) -> None:
        super().__init__(message)
        self.message = message
        self.call = call
        self.explanation = explanation
        self.cause = explanation["cause"]
        self.fix = explanation["fix"]
        self.who = explanation["who"]
        self.cause_id = explanation.get("cause_id")

    def as_dict(self) -> dict[str, str]:
        """The shape that `--json` prints: cause, fix, who."""
        return {"cause": f"{self.message} {self.cause}".strip(), "fix": self.fix, "who": self.who}


class ConfigurationError(RunbookError):
    """A profile or setting is wrong."""


class KeyProblem(RunbookError):
    """A private key can't be used; `code` is one of the codes of `keys inspect`."""

    def __init__(self, message: str, *, code: str, **explanation: Unpack[Explanation]) -> None:
        super().__init__(message, **explanation)
        self.code = code


class _ApiFacts(Explanation):
    """What an `ApiError` takes by name."""

    status: int
    code: NotRequired[str | None]
    request_id: NotRequired[str | None]
    header_request_id: NotRequired[str | None]
    call: NotRequired[Call | None]


class ApiError(RunbookError):
    """The other side answered with a fault.

    `status` is the HTTP status, `code` the other side's own word for the fault, `request_id` the
    id in the body and `header_request_id` the one in the headers (Box: `box-request-id`).
    """

    def __init__(  # one argument for each fact that an answer carries
        self,
        message: str,
        *,
        status: int,
        code: str | None = None,
        request_id: str | None = None,
        header_request_id: str | None = None,
        call: Call | None = None,
        **explanation: Unpack[Explanation],
    ) -> None:
        super().__init__(message, call=call, **explanation)
        self.status = status
        self.code = code
        self.request_id = request_id
        self.header_request_id = header_request_id


class BoxApiError(ApiError):
    """Box answered with a fault."""


class TokenError(BoxApiError):
    """Box's token endpoint refused: `code` and `description` are its two error fields."""

    def __init__(self, message: str, *, description: str = "", **facts: Unpack[_ApiFacts]) -> None:
        super().__init__(message, **facts)
        self.description = description


class KloudlessApiError(ApiError):
    """Kloudless answered with a fault."""


class Unreachable(RunbookError):
    """No answer came; `kind` is dns, tls, timeout, refused, reset, malformed, blocked or closed."""

    def __init__(
        self,
        message: str,
        *,
        kind: str,
        call: Call | None = None,
        **explanation: Unpack[Explanation],
    ) -> None:
        super().__init__(message, call=call, **explanation)
        self.kind = kind


class RateLimited(RunbookError):
    """Asked to wait `retry_after_s` seconds, which is longer than the caller allows."""

    def __init__(
        self,
        message: str,
        *,
        retry_after_s: float,
        call: Call | None = None,
        **explanation: Unpack[Explanation],
    ) -> None:
        super().__init__(message, call=call, **explanation)
        self.retry_after_s = retry_after_s


class StoreError(RunbookError):
    """The ledger or the event store can't be used."""

"""One call as the journal keeps it, and as the error of a call that failed names it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Call:
    """One attempt of one request.

    `at` is UTC, `ms` the time until the whole answer was there. `status` is None when no answer
    came. `request_ids` are those of the header and of the body, in this order. `error_code` is the
    other side's word for the fault, or ours for the wire's.
    """

    at: datetime
    method: str
    host: str
    path: str
    status: int | None
    ms: float
    request_ids: tuple[str, ...]
    attempt: int
    error_code: str | None

"""How one try went, for people: facts, or a failure with cause, fix and person."""

from dataclasses import dataclass
from datetime import datetime

from lib.core import causes
from lib.core.errors import ApiError, RunbookError, TokenError
from lib.http import Call


@dataclass(frozen=True, slots=True)
class Fault:
    """A failure for people: what, why, what next, who, where, and the other side's own words."""

    message: str
    cause: str
    fix: str
    who: str
    where: str = ""
    said: str = ""
    status: int | None = None
    request_ids: tuple[str, ...] = ()
    cause_id: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that the answer told. `warning` asks for attention, `verbatim` is for copying."""

    label: str
    value: str
    warning: str = ""
    verbatim: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one try went. `at` is UTC, `ms` the time for everything."""

    title: str
    ok: bool
    at: datetime
    ms: float
    facts: tuple[Fact, ...] = ()
    unproven: tuple[tuple[str, str], ...] = ()
    fault: Fault | None = None
    skew_s: float | None = None
    calls: tuple[Call, ...] = ()


def fault_of(error: RunbookError) -> Fault:
    """A failure for people, with the place in the console where the causes table knows one."""
    where = causes.cause(error.cause_id).where if error.cause_id else None
    said, status = "", None
    ids: tuple[str, ...] = ()
    if isinstance(error, ApiError):
        status = error.status
        ids = tuple(i for i in (error.header_request_id, error.request_id) if i)
        said = error.code or ""
        if isinstance(error, TokenError) and error.description:
            said = f"{said}: {error.description}" if said else error.description
    return Fault(
        message=error.message,
        cause=error.cause,
        fix=error.fix,
        who=error.who,
        where=where or "",
        said=said,
        status=status,
        request_ids=ids,
        cause_id=error.cause_id or "",
    )


def failed(
    title: str,
    error: RunbookError,
    *,
    at: datetime,
    ms: float,
    calls: tuple[Call, ...] = (),
    skew_s: float | None = None,
) -> Outcome:
    """The outcome of a try that failed."""
    return Outcome(title, ok=False, at=at, ms=ms, fault=fault_of(error), calls=calls, skew_s=skew_s)

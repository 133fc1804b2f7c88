"""One live exchange of an assertion for a token, and everything its answer shows.

The token itself is discarded at once: nothing here shows it or keeps it. The sandbox can simulate
an error: it is switched on there for this app, for one answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from lib.box.tokens.auth import Grant, Subject, exchange
from lib.core.errors import RunbookError, TokenError
from lib.credentials.calls import Line
from lib.http import Call, send
from lib.http.outcome import Fault, fault_of
from lib.settings.profiles import BoxCredentials

_PRACTICE_SECONDS: Final = 30
_CLOCK_FAULTS: Final = ("clock_fast", "clock_slow")


@dataclass(frozen=True, slots=True)
class Exchange:
    """The outcome. Times are UTC; `skew_s` is how far Box's clock is ahead of ours.

    `first_fault` is the refusal that came before a second assertion on Box's clock was accepted.
    """

    ok: bool
    at: datetime
    ms: float
    subject: Subject
    expires_at: datetime | None = None
    narrowed: int = 0
    skew_s: float | None = None
    fault: Fault | None = None
    first_fault: Fault | None = None
    calls: tuple[Call, ...] = ()


@dataclass(frozen=True, slots=True)
class Practice:
    """An error that the sandbox can simulate."""

    name: str
    does: str


def exchange_now(line: Line, credentials: BoxCredentials, subject: Subject) -> Exchange:
    """Ask for a token once, and once more on Box's clock if Box found `exp` wrong."""
    at, started = line.now(), line.monotonic()
    first: RunbookError | None = None
    skew_s: float | None = None
    try:
        try:
            grant = exchange(credentials, line.http, line.now, subject=subject)
        except TokenError as error:
            skew_s = getattr(error.__cause__, "skew_s", None)
            if "'exp' claim" not in error.description or skew_s is None:
                raise
            first = error
            grant = exchange(credentials, line.http, line.now, subject=subject, correct_clock=True)
    except RunbookError as error:
        return Exchange(
            ok=False,
            at=at,
            ms=_ms(line, started),
            subject=subject,
            skew_s=skew_s,
            fault=fault_of(error),
            calls=line.journal.calls,
        )
    return _granted(grant, line, subject, at=at, started=started, first=first)


def _granted(
    grant: Grant,
    line: Line,
    subject: Subject,
    *,
    at: datetime,
    started: float,
    first: RunbookError | None,
) -> Exchange:
    return Exchange(
        ok=True,
        at=at,
        ms=_ms(line, started),
        subject=subject,
        expires_at=grant.token.expires_at,
        narrowed=len(grant.restricted_to),
        skew_s=grant.skew_s,
        first_fault=fault_of(first) if first else None,
        calls=line.journal.calls,
    )


def practices(faults: Sequence[Mapping[str, Any]]) -> tuple[Practice, ...]:
    """The token endpoint's errors among the sandbox's faults."""
    return tuple(
        Practice(str(fault["name"]), str(fault["does"]))
        for fault in faults
        if "token endpoint answers" in str(fault["does"]) or fault["name"] in _CLOCK_FAULTS
    )


def sandbox_faults(line: Line, sandbox_url: str) -> list[Mapping[str, Any]]:
    """The faults that the sandbox offers. Raises Unreachable."""
    found = send(line.http, "GET", f"{sandbox_url}/sandbox/faults").json()
    return found if isinstance(found, list) else []


def practise(line: Line, sandbox_url: str, name: str, client_id: str) -> None:
    """Let the sandbox refuse this app's next token request with that error."""
    body: dict[str, Any] = {"name": name, "client_id": client_id, "seconds": _PRACTICE_SECONDS}
    if name not in _CLOCK_FAULTS:
        body["times"] = 1
    send(line.http, "POST", f"{sandbox_url}/sandbox/faults", json=body)


def _ms(line: Line, started: float) -> float:
    return round((line.monotonic() - started) * 1000, 1)

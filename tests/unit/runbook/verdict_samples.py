"""Verdicts for tests of what is made of them."""

from datetime import UTC, datetime, timedelta

from lib.core.causes import cause
from lib.runbook.checks.verdict import CheckOutcome, Evidence, Status, Verdict, conclude

NOW = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def verdict(
    check: str,
    status: Status = Status.PASSED,
    cause_id: str | None = None,
    *,
    at: datetime = NOW,
    code: str | None = None,
    http: int | None = None,
) -> Verdict:
    """A verdict with the texts of its cause."""
    if cause_id is not None:
        assert cause(cause_id).id == cause_id
    return conclude(
        check,
        f"Title of {check}",
        CheckOutcome(status, cause_id),
        Evidence(status=http, code=code),
        at=at,
        ms=10.0,
    )


def passed(check: str, at: datetime = NOW) -> Verdict:
    return verdict(check, at=at)


def failed(check: str, cause_id: str, at: datetime = NOW) -> Verdict:
    return verdict(check, Status.FAILED, cause_id, at=at)


def warned(check: str, cause_id: str, at: datetime = NOW) -> Verdict:
    return verdict(check, Status.WARNING, cause_id, at=at)

"""What `check --road` answers: a failed check beside the deciding ones is never called ok."""

from datetime import UTC, datetime

from lib.runbook.checks.running import CheckReport
from lib.runbook.checks.verdict import Status, Verdict

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


def made(beside: Status) -> CheckReport:
    """A road with one deciding check, which passed, and one beside it."""
    verdicts = (
        Verdict("box.me", "box.me", Status.PASSED, NOW),
        Verdict("box.admin", "box.admin", beside, NOW),
    )
    return CheckReport("acme", verdicts, deciding=("box.me",))


def test_a_failed_check_that_decides_nothing_still_makes_a_road_not_ok() -> None:
    assert made(Status.WARNING).ok
    assert made(Status.SKIPPED).ok
    failed = made(Status.FAILED)
    assert not failed.ok
    assert failed.not_proved == ()

"""The audit record, written from a page: what a visitor changed, on which profile, with what end.

A session profile has none: nothing of it is written to disk.
"""

from collections.abc import Callable
from datetime import UTC, datetime

from lib.core.errors import RunbookError
from lib.settings.profiles import ProfileKind
from lib.store.ledger.records import AuditEntry
from lib.ui.shell.frame import Context


def auditor(context: Context) -> Callable[[AuditEntry], None]:
    """Writes entries of this profile's record, from any thread; where there is none, it doesn't."""
    profile, runtime = context.profile, context.runtime

    def write(entry: AuditEntry) -> None:
        if profile.kind is ProfileKind.SESSION:
            return
        try:
            ledger = runtime.stores_for(profile).ledger
        except RunbookError:
            return  # another process has the record, and the page has said so
        ledger.audit(entry)

    return write


def record(
    context: Context,
    what: str,
    subject: str | None,
    *,
    detail: str | None = None,
    outcome: str = "ok",
) -> None:
    """A line of the audit record about something that was just done."""
    auditor(context)(
        AuditEntry(
            at=datetime.now(UTC),
            who="visitor",
            what=what,
            profile=context.profile.key,
            subject=subject,
            outcome=outcome,
            detail=detail,
        )
    )


def look_up(
    context: Context, subject: str, *, detail: str | None = None, outcome: str = "ok"
) -> None:
    """That a person, or what is a person's, was looked at; `subject` is an ID, never a name."""
    record(context, "look_up", subject, detail=detail, outcome=outcome)

"""How a piece of background work ends: done, cancelled, or failed with an error that can be shown.

A thread's last line of defence: whatever the work raises becomes an error with a cause and a fix,
and the log has no stack trace, because that may quote what the work handled.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from lib.core.errors import REPORT_WITH, RunbookError, Who
from lib.core.redaction import redact
from lib.store.ledger.reading_runs import RunState

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Words:
    """The words for work that stopped because of our fault: “The checks”, “Check again”."""

    what: str
    again: str


def ended(
    work: Callable[[], None], *, cancelled: Callable[[], bool], words: Words
) -> tuple[RunState, RunbookError | None]:
    """Do the work to its end, however that comes; never raises."""
    try:
        work()
    except RunbookError as problem:
        return RunState.FAILED, problem
    except Exception as problem:  # noqa: BLE001  # see above
        _log.error(
            "%s stopped because of a fault: %s: %s",
            words.what,
            type(problem).__name__,
            redact(str(problem)),
        )
        return RunState.FAILED, RunbookError(
            f"{words.what} stopped because of a fault in this app.",
            cause="The log has the details, without secrets.",
            fix=f"{words.again}. If it stops again, report it. {REPORT_WITH}",
            who=Who.THIS_APP,
        )
    return (RunState.CANCELLED if cancelled() else RunState.DONE), None

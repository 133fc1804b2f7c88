"""A day of the live stream compared with the history of the same day: what came only one way.

The day is read from `admin_logs` once more, a day after it ended, and goes in like everything else.
What was there already is repeated; what the live stream left out is added, and so is repaired. The
run's own counts are the comparison, so any process can read it.
"""

import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from lib.activity.ingest.page_writer import Cancelled, Clock, Reading
from lib.activity.model.source import Source
from lib.box import BoxClient
from lib.box.events import Stream, read_history
from lib.core.errors import RunbookError
from lib.store.ledger.inbox import Position
from lib.store.ledger.ledger import Ledger
from lib.store.ledger.reading_runs import Run, RunState
from lib.store.spans import Span

KIND: Final = "compare"
_DAY: Final = timedelta(days=1)
_RECENT_RUNS: Final = 400


@dataclass(frozen=True, slots=True)
class Comparison:
    """A day and what its history said: events in it, and how many the live stream had left out.

    `pending` is True while some of it still waits to be counted.
    """

    day: Span
    compared_at: datetime
    history: int
    left_out: int
    pending: bool


def day_of(at: datetime) -> Span:
    """The newest UTC day that ended at least a day before: late events are in by then."""
    midnight = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return Span(midnight - 2 * _DAY, midnight - _DAY)


def due(ledger: Ledger, profile: str, now: datetime) -> Span | None:
    """The day to be compared now; None if it was, or wasn't read by the live stream yet."""
    day = day_of(now)
    if not any(span.covers(day) for span in ledger.inbox.reads(profile, Source.BOX_STREAM)):
        return None
    last = latest(ledger, profile)
    return None if last is not None and last.day == day else day


def compare(
    profile: str,
    enterprise_id: str | None,
    client: BoxClient,
    ledger: Ledger,
    day: Span,
    *,
    clock: Clock,
    cancelled: threading.Event,
) -> int:
    """Read the day's history again; the id of the run. Raises what the client raises."""
    now = clock()
    run_id = ledger.begin_run(kind=KIND, profile=profile, source=Source.BOX_STREAM, at=now)
    reading = Reading(
        ledger,
        profile=profile,
        source=Source.BOX_STREAM,
        enterprise_id=enterprise_id,
        run_id=run_id,
        since=day.start,
        clock=clock,
        cancelled=cancelled,
        on_progress=lambda _made: None,
    )
    key = f"{day.start.isoformat()}/{day.end.isoformat()}"
    place = Position(profile, Source.BOX_STREAM, Stream.ADMIN_LOGS, key, None, now)
    try:
        for page in read_history(client, day.start, day.end):
            reading.keep(
                page.body, page.count, place, times=(page.first_created_at, page.last_created_at)
            )
    except Cancelled:
        reading.finish(RunState.CANCELLED)
    except RunbookError as error:
        reading.finish(RunState.FAILED, error=f"{error.message} {error.cause}")
        raise
    else:
        reading.finish(RunState.DONE)
    finally:
        ledger.inbox.acknowledge(forget=place)
    return run_id


def latest(ledger: Ledger, profile: str) -> Comparison | None:
    """The newest comparison that was read to its end."""
    for run in ledger.runs(profile, limit=_RECENT_RUNS, kind=KIND):
        if run.state is RunState.DONE:
            return _of(run)
    return None


def _of(run: Run) -> Comparison:
    return Comparison(day_of(run.started_at), run.started_at, run.read, run.added, run.pending > 0)

"""One run of reading: what its parts share while they put pages into the ledger.

Every page goes into the inbox in one transaction with the position behind it, so that a reader
that is killed goes on where it stopped. A run can be cancelled between pages.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from lib.activity.ingest.drain import coverage_body
from lib.activity.ingest.json_values import microseconds, to_datetime
from lib.activity.model.coverage import SETTLING
from lib.store.ledger.inbox import EntryKind, NewEntry, Position
from lib.store.ledger.inbox_records import Progress, ReadSpan
from lib.store.ledger.ledger import Ledger
from lib.store.ledger.reading_runs import RunState
from lib.store.spans import Span

FULL: Final = "This session has reached its event limit. Choose a shorter period and start again."
Clock = Callable[[], datetime]


class Cancelled(Exception):  # a signal, caught by the run
    """The run was asked to stop; everything so far is kept."""


@dataclass(frozen=True, slots=True)
class SyncProgress:
    """How far a run is. Counts since its start; times are UTC.

    `reached` is the start of the oldest stretch read so far (history is read newest days first);
    `oldest` and `newest` are those of the events read.
    """

    run_id: int
    since: datetime
    until: datetime
    read: int = 0
    pages: int = 0
    reached: datetime | None = None
    oldest: datetime | None = None
    newest: datetime | None = None


OnProgress = Callable[[SyncProgress], None]


class Reading:
    """A run of reading one source of one profile into the ledger."""

    def __init__(  # noqa: PLR0913  # the run's fixed facts
        self,
        ledger: Ledger,
        *,
        profile: str,
        source: str,
        enterprise_id: str | None,
        run_id: int,
        since: datetime,
        clock: Clock,
        cancelled: threading.Event,
        on_progress: OnProgress,
    ) -> None:
        self.ledger = ledger
        self.profile = profile
        self.source = source
        self.run_id = run_id
        self.clock = clock
        self.enterprise_id = enterprise_id
        self.note: str | None = None
        """What the run has to say although it didn't fail."""
        self._cancelled = cancelled
        self._on_progress = on_progress
        self.progress = SyncProgress(run_id, since, clock())

    @property
    def asked_to_stop(self) -> bool:
        """Whether whoever started the run wants it to end, with what it has."""
        return self._cancelled.is_set()

    def check(self) -> None:
        """Raise Cancelled if the run was asked to stop, or the session holds no more."""
        if self.ledger.full.is_set():
            self.note = FULL
            raise Cancelled
        if self._cancelled.is_set():
            raise Cancelled

    def keep(
        self,
        body: bytes,
        count: int,
        position: Position,
        *,
        times: tuple[str | None, str | None] = (None, None),
        account_id: str | None = None,
    ) -> None:
        """Put a page into the inbox together with the position behind it.

        An empty page only moves the position.
        """
        self.check()
        oldest, newest = _ends(times)
        entries = []
        if count:
            entries.append(
                NewEntry(
                    EntryKind.PAGE,
                    self.profile,
                    self.source,
                    body,
                    self.clock(),
                    stream=position.stream,
                    enterprise_id=self.enterprise_id,
                    account_id=account_id,
                )
            )
        self.ledger.inbox.acknowledge(
            entries,
            position=position,
            run_id=self.run_id,
            progress=Progress(count, 1, oldest, newest),
        )
        was = self.progress
        self._tell(
            read=was.read + count,
            pages=was.pages + 1,
            oldest=min(filter(None, (was.oldest, oldest)), default=None),
            newest=max(filter(None, (was.newest, newest)), default=None),
        )

    def claim(
        self,
        start: datetime,
        end: datetime,
        *,
        position: Position | None = None,
        forget: Position | None = None,
    ) -> None:
        """Note that a stretch is read to its end, and let the coverage follow its events.

        The last minutes before now aren't claimed: late events may still come.
        """
        now = self.clock()
        span = Span(start, min(end, now - SETTLING), now)
        if span.start >= span.end:
            self.ledger.inbox.acknowledge(position=position, forget=forget)
            return
        marker = NewEntry(
            EntryKind.COVERAGE, self.profile, self.source, coverage_body(span, read_at=now), now
        )
        self.ledger.inbox.acknowledge(
            [marker],
            position=position,
            forget=forget,
            read=ReadSpan(self.profile, self.source, span),
            run_id=self.run_id,
        )

    def reached(self, start: datetime) -> None:
        """Tell that history is read back to a time."""
        was = self.progress.reached
        self._tell(reached=start if was is None else min(was, start))

    def finish(self, state: RunState, error: str | None = None) -> None:
        """Close the run."""
        self.ledger.finish_run(self.run_id, state=state, at=self.clock(), error=error)

    def _tell(self, **changes: object) -> None:
        self.progress = replace(self.progress, **changes)  # type: ignore[arg-type]
        self._on_progress(self.progress)


def _ends(times: tuple[str | None, str | None]) -> tuple[datetime | None, datetime | None]:
    known = [us for us in map(microseconds, times) if us is not None]
    if not known:
        return None, None
    return to_datetime(min(known)), to_datetime(max(known))

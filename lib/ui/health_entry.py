"""What the Health page reads for one drawing, and what it keeps in a session.

A history of 30 days has tens of thousands of rows, so it is read once for each run of checks and
kept in the session that looks at it, under the profile's key.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from lib.runbook.check import Side
from lib.runbook.health import PERIODS, Segment, timeline
from lib.runbook.incidents import Patience
from lib.runbook.recording import latest_verdicts
from lib.runbook.registry import CHECKS
from lib.runbook.verdict import Verdict
from lib.server.watching import RunSnapshot, Watch
from lib.store.incidents import AlertOutcome, Incident, Mute
from lib.store.verdicts import VerdictSpan
from lib.ui.credentials_entry import also_forget
from lib.ui.session import state
from lib.ui.shell import Context

LONGEST: Final = max(PERIODS.values())
RESOLVED_SHOWN: Final = 50
OUTCOMES_SHOWN: Final = 20
Spans = Mapping[str, Sequence[VerdictSpan]]


@dataclass(slots=True)
class HealthShelf:
    """The history that was read last: of which profile, as of which run."""

    key: tuple[str, datetime | None] | None = None
    spans: Spans = field(default_factory=dict)


also_forget(HealthShelf)


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything that one drawing of the page shows of a profile."""

    watch: Watch
    run: RunSnapshot | None
    version: datetime | None
    verdicts: Mapping[str, Verdict]
    spans: Spans
    incidents: Sequence[Incident]
    mutes: Mapping[str, Mute]
    outcomes: Sequence[AlertOutcome]
    now: datetime

    @property
    def patience(self) -> Patience:
        """The pace of the runs."""
        return self.watch.patience

    @property
    def running(self) -> bool:
        """Whether checks are at work."""
        return self.run is not None and self.run.running

    @property
    def stamp(self) -> tuple[object, ...]:
        """Changes whenever the page has something else to show."""
        told = self.outcomes[0].at if self.outcomes else None
        return self.running, self.version, told, frozenset(self.mutes)

    @property
    def ordered(self) -> list[Verdict]:
        """The latest verdicts in the order of the registry; in the first run, those so far.

        A half that the profile doesn't have isn't shown.
        """
        profile = self.watch.profile
        halves = {Side.BOX: profile.box, Side.KLOUDLESS: profile.kloudless}
        found = dict(self.verdicts)
        if not found and self.run is not None:
            found = {one.id: one for one in self.run.verdicts}
        return [
            found[check.id]
            for check in CHECKS
            if check.id in found and halves.get(check.side, profile) is not None
        ]

    def timeline(self, check_id: str, length: timedelta) -> list[Segment]:
        """A check's segments over the last so long."""
        spans = self.spans.get(check_id, ())
        return timeline(spans, self.now - length, self.now, self.patience.longest_gap)

    @property
    def watched_now(self) -> bool:
        """Whether the last run is recent enough to speak for this moment."""
        return self.version is not None and self.now - self.version <= self.patience.longest_gap


def picture(context: Context) -> Picture:
    """Read what the page shows. Raises RunbookError where this process can't have it."""
    watch = context.runtime.watch_for(context.profile)
    key, book = context.profile.key, watch.book
    version = book.version(key)
    shelf = state(HealthShelf)
    if shelf.key != (key, version):
        shelf.spans = book.spans(key, context.now - LONGEST)
        shelf.key = (key, version)
    return Picture(
        watch=watch,
        run=watch.snapshot(),
        version=version,
        verdicts=latest_verdicts(watch.ledger, key),
        spans=shelf.spans,
        incidents=book.incidents(key),
        mutes=book.mutes(key, context.now),
        outcomes=book.outcomes(key, limit=OUTCOMES_SHOWN),
        now=context.now,
    )

"""What the Health page reads of a profile for one drawing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from lib.app.background.watching import RunSnapshot, Watch
from lib.runbook.checks.check import CheckSide
from lib.runbook.checks.registry import CHECKS
from lib.runbook.checks.verdict import Verdict
from lib.runbook.health.history import Segment, timeline
from lib.runbook.health.incidents import Patience
from lib.runbook.health.recording import latest_verdicts
from lib.store.ledger.incidents import AlertOutcome, Incident, Mute
from lib.store.ledger.verdicts import VerdictSpan
from lib.ui.shell.frame import Context

OUTCOMES_SHOWN: Final = 20
Spans = Mapping[str, Sequence[VerdictSpan]]


@dataclass(frozen=True, slots=True)
class HealthView:
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
        reported = self.outcomes[0].at if self.outcomes else None
        return self.running, self.version, reported, frozenset(self.mutes)

    @property
    def ordered(self) -> list[Verdict]:
        """The latest verdicts in the order of the registry; in the first run, those so far.

        A half that the profile doesn't have isn't shown.
        """
        profile = self.watch.profile
        halves = {CheckSide.BOX: profile.box, CheckSide.KLOUDLESS: profile.kloudless}
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


def picture(context: Context) -> HealthView:
    """Read what the page shows. Raises RunbookError where this process can't have it."""
    watch = context.runtime.watch_for(context.profile)
    key, book = context.profile.key, watch.book
    return HealthView(
        watch=watch,
        run=watch.snapshot(),
        version=book.version(key),
        verdicts=latest_verdicts(watch.ledger, key),
        spans=watch.history(),
        incidents=book.incidents(key),
        mutes=book.mutes(key, context.now),
        outcomes=book.outcomes(key, limit=OUTCOMES_SHOWN),
        now=context.now,
    )

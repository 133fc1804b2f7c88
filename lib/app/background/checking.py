"""What a run of checks needs from the app: allowed addresses, tokens, what was read so far."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from lib.app.clients import Clients
from lib.http import Waiting
from lib.runbook.checks.check_context import PATIENCE, CheckContext, StreamReading
from lib.runbook.goals import Goal, Need
from lib.settings.profiles import Profile, ProfileKind
from lib.webhooks.log.alarms import Alarm, standing

if TYPE_CHECKING:
    from lib.store.events.events import EventStore
    from lib.store.ledger.ledger import Ledger


@dataclass(frozen=True, slots=True)
class LedgerRecords:
    """What the ledger knows of a profile, as checks ask for it."""

    ledger: "Ledger"
    events: "EventStore | None" = None

    def readings(self, profile: str, source: str) -> Sequence[StreamReading]:
        """See Records."""
        return [
            StreamReading(one.stream, one.at, one.position)
            for one in self.ledger.inbox.all_positions(profile, source)
        ]

    def newest_event(self, profile: str, source: str) -> datetime | None:
        """See Records."""
        return self.ledger.newest_read(profile, source)

    def last_delivery(self, profile: str, kind: str) -> datetime | None:
        """See Records: when a key last proved one."""
        times = [
            use.verified_at
            for use in self.ledger.deliveries.key_uses(profile)
            if use.kind == kind and use.verified_at is not None
        ]
        return max(times, default=None)

    def alarms(self, profile: str, now: datetime) -> "Sequence[Alarm] | None":
        """See Records; deliveries are in the event store, which only one process has."""
        return None if self.events is None else standing(self.events, profile, now)


def context_for(  # noqa: PLR0913  # what a run works with
    profile: Profile,
    clients: Clients,
    ledger: "Ledger | None" = None,
    *,
    goal: Goal = Goal.FULL,
    extras: frozenset[Need] = frozenset(),
    allow_writes: bool = False,
    background: bool = False,
    events: "EventStore | None" = None,
    waiting: Waiting | None = None,
) -> CheckContext:
    """The tools for one run of checks of a profile; close them when done.

    `background`: nobody waits, so that pages go first. `events`: where this process has them.
    `waiting`: how to wait before asking again, where that isn't the usual way.
    """
    received = None if profile.kind is ProfileKind.SESSION else events  # these receive nothing
    return CheckContext(
        profile,
        egress=clients.egress(profile),
        goal=goal,
        extras=extras,
        records=None if ledger is None else LedgerRecords(ledger, received),
        refresh_tokens=clients.refresh_tokens(profile),
        policy=PATIENCE if waiting is None else replace(PATIENCE, waiting=waiting),
        allow_writes=allow_writes,
        background=background,
    )

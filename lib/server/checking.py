"""What a run of checks needs from the app: addresses it may reach, tokens, what was read so far."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from lib.profiles import Profile
from lib.runbook.goals import Goal, Need
from lib.runbook.kit import Kit, Reading
from lib.server.clients import Clients

if TYPE_CHECKING:
    from lib.store.ledger import Ledger


@dataclass(frozen=True, slots=True)
class LedgerRecords:
    """What the ledger knows of a profile, as checks ask for it."""

    ledger: "Ledger"

    def readings(self, profile: str, source: str) -> Sequence[Reading]:
        """See Records."""
        return [
            Reading(one.stream, one.at, one.position)
            for one in self.ledger.all_positions(profile, source)
        ]

    def last_delivery(self, profile: str, kind: str) -> datetime | None:
        """See Records: when a key last proved one."""
        times = [
            use.verified_at
            for use in self.ledger.arrivals.key_uses(profile)
            if use.kind == kind and use.verified_at is not None
        ]
        return max(times, default=None)


def kit_for(
    profile: Profile,
    clients: Clients,
    ledger: "Ledger | None" = None,
    *,
    goal: Goal = Goal.FULL,
    extras: frozenset[Need] = frozenset(),
    allow_writes: bool = False,
    background: bool = False,
) -> Kit:
    """The tools for one run of checks of a profile; close them when done.

    `background`: nobody waits, so that pages go first.
    """
    return Kit(
        profile,
        egress=clients.egress(profile),
        goal=goal,
        extras=extras,
        records=None if ledger is None else LedgerRecords(ledger),
        refresh_tokens=clients.refresh_tokens(profile),
        allow_writes=allow_writes,
        background=background,
    )

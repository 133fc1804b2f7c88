"""What the checks of one run work with: a profile, fresh clients, and what was learned so far.

The clients belong to the run and are made with a token of their own: a token keeps the rights of
the moment it was issued, so only a new one proves what is granted now. Every call is in the run's
journal, which becomes the evidence. The kit never writes to Box or Kloudless.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol

import httpx

from lib.box import BoxClient, Subject
from lib.box import connect as connect_box
from lib.box.tokens.grants import RefreshTokens
from lib.box.tokens.token_endpoint import utc_now
from lib.core.errors import ConfigurationError, Who
from lib.http import Closable, Egress, Journal, Policy, RetryPolicy
from lib.kloudless import KloudlessClient
from lib.kloudless import connect as connect_kloudless
from lib.runbook.goals import GOALS, Goal, Need
from lib.settings.profiles import BoxCredentials, KloudlessCredentials, Profile
from lib.webhooks.log.alarms import Alarm

# A person waits for the verdict: one retry distinguishes a glitch from a fault.
PATIENCE: Final = Policy(
    connect_s=5.0,
    read_s=15.0,
    retry=RetryPolicy(attempts=2, page_attempts=2, network_retries=1, max_page_wait_s=5.0),
)


@dataclass(frozen=True, slots=True)
class StreamReading:
    """The position of a reader of events: what it read last and when (UTC), by stream."""

    stream: str
    at: datetime
    position: str | None


class Records(Protocol):
    """What this app itself knows of a profile; a command without a ledger has none."""

    def readings(self, profile: str, source: str) -> Sequence[StreamReading]:
        """The stored positions of that source."""

    def newest_event(self, profile: str, source: str) -> datetime | None:
        """When the newest event happened that was read from that source (UTC)."""

    def last_delivery(self, profile: str, kind: str) -> datetime | None:
        """When the last genuine webhook delivery of that kind came (UTC)."""

    def alarms(self, profile: str, now: datetime) -> Sequence[Alarm] | None:
        """What deliveries reported about webhooks themselves; None where they can't be read."""


@dataclass(slots=True)
class Facts:
    """What earlier checks of the run learned; later ones build on it."""

    me: Mapping[str, Any] = field(default_factory=dict)
    box_date_skew_s: float | None = None
    managed: Mapping[str, Any] | None = None
    users_seen: int = 0
    webhooks: tuple[Mapping[str, Any], ...] = ()
    granted: set[Need] = field(default_factory=set)
    accounts: tuple[Mapping[str, Any], ...] = ()
    admin_account: str | None = None
    behind_admin: Mapping[str, Any] = field(default_factory=dict)
    team_user: Mapping[str, Any] | None = None
    answers: dict[str, httpx.Response] = field(default_factory=dict)


class CheckContext(Closable):
    """One run's tools. Close it, or use it as a context manager.

    `goal` and `extras` say what must hold; `allow_writes` that the person allowed the probes that
    clean up after themselves; `background` that nobody waits, so that pages go first.
    """

    def __init__(  # noqa: PLR0913  # what a run works with
        self,
        profile: Profile,
        *,
        egress: Egress,
        goal: Goal = Goal.FULL,
        extras: frozenset[Need] = frozenset(),
        records: Records | None = None,
        refresh_tokens: RefreshTokens | None = None,
        policy: Policy = PATIENCE,
        clock: Callable[[], datetime] = utc_now,
        allow_writes: bool = False,
        background: bool = False,
    ) -> None:
        self.profile = profile
        self.goal = goal
        self.requested = GOALS[goal].needs | extras
        self.records = records
        self.clock = clock
        self.allow_writes = allow_writes
        self.journal = Journal(limit=2000)
        self.facts = Facts()
        self._background = background
        self._egress = egress
        self._policy = policy
        self._refresh_tokens = refresh_tokens
        self._box: BoxClient | None = None
        self._kloudless: KloudlessClient | None = None

    @property
    def credentials(self) -> BoxCredentials:
        """The Box half. Raises ConfigurationError without one."""
        if self.profile.box is None:
            raise _no_half("Box credentials")
        return self.profile.box

    @property
    def kloudless_credentials(self) -> KloudlessCredentials:
        """The Kloudless half. Raises ConfigurationError without one."""
        if self.profile.kloudless is None:
            raise _no_half("Kloudless address")
        return self.profile.kloudless

    @property
    def box(self) -> BoxClient:
        """The run's Box client. Raises ConfigurationError or KeyProblem."""
        if self._box is None:
            self._box = self._connect_box()
        return self._box

    @property
    def kloudless(self) -> KloudlessClient:
        """The run's Kloudless client. Raises ConfigurationError."""
        if self._kloudless is None:
            client = connect_kloudless(
                self.profile, egress=self._egress, journal=self.journal, policy=self._policy
            )
            self._kloudless = client.in_background() if self._background else client
        return self._kloudless

    def box_for(self, subject: Subject) -> BoxClient:
        """A client with a token of its own for that user or enterprise; close it when done."""
        return self._connect_box(subject)

    def requires(self, needs: frozenset[Need]) -> bool:
        """Whether the goal asks for one of these; a check that grants nothing is always asked."""
        return not needs or bool(needs & self.requested)

    def close(self) -> None:
        """Close the run's clients."""
        for client in (self._box, self._kloudless):
            if client is not None:
                client.close()

    def _connect_box(self, subject: Subject | None = None) -> BoxClient:
        client = connect_box(
            self.profile,
            egress=self._egress,
            journal=self.journal,
            policy=self._policy,
            clock=self.clock,
            subject=subject,
            refresh_tokens=self._refresh_tokens,
        )
        return client.in_background() if self._background else client


def _no_half(what: str) -> ConfigurationError:
    return ConfigurationError(
        f"The profile has no {what}.",
        cause="This check is for a part that the profile doesn't have.",
        fix="Enter it on the Credentials page, or choose another profile.",
        who=Who.YOU,
    )

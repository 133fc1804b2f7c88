"""Sends due alerts to the host's webhook, and records the outcome.

Only the owner sends. The address is a secret: it is in no log, no error and no outcome; the call
journal isn't used, because it would keep its path. It is reached over https (a listed loopback
address excepted), no redirect to another host is followed, and a failed send is retried at once and
later, because a duplicate message is better than none.
"""

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import httpx

from lib.app.clients import Clock, utc_now
from lib.core.errors import RunbookError
from lib.http import Egress, Journal, Policy, RetryPolicy, Waiting, build_client, send
from lib.runbook.health.alerts import (
    Threshold,
    due,
    findings_due,
    generic_findings,
    generic_message,
    slack_findings,
    slack_message,
)
from lib.settings.profiles import Profile
from lib.settings.watching import AlertFormat, AlertSettings
from lib.store.ledger.findings import KeptFinding
from lib.store.ledger.health import HealthBook
from lib.store.ledger.incidents import AlertKind, AlertOutcome, Incident, IncidentSeverity

if TYPE_CHECKING:
    from lib.store.ledger.ledger import Ledger

ATTEMPTS: Final = 3
_RESOLVED: Final = timedelta(days=2)  # those whose end may still be news
_NEWS: Final = timedelta(days=1)
_AGAIN: Final = frozenset({408, 429, 500, 502, 503, 504})
_PATIENCE: Final = Policy(
    connect_s=5.0,
    read_s=10.0,
    max_response_bytes=100_000,
    retry=RetryPolicy(attempts=1, page_attempts=1, network_retries=0),
    budget=None,
)

_log = logging.getLogger(__name__)


class Alerter:
    """Sends alerts to one address."""

    def __init__(
        self,
        settings: AlertSettings,
        allowed_hosts: tuple[str, ...] = (),
        *,
        clock: Clock = utc_now,
        waiting: Waiting | None = None,
    ) -> None:
        self.settings = settings
        self._waiting = waiting or Waiting()
        self._clock = clock
        self._egress = Egress(
            hosts=frozenset({settings.host}), allowed_hosts=allowed_hosts, box=False
        )

    @property
    def threshold(self) -> Threshold:
        """From when on somebody is told."""
        return Threshold(
            self.settings.min_severity == IncidentSeverity.WARNING, self.settings.after
        )

    def send_due(self, book: HealthBook, profile: Profile) -> int:
        """Send what is due for a profile, keeping each outcome; how many were sent."""
        now = self._clock()
        open_or_recent = book.incidents(profile.key, resolved_since=now - _RESOLVED)
        if not open_or_recent:
            return 0
        outcomes = book.outcomes(profile.key, incident_ids=[one.id for one in open_or_recent])
        mutes = book.mutes(profile.key, now)
        sent = 0
        for incident in open_or_recent:
            kind = due(
                incident,
                [one for one in outcomes if one.incident_id == incident.id],
                mute=mutes.get(incident.cause),
                threshold=self.threshold,
                now=now,
            )
            if kind is not None:
                book.keep_outcome(self._sent(kind, profile, incident))
                sent += 1
        return sent

    def test(self, book: HealthBook, profile: Profile) -> AlertOutcome:
        """Send a test; how it ended is kept and returned."""
        outcome = self._sent(AlertKind.TEST, profile, None)
        book.keep_outcome(outcome)
        return outcome

    def send_findings(self, ledger: "Ledger", profile: Profile) -> int:
        """Send one message about findings that nobody was told of; how many they are.

        What is older than a day is no news: a backfill of a year alerts nobody.
        """
        now = self._clock()
        book = ledger.findings
        outcomes = [
            one
            for one in ledger.health.outcomes(profile.key, incident_ids=[0], limit=20)
            if one.kind is AlertKind.FINDINGS
        ]
        found = findings_due(
            book.untold(profile.key, now - _NEWS),
            book.mutes(profile.key, now),
            outcomes,
            threshold=self.threshold,
            now=now,
        )
        if not found:
            return 0
        outcome = self._outcome(AlertKind.FINDINGS, profile, self._findings_message(profile, found))
        ledger.health.keep_outcome(outcome)
        if outcome.ok:
            book.reported([one.id for one in found], now)
        return len(found)

    def _findings_message(self, profile: Profile, found: Sequence[KeptFinding]) -> dict[str, Any]:
        if self.settings.kind is AlertFormat.SLACK:
            return slack_findings(found, label=profile.label)
        return generic_findings(found, key=profile.key, label=profile.label, now=self._clock())

    def _sent(self, kind: AlertKind, profile: Profile, incident: Incident | None) -> AlertOutcome:
        return self._outcome(kind, profile, self._message(kind, profile, incident), incident)

    def _outcome(
        self,
        kind: AlertKind,
        profile: Profile,
        message: dict[str, Any],
        incident: Incident | None = None,
    ) -> AlertOutcome:
        status: int | None = None
        detail = ""
        attempt = 0
        with build_client(self._egress, Journal(1), policy=_PATIENCE) as http:
            while attempt < ATTEMPTS:
                attempt += 1
                if attempt > 1:
                    self._waiting.sleep(self._waiting.backoff_s(attempt - 1))
                status, detail, again = self._attempt(http, message)
                if not again:
                    break
        ok = status is not None and status < 300  # noqa: PLR2004  # HTTP's successes
        if not ok:
            _log.warning("An alert could not be sent to %s: %s", self.settings.host, detail)
        return AlertOutcome(
            profile=profile.key,
            kind=kind,
            at=self._clock(),
            ok=ok,
            incident_id=incident.id if incident else 0,
            episode=incident.episode if incident else 0,
            attempts=attempt,
            status=status,
            detail=detail,
        )

    def _attempt(self, http: httpx.Client, message: dict[str, Any]) -> tuple[int | None, str, bool]:
        """Status, a sentence, and whether another attempt may help."""
        try:
            response = send(http, "POST", self.settings.url.reveal(), json=message)
        except RunbookError as error:
            blocked = getattr(error, "kind", "") == "blocked"
            return None, f"{error.message} {error.cause}", not blocked
        status = response.status_code
        if response.is_success:
            return status, f"{self.settings.host} accepted it.", False
        # Its own words stay out: receivers echo what was sent to them.
        return status, f"{self.settings.host} answered {status}.", status in _AGAIN

    def _message(
        self, kind: AlertKind, profile: Profile, incident: Incident | None
    ) -> dict[str, Any]:
        now = self._clock()
        if self.settings.kind is AlertFormat.SLACK:
            return slack_message(kind, incident, label=profile.label, now=now)
        return generic_message(kind, incident, key=profile.key, label=profile.label, now=now)

"""The book of a profile's health in the ledger: what was found, what is wrong, who was told.

Everything of one run is written in one transaction: history, latest verdicts and incidents agree
whoever writes (the app's schedule, a page, a command), and two writers take turns.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, func, select

import lib.store.ledger.incidents as incidents  # noqa: PLR0402  # as in the ledger
import lib.store.ledger.verdicts as verdicts  # noqa: PLR0402  # as in the ledger
from lib.core.redaction import redact
from lib.store.ledger.delivery_records import Transaction
from lib.store.ledger.health_tables import alerts, latest_verdicts, mutes, verdict_spans
from lib.store.ledger.health_tables import incidents as incidents_table
from lib.store.ledger.incidents import AlertOutcome, Incident, IncidentState, Mute
from lib.store.ledger.verdicts import Fingerprint, Sample, VerdictSpan

RETENTION: Final = timedelta(days=90)
"""How long history, resolved incidents and outcomes are kept."""
REASON_LENGTH: Final = 500


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run of checks, to be kept.

    `samples` go into the history, `latest` are whole verdicts (id, when, record). `complete` says
    that every check was run, so that what is missing exists no longer.
    """

    at: datetime
    samples: Sequence[Sample]
    latest: Sequence[tuple[str, datetime, Mapping[str, Any]]] = ()
    complete: bool = False


class HealthBook:
    """The health of profiles in one ledger."""

    def __init__(self, write: Transaction, read: Transaction) -> None:
        self._write = write
        self._read = read

    def keep_run(
        self,
        profile: str,
        run: RunRecord,
        advance: Callable[[Sequence[Incident]], Iterable[Incident]],
        *,
        longest_gap: timedelta,
        reopens_within: timedelta,
    ) -> None:
        """Keep a run, all or nothing.

        `advance` gets the open incidents and those resolved within `reopens_within`, and returns
        the new and changed ones. What is older than the retention goes.
        """
        with self._write() as connection:
            verdicts.keep_samples(connection, profile, run.samples, longest_gap=longest_gap)
            verdicts.keep_latest(connection, profile, run.latest)
            if run.complete:
                known = [check_id for check_id, _, _ in run.latest]
                verdicts.forget_latest(connection, profile, but=known)
            found = incidents.read_incidents(
                connection, profile, resolved_since=run.at - reopens_within
            )
            for incident in advance(found):
                incidents.keep_incident(connection, incident)
            oldest = run.at - RETENTION
            connection.execute(
                delete(verdict_spans).where(
                    verdict_spans.c.profile == profile, verdict_spans.c.seen_at < oldest
                )
            )
            connection.execute(
                delete(incidents_table).where(
                    incidents_table.c.profile == profile,
                    incidents_table.c.state == IncidentState.RESOLVED,
                    incidents_table.c.resolved_at < oldest,
                )
            )
            connection.execute(
                delete(alerts).where(alerts.c.profile == profile, alerts.c.at < oldest)
            )
            connection.execute(
                delete(mutes).where(mutes.c.profile == profile, mutes.c.until < oldest)
            )

    def spans(self, profile: str, since: datetime) -> dict[str, list[VerdictSpan]]:
        """The history by check since then, oldest first, with the last span before."""
        with self._read() as connection:
            return verdicts.read_spans(connection, profile, since)

    def latest(self, profile: str) -> list[Mapping[str, Any]]:
        """The records of the latest verdict of each check."""
        with self._read() as connection:
            return verdicts.read_latest(connection, profile)

    def version(self, profile: str) -> datetime | None:
        """When a verdict of this profile was last kept: changes with each run."""
        query = select(func.max(latest_verdicts.c.at)).where(latest_verdicts.c.profile == profile)
        with self._read() as connection:
            found: datetime | None = connection.execute(query).scalar_one_or_none()
            return found

    def incidents(
        self,
        profile: str,
        *,
        resolved_since: datetime | None = None,
        limit: int | None = None,
    ) -> list[Incident]:
        """Incidents, newest sighting first: the open ones, and those resolved since then."""
        with self._read() as connection:
            return incidents.read_incidents(
                connection, profile, resolved_since=resolved_since, limit=limit
            )

    def mute(self, mute: Mute) -> None:
        """Tell nobody of a cause until then; an older mute of it is replaced."""
        reason = redact(" ".join(mute.reason.split()))[:REASON_LENGTH]
        kept = Mute(mute.profile, mute.cause, reason, mute.at, mute.until)
        with self._write() as connection:
            incidents.keep_mute(connection, kept)

    def unmute(self, profile: str, cause: str) -> None:
        """Tell of that cause again."""
        with self._write() as connection:
            incidents.lift_mute(connection, profile, cause)

    def mutes(self, profile: str, now: datetime) -> dict[str, Mute]:
        """The mutes that hold now, by cause."""
        with self._read() as connection:
            return incidents.read_mutes(connection, profile, now)

    def keep_outcome(self, outcome: AlertOutcome) -> None:
        """Keep how the sending of an alert ended."""
        with self._write() as connection:
            incidents.keep_outcome(connection, outcome)

    def outcomes(
        self, profile: str, *, incident_ids: Sequence[int] | None = None, limit: int | None = None
    ) -> list[AlertOutcome]:
        """How alerts ended, newest first."""
        with self._read() as connection:
            return incidents.read_outcomes(
                connection, profile, incident_ids=incident_ids, limit=limit
            )

    def see(self, profile: str, kind: str, fingerprint: str, at: datetime) -> None:
        """Note that a credential is in use: only a public value that names it."""
        with self._write() as connection:
            verdicts.see_fingerprint(connection, profile, kind, fingerprint, at)

    def fingerprints(self, profile: str) -> list[Fingerprint]:
        """The credentials that were seen, newest first."""
        with self._read() as connection:
            return verdicts.read_fingerprints(connection, profile)

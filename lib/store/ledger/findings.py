"""Findings of detections in the ledger: each once, with what people decided about it.

The same finding comes again in every run that looks at its time; it is known by its key, or, where
late events moved its beginning, by overlapping an older one of the same detection and subject. What
was found is a JSON record that `lib.detections` makes and reads; it isn't looked into here.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from lib.core.redaction import redact
from lib.store.ledger.delivery_records import Transaction
from lib.store.ledger.finding_tables import detection_runs, finding_mutes, findings

RETENTION: Final = timedelta(days=400)
"""How long a finding is kept after its last event."""
NOTE_LENGTH: Final = 2000


class FindingState(StrEnum):
    """What people decided. Muted is said apart: a mute ends by itself."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class FoundRecord:
    """One finding as a run found it."""

    key: str
    detection: str
    subject: str
    actor_id: str | None
    since: datetime
    until: datetime
    events: int
    severity: str
    record: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class KeptFinding:
    """A finding as the ledger has it. `told_at` is when somebody was alerted."""

    id: int
    profile: str
    key: str
    detection: str
    subject: str
    actor_id: str | None
    source: str
    since: datetime
    until: datetime
    events: int
    severity: str
    record: Mapping[str, Any] = field(repr=False)
    state: FindingState = FindingState.OPEN
    note: str = ""
    first_at: datetime | None = None
    seen_at: datetime | None = None
    changed_at: datetime | None = None
    told_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FindingMute:
    """Nobody is told of a detection's findings about a subject until then, and why."""

    profile: str
    detection: str
    subject: str
    reason: str
    at: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class DetectionRun:
    """The last run of a profile: when, over which events, and what couldn't be judged and why."""

    profile: str
    at: datetime
    since: datetime
    until: datetime
    source: str
    not_judged: Mapping[str, str]


class FindingBook:
    """The findings of profiles in one ledger."""

    def __init__(self, write: Transaction, read: Transaction) -> None:
        self._write = write
        self._read = read

    def keep(self, run: DetectionRun, found: Sequence[FoundRecord]) -> list[int]:
        """Keep what a run found, all or nothing; the ids of what is new.

        A resolved finding to which events were added is open again.
        """
        new: list[int] = []
        with self._write() as connection:
            for one in sorted(found, key=lambda one: one.since):
                made = _keep(connection, run, one)
                if made is not None:
                    new.append(made)
            _keep_run(connection, run)
            oldest = run.at - RETENTION
            connection.execute(
                delete(findings).where(findings.c.profile == run.profile, findings.c.until < oldest)
            )
            connection.execute(
                delete(finding_mutes).where(
                    finding_mutes.c.profile == run.profile, finding_mutes.c.until < oldest
                )
            )
        return new

    def all(self, profile: str, since: datetime | None = None) -> list[KeptFinding]:
        """The findings that were active since then, newest first."""
        query = select(findings).where(findings.c.profile == profile)
        if since is not None:
            query = query.where(findings.c.until >= since)
        query = query.order_by(findings.c.until.desc(), findings.c.id.desc())
        with self._read() as connection:
            return [_kept(row) for row in connection.execute(query).mappings()]

    def one(self, profile: str, key: str) -> KeptFinding | None:
        """The finding of that key."""
        query = select(findings).where(findings.c.profile == profile, findings.c.key == key)
        with self._read() as connection:
            row = connection.execute(query).mappings().one_or_none()
        return None if row is None else _kept(row)

    def decide(
        self, profile: str, key: str, state: FindingState, *, note: str | None = None, at: datetime
    ) -> bool:
        """Give a finding another state, and a note if one is given. False when there is none."""
        values: dict[str, Any] = {"state": str(state), "changed_at": at}
        if note is not None:
            values["note"] = _line(note)
        with self._write() as connection:
            done = connection.execute(
                update(findings)
                .where(findings.c.profile == profile, findings.c.key == key)
                .values(**values)
            )
            return done.rowcount > 0

    def mute(self, mute: FindingMute) -> None:
        """Tell nobody of that detection and subject until then; an older mute is replaced."""
        with self._write() as connection:
            _unmute(connection, mute.profile, mute.detection, mute.subject)
            connection.execute(
                insert(finding_mutes).values(
                    profile=mute.profile,
                    detection=mute.detection,
                    subject=mute.subject[:200],
                    reason=_line(mute.reason),
                    at=mute.at,
                    until=mute.until,
                )
            )

    def unmute(self, profile: str, detection: str, subject: str) -> None:
        """Tell of it again."""
        with self._write() as connection:
            _unmute(connection, profile, detection, subject)

    def mutes(self, profile: str, now: datetime) -> dict[tuple[str, str], FindingMute]:
        """The mutes that hold now, by detection and subject."""
        query = select(finding_mutes).where(
            finding_mutes.c.profile == profile, finding_mutes.c.until > now
        )
        with self._read() as connection:
            return {
                (row["detection"], row["subject"]): FindingMute(**row)
                for row in connection.execute(query).mappings()
            }

    def untold(self, profile: str, since: datetime) -> list[KeptFinding]:
        """Open findings that nobody was alerted of, active since then, oldest first."""
        query = (
            select(findings)
            .where(
                findings.c.profile == profile,
                findings.c.told_at.is_(None),
                findings.c.state == FindingState.OPEN,
                findings.c.until >= since,
            )
            .order_by(findings.c.since, findings.c.id)
        )
        with self._read() as connection:
            return [_kept(row) for row in connection.execute(query).mappings()]

    def reported(self, ids: Collection[int], at: datetime) -> None:
        """Note that somebody was alerted of these."""
        with self._write() as connection:
            connection.execute(
                update(findings).where(findings.c.id.in_(list(ids))).values(told_at=at)
            )

    def last_run(self, profile: str) -> DetectionRun | None:
        """The last run of a profile."""
        query = select(detection_runs).where(detection_runs.c.profile == profile)
        with self._read() as connection:
            row = connection.execute(query).mappings().one_or_none()
        if row is None:
            return None
        return DetectionRun(**{**row, "not_judged": json.loads(row["not_judged"])})


def muted(mutes: Mapping[tuple[str, str], FindingMute], finding: KeptFinding) -> FindingMute | None:
    """The mute that covers a finding, if one does."""
    return mutes.get((finding.detection, finding.subject[:200]))


def _keep(connection: Connection, run: DetectionRun, one: FoundRecord) -> int | None:
    """Keep one; its id if it is new."""
    same = findings.c.profile == run.profile
    columns = (findings.c.id, findings.c.until, findings.c.events, findings.c.state)
    row = connection.execute(select(*columns).where(same, findings.c.key == one.key)).one_or_none()
    if row is None:
        row = connection.execute(
            select(*columns)
            .where(
                same,
                findings.c.detection == one.detection,
                findings.c.subject == one.subject,
                findings.c.since <= one.until,
                findings.c.until >= one.since,
            )
            .order_by(findings.c.since, findings.c.id)
            .limit(1)
        ).one_or_none()
    values: dict[str, Any] = {
        "actor_id": one.actor_id,
        "source": run.source,
        "since": one.since,
        "until": one.until,
        "events": one.events,
        "severity": one.severity,
        "record": json.dumps(dict(one.record), ensure_ascii=False, separators=(",", ":")),
        "seen_at": run.at,
    }
    if row is None:
        done = connection.execute(
            insert(findings).values(
                **values,
                profile=run.profile,
                key=one.key,
                detection=one.detection,
                subject=one.subject,
                state=str(FindingState.OPEN),
                note="",
                first_at=run.at,
            )
        )
        key = done.inserted_primary_key
        return int(key[0]) if key else None
    if one.until < row.until and one.events < row.events:
        return None  # a run that saw only its beginning knows less
    if row.state == FindingState.RESOLVED and one.until > row.until:
        values |= {"state": str(FindingState.OPEN), "changed_at": run.at}
    connection.execute(update(findings).where(findings.c.id == row.id).values(**values))
    return None


def _keep_run(connection: Connection, run: DetectionRun) -> None:
    connection.execute(delete(detection_runs).where(detection_runs.c.profile == run.profile))
    connection.execute(
        insert(detection_runs).values(
            profile=run.profile,
            at=run.at,
            since=run.since,
            until=run.until,
            source=run.source,
            not_judged=json.dumps(dict(run.not_judged)),
        )
    )


def _unmute(connection: Connection, profile: str, detection: str, subject: str) -> None:
    connection.execute(
        delete(finding_mutes).where(
            finding_mutes.c.profile == profile,
            finding_mutes.c.detection == detection,
            finding_mutes.c.subject == subject[:200],
        )
    )


def _kept(row: RowMapping) -> KeptFinding:
    return KeptFinding(
        **{**row, "state": FindingState(row["state"]), "record": json.loads(row["record"])}
    )


def _line(text: str) -> str:
    return redact(text.strip())[:NOTE_LENGTH]

"""Verdicts over time, compactly: a row for each change, and at least one an hour for each check.

A row is a span: a check had this status for this cause from `at` until `seen_at`, the last run that
found it so. The time after `seen_at` belongs to whoever reads: nobody looked there yet. The latest
verdict of each check is kept whole, with its evidence.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from lib.store.ledger.health_tables import fingerprints, latest_verdicts, verdict_spans


@dataclass(frozen=True, slots=True)
class Sample:
    """One verdict, as far as its history is concerned."""

    check_id: str
    status: str
    cause: str | None
    at: datetime
    ms: float = 0.0


@dataclass(frozen=True, slots=True)
class VerdictSpan:
    """A check's status from `at` to `seen_at` (UTC); `runs` saw it, taking `ms` on average."""

    check_id: str
    status: str
    cause: str | None
    at: datetime
    seen_at: datetime
    runs: int = 1
    ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """A public value that names a credential, and when this app saw it first and last."""

    kind: str
    fingerprint: str
    first_at: datetime
    seen_at: datetime


def keep_samples(
    connection: Connection, profile: str, samples: Iterable[Sample], *, longest_gap: timedelta
) -> None:
    """Add verdicts to the history.

    A span goes on where the same was found again within `longest_gap` and the same hour.
    """
    last = _last_spans(connection, profile)
    for sample in samples:
        before = last.get(sample.check_id)
        if before is not None and _goes_on(before[1], sample, longest_gap):
            row_id, span = before
            runs = span.runs + 1
            connection.execute(
                update(verdict_spans)
                .where(verdict_spans.c.id == row_id)
                .values(seen_at=sample.at, runs=runs, ms=span.ms + (sample.ms - span.ms) / runs)
            )
        elif before is None or sample.at >= before[1].seen_at:  # late news isn't history
            connection.execute(
                insert(verdict_spans).values(
                    profile=profile,
                    check_id=sample.check_id,
                    status=sample.status,
                    cause=sample.cause,
                    at=sample.at,
                    seen_at=sample.at,
                    runs=1,
                    ms=sample.ms,
                )
            )


def read_spans(
    connection: Connection, profile: str, since: datetime
) -> dict[str, list[VerdictSpan]]:
    """Spans by check, oldest first: those seen since then, and the last one before."""
    columns = [verdict_spans.c[name] for name in VerdictSpan.__slots__]
    newest_before = (
        select(func.max(verdict_spans.c.id))
        .where(verdict_spans.c.profile == profile, verdict_spans.c.seen_at < since)
        .group_by(verdict_spans.c.check_id)
    )
    query = (
        select(*columns)
        .where(
            verdict_spans.c.profile == profile,
            (verdict_spans.c.seen_at >= since) | verdict_spans.c.id.in_(newest_before),
        )
        .order_by(verdict_spans.c.check_id, verdict_spans.c.at, verdict_spans.c.id)
    )
    found: dict[str, list[VerdictSpan]] = {}
    for row in connection.execute(query):
        found.setdefault(row[0], []).append(VerdictSpan(*row))
    return found


def keep_latest(
    connection: Connection, profile: str, records: Iterable[tuple[str, datetime, Mapping[str, Any]]]
) -> None:
    """Keep the latest verdict of each check, whole: its id, when, and its record."""
    for check_id, at, record in records:
        here = (latest_verdicts.c.profile == profile, latest_verdicts.c.check_id == check_id)
        connection.execute(delete(latest_verdicts).where(*here))
        connection.execute(
            insert(latest_verdicts).values(
                profile=profile, check_id=check_id, at=at, record=json.dumps(dict(record))
            )
        )


def forget_latest(connection: Connection, profile: str, *, but: Iterable[str]) -> None:
    """Drop the latest verdicts of checks that exist no longer."""
    connection.execute(
        delete(latest_verdicts).where(
            latest_verdicts.c.profile == profile, latest_verdicts.c.check_id.not_in(list(but))
        )
    )


def read_latest(connection: Connection, profile: str) -> list[Mapping[str, Any]]:
    """The records of the latest verdicts, in no order."""
    query = select(latest_verdicts.c.record).where(latest_verdicts.c.profile == profile)
    return [json.loads(text) for text in connection.execute(query).scalars()]


def see_fingerprint(
    connection: Connection, profile: str, kind: str, fingerprint: str, at: datetime
) -> None:
    """Note that a credential is in use; the first time stays."""
    here = (
        fingerprints.c.profile == profile,
        fingerprints.c.kind == kind,
        fingerprints.c.fingerprint == fingerprint,
    )
    known = connection.execute(update(fingerprints).where(*here).values(seen_at=at)).rowcount
    if not known:
        connection.execute(
            insert(fingerprints).values(
                profile=profile, kind=kind, fingerprint=fingerprint, first_at=at, seen_at=at
            )
        )


def read_fingerprints(connection: Connection, profile: str) -> list[Fingerprint]:
    """The credentials that were seen, newest first."""
    columns = [fingerprints.c[name] for name in Fingerprint.__slots__]
    query = (
        select(*columns)
        .where(fingerprints.c.profile == profile)
        .order_by(fingerprints.c.seen_at.desc())
    )
    return [Fingerprint(*row) for row in connection.execute(query)]


def _last_spans(connection: Connection, profile: str) -> dict[str, tuple[int, VerdictSpan]]:
    newest = (
        select(func.max(verdict_spans.c.id))
        .where(verdict_spans.c.profile == profile)
        .group_by(verdict_spans.c.check_id)
    )
    columns = [verdict_spans.c[name] for name in ("id", *VerdictSpan.__slots__)]
    query = select(*columns).where(verdict_spans.c.id.in_(newest))
    return {row[1]: (row[0], VerdictSpan(*row[1:])) for row in connection.execute(query)}


def _goes_on(span: VerdictSpan, sample: Sample, longest_gap: timedelta) -> bool:
    return (
        (span.status, span.cause) == (sample.status, sample.cause)
        and timedelta(0) <= sample.at - span.seen_at <= longest_gap
        and _hour(span.at) == _hour(sample.at)
    )


def _hour(instant: datetime) -> datetime:
    return instant.replace(minute=0, second=0, microsecond=0)

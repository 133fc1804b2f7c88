"""Runs of reading and importing, with counts that every process can read.

The reader counts what it read; the drain counts what became of it (`added`, `repeated`,
`quarantined`), so a run is finished for a person when its inbox entries are gone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, case, func, literal, select, update

from lib.core.errors import StoreError, Who
from lib.store.ledger.tables import UtcTime, inbox, runs

REPLACED: Final = "The event store was replaced while it read."


class RunState(StrEnum):
    """How a run stands."""

    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Run:
    """One run of reading. Counts are events; `pending` counts inbox entries not yet drained."""

    id: int
    kind: str
    profile: str
    source: str
    state: RunState
    started_at: datetime
    ended_at: datetime | None
    pages: int
    read: int
    added: int
    repeated: int
    quarantined: int
    pending: int
    position: str | None
    oldest: datetime | None
    newest: datetime | None
    error: str | None


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of events: committed for the first time, known already, or set aside."""

    added: int = 0
    repeated: int = 0
    quarantined: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.added + other.added,
            self.repeated + other.repeated,
            self.quarantined + other.quarantined,
        )


def begin(connection: Connection, *, kind: str, profile: str, source: str, at: datetime) -> int:
    """Open a run; its id."""
    result = connection.execute(
        runs.insert().values(
            kind=kind, profile=profile, source=source, state=RunState.RUNNING, started_at=at
        )
    )
    key = result.inserted_primary_key
    return int(key[0]) if key is not None else 0


def check_running(connection: Connection, run_id: int) -> None:
    """Raise StoreError if somebody else ended a run."""
    state = connection.execute(select(runs.c.state).where(runs.c.id == run_id)).scalar()
    if state == RunState.FAILED:
        raise StoreError("This run was ended.", cause=REPLACED, fix="Read again.", who=Who.THIS_APP)


def end_running(connection: Connection, at: datetime) -> None:
    """End every run: the positions that they know aren't true any more."""
    connection.execute(
        update(runs)
        .where(runs.c.state == RunState.RUNNING)
        .values(state=RunState.FAILED, ended_at=at, error=REPLACED)
    )


def note_read(
    connection: Connection,
    run_id: int,
    *,
    pages: int,
    read: int,
    position: str | None,
    oldest: datetime | None,
    newest: datetime | None,
) -> None:
    """Add a page's counts to a run, and widen its oldest and newest."""
    values: dict[str, Any] = {"pages": runs.c.pages + pages, "read": runs.c.read + read}
    if position is not None:
        values["position"] = position
    if oldest is not None:
        earlier = runs.c.oldest.is_(None) | (runs.c.oldest > oldest)
        values["oldest"] = case((earlier, literal(oldest, UtcTime)), else_=runs.c.oldest)
    if newest is not None:
        later = runs.c.newest.is_(None) | (runs.c.newest < newest)
        values["newest"] = case((later, literal(newest, UtcTime)), else_=runs.c.newest)
    connection.execute(update(runs).where(runs.c.id == run_id).values(values))


def note_drained(connection: Connection, by_run: Mapping[int, Counts]) -> None:
    """Add what the drain made of a run's entries."""
    for run_id, counts in by_run.items():
        connection.execute(
            update(runs)
            .where(runs.c.id == run_id)
            .values(
                added=runs.c.added + counts.added,
                repeated=runs.c.repeated + counts.repeated,
                quarantined=runs.c.quarantined + counts.quarantined,
            )
        )


def finish(
    connection: Connection, run_id: int, *, state: RunState, at: datetime, error: str | None
) -> None:
    """Close a run."""
    connection.execute(
        update(runs).where(runs.c.id == run_id).values(state=state, ended_at=at, error=error)
    )


def newest_read(connection: Connection, profile: str, source: str) -> datetime | None:
    """When the newest event happened that its sender gave to a run; what was set aside isn't one.

    A page without events moves a position, but isn't in here.
    """
    newest: datetime | None = connection.execute(
        select(func.max(runs.c.newest)).where(
            runs.c.profile == profile,
            runs.c.source == source,
            runs.c.read > runs.c.quarantined,
        )
    ).scalar()
    return newest


def read_runs(
    connection: Connection,
    *,
    run_id: int | None = None,
    profile: str | None = None,
    kind: str | None = None,
    limit: int = 50,
) -> list[Run]:
    """Runs, newest first, with the number of their entries that still wait."""
    waiting = (
        select(func.count()).where(inbox.c.run_id == runs.c.id).correlate(runs).scalar_subquery()
    )
    query = select(runs, waiting.label("pending")).order_by(runs.c.id.desc()).limit(limit)
    if run_id is not None:
        query = query.where(runs.c.id == run_id)
    if profile is not None:
        query = query.where(runs.c.profile == profile)
    if kind is not None:
        query = query.where(runs.c.kind == kind)
    return [
        Run(**{**row, "state": RunState(row["state"])})
        for row in connection.execute(query).mappings()
    ]

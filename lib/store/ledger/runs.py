"""Walks along a road in the ledger: one record each, the newest change first.

A record is the JSON that `lib.runbook.runs.run_file` makes and reads; it holds no secret. What it
says is not looked into here.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, delete, insert, select

from lib.store.ledger.delivery_records import Transaction
from lib.store.ledger.tables import road_runs

KEPT: Final = 50
"""Walks of one profile; the oldest is forgotten beyond that."""


@dataclass(frozen=True, slots=True)
class RoadRunRecord:
    """A walk as it is kept: its id, its record, and when it was changed (UTC)."""

    id: str
    record: Mapping[str, Any]
    at: datetime


class RoadRunRecords:
    """The walks of profiles in one ledger."""

    def __init__(self, write: Transaction, read: Transaction) -> None:
        self._write = write
        self._read = read

    def keep(self, run_id: str, profile: str, record: Mapping[str, Any], *, at: datetime) -> None:
        """Put a walk in the place of its older state. Raises StoreError."""
        with self._write() as connection:
            _put(connection, profile, RoadRunRecord(run_id, record, at))

    def change(
        self,
        profile: str,
        decide: Callable[[list[Mapping[str, Any]]], RoadRunRecord | None],
    ) -> None:
        """Keep what `decide` makes of the walks as they are now; None changes nothing.

        Nobody writes between its reading and its keeping, in whichever process. It must not use
        the ledger. Raises StoreError.
        """
        with self._write() as connection:
            made = decide(_of(connection, profile))
            if made is not None:
                _put(connection, profile, made)

    def of(self, profile: str) -> list[Mapping[str, Any]]:
        """Every walk of a profile, the one that was changed last first."""
        with self._read() as connection:
            return _of(connection, profile)

    def forget(self, run_id: str) -> None:
        """Remove a walk."""
        with self._write() as connection:
            connection.execute(delete(road_runs).where(road_runs.c.id == run_id))


def _put(connection: Connection, profile: str, run: RoadRunRecord) -> None:
    text = json.dumps(run.record, ensure_ascii=False, separators=(",", ":"))
    connection.execute(delete(road_runs).where(road_runs.c.id == run.id))
    connection.execute(insert(road_runs).values(id=run.id, profile=profile, at=run.at, record=text))
    old = (
        select(road_runs.c.id)
        .where(road_runs.c.profile == profile)
        .order_by(road_runs.c.at.desc(), road_runs.c.id)
        .offset(KEPT)
    )
    gone = [one for (one,) in connection.execute(old)]
    if gone:
        connection.execute(delete(road_runs).where(road_runs.c.id.in_(gone)))


def _of(connection: Connection, profile: str) -> list[Mapping[str, Any]]:
    query = (
        select(road_runs.c.record)
        .where(road_runs.c.profile == profile)
        .order_by(road_runs.c.at.desc(), road_runs.c.id)
    )
    return [json.loads(record) for (record,) in connection.execute(query)]

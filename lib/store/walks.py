"""Walks along a road in the ledger: one record each, the newest change first.

A record is the JSON that `lib.runbook.runs` makes and reads; it holds no secret. What it says is
not looked into here.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, insert, select

from lib.store.arrivals import Transaction
from lib.store.tables import walks

KEPT: Final = 50
"""Walks of one profile; the oldest is forgotten beyond that."""


class Walks:
    """The walks of profiles in one ledger."""

    def __init__(self, write: Transaction, read: Transaction) -> None:
        self._write = write
        self._read = read

    def keep(self, walk_id: str, profile: str, record: Mapping[str, Any], *, at: datetime) -> None:
        """Put a walk in the place of its older state. Raises StoreError."""
        text = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
        with self._write() as connection:
            connection.execute(delete(walks).where(walks.c.id == walk_id))
            connection.execute(
                insert(walks).values(id=walk_id, profile=profile, at=at, record=text)
            )
            old = (
                select(walks.c.id)
                .where(walks.c.profile == profile)
                .order_by(walks.c.at.desc(), walks.c.id)
                .offset(KEPT)
            )
            gone = [one for (one,) in connection.execute(old)]
            if gone:
                connection.execute(delete(walks).where(walks.c.id.in_(gone)))

    def of(self, profile: str) -> list[Mapping[str, Any]]:
        """Every walk of a profile, the one that was changed last first."""
        query = (
            select(walks.c.record)
            .where(walks.c.profile == profile)
            .order_by(walks.c.at.desc(), walks.c.id)
        )
        with self._read() as connection:
            return [json.loads(record) for (record,) in connection.execute(query)]

    def forget(self, walk_id: str) -> None:
        """Remove a walk."""
        with self._write() as connection:
            connection.execute(delete(walks).where(walks.c.id == walk_id))

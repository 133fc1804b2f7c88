"""What webhooks bring into the ledger: deliveries kept, repeats known, refusals counted.

Many deliveries are kept in one transaction with the index that tells a repeat, so that an answer
of 2xx means durable and once. What is refused never gets that far: it is counted by reason and
minute, and a bounded ring holds the newest in detail, without a body.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Final

import orjson
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    RowMapping,
    delete,
    func,
    insert,
    select,
    type_coerce,
)

from lib.store.ledger.deliveries import (
    Drill,
    Kept,
    KeyUse,
    Notes,
    ReceivedDelivery,
    Reject,
    RejectCount,
    SyncRequest,
)
from lib.store.ledger.delivery_tables import (
    accepted,
    drills,
    key_uses,
    reject_counts,
    rejects,
    requested,
)
from lib.store.ledger.delivery_writes import drill_of, keep, note, read_drills
from lib.store.ledger.tables import UtcTime

KNOWN_FOR: Final = timedelta(days=30)
"""How long a body id is known, so that it comes back as a repeat."""
COUNTED_FOR: Final = timedelta(days=30)
_PRUNED_AT_ONCE: Final = 5_000
DRILLS_SEEN_S: Final = 0.5
"""Within what time every process knows of a drill that another one began."""

Transaction = Callable[[], AbstractContextManager[Connection]]


class DeliveryRecords:
    """The part of the ledger that is about webhooks."""

    def __init__(self, write: Transaction, read: Transaction) -> None:
        self._write = write
        self._read = read
        self._drills_at = 0.0

    def keep(
        self, deliveries: Sequence[ReceivedDelivery], notes: Notes | None = None
    ) -> list[Kept]:
        """Keep deliveries durably, all or none, and the notes with them; what became of each.

        Raises StoreError; then nothing of them is kept.
        """
        with self._write() as connection:
            kept = keep(connection, deliveries, self._exercises(connection))
            if notes:
                note(connection, notes)
        return kept

    def _exercises(self, connection: Connection) -> list[Drill]:
        """The drills that are on. Looked for now and then, and each time while there is one."""
        now = time.monotonic()
        if now < self._drills_at:
            return []
        found = read_drills(connection)
        self._drills_at = 0.0 if found else now + DRILLS_SEEN_S
        return found

    def prune(self, now: datetime) -> int:
        """Forget a part of the body ids and counts that are too old; how many ids."""
        with self._write() as connection:
            connection.execute(
                delete(reject_counts).where(reject_counts.c.minute < now - COUNTED_FOR)
            )
            oldest = select(accepted.c.id, accepted.c.first_seen).order_by(accepted.c.id)
            part = oldest.limit(_PRUNED_AT_ONCE).subquery()
            last = select(func.max(part.c.id)).where(part.c.first_seen < now - KNOWN_FOR)
            done = connection.execute(
                delete(accepted).where(accepted.c.id <= last.scalar_subquery())
            )
            return int(done.rowcount)

    # --- what was refused

    def rejects(  # noqa: PLR0913  # one for each thing that can be chosen
        self,
        profile: str,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        kinds: Sequence[str] = (),
        reasons: Sequence[str] = (),
        statuses: Sequence[int] = (),
        sizes: tuple[int | None, int | None] = (None, None),
        before: tuple[datetime, int] | None = None,
        limit: int = 100,
    ) -> list[Reject]:
        """Refusals in detail, newest first; `before` is time and id of the one to go on after.

        `sizes` are the least and most bytes. What is empty or None doesn't choose.
        """
        query = select(rejects).where(rejects.c.profile == profile)
        for column, least, most in ((rejects.c.at, since, until), (rejects.c.size, *sizes)):
            if least is not None:
                query = query.where(column >= least)
            if most is not None:
                query = query.where(column < most if column is rejects.c.at else column <= most)
        listed = ((rejects.c.kind, kinds), (rejects.c.reason, reasons))
        for column, values in (*listed, (rejects.c.status, statuses)):
            if values:
                query = query.where(column.in_(values))
        if before is not None:
            at, last = before
            query = query.where(
                (rejects.c.at < at) | ((rejects.c.at == at) & (rejects.c.id < last))
            )
        query = query.order_by(rejects.c.at.desc(), rejects.c.id.desc()).limit(limit)
        with self._read() as connection:
            return [_reject(row) for row in connection.execute(query).mappings()]

    def reject(self, profile: str, number: int) -> Reject | None:
        """One refusal in detail by its id; None if the ring has lost it."""
        query = select(rejects).where(rejects.c.profile == profile, rejects.c.id == number)
        with self._read() as connection:
            row = connection.execute(query).mappings().one_or_none()
        return None if row is None else _reject(row)

    def reject_counts(
        self, profile: str, since: datetime, until: datetime, *, minutes: int | None = 1
    ) -> list[RejectCount]:
        """How many were refused, by time, kind and reason; of the minutes that begin in a span.

        `minutes` long parts of time, counted from 1970, are summed; `minute` is where one begins.
        None sums all of the span, which begins at its first minute with any.
        """
        table = reject_counts.c
        begins: ColumnElement[datetime] = func.min(table.minute)
        times: tuple[ColumnElement[datetime], ...] = ()
        if minutes is not None:
            part = minutes * 60_000_000
            begins = type_coerce(type_coerce(table.minute, BigInteger) // part * part, UtcTime)
            times = (begins,)
        query = (
            select(
                begins.label("minute"),
                table.profile,
                table.kind,
                table.reason,
                func.sum(table.times).label("times"),
            )
            .where(table.profile == profile, table.minute >= since, table.minute < until)
            .group_by(*times, table.profile, table.kind, table.reason)
            .order_by(begins, table.kind, table.reason)
        )
        with self._read() as connection:
            return [
                RejectCount(**{**row, "times": int(row["times"])})
                for row in connection.execute(query).mappings()
            ]

    def key_uses(self, profile: str) -> list[KeyUse]:
        """The keys of a profile that were ever used."""
        query = select(key_uses).where(key_uses.c.profile == profile)
        with self._read() as connection:
            return [KeyUse(**row) for row in connection.execute(query).mappings()]

    # --- accounts that ask for a sync

    def requested(self, profile: str) -> list[SyncRequest]:
        """The accounts of a profile that ask for a sync, longest first."""
        query = select(requested).where(requested.c.profile == profile).order_by(requested.c.since)
        with self._read() as connection:
            return [SyncRequest(**row) for row in connection.execute(query).mappings()]

    def served(self, done: Iterable[SyncRequest]) -> None:
        """Forget requests that were followed; who asked again meanwhile still asks."""
        with self._write() as connection:
            for one in done:
                connection.execute(
                    delete(requested).where(
                        requested.c.profile == one.profile,
                        requested.c.account_id == one.account_id,
                        requested.c.last_at <= one.last_at,
                    )
                )

    # --- drills

    def drills(self, profile: str) -> list[Drill]:
        """The drills of a profile that aren't over."""
        query = select(drills).where(drills.c.profile == profile, drills.c.remaining > 0)
        with self._read() as connection:
            return [drill_of(row) for row in connection.execute(query).mappings()]

    def set_drill(self, drill: Drill) -> None:
        """Begin a drill in place of the one before; with 0 remaining there is none."""
        key = (drills.c.profile == drill.profile, drills.c.kind == drill.kind)
        with self._write() as connection:
            connection.execute(delete(drills).where(*key))
            if drill.remaining > 0:
                connection.execute(insert(drills).values(asdict(drill)))
        self._drills_at = 0.0


def _reject(row: RowMapping) -> Reject:
    return Reject(**{**row, "headers": orjson.loads(row["headers"])})

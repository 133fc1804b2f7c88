"""The inbox of the ledger: what waits, the positions of its readers, and what has been read.

Pages are stored in one transaction with the position in their stream, so that nothing is lost and
nothing is read twice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select

import lib.store.ledger.reading_runs as runs  # `from lib.store` would wait for the package
from lib.store.ledger.delivery_records import Transaction
from lib.store.ledger.inbox import EntryKind, InboxEntry, NewEntry, Position, pack
from lib.store.ledger.reading_runs import Counts
from lib.store.ledger.tables import inbox, positions, put_meta, reads
from lib.store.pair_mark import COMMIT
from lib.store.spans import Span, union

DELIVERIES_A_PAGE: Final = 50
"""How many deliveries weigh as much as a page, for whoever takes them in small steps."""


@dataclass(frozen=True, slots=True)
class Progress:
    """What a page adds to its run: events read, and the oldest and newest of them."""

    read: int
    pages: int = 1
    oldest: datetime | None = None
    newest: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReadSpan:
    """A span that is read to the end: everything of `source` and `filter` in it is in the inbox."""

    profile: str
    source: str
    span: Span
    filter: str = ""


_ANY_TIME = datetime(1970, 1, 1, tzinfo=UTC)
_ENTRY_COLUMNS = [
    inbox.c[name] if name != "packed" else inbox.c.body.label("packed")
    for name in InboxEntry.__slots__
]


class InboxRecords:
    """What waits, and where its readers are."""

    def __init__(self, write: Transaction, read: Transaction) -> None:
        self._write = write
        self._read = read

    def acknowledge(
        self,
        entries: Sequence[NewEntry] = (),
        *,
        position: Position | None = None,
        forget: Position | None = None,
        read: ReadSpan | None = None,
        run_id: int | None = None,
        progress: Progress | None = None,
    ) -> None:
        """Keep what came and where it came from, all or nothing, durably.

        `position` is stored, `forget` is removed (a window that was read to its end), `read` joins
        the spans that are read, `progress` is added to the run.

        Raises StoreError for a run that was ended from outside: the positions it knows aren't true.
        """
        rows = [_row(entry, run_id) for entry in entries]
        with self._write() as connection:
            if run_id is not None and (position is not None or read is not None):
                runs.check_running(connection, run_id)
            if rows:
                connection.execute(insert(inbox), rows)
            for old in (position, forget):
                if old is not None:
                    connection.execute(delete(positions).where(*_same_key(old)))
            if position is not None:
                connection.execute(insert(positions).values(_position_row(position)))
            if read is not None:
                _join_read(connection, read)
            if run_id is not None and progress is not None:
                runs.note_read(
                    connection,
                    run_id,
                    pages=progress.pages,
                    read=progress.read,
                    position=None if position is None else position.position,
                    oldest=progress.oldest,
                    newest=progress.newest,
                )

    def take(self, limit: int, *, max_bytes: int = 64_000_000) -> list[InboxEntry]:
        """The oldest entries that wait, in order, at least one if any; they stay in the inbox.

        `limit` counts pages; a page weighs as much as many deliveries.
        """
        with self._read() as connection:
            sizes = connection.execute(
                select(inbox.c.id, inbox.c.size, inbox.c.kind)
                .order_by(inbox.c.id)
                .limit(limit * DELIVERIES_A_PAGE)
            ).all()
            last, total, weight = None, 0, 0
            for entry_id, size, kind in sizes:
                total += size
                weight += 1 if kind == EntryKind.DELIVERY else DELIVERIES_A_PAGE
                full = total > max_bytes or weight > limit * DELIVERIES_A_PAGE
                if last is not None and full:
                    break
                last = entry_id
            if last is None:
                return []
            query = select(*_ENTRY_COLUMNS).where(inbox.c.id <= last).order_by(inbox.c.id)
            return [
                InboxEntry(number, EntryKind(kind), *rest)
                for number, kind, *rest in connection.execute(query)
            ]

    def drained(self, ids: Sequence[int], by_run: Mapping[int, Counts], commit: str) -> None:
        """Delete entries whose events the event store has committed, and count them.

        `commit` is the name of the event store's last commit, which this ledger fits from then on.
        """
        with self._write() as connection:
            for start in range(0, len(ids), 500):
                part = ids[start : start + 500]
                connection.execute(delete(inbox).where(inbox.c.id.in_(part)))
            runs.note_drained(connection, by_run)
            put_meta(connection, {COMMIT: commit})

    def waiting(self, *, run_id: int | None = None, profile: str | None = None) -> int:
        """How many entries wait."""
        query = select(func.count()).select_from(inbox)
        if run_id is not None:
            query = query.where(inbox.c.run_id == run_id)
        if profile is not None:
            query = query.where(inbox.c.profile == profile)
        with self._read() as connection:
            return int(connection.execute(query).scalar_one())

    def oldest_waiting(self) -> datetime | None:
        """When the oldest waiting entry came; None when nothing waits."""
        query = select(inbox.c.received_at).order_by(inbox.c.id).limit(1)
        with self._read() as connection:
            return connection.execute(query).scalar_one_or_none()

    def position(
        self, profile: str, source: str, stream: str, filter_: str = ""
    ) -> Position | None:
        """The stored position of one reader."""
        key = Position(profile, source, stream, filter_, None, _ANY_TIME)
        with self._read() as connection:
            row = connection.execute(select(positions).where(*_same_key(key))).one_or_none()
        return None if row is None else Position(*row)

    def positions(self, profile: str, source: str, stream: str) -> list[Position]:
        """The stored positions of one stream, every filter."""
        query = select(positions).where(
            positions.c.profile == profile,
            positions.c.source == source,
            positions.c.stream == stream,
        )
        with self._read() as connection:
            return [Position(*row) for row in connection.execute(query)]

    def all_positions(self, profile: str, source: str) -> list[Position]:
        """The stored positions of every stream of a source."""
        query = select(positions).where(
            positions.c.profile == profile, positions.c.source == source
        )
        with self._read() as connection:
            return [Position(*row) for row in connection.execute(query)]

    def reads(self, profile: str, source: str, filter_: str = "") -> list[Span]:
        """The spans that are read to the end, oldest first (some may still wait in the inbox)."""
        with self._read() as connection:
            return _reads(connection, profile, source, filter_)


def _row(entry: NewEntry, run_id: int | None) -> dict[str, object]:
    return {
        "run_id": run_id if run_id is not None else entry.run_id,
        "kind": entry.kind,
        "profile": entry.profile,
        "source": entry.source,
        "stream": entry.stream,
        "enterprise_id": entry.enterprise_id,
        "account_id": entry.account_id,
        "received_at": entry.received_at,
        "size": len(entry.body),
        "body": pack(entry.body),
        "meta": entry.meta,
    }


def _position_row(position: Position) -> dict[str, object]:
    return {name: getattr(position, name) for name in Position.__slots__}


def _same_key(position: Position) -> tuple[ColumnElement[bool], ...]:
    return (
        positions.c.profile == position.profile,
        positions.c.source == position.source,
        positions.c.stream == position.stream,
        positions.c.filter == position.filter,
    )


def _reads(connection: Connection, profile: str, source: str, filter_: str) -> list[Span]:
    query = select(reads.c.from_at, reads.c.to_at, reads.c.read_at).where(
        reads.c.profile == profile, reads.c.source == source, reads.c.filter == filter_
    )
    return union(Span(*row) for row in connection.execute(query))


def _join_read(connection: Connection, new: ReadSpan) -> None:
    spans = union([*_reads(connection, new.profile, new.source, new.filter), new.span])
    key = {"profile": new.profile, "source": new.source, "filter": new.filter}
    connection.execute(
        delete(reads).where(*(reads.c[name] == value for name, value in key.items()))
    )
    connection.execute(
        insert(reads),
        [{**key, "from_at": s.start, "to_at": s.end, "read_at": s.read_at or s.end} for s in spans],
    )

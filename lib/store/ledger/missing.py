"""What was read or received once and the event store has no more: to be read again, or lost.

It is found when the owner opens two stores that don't fit (`lib.activity.ingest.pairing`). One
transaction marks it as unread, forgets the positions behind it and names it here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

import orjson
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Index,
    Integer,
    String,
    Table,
    and_,
    delete,
    func,
    insert,
    select,
    update,
)

from lib.store.ledger.delivery_records import Transaction
from lib.store.ledger.delivery_tables import accepted
from lib.store.ledger.inbox import EntryKind
from lib.store.ledger.reading_runs import Run, end_running, read_runs
from lib.store.ledger.tables import (
    UtcTime,
    inbox,
    meta,
    metadata,
    positions,
    put_meta,
    reads,
    row_id,
    runs,
)
from lib.store.pair_mark import COMMIT, GENERATION, PairMark
from lib.store.spans import Span

missing = Table(
    "missing",
    metadata,
    row_id(),
    Column("profile", String(80), nullable=False),
    Column("source", String(20), nullable=False),
    Column("from_at", UtcTime, nullable=False),
    Column("to_at", UtcTime, nullable=False),
    Column("readable", Boolean, nullable=False),
    Column("calls", Integer, nullable=False),
    Column("events", BigInteger),
    Column("found_at", UtcTime, nullable=False),
    Column("reported_at", UtcTime),
)
Index("missing_profile", missing.c.profile)
_IMPORTS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Missing:
    """A span of a source that the event store lacks. Times are UTC, `to_at` is exclusive.

    `readable` says whether its sender can still be asked: then about `calls` requests bring it
    back. `events` is how many there were, where that is known; `reported_at` when a sync
    said so.
    """

    profile: str
    source: str
    from_at: datetime
    to_at: datetime
    found_at: datetime
    readable: bool = False
    calls: int = 0
    events: int | None = None
    reported_at: datetime | None = None

    @property
    def span(self) -> Span:
        """From when to when."""
        return Span(self.from_at, self.to_at)


@dataclass(frozen=True, slots=True)
class ReadKey:
    """What spans and positions are kept by: a profile, a source and the part of it."""

    profile: str
    source: str
    filter: str = ""


@dataclass(frozen=True, slots=True)
class ReadTotals:
    """What all runs of reading a source brought: pages, new events, the newest of them."""

    profile: str
    source: str
    pages: int
    added: int
    newest: datetime | None


@dataclass(frozen=True, slots=True)
class Unfit:
    """What has to change in the ledger so that both stores are a pair again.

    `kept` are the spans that stay read; the positions of `streams` are forgotten, and runs that go
    on at that time (`at`) are ended.
    """

    at: datetime
    mark: PairMark
    missing: Sequence[Missing]
    kept: Mapping[ReadKey, Sequence[Span]]
    streams: Sequence[str]


class MissingRecords:
    """What the event store lacks, and the ledger's mark of the pair."""

    def __init__(self, write: Transaction, read: Transaction) -> None:
        self._write = write
        self._read = read

    def mark(self) -> PairMark:
        """The ledger's mark; empty texts where it has none yet."""
        with self._read() as connection:
            rows = connection.execute(select(meta.c.name, meta.c.value))
            found = {row.name: row.value for row in rows}
        return PairMark(found.get(GENERATION, ""), found.get(COMMIT, ""))

    def set_mark(self, mark: PairMark) -> None:
        """Set the ledger's mark."""
        with self._write() as connection:
            put_meta(connection, {GENERATION: mark.generation, COMMIT: mark.commit})

    def of(self, profile: str) -> list[Missing]:
        """What is missing of a profile, oldest first."""
        columns = [missing.c[name] for name in Missing.__slots__]
        query = select(*columns).where(missing.c.profile == profile)
        with self._read() as connection:
            return [Missing(*row) for row in connection.execute(query.order_by(missing.c.from_at))]

    def mend(self, unfit: Unfit) -> None:
        """Mark what is missing as unread and name it, and note the new mark. All or nothing."""
        with self._write() as connection:
            for key, spans in unfit.kept.items():
                connection.execute(delete(reads).where(*_same(key)))
                rows = [
                    {
                        "profile": key.profile,
                        "source": key.source,
                        "filter": key.filter,
                        "from_at": span.start,
                        "to_at": span.end,
                        "read_at": span.read_at or span.end,
                    }
                    for span in spans
                ]
                if rows:
                    connection.execute(insert(reads), rows)
            connection.execute(delete(positions).where(positions.c.stream.in_(unfit.streams)))
            # their pages may have been in what is gone
            connection.execute(delete(inbox).where(inbox.c.kind == EntryKind.COVERAGE))
            end_running(connection, unfit.at)
            _name(connection, unfit.missing)
            put_meta(connection, {GENERATION: unfit.mark.generation, COMMIT: unfit.mark.commit})

    def replace(self, profile: str, source: str, items: Sequence[Missing]) -> None:
        """Name these instead of all that were named of a source."""
        with self._write() as connection:
            connection.execute(
                delete(missing).where(missing.c.profile == profile, missing.c.source == source)
            )
            _name(connection, items)

    def reported(self, profile: str, at: datetime) -> None:
        """Note that somebody was told of everything that is missing."""
        with self._write() as connection:
            connection.execute(
                update(missing)
                .where(missing.c.profile == profile, missing.c.reported_at.is_(None))
                .values(reported_at=at)
            )

    def totals(self) -> list[ReadTotals]:
        """What all runs of reading brought, by profile and source."""
        query = (
            select(
                runs.c.profile,
                runs.c.source,
                func.sum(runs.c.pages),
                func.sum(runs.c.added),
                func.max(runs.c.newest),
            )
            .where(runs.c.kind == "sync")
            .group_by(runs.c.profile, runs.c.source)
        )
        with self._read() as connection:
            return [
                ReadTotals(profile, source, int(pages), int(added), newest)
                for profile, source, pages, added, newest in connection.execute(query)
            ]

    def read_keys(self) -> list[ReadKey]:
        """Everything of which spans are read."""
        query = select(reads.c.profile, reads.c.source, reads.c.filter).distinct()
        with self._read() as connection:
            return [ReadKey(*row) for row in connection.execute(query)]

    def waiting_coverage(self) -> list[tuple[str, str, int, bytes]]:
        """The coverage markers that wait in the inbox: profile, source, size, packed body."""
        columns = (inbox.c.profile, inbox.c.source, inbox.c.size, inbox.c.body)
        query = select(*columns).where(inbox.c.kind == EntryKind.COVERAGE)
        with self._read() as connection:
            return [(p, s, size, bytes(body)) for p, s, size, body in connection.execute(query)]

    def imports(self) -> list[Run]:
        """All imports of files."""
        with self._read() as connection:
            return read_runs(connection, kind="import", limit=_IMPORTS)

    def accepted(self) -> list[tuple[str, str, datetime]]:
        """The deliveries that were drained once: profile, body id, when it came first."""
        waiting = select(inbox.c.profile, inbox.c.meta).where(inbox.c.kind == EntryKind.DELIVERY)
        query = select(accepted.c.profile, accepted.c.body_id, accepted.c.first_seen)
        with self._read() as connection:
            still = {
                (profile, str(orjson.loads(text)["body_id"]))
                for profile, text in connection.execute(waiting)
                if text
            }
            rows = connection.execute(query).all()
        return [(p, body, at) for p, body, at in rows if (p, body) not in still]


def _same(key: ReadKey) -> tuple[ColumnElement[bool], ...]:
    return (
        reads.c.profile == key.profile,
        reads.c.source == key.source,
        reads.c.filter == key.filter,
    )


def _name(connection: Connection, items: Sequence[Missing]) -> None:
    """Add what is missing; what is named already isn't named twice."""
    for one in items:
        same = and_(
            missing.c.profile == one.profile,
            missing.c.source == one.source,
            missing.c.from_at == one.from_at,
            missing.c.to_at == one.to_at,
        )
        connection.execute(delete(missing).where(same))
        connection.execute(insert(missing).values(**asdict(one)))

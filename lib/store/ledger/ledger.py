"""The ledger: what must be transactional and shared by processes.

It holds the inbox with the stream positions, what has been read, runs, the people of an enterprise,
health and the audit record. Any process may write it. SQLite by default (WAL, synchronous=FULL);
the only places that name a database are `tables.make_engine` and the upserts. It never holds a
credential.
"""

import threading
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Self

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    delete,
    func,
    insert,
    select,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

import lib.store.ledger.reading_runs as runs  # `from lib.store` would wait for the package
import lib.store.ledger.records as records  # noqa: PLR0402  # `from lib.store` would wait for the package
from lib.core.errors import StoreError, Who
from lib.core.private_files import touch_private
from lib.core.redaction import redact
from lib.core.version import VERSION
from lib.store.ledger.delivery_records import DeliveryRecords
from lib.store.ledger.delivery_tables import TABLES as WEBHOOK_TABLES
from lib.store.ledger.finding_tables import TABLES as FINDING_TABLES
from lib.store.ledger.findings import FindingBook
from lib.store.ledger.health import HealthBook
from lib.store.ledger.health_tables import TABLES as HEALTH_TABLES
from lib.store.ledger.inbox import EntryKind, InboxEntry, NewEntry, Position, pack
from lib.store.ledger.reading_runs import Counts, Run, RunState
from lib.store.ledger.records import AuditEntry, KnownPerson
from lib.store.ledger.runs import RoadRunRecords
from lib.store.ledger.saved_views import Views, saved_views
from lib.store.ledger.tables import (
    LEDGER_VERSION,
    MIGRATIONS,
    inbox,
    make_engine,
    meta,
    metadata,
    people,
    positions,
    reads,
    road_runs,
)
from lib.store.ledger.tables import runs as runs_table
from lib.store.schema_version import (
    APP,
    SCHEMA,
    NewerStoreError,
    OnUpgrade,
    UpgradeProgress,
    ignore,
)
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


_Turn = AbstractContextManager[object]


class Ledger:
    """One ledger, usable from every thread."""

    def __init__(self, engine: Engine, *, on_progress: OnUpgrade = ignore) -> None:
        self.full = threading.Event()
        """Set by the drain of a session whose event store takes no more; readers then stop."""
        self._engine = engine
        # One that is merely forgotten, a session's or one that failed to open, lets go as well.
        weakref.finalize(self, engine.dispose)
        self._reading = engine.execution_options(read_only=True)
        # A ledger in memory is one connection: its threads take turns. A file has one writer, and
        # whom SQLite itself lets wait looks again only after a sleep.
        in_memory = str(engine.url) == "sqlite://"
        turn: _Turn = threading.RLock() if engine.dialect.name == "sqlite" else nullcontext()
        self._turn: _Turn = turn if in_memory else nullcontext()
        self._write_turn: _Turn = turn
        self.deliveries = DeliveryRecords(self._write, self._read)
        """What webhooks bring."""
        self.health = HealthBook(self._write, self._read)
        """Verdicts over time, incidents, alerts."""
        self.road_runs = RoadRunRecords(self._write, self._read)
        self.findings = FindingBook(self._write, self._read)
        """What detections found, and what was decided about it."""
        self.views = Views(self._write, self._read)
        """Choices of events with a name."""
        self._prepare(on_progress)

    @classmethod
    def open(cls, url: str, *, on_progress: OnUpgrade = ignore) -> Self:
        """Open or make the ledger at a SQLAlchemy URL (`sqlite:////data/ledger.sqlite`).

        Raises StoreError when it can't be opened or belongs to a newer version of the app.
        """
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite" and parsed.database:
            touch_private(Path(parsed.database))  # SQLite gives its journals the same mode
        engine = make_engine(url)
        try:
            return cls(engine, on_progress=on_progress)
        except BaseException:
            engine.dispose()  # the error may be kept, and with it what it is about
            raise

    @classmethod
    def in_memory(cls) -> Self:
        """A ledger for one session: nothing is written to disk, gone with `close`."""
        return cls(make_engine("sqlite://"))

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    # --- the inbox and its positions

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
        """
        rows = [_row(entry, run_id) for entry in entries]
        with self._write() as connection:
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

    def drained(self, ids: Sequence[int], by_run: Mapping[int, Counts]) -> None:
        """Delete entries whose events the event store has committed, and count them."""
        with self._write() as connection:
            for start in range(0, len(ids), 500):
                part = ids[start : start + 500]
                connection.execute(delete(inbox).where(inbox.c.id.in_(part)))
            runs.note_drained(connection, by_run)

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

    # --- runs

    def begin_run(self, *, kind: str, profile: str, source: str, at: datetime) -> int:
        """Open a run; its id."""
        with self._write() as connection:
            return runs.begin(connection, kind=kind, profile=profile, source=source, at=at)

    def finish_run(
        self, run_id: int, *, state: RunState, at: datetime, error: str | None = None
    ) -> None:
        """Close a run; `error` is a text for people."""
        text = None if error is None else redact(error)
        with self._write() as connection:
            runs.finish(connection, run_id, state=state, at=at, error=text)

    def run(self, run_id: int) -> Run | None:
        """One run with its counts as they are now."""
        with self._read() as connection:
            found = runs.read_runs(connection, run_id=run_id)
        return found[0] if found else None

    def runs(
        self, profile: str | None = None, *, kind: str | None = None, limit: int = 50
    ) -> list[Run]:
        """Runs, newest first."""
        with self._read() as connection:
            return runs.read_runs(connection, profile=profile, kind=kind, limit=limit)

    # --- people and audit

    def remember_people(self, profile: str, known: Iterable[KnownPerson], at: datetime) -> int:
        """Add people or bring them up to date; how many."""
        with self._write() as connection:
            return records.remember_people(connection, profile, known, at)

    def people(self, profile: str) -> list[KnownPerson]:
        """Everyone known of a profile."""
        with self._read() as connection:
            return records.read_people(connection, profile)

    def people_version(self, profile: str) -> tuple[int, datetime | None]:
        """A value that changes when the people of a profile do."""
        with self._read() as connection:
            return records.people_version(connection, profile)

    def audit(self, entry: AuditEntry) -> None:
        """Add a line to the audit record; secrets in its texts are hidden."""
        with self._write() as connection:
            connection.execute(records.audit_insert(_redacted(entry)))

    def audit_entries(
        self, *, profile: str | None = None, limit: int | None = 1000
    ) -> list[AuditEntry]:
        """Lines of the audit record, newest first; `limit` None reads all."""
        with self._read() as connection:
            return list(records.read_audit(connection, profile=profile, limit=limit))

    def delete_profile(self, profile: str) -> None:
        """Forget all of a profile but the audit record."""
        tables = (
            inbox,
            positions,
            reads,
            runs_table,
            people,
            road_runs,
            saved_views,
            *HEALTH_TABLES,
            *WEBHOOK_TABLES,
            *FINDING_TABLES,
        )
        with self._write() as connection:
            for table in tables:
                connection.execute(delete(table).where(table.c.profile == profile))

    # --- the database

    def ping(self) -> None:
        """Raise StoreError if the ledger can't be read."""
        with self._read() as connection:
            connection.execute(select(meta.c.value).limit(1)).all()

    @contextmanager
    def _write(self) -> Iterator[Connection]:
        with self._write_turn, _explained(self._engine), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def _read(self) -> Iterator[Connection]:
        with self._turn, _explained(self._engine), self._reading.begin() as connection:
            yield connection

    def _prepare(self, on_progress: OnUpgrade) -> None:
        with self._write() as connection:
            metadata.create_all(connection)
            rows = connection.execute(select(meta.c.name, meta.c.value))
            found = {row.name: row.value for row in rows}
            version = int(found.get(SCHEMA, 0))
            if version > LEDGER_VERSION:
                raise NewerStoreError("ledger", version, LEDGER_VERSION, found.get(APP))
            if SCHEMA in found:
                _migrate(connection, version, on_progress)
            if version < LEDGER_VERSION:
                for name, value in ((SCHEMA, str(LEDGER_VERSION)), (APP, VERSION)):
                    connection.execute(delete(meta).where(meta.c.name == name))
                    connection.execute(insert(meta).values(name=name, value=value))


_ANY_TIME = datetime(1970, 1, 1, tzinfo=UTC)
_ENTRY_COLUMNS = [
    inbox.c[name] if name != "packed" else inbox.c.body.label("packed")
    for name in InboxEntry.__slots__
]


def _migrate(connection: Connection, version: int, on_progress: OnUpgrade) -> None:
    """Bring the tables of a ledger of an earlier version up to this one."""
    steps = range(version + 1, LEDGER_VERSION + 1)
    for number, step in enumerate(steps):
        on_progress(UpgradeProgress("Upgrading the ledger", number, len(steps)))
        for statement in MIGRATIONS.get(step, ()):
            connection.exec_driver_sql(statement)


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


def _redacted(entry: AuditEntry) -> AuditEntry:
    def clean(text: str | None) -> str | None:
        return None if text is None else redact(text)

    return AuditEntry(
        at=entry.at,
        who=redact(entry.who),
        what=entry.what,
        profile=entry.profile,
        subject=clean(entry.subject),
        outcome=entry.outcome,
        detail=clean(entry.detail),
    )


@contextmanager
def _explained(engine: Engine) -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        original = getattr(error, "orig", None)
        name = engine.url.render_as_string(hide_password=True)
        raise StoreError(
            f"The ledger can't be used ({name.rsplit('/', 1)[-1] or 'in memory'}).",
            cause=redact(str(original or type(error).__name__)) + ".",
            fix="Check that the data folder is writable, has free space, and that the file is a"
            " ledger of this app.",
            who=Who.YOU,
        ) from error

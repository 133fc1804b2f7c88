"""The ledger: what must be transactional and shared by processes.

It holds the inbox with the stream positions, what has been read, runs, the people of an enterprise,
health and the audit record. Any process may write it. SQLite by default (WAL, synchronous=FULL);
the only places that name a database are `tables.make_engine` and the upserts. It never holds a
credential.
"""

import threading
import weakref
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import Self

from sqlalchemy import (
    Connection,
    Engine,
    delete,
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
from lib.core.system_errors import fix_of_engine
from lib.core.version import VERSION
from lib.store.ledger.delivery_records import DeliveryRecords
from lib.store.ledger.delivery_tables import TABLES as WEBHOOK_TABLES
from lib.store.ledger.finding_tables import TABLES as FINDING_TABLES
from lib.store.ledger.findings import FindingBook
from lib.store.ledger.health import HealthBook
from lib.store.ledger.health_tables import TABLES as HEALTH_TABLES
from lib.store.ledger.inbox_records import InboxRecords
from lib.store.ledger.missing import MissingRecords, missing
from lib.store.ledger.reading_runs import Run, RunState
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
        self.inbox = InboxRecords(self._write, self._read)
        """What waits, the positions of its readers, and what has been read."""
        self.deliveries = DeliveryRecords(self._write, self._read)
        """What webhooks bring."""
        self.missing = MissingRecords(self._write, self._read)
        """What the event store lacks, and which event store it is."""
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

    def newest_read(self, profile: str, source: str) -> datetime | None:
        """When the newest event happened that was read from a source (UTC)."""
        with self._read() as connection:
            return runs.newest_read(connection, profile, source)

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
            missing,
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


def _migrate(connection: Connection, version: int, on_progress: OnUpgrade) -> None:
    """Bring the tables of a ledger of an earlier version up to this one."""
    steps = range(version + 1, LEDGER_VERSION + 1)
    for number, step in enumerate(steps):
        on_progress(UpgradeProgress("Upgrading the ledger", number, len(steps)))
        for statement in MIGRATIONS.get(step, ()):
            connection.exec_driver_sql(statement)


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
            fix=fix_of_engine(str(original)),
            who=Who.YOU,
        ) from error

"""The ledger's tables (SQLAlchemy Core) and how an SQLite engine is made for them.

Times are kept as integers, microseconds since 1970 UTC, so that every database sorts and compares
them alike. Texts of other systems (positions, ids) are never turned into numbers.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    DDL,
    BigInteger,
    Column,
    Connection,
    Engine,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    create_engine,
    delete,
    event,
    insert,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.pool import StaticPool

LEDGER_VERSION: Final = 3
MIGRATIONS: Final[dict[int, tuple[str, ...]]] = {
    2: ("ALTER TABLE inbox ADD COLUMN meta TEXT",),
}
"""What makes a ledger of the version before into this one; whole tables come by themselves."""
BUSY_MS: Final = 30_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class UtcTime(TypeDecorator[datetime]):
    """An aware time, kept as microseconds since 1970 UTC."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """To microseconds; a naive time is refused, because nobody knows when it is."""
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            msg = "a time without a time zone"
            raise ValueError(msg)
        return (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """Back to a time in UTC."""
        del dialect
        return None if value is None else _EPOCH + timedelta(microseconds=value)


metadata = MetaData()
# SQLite only numbers rows by itself in an INTEGER key.
_Id: Final = BigInteger().with_variant(Integer, "sqlite")


def row_id() -> Column[int]:
    """A key that the database counts up."""
    return Column("id", _Id, primary_key=True, autoincrement=True)


# The audit record can be added to, never changed: the database itself refuses.
for _change in ("UPDATE", "DELETE"):
    event.listen(
        metadata,
        "after_create",
        DDL(  # type: ignore[no-untyped-call]
            f"CREATE TRIGGER IF NOT EXISTS audit_no_{_change.lower()} BEFORE {_change} ON audit "
            "BEGIN SELECT RAISE(ABORT, 'the audit record is append-only'); END"
        ).execute_if(dialect="sqlite"),
    )

meta = Table(
    "meta",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", Text, nullable=False),
)
inbox = Table(
    "inbox",
    metadata,
    row_id(),
    Column("run_id", _Id),
    Column("kind", String(20), nullable=False),
    Column("profile", String(80), nullable=False),
    Column("source", String(20), nullable=False),
    Column("stream", String(40)),
    Column("enterprise_id", Text),
    Column("account_id", Text),
    Column("received_at", UtcTime, nullable=False),
    Column("size", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("meta", Text),
    sqlite_autoincrement=True,  # a number is never used twice, so a repeat is seen as one
)
Index("inbox_run", inbox.c.run_id)
positions = Table(
    "positions",
    metadata,
    Column("profile", String(80), primary_key=True),
    Column("source", String(20), primary_key=True),
    Column("stream", String(40), primary_key=True),
    Column("filter", String(200), primary_key=True),
    Column("position", Text),
    Column("at", UtcTime, nullable=False),
)
reads = Table(
    "reads",
    metadata,
    row_id(),
    Column("profile", String(80), nullable=False),
    Column("source", String(20), nullable=False),
    Column("filter", String(200), nullable=False),
    Column("from_at", UtcTime, nullable=False),
    Column("to_at", UtcTime, nullable=False),
    Column("read_at", UtcTime, nullable=False),
)
Index("reads_key", reads.c.profile, reads.c.source, reads.c.filter)
runs = Table(
    "runs",
    metadata,
    row_id(),
    Column("kind", String(20), nullable=False),
    Column("profile", String(80), nullable=False),
    Column("source", String(20), nullable=False),
    Column("state", String(20), nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    Column("pages", BigInteger, nullable=False, default=0),
    Column("read", BigInteger, nullable=False, default=0),
    Column("added", BigInteger, nullable=False, default=0),
    Column("repeated", BigInteger, nullable=False, default=0),
    Column("quarantined", BigInteger, nullable=False, default=0),
    Column("position", Text),
    Column("oldest", UtcTime),
    Column("newest", UtcTime),
    Column("error", Text),
)
Index("runs_profile", runs.c.profile, runs.c.id)
people = Table(
    "people",
    metadata,
    Column("profile", String(80), primary_key=True),
    Column("user_id", String(80), primary_key=True),
    Column("login", Text),
    Column("name", Text),
    Column("kind", String(20), nullable=False),
    Column("seen_at", UtcTime, nullable=False),
)
audit = Table(
    "audit",
    metadata,
    row_id(),
    Column("at", UtcTime, nullable=False),
    Column("who", Text, nullable=False),
    Column("what", String(80), nullable=False),
    Column("profile", String(80)),
    Column("subject", Text),
    Column("outcome", String(20), nullable=False),
    Column("detail", Text),
    sqlite_autoincrement=True,
)

road_runs = Table(
    "walks",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("profile", String(80), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("record", Text, nullable=False),
)
Index("walks_profile", road_runs.c.profile, road_runs.c.at)


def put_meta(connection: Connection, values: dict[str, str]) -> None:
    """Write rows of `meta` inside a transaction."""
    for name, value in values.items():
        connection.execute(delete(meta).where(meta.c.name == name))
        connection.execute(insert(meta).values(name=name, value=value))


def upsert(connection: Connection, table: Table) -> "sqlite.Insert | postgresql.Insert":
    """An INSERT that knows what to do on conflict, in the connection's own dialect."""
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)


def make_engine(url: str) -> Engine:
    """An engine for a ledger. SQLite files get WAL, synchronous=FULL and a busy timeout.

    `sqlite://` alone is a ledger in memory: one connection, shared by the threads of this process.
    """
    if url == "sqlite://":
        engine = create_engine(url, poolclass=StaticPool, connect_args={"check_same_thread": False})
    else:
        engine = create_engine(url, connect_args={"check_same_thread": False, "timeout": 30})
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _pragmas)
        event.listen(engine, "begin", _begin_immediate)
        # Rows in one statement: sqlite3 gives up the interpreter at each, and beside busy pages
        # getting it back takes longer than the row.
        engine.dialect.use_insertmanyvalues_wo_returning = True
    return engine


def _pragmas(connection: Any, _record: Any) -> None:
    # The driver must not open transactions on its own, or `begin` below comes too late.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_MS}")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA temp_store=MEMORY")
    cursor.close()


def _begin_immediate(connection: Any) -> None:
    # A reader that turns writer inside its transaction is refused at once while another writes;
    # taking the write lock first makes it wait instead. Readers say so and begin plainly.
    read_only = connection.get_execution_options().get("read_only", False)
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

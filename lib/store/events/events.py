"""The event store: what is charted, in DuckDB, owned by one process.

It keeps normalised events, the deliveries of webhooks as they came, what was quarantined, and which
spans of time are covered. An event's
identity is (profile, source, event_id); an anti-join bounded by time keeps each once. Readers use
`rows`, `frame` and `batches` from any thread, each over a cursor of its own, while one writer at a
time commits. Nothing outside `lib.store`, `lib.activity` and `lib.webhooks` writes SQL for it.
"""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lib.core.errors import REPORT_WITH, StoreError, Who
from lib.core.private_files import make_private
from lib.store.copying import copy_open
from lib.store.events import rollups, texts
from lib.store.events.schema import ARROW, DDL, EVENTS_VERSION, TIME, upgrade, with_keys
from lib.store.ledger.reading_runs import Counts
from lib.store.spans import Span, union
from lib.store.times import aware_utc, naive_utc

if TYPE_CHECKING:
    import pandas as pd

MEMORY_LIMIT: Final = "400MB"
_SESSION: Final = "session_events"
_OF_PROFILE: Final = (
    "events",
    "deliveries",
    "quarantine",
    "coverage",
    "sources",
    "dropped",
    *rollups.TABLES,
    texts.TABLE,
)


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A row that couldn't be normalised: why, and what came."""

    profile: str
    source: str
    stream: str | None
    received_at: datetime
    run_id: int | None
    reason: str
    raw: bytes


@dataclass(frozen=True, slots=True)
class Covered:
    """A span of a source that is charted completely. `filter` names the part that was read."""

    profile: str
    source: str
    span: Span
    filter: str = ""


@dataclass(slots=True)
class Batch:
    """What one drain step commits, all or nothing.

    `events` has the columns of `schema.ARROW`, `deliveries` those of `schema.DELIVERIES`;
    `entries[i]` is the inbox id that row i of the events came from.
    `counts` already holds, by inbox id, what was found repeated inside the batch and quarantined.
    `received` is when each inbox entry came: with its id it tells an entry from any other.
    """

    events: pa.Table
    entries: Sequence[int]
    counts: dict[int, Counts]
    received: dict[int, datetime]
    quarantined: list[Quarantined] = field(default_factory=list)
    covered: list[Covered] = field(default_factory=list)
    deliveries: pa.Table | None = None


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """What is held of one source of a profile: how many events, the oldest and the newest."""

    source: str
    events: int
    oldest: datetime
    newest: datetime


class EventStore:
    """One event store. `row_limit` bounds the events it takes (sessions), None is no bound."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        *,
        row_limit: int | None = None,
        in_memory: bool = False,
    ) -> None:
        self._connection = connection
        self._write_lock = threading.Lock()
        self._local = threading.local()
        self.row_limit = row_limit
        self._in_memory = in_memory
        self.path: Path | None = None
        self.overflowed = 0
        self._tail = rollups.Tail()
        _prepare(connection)

    @classmethod
    def open(
        cls,
        path: str | Path,
        *,
        memory_limit: str = MEMORY_LIMIT,
        threads: int | None = None,
        row_limit: int | None = None,
    ) -> Self:
        """Open or make the store in a file, or in memory with `":memory:"`.

        Raises StoreError when another process has it open, or it isn't a store this app can read.
        """
        in_memory = str(path) == ":memory:"
        if not in_memory:
            Path(path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            make_private(Path(path))
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": memory_limit,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            # a commit of one drain step stays below it, so that not every step checkpoints
            "checkpoint_threshold": "128MB",
        }
        if threads is not None:
            config["threads"] = threads
        if in_memory:
            config["temp_directory"] = ""  # nothing of a session may reach the disk
        try:
            connection = duckdb.connect(str(path), config=config)
            if not in_memory:
                make_private(Path(path))
            else:
                # only an attached database in memory can be compressed
                connection.execute(f"ATTACH ':memory:' AS {_SESSION} (COMPRESS true)")
                connection.execute(f"USE {_SESSION}")
            store = cls(connection, row_limit=row_limit, in_memory=in_memory)
            store.path = None if in_memory else Path(path)
        except duckdb.Error as error:
            raise _explain(error, Path(path).name) from error
        return store

    def close(self) -> None:
        """Write everything to the file and let go of it. Cursors of other threads end too."""
        with self._write_lock:
            self._connection.close()

    # --- reading

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows of a query as tuples."""
        with self._reading() as cursor:
            return cursor.execute(sql, list(parameters)).fetchall()

    def frame(self, sql: str, parameters: Sequence[Any] = ()) -> "pd.DataFrame":
        """The rows of a query as a pandas frame; times come back naive, in UTC."""
        with self._reading() as cursor:
            return cursor.execute(sql, list(parameters)).df()

    @contextmanager
    def batches(
        self, sql: str, parameters: Sequence[Any] = (), *, rows: int = 20_000
    ) -> Iterator[pa.RecordBatchReader]:
        """The rows of a query as Arrow batches, read as they are asked for.

        Over a cursor of its own, so that other queries of this thread may run meanwhile.
        """
        with _explained("events"):
            cursor = self._cursor()
        try:
            with _explained("events"):
                reader = cursor.sql(sql, params=list(parameters)).to_arrow_reader(rows)
            yield reader
        finally:
            cursor.close()

    def sources(self, profile: str) -> list[SourceFacts]:
        """The sources that have events, with their extent."""
        found = self.rows(
            "SELECT source, sum(events), min(oldest), max(newest) FROM sources WHERE profile = ?"
            " GROUP BY source HAVING sum(events) > 0 ORDER BY source",
            [profile],
        )
        return [
            SourceFacts(s, int(n), aware_utc(low), aware_utc(high)) for s, n, low, high in found
        ]

    def count(self) -> int:
        """How many events there are, of all profiles."""
        return int(self.rows("SELECT coalesce(sum(events), 0) FROM sources")[0][0])

    def coverage(self, profile: str, source: str, filter_: str = "") -> list[Span]:
        """The spans of a source that are charted completely, oldest first, joined."""
        found = self.rows(
            "SELECT from_at, to_at, read_at FROM coverage"
            " WHERE profile = ? AND source = ? AND filter = ? ORDER BY from_at",
            [profile, source, filter_],
        )
        return union(Span(aware_utc(a), aware_utc(b), aware_utc(r)) for a, b, r in found)

    def covered_filters(self, profile: str) -> list[tuple[str, str]]:
        """The (source, filter) pairs that have coverage."""
        return [
            (source, filter_)
            for source, filter_ in self.rows(
                "SELECT DISTINCT source, filter FROM coverage WHERE profile = ? ORDER BY ALL",
                [profile],
            )
        ]

    def quarantine_counts(self, profile: str) -> list[tuple[str, int]]:
        """How many rows are in quarantine, by reason, most first."""
        return [
            (str(reason), int(n))
            for reason, n in self.rows(
                "SELECT reason, count(*) AS n FROM quarantine WHERE profile = ?"
                " GROUP BY reason ORDER BY n DESC, reason",
                [profile],
            )
        ]

    def applied(self) -> dict[tuple[int, datetime], Counts]:
        """The inbox entries of the last commit, which a crash may have left in the ledger."""
        found = self.rows("SELECT inbox_id, received_at, added, repeated, quarantined FROM applied")
        return {(i, aware_utc(at)): Counts(a, r, q) for i, at, a, r, q in found}

    # --- writing

    def commit(self, batch: Batch) -> dict[int, Counts]:
        """Add what is new, set aside what can't be used, note what is covered: one transaction.

        The counts by inbox id. Raises StoreError; then nothing of the batch is in the store.
        """
        with self.writing() as cursor:
            return self._commit(cursor, batch)

    @contextmanager
    def writing(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor inside a transaction, while nobody else writes; rolled back when it fails."""
        with self._write_lock, _explained("events"):
            cursor = self._cursor()
            try:
                cursor.begin()
                yield cursor
                cursor.commit()
            except BaseException:
                _roll_back(cursor)
                raise
            finally:
                cursor.close()

    def copy_to(self, path: Path, beside: Callable[[], None]) -> None:
        """A copy of the store's file while nobody writes; `beside` runs before writing goes on.

        Raises StoreError for a store in memory, OSError when the copy can't be written.
        """
        if self.path is None:
            raise StoreError(
                "A store in memory has no copy.",
                cause="Sessions keep nothing on disk.",
                fix="Export its events.",
                who=Who.YOU,
            )
        with self._write_lock, _explained("events"):
            cursor = self._cursor()
            try:
                cursor.execute("CHECKPOINT")
            finally:
                cursor.close()
            copy_open(self._connection, self.path, path)
            beside()

    def delete_profile(self, profile: str) -> None:
        """Remove everything of a profile."""
        with self._write_lock, _explained("events"):
            cursor = self._cursor()
            try:
                cursor.begin()
                for table in _OF_PROFILE:
                    cursor.execute(
                        f"DELETE FROM {table} WHERE profile = ?",  # noqa: S608  # our own names
                        [profile],
                    )
                cursor.commit()
                cursor.execute("CHECKPOINT")
            finally:
                cursor.close()

    def checkpoint(self) -> None:
        """Fold the write-ahead log into the file."""
        with self._write_lock, _explained("events"):
            self._cursor().execute("CHECKPOINT")

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        cursor = self._connection.cursor()
        if self._in_memory:  # a cursor doesn't take over which database is in use
            cursor.execute(f"USE {_SESSION}")
        return cursor

    def _commit(self, cursor: duckdb.DuckDBPyConnection, batch: Batch) -> dict[int, Counts]:
        counts = dict(batch.counts)
        fresh, entries = batch.events, np.asarray(batch.entries, dtype=np.int64)
        if len(fresh):
            known = _known(cursor, fresh)
            for entry, n in _by_entry(entries[known]):
                counts[entry] = counts.get(entry, Counts()) + Counts(repeated=n)
            mask = np.ones(len(fresh), dtype=bool)
            mask[known] = False
            mask = self._within_limit(cursor, mask)
            fresh, entries = fresh.filter(pa.array(mask)), entries[mask]
            for entry, n in _by_entry(entries):
                counts[entry] = counts.get(entry, Counts()) + Counts(added=n)
            if len(fresh):
                lines = _insert(cursor, fresh)
                bounds = pc.min_max(fresh.column("occurred_at"))
                self._tail.added(cursor, lines, bounds["min"].as_py(), bounds["max"].as_py())
        if batch.quarantined:
            cursor.executemany(
                "INSERT INTO quarantine VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    [
                        q.profile,
                        q.source,
                        q.stream,
                        naive_utc(q.received_at),
                        q.run_id,
                        q.reason,
                        q.raw,
                    ]
                    for q in batch.quarantined
                ],
            )
        if not self.overflowed:  # what didn't fit any more isn't covered
            for covered in batch.covered:
                _cover(cursor, covered)
        if batch.deliveries is not None and len(batch.deliveries):
            _append(cursor, "deliveries", batch.deliveries, order_by="received_at")
        cursor.execute("DELETE FROM applied")
        _append(cursor, "applied", _applied(batch, counts))
        return counts

    def _within_limit(
        self, cursor: duckdb.DuckDBPyConnection, mask: "np.ndarray[Any, np.dtype[np.bool_]]"
    ) -> "np.ndarray[Any, np.dtype[np.bool_]]":
        if self.row_limit is None:
            return mask
        held = cursor.execute("SELECT coalesce(sum(events), 0) FROM sources").fetchall()
        room = max(0, self.row_limit - int(held[0][0]))
        over = np.flatnonzero(mask)[room:]
        mask[over] = False
        self.overflowed += len(over)
        return mask

    @contextmanager
    def _reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with _explained("events"):
            cursor = getattr(self._local, "cursor", None)
            if cursor is None:
                cursor = self._local.cursor = self._cursor()
            yield cursor


def _prepare(connection: duckdb.DuckDBPyConnection) -> None:
    tables = connection.execute(
        "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'meta'"
    ).fetchall()
    if tables[0][0]:
        found = connection.execute("SELECT value FROM meta WHERE name = 'version'").fetchall()
        if found and int(found[0][0]) > EVENTS_VERSION:
            connection.close()
            raise StoreError(
                "The event store was written by a newer version of this app.",
                cause=f"It has version {found[0][0]}, this app knows up to {EVENTS_VERSION}.",
                fix="Update the app, or point it at another data folder.",
                who=Who.YOU,
            )
        if found and int(found[0][0]) == EVENTS_VERSION:
            return
    connection.begin()
    for statement in DDL:
        connection.execute(statement)
    if tables[0][0]:
        upgrade(connection)
    connection.execute("DELETE FROM meta WHERE name = 'version'")
    connection.execute("INSERT INTO meta VALUES ('version', ?)", [str(EVENTS_VERSION)])
    connection.commit()


def _applied(batch: Batch, counts: Mapping[int, Counts]) -> pa.Table:
    """What the batch did, by inbox entry, in the columns of `applied`."""
    done = [counts.get(entry, Counts()) for entry in batch.received]
    return pa.table(
        {
            "inbox_id": pa.array(list(batch.received), pa.int64()),
            "received_at": pa.array([naive_utc(at) for at in batch.received.values()], TIME),
            "added": pa.array([c.added for c in done], pa.int64()),
            "repeated": pa.array([c.repeated for c in done], pa.int64()),
            "quarantined": pa.array([c.quarantined for c in done], pa.int64()),
        }
    )


def _append(
    cursor: duckdb.DuckDBPyConnection, table: str, rows: pa.Table, *, order_by: str = ""
) -> None:
    """Add rows to a table of the same columns: far quicker than one statement for each."""
    order = f" ORDER BY {order_by}" if order_by else ""
    cursor.register("arriving", rows)
    try:
        cursor.execute(f"INSERT INTO {table} SELECT * FROM arriving{order}")  # noqa: S608
    finally:
        cursor.unregister("arriving")


def _known(
    cursor: duckdb.DuckDBPyConnection, events: pa.Table
) -> "np.ndarray[Any, np.dtype[np.int64]]":
    """The row numbers of events that the store has already."""
    times = events.column("occurred_at")
    bounds = pc.min_max(times)
    keys = pa.table(
        {
            **{name: events.column(name) for name in ("profile", "source", "event_id")},
            "occurred_at": times,
            "n": pa.array(np.arange(len(events), dtype=np.int64)),
        }
    )
    cursor.register("arriving", keys)
    try:
        found = cursor.execute(
            "SELECT a.n FROM arriving a SEMI JOIN (SELECT occurred_at, profile, source, event_id"
            " FROM events WHERE occurred_at BETWEEN ? AND ?) e"
            " USING (occurred_at, profile, source, event_id)",
            [bounds["min"].as_py(), bounds["max"].as_py()],
        ).fetchnumpy()
    finally:
        cursor.unregister("arriving")
    return np.asarray(found["n"], dtype=np.int64)


def _insert(cursor: duckdb.DuckDBPyConnection, events: pa.Table) -> int:
    """Add events; how many lines that made in the roll-ups."""
    cursor.register("arriving", events.cast(ARROW))
    try:
        # in time order, so that a query of a month reads the row groups of that month
        cursor.execute(f"INSERT INTO events {with_keys('arriving')} ORDER BY occurred_at")
        cursor.execute(
            "INSERT INTO sources SELECT profile, source, count(*), min(occurred_at),"
            " max(occurred_at) FROM arriving GROUP BY profile, source"
        )
        added = rollups.add(cursor, f"({with_keys('arriving')})")
        texts.add(cursor, "arriving")
    finally:
        cursor.unregister("arriving")
    # one line per source again, once there are many
    lines = cursor.execute("SELECT count(*) FROM sources").fetchall()
    if lines[0][0] > _SOURCE_LINES:
        cursor.execute(
            "CREATE OR REPLACE TEMP TABLE folded AS SELECT profile, source, sum(events)::BIGINT AS"
            " events, min(oldest) AS oldest, max(newest) AS newest FROM sources GROUP BY ALL"
        )
        cursor.execute("DELETE FROM sources")
        cursor.execute("INSERT INTO sources SELECT * FROM folded")
        cursor.execute("DROP TABLE folded")
    return added


_SOURCE_LINES: Final = 64


def _cover(cursor: duckdb.DuckDBPyConnection, covered: Covered) -> None:
    key = [covered.profile, covered.source, covered.filter]
    where = "WHERE profile = ? AND source = ? AND filter = ?"
    found = cursor.execute(
        f"SELECT from_at, to_at, read_at FROM coverage {where}",  # noqa: S608  # a fixed text
        key,
    ).fetchall()
    spans = [Span(aware_utc(a), aware_utc(b), aware_utc(r)) for a, b, r in found]
    cursor.execute(f"DELETE FROM coverage {where}", key)  # noqa: S608  # a fixed text
    cursor.executemany(
        "INSERT INTO coverage VALUES (?, ?, ?, ?, ?, ?)",
        [
            [*key, naive_utc(s.start), naive_utc(s.end), naive_utc(s.read_at or s.end)]
            for s in union([*spans, covered.span])
        ],
    )


def _by_entry(
    entries: "np.ndarray[Any, np.dtype[np.int64]]",
) -> Iterator[tuple[int, int]]:
    ids, counts = np.unique(entries, return_counts=True)
    for entry, n in zip(ids, counts, strict=True):
        yield int(entry), int(n)


def _roll_back(cursor: duckdb.DuckDBPyConnection) -> None:
    try:
        cursor.rollback()
    except duckdb.Error:
        return  # the first error is the one to tell


@contextmanager
def _explained(name: str) -> Iterator[None]:
    try:
        yield
    except duckdb.Error as error:
        raise _explain(error, name) from error


def _explain(error: duckdb.Error, name: str) -> StoreError:
    text = str(error)
    if "lock" in text and ("Conflicting" in text or "Could not set lock" in text):
        return StoreError(
            f"Another process has the event store open ({name}).",
            cause="Only one process can open it, the app if it runs.",
            fix="Ask the running app, or stop it first.",
            who=Who.YOU,
        )
    if isinstance(error, duckdb.IOException | duckdb.SerializationException):
        return StoreError(
            f"The event store can't be opened ({name}).",
            cause="The file isn't an event store of this app, is damaged, or can't be written.",
            fix="Check the data folder's permissions and room. Events can be read again from"
            " Box: move the file away and sync.",
            who=Who.YOU,
        )
    if isinstance(error, duckdb.OutOfMemoryException):
        return StoreError(
            "The event store ran out of memory.",
            cause="The question needs more than the store's memory limit.",
            fix="Choose a shorter period or fewer values.",
            who=Who.YOU,
        )
    first_line = text.split("\n", 1)[0]
    return StoreError(
        "The event store failed.",
        cause=f"{type(error).__name__}: {first_line}",
        fix=f"Try again; if it stays, restart the app, and report it. {REPORT_WITH}",
        who=Who.THIS_APP,
    )

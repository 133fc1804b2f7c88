"""The event store: what is charted, in DuckDB, owned by one process.

It keeps normalised events, the deliveries of webhooks as they came, what was quarantined, and which
spans of time are covered. Readers use `rows`, `frame` and `batches` from any thread, each over a
cursor of its own, while one writer at a time commits. Nothing outside `lib.store`, `lib.activity`
and `lib.webhooks` writes SQL for it.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any, Final, Self

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lib.core.errors import StoreError, Who
from lib.core.private_files import make_private
from lib.store.copying import copy_open
from lib.store.events import commits, rollups, texts
from lib.store.events.batch import EventBatch
from lib.store.events.engine_errors import explain, explained, roll_back
from lib.store.events.preparing import is_older, prepare
from lib.store.ledger.reading_runs import Counts
from lib.store.schema_version import OnUpgrade, ignore
from lib.store.spans import Span, union
from lib.store.times import aware_utc

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
        on_progress: OnUpgrade = ignore,
    ) -> None:
        self._connection = connection
        self._write_lock = threading.Lock()
        self._local = threading.local()
        self.row_limit = row_limit
        self._in_memory = in_memory
        self.path: Path | None = None
        self.overflowed = 0
        self._tail = rollups.Tail()
        prepare(connection, on_progress)

    @classmethod
    def open(
        cls,
        path: str | Path,
        *,
        memory_limit: str = MEMORY_LIMIT,
        threads: int | None = None,
        row_limit: int | None = None,
        before_upgrade: Callable[[], None] | None = None,
        on_progress: OnUpgrade = ignore,
    ) -> Self:
        """Open or make the store in a file, or in memory with `":memory:"`.

        `before_upgrade` is called for a file of an earlier version, while it is closed.

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
            if before_upgrade is not None and is_older(connection):
                connection.close()
                before_upgrade()
                connection = duckdb.connect(str(path), config=config)
            if not in_memory:
                make_private(Path(path))
            else:
                # only an attached database in memory can be compressed
                connection.execute(f"ATTACH ':memory:' AS {_SESSION} (COMPRESS true)")
                connection.execute(f"USE {_SESSION}")
            store = cls(
                connection, row_limit=row_limit, in_memory=in_memory, on_progress=on_progress
            )
            store.path = None if in_memory else Path(path)
        except duckdb.Error as error:
            raise explain(error, Path(path).name) from error
        return store

    def close(self) -> None:
        """Write everything to the file and let go of it. Cursors of other threads end too."""
        with self._write_lock:
            self._connection.close()

    @cached_property
    def identity_key(self) -> bytes:
        """The store's own random key, for ids of people and items that a file gives none."""
        where = "SELECT value FROM meta WHERE name = 'identity_key'"
        found = self.rows(where)
        if not found:
            with self.writing() as cursor:
                commits.put_meta(cursor, {"identity_key": token_hex(32)})
            found = self.rows(where)
        return bytes.fromhex(found[0][0])

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
        with explained("events"):
            cursor = self._cursor()
        try:
            with explained("events"):
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

    def coverages(self, profile: str, source: str) -> dict[str, list[Span]]:
        """As `coverage`, of every filter of a source that has any."""
        found: dict[str, list[Span]] = {}
        for name, *times in self.rows(
            "SELECT filter, from_at, to_at, read_at FROM coverage"
            " WHERE profile = ? AND source = ? ORDER BY filter, from_at",
            [profile, source],
        ):
            found.setdefault(str(name), []).append(Span(*map(aware_utc, times)))
        return {name: union(spans) for name, spans in found.items()}

    def covered_filters(self, profile: str) -> list[tuple[str, str]]:
        """The (source, filter) pairs that have coverage."""
        return [
            (source, filter_)
            for source, filter_ in self.rows(
                "SELECT DISTINCT source, filter FROM coverage WHERE profile = ? ORDER BY ALL",
                [profile],
            )
        ]

    def quarantine_counts(self, profile: str, runs: Sequence[int] = ()) -> list[tuple[str, int]]:
        """How many rows are in quarantine, by reason, most first; with `runs` only of these."""
        found = self.rows(
            "SELECT reason, count(*) AS n FROM quarantine WHERE profile = ?"
            " AND (len(?::BIGINT[]) = 0 OR list_contains(?::BIGINT[], run_id))"
            " GROUP BY reason ORDER BY n DESC, reason",
            [profile, [*runs], [*runs]],
        )
        return [(str(reason), int(n)) for reason, n in found]

    def applied(self) -> dict[tuple[int, datetime], Counts]:
        """The inbox entries of the last commit, which a crash may have left in the ledger."""
        found = self.rows("SELECT inbox_id, received_at, added, repeated, quarantined FROM applied")
        return {(i, aware_utc(at)): Counts(a, r, q) for i, at, a, r, q in found}

    # --- writing

    def commit(self, batch: EventBatch) -> dict[int, Counts]:
        """Add what is new, set aside what can't be used, note what is covered: one transaction.

        The counts by inbox id. Raises StoreError; then nothing of the batch is in the store.
        """
        with self.writing() as cursor:
            return self._commit(cursor, batch)

    @contextmanager
    def writing(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor inside a transaction, while nobody else writes; rolled back when it fails."""
        with self._write_lock, explained("events"):
            cursor = self._cursor()
            try:
                cursor.begin()
                yield cursor
                cursor.commit()
            except BaseException:
                roll_back(cursor)
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
        with self._write_lock, explained("events"):
            cursor = self._cursor()
            try:
                cursor.execute("CHECKPOINT")
            finally:
                cursor.close()
            copy_open(self._connection, self.path, path)
            beside()

    def delete_profile(self, profile: str) -> None:
        """Remove everything of a profile."""
        with self._write_lock, explained("events"):
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
        with self._write_lock, explained("events"):
            self._cursor().execute("CHECKPOINT")

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        cursor = self._connection.cursor()
        if self._in_memory:  # a cursor doesn't take over which database is in use
            cursor.execute(f"USE {_SESSION}")
        return cursor

    def _commit(self, cursor: duckdb.DuckDBPyConnection, batch: EventBatch) -> dict[int, Counts]:
        counts = dict(batch.counts)
        fresh, entries = batch.events, np.asarray(batch.entries, dtype=np.int64)
        if len(fresh):
            known = commits.known(cursor, fresh)
            for entry, n in commits.by_entry(entries[known]):
                counts[entry] = counts.get(entry, Counts()) + Counts(repeated=n)
            mask = np.ones(len(fresh), dtype=bool)
            mask[known] = False
            mask = self._within_limit(cursor, mask)
            fresh, entries = fresh.filter(pa.array(mask)), entries[mask]
            for entry, n in commits.by_entry(entries):
                counts[entry] = counts.get(entry, Counts()) + Counts(added=n)
            if len(fresh):
                lines = commits.insert(cursor, fresh)
                bounds = pc.min_max(fresh.column("occurred_at"))
                self._tail.added(cursor, lines, bounds["min"].as_py(), bounds["max"].as_py())
        for entry in commits.set_aside(cursor, batch.quarantined):
            counts[entry] = counts.get(entry, Counts()) + Counts(repeated=1, quarantined=-1)
        if not self.overflowed:  # what didn't fit any more isn't covered
            for covered in batch.covered:
                commits.cover(cursor, covered)
        if batch.deliveries is not None and len(batch.deliveries):
            commits.add_deliveries(cursor, batch.deliveries)
        cursor.execute("DELETE FROM applied")
        commits.append(cursor, "applied", commits.applied(batch, counts))
        commits.advance(cursor)
        return counts

    def _within_limit(
        self, cursor: duckdb.DuckDBPyConnection, mask: "np.ndarray[Any, np.dtype[np.bool_]]"
    ) -> "np.ndarray[Any, np.dtype[np.bool_]]":
        if self.row_limit is None:
            return mask
        existing = cursor.execute("SELECT coalesce(sum(events), 0) FROM sources").fetchall()
        free = max(0, self.row_limit - int(existing[0][0]))
        over = np.flatnonzero(mask)[free:]
        mask[over] = False
        self.overflowed += len(over)
        return mask

    @contextmanager
    def _reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with explained("events"):
            cursor = getattr(self._local, "cursor", None)
            if cursor is None:
                cursor = self._local.cursor = self._cursor()
            yield cursor

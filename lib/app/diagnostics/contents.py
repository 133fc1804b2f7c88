"""The contents of the data folder, counted: files, rows, inbox, quarantine, free disk space.

The ledger is read through a read-only connection of its own; so is the event store, unless its
owner passes in its own. Nothing is created, migrated or repaired here: a damaged store must be seen
as it is.
"""

import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from lib.app.diagnostics.plain_words import own_name, own_words
from lib.core.errors import StoreError, Who
from lib.settings.profiles import Settings

Query = Callable[[str], Sequence[tuple[Any, ...]]]
Guard = Callable[[Callable[[], Any]], Any]
"""Runs a part of a section; what goes wrong in it stands in its place."""
_BESIDE: Final = ("", "-wal", "-shm", ".wal")
_BUSY_S: Final = 2.0
_LEDGER_TABLES: Final = (
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def folder(settings: Settings) -> dict[str, Any]:
    """The data folder: whether it is there and can be written, its files and the room, in bytes."""
    place = settings.data_dir
    if not place.is_dir():
        return {"exists": False}
    free = shutil.disk_usage(place)
    return {
        "exists": True,
        "writable": os.access(place, os.W_OK),
        "for its owner alone": not place.stat().st_mode & 0o077 if os.name == "posix" else None,
        "disk_free_bytes": free.free,
        "disk_bytes": free.total,
    }


def sizes(settings: Settings) -> dict[str, Any]:
    """The bytes of the stores' files by what they are, and of everything else in the folder."""
    from lib.store import events_path, ledger_path  # noqa: PLC0415  # loads the engines

    ours = {"ledger": ledger_path(settings), "event store": events_path(settings)}
    found: dict[str, Any] = {}
    seen: set[Path] = set()
    for name, path in ours.items():
        for end in _BESIDE:
            file = path.with_name(path.name + end)
            if file.is_file():
                seen.add(file)
                kind = end.lstrip("-.")
                found[f"{name} ({kind})" if kind else name] = file.stat().st_size
    others = [file for file in settings.data_dir.absolute().rglob("*") if file.is_file()]
    rest = [file.stat().st_size for file in others if file not in seen]
    return {**found, "other files": len(rest), "other files, bytes": sum(rest)}


def ledger(settings: Settings, now: datetime, guard: Guard) -> dict[str, Any]:
    """The ledger's version, its rows by table, and what waits in the inbox since when."""
    with reading_ledger(settings) as query:
        return {
            "version": guard(lambda: _version(query)),
            "version of this app": _known_version("ledger"),
            "rows": guard(lambda: _rows(query, _LEDGER_TABLES)),
            "inbox": guard(lambda: _inbox(query, now)),
        }


def events(query: Query, guard: Guard) -> dict[str, Any]:
    """The event store's version, its rows by table, and the quarantine by reason."""
    query("SELECT 1")  # a store that can't be opened says so once
    return {
        "version": guard(lambda: _version(query)),
        "version of this app": _known_version("events"),
        "rows": guard(lambda: _rows(query, "SELECT table_name FROM duckdb_tables()")),
        "quarantine": guard(lambda: _quarantine(query)),
    }


@contextmanager
def reading_ledger(settings: Settings) -> Iterator[Query]:
    """Questions to the ledger's file. Raises sqlite3.Error, RunbookError."""
    from lib.store import ledger_path  # noqa: PLC0415  # loads the engines

    path = ledger_path(settings)
    if not path.is_file():
        raise _not_there("There is no ledger yet.")
    with closing(_open_ledger(path)) as database:
        yield lambda sql: database.execute(sql).fetchall()


@contextmanager
def reading_events(settings: Settings) -> Iterator[Query]:
    """Questions to the event store's file, while nobody owns it.

    Raises duckdb.Error, RunbookError.
    """
    import duckdb  # noqa: PLC0415  # an engine

    from lib.store import events_path  # noqa: PLC0415  # as above

    path = events_path(settings)
    if not path.is_file():
        raise _not_there("There is no event store yet.")
    with duckdb.connect(str(path), read_only=True) as database:
        yield lambda sql: database.execute(sql).fetchall()


def verdict_records(query: Query, profile: str) -> list[Mapping[str, Any]]:
    """The records of the latest verdicts of a profile, as the ledger keeps them."""
    rows = query("SELECT profile, record FROM latest_verdicts ORDER BY check_id")
    return [json.loads(record) for key, record in rows if key == profile]


def _not_there(message: str) -> StoreError:
    return StoreError(message, cause="", fix="The app makes it when it starts.", who=Who.YOU)


def _open_ledger(path: Path) -> sqlite3.Connection:
    address = path.as_uri()
    try:
        database = sqlite3.connect(f"{address}?mode=ro", uri=True, timeout=_BUSY_S)
        database.execute("SELECT count(*) FROM sqlite_master").fetchall()
    except sqlite3.OperationalError:
        # its journal needs a folder that can be written: then the file alone is read
        database = sqlite3.connect(f"{address}?immutable=1", uri=True)
    return database


def _version(query: Query) -> int | None:
    found = query("SELECT value FROM meta WHERE name = 'version'")
    return int(found[0][0]) if found else None


def _known_version(store: str) -> int | None:
    from lib.store.versions import known  # noqa: PLC0415  # loads the engines

    return known()[store]


def _rows(query: Query, tables: str) -> dict[str, int]:
    """Rows by table; a table that isn't ours is counted under a common name."""
    found: dict[str, int] = {}
    for (table,) in query(tables):
        quoted = str(table).replace('"', '""')
        count = int(query(f'SELECT count(*) FROM "{quoted}"')[0][0])  # noqa: S608  # the file's own names, quoted
        name = own_name(str(table))
        found[name] = found.get(name, 0) + count
    return dict(sorted(found.items()))


def _inbox(query: Query, now: datetime) -> dict[str, Any]:
    waiting, oldest = query("SELECT count(*), min(received_at) FROM inbox")[0]
    lag = now - (_EPOCH + timedelta(microseconds=oldest)) if oldest is not None else timedelta(0)
    return {"waiting": int(waiting), "drain_lag_s": round(max(0.0, lag.total_seconds()), 1)}


def _quarantine(query: Query) -> dict[str, int]:
    found: dict[str, int] = {}
    for reason, count in query("SELECT reason, count(*) FROM quarantine GROUP BY reason"):
        name = own_words(str(reason))
        found[name] = found.get(name, 0) + int(count)
    return found

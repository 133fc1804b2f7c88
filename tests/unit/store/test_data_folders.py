"""Data folders of every version of the app open, and all that is in them is read."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from lib.core.redaction import redact
from lib.store import open_stores
from lib.store.events import rollups
from lib.store.ledger.tables import metadata
from lib.store.versions import existing, known
from tests.data_folders import (
    FOLDERS,
    NAMES,
    NEWEST,
    PROFILE,
    read_events,
    read_ledger,
    settings_of,
    unpack,
)

UNREAD = {"meta", "accepted", "sources", "applied", "dropped", "texts", *rollups.TABLES}
"""What the others are counted by, or told apart with."""


@pytest.mark.parametrize("name", NAMES)
def test_everything_in_a_folder_of_that_version_is_read(name: str, tmp_path: Path) -> None:
    packed = unpack(name, tmp_path)
    stores = open_stores(settings_of(tmp_path))
    try:
        for read, rows in (
            (read_events(stores), packed["events"]),
            (read_ledger(stores), packed["ledger"]),
        ):
            # a table that the version didn't have is there, and empty
            assert read == {kind: rows.get(kind, 0) for kind in read}
        counted = stores.events.rows("SELECT sum(events) FROM hours")
        assert counted == [(packed["events"]["events"],)]
        assert stores.events.rows("SELECT count(*) > 0 FROM texts") == [(True,)]
    finally:
        stores.close()
    assert existing(settings_of(tmp_path)) == known()


def test_this_version_has_a_folder_with_something_of_every_kind(tmp_path: Path) -> None:
    packed = unpack(NEWEST, tmp_path)
    assert set(metadata.tables) == set(packed["ledger"])
    with duckdb.connect(str(tmp_path / "events.duckdb"), read_only=True) as events:
        tables = events.execute("SELECT table_name FROM duckdb_tables()").fetchall()
    assert {name for (name,) in tables} == set(packed["events"])
    assert [name for part in packed.values() for name, rows in part.items() if not rows] == []
    stores = open_stores(settings_of(tmp_path))
    try:
        read = {*read_events(stores), *read_ledger(stores)}
    finally:
        stores.close()
    assert {name for part in packed.values() for name in part} - read == UNREAD


def test_a_deleted_profile_leaves_nothing_in_any_table_but_the_audit_record(
    tmp_path: Path,
) -> None:
    unpack(NEWEST, tmp_path)
    before = _rows_of(tmp_path, PROFILE)
    assert len(before) > 30
    stores = open_stores(settings_of(tmp_path))
    stores.delete_profile(PROFILE)
    stores.close()
    assert _rows_of(tmp_path, PROFILE) == {"audit": before["audit"]}


def _rows_of(folder: Path, profile: str) -> dict[str, int]:
    """How many rows each table has of a profile, where it has any."""
    found = {}
    asked = "SELECT count(*) FROM {} WHERE profile = ?"
    with duckdb.connect(str(folder / "events.duckdb"), read_only=True) as events:
        named = "SELECT table_name FROM duckdb_columns() WHERE column_name = 'profile'"
        for (table,) in events.execute(named).fetchall():
            found[table] = events.execute(asked.format(table), [profile]).fetchall()[0][0]
    with closing(sqlite3.connect(folder / "ledger.sqlite")) as ledger:
        for name, table in metadata.tables.items():
            if "profile" in table.columns:
                found[name] = ledger.execute(asked.format(name), [profile]).fetchone()[0]
    return {name: count for name, count in found.items() if count}


def test_they_are_small_and_hold_no_secret(tmp_path: Path) -> None:
    assert sum(path.stat().st_size for path in FOLDERS.iterdir()) < 1_000_000 * len(NAMES)
    for name in NAMES:
        folder = tmp_path / name
        folder.mkdir()
        unpack(name, folder)
        secret = [text for text in _texts(folder) if redact(text) != text]
        assert secret == [], name


def _texts(folder: Path) -> Iterator[str]:
    """Every text of both stores; of events the raw JSON has what the columns have."""
    with duckdb.connect(str(folder / "events.duckdb"), read_only=True) as events:
        for (table,) in events.execute("SELECT table_name FROM duckdb_tables()").fetchall():
            yield from _strings(events.execute(f"SELECT * FROM {table}").fetchall())  # noqa: S608
    with closing(sqlite3.connect(folder / "ledger.sqlite")) as ledger:
        tables = ledger.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in tables:
            yield from _strings(ledger.execute(f"SELECT * FROM {table}").fetchall())  # noqa: S608


def _strings(rows: list[tuple[object, ...]]) -> Iterator[str]:
    for row in rows:
        for value in row:
            if isinstance(value, bytes):
                yield value.decode("utf-8", "replace")
            elif isinstance(value, str):
                yield value

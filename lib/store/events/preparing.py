"""Making the tables of an event store that was just opened, or upgrading an earlier one's."""

from typing import Final

import duckdb

from lib.core.version import VERSION
from lib.store.events.schema import DDL, EVENTS_VERSION, upgrade
from lib.store.schema_version import APP, SCHEMA, NewerStoreError, OnUpgrade

_NONE: Final = -1


def is_older(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether an earlier version made it. Raises NewerStoreError, and then closes it."""
    return _NONE < _schema(connection) < EVENTS_VERSION


def prepare(connection: duckdb.DuckDBPyConnection, on_progress: OnUpgrade) -> None:
    """Bring it to this version, all or nothing. Raises NewerStoreError, and then closes it."""
    schema = _schema(connection)
    if schema == EVENTS_VERSION:
        return
    connection.begin()
    for statement in DDL:
        connection.execute(statement)
    if schema != _NONE:
        upgrade(connection, on_progress)
    connection.execute("DELETE FROM meta WHERE name IN (?, ?)", [SCHEMA, APP])
    connection.execute(
        "INSERT INTO meta VALUES (?, ?), (?, ?)", [SCHEMA, str(EVENTS_VERSION), APP, VERSION]
    )
    connection.commit()


def _schema(connection: duckdb.DuckDBPyConnection) -> int:
    """The version of its schema; 0 where its tables don't say, `_NONE` where it has none."""
    tables = connection.execute(
        "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'meta'"
    ).fetchall()
    if not tables[0][0]:
        return _NONE
    found = dict(connection.execute("SELECT name, value FROM meta").fetchall())
    schema = int(found.get(SCHEMA, 0))
    if schema > EVENTS_VERSION:
        connection.close()
        raise NewerStoreError("event store", schema, EVENTS_VERSION, found.get(APP))
    return schema

"""Which texts the searched columns of events hold, each once: a search asks here first.

A text that is nowhere is then known without reading events, and one that is rare names the values
to look for, which is several times quicker than comparing every event's columns with it. Texts are
only ever added here until all are read again, so one may be listed that no event has any more.
"""

from typing import TYPE_CHECKING, Final

from lib.store.events import dialect

if TYPE_CHECKING:
    import duckdb

SEARCHED: Final = (
    "event_type",
    "actor_name",
    "actor_login",
    "item_name",
    "parent_name",
    "owner_login",
    "target_login",
    "service_name",
)
"""The columns of events that a text is looked for in."""
TABLE: Final = "texts"
DDL: Final = (
    f"CREATE TABLE IF NOT EXISTS {TABLE}"
    " (profile VARCHAR, source VARCHAR, field VARCHAR, text VARCHAR, text_key UBIGINT)"
)


def add(cursor: "duckdb.DuckDBPyConnection", table: str) -> None:
    """List the texts of a table that has the columns of an event, where they aren't yet."""
    every = " UNION ALL ".join(
        f"SELECT DISTINCT profile, source, '{name}' AS field, {name} AS text FROM {table}"  # noqa: S608  # our own names
        f" WHERE {name} IS NOT NULL"
        for name in SEARCHED
    )
    cursor.execute(
        f"INSERT INTO {TABLE} SELECT a.* FROM"  # noqa: S608  # our own names
        f" (SELECT *, {dialect.key('text')} AS text_key FROM ({every})) a"
        f" ANTI JOIN {TABLE} USING (profile, source, field, text_key)"
    )


def rebuild(cursor: "duckdb.DuckDBPyConnection") -> None:
    """List what the events hold now, and nothing else."""
    cursor.execute(f"DELETE FROM {TABLE}")  # noqa: S608  # our own name
    add(cursor, "events")

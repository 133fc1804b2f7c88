"""The columns of an event, as the event store keeps them and as every other module names them.

The order is the one of the design's table and of every export. Ids are text, times are UTC with
microseconds, unknown is NULL. Nothing here reads or writes.
"""

from typing import Final

import pyarrow as pa

EVENTS_VERSION: Final = 1
"""Version of the event store's schema, kept in its file."""

TEXT: Final = pa.string()
TIME: Final = pa.timestamp("us")

COLUMNS: Final[tuple[str, ...]] = (
    "event_id",
    "source",
    "profile",
    "stream",
    "enterprise_id",
    "account_id",
    "occurred_at",
    "received_at",
    "event_type",
    "category",
    "actor_id",
    "actor_login",
    "actor_name",
    "actor_kind",
    "action_by_id",
    "item_type",
    "item_id",
    "item_name",
    "parent_id",
    "parent_name",
    "owner_id",
    "owner_login",
    "target_id",
    "target_login",
    "ip",
    "session_id",
    "service_id",
    "service_name",
    "size_bytes",
    "normaliser",
    "raw",
)

_OTHER_TYPES: Final = {
    "occurred_at": TIME,
    "received_at": TIME,
    "size_bytes": pa.int64(),
    "normaliser": pa.int32(),
}
REQUIRED: Final = frozenset(
    {
        "event_id",
        "source",
        "profile",
        "occurred_at",
        "received_at",
        "event_type",
        "category",
        "actor_kind",
        "normaliser",
    }
)
"""Columns that are never NULL."""

ARROW: Final = pa.schema(
    [
        pa.field(name, _OTHER_TYPES.get(name, TEXT), nullable=name not in REQUIRED)
        for name in COLUMNS
    ]
)

_SQL_TYPES: Final = {
    "occurred_at": "TIMESTAMP",
    "received_at": "TIMESTAMP",
    "size_bytes": "BIGINT",
    "normaliser": "INTEGER",
    "raw": "VARCHAR USING COMPRESSION zstd",
}


def _column(name: str) -> str:
    kind = _SQL_TYPES.get(name, "VARCHAR")
    if name in REQUIRED:  # DuckDB takes the compression after the constraint's place
        return f"{name} {kind} NOT NULL"
    return f"{name} {kind}"


# No primary key and no index: each stalls a growing store for seconds at checkpoints; the anti-join
# on identity and time does their work.
DDL: Final[tuple[str, ...]] = (
    "CREATE TABLE IF NOT EXISTS meta (name VARCHAR, value VARCHAR)",
    f"CREATE TABLE IF NOT EXISTS events ({', '.join(_column(name) for name in COLUMNS)})",
    """CREATE TABLE IF NOT EXISTS quarantine (
        profile VARCHAR, source VARCHAR, stream VARCHAR, received_at TIMESTAMP, run_id BIGINT,
        reason VARCHAR, raw BLOB)""",
    """CREATE TABLE IF NOT EXISTS coverage (
        profile VARCHAR, source VARCHAR, filter VARCHAR,
        from_at TIMESTAMP, to_at TIMESTAMP, read_at TIMESTAMP)""",
    """CREATE TABLE IF NOT EXISTS sources (
        profile VARCHAR, source VARCHAR, events BIGINT, oldest TIMESTAMP, newest TIMESTAMP)""",
    """CREATE TABLE IF NOT EXISTS applied (
        inbox_id BIGINT, received_at TIMESTAMP, added BIGINT, repeated BIGINT,
        quarantined BIGINT)""",
)

"""The columns of an event and of a delivery, as the event store keeps them and others name them.

The order of an event's columns is the one of the design's table and of every export. Ids are text,
times are UTC with microseconds, unknown is NULL. Nothing here reads or writes.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from lib.store.events import dialect, rollups, texts
from lib.store.schema_version import OnUpgrade, UpgradeProgress, ignore

if TYPE_CHECKING:
    import duckdb

EVENTS_VERSION: Final = 7
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

DELIVERIES: Final = pa.schema(
    [
        pa.field("id", TEXT, nullable=False),
        pa.field("profile", TEXT, nullable=False),
        pa.field("kind", TEXT, nullable=False),
        pa.field("body_id", TEXT, nullable=False),
        pa.field("delivery_id", TEXT),
        pa.field("trigger", TEXT),
        pa.field("webhook_id", TEXT),
        pa.field("item_type", TEXT),
        pa.field("item_id", TEXT),
        pa.field("item_name", TEXT),
        pa.field("actor_id", TEXT),
        pa.field("actor_login", TEXT),
        pa.field("actor_name", TEXT),
        pa.field("account_id", TEXT),
        pa.field("occurred_at", TIME),
        pa.field("sent_at", TIME),
        pa.field("received_at", TIME, nullable=False),
        pa.field("stored_at", TIME, nullable=False),
        pa.field("size", pa.int32(), nullable=False),
        pa.field("verdict", TEXT, nullable=False),
        pa.field("key", TEXT, nullable=False),
        pa.field("attempt", pa.int32(), nullable=False),
        pa.field("answer", pa.int32(), nullable=False),
        pa.field("headers", TEXT, nullable=False),
        pa.field("body", pa.binary(), nullable=False),
    ]
)
"""A delivery of a webhook that was accepted. `body_id` is shared by the attempts of one body."""
_DELIVERY_TYPES: Final = {
    **dict.fromkeys(("occurred_at", "sent_at", "received_at", "stored_at"), "TIMESTAMP"),
    **dict.fromkeys(("size", "attempt", "answer"), "INTEGER"),
    "headers": "VARCHAR USING COMPRESSION zstd",
    "body": "BLOB USING COMPRESSION zstd",
}


def _columns(schema: pa.Schema, kinds: Mapping[str, str]) -> str:
    def column(field: pa.Field) -> str:
        kind, _, compression = kinds.get(field.name, "VARCHAR").partition(" USING ")
        using = f" USING {compression}" if compression else ""
        return f"{field.name} {kind}{using}{'' if field.nullable else ' NOT NULL'}"

    return ", ".join(column(field) for field in schema)


KEYS: Final[Mapping[str, str]] = {
    "item_key": dialect.key("item_id"),
    "name_key": dialect.key("item_name"),
    "id_key": dialect.key("event_id"),
}
"""Columns that follow an event's own in the event table and are made of them. Nobody exports them.

Comparing or grouping 64 bits takes a fraction of the time that reading long texts does.
"""
_KEY_COLUMNS: Final = ", ".join(f"{name} UBIGINT" for name in KEYS)


def with_keys(table: str) -> str:
    """SQL for the rows of a table that has the columns of an event, as the event table has them."""
    keys = ", ".join(f"{sql} AS {name}" for name, sql in KEYS.items())
    return f"SELECT {', '.join(COLUMNS)}, {keys} FROM {table}"  # noqa: S608  # our own names


# No primary key and no index: each stalls a growing store for seconds at checkpoints; the anti-join
# on identity and time does their work.
# Every table is made where it is missing; what else an earlier version lacks is in `upgrade`.
DDL: Final[tuple[str, ...]] = (
    "CREATE TABLE IF NOT EXISTS meta (name VARCHAR, value VARCHAR)",
    f"CREATE TABLE IF NOT EXISTS events ({_columns(ARROW, _SQL_TYPES)}, {_KEY_COLUMNS})",
    f"CREATE TABLE IF NOT EXISTS deliveries ({_columns(DELIVERIES, _DELIVERY_TYPES)})",
    """CREATE TABLE IF NOT EXISTS quarantine (
        profile VARCHAR, source VARCHAR, stream VARCHAR, received_at TIMESTAMP, run_id BIGINT,
        reason VARCHAR, raw BLOB)""",
    """CREATE TABLE IF NOT EXISTS coverage (
        profile VARCHAR, source VARCHAR, filter VARCHAR,
        from_at TIMESTAMP, to_at TIMESTAMP, read_at TIMESTAMP)""",
    """CREATE TABLE IF NOT EXISTS sources (
        profile VARCHAR, source VARCHAR, events BIGINT, oldest TIMESTAMP, newest TIMESTAMP)""",
    """CREATE TABLE IF NOT EXISTS dropped (
        profile VARCHAR, source VARCHAR, event_type VARCHAR, before_at TIMESTAMP)""",
    """CREATE TABLE IF NOT EXISTS applied (
        inbox_id BIGINT, received_at TIMESTAMP, added BIGINT, repeated BIGINT,
        quarantined BIGINT)""",
    *rollups.DDL,
    texts.DDL,
)


def upgrade(connection: "duckdb.DuckDBPyConnection", on_progress: OnUpgrade = ignore) -> None:
    """Give the tables of an earlier version, inside a transaction, what they lack."""
    steps: tuple[Callable[[duckdb.DuckDBPyConnection], None], ...] = (
        _add_keys,
        *(partial(rollups.rebuild_one, name=name) for name in rollups.TABLES),
        texts.rebuild,
    )
    for number, step in enumerate(steps):
        on_progress(UpgradeProgress("Upgrading the event store", number, len(steps)))
        step(connection)
    on_progress(UpgradeProgress("Upgrading the event store", len(steps), len(steps)))


def _add_keys(connection: "duckdb.DuckDBPyConnection") -> None:
    for name in KEYS:
        connection.execute(f"ALTER TABLE events ADD COLUMN IF NOT EXISTS {name} UBIGINT")
    keys = ", ".join(f"{name} = {sql}" for name, sql in KEYS.items())
    connection.execute(f"UPDATE events SET {keys}")  # noqa: S608  # our own names

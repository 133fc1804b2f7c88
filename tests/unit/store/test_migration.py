"""Stores of an earlier version open, keep what they hold, and gain what is new."""

import sqlite3
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from lib.core.errors import StoreError
from lib.store import EventStore, Ledger, Stores
from lib.store.events import rollups
from lib.store.events.schema import COLUMNS, EVENTS_VERSION
from lib.store.ledger.inbox import pack
from lib.store.ledger.tables import LEDGER_VERSION
from lib.webhooks.receive.keeper import Keeper
from tests.unit.activity.samples import NOW, box_event, box_page, put_events
from tests.webhook_bench import Bench, acme, box_body

VERSION = "SELECT value FROM meta WHERE name = 'version'"
# The tables as version 1 made them.
LEDGER_1 = """
CREATE TABLE meta (name VARCHAR(40) NOT NULL, value TEXT NOT NULL, PRIMARY KEY (name));
CREATE TABLE inbox (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, run_id INTEGER,
 kind VARCHAR(20) NOT NULL, profile VARCHAR(80) NOT NULL, source VARCHAR(20) NOT NULL,
 stream VARCHAR(40), enterprise_id TEXT, account_id TEXT, received_at BIGINT NOT NULL,
 size INTEGER NOT NULL, body BLOB NOT NULL);
CREATE INDEX inbox_run ON inbox (run_id);
INSERT INTO meta VALUES ('version', '1');
"""
EVENTS_1 = (
    "CREATE TABLE meta (name VARCHAR, value VARCHAR)",
    f"""CREATE TABLE events ({", ".join(
        f"{name} TIMESTAMP NOT NULL" if name in ("occurred_at", "received_at")
        else f"{name} BIGINT" if name == "size_bytes"
        else f"{name} INTEGER NOT NULL" if name == "normaliser"
        else f"{name} VARCHAR" for name in COLUMNS)})""",
    """CREATE TABLE quarantine (profile VARCHAR, source VARCHAR, stream VARCHAR,
        received_at TIMESTAMP, run_id BIGINT, reason VARCHAR, raw BLOB)""",
    """CREATE TABLE coverage (profile VARCHAR, source VARCHAR, filter VARCHAR,
        from_at TIMESTAMP, to_at TIMESTAMP, read_at TIMESTAMP)""",
    """CREATE TABLE sources (profile VARCHAR, source VARCHAR, events BIGINT, oldest TIMESTAMP,
        newest TIMESTAMP)""",
    """CREATE TABLE applied (inbox_id BIGINT, received_at TIMESTAMP, added BIGINT,
        repeated BIGINT, quarantined BIGINT)""",
    "INSERT INTO meta VALUES ('version', '1')",
    "INSERT INTO sources VALUES ('acme', 'box_stream', 3, '2026-01-01', '2026-01-02')",
    """INSERT INTO events (event_id, source, profile, occurred_at, received_at, event_type,
        category, actor_id, actor_kind, normaliser)
        SELECT 'old-' || i, 'box_stream', 'acme', TIMESTAMP '2026-01-01' + i * INTERVAL 12 HOUR,
        '2026-01-03', 'DOWNLOAD', 'content', '11', 'managed', 1 FROM range(3) t(i)""",
)  # fmt: skip


def old_stores(folder: Path) -> None:
    """Files as version 1 left them: a page waits in the ledger, three events are stored."""
    body = box_page([box_event(1)])
    with closing(sqlite3.connect(folder / "ledger.sqlite")) as ledger, ledger:
        ledger.executescript(LEDGER_1)
        ledger.execute(
            "INSERT INTO inbox (kind, profile, source, received_at, size, body)"
            " VALUES ('page', 'acme', 'box_stream', ?, ?, ?)",
            [int(NOW.timestamp() * 1e6), len(body), pack(body)],
        )
    ledger.close()
    with duckdb.connect(str(folder / "events.duckdb")) as events:
        for statement in EVENTS_1:
            events.execute(statement)


def opened(folder: Path) -> Stores:
    return Stores(
        Ledger.open(f"sqlite:///{folder / 'ledger.sqlite'}"),
        EventStore.open(folder / "events.duckdb"),
    )


def test_files_of_version_1_open_and_take_deliveries(tmp_path: Path) -> None:
    old_stores(tmp_path)
    stores = opened(tmp_path)
    assert stores.events.sources("acme")[0].events == 3
    for table in set(rollups.TABLES) - {"item_sizes"}:  # made of the events that were there
        assert stores.events.rows(f"SELECT sum(events) FROM {table}") == [(3,)]  # noqa: S608
    (waiting,) = stores.ledger.inbox.take(10)
    assert (waiting.meta, waiting.body) == (None, box_page([box_event(1)]))
    keeper = _keeper(stores)
    webhooks = Bench(stores, keeper, {"acme": acme()})
    assert webhooks.box(box_body(1)).status_code == 200
    keeper.stop()
    assert webhooks.drain().added == 2
    assert stores.events.count() == 5
    assert len(webhooks.rows()) == 1
    stores.close()
    again = opened(tmp_path)
    assert again.events.rows(VERSION) == [(str(EVENTS_VERSION),)]
    assert again.events.rows("SELECT count(*) FROM deliveries") == [(1,)]
    put_events(again, [box_event(2)])
    again.close()


def test_an_old_ledger_says_the_new_version_afterwards(tmp_path: Path) -> None:
    old_stores(tmp_path)
    opened(tmp_path).close()
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite")) as ledger, ledger:
        assert ledger.execute(VERSION).fetchall() == [(str(LEDGER_VERSION),)]
    ledger.close()


def test_an_older_event_store_is_upgraded_only_after_what_comes_before(tmp_path: Path) -> None:
    old_stores(tmp_path)
    path, seen = tmp_path / "events.duckdb", []

    def before_upgrade() -> None:
        with duckdb.connect(str(path), read_only=True) as events:  # it is closed
            seen.extend(events.execute(VERSION).fetchall())

    for _ in range(2):
        EventStore.open(path, before_upgrade=before_upgrade).close()
    assert seen == [("1",)]


def test_a_migration_that_fails_leaves_the_ledger_as_it_was(tmp_path: Path) -> None:
    old_stores(tmp_path)
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite")) as ledger, ledger:
        ledger.execute("ALTER TABLE inbox ADD COLUMN meta TEXT")  # the step can't be done again
    ledger.close()
    with pytest.raises(StoreError):
        Ledger.open(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite")) as ledger, ledger:
        assert ledger.execute(VERSION).fetchall() == [("1",)]
        assert ledger.execute("SELECT count(*) FROM inbox").fetchall() == [(1,)]
    ledger.close()


@pytest.mark.parametrize("name", ["ledger.sqlite", "events.duckdb"])
def test_a_store_of_a_newer_version_is_not_touched(tmp_path: Path, name: str) -> None:
    opened(tmp_path).close()
    newer = "UPDATE meta SET value = '999' WHERE name = 'version'"
    if name == "ledger.sqlite":
        with closing(sqlite3.connect(tmp_path / name)) as ledger, ledger:
            ledger.execute(newer)
        ledger.close()
    else:
        with duckdb.connect(str(tmp_path / name)) as events:
            events.execute(newer)
    with pytest.raises(StoreError, match="newer version"):
        opened(tmp_path)


def _keeper(stores: Stores) -> Keeper:
    keeper = Keeper(stores.ledger.deliveries)
    keeper.start()
    return keeper


def test_a_store_of_version_5_gains_keys_sizes_and_texts(tmp_path: Path) -> None:
    path = tmp_path / "events.duckdb"
    stores = Stores(Ledger.in_memory(), EventStore.open(path))
    put_events(stores, [box_event(n) for n in range(3)])
    kept = stores.events.rows(f"SELECT {', '.join(COLUMNS)} FROM events ORDER BY event_id")  # noqa: S608
    reported = [
        stores.events.rows(f"SELECT * FROM {name} ORDER BY ALL")  # noqa: S608
        for name in (*rollups.TABLES, "texts")
    ]
    stores.close()
    with duckdb.connect(str(path)) as events:
        for statement in (
            "ALTER TABLE events DROP COLUMN item_key",
            "ALTER TABLE events DROP COLUMN name_key",
            "DROP TABLE texts",
            "DROP TABLE file_type_days",
            "ALTER TABLE hours DROP COLUMN bytes",
            "ALTER TABLE hours DROP COLUMN sized",
            "ALTER TABLE item_days ADD COLUMN item_id VARCHAR",
            "UPDATE meta SET value = '5' WHERE name = 'version'",
        ):
            events.execute(statement)
    again = EventStore.open(path)
    assert again.rows(f"SELECT {', '.join(COLUMNS)} FROM events ORDER BY event_id") == kept  # noqa: S608
    assert [
        again.rows(f"SELECT * FROM {name} ORDER BY ALL")  # noqa: S608
        for name in (*rollups.TABLES, "texts")
    ] == reported
    assert again.rows(
        "SELECT DISTINCT item_key = md5_number_lower(item_id),"
        " name_key = md5_number_lower(item_name) FROM events"
    ) == [(True, True)]
    again.close()

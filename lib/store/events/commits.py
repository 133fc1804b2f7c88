"""The statements of one commit: what is known already, what is added, what is covered.

An event's identity is (profile, source, event_id): one id at two times is a repeat. The search for
what is known already asks about the time of what arrives first, which reads one stretch of the
store; only what isn't there is looked for at all other times, by the key of its id. Each function
takes the cursor of a transaction that somebody else begins and ends.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lib.store.events import rollups, texts
from lib.store.events.batch import Covered, EventBatch, Quarantined
from lib.store.events.schema import ARROW, KEYS, TIME, with_keys
from lib.store.ledger.reading_runs import Counts
from lib.store.pair_mark import BEFORE, COMMIT, next_commit
from lib.store.spans import Span, union
from lib.store.times import aware_utc, naive_utc


def applied(batch: EventBatch, counts: Mapping[int, Counts]) -> pa.Table:
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


def append(
    cursor: duckdb.DuckDBPyConnection, table: str, rows: pa.Table, *, order_by: str = ""
) -> None:
    """Add rows to a table of the same columns: far quicker than one statement for each."""
    order = f" ORDER BY {order_by}" if order_by else ""
    cursor.register("arriving", rows)
    try:
        cursor.execute(f"INSERT INTO {table} SELECT * FROM arriving{order}")  # noqa: S608
    finally:
        cursor.unregister("arriving")


def known(
    cursor: duckdb.DuckDBPyConnection, events: pa.Table
) -> "np.ndarray[Any, np.dtype[np.int64]]":
    """The row numbers of events that the store has already, at whatever time."""
    n = np.arange(len(events), dtype=np.int64)
    keys = events.select(["profile", "source", "event_id", "occurred_at"])
    keys = keys.append_column("n", pa.array(n))
    times = _ends(events.column("occurred_at"))
    same_time = _among(cursor, keys, _SAME, times)
    rest = keys.filter(pa.array(~np.isin(n, same_time)))
    if not len(rest):
        return same_time
    cursor.register("arriving", rest)
    try:
        low, high = cursor.execute(_MAYBE).fetchall()[0]
    finally:
        cursor.unregister("arriving")
    if low is None:
        return same_time
    other_time = _among(cursor, rest, _SAME[1:], [low, high])
    return np.concatenate([same_time, other_time])


_SAME: Final = ("occurred_at", "profile", "source", "event_id")
# Reads eight bytes of each event; two ids with one key are rare, and compared afterwards.
_MAYBE: Final = f"""
SELECT min(e.occurred_at), max(e.occurred_at) FROM events e
JOIN (SELECT {KEYS["id_key"]} AS id_key FROM arriving) a USING (id_key)"""  # noqa: S608  # our own names


def _among(
    cursor: duckdb.DuckDBPyConnection, keys: pa.Table, same: Sequence[str], period: Sequence[Any]
) -> "np.ndarray[Any, np.dtype[np.int64]]":
    """The numbers of keys that are those of an event of a period, in the columns of `same`."""
    cursor.register("arriving", keys)
    try:
        found = cursor.execute(
            f"SELECT a.n FROM arriving a SEMI JOIN (SELECT {', '.join(same)} FROM events"  # noqa: S608  # our own names
            f" WHERE occurred_at BETWEEN ? AND ?) e USING ({', '.join(same)})",
            list(period),
        ).fetchnumpy()
    finally:
        cursor.unregister("arriving")
    return np.asarray(found["n"], dtype=np.int64)


def _ends(times: pa.ChunkedArray) -> list[Any]:
    bounds = pc.min_max(times)
    return [bounds["min"].as_py(), bounds["max"].as_py()]


def insert(cursor: duckdb.DuckDBPyConnection, events: pa.Table) -> int:
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


def set_aside(cursor: duckdb.DuckDBPyConnection, rows: Sequence[Quarantined]) -> list[int]:
    """Keep what can't be used, with its reason, each once; the inbox ids of repeats."""
    new: dict[tuple[str, str, str, bytes], Quarantined] = {}
    repeated = []
    for row in rows:
        key = (row.profile, row.source, row.reason, row.raw)
        if key in new:
            repeated.append(row.inbox_id)
        new.setdefault(key, row)
    before = _set_aside_before(cursor, list(new))
    repeated.extend(new.pop(key).inbox_id for key in before)
    if new:
        cursor.executemany(
            "INSERT INTO quarantine VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                [q.profile, q.source, q.stream, naive_utc(q.received_at), q.run_id, q.reason, q.raw]
                for q in new.values()
            ],
        )
    return repeated


def _set_aside_before(
    cursor: duckdb.DuckDBPyConnection, keys: list[tuple[str, str, str, bytes]]
) -> list[tuple[str, str, str, bytes]]:
    if not keys:
        return []
    profiles, sources, reasons, raws = zip(*keys, strict=True)
    arriving = {"profile": profiles, "source": sources, "reason": reasons}
    table = pa.table(
        {
            **{name: pa.array(values, pa.string()) for name, values in arriving.items()},
            "raw": pa.array(raws, pa.binary()),
            "n": pa.array(range(len(keys)), pa.int64()),
        }
    )
    cursor.register("arriving", table)
    try:
        found = cursor.execute(
            "SELECT a.n FROM arriving a SEMI JOIN quarantine q USING (profile, source, reason, raw)"
        ).fetchall()
    finally:
        cursor.unregister("arriving")
    return [keys[n] for (n,) in found]


def add_deliveries(cursor: duckdb.DuckDBPyConnection, rows: pa.Table) -> None:
    """Add deliveries of webhooks; one that is there already, from an older inbox, isn't doubled."""
    bounds = pc.min_max(rows.column("received_at"))
    cursor.register("arriving", rows)
    try:
        cursor.execute(
            "INSERT INTO deliveries SELECT a.* FROM arriving a ANTI JOIN (SELECT id FROM deliveries"
            " WHERE received_at BETWEEN ? AND ?) d USING (id) ORDER BY received_at",
            [bounds["min"].as_py(), bounds["max"].as_py()],
        )
    finally:
        cursor.unregister("arriving")


def cover(cursor: duckdb.DuckDBPyConnection, covered: Covered) -> None:
    """Join a span to those that are charted completely."""
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


def advance(cursor: duckdb.DuckDBPyConnection) -> None:
    """Name the commit that a transaction is."""
    found = cursor.execute("SELECT value FROM meta WHERE name = ?", [COMMIT]).fetchall()
    last = str(found[0][0]) if found else ""
    put_meta(cursor, {COMMIT: next_commit(last), BEFORE: last})


def put_meta(cursor: duckdb.DuckDBPyConnection, values: dict[str, str]) -> None:
    """Write rows of `meta`."""
    cursor.execute("DELETE FROM meta WHERE list_contains(?::VARCHAR[], name)", [list(values)])
    for name, value in values.items():
        cursor.execute("INSERT INTO meta VALUES (?, ?)", [name, value])


def by_entry(
    entries: "np.ndarray[Any, np.dtype[np.int64]]",
) -> Iterator[tuple[int, int]]:
    """The inbox entries, and how many rows came from each."""
    ids, counts = np.unique(entries, return_counts=True)
    for entry, n in zip(ids, counts, strict=True):
        yield int(entry), int(n)

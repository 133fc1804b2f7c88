"""The event store beside a pandas frame and SQLite, in one run.

Prints how fast raw pages in the inbox become committed rows, how large the store is, what the
questions of the activity page take at each size, and the memory of each process. Nothing is
asserted about time.

    python -m benchmarks.store --sizes 1000000 10000000

Each measurement runs in a process of its own, so that memory is its own too. The events are made
by the database from row numbers: 14 types, 2,000 actors, 300,000 items, skewed, over a year. pandas
and SQLite hold the twelve columns that the questions need, without raw JSON.
"""

import argparse
import json
import os
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import orjson

from lib.activity.ingest.drain import drain
from lib.activity.model.directory import ledger_directories
from lib.activity.queries import (
    content,
    paging,
    period_totals,
    profiles,
    rankings,
    sharing,
    summaries,
    time_series,
)
from lib.activity.queries.filters import Filters
from lib.store import EventStore, Ledger, Stores
from lib.store.events import rollups, texts
from lib.store.events.schema import with_keys
from lib.store.ledger.inbox import EntryKind, NewEntry
from lib.store.spans import Span

END: Final = datetime(2026, 11, 1, tzinfo=UTC)
YEAR: Final = timedelta(days=365)
CHUNK: Final = 1_000_000
REPEATS: Final = 5
RARE: Final = "quarterly-plan-4711"
KEPT: Final = ("event_id", "occurred_at", "event_type", "category", "actor_id", "actor_login",
               "actor_name", "actor_kind", "item_id", "item_name", "owner_id", "ip")  # fmt: skip
TYPES: Final = ("DOWNLOAD", "PREVIEW", "UPLOAD", "EDIT", "LOGIN", "SHARE", "MOVE", "COPY",
                "DELETE", "RENAME", "COLLABORATION_INVITE", "COMMENT_CREATE", "FAILED_LOGIN",
                "NEW_USER")  # fmt: skip

# Row i of n: times rise with i; h1 to h3 are hashes of it, squared for skew.
MAKE: Final = """
WITH rows AS (
    SELECT i, (hash(i) % 1000000) / 1e6 AS h1, (hash(i + 7) % 1000000) / 1e6 AS h2,
           (hash(i + 13) % 1000000) / 1e6 AS h3
    FROM range($low, $high) t(i)),
events_of AS (
    SELECT *, (10000000 + 2000 * h1 * h1 * h1)::BIGINT AS actor,
           (700000000 + 300000 * h2 * h2)::BIGINT AS item,
           list_extract($types, 1 + (14 * h3 * h3)::INT % 14) AS kind,
           TIMESTAMP '2025-11-01' + to_microseconds((i * 31536000000000.0 / $n)::BIGINT) AS at_
    FROM rows)
SELECT uuid()::VARCHAR AS event_id, 'box_stream' AS source, 'bench' AS profile,
    'admin_logs' AS stream, '424242' AS enterprise_id, NULL AS account_id,
    at_ AS occurred_at, at_ AS received_at, kind AS event_type,
    CASE WHEN kind LIKE '%LOGIN' THEN 'login' ELSE 'content' END AS category,
    actor::VARCHAR AS actor_id, 'user' || actor || '@acme.example' AS actor_login,
    'User ' || actor AS actor_name,
    CASE WHEN h1 > 0.95 THEN 'service' ELSE 'managed' END AS actor_kind, NULL AS action_by_id,
    'file' AS item_type, item::VARCHAR AS item_id,
    CASE WHEN i % 997331 = 11 THEN 'quarterly-plan-4711.xlsx'
         ELSE 'document ' || item || '.pdf' END AS item_name,
    (item % 9000)::VARCHAR AS parent_id, 'Folder ' || item % 9000 AS parent_name,
    (10000000 + item % 2000)::VARCHAR AS owner_id,
    'user' || (10000000 + item % 2000) || '@acme.example' AS owner_login,
    NULL AS target_id, NULL AS target_login, '203.0.' || actor % 113 || '.' || actor % 250 AS ip,
    NULL AS session_id, '54321' AS service_id, 'Box Web' AS service_name,
    CASE WHEN kind <> 'DELETE' OR i % 4 > 0 THEN (h2 * 1e7)::BIGINT END AS size_bytes,
    1 AS normaliser,
    '{"type":"event","event_id":"' || i || '-' || hash(i + 3) || '","event_type":"' || kind
    || '","created_at":"' || at_ || '","created_by":{"type":"user","id":"' || actor
    || '","name":"User ' || actor || '"},"source":{"item_type":"file","item_id":"' || item
    || '","parent":{"type":"folder","id":"' || item % 9000 || '"}},"additional_details":{'
    || '"service_id":"54321","ekm_id":"' || md5(i::VARCHAR) || '","version_id":"' || hash(i + 5)
    || '","size":' || (h2 * 1e7)::BIGINT || $padding || '"}}' AS raw
FROM events_of"""
PADDING: Final = ',"shield":null,"note":"' + "accessible through the usual way, unchanged; " * 14


# --- making


def build(path: Path, n: int, make: str = MAKE) -> None:
    """A store of n events."""
    store = EventStore.open(path)
    for low in range(0, n, CHUNK):
        cursor = store._connection.cursor()  # noqa: SLF001  # loads faster than any way in of ours
        cursor.execute(
            f"INSERT INTO events {with_keys(f'({make})')}",
            {
                "low": low,
                "high": min(n, low + CHUNK),
                "n": n,
                "types": list(TYPES),
                "padding": PADDING,
            },
        ).fetchall()
        cursor.close()
    cursor = store._connection.cursor()  # noqa: SLF001  # as above
    cursor.execute(
        "INSERT INTO sources SELECT profile, source, count(*), min(occurred_at), max(occurred_at)"
        " FROM events GROUP BY ALL"
    ).fetchall()
    rollups.rebuild(cursor)
    texts.rebuild(cursor)
    span = Span(END - 3 * YEAR, END, END)
    cursor.execute(
        "INSERT INTO coverage VALUES ('bench', 'box_stream', '', ?, ?, ?)",
        [at.replace(tzinfo=None) for at in (span.start, span.end, END)],
    ).fetchall()
    cursor.close()
    store.checkpoint()
    store.close()


def inbox_pages(count: int) -> list[bytes]:
    """Raw pages of 500 events, as Box would send them."""
    pages = []
    for page in range(count):
        entries = [_raw(page * 500 + n) for n in range(500)]
        pages.append(
            orjson.dumps({"chunk_size": 500, "next_stream_position": "1", "entries": entries})
        )
    return pages


def _raw(i: int) -> dict[str, Any]:
    return {
        "type": "event",
        "event_id": f"{i:08x}-1111-4222-8333-{i * 2654435761 % 2**48:012x}",
        "event_type": TYPES[i * i % 14],
        "created_at": (END - YEAR + timedelta(seconds=i)).isoformat(),
        "created_by": {"type": "user", "id": str(11_000_000 + i % 997), "name": f"User {i % 997}",
                       "login": f"user{i % 997}@acme.example"},
        "source": {"item_type": "file", "item_id": str(73_000_000_000 + i % 9973),
                   "item_name": f"document {i % 9973}.pdf",
                   "parent": {"type": "folder", "name": f"Folder {i % 91}", "id": str(i % 91)},
                   "owned_by": {"type": "user", "id": str(12_000_000 + i % 89), "name": "Owner",
                                "login": f"owner{i % 89}@acme.example"}},
        "additional_details": {"size": i % 10_000_000, "service_id": "54321",
                               "service_name": "Box Web", "ekm_id": f"{i * 40503:032x}",
                               "version_id": str(85_000_000_000 + i), "note": "x" * 500},
        "session_id": None,
        "ip_address": f"203.0.113.{i % 250}",
        "action_by": None,
    }  # fmt: skip


# --- measuring, each in a process of its own


def measure_drain(folder: Path, events: int) -> dict[str, Any]:
    """Raw pages in the inbox to committed rows."""
    ledger = Ledger.open(f"sqlite:///{folder / 'ledger.sqlite'}")
    for body in inbox_pages(events // 500):
        ledger.inbox.acknowledge([NewEntry(EntryKind.PAGE, "bench", "box_stream", body, END)])
    stores = Stores(ledger, EventStore.open(folder / "drained.duckdb"))
    directories, steps = ledger_directories(ledger), []
    begin, cpu = time.perf_counter(), time.process_time()
    added = 0
    while True:
        step = time.perf_counter()
        result = drain(stores, directories)
        if not result.pages:
            break
        added += result.added
        steps.append(time.perf_counter() - step)
    took, used = time.perf_counter() - begin, time.process_time() - cpu
    stores.close()
    return {
        "events": added,
        "per_s": added / took,
        "per_cpu_s": added / used,
        "longest_step_s": max(steps),
        "bytes_a_row": (folder / "drained.duckdb").stat().st_size / added,
    }


Question = Callable[[int], Any]


def ask(questions: dict[str, Question]) -> dict[str, dict[str, float]]:
    """Milliseconds (median, warm) by question, for 30 and 365 days, and those of CPU time.

    On a machine that is busy with something else CPU time tells more: it counts every thread.
    """
    found: dict[str, dict[str, float]] = {}
    for name, question in questions.items():
        for days in (30, 365):
            times: list[float] = []
            used: list[float] = []
            question(days)
            for _ in range(REPEATS):
                begin, cpu = time.perf_counter(), time.process_time()
                question(days)
                times.append((time.perf_counter() - begin) * 1000)
                used.append((time.process_time() - cpu) * 1000)
                if sum(times) > 5000:
                    break
            found.setdefault(name, {})[str(days)] = statistics.median(times)
            found[name][f"{days} cpu"] = statistics.median(used)
    return found


def measure_duckdb(path: Path) -> dict[str, Any]:
    """The page's questions as the app asks them."""
    begin = time.perf_counter()
    events = EventStore.open(path)
    opened = time.perf_counter() - begin
    actor = str(events.rows("SELECT max(actor_id) FROM events")[0][0])

    def choice(days: int, **more: Any) -> Filters:
        return Filters("bench", END - timedelta(days=days), END, **more)

    questions: dict[str, Question] = {
        "series by type": lambda d: time_series.series(
            events, choice(d), now=END, timezone="Europe/Berlin"
        ),
        "top actors": lambda d: summaries.top(events, choice(d), "actor", limit=20),
        "top items": lambda d: summaries.top(events, choice(d), "item", limit=20),
        "top addresses": lambda d: summaries.top(events, choice(d), "ip", limit=20),
        "weekday by hour": lambda d: summaries.heatmap(events, choice(d), timezone="Europe/Berlin"),
        "totals, two periods": lambda d: period_totals.totals(events, choice(d), now=END),
        "newest page": lambda d: paging.page(events, choice(d)),
        "page of a rare actor": lambda d: paging.page(
            events, choice(d, include={"actor": (actor,)})
        ),
        "rare text, page": lambda d: paging.page(events, choice(d, text=RARE)),
        "rare text, series": lambda d: time_series.series(events, choice(d, text=RARE), now=END),
        **views(events, choice, actor),
    }
    found = ask(questions)
    n = events.count()
    events.close()
    return {"ms": found, "bytes_a_row": path.stat().st_size / n, "open_s": opened, "events": n}


def views(events: EventStore, choice: Callable[..., Filters], actor: str) -> dict[str, "Question"]:
    """What the views of Activity ask beyond that: ours only."""
    item = str(events.rows("SELECT max(item_id) FROM events")[0][0])
    person = {"include": {"actor": (actor,)}}
    ranked = {
        f"{by}s beside before": lambda d, by=by: rankings.ranked(events, choice(d), by, now=END)
        for by in ("actor", "item", "network", "file_type", "parent")
    }
    return {
        **ranked,
        "totals of one type": lambda d: period_totals.totals(
            events, choice(d, include={"type": ("DOWNLOAD",)}), now=END
        ),
        "downloads and uploads": lambda d: content.moved(events, choice(d), now=END),
        "storage": lambda d: content.storage(events, choice(d), now=END),
        "sharing": lambda d: sharing.sharing(events, choice(d), now=END),
        "person: who": lambda d: profiles.subject(events, choice(d), "actor", actor),
        "person: over time": lambda d: time_series.series(events, choice(d, **person), now=END),
        "person: items": lambda d: summaries.top(events, choice(d, **person), "item"),
        "person: peers": lambda d: profiles.peers(events, choice(d), actor),
        "item: who": lambda d: profiles.subject(events, choice(d), "item", item),
    }


def measure_pandas(path: Path) -> dict[str, Any]:
    """The same questions to a frame in memory."""
    import pandas as pd  # noqa: PLC0415  # only here, its memory is measured

    store = EventStore.open(path)
    frame = store.frame(f"SELECT {', '.join(KEPT)} FROM events ORDER BY occurred_at")  # noqa: S608
    store.close()
    times, actor = frame["occurred_at"], str(frame["actor_id"].max())

    def period(days: int, before: int = 0) -> pd.DataFrame:
        low = pd.Timestamp(END.replace(tzinfo=None)) - pd.Timedelta(days=days * (1 + before))
        first, last = times.searchsorted([low, low + pd.Timedelta(days=days)])
        return frame.iloc[int(first) : int(last)]

    def top(days: int, name: str, label: str) -> Any:
        groups = period(days).groupby(name)[label].agg(["size", "last"])
        return groups.nlargest(20, "size")

    def heat(days: int) -> Any:
        local = period(days)["occurred_at"].dt.tz_localize("UTC").dt.tz_convert("Europe/Berlin")
        return local.groupby([local.dt.weekday, local.dt.hour]).size()

    def series(days: int) -> Any:
        chosen = period(days)
        local = chosen["occurred_at"].dt.tz_localize("UTC").dt.tz_convert("Europe/Berlin")
        return chosen.groupby([local.dt.floor("D", ambiguous="NaT"), chosen["event_type"]]).size()

    def totals(days: int) -> Any:
        parts = [period(days), period(days, 1)]
        return [(len(p), p["actor_id"].nunique(), p["item_id"].nunique()) for p in parts]

    def rare(days: int) -> Any:
        chosen = period(days)
        hit = chosen["item_name"].str.contains(RARE, case=False, regex=False)
        for name in ("actor_name", "actor_login"):
            hit |= chosen[name].str.contains(RARE, case=False, regex=False)
        return chosen[hit].tail(100)

    return {
        "ms": ask(
            {
                "series by type": series,
                "top actors": lambda d: top(d, "actor_id", "actor_name"),
                "top items": lambda d: top(d, "item_id", "item_name"),
                "top addresses": lambda d: top(d, "ip", "ip"),
                "weekday by hour": heat,
                "totals, two periods": totals,
                "newest page": lambda d: period(d).tail(100),
                "page of a rare actor": lambda d: (c := period(d))[c["actor_id"] == actor].tail(
                    100
                ),
                "rare text, page": rare,
            }
        )
    }


def measure_sqlite(path: Path) -> dict[str, Any]:
    """The same questions to SQLite with an index on time and on actor and time."""
    target = path.with_suffix(".sqlite")
    database = sqlite3.connect(target)
    database.executescript(
        "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-200000"
    )
    database.execute(f"CREATE TABLE events ({', '.join(KEPT)})")
    store = EventStore.open(path)
    names = ", ".join(
        "epoch_us(occurred_at) AS occurred_at" if name == "occurred_at" else name for name in KEPT
    )
    marks = ", ".join("?" * len(KEPT))
    with store.batches(f"SELECT {names} FROM events", rows=100_000) as batches:  # noqa: S608
        for batch in batches:
            rows = zip(*(column.to_pylist() for column in batch.columns), strict=True)
            database.executemany(f"INSERT INTO events VALUES ({marks})", rows)  # noqa: S608
    store.close()
    database.commit()
    database.execute("CREATE INDEX by_time ON events (occurred_at)")
    database.execute("CREATE INDEX by_actor ON events (actor_id, occurred_at)")
    actor = database.execute("SELECT max(actor_id) FROM events").fetchone()[0]
    end = int(END.timestamp() * 1e6)
    day = 86_400_000_000

    def run(sql: str, days: int, *more: Any) -> Any:
        where = f"occurred_at >= {end - days * day} AND occurred_at < {end}"
        return database.execute(sql.replace("PERIOD", where), more).fetchall()

    def top(name: str, label: str) -> str:
        return (
            f"SELECT {name}, max({label}), count(*) AS n FROM events WHERE PERIOD"  # noqa: S608
            f" GROUP BY {name} ORDER BY n DESC LIMIT 20"
        )

    distinct = "SELECT count(*), count(DISTINCT actor_id), count(DISTINCT item_id) FROM events"
    found = ask(
        {
            "series by type": lambda d: run(
                "SELECT (occurred_at + 3600000000) / 86400000000, event_type, count(*)"
                " FROM events WHERE PERIOD GROUP BY 1, 2",
                d,
            ),
            "top actors": lambda d: run(top("actor_id", "actor_name"), d),
            "top items": lambda d: run(top("item_id", "item_name"), d),
            "top addresses": lambda d: run(top("ip", "ip"), d),
            "weekday by hour": lambda d: run(
                "SELECT (occurred_at / 3600000000 + 1) % 168, count(*) FROM events WHERE PERIOD"
                " GROUP BY 1",
                d,
            ),
            "totals, two periods": lambda d: (
                run(f"{distinct} WHERE PERIOD", d),
                run(f"{distinct} WHERE PERIOD", 2 * d),
            ),
            "newest page": lambda d: run(
                "SELECT * FROM events WHERE PERIOD ORDER BY occurred_at DESC LIMIT 100", d
            ),
            "page of a rare actor": lambda d: run(
                "SELECT * FROM events WHERE actor_id = ? AND PERIOD"
                " ORDER BY occurred_at DESC LIMIT 100",
                d,
                actor,
            ),
            "rare text, page": lambda d: run(
                "SELECT * FROM events WHERE PERIOD AND (item_name LIKE ?1 OR actor_name LIKE ?1"
                " OR actor_login LIKE ?1) ORDER BY occurred_at DESC LIMIT 100",
                d,
                f"%{RARE}%",
            ),
        }
    )
    database.close()
    size = target.stat().st_size
    target.unlink()
    return {"ms": found, "bytes": size}


# --- the table


def child(job: str, folder: Path, n: int) -> dict[str, Any]:
    """Run one measurement in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.store", "--job", job, str(folder), str(n)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(answer.stdout)
    return found


def job(name: str, folder: Path, n: int) -> dict[str, Any]:
    """One measurement, in this process."""
    path = folder / f"events-{n}.duckdb"
    begin = time.perf_counter()
    if name == "build":
        build(path, n)
        found: dict[str, Any] = {}
    elif name == "drain":
        found = measure_drain(folder, n)
    else:
        found = {
            "duckdb": measure_duckdb,
            "pandas": measure_pandas,
            "sqlite": measure_sqlite,
        }[name](path)
    found["took_s"] = time.perf_counter() - begin
    found["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return found


def report(n: int, found: dict[str, dict[str, Any]]) -> None:
    ours = found["duckdb"]
    print(
        f"\n{n:,} events: {ours['bytes_a_row']:.0f} bytes a row, opened in {ours['open_s']:.2f} s"
    )
    engines = list(found)
    print(
        f"{'ms, median warm':24}"
        + "".join(f"{e + ' 30 d':>13}{'365 d':>9}" for e in [*engines, "CPU"])
    )
    for question, times in ours["ms"].items():
        cells = ""
        for engine in engines:
            of = found[engine]["ms"].get(question, {})
            cells += "".join(
                f"{of[days]:>{width}.1f}" if days in of else " " * (width - 1) + "-"
                for days, width in (("30", 13), ("365", 9))
            )
        print(f"{question:24}{cells}{times['30 cpu']:>13.1f}{times['365 cpu']:>9.1f}")
    print(
        f"{'peak memory, MB':24}" + "".join(f"{found[e]['peak_mb']:>13.0f}{'':9}" for e in engines)
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=str(__doc__).split("\n", 1)[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--drain", type=int, default=100_000, help="events for the drain")
    parser.add_argument("--engines", nargs="+", default=["duckdb", "pandas", "sqlite"])
    parser.add_argument("--job", nargs=3, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.job:
        name, folder, n = chosen.job
        print(json.dumps(job(name, Path(folder), int(n))))
        return
    print(f"{os.cpu_count()} CPUs, load before the start {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if chosen.drain:
            drained = child("drain", folder, chosen.drain)
            print(
                f"inbox to committed rows: {drained['events']:,} events, {drained['per_s']:,.0f}/s"
                f" ({drained['per_cpu_s']:,.0f} per CPU second), longest step"
                f" {drained['longest_step_s']:.2f} s, {drained['bytes_a_row']:.0f} bytes a row,"
                f" peak {drained['peak_mb']:.0f} MB"
            )
        for n in chosen.sizes:
            made = child("build", folder, n)
            print(f"\n(made {n:,} events in {made['took_s']:.0f} s)", flush=True)
            report(n, {engine: child(engine, folder, n) for engine in chosen.engines})
            (folder / f"events-{n}.duckdb").unlink()


if __name__ == "__main__":
    main()

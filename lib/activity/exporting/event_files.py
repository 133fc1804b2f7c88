"""Events as CSV, JSON Lines or Parquet, streamed: a file is never held in memory.

JSON Lines and Parquet are exact. CSV has a guard against formulas, which the import takes away
again. Rows are in the order of time; columns are those of the design. What isn't read is told in
`completeness`, which belongs beside every export (file name, Parquet metadata).
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, BinaryIO, Final

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from lib.activity.exporting.csv_safety import guarded
from lib.activity.ingest.derived_ids import sent
from lib.activity.model.coverage import Coverage
from lib.activity.model.event import COLUMNS
from lib.activity.queries.chosen_coverage import coverage_for
from lib.activity.queries.filters import Filters, condition
from lib.activity.queries.source_of_record import chosen, chosen_source
from lib.core.time_texts import rfc3339
from lib.store.events.events import EventStore
from lib.store.events.schema import ARROW

CSV_SCHEMA: Final = 1
# The store keeps times without a zone, in UTC; whoever else reads the file is told so.
_FILE_SCHEMA: Final = pa.schema(
    [
        pa.field(f.name, pa.timestamp("us", tz="UTC"), f.nullable)
        if pa.types.is_timestamp(f.type)
        else f
        for f in ARROW
    ]
)
_DAY: Final = timedelta(days=1)
_SORTED: Final = 50_000
"""About so many rows are sorted at once, where a day has fewer."""
_TIMES: Final = tuple(n for n, name in enumerate(COLUMNS) if name.endswith("_at"))


class ExportFormat(StrEnum):
    """What a file can be."""

    CSV = "csv"
    JSONL = "jsonl"
    PARQUET = "parquet"

    @property
    def media_type(self) -> str:
        """The media type of a download."""
        return _MEDIA_TYPES[self]


_MEDIA_TYPES: Final = {
    ExportFormat.CSV: "text/csv; charset=utf-8",
    ExportFormat.JSONL: "application/x-ndjson",
    ExportFormat.PARQUET: "application/vnd.apache.parquet",
}


@dataclass(slots=True)
class ExportCount:
    """How many rows went out so far."""

    rows: int = 0


def export(events: EventStore, filters: Filters, form: ExportFormat, file: BinaryIO) -> int:
    """Write the events of a choice to a binary file; how many."""
    count = ExportCount()
    file.writelines(stream(events, filters, form, count=count))
    return count.rows


def stream(
    events: EventStore,
    filters: Filters,
    form: ExportFormat,
    *,
    count: ExportCount | None = None,
    now: datetime | None = None,
) -> Iterator[bytes]:
    """The events of a choice as the bytes of a file, piece by piece; `count` follows along.

    `now` (UTC) is when completeness is judged, for the metadata of a Parquet file.
    """
    tables = _counting(_tables(events, filters), count or ExportCount())
    if form is ExportFormat.PARQUET:
        source = chosen_source(events, filters)
        known = coverage_for(events, filters, source, now or datetime.now(UTC))
        return _parquet(tables, completeness(known, filters))
    return _csv(tables) if form is ExportFormat.CSV else _jsonl(tables)


def completeness(known: Coverage, filters: Filters) -> str:
    """What of the period is read, in a sentence: `complete to 2026-11-01T10:42:00Z`."""
    end = min(filters.until, known.now)
    missing = known.gaps(filters.since, end)
    if not missing:
        return f"complete to {rfc3339(end)}"
    parts = ", ".join(f"{rfc3339(gap.start)} to {rfc3339(gap.end)}" for gap in missing)
    return f"not read: {parts}"


def file_name(filters: Filters, form: ExportFormat, known: Coverage) -> str:
    """A name for a download that tells the period and up to when it is complete."""
    end = min(filters.until, known.now)
    gaps = known.gaps(filters.since, end)
    if not gaps:
        state = "complete"
    elif len(gaps) == 1 and gaps[0].end == end and gaps[0].start > filters.since:
        state = f"complete-to-{gaps[0].start.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    else:
        state = "incomplete"
    first, last = (at.astimezone(UTC).strftime("%Y%m%d") for at in (filters.since, end))
    return f"box-events-{first}-{last}-{state}.{form}"


def _tables(events: EventStore, filters: Filters) -> Iterator[pa.Table]:
    """Arrow tables in the order of time, out of stretches so short that sorting stays small."""
    filters, source = chosen(events, filters)
    facts = next((s for s in events.sources(filters.profile) if s.source == source), None)
    if facts is None:
        return
    low = max(filters.since, facts.oldest)
    end = min(filters.until, facts.newest + timedelta(microseconds=1))
    stretch = max(_DAY, (facts.newest - facts.oldest) * (_SORTED / facts.events))
    while low < end:
        high = end if stretch >= end - low else low + stretch
        where = condition(filters.between(low, high), source)
        with events.batches(
            f"SELECT {', '.join(map(sent, COLUMNS))} FROM events WHERE {where.sql}"  # noqa: S608
            " ORDER BY occurred_at, event_id",
            where.parameters,
        ) as batches:
            for batch in batches:
                yield pa.Table.from_batches([batch]).cast(ARROW)
        low = high


def _counting(tables: Iterator[pa.Table], count: ExportCount) -> Iterator[pa.Table]:
    for table in tables:
        count.rows += len(table)
        yield table


def _csv(tables: Iterator[pa.Table]) -> Iterator[bytes]:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(["csv_schema", *COLUMNS])
    for table in tables:
        for row in zip(*(column.to_pylist() for column in table.columns), strict=True):
            writer.writerow([CSV_SCHEMA, *map(_cell, row)])
        yield _take(buffer)
    if buffer.tell():
        yield _take(buffer)


def _take(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return rfc3339(value)
    return guarded(value) if isinstance(value, str) else guarded(str(value))


def _jsonl(tables: Iterator[pa.Table]) -> Iterator[bytes]:
    for table in tables:
        lines = []
        for row in zip(*(column.to_pylist() for column in table.columns), strict=True):
            cells = list(row)
            for n in _TIMES:
                cells[n] = rfc3339(cells[n])
            lines.append(orjson.dumps(dict(zip(COLUMNS, cells, strict=True))))
        lines.append(b"")
        yield b"\n".join(lines)


class _Outbox(io.RawIOBase):
    """A file that keeps what is written until it is taken away."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        part = bytes(data)
        self._parts.append(part)
        return len(part)

    def take(self) -> bytes:
        taken = b"".join(self._parts)
        self._parts.clear()
        return taken


def _parquet(tables: Iterator[pa.Table], complete: str) -> Iterator[bytes]:
    outbox = _Outbox()
    schema = _FILE_SCHEMA.with_metadata({"box_runbook.completeness": complete})
    with pq.ParquetWriter(pa.PythonFile(outbox, mode="w"), schema, compression="zstd") as writer:
        for table in tables:
            writer.write_table(table.cast(schema))
            yield outbox.take()
    yield outbox.take()

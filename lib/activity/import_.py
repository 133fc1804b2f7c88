"""Files of events, brought in through the inbox like everything else.

The format is told by the content: our own CSV, JSON Lines and Parquet exports, other CSV files with
our column names, and JSON Lines of raw Box events or of whole answers of Box. Our own exports come
back with their source and id; what others wrote is of source `import`. A row that can't be an event
is refused with its line and reason, the rest goes in.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, BinaryIO, Final

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from lib.activity.event import COLUMNS, Source
from lib.activity.export import CSV_SCHEMA
from lib.activity.guard import restored
from lib.activity.normalise import NOT_OBJECT, Context, normalise
from lib.activity.reading import Clock
from lib.activity.values import NotJson, dumps, loads, rfc3339
from lib.errors import ConfigurationError, Who
from lib.store.inbox import EntryKind, NewEntry
from lib.store.ledger import Ledger, Progress
from lib.store.runs import RunState

BATCH: Final = 2_000
MAX_REFUSED: Final = 10_000
"""So many refusals are listed; more are only counted."""
_MAX_ARRAY: Final = 256_000_000
_PARQUET: Final = b"PAR1"
# What other tools call our columns, as Box's own event fields are named.
_ALIASES: Final = {
    "created_at": "occurred_at",
    "type": "event_type",
    "ip_address": "ip",
    "user_id": "actor_id",
    "user_login": "actor_login",
    "user_name": "actor_name",
}
csv.field_size_limit(2**31 - 1)  # a raw event may be larger than the csv module's own limit


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that isn't in: its line in the file (from 1; a Parquet file: its row) and why."""

    line: int
    reason: str


@dataclass(slots=True)
class ImportResult:
    """What came of a file. `rows` went into the inbox; `refused` lists at most MAX_REFUSED."""

    run_id: int
    rows: int = 0
    refused: list[RefusedRow] = field(default_factory=list)
    refused_count: int = 0

    def refuse(self, line: int, reason: str) -> None:
        """Note a row that can't be taken."""
        self.refused_count += 1
        if len(self.refused) < MAX_REFUSED:
            self.refused.append(RefusedRow(line, reason))


Line = tuple[int, EntryKind, bytes]
"""The number of a row, what it is, and its JSON."""


def import_file(file: BinaryIO, profile: str, ledger: Ledger, *, clock: Clock) -> ImportResult:
    """Put the events of a file into the inbox of a profile, whatever the format.

    `file` is binary and can seek. Raises ConfigurationError when the content is no format we know.
    """
    result = ImportResult(
        ledger.begin_run(kind="import", profile=profile, source=Source.IMPORT, at=clock())
    )
    try:
        _import(_lines(file, result), profile, ledger, clock, result)
    except BaseException as error:
        text = getattr(error, "message", "The import ended unexpectedly.")
        ledger.finish_run(result.run_id, state=RunState.FAILED, at=clock(), error=str(text))
        raise
    ledger.finish_run(result.run_id, state=RunState.DONE, at=clock())
    return result


def _import(
    lines: Iterator[Line], profile: str, ledger: Ledger, clock: Clock, result: ImportResult
) -> None:
    waiting: dict[EntryKind, list[bytes]] = {EntryKind.ROWS: [], EntryKind.EVENTS: []}
    context = Context(profile=profile, source=Source.IMPORT, received_at=clock())
    for number, kind, line in lines:
        refused = normalise(kind, line, context).refused
        if refused:
            result.refuse(number, refused[0].reason)
            continue
        result.rows += 1
        waiting[kind].append(line)
        if len(waiting[kind]) >= BATCH:
            _send(ledger, kind, waiting[kind], context, result)
    for kind, rest in waiting.items():
        if rest:
            _send(ledger, kind, rest, context, result)


def _send(
    ledger: Ledger, kind: EntryKind, lines: list[bytes], context: Context, result: ImportResult
) -> None:
    entry = NewEntry(kind, context.profile, context.source, b"\n".join(lines), context.received_at)
    ledger.acknowledge([entry], run_id=result.run_id, progress=Progress(len(lines)))
    lines.clear()


def _lines(file: BinaryIO, result: ImportResult) -> Iterator[Line]:
    head = file.read(4096)
    file.seek(0)
    if head.startswith(_PARQUET):
        return _parquet(file)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in head[:64]:
        raise _unknown("The file isn't UTF-8 text and isn't Parquet.")
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"{"):
        return _jsonl(file, result)
    if text.startswith(b"["):
        return _array(file, result)
    return _csv(file, result) if text else iter(())


def _unknown(why: str) -> ConfigurationError:
    return ConfigurationError(
        "The file can't be imported.",
        cause=why,
        fix="Use a CSV, JSON Lines or Parquet export of this app, or JSON Lines of Box events.",
        who=Who.YOU,
    )


# --- JSON


def _jsonl(file: BinaryIO, result: ImportResult) -> Iterator[Line]:
    for number, line in enumerate(file, start=1):
        text = line.removeprefix(b"\xef\xbb\xbf").strip()
        if text:
            yield from _json(number, text, result)


def _json(number: int, text: bytes, result: ImportResult) -> Iterator[Line]:
    try:
        value, plain = loads(text)
    except NotJson as error:
        result.refuse(number, str(error))
        return
    if not isinstance(value, dict):
        result.refuse(number, NOT_OBJECT)
    elif isinstance(value.get("entries"), list):  # a whole answer of Box
        for entry in value["entries"]:
            yield number, EntryKind.EVENTS, dumps(entry, plain=plain).encode()
    elif "occurred_at" in value:
        yield number, EntryKind.ROWS, text
    else:
        yield number, EntryKind.EVENTS, text


def _array(file: BinaryIO, result: ImportResult) -> Iterator[Line]:
    body = file.read(_MAX_ARRAY + 1)
    if len(body) > _MAX_ARRAY:
        raise _unknown("A JSON array of this size can't be read; use one JSON object a line.")
    try:
        values, plain = loads(body)
    except NotJson as error:
        raise _unknown(f"It begins like a JSON array, but is {error}.") from error
    for number, value in enumerate(values, start=1):
        yield from _json(number, dumps(value, plain=plain).encode(), result)


# --- CSV


def _csv(file: BinaryIO, result: ImportResult) -> Iterator[Line]:
    text = io.TextIOWrapper(file, encoding="utf-8-sig", errors="surrogateescape", newline="")
    reader = csv.reader(text)
    try:
        header = [name.strip() for name in next(reader)]
        names = [name if name in COLUMNS else _ALIASES.get(name, name) for name in header]
        if "occurred_at" not in names or "event_type" not in names:
            raise _unknown("Its first line names no columns occurred_at and event_type.")
        own = header[0] == "csv_schema"
        yield from _csv_rows(reader, names, result, own=own)
    except csv.Error as error:
        result.refuse(reader.line_num, f"not CSV: {error}")
    finally:
        text.detach()


def _csv_rows(
    reader: Any, names: Sequence[str], result: ImportResult, *, own: bool
) -> Iterator[Line]:
    before = reader.line_num
    for cells in reader:
        number, before = before + 1, reader.line_num
        if not cells:
            continue
        if len(cells) != len(names):
            result.refuse(number, f"{len(cells)} cells instead of {len(names)}")
            continue
        if own and cells[0] != str(CSV_SCHEMA):
            result.refuse(number, "written by a version of this app that isn't known")
            continue
        values = {
            name: restored(cell) if own else cell
            for name, cell in zip(names, cells, strict=True)
            if cell and name in COLUMNS
        }
        if not own:
            values["source"] = Source.IMPORT
        try:
            yield number, EntryKind.ROWS, orjson.dumps(values)
        except orjson.JSONEncodeError:
            result.refuse(number, "not UTF-8")


# --- Parquet


def _parquet(file: BinaryIO) -> Iterator[Line]:
    try:
        parquet = pq.ParquetFile(file)
    except (pa.ArrowException, OSError) as error:
        raise _unknown("It begins like a Parquet file, but can't be read.") from error
    names = [name for name in parquet.schema_arrow.names if name in COLUMNS]
    if "occurred_at" not in names or "event_type" not in names:
        raise _unknown("It has no columns occurred_at and event_type.")
    number = 0
    for batch in parquet.iter_batches(batch_size=BATCH, columns=names):
        for row in batch.to_pylist():
            number += 1
            yield number, EntryKind.ROWS, orjson.dumps(row, default=_plain)


def _plain(value: Any) -> str:
    return rfc3339(value) if isinstance(value, datetime) else str(value)

"""Files of events, brought in through the inbox like everything else.

The format is told by the content: our own CSV, JSON Lines and Parquet exports, CSV files of other
programs (reports of the Admin Console among them), Box events as JSON Lines, arrays or pages with
`entries`. Our own exports come back with their source and id; what others wrote is of source
`import`. A row that can't be an event is refused with its line and reason, the rest goes in.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, BinaryIO, Final
from zoneinfo import ZoneInfo

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from lib.activity.importing.column_mapping import Columns, matched
from lib.activity.importing.csv_rows import Foreign, dates_of, foreign_rows, own_rows
from lib.activity.importing.file_format import Form, Shape, shape_of, unknown
from lib.activity.importing.json_documents import pieces
from lib.activity.importing.result import MAX_REFUSED, ImportResult, Line, RefusedRow
from lib.activity.importing.times import DateOrder, Dates
from lib.activity.ingest.event_row import Context
from lib.activity.ingest.json_values import NotJson, dumps, loads
from lib.activity.ingest.normalise import NOT_OBJECT, normalise
from lib.activity.ingest.page_writer import Clock
from lib.activity.ingest.pairing import settle_imports
from lib.activity.model.event import COLUMNS
from lib.activity.model.source import Source
from lib.activity.model.zones import zone
from lib.core.time_texts import rfc3339
from lib.store.ledger.inbox import EntryKind, NewEntry
from lib.store.ledger.inbox_records import Progress
from lib.store.ledger.ledger import Ledger
from lib.store.ledger.reading_runs import RunState

__all__ = ["MAX_REFUSED", "ImportOptions", "ImportResult", "RefusedRow", "examine", "import_file"]

BATCH: Final = 2_000
_MAX_DOCUMENT: Final = 256_000_000


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What a person says about a file of another program.

    `columns`: header → column of ours, None to leave it out. `timezone` is for times without an
    offset, `dates` for dates in numbers that could be read both ways.
    """

    columns: Mapping[str, str | None] = field(default_factory=dict)
    timezone: str = "UTC"
    dates: Dates | None = None
    encoding: str | None = None


def import_file(  # the options of one file
    file: BinaryIO,
    profile: str,
    ledger: Ledger,
    *,
    clock: Clock,
    options: ImportOptions | None = None,
    on_progress: Callable[[int], None] = lambda _rows: None,
) -> ImportResult:
    """Put the events of a file into the inbox of a profile, whatever the format.

    `file` is binary and can seek. Killed or failed on the way, it can be done again: what is in
    stays in once. Raises ConfigurationError when the content is no format we know.
    """
    result = ImportResult(
        ledger.begin_run(kind="import", profile=profile, source=Source.IMPORT, at=clock())
    )
    try:
        context = Context(profile=profile, source=Source.IMPORT, received_at=clock())
        _import(file, options or ImportOptions(), ledger, context, result, on_progress)
    except KeyboardInterrupt:
        ledger.finish_run(result.run_id, state=RunState.CANCELLED, at=clock())
        raise
    except BaseException as error:
        text = getattr(error, "message", "The import ended unexpectedly.")
        ledger.finish_run(result.run_id, state=RunState.FAILED, at=clock(), error=str(text))
        raise
    ledger.finish_run(result.run_id, state=RunState.DONE, at=clock())
    settle_imports(ledger, profile)
    return result


def examine(file: BinaryIO, *, clock: Clock, options: ImportOptions | None = None) -> ImportResult:
    """What an import of the file would take and refuse; nothing is kept. Raises as `import_file`.

    A file whose columns don't tell time and type is no error here: `columns.missing` names them.
    """
    result = ImportResult(0)
    context = Context(profile="examined", source=Source.IMPORT, received_at=clock())
    chosen = options or ImportOptions()
    for _ in _taken(_lines(file, chosen, result, strict=False), context, result):
        pass
    return result


def _import(
    file: BinaryIO,
    options: ImportOptions,
    ledger: Ledger,
    context: Context,
    result: ImportResult,
    on_progress: Callable[[int], None],
) -> None:
    waiting: dict[EntryKind, list[bytes]] = {EntryKind.ROWS: [], EntryKind.EVENTS: []}
    for _, kind, line in _taken(_lines(file, options, result), context, result):
        waiting[kind].append(line)
        if len(waiting[kind]) >= BATCH:
            _send(ledger, kind, waiting[kind], context, result)
            on_progress(result.rows)
    for kind, rest in waiting.items():
        if rest:
            _send(ledger, kind, rest, context, result)
    on_progress(result.rows)


def _taken(lines: Iterator[Line], context: Context, result: ImportResult) -> Iterator[Line]:
    """The lines that are events; the others are refused."""
    for number, kind, line in lines:
        found = normalise(kind, line, context)
        if found.refused:
            result.refuse(number, found.refused[0].reason)
            continue
        for row in found.rows:
            result.take(row)
        yield number, kind, line


def _send(
    ledger: Ledger, kind: EntryKind, lines: list[bytes], context: Context, result: ImportResult
) -> None:
    entry = NewEntry(kind, context.profile, context.source, b"\n".join(lines), context.received_at)
    progress = Progress(len(lines), oldest=result.oldest, newest=result.newest)
    ledger.inbox.acknowledge([entry], run_id=result.run_id, progress=progress)
    lines.clear()


def _lines(
    file: BinaryIO, options: ImportOptions, result: ImportResult, *, strict: bool = True
) -> Iterator[Line]:
    local = zone(options.timezone)
    shape = result.shape = shape_of(file, encoding=options.encoding, chosen=tuple(options.columns))
    if shape.form is Form.PARQUET:
        return _parquet(file, result)
    if shape.form in _JSON:
        return _JSON[shape.form](file, shape, result)
    if shape.own:
        return own_rows(file, shape, result)
    return _foreign(file, shape, options, local, result, strict=strict)


def _foreign(  # what decides how rows are understood
    file: BinaryIO,
    shape: Shape,
    options: ImportOptions,
    local: ZoneInfo,
    result: ImportResult,
    *,
    strict: bool,
) -> Iterator[Line]:
    columns = result.columns = matched(shape.names, options.columns)
    if columns.missing:
        if strict:
            raise _unmatched(columns)
        return iter(())
    order = result.order = (
        dates_of(file, shape, columns)
        if options.dates is None
        else DateOrder(options.dates, sure=True)
    )
    return foreign_rows(file, shape, Foreign(columns, local, order), result)


def _unmatched(columns: Columns) -> Exception:
    names = " and ".join(columns.missing)
    return unknown(
        f"No column could be recognized as {names}. Columns of the file:"
        f" {', '.join(columns.headers)[:500]}.",
        "Assign the columns (--column 'NAME=occurred_at' on the command line), or use a"
        " CSV, JSON, JSON Lines or Parquet file of events.",
    )


# --- JSON


def _jsonl(file: BinaryIO, shape: Shape, result: ImportResult) -> Iterator[Line]:
    text = shape.text(file)
    try:
        for number, line in enumerate(text, start=1):
            if plain := line.strip("\ufeff \t\r\n"):
                yield from _json(number, plain.encode("utf-8", "surrogateescape"), result)
    finally:
        text.detach()


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


def _documents(file: BinaryIO, shape: Shape, result: ImportResult) -> Iterator[Line]:
    text = shape.text(file)
    try:
        body = text.read(_MAX_DOCUMENT + 1)
    finally:
        text.detach()
    if len(body) > _MAX_DOCUMENT:
        raise unknown("This JSON document is too large. Use one JSON object per line.")
    found = False
    for piece in pieces(body):
        if piece.problem:
            if not found:
                raise unknown(f"It starts like JSON but isn't valid JSON (line {piece.line}).")
            result.refuse(piece.line, piece.problem)
            continue
        found = True
        # a line break can only stand between the parts of a value, never inside a text
        flat = piece.text.replace("\n", " ").replace("\r", " ")
        yield from _json(piece.line, flat.encode("utf-8", "surrogateescape"), result)


_JSON: Final[Mapping[Form, Callable[[BinaryIO, Shape, ImportResult], Iterator[Line]]]] = {
    Form.JSONL: _jsonl,
    Form.JSON: _documents,
    Form.EMPTY: lambda _file, _shape, _result: iter(()),
}


# --- Parquet


def _parquet(file: BinaryIO, result: ImportResult) -> Iterator[Line]:
    try:
        parquet = pq.ParquetFile(file)
    except (pa.ArrowException, OSError) as error:
        raise unknown("It starts like a Parquet file but can't be read.") from error
    names = [name for name in parquet.schema_arrow.names if name in COLUMNS]
    if "occurred_at" not in names or "event_type" not in names:
        raise unknown("It lacks the column occurred_at or event_type.")
    number = 0
    try:
        for batch in parquet.iter_batches(batch_size=BATCH, columns=names):
            for row in batch.to_pylist():
                number += 1
                try:
                    yield number, EntryKind.ROWS, orjson.dumps(row, default=_plain)
                except orjson.JSONEncodeError:
                    result.refuse(number, "has values that can't be kept")
    except (pa.ArrowException, OSError):
        result.refuse(number + 1, "damaged from here on")


def _plain(value: Any) -> str:
    return rfc3339(value) if isinstance(value, datetime) else str(value)

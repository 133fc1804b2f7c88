"""The rows of a CSV file: our own export exactly, any other by its mapped columns.

A row of another program keeps all of its cells as they stood in `raw`, also those that no column of
ours is for. Ids that it doesn't have are made of what it says, so that the same row stays the same.
"""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import BinaryIO, Final, TextIO

import orjson

from lib.activity.exporting.csv_safety import restored
from lib.activity.exporting.event_files import CSV_SCHEMA
from lib.activity.importing.column_mapping import Columns, event_type, unit
from lib.activity.importing.file_format import Shape
from lib.activity.importing.result import ImportResult, Line
from lib.activity.importing.times import DateOrder, order_of, parse_time
from lib.activity.ingest.event_row import NO_TIME
from lib.activity.ingest.json_values import address, made_id, size, to_datetime
from lib.activity.model.event import COLUMNS
from lib.activity.model.source import Source
from lib.core.time_texts import rfc3339
from lib.store.ledger.inbox import EntryKind

ROW: Final = "imported_row"
"""What stands around the cells of a row in `raw`: it tells them from an event of Box."""
NO_OFFSET: Final = "times without an offset"
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
ODD_SIZE: Final = "sizes that aren't a number (kept in the raw row)"
_SCHEMA: Final = "written by a version of this app that isn't known"

csv.field_size_limit(2**31 - 1)  # a raw event may be larger than the csv module's own limit


def own_rows(file: BinaryIO, shape: Shape, result: ImportResult) -> Iterator[Line]:
    """The rows of our own export."""
    for line, cells in _rows(file, shape, result):
        if cells[0] != str(CSV_SCHEMA):
            result.refuse(line, _SCHEMA)
            continue
        values = {
            name: restored(cell)
            for name, cell in zip(shape.names, cells, strict=True)
            if cell and name in COLUMNS
        }
        yield from _line(line, values, result)


@dataclass(frozen=True, slots=True)
class Foreign:
    """How the rows of another program's file are understood."""

    columns: Columns
    zone: tzinfo = UTC
    order: DateOrder | None = None


def dates_of(file: BinaryIO, shape: Shape, columns: Columns) -> DateOrder:
    """The order of the file's dates, decided by the first date that tells it."""
    place = columns.taken.index("occurred_at")
    ignored = ImportResult(0)
    return order_of(cells[place] for _, cells in _rows(file, shape, ignored))


def foreign_rows(
    file: BinaryIO, shape: Shape, how: Foreign, result: ImportResult
) -> Iterator[Line]:
    """The rows of any other file, as imports."""
    order = how.order or dates_of(file, shape, how.columns)
    for line, cells in _rows(file, shape, result):
        if _SURROGATE.search("".join(cells)):
            result.refuse(line, "not UTF-8")
            continue
        values = _values(cells, how, order, result)
        if values is None:
            result.refuse(line, NO_TIME)
        else:
            yield from _line(line, values, result)


def _values(
    cells: list[str], how: Foreign, order: DateOrder, result: ImportResult
) -> dict[str, object] | None:
    times: list[str] = []
    values: dict[str, object] = {}
    for cell, column in zip(cells, how.columns.taken, strict=True):
        if column == "occurred_at":
            times.append(cell.strip())
        elif column is not None and cell.strip():
            values[column] = cell.strip() if column != "event_type" else cell
    found = parse_time(" ".join(times), how.zone, order.dates)
    if found is None:
        return None
    at, reported = found
    if not reported:
        result.notes[NO_OFFSET] += 1
    given = values.get("event_type")
    if isinstance(given, str):
        values["event_type"] = taken = event_type(given)
        result.words[given, taken] += 1
    _take_size(values, how.columns, result)
    values["occurred_at"] = rfc3339(to_datetime(at))
    values["source"] = Source.IMPORT
    values.setdefault("event_id", _id(values, at))
    pairs = zip(how.columns.headers, cells, strict=True)
    cells_kept = {header: cell for header, cell in pairs if cell}
    values["raw"] = orjson.dumps({ROW: cells_kept}).decode()
    return values


def _take_size(values: dict[str, object], columns: Columns, result: ImportResult) -> None:
    given = values.pop("size_bytes", None)
    if isinstance(given, str):
        one = unit(columns.headers[columns.taken.index("size_bytes")])
        number = size(given.replace(",", "") if one == 1 else _times(given.replace(",", ""), one))
        if number is None:
            result.notes[ODD_SIZE] += 1
        else:
            values["size_bytes"] = number


def _times(number: str, factor: int) -> float | None:
    try:
        return float(number) * factor
    except ValueError:
        return None


def _id(values: dict[str, object], at: int) -> str:
    """Made as for every sender without ids; names stand in for ids that aren't there."""

    def first(*names: str) -> str | None:
        return next((str(values[name]) for name in names if name in values), None)

    item = first("item_id")
    if item is None and "item_name" in values:
        item = "\n".join(str(values.get(name, "")) for name in ("parent_name", "item_name"))
    account = first("account_id")
    actor = first("actor_id", "actor_login", "actor_name")
    target = first("target_id", "target_login")
    kind = str(values.get("event_type", ""))
    return made_id(account, at, kind, item, actor, target, address(values.get("ip")))


def _line(line: int, values: Mapping[str, object], result: ImportResult) -> Iterator[Line]:
    try:
        yield line, EntryKind.ROWS, orjson.dumps(values)
    except orjson.JSONEncodeError:
        result.refuse(line, "not UTF-8")


def _rows(file: BinaryIO, shape: Shape, result: ImportResult) -> Iterator[tuple[int, list[str]]]:
    """The lines below the header as (line, cells), each with as many cells as there are names."""
    text = shape.text(file, newline="")
    try:
        for line, cells in _parsed(text, shape.separator, result):
            if line <= shape.header:
                result.above += line < shape.header and bool(cells)
                continue
            if not cells:
                continue
            requested = len(shape.names)
            if len(cells) > requested and not any(cells[requested:]):
                cells = cells[:requested]  # noqa: PLW2901  # separators at the end of the line
            if len(cells) == requested:
                yield line, cells
            else:
                result.refuse(line, f"{len(cells)} cells instead of {requested}")
    finally:
        text.detach()


def _parsed(text: TextIO, separator: str, result: ImportResult) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(text, delimiter=separator)
    line = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            result.refuse(line, f"not CSV: {error}")
        else:
            yield line, cells
        line = reader.line_num + 1

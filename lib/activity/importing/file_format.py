"""What a file of events is, told by its content: its letters, its format, its separator.

A file's name and its sender's claims don't count. Letters are UTF-8 unless a mark or the bytes say
otherwise; a file that isn't UTF-8 anywhere is read as Windows-1252 (Latin-1).
"""

import codecs
import csv
import io
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO, Final

from lib.activity.importing.column_mapping import matched, recognised
from lib.activity.ingest.json_values import NotJson, loads
from lib.core.errors import ConfigurationError, Who

SEPARATORS: Final = (",", ";", "\t", "|")
LOOKED_AT: Final = 20
"""In how many first lines the names of the columns are looked for."""
_HEAD: Final = 65_536
_CHUNK: Final = 1 << 20
_SAID: Final = re.compile(r"sep=(.)", re.IGNORECASE)
_FIX: Final = (
    "Use a report in CSV, JSON or JSON Lines of Box events, or an export of this app (CSV, JSON "
    "Lines, Parquet)."
)


class Form(StrEnum):
    """The format of a file."""

    PARQUET = "parquet"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class Shape:
    """What a file is. `header` is the number of the line (from 1) with the names of columns."""

    form: Form
    encoding: str = ""
    separator: str = ""
    header: int = 0
    names: tuple[str, ...] = ()

    @property
    def own(self) -> bool:
        """Whether it is a CSV export of this app."""
        return bool(self.names) and self.names[0] == "csv_schema"

    def text(self, file: BinaryIO, newline: str = "\n") -> io.TextIOWrapper:
        """The file as text; `detach()` it, so that it stays open."""
        file.seek(0)
        errors = "surrogateescape" if self.encoding.startswith("utf-8") else "replace"
        return io.TextIOWrapper(file, encoding=self.encoding, errors=errors, newline=newline)


def unknown(why: str, fix: str = _FIX) -> ConfigurationError:
    """The error for a file that can't be imported as a whole."""
    return ConfigurationError("The file can't be imported.", cause=why, fix=fix, who=Who.YOU)


def shape_of(file: BinaryIO, *, encoding: str | None = None, chosen: tuple[str, ...] = ()) -> Shape:
    """What the file is; it must be able to seek. `chosen` are headers that the person named.

    Raises ConfigurationError when it is no format we know.
    """
    file.seek(0)
    head = file.read(_HEAD)
    if head.startswith(b"PAR1"):
        return Shape(Form.PARQUET)
    letters = encoding_of(file, head) if encoding is None else _known(encoding)
    start = _start(file, letters)
    text = start.lstrip("\ufeff \t\r\n")
    if not text:
        return Shape(Form.EMPTY, letters)
    if text[0] in "{[":
        return Shape(Form.JSONL if _is_lines(text) else Form.JSON, letters)
    return _csv_shape(start.removeprefix("\ufeff"), letters, chosen)


def encoding_of(file: BinaryIO, head: bytes) -> str:
    """The name of a file's encoding. Raises ConfigurationError for what is no text."""
    if head.startswith((b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")):
        return "utf-32"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    even, odd = head[:512:2].count(0), head[1:512:2].count(0)
    if odd > 4 * even and odd > len(head[:512]) / 8:
        return "utf-16-le"
    if even > 4 * odd and even > len(head[:512]) / 8:
        return "utf-16-be"
    if b"\x00" in head.split(b"\n", 1)[0]:
        raise unknown("It is neither text nor Parquet.")
    good, bad = _counted(file)
    if bad and bad >= good:
        return "cp1252" if _decodes(file, "cp1252") else "latin-1"
    return "utf-8-sig"


def _known(name: str) -> str:
    try:
        found = codecs.lookup(name)
        "a".encode(found.name)
    except (LookupError, UnicodeError, ValueError, TypeError) as error:
        raise ConfigurationError(
            f"Unknown encoding: {name!r}.",
            cause="",
            fix="Use utf-8, utf-16, cp1252, latin-1 or another encoding that Python supports.",
            who=Who.YOU,
        ) from error
    return "utf-8-sig" if found.name == "utf-8" else found.name


def _counted(file: BinaryIO) -> tuple[int, int]:
    """Letters beyond ASCII that are UTF-8, and bytes that aren't."""
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    good = bad = 0
    file.seek(0)
    while True:
        chunk = file.read(_CHUNK)
        text = decoder.decode(chunk, final=not chunk)
        if not text.isascii():
            wrong = len(re.findall("[\udc80-\udcff]", text))
            bad += wrong
            good += len(text) - len(text.encode("ascii", "ignore")) - wrong
        if not chunk:
            return good, bad


def _decodes(file: BinaryIO, encoding: str) -> bool:
    file.seek(0)
    try:
        while chunk := file.read(_CHUNK):
            chunk.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _start(file: BinaryIO, encoding: str) -> str:
    text = Shape(Form.CSV, encoding).text(file, newline="")
    try:
        return text.read(_HEAD)
    except UnicodeError as error:
        raise unknown(f"Its text isn't valid {encoding}.") from error
    finally:
        text.detach()


def _is_lines(text: str) -> bool:
    """Whether each line is an object: the first one is, or doesn't begin like a longer one."""
    if text[0] == "[":
        return False
    first = text.split("\n", 1)[0]
    try:
        loads(first.encode("utf-8", "surrogateescape"))
    except NotJson:
        return not re.match(r"\{\s*([\"}]|$)", first)
    return True


def _csv_shape(start: str, encoding: str, chosen: tuple[str, ...]) -> Shape:
    said = (
        _SAID.fullmatch(start.split("\n", 1)[0].strip("\r\n"))
        if start[:4].lower() == "sep="
        else None
    )
    candidates = (said[1],) if said else SEPARATORS
    best: tuple[tuple[int, int, int], Shape] | None = None
    for separator in candidates:
        for line, cells in _first_rows(start, separator):
            if said and line == 1:
                continue
            names = tuple(cell.strip() for cell in cells)
            whole = not matched(names).missing if not chosen else set(chosen) <= set(names)
            rank = (int(whole), recognised(names), len(names) if line == 1 or whole else 0)
            if best is None or rank > best[0]:
                best = rank, Shape(Form.CSV, encoding, separator, line, names)
    if best is None:
        return Shape(Form.EMPTY, encoding)
    return best[1]


def _first_rows(start: str, separator: str) -> list[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(start, newline=""), delimiter=separator)
    found: list[tuple[int, list[str]]] = []
    line = 1
    while len(found) < LOOKED_AT:
        try:
            cells = next(reader)
        except StopIteration:
            break
        except csv.Error:
            cells = []
        if any(cell.strip() for cell in cells):
            found.append((line, cells))
        line = reader.line_num + 1
    return found

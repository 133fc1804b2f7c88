"""The last warnings and errors of this process, for the diagnostics file.

A bounded list in memory, filled where log records are redacted, so it has those of every logger. It
keeps no traceback object and no source line: of an exception only its types, text and origin.
"""

import logging
import sys
import traceback
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Final

from lib.core.errors import RunbookError
from lib.core.redaction import redact

LIMIT: Final = 100
LONGEST: Final = 1000
"""How many characters of a message are kept."""
FRAMES: Final = 20
CHAIN: Final = 5
ROOT: Final = Path(__file__).resolve().parents[2]
_OURS: Final = ("lib", "pages", "streamlit_app.py")


@dataclass(frozen=True, slots=True)
class LoggedError:
    """One line of the log, and how often it came: `at` is the last time, `first_at` the first.

    `path` is the file that logged. `exception` has the type and those behind it, `said` its text,
    `raised_in` the file that raised it, `frames` the way there: our own files with line and
    function, of other packages the name.
    """

    at: datetime
    first_at: datetime
    logger: str
    level: str
    message: str
    path: str
    exception: tuple[str, ...] = ()
    said: str = ""
    raised_in: str = ""
    frames: tuple[str, ...] = ()
    times: int = 1


class LastErrors:
    """The newest lines of the log, the same one only once. May be written by several threads."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._lock = Lock()
        self._kept: OrderedDict[tuple[object, ...], LoggedError] = OrderedDict()

    @property
    def lines(self) -> tuple[LoggedError, ...]:
        """The lines kept now, the newest first."""
        with self._lock:
            return tuple(reversed(self._kept.values()))

    def note(self, record: logging.LogRecord, error: BaseException | None) -> None:
        """Keep a record that has been redacted, and the exception it is about."""
        made = _line(record, error)
        key = (made.logger, made.level, made.message, made.exception, made.frames)
        with self._lock:
            known = self._kept.pop(key, None)
            if known is not None:
                made = replace(made, first_at=known.first_at, times=known.times + 1)
            self._kept[key] = made
            while len(self._kept) > self._limit:
                self._kept.popitem(last=False)

    def clear(self) -> None:
        """Forget every line."""
        with self._lock:
            self._kept.clear()


LAST_ERRORS: Final = LastErrors()
"""Those of this process."""


def error_of(record: logging.LogRecord) -> BaseException | None:
    """The exception that a record is about: its own, or the one being handled where it is logged.

    Some of our errors are logged without their trace, so that the log quotes nothing.
    """
    given = record.exc_info
    if isinstance(given, tuple) and given[1] is not None:
        return given[1]
    return sys.exc_info()[1] if record.levelno >= logging.ERROR else None


def exception_types(error: BaseException) -> tuple[str, ...]:
    """The type of an error, then of those that caused it."""
    found: list[str] = []
    one: BaseException | None = error
    while one is not None and len(found) < CHAIN:
        kind = type(one)
        own = kind.__module__ in {"builtins", "__main__"}
        found.append(kind.__qualname__ if own else f"{kind.__module__}.{kind.__qualname__}")
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
    return tuple(found)


def said_by(error: BaseException) -> str:
    """What an error says, redacted and cut."""
    try:
        text = f"{error.message} {error.cause}" if isinstance(error, RunbookError) else str(error)
    except Exception:  # noqa: BLE001  # a foreign exception that can't even be printed
        return ""
    return redact(text)[:LONGEST]


def own_frames(trace: TracebackType | None) -> tuple[str, ...]:
    """The way to a fault, the last step last: `lib/cli/store.py:60 open`, or `(duckdb)`."""
    found: list[str] = []
    for frame, line in traceback.walk_tb(trace):
        shown = _place(frame.f_code.co_filename, line, frame.f_code.co_name)
        if not found or found[-1] != shown:
            found.append(shown)
    return tuple(found[-FRAMES:])


def raised_in(trace: TracebackType | None) -> str:
    """The file that the last frame is in."""
    last = ""
    for frame, _line in traceback.walk_tb(trace):
        last = frame.f_code.co_filename
    return last


def _line(record: logging.LogRecord, error: BaseException | None) -> LoggedError:
    at = datetime.fromtimestamp(record.created, UTC)
    made = LoggedError(
        at=at,
        first_at=at,
        logger=record.name,
        level=record.levelname,
        message=str(record.msg)[:LONGEST],
        path=record.pathname,
    )
    if error is None:
        return made
    return replace(
        made,
        exception=exception_types(error),
        said=said_by(error),
        raised_in=raised_in(error.__traceback__),
        frames=own_frames(error.__traceback__),
    )


def _place(file: str, line: int, function: str) -> str:
    try:
        parts = Path(file).resolve().relative_to(ROOT).parts
    except (ValueError, OSError):
        parts = ()
    if parts and parts[0] in _OURS:
        return f"{'/'.join(parts)}:{line} {function}"
    foreign = Path(file).parts
    if "site-packages" in foreign:
        package = foreign[foreign.index("site-packages") + 1 :][:1]
        return f"({package[0].removesuffix('.py')})" if package else "(other)"
    return "(python)" if file.startswith((sys.base_prefix, "<frozen")) else "(other)"

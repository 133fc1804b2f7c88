"""Recent faults: log lines, failed calls, and errors while collecting."""

import re
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from lib.app.diagnostics.plain_words import (
    LEFT_OUT,
    host_class,
    own_name,
    own_words,
    words_of_this_app,
)
from lib.app.last_errors import LoggedError, exception_types, own_frames, raised_in, said_by
from lib.core.errors import RunbookError
from lib.core.time_texts import stamp

if TYPE_CHECKING:
    from lib.core.call import Call

CALLS: Final = 50
"""How many of the last calls that failed are told."""
_ERROR_FROM: Final = 400
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9-]{6,64}")
_METHOD: Final = re.compile(r"[A-Z]{3,7}")
_API_VERSION: Final = re.compile(r"v?\d(?:\.\d)?")
_TYPE: Final = re.compile(r"[A-Za-z_][\w.]{0,120}")
_LOGGER: Final = re.compile(r"[A-Za-z_][\w.]{0,80}")


def logged(lines: Iterable[LoggedError]) -> list[dict[str, Any]]:
    """Lines of the log that may be shown, newest first."""
    return [_without_nothing(_logged(one)) for one in lines]


def failed_calls(journals: Iterable[tuple[str, "Iterable[Call]"]]) -> list[dict[str, Any]]:
    """The last calls that failed, newest first; a journal comes with the name it may have here."""
    found = [
        (call, name)
        for name, calls in journals
        for call in calls
        if call.status is None or call.status >= _ERROR_FROM
    ]
    found.sort(key=lambda one: one[0].at, reverse=True)
    return [_without_nothing(_call(call, name)) for call, name in found[:CALLS]]


def describe(error: BaseException) -> dict[str, Any]:
    """An error as it may be shown: its type, its own words, and where it came from."""
    trace = error.__traceback__
    found = {
        "error": " < ".join(_type(name) for name in exception_types(error)),
        "says": own_words(said_by(error), raised_in(trace)),
        "cause_id": own_name(error.cause_id)
        if isinstance(error, RunbookError) and error.cause_id
        else None,
        "frames": [] if isinstance(error, RunbookError) else list(own_frames(trace)),
    }
    return _without_nothing(found)


def _logged(line: LoggedError) -> dict[str, Any]:
    return {
        "at": stamp(line.at),
        "first_at": stamp(line.first_at) if line.times > 1 else None,
        "times": line.times if line.times > 1 else None,
        "level": line.level if line.level in {"WARNING", "ERROR", "CRITICAL"} else "other",
        "logger": _logger(line.logger),
        "message": own_words(line.message, line.path),
        "exception": " < ".join(_type(name) for name in line.exception),
        "says": own_words(line.said, line.raised_in),
        "frames": list(line.frames),
    }


def _logger(name: str) -> str:
    """A logger's name where it is that of a module; else it may be anything."""
    package = name.partition(".")[0]
    if name == "root" or (_LOGGER.fullmatch(name) and package in sys.modules):
        return name
    return LEFT_OUT


def _type(name: str) -> str:
    return name if _TYPE.fullmatch(name) else LEFT_OUT


def _call(call: "Call", name: str) -> dict[str, Any]:
    return {
        "at": stamp(call.at),
        "profile": name,
        "method": call.method if _METHOD.fullmatch(call.method) else "other",
        "host": host_class(call.host),
        "path": _path(call.path),
        "status": call.status,
        "error_code": own_words(call.error_code) if call.error_code else None,
        "ms": call.ms,
        "attempt": call.attempt if call.attempt > 1 else None,
        "request_ids": [one for one in call.request_ids if _REQUEST_ID.fullmatch(one)],
    }


def _path(path: str) -> str:
    """A path with its ids and names left out: `/2.0/users/{…}/memberships`."""
    known = words_of_this_app()
    return "/".join(
        part if not part or part in known or _API_VERSION.fullmatch(part) else "{…}"
        for part in path.split("/")
    )


def _without_nothing(found: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in found.items() if value not in (None, "", [])}

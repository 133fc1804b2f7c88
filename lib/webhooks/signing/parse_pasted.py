"""Parses pasted headers: `Name: value` lines as tools print them, or a JSON object."""

import re
from collections.abc import Mapping
from typing import Any, Final

import orjson

from lib.core.invisible import without_invisible

_REQUEST_LINE: Final = re.compile(r"[A-Z]+ \S+ HTTP/[0-9.]+")


class NoHeaders(ValueError):
    """The text holds no headers; the message says why, without quoting a value."""


def headers_of(text: str) -> list[tuple[str, str]]:
    """The headers of a text, in their order, as often as they come. Raises NoHeaders."""
    text = without_invisible(text)
    if text.lstrip().startswith("{"):
        try:
            value = orjson.loads(text.encode("utf-8", "surrogateescape"))
        except orjson.JSONDecodeError as error:
            raise NoHeaders(f"It isn't valid JSON (line {error.lineno}).") from error
        return _pairs(value)
    found: list[tuple[str, str]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or _REQUEST_LINE.fullmatch(line.strip()):
            continue
        name, colon, said = line.partition(":")
        if not colon or not name.strip():
            raise NoHeaders(f"Line {number} has no colon after a header name.")
        found.append((name.strip(), said.strip()))
    return found


def _pairs(value: Mapping[str, Any]) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for name, said in value.items():
        for one in said if isinstance(said, list) else [said]:
            if not isinstance(one, str | int) or isinstance(one, bool):
                raise NoHeaders(f"The value of {name!r} isn't a string.")
            pairs.append((name, str(one)))
    return pairs

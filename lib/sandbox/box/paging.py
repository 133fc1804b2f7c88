"""Box's two ways to page: offset and marker. A limit above the maximum is cut, never refused.

Facts: Box API reference, sections 4.2 and 8.4. Markers belong to one list: another list's is 400.
"""

import base64
import binascii
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import orjson
from starlette.requests import Request

from lib.sandbox.box.answers import bad_parameter

MAX_OFFSET = 10_000
TRUE = frozenset({"true", "1", "True", "TRUE"})
FALSE = frozenset({"false", "0", "False", "FALSE", ""})

Entry = TypeVar("Entry")
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Where a page begins, how long it may be, and whether markers are used."""

    start: int
    limit: int
    marked: bool


def whole(request: Request, name: str, default: int, code: str) -> int:
    """A parameter that is a whole number of at least 0."""
    said = request.query_params.get(name)
    if said is None or said == "":
        return default
    if not said.isascii() or not said.isdigit() or len(said) > 18:  # noqa: PLR2004  # 63 bits
        raise bad_parameter(name, f"Invalid value '{said}' for '{name}'", code=code)
    return int(said)


def flag(request: Request, name: str) -> bool:
    """A parameter that is true or false."""
    said = request.query_params.get(name, "")
    if said not in TRUE | FALSE:
        raise bad_parameter(name, f"Invalid value '{said}' for '{name}'")
    return said in TRUE


def rfc3339(name: str, said: str) -> datetime:
    """A time with its offset. A plus sign that nobody escaped arrives as a space: refused."""
    try:
        if RFC3339.fullmatch(said):
            return datetime.fromisoformat(said.upper())
    except ValueError:
        pass
    raise bad_parameter(name, f"Invalid value '{said}' for '{name}'")


def limit_of(request: Request, default: int, most: int) -> int:
    """The limit, cut at the maximum. 0 is refused."""
    limit = whole(request, "limit", default, "invalid_limit")
    if limit == 0:
        raise bad_parameter("limit", "'limit' must be at least 1", code="invalid_limit")
    return min(limit, most)


def page_of(  # each list has its own defaults
    request: Request,
    *,
    name: str,
    default: int = 100,
    most: int = 1000,
    markers: bool = False,
    only_markers: bool = False,
) -> PageRequest:
    """The page that is asked for. `name` is of the list, so that markers can't be mixed up."""
    limit = limit_of(request, default, most)
    if only_markers or (markers and flag(request, "usemarker")):
        return PageRequest(_unmarked(request, name), limit, marked=True)
    start = whole(request, "offset", 0, "invalid_offset")
    if start > MAX_OFFSET:
        raise bad_parameter("offset", f"'offset' must not exceed {MAX_OFFSET}")
    return PageRequest(start, limit, marked=False)


def _unmarked(request: Request, name: str) -> int:
    marker = request.query_params.get("marker", "")
    if not marker:
        return 0
    try:
        padded = marker + "=" * (-len(marker) % 4)
        said = orjson.loads(base64.urlsafe_b64decode(padded.encode("ascii")))
        if said["list"] == name and isinstance(said["next"], int) and said["next"] >= 0:
            return int(said["next"])
    except (binascii.Error, ValueError, KeyError, TypeError):
        pass
    raise bad_parameter("marker", "Invalid marker")


def marker_to(name: str, start: int) -> str:
    """The marker of the page that begins there."""
    said = orjson.dumps({"list": name, "next": start})
    return base64.urlsafe_b64encode(said).decode().rstrip("=")


def listing(
    page: PageRequest,
    name: str,
    everything: Sequence[Entry],
    shown: Callable[[Entry], Any],
    *,
    order: Sequence[tuple[str, str]] = (),
    end: str | None = None,
) -> dict[str, Any]:
    """The body of a page in its form. `end` is the marker after the last page: null or empty."""
    entries = [shown(entry) for entry in everything[page.start : page.start + page.limit]]
    if page.marked:
        following = page.start + page.limit
        more = following < len(everything)
        return {
            "limit": page.limit,
            "next_marker": marker_to(name, following) if more else end,
            "entries": entries,
        }
    body: dict[str, Any] = {
        "total_count": len(everything),
        "entries": entries,
        "offset": page.start,
        "limit": page.limit,
    }
    if order:
        body["order"] = [{"by": by, "direction": direction} for by, direction in order]
    return body

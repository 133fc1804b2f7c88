"""The calls of one piece of work, with what was asked: for showing them to whoever asked.

The journal of a profile is shared by its pages and its reading, and keeps no query. `capturing()`
collects the calls of the block it is around, and those alone, with the address in full and the few
headers that say how a call was meant. No credential, no body and no other header is ever taken.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

import httpx

from lib.core.call import Call

#: What may be shown of a request's headers: none of them proves anything to anybody.
SHOWN_HEADERS: Final = frozenset(
    {
        "as-user",
        "box-notifications",
        "box-version",
        "x-kloudless-as-user",
        "x-kloudless-raw-headers",
        "x-kloudless-raw-method",
        "x-kloudless-raw-uri",
    }
)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One attempt of one request, and how it was answered.

    `scheme` is the first word of the Authorization header (Bearer, APIKey), '' without one.
    """

    url: str
    scheme: str
    call: Call
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


_capture: ContextVar[list[Exchange] | None] = ContextVar("capture", default=None)


@contextmanager
def capturing() -> Iterator[list[Exchange]]:
    """Collect the calls made inside, by this thread, oldest first. A block inside has its own."""
    found: list[Exchange] = []
    before = _capture.set(found)
    try:
        yield found
    finally:
        _capture.reset(before)


def capture(request: httpx.Request, call: Call) -> None:
    """Add one attempt to what is being collected, if anything is."""
    found = _capture.get()
    if found is None:
        return
    scheme, gap, _ = request.headers.get("authorization", "").partition(" ")
    found.append(
        Exchange(
            url=str(request.url.copy_with(username=None, password=None)),
            scheme=scheme if gap else "",
            call=call,
            headers=MappingProxyType(_shown(request)),
        )
    )


def _shown(request: httpx.Request) -> dict[str, str]:
    """The headers that may be shown, by their names as they were sent."""
    return {
        name.decode("ascii", "replace"): value.decode("ascii", "replace")
        for name, value in request.headers.raw
        if name.decode("ascii", "replace").lower() in SHOWN_HEADERS
    }

"""Reading Box's event streams, as Box documents them, page by page and resumable anywhere.

History (`admin_logs`) is read by a window of time with the same filters until a page is empty, and
empty again when asked once more: a short page isn't the end, and neither is one stray empty page,
because what was read to its end is never asked for again. Live streams are read from a stored
position. Positions are opaque text, may exceed 2^53, and never go back: `0` on an empty page is no
position. Pages stay as Box sent them; only the count and the position are looked at here. Late and
repeated events are normal: whoever reads chooses windows that overlap, whoever stores drops repeats
by `event_id`.
Source: Box developer documentation, events; known faults in Box's public SDK issue trackers.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

import httpx

from lib.box.client import BoxClient
from lib.core.time_texts import stamp
from lib.http import ListEnd, malformed, read_list

MAX_LIMIT: Final = 500
NOW: Final = "now"
# How many pages in a row may leave the position where it was before we stop believing in progress.
_MAX_STUCK: Final = 3
# Of one window or stream: half a thousand million events.
_MOST_PAGES: Final = 1_000_000
# How often an end must be said. A live stream is asked again anyhow, a window of history never.
_HISTORY_ENDS: Final = 2
# Box's times have whole seconds: the end of a window is rounded up, its beginning down.
_ALMOST_A_SECOND: Final = timedelta(microseconds=999_999)
_NO_POSITION: Final = frozenset({"", "0", "null"})
_EXPONENT: Final = re.compile(r"(?i)[+-]?[0-9]*\.?[0-9]+e[+-]?[0-9]+")


class Stream(StrEnum):
    """Box's five streams. The first two are the enterprise's, the others one user's."""

    ADMIN_LOGS = "admin_logs"
    ADMIN_LOGS_STREAMING = "admin_logs_streaming"
    ALL = "all"
    CHANGES = "changes"
    SYNC = "sync"


KEPT: Final[Mapping[Stream, timedelta]] = {
    Stream.ADMIN_LOGS: timedelta(days=365),
    Stream.ADMIN_LOGS_STREAMING: timedelta(days=14),
    Stream.ALL: timedelta(days=21),
    Stream.CHANGES: timedelta(days=21),
    Stream.SYNC: timedelta(days=31),
}
"""How long Box keeps the events of each stream."""


@dataclass(frozen=True, slots=True)
class EventPage:
    """One page of events: the JSON as Box sent it, unpacked.

    `position` is where it was read from (None: from the start), `next_position` where to go on;
    they are equal when nothing new was said. `first_created_at` and `last_created_at` are those of
    the first and last entry, as Box wrote them.
    """

    body: bytes
    count: int
    next_position: str | None
    stream: str
    position: str | None = None
    first_created_at: str | None = None
    last_created_at: str | None = None


def read_history(
    client: BoxClient,
    created_after: datetime,
    created_before: datetime,
    *,
    position: str | None = None,
    event_types: Sequence[str] = (),
    limit: int = MAX_LIMIT,
) -> Iterator[EventPage]:
    """The pages of a window of `admin_logs`, oldest first, that hold any event.

    To resume, give the same window and filter with the `next_position` of the last page that was
    kept. Raises BoxApiError, TokenError, Unreachable, RateLimited.
    """
    if created_after >= created_before:
        return
    params = {
        "created_after": stamp(created_after),
        "created_before": stamp(created_before + _ALMOST_A_SECOND),
        "event_type": ",".join(event_types) or None,
    }
    for page in _pages(client, Stream.ADMIN_LOGS, position, params, limit, ends=_HISTORY_ENDS):
        if page.count:
            yield page


def read_stream(
    client: BoxClient,
    position: str | None,
    stream_type: str = Stream.ADMIN_LOGS_STREAMING,
    limit: int = MAX_LIMIT,
    *,
    event_types: Sequence[str] = (),
) -> Iterator[EventPage]:
    """The pages of a live stream from a position up to its present end.

    None reads from the oldest event that Box still keeps, `now` finds the newest position. The last
    page is empty and has the position to continue from. `event_types` only works on the
    enterprise's streams. Raises as `read_history`, and ValueError for `now` on `admin_logs`, which
    Box doesn't support.
    """
    stream = Stream(stream_type)
    if stream is Stream.ADMIN_LOGS and position == NOW:
        msg = "admin_logs has no position `now`"
        raise ValueError(msg)
    params = {"event_type": ",".join(event_types) or None}
    yield from _pages(client, stream, position, params, limit)


def _pages(
    client: BoxClient,
    stream: Stream,
    position: str | None,
    params: Mapping[str, Any],
    limit: int,
    *,
    ends: int = 1,
) -> Iterator[EventPage]:
    stuck = empty = 0
    end = ListEnd(client.api_url, most_pages=_MOST_PAGES)
    while True:
        response = client.request(
            "GET",
            "/2.0/events",
            params={
                "stream_type": stream.value,
                "limit": limit,
                "stream_position": position,
                **params,
            },
        )
        page = _page_of(response, stream, position)
        yield page
        if not page.count:
            empty += 1
            if empty >= ends:
                return
            continue  # from the same position: an empty page's own may lie behind what it left out
        empty = 0
        stuck = stuck + 1 if page.next_position == position else 0
        if stuck >= _MAX_STUCK:
            raise malformed(response, "the stream's position doesn't move on")
        if page.next_position is not None and page.next_position != position:
            end.go_on(page.next_position)
        position = page.next_position


def _page_of(response: httpx.Response, stream: Stream, position: str | None) -> EventPage:
    body, found = read_list(response, "entries")
    return EventPage(
        body=response.content,
        count=len(found),
        next_position=_next(response, body.get("next_stream_position"), position),
        stream=stream.value,
        position=position,
        first_created_at=_created_at(found[0]) if found else None,
        last_created_at=_created_at(found[-1]) if found else None,
    )


def _next(response: httpx.Response, value: Any, position: str | None) -> str | None:
    """The position to continue from: text or whole number as sent, never one that lost digits."""
    if value is None:
        return position
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise malformed(response, "a stream position lost digits or isn't one")
    text = str(value)
    if _EXPONENT.fullmatch(text):
        raise malformed(response, "a stream position lost digits or isn't one")
    return position if text in _NO_POSITION else text


def _created_at(entry: Any) -> str | None:
    value = entry.get("created_at") if isinstance(entry, dict) else None
    return value if isinstance(value, str) else None

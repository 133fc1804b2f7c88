"""Reading the past of an enterprise: windows of `admin_logs`, newest days first, resumable.

The newest seven whole days come first, one by one, so that charts fill at once; then today; then
everything older, in windows that grow where little happened. A window's position is kept under its
two ends, so a killed reader goes on inside it. Gaps are read again a little before their start,
because events can arrive late.
Source: Box API reference, events (history loop).
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from lib.activity.ingest.page_writer import Reading
from lib.box import BoxClient
from lib.box.events import KEPT, Stream, read_history
from lib.core.errors import BoxApiError, TokenError
from lib.store.ledger.inbox import Position
from lib.store.spans import Span, subtract

FIRST_DAYS: Final = 7
OVERLAP: Final = timedelta(minutes=15)
LATE: Final = timedelta(minutes=75)
_LATE: Final = "admin_logs_late"
_DAY: Final = timedelta(days=1)
_LONGEST: Final = timedelta(days=32)
_FEW: Final = 1_000
_MANY: Final = 5_000
_BAD_REQUEST: Final = 400


def read_past(reading: Reading, client: BoxClient, since: datetime, until: datetime) -> None:
    """Read what isn't read yet between two times. Raises Cancelled and what the client raises."""
    for window in _windows(reading, since, until):
        reading.check()
        _read_window(reading, client, window)
        reading.reached(window.start)
        if window.end == until:
            _ask_again_later(reading, until)


def read_late(reading: Reading, client: BoxClient) -> None:
    """Read once more what was still fresh when it was read, now that late events are in.

    Box tells no figure for how late events can be in `admin_logs`. What happened after the stream's
    first position comes through the stream anyhow; this is for the hours right before it.
    """
    now = reading.clock()
    for due in reading.ledger.inbox.positions(reading.profile, reading.source, _LATE):
        window = _window(due.filter)
        if window is None or now < due.at:
            continue
        reading.check()
        _read_pages(reading, client, window, None)
        reading.ledger.inbox.acknowledge(forget=_position(reading, due.filter, None))
        reading.ledger.inbox.acknowledge(forget=due)


def _ask_again_later(reading: Reading, until: datetime) -> None:
    key = _key(Span(until - LATE, until))
    due = Position(reading.profile, reading.source, _LATE, key, None, until + LATE)
    reading.ledger.inbox.acknowledge(position=due)


def unread(reading: Reading, since: datetime, until: datetime) -> list[Span]:
    """What isn't read yet between two times, oldest first."""
    known = reading.ledger.inbox.reads(reading.profile, reading.source)
    return subtract(Span(since, until), known)


def _gaps(reading: Reading, since: datetime, until: datetime) -> list[Span]:
    """What is to be read, each gap begun a little earlier, newest first."""
    missing = unread(reading, since, until)
    return [Span(max(since, gap.start - OVERLAP), gap.end) for gap in reversed(missing)]


def _windows(reading: Reading, since: datetime, until: datetime) -> Iterator[Span]:
    """The windows to read, in order. The step grows and shrinks with what the last one held."""
    missing = _gaps(reading, since, until)
    yield from _begun(reading, missing)
    midnight = until.replace(hour=0, minute=0, second=0, microsecond=0)
    first = midnight - FIRST_DAYS * _DAY
    for low, high in ((first, midnight), (midnight, until)):
        for gap in _within(_gaps(reading, since, until), low, high):
            yield from _steps(gap)
    step = _DAY
    while older := _within(_gaps(reading, since, until), since, first):
        gap = older[0]
        before = reading.progress.read
        start = max(gap.start, _midnight(gap.end) - step + _DAY)
        yield Span(start, gap.end)
        read = reading.progress.read - before
        if read < _FEW:
            step = min(step * 2, _LONGEST)
        elif read > _MANY:
            step = max(step / 2, _DAY)


def _within(found: list[Span], low: datetime, high: datetime) -> list[Span]:
    cut = [Span(max(gap.start, low), min(gap.end, high)) for gap in found]
    return [gap for gap in cut if gap.start < gap.end]


def _steps(gap: Span) -> Iterator[Span]:
    end = gap.end
    while end > gap.start:
        start = max(gap.start, _midnight(end))
        yield Span(start, end)
        end = start


def _midnight(end: datetime) -> datetime:
    """The last midnight (UTC) before a time."""
    before = end - timedelta(microseconds=1)
    return before.replace(hour=0, minute=0, second=0, microsecond=0)


def _begun(reading: Reading, missing: list[Span]) -> Iterator[Span]:
    """Windows that an earlier run left half read, newest first."""
    stored = reading.ledger.inbox.positions(reading.profile, reading.source, Stream.ADMIN_LOGS)
    begun = [_window(position.filter) for position in stored]
    for window in sorted((w for w in begun if w is not None), reverse=True):
        if any(gap.start < window.end and window.start < gap.end for gap in missing):
            yield window


def _read_window(reading: Reading, client: BoxClient, window: Span) -> None:
    key = _key(window)
    stored = reading.ledger.inbox.position(reading.profile, reading.source, Stream.ADMIN_LOGS, key)
    try:
        _read_pages(reading, client, window, None if stored is None else stored.position)
    except BoxApiError as error:
        # a position that Box doesn't take any more: the window from its start
        if stored is None or isinstance(error, TokenError) or error.status != _BAD_REQUEST:
            raise
        _read_pages(reading, client, window, None)
    reading.claim(window.start, window.end, forget=_position(reading, key, None))


def _read_pages(reading: Reading, client: BoxClient, window: Span, position: str | None) -> None:
    for page in read_history(client, window.start, window.end, position=position):
        reading.keep(
            page.body,
            page.count,
            _position(reading, _key(window), page.next_position),
            times=(page.first_created_at, page.last_created_at),
        )


def _position(reading: Reading, key: str, position: str | None) -> Position:
    return Position(
        reading.profile, reading.source, Stream.ADMIN_LOGS, key, position, reading.clock()
    )


def _key(window: Span) -> str:
    return f"{window.start.isoformat()}/{window.end.isoformat()}"


def _window(key: str) -> Span | None:
    start, mark, end = key.partition("/")
    if not mark:
        return None
    return Span(datetime.fromisoformat(start), datetime.fromisoformat(end))


def oldest_kept(now: datetime) -> datetime:
    """The oldest time that Box can still be asked for."""
    return (now - KEPT[Stream.ADMIN_LOGS]).astimezone(UTC)

"""From what a sender sent to event rows: tolerant of everything, and it never blocks.

`normalise` takes one inbox body and gives rows (tuples in the order of `event.COLUMNS`, times as
microseconds) and refusals. Unknown types and fields pass through; the raw JSON stays beside the
columns. Each sender's shapes are in `box_rows`, `kloudless_rows` and `own_rows`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from lib.activity.ingest.box_rows import box_delivery, box_event
from lib.activity.ingest.derived_ids import with_derived_ids
from lib.activity.ingest.event_row import Context, Json, Row, UnusableEventError
from lib.activity.ingest.json_values import (
    NotJson,
    dumps,
    loads,
    mapping,
    tidy,
)
from lib.activity.ingest.kloudless_rows import kloudless_event
from lib.activity.ingest.own_rows import own_row
from lib.activity.model.source import RECORDS, Api, Source
from lib.store.ledger.inbox import EntryKind

NOT_OBJECT: Final = "not a JSON object"
NOT_PAGE: Final = "not a page of events"


@dataclass(frozen=True, slots=True)
class UnusablePart:
    """A part of a body that can't be an event: why, and the bytes."""

    reason: str
    raw: bytes


@dataclass(slots=True)
class Normalised:
    """The rows of a body, and what was refused."""

    rows: list[Row] = field(default_factory=list)
    refused: list[UnusablePart] = field(default_factory=list)


def normalise(kind: EntryKind, body: bytes, context: Context) -> Normalised:
    """The event rows of one inbox body, whatever it holds. Never raises for what is in it."""
    result = Normalised()
    make = own_row if kind is EntryKind.ROWS else _MAKERS[kind, Source(context.source)]
    own_ids = kind is not EntryKind.PAGE or RECORDS[Source(context.source)].unique_ids
    alike: dict[str, list[Json]] | None = None if own_ids else {}
    for piece in _pieces(kind, body):
        if isinstance(piece, UnusablePart):
            result.refused.append(piece)
            continue
        value, plain = piece
        raw = dumps(value, plain=plain)
        if type(value) is not dict:
            result.refused.append(UnusablePart(NOT_OBJECT, raw.encode()))
            continue
        try:
            row = make(value if plain else tidy(value), raw, context)
            if alike is not None:
                row = _apart(row, value.get("id"), alike)
            result.rows.append(with_derived_ids(row, context.identity_key))
        except UnusableEventError as refused:
            result.refused.append(UnusablePart(str(refused), raw.encode()))
    return result


def _apart(row: Row, sent_as: Json, alike: dict[str, list[Json]]) -> Row:
    """The row of a page; what only the sender's number tells from another one has its own id."""
    same = alike.setdefault(row[0], [])
    if sent_as not in same:
        same.append(sent_as)
    place = same.index(sent_as)
    return row if not place else (f"{row[0]}-{place}", *row[1:])


def _pieces(kind: EntryKind, body: bytes) -> Iterator[tuple[Json, bool] | UnusablePart]:
    if kind in (EntryKind.ROWS, EntryKind.EVENTS):
        for line in body.split(b"\n"):
            if line.strip():
                yield _piece(line)
        return
    whole = _piece(body)
    if isinstance(whole, UnusablePart) or kind is EntryKind.DELIVERY:
        yield whole
        return
    value, plain = whole
    entries = _entries(value)
    if entries is None:
        yield UnusablePart(NOT_PAGE, body)
        return
    for entry in entries:
        yield entry, plain


def _piece(body: bytes) -> tuple[Json, bool] | UnusablePart:
    try:
        return loads(body)
    except NotJson as error:
        return UnusablePart(str(error), body)


def _entries(value: Json) -> list[Json] | None:
    page = mapping(value)
    entries = page.get("entries", page.get("objects"))
    return entries if type(entries) is list else None


def page_entries(body: bytes) -> list[Json]:
    """The entries of a page, for counting; empty when it isn't one."""
    piece = _piece(body)
    return [] if isinstance(piece, UnusablePart) else _entries(piece[0]) or []


_MAKERS: Final[dict[tuple[EntryKind, Source], Callable[[dict[str, Json], str, Context], Row]]] = {
    **{
        (kind, source): kloudless_event if record.api is Api.KLOUDLESS else box_event
        for kind in (EntryKind.PAGE, EntryKind.EVENTS)
        for source, record in RECORDS.items()
    },
    **{(EntryKind.DELIVERY, source): box_delivery for source in Source},
}

"""Columns built again from the raw JSON that is kept beside them, after normalisation has changed.

An event keeps its identity: id, source, profile, stream, account, and when it came. What has no raw
JSON of its sender (rows of imported tables) keeps its columns, and gets what follows from them. A
day at a time, so that others get their turn; stopped anywhere, it can be done again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from lib.activity.ingest.derived_ids import with_derived_ids
from lib.activity.ingest.drain import table
from lib.activity.ingest.event_row import Context, Row
from lib.activity.ingest.json_values import address, from_datetime
from lib.activity.ingest.normalise import normalise
from lib.activity.model.directory import Directories
from lib.activity.model.event import COLUMNS, NORMALISER, ActorKind
from lib.activity.model.source import RECORDS, Source
from lib.store.events.events import EventStore
from lib.store.events.rewrite import replace_events
from lib.store.ledger.inbox import EntryKind

_STEP: Final = timedelta(days=1)
_PART: Final = 20_000
_AT, _RECEIVED, _KIND, _IP, _VERSION = (
    COLUMNS.index(n) for n in ("occurred_at", "received_at", "actor_kind", "ip", "normaliser")
)
# What makes an event this one, and what its raw JSON doesn't say.
_KEPT: Final = tuple(
    COLUMNS.index(n)
    for n in ("event_id", "source", "profile", "stream", "enterprise_id", "account_id",
              "occurred_at", "received_at", "raw")
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How many events were looked at, how many were changed, and how many have no usable raw."""

    events: int = 0
    changed: int = 0
    kept: int = 0

    def __add__(self, other: "Rebuilt") -> "Rebuilt":
        return Rebuilt(
            self.events + other.events, self.changed + other.changed, self.kept + other.kept
        )


def renormalise(
    events: EventStore,
    directories: Directories,
    *,
    everything: bool = False,
    on_step: Callable[[Rebuilt], bool] = lambda _so_far: True,
) -> Rebuilt:
    """Build columns again: of rows of an older normalisation, or of all.

    `on_step` hears how far it is after each day and says whether to go on. Raises StoreError.
    """
    old = "" if everything else f" AND normaliser < {NORMALISER}"
    ends = events.rows(f"SELECT min(occurred_at), max(occurred_at) FROM events WHERE true{old}")  # noqa: S608
    low, last = ends[0]
    total = Rebuilt()
    while low is not None and low <= last:
        total += _day(events, directories, low, low + _STEP, old)
        if not on_step(total):
            break
        low += _STEP
    return total


def _day(
    events: EventStore, directories: Directories, low: datetime, high: datetime, old: str
) -> Rebuilt:
    total = Rebuilt()
    changed: list[Row] = []
    with events.batches(
        f"SELECT {', '.join(COLUMNS)} FROM events WHERE occurred_at >= ? AND occurred_at < ?{old}",  # noqa: S608
        [low, high],
        rows=_PART,
    ) as batches:
        for batch in batches:
            for before in zip(*(c.to_pylist() for c in batch.columns), strict=True):
                was = _plain(before)
                found = _again(was, directories, events.identity_key)
                now = found or _followed(was, events.identity_key)
                total += Rebuilt(1, int(found is not None and now != was), int(found is None))
                if now != was:
                    changed.append(now)
    for start in range(0, len(changed), _PART):
        replace_events(events, table(changed[start : start + _PART]))
    return total


def _plain(row: tuple[Any, ...]) -> Row:
    """A row as the normalisation makes it: times in microseconds."""
    cells = list(row)
    for place in (_AT, _RECEIVED):
        cells[place] = from_datetime(cells[place])
    return tuple(cells)


def _again(row: Row, directories: Directories, identity_key: bytes) -> Row | None:
    """The row with its columns built anew; None when its raw JSON gives no event."""
    values = dict(zip(COLUMNS, row, strict=True))
    raw, source = values["raw"], Source(values["source"])
    if not raw:
        return None
    found = normalise(
        EntryKind.DELIVERY if RECORDS[source].delivered else EntryKind.EVENTS,
        str(raw).encode(),
        Context(
            profile=values["profile"],
            source=source,
            received_at=datetime.fromtimestamp(0, UTC),
            account_id=values["account_id"],
            identity_key=identity_key,
            directory=directories(values["profile"]),
            delivery=(
                values["event_id"],
                datetime.fromtimestamp(values["occurred_at"] / 1e6, UTC),
            ),
        ),
    )
    if len(found.rows) != 1:
        return None
    new = list(found.rows[0])
    for place in _KEPT:
        new[place] = row[place]
    if new[_KIND] == ActorKind.UNKNOWN:  # who left since is in no list any more
        new[_KIND] = row[_KIND]
    new[_VERSION] = NORMALISER
    return tuple(new)


def _followed(row: Row, identity_key: bytes) -> Row:
    """A row without raw JSON of its sender, with what this version makes of its own columns."""
    new = list(with_derived_ids(row, identity_key))
    new[_IP], new[_VERSION] = address(row[_IP]), NORMALISER
    return tuple(new)

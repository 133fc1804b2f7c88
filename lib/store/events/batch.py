"""What one step of the drain puts into the event store: all of it, or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import pyarrow as pa

from lib.store.ledger.reading_runs import Counts
from lib.store.spans import Span


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A row that couldn't be normalised: why, what came, and in which inbox entry."""

    profile: str
    source: str
    stream: str | None
    received_at: datetime
    run_id: int | None
    reason: str
    raw: bytes
    inbox_id: int = 0


@dataclass(frozen=True, slots=True)
class Covered:
    """A span of a source that is charted completely. `filter` names the part that was read."""

    profile: str
    source: str
    span: Span
    filter: str = ""


@dataclass(slots=True)
class EventBatch:
    """What one drain step commits, all or nothing.

    `events` has the columns of `schema.ARROW`, `deliveries` those of `schema.DELIVERIES`;
    `entries[i]` is the inbox id that row i of the events came from.
    `counts` already holds, by inbox id, what was found repeated inside the batch and quarantined.
    `received` is when each inbox entry came: with its id it tells an entry from any other.
    """

    events: pa.Table
    entries: Sequence[int]
    counts: dict[int, Counts]
    received: dict[int, datetime]
    quarantined: list[Quarantined] = field(default_factory=list)
    covered: list[Covered] = field(default_factory=list)
    deliveries: pa.Table | None = None

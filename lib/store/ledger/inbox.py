"""What waits to be charted: whole raw pages, deliveries, imported rows and coverage markers.

An entry is written in one transaction with the position it belongs to (`ledger.inbox`), is
read in order by the drain, and deleted only after the event store has committed. Bodies are kept
as they came, long ones compressed.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

import pyarrow as pa


class EntryKind(StrEnum):
    """What an inbox entry holds."""

    PAGE = "page"
    """A page of events as the sender sent it (JSON)."""
    DELIVERY = "delivery"
    """The body of one webhook delivery (JSON)."""
    ROWS = "rows"
    """Event rows of a file, one JSON object a line, in the columns of the event store."""
    EVENTS = "events"
    """Raw Box events of a file, one JSON object a line."""
    COVERAGE = "coverage"
    """A span that has been read; body is JSON with filter, from, to, read_at (RFC 3339)."""


@dataclass(frozen=True, slots=True)
class NewEntry:
    """An entry to be written. `body` is what came, byte for byte.

    `meta` is JSON of ours about how a delivery came (`lib.store.ledger.delivery_records`).
    """

    kind: EntryKind
    profile: str
    source: str
    body: bytes
    received_at: datetime
    stream: str | None = None
    enterprise_id: str | None = None
    account_id: str | None = None
    run_id: int | None = None
    meta: str | None = None


@dataclass(frozen=True, slots=True)
class InboxEntry:
    """An entry that waits. `id` rises in the order of writing and is never used twice."""

    id: int
    kind: EntryKind
    profile: str
    source: str
    stream: str | None
    enterprise_id: str | None
    account_id: str | None
    run_id: int | None
    received_at: datetime
    size: int
    packed: bytes
    meta: str | None = None

    @property
    def body(self) -> bytes:
        """The bytes as they came."""
        return unpack(self.packed, self.size)


@dataclass(frozen=True, slots=True)
class Position:
    """Where a reader stands: `position` is the sender's text, `at` when it was true (UTC).

    `filter` tells positions of one stream apart that can't be exchanged: a history window, an
    account, a choice of event types.
    """

    profile: str
    source: str
    stream: str
    filter: str
    position: str | None
    at: datetime


_SMALL: Final = 8192
"""What is shorter isn't worth compressing for the moment that it waits."""
_ZSTD: Final = b"\x28\xb5\x2f\xfd"  # begins every frame


def pack(body: bytes) -> bytes:
    """The bytes, compressed (zstd) where that is worth it."""
    if len(body) < _SMALL and not body.startswith(_ZSTD):
        return body
    packed: bytes = pa.Codec("zstd", compression_level=1).compress(body, asbytes=True)
    return packed


def unpack(packed: bytes, size: int) -> bytes:
    """The bytes again; `size` is how many they are."""
    if not packed.startswith(_ZSTD):
        return packed
    body: bytes = pa.Codec("zstd").decompress(packed, decompressed_size=size, asbytes=True)
    return body

"""Events and stores for the tests of store and activity."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from lib.activity.ingest.drain import DrainResult, coverage_body, drain_all
from lib.store import EventStore, Ledger, Stores
from lib.store.ledger.inbox import EntryKind, NewEntry
from lib.store.spans import Span

NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def memory_stores() -> Stores:
    """Both stores in memory, without a limit of rows."""
    return Stores(Ledger.in_memory(), EventStore.open(":memory:"))


def box_event(number: int = 0, at: datetime = NOW, **changes: Any) -> dict[str, Any]:
    """A download as the enterprise's stream tells it; `changes` replace its fields."""
    return {
        "type": "event",
        "event_id": str(uuid.UUID(int=number + 1)),
        "event_type": "DOWNLOAD",
        "created_at": at.isoformat(),
        "created_by": {"type": "user", "id": "11", "name": "Ada Analyst", "login": "ada@acme.test"},
        "source": {
            "item_type": "file",
            "item_id": "73835521473",
            "item_name": "Q1.pdf",
            "parent": {"type": "folder", "name": "Finance", "id": "1001"},
            "owned_by": {"type": "user", "id": "12", "name": "Olu", "login": "olu@acme.test"},
        },
        "additional_details": {"size": 1024, "service_id": "54321", "service_name": "Audit App"},
        "session_id": None,
        "ip_address": "203.0.113.7",
        "action_by": None,
    } | changes


def box_page(events: Sequence[Any]) -> bytes:
    """A page of events as Box answers it."""
    return orjson.dumps(
        {"chunk_size": len(events), "next_stream_position": "1", "entries": list(events)}
    )


def page_entry(
    events: Sequence[Any], *, profile: str = "acme", source: str = "box_stream"
) -> NewEntry:
    """A page as it waits in the inbox."""
    return NewEntry(EntryKind.PAGE, profile, source, box_page(events), NOW, stream="admin_logs")


def marker(start: datetime, end: datetime, *, source: str = "box_stream") -> NewEntry:
    """A coverage marker as it waits in the inbox."""
    body = coverage_body(Span(start, end), read_at=NOW)
    return NewEntry(EntryKind.COVERAGE, "acme", source, body, NOW)


def put(stores: Stores, *entries: NewEntry) -> DrainResult:
    """Put entries into the inbox and drain them."""
    stores.ledger.inbox.acknowledge(entries)
    return drain_all(stores)


def put_events(stores: Stores, events: Iterable[Any], **how: Any) -> DrainResult:
    """Put Box events into the inbox, as one page, and drain them."""
    return put(stores, page_entry(list(events), **how))

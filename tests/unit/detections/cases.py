"""Small stories for single detections: events as Box sends them, and what was found in them."""

import uuid
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from lib.activity.ingest.drain import drain_all
from lib.detections.finding import Finding
from lib.detections.running import DetectionReport, run, scope_of
from lib.store import Stores
from lib.store.ledger.records import KnownPerson
from tests.unit.activity.samples import box_event, marker, memory_stores, page_entry

NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
START = NOW - 3 * DAY
"""When what is looked at begins, in the tests of single rules."""
Event = dict[str, Any]
ADA = {"type": "user", "id": "11", "name": "Ada Analyst", "login": "ada@acme.test"}
OLU = {"type": "user", "id": "12", "name": "Olu Owner", "login": "olu@acme.test"}
PEOPLE = (
    KnownPerson("11", "ada@acme.test", "Ada Analyst", "managed"),
    KnownPerson("12", "olu@acme.test", "Olu Owner", "managed"),
    KnownPerson("90", "AutomationUser_1_x@boxdevedition.com", "Robot", "service"),
)


def event(
    kind: str, at: datetime, who: dict[str, Any] | None = None, **more: Any
) -> dict[str, Any]:
    """An event of a type at a time; its id follows from what it says."""
    actor = ADA if who is None else who
    made = box_event(0, at, event_type=kind, created_by=actor, **more)
    text = f"{kind} {at.isoformat()} {actor} {more}"
    return made | {"event_id": str(uuid.uuid5(uuid.NAMESPACE_OID, text))}


def every(step: timedelta, count: int, start: datetime) -> list[datetime]:
    """`count` times, `step` apart."""
    return [start + n * step for n in range(count)]


def stores_of(events: Iterable[dict[str, Any]], *, known: timedelta = 90 * DAY) -> Stores:
    """Stores in memory that were read up to NOW, with these events."""
    stores = memory_stores()
    stores.ledger.remember_people("acme", PEOPLE, NOW)
    found = sorted(events, key=lambda one: str(one["created_at"]))
    entries = [page_entry(found[n : n + 500]) for n in range(0, len(found), 500)]
    stores.ledger.inbox.acknowledge([*entries, marker(NOW - known, NOW)])
    drain_all(stores)
    return stores


def report(
    stores: Stores,
    *only: str,
    since: datetime = NOW - 30 * DAY,
    until: datetime = NOW,
    own: Iterable[str] = ("acme.test",),
) -> DetectionReport:
    """One run over the stores."""
    scope = scope_of(stores.events, "acme", since, until, own_domains=tuple(own))
    return run(stores.events, scope, only)


def found(events: Iterable[dict[str, Any]], *only: str, **how: Any) -> list[Finding]:
    """What is found in these events."""
    stores = stores_of(events)
    try:
        return list(report(stores, *only, **how).findings)
    finally:
        stores.close()


def details(one: Finding) -> dict[str, Any]:
    """All of a finding but its key and the names of its events."""
    left_out = ("key", "detection", "event_ids")
    return {name: value for name, value in one.as_dict().items() if name not in left_out}


def ids(events: Iterable[dict[str, Any]]) -> tuple[str, ...]:
    """The ids of events, in their order."""
    return tuple(str(one["event_id"]) for one in events)


def file(item: str, name: str = "Q1.pdf", **more: Any) -> dict[str, Any]:
    """A file as an event's source."""
    return {"item_type": "file", "item_id": item, "item_name": name} | more

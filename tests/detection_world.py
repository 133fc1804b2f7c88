"""Worlds of the sandbox in an event store, with their truth: what detections are measured on."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from lib.activity.ingest.drain import coverage_body, drain_all
from lib.activity.model.event import ActorKind
from lib.sandbox.world import World, WorldSpec
from lib.store import EventStore, Ledger, Stores
from lib.store.ledger.inbox import EntryKind, NewEntry
from lib.store.ledger.records import KnownPerson
from lib.store.spans import Span

UNTIL = datetime(2026, 11, 1, tzinfo=UTC)
PROFILE, SOURCE = "sandbox", "box_stream"
_KINDS = {"app_user": ActorKind.APP, "service": ActorKind.SERVICE, "external": ActorKind.EXTERNAL}


@dataclass(frozen=True, slots=True)
class Planted:
    """A world that was read to its end."""

    stores: Stores
    incidents: list[dict[str, Any]]
    first_day: datetime
    until: datetime

    def between(self, since: datetime, until: datetime) -> list[dict[str, Any]]:
        """The incidents that began in a period."""
        return [
            one for one in self.incidents if since <= datetime.fromisoformat(one["from"]) < until
        ]


def world_of(seed: int, *, days: int = 90, users: int = 60, a_day: int = 1111) -> World:
    """A world that ended at `UNTIL`."""
    spec = WorldSpec(seed=seed, days=days, users=users, events_per_day=a_day, until=UNTIL)
    return World(spec, lambda: UNTIL)


def pages_of(world: World, *, limit: int = 500) -> list[list[dict[str, Any]]]:
    """Every page of the world's history."""
    position = 0
    pages: list[list[dict[str, Any]]] = []
    while True:
        page = world.enterprise_events("admin_logs", position=position, limit=limit)
        if not page.entries:
            return pages
        pages.append(page.entries)
        position = page.next_position


def people_of(world: World) -> list[KnownPerson]:
    """The people as a sync keeps them."""
    return [
        KnownPerson(p.id, p.login, p.name, str(_KINDS.get(p.kind, ActorKind.MANAGED)))
        for p in world.people()
    ]


def entry(events: list[dict[str, Any]], *, profile: str = PROFILE) -> NewEntry:
    """A page as it waits in the inbox."""
    body = orjson.dumps({"entries": events})
    return NewEntry(EntryKind.PAGE, profile, SOURCE, body, UNTIL, stream="admin_logs")


def coverage(since: datetime, until: datetime, *, profile: str = PROFILE) -> NewEntry:
    """The note that a span was read to its end."""
    body = coverage_body(Span(since, until), read_at=until)
    return NewEntry(EntryKind.COVERAGE, profile, SOURCE, body, until)


def planted(
    seed: int,
    *,
    days: int = 90,
    users: int = 60,
    a_day: int = 1111,
    events: EventStore | None = None,
) -> Planted:
    """A world read into stores: the way in is the app's own."""
    world = world_of(seed, days=days, users=users, a_day=a_day)
    stores = Stores(Ledger.in_memory(), events or EventStore.open(":memory:"))
    stores.ledger.remember_people(PROFILE, people_of(world), UNTIL)
    for page in pages_of(world):
        stores.ledger.inbox.acknowledge([entry(page)])
    stores.ledger.inbox.acknowledge([coverage(world.first_day, UNTIL)])
    drain_all(stores)
    return Planted(stores, world.truth()["incidents"], world.first_day, UNTIL)


DAY = timedelta(days=1)

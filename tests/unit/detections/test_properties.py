"""Findings don't depend on the order, on repeats, or on where the input was split."""

import random
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lib.activity.ingest.drain import drain_all
from lib.activity.model.directory import Directory
from lib.app.background.detecting import LATE
from lib.detections import finding_records
from lib.detections.running import DetectionReport, run, scope_of
from lib.store import EventStore, Ledger, Stores
from tests.detection_world import (
    PROFILE,
    UNTIL,
    coverage,
    entry,
    pages_of,
    people_of,
    world_of,
)

DAYS = 52
FIRST = UNTIL - timedelta(days=DAYS)
SINCE = UNTIL - timedelta(days=20)


@cache
def world_events() -> list[dict[str, Any]]:
    world = world_of(7, days=DAYS, users=30, a_day=200)
    return [one for page in pages_of(world) for one in page]


def fresh() -> Stores:
    stores = Stores(Ledger.in_memory(), EventStore.open(":memory:", threads=1))
    world = world_of(7, days=DAYS, users=30, a_day=200)
    stores.ledger.remember_people(PROFILE, people_of(world), UNTIL)
    return stores


def add(stores: Stores, events: list[dict[str, Any]], until: datetime) -> None:
    for start in range(0, len(events), 1000):
        stores.ledger.inbox.acknowledge([entry(events[start : start + 1000])])
    stores.ledger.inbox.acknowledge([coverage(FIRST, until)])
    drain_all(stores)


def judged(stores: Stores, since: datetime = SINCE, until: datetime = UNTIL) -> DetectionReport:
    own = Directory.of(stores.ledger.people(PROFILE)).domains
    return run(stores.events, scope_of(stores.events, PROFILE, since, until, own_domains=own))


def reported(report: DetectionReport) -> list[dict[str, Any]]:
    return [one.as_dict() for one in report.findings]


def kept(stores: Stores) -> dict[str, dict[str, Any]]:
    return {one.key: dict(one.record) for one in stores.ledger.findings.all(PROFILE)}


@cache
def expected() -> list[dict[str, Any]]:
    stores = fresh()
    add(stores, world_events(), UNTIL)
    found = reported(judged(stores))
    stores.close()
    return found


def test_the_world_of_these_properties_has_something_to_find() -> None:
    assert len({one["detection"] for one in expected()}) >= 12


@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32), parts=st.integers(1, 5))
def test_shuffled_with_repeats_and_in_parts_the_findings_are_the_same(
    seed: int, parts: int
) -> None:
    chance = random.Random(seed)
    events = [*world_events(), *chance.sample(world_events(), len(world_events()) // 20)]
    chance.shuffle(events)
    stores = fresh()
    cuts = sorted(chance.randrange(len(events)) for _ in range(parts - 1))
    for start, end in zip([0, *cuts], [*cuts, len(events)], strict=True):
        add(stores, events[start:end], UNTIL)
    assert reported(judged(stores)) == expected()
    stores.close()


@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
@given(minutes=st.lists(st.integers(1, 20 * 24 * 60 - 1), min_size=1, max_size=2, unique=True))
def test_run_after_run_as_events_come_the_ledger_ends_with_the_same_findings(
    minutes: list[int],
) -> None:
    stores = fresh()
    instants = [SINCE + timedelta(minutes=one) for one in sorted(minutes)]
    before, since = FIRST, SINCE
    for until in [*instants, UNTIL]:
        fresh_ones = [one for one in world_events() if before <= at(one) < until]
        add(stores, fresh_ones, until)
        finding_records.keep(stores.ledger, judged(stores, since, until), at=until)
        before, since = until, max(SINCE, until - LATE)
    assert kept(stores) == {one["key"]: one for one in expected()}
    stores.close()


def at(event: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(event["created_at"])

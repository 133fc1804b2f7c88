"""Counting: an action is counted once, whatever ways it reached us, and nothing unread is zero."""

import io
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from lib.activity.exporting.event_files import ExportFormat, stream
from lib.activity.importing.importer import import_file
from lib.activity.ingest.drain import drain_all
from lib.activity.ingest.sync import sync
from lib.activity.model.coverage import Extent
from lib.activity.model.zones import BucketSize
from lib.activity.queries import period_totals, time_series
from lib.activity.queries.filters import Filters
from lib.app.clients import Clients
from lib.box import BoxClient, Subject, SubjectType, connect
from lib.http import Egress, Journal
from lib.settings.profiles import BoxAuth, Profile, sandbox_profile
from lib.store import EventStore, Ledger, Stores
from lib.store.ledger.inbox import EntryKind, NewEntry
from tests.sandbox_server import SandboxServer

DAY = timedelta(days=1)
NOW = datetime(2026, 11, 1, 6, tzinfo=UTC)
MIDNIGHT = NOW.replace(hour=0)
YESTERDAY = MIDNIGHT - DAY


@pytest.fixture
def stores() -> Iterator[Stores]:
    made = Stores(Ledger.in_memory(), EventStore.open(":memory:"))
    yield made
    made.close()


@pytest.fixture
def profile(sandbox: SandboxServer) -> Profile:
    return sandbox_profile(sandbox.credentials())


@pytest.fixture
def client(sandbox: SandboxServer, profile: Profile) -> Iterator[BoxClient]:
    egress = Egress.for_profile(profile, sandbox_url=sandbox.url)
    made = connect(profile, egress=egress, journal=Journal())
    yield made
    made.close()


def read(profile: Profile, client: Any, stores: Stores, since: timedelta) -> None:
    sync(profile, client, stores.ledger, since=since, clock=lambda: NOW)
    drain_all(stores)


def count(stores: Stores, key: str, source: str | None = None) -> int:
    filters = Filters(key, YESTERDAY, MIDNIGHT, source)
    return period_totals.totals(stores.events, filters, now=NOW).current.events


def test_all_five_sources_of_a_day_give_its_truth_once(
    sandbox: SandboxServer, profile: Profile, client: BoxClient, stores: Stores
) -> None:
    truth = sandbox.truth()["events"]["by_day"][f"{YESTERDAY:%Y-%m-%d}"]
    read(profile, client, stores, 2 * DAY)
    # the same day again as a file, by one user's stream, by Kloudless and by webhooks
    assert profile.box is not None
    filters = Filters(profile.key, YESTERDAY, MIDNIGHT)
    raw = [
        orjson.loads(line)["raw"].encode()
        for part in stream(stores.events, filters, ExportFormat.JSONL)
        for line in part.splitlines()
    ]
    import_bytes(b"\n".join(raw), profile.key, stores)
    user_id = sandbox.credentials()["box"]["users"]["managed"]
    subject = Subject(SubjectType.USER, user_id)
    egress = Egress.for_profile(profile, sandbox_url=sandbox.url)
    personal = replace(profile, box=replace(profile.box, auth=BoxAuth.OAUTH, user_id=user_id))
    with connect(profile, egress=egress, journal=Journal(), subject=subject) as user:
        read(personal, user, stores, 2 * DAY)
    clients = Clients((), lambda: sandbox.url)
    read(replace(profile, box=None), clients.reader(replace(profile, box=None)), stores, DAY)
    clients.close()
    deliver(stores, profile.key, [orjson.loads(line) for line in raw[:20]])
    existing = {facts.source: facts.events for facts in stores.events.sources(profile.key)}
    assert set(existing) == {"box_stream", "import", "box_user_stream", "kloudless", "box_webhook"}
    assert count(stores, profile.key) == truth
    assert count(stores, profile.key, "import") == truth
    assert count(stores, profile.key, "box_webhook") == 20
    found = time_series.series(stores.events, filters, now=NOW)
    assert (found.total, int(found.buckets["events"].sum())) == (truth, truth)


def import_bytes(body: bytes, key: str, stores: Stores) -> None:
    result = import_file(io.BytesIO(body), key, stores.ledger, clock=lambda: NOW)
    assert result.refused == []
    drain_all(stores)


def deliver(stores: Stores, key: str, events: list[Any]) -> None:
    bodies = [
        orjson.dumps(
            {
                "type": "webhook_event",
                "id": f"delivery-{n}",
                "created_at": event["created_at"],
                "trigger": "FILE.DOWNLOADED",
                "created_by": event["created_by"],
                "source": {"id": "1", "type": "file"},
            }
        )
        for n, event in enumerate(events)
    ]
    entries = [NewEntry(EntryKind.DELIVERY, key, "box_webhook", body, NOW) for body in bodies]
    stores.ledger.inbox.acknowledge([*entries, *entries[:5]])
    assert drain_all(stores).repeated == 5


def test_two_profiles_on_one_enterprise_both_show_everything(
    sandbox: SandboxServer, profile: Profile, client: BoxClient, stores: Stores
) -> None:
    truth = sandbox.truth()["events"]["by_day"][f"{YESTERDAY:%Y-%m-%d}"]
    for key in ("one", "two"):
        read(replace(profile, key=key), client, stores, 2 * DAY)
    assert count(stores, "one") == count(stores, "two") == truth


def test_a_day_withheld_from_sync_is_never_drawn_or_compared_as_zero(
    profile: Profile, client: BoxClient, stores: Stores
) -> None:
    stop = threading.Event()
    sync(
        profile,
        client,
        stores.ledger,
        since=4 * DAY,
        clock=lambda: NOW,
        cancelled=stop,
        on_progress=lambda p: stop.set() if p.reached == MIDNIGHT - 2 * DAY else None,
    )
    drain_all(stores)
    week = Filters(profile.key, MIDNIGHT - 4 * DAY, MIDNIGHT)
    found = time_series.series(stores.events, week, now=NOW, size=BucketSize.DAY)
    assert list(found.buckets["extent"]) == [
        Extent.UNREAD,
        Extent.UNREAD,
        Extent.READ,
        Extent.READ,
    ]
    assert list(found.buckets["events"] > 0) == [False, False, True, True]
    two_days = period_totals.totals(
        stores.events, week.between(MIDNIGHT - 2 * DAY, MIDNIGHT), now=NOW
    )
    assert two_days.previous is None
    assert two_days.comparison.reason
    one_day = period_totals.totals(stores.events, week.between(MIDNIGHT - DAY, MIDNIGHT), now=NOW)
    assert one_day.previous is not None
    assert one_day.previous.events > 0

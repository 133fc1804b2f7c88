"""The roll-ups always say what counting the events says."""

import random
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest

from lib.activity.ingest.renormalise import renormalise
from lib.activity.ingest.retention import step
from lib.activity.model.directory import ledger_directories
from lib.settings.retention import RetentionSettings
from lib.store import EventStore, Stores
from lib.store.events import rollups
from lib.store.ledger.records import KnownPerson
from tests.unit.activity.samples import DAY, NOW, box_event, memory_stores, put_events

KINDS = ("DOWNLOAD", "PREVIEW", "LOGIN", "FAILED_LOGIN", "UPLOAD")
NAMES = ("a.pdf", "b.XLSX", "c.tar.gz")
DAYS = "profile, source, date_trunc('day', occurred_at) AS day,"
EVENTS = "count(*) AS events"
COUNTED = {
    "hours": (
        (
            "profile, source, date_trunc('hour', occurred_at) AS hour, event_type, category,"
            " actor_kind"
        ),
        f"{EVENTS}, coalesce(sum(size_bytes), 0) AS bytes, count(size_bytes) AS sized",
    ),
    "actor_days": (f"{DAYS} actor_id, actor_kind", EVENTS),
    "file_type_days": (
        (
            f"{DAYS} event_type, category, actor_kind,"
            " CASE WHEN item_type = 'file' THEN lower(split_part(item_name, '.', -1)) END"
        ),
        EVENTS,
    ),
    "item_days": (f"{DAYS} md5_number_lower(item_id), actor_kind", EVENTS),
    "item_blocks": (
        (
            "profile, source, TIMESTAMP '1970-01-01' + INTERVAL 28 DAY *"
            " (epoch(occurred_at)::BIGINT // (28 * 86400)) AS block, md5_number_lower(item_id),"
            " actor_kind"
        ),
        EVENTS,
    ),
}


SIZES = (
    "SELECT profile, source, occurred_at, md5_number_lower(item_id), size_bytes, count(*)"
    " FROM events WHERE size_bytes IS NOT NULL AND item_id IS NOT NULL"
    " AND event_type = 'UPLOAD' GROUP BY ALL ORDER BY ALL"
)


def agree(events: EventStore) -> bool:
    for table, (keys, sums) in COUNTED.items():
        names = re.findall(r" AS (\w+)", sums)
        rolled = events.rows(
            f"SELECT * EXCLUDE ({', '.join(names)}), {', '.join(f'sum({n})' for n in names)}"  # noqa: S608
            f" FROM {table} GROUP BY ALL ORDER BY ALL"
        )
        counted = events.rows(
            f"SELECT {keys}, {sums} FROM events GROUP BY ALL ORDER BY ALL"  # noqa: S608
        )
        if rolled != counted:
            return False
    reported = events.rows(
        "SELECT * EXCLUDE events, sum(events) FROM item_sizes GROUP BY ALL ORDER BY ALL"
    )
    return bool(reported == events.rows(SIZES))


def some(number: int, *, seed: int = 1) -> list[dict[str, object]]:
    chance = random.Random(seed)
    return [
        box_event(
            n,
            at=NOW - timedelta(hours=chance.randrange(40 * 24), seconds=chance.randrange(3600)),
            event_type=chance.choice(KINDS),
            source=box_event()["source"]
            | {"item_id": str(chance.randrange(20)), "item_name": chance.choice(NAMES)},
            additional_details={"size": chance.choice((None, 5, 2**62))},
            created_by=chance.choice((None, *({"type": "user", "id": str(i)} for i in range(9)))),
        )
        for n in range(number)
    ]


@pytest.fixture
def stores() -> Iterator[Stores]:
    made = memory_stores()
    yield made
    made.close()


def test_they_count_each_event_once_whatever_batch_it_came_in(stores: Stores) -> None:
    events = some(300)
    for start in range(0, 300, 30):
        put_events(stores, events[max(0, start - 10) : start + 30])
    put_events(stores, events[:50], source="import")
    put_events(stores, events[:50], profile="other")
    assert stores.events.rows("SELECT sum(events) FROM hours") == [(400,)]
    assert agree(stores.events)


def test_many_small_batches_are_folded_into_one_line_a_key(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rollups, "LINES", 40)
    for n in range(60):
        at = NOW - timedelta(seconds=n)
        put_events(stores, [box_event(n, at=at), box_event(n, at=at - DAY)])
    lines = stores.events.rows("SELECT count(*) FROM hours")[0][0]
    assert lines <= 50  # of 120; four keys, and what came since they were folded
    assert agree(stores.events)


def test_what_is_dropped_is_counted_no_more(stores: Stores) -> None:
    put_events(stores, some(400))
    put_events(stores, some(100), profile="other")
    settings = RetentionSettings(keep=20 * DAY, types={"PREVIEW": 5 * DAY})
    while step(stores.events, settings, NOW):
        assert agree(stores.events)
    assert 0 < stores.events.count() < 400
    stores.events.delete_profile("other")
    assert agree(stores.events)


def test_what_is_normalised_again_is_counted_as_it_is_now(stores: Stores) -> None:
    put_events(stores, some(200))
    stores.ledger.remember_people("acme", [KnownPerson("3", "c@acme.test", "C", "managed")], NOW)
    done = renormalise(stores.events, ledger_directories(stores.ledger), everything=True)
    assert done.changed
    assert stores.events.rows("SELECT sum(events) > 0 FROM hours WHERE actor_kind = 'managed'")
    assert agree(stores.events)


def test_a_batch_that_fails_is_not_counted(stores: Stores) -> None:
    put_events(stores, some(20))

    def fail() -> None:
        with stores.events.writing() as cursor:
            cursor.execute("DELETE FROM hours")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert agree(stores.events)

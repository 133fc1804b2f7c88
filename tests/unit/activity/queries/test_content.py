"""Storage beside a plain count of the same events."""

import random
from datetime import timedelta
from typing import Any

import pytest

from lib.activity.queries import content
from lib.activity.queries.filters import Filters
from tests.unit.activity.samples import DAY, NOW, box_event, memory_stores, put_events

KINDS = ("UPLOAD", "EDIT", "DELETE", "ITEM_TRASH", "DOWNLOAD")


def made(number: int, chance: random.Random) -> list[dict[str, Any]]:
    return [
        box_event(
            n,
            at=NOW - timedelta(minutes=chance.randrange(60 * 24 * 60)),
            event_type=chance.choice(KINDS),
            created_by={"type": "user", "id": str(chance.randrange(3))},
            source=box_event()["source"] | {"item_id": str(chance.randrange(40))},
            additional_details=chance.choice(({}, {"size": chance.randrange(1000)})),
        )
        for n in range(number)
    ]


def reported(events: list[dict[str, Any]], low: Any) -> tuple[int, int, int, int, int]:
    """(uploads, deletes, unsized deletes, recalled, growth) of the events since a time."""
    sizes: dict[str, int] = {}
    uploads = deletes = unsized = recalled = growth = 0
    for event in sorted(events, key=lambda one: str(one["created_at"])):
        item, size = event["source"]["item_id"], event["additional_details"].get("size")
        inside = event["created_at"] >= low.isoformat()
        if event["event_type"] in ("UPLOAD", "EDIT") and size is not None:
            sizes[item] = size
        if not inside:
            continue
        if event["event_type"] == "UPLOAD":
            uploads += 1
            growth += size or 0
        elif event["event_type"] in ("DELETE", "ITEM_TRASH"):
            deletes += 1
            if size is None:
                size = sizes.get(item)
                recalled += size is not None
                unsized += size is None
            growth -= size or 0
    return uploads, deletes, unsized, recalled, growth


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("days", [3, 30, 61])
def test_a_delete_takes_the_newest_size_reported_of_its_item_before(seed: int, days: int) -> None:
    events = made(900, random.Random(seed))
    stores = memory_stores()
    put_events(stores, events)
    low = NOW - days * DAY
    for include in ({}, {"actor": ("0", "1", "2")}):  # out of the hours, and out of the events
        asked = Filters("acme", low, NOW + DAY, include=include)
        found = content.storage(stores.events, asked, now=NOW, timezone="Europe/Berlin")
        assert (
            found.uploads,
            found.deletes,
            found.unsized_deletes,
            found.recalled,
            found.growth,
        ) == reported(events, low)
    stores.close()


def test_sizes_that_add_up_beyond_64_bits_stay_large() -> None:
    stores = memory_stores()
    huge = {"size": 2**63 - 1}
    put_events(
        stores, [box_event(n, event_type="UPLOAD", additional_details=huge) for n in range(3)]
    )
    put_events(
        stores, [box_event(9 + n, event_type="DELETE", additional_details={}) for n in range(3)]
    )
    asked = Filters("acme", NOW - DAY, NOW + DAY)
    assert content.moved(stores.events, asked, now=NOW).frame["uploaded"].max() > 2**62
    assert content.storage(stores.events, asked, now=NOW).frame["added"].max() > 2**62
    assert content.storage(stores.events, asked, now=NOW).frame["removed"].max() > 2**62
    stores.close()

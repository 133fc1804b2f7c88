"""Lists of the heaviest are those of counting every key, however few buckets are looked into."""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.activity.queries import heavy_hitters, period_totals, rankings, summaries
from lib.activity.queries.filters import Filters
from lib.store import Stores
from tests.unit.activity.samples import DAY, NOW, box_event, marker, memory_stores, put, put_events

FILTERS = Filters("acme", NOW - 40 * DAY, NOW)


def events_of(items: list[int], seed: int) -> list[dict[str, object]]:
    chance = random.Random(seed)
    return [
        box_event(
            n,
            at=NOW - timedelta(minutes=chance.randrange(1, 80 * 24 * 60)),
            event_type=chance.choice(("DOWNLOAD", "PREVIEW")),
            source=box_event()["source"] | {"item_id": str(item), "item_name": f"{item}.pdf"},
        )
        for n, item in enumerate(items)
    ]


@pytest.fixture(scope="module")
def stores() -> Iterator[Stores]:
    chance = random.Random(5)
    made = memory_stores()
    items = [int(600 * chance.random() ** 4) for _ in range(3000)]
    put_events(made, events_of(items, 5))
    put_events(made, [box_event(10_000 + n, source=None) for n in range(9)])
    put(made, marker(NOW - 90 * DAY, NOW))
    yield made
    made.close()


@settings(max_examples=60, deadline=None)
@given(
    bits=st.integers(1, 12),
    each=st.integers(1, 9),
    limit=st.integers(1, 60),
    kind=st.sampled_from(((), ("DOWNLOAD",))),
)
def test_they_are_the_same_as_of_all_keys(
    stores: Stores, bits: int, each: int, limit: int, kind: tuple[str, ...]
) -> None:
    asked = Filters("acme", FILTERS.since, FILTERS.until, include={"type": kind})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(heavy_hitters, "BITS", bits)
        patch.setattr(heavy_hitters, "EACH", each)
        few = summaries.top(stores.events, asked, "item", limit=limit)
        beside = rankings.ranked(stores.events, asked, "item", now=NOW, limit=limit)
        patch.setattr(heavy_hitters, "MOST", 0)
        every = summaries.top(stores.events, asked, "item", limit=limit)
        beside_every = rankings.ranked(stores.events, asked, "item", now=NOW, limit=limit)
    assert beside.comparison.allowed
    assert few.equals(every)
    assert beside.frame.equals(beside_every.frame)
    assert beside.gone.equals(beside_every.gone)


def test_few_keys_are_counted_where_some_are_much_heavier(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[bool] = []
    enough = heavy_hitters.HeavyHitters.enough

    def watched(self: heavy_hitters.HeavyHitters, *lists: list[int]) -> bool:
        looked.append(enough(self, *lists))
        return looked[-1]

    monkeypatch.setattr(heavy_hitters.HeavyHitters, "enough", watched)
    found = summaries.top(stores.events, FILTERS, "item", limit=5)
    assert looked == [True]
    rows = stores.events.rows(
        "SELECT item_id FROM events WHERE occurred_at >= ? AND occurred_at < ?",
        [FILTERS.since.replace(tzinfo=None), FILTERS.until.replace(tzinfo=None)],
    )
    counts = Counter(item for (item,) in rows if item)
    assert list(found["events"]) == [n for _, n in counts.most_common(5)]
    assert found["share"][0] == found["events"][0] / len(rows)


def test_all_keys_are_counted_where_they_weigh_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heavy_hitters, "BITS", 3)
    monkeypatch.setattr(heavy_hitters, "EACH", 1)
    stores = memory_stores()
    put_events(stores, events_of(list(range(300)), 1))
    asked = Filters("acme", NOW - 80 * DAY, NOW)
    keys = stores.events.rows("SELECT item_id FROM events ORDER BY item_key LIMIT 4")
    found = summaries.top(stores.events, asked, "item", limit=4)
    assert list(found["value"]) == [item for (item,) in keys]
    assert list(found["events"]) == [1, 1, 1, 1]
    stores.close()


@pytest.mark.parametrize("days", [3, 40, 70])
def test_an_item_that_is_chosen_is_listed_in_any_period(stores: Stores, days: int) -> None:
    asked = Filters("acme", NOW - days * DAY, NOW, include={"item": ("0", "1")})
    found = summaries.top(stores.events, asked, "item")
    assert set(found["value"]) == {"0", "1"}
    without = Filters("acme", NOW - days * DAY, NOW, exclude={"item": ("0", "1")})
    assert not {"0", "1"} & set(summaries.top(stores.events, without, "item")["value"])
    unknown = Filters("acme", NOW - days * DAY, NOW + DAY, include={"item": ("",)})
    assert period_totals.totals(stores.events, unknown, now=NOW).current.events == 9

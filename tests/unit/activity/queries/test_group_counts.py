"""Charts are the same whether they are counted from the roll-ups or from the events."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.activity.model.week_hours import HOUR
from lib.activity.model.zones import BucketSize
from lib.activity.queries import group_counts, period_totals, rankings, summaries, time_series
from lib.activity.queries.filters import Filters
from lib.store import Stores
from tests.unit.activity.samples import DAY, NOW, box_event, marker, memory_stores, put, put_events

KINDS = ("DOWNLOAD", "PREVIEW", "LOGIN", "FAILED_LOGIN", "SHARE")
ZONES = ("UTC", "Europe/Berlin", "Asia/Kolkata", "America/St_Johns", "Australia/Lord_Howe")
CHANGE = datetime(2026, 10, 25, 1, tzinfo=UTC)  # Europe's clocks go back


@pytest.fixture(scope="module")
def stores() -> Iterator[Stores]:
    made = memory_stores()
    chance = random.Random(7)
    events = [
        box_event(
            n,
            at=CHANGE + timedelta(minutes=chance.randrange(-70 * 1440, 8 * 1440)),
            event_type=chance.choice(KINDS),
            created_by={"type": "user", "id": str(chance.randrange(12)), "login": "a@acme.test"},
            ip_address=f"203.0.113.{n % 7}",
            source={
                "item_type": "file",
                "item_id": str(chance.randrange(40)),
                "item_name": "a.pdf",
            },
        )
        for n in range(2500)
    ]
    for start in range(0, len(events), 250):
        put_events(made, events[start : start + 250])
    put(made, marker(CHANGE - 90 * DAY, max(NOW, CHANGE + 20 * DAY)))
    yield made
    made.close()


def asked(stores: Stores, filters: Filters, zone: str, size: BucketSize | None) -> list[Any]:
    events, now = stores.events, CHANGE + 20 * DAY
    found = time_series.series(events, filters, now=now, by="type", size=size, timezone=zone)
    tops = [
        rankings.ranked(events, filters, by, now=now, limit=5)
        for by in ("type", "actor", "kind", "ip", "network")
    ]
    items = rankings.ranked(events, filters, "item", now=now, limit=5)
    totals = period_totals.totals(events, filters, now=now)
    return [
        found.frame.to_dict("list"),
        found.buckets.to_dict("list"),
        found.order,
        summaries.heatmap(events, filters, timezone=zone)["events"].tolist(),
        totals,
        items.frame[["events", "share"]].astype(str).to_dict("list"),  # which of equals: any
        *(part.to_dict("list") for one in tops for part in (one.frame.astype(str), one.gone)),
    ]


instants = st.integers(-70 * 1440, 8 * 1440).map(lambda m: CHANGE + timedelta(minutes=m))
fields = st.sampled_from(("type", "category", "kind", "actor", "ip"))
values = st.sampled_from((*KINDS, "3", "5", "", "content", "203.0.113.2", "external"))
hours = st.sampled_from(("1.09.UTC", "3.14.Asia~Kolkata", "7.02.Europe~Berlin"))
choices = st.one_of(
    st.dictionaries(fields, st.lists(values, max_size=2).map(tuple), max_size=2),
    st.dictionaries(st.just(HOUR), st.lists(hours, min_size=1, max_size=2).map(tuple)),
)


@settings(max_examples=30)
@given(
    one=instants,
    other=instants,
    include=choices,
    exclude=choices,
    hide=st.booleans(),
    zone=st.sampled_from(ZONES),
    hourly=st.booleans(),
)
def test_both_ways_of_counting_agree(
    stores: Stores,
    *,
    one: datetime,
    other: datetime,
    include: dict[str, tuple[str, ...]],
    exclude: dict[str, tuple[str, ...]],
    hide: bool,
    zone: str,
    hourly: bool,
) -> None:
    since, until = min(one, other), max(one, other) + timedelta(minutes=1)
    hidden = frozenset({"app", "service"} if hide else ())
    filters = Filters("acme", since, until, include=include, exclude=exclude, hide=hidden)
    size = BucketSize.HOUR if hourly and until - since < 3 * DAY else None
    rolled = asked(stores, filters, zone, size)
    with patch.object(group_counts, "_ROLLUPS", ()), patch.object(group_counts, "_answers", _never):
        plain = asked(stores, filters, zone, size)
    for of_lines, of_events in zip(rolled, plain, strict=True):
        assert of_lines == of_events


def _never(*_asked: object) -> bool:
    return False


def test_items_that_are_counted_by_key_have_their_own_ids(stores: Stores) -> None:
    filters = Filters("acme", CHANGE - timedelta(days=65, hours=5), CHANGE + timedelta(days=7))
    found = summaries.top(stores.events, filters, "item", limit=100)
    counts = stores.events.rows(
        "SELECT item_id, count(*) FROM events WHERE occurred_at >= ? AND occurred_at < ?"
        " GROUP BY item_id",
        [filters.since.replace(tzinfo=None), filters.until.replace(tzinfo=None)],
    )
    assert dict(zip(found["value"], found["events"], strict=True)) == dict(counts)
    assert {label.split(" (")[0] for label in found["label"]} == {"a.pdf"}
    assert found["label"].is_unique  # namesakes are told apart


def test_a_month_is_counted_from_lines_and_a_text_is_not() -> None:
    filters = Filters("acme", CHANGE - 8 * DAY, CHANGE + 8 * DAY)
    assert "FROM hours" in group_counts.over_time(filters, "box_stream").sql
    assert "FROM events" not in group_counts.over_time(filters, "box_stream").sql
    assert "FROM actor_days" in group_counts.by_value(filters, "box_stream", "actor").sql
    assert "FROM item_days" in group_counts.by_value(filters, "box_stream", "item").sql
    assert "FROM item_blocks" not in group_counts.by_value(filters, "box_stream", "item").sql
    assert "FROM events" in group_counts.by_value(filters, "box_stream", "ip").sql
    season = group_counts.by_value(
        filters.between(CHANGE - 80 * DAY, CHANGE), "box_stream", "item"
    ).sql
    assert season.count("FROM item_blocks") == 1
    assert season.count("FROM item_days") == 2
    text = Filters("acme", filters.since, filters.until, text="plan")
    assert "FROM hours" not in group_counts.over_time(text, "box_stream").sql
    india = group_counts.over_time(filters, "box_stream", timezone="Asia/Kolkata").sql
    assert "FROM hours" not in india

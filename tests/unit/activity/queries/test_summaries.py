from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from lib.activity.model.coverage import Extent
from lib.activity.model.week_hours import HOUR, WeekHour
from lib.activity.model.zones import BucketSize, zone
from lib.activity.queries import paging, period_totals, source_of_record, summaries, time_series
from lib.activity.queries.filters import Filters
from lib.core.errors import ConfigurationError
from lib.store import Stores
from lib.store.ledger.records import KnownPerson
from tests.unit.activity.samples import DAY, NOW, box_event, marker, memory_stores, put, put_events

SINCE = NOW - 7 * DAY
ROBOT = {
    "type": "user",
    "id": "90",
    "name": "Robot",
    "login": "AutomationUser_1_x@boxdevedition.com",
}
EVE = {"type": "user", "id": "80", "name": "Eve", "login": "eve@evil.test"}


def item(item_id: str, name: str) -> dict[str, str]:
    return {"item_type": "file", "item_id": item_id, "item_name": name}


@pytest.fixture(scope="module")
def stores() -> Iterator[Stores]:
    made = memory_stores()
    made.ledger.remember_people("acme", [KnownPerson("11", None, "Ada", "managed")], NOW)
    events = [box_event(n, at=NOW - timedelta(hours=n + 1)) for n in range(48)]
    events += [
        box_event(100 + n, at=NOW - timedelta(hours=n, minutes=30), event_type="LOGIN",
                  created_by=EVE, source=None, ip_address="198.51.100.1")
        for n in range(5)
    ]  # fmt: skip
    events += [
        box_event(200 + n, at=NOW - timedelta(days=3, minutes=n), created_by=ROBOT,
                  source=item(str(n), f"Über {n}.txt"), event_type="UPLOAD")
        for n in range(10)
    ]  # fmt: skip
    put_events(made, events)
    put_events(made, [box_event(n) for n in range(3)], source="kloudless")
    put_events(made, [box_event(5000 + n) for n in range(3)], source="box_user_stream")
    put_events(made, [box_event(1, at=NOW - DAY)], profile="other")
    put(made, marker(NOW - 20 * DAY, NOW))
    yield made
    made.close()


def choice(**changes: object) -> Filters:
    return Filters(**{"profile": "acme", "since": SINCE, "until": NOW, **changes})  # type: ignore[arg-type]


def count(stores: Stores, **changes: object) -> int:
    return period_totals.totals(stores.events, choice(**changes), now=NOW).current.events


def test_only_the_source_of_record_of_one_profile_is_counted(stores: Stores) -> None:
    assert source_of_record.source_of_record(stores.events, "acme") == "box_stream"
    assert count(stores) == 63
    assert count(stores, source="box_user_stream", until=NOW + DAY) == 3
    assert count(stores, profile="other") == 1


def test_sources_are_listed_with_the_one_of_record_first(stores: Stores) -> None:
    assert [facts.source for facts in source_of_record.sources(stores.events, "acme")] == [
        "box_stream",
        "box_user_stream",
    ]


@pytest.mark.parametrize(
    "changes, expected",
    [
        ({"include": {"type": ("LOGIN",)}}, 5),
        ({"include": {"type": ("LOGIN", "UPLOAD")}}, 15),
        ({"exclude": {"type": ("LOGIN",)}}, 58),
        ({"include": {"category": ("login",)}}, 5),
        ({"include": {"actor": ("80",)}}, 5),
        ({"include": {"item": ("3",)}}, 1),
        ({"include": {"item": ("",)}}, 5),
        ({"exclude": {"item": ("",)}}, 58),
        ({"exclude": {"item": ("3",)}}, 62),
        ({"include": {"item": ("", "3")}}, 6),
        ({"include": {"owner": ("12",)}}, 48),
        ({"exclude": {"owner": ("12",)}}, 15),
        ({"include": {"ip": ("198.51.100.1",)}}, 5),
        ({"include": {"account": ("1",)}}, 0),
        ({"include": {"type": ()}}, 63),
        ({"hide": frozenset({"service"})}, 53),
        ({"text": "über 3"}, 1),
        ({"text": "ÜBER"}, 10),
        ({"text": "evil.TEST"}, 5),
        ({"text": "%"}, 0),
        ({"text": "_"}, 10),
        ({"text": "\\"}, 0),
        ({"text": "n 3"}, 0),
        ({"text": "log"}, 5),
        ({"text": "' OR 1=1 --"}, 0),
        ({"since": NOW - timedelta(hours=2)}, 4),
        ({"since": NOW - timedelta(hours=1), "until": NOW - timedelta(minutes=30)}, 1),
    ],
)
def test_filters_include_and_exclude(
    stores: Stores, changes: dict[str, object], expected: int
) -> None:
    assert count(stores, **changes) == expected


def test_a_filter_that_does_not_exist_is_refused(stores: Stores) -> None:
    with pytest.raises(ConfigurationError):
        count(stores, include={"raw; DROP TABLE events": ("x",)})


def test_hidden_events_are_counted(stores: Stores) -> None:
    hidden = period_totals.totals(
        stores.events, choice(hide=frozenset({"service", "app"})), now=NOW
    )
    assert (hidden.current.events, hidden.hidden) == (53, 10)


def test_a_series_adds_up_and_names_its_top(stores: Stores) -> None:
    found = time_series.series(stores.events, choice(), now=NOW, size=BucketSize.DAY, top=1)
    assert found.order == ("DOWNLOAD", "other")
    assert found.total == 63 == int(found.frame["events"].sum())
    assert int(found.buckets["events"].sum()) == 63
    assert len(found.buckets) == 8
    by = time_series.series(stores.events, choice(), now=NOW, by="category").frame
    assert dict(by.groupby("series")["events"].sum()) == {"content": 58, "login": 5}


@pytest.mark.parametrize("timezone", ["UTC", "Asia/Kolkata", "America/New_York"])
@pytest.mark.parametrize("size", list(BucketSize))
def test_a_series_counts_every_event_in_every_zone(
    stores: Stores, timezone: str, size: BucketSize
) -> None:
    found = time_series.series(stores.events, choice(), now=NOW, size=size, timezone=timezone)
    assert int(found.buckets["events"].sum()) == 63
    assert str(found.frame["bucket"].dt.tz) == timezone
    assert set(found.frame["bucket"]) <= set(found.buckets["bucket"])


def test_a_bucket_that_was_not_read_says_so(stores: Stores) -> None:
    wide = choice(since=NOW - 22 * DAY, until=NOW + 2 * DAY)
    found = time_series.series(stores.events, wide, now=NOW + timedelta(minutes=4))
    extents = list(found.buckets["extent"])
    assert extents[:3] == [Extent.UNREAD, Extent.UNREAD, Extent.PARTIAL]
    assert extents[3] == Extent.READ
    assert extents[-3:] == [Extent.SETTLING, Extent.FUTURE, Extent.FUTURE]


def test_an_empty_choice_gives_empty_frames_of_the_same_shape(stores: Stores) -> None:
    nothing = choice(profile="nobody")
    found = time_series.series(stores.events, nothing, now=NOW)
    assert list(found.frame.columns) == ["bucket", "series", "events"]
    assert set(found.buckets["extent"]) == {Extent.UNREAD}
    assert summaries.top(stores.events, nothing, "actor").empty
    assert int(summaries.heatmap(stores.events, nothing)["events"].sum()) == 0
    assert paging.page(stores.events, nothing).frame.empty


def test_top_values_carry_name_and_share(stores: Stores) -> None:
    found = summaries.top(stores.events, choice(), "actor", limit=2)
    assert list(found["value"]) == ["11", "90"]
    assert list(found["label"]) == ["Ada Analyst", "Robot"]
    assert found["share"].iloc[0] == pytest.approx(48 / 63)
    assert list(summaries.top(stores.events, choice(), "item", limit=1)["label"]) == ["Q1.pdf"]
    items = summaries.top(stores.events, choice(), "item", limit=50)
    assert "" not in list(items["value"])
    assert len(items) == 11


@pytest.mark.parametrize("timezone", ["UTC", "Asia/Kolkata"])
def test_the_heat_map_is_in_local_time(stores: Stores, timezone: str) -> None:
    one = choice(include={"item": ("0",)})
    found = summaries.heatmap(stores.events, one, timezone=timezone)
    assert len(found) == 168
    at = (NOW - 3 * DAY).astimezone(zone(timezone))
    (cell,) = found[found["events"] > 0].to_dict("records")
    assert cell == {"weekday": at.isoweekday(), "hour": at.hour, "events": 1}


def test_an_hour_of_the_week_has_the_events_of_its_cell(stores: Stores) -> None:
    for name in ("UTC", "Asia/Kolkata", "America/New_York"):
        heat = summaries.heatmap(stores.events, choice(), timezone=name)
        cells = {
            WeekHour(int(day), int(hour), name).value: int(events)
            for day, hour, events in heat.itertuples(index=False)
        }
        busiest = sorted(cells, key=lambda value: -cells[value])[:3]
        for value in busiest:
            assert count(stores, include={HOUR: (value,)}) == cells[value], value
            assert count(stores, exclude={HOUR: (value,)}) == 63 - cells[value], value
            page = paging.page(stores.events, choice(include={HOUR: (value,)}), limit=100)
            assert len(page.frame) == cells[value], value
        both = sum(cells[value] for value in busiest)
        assert count(stores, include={HOUR: tuple(busiest)}) == both, name
    with pytest.raises(ConfigurationError, match="isn't an hour of the week"):
        count(stores, include={HOUR: ("1.25.UTC",)})


def test_totals_count_distinct_actors_and_items_beside_the_previous_period(stores: Stores) -> None:
    found = period_totals.totals(stores.events, choice(since=NOW - DAY), now=NOW)
    assert found.current == period_totals.Counted(29, 2, 1)
    assert found.previous == period_totals.Counted(24, 1, 1)
    assert found.compared == found.current


def test_a_comparison_is_withheld_unless_both_periods_are_read(stores: Stores) -> None:
    found = period_totals.totals(stores.events, choice(since=NOW - 15 * DAY), now=NOW)
    assert found.previous is None
    assert found.comparison.reason == "The previous period hasn't been read completely."
    late = choice(since=NOW - DAY, until=NOW + DAY)
    found = period_totals.totals(stores.events, late, now=NOW + timedelta(hours=20))
    assert found.previous is None
    assert found.comparison.reason == "This period hasn't been read completely."


def test_a_running_period_is_compared_up_to_where_reading_stands(stores: Stores) -> None:
    now = NOW + timedelta(minutes=6)
    found = period_totals.totals(stores.events, choice(since=now - DAY, until=now), now=now)
    assert found.previous is not None
    assert found.compared is not None
    assert found.current.events == found.compared.events == 28
    assert found.previous.events == 23


def test_last_activity_of_people(stores: Stores) -> None:
    found = summaries.last_activity(stores.events, "acme", ["11", "80", "nobody"])
    assert found == {"11": NOW - timedelta(hours=1), "80": NOW - timedelta(minutes=30)}


def test_pages_list_every_event_once_newest_first(stores: Stores) -> None:
    seen: list[str] = []
    times: list[datetime] = []
    cursor = None
    while True:
        page = paging.page(stores.events, choice(), limit=7, before=cursor)
        seen += list(page.frame["event_id"])
        times += list(page.frame["occurred_at"])
        cursor = page.next
        if cursor is None:
            break
        cursor = paging.EventCursor.parse(str(cursor))
        assert cursor is not None
    assert len(seen) == len(set(seen)) == 63
    assert times == sorted(times, reverse=True)


def test_events_of_the_same_instant_are_paged_completely() -> None:
    stores = memory_stores()
    put_events(stores, [box_event(n, at=NOW - DAY) for n in range(25)])
    seen: list[str] = []
    cursor = None
    while True:
        page = paging.page(stores.events, choice(), limit=10, before=cursor)
        seen += list(page.frame["event_id"])
        if (cursor := page.next) is None:
            break
    assert len(seen) == len(set(seen)) == 25
    stores.close()


@pytest.mark.parametrize("text", ["", "x", "~", "2026-03-01", "2026-03-01~", "yesterday~1"])
def test_what_is_no_cursor_is_none(text: str) -> None:
    assert paging.EventCursor.parse(text) is None


def test_one_event_comes_with_its_raw_json(stores: Stores) -> None:
    requested = paging.page(stores.events, choice(), limit=1).frame.iloc[0]
    found = paging.event(stores.events, "acme", "box_stream", requested["event_id"])
    assert found is not None
    assert found["event_id"] in found["raw"]
    assert found["occurred_at"].tzinfo is UTC
    near = paging.event(
        stores.events,
        "acme",
        "box_stream",
        requested["event_id"],
        occurred_at=requested["occurred_at"],
    )
    assert near == found
    assert paging.event(stores.events, "other", "box_stream", requested["event_id"]) is None


def test_a_search_is_paged_completely_too() -> None:
    stores = memory_stores()
    names = [item(str(n), f"Report {n}.txt" if n % 2 else "other") for n in range(1300)]
    put_events(
        stores,
        [
            box_event(n, at=NOW - timedelta(seconds=1 + n // 600), source=name)
            for n, name in enumerate(names)
        ],
    )
    seen: list[str] = []
    cursor = None
    while True:
        page = paging.page(stores.events, choice(text="report"), limit=200, before=cursor)
        seen += list(page.frame["event_id"])
        if (cursor := page.next) is None:
            break
    assert len(seen) == len(set(seen)) == 650
    stores.close()

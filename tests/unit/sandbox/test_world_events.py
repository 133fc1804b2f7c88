"""The event streams of the sandbox's world: repeatable, positioned, untidy in documented ways."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.sandbox.world import Person, StreamPage, World, WorldSpec

UNTIL = datetime(2026, 11, 1, tzinfo=UTC)
SPEC = WorldSpec(days=30, until=UNTIL)
LONGEST = 100_000


class FakeClock:
    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


def make(spec: WorldSpec = SPEC, now: datetime | None = None) -> World:
    return World(spec, FakeClock(now or spec.until or UNTIL))


def pages(
    world: World, stream: str, position: int | None = None, person: Person | None = None,
    limit: int = 500, **filters: Any
) -> Iterator[StreamPage]:  # fmt: skip
    for _ in range(LONGEST):
        if person is None:
            page = world.enterprise_events(stream, position=position, limit=limit, **filters)
        else:
            page = world.user_events(person, stream, position=position, limit=limit)
        if not page.entries:
            return
        assert page.next_position != position
        position = page.next_position
        yield page


def read(world: World, stream: str, **how: Any) -> list[dict[str, Any]]:
    return [e for page in pages(world, stream, **how) for e in page.entries]


def at(event: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(event["created_at"])


@pytest.fixture(scope="module")
def world() -> World:
    return make()


@pytest.fixture(scope="module")
def history(world: World) -> list[dict[str, Any]]:
    return read(world, "admin_logs")


@pytest.fixture(scope="module")
def live_feed(world: World) -> list[dict[str, Any]]:
    return read(world, "admin_logs_streaming")


# ---------------------------------------------------------------- the same for ever


@pytest.mark.parametrize("stream", ["admin_logs", "admin_logs_streaming"])
def test_a_later_start_repeats_older_pages_byte_for_byte(stream: str) -> None:
    first = make(replace(SPEC, days=6))
    later = make(replace(SPEC, days=40, until=UNTIL + timedelta(days=3, hours=5)))
    begin = first.enterprise_events(stream, position=None, limit=500)
    old = list(pages(first, stream, begin.next_position))
    new = list(pages(later, stream, begin.next_position))
    assert len(new) > len(old) > 10
    for mine, theirs in zip(old[:-1], new, strict=False):
        assert json.dumps(mine.entries) == json.dumps(theirs.entries)
        assert mine.next_position == theirs.next_position


@pytest.mark.parametrize("stream", ["admin_logs", "admin_logs_streaming", "all"])
@pytest.mark.parametrize("minutes", [60, 7, 1441])
def test_a_stored_position_finds_exactly_what_came_after_a_restart(
    stream: str, minutes: int
) -> None:
    until = datetime(2026, 10, 28, 14, 3, tzinfo=UTC)
    first = make(replace(SPEC, days=2, until=until))
    later = make(replace(SPEC, days=9, until=until + timedelta(minutes=minutes)))
    person = first.managed_example if stream == "all" else None
    *_, last = pages(first, stream, person=person)
    ids = {e["event_id"] for e in read(first, stream, person=person)}
    added = {e["event_id"] for e in read(later, stream, position=last.next_position, person=person)}
    fresh = make(replace(SPEC, days=2, until=until + timedelta(minutes=minutes)))
    everything = {e["event_id"] for e in read(fresh, stream, person=person)}
    assert ids | added == everything | ids
    assert everything - ids <= added


@settings(max_examples=8, deadline=None)
@given(
    st.integers(0, 2**31), st.integers(12, 200), st.integers(50, 3000), st.integers(1, 27),
    st.integers(0, 86_399),
)  # fmt: skip
def test_any_two_worlds_of_one_seed_agree_about_a_day_they_share(
    seed: int, users: int, rate: int, more: int, second: int
) -> None:
    until = datetime(2026, 3, 10, tzinfo=UTC) + timedelta(seconds=second)
    spec = WorldSpec(seed=seed, days=1, users=users, events_per_day=rate, until=until)
    other = replace(spec, days=more + 1, until=until + timedelta(days=more))
    day = {"created_after": until - timedelta(days=1), "created_before": until}
    mine = read(make(spec), "admin_logs", **day)
    same = mine == read(make(other), "admin_logs", **day)
    assert same
    assert len({e["event_id"] for e in mine}) == len(mine)


# ---------------------------------------------------------------- shape and order


def test_history_is_in_order_and_without_repeats(history: list[dict[str, Any]]) -> None:
    assert len({e["event_id"] for e in history}) == len(history)
    times = [at(e) for e in history]
    assert times == sorted(times)
    assert all(UNTIL - timedelta(days=30) <= t < UNTIL for t in times)


def test_times_carry_the_pacific_offset_of_their_season() -> None:
    winter = read(
        make(replace(SPEC, days=1, until=datetime(2026, 1, 14, tzinfo=UTC))), "admin_logs"
    )
    summer = read(
        make(replace(SPEC, days=1, until=datetime(2026, 7, 15, tzinfo=UTC))), "admin_logs"
    )
    assert {e["created_at"][-6:] for e in winter} == {"-08:00"}
    assert {e["created_at"][-6:] for e in summer} == {"-07:00"}


def test_pin_event_ids_are_uuids_for_admins_and_40_hex_digits_for_users(
    world: World, history: list[dict[str, Any]]
) -> None:
    uuid = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
    assert all(uuid.fullmatch(e["event_id"]) for e in history)
    feed = read(world, "all", person=world.managed_example)
    assert all(re.fullmatch(r"[0-9a-f]{40}", e["event_id"]) for e in feed)


def test_every_documented_source_shape_occurs(history: list[dict[str, Any]]) -> None:
    sources = [e["source"] for e in history]
    there = [s for s in sources if s is not None]
    assert None in sources
    assert {s["item_type"] for s in there if "item_type" in s} == {"file", "folder"}
    assert any("folder_id" in s and "user_id" in s and "type" not in s for s in there)
    assert any("group_name" in s and "folder_id" not in s and "type" not in s for s in there)
    assert any(s.get("type") == "user" for s in there)
    assert any(s.get("type") == "app_item" for s in there)
    assert any("barrier_id" in s for s in there)
    assert any(s.get("classification") for s in there)
    assert any("item_type" in s and s["parent"] is None for s in there)


def test_the_awkward_actors_and_addresses_occur(history: list[dict[str, Any]]) -> None:
    actors = [e["created_by"] for e in history]
    assert None in actors
    assert any(a is not None and a["id"] is None for a in actors)
    unknown = next(a for a in actors if a is not None and a["id"] == "2")
    assert unknown == {"type": "user", "id": "2", "name": "Unknown User", "login": ""}
    assert any(e["ip_address"] == "Unknown IP" for e in history)
    assert any(e["event_type"] == "HUB_ITEM_PINNED" for e in history), "a type Box never listed"
    assert any("shield_alert" in (e["additional_details"] or {}) for e in history)


def test_a_files_event_names_the_file_that_the_tree_has(
    world: World, history: list[dict[str, Any]]
) -> None:
    previews = [e for e in history if e["event_type"] == "PREVIEW" and e["created_by"]][::20]
    for event in previews:
        found = world.item("file", event["source"]["item_id"])
        assert found is not None
        assert found.name == event["source"]["item_name"]
        assert found.owner_id == event["source"]["owned_by"]["id"]
        assert found.created_at < at(event)


def test_each_new_file_has_one_upload_at_the_time_it_bears(
    world: World, history: list[dict[str, Any]]
) -> None:
    uploads = [e for e in history if e["event_type"] == "UPLOAD"]
    uploads = [e for e in uploads if e["source"]["item_name"] != "HOW_TO_DECRYPT_FILES.txt"]
    assert len({e["source"]["item_id"] for e in uploads}) == len(uploads)
    for event in uploads[::40]:
        found = world.item("file", event["source"]["item_id"])
        assert found is not None
        assert found.created_at.replace(microsecond=0) == at(event)
        assert found.created_by_id == event["created_by"]["id"]


# ---------------------------------------------------------------- rhythm


def test_work_has_a_rhythm_of_days_and_hours(world: World, history: list[dict[str, Any]]) -> None:
    weekdays = Counter(at(e).astimezone(UTC).weekday() for e in history)
    assert max(weekdays[5], weekdays[6]) * 2 < min(weekdays[d] for d in range(5))
    offices = {p.id: p.office for p in world.people({"managed"})}
    hours: Counter[int] = Counter()
    for event in history:
        if offices.get(str((event["created_by"] or {}).get("id"))) == "London":
            hours[at(event).astimezone(UTC).hour + 1] += 1  # British summer time, nearly all month
    assert hours[12] < hours[10]
    assert hours[12] < hours[14]
    assert hours[3] * 5 < hours[10]


def test_few_people_do_much_and_many_do_little(history: list[dict[str, Any]]) -> None:
    counts = Counter((e["created_by"] or {}).get("id") for e in history).most_common()
    top = sum(n for _, n in counts[:6])
    assert top > 0.22 * len(history)
    assert counts[0][1] > 5 * counts[30][1]


# ---------------------------------------------------------------- untidiness


def test_streaming_holds_the_last_fourteen_days_once_repeats_are_gone(
    history: list[dict[str, Any]], live_feed: list[dict[str, Any]]
) -> None:
    expected = {e["event_id"]: e for e in history if at(e) >= UNTIL - timedelta(days=14)}
    same = {e["event_id"]: e for e in live_feed} == expected
    assert same
    assert len(live_feed) > len(expected), "some came twice"
    times = [at(e) for e in live_feed]
    assert times != sorted(times), "some came late"


def test_short_pages_come_though_more_remains() -> None:
    world = make(replace(SPEC, days=5))
    for stream in ("admin_logs", "admin_logs_streaming"):
        sizes = [len(p.entries) for p in pages(world, stream, limit=200)]
        assert max(sizes) == 200
        assert min(sizes) > 0
        assert sum(size < 200 for size in sizes[:-1]) > 1


@settings(max_examples=12, deadline=None)
@given(st.integers(1, 500))
def test_the_size_of_pages_does_not_change_what_is_read(limit: int) -> None:
    day = {"created_after": UNTIL - timedelta(hours=6)}
    small = read(make(), "admin_logs", limit=limit, **day)
    same = small == read(make(), "admin_logs", limit=500, **day)
    assert same


# ---------------------------------------------------------------- positions and filters


def test_positions_are_above_two_to_the_53_and_grow() -> None:
    world = make(replace(SPEC, days=2))
    for stream in ("admin_logs", "admin_logs_streaming"):
        found = [p.next_position for p in pages(world, stream)]
        assert found == sorted(found)
        assert 2**53 < found[0] <= found[-1] < 2**63


def test_streams_filters_and_people_have_positions_of_their_own(world: World) -> None:
    one, other = world.managed_example, world.coadmin
    found = [
        world.now_position("admin_logs_streaming"),
        world.now_position("admin_logs_streaming", None, frozenset({"DOWNLOAD"})),
        world.now_position("admin_logs"),
        world.now_position("all", one),
        world.now_position("all", other),
        world.now_position("changes", one),
    ]
    assert len(set(found)) == len(found)


def test_a_position_older_than_retention_starts_at_the_oldest_kept(world: World) -> None:
    young = make(replace(SPEC, until=UNTIL + timedelta(days=30)))
    first = next(pages(world, "admin_logs_streaming"))
    again = young.enterprise_events("admin_logs_streaming", position=first.next_position, limit=500)
    assert again == young.enterprise_events("admin_logs_streaming", position=None, limit=500)
    assert at(again.entries[0]) >= UNTIL + timedelta(days=16) - timedelta(minutes=10)


@pytest.mark.parametrize("stream", ["admin_logs", "admin_logs_streaming"])
def test_types_filter_both_admin_streams(
    world: World, stream: str, history: list[dict[str, Any]]
) -> None:
    requested = frozenset({"APPLICATION_PUBLIC_KEY_ADDED", "SHIELD_ALERT"})
    since = UNTIL - timedelta(days=14 if stream.endswith("streaming") else 30)
    expected = {e["event_id"] for e in history if e["event_type"] in requested and at(e) >= since}
    assert {e["event_id"] for e in read(world, stream, event_types=requested)} == expected != set()


def test_adjoining_windows_give_everything_once(
    world: World, history: list[dict[str, Any]]
) -> None:
    joined = []
    for day in range(5):
        begin = UNTIL - timedelta(days=5 - day)
        joined += read(world, "admin_logs", created_after=begin,
                       created_before=begin + timedelta(days=1))  # fmt: skip
    same = joined == [e for e in history if at(e) >= UNTIL - timedelta(days=5)]
    assert same


def test_streaming_ignores_windows(world: World) -> None:
    plain = world.enterprise_events("admin_logs_streaming", position=None, limit=100)
    windowed = world.enterprise_events(
        "admin_logs_streaming", position=None, limit=100, created_after=UNTIL - timedelta(hours=1)
    )
    assert plain == windowed


def test_after_the_end_a_position_stays_as_it_is() -> None:
    world = make(replace(SPEC, days=1))
    *_, last = pages(world, "admin_logs")
    end = world.enterprise_events("admin_logs", position=last.next_position, limit=500)
    assert end == StreamPage([], last.next_position)


# ---------------------------------------------------------------- a person's own streams


def test_changes_is_a_part_of_all_and_only_owners_hear_of_reading(world: World) -> None:
    me = world.managed_example
    everything = {e["event_id"]: e for e in read(world, "all", person=me)}
    changes = {e["event_id"]: e for e in read(world, "changes", person=me)}
    assert changes.keys() < everything.keys()
    assert {"ITEM_UPLOAD", "ITEM_PREVIEW", "ITEM_DOWNLOAD", "ITEM_TRASH"} <= {
        e["event_type"] for e in everything.values()
    }
    for event in everything.values():
        if event["event_type"] in ("ITEM_PREVIEW", "ITEM_DOWNLOAD"):
            assert event["source"]["owned_by"]["id"] == me.id
    assert not any(e["event_type"] in ("ITEM_PREVIEW", "ITEM_DOWNLOAD") for e in changes.values())
    assert all("additional_details" not in e and "recorded_at" in e for e in changes.values())


@pytest.mark.parametrize("stream,days", [("all", 21), ("changes", 21), ("sync", 31)])
def test_user_streams_keep_their_days(stream: str, days: int) -> None:
    world = make(replace(SPEC, days=60))
    feed = read(world, stream, person=world.managed_example)
    oldest = min(at(e) for e in feed)
    assert timedelta(days - 3) < UNTIL - oldest <= timedelta(days=days)


# ---------------------------------------------------------------- emitted and live events


def test_emitted_events_come_after_the_planted_ones_and_behind_a_buffer() -> None:
    clock = FakeClock(UNTIL + timedelta(days=20))
    world = World(SPEC, clock)
    heard: list[Any] = []
    world.subscribe(heard.append)
    position = world.now_position("admin_logs_streaming")
    made = world.emit(5, "DOWNLOAD")
    assert heard == [made]
    assert {e["event_type"] for e in made} == {"DOWNLOAD"}
    assert read(world, "admin_logs_streaming", position=position) == []
    clock.move(seconds=11)
    assert read(world, "admin_logs_streaming", position=position) == []
    clock.move(seconds=1)
    assert read(world, "admin_logs_streaming", position=position) == made
    assert world.now_position("admin_logs_streaming") > position
    clock.move(minutes=3)
    assert read(world, "admin_logs", created_after=UNTIL) == made


def test_emitted_events_can_reach_history_behind_a_close_reader() -> None:
    clock = FakeClock(UNTIL)
    world = World(replace(SPEC, days=1), clock)
    made = []
    for _ in range(40):
        made += world.emit(1)
        clock.move(seconds=1)
    *_, last = pages(world, "admin_logs")
    clock.move(minutes=5)
    followed = read(world, "admin_logs", position=last.next_position)
    complete = read(world, "admin_logs", created_after=UNTIL)
    assert {e["event_id"] for e in complete} == {e["event_id"] for e in made}
    assert len(followed) < len(made), "the reader had gone past some of them"


def test_the_first_emitted_event_types_can_be_unknown_ones() -> None:
    world = make()
    (event,) = world.emit(1, "SOMETHING_NEW")
    assert event["event_type"] == "SOMETHING_NEW"
    assert event["source"]["item_type"] == "file"


def test_two_starts_never_emit_one_id_twice() -> None:
    first = make(now=UNTIL + timedelta(hours=1)).emit(50)
    second = make(now=UNTIL + timedelta(hours=2)).emit(50)
    assert len({e["event_id"] for e in first + second}) == 100


def test_a_live_world_goes_on_and_a_planted_one_stands_still() -> None:
    clock = FakeClock(UNTIL)
    live, still = World(replace(SPEC, days=1, live=True), clock), World(SPEC, clock)
    position = live.now_position("admin_logs_streaming")
    clock.move(hours=30)
    fresh = read(live, "admin_logs_streaming", position=position)
    planned = make(replace(SPEC, days=2, until=UNTIL + timedelta(hours=29, minutes=50)))
    expected = {e["event_id"] for e in read(planned, "admin_logs", created_after=UNTIL)}
    assert expected <= {e["event_id"] for e in fresh}
    assert max(at(e) for e in fresh) <= clock.now - timedelta(seconds=12)
    assert live.as_of() == clock.now
    assert still.as_of() == UNTIL
    assert read(still, "admin_logs", created_after=UNTIL) == []


def test_a_live_stream_read_step_by_step_misses_nothing() -> None:
    clock = FakeClock(datetime(2026, 10, 28, 9, tzinfo=UTC))
    world = World(replace(SPEC, days=1, until=clock.now, live=True), clock)
    position: int | None = world.now_position("admin_logs_streaming")
    seen: set[str] = set()
    for _ in range(90):
        clock.move(seconds=47)
        for page in pages(world, "admin_logs_streaming", position):
            seen |= {e["event_id"] for e in page.entries}
            position = page.next_position
    clock.move(minutes=10)
    seen |= {e["event_id"] for e in read(world, "admin_logs_streaming", position=position)}
    since = datetime(2026, 10, 28, 9, tzinfo=UTC)
    window = {"created_after": since, "created_before": since + timedelta(seconds=90 * 47)}
    assert {e["event_id"] for e in read(world, "admin_logs", **window)} <= seen

"""What the sandbox says about its world is what a reader finds there."""

import itertools
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.sandbox.world import World, WorldSpec
from lib.sandbox.world.incidents import DETECTIONS

UNTIL = datetime(2026, 11, 1, tzinfo=UTC)


def make(**spec: Any) -> World:
    end = spec.setdefault("until", UNTIL)
    return World(WorldSpec(**spec), lambda: end)


def read(world: World, **filters: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    position: int | None = None
    while True:
        page = world.enterprise_events("admin_logs", position=position, limit=500, **filters)
        if not page.entries:
            return found
        found += page.entries
        position = page.next_position


def check(world: World) -> None:
    truth, events = world.truth(), read(world)
    days = Counter(
        datetime.fromisoformat(e["created_at"]).astimezone(UTC).date().isoformat() for e in events
    )
    assert truth["events"]["total"] == len(events) == len({e["event_id"] for e in events})
    assert truth["events"]["by_type"] == Counter(e["event_type"] for e in events)
    assert {d: n for d, n in truth["events"]["by_day"].items() if n} == days
    by_id = {e["event_id"]: e for e in events}
    for incident in truth["incidents"]:
        mine = [by_id[i] for i in incident["event_ids"]]
        times = [datetime.fromisoformat(e["created_at"]) for e in mine]
        assert datetime.fromisoformat(incident["from"]) == min(times)
        assert datetime.fromisoformat(incident["to"]) == max(times)


def test_the_default_world_has_about_a_hundred_thousand_events() -> None:
    truth = make().truth()
    assert 95_000 < truth["events"]["total"] < 107_000
    assert len(truth["events"]["by_day"]) == 90
    assert truth["first_day"] == "2026-08-03"
    assert truth["as_of"] == "2026-11-01T00:00:00Z"
    assert truth["users"]["admin"] == 1
    assert truth["users"]["coadmin"] == 2


def test_truth_is_what_a_full_read_of_history_finds() -> None:
    check(make(days=21, until=datetime(2026, 10, 29, 14, 37, 12, tzinfo=UTC)))


@settings(max_examples=8, deadline=None)
@given(
    st.integers(0, 2**40), st.integers(1, 150), st.integers(1, 2500), st.integers(1, 4),
    st.datetimes(datetime(2019, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)  # fmt: skip
def test_truth_holds_for_any_spec(
    seed: int, users: int, rate: int, days: int, until: datetime
) -> None:
    check(make(seed=seed, users=users, events_per_day=rate, days=days, until=until))


def test_truth_counts_emitted_events_once_history_shows_them() -> None:
    now = [UNTIL]
    world = World(WorldSpec(days=2, until=UNTIL), lambda: now[0])
    before = world.truth()["events"]["total"]
    world.emit(25)
    now[0] += timedelta(minutes=5)
    assert world.truth()["events"]["total"] == before + 25
    check(world)


def test_truth_of_a_live_world_follows_the_clock() -> None:
    now = [datetime(2026, 10, 27, 22, 0, tzinfo=UTC)]
    world = World(WorldSpec(days=2, until=now[0], live=True), lambda: now[0])
    totals = []
    for _ in range(6):
        check(world)
        totals.append(world.truth()["events"]["total"])
        now[0] += timedelta(hours=1, minutes=7)
    assert totals == sorted(set(totals))


def test_no_more_is_promised_than_box_keeps() -> None:
    world = make(days=9000, users=12, events_per_day=1)
    truth = world.truth()
    assert truth["first_day"] == "2025-11-01"
    assert len(truth["events"]["by_day"]) == 365
    (first,) = world.enterprise_events("admin_logs", position=None, limit=1).entries
    assert first["created_at"] >= "2025-11-01T00:00:00-07:00"
    week = list(truth["events"]["by_day"].items())[:7]
    after = datetime(2025, 11, 8, tzinfo=UTC)
    assert sum(n for _, n in week) == len(read(world, created_before=after))


@pytest.mark.parametrize("seed", [1, 2, 3, 99])
def test_any_thirty_days_hold_an_incident_of_each_kind(seed: int) -> None:
    incidents = make(seed=seed, days=120).truth()["incidents"]
    for name in DETECTIONS:
        days = sorted(
            date.fromisoformat(i["from"][:10]) for i in incidents if i["detection"] == name
        )
        assert all((b - a).days < 30 for a, b in itertools.pairwise(days)), name
        assert (days[0] - date(2026, 7, 4)).days < 30
        assert (date(2026, 11, 1) - days[-1]).days <= 30


def test_an_incident_names_its_actor_and_its_events_are_theirs() -> None:
    world = make(days=28)
    requested = {"DOWNLOAD", "DELETE", "COLLABORATION_ROLE_CHANGE"}
    requested.add("ILLEGAL_ITEM_OWNERSHIP_TRANSFER_BY_USER")
    by_id = {e["event_id"]: e for e in read(world, event_types=frozenset(requested))}
    sizes: dict[str, list[int]] = {}
    for incident in world.truth()["incidents"]:
        sizes.setdefault(incident["detection"], []).append(len(incident["event_ids"]))
        if incident["detection"] in ("mass_download", "mass_delete", "ownership_grab"):
            actors = {by_id[i]["created_by"]["id"] for i in incident["event_ids"]}
            assert actors == {incident["actor_id"]}
        if incident["detection"] == "anonymous_burst":
            assert incident["actor_id"] == "2"
        if incident["detection"] in ("password_spray", "volume_anomaly"):
            assert incident["actor_id"] is None
    assert min(sizes["mass_download"]) >= 90


def test_nothing_but_incidents_looks_like_a_mass_download() -> None:
    world = make(days=30)
    planted = {i for x in world.truth()["incidents"] for i in x["event_ids"]}
    robot = world.service_account.id
    windows: dict[str, list[datetime]] = {}
    worst = 0
    for event in read(world, event_types=frozenset({"DOWNLOAD"})):
        actor = (event["created_by"] or {}).get("id")
        if event["event_id"] in planted or actor == robot:
            continue
        instant = datetime.fromisoformat(event["created_at"])
        window = windows.setdefault(str(actor), [])
        window.append(instant)
        while instant - window[0] > timedelta(hours=1):
            window.pop(0)
        worst = max(worst, len(window))
    assert worst < 60


def test_dormant_accounts_are_silent_for_weeks_before_they_return() -> None:
    world = make(days=120)
    returns: dict[str, list[str]] = {}
    for incident in world.truth()["incidents"]:
        if incident["detection"] == "dormant_return":
            returns.setdefault(incident["actor_id"], []).append(incident["from"])
    for times in returns.values():
        days = [date.fromisoformat(t[:10]) for t in times]
        assert all((b - a).days > 40 for a, b in itertools.pairwise(days))


@pytest.mark.parametrize("larger", [{"days": 9000}, {"users": 6000}, {"events_per_day": 111_100}])
def test_a_world_a_hundred_times_larger_reads_its_newest_page(larger: dict[str, int]) -> None:
    spec = replace(WorldSpec(until=UNTIL), **larger)  # type: ignore[arg-type]
    world = World(spec, lambda: UNTIL)
    since = UNTIL - timedelta(hours=9)
    page = world.enterprise_events("admin_logs", position=None, limit=500, created_after=since)
    again = World(spec, lambda: UNTIL).enterprise_events(
        "admin_logs", position=None, limit=500, created_after=since
    )
    assert page.entries
    assert page == again
    assert len({e["event_id"] for e in page.entries}) == len(page.entries)


def test_regression_nothing_happens_after_an_end_in_the_middle_of_a_day() -> None:
    until = datetime(2026, 10, 28, 14, 30, tzinfo=UTC)
    world = World(WorldSpec(days=1, until=until), lambda: until + timedelta(days=3))
    check(world)
    assert read(world, created_after=until) == []

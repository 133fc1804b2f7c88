"""Events, activity and subscriptions: cursors, windows, retention, and the words for events."""

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.sandbox.kloudless.feed import CollectedEvent, CursorLost, Feed
from lib.sandbox.kloudless.ids import Sealer, person_id
from lib.sandbox.kloudless.model import Account, Road, Upstream
from lib.sandbox.kloudless.objects import TYPES, Maker
from lib.sandbox.world import World, WorldSpec
from tests.sandbox_kloudless import Api, kloudless_api
from tests.sandbox_server import SandboxServer

UNTIL = datetime(2026, 10, 28, 17, tzinfo=UTC)
BUSY = WorldSpec(days=4, users=30, events_per_day=600, until=UNTIL)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def api(sandbox: SandboxServer) -> Iterator[Api]:
    with kloudless_api(sandbox) as made:
        yield made


@pytest.fixture(scope="module")
def world() -> World:
    return World(BUSY, lambda: UNTIL)


MakeFeed = Callable[..., Feed]


@pytest.fixture
def feed(world: World) -> MakeFeed:
    def make(
        hours: float = 24, most: int = 10_000, since: datetime = LONG_AGO, person: str | None = None
    ) -> Feed:
        return Feed(
            world,
            admin=person is None,
            person_id=person,
            since=since,
            retention=timedelta(hours=hours),
            most=most,
        )

    return make


def admin_events(world: World, begin: datetime) -> Iterator[dict[str, Any]]:
    """Box's own admin log since a moment, read without any of the code under test."""
    position: int | None = None
    while True:
        page = world.enterprise_events(
            "admin_logs", position=position, limit=500, created_after=begin
        )
        if not page.entries:
            return
        yield from page.entries
        position = page.next_position


def admin_log(world: World, begin: datetime) -> list[str]:
    """The ids of Box's own admin log since a moment."""
    return [str(event["event_id"]) for event in admin_events(world, begin)]


def ids(feed: Feed, size: int, after: int | None = None) -> list[str]:
    found: list[str] = []
    while True:
        page = feed.page(after, size)
        if not page.entries:
            assert page.remaining == 0
            return found
        found += [str(entry.event["event_id"]) for entry in page.entries]
        assert page.cursor == page.entries[-1].cursor
        after = page.cursor


@pytest.mark.parametrize("size", [1000, 37])
def test_organisations_log_is_the_admin_log_of_the_retention(
    world: World, feed: MakeFeed, size: int
) -> None:
    expected = admin_log(world, UNTIL - timedelta(hours=24))
    assert len(expected) > 100
    assert ids(feed(), size) == expected


def test_retention_is_by_hours_and_by_number(world: World, feed: MakeFeed) -> None:
    assert ids(feed(hours=2), 1000) == admin_log(world, UNTIL - timedelta(hours=2))
    assert ids(feed(most=50), 1000) == admin_log(world, UNTIL - timedelta(hours=24))[-50:]


def test_nothing_older_than_the_connection_is_given(world: World, feed: MakeFeed) -> None:
    since = UNTIL - timedelta(hours=3)
    assert ids(feed(since=since), 1000) == admin_log(world, since)


def test_persons_log_starts_within_the_retention_and_is_in_order(
    world: World, feed: MakeFeed
) -> None:
    busiest = max(world.people(kinds={"managed"}), key=lambda person: person.weight)
    page = feed(person=busiest.id).page(None, 1000)
    expected = set()
    position = 0
    while True:
        read = world.user_events(busiest, "all", position=position, limit=500)
        if not read.entries:
            break
        position = read.next_position
        expected |= {
            event["event_id"]
            for event in read.entries
            if datetime.fromisoformat(event["created_at"]) >= UNTIL - timedelta(hours=24)
        }
    assert expected
    assert {entry.event["event_id"] for entry in page.entries} == expected
    times = [entry.at for entry in page.entries]
    assert times == sorted(times)


def test_unknown_person_has_an_empty_log(feed: MakeFeed) -> None:
    page = feed(person="999").page(None, 10)
    assert (page.entries, page.remaining) == ((), 0)


def test_regression_cursor_outlives_a_restart(feed: MakeFeed) -> None:
    first = feed().page(None, 40)
    later = World(
        WorldSpec(
            days=BUSY.days + 1,
            users=BUSY.users,
            events_per_day=BUSY.events_per_day,
            until=UNTIL + timedelta(hours=5),
        ),
        lambda: UNTIL + timedelta(hours=5),
    )
    again = Feed(
        later,
        admin=True,
        person_id=None,
        since=LONG_AGO,
        retention=timedelta(hours=30),
        most=10_000,
    )
    rest = ids(again, 1000, first.cursor)
    assert rest == ids(feed(), 1000)[40:] + admin_log(later, UNTIL)


@settings(max_examples=30, deadline=None)
@given(size=st.integers(1, 60), start=st.integers(0, 300))
def test_remaining_is_exact(size: int, start: int) -> None:
    made = Feed(
        _SHARED, admin=True, person_id=None, since=LONG_AGO, retention=timedelta(hours=24), most=250
    )
    whole = made.page(None, 1000)
    after = whole.entries[start].cursor if start < len(whole.entries) else None
    page = made.page(after, size)
    behind = len(whole.entries) - (start + 1 if after is not None else 0)
    assert page.remaining == max(behind - size, 0)


_SHARED = World(BUSY, lambda: UNTIL)


def test_cursor_that_was_not_given_out_or_whose_events_are_gone(feed: MakeFeed) -> None:
    made = feed(most=50)
    page = made.page(None, 1)
    lost = feed().page(None, 1).cursor
    with pytest.raises(CursorLost):
        made.page(lost, 10)
    with pytest.raises(CursorLost):
        made.page(made.latest() + 1, 10)
    assert made.page(page.cursor, 10).entries
    assert made.page(made.latest(), 10).entries == ()


def test_emitted_events_arrive_at_once_and_last() -> None:
    world = World(BUSY, lambda: UNTIL)
    heard: list[dict[str, Any]] = []
    world.subscribe(heard.extend)
    made = Feed(
        world,
        admin=True,
        person_id=None,
        since=LONG_AGO,
        retention=timedelta(hours=24),
        most=10_000,
        heard=heard,
    )
    before = made.latest()
    emitted = [event["event_id"] for event in world.emit(3, "UPLOAD")]
    assert ids(made, 10, before) == emitted
    assert ids(made, 10, before) == emitted


@pytest.mark.parametrize("step", [5, 47, 300])
def test_log_of_a_live_world_loses_and_repeats_nothing(step: int) -> None:
    began = UNTIL + timedelta(minutes=20)
    clock = [began]
    spec = WorldSpec(days=2, users=30, events_per_day=3000, until=UNTIL, live=True)
    world = World(spec, lambda: clock[0])
    made = Feed(
        world,
        admin=True,
        person_id=None,
        since=LONG_AGO,
        retention=timedelta(hours=6),
        most=10_000,
    )
    found: list[str] = []
    cursor: int | None = None
    while clock[0] < began + timedelta(minutes=30):
        page = made.page(cursor, 10_000)
        assert page.remaining == 0
        found += [str(entry.event["event_id"]) for entry in page.entries]
        cursor = page.cursor
        clock[0] += timedelta(seconds=step)
    assert len(found) == len(set(found))
    clock[0] += timedelta(hours=1)  # every late arrival is in the admin log by now
    cut = began + timedelta(minutes=25)
    expected = [
        str(event["event_id"])
        for event in admin_events(world, began - timedelta(hours=5))
        if datetime.fromisoformat(event["created_at"]) < cut
    ]
    assert len(expected) > 100
    assert not set(expected) - set(found)


def events(api: Api, account: str, **params: Any) -> Any:
    return api.get(f"/accounts/{account}/events", params=params)


def test_event_list_by_cursor_is_whole_and_exact(api: Api) -> None:
    whole = events(api, api.admin, page_size=1000)
    assert whole["type"] == "object_list"
    assert whole["api"] == "activity"
    assert whole["remaining"] == 0
    assert whole["cursor"] == api.get(f"/accounts/{api.admin}/events/latest")["cursor"]
    page = events(api, api.admin, page_size=7)
    assert isinstance(page["cursor"], int)
    assert page["remaining"] == whole["count"] - 7
    after = events(api, api.admin, page_size=1000, cursor=page["cursor"])
    assert page["objects"] + after["objects"] == whole["objects"]
    auth = events(api, api.admin, page_size=1000, cursor="after-auth")
    assert auth["objects"] == whole["objects"]
    end = events(api, api.admin, cursor=whole["cursor"])
    assert (end["objects"], end["cursor"]) == ([], whole["cursor"])
    assert events(api, api.admin)["count"] == min(100, whole["count"])


def test_window_is_half_open_and_its_cursors_stay_inside(api: Api) -> None:
    whole = events(api, api.admin, page_size=1000)["objects"]
    begin, end = whole[50]["modified"], whole[150]["modified"]
    expected = [e["id"] for e in whole if begin <= e["modified"] < end]
    params: dict[str, Any] = {"from": begin, "until": end, "page_size": 30}
    found = []
    while True:
        page = api.get(f"/accounts/{api.admin}/events", params=params)
        found += [event["id"] for event in page["objects"]]
        if not page["remaining"]:
            break
        params = {"cursor": page["cursor"], "page_size": 30}
    assert found == expected
    alone = events(api, api.admin, **{"from": begin, "page_size": 1000})
    assert [e["id"] for e in alone["objects"]] == [e["id"] for e in whole if e["modified"] >= begin]


@pytest.mark.parametrize(
    "params",
    [
        {"page_size": 100_000},
        {"page_size": 0},
        {"cursor": "nonsense"},
        {"cursor": "-1"},
        {"cursor": "1"},
        {"cursor": "99999999999999999"},
        {"cursor": "1-2-3"},
        {"cursor": "after-auth", "from": "2026-10-31T00:00:00Z"},
        {"until": "2026-10-31T00:00:00Z"},
        {"from": "yesterday"},
    ],
)
def test_parameters_of_the_event_list(api: Api, params: dict[str, Any]) -> None:
    refused = api.refused("GET", f"/accounts/{api.admin}/events", params=params)
    assert refused == (400, "invalid_parameters")


def test_event_has_the_fields_of_the_contract(api: Api) -> None:
    found = events(api, api.admin, page_size=1000)["objects"]
    fields = {"id", "account", "type", "action", "modified", "ip", "user_id", "metadata", "api"}
    assert all(set(event) == fields for event in found)
    assert all(event["modified"].endswith("Z") for event in found)
    files = [e for e in found if e["metadata"].get("type") == "file"]
    assert files
    assert all({"id", "name", "raw_id", "parent", "owner"} <= set(e["metadata"]) for e in files)
    headers = {"X-Kloudless-Raw-Data": "true"}
    raw = api.get(f"/accounts/{api.admin}/events", params={"page_size": 5}, headers=headers)
    assert all(e["raw"]["object"]["event_id"] == e["raw"]["id"] for e in raw["objects"])


def test_only_an_organisation_names_the_acting_user(api: Api) -> None:
    headers = {"X-Kloudless-Raw-Data": "true"}
    options = {"params": {"page_size": 1000}, "headers": headers}
    organisation = api.get(f"/accounts/{api.admin}/events", **options)["objects"]
    for event in organisation:
        actor = (event["raw"]["object"]["created_by"] or {}).get("id")
        assert event["user_id"] == (person_id(actor) if actor else None)
    for person in api.people():
        if str(person["id"]) != api.credentials["dead_account"]:
            single = api.get(f"/accounts/{person['id']}/events", **options)["objects"]
            assert {event["user_id"] for event in single} <= {None}


def _account(*, admin: bool) -> Account:
    return Account(
        id=7,
        app_id="app",
        account="a",
        service="box",
        admin=admin,
        created=LONG_AGO,
        modified=LONG_AGO,
        tracked_from=LONG_AGO,
        upstream=Upstream(Road.NONE),
        sealer=Sealer("k", "7"),
        effective_scope="",
    )


def test_types_are_mapped_and_unknown_ones_keep_boxs_word(world: World) -> None:
    maker = Maker(_account(admin=True), Sealer("k", "shared"), "http://x/v1")
    made = Feed(
        world,
        admin=True,
        person_id=None,
        since=LONG_AGO,
        retention=timedelta(days=4),
        most=10_000,
    )
    seen = set()
    for entry in made.page(None, 10_000).entries:
        box_type = entry.event["event_type"]
        event = maker.activity(entry)
        seen.add(event["type"])
        assert event["type"] == TYPES.get(box_type, box_type)
        assert event["action"] == ("-" if event["type"] == "delete" else "+")
        if event["type"] == "delete":
            assert event["id"] == event["metadata"]["id"]
        else:
            assert event["id"] == str(entry.cursor)
    assert {"add", "update", "delete", "LOGIN", "DOWNLOAD"} <= seen


@pytest.mark.parametrize("source", [None, {}, {"group_id": "1", "group_name": "g"}, {"x": 1}])
def test_source_of_any_shape_gives_metadata(source: Any) -> None:
    maker = Maker(_account(admin=True), Sealer("k", "shared"), "http://x/v1", raw=True)
    event = {
        "event_id": str(uuid.uuid4()),
        "event_type": "GROUP_EDITED",
        "created_at": "2026-10-28T09:00:00-07:00",
        "created_by": {"type": "user", "id": "2", "name": "Unknown User", "login": ""},
        "source": source,
        "ip_address": "Unknown IP",
    }
    made = maker.activity(CollectedEvent(5, UNTIL, event))
    assert isinstance(made["metadata"], dict)
    assert made["ip"] is None
    assert made["user_id"] == person_id("2")
    assert made["raw"]["object"] == event


def subscribe(api: Api, account: Any, **body: Any) -> Any:
    answer = api.call("POST", f"/accounts/{account}/subscriptions/", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_activity_of_the_default_subscription_is_the_event_list_with_text_cursors(
    api: Api,
) -> None:
    base = f"/accounts/{api.admin}/subscriptions"
    default = api.get(f"{base}/default")
    path = f"{base}/{default['id']}/activity"
    page = api.get(path, params={"page_size": 5})
    assert isinstance(page["cursor"], str)
    assert page["objects"] == events(api, api.admin, page_size=5)["objects"]
    more = api.get(path, params={"page_size": 5, "cursor": page["cursor"]})
    assert more["remaining"] == page["remaining"] - 5
    latest = api.get(f"{path}/latest")["cursor"]
    assert api.get(path, params={"cursor": latest})["objects"] == []
    after = api.get(f"{base}/{default['id']}")
    assert after["last_cursor"] == latest
    assert after["last_cursor_updated_at"]


def test_new_subscription_tells_nothing_of_the_past(api: Api, sandbox: SandboxServer) -> None:
    made = subscribe(api, api.admin)
    assert made["default"] is False
    assert made["subscription_type"] == "changes"
    path = f"/accounts/{api.admin}/subscriptions/{made['id']}"
    try:
        assert api.get(f"{path}/activity")["objects"] == []
        emitted = sandbox.post("/sandbox/emit", {"count": 2, "event_type": "DOWNLOAD"})
        headers = {"X-Kloudless-Raw-Data": "true"}
        found = api.get(f"{path}/activity", headers=headers)["objects"]
        assert [event["raw"]["id"] for event in found] == emitted["event_ids"]
    finally:
        assert api.call("DELETE", path).status_code == 204
    assert api.refused("GET", path) == (404, "not_found")


def test_switched_off_subscription_gives_no_activity(api: Api) -> None:
    made = subscribe(api, api.admin, active=False, monitored_resources=[])
    path = f"/accounts/{api.admin}/subscriptions/{made['id']}"
    assert api.refused("GET", f"{path}/activity") == (400, "request_failed")
    assert api.call("PATCH", path, json={"active": True}).json()["active"] is True
    assert api.get(f"{path}/activity")["count"] == 0
    api.call("DELETE", path)


@pytest.mark.parametrize(
    "body, expected",
    [
        ({"active": "yes"}, (400, "invalid_parameters")),
        ({"subscription_type": "other"}, (400, "invalid_parameters")),
        ({"shoe": 1}, (400, "invalid_parameters")),
        ({"monitored_resources": "x"}, (400, "invalid_parameters")),
        ({"monitored_resources": [{"resource": "x"}]}, (501, "not_implemented")),
    ],
)
def test_subscription_that_is_refused(
    api: Api, body: dict[str, Any], expected: tuple[int, str]
) -> None:
    assert api.refused("POST", f"/accounts/{api.admin}/subscriptions", json=body) == expected


def test_subscription_of_another_account_is_not_found(api: Api) -> None:
    one, two = (a["id"] for a in api.people()[:2])
    default = api.get(f"/accounts/{one}/subscriptions/default")
    other = api.refused("GET", f"/accounts/{two}/subscriptions/{default['id']}")
    assert other == (404, "not_found")
    assert api.refused("GET", f"/accounts/{one}/subscriptions/abc") == (404, "not_found")


def test_without_a_subscription_there_are_no_events(api: Api) -> None:
    body = {"account": uuid.uuid4().hex, "service": "box", "token": api.box["developer_token"]}
    account = api.call("POST", "/accounts", json=body).json()["id"]
    path = f"/accounts/{account}"
    try:
        assert api.get(f"{path}/events")["count"] == 0
        assert api.call("DELETE", f"{path}/subscriptions/default").status_code == 204
        page = api.get(f"{path}/events")
        assert (page["objects"], page["remaining"]) == ([], 0)
        assert api.refused("GET", f"{path}/subscriptions/default/activity") == (404, "not_found")
        assert subscribe(api, account)["default"] is True
    finally:
        api.call("DELETE", path)

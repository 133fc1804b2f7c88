"""What a made folder leaves in the streams and in the truth, and how many there can be."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lib.sandbox import kloudless, visitors
from lib.sandbox.box.apps import BY_NAME, service_account
from lib.sandbox.world import World, WorldSpec, made
from tests.unit.sandbox.bench import Bench, Time

UNTIL = datetime(2026, 11, 1, tzinfo=UTC)
SETTLED_S = 300  # longer than any event needs to reach admin_logs


@pytest.fixture
def bench() -> Bench:
    time = Time(UNTIL + timedelta(hours=7))
    spec = WorldSpec(days=2, users=12, until=UNTIL)
    return Bench(time=time, world=World(spec, time.now))


def post(bench: Bench, token: str, name: str, parent: str = "0") -> Any:
    body = json.dumps({"name": name, "parent": {"id": parent}}).encode()
    answer = bench.ask("/2.0/folders", token, content=body)
    assert answer.status == 201, answer.body
    return json.loads(answer.body)


def delete(bench: Bench, token: str, folder: str, **query: Any) -> int:
    return bench.ask(f"/2.0/folders/{folder}", token, method="DELETE", **query).status


def events(bench: Bench, token: str, stream: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    position = "0"
    while True:
        params: dict[str, Any] = {"stream_type": stream, "stream_position": position, "limit": 500}
        page = json.loads(bench.ask("/2.0/events", token, **params).body)
        if not page["entries"]:
            return found
        found += page["entries"]
        position = str(page["next_stream_position"])


def of(found: list[dict[str, Any]], folder: str) -> list[dict[str, Any]]:
    return [
        one
        for one in found
        if (one["source"] or {}).get("item_id", (one["source"] or {}).get("id")) == folder
    ]


@pytest.mark.parametrize("app", ["main", "ccg"])
def test_the_admin_streams_tell_of_it_in_their_words(bench: Bench, app: str) -> None:
    robot = service_account(bench.world, BY_NAME[app])
    token = bench.token(robot.id, app)
    folder = post(bench, token, "Told of")
    at = bench.time.at
    bench.time.move(60)
    assert delete(bench, token, folder["id"]) == 204
    bench.time.move(SETTLED_S)
    history = of(events(bench, token, "admin_logs"), folder["id"])
    assert [one["event_type"] for one in history] == ["UPLOAD", "DELETE"]
    made, gone = history
    assert datetime.fromisoformat(made["created_at"]) == at
    assert datetime.fromisoformat(made["created_at"]) == datetime.fromisoformat(
        folder["created_at"]
    )
    assert datetime.fromisoformat(gone["created_at"]) == at + timedelta(seconds=60)
    assert made["source"] == {
        "item_type": "folder",
        "item_id": folder["id"],
        "item_name": "Told of",
        "parent": {"type": "folder", "name": "All Files", "id": "0"},
        "owned_by": robot.mini,
    }
    assert made["created_by"] == gone["created_by"] == robot.mini
    details = made["additional_details"]
    assert details == gone["additional_details"]
    assert details["service_id"].isdigit()
    assert details["service_name"]
    streaming = of(events(bench, token, "admin_logs_streaming"), folder["id"])
    assert {one["event_id"] for one in streaming} == {one["event_id"] for one in history}


def test_the_streams_of_who_made_and_who_owns_it_tell_of_it_and_nobody_elses(bench: Bench) -> None:
    person, other = bench.world.managed_example, bench.world.coadmin
    token = bench.token(person.id)
    folder = post(bench, token, "Private probe")
    assert delete(bench, token, folder["id"]) == 204
    bench.time.move(SETTLED_S)
    for stream, kinds in (
        ("all", ["ITEM_CREATE", "ITEM_TRASH"]),
        ("changes", ["ITEM_CREATE", "ITEM_TRASH"]),
        ("sync", []),
    ):
        own = of(events(bench, token, stream), folder["id"])
        assert [one["event_type"] for one in own] == kinds
        assert not of(events(bench, bench.token(other.id), stream), folder["id"])
    own = of(events(bench, token, "all"), folder["id"])
    assert own[0]["source"]["path_collection"]["total_count"] == 1
    assert own[1]["source"]["item_status"] == "trashed"


def test_the_truth_counts_what_the_history_shows(bench: Bench) -> None:
    token = bench.token(bench.world.service_account.id)
    before = bench.world.truth()["events"]
    listed = len(events(bench, token, "admin_logs"))
    assert before["total"] == listed
    outer = post(bench, token, "outer")
    post(bench, token, "inner", outer["id"])
    assert delete(bench, token, outer["id"], recursive="true") == 204
    assert bench.world.truth()["events"] == before, "not in the history yet"
    bench.time.move(SETTLED_S)
    after = bench.world.truth()["events"]
    assert after["total"] == len(events(bench, token, "admin_logs")) == listed + 3
    assert after["by_type"]["UPLOAD"] == before["by_type"]["UPLOAD"] + 2
    assert after["by_type"]["DELETE"] == before["by_type"]["DELETE"] + 1
    bench.world.emit(2, "UPLOAD")
    bench.time.move(SETTLED_S)
    assert bench.world.truth()["events"]["total"] == listed + 5


def test_kloudless_tells_the_organisation_of_it(bench: Bench) -> None:
    given = kloudless.credentials(bench.state)
    headers = {"authorization": f"APIKey {given['api_key']}"}
    path = f"/v1/accounts/{given['admin_account']}/events"
    cursor = json.loads(bench.ask(f"{path}/latest", headers=headers).body)["cursor"]
    token = bench.token(bench.world.service_account.id)
    folder = post(bench, token, "Heard of")
    assert delete(bench, token, folder["id"]) == 204
    page = json.loads(bench.ask(path, headers=headers, cursor=cursor).body)
    assert [one["type"] for one in page["objects"]] == ["add", "delete"]
    assert {one["metadata"]["raw_id"] for one in page["objects"]} == {folder["id"]}
    assert {one["metadata"]["type"] for one in page["objects"]} == {"folder"}


def test_there_are_at_most_so_many_and_the_trash_forgets(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(made, "MOST", 3)
    monkeypatch.setattr(made, "TRASH_KEPT", 2)
    token = bench.token(bench.world.admin.id)
    folders = [post(bench, token, f"n{number}")["id"] for number in range(3)]
    body = b'{"name":"one more","parent":{"id":"0"}}'
    full = bench.ask("/2.0/folders", token, content=body)
    assert (full.status, json.loads(full.body)["code"]) == (403, "storage_limit_exceeded")
    for folder in folders:
        assert delete(bench, token, folder) == 204
    codes = [
        json.loads(bench.ask(f"/2.0/folders/{folder}", token).body)["code"] for folder in folders
    ]
    assert codes == ["not_found", "trashed", "trashed"]
    post(bench, token, "one more")


def test_a_forgotten_visitor_leaves_no_folder(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visitors, "MOST", 1)
    token = visitors.welcome(bench.state)["box"]["developer_token"]
    folder = post(bench, token, "left behind")["id"]
    assert bench.world.item("folder", folder) is not None
    visitors.welcome(bench.state)
    assert bench.world.item("folder", folder) is None

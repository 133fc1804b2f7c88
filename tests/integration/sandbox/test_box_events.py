"""GET /events: streams, positions, parameters, rights; the long poll."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.integration.sandbox.box_calls import Box
from tests.sandbox_server import SandboxServer

UNTIL = datetime(2026, 11, 1, tzinfo=UTC)
ADMIN = ("admin_logs", "admin_logs_streaming")
OF_USER = ("all", "changes", "sync")


def pages(box: Box, token: str, **params: Any) -> Iterator[dict[str, Any]]:
    """Every page that is not empty, as a right reader asks for them."""
    position = params.pop("stream_position", None)
    while True:
        given = {"stream_position": position} if position is not None else {}
        page = box.get("/events", token, **params, **given).raise_for_status().json()
        assert page["chunk_size"] == len(page["entries"])
        if not page["entries"]:
            return
        yield page
        position = page["next_stream_position"]


@pytest.mark.parametrize("stream", [*ADMIN, *OF_USER])
def test_positions_are_above_2_53(box: Box, stream: str) -> None:
    token = box.token() if stream in ADMIN else box.token(user=box.credentials["users"]["managed"])
    page = box.get("/events", token, stream_type=stream, limit=3).json()
    assert set(page) == {"chunk_size", "next_stream_position", "entries"}
    assert int(page["next_stream_position"]) > 2**53
    assert page["entries"]


def test_a_day_of_history_is_the_truth(box: Box, sandbox: SandboxServer) -> None:
    day = UNTIL - timedelta(days=2)
    seen: list[str] = []
    lengths = []
    for page in pages(
        box,
        box.token(),
        stream_type="admin_logs",
        limit=500,
        created_after=day.isoformat(),
        created_before=(day + timedelta(days=1)).isoformat(),
    ):
        seen += [event["event_id"] for event in page["entries"]]
        lengths.append(page["chunk_size"])
    assert (
        len(seen) == len(set(seen)) == sandbox.truth()["events"]["by_day"][day.date().isoformat()]
    )
    assert max(lengths) <= 500


def test_an_empty_page_keeps_the_position(box: Box) -> None:
    token = box.token()
    for stream in ADMIN:
        *_, last = pages(
            box, token, stream_type=stream, **_last_hours(stream), event_type="SHARE", limit=500
        )
        position = last["next_stream_position"]
        page = box.get(
            "/events",
            token,
            stream_type=stream,
            stream_position=position,
            event_type="SHARE",
            **_last_hours(stream),
        ).json()
        assert page["entries"] == []
        assert int(page["next_stream_position"]) >= int(position)


def _last_hours(stream: str) -> dict[str, Any]:
    if stream != "admin_logs":
        return {}
    return {"created_after": (UNTIL - timedelta(days=3)).isoformat()}


def test_now_is_empty_and_the_newest_position(box: Box) -> None:
    token, managed = box.token(), box.token(user=box.credentials["users"]["managed"])
    for stream, who in (("admin_logs_streaming", token), ("all", managed), ("sync", managed)):
        page = box.get("/events", who, stream_type=stream, stream_position="now").json()
        assert page["entries"] == []
        assert int(page["next_stream_position"]) > 2**53


@pytest.mark.parametrize(
    "position", ["abc", "-1", "1.5", "5.6E+14", "9" * 30, "\N{FULLWIDTH DIGIT ONE}"]
)
def test_an_invalid_position_is_400(box: Box, position: str) -> None:
    for stream in ("admin_logs", "admin_logs_streaming"):
        answer = box.get("/events", box.token(), stream_type=stream, stream_position=position)
        body = answer.json()
        assert (body["status"], body["code"]) == (400, "bad_request")
        assert body["message"] == "Invalid stream position"


def test_now_is_no_position_of_history(box: Box) -> None:
    answer = box.get("/events", box.token(), stream_type="admin_logs", stream_position="now")
    assert answer.json()["message"] == "Invalid stream position"


@pytest.mark.parametrize("position", ["0", "null", ""])
def test_zero_null_and_nothing_begin_at_the_oldest(box: Box, position: str) -> None:
    token = box.token()
    first = box.get("/events", token, stream_type="admin_logs", limit=5).json()
    again = box.get(
        "/events", token, stream_type="admin_logs", limit=5, stream_position=position
    ).json()
    assert again == first


@pytest.mark.parametrize(
    "params,status",
    [
        ({"stream_type": "everything"}, 400),
        ({"limit": "many"}, 400),
        ({"limit": 100_000}, 200),
        ({"created_after": "yesterday"}, 400),
        ({"created_after": "2026-10-01"}, 400),
        ({"created_after": "2026-10-01T00:00:00"}, 400),
        ({"created_after": "2026-10-01T00:00:00 00:00"}, 400),
        ({"created_after": "2026-10-01T00:00:00-07:00"}, 200),
        ({"created_before": "2026-13-01T00:00:00Z"}, 400),
        ({"event_type": "NO_SUCH_TYPE"}, 400),
        ({"event_type": "LOGIN,UPLOAD"}, 200),
    ],
    ids=str,
)
def test_parameters_of_history(box: Box, params: dict[str, Any], status: int) -> None:
    answer = box.get("/events", box.token(), **{"stream_type": "admin_logs", **params})
    assert answer.status_code == status
    if status == 200:
        assert answer.json()["chunk_size"] <= 500


def test_history_filters_by_type_and_time(box: Box) -> None:
    after, before = UNTIL - timedelta(days=2), UNTIL - timedelta(days=1)
    page = box.get(
        "/events",
        box.token(),
        stream_type="admin_logs",
        event_type="DOWNLOAD,PREVIEW",
        created_after=after.isoformat(),
        created_before=before.isoformat(),
        limit=500,
    ).json()
    assert {event["event_type"] for event in page["entries"]} <= {"DOWNLOAD", "PREVIEW"}
    assert page["entries"]
    for event in page["entries"]:
        assert after <= datetime.fromisoformat(event["created_at"]) <= before


def test_dates_are_ignored_outside_history(box: Box) -> None:
    token = box.token()
    plain = box.get("/events", token, stream_type="admin_logs_streaming", limit=5).json()
    dated = box.get(
        "/events",
        token,
        stream_type="admin_logs_streaming",
        limit=5,
        created_after="nonsense",
        created_before=(UNTIL - timedelta(days=900)).isoformat(),
    ).json()
    assert dated == plain


def test_types_are_ignored_in_user_streams(box: Box) -> None:
    token = box.token(user=box.credentials["users"]["managed"])
    plain = box.get("/events", token, limit=5).json()
    assert box.get("/events", token, limit=5, event_type="NO_SUCH_TYPE").json() == plain


@pytest.mark.parametrize("stream", ADMIN)
def test_admin_streams_need_scope_and_right(box: Box, stream: str) -> None:
    users = box.credentials["users"]
    params: dict[str, Any] = {"stream_type": stream, "limit": 1}

    def status(token: str, **headers: str) -> tuple[int, bytes]:
        answer = box.get("/events", token, headers=headers, **params)
        return answer.status_code, answer.content[:1]

    assert status(box.token()) == (200, b"{")
    assert status(box.token("files-only")) == (403, b"")
    assert status(box.token(), **{"As-User": users["admin"]}) == (403, b"")
    for who, expected in (("admin", 200), ("coadmin", 200), ("managed", 403)):
        assert status(box.token(user=users[who]))[0] == expected
    directory = box.get("/users", box.token(), fields="role", limit=1000).json()["entries"]
    coadmins = [one["id"] for one in directory if one["role"] == "coadmin"]
    assert sorted(status(box.token(user=one))[0] for one in coadmins) == [200, 403]


def test_a_user_stream_is_ones_own(box: Box) -> None:
    users = box.credentials["users"]
    token = box.token()
    acting = box.get("/events", token, headers={"As-User": users["managed"]}, limit=50).json()
    own = box.get("/events", box.token(user=users["managed"]), limit=50).json()
    assert acting == own
    assert all(len(event["event_id"]) == 40 for event in own["entries"])


def test_the_long_poll_tells_of_a_change(box: Box, sandbox: SandboxServer) -> None:
    users = box.credentials["users"]
    token = box.token(user=users["managed"])
    now = box.get("/events", token, stream_position="now").json()["next_stream_position"]
    answer = box.get("/events", token, method="OPTIONS")
    server = answer.json()["entries"][0]
    assert answer.json()["chunk_size"] == 1
    assert set(server) == {"type", "url", "ttl", "max_retries", "retry_timeout"}
    assert server["type"] == "realtime_server"
    heard: list[Any] = []

    def listen() -> None:
        url = f"{server['url']}&stream_position={now}"
        heard.append(httpx.get(url, timeout=60).json())

    thread = threading.Thread(target=listen)
    thread.start()
    for _ in range(40):  # until one of them touches this user
        sandbox.post("/sandbox/emit", {"count": 50, "event_type": "UPLOAD"})
        thread.join(0.5)
        if heard:
            break
    thread.join(30)
    assert heard == [{"version": 1, "message": "new_change"}]


def test_a_channel_that_nobody_opened_says_reconnect(box: Box) -> None:
    answer = box.http.get("/subscribe", params={"channel": "x"})
    assert answer.json() == {"version": 1, "message": "reconnect"}


def test_there_is_no_long_poll_for_the_enterprise(box: Box) -> None:
    answer = box.get("/events", box.token(), method="OPTIONS", stream_type="admin_logs")
    assert answer.status_code == 400

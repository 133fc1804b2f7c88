from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import orjson
import pytest

from lib.box.client import BoxClient
from lib.box.events import read_history, read_stream
from lib.box.tokens.auth import Token, fixed_token
from lib.core.errors import BoxApiError, Unreachable
from lib.core.redaction import Secret
from tests.wire_server import Reply, Seen, WireServer, as_json

AFTER = datetime(2026, 10, 1, tzinfo=UTC)
BEFORE = datetime(2026, 10, 2, tzinfo=UTC)
HUGE = 1152922976252290886


@pytest.fixture
def client(server: WireServer, http: httpx.Client) -> BoxClient:
    tokens = fixed_token(Token(Secret("events-token"), None), "ada")
    return BoxClient(http, tokens, api_url=server.url)


def page(position: object, *ids: str) -> Reply:
    found = [
        {"type": "event", "event_id": name, "created_at": f"2026-10-01T0{n}:00:00-07:00"}
        for n, name in enumerate(ids)
    ]
    return as_json({"chunk_size": len(found), "next_stream_position": position, "entries": found})


def stored(total: int, size: int) -> Callable[[Seen], Reply]:
    """A server with so many events, whose pages have a size of its own."""

    def answer(seen: Seen) -> Reply:
        start = int(seen.query.get("stream_position", HUGE)) - HUGE
        end = min(start + size, total)
        return page(HUGE + end, *[str(number) for number in range(start, end)])

    return answer


def test_history_is_read_until_an_empty_page_with_the_same_filters(
    server: WireServer, client: BoxClient
) -> None:
    server.answer = stored(total=7, size=3)  # short pages: 500 were asked for
    pages = list(read_history(client, AFTER, BEFORE, event_types=("UPLOAD", "DOWNLOAD")))
    assert [one.count for one in pages] == [3, 3, 1]
    assert [one.next_position for one in pages] == [str(HUGE + n) for n in (3, 6, 7)]
    assert [one.position for one in pages] == [None, str(HUGE + 3), str(HUGE + 6)]
    asked = [dict(seen.query) for seen in server.requests]
    positions = [query.pop("stream_position", None) for query in asked]
    assert positions == [None, *[str(HUGE + n) for n in (3, 6, 7, 7)]]  # the end is asked twice
    assert (
        asked
        == [
            {
                "stream_type": "admin_logs",
                "limit": "500",
                "created_after": "2026-10-01T00:00:00Z",
                "created_before": "2026-10-02T00:00:00Z",
                "event_type": "UPLOAD,DOWNLOAD",
            }
        ]
        * 5
    )


def test_a_page_is_kept_as_it_came(server: WireServer, client: BoxClient) -> None:
    body = (
        b'{"chunk_size":1, "next_stream_position":1152922976252290886,"entries":'
        b'[{"event_id":"a","created_at":"2026-10-01T09:30:00-07:00","size":1.0E+12,"new":null}]}'
    )
    server.queue = [Reply(200, body), page(HUGE), page(HUGE)]
    (only,) = read_history(client, AFTER, BEFORE)
    assert only.body == body
    assert only.next_position == "1152922976252290886"
    assert only.stream == "admin_logs"
    assert only.first_created_at == only.last_created_at == "2026-10-01T09:30:00-07:00"


def test_history_goes_on_where_it_stopped(server: WireServer, client: BoxClient) -> None:
    server.answer = stored(total=7, size=3)
    reading = read_history(client, AFTER, BEFORE)
    first = next(reading)
    del reading
    rest = list(read_history(client, AFTER, BEFORE, position=first.next_position))
    ids = [
        entry["event_id"] for one in (first, *rest) for entry in orjson.loads(one.body)["entries"]
    ]
    assert ids == [str(number) for number in range(7)]


@pytest.mark.parametrize("zero", [0, "0", None, ""])
def test_regression_a_zero_on_an_empty_page_is_no_position(
    server: WireServer, client: BoxClient, zero: object
) -> None:
    server.queue = [page(HUGE, "a"), page(zero), page(zero), page(zero)]
    assert [one.next_position for one in read_history(client, AFTER, BEFORE)] == [str(HUGE)]
    (last,) = read_stream(client, str(HUGE))
    assert (last.count, last.next_position) == (0, str(HUGE))


@pytest.mark.parametrize("stray", [0, HUGE + 7, None])
@pytest.mark.parametrize("before", [0, 1, 2])
def test_regression_one_stray_empty_page_is_not_the_end_of_history(
    server: WireServer, client: BoxClient, before: int, stray: object
) -> None:
    answers = stored(total=7, size=3)
    server.answer = lambda seen: (
        page(stray) if len(server.requests) == before + 1 else answers(seen)
    )
    pages = list(read_history(client, AFTER, BEFORE))
    assert [one.count for one in pages] == [3, 3, 1]


@pytest.mark.parametrize("position", [HUGE, str(HUGE), 564670747717431, "opaque-text"])
def test_regression_position_above_2_53_survives(
    server: WireServer, client: BoxClient, position: object
) -> None:
    server.queue = [page(position, "a"), page(position)]
    list(read_stream(client, None))
    assert server.requests[1].query["stream_position"] == str(position)


@pytest.mark.parametrize(
    "written", ["5.6E+14", '"5.6E+14"', "1.152922976252290886e18", "true", "[1]", "1.5"]
)
def test_a_position_that_lost_digits_is_refused(
    server: WireServer, client: BoxClient, written: str
) -> None:
    body = f'{{"chunk_size":1,"next_stream_position":{written},"entries":[{{"event_id":"a"}}]}}'
    server.queue = [Reply(200, body.encode())]
    with pytest.raises(Unreachable) as caught:
        list(read_history(client, AFTER, BEFORE))
    assert caught.value.kind == "malformed"


def test_a_live_stream_is_read_to_its_end_and_says_where_to_go_on(
    server: WireServer, client: BoxClient
) -> None:
    server.answer = stored(total=5, size=2)
    pages = list(read_stream(client, str(HUGE + 1)))
    assert [one.count for one in pages] == [2, 2, 0]
    assert pages[-1].next_position == str(HUGE + 5)
    assert {seen.query["stream_type"] for seen in server.requests} == {"admin_logs_streaming"}
    assert all("created_after" not in seen.query for seen in server.requests)


def test_now_finds_the_newest_position(server: WireServer, client: BoxClient) -> None:
    server.queue = [page(HUGE)]
    (only,) = read_stream(client, "now")
    assert (only.count, only.next_position) == (0, str(HUGE))
    assert server.requests[0].query["stream_position"] == "now"


def test_now_is_not_asked_of_admin_logs(server: WireServer, client: BoxClient) -> None:
    with pytest.raises(ValueError, match="now"):
        list(read_stream(client, "now", "admin_logs"))
    assert server.requests == []


@pytest.mark.parametrize("stream", ["all", "changes", "sync"])
def test_user_streams_are_read_the_same_way(
    server: WireServer, client: BoxClient, stream: str
) -> None:
    server.answer = stored(total=3, size=2)
    pages = list(read_stream(client, None, stream))
    assert [one.count for one in pages] == [2, 1, 0]
    assert pages[0].stream == stream


def test_a_repeated_page_is_passed_on(server: WireServer, client: BoxClient) -> None:
    server.queue = [page(HUGE + 1, "a"), page(HUGE + 1, "a"), page(HUGE + 2, "b")]
    server.queue += [page(HUGE + 2)] * 2
    pages = list(read_history(client, AFTER, BEFORE))
    assert [one.next_position for one in pages] == [str(HUGE + n) for n in (1, 1, 2)]


def test_a_stream_that_never_moves_on_is_given_up(server: WireServer, client: BoxClient) -> None:
    server.answer = lambda _: page(HUGE, "a")
    with pytest.raises(Unreachable) as caught:
        list(read_history(client, AFTER, BEFORE))
    assert caught.value.kind == "malformed"
    assert len(server.requests) == 4


@pytest.mark.parametrize("body", [b"{}", b'{"entries":{}}', b"[]", b'{"entries":[', b""])
def test_a_page_that_is_none_is_malformed(
    server: WireServer, client: BoxClient, body: bytes
) -> None:
    server.answer = lambda _: Reply(200, body)
    with pytest.raises(Unreachable) as caught:
        list(read_history(client, AFTER, BEFORE))
    assert caught.value.kind == "malformed"


def test_an_invalid_position_is_boxs_own_error(server: WireServer, client: BoxClient) -> None:
    body = {"type": "error", "code": "bad_request", "message": "Invalid stream position"}
    server.queue = [as_json(body, 400)]
    with pytest.raises(BoxApiError, match="Invalid stream position"):
        list(read_stream(client, "nonsense"))


def test_an_empty_window_asks_nothing(server: WireServer, client: BoxClient) -> None:
    assert list(read_history(client, BEFORE, BEFORE)) == []
    assert list(read_history(client, BEFORE, AFTER)) == []
    assert server.requests == []


def test_the_end_of_a_window_is_rounded_up_to_boxs_whole_seconds(
    server: WireServer, client: BoxClient
) -> None:
    server.queue = [page(HUGE), page(HUGE)]
    shift = timedelta(microseconds=400_000)
    list(read_history(client, AFTER + shift, BEFORE + shift))
    assert server.requests[0].query["created_after"] == "2026-10-01T00:00:00Z"
    assert server.requests[0].query["created_before"] == "2026-10-02T00:00:01Z"

from datetime import UTC, datetime

import pytest

from lib.core.errors import KloudlessApiError, Unreachable
from lib.kloudless import KloudlessClient
from lib.kloudless.activity import (
    events,
    subscriptions,
)
from tests.wire_server import Reply, WireServer, as_json


def page(cursor: object, *ids: str, **more: object) -> Reply:
    found = [{"id": name, "account": 7, "type": "add"} for name in ids]
    return as_json(
        {"count": len(found), "cursor": cursor, "objects": found, "type": "object_list", **more}
    )


def test_events_are_read_from_a_cursor_until_nothing_remains(
    server: WireServer, client: KloudlessClient
) -> None:
    server.queue = [page(11, "a", "b", remaining=1), page(12, "c", remaining=0)]
    pages = list(events(client, "7", "10"))
    assert [(one.count, one.cursor, one.remaining) for one in pages] == [
        (2, "11", 1),
        (1, "12", 0),
    ]
    assert [seen.query for seen in server.requests] == [
        {"cursor": "10", "page_size": "1000"},
        {"cursor": "11", "page_size": "1000"},
    ]
    assert {seen.path for seen in server.requests} == {"/v1/accounts/7/events/"}


def test_without_remaining_an_empty_page_is_the_end(
    server: WireServer, client: KloudlessClient
) -> None:
    server.queue = [page("x1", "a"), page("x2", "b"), page("x3")]
    assert [one.cursor for one in events(client, "7")] == ["x1", "x2", "x3"]


@pytest.mark.parametrize("end", [-1, "-1", None, ""])
def test_a_cursor_of_minus_one_never_replaces_one(
    server: WireServer, client: KloudlessClient, end: object
) -> None:
    server.queue = [page("x1", "a"), page(end)]
    assert [one.cursor for one in events(client, "7")] == ["x1", "x1"]


def test_a_huge_cursor_keeps_its_digits(server: WireServer, client: KloudlessClient) -> None:
    server.queue = [page(1152922976252290887, "a", remaining=0)]
    (only,) = events(client, "7")
    assert only.cursor == "1152922976252290887"


def test_a_span_is_only_sent_without_a_cursor(server: WireServer, client: KloudlessClient) -> None:
    server.queue = [page("x1", "a"), page("x2")]
    since, until = datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 10, 2, tzinfo=UTC)
    list(events(client, "7", since=since, until=until))
    assert server.requests[0].query == {
        "from": "2026-10-01T00:00:00Z",
        "until": "2026-10-02T00:00:00Z",
        "page_size": "1000",
    }
    assert server.requests[1].query == {"cursor": "x1", "page_size": "1000"}
    with pytest.raises(ValueError, match="needs since"):
        events(client, "7", until=until)


def test_a_cursor_that_never_moves_on_is_given_up(
    server: WireServer, client: KloudlessClient
) -> None:
    server.answer = lambda _: page("x1", "a")
    with pytest.raises(Unreachable) as caught:
        list(events(client, "7"))
    assert caught.value.kind == "malformed"
    assert len(server.requests) == 4


def test_a_page_stays_as_it_came(server: WireServer, client: KloudlessClient) -> None:
    body = b'{"count":1, "cursor": 5,"remaining":0,"objects":[{"id":null,"new":1}]}'
    server.queue = [Reply(200, body)]
    (only,) = events(client, "7")
    assert (only.body, only.account_id) == (body, "7")


@pytest.mark.parametrize("body", [b"{}", b'{"objects":{}}', b"[]"])
def test_a_page_without_objects_is_malformed(
    server: WireServer, client: KloudlessClient, body: bytes
) -> None:
    server.queue = [Reply(200, body)]
    with pytest.raises(Unreachable):
        list(events(client, "7"))


def test_subscriptions_are_listed(server: WireServer, client: KloudlessClient) -> None:
    server.queue = [as_json({"objects": [{"id": 1}]})]
    assert subscriptions(client, "7").objects == ({"id": 1},)
    assert [(seen.method, seen.path) for seen in server.requests] == [
        ("GET", "/v1/accounts/7/subscriptions/")
    ]


def test_a_dead_upstream_token_is_kloudless_own_error(
    server: WireServer, client: KloudlessClient
) -> None:
    body = {"status_code": 401, "error_code": "service_unauthorized", "message": "x", "id": "1"}
    server.queue = [as_json(body, 401)]
    with pytest.raises(KloudlessApiError) as caught:
        list(events(client, "7"))
    assert caught.value.code == "service_unauthorized"

"""What a block of calls asked, kept apart from everybody else's and without any credential."""

import threading
from collections.abc import Iterator

import httpx
import pytest

from lib.core.errors import Unreachable
from lib.http import Egress, Journal, Policy, Waiting, build_client, capturing, send
from tests.wire_server import CUT, WireServer, as_json


@pytest.fixture
def http(server: WireServer) -> Iterator[httpx.Client]:
    policy = Policy(waiting=Waiting(sleep=lambda _: None), budget=None)
    egress = Egress(origins=frozenset({("127.0.0.1", server.port)}))
    with build_client(egress, Journal(), policy=policy) as client:
        yield client


def test_a_block_has_its_own_calls_with_their_whole_address(
    server: WireServer, http: httpx.Client
) -> None:
    send(http, "GET", f"{server.url}/before")
    with capturing() as seen:
        send(http, "GET", f"{server.url}/2.0/search", params={"query": "a b&c"})
    send(http, "GET", f"{server.url}/after")
    (one,) = seen
    assert one.url == f"{server.url}/2.0/search?query=a+b%26c"
    assert (one.call.method, one.call.path, one.call.status) == ("GET", "/2.0/search", 200)


def test_a_block_inside_another_keeps_its_calls_to_itself(
    server: WireServer, http: httpx.Client
) -> None:
    with capturing() as outer:
        send(http, "GET", f"{server.url}/1")
        with capturing() as inner:
            send(http, "GET", f"{server.url}/2")
        send(http, "GET", f"{server.url}/3")
    assert [one.call.path for one in outer] == ["/1", "/3"]
    assert [one.call.path for one in inner] == ["/2"]


def test_another_thread_with_the_same_client_is_not_overheard(
    server: WireServer, http: httpx.Client
) -> None:
    with capturing() as seen:
        other = threading.Thread(target=send, args=(http, "GET", f"{server.url}/other"))
        other.start()
        other.join()
    assert seen == []
    assert [one.path for one in server.requests] == ["/other"]


def test_no_credential_is_taken_whatever_header_or_body_carries_it(
    server: WireServer, http: httpx.Client
) -> None:
    headers = {
        "Authorization": "Bearer canary-token",
        "Cookie": "canary-cookie",
        "BoxApi": "shared_link=https://canary&shared_link_password=canary",
        "X-Own": "canary-own",
        "As-User": "42",
        "X-Kloudless-Raw-Headers": '{"Box-Notifications":"off"}',
    }
    with capturing() as seen:
        send(http, "POST", server.url, headers=headers, json={"token": "canary-body"})
        send(http, "POST", server.url, form={"client_secret": "canary-form"})
        with pytest.raises(Unreachable):
            send(http, "GET", server.url.replace("//", "//canary:canary@"), headers=headers)
    assert "canary" not in repr(seen)
    assert dict(seen[0].headers) == {
        "As-User": "42",
        "X-Kloudless-Raw-Headers": '{"Box-Notifications":"off"}',
    }
    assert [one.scheme for one in seen[:2]] == ["Bearer", ""]


def test_every_attempt_is_there_and_one_without_an_answer_too(
    server: WireServer, http: httpx.Client
) -> None:
    server.queue = [CUT, as_json({"code": "unavailable"}, 503), as_json({})]
    with capturing() as seen:
        send(http, "GET", server.url)
    assert [(one.call.attempt, one.call.status) for one in seen] == [(1, None), (2, 503), (3, 200)]


def test_what_was_asked_is_there_after_the_block_failed(http: httpx.Client) -> None:
    with pytest.raises(Unreachable), capturing() as seen:
        send(http, "GET", "http://127.0.0.1:1/closed")
    assert {one.call.error_code for one in seen} == {"blocked"}

import gzip
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Event

import httpx
import pytest

from lib.core.errors import RateLimited, Unreachable
from lib.http import (
    Budget,
    CallContext,
    Egress,
    Journal,
    Policy,
    Priority,
    Waiting,
    build_client,
    read_json,
    read_object,
    segment,
    send,
)
from tests.wire_server import CUT, Reply, Seen, WireServer, as_json

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


@dataclass
class Waits:
    """A sleep that takes no time and moves the clocks."""

    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def now(self) -> datetime:
        return NOON + timedelta(seconds=sum(self.slept))

    def monotonic(self) -> float:
        return 1000.0 + sum(self.slept)

    @property
    def waiting(self) -> Waiting:
        return Waiting(clock=self.now, sleep=self.sleep, jitter=lambda low, _high: low)


@pytest.fixture
def waits() -> Waits:
    return Waits()


@pytest.fixture
def journal() -> Journal:
    return Journal()


@pytest.fixture
def http(server: WireServer, waits: Waits, journal: Journal) -> Iterator[httpx.Client]:
    policy = Policy(waiting=waits.waiting, budget=None, max_response_bytes=100_000)
    with client_to(server, journal, policy) as client:
        yield client


def client_to(server: WireServer, journal: Journal, policy: Policy) -> httpx.Client:
    return build_client(
        Egress(origins=frozenset({("127.0.0.1", server.port)})), journal, policy=policy
    )


CUT_JSON = Reply(200, b'{"entries": [{"id": "1', {"Content-Type": "application/json"})


def test_regression_json_that_is_cut_off_is_asked_again_like_a_lost_connection(
    server: WireServer, http: httpx.Client, waits: Waits
) -> None:
    server.queue = [CUT_JSON, CUT_JSON, as_json({"id": "1"})]
    response = send(http, "GET", server.url)
    assert read_json(response) == read_json(response) == {"id": "1"}
    assert waits.slept == [1.0, 2.0]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_a_write_whose_json_is_cut_off_is_never_repeated(
    server: WireServer, http: httpx.Client, method: str
) -> None:
    server.queue = [CUT_JSON]
    send(http, method, server.url)
    assert len(server.requests) == 1


def test_regression_an_unexpected_answer_is_not_called_no_answer(
    server: WireServer, http: httpx.Client
) -> None:
    server.answer = lambda _: CUT_JSON
    with pytest.raises(Unreachable) as caught:
        read_object(send(http, "GET", server.url))
    assert caught.value.message == "127.0.0.1 answered, but not as its API does."
    assert caught.value.cause_id == "network.malformed"
    assert "Try again" in caught.value.fix
    assert len(server.requests) == 3


def test_regression_an_address_without_a_host_is_named_as_such(http: httpx.Client) -> None:
    with pytest.raises(Unreachable) as caught:
        send(http, "GET", "https:///2.0/users/me")
    assert not caught.value.message.startswith((" ", "was"))


def test_connections_are_used_again(server: WireServer, http: httpx.Client) -> None:
    for _ in range(5):
        send(http, "GET", f"{server.url}/2.0/users/me")
    assert server.connections == 1


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_reading_call_is_repeated(
    server: WireServer, http: httpx.Client, waits: Waits, journal: Journal, status: int
) -> None:
    server.queue = [Reply(status), Reply(status)]
    assert send(http, "GET", f"{server.url}/x").status_code == 200
    assert waits.slept == [1.0, 2.0]
    assert [call.attempt for call in journal.calls] == [1, 2, 3]
    assert [call.status for call in journal.calls] == [status, status, 200]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 410, 412, 413, 501, 507])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_other_answers_are_final(
    server: WireServer, http: httpx.Client, status: int, method: str
) -> None:
    server.answer = lambda _: Reply(status, headers={"Retry-After": "1"})
    assert send(http, method, f"{server.url}/x").status_code == status
    assert len(server.requests) == 1


def test_after_the_last_attempt_the_answer_comes_back(
    server: WireServer, http: httpx.Client, waits: Waits
) -> None:
    server.answer = lambda _: Reply(503)
    sync = CallContext(priority=Priority.BACKGROUND)
    assert send(http, "GET", f"{server.url}/x", context=sync).status_code == 503
    assert len(server.requests) == 5
    assert waits.slept == [1.0, 2.0, 4.0, 8.0]
    assert send(http, "GET", f"{server.url}/x").status_code == 503
    assert len(server.requests) == 5 + 3  # nobody sits before a page for so long


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("reply", [Reply(500), Reply(502), Reply(503), Reply(504)])
def test_a_writing_call_is_not_repeated_blindly(
    server: WireServer, http: httpx.Client, method: str, reply: Reply
) -> None:
    server.answer = lambda _: reply
    assert send(http, method, f"{server.url}/x", json={}).status_code == reply.status
    assert len(server.requests) == 1


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_writing_call_whose_answer_was_cut_is_not_repeated(
    server: WireServer, http: httpx.Client, method: str
) -> None:
    server.answer = lambda _: CUT
    with pytest.raises(Unreachable) as caught:
        send(http, method, f"{server.url}/x", json={})
    assert caught.value.kind == "reset"
    assert len(server.requests) == 1


@pytest.mark.parametrize("reply", [Reply(429), Reply(503, headers={"Retry-After": "2"})])
def test_a_writing_call_that_was_turned_away_is_repeated(
    server: WireServer, http: httpx.Client, reply: Reply
) -> None:
    server.queue = [reply]
    assert send(http, "POST", f"{server.url}/x", json={"a": 1}).status_code == 200
    assert [seen.json for seen in server.requests] == [{"a": 1}, {"a": 1}]


def test_a_connection_that_was_never_made_is_tried_again_for_any_method(
    journal: Journal, waits: Waits
) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))  # bound, but nothing listens
        origin = bound.getsockname()
        policy = Policy(waiting=waits.waiting, budget=None)
        with (
            build_client(Egress(origins=frozenset({origin})), journal, policy=policy) as http,
            pytest.raises(Unreachable) as caught,
        ):
            send(http, "POST", f"http://127.0.0.1:{origin[1]}/x")
    assert caught.value.kind == "refused"
    assert [call.error_code for call in journal.calls] == ["refused"] * 3


def test_a_cut_answer_to_a_reading_call_is_repeated_twice(
    server: WireServer, http: httpx.Client, journal: Journal
) -> None:
    server.queue = [CUT, CUT]
    assert send(http, "GET", f"{server.url}/x").status_code == 200
    server.queue = [CUT, CUT, CUT]
    with pytest.raises(Unreachable):
        send(http, "GET", f"{server.url}/x")
    assert [call.error_code for call in journal.calls][-1] == "reset"


def test_a_body_that_ends_too_early_is_repeated(server: WireServer, http: httpx.Client) -> None:
    server.queue = [Reply(raw=b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{")]
    assert read_json(send(http, "GET", f"{server.url}/x")) == {}
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    "asked",
    ["3", "3.0", "Sun, 01 Nov 2026 12:00:03 GMT"],
)
def test_retry_after_is_obeyed(
    server: WireServer, http: httpx.Client, waits: Waits, asked: str
) -> None:
    server.queue = [Reply(429, headers={"Retry-After": asked})]
    assert send(http, "GET", f"{server.url}/x").status_code == 200
    assert waits.slept == [3.0]


@pytest.mark.parametrize("asked", ["soon", "", "nan", "inf"])
def test_a_senseless_retry_after_falls_back_to_the_usual_delay(
    server: WireServer, http: httpx.Client, waits: Waits, asked: str
) -> None:
    server.queue = [Reply(429, headers={"Retry-After": asked})]
    assert send(http, "GET", f"{server.url}/x").status_code == 200
    assert waits.slept == [1.0]


def test_a_page_does_not_wait_as_long_as_background_work(
    server: WireServer, http: httpx.Client, waits: Waits
) -> None:
    server.queue = [Reply(429, headers={"Retry-After": "30"})]
    with pytest.raises(RateLimited) as caught:
        send(http, "GET", f"{server.url}/x")
    assert caught.value.retry_after_s == 30
    assert waits.slept == []
    server.queue = [Reply(429, headers={"Retry-After": "30"})]
    background = CallContext(priority=Priority.BACKGROUND)
    assert send(http, "GET", f"{server.url}/x", context=background).status_code == 200
    assert waits.slept == [30.0]


@pytest.mark.parametrize("priority, most", [(Priority.PAGES, 10), (Priority.BACKGROUND, 60)])
def test_a_wait_beyond_the_maximum_is_refused_rather_than_cut_short(
    server: WireServer, http: httpx.Client, waits: Waits, priority: Priority, most: int
) -> None:
    context = CallContext(priority=priority)
    for asked in (most - 1, most):
        server.queue = [Reply(429, headers={"Retry-After": str(asked)})]
        waits.slept.clear()
        assert send(http, "GET", f"{server.url}/x", context=context).status_code == 200, asked
        assert waits.slept == [asked]
    for asked in (most + 1, 3600):
        server.queue = [Reply(429, headers={"Retry-After": str(asked)})]
        server.requests.clear()
        with pytest.raises(RateLimited) as caught:
            send(http, "GET", f"{server.url}/x", context=context)
        assert caught.value.retry_after_s == asked
        assert len(server.requests) == 1


def test_a_call_that_opts_out_is_sent_once(server: WireServer, http: httpx.Client) -> None:
    once = CallContext(retry=False)
    server.queue = [Reply(503), CUT]
    assert send(http, "GET", f"{server.url}/x", context=once).status_code == 503
    with pytest.raises(Unreachable):
        send(http, "GET", f"{server.url}/x", context=once)
    assert len(server.requests) == 2


def test_a_redirect_within_the_host_is_followed_for_reading(
    server: WireServer, http: httpx.Client
) -> None:
    server.queue = [Reply(301, headers={"Location": "/v1/accounts/"})]
    assert send(http, "GET", f"{server.url}/v1/accounts").status_code == 200
    assert [seen.path for seen in server.requests] == ["/v1/accounts", "/v1/accounts/"]
    server.queue = [Reply(307, headers={"Location": "/v1/accounts/"})]
    assert send(http, "POST", f"{server.url}/v1/accounts").status_code == 307


@pytest.mark.parametrize(
    "place",
    [
        "http://127.0.0.1:{other}/x",
        "https://api.box.com/x",
        "//evil.example/x",
        "file:///etc/passwd",
    ],
)
def test_a_redirect_to_another_host_is_refused(
    server: WireServer, http: httpx.Client, place: str
) -> None:
    target = place.format(other=server.port + 1)
    server.queue = [Reply(302, headers={"Location": target})]
    with pytest.raises(Unreachable) as caught:
        send(http, "GET", f"{server.url}/x", headers={"Authorization": "Bearer canary-token"})
    assert caught.value.kind == "blocked"
    assert len(server.requests) == 1


def test_redirects_without_end_are_refused(server: WireServer, http: httpx.Client) -> None:
    server.answer = lambda _: Reply(302, headers={"Location": "/x"})
    with pytest.raises(Unreachable):
        send(http, "GET", f"{server.url}/x")
    assert len(server.requests) == 4


LARGE = b" " * 2_000_000


@pytest.mark.parametrize(
    "reply",
    [Reply(body=LARGE), Reply(body=gzip.compress(LARGE), headers={"Content-Encoding": "gzip"})],
    ids=["plain", "packed"],
)
def test_an_answer_beyond_the_limit_is_refused(
    server: WireServer, http: httpx.Client, reply: Reply
) -> None:
    server.answer = lambda _: reply
    with pytest.raises(Unreachable) as caught:
        send(http, "GET", f"{server.url}/x")
    assert caught.value.kind == "malformed"


def test_a_packed_answer_is_unpacked(server: WireServer, http: httpx.Client) -> None:
    server.queue = [
        Reply(body=gzip.compress(b'{"a":1}'), headers={"Content-Encoding": "gzip"}),
        Reply(body=b"not gzip", headers={"Content-Encoding": "gzip"}),
    ]
    response = send(http, "GET", f"{server.url}/x")
    assert read_json(response) == {"a": 1}
    assert "content-encoding" not in response.headers
    assert read_json(send(http, "GET", f"{server.url}/x")) == {}  # the bad one was asked again


def test_big_numbers_survive(server: WireServer, http: httpx.Client) -> None:
    server.queue = [Reply(body=b'{"next_stream_position":1152922976252290886,"size":1.0E+12}')]
    body = read_json(send(http, "GET", f"{server.url}/x"))
    assert body == {"next_stream_position": 1152922976252290886, "size": 1e12}


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"a":', b"\xff\xfe"])
def test_a_body_that_is_not_json_is_malformed(
    server: WireServer, http: httpx.Client, body: bytes
) -> None:
    server.queue = [Reply(body=body), Reply(body=b"[1]")]
    with pytest.raises(Unreachable) as caught:
        read_json(send(http, "GET", f"{server.url}/x"))
    assert caught.value.kind == "malformed"
    with pytest.raises(Unreachable):
        read_object(send(http, "GET", f"{server.url}/x"))


def test_an_answer_that_is_not_http_is_malformed(server: WireServer, http: httpx.Client) -> None:
    server.answer = lambda _: Reply(raw=b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
    with pytest.raises(Unreachable) as caught:
        send(http, "GET", f"{server.url}/x")
    assert caught.value.kind == "malformed"


def test_a_slow_answer_is_a_timeout_and_a_page_waits_for_it_once(
    server: WireServer, journal: Journal, waits: Waits
) -> None:
    policy = Policy(read_s=0.05, waiting=waits.waiting, budget=None)
    server.lock.acquire()  # the server can't answer before we let go
    try:
        with client_to(server, journal, policy) as http, pytest.raises(Unreachable) as caught:
            send(http, "GET", f"{server.url}/x")
    finally:
        server.lock.release()
    assert caught.value.kind == "timeout"
    assert len(journal.calls) == 1


def test_regression_a_client_closed_at_work_ends_its_call_and_leaves_no_connection(
    server: WireServer, journal: Journal, waits: Waits
) -> None:
    asked, may_answer = Event(), Event()

    def answer(_seen: Seen) -> Reply:
        asked.set()
        may_answer.wait(10)
        return Reply()

    server.answer = answer
    http = client_to(server, journal, Policy(waiting=waits.waiting, budget=None))
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(send, http, "GET", f"{server.url}/x")
        assert asked.wait(10)
        http.close()
        may_answer.set()
        assert call.result().status_code == 200
    assert no_connection_is_left(server)


def test_regression_a_call_that_waited_while_its_client_was_closed_is_not_sent(
    server: WireServer, journal: Journal
) -> None:
    server.queue = [Reply(503)]
    waiting = Waiting(sleep=lambda _seconds: client.close(), jitter=lambda low, _high: low)
    client = client_to(server, journal, Policy(waiting=waiting, budget=None))
    for _ in range(2):
        with pytest.raises(Unreachable) as caught:
            send(client, "GET", f"{server.url}/x")
        assert (caught.value.kind, caught.value.cause_id) == ("closed", "network.closed")
    assert len(server.requests) == 1
    assert no_connection_is_left(server)


def no_connection_is_left(server: WireServer) -> bool:
    """Whether the server soon sees every connection closed."""
    deadline = time.monotonic() + 10
    while server.open and time.monotonic() < deadline:
        time.sleep(0.01)
    return server.connections > 0 and not server.open


def test_the_journal_keeps_what_helps_and_nothing_secret(
    server: WireServer, http: httpx.Client, journal: Journal
) -> None:
    body = {"type": "error", "code": "not_found", "request_id": "abc123", "message": "Not Found"}
    server.queue = [as_json(body, 404, box_request_id="0f1e2d")]
    send(
        http,
        "GET",
        f"{server.url}/2.0/files/7",
        params={"access_token": "canary-one", "nothing": None},
        headers={"Authorization": "Bearer canary-two", "X-Kloudless-Raw-Headers": "canary-three"},
    )
    (call,) = journal.calls
    assert (call.method, call.path, call.status) == ("GET", "/2.0/files/7", 404)
    assert call.host == f"127.0.0.1:{server.port}"
    assert call.request_ids == ("0f1e2d", "abc123")
    assert call.error_code == "not_found"
    assert call.at == NOON
    assert call.ms >= 0
    assert "canary" not in repr(journal.calls)
    assert server.requests[0].query == {"access_token": "canary-one"}


def test_the_journal_reads_the_code_of_an_empty_answer_from_its_header(
    server: WireServer, http: httpx.Client, journal: Journal
) -> None:
    refused = 'Bearer realm="Service", error="insufficient_scope", error_description="More."'
    server.queue = [Reply(403, b"", {"WWW-Authenticate": refused})]
    send(http, "GET", f"{server.url}/x")
    assert journal.calls[0].error_code == "insufficient_scope"


def test_the_journal_is_bounded(server: WireServer, waits: Waits) -> None:
    journal = Journal(limit=3)
    with client_to(server, journal, Policy(waiting=waits.waiting, budget=None)) as http:
        for number in range(5):
            send(http, "GET", f"{server.url}/{number}")
    assert [call.path for call in journal.calls] == ["/2", "/3", "/4"]
    journal.clear()
    assert journal.calls == ()


def test_a_refused_address_is_in_the_journal(http: httpx.Client, journal: Journal) -> None:
    with pytest.raises(Unreachable):
        send(http, "GET", "https://evil.example/")
    assert [(call.host, call.status, call.error_code) for call in journal.calls] == [
        ("evil.example", None, "blocked")
    ]


def test_proxies_of_the_environment_are_ignored(
    server: WireServer, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    with client_to(server, journal, Policy(budget=None)) as http:
        assert send(http, "GET", f"{server.url}/x").status_code == 200


def test_cookies_are_never_kept(server: WireServer, http: httpx.Client) -> None:
    server.answer = lambda _: Reply(headers={"Set-Cookie": "visitor=canary"})
    response = send(http, "GET", f"{server.url}/x")
    send(http, "GET", f"{server.url}/x")
    assert "set-cookie" not in response.headers
    assert "cookie" not in server.requests[1].headers


def test_a_segment_never_leads_elsewhere(server: WireServer, http: httpx.Client) -> None:
    for typed in ("../users/me", "..", "7?fields=x", "7#x", "a b", "1,2"):
        send(http, "GET", f"{server.url}/2.0/files/{segment(typed)}")
    assert {seen.path.rpartition("/")[0] for seen in server.requests} == {"/2.0/files"}
    assert all(not seen.query for seen in server.requests)


# -- the budget ------------------------------------------------------------------------------


def budget_of(waits: Waits, limit: int = 10, reserved: int = 2) -> Budget:
    return Budget(limit, reserved, monotonic=waits.monotonic, sleep=waits.sleep)


def test_background_work_leaves_a_share_to_pages(waits: Waits) -> None:
    budget = budget_of(waits)
    for _ in range(8):
        budget.acquire("ada", Priority.BACKGROUND)
    assert waits.slept == []
    budget.acquire("ada", Priority.PAGES)
    budget.acquire("ada", Priority.PAGES)
    assert waits.slept == []
    with pytest.raises(RateLimited):
        budget.acquire("ada", Priority.PAGES)
    budget.acquire("ada", Priority.BACKGROUND)
    assert sum(waits.slept) == pytest.approx(60.1, abs=0.01)


def test_no_minute_ever_holds_more_calls_than_the_limit(waits: Waits) -> None:
    budget = budget_of(waits)
    times = []
    for number in range(60):
        priority = Priority.BACKGROUND
        if number % 7 == 0 and budget.used("ada") < 10:
            priority = Priority.PAGES
        budget.acquire("ada", priority)
        times.append(waits.monotonic())
        waits.slept.append(0.7)
    for start in times:
        assert sum(start <= when < start + 60 for when in times) <= 10


def test_identities_have_budgets_of_their_own(waits: Waits) -> None:
    budget = budget_of(waits)
    for identity in ("ada", "olu", "kim"):
        for _ in range(8):
            budget.acquire(identity, Priority.BACKGROUND)
    assert waits.slept == []
    assert budget.used("ada") == 8


def test_an_answer_of_429_holds_everybody_of_that_identity(
    server: WireServer, waits: Waits, journal: Journal
) -> None:
    budget = budget_of(waits)
    policy = Policy(waiting=waits.waiting, budget=budget)
    server.queue = [Reply(429, headers={"Retry-After": "5"})]
    with client_to(server, journal, policy) as http:
        context = CallContext(identity="ada", priority=Priority.BACKGROUND, retry=False)
        assert send(http, "GET", f"{server.url}/x", context=context).status_code == 429
        budget.acquire("olu", Priority.PAGES)
        assert waits.slept == []
        budget.acquire("ada", Priority.PAGES)
    assert sum(waits.slept) == pytest.approx(5.0)


def test_every_attempt_spends_a_call(server: WireServer, waits: Waits, journal: Journal) -> None:
    budget = budget_of(waits)
    server.queue = [Reply(503), Reply(503)]
    policy = Policy(waiting=waits.waiting, budget=budget)
    with client_to(server, journal, policy) as http:
        send(http, "GET", f"{server.url}/x", context=CallContext(identity="ada"))
        send(http, "GET", f"{server.url}/x")
    assert budget.used("ada") == 3


def test_calls_of_several_threads_are_counted_once(server: WireServer, journal: Journal) -> None:
    budget = Budget(1000, 100)
    seen: list[Seen] = server.requests
    with (
        client_to(server, journal, Policy(budget=budget)) as http,
        ThreadPoolExecutor(8) as pool,
    ):
        context = CallContext(identity="ada")
        answers = pool.map(
            lambda n: send(http, "GET", f"{server.url}/{n}", context=context).status_code,
            range(64),
        )
        assert set(answers) == {200}
    assert budget.used("ada") == len(seen) == len(journal.calls) == 64

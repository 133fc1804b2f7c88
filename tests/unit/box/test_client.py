from collections.abc import Callable
from typing import Any

import httpx
import pytest

from lib.box import connect
from lib.box.client import BoxClient
from lib.box.tokens.auth import Token, fixed_token, token_source
from lib.core.errors import BoxApiError, ConfigurationError, RateLimited, Unreachable, Who
from lib.core.redaction import Secret
from lib.http import Budget, Egress, Journal, Policy, Priority, build_client
from lib.settings.profiles import BoxAuth, BoxCredentials, KloudlessCredentials, session_profile
from tests.wire_server import Reply, Seen, WireServer, as_json

MakeCredentials = Callable[..., BoxCredentials]


@pytest.fixture
def client(server: WireServer, http: httpx.Client) -> BoxClient:
    source = fixed_token(Token(Secret("canary-token"), None), "ada")
    return BoxClient(http, source, api_url=server.url)


def test_a_call_carries_token_and_parameters(server: WireServer, client: BoxClient) -> None:
    server.queue = [as_json({"id": "7"})]
    assert client.me() == {"id": "7"}
    (seen,) = server.requests
    assert seen.path == "/2.0/users/me"
    assert seen.query == {"fields": "id,name,login,role,enterprise"}
    assert seen.headers["authorization"] == "Bearer canary-token"
    assert seen.headers["user-agent"] == "box-runbook"
    assert "as-user" not in seen.headers


def test_as_user_sends_the_header_and_leaves_the_first_client_alone(
    server: WireServer, client: BoxClient
) -> None:
    client.as_user("42").me()
    client.me()
    assert server.requests[0].headers["as-user"] == "42"
    assert "as-user" not in server.requests[1].headers


# -- errors ----------------------------------------------------------------------------------


def test_an_error_keeps_both_request_ids(server: WireServer, client: BoxClient) -> None:
    body = {
        "type": "error",
        "status": 404,
        "code": "not_found",
        "context_info": {"errors": [{"reason": "invalid_parameter", "message": "Invalid 'd_1'"}]},
        "message": "Not Found",
        "request_id": "abcdef123456",
    }
    server.queue = [as_json(body, 404, box_request_id="0f1e2d")]
    with pytest.raises(BoxApiError) as caught:
        client.folder("7")
    error = caught.value
    assert (error.status, error.code) == (404, "not_found")
    assert (error.request_id, error.header_request_id) == ("abcdef123456", "0f1e2d")
    assert error.message == "Box answered 404 not_found: Not Found (Invalid 'd_1')."
    assert error.fix


def test_an_empty_403_is_read_from_its_header(server: WireServer, client: BoxClient) -> None:
    text = "The request requires higher privileges than provided by the access token."
    header = f'Bearer realm="Service", error="insufficient_scope", error_description="{text}"'
    server.queue = [Reply(403, b"", {"WWW-Authenticate": header, "box-request-id": "0f1e2d"})]
    with pytest.raises(BoxApiError) as caught:
        client.users_page()
    assert caught.value.code == "insufficient_scope"
    assert caught.value.cause_id == "box.insufficient_scope"
    assert caught.value.header_request_id == "0f1e2d"
    assert caught.value.request_id is None
    assert text.rstrip(".") in caught.value.message


def test_a_missing_right_is_reported_from_a_missing_scope(
    server: WireServer, client: BoxClient
) -> None:
    body = {
        "type": "error",
        "status": 403,
        "code": "access_denied_insufficient_permissions",
        "message": "Access denied - insufficient permission",
    }
    server.answer = lambda _: as_json(body, 403)
    with pytest.raises(BoxApiError) as person:
        client.users_page()
    assert person.value.cause_id == "box.no_permission"
    with pytest.raises(BoxApiError) as report:
        client.get("/2.0/events", {"stream_type": "admin_logs"})
    assert report.value.cause_id == "events.no_report_right"
    with pytest.raises(BoxApiError) as as_user:
        client.as_user("7").me()
    assert as_user.value.cause_id == "as_user.not_allowed"


@pytest.mark.parametrize("body", [b"", b"<html>", b"[1]", b'{"code":7,"context_info":"x"}'])
def test_strange_errors_stay_unknown(server: WireServer, client: BoxClient, body: bytes) -> None:
    server.answer = lambda _: Reply(418, body)
    with pytest.raises(BoxApiError) as caught:
        client.me()
    assert caught.value.cause_id == "unknown"
    assert caught.value.status == 418


def test_after_the_last_429_comes_rate_limited(server: WireServer, client: BoxClient) -> None:
    server.answer = lambda _: Reply(429, headers={"Retry-After": "2"})
    with pytest.raises(RateLimited) as caught:
        client.me()
    assert caught.value.retry_after_s == 2
    assert len(server.requests) == 3
    with pytest.raises(RateLimited):
        client.in_background().me()
    assert len(server.requests) == 3 + 5


def test_an_error_text_of_the_other_side_is_redacted(server: WireServer, client: BoxClient) -> None:
    server.queue = [as_json({"message": "Bearer canary-token is bad", "code": "bad_request"}, 400)]
    with pytest.raises(BoxApiError) as caught:
        client.me()
    assert "canary" not in f"{caught.value} {caught.value.cause}"


def test_an_error_answer_can_be_asked_for(server: WireServer, client: BoxClient) -> None:
    server.queue = [as_json({"code": "conflict"}, 409)]
    response = client.request("GET", "/2.0/users/me", raise_errors=False)
    assert response.status_code == 409


def test_a_list_where_an_object_belongs_is_malformed(server: WireServer, client: BoxClient) -> None:
    server.queue = [as_json([]), as_json({"entries": None})]
    for call in (client.me, client.users_page):
        with pytest.raises(Unreachable) as caught:
            call()
        assert caught.value.kind == "malformed"


# -- tokens ----------------------------------------------------------------------------------


def tokens_and_answers(server: WireServer, statuses: list[int]) -> None:
    def answer(seen: Seen) -> Reply:
        if seen.path == "/oauth2/token":
            number = sum(1 for other in server.requests if other.path == "/oauth2/token")
            return as_json({"access_token": f"token-{number}", "expires_in": 3600})
        return as_json({"id": "7"}, statuses.pop(0))

    server.answer = answer


def test_a_refused_token_is_replaced_once_for_reading(
    server: WireServer, http: httpx.Client, credentials: MakeCredentials
) -> None:
    tokens_and_answers(server, [401, 200])
    client = BoxClient(http, token_source(credentials(), http), api_url=server.url)
    assert client.me() == {"id": "7"}
    used = [s.headers["authorization"] for s in server.requests if s.method == "GET"]
    assert used == ["Bearer token-1", "Bearer token-2"]


def test_a_token_that_stays_refused_is_an_error(
    server: WireServer, http: httpx.Client, credentials: MakeCredentials
) -> None:
    tokens_and_answers(server, [401, 401])
    client = BoxClient(http, token_source(credentials(), http), api_url=server.url)
    with pytest.raises(BoxApiError) as caught:
        client.me()
    assert caught.value.status == 401
    assert caught.value.cause_id == "box.invalid_token"


def test_a_refused_token_is_not_replaced_for_writing(
    server: WireServer, http: httpx.Client, credentials: MakeCredentials
) -> None:
    tokens_and_answers(server, [401])
    client = BoxClient(http, token_source(credentials(), http), api_url=server.url)
    with pytest.raises(BoxApiError):
        client.delete_webhook("7")
    assert [seen.method for seen in server.requests] == ["POST", "DELETE"]


def test_a_developer_token_that_is_refused_is_not_tried_again(
    server: WireServer, client: BoxClient
) -> None:
    server.answer = lambda _: Reply(401, b"")
    with pytest.raises(BoxApiError) as caught:
        client.me()
    assert caught.value.who in Who
    assert len(server.requests) == 1


# -- lists -----------------------------------------------------------------------------------


def test_users_are_paged_by_marker_until_there_is_none(
    server: WireServer, client: BoxClient
) -> None:
    server.queue = [
        as_json({"limit": 2, "next_marker": "m1", "entries": [{"id": "1"}, {"id": "2"}]}),
        as_json({"limit": 2, "next_marker": "m2", "entries": []}),
        as_json({"limit": 2, "next_marker": "", "entries": [{"id": "3"}]}),
    ]
    found = [one["id"] for page in client.users(limit=2, fields=("id",)) for one in page.entries]
    assert found == ["1", "2", "3"]
    assert [seen.query.get("marker") for seen in server.requests] == [None, "m1", "m2"]
    assert {seen.query["usemarker"] for seen in server.requests} == {"true"}


def test_groups_are_paged_by_the_limit_of_the_answer(server: WireServer, client: BoxClient) -> None:
    def answer(seen: Seen) -> Reply:
        offset = int(seen.query["offset"])
        # One of each page is hidden: a page is shorter than its limit, and the limit was cut.
        found = [{"id": str(number)} for number in range(offset, min(offset + 99, 250))]
        return as_json({"total_count": 250, "limit": 100, "offset": offset, "entries": found})

    server.answer = answer
    pages = list(client.groups(limit=5000))
    assert [seen.query["offset"] for seen in server.requests] == ["0", "100", "200"]
    assert [page.next_offset for page in pages] == [100, 200, None]
    assert pages[0].total == 250


def test_an_offset_beyond_what_box_takes_is_not_asked_for(
    server: WireServer, client: BoxClient
) -> None:
    server.answer = lambda seen: as_json(
        {
            "total_count": 20_000,
            "limit": 1000,
            "offset": int(seen.query["offset"]),
            "entries": [{"id": "1"}],
        }
    )
    assert len(list(client.groups())) == 11
    assert server.requests[-1].query["offset"] == "10000"


def test_lists_and_webhooks_ask_as_box_documents(server: WireServer, client: BoxClient) -> None:
    server.answer = lambda seen: (
        Reply(204, b"") if seen.method == "DELETE" else as_json({"id": "1", "entries": []})
    )
    client.users_page(
        limit=50, offset=100, filter_term="ad", user_type="all", fields=("id", "role")
    )
    client.folder_items("0", limit=10, offset=0, sort="name", direction="ASC")
    client.recent_items(limit=5)
    client.search("plan", type="file", limit=200)
    client.user("7", ("id",))
    client.file("9")
    client.webhooks_page()
    client.create_webhook(
        target_type="folder", target_id="1", address="https://a/b", triggers=["FILE.UPLOADED"]
    )
    client.update_webhook("4", triggers=["FILE.DELETED"])
    client.webhook("4")
    client.delete_webhook("4")
    list(client.group_memberships("3"))
    list(client.user_memberships("3"))
    asked = [(seen.method, seen.path, dict(seen.query)) for seen in server.requests]
    assert asked == [
        (
            "GET",
            "/2.0/users",
            {
                "limit": "50",
                "offset": "100",
                "filter_term": "ad",
                "user_type": "all",
                "fields": "id,role",
            },
        ),
        (
            "GET",
            "/2.0/folders/0/items",
            {"limit": "10", "offset": "0", "sort": "name", "direction": "ASC"},
        ),
        ("GET", "/2.0/recent_items", {"limit": "5"}),
        ("GET", "/2.0/search", {"query": "plan", "type": "file", "limit": "200", "offset": "0"}),
        ("GET", "/2.0/users/7", {"fields": "id"}),
        ("GET", "/2.0/files/9", {}),
        ("GET", "/2.0/webhooks", {"limit": "100"}),
        ("POST", "/2.0/webhooks", {}),
        ("PUT", "/2.0/webhooks/4", {}),
        ("GET", "/2.0/webhooks/4", {}),
        ("DELETE", "/2.0/webhooks/4", {}),
        ("GET", "/2.0/groups/3/memberships", {"limit": "1000", "offset": "0"}),
        ("GET", "/2.0/users/3/memberships", {"limit": "1000", "offset": "0"}),
    ]
    assert server.requests[7].json == {
        "target": {"type": "folder", "id": "1"},
        "address": "https://a/b",
        "triggers": ["FILE.UPLOADED"],
    }
    assert server.requests[8].json == {"triggers": ["FILE.DELETED"]}


@pytest.mark.parametrize("typed", ["../users/me", "..", "7?x=1", "7/../8", "%2e%2e"])
def test_a_typed_id_stays_one_segment(server: WireServer, client: BoxClient, typed: str) -> None:
    client.folder(typed)
    (seen,) = server.requests
    assert seen.path.startswith("/2.0/folders/")
    assert seen.path.count("/") == 3
    assert seen.query == {}


# -- budgets and ways in ---------------------------------------------------------------------


def test_calls_are_charged_to_the_identity_they_run_as(server: WireServer) -> None:
    budget = Budget()
    egress = Egress(origins=frozenset({("127.0.0.1", server.port)}))
    with build_client(egress, Journal(), policy=Policy(budget=budget)) as http:
        source = fixed_token(Token(Secret("t"), None), "ada")
        client = BoxClient(http, source, api_url=server.url)
        client.me()
        client.in_background().me()
        client.as_user("7").me()
    assert budget.used("ada") == 2
    assert budget.used("ada|as:7") == 1
    assert client.in_background().priority is Priority.BACKGROUND
    assert client.in_background().as_user("7").priority is Priority.BACKGROUND


def test_connect_makes_a_client_of_a_profile(
    server: WireServer, credentials: MakeCredentials
) -> None:
    tokens_and_answers(server, [200])
    profile = session_profile(box=credentials(BoxAuth.CCG))
    egress = Egress.for_profile(profile, sandbox_url=server.url)
    journal = Journal()
    with connect(profile, egress=egress, journal=journal) as client:
        assert client.me()["id"] == "7"
    assert [call.path for call in journal.calls] == ["/oauth2/token", "/2.0/users/me"]


def test_connect_refuses_a_profile_without_box() -> None:
    profile = session_profile(kloudless=KloudlessCredentials("https://k.example/v1"))
    with pytest.raises(ConfigurationError):
        connect(profile, egress=Egress(), journal=Journal())


def test_connect_closes_what_it_opened_when_the_credentials_cannot_work() -> None:
    profile = session_profile(box=BoxCredentials(client_id="x"))
    with pytest.raises(ConfigurationError):
        connect(profile, egress=Egress(), journal=Journal())


def test_a_typed_api_address_is_refused_before_the_secret_is_sent(
    server: WireServer, credentials: MakeCredentials
) -> None:
    profile = session_profile(box=credentials(BoxAuth.CCG))  # its api_url is the server's
    egress = Egress.for_profile(profile)
    with (
        connect(profile, egress=egress, journal=Journal()) as client,
        pytest.raises(Unreachable) as caught,
    ):
        client.me()
    assert caught.value.kind == "blocked"
    assert server.connections == 0


def test_a_wire_fault_names_host_and_cause(client: BoxClient, server: WireServer) -> None:
    server.answer = lambda _: Reply(raw=b"")
    with pytest.raises(Unreachable) as caught:
        client.me()
    assert caught.value.message == "No answer from 127.0.0.1."
    assert caught.value.cause_id == "network.reset"


def test_what_is_no_object_answers_is_any(server: WireServer, client: BoxClient) -> None:
    sample: dict[str, Any] = {"size": 1e12, "id": "73835521473"}
    server.queue = [Reply(200, b'{"size": 1.0E+12, "id": "73835521473"}')]
    assert client.file("73835521473") == sample


def test_headers_of_a_client_go_with_every_call_and_with_as_user(
    server: WireServer, client: BoxClient
) -> None:
    quiet = client.with_headers({"Box-Notifications": "off"})
    quiet.as_user("42").folder("0")
    quiet.in_background().me()
    client.me()
    assert [seen.headers.get("box-notifications") for seen in server.requests] == [
        "off",
        "off",
        None,
    ]
    assert server.requests[0].headers["as-user"] == "42"


def test_headers_of_a_client_never_replace_the_token(server: WireServer, client: BoxClient) -> None:
    client.with_headers({"Authorization": "Bearer other"}).me()
    assert server.requests[0].headers["authorization"] == "Bearer canary-token"

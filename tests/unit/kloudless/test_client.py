from collections.abc import Callable
from typing import Any

import httpx
import pytest

from lib.core.errors import (
    ConfigurationError,
    KloudlessApiError,
    RateLimited,
    RunbookError,
    Unreachable,
    Who,
)
from lib.core.redaction import Secret
from lib.http import Egress, Journal
from lib.kloudless import KloudlessClient, connect
from lib.kloudless.account_import import ImportOrder, body
from lib.kloudless.oauth import authorize_url, exchange_code, verify_token
from lib.settings.profiles import BoxCredentials, KloudlessCredentials, session_profile
from tests.wire_server import CUT, Reply, Seen, WireServer, as_json


def listed(*objects: Any, **more: Any) -> Reply:
    body = {"objects": list(objects), "count": len(objects), "type": "object_list", **more}
    return as_json(body)


def fault(status: int, code: str, message: str = "", **headers: str) -> Reply:
    body = {"status_code": status, "error_code": code, "message": message, "id": "5f0c-6f2e"}
    return as_json(body, status, **headers)


# -- how it asks -----------------------------------------------------------------------------


def test_a_call_ends_in_a_slash_and_carries_the_api_key(
    server: WireServer, client: KloudlessClient
) -> None:
    server.answer = lambda _: listed(total=0)
    client.accounts(admin=True, enabled=False, search="ada")
    (seen,) = server.requests
    assert seen.path == "/v1/accounts/"
    assert seen.headers["authorization"] == "APIKey canary-key"
    assert seen.query == {
        "page": "1",
        "page_size": "100",
        "enabled": "False",
        "admin": "True",
        "search": "ada",
    }


def test_a_base_address_may_end_in_a_slash(server: WireServer, http: httpx.Client) -> None:
    server.answer = lambda _: listed()
    KloudlessClient(http, f"{server.url}/v1/", api_key=Secret("k")).accounts()
    assert server.requests[0].path == "/v1/accounts/"


def test_a_redirect_to_the_other_slash_form_is_followed(
    server: WireServer, client: KloudlessClient
) -> None:
    server.queue = [Reply(301, headers={"Location": "/v1/accounts/7"}), as_json({"id": 7})]
    assert client.account("7") == {"id": 7}


def test_a_bearer_token_replaces_the_key(server: WireServer, http: httpx.Client) -> None:
    mine = KloudlessClient(http, f"{server.url}/v1", bearer=Secret("canary-bearer"))
    mine.account("me", full=False)
    (seen,) = server.requests
    assert seen.headers["authorization"] == "Bearer canary-bearer"
    assert (seen.path, seen.query) == ("/v1/accounts/me/", {"retrieve_full": "False"})
    assert mine.in_background().priority == "background"


def test_headers_for_the_service_behind_are_json_in_one_header(
    server: WireServer, client: KloudlessClient
) -> None:
    raw = {"Box-Notifications": "off"}
    client.request("GET", "/accounts/7", as_user="uABC", raw_headers=raw)
    (seen,) = server.requests
    assert seen.headers["x-kloudless-as-user"] == "uABC"
    assert seen.headers["x-kloudless-raw-headers"] == '{"Box-Notifications":"off"}'


def test_nothing_is_asked_without_a_credential(server: WireServer, http: httpx.Client) -> None:
    with pytest.raises(ConfigurationError, match="api_key"):
        KloudlessClient(http, f"{server.url}/v1").accounts()
    with pytest.raises(ConfigurationError, match="base_url"):
        KloudlessClient(http, "", api_key=Secret("k"))
    assert server.requests == []


# -- accounts --------------------------------------------------------------------------------


def test_accounts_are_paged_by_number(server: WireServer, client: KloudlessClient) -> None:
    def answer(seen: Seen) -> Reply:
        number = int(seen.query["page"])
        found = [{"id": n} for n in range(2 * number - 2, min(2 * number, 5))]
        return listed(*found, total=5, page=number)

    server.answer = answer
    found = [o["id"] for page in client.all_accounts(page_size=2) for o in page.objects]
    assert found == [0, 1, 2, 3, 4]
    assert len(server.requests) == 3


def test_accounts_without_a_total_end_at_a_short_page(
    server: WireServer, client: KloudlessClient
) -> None:
    server.queue = [listed({"id": 1}, {"id": 2}), listed({"id": 3})]
    assert len(list(client.all_accounts(page_size=2))) == 2


def test_an_account_is_imported_changed_and_removed(
    server: WireServer, client: KloudlessClient
) -> None:
    server.queue = [as_json({"id": 7}, 201), as_json({"id": 7}), Reply(204, b"")]
    order = ImportOrder(
        account="a@b.example", token=Secret("canary-up"), refresh_token=Secret("canary-re")
    )
    client.import_account(body(order))
    client.patch_account("7", {"enabled": False})
    client.delete_account("7")
    asked = [(seen.method, seen.path) for seen in server.requests]
    assert asked == [
        ("POST", "/v1/accounts/"),
        ("PATCH", "/v1/accounts/7/"),
        ("DELETE", "/v1/accounts/7/"),
    ]
    assert server.requests[0].json == {
        "account": "a@b.example",
        "service": "box",
        "token": "canary-up",
        "refresh_token": "canary-re",
    }


def test_regression_a_refusal_that_quotes_a_token_of_the_request_is_cleaned(
    server: WireServer, client: KloudlessClient
) -> None:
    """Only secrets of forms were known: an import's are in a JSON body, under any name."""
    quoted = "The canary-token-1 and the canary-token-12 are wrong."
    server.answer = lambda _: fault(400, "invalid_parameters", quoted)
    tokens = {"odd_name": Secret("canary-token-1"), "token": Secret("canary-token-12")}
    calls: list[Callable[[], object]] = [
        lambda: client.import_account({"account": "Ada", **tokens}),
        lambda: client.patch_account("7", tokens),
    ]
    for refused in calls:
        with pytest.raises(KloudlessApiError) as caught:
            refused()
        assert "The [hidden] and the [hidden] are wrong." in caught.value.message
        assert "canary" not in f"{caught.value.message} {caught.value.as_dict()}"
    assert server.requests[0].json["odd_name"] == "canary-token-1"


# -- lists that tell their next page ---------------------------------------------------------


def test_lists_follow_next_page_and_never_count_themselves(
    server: WireServer, client: KloudlessClient
) -> None:
    server.queue = [
        listed({"id": "u1"}, next_page="opaque=="),
        listed(next_page="more"),
        listed({"id": "u2"}, next_page=None),
    ]
    assert len(list(client.team_users("7"))) == 3
    assert [seen.query.get("page") for seen in server.requests] == [None, "opaque==", "more"]
    server.answer = lambda _: listed({"id": "g"}, next_page="same")
    with pytest.raises(Unreachable) as endless:  # a page that leads to itself
        list(client.team_users("7"))
    assert "never ends" in endless.value.cause


def test_team_and_storage_ask_as_documented(server: WireServer, client: KloudlessClient) -> None:
    server.answer = lambda _: listed()
    client.team_user("7", "uYWRhQGV4=")
    client.folder("7")
    client.folder_contents("7", "Fabc==", page="next", as_user="u1")
    client.file("7", "Fdef")
    client.recent("7", after="2026-10-01T00:00:00Z")
    client.search("7", "plan", parents=("F1", "F2"))
    assert [seen.path for seen in server.requests] == [
        "/v1/accounts/7/team/users/uYWRhQGV4%3D/",
        "/v1/accounts/7/storage/folders/root/",
        "/v1/accounts/7/storage/folders/Fabc%3D%3D/contents/",
        "/v1/accounts/7/storage/files/Fdef/",
        "/v1/accounts/7/storage/recent/",
        "/v1/accounts/7/storage/search/",
    ]
    assert server.requests[2].headers["x-kloudless-as-user"] == "u1"
    assert server.requests[5].query["parents"] == "F1,F2"


# -- pass-through ----------------------------------------------------------------------------


def test_pass_through_is_a_post_with_method_and_address_in_headers(
    server: WireServer, client: KloudlessClient
) -> None:
    server.queue = [as_json({"type": "user"}, 200, box_request_id="0f1e")]
    response = client.raw(
        "7",
        "put",
        "/2.0/folders/0?fields=id",
        headers={"Box-Notifications": "off"},
        as_user="u1",
        body={"name": "x"},
    )
    (seen,) = server.requests
    assert (seen.method, seen.path) == ("POST", "/v1/accounts/7/raw/")
    assert seen.headers["x-kloudless-raw-uri"] == "/2.0/folders/0?fields=id"
    assert seen.headers["x-kloudless-raw-method"] == "PUT"
    assert seen.headers["x-kloudless-raw-headers"] == '{"Box-Notifications":"off"}'
    assert seen.headers["x-kloudless-as-user"] == "u1"
    assert seen.json == {"name": "x"}
    assert response.headers["box-request-id"] == "0f1e"


def test_pass_through_hands_errors_on_and_is_not_repeated(
    server: WireServer, client: KloudlessClient
) -> None:
    server.queue = [Reply(404, b"{}"), CUT]
    assert client.raw("7", "GET", "/2.0/files/1").status_code == 404
    with pytest.raises(Unreachable):
        client.raw("7", "GET", "/2.0/files/1")
    assert len(server.requests) == 2


@pytest.mark.parametrize("uri", ["https://evil.example/2.0/users", "//evil.example", "2.0/users"])
def test_pass_through_takes_relative_addresses_only(
    server: WireServer, client: KloudlessClient, uri: str
) -> None:
    with pytest.raises(ValueError, match="relative"):
        client.raw("7", "GET", uri)
    assert server.requests == []


# -- errors ----------------------------------------------------------------------------------


def test_an_error_keeps_code_message_and_id(server: WireServer, client: KloudlessClient) -> None:
    server.queue = [fault(401, "service_unauthorized", "Upstream token is invalid")]
    with pytest.raises(KloudlessApiError) as caught:
        client.folder_contents("7")
    error = caught.value
    assert (error.status, error.code, error.request_id) == (
        401,
        "service_unauthorized",
        "5f0c-6f2e",
    )
    assert "Upstream token is invalid" in error.message
    assert error.fix


@pytest.mark.parametrize("code", ["unauthorized", "invalid_token", "authentication_required"])
def test_refused_credentials_mean_the_same_with_401_and_403(
    server: WireServer, client: KloudlessClient, code: str
) -> None:
    causes = set()
    for status in (401, 403):
        server.queue = [fault(status, code)]
        with pytest.raises(KloudlessApiError) as caught:
            client.accounts()
        causes.add(caught.value.cause_id)
    assert len(causes) == 1
    assert causes != {"unknown"}


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"error_code":5}'])
def test_a_strange_error_is_unknown(
    server: WireServer, client: KloudlessClient, body: bytes
) -> None:
    server.queue = [Reply(418, body)]
    with pytest.raises(KloudlessApiError) as caught:
        client.accounts()
    assert caught.value.cause_id == "unknown"
    assert caught.value.who in Who


def test_a_limit_that_stays_is_rate_limited(server: WireServer, client: KloudlessClient) -> None:
    server.answer = lambda _: fault(429, "too_many_requests", Retry_After="3")
    with pytest.raises(RateLimited) as caught:
        client.accounts()
    assert caught.value.retry_after_s == 3


@pytest.mark.parametrize("body", [b"{}", b'{"objects":null}', b"[]", b"<html>"])
def test_a_list_without_objects_is_malformed(
    server: WireServer, client: KloudlessClient, body: bytes
) -> None:
    server.queue = [Reply(200, body)]
    with pytest.raises(Unreachable) as caught:
        client.accounts()
    assert caught.value.kind == "malformed"


def test_no_secret_shows_in_an_error(server: WireServer, client: KloudlessClient) -> None:
    server.queue = [fault(401, "unauthorized", "APIKey canary-key is not known")]
    with pytest.raises(RunbookError) as caught:
        client.accounts()
    assert "canary" not in f"{caught.value!r} {caught.value.cause} {client!r}"


# -- OAuth -----------------------------------------------------------------------------------


@pytest.fixture
def credentials(server: WireServer) -> KloudlessCredentials:
    return KloudlessCredentials(f"{server.url}/v1", "app-1", Secret("canary-key"))


def test_the_consent_page_gets_no_secret(credentials: KloudlessCredentials) -> None:
    url = httpx.URL(
        authorize_url(
            credentials, redirect_uri="https://app/c", state="s", form_data={"domain": "x"}
        )
    )
    assert url.path == "/v1/oauth"
    assert dict(url.params) == {
        "client_id": "app-1",
        "response_type": "code",
        "redirect_uri": "https://app/c",
        "scope": "box:normal.storage",
        "state": "s",
        "form_data": '{"domain":"x"}',
    }
    assert "canary" not in str(url)


def test_a_code_becomes_the_token_of_an_account(
    server: WireServer, http: httpx.Client, credentials: KloudlessCredentials
) -> None:
    server.queue = [
        as_json({"access_token": "canary-account", "token_type": "Bearer", "scope": "box"}),
        as_json({"client_id": "app-1", "account_id": 132524954, "scope": "box"}),
        fault(400, "invalid_token"),
    ]
    token = exchange_code(credentials, http, code=Secret("code-1"), redirect_uri="https://app/c")
    assert server.requests[0].form == {
        "grant_type": "authorization_code",
        "code": "code-1",
        "redirect_uri": "https://app/c",
        "client_id": "app-1",
        "client_secret": "canary-key",
    }
    assert "canary" not in repr(token)
    verified = verify_token(credentials, http, token.value)
    assert (verified.client_id, verified.account_id) == ("app-1", "132524954")
    assert server.requests[1].headers["authorization"] == "Bearer canary-account"
    with pytest.raises(KloudlessApiError):
        verify_token(credentials, http, Secret("foreign"))


def test_oauth_stays_with_v1_when_the_data_calls_use_v2(
    server: WireServer, http: httpx.Client
) -> None:
    second = KloudlessCredentials(f"{server.url}/v2", "app-1", Secret("k"))
    server.queue = [as_json({"client_id": "app-1", "account_id": 7})]
    verify_token(second, http, Secret("t"))
    assert server.requests[0].path == "/v1/oauth/token/"


@pytest.mark.parametrize("reply", [CUT, Reply(503, headers={"Retry-After": "1"})])
def test_a_code_is_sent_once(
    server: WireServer, http: httpx.Client, credentials: KloudlessCredentials, reply: Reply
) -> None:
    server.answer = lambda _: reply
    with pytest.raises(RunbookError):
        exchange_code(credentials, http, code=Secret("c"), redirect_uri="https://app/c")
    assert len(server.requests) == 1


def test_a_token_answer_without_a_token_is_malformed(
    server: WireServer, http: httpx.Client, credentials: KloudlessCredentials
) -> None:
    with pytest.raises(Unreachable):
        exchange_code(credentials, http, code=Secret("c"), redirect_uri="https://app/c")
    bare = KloudlessCredentials(f"{server.url}/v1", "app-1")
    with pytest.raises(ConfigurationError):
        exchange_code(bare, http, code=Secret("c"), redirect_uri="https://app/c")


# -- the way in ------------------------------------------------------------------------------


def test_connect_makes_a_client_of_a_profile(
    server: WireServer, credentials: KloudlessCredentials
) -> None:
    server.answer = lambda _: listed({"id": 7}, total=1)
    profile = session_profile(kloudless=credentials)
    egress = Egress.for_profile(profile, sandbox_url=server.url)
    with connect(profile, egress=egress, journal=Journal()) as client:
        assert client.accounts().total == 1


def test_connect_refuses_a_profile_without_kloudless_or_address() -> None:
    for profile in (
        session_profile(box=BoxCredentials(client_id="x")),
        session_profile(kloudless=KloudlessCredentials(app_id="x", api_key=Secret("k"))),
    ):
        with pytest.raises(ConfigurationError):
            connect(profile, egress=Egress(), journal=Journal())


def test_an_acting_client_says_so_on_every_call(
    server: WireServer, client: KloudlessClient
) -> None:
    server.answer = lambda _: listed()
    acting = client.acting(as_user="u1", raw_headers={"Box-Notifications": "off"})
    acting.folder_contents("7")
    acting.recent("7", as_user="u2")
    client.search("7", "a")
    first, second, third = server.requests
    assert first.headers["x-kloudless-as-user"] == "u1"
    assert first.headers["x-kloudless-raw-headers"] == '{"Box-Notifications":"off"}'
    assert second.headers["x-kloudless-as-user"] == "u2"
    assert "x-kloudless-as-user" not in third.headers
    assert "x-kloudless-raw-headers" not in third.headers


def test_an_id_of_box_becomes_one_of_kloudless(server: WireServer, client: KloudlessClient) -> None:
    server.queue = [as_json({"id": "Fabc", "type": "folder"}), as_json({"id": "u1"})]
    assert client.encode_raw_id("7", "12", "folder") == "Fabc"
    assert client.encode_raw_id("7", "9", "user") == "u1"
    folder, user = server.requests
    assert (folder.method, folder.path) == ("POST", "/v1/accounts/7/encode_raw_id/")
    assert folder.json == {"raw_id": "12", "type": "folder", "api": "storage"}
    assert user.json == {"raw_id": "9", "type": "user", "api": "team"}


def test_an_answer_without_an_id_is_no_id(server: WireServer, client: KloudlessClient) -> None:
    server.answer = lambda _: as_json({"type": "folder"})
    with pytest.raises(Unreachable):
        client.encode_raw_id("7", "12", "folder")

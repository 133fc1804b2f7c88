"""The questions of a read-only check, asked by the official SDK: what is let in, what is refused.

Each refusal is met by an app or a person that deserves it, not by a fault. Every answer is judged
by Box's OpenAPI document. Through Kloudless the same questions are asked with plain HTTP.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from box_sdk_gen import BoxAPIError, BoxClient
from box_sdk_gen.managers.events import GetEventsStreamType
from box_sdk_gen.managers.search import SearchForContentScope

from tests.integration.sandbox.box_calls import open_box
from tests.peers.box_contract import Contract
from tests.peers.operations import UNTIL, Sdk
from tests.sandbox_kloudless import Api, kloudless_api
from tests.sandbox_server import SandboxServer, running_sandbox

Ask = Callable[[BoxClient, Sdk], Any]
Who = Callable[[Sdk], BoxClient]
DENIED = (403, "access_denied_insufficient_permissions", "")
SCOPE = (403, None, "insufficient_scope")
NO_VERSION = (400, "invalid_api_version", "")
NOT_FOUND = (404, "not_found", "")


@pytest.fixture(scope="module")
def sandbox_process() -> Iterator[SandboxServer]:
    """Without call limits: search is asked oftener than Box allows."""
    with running_sandbox("--no-rate-limits") as server:
        yield server


@pytest.fixture(scope="module")
def contract() -> Contract:
    return Contract()


@pytest.fixture
def sdk(sandbox: SandboxServer) -> Iterator[Sdk]:
    bare = open_box(sandbox.url)
    bare.http.close()
    sdk = Sdk(sandbox.url, bare.credentials, bare.apps)
    yield sdk
    sdk.http.close()


@pytest.fixture
def api(sandbox: SandboxServer) -> Iterator[Api]:
    with kloudless_api(sandbox) as made:
        yield made


def service(sdk: Sdk) -> BoxClient:
    return sdk.service()


def of(app: str) -> Who:
    return lambda sdk: sdk.service(app)


def person(kind: str) -> Who:
    return lambda sdk: sdk.user(kind)


def as_user(kind: str, app: str = "main") -> Who:
    return lambda sdk: sdk.service(app).with_as_user_header(sdk.credentials["users"][kind])


def as_id(user_id: str) -> Who:
    return lambda sdk: sdk.service().with_as_user_header(user_id)


def versioned(version: str) -> Who:
    return lambda sdk: sdk.service().with_extra_headers(extra_headers={"box-version": version})


def quiet(sdk: Sdk) -> BoxClient:
    return sdk.service().with_suppressed_notifications()


def ask_me(client: BoxClient, _sdk: Sdk) -> Any:
    return client.users.get_user_me(fields=["id", "login", "role", "enterprise"])


def ask_users(client: BoxClient, _sdk: Sdk) -> Any:
    return client.users.get_users(limit=1, fields=["id"])


def ask_groups(client: BoxClient, _sdk: Sdk) -> Any:
    return client.groups.get_groups(limit=1)


def ask_streaming(client: BoxClient, _sdk: Sdk) -> Any:
    return client.events.get_events(
        stream_type=GetEventsStreamType.ADMIN_LOGS_STREAMING, stream_position="now", limit=1
    )


def ask_history(client: BoxClient, _sdk: Sdk) -> Any:
    return client.events.get_events(
        stream_type=GetEventsStreamType.ADMIN_LOGS,
        limit=1,
        created_after=UNTIL - timedelta(hours=1),
    )


def ask_root(client: BoxClient, _sdk: Sdk) -> Any:
    return client.folders.get_folder_by_id("0", fields=["id", "name"])


def ask_webhooks(client: BoxClient, _sdk: Sdk) -> Any:
    return client.webhooks.get_webhooks(limit=1)


def ask_webhook(client: BoxClient, _sdk: Sdk) -> Any:
    return client.webhooks.get_webhook_by_id("1")


def ask_whole(client: BoxClient, _sdk: Sdk) -> Any:
    return client.search.search_for_content(
        query="a", scope=SearchForContentScope.ENTERPRISE_CONTENT, limit=1, fields=["id"]
    )


def ask_pins(client: BoxClient, sdk: Sdk) -> Any:
    enterprise = sdk.credentials["ccg"]["enterprise_id"]
    return client.device_pinners.get_enterprise_device_pinners(enterprise, limit=1)


def ask_other_pins(client: BoxClient, _sdk: Sdk) -> Any:
    return client.device_pinners.get_enterprise_device_pinners("1", limit=1)


def judged(contract: Contract, sdk: Sdk) -> list[Any]:
    problems = []
    for one in sdk.seen:
        named = contract.operation(one.method, one.path.removeprefix("/2.0"))
        if named is not None:
            problems += contract.problems(named, one.status, one.content_type, one.body)
    return problems


GRANTED: list[tuple[Who, Ask]] = [
    *((service, ask) for ask in (ask_me, ask_users, ask_groups, ask_streaming, ask_history)),
    *((service, ask) for ask in (ask_root, ask_webhooks, ask_pins)),
    (lambda sdk: sdk.ccg(), ask_users),
    (of("files-only"), ask_root),
    (of("files-only"), ask_me),
    (of("gcm"), ask_whole),
    (person("admin"), ask_history),
    (person("coadmin"), ask_streaming),
    (person("managed"), ask_me),
    (person("managed"), ask_root),
    (as_user("managed"), ask_me),
    (as_user("app_user", "app-access"), ask_me),
    (quiet, ask_users),
    (quiet, ask_history),
    (versioned("2024.0"), ask_me),
]
REFUSED: list[tuple[Who, Ask, tuple[int, str | None, str]]] = [
    *((of("files-only"), ask, SCOPE) for ask in (ask_users, ask_groups, ask_streaming)),
    *((of("files-only"), ask, SCOPE) for ask in (ask_history, ask_webhooks, ask_pins)),
    *((person("managed"), ask, DENIED) for ask in (ask_users, ask_groups, ask_streaming)),
    *((person("managed"), ask, DENIED) for ask in (ask_history, ask_pins)),
    *((as_user("managed"), ask, DENIED) for ask in (ask_users, ask_groups, ask_pins)),
    *((as_user("managed"), ask, SCOPE) for ask in (ask_streaming, ask_history)),
    (service, ask_whole, SCOPE),
    (as_user("managed", "gcm"), ask_whole, SCOPE),
    (service, ask_webhook, NOT_FOUND),
    (service, ask_other_pins, NOT_FOUND),
    (as_user("managed", "no-user-tokens"), ask_me, SCOPE),
    (as_user("managed", "app-access"), ask_me, DENIED),
    (as_user("external"), ask_me, DENIED),
    (as_id("1"), ask_me, NOT_FOUND),
    *((versioned(version), ask_me, NO_VERSION) for version in ("1900.0", "2025.0", "later")),
]


def named(row: tuple[Any, ...]) -> str:
    return str(row[1].__name__)


@pytest.mark.parametrize("who, ask", GRANTED, ids=map(named, GRANTED))
def test_the_sdk_is_let_in(sdk: Sdk, contract: Contract, who: Who, ask: Ask) -> None:
    assert ask(who(sdk), sdk) is not None
    assert sdk.seen[-1].status == 200
    assert judged(contract, sdk) == []


@pytest.mark.parametrize("who, ask, expected", REFUSED, ids=map(named, REFUSED))
def test_the_sdk_is_refused_and_reported_why(
    sdk: Sdk, contract: Contract, who: Who, ask: Ask, expected: tuple[int, str | None, str]
) -> None:
    status, code, words = expected
    with pytest.raises(BoxAPIError) as caught:
        ask(who(sdk), sdk)
    answer = caught.value.response_info
    headers = {name.lower(): value for name, value in answer.headers.items()}
    assert (answer.status_code, answer.code) == (status, code)
    assert words in headers.get("www-authenticate", "")
    assert bool(words) is ("www-authenticate" in headers)
    assert headers["box-request-id"]
    assert judged(contract, sdk) == []


def test_a_service_account_is_nobody_to_act_for_not_even_itself(sdk: Sdk) -> None:
    me = sdk.service().users.get_user_me()
    with pytest.raises(BoxAPIError) as caught:
        sdk.service().with_as_user_header(me.id).users.get_user_me()
    assert caught.value.response_info.code == DENIED[1]


@pytest.mark.parametrize(
    "app, kind, words",
    [
        ("no-user-tokens", "managed", "Cannot obtain user token"),
        ("app-access", "managed", "Cannot obtain user token"),
        ("main", "external", "'sub' specified is invalid"),
        ("unauthorized", "managed", "not authorized by the enterprise admin"),
    ],
)
def test_a_user_token_is_refused_in_words_that_tell_why(
    sdk: Sdk, app: str, kind: str, words: str
) -> None:
    user = sdk.jwt_auth(app).with_user_subject(sdk.credentials["users"][kind])
    with pytest.raises(BoxAPIError) as caught:
        sdk.client(user).users.get_user_me()
    answer = caught.value.response_info
    assert answer.status_code == 400
    assert words in str(answer.body["error_description"])  # type: ignore[index]  # a JSON object


def raw(api: Api, uri: str, **headers: str) -> httpx.Response:
    given = {"X-Kloudless-Raw-Method": "GET", "X-Kloudless-Raw-URI": uri}
    given |= {f"X-Kloudless-{name.replace('_', '-')}": value for name, value in headers.items()}
    return api.call("POST", f"/accounts/{api.admin}/raw", headers=given)


def test_a_header_that_box_refuses_shows_that_kloudless_handed_it_on(
    api: Api, contract: Contract
) -> None:
    refused = raw(api, "/2.0/users/me", Raw_Headers='{"box-version":"1900.0"}')
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_api_version")
    assert refused.headers["box-request-id"]
    kind = refused.headers["content-type"]
    assert contract.problems("GET /users/me", 400, kind, refused.content) == []
    headers = {"X-Kloudless-Raw-Headers": '{"box-version":"1900.0"}'}
    for path in ("storage/folders/root", "team/users", "team/groups"):
        answer = api.call("GET", f"/accounts/{api.admin}/{path}", headers=headers)
        assert (answer.status_code, answer.json()["error_code"]) == (400, "request_failed")
        assert "box-version" in answer.json()["message"]
    assert raw(api, "/2.0/users/me", Raw_Headers="{}").status_code == 200


def test_suppressed_notifications_are_handed_on_and_accepted(api: Api) -> None:
    off = '{"Box-Notifications":"off"}'
    assert raw(api, "/2.0/users/me", Raw_Headers=off).status_code == 200
    headers = {"X-Kloudless-Raw-Headers": off}
    path = f"/accounts/{api.admin}/storage/folders/root"
    assert api.call("GET", path, headers=headers).status_code == 200


@pytest.mark.parametrize(
    "uri, status",
    [
        ("/2.0/users/me?fields=id", 200),
        ("/2.0/users/m%65", 200),
        ("/2.0/search?query=a%20b&limit=1", 200),
        ("/2.0/events?stream_type=admin_logs_streaming&stream_position=now", 200),
        ("/2.0/users/me#fragment", 400),
        ("/2.0/%2e%2e/sandbox/credentials", 404),
        ("/2.0/..%2fsandbox/credentials", 404),
        ("/sandbox/credentials", 400),
        ("//127.0.0.1/2.0/users/me", 400),
        ("http://127.0.0.1/2.0/users/me", 400),
        ("", 400),
    ],
)
def test_a_passed_through_address_is_one_of_boxs_api_and_read_as_box_reads_it(
    api: Api, uri: str, status: int
) -> None:
    answer = raw(api, uri)
    assert answer.status_code == status
    assert "app_id" not in answer.text


ALL_DATA = (
    "storage/folders/root", "team/users", "team/groups", "events", "events/latest",
    "subscriptions", "subscriptions/default", "subscriptions/default/activity",
)  # fmt: skip


@pytest.mark.parametrize("path", ALL_DATA)
def test_acting_for_somebody_out_of_reach_is_refused_on_every_data_call(
    api: Api, path: str
) -> None:
    where = f"/accounts/{api.admin}/{path}"
    assert api.call("GET", where).status_code == 200
    for nobody in ("uMQ==", "gMQ==", "u", "x", "1"):
        answer = api.call("GET", where, headers={"X-Kloudless-As-User": nobody})
        refused = (answer.status_code, answer.json()["error_code"])
        assert refused in {(403, "service_forbidden"), (400, "invalid_parameters")}, nobody
    one = str(api.people()[0]["id"])
    if not path.startswith("team"):
        headers = {"X-Kloudless-As-User": "uMQ=="}
        mine = f"/accounts/{one}/{path}"
        assert api.refused("GET", mine, headers=headers) == (403, "permission_denied")


def test_acting_for_a_user_of_the_organisation_works_where_it_means_something(api: Api) -> None:
    team = api.get(f"/accounts/{api.admin}/team/users", params={"page_size": 100})["objects"]
    user = next(one for one in team if one["role"] == "user")
    headers = {"X-Kloudless-As-User": user["id"]}
    for path in ("storage/folders/root", "events", "subscriptions"):
        assert api.call("GET", f"/accounts/{api.admin}/{path}", headers=headers).status_code == 200
    answer = raw(api, "/2.0/users/me?fields=id", As_User=user["id"])
    assert answer.json()["id"] == user["raw_id"]


def test_a_subscription_tells_where_its_cursor_is_and_when_it_moved(api: Api) -> None:
    where = f"/accounts/{api.admin}/subscriptions/default"
    page = api.get(f"{where}/activity", params={"page_size": 2})
    shown = api.get(where)
    assert (shown["active"], shown["disable_reason"]) == (True, None)
    assert shown["last_cursor"] == page["cursor"]
    assert shown["last_cursor_updated_at"].endswith("Z")
    listed = api.get(f"/accounts/{api.admin}/subscriptions")
    assert listed["objects"][0] == shown
    fields = {"id", "account", "type", "api", "active", "disable_reason", "subscription_type",
              "default", "expiry", "created", "modified", "last_cursor", "last_cursor_updated_at",
              "monitored_resources"}  # fmt: skip
    assert fields <= shown.keys()


def test_a_token_is_verified_only_as_a_single_bearer_token(api: Api) -> None:
    token = api.credentials["account_tokens"][api.admin]
    good = api.call("GET", "/oauth/token", headers={"Authorization": f"Bearer {token}"})
    assert good.json()["client_id"] == api.credentials["app_id"]
    assert str(good.json()["account_id"]) == api.admin
    for wrong in (f"Bearer {token},{token}", f"APIKey {token}", "Bearer", "Bearer x", token):
        answer = api.call("GET", "/oauth/token", headers={"Authorization": wrong})
        assert (answer.status_code, answer.json()["error_code"]) == (400, "invalid_token")


def test_the_catalogue_needs_no_key_and_knows_its_applications(api: Api) -> None:
    box = api.http.get("/v1/public/services/box").json()
    assert (box["name"], box["category"]) == ("box", "storage")
    app_id = api.credentials["app_id"]
    assert api.http.get(f"/v1/public/services/box?app_id={app_id}").json() == box
    for path in ("box?app_id=nobody", "nothing"):
        assert api.http.get(f"/v1/public/services/{path}").json()["error_code"] == "not_found"


def test_another_version_of_kloudless_is_not_answered_in_boxs_words(api: Api) -> None:
    for path in ("/v2/accounts", "/v0/accounts"):
        answer = api.http.get(path)
        assert (answer.status_code, answer.content) == (404, b"")
        assert "box-request-id" not in answer.headers

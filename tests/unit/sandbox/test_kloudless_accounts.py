"""Who is let in, and the accounts: list, get, import, change, delete."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox_kloudless import Api, kloudless_api
from tests.sandbox_server import SandboxServer

FIELDS = {
    "id", "account", "service", "service_name", "admin", "apis", "effective_scope", "active",
    "enabled", "created", "modified", "token_expiry", "refresh_token_expiry", "internal_use",
    "custom_properties", "object_definitions", "proxy_connection", "type", "api", "href",
}  # fmt: skip


@pytest.fixture
def api(sandbox: SandboxServer) -> Iterator[Api]:
    with kloudless_api(sandbox) as made:
        yield made


@pytest.fixture
def imported(api: Api) -> Iterator[dict[str, Any]]:
    body = {"account": f"{uuid.uuid4().hex}@import.example", "service": "box", "token": "test"}
    answer = api.call("POST", "/accounts/", json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    yield made
    api.call("DELETE", f"/accounts/{made['id']}")


@pytest.mark.parametrize(
    "header, expected",
    [
        ("", (403, "forbidden")),
        ("APIKey nobody", (403, "forbidden")),
        ("Bearer nobody", (403, "forbidden")),
        ("Basic abc", (403, "forbidden")),
        ("APIKey", (401, "authentication_required")),
        ("Bearer", (401, "authentication_required")),
    ],
)
def test_credential_that_is_missing_or_unknown(
    api: Api, header: str, expected: tuple[int, str]
) -> None:
    assert api.refused("GET", "/accounts", headers={"Authorization": header}) == expected


def test_no_authorization_header_at_all_is_forbidden(api: Api) -> None:
    answer = api.http.get("/v1/accounts/")
    assert (answer.status_code, answer.json()["error_code"]) == (403, "forbidden")


@pytest.mark.parametrize("scheme", ["APIKey", "ApiKey", "apikey"])
def test_scheme_of_the_key_is_matched_in_any_case(api: Api, scheme: str) -> None:
    header = {"Authorization": f"{scheme} {api.credentials['api_key']}"}
    assert api.get("/accounts/", headers=header)["total"] > 1


@pytest.mark.parametrize("form", ["DeveloperKey {}", "APIKey {},nobody", "Token {}", "Bearer {}"])
def test_a_key_opens_nothing_in_another_scheme_or_a_list(api: Api, form: str) -> None:
    header = {"Authorization": form.format(api.credentials["api_key"])}
    assert api.refused("GET", "/accounts", headers=header) == (403, "forbidden")


def test_more_slashes_than_one_are_no_form_of_it(api: Api) -> None:
    assert api.refused("GET", "/accounts//") == (404, "not_found")


def test_both_forms_of_the_slash(api: Api) -> None:
    for path in ("/accounts", f"/accounts/{api.admin}", f"/accounts/{api.admin}/team/users"):
        assert api.call("GET", path).json() == api.call("GET", f"{path}/").json()


def test_browser_may_call_from_another_origin(api: Api) -> None:
    asked = {
        "Origin": "http://localhost:3000",
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "authorization, x-kloudless-source",
    }
    preflight = api.http.options("/v1/accounts/me", headers=asked)
    assert preflight.status_code == 204
    assert "x-kloudless-source" in preflight.headers["access-control-allow-headers"]
    answer = api.call("GET", "/accounts", headers={"Origin": "http://localhost:3000"})
    assert answer.headers["access-control-allow-origin"] == "*"


def test_address_and_method_that_nobody_serves(api: Api) -> None:
    assert api.refused("GET", "/nothing") == (404, "not_found")
    assert api.refused("PUT", "/accounts") == (405, "method_not_allowed")
    assert api.refused("GET", f"/accounts/{api.admin}/raw") == (405, "method_not_allowed")


def test_list_envelope_and_numbered_pages(api: Api) -> None:
    first = api.get("/accounts")
    assert first["type"] == "object_list"
    assert first["api"] == "meta"
    assert first["count"] == len(first["objects"]) == 10
    assert first["page"] == 1
    second = api.get("/accounts", params={"page": 2})
    assert first["count"] + second["count"] == first["total"] == second["total"]
    assert not {a["id"] for a in first["objects"]} & {a["id"] for a in second["objects"]}
    assert api.refused("GET", "/accounts", params={"page": 3}) == (404, "not_found")
    for params in ({"page": 0}, {"page": "x"}, {"page_size": 0}, {"page_size": 1001}):
        assert api.refused("GET", "/accounts", params=params) == (400, "invalid_parameters")


def test_default_world_has_every_kind_of_account(api: Api) -> None:
    accounts = api.accounts()
    assert [a["id"] for a in accounts if a["admin"]] == [int(api.admin)]
    assert sum(1 for a in accounts if not a["enabled"]) == 1
    assert {a["service"] for a in accounts} > {"box", "gdrive"}
    assert all(set(a) == FIELDS for a in accounts)
    assert all(100_000_000 <= a["id"] <= 999_999_999 for a in accounts)
    assert set(api.credentials["account_tokens"]) == {str(a["id"]) for a in accounts}


def test_filters_of_the_list(api: Api) -> None:
    def count(**params: Any) -> int:
        return int(api.get("/accounts", params=params)["total"])

    everything = len(api.accounts())
    assert count(admin="True") == 1
    assert count(admin="false") == everything - 1
    assert count(enabled="false") == count(active="False") == 1
    assert count(search="automationuser") == 1
    assert count(search="nobody@nowhere") == 0
    assert api.refused("GET", "/accounts", params={"admin": "yes"})[0] == 400


def test_bearer_sees_its_own_account_only(api: Api) -> None:
    mine, other = api.people()[:2]
    header = api.token(mine["id"])
    assert [a["id"] for a in api.get("/accounts", headers=header)["objects"]] == [mine["id"]]
    assert api.get("/accounts/me", headers=header)["id"] == mine["id"]
    foreign = ("GET", f"/accounts/{other['id']}")
    assert api.refused(*foreign, headers=header) == (403, "permission_denied")
    assert api.refused("GET", "/accounts/999", headers=header) == (404, "not_found")
    assert api.refused("GET", "/accounts/me") == (400, "bad_request")
    assert api.refused("GET", "/accounts/abc") == (404, "not_found")


def test_several_tokens_open_several_accounts_in_order(api: Api) -> None:
    one, two = (str(a["id"]) for a in api.people()[:2])
    tokens = api.credentials["account_tokens"]
    header = {"Authorization": f"Bearer {tokens[one]},{tokens[two]}"}
    found = api.get(f"/accounts/{one},{two}", headers=header)["objects"]
    assert [str(a["id"]) for a in found] == [one, two]
    assert api.get("/accounts", headers=header)["total"] == 2
    swapped = api.refused("GET", f"/accounts/{two},{one}", headers=header)
    assert swapped == (403, "permission_denied")
    events = api.refused("GET", f"/accounts/{one},{two}/events", headers=header)
    assert events == (400, "invalid_parameters")


def test_token_of_another_application_opens_nothing_of_ours(api: Api) -> None:
    header = {"Authorization": f"Bearer {api.credentials['foreign_token']}"}
    foreign = api.get("/accounts", headers=header)["objects"]
    assert foreign[0]["id"] not in {a["id"] for a in api.accounts()}
    assert api.refused("GET", f"/accounts/{foreign[0]['id']}") == (404, "not_found")


def test_retrieve_full_and_tokens(api: Api) -> None:
    path = f"/accounts/{api.admin}"
    capabilities = api.get(path)["properties"]["capabilities"]
    assert capabilities["can_list_users"] == {"value": True}
    assert "properties" not in api.get(path, params={"retrieve_full": "False"})
    assert "token" in api.get(path, params={"retrieve_tokens": "true"})
    options = {"headers": api.token(api.admin), "params": {"retrieve_tokens": "true"}}
    assert "token" not in api.get(path, **options)


def test_import_takes_a_token_it_does_not_check(api: Api, imported: dict[str, Any]) -> None:
    assert set(imported) == FIELDS | {"properties"}
    assert imported["admin"] is False
    path = f"/accounts/{imported['id']}"
    assert api.refused("GET", f"{path}/storage/folders/root") == (401, "service_unauthorized")
    assert api.refused("GET", f"{path}/events") == (401, "service_unauthorized")
    subscriptions = api.get(f"{path}/subscriptions")["objects"]
    assert [s["default"] for s in subscriptions] == [True]


def test_import_with_a_living_token_can_be_called(api: Api) -> None:
    body = {"account": "dev", "service": "box", "token": api.box["developer_token"]}
    made = api.call("POST", "/accounts", json=body).json()
    again = api.call("POST", "/accounts", json={**body, "account": "dev again"}).json()
    assert again["id"] == made["id"]
    assert again["account"] == "dev again"
    root = api.get(f"/accounts/{made['id']}/storage/folders/root")
    assert root["raw_id"] == "0"
    assert api.get(f"/accounts/{made['id']}/events")["type"] == "object_list"
    api.call("DELETE", f"/accounts/{made['id']}")


@pytest.mark.parametrize(
    "body, code",
    [
        ({}, "invalid_parameters"),
        ({"account": "a", "service": "box"}, "invalid_parameters"),
        ({"account": "a", "token": "t"}, "invalid_parameters"),
        ({"account": "a", "service": "nobody", "token": "t"}, "invalid_parameters"),
        ({"account": "a", "service": "sharepoint", "token": "t"}, "invalid_parameters"),
        ({"account": "a", "service": "box", "token": 1}, "invalid_parameters"),
        ({"account": "a", "service": "box", "token": "t", "shoe": 1}, "invalid_parameters"),
        ({"account": "a", "service": "box", "token": "t", "enabled": "x"}, "invalid_parameters"),
        ({"account": "a", "service": "box", "token": "t", "admin": True}, "invalid_parameters"),
        (
            {"account": "a", "service": "box", "token": "t", "token_expiry": "soon"},
            "invalid_parameters",
        ),
        (
            {"account": "a", "service": "box", "token": "t", "admin": True, "enterprise_id": "1"},
            "request_failed",
        ),
    ],
)
def test_import_that_is_refused(api: Api, body: dict[str, Any], code: str) -> None:
    assert api.refused("POST", "/accounts", json=body) == (400, code)


def test_import_of_an_organisation_is_proved_by_an_admins_token(api: Api) -> None:
    body = {
        "account": "organisation",
        "service": "box",
        "token": api.box["developer_token"],
        "admin": True,
        "enterprise_id": api.box["ccg"]["enterprise_id"],
    }
    made = api.call("POST", "/accounts", json=body)
    assert made.status_code == 201, made.text
    assert made.json()["admin"] is True
    assert str(made.json()["id"]) == api.admin, "the same upstream identity is the same account"
    assert api.get(f"/accounts/{api.admin}/team/users")["count"] > 0
    refused = api.refused("POST", "/accounts", json={**body, "token": "nobody"})
    assert refused == (400, "request_failed")


def test_import_needs_the_api_key_and_json(api: Api) -> None:
    header = api.token(api.people()[0]["id"])
    body = {"account": "a", "service": "box", "token": "t"}
    assert api.refused("POST", "/accounts", json=body, headers=header) == (403, "forbidden")
    assert api.refused("POST", "/accounts", content=b"{") == (400, "bad_request")
    assert api.refused("POST", "/accounts", content=b"[]") == (400, "bad_request")


def test_update_changes_name_and_state_but_never_the_service(
    api: Api, imported: dict[str, Any]
) -> None:
    path = f"/accounts/{imported['id']}"
    changed = api.call("PATCH", path, json={"enabled": False, "account": "new name"}).json()
    assert (changed["enabled"], changed["active"]) == (False, False)
    assert changed["account"] == "new name"
    assert changed["modified"] >= imported["modified"]
    assert api.refused("GET", f"{path}/storage/recent") == (403, "forbidden")
    assert api.refused("PATCH", path, json={"service": "gdrive"}) == (400, "invalid_parameters")
    assert api.call("PATCH", path, json={"service": "box"}).status_code == 200


def test_new_token_brings_an_account_back(api: Api, imported: dict[str, Any]) -> None:
    path = f"/accounts/{imported['id']}"
    assert api.refused("GET", f"{path}/storage/folders/root")[0] == 401
    api.call("PATCH", path, json={"token": api.box["developer_token"]})
    assert api.get(f"{path}/storage/folders/root")["type"] == "folder"


def test_deleted_account_is_gone_with_its_tokens(api: Api) -> None:
    body = {"account": "gone", "service": "box", "token": "test"}
    made = api.call("POST", "/accounts", json=body).json()
    token = api.http.get("/sandbox/credentials").json()["kloudless"]["account_tokens"]
    assert str(made["id"]) not in token
    answer = api.call("DELETE", f"/accounts/{made['id']}")
    assert (answer.status_code, answer.content) == (204, b"")
    for method in ("GET", "DELETE"):
        assert api.refused(method, f"/accounts/{made['id']}") == (404, "not_found")


def test_upstream_ids_become_ours(api: Api) -> None:
    account = api.people()[0]["id"]
    for path in ("encode_raw_id", "storage/convert_id"):
        for name in ("raw_id", "id"):
            body = {name: "0", "type": "folder"}
            made = api.call("POST", f"/accounts/{account}/{path}", json=body).json()
            root = api.get(f"/accounts/{account}/storage/folders/{made['id']}")
            assert root["raw_id"] == "0"
    wrong = ("POST", f"/accounts/{account}/encode_raw_id")
    refused = api.refused(*wrong, json={"raw_id": "1", "type": "shoe"})
    assert refused == (400, "invalid_resource_type")
    assert api.refused(*wrong, json={"type": "file"}) == (400, "invalid_parameters")
    user = api.call(*wrong, json={"raw_id": "7", "type": "user"}).json()
    assert user["id"].startswith("u")


def test_other_services_are_only_listed(api: Api) -> None:
    other = next(a for a in api.accounts() if a["service"] == "gdrive")
    answer = api.refused("GET", f"/accounts/{other['id']}/storage/folders/root")
    assert answer == (501, "not_implemented")


def test_catalogue_of_services_needs_no_credential(api: Api) -> None:
    listed = api.http.get("/v1/public/services/?apis=storage").json()
    assert {"box", "gdrive"} <= {s["name"] for s in listed["objects"]}
    assert "salesforce" not in {s["name"] for s in listed["objects"]}
    box = api.http.get("/v1/public/services/box").json()
    assert box["friendly_name"] == "Box"
    assert api.http.get("/v1/public/services/nobody").status_code == 404

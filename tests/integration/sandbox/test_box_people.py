"""Users, groups, memberships: pages, filters, fields and whom they are refused to."""

import re
from typing import Any

import httpx
import pytest

from tests.integration.sandbox.box_calls import Box

USER_STANDARD = {
    "type", "id", "name", "login", "created_at", "modified_at", "language", "timezone",
    "space_amount", "space_used", "max_upload_size", "status", "job_title", "phone", "address",
    "avatar_url", "notification_email",
}  # fmt: skip


def denied(answer: httpx.Response) -> None:
    assert answer.status_code == 403
    assert answer.json()["code"] == "access_denied_insufficient_permissions"
    assert answer.json()["message"] == "Access denied - insufficient permission"


def scope_missing(answer: httpx.Response) -> None:
    assert (answer.status_code, answer.content) == (403, b"")
    assert 'error="insufficient_scope"' in answer.headers["www-authenticate"]
    assert answer.headers["box-request-id"]


def test_no_token_is_an_empty_401(box: Box) -> None:
    for token in (None, "wrong"):
        answer = box.get("/users/me", token)
        assert (answer.status_code, answer.content) == (401, b"")
        assert answer.headers["www-authenticate"] == (
            'Bearer realm="Service", error="invalid_token", '
            'error_description="The access token provided is invalid."'
        )
        assert answer.headers["content-length"] == "0"
        assert answer.headers["box-request-id"]


def test_me_has_the_standard_fields(box: Box) -> None:
    assert set(box.get("/users/me", box.token()).json()) == USER_STANDARD


def test_fields_are_mini_plus_what_was_named_and_unknown_names_are_ignored(box: Box) -> None:
    answer = box.get("/users/me", box.token(), fields="role,enterprise,nothing").json()
    assert set(answer) == {"type", "id", "name", "login", "role", "enterprise"}
    assert answer["enterprise"]["id"] == box.credentials["ccg"]["enterprise_id"]


def test_users_by_offset_and_by_marker_are_the_same(box: Box) -> None:
    token = box.token()
    by_offset: list[str] = []
    while True:
        page = box.get("/users", token, limit=17, offset=len(by_offset)).json()
        by_offset += [one["id"] for one in page["entries"]]
        assert (page["limit"], "next_marker" in page) == (17, False)
        if len(by_offset) >= page["total_count"]:
            break
    by_marker: list[str] = []
    marker = ""
    while True:
        page = box.get("/users", token, limit=17, usemarker="true", marker=marker).json()
        by_marker += [one["id"] for one in page["entries"]]
        assert "total_count" not in page
        marker = page["next_marker"]
        if not marker:
            break
    assert by_offset == by_marker
    assert len(set(by_offset)) == len(by_offset) > 50


@pytest.mark.parametrize(
    "params,status",
    [
        ({"limit": 5000}, 200),
        ({"limit": 0}, 400),
        ({"limit": -1}, 400),
        ({"limit": "many"}, 400),
        ({"offset": 10_000}, 200),
        ({"offset": 10_001}, 400),
        ({"offset": "x"}, 400),
        ({"usemarker": "perhaps"}, 400),
        ({"usemarker": "true", "marker": "x"}, 400),
        ({"user_type": "alien"}, 400),
    ],
    ids=str,
)
def test_parameters_of_users(box: Box, params: dict[str, Any], status: int) -> None:
    answer = box.get("/users", box.token(), **params)
    assert answer.status_code == status
    if status == 200:
        assert answer.json()["limit"] <= 1000
    else:
        body = answer.json()
        assert (body["type"], body["status"]) == ("error", 400)
        assert body["request_id"] != answer.headers["box-request-id"]


def test_a_marker_of_another_list_is_refused(box: Box) -> None:
    token = box.token()
    marker = box.get("/users", token, usemarker="true", limit=1).json()["next_marker"]
    assert box.get("/recent_items", token, marker=marker).status_code == 400


def test_the_service_account_is_not_listed(box: Box) -> None:
    token = box.token()
    me = box.get("/users/me", token).json()["id"]
    listed = [one["id"] for one in box.get("/users", token, limit=1000).json()["entries"]]
    assert me not in listed
    assert box.credentials["users"]["app_user"] in listed
    assert box.credentials["users"]["external"] not in listed


def test_filter_term_is_a_prefix_and_externals_need_their_whole_login(box: Box) -> None:
    token = box.token()
    external = box.get(f"/users/{box.credentials['users']['external']}", token).json()
    managed = box.get(f"/users/{box.credentials['users']['managed']}", token).json()
    for term in (managed["login"][:6], managed["name"][:4].upper()):
        found = box.get("/users", token, filter_term=term).json()["entries"]
        assert managed["id"] in [one["id"] for one in found]
        assert all(
            one["login"].lower().startswith(term.lower())
            or one["name"].lower().startswith(term.lower())
            for one in found
        )
    part, whole = external["login"][:-1], external["login"]
    for kind, term, expected in (
        ("external", whole, [external["id"]]),
        ("all", whole, [external["id"]]),
        ("external", part, []),
        ("managed", whole, []),
    ):
        page = box.get("/users", token, user_type=kind, filter_term=term).json()
        assert [one["id"] for one in page["entries"]] == expected


def test_of_an_external_user_little_is_shown(box: Box) -> None:
    external = box.credentials["users"]["external"]
    body = box.get(f"/users/{external}", box.token()).json()
    assert body["id"] == external
    assert body["space_used"] is None
    assert body["created_at"] is None


def test_an_unknown_user_is_404(box: Box) -> None:
    body = box.get("/users/1", box.token()).json()
    assert (body["status"], body["code"]) == (404, "not_found")


def test_users_and_groups_need_scope_and_an_admin(box: Box) -> None:
    paths = ("/users", "/groups")
    for path in paths:
        scope_missing(box.get(path, box.token("files-only")))
        denied(box.get(path, box.token(user=box.credentials["users"]["managed"])))
        for who in ("admin", "coadmin"):
            token = box.token(user=box.credentials["users"][who])
            assert box.get(path, token).status_code == 200


def test_app_access_sees_app_users_only(box: Box) -> None:
    page = box.get("/users", box.token("app-access")).json()
    assert page["entries"]
    assert all(one["login"].startswith("AppUser_") for one in page["entries"])
    managed = box.credentials["users"]["managed"]
    assert box.get(f"/users/{managed}", box.token("app-access")).status_code == 404


def test_a_user_reads_themselves_and_nobody_else(box: Box) -> None:
    managed = box.credentials["users"]["managed"]
    token = box.token(user=managed)
    assert box.get(f"/users/{managed}", token).status_code == 200
    denied(box.get(f"/users/{box.credentials['users']['admin']}", token))


def test_memberships_agree_from_both_sides(box: Box) -> None:
    token = box.token()
    groups = box.get("/groups", token).json()["entries"]
    assert {one["group_type"] for one in groups} <= {"managed_group", "all_users_group"}
    group = groups[0]["id"]
    members = box.get(f"/groups/{group}/memberships", token, limit=1000).json()["entries"]
    assert members
    for one in members[:3]:
        theirs = box.get(f"/users/{one['user']['id']}/memberships", token, limit=1000).json()
        assert one["id"] in [other["id"] for other in theirs["entries"]]
        assert box.get(f"/group_memberships/{one['id']}", token).json() == one
    assert box.get("/groups/1", token).status_code == 404
    assert box.get("/groups/1/memberships", token).status_code == 404
    assert box.get("/group_memberships/1", token).status_code == 404


def test_as_user_runs_as_that_user(box: Box) -> None:
    token, managed = box.token(), box.credentials["users"]["managed"]
    for name in ("As-User", "AS-USER", "as-user"):
        answer = box.get("/users/me", token, headers={name: managed})
        assert answer.json()["id"] == managed
    denied(box.get("/users", token, headers={"As-User": managed}))


def test_as_user_is_refused(box: Box) -> None:
    users = box.credentials["users"]
    service, admin = box.token(), box.token(user=users["admin"])
    me = box.get("/users/me", service).json()["id"]

    def acting(token: str, user: str) -> httpx.Response:
        return box.get("/users/me", token, headers={"As-User": user})

    scope_missing(acting(box.token("no-user-tokens"), users["managed"]))
    denied(acting(service, users["external"]))
    denied(acting(admin, me))
    denied(acting(service, me))
    assert acting(service, "1").status_code == 404
    denied(acting(box.token(user=users["managed"]), users["app_user"]))
    coadmin = box.token(user=users["coadmin"])
    denied(acting(coadmin, users["admin"]))
    assert acting(coadmin, users["managed"]).status_code == 200
    assert acting(admin, users["coadmin"]).status_code == 200
    denied(acting(box.token("app-access"), users["managed"]))
    assert acting(box.token("app-access"), users["app_user"]).status_code == 200


def test_as_user_with_oauth_needs_the_scope_that_support_gives(box: Box) -> None:
    users = box.credentials["users"]
    login = box.get(f"/users/{users['admin']}", box.token()).json()["login"]
    headers = {"As-User": users["managed"]}
    plain = box.signed_in(login)["access_token"]
    scope_missing(box.get("/users/me", plain, headers=headers))
    asked = box.signed_in(login, "oauth-behalf")["access_token"]
    assert box.get("/users/me", asked, headers=headers).json()["id"] == users["managed"]


@pytest.mark.parametrize(
    "version,message",
    [
        ("2024.0", None),
        (
            "2025.0",
            (
                "Invalid API version specified in 'box-version' header. "
                "Supported API versions: [2024.0]."
            ),
        ),
        ("", "Invalid (empty) API version specified in 'box-version' header."),
        ("latest", "Unsupported API version specified in 'box-version' header."),
    ],
)
def test_box_version(box: Box, version: str, message: str | None) -> None:
    answer = box.get("/users/me", box.token(), headers={"box-version": version})
    if message is None:
        assert answer.status_code == 200
    else:
        body = answer.json()
        assert (body["status"], body["code"]) == (400, "invalid_api_version")
        assert body["message"] == message


def test_an_endpoint_of_2025_wants_its_version_said(box: Box) -> None:
    path = f"/enterprise_configurations/{box.credentials['ccg']['enterprise_id']}"
    token = box.token()
    bare = box.get(path, token, categories="security").json()
    assert (bare["code"], bare["message"]) == (
        "invalid_api_version",
        "Missing required box-version header.",
    )
    old = box.get(path, token, headers={"box-version": "2024.0"}, categories="security").json()
    assert old["message"].endswith("Supported API versions: [2025.0].")
    new = {"box-version": "2025.0"}
    answer = box.get(path, token, headers=new, categories="security,shield")
    assert set(answer.json()) == {"security", "shield"}
    assert answer.headers["box-version"] == "2025.0"
    assert box.get(path, token, headers=new).status_code == 400
    assert box.get(path, token, headers=new, categories="taste").status_code == 400
    foreign = "/enterprise_configurations/1"
    assert box.get(foreign, token, headers=new, categories="security").status_code == 404


def test_device_pins_are_pages_by_number(box: Box) -> None:
    path = f"/enterprises/{box.credentials['ccg']['enterprise_id']}/device_pinners"
    token, found, marker = box.token(), [], ""
    while True:
        page = box.get(path, token, limit=5, marker=marker).json()
        found += [one["owned_by"]["id"] for one in page["entries"]]
        marker = page.get("next_marker")
        if marker is None:
            break
    assert len(set(found)) == len(found) > 5
    backwards = box.get(path, token, limit=1000, direction="DESC").json()["entries"]
    assert [one["owned_by"]["id"] for one in backwards] == found[::-1]


@pytest.mark.parametrize(
    "method,path,status",
    [
        ("GET", "/oauth2/token", 405),
        ("PUT", "/oauth2/revoke", 405),
        ("DELETE", "/api/oauth2/authorize", 405),
        ("PROPFIND", "/2.0/users/me", 405),
        ("GET", "/2.1/users/me", 404),
        ("GET", "/2.0", 404),
        ("POST", "/oauth2/nothing", 404),
        ("GET", "/api/nothing", 404),
    ],
)
def test_regression_what_box_has_not_is_refused_in_its_words(
    box: Box, method: str, path: str, status: int
) -> None:
    answer = box.http.request(method, path)
    body = answer.json()
    assert (answer.status_code, body["status"], body["type"]) == (status, status, "error")
    assert body["code"] == {404: "not_found", 405: "method_not_allowed"}[status]
    assert re.fullmatch(r"[0-9a-f]{33}", answer.headers["box-request-id"])
    assert body["request_id"] != answer.headers["box-request-id"]
    assert ("POST" in answer.headers.get("allow", "")) == (status == 405)


def test_only_boxs_answers_carry_its_request_id(box: Box) -> None:
    for path in ("/sandbox/nothing", "/sandbox/log", "/v1/nothing"):
        assert "box-request-id" not in box.http.get(path).headers


def test_unknown_routes_and_methods(box: Box) -> None:
    token = box.token()
    for path in ("/nothing", "/users/me/nothing"):
        assert box.get(path, token).json()["code"] == "not_found"
    assert box.http.get("/3.0/users/me").status_code == 404
    answer = box.get("/users/me", token, method="DELETE")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert box.get("/users/me", None, method="DELETE").status_code == 401

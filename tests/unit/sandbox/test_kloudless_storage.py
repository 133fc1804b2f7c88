"""Team, storage and pass-through: what Kloudless says of Box's data, and for whom."""

import base64
import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox_kloudless import Api, kloudless_api
from tests.sandbox_server import SandboxServer


@pytest.fixture
def api(sandbox: SandboxServer) -> Iterator[Api]:
    with kloudless_api(sandbox) as made:
        yield made


@pytest.fixture
def person(api: Api) -> str:
    """The account of one living person."""
    return str(api.people()[0]["id"])


def user_id(raw_id: str) -> str:
    return "u" + base64.urlsafe_b64encode(raw_id.encode()).decode()


def pages(api: Api, path: str, **params: Any) -> Iterator[dict[str, Any]]:
    while True:
        page = api.get(path, params=params)
        assert page["count"] == len(page["objects"])
        yield page
        if page["next_page"] is None:
            return
        params["page"] = page["next_page"]


def objects(api: Api, path: str, **params: Any) -> list[dict[str, Any]]:
    return [found for page in pages(api, path, **params) for found in page["objects"]]


def test_users_by_pages_are_the_same_as_in_one(api: Api) -> None:
    path = f"/accounts/{api.admin}/team/users"
    whole = objects(api, path, page_size=1000)
    assert [u["id"] for u in objects(api, path, page_size=9)] == [u["id"] for u in whole]
    user = whole[0]
    assert {"id", "name", "email", "role", "type", "api"} <= set(user)
    assert (user["type"], user["api"]) == ("user", "team")
    assert api.get(f"{path}/{user['id']}")["email"] == user["email"]
    assert api.box["users"]["external"] not in {u["raw_id"] for u in whole}


def test_groups_members_and_memberships_agree(api: Api) -> None:
    team = f"/accounts/{api.admin}/team"
    group = objects(api, f"{team}/groups")[1]
    assert api.get(f"{team}/groups/{group['id']}")["name"] == group["name"]
    members = objects(api, f"{team}/groups/{group['id']}/members", page_size=3)
    assert members
    mine = objects(api, f"{team}/users/{members[0]['id']}/memberships")
    assert group["id"] in {found["id"] for found in mine}


@pytest.mark.parametrize("path", ["users", "groups", "users/u1", "groups/g1/members"])
def test_team_needs_an_admin_account(api: Api, person: str, path: str) -> None:
    refused = api.refused("GET", f"/accounts/{person}/team/{path}")
    assert refused == (403, "permission_denied")


@pytest.mark.parametrize("path", ["users/nobody", "users/uOTk5", "groups/gOTk5", "users/gOTk5"])
def test_member_that_does_not_exist(api: Api, path: str) -> None:
    assert api.refused("GET", f"/accounts/{api.admin}/team/{path}") == (404, "not_found")


def test_page_of_another_list_is_refused(api: Api) -> None:
    team = f"/accounts/{api.admin}/team"
    users = api.get(f"{team}/users", params={"page_size": 3})["next_page"]
    for page in (users, "2", "nonsense"):
        refused = api.refused("GET", f"{team}/groups", params={"page": page})
        assert refused == (400, "invalid_parameters")


def test_folder_and_its_contents(api: Api, person: str) -> None:
    storage = f"/accounts/{person}/storage"
    root = api.get(f"{storage}/folders/root")
    assert root["type"] == "folder"
    assert root["can_upload_files"] is True
    assert api.get(f"{storage}/folders/{root['id']}")["id"] == root["id"]
    children = objects(api, f"{storage}/folders/root/contents", page_size=2)
    assert [c["id"] for c in children] == [
        c["id"] for c in objects(api, f"{storage}/folders/{root['id']}/contents")
    ]
    assert all(child["parent"]["id"] == root["id"] for child in children)
    assert all(child["account"] == int(person) for child in children)


def test_recursive_contents_are_the_whole_tree_once(api: Api, person: str) -> None:
    contents = f"/accounts/{person}/storage/folders/{{}}/contents"
    top = next(c for c in objects(api, contents.format("root")) if c["type"] == "folder")

    def walk(folder_id: str) -> list[str]:
        found = []
        for child in objects(api, contents.format(folder_id), page_size=1000):
            found.append(child["id"])
            if child["type"] == "folder" and len(found) < 400:
                found += walk(child["id"])
        return found

    def whole(size: int) -> list[str]:
        path = contents.format(top["id"])
        return [c["id"] for c in objects(api, path, recursive="True", page_size=size)]

    expected = walk(top["id"])
    assert whole(1000) == expected
    assert len(set(expected)) == len(expected)
    if len(expected) < 600:
        assert whole(37) == expected


def test_file_has_the_fields_of_the_contract(api: Api, person: str) -> None:
    storage = f"/accounts/{person}/storage"
    listed = api.get(f"{storage}/recent")["objects"][0]
    file = api.get(f"{storage}/files/{listed['id']}")
    assert file == listed
    assert {
        "id", "name", "size", "created", "modified", "type", "account", "parent", "ancestors",
        "path", "mime_type", "downloadable", "owner", "creator", "last_modifier", "raw_id", "ids",
        "id_type", "api",
    } <= set(file)  # fmt: skip
    assert file["modified"].endswith("Z")
    assert file["id"].startswith("F")
    assert file["raw_id"] not in file["id"]
    assert "raw" not in file
    assert file["path"].endswith(f"/{file['name']}")
    as_folder = api.refused("GET", f"{storage}/folders/{file['id']}")
    assert as_folder == (404, "not_found")


def test_raw_data_adds_boxs_own_object(api: Api, person: str) -> None:
    path = f"/accounts/{person}/storage/folders/root"
    found = api.get(path, headers={"X-Kloudless-Raw-Data": "true"})
    assert found["raw"]["id"] == "0"
    assert found["raw"]["object"]["type"] == "folder"
    assert "raw" not in api.get(path, headers={"X-Kloudless-Raw-Data": "false"})
    refused = api.refused("GET", path, headers={"X-Kloudless-Raw-Data": "True"})
    assert refused == (400, "invalid_parameters")


def test_same_file_has_another_id_in_another_account_and_one_shared(api: Api) -> None:
    accounts = [str(a["id"]) for a in api.people()[:2]]
    roots = [api.get(f"/accounts/{a}/storage/folders/root") for a in accounts]
    assert roots[0]["id"] != roots[1]["id"]
    assert roots[0]["ids"]["shared"] == roots[1]["ids"]["shared"]
    foreign = f"/accounts/{accounts[0]}/storage/folders/{roots[1]['id']}"
    assert api.refused("GET", foreign) == (404, "not_found")


def test_recent_is_newest_first_and_after_excludes_its_own_instant(api: Api, person: str) -> None:
    path = f"/accounts/{person}/storage/recent"
    first = api.get(path, params={"page_size": 10})
    modified = [item["modified"] for item in first["objects"]]
    assert modified == sorted(modified, reverse=True)
    assert first["total"] > 10
    second = api.get(path, params={"page_size": 10, "page": 2})["objects"]
    assert second[0]["modified"] <= modified[-1]
    after = api.get(path, params={"after": modified[4], "page_size": 100})["objects"]
    assert [i["id"] for i in after] == [
        i["id"] for i in first["objects"] if i["modified"] > modified[4]
    ]
    assert api.get(path, params={"after": "yesterday"})["objects"] == []
    assert api.refused("GET", path, params={"page": 0}) == (400, "invalid_parameters")
    assert api.refused("GET", path, params={"page": 9999}) == (404, "not_found")


def test_recent_and_search_take_several_accounts(api: Api) -> None:
    one, two = (str(a["id"]) for a in api.people()[:2])
    both = api.get(f"/accounts/{one},{two}/storage/recent", params={"page_size": 1000})
    assert {str(item["account"]) for item in both["objects"]} == {one, two}
    path = f"/accounts/{one},{two}/storage/search"
    found = objects(api, path, q="plan", page_size=200)
    assert {str(item["account"]) for item in found} == {one, two}


def test_search_needs_a_query_and_stays_below_its_parents(api: Api) -> None:
    person = api.people()[2]["id"]  # nobody else's searches: Box takes 6 a second of a user
    storage = f"/accounts/{person}/storage"
    path = f"{storage}/search"
    for params in (
        {},
        {"q": ""},
        {"q": " "},
        {"q": "a", "lang": "sql"},
        {"q": "a", "parents": "x"},
    ):
        assert api.refused("GET", path, params=params) == (400, "invalid_parameters")
    file = api.get(f"{storage}/recent")["objects"][0]
    word = file["name"].rpartition(".")[0]
    found = objects(api, path, q=word, page_size=200)
    assert file["id"] in {item["id"] for item in found}
    below = objects(api, path, q=word, page_size=200, parents=file["parent"]["id"])
    assert file["id"] in {item["id"] for item in below}
    assert len(below) <= len(found)


def test_admin_sees_a_persons_content_only_as_that_person(api: Api) -> None:
    storage = f"/accounts/{api.admin}/storage/folders/root/contents"
    as_user = {"X-Kloudless-As-User": user_id(api.box["users"]["managed"])}
    alone, acting = api.get(storage), api.get(storage, headers=as_user)
    assert acting["count"] > alone["count"]


@pytest.mark.parametrize("who", ["external"])
def test_as_user_outside_the_organisation_is_refused_by_box(api: Api, who: str) -> None:
    headers = {"X-Kloudless-As-User": user_id(api.box["users"][who])}
    refused = api.refused("GET", f"/accounts/{api.admin}/storage/folders/root", headers=headers)
    assert refused == (403, "service_forbidden")


def test_as_user_is_for_admin_accounts_and_existing_people(api: Api, person: str) -> None:
    path = "/accounts/{}/storage/folders/root"
    headers = {"X-Kloudless-As-User": user_id(api.box["users"]["managed"])}
    assert api.refused("GET", path.format(person), headers=headers) == (403, "permission_denied")
    headers = {"X-Kloudless-As-User": "nobody"}
    assert api.refused("GET", path.format(api.admin), headers=headers)[0] == 400


@pytest.mark.parametrize("path", ["storage/folders/root/contents", "team/users", "recent"])
def test_regression_as_user_with_an_id_nobody_has_is_forbidden(api: Api, path: str) -> None:
    headers = {"X-Kloudless-As-User": user_id("99999999999")}
    path = f"/accounts/{api.admin}/{path.replace('recent', 'storage/recent')}"
    assert api.refused("GET", path, headers=headers) == (403, "service_forbidden")


def raw(api: Api, account: str, method: str, uri: str, **options: Any) -> Any:
    headers = {
        "X-Kloudless-Raw-Method": method,
        "X-Kloudless-Raw-URI": uri,
        **options.pop("headers", {}),
    }
    return api.call("POST", f"/accounts/{account}/raw", headers=headers, **options)


def test_pass_through_gives_boxs_own_answer(api: Api) -> None:
    me = raw(api, api.admin, "GET", "/2.0/users/me?fields=id,login")
    assert me.json().keys() == {"type", "id", "login", "name"}
    assert me.headers["box-request-id"]
    missing = raw(api, api.admin, "GET", "/2.0/folders/999")
    assert missing.status_code == 404
    assert missing.json()["type"] == "error"
    assert "error_code" not in missing.json()
    as_user = {"X-Kloudless-As-User": user_id(api.box["users"]["managed"])}
    acting = raw(api, api.admin, "GET", "/2.0/users/me?fields=id", headers=as_user)
    assert acting.json()["id"] == api.box["users"]["managed"]


def test_pass_through_forwards_body_and_raw_headers(api: Api, sandbox: SandboxServer) -> None:
    address = f"https://receiver.example/{uuid.uuid4().hex}"
    mine = {"X-Kloudless-As-User": user_id(api.box["users"]["managed"])}
    items = raw(api, api.admin, "GET", "/2.0/folders/0/items?limit=1", headers=mine).json()
    body = {
        "target": {"id": items["entries"][0]["id"], "type": items["entries"][0]["type"]},
        "address": address,
        "triggers": [
            "FOLDER.RENAMED" if items["entries"][0]["type"] == "folder" else "FILE.TRASHED"
        ],
    }
    made = raw(api, api.admin, "POST", "/2.0/webhooks", headers=mine, json=body)
    assert made.status_code == 201, made.text
    gone = raw(api, api.admin, "DELETE", f"/2.0/webhooks/{made.json()['id']}", headers=mine)
    assert (gone.status_code, gone.content) == (204, b"")
    del sandbox
    version = {"X-Kloudless-Raw-Headers": json.dumps({"box-version": "1999.0"})}
    wrong = raw(api, api.admin, "GET", "/2.0/users/me", headers=version)
    assert wrong.status_code == 400
    assert wrong.json()["code"] == "invalid_api_version"


def test_raw_headers_go_on_from_unified_calls_too(api: Api) -> None:
    headers = {"X-Kloudless-Raw-Headers": json.dumps({"box-version": "1999.0"})}
    refused = api.refused("GET", f"/accounts/{api.admin}/team/users", headers=headers)
    assert refused == (400, "request_failed")


def test_raw_headers_cannot_replace_our_own(api: Api, person: str) -> None:
    headers = {"X-Kloudless-Raw-Headers": json.dumps({"Authorization": "x", "As-User": "1"})}
    answer = raw(api, person, "GET", "/2.0/users/me", headers=headers)
    assert answer.status_code == 200


@pytest.mark.parametrize("value", ["{", "[]", '{"a": 1}', '{"a\\n": "b"}', '{"a": "b\\r\\nc: d"}'])
def test_raw_headers_must_be_an_object_of_clean_text(api: Api, value: str) -> None:
    headers = {"X-Kloudless-Raw-Headers": value}
    refused = api.refused("GET", f"/accounts/{api.admin}/team/users", headers=headers)
    assert refused == (400, "invalid_parameters")


@pytest.mark.parametrize(
    "method, uri",
    [
        ("", "/2.0/users/me"),
        ("BREW", "/2.0/users/me"),
        ("GET", ""),
        ("GET", "https://api.box.com/2.0/users/me"),
        ("GET", "//evil.example/2.0/users/me"),
        ("GET", "/sandbox/credentials"),
        ("GET", "/2.0/../sandbox/credentials"),
    ],
)
def test_pass_through_reaches_nothing_but_boxs_api(api: Api, method: str, uri: str) -> None:
    answer = raw(api, api.admin, method, uri)
    assert (answer.status_code, answer.json()["error_code"]) == (400, "invalid_parameters")


def test_dead_upstream_token_is_401_on_every_data_call(api: Api) -> None:
    dead = api.credentials["dead_account"]
    paths = (
        "storage/folders/root", "storage/folders/root/contents", "storage/recent",
        "storage/search?q=a", "events", "events/latest", "subscriptions/default/activity",
    )  # fmt: skip
    for path in paths:
        refused = api.refused("GET", f"/accounts/{dead}/{path}")
        assert refused == (401, "service_unauthorized"), path
    answer = raw(api, dead, "GET", "/2.0/users/me")
    assert (answer.status_code, answer.json()["error_code"]) == (401, "service_unauthorized")
    assert api.get(f"/accounts/{dead}")["enabled"] is True

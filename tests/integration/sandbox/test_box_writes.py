"""Folders that are made and deleted: who may, what is refused, who sees them meanwhile."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.integration.sandbox.box_calls import EXCHANGE, Box
from tests.sandbox_guest import Guest, visiting
from tests.sandbox_server import SandboxServer

ROOT = {"id": "0"}
DENIED = "access_denied_insufficient_permissions"
QUIET = {"Box-Notifications": "off"}


@pytest.fixture
def ada(sandbox: SandboxServer) -> Iterator[Guest]:
    with visiting(sandbox) as made:
        yield made


@pytest.fixture
def bob(sandbox: SandboxServer) -> Iterator[Guest]:
    with visiting(sandbox) as made:
        yield made


def post(box: Box, token: str | None, body: Any, **headers: str) -> httpx.Response:
    return box.get("/folders", token, method="POST", json=body, headers=headers)


def made(box: Box, token: str, name: str = "Probe", parent: str = "0", **headers: str) -> str:
    answer = post(box, token, {"name": name, "parent": {"id": parent}}, **headers)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def delete(box: Box, token: str, folder: str, **params: Any) -> httpx.Response:
    return box.get(f"/folders/{folder}", token, method="DELETE", **params)


def names(box: Box, token: str, folder: str = "0", **headers: str) -> list[str]:
    page = box.get(f"/folders/{folder}/items", token, headers=headers, limit=1000)
    return [one["name"] for one in page.raise_for_status().json()["entries"]]


def found(box: Box, token: str, query: str, **params: Any) -> list[str]:
    page = box.get("/search", token, query=query, **params).raise_for_status().json()
    return [one["id"] for one in page["entries"]]


def refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_a_folder_is_there_while_it_exists_and_then_in_the_trash(ada: Guest) -> None:
    box, token = ada.box, ada.box.token()
    assert names(box, token) == []
    folder = made(box, token, "Zebra probe")
    assert names(box, token) == ["Zebra probe"]
    assert found(box, token, "zebra") == [folder]
    shown = box.get(f"/folders/{folder}", token).json()
    assert (shown["name"], shown["item_status"], shown["etag"]) == ("Zebra probe", "active", "0")
    assert shown["created_by"]["id"] == box.get("/users/me", token).json()["id"]
    assert shown["path_collection"]["total_count"] == 1
    assert box.get(f"/folders/{folder}/items", token).json()["total_count"] == 0
    assert delete(box, token, folder).status_code == 204
    assert names(box, token) == found(box, token, "zebra") == []
    assert refused(box.get(f"/folders/{folder}", token)) == (404, "trashed")
    assert refused(delete(box, token, folder)) == (404, "trashed")
    assert refused(post(box, token, {"name": "a", "parent": {"id": folder}})) == (404, "trashed")
    hook = {
        "target": {"id": folder, "type": "folder"},
        "address": "https://a.example/",
        "triggers": ["FILE.UPLOADED"],
    }
    assert refused(box.get("/webhooks", token, method="POST", json=hook)) == (404, "not_found")
    below = box.get("/search", token, query="a", ancestor_folder_ids=folder)
    assert refused(below) == (404, "not_found")


def test_a_name_is_taken_in_whatever_case_and_free_after_the_deletion(ada: Guest) -> None:
    box, token = ada.box, ada.box.token()
    folder = made(box, token, "Straße Probe")
    taken = post(box, token, {"name": "STRASSE probe", "parent": ROOT})
    assert refused(taken) == (409, "item_name_in_use")
    assert taken.json()["context_info"]["conflicts"] == [
        {"type": "folder", "id": folder, "sequence_id": "0", "etag": "0", "name": "Straße Probe"}
    ]
    inner = made(box, token, "Straße Probe", folder)
    assert delete(box, token, folder, recursive="true").status_code == 204
    assert refused(box.get(f"/folders/{inner}", token)) == (404, "trashed")
    assert delete(box, token, made(box, token, "strasse probe")).status_code == 204


def test_a_folder_that_is_not_empty_is_deleted_only_with_everything(ada: Guest) -> None:
    box, token = ada.box, ada.box.token()
    outer = made(box, token, "outer")
    inner = made(box, token, "inner", outer)
    assert refused(delete(box, token, outer)) == (400, "folder_not_empty")
    assert refused(delete(box, token, outer, recursive="perhaps")) == (400, "bad_request")
    assert delete(box, token, inner).status_code == 204
    assert delete(box, token, outer, recursive="false").status_code == 204


def test_if_match_protects_what_was_changed(ada: Guest) -> None:
    box, token = ada.box, ada.box.token()
    path = f"/folders/{made(box, token)}"
    stale = box.get(path, token, method="DELETE", headers={"If-Match": '"9"'})
    assert refused(stale) == (412, "precondition_failed")
    assert box.get(path, token, method="DELETE", headers={"If-Match": '"0"'}).status_code == 204


@pytest.mark.parametrize(
    "body, code, name",
    [
        ({}, "bad_request", "name"),
        ({"name": "a"}, "bad_request", "parent"),
        ({"name": "a", "parent": {}}, "bad_request", "parent.id"),
        ({"name": "a", "parent": "0"}, "bad_request", "parent"),
        ({"name": "a", "parent": {"id": 0}}, "bad_request", "parent.id"),
        ({"name": None, "parent": ROOT}, "bad_request", "name"),
        ({"name": "", "parent": ROOT}, "bad_request", "name"),
        ({"name": 5, "parent": ROOT}, "bad_request", "name"),
        ({"name": "a", "parent": ROOT, "sync_state": "often"}, "bad_request", "sync_state"),
        ({"name": "a", "parent": ROOT, "folder_upload_email": {}}, "bad_request", ""),
        ({"name": "x" * 256, "parent": ROOT}, "item_name_too_long", ""),
        ({"name": "a/b", "parent": ROOT}, "item_name_invalid", ""),
        ({"name": "a\\b", "parent": ROOT}, "item_name_invalid", ""),
        ({"name": "a\u0007b", "parent": ROOT}, "item_name_invalid", ""),
        ({"name": "a ", "parent": ROOT}, "item_name_invalid", ""),
        ({"name": ".", "parent": ROOT}, "item_name_invalid", ""),
        ({"name": "..", "parent": ROOT}, "item_name_invalid", ""),
        ([], "bad_request", "body"),
    ],
    ids=str,
)
def test_a_wrong_body_is_400_and_makes_nothing(ada: Guest, body: Any, code: str, name: str) -> None:
    token = ada.box.token()
    answer = post(ada.box, token, body)
    assert refused(answer) == (400, code)
    if name:
        assert answer.json()["context_info"]["errors"][0]["name"] == name
    assert names(ada.box, token) == []


def test_a_body_that_is_no_json_is_400(ada: Guest) -> None:
    headers = {"Authorization": f"Bearer {ada.box.token()}"}
    for content in (b"{", b"\xff", b'"a"', b"null"):
        answer = ada.box.http.post("/2.0/folders", content=content, headers=headers)
        assert refused(answer) == (400, "bad_request")


def test_parents_that_are_not_there_or_not_seen_are_404(ada: Guest) -> None:
    box, service = ada.box, ada.box.token()
    private = box.get("/folders/0/items", box.token(user=ada.managed)).json()["entries"][0]["id"]
    for parent in ("1", "x", "-1", "9" * 40, "900000999999", private):
        answer = post(box, service, {"name": "a", "parent": {"id": parent}})
        assert refused(answer) == (404, "not_found"), parent
    assert refused(delete(box, service, private)) == (404, "not_found")
    assert refused(delete(box, service, "x")) == (405, "method_not_allowed")


def test_the_planted_world_and_the_root_are_not_deleted(ada: Guest) -> None:
    box, token = ada.box, ada.box.token(user=ada.managed)
    planted = box.get("/folders/0/items", token).json()["entries"][0]["id"]
    before = names(box, token)
    assert refused(delete(box, token, "0", recursive="true")) == (403, DENIED)
    assert refused(delete(box, token, planted)) == (400, "folder_not_empty")
    assert refused(delete(box, token, planted, recursive="true")) == (403, DENIED)
    assert names(box, token) == before


def test_writing_needs_the_scope_to_write(sandbox: SandboxServer, box: Box, ada: Guest) -> None:
    reader = box.token("files-only")
    for answer in (
        post(box, reader, {"name": "a", "parent": ROOT}),
        delete(box, reader, "0"),
    ):
        assert (answer.status_code, answer.content) == (403, b"")
        assert "insufficient_scope" in answer.headers["www-authenticate"]
    token = ada.box.token()
    folder = made(ada.box, token)
    with sandbox.fault("missing_scope_root_readwrite", client_id=ada.client_id):
        assert post(ada.box, token, {"name": "b", "parent": ROOT}).status_code == 403
        assert delete(ada.box, token, folder).status_code == 403
        assert names(ada.box, token) == ["Probe"]
    with sandbox.fault("json_403"):
        assert refused(post(box, reader, {"name": "a", "parent": ROOT}))[1] == "insufficient_scope"
    assert delete(ada.box, token, folder).status_code == 204


def test_a_downscoped_token_writes_only_where_and_what_it_says(ada: Guest) -> None:
    box, token = ada.box, ada.box.token()
    inside = made(box, token, "inside")

    def small(scope: str) -> str:
        form = {
            "grant_type": EXCHANGE,
            "subject_token": token,
            "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
            "scope": scope,
            "resource": f"https://api.box.com/2.0/folders/{inside}",
        }
        return str(box.ask_token(form).raise_for_status().json()["access_token"])

    uploader, deleter = small("item_upload"), small("item_delete")
    assert post(box, uploader, {"name": "a", "parent": ROOT}).status_code == 403
    below = made(box, uploader, "a", inside)
    assert delete(box, uploader, below).status_code == 403
    assert post(box, deleter, {"name": "b", "parent": {"id": inside}}).status_code == 403
    assert delete(box, deleter, below).status_code == 204


def test_as_user_makes_it_in_the_root_of_that_user(ada: Guest) -> None:
    box, service, managed = ada.box, ada.box.token(), ada.box.token(user=ada.managed)
    folder = made(box, service, "For somebody", **{"As-User": ada.managed})
    assert "For somebody" in names(box, managed)
    assert names(box, service) == []
    assert refused(box.get(f"/folders/{folder}", service)) == (404, "not_found")
    shown = box.get(f"/folders/{folder}", managed).json()
    assert shown["owned_by"]["id"] == shown["created_by"]["id"] == ada.managed
    gone = box.get(f"/folders/{folder}", service, method="DELETE", headers={"As-User": ada.managed})
    assert gone.status_code == 204


def test_in_a_shared_folder_it_is_the_owners_and_seen_by_those_who_see_the_folder(
    ada: Guest,
) -> None:
    box, managed = ada.box, ada.box.token(user=ada.managed)
    page = box.get("/folders/0/items", managed, fields="owned_by", limit=1000).json()
    shared = next(one for one in page["entries"] if one["owned_by"]["id"] != ada.managed)
    folder = made(box, managed, "Shared probe", shared["id"])
    shown = box.get(f"/folders/{folder}", managed).json()
    assert shown["owned_by"]["id"] == shared["owned_by"]["id"]
    owner = box.token(user=shared["owned_by"]["id"])
    assert box.get(f"/folders/{folder}", owner).status_code == 200
    assert folder in found(box, owner, "shared probe", ancestor_folder_ids=shared["id"])
    external = box.get(f"/folders/{folder}", box.token()).status_code
    assert external == 404
    assert delete(box, owner, folder).status_code == 204


def test_the_global_content_manager_reads_but_does_not_write_for_others(
    sandbox: SandboxServer, ada: Guest
) -> None:
    box, managed = ada.box, ada.box.token(user=ada.managed)
    folder = made(box, managed, "Of somebody")
    token = box.token()
    with sandbox.fault("gcm_granted", client_id=ada.client_id):
        assert box.get(f"/folders/{folder}", token).status_code == 200
        assert folder in found(box, token, "of somebody", scope="enterprise_content")
        below = {"name": "a", "parent": {"id": folder}}
        assert refused(post(box, token, below)) == (403, DENIED)
        assert refused(delete(box, token, folder)) == (403, DENIED)
    assert delete(box, managed, folder).status_code == 204


def test_an_external_person_may_not_write_into_what_is_shared_with_them(
    box: Box, ada: Guest
) -> None:
    del box
    folders = ada.box.get("/folders/0/items", ada.box.token(user=ada.managed), limit=1000).json()
    exchange = next(one for one in folders["entries"] if one["name"] == "Partner exchange")
    login = ada.box.get(
        f"/users/{ada.box.credentials['users']['external']}", ada.box.token()
    ).json()["login"]
    token = ada.box.signed_in(login)["access_token"]
    assert ada.box.get(f"/folders/{exchange['id']}", token).status_code == 200
    body = {"name": "a", "parent": {"id": exchange["id"]}}
    assert refused(post(ada.box, token, body)) == (403, DENIED)


def test_one_visitors_folders_are_nobody_elses(box: Box, ada: Guest, bob: Guest) -> None:
    token, other, usual = ada.box.token(), bob.box.token(), box.token()
    folder = made(ada.box, token, "Mine alone")
    for whose, others in ((bob.box, other), (box, usual)):
        assert "Mine alone" not in names(whose, others)
        assert refused(whose.get(f"/folders/{folder}", others)) == (404, "not_found")
        assert refused(delete(whose, others, folder)) == (404, "not_found")
        assert found(whose, others, "mine alone") == []
    theirs = made(bob.box, other, "Mine alone")
    assert delete(bob.box, other, theirs).status_code == 204
    assert names(ada.box, token) == ["Mine alone"]
    ccg = ada.box.token("ccg")
    assert ada.box.get(f"/folders/{folder}", ccg).status_code == 404, "another service account"
    assert delete(ada.box, token, folder).status_code == 204


def test_suppressed_notifications_are_accepted_on_any_call_and_change_nothing(ada: Guest) -> None:
    box, token = ada.box, ada.box.token()
    for path in ("/users/me", "/users?limit=1", "/groups", "/folders/0", "/webhooks"):
        assert box.get(path, token, headers=QUIET).status_code == 200
    folder = made(box, token, "Quiet", **QUIET)
    assert names(box, token, **QUIET) == ["Quiet"]
    gone = box.get(f"/folders/{folder}", token, method="DELETE", headers=QUIET)
    assert gone.status_code == 204


def test_a_folder_can_be_watched_and_is_seen_through_kloudless(ada: Guest) -> None:
    box, token, api = ada.box, ada.box.token(), ada.kloudless
    folder = made(box, token, "Watched")
    hook = {
        "target": {"id": folder, "type": "folder"},
        "address": "https://runbook.example/x",
        "triggers": ["FILE.UPLOADED"],
    }
    assert box.get("/webhooks", token, method="POST", json=hook).status_code == 201
    contents = api.get(f"/accounts/{api.admin}/storage/folders/root/contents")["objects"]
    assert [one["name"] for one in contents] == ["Watched"]
    raw = {
        "X-Kloudless-Raw-Method": "DELETE",
        "X-Kloudless-Raw-URI": f"/2.0/folders/{folder}",
        "X-Kloudless-Raw-Headers": json.dumps(QUIET),
    }
    gone = api.call("POST", f"/accounts/{api.admin}/raw", headers=raw)
    assert (gone.status_code, gone.content) == (204, b"")
    assert names(box, token) == []


def test_a_method_that_a_folder_has_not_is_405(ada: Guest) -> None:
    token = ada.box.token()
    assert refused(ada.box.get("/folders", token)) == (405, "method_not_allowed")
    assert refused(ada.box.get("/folders/0", token, method="PUT", json={})) == (
        405,
        "method_not_allowed",
    )


@given(name=st.text(max_size=300))
@example(name="<script>alert(1)</script>")
@example(name="=cmd|' /C calc'!A0")
@example(name="\u202egpj.exe")
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_any_name_is_kept_as_it_is_or_refused_as_documented(box: Box, name: str) -> None:
    token = box.credentials["developer_token"]
    answer = post(box, token, {"name": name, "parent": ROOT})
    if answer.status_code == 201:
        assert answer.json()["name"] == name
        assert delete(box, token, answer.json()["id"]).status_code == 204
    else:
        assert refused(answer) in {
            (400, "bad_request"),
            (400, "item_name_invalid"),
            (400, "item_name_too_long"),
        }

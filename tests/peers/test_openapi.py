"""The sandbox's Box answers, right ones and refusals, judged by Box's OpenAPI document.

The document requires almost no field, so the standard fields that Box's reference lists are
required here too.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest

from tests.integration.sandbox.box_calls import EXCHANGE, JWT_GRANT, Box, open_box
from tests.peers.box_contract import DEVIATIONS, Contract
from tests.peers.operations import DRIVEN
from tests.sandbox_server import SandboxServer

UNDOCUMENTED = {
    "GET /subscribe": "the long poll is another server's, not the API's",
    "GET /api/oauth2/authorize": "a page, described as GET /authorize without a body",
    "GET /2.0/enterprise_configurations/{enterprise_id}": "in the document of version 2025.0",
}
NAMES = {"membership_id": "group_membership_id"}
USER = frozenset(
    {"type", "id", "name", "login", "created_at", "modified_at", "language", "timezone"}
    | {"space_amount", "space_used", "max_upload_size", "status", "job_title", "phone", "address"}
    | {"avatar_url", "notification_email"}
)
GROUP = frozenset({"type", "id", "name", "group_type"})
MEMBERSHIP = frozenset({"type", "id", "user", "group", "role"})
FILE = frozenset(
    {"type", "id", "etag", "sequence_id", "name", "sha1", "file_version", "description", "size"}
    | {"path_collection", "created_at", "modified_at", "trashed_at", "purged_at", "owned_by"}
    | {"content_created_at", "content_modified_at", "created_by", "modified_by", "shared_link"}
    | {"parent", "item_status"}
)
FOLDER = FILE - {"sha1", "file_version"} | {"folder_upload_email", "item_collection"}
EVENT = frozenset({"type", "event_id", "event_type", "created_at", "created_by", "source"})
ADMIN_EVENT = EVENT | {"session_id", "additional_details", "ip_address"}
WEBHOOK = frozenset({"id", "type", "target", "created_by", "created_at", "address", "triggers"})
OFFSET = frozenset({"total_count", "entries", "offset", "limit"})
MARKER = frozenset({"limit", "next_marker", "entries"})
ERROR = frozenset({"type", "status", "code", "message", "help_url", "request_id"})


@pytest.fixture(scope="module")
def contract() -> Contract:
    return Contract()


@pytest.fixture
def box(sandbox: SandboxServer) -> Iterator[Box]:
    box = open_box(sandbox.url)
    yield box
    box.http.close()


def documented(operation: str) -> str:
    method, _, path = operation.partition(" ")
    path = path.removeprefix("/2.0")
    for ours, theirs in NAMES.items():
        path = path.replace(f"{{{ours}}}", f"{{{theirs}}}")
    return f"{method} {path}"


class Judge:
    """Asks, has the document judge the answer, and remembers what was asked."""

    def __init__(self, box: Box, contract: Contract) -> None:
        self.box = box
        self.contract = contract
        self.asked: set[str] = set()

    def __call__(
        self,
        operation: str,
        answer: httpx.Response,
        status: int,
        *keys: frozenset[str],
        entries: frozenset[str] | None = None,
    ) -> Any:
        assert answer.status_code == status, answer.text[:300]
        assert answer.headers["box-request-id"]
        self.asked.add(operation)
        kind = answer.headers.get("content-type", "")
        assert self.contract.problems(documented(operation), status, kind, answer.content) == []
        if not answer.content:
            return None
        body = answer.json()
        for requested in keys:
            assert requested <= body.keys(), requested - body.keys()
        if entries is not None:
            assert body["entries"]
            for entry in body["entries"]:
                assert entries <= entry.keys(), entries - entry.keys()
        return body

    def api(self, operation: str, token: str | None, path: str, **params: Any) -> httpx.Response:
        method = operation.partition(" ")[0]
        return self.box.get(path, token, method=method, **params)


@pytest.fixture
def judge(box: Box, contract: Contract) -> Judge:
    return Judge(box, contract)


def judge_tokens(judge: Judge) -> None:
    box = judge.box
    form = box.form("main", grant_type=JWT_GRANT, assertion=box.assertion())
    requested = frozenset({"access_token", "expires_in", "token_type", "restricted_to"})
    judge("POST /oauth2/token", box.ask_token(form), 200, requested)
    error = frozenset({"error", "error_description"})
    judge("POST /oauth2/token", box.ask_token(form), 400, error)
    managed = box.token(user=box.credentials["users"]["managed"])
    folder = next(
        one["id"]
        for one in box.get("/folders/0/items", managed).json()["entries"]
        if one["type"] == "folder"
    )
    exchange = {
        "grant_type": EXCHANGE,
        "subject_token": managed,
        "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
        "scope": "item_preview item_read",
        "resource": f"https://api.box.com/2.0/folders/{folder}",
    }
    judge("POST /oauth2/token", box.ask_token(exchange), 200, requested | {"issued_token_type"})
    lacking = {**exchange, "scope": "item_upload", "subject_token": box.token("files-only")}
    judge("POST /oauth2/token", box.ask_token(lacking), 401, error)
    login = box.get(f"/users/{box.credentials['users']['admin']}", box.token()).json()["login"]
    code = box.form("oauth", grant_type="authorization_code", code=box.code(login))
    granted = judge("POST /oauth2/token", box.ask_token(code), 200, requested | {"refresh_token"})
    revoke = box.form("oauth", token=granted["access_token"])
    judge("POST /oauth2/revoke", box.http.post("/oauth2/revoke", data=revoke), 200)
    wrong = {**revoke, "client_secret": "x"}
    judge("POST /oauth2/revoke", box.http.post("/oauth2/revoke", data=wrong), 400, error)


def judge_people(judge: Judge) -> None:
    box, users = judge.box, judge.box.credentials["users"]
    token, managed = box.token(), box.token(user=users["managed"])
    every = (
        "role,tracking_codes,can_see_managed_users,is_sync_enabled,is_external_collab_restricted,"
        "is_exempt_from_device_limits,is_exempt_from_login_verification,enterprise,my_tags,"
        "hostname,is_platform_access_only,external_app_user_id"
    )
    one = "GET /2.0/users/me"
    judge(one, judge.api(one, token, "/users/me"), 200, USER)
    judge(one, judge.api(one, managed, "/users/me"), 200, USER)
    judge(one, judge.api(one, token, "/users/me", fields=every), 200, frozenset(every.split(",")))
    judge(one, judge.api(one, None, "/users/me"), 401)
    one = "GET /2.0/users"
    judge(one, judge.api(one, token, "/users", limit=1000), 200, OFFSET, entries=USER)
    marked = judge.api(one, token, "/users", usemarker="true", fields=every)
    judge(one, marked, 200, MARKER, entries=frozenset(every.split(",")))
    judge(one, judge.api(one, token, "/users", limit="x"), 400, ERROR)
    judge(one, judge.api(one, managed, "/users"), 403, ERROR)
    judge(one, judge.api(one, box.token("files-only"), "/users"), 403)
    one = "GET /2.0/users/{user_id}"
    judge(one, judge.api(one, token, f"/users/{users['admin']}"), 200, USER)
    judge(one, judge.api(one, token, f"/users/{users['external']}"), 200, USER)
    judge(one, judge.api(one, token, "/users/1"), 404, ERROR)
    one = "GET /2.0/users/{user_id}/memberships"
    path = f"/users/{users['managed']}/memberships"
    judge(one, judge.api(one, token, path), 200, OFFSET, entries=MEMBERSHIP)
    one = "GET /2.0/groups"
    more = frozenset({"description", "provenance", "invitability_level", "permissions"})
    groups = judge(one, judge.api(one, token, "/groups"), 200, OFFSET, entries=GROUP)
    named = judge.api(one, token, "/groups", fields=",".join(more))
    judge(one, named, 200, OFFSET, entries=GROUP | more)
    group = groups["entries"][0]["id"]
    one = "GET /2.0/groups/{group_id}"
    judge(one, judge.api(one, token, f"/groups/{group}"), 200, GROUP)
    judge(one, judge.api(one, token, "/groups/1"), 404, ERROR)
    one = "GET /2.0/groups/{group_id}/memberships"
    path = f"/groups/{group}/memberships"
    found = judge(one, judge.api(one, token, path), 200, OFFSET, entries=MEMBERSHIP)
    one = "GET /2.0/group_memberships/{membership_id}"
    path = f"/group_memberships/{found['entries'][0]['id']}"
    judge(one, judge.api(one, token, path), 200, MEMBERSHIP)


def judge_enterprise(judge: Judge) -> None:
    box = judge.box
    enterprise = box.credentials["ccg"]["enterprise_id"]
    one = "GET /2.0/enterprises/{enterprise_id}/device_pinners"
    path, page = f"/enterprises/{enterprise}/device_pinners", frozenset({"entries", "limit"})
    pin = frozenset({"type", "id", "owned_by", "product_name"})
    answer = judge.api(one, box.token(), path, limit=3)
    judge(one, answer, 200, page | {"next_marker", "order"}, entries=pin)
    judge(one, judge.api(one, box.token("files-only"), path), 403)
    path = "/enterprises/1/device_pinners"
    judge(one, judge.api(one, box.token(), path), 404, ERROR)


def judge_events(judge: Judge) -> None:
    box = judge.box
    token, managed = box.token(), box.token(user=box.credentials["users"]["managed"])
    page = frozenset({"chunk_size", "next_stream_position", "entries"})
    one = "GET /2.0/events"
    for stream in ("admin_logs", "admin_logs_streaming"):
        position: Any = "0"
        for _ in range(4):
            params = {"stream_type": stream, "limit": 120, "stream_position": position}
            answer = judge.api(one, token, "/events", **params)
            position = judge(one, answer, 200, page, entries=ADMIN_EVENT)["next_stream_position"]
    for stream in ("all", "changes", "sync"):
        answer = judge.api(one, managed, "/events", stream_type=stream, limit=120)
        judge(one, answer, 200, page, entries=EVENT)
    for wrong in ({"stream_position": "x"}, {"stream_type": "x"}, {"event_type": "X Y"}):
        params = {"stream_type": "admin_logs", **wrong}
        judge(one, judge.api(one, token, "/events", **params), 400, ERROR)
    judge(one, judge.api(one, managed, "/events", stream_type="admin_logs"), 403, ERROR)
    one = "OPTIONS /2.0/events"
    server = frozenset({"type", "url", "ttl", "max_retries", "retry_timeout"})
    judge(one, judge.api(one, managed, "/events"), 200, frozenset({"chunk_size"}), entries=server)


def judge_content(judge: Judge) -> None:
    box = judge.box
    managed = box.token(user=box.credentials["users"]["managed"])
    one = "GET /2.0/folders/{folder_id}"
    root = judge(one, judge.api(one, managed, "/folders/0"), 200, FOLDER)
    first = root["item_collection"]["entries"][0]["id"]
    judge(one, judge.api(one, managed, f"/folders/{first}"), 200, FOLDER)
    extra = (
        "sync_state,can_non_owners_invite,is_collaboration_restricted_to_enterprise,permissions,"
        "allowed_shared_link_access_levels,can_non_owners_view_collaborators,tags,classification,"
        "watermark_info,is_externally_owned,has_collaborations,allowed_invitee_roles"
    )
    answer = judge.api(one, managed, f"/folders/{first}", fields=extra)
    judge(one, answer, 200, frozenset(extra.split(",")))
    judge(one, judge.api(one, managed, "/folders/1"), 404, ERROR)
    judge(one, judge.api(one, managed, "/folders/x"), 405, ERROR)
    one = "GET /2.0/folders/{folder_id}/items"
    small = frozenset({"type", "id", "etag", "sequence_id", "name"})
    path = f"/folders/{first}/items"
    order = OFFSET | {"order"}
    judge(one, judge.api(one, managed, path, limit=200), 200, order, entries=small)
    judge(one, judge.api(one, managed, path, usemarker="true"), 200, MARKER, entries=small)
    judge(one, judge.api(one, managed, path, sort="taste"), 400, ERROR)
    one = "GET /2.0/recent_items"
    recent = frozenset({"type", "interaction_type", "interacted_at", "item"})
    found = judge(one, judge.api(one, managed, "/recent_items"), 200, MARKER, entries=recent)
    one = "GET /2.0/files/{file_id}"
    extra = (
        "extension,version_number,comment_count,permissions,tags,lock,is_externally_owned,"
        "has_collaborations,is_accessible_via_shared_link,allowed_invitee_roles,expires_at,"
        "classification,watermark_info,disposition_at,uploader_display_name,"
        "shared_link_permission_options"
    )
    for entry in found["entries"][:12]:
        path = f"/files/{entry['item']['id']}"
        judge(one, judge.api(one, managed, path), 200, FILE)
        judge(one, judge.api(one, managed, path, fields=extra), 200, frozenset(extra.split(",")))
    etag = found["entries"][0]["item"]["etag"]
    path = f"/files/{found['entries'][0]['item']['id']}"
    judge(one, box.get(path, managed, headers={"if-none-match": etag}), 304)
    judge(one, judge.api(one, managed, "/files/1"), 404, ERROR)
    judge(one, judge.api(one, managed, "/files/x"), 405, ERROR)
    one = "GET /2.0/search"
    coadmin = box.token(user=box.credentials["users"]["coadmin"])
    requested = OFFSET | {"type"}
    judge(one, judge.api(one, coadmin, "/search", query="project"), 200, requested)
    judge(one, judge.api(one, coadmin, "/search"), 400, ERROR)
    shared = {"query": "project", "include_recent_shared_links": "true"}
    judge(one, judge.api(one, coadmin, "/search", **shared), 200, requested)


def judge_folders(judge: Judge) -> None:
    box = judge.box
    token = box.token()
    one = "POST /2.0/folders"

    def post(token: str | None, **body: Any) -> httpx.Response:
        return box.get("/folders", token, method="POST", json=body)

    root = {"id": "0"}
    made = judge(one, post(token, name="Judged", parent=root), 201, FOLDER)
    assert made["parent"]["id"] == "0"
    taken = judge(one, post(token, name="judged", parent=root), 409, ERROR)
    assert taken["context_info"]["conflicts"][0]["id"] == made["id"]
    for wrong in ({}, {"name": "a"}, {"name": "a/b", "parent": root}, {"name": "", "parent": root}):
        judge(one, post(token, **wrong), 400, ERROR)
    judge(one, post(token, name="x" * 256, parent=root), 400, ERROR)
    judge(one, post(token, name="a", parent={"id": "1"}), 404, ERROR)
    judge(one, post(box.token("files-only"), name="a", parent=root), 403)
    judge(one, post(None, name="a", parent=root), 401)
    inner = judge(one, post(token, name="in it", parent={"id": made["id"]}), 201, FOLDER)
    one, path = "DELETE /2.0/folders/{folder_id}", f"/folders/{made['id']}"
    judge(one, judge.api(one, token, path), 400, ERROR)
    judge(one, judge.api(one, token, path, headers={"if-match": "7"}, recursive="true"), 412, ERROR)
    judge(one, judge.api(one, box.token("files-only"), path), 403)
    judge(one, judge.api(one, token, "/folders/0"), 403, ERROR)
    judge(one, judge.api(one, token, path, recursive="true"), 204)
    judge(one, judge.api(one, token, path), 404, ERROR)
    judge(one, judge.api(one, token, f"/folders/{inner['id']}"), 404, ERROR)


def judge_webhooks(judge: Judge) -> None:
    box = judge.box
    managed = box.token(user=box.credentials["users"]["managed"])
    folder = next(
        one["id"]
        for one in box.get("/folders/0/items", managed).json()["entries"]
        if one["type"] == "folder"
    )
    body = {
        "target": {"id": folder, "type": "folder"},
        "address": "https://runbook.example/webhooks/box/sandbox",
        "triggers": ["FILE.UPLOADED"],
    }
    one = "POST /2.0/webhooks"
    hook = judge(one, box.get("/webhooks", managed, method="POST", json=body), 201, WEBHOOK)
    judge(one, box.get("/webhooks", managed, method="POST", json=body), 409, ERROR)
    judge(one, box.get("/webhooks", managed, method="POST", json={}), 400, ERROR)
    root = {**body, "target": {"id": "0", "type": "folder"}}
    judge(one, box.get("/webhooks", managed, method="POST", json=root), 403, ERROR)
    gone = {**body, "target": {"id": "1", "type": "folder"}}
    judge(one, box.get("/webhooks", managed, method="POST", json=gone), 404, ERROR)
    one = "GET /2.0/webhooks"
    mini = frozenset({"id", "type", "target"})
    judge(one, judge.api(one, managed, "/webhooks"), 200, MARKER, entries=mini)
    path = f"/webhooks/{hook['id']}"
    one = "GET /2.0/webhooks/{webhook_id}"
    judge(one, judge.api(one, managed, path), 200, WEBHOOK)
    one = "PUT /2.0/webhooks/{webhook_id}"
    judge(one, box.get(path, managed, method="PUT", json={}), 200, WEBHOOK)
    guides = {"triggers": ["SIGN_REQUEST.SIGNER_SIGNED"]}
    judge(one, box.get(path, managed, method="PUT", json=guides), 200, WEBHOOK)
    wrong = {"triggers": ["X"]}
    judge(one, box.get(path, managed, method="PUT", json=wrong), 400, ERROR)
    one = "DELETE /2.0/webhooks/{webhook_id}"
    judge(one, judge.api(one, managed, path), 204)
    judge(one, judge.api(one, managed, path), 404, ERROR)


def test_every_answer_of_every_operation_is_as_documented(judge: Judge) -> None:
    judge_tokens(judge)
    judge_people(judge)
    judge_enterprise(judge)
    judge_events(judge)
    judge_content(judge)
    judge_folders(judge)
    judge_webhooks(judge)
    assert judge.asked | UNDOCUMENTED.keys() == DRIVEN.keys()
    unmet = {one.name for one in DEVIATIONS} - judge.contract.excused
    assert unmet == set(), "a deviation that nothing shows is none"


@pytest.mark.parametrize(
    "fault", ["server_error_500", "server_error_503", "rate_limit", "json_403"]
)
def test_injected_errors_are_as_documented(
    judge: Judge, sandbox: SandboxServer, fault: str
) -> None:
    token = judge.box.token("files-only")
    status = {"rate_limit": 429, "json_403": 403}.get(fault) or int(fault[-3:])
    with sandbox.fault(fault):
        judge("GET /2.0/users", judge.api("GET", token, "/users"), status, ERROR)


@pytest.mark.parametrize(
    "operation,status,body,where",
    [
        ("GET /users/me", 200, {"type": "user", "id": 5}, "id"),
        ("GET /users", 200, {"entries": [{"type": "user", "id": "1", "status": "x"}]}, "status"),
        ("GET /users", 200, {"total_count": "1"}, "total_count"),
        ("GET /files/{file_id}", 200, {"type": "file"}, ""),
        ("GET /files/{file_id}", 200, {"type": "file", "id": "1", "created_at": "now"}, "at"),
        ("GET /files/{file_id}", 200, {"type": "file", "id": "1", "created_at": None}, "at"),
        ("GET /events", 200, {"next_stream_position": 1.5}, "next_stream_position"),
        ("GET /users/me", 404, {"type": "error", "status": "404"}, "status"),
        ("GET /users/me", 201, {}, ""),
    ],
)
def test_the_judge_sees_what_is_wrong(
    contract: Contract, operation: str, status: int, body: Mapping[str, Any], where: str
) -> None:
    sent = json.dumps(body).encode()
    problems = contract.problems(operation, status, "application/json", sent)
    assert problems
    assert problems[0].where.endswith(where)

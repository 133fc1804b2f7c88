"""Webhooks V2: what may be created, who sees it, and each refusal."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.integration.sandbox.box_calls import Box

ADDRESS = "https://runbook.example/webhooks/box/sandbox"


@pytest.fixture
def token(box: Box) -> Iterator[str]:
    """A managed user's own token; their webhooks are gone afterwards."""
    token = box.token(user=box.credentials["users"]["managed"])
    yield token
    for hook in box.get("/webhooks", token, limit=1000).json()["entries"]:
        assert box.get(f"/webhooks/{hook['id']}", token, method="DELETE").status_code == 204


def folders(box: Box, token: str) -> list[str]:
    found = box.get("/folders/0/items", token).json()["entries"]
    return [one["id"] for one in found if one["type"] == "folder"]


def create(box: Box, token: str, **changes: Any) -> httpx.Response:
    body = {
        "target": {"id": folders(box, token)[0], "type": "folder"},
        "address": ADDRESS,
        "triggers": ["FILE.UPLOADED", "FOLDER.CREATED"],
        **changes,
    }
    body = {name: value for name, value in body.items() if value is not None}
    return box.get("/webhooks", token, method="POST", json=body)


def test_create_read_change_delete(box: Box, token: str) -> None:
    made = create(box, token)
    assert made.status_code == 201
    hook = made.json()
    assert set(hook) == {
        "id", "type", "target", "created_by", "created_at", "address", "triggers",
    }  # fmt: skip
    path = f"/webhooks/{hook['id']}"
    assert box.get(path, token).json() == hook
    changed = box.get(path, token, method="PUT", json={"triggers": ["FILE.DOWNLOADED"]}).json()
    assert changed == {**hook, "triggers": ["FILE.DOWNLOADED"]}
    moved = {"target": {"id": folders(box, token)[1], "type": "folder"}, "address": f"{ADDRESS}2"}
    assert box.get(path, token, method="PUT", json=moved).json() == {**changed, **moved}
    gone = box.get(path, token, method="DELETE")
    assert (gone.status_code, gone.content) == (204, b"")
    assert box.get(path, token).status_code == 404
    assert box.get(path, token, method="DELETE").status_code == 404


def test_the_list_is_small_and_ones_own(box: Box, token: str) -> None:
    made = [
        create(box, token, target={"id": one, "type": "folder"}).json()
        for one in folders(box, token)[:3]
    ]
    page = box.get("/webhooks", token, limit=2).json()
    assert page["limit"] == 2
    assert [set(one) for one in page["entries"]] == [{"id", "type", "target"}] * 2
    rest = box.get("/webhooks", token, limit=2, marker=page["next_marker"]).json()
    ids = [one["id"] for one in page["entries"] + rest["entries"]]
    assert ids == [one["id"] for one in made]
    assert rest["next_marker"] == ""
    others = (
        box.token(),
        box.token("ccg", box.credentials["users"]["managed"]),
        box.credentials["developer_token"],
    )
    for other in others:
        seen = [one["id"] for one in box.get("/webhooks", other).json()["entries"]]
        assert not set(seen) & set(ids)
        assert box.get(f"/webhooks/{ids[0]}", other).status_code == 404


@pytest.mark.parametrize(
    "changes",
    [
        {"target": None},
        {"address": None},
        {"triggers": None},
        {"triggers": []},
        {"triggers": ["FILE.TICKLED"]},
        {"triggers": ["NO_ACTIVE_SESSION"]},
        {"triggers": ["WEBHOOK.DELETED"]},
        {"triggers": "FILE.UPLOADED"},
        {"target": {"id": "1"}},
        {"target": {"id": 1, "type": "folder"}},
        {"target": {"id": "1", "type": "web_link"}},
        {"address": "http://runbook.example/x"},
        {"address": "https://runbook.example:8443/x"},
        {"address": "https://127.0.0.1/x"},
        {"address": "https://10.0.0.1/x"},
        {"address": "https://[::1]/x"},
        {"address": "https://169.254.169.254/x"},
        {"address": "https://localhost/x"},
        {"address": "https://intranet/x"},
        {"address": "https://app.box.com/x"},
        {"address": "https://user:word@runbook.example/x"},
        {"address": "runbook.example/x"},
        {"address": 7},
        {"address": "https://"},
        {"address": "https:///x"},
        {"address": "https://?x=1"},
        {"address": "https://@runbook.example/x"},
        {"address": "https://:@runbook.example/x"},
        {"address": "https://runbook.example:0/x"},
        {"address": "https://runbook.example/\0"},
        {"address": "https://run\nbook.example/x"},
        {"address": "https://runbook.example/a b"},
        {"address": " https://runbook.example/x"},
        {"address": "https://runbook.example/\x7f"},
        {"address": "https://runbook.example/\u2028"},
        {"address": "https://run book.example/x"},
        {"address": "https://runbook..example/x"},
        {"address": "https://-runbook.example/x"},
        {"address": "https://runbook.example\\@evil.example/x"},
        {"address": f"https://{'a' * 64}.example/x"},
        {"address": f"https://{'a.' * 124}example/x"},
    ],
    ids=str,
)
def test_a_wrong_webhook_is_400_and_says_why(box: Box, token: str, changes: dict[str, Any]) -> None:
    body = create(box, token, **changes).json()
    assert (body["status"], body["code"]) == (400, "bad_request")
    assert body["context_info"]["errors"][0]["message"]


def test_a_body_that_is_no_json_is_400(box: Box, token: str) -> None:
    answer = box.http.post(
        "/2.0/webhooks", content=b"{", headers={"Authorization": f"Bearer {token}"}
    )
    assert answer.json()["code"] == "bad_request"


def test_a_trigger_must_suit_the_target(box: Box, token: str) -> None:
    file = box.get("/recent_items", token, limit=1).json()["entries"][0]["item"]["id"]
    target = {"id": file, "type": "file"}
    refused = create(box, token, target=target, triggers=["FILE.UPLOADED"])
    assert refused.json()["code"] == "bad_request"
    assert create(box, token, target=target, triggers=["FILE.DOWNLOADED"]).status_code == 201


def test_the_root_and_unseen_items_are_no_targets(box: Box, token: str) -> None:
    root = create(box, token, target={"id": "0", "type": "folder"})
    assert root.json()["code"] == "access_denied_insufficient_permissions"
    assert create(box, token, target={"id": "1", "type": "folder"}).status_code == 404
    mine = {"id": folders(box, token)[0], "type": "folder"}
    foreign = box.get(
        "/webhooks",
        box.token(),
        method="POST",
        json={"target": mine, "address": ADDRESS, "triggers": ["FILE.UPLOADED"]},
    )
    assert foreign.json()["code"] == "not_found"


def test_one_webhook_for_an_item_app_and_user(box: Box, token: str) -> None:
    assert create(box, token).status_code == 201
    body = create(box, token).json()
    assert (body["status"], body["code"]) == (409, "conflict")
    assert body["message"] == "A resource with this value already exists"
    other = box.token("ccg", box.credentials["users"]["managed"])
    made = create(box, other)
    assert made.status_code == 201
    box.get(f"/webhooks/{made.json()['id']}", other, method="DELETE")
    second = {"id": folders(box, token)[1], "type": "folder"}
    hook = create(box, token, target=second).json()
    taken = {"target": {"id": folders(box, token)[0], "type": "folder"}}
    assert box.get(f"/webhooks/{hook['id']}", token, method="PUT", json=taken).status_code == 409


def test_webhooks_need_their_scope(box: Box) -> None:
    answer = box.get("/webhooks", box.token("files-only"))
    assert (answer.status_code, answer.content) == (403, b"")

"""Folders, items, files, recent items and search."""

from typing import Any

import httpx
import pytest

from tests.integration.sandbox.box_calls import Box

FILE_MINI = {"type", "id", "etag", "sequence_id", "name", "sha1", "file_version"}
FILE_STANDARD = FILE_MINI | {
    "description", "size", "path_collection", "created_at", "modified_at", "trashed_at",
    "purged_at", "content_created_at", "content_modified_at", "created_by", "modified_by",
    "owned_by", "shared_link", "parent", "item_status",
}  # fmt: skip
FOLDER_MINI = {"type", "id", "etag", "sequence_id", "name"}
FOLDER_STANDARD = (FILE_STANDARD - {"sha1", "file_version"}) | {
    "folder_upload_email", "item_collection",
}  # fmt: skip


@pytest.fixture
def token(box: Box) -> str:
    """A managed user's own token."""
    return box.token(user=box.credentials["users"]["managed"])


def entries(answer: httpx.Response) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = answer.raise_for_status().json()["entries"]
    return found


def full_folder(box: Box, token: str) -> str:
    """A folder with at least five files."""
    todo = ["0"]
    while todo:
        folder = todo.pop()
        found = entries(box.get(f"/folders/{folder}/items", token, limit=1000))
        if len([one for one in found if one["type"] == "file"]) >= 5:
            return folder
        todo += [one["id"] for one in found if one["type"] == "folder"]
    raise LookupError("no folder with files")


def test_the_root_is_everybodys_own(box: Box, token: str) -> None:
    mine = box.get("/folders/0", token).json()
    assert (mine["id"], mine["name"], mine["parent"]) == ("0", "All Files", None)
    assert (mine["etag"], mine["sequence_id"], mine["created_at"]) == (None, None, None)
    assert mine["item_collection"]["entries"]
    service = box.get("/folders/0", box.token()).json()
    assert service["item_collection"]["total_count"] == 0


def test_standard_and_mini_fields(box: Box, token: str) -> None:
    folder = full_folder(box, token)
    assert set(box.get(f"/folders/{folder}", token).json()) == FOLDER_STANDARD
    some = entries(box.get(f"/folders/{folder}/items", token, limit=1000))
    file = next(one for one in some if one["type"] == "file")
    assert set(file) == FILE_MINI
    assert set(box.get(f"/files/{file['id']}", token).json()) == FILE_STANDARD
    named = box.get(f"/files/{file['id']}", token, fields="extension,permissions,zzz").json()
    assert set(named) == FILE_MINI | {"extension", "permissions"}
    listed = entries(box.get(f"/folders/{folder}/items", token, fields="size"))
    assert all("size" in one and "parent" not in one for one in listed)


def test_items_by_offset_and_marker_are_the_same(box: Box, token: str) -> None:
    folder = full_folder(box, token)
    path = f"/folders/{folder}/items"
    whole = box.get(path, token, limit=1000).json()
    assert whole["order"] == [
        {"by": "type", "direction": "ASC"},
        {"by": "name", "direction": "ASC"},
    ]
    ids = [one["id"] for one in whole["entries"]]
    assert len(ids) == min(1000, whole["total_count"])
    by_marker: list[str] = []
    marker = ""
    while len(by_marker) < len(ids):
        page = box.get(path, token, usemarker="true", marker=marker, limit=30).json()
        by_marker += [one["id"] for one in page["entries"]]
        marker = page["next_marker"]
        if not marker:
            break
    assert by_marker[: len(ids)] == ids


@pytest.mark.parametrize("by", ["id", "name", "date", "size"])
@pytest.mark.parametrize("direction", ["ASC", "DESC"])
def test_sorting(box: Box, token: str, by: str, direction: str) -> None:
    folder = full_folder(box, token)
    params: dict[str, Any] = {
        "sort": by,
        "direction": direction,
        "fields": "size,modified_at",
        "limit": 1000,
    }
    page = box.get(f"/folders/{folder}/items", token, **params).json()
    assert page["order"][1] == {"by": by, "direction": direction}
    files = [one for one in page["entries"] if one["type"] == "file"]
    assert page["entries"][-len(files) :] == files, "folders come first"
    values = [
        {
            "id": int(one["id"]),
            "name": one["name"].lower(),
            "date": one["modified_at"],
            "size": one["size"],
        }[by]
        for one in files
    ]
    if by != "date":  # written in local time, which summer time sets back
        assert values == sorted(values, reverse=direction == "DESC")


def test_sort_does_not_go_with_markers(box: Box, token: str) -> None:
    wrong: tuple[dict[str, Any], ...]
    wrong = ({"usemarker": "true", "sort": "name"}, {"sort": "taste"}, {"direction": "up"})
    for params in wrong:
        assert box.get("/folders/0/items", token, **params).status_code == 400


@pytest.mark.parametrize("path", ["/folders/abc", "/folders/d_1/items", "/files/1.5", "/files/-1"])
def test_an_id_that_can_be_none_is_405(box: Box, token: str, path: str) -> None:
    assert box.get(path, token).json()["code"] == "method_not_allowed"


def test_what_this_identity_can_not_see_is_404(box: Box, token: str) -> None:
    folder = full_folder(box, token)
    file = next(
        one["id"]
        for one in entries(box.get(f"/folders/{folder}/items", token, limit=1000))
        if one["type"] == "file"
    )
    service = box.token()
    for path in (f"/folders/{folder}", f"/folders/{folder}/items", f"/files/{file}"):
        assert box.get(path, token).status_code == 200
        assert box.get(path, service).json()["code"] == "not_found"
        acting = {"As-User": box.credentials["users"]["managed"]}
        assert box.get(path, service, headers=acting).status_code == 200
        assert box.get(path, box.token("gcm")).status_code == 200
    assert box.get("/files/999999999999999", token).status_code == 404


def test_if_none_match_is_304_without_a_body(box: Box, token: str) -> None:
    file = entries(box.get("/recent_items", token))[0]["item"]
    answer = box.get(f"/files/{file['id']}", token, headers={"if-none-match": file["etag"]})
    assert (answer.status_code, answer.content) == (304, b"")
    answer = box.get(f"/files/{file['id']}", token, headers={"if-none-match": "999"})
    assert answer.status_code == 200


def test_an_item_in_the_trash_says_so(box: Box) -> None:
    page = box.get(
        "/events", box.token(), stream_type="admin_logs", event_type="DELETE", limit=500
    ).json()
    gone = [one["source"]["item_id"] for one in page["entries"] if one["source"]]
    answers = [box.get(f"/files/{one}", box.token("gcm")) for one in gone[:30]]
    codes = {answer.json()["code"] for answer in answers if answer.status_code == 404}
    assert "trashed" in codes
    assert codes <= {"trashed", "not_found"}


def test_recent_items_are_pages_by_marker(box: Box, token: str) -> None:
    first = box.get("/recent_items", token, limit=3).json()
    assert "total_count" not in first
    second = box.get("/recent_items", token, limit=3, marker=first["next_marker"]).json()
    times = [one["interacted_at"] for one in first["entries"] + second["entries"]]
    assert len(times) == 6
    for one in first["entries"]:
        assert set(one) == {
            "type", "interaction_type", "interacted_at", "interaction_shared_link", "item",
        }  # fmt: skip


def test_search_needs_a_query(box: Box, token: str) -> None:
    body = box.get("/search", token).json()
    assert (body["status"], body["code"]) == (400, "missing_parameter")


@pytest.mark.parametrize(
    "params",
    [
        {"type": "alien"},
        {"scope": "world"},
        {"sort": "name"},
        {"direction": "up"},
        {"created_at_range": "yesterday,"},
        {"created_at_range": "2026-01-01T00:00:00Z"},
        {"size_range": "a,b"},
        {"ancestor_folder_ids": "x"},
        {"owner_user_ids": "me"},
        {"content_types": "taste"},
        {"offset": 10_001},
        {"trash_content": "some"},
    ],
    ids=str,
)
def test_search_parameters_are_checked(box: Box, token: str, params: dict[str, Any]) -> None:
    answer = searched(box, token, query="a", **params)
    assert answer.json()["status"] == 400
    assert answer.json()["code"] in ("invalid_parameter", "bad_request")


def searched(box: Box, token: str, **params: Any) -> httpx.Response:
    """A search that waits its turn when the call limit of searches is reached."""
    with httpx.Client(base_url=box.url) as http:
        while True:
            headers = {"Authorization": f"Bearer {token}"}
            answer = http.get("/2.0/search", params=params, headers=headers)
            if answer.status_code != 429:
                return answer
            token = box.token(user=_another(box))


_people: list[str] = []


def _another(box: Box) -> str:
    """Another managed user, whose limit is still whole."""
    if not _people:
        page = box.get("/users", box.token(), limit=1000).json()
        _people.extend(
            one["id"]
            for one in page["entries"]
            if one["status"] == "active" and "boxdevedition" not in one["login"]
        )
    return _people.pop()


def test_search_finds_by_words_and_filters(box: Box, token: str) -> None:
    some = entries(box.get("/recent_items", token))[0]["item"]
    word = some["name"].split()[0].strip("'\"")
    page = searched(box, token, query=word, limit=500).json()
    assert page["type"] == "search_results_items"
    assert page["limit"] == 200
    assert all(word.lower() in one["name"].lower() for one in page["entries"])
    assert searched(box, token, query="zzzqqq").json()["total_count"] == 0


def test_enterprise_content_needs_the_content_manager(box: Box, token: str) -> None:
    answer = searched(box, box.token(), query="a", scope="enterprise_content")
    assert (answer.status_code, answer.content) == (403, b"")
    wide = searched(box, box.token("gcm"), query="a", scope="enterprise_content", limit=5)
    assert wide.json()["entries"]
    assert searched(box, token, query="a", ancestor_folder_ids="1").status_code == 404

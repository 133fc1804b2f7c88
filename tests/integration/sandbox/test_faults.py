"""Each fault of Box changes an answer while it is on, and ends."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest

from tests.integration.sandbox.box_calls import EXCHANGE, Box
from tests.integration.sandbox.test_fault_reach import TABLE
from tests.sandbox_server import SandboxServer

UNTIL = datetime(2026, 11, 1, tzinfo=UTC)
Sees = Callable[[Box], bool]


def me(box: Box, app: str = "main") -> httpx.Response:
    return box.get("/users/me", box.token(app))


def token_error(error: str, words: str) -> Sees:
    def sees(box: Box) -> bool:
        answer = box.ask_by_assertion()
        if answer.status_code == 200:
            return False
        body = answer.json()
        return body["error"] == error and words in body["error_description"]

    return sees


def status_of(path: str, status: int, app: str = "main", **params: Any) -> Sees:
    def sees(box: Box) -> bool:
        return box.get(path, box.token(app), **params).status_code == status

    return sees


def coded(code: str) -> Sees:
    def sees(box: Box) -> bool:
        return bool(me(box).json().get("code") == code)

    return sees


def malformed(box: Box) -> bool:
    with_token = box.credentials["developer_token"]
    answer = box.get("/users/me", with_token)
    try:
        answer.json()
    except json.JSONDecodeError:
        return answer.status_code == 200
    return False


def dropped(box: Box) -> bool:
    try:
        box.get("/users/me", box.credentials["developer_token"])
    except httpx.RemoteProtocolError:
        return True
    return False


def slow(box: Box) -> bool:
    headers = {"Authorization": f"Bearer {box.credentials['developer_token']}"}
    try:
        httpx.get(f"{box.url}/2.0/users/me", headers=headers, timeout=5)
    except httpx.ReadTimeout:
        return True
    return False


def date_off_by(seconds: int) -> Sees:
    def sees(box: Box) -> bool:
        date = box.http.get("/2.0/users/me").headers["date"]
        off = (parsedate_to_datetime(date) - datetime.now(UTC)).total_seconds()
        return abs(off - seconds) < 60

    return sees


def spoken_403(box: Box) -> bool:
    answer = box.get("/users", box.token("files-only"))
    return answer.status_code == 403 and answer.content != b""


def no_write(box: Box) -> bool:
    answer = box.ask_token(
        {
            "grant_type": EXCHANGE,
            "subject_token": box.token(),
            "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
            "scope": "item_upload",
        }
    )
    return answer.status_code == 401


def app_users_gone(box: Box) -> bool:
    return box.get("/users", box.token("app-users-only")).status_code == 403


def history(box: Box, **params: Any) -> dict[str, Any]:
    begin = (UNTIL - timedelta(hours=12)).isoformat()
    given = {"stream_type": "admin_logs", "created_after": begin, "limit": 20, **params}
    page: dict[str, Any] = box.get("/events", box.token(), **given).json()
    return page


def empty_page(box: Box) -> bool:
    page = history(box)
    return (page["entries"], page["next_stream_position"]) == ([], 0)


def page_repeated(box: Box) -> bool:
    token, begin = box.token(), (UNTIL - timedelta(days=2)).isoformat()
    given: dict[str, Any] = {"stream_type": "admin_logs", "created_after": begin, "limit": 5}
    first = box.get("/events", token, **given).json()
    position = first["next_stream_position"]
    return bool(box.get("/events", token, **given, stream_position=position).json() == first)


def late(box: Box) -> bool:
    wide: dict[str, Any] = {"limit": 500, "created_after": (UNTIL - timedelta(days=1)).isoformat()}
    token, seen, position = box.token(), 0, "0"
    while True:
        given = {"stream_type": "admin_logs", "stream_position": position, **wide}
        page = box.get("/events", token, **given).json()
        if not page["entries"]:
            break
        seen, position = seen + page["chunk_size"], page["next_stream_position"]
    _most["seen"] = max(_most.get("seen", 0), seen)
    return seen < _most["seen"]


_most: dict[str, int] = {}


def reconnects(box: Box) -> bool:
    managed = box.credentials["users"]["managed"]
    token = box.token(user=managed)
    url = box.get("/events", token, method="OPTIONS").json()["entries"][0]["url"]
    try:
        answer = httpx.get(f"{url}&stream_position=now", timeout=1)
    except httpx.ReadTimeout:
        return False
    return bool(answer.json()["message"] == "reconnect")


def no_as_user(box: Box) -> bool:
    users = box.credentials["users"]
    login = box.get(f"/users/{users['admin']}", box.token()).json()["login"]
    token = box.signed_in(login, "oauth-behalf")["access_token"]
    return box.get("/users/me", token, headers={"As-User": users["managed"]}).status_code == 403


GRANT, CLIENT = "invalid_grant", "unauthorized_client"
EVENTS = {"stream_type": "admin_logs_streaming", "stream_position": "now"}
FAULTS: dict[str, tuple[dict[str, Any], Sees]] = {
    "slow": ({"delay": 30}, slow),
    "dropped_connection": ({}, dropped),
    "malformed_json": ({"path": "/2.0"}, malformed),
    "server_error_500": ({"path": "/2.0"}, status_of("/users/me", 500)),
    "server_error_502": ({"path": "/2.0"}, status_of("/users/me", 502)),
    "server_error_503": ({"path": "/2.0"}, status_of("/users/me", 503)),
    "rate_limit": ({"path": "/2.0"}, status_of("/users/me", 429)),
    "token_exp_past": ({}, token_error(GRANT, "MUST be before the expiration date/time")),
    "token_exp_too_far": ({}, token_error(GRANT, "maximum value of 60 seconds")),
    "token_exp_not_integer": ({}, token_error(GRANT, "Should be an integer")),
    "token_exp": ({}, token_error(GRANT, "Please check the 'exp' claim.")),
    "token_jti_used": ({}, token_error(GRANT, "A unique 'jti' value is required.")),
    "token_jti": ({}, token_error(GRANT, "Please check the 'jti' claim.")),
    "token_sub": ({}, token_error(GRANT, "The 'sub' specified is invalid.")),
    "token_signature": ({}, token_error(GRANT, "Signature verification error.")),
    "token_iss": ({}, token_error(GRANT, "Please check the 'iss' claim.")),
    "token_aud": ({}, token_error(GRANT, "Please check the 'aud' claim.")),
    "token_grant_credentials": ({}, token_error(GRANT, "Grant credentials are invalid")),
    "token_refresh_invalid": ({}, token_error(GRANT, "Invalid refresh token")),
    "token_refresh_expired": ({}, token_error(GRANT, "Refresh token has expired")),
    "token_code_expired": ({}, token_error(GRANT, "The authorization code has expired")),
    "app_not_authorized": ({}, token_error(CLIENT, "not authorized by the enterprise admin")),
    "app_not_authorized_short": ({}, token_error(CLIENT, "not authorized by the enterprise")),
    "token_grant_type": ({}, token_error(CLIENT, "The grant type is unauthorized")),
    "token_grant_type_invalid_request": (
        {},
        token_error("invalid_request", "The grant type is unauthorized"),
    ),
    "token_subject_type": ({}, token_error(CLIENT, "box_subject_type")),
    "token_user": ({}, token_error("invalid_request", "Cannot obtain user token")),
    "token_enterprise": ({}, token_error("invalid_request", "Cannot obtain token")),
    "token_client": ({}, token_error("invalid_client", "credentials are invalid")),
    "token_client_not_valid": ({}, token_error("invalid_client", "credentials are not valid")),
    "token_request": ({}, token_error("invalid_request", "parameter missing")),
    "token_scope": ({}, token_error("invalid_scope", "requested scopes")),
    "missing_scope_root_readonly": ({}, status_of("/folders/0", 403)),
    "missing_scope_root_readwrite": ({}, no_write),
    "missing_scope_manage_managed_users": (
        {},
        lambda box: len(box.get("/users", box.token(), limit=1000).json()["entries"]) < 10,
    ),
    "missing_scope_manage_app_users": ({}, app_users_gone),
    "missing_scope_manage_groups": ({}, status_of("/groups", 403)),
    "missing_scope_manage_webhook": ({}, status_of("/webhooks", 403)),
    "missing_scope_manage_enterprise_properties": ({}, status_of("/events", 403, **EVENTS)),
    "missing_scope_enterprise_content": (
        {},
        status_of("/search", 403, "gcm", query="a", scope="enterprise_content", limit=1),
    ),
    "missing_scope_admin_on_behalf_of": ({}, no_as_user),
    "clock_fast": ({"offset": 3600}, date_off_by(3600)),
    "clock_slow": ({"offset": 3600}, date_off_by(-3600)),
    "token_rejected": ({}, status_of("/users/me", 401)),
    "no_report_right": ({}, status_of("/events", 403, **EVENTS)),
    "location_blocked": ({}, coded("access_from_location_blocked")),
    "terms_of_service": ({}, coded("terms_of_service_required")),
    "password_reset": ({}, coded("password_reset_required")),
    "email_confirmation": ({}, coded("user_email_confirmation_required")),
    "policy": ({}, coded("forbidden_by_policy")),
    "json_403": ({}, spoken_403),
    "empty_page_zero": ({}, empty_page),
    "repeated_page": ({}, page_repeated),
    "late_arrivals": ({"every": 2, "minutes": 1440}, late),
    "long_poll_reconnect": ({}, reconnects),
}


def test_every_fault_of_box_is_tried_here(sandbox: SandboxServer) -> None:
    listed = {one["name"] for one in sandbox.get("/sandbox/faults") if one["area"] != "kloudless"}
    elsewhere = TABLE.keys() | {"hang"}  # test_fault_reach, test_fault_details
    assert FAULTS.keys() <= listed <= FAULTS.keys() | elsewhere


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_changes_an_answer_and_ends(box: Box, sandbox: SandboxServer, name: str) -> None:
    params, sees = FAULTS[name]
    assert not sees(box), "there before it was switched on"
    with sandbox.fault(name, **params):
        assert sees(box), "nothing changed"
        active = [one["name"] for one in sandbox.get("/sandbox/faults") if one["active"]]
        assert active == [name]
    assert not sees(box), "still there after it was switched off"


def test_a_slow_clock_of_ours_is_healed_by_boxs_date(box: Box, sandbox: SandboxServer) -> None:
    with sandbox.fault("clock_fast", offset=600):
        answer = box.ask_by_assertion()
        assert "MUST be before" in answer.json()["error_description"]
        theirs = int(parsedate_to_datetime(answer.headers["date"]).timestamp())
        assert box.ask_by_assertion(exp=theirs + 30).status_code == 200
    with sandbox.fault("clock_slow", offset=600):
        answer = box.ask_by_assertion()
        assert "exceeds the maximum value" in answer.json()["error_description"]
        theirs = int(parsedate_to_datetime(answer.headers["date"]).timestamp())
        assert box.ask_by_assertion(exp=theirs + 30).status_code == 200


def test_a_fault_can_be_existing_to_one_client(box: Box, sandbox: SandboxServer) -> None:
    with sandbox.fault("app_not_authorized", client_id=box.apps["main"]["client_id"]):
        assert box.ask_by_assertion("main").status_code == 400
        assert box.ask_by_assertion("gcm").status_code == 200
    mine, other = box.token("main"), box.token("gcm")
    with sandbox.fault("server_error_503", client_id=box.apps["gcm"]["client_id"], retry_after=7):
        assert box.get("/users/me", mine).status_code == 200
        broken = box.get("/users/me", other)
        assert (broken.status_code, broken.headers["retry-after"]) == (503, "7")


def test_a_fault_can_be_existing_to_a_number_of_answers(box: Box, sandbox: SandboxServer) -> None:
    token = box.token()
    with sandbox.fault("rate_limit", times=2, retry_after=3):
        answers = [box.get("/users/me", token) for _ in range(3)]
    assert [one.status_code for one in answers] == [429, 429, 200]
    assert answers[0].headers["retry-after"] == "3"
    assert answers[0].json()["code"] == "rate_limit_exceeded"


def test_a_fault_can_be_existing_to_a_path(box: Box, sandbox: SandboxServer) -> None:
    token = box.token()
    with sandbox.fault("server_error_500", path="/2.0/groups"):
        assert box.get("/users/me", token).status_code == 200
        assert box.get("/groups", token).json()["code"] == "internal_server_error"


def test_a_held_back_event_stands_where_it_belongs_afterwards(
    box: Box, sandbox: SandboxServer
) -> None:
    with sandbox.fault("late_arrivals", every=2, minutes=720):
        early = [event["event_id"] for event in history(box, limit=500)["entries"]]
    late_on = [event["event_id"] for event in history(box, limit=500)["entries"]]
    assert len(early) < len(late_on)
    assert [one for one in late_on if one in early] == early


@pytest.mark.parametrize(
    "body",
    [
        {"name": "no_such_fault"},
        {"name": "slow", "delay": "long"},
        {"name": "slow", "speed": 1},
        {"name": "slow", "times": 0},
        {"name": "slow", "seconds": -1},
        {"name": 7},
        {},
    ],
    ids=str,
)
def test_a_wrong_order_is_400_and_switches_nothing_on(
    sandbox: SandboxServer, body: dict[str, Any]
) -> None:
    answer = httpx.post(f"{sandbox.url}/sandbox/faults", json=body)
    assert answer.status_code == 400
    assert not [one for one in sandbox.get("/sandbox/faults") if one["active"]]

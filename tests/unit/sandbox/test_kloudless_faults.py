"""Every fault of the sandbox's Kloudless changes an answer, and ends."""

import json
from collections.abc import Iterator

import httpx
import pytest

from lib.sandbox.kloudless import FAULTS
from lib.sandbox.kloudless.errors import TABLE
from tests.integration.sandbox.test_fault_reach import KLOUDLESS
from tests.integration.sandbox.test_fault_reach import TABLE as PANEL_TABLE
from tests.sandbox_kloudless import Api, kloudless_api
from tests.sandbox_server import SandboxServer

OTHERS = {
    "upstream_expired",
    "kloudless_rate_limit",
    "kloudless_5xx",
    "kloudless_not_tracking",
    "kloudless_no_jwt_keys",
    "kloudless_consent_denied",  # seen in test_kloudless_oauth
}


@pytest.fixture
def api(sandbox: SandboxServer) -> Iterator[Api]:
    with kloudless_api(sandbox) as made:
        yield made


def test_no_fault_is_without_a_test() -> None:
    rows = {f"kloudless_{code}" for code in TABLE}
    on_the_panel = {name for name, row in PANEL_TABLE.items() if row[0] == KLOUDLESS}
    assert {f.name for f in FAULTS} == OTHERS | rows | on_the_panel


@pytest.mark.parametrize("code", TABLE)
def test_row_of_the_error_table_changes_one_answer_and_ends(
    api: Api, sandbox: SandboxServer, code: str
) -> None:
    with sandbox.fault(f"kloudless_{code}", times=1, client_id=api.credentials["app_id"]):
        answer = api.call("GET", "/accounts")
        assert answer.status_code == answer.json()["status_code"] == TABLE[code].status
        assert answer.json()["error_code"] == code
        assert ("retry-after" in answer.headers) is (TABLE[code].status == 429)
        assert ("conflicting_resource_id" in answer.json()) is (code == "naming_conflict")
        assert api.call("GET", "/accounts").status_code == 200


def test_upstream_expired_kills_data_calls_of_one_account_or_all(
    api: Api, sandbox: SandboxServer
) -> None:
    one, two = (f"/accounts/{a['id']}/storage/folders/root" for a in api.people()[:2])
    with sandbox.fault("upstream_expired", account=api.people()[0]["id"]):
        assert api.refused("GET", one) == (401, "service_unauthorized")
        assert api.call("GET", two).status_code == 200
    with sandbox.fault("upstream_expired"):
        assert api.refused("GET", two) == (401, "service_unauthorized")
        assert api.get("/accounts")["total"] > 1
    assert api.call("GET", one).status_code == api.call("GET", two).status_code == 200


def test_rate_limit_says_when_to_come_back_or_nothing(api: Api, sandbox: SandboxServer) -> None:
    for seconds, expected in ((9, "9"), (0, None)):
        with sandbox.fault("kloudless_rate_limit", retry_after=seconds):
            answer = api.call("GET", "/accounts")
            assert answer.status_code == 429
            assert answer.headers.get("retry-after") == expected
    assert api.call("GET", "/accounts").status_code == 200


@pytest.mark.parametrize("status", [500, 502, 503, 504, 507])
def test_5xx(api: Api, sandbox: SandboxServer, status: int) -> None:
    with sandbox.fault("kloudless_5xx", status=status, times=1):
        assert api.refused("GET", "/accounts")[0] == status
        assert api.call("GET", "/accounts").status_code == 200


def test_without_the_box_webhook_nothing_is_tracked(api: Api, sandbox: SandboxServer) -> None:
    path = f"/accounts/{api.people()[0]['id']}"
    with sandbox.fault("kloudless_not_tracking"):
        assert api.get(f"{path}/storage/recent")["total"] == 0
        assert api.get(f"{path}/events")["count"] == 0
    assert api.get(f"{path}/storage/recent")["total"] > 0


def test_import_of_an_organisation_needs_jwt_keys(api: Api, sandbox: SandboxServer) -> None:
    body = {
        "account": "organisation",
        "service": "box",
        "token": api.box["developer_token"],
        "admin": True,
        "enterprise_id": api.box["ccg"]["enterprise_id"],
    }
    with sandbox.fault("kloudless_no_jwt_keys"):
        assert api.refused("POST", "/accounts", json=body) == (400, "request_failed")


def test_fault_of_one_client_leaves_others_alone(api: Api, sandbox: SandboxServer) -> None:
    foreign = {"Authorization": f"Bearer {api.credentials['foreign_token']}"}
    with sandbox.fault("kloudless_rate_limit", client_id=api.credentials["app_id"]):
        assert api.call("GET", "/accounts").status_code == 429
        assert api.call("GET", "/accounts", headers=foreign).status_code == 200


@pytest.mark.parametrize(
    "fault, expected",
    [
        ("server_error_500", (502, "bad_gateway")),
        ("server_error_502", (502, "bad_gateway")),
        ("server_error_503", (503, "service_not_available")),
        ("rate_limit", (429, "too_many_service_requests")),
        ("malformed_json", (502, "bad_gateway")),
        ("dropped_connection", (502, "bad_gateway")),
    ],
)
def test_trouble_at_box_is_reported_as_trouble_upstream(
    api: Api, sandbox: SandboxServer, fault: str, expected: tuple[int, str]
) -> None:
    path = f"/accounts/{api.admin}/team/users"
    assert api.call("GET", path).status_code == 200
    with sandbox.fault(fault, path="/2.0/"):
        assert api.refused("GET", path) == expected
    assert api.call("GET", path).status_code == 200


@pytest.mark.parametrize(
    "fault, expected",
    [
        ("server_error_500", (500, "internal_error")),
        ("server_error_502", (502, "bad_gateway")),
        ("server_error_503", (503, "service_not_available")),
        ("rate_limit", (429, "too_many_requests")),
    ],
)
def test_trouble_of_the_transport_in_kloudless_own_words(
    api: Api, sandbox: SandboxServer, fault: str, expected: tuple[int, str]
) -> None:
    with sandbox.fault(fault, path="/v1/"):
        assert api.refused("GET", "/accounts") == expected
    assert api.call("GET", "/accounts").status_code == 200


def test_broken_answers_are_broken_here_too(api: Api, sandbox: SandboxServer) -> None:
    with sandbox.fault("malformed_json", path="/v1/"):
        answer = api.call("GET", "/accounts")
    assert answer.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        answer.json()
    with sandbox.fault("dropped_connection", path="/v1/"), pytest.raises(httpx.TransportError):
        api.call("GET", "/accounts")
    assert api.call("GET", "/accounts").status_code == 200

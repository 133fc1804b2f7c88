"""Visitors of the sandbox: each has apps of its own, and one's trouble is nobody else's."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tests.integration.sandbox.box_calls import Box, open_box
from tests.integration.sandbox.receiver import Receiver
from tests.integration.sandbox.test_control import signed
from tests.sandbox_guest import Guest, visiting
from tests.sandbox_kloudless import Api
from tests.sandbox_server import SandboxServer

PUBLIC = "https://runbook.example/webhooks/box/visitor"


@pytest.fixture
def house(sandbox: SandboxServer) -> Iterator[Guest]:
    box = open_box(sandbox.url)
    yield Guest(box, Api(box.http, sandbox.credentials()["kloudless"], dict(box.credentials)))
    box.http.close()


@pytest.fixture
def ada(sandbox: SandboxServer) -> Iterator[Guest]:
    with visiting(sandbox) as made:
        yield made


@pytest.fixture
def bob(sandbox: SandboxServer) -> Iterator[Guest]:
    with visiting(sandbox) as made:
        yield made


def shape(found: Any) -> Any:
    """Names and types of a JSON value; account ids stand for themselves."""
    if isinstance(found, dict):
        return {"id" if name.isdigit() else name: shape(value) for name, value in found.items()}
    return [shape(one) for one in found] if isinstance(found, list) else type(found)


def secrets_of(given: dict[str, Any]) -> set[str]:
    """What opens something or tells whose it is."""
    box, kloudless = given["box"], given["kloudless"]
    settings = box["config"]["boxAppSettings"]
    return {
        settings["clientID"], settings["clientSecret"],
        box["ccg"]["client_id"], box["ccg"]["client_secret"],
        box["oauth"]["client_id"], box["oauth"]["client_secret"],
        box["developer_token"], *box["webhook_keys"].values(),
        kloudless["app_id"], kloudless["api_key"], kloudless["admin_account"],
        *kloudless["account_tokens"], *kloudless["account_tokens"].values(),
    }  # fmt: skip


def test_a_visitor_gets_what_credentials_give_but_no_secret_of_anybody(
    sandbox: SandboxServer,
) -> None:
    usual, one, two = (
        sandbox.credentials(),
        sandbox.post("/sandbox/visitors", {}),
        sandbox.post("/sandbox/visitors", {}),
    )
    assert shape(one) == shape(two) == shape(usual)
    assert len(secrets_of(usual)) == len(secrets_of(one)) == len(secrets_of(two)) > 35
    assert not secrets_of(usual) & secrets_of(one)
    assert not secrets_of(one) & (secrets_of(two) | secrets_of(usual))
    assert one["box"]["users"] == usual["box"]["users"]
    assert one["box"]["config"]["enterpriseID"] == usual["box"]["config"]["enterpriseID"]
    key = one["box"]["config"]["boxAppSettings"]["appAuth"]
    assert key == usual["box"]["config"]["boxAppSettings"]["appAuth"]
    assert sandbox.credentials() == usual


def test_the_registered_apps_stay_as_they_are(sandbox: SandboxServer) -> None:
    before = sandbox.get("/sandbox/apps")
    sandbox.post("/sandbox/visitors", {})
    assert sandbox.get("/sandbox/apps") == before


@pytest.mark.parametrize("body", [b"[]", b"{", b'{"client_id":"x"}'], ids=str)
def test_a_visitor_is_registered_without_a_body(sandbox: SandboxServer, body: bytes) -> None:
    answer = httpx.post(f"{sandbox.url}/sandbox/visitors", content=body)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert httpx.get(f"{sandbox.url}/sandbox/visitors").status_code == 405


def test_each_way_in_works_and_leads_to_the_same_people(house: Guest, ada: Guest) -> None:
    def who(token: str, box: Box) -> str:
        return str(box.get("/users/me", token).raise_for_status().json()["id"])

    users = house.box.credentials["users"]
    for app in ("main", "ccg"):
        assert who(ada.box.token(app), ada.box) == who(house.box.token(app), house.box)
        assert who(ada.box.token(app, users["managed"]), ada.box) == users["managed"]
    assert who(ada.box.credentials["developer_token"], ada.box) == users["admin"]
    login = ada.box.get(f"/users/{users['admin']}", ada.box.token()).json()["login"]
    pair = ada.box.signed_in(login)
    assert who(pair["access_token"], ada.box) == users["admin"]
    renewed = ada.box.form("oauth", grant_type="refresh_token", refresh_token=pair["refresh_token"])
    assert who(ada.box.ask_token(renewed).json()["access_token"], ada.box) == users["admin"]


def test_kloudless_has_the_same_accounts_under_other_ids(house: Guest, ada: Guest) -> None:
    def reported(of: Guest) -> list[tuple[Any, ...]]:
        names = ("account", "service", "admin", "enabled", "created")
        return [tuple(one[name] for name in names) for one in of.kloudless.accounts()]

    assert reported(ada) == reported(house)
    mine = {str(one["id"]) for one in ada.kloudless.accounts()}
    assert mine == set(ada.kloudless.credentials["account_tokens"])
    path = f"/accounts/{ada.kloudless.admin}"
    users = ada.kloudless.get(f"{path}/team/users")["objects"]
    ours = house.kloudless.get(f"/accounts/{house.kloudless.admin}/team/users")["objects"]
    assert [one["email"] for one in users] == [one["email"] for one in ours]
    assert ada.kloudless.get(f"{path}/events", params={"page_size": 3})["count"] == 3
    verified = ada.kloudless.call(
        "GET", "/oauth/token", headers=ada.kloudless.token(ada.kloudless.admin)
    )
    assert verified.json()["client_id"] == ada.app_id


def test_what_is_one_visitors_opens_nothing_of_another(
    house: Guest, ada: Guest, bob: Guest
) -> None:
    for other in (house, bob):
        mixed = ada.box.form(
            "ccg",
            grant_type="client_credentials",
            client_secret=other.box.apps["ccg"]["client_secret"],
            box_subject_type="enterprise",
            box_subject_id=ada.box.credentials["ccg"]["enterprise_id"],
        )
        assert ada.box.ask_token(mixed).status_code == 400
        path = f"/accounts/{other.kloudless.admin}"
        assert ada.kloudless.refused("GET", path) == (404, "not_found")
        token = ada.kloudless.token(ada.kloudless.admin)
        assert ada.kloudless.refused("GET", path, headers=token) == (403, "permission_denied")
    borrowed = {"iss": bob.client_id}
    answer = ada.box.ask_by_assertion(**borrowed)
    assert answer.json()["error_description"] == "Please check the 'iss' claim."
    foreign = {"Authorization": f"Bearer {ada.kloudless.credentials['foreign_token']}"}
    found = ada.kloudless.call("GET", "/oauth/token", headers=foreign).json()
    assert found["client_id"] not in (ada.app_id, bob.app_id, house.app_id)


def me(of: Guest) -> int:
    return of.box.get("/users/me", of.box.credentials["developer_token"]).status_code


def asks_token(of: Guest) -> int:
    return of.box.ask_by_assertion().status_code


def groups(of: Guest) -> int:
    return of.box.get("/groups", of.box.credentials["developer_token"], limit=1).status_code


def accounts(of: Guest) -> int:
    return of.kloudless.call("GET", "/accounts").status_code


def team_groups(of: Guest) -> int:
    path = f"/accounts/{of.kloudless.admin}/team/groups"
    return of.kloudless.call("GET", path).status_code


def raw_me(of: Guest) -> int:
    headers = {"X-Kloudless-Raw-Method": "GET", "X-Kloudless-Raw-URI": "/2.0/users/me"}
    path = f"/accounts/{of.kloudless.admin}/raw"
    return of.kloudless.call("POST", path, headers=headers).status_code


@pytest.mark.parametrize(
    "fault, whose, asks, status",
    [
        ("token_signature", "client_id", asks_token, 400),
        ("missing_scope_manage_groups", "client_id", groups, 403),
        ("missing_scope_manage_groups", "client_id", team_groups, 403),
        ("server_error_503", "client_id", me, 503),
        ("server_error_503", "client_id", team_groups, 503),
        ("server_error_503", "client_id", raw_me, 503),
        ("token_rejected", "client_id", raw_me, 401),
        ("server_error_503", "app_id", accounts, 503),
        ("rate_limit", "app_id", team_groups, 429),
        ("kloudless_unauthorized", "app_id", accounts, 401),
        ("upstream_expired", "app_id", team_groups, 401),
    ],
)
def test_a_fault_of_one_visitor_touches_nobody_else(
    sandbox: SandboxServer,
    house: Guest,
    ada: Guest,
    bob: Guest,
    fault: str,
    whose: str,
    asks: Callable[[Guest], int],
    status: int,
) -> None:
    assert [asks(one) for one in (ada, bob, house)] == [200] * 3
    with sandbox.fault(fault, client_id=getattr(ada, whose)):
        assert [asks(one) for one in (ada, bob, house)] == [status, 200, 200]
    assert asks(ada) == 200


def test_a_fault_of_the_token_endpoint_meets_kloudless_on_behalf_of_that_visitor(
    sandbox: SandboxServer, ada: Guest, bob: Guest
) -> None:
    with sandbox.fault("app_not_authorized", client_id=ada.client_id):
        assert [team_groups(one) for one in (ada, bob)] == [401, 200]
    assert team_groups(ada) == 200


def test_a_fault_at_box_does_not_reach_what_kloudless_answers_by_itself(
    sandbox: SandboxServer, ada: Guest
) -> None:
    with sandbox.fault("server_error_503", client_id=ada.client_id):
        assert (me(ada), accounts(ada)) == (503, 200)
    with sandbox.fault("server_error_503", client_id=ada.app_id):
        assert (me(ada), accounts(ada)) == (200, 503)


def test_a_call_that_does_not_say_whose_it_is_is_left_alone(
    sandbox: SandboxServer, ada: Guest
) -> None:
    http = ada.box.http

    def anonymous() -> list[int]:
        wrong = {"client_id": "nobody", "client_secret": "x", "grant_type": "client_credentials"}
        bearer = {"Authorization": "Bearer wrong"}
        return [
            http.get("/2.0/users/me").status_code,
            http.get("/2.0/users/me", headers=bearer).status_code,
            http.post("/oauth2/token", data=wrong).status_code,
            http.get("/v1/public/services").status_code,
            http.get("/v1/accounts").status_code,
            http.get("/v1/accounts", headers=bearer).status_code,
        ]

    before = anonymous()
    assert before == [401, 401, 400, 200, 403, 403]
    for client_id in (ada.client_id, ada.app_id):
        sandbox.post("/sandbox/faults", {"name": "server_error_500", "client_id": client_id})
    assert anonymous() == before
    assert (me(ada), accounts(ada)) == (500, 500)
    sandbox.clear_faults()
    with sandbox.fault("server_error_500"):
        assert anonymous() == [500] * 6


def test_a_visitors_webhook_is_its_own_and_signed_with_its_keys(
    sandbox: SandboxServer, receiver: Receiver, house: Guest, ada: Guest
) -> None:
    managed = ada.box.credentials["users"]["managed"]
    token = ada.box.token(user=managed)
    folders = [
        one["id"]
        for one in ada.box.get("/folders/0/items", token, limit=1000).json()["entries"]
        if one["type"] == "folder"
    ]
    sandbox.post("/sandbox/routes", {"from": PUBLIC, "to": f"{receiver.url}/hook"})
    for folder in folders:
        body = {
            "target": {"id": folder, "type": "folder"},
            "address": PUBLIC,
            "triggers": ["FILE.UPLOADED"],
        }
        answer = ada.box.get("/webhooks", token, method="POST", json=body)
        assert answer.status_code == 201, answer.text
    assert not house.box.get("/webhooks", house.box.token(user=managed)).json()["entries"]
    for _ in range(20):  # where people upload to depends on the time
        if not receiver.got:
            sandbox.post("/sandbox/emit", {"count": 40, "event_type": "UPLOAD"})
    assert receiver.got
    keys = ada.box.credentials["webhook_keys"]
    for got in receiver.got:
        message = got.body + got.headers["box-delivery-timestamp"].encode()
        for name in ("primary", "secondary"):
            assert got.headers[f"box-signature-{name}"] == signed(keys[name], message)


def test_the_log_names_a_visitor_by_client_id_and_tells_no_secret(
    sandbox: SandboxServer, ada: Guest
) -> None:
    me(ada)
    log = sandbox.get("/sandbox/log")
    assert log[-1]["client_id"] == ada.client_id
    reported = json.dumps(log)
    for secret in (
        ada.box.apps["main"]["client_secret"],
        ada.box.credentials["developer_token"],
        ada.kloudless.credentials["api_key"],
    ):
        assert secret not in reported


def test_a_visitor_who_leaves_is_forgotten_with_what_is_switched_on_for_them(
    sandbox: SandboxServer, ada: Guest, bob: Guest
) -> None:
    for whose in (ada.client_id, ada.app_id, bob.client_id):
        sandbox.post("/sandbox/faults", {"name": "slow", "client_id": whose, "delay": 0})
    for known in (ada.client_id, ada.app_id, bob.client_id):
        assert sandbox.get(f"/sandbox/visitors/{known}") == {"ok": True}
    gone = httpx.delete(f"{sandbox.url}/sandbox/visitors/{ada.app_id}")
    assert (gone.status_code, gone.json()) == (200, {"ok": True})
    slow = next(one for one in sandbox.get("/sandbox/faults") if one["name"] == "slow")
    assert [one["client_id"] for one in slow["activations"]] == [bob.client_id]
    for path in (ada.client_id, ada.app_id, "nobody"):
        for method in ("GET", "DELETE"):
            answer = httpx.request(method, f"{sandbox.url}/sandbox/visitors/{path}")
            assert answer.status_code == 404
            assert answer.json()["error"]
    assert sandbox.get(f"/sandbox/visitors/{bob.client_id}") == {"ok": True}


def test_the_apps_that_are_always_there_are_no_visitors(
    sandbox: SandboxServer, house: Guest
) -> None:
    answer = httpx.delete(f"{sandbox.url}/sandbox/visitors/{house.client_id}")
    assert answer.status_code == 404
    assert house.box.get("/users/me", house.box.token()).status_code == 200

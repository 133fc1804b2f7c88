"""Faults whose whole point is in a detail: what hangs, what comes now and then, what heals it."""

import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.sandbox_guest import Guest, prepared, visiting
from tests.sandbox_server import SandboxServer, running_sandbox

REDIRECT = "http://localhost:8501/connected"


@pytest.fixture
def ada(sandbox: SandboxServer) -> Iterator[Guest]:
    with visiting(sandbox) as made:
        yield made


def on(sandbox: SandboxServer, name: str, **params: Any) -> None:
    sandbox.post("/sandbox/faults", {"name": name, **params})


def times_left(sandbox: SandboxServer, name: str) -> Any:
    listed = next(one for one in sandbox.get("/sandbox/faults") if one["name"] == name)
    return listed["activations"][0]["times_left"] if listed["activations"] else None


def hung(sandbox: SandboxServer, path: str, authorization: str, body: bytes = b"") -> socket.socket:
    """A connection whose call has been taken and is not answered."""
    parts = urlsplit(sandbox.url)
    connection = socket.create_connection((str(parts.hostname), int(parts.port or 0)), timeout=60)
    head = (
        f"{'POST' if body else 'GET'} {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n"
        f"Authorization: {authorization}\r\n\r\n"
    )
    connection.sendall(head.encode() + body)
    for _ in range(10_000):
        if times_left(sandbox, "hang") == 4:
            return connection
    raise AssertionError("the call was not taken")


def bearer(guest: Guest) -> str:
    return f"Bearer {guest.box.credentials['developer_token']}"


@pytest.mark.parametrize("whose", ["client_id", "app_id"])
def test_a_call_hangs_until_the_fault_is_switched_off_and_then_gets_nothing(
    sandbox: SandboxServer, ada: Guest, whose: str
) -> None:
    of_box = whose == "client_id"
    path, said = (
        ("/2.0/users/me", bearer(ada))
        if of_box
        else ("/v1/accounts", ada.kloudless.key["Authorization"])
    )
    on(sandbox, "hang", client_id=getattr(ada, whose), times=5)
    with hung(sandbox, path, said) as connection:
        with visiting(sandbox) as bob:
            assert bob.box.get("/users/me", bob.box.token()).status_code == 200
            assert bob.kloudless.call("GET", "/accounts").status_code == 200
        sandbox.clear_faults()
        assert connection.recv(1) == b""
    assert ada.box.http.get(path, headers={"Authorization": said}).status_code == 200


def test_a_call_hangs_no_longer_than_the_fault_says(sandbox: SandboxServer, ada: Guest) -> None:
    token = ada.box.token()
    on(sandbox, "hang", client_id=ada.client_id, longest=0.1, times=5)
    with hung(sandbox, "/2.0/users/me", bearer(ada)) as connection:
        assert connection.recv(1) == b""
    assert times_left(sandbox, "hang") == 4
    with pytest.raises(httpx.RemoteProtocolError):
        ada.box.get("/users/me", token)


def test_what_a_call_that_hangs_asked_for_is_not_done(sandbox: SandboxServer, ada: Guest) -> None:
    token, listed = ada.box.credentials["developer_token"], "/webhooks"
    folder = ada.box.get("/folders/0/items", token).json()["entries"][0]["id"]
    body = (
        f'{{"target":{{"id":"{folder}","type":"folder"}},"address":"https://runbook.example/x",'
        '"triggers":["FILE.UPLOADED"]}'
    )
    on(sandbox, "hang", client_id=ada.client_id, times=5)
    hung(sandbox, "/2.0/webhooks", bearer(ada), body.encode()).close()
    sandbox.clear_faults()
    with sandbox.fault("html_answer", client_id=ada.client_id):
        posted = ada.box.http.post(
            "/2.0/webhooks", content=body, headers={"Authorization": bearer(ada)}
        )
        assert posted.status_code == 200
    assert ada.box.get(listed, token).json()["entries"] == []


def test_a_sandbox_stops_though_calls_hang() -> None:
    with running_sandbox() as own:
        token = own.credentials()["box"]["developer_token"]
        on(own, "hang", times=5)
        connection = hung(own, "/2.0/users/me", f"Bearer {token}")
        own.process.terminate()
        assert own.process.wait(timeout=30) is not None
        connection.close()


def test_now_and_then_an_answer_is_unavailable_and_does_not_say_when_to_ask_again(
    sandbox: SandboxServer, ada: Guest
) -> None:
    token = ada.box.credentials["developer_token"]
    with sandbox.fault("intermittent", client_id=ada.client_id, every=3):
        answers = [ada.box.get("/users/me", token) for _ in range(7)]
    assert [one.status_code for one in answers] == [200, 200, 503] * 2 + [200]
    assert "retry-after" not in answers[2].headers
    assert answers[2].json()["code"] == "unavailable"
    with sandbox.fault("intermittent", client_id=ada.app_id, every=2, times=1):
        reported = [ada.kloudless.call("GET", "/accounts").status_code for _ in range(6)]
    assert reported == [200, 503, 200, 200, 200, 200]


def test_a_page_of_a_proxy_bears_nothing_of_box(sandbox: SandboxServer, ada: Guest) -> None:
    token = ada.box.credentials["developer_token"]
    with sandbox.fault("html_answer", client_id=ada.client_id):
        page = ada.box.get("/users/me", token)
    assert page.headers["content-type"].startswith("text/html")
    assert "box-request-id" not in page.headers
    assert "<form" in page.text
    assert ada.box.get("/users/me", token).headers["box-request-id"]


def test_an_empty_403_says_nothing_but_its_request_id(sandbox: SandboxServer, ada: Guest) -> None:
    with sandbox.fault("empty_403", client_id=ada.client_id):
        answer = ada.box.get("/users/me", ada.box.credentials["developer_token"])
    assert (answer.status_code, answer.content) == (403, b"")
    assert "www-authenticate" not in answer.headers
    assert answer.headers["box-request-id"]


def test_without_user_tokens_client_credentials_are_refused_in_their_words(
    sandbox: SandboxServer, ada: Guest
) -> None:
    def asked(kind: str, subject: str) -> httpx.Response:
        return ada.box.ask_token(
            ada.box.form(
                "ccg",
                grant_type="client_credentials",
                box_subject_type=kind,
                box_subject_id=subject,
            )
        )

    ccg = ada.box.apps["ccg"]
    with sandbox.fault("user_tokens_off", client_id=ccg["client_id"]):
        refused = asked("user", ada.managed)
        assert asked("enterprise", ccg["enterprise_id"]).status_code == 200
    assert refused.json()["error_description"] == "Grant credentials are invalid"
    assert asked("user", ada.managed).status_code == 200


def test_a_webhook_that_box_deleted_can_be_made_again(sandbox: SandboxServer, ada: Guest) -> None:
    token = prepared(ada)["admin"]

    def listed() -> list[str]:
        return [one["id"] for one in ada.box.get("/webhooks", token).json()["entries"]]

    (old,) = listed()
    body = ada.box.get(f"/webhooks/{old}", token).json()
    again = {name: body[name] for name in ("target", "address", "triggers")}
    taken = ada.box.get("/webhooks", token, method="POST", json=again)
    assert taken.status_code == 409
    with sandbox.fault("webhook_cleaned_up", client_id=ada.client_id):
        assert listed() == []
        made = ada.box.get("/webhooks", token, method="POST", json=again)
        assert made.status_code == 201
        assert listed() == [made.json()["id"]]
        assert ada.box.get(f"/webhooks/{made.json()['id']}", token).status_code == 200
        assert ada.box.get(f"/webhooks/{old}", token).status_code == 404
    assert listed() == [made.json()["id"]]


def test_an_application_without_box_offers_imports_and_connects_none(
    sandbox: SandboxServer, ada: Guest
) -> None:
    http, api = ada.box.http, ada.kloudless
    first_leg = {
        "client_id": ada.app_id,
        "response_type": "code",
        "redirect_uri": REDIRECT,
        "scope": "box",
        "state": "s",
    }
    imported = {"account": "a", "service": "box", "token": "t"}

    def names(**params: str) -> list[str]:
        found = http.get("/v1/public/services", params=params).json()["objects"]
        return [one["name"] for one in found]

    assert "box" in names(app_id=ada.app_id)
    assert http.get("/v1/oauth", params=first_leg).status_code == 200
    with sandbox.fault("kloudless_no_box_connector", client_id=ada.app_id):
        assert "box" not in names(app_id=ada.app_id)
        assert "dropbox" in names(app_id=ada.app_id)
        assert http.get("/v1/public/services/dropbox?app_id=" + ada.app_id).status_code == 200
        back = httpx.URL(http.get("/v1/oauth", params=first_leg).headers["location"])
        assert (back.params["error"], back.params["state"]) == ("invalid_scope", "s")
        assert api.refused("POST", "/accounts", json=imported) == (400, "invalid_parameters")
        assert "box" in names(), "a call that does not tell whose it is"
        assert http.get("/v1/public/services/box").status_code == 200
    with sandbox.fault("kloudless_no_box_connector"):
        assert "box" not in names()
        assert http.get("/v1/public/services/box").status_code == 404
    made = api.call("POST", "/accounts", json=imported)
    assert made.status_code == 201


def test_one_account_can_be_disabled_and_the_list_says_so(
    sandbox: SandboxServer, ada: Guest
) -> None:
    api = ada.kloudless
    one, two = (str(account["id"]) for account in api.people()[:2])

    def disabled() -> set[str]:
        params = {"enabled": "false", "page_size": 100}
        return {str(a["id"]) for a in api.get("/accounts", params=params)["objects"]}

    before = disabled()
    with sandbox.fault("kloudless_account_disabled", client_id=ada.app_id, account=int(one)):
        assert disabled() == before | {one}
        assert api.get(f"/accounts/{one}")["active"] is False
        assert api.refused("GET", f"/accounts/{one}/storage/folders/root") == (403, "forbidden")
        assert api.call("GET", f"/accounts/{two}/storage/folders/root").status_code == 200
        assert api.call("PATCH", f"/accounts/{one}", json={"enabled": True}).json()["enabled"] is (
            False
        )
    assert disabled() == before


def test_without_an_organisation_people_are_still_connected(
    sandbox: SandboxServer, ada: Guest
) -> None:
    api = ada.kloudless
    person = str(api.people()[0]["id"])
    with sandbox.fault("kloudless_no_admin_account", client_id=ada.app_id):
        assert api.get("/accounts", params={"admin": "true"})["total"] == 0
        assert api.get("/accounts", params={"admin": "false"})["total"] == 14
        assert api.call("GET", "/accounts/me", headers=api.token(person)).status_code == 200
        of_admin = api.token(api.admin)
        assert api.refused("GET", "/accounts/me", headers=of_admin) == (403, "forbidden")
        root = f"/accounts/{person}/storage/folders/root"
        assert api.call("GET", root).status_code == 200
    assert api.get("/accounts", params={"admin": "true"})["total"] == 1


@pytest.mark.parametrize("path", ["events", "subscriptions/default/activity"])
def test_a_cursor_from_before_is_refused_and_one_from_since_is_good(
    sandbox: SandboxServer, ada: Guest, path: str
) -> None:
    where, api = f"/accounts/{ada.kloudless.admin}/{path}", ada.kloudless

    def page(**params: Any) -> httpx.Response:
        return api.call("GET", where, params={"page_size": 2, **params})

    start = page().json()["cursor"]
    stored = page(cursor=start).json()["cursor"]
    with sandbox.fault("kloudless_cursor_expired", client_id=ada.app_id):
        refused = page(cursor=stored)
        assert (refused.status_code, refused.json()["error_code"]) == (400, "invalid_parameters")
        fresh = page(cursor="after-auth").json()["cursor"]
        onwards = page(cursor=fresh)
        assert (onwards.status_code, onwards.json()["count"]) == (200, 2)
        latest = api.get(f"{where}/latest")["cursor"]
        assert page(cursor=latest).status_code == 200
        assert page(cursor=onwards.json()["cursor"]).status_code == 200
    assert page(cursor=stored).status_code == 200


def test_a_subscription_that_is_not_there_is_not_found_by_its_id_either(
    sandbox: SandboxServer, ada: Guest
) -> None:
    api, where = ada.kloudless, f"/accounts/{ada.kloudless.admin}/subscriptions"
    number = api.get(where)["objects"][0]["id"]
    with sandbox.fault("kloudless_no_subscription", client_id=ada.app_id):
        for name in (number, "default"):
            assert api.refused("GET", f"{where}/{name}") == (404, "not_found")
            assert api.refused("DELETE", f"{where}/{name}") == (404, "not_found")
    assert api.get(f"{where}/default")["id"] == number


def test_another_enterprise_and_a_state_are_reported_only_where_they_are_asked_for(
    sandbox: SandboxServer, ada: Guest
) -> None:
    token, own = ada.box.token(), ada.box.credentials["ccg"]["enterprise_id"]
    for name in ("other_enterprise", "free_account", "person_inactive"):
        on(sandbox, name, client_id=ada.client_id, times=1)
    assert ada.box.get("/users/me", token, fields="id").status_code == 200
    assert [times_left(sandbox, name) for name in ("other_enterprise", "free_account")] == [1, 1]
    myself = ada.box.get("/users/me", token, fields="id,enterprise,status").json()
    assert (myself["enterprise"], myself["status"]) == (None, "inactive")
    healed = ada.box.get("/users/me", token, fields="enterprise,status").json()
    assert (healed["enterprise"]["id"], healed["status"]) == (own, "active")
    on(sandbox, "other_enterprise", client_id=ada.client_id)
    reported = ada.box.get("/users/me", token, fields="enterprise").json()["enterprise"]
    assert reported["id"] not in (own, None)
    assert reported["type"] == "enterprise"


def test_a_gone_subscription_can_be_made_again(sandbox: SandboxServer, ada: Guest) -> None:
    api, where = ada.kloudless, f"/accounts/{ada.kloudless.admin}/subscriptions"
    before = api.get(where)["objects"]
    with sandbox.fault("kloudless_no_subscription", client_id=ada.app_id):
        made = api.call("POST", where, json={})
        assert (made.status_code, made.json()["default"]) == (201, True)
        assert [one["id"] for one in api.get(where)["objects"]] == [made.json()["id"]]
        assert api.get(f"{where}/default")["id"] == made.json()["id"]
    after = api.get(where)["objects"]
    assert [one["id"] for one in after] == [before[0]["id"], made.json()["id"]]
    assert [one["default"] for one in after] == [True, False]

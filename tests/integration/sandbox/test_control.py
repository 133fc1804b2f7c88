"""The sandbox's own calls: credentials, log, emitted events and their deliveries, its end."""

import base64
import hashlib
import hmac
import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.integration.sandbox.box_calls import Box
from tests.integration.sandbox.receiver import Delivery, Receiver
from tests.sandbox_server import ROOT, SandboxServer, running_sandbox

PUBLIC = "https://runbook.example/webhooks/box/sandbox"


def signed(key: str, message: bytes) -> str:
    return base64.b64encode(hmac.new(key.encode(), message, hashlib.sha256).digest()).decode()


def emit(sandbox: SandboxServer, **order: Any) -> Any:
    return sandbox.post("/sandbox/emit", order)


def test_credentials_are_complete(sandbox: SandboxServer) -> None:
    given = sandbox.credentials()
    assert set(given) == {"box", "kloudless"}
    assert set(given["box"]) == {
        "api_url", "account_url", "config", "ccg", "oauth", "developer_token", "users",
        "webhook_keys",
    }  # fmt: skip
    assert set(given["box"]["users"]) == {"admin", "coadmin", "managed", "external", "app_user"}
    settings = given["box"]["config"]["boxAppSettings"]
    assert settings["appAuth"]["privateKey"].startswith("-----BEGIN ENCRYPTED PRIVATE KEY-----\n")
    assert sandbox.credentials()["box"] == given["box"]


def secrets_in(found: Any) -> list[str]:
    """Every text in the credentials that opens something."""
    if isinstance(found, dict):
        names = {"client_secret", "clientSecret", "passphrase", "api_key", "developer_token",
                 "foreign_token", "primary", "secondary"}  # fmt: skip
        here = [found[name] for name in names & found.keys()]
        here += list(found.get("account_tokens", {}).values())
        return here + [secret for value in found.values() for secret in secrets_in(value)]
    return []


def test_regression_a_secret_in_a_path_is_not_in_the_log(box: Box, sandbox: SandboxServer) -> None:
    admin = box.get("/users/me", box.credentials["developer_token"]).json()
    pair = box.signed_in(admin["login"])
    issued = [box.token(), box.code(admin["login"]), pair["access_token"], pair["refresh_token"]]
    secrets = [*issued, box.assertion(), *secrets_in(sandbox.credentials())]
    assert len(secrets) > 15
    for secret in secrets:
        box.get(f"/users/{secret}", issued[0])
        box.http.get(f"/v1/accounts/{secret}")
        box.http.get(f"/sandbox/Bearer {secret}/x")
    box.get(f"/users/{admin['id']}", issued[0])
    log = box.http.get("/sandbox/log")
    assert not [secret for secret in secrets if secret in log.text]
    paths = [served["path"] for served in log.json()]
    assert "/2.0/users/[hidden]" in paths
    assert "/sandbox/Bearer [hidden]/x" in paths
    assert f"/2.0/users/{admin['id']}" in paths


def test_the_world_says_what_it_is_made_from() -> None:
    with running_sandbox("--seed", "7", "--users", "1", "--days", "3") as small:
        reported = small.get("/sandbox/world")
        truth = small.truth()
    assert reported == {
        "seed": 7,
        "users": 12,
        "days": 3,
        "events_per_day": 1111,
        "first_day": truth["first_day"],
        "as_of": truth["as_of"],
        "live": False,
    }
    assert reported["users"] == sum(
        truth["users"][kind] for kind in ("admin", "coadmin", "managed")
    )


@pytest.mark.parametrize(
    "order",
    [
        {"count": -1},
        {"count": "many"},
        {"count": 10**9},
        {"event_type": 5},
        {"signature": "forged"},
        {"deliver": {"kind": "box"}},
        {"deliver": [{"kind": "box"}]},
        {"deliver": [{"kind": "post", "url": "http://127.0.0.1:1/"}]},
        {"deliver": [{"kind": "box", "url": "http://example.com/"}]},
        {"deliver": [{"kind": "box", "url": "http://169.254.169.254/"}]},
        {"deliver": [{"kind": "box", "url": "http://10.0.0.1/"}]},
        {"deliver": [{"kind": "box", "url": "ftp://127.0.0.1/"}]},
        {"deliver": [{"kind": "box", "url": "http://127.0.0.1.example.com/"}]},
        {"deliver": [{"kind": "box", "url": "http://127.0.0.1:99999/"}]},
        {"deliver": [{"kind": "box", "url": "http://[::1/"}]},
        {"attempts": 13},
        {"trigger": "FILE.TICKLED"},
    ],
    ids=str,
)
def test_a_wrong_order_is_400(sandbox: SandboxServer, order: dict[str, Any]) -> None:
    answer = httpx.post(f"{sandbox.url}/sandbox/emit", json=order)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_a_box_delivery_is_signed_over_body_and_time(
    sandbox: SandboxServer, receiver: Receiver
) -> None:
    keys = sandbox.credentials()["box"]["webhook_keys"]
    target = {"kind": "box", "url": f"{receiver.url}/webhooks/box/sandbox"}
    made = emit(sandbox, count=3, deliver=[target])
    assert [one["status"] for one in made["deliveries"]] == [204] * 3
    assert len(receiver.got) == 3
    for got, noted in zip(receiver.got, made["deliveries"], strict=True):
        assert got.path == "/webhooks/box/sandbox"
        assert got.headers["box-delivery-id"] == noted["id"]
        assert got.headers["user-agent"] == "Box-WH-Client/0.1"
        assert got.headers["box-signature-version"] == "1"
        assert got.headers["box-signature-algorithm"] == "HmacSHA256"
        at = got.headers["box-delivery-timestamp"]
        assert abs(datetime.fromisoformat(at) - datetime.now(UTC)) < timedelta(minutes=5)
        for name, key in (("primary", keys["primary"]), ("secondary", keys["secondary"])):
            assert got.headers[f"box-signature-{name}"] == signed(key, got.body + at.encode())
        assert got.body.isascii()
        body = json.loads(got.body)
        assert set(body) == {
            "type", "id", "created_at", "trigger", "webhook", "created_by", "source",
            "additional_info",
        }  # fmt: skip
        assert body["type"] == "webhook_event"
        assert body["source"]["type"] in ("file", "folder")


def test_whoever_orders_knows_its_deliveries_by_their_mark(
    sandbox: SandboxServer, receiver: Receiver
) -> None:
    targets = [{"kind": kind, "url": receiver.url} for kind in ("box", "kloudless")]
    emit(sandbox, count=1, deliver=targets, mark="mine")
    emit(sandbox, count=1, deliver=targets)
    marks = [got.headers.get("box-runbook-sent") for got in receiver.got]
    assert {*marks} == {"mine", None}
    with pytest.raises(httpx.HTTPStatusError):
        emit(sandbox, count=1, deliver=targets, mark="two\nlines")


def test_deliveries_can_be_signed_wrongly(sandbox: SandboxServer, receiver: Receiver) -> None:
    keys = sandbox.credentials()["box"]["webhook_keys"]
    target = {"kind": "box", "url": receiver.url}

    def sent(signature: str) -> tuple[Delivery, str, str, timedelta]:
        emit(sandbox, count=1, event_type="UPLOAD", deliver=[target], signature=signature)
        got = receiver.got[-1]
        at = got.headers["box-delivery-timestamp"]
        message = got.body + at.encode()
        age = datetime.now(UTC) - datetime.fromisoformat(at)
        return got, signed(keys["primary"], message), signed(keys["secondary"], message), age

    got, primary, secondary, _ = sent("wrong")
    assert got.headers["box-signature-primary"] not in (primary, secondary)
    assert got.headers["box-signature-secondary"] not in (primary, secondary)
    got, primary, secondary, _ = sent("swapped")
    assert got.headers["box-signature-primary"] == secondary
    assert got.headers["box-signature-secondary"] == primary
    got, primary, _, age = sent("old")
    assert got.headers["box-signature-primary"] == primary
    assert age > timedelta(minutes=10)
    got, primary, _, age = sent("future")
    assert got.headers["box-signature-primary"] == primary
    assert age < timedelta(minutes=-10)


def test_a_retry_has_a_new_delivery_id_and_the_same_body(
    sandbox: SandboxServer, receiver: Receiver
) -> None:
    target = {"kind": "box", "url": receiver.url}
    emit(sandbox, count=1, event_type="UPLOAD", deliver=[target], attempts=3)
    assert len({got.body for got in receiver.got}) == 1
    assert len({got.headers["box-delivery-id"] for got in receiver.got}) == 3


@pytest.mark.parametrize(
    "trigger,info", [("WEBHOOK.DELETED", {"reason": "auto_cleanup"}), ("NO_ACTIVE_SESSION", [])]
)
def test_box_says_goodbye_to_a_webhook(
    sandbox: SandboxServer, receiver: Receiver, trigger: str, info: Any
) -> None:
    target = {"kind": "box", "url": receiver.url}
    emit(sandbox, count=1, event_type="LOGIN", deliver=[target], trigger=trigger)
    body = json.loads(receiver.got[0].body)
    assert (body["trigger"], body["additional_info"]) == (trigger, info)


def test_an_event_without_a_webhook_trigger_is_not_delivered_to_box_receivers(
    sandbox: SandboxServer, receiver: Receiver
) -> None:
    target = {"kind": "box", "url": receiver.url}
    made = emit(sandbox, count=2, event_type="LOGIN", deliver=[target])
    assert len(made["event_ids"]) == 2
    assert made["deliveries"] == receiver.got == []


def test_a_receiver_that_fails_or_is_gone_is_noted(
    sandbox: SandboxServer, receiver: Receiver
) -> None:
    gone = {"kind": "box", "url": "http://127.0.0.1:9/"}
    broken = {"kind": "box", "url": f"{receiver.url}/broken"}
    made = emit(sandbox, count=1, event_type="UPLOAD", deliver=[gone, broken])
    assert [one["status"] for one in made["deliveries"]] == [None, 500]


def test_a_kloudless_delivery_names_accounts_only(
    sandbox: SandboxServer, receiver: Receiver
) -> None:
    given = sandbox.credentials()["kloudless"]
    target = {"kind": "kloudless", "url": f"{receiver.url}/webhooks/kloudless/sandbox"}
    emit(sandbox, count=5, event_type="UPLOAD", deliver=[target])
    assert receiver.got
    for got in receiver.got:
        name, _, account = got.body.decode().partition("=")
        assert (name, account.isdigit()) == ("account", True)
        assert got.headers["content-type"] == "application/x-www-form-urlencoded"
        assert got.headers["x-kloudless-signature"] == signed(given["api_key"], got.body)
    receiver.got.clear()
    emit(sandbox, count=5, event_type="UPLOAD", deliver=[target], signature="wrong")
    got = receiver.got[0]
    assert got.headers["x-kloudless-signature"] != signed(given["api_key"], got.body)


def test_a_registered_webhook_is_delivered_where_its_public_address_leads(
    box: Box, sandbox: SandboxServer, receiver: Receiver
) -> None:
    token = box.token("gcm")
    page = box.get(
        "/search",
        box.token("gcm", box.credentials["users"]["admin"]),
        query="a",
        type="folder",
        scope="enterprise_content",
        limit=200,
    ).json()
    folders = [one["id"] for one in page["entries"]]
    sandbox.post("/sandbox/routes", {"from": PUBLIC, "to": f"{receiver.url}/hook"})
    made = []
    for folder in folders[:60]:
        body = {
            "target": {"id": folder, "type": "folder"},
            "address": PUBLIC,
            "triggers": ["FILE.UPLOADED"],
        }
        made.append(box.get("/webhooks", token, method="POST", json=body).json()["id"])
    emit(sandbox, count=5, event_type="DOWNLOAD")
    for _ in range(20):  # where people upload to depends on the time
        if not receiver.got:
            emit(sandbox, count=40, event_type="UPLOAD")
    for hook in made:
        box.get(f"/webhooks/{hook}", token, method="DELETE")
    assert receiver.got
    for got in receiver.got:
        body = json.loads(got.body)
        assert got.path == "/hook"
        assert body["trigger"] == "FILE.UPLOADED"
        assert body["webhook"]["id"] in made


def test_routes_lead_to_this_machine_only(sandbox: SandboxServer) -> None:
    for body in ({"from": PUBLIC, "to": "http://example.com/"}, {"from": PUBLIC}, {"to": "x"}):
        assert httpx.post(f"{sandbox.url}/sandbox/routes", json=body).status_code == 400


def test_the_log_has_no_secret(box: Box, sandbox: SandboxServer) -> None:
    token = box.token()
    box.get("/users", token, filter_term="canary-term")
    box.get("/users/me", "canary-token")
    box.ask_token(box.form("main", grant_type="x", client_id="canary-client"))
    box.http.get("/api/oauth2/authorize", params={"client_id": "x", "state": "canary-state"})
    log = sandbox.get("/sandbox/log")
    assert set(log[-1]) == {"at", "method", "path", "status", "client_id"}
    text = json.dumps(log)
    for secret in (token, "canary", box.apps["main"]["client_secret"]):
        assert secret not in text
    users = [one for one in log if one["path"] == "/2.0/users"]
    assert (users[-1]["status"], users[-1]["method"]) == (200, "GET")
    assert users[-1]["client_id"] == box.apps["main"]["client_id"]


def test_the_sandbox_ends_when_its_parent_does() -> None:
    command = [sys.executable, "-m", "lib", "sandbox", "--port", "0", "--stop-with-parent"]
    process = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    url = process.stdout.readline().strip()
    assert httpx.get(f"{url}/sandbox/faults", timeout=30).status_code == 200
    process.stdin.close()
    assert process.wait(timeout=30) == 0
    process.stdout.close()


def test_a_fault_can_be_on_from_the_start() -> None:
    command = [sys.executable, "-m", "lib", "sandbox", "--port", "0", "--fault", "token_sub"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    url = process.stdout.readline().strip()
    listing = httpx.get(f"{url}/sandbox/faults", timeout=30).json()
    process.terminate()
    process.wait(timeout=30)
    process.stdout.close()
    assert [one["name"] for one in listing if one["active"]] == ["token_sub"]


def test_an_unknown_fault_is_wrong_usage() -> None:
    command = [sys.executable, "-m", "lib", "sandbox", "--port", "0", "--fault", "nothing"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=60, check=False)
    assert done.returncode == 2
    assert b"nothing" in done.stderr

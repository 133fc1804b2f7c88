"""Whose token it is, and whether that shows admin rights in the enterprise that was entered."""

from typing import Any

import httpx
import pytest

from lib.box.admin_proof import AdminProof, prove_admin
from lib.core.errors import BoxApiError, RunbookError, Who
from lib.core.redaction import Secret
from tests.wire_server import Reply, WireServer, as_json

OURS = {"type": "enterprise", "id": "77", "name": "Example"}


def me(**more: Any) -> Reply:
    return as_json({"type": "user", "id": "5", "name": "Ada", "login": "ada@example.com", **more})


def prove(http: httpx.Client, server: WireServer) -> AdminProof:
    return prove_admin(http, Secret("canary-proof"), api_url=server.url, enterprise_id="77")


@pytest.mark.parametrize("role, words", [("admin", "the primary admin"), ("coadmin", "a co-admin")])
def test_an_admin_of_the_enterprise_is_proved_by_one_reading_call(
    server: WireServer, http: httpx.Client, role: str, words: str
) -> None:
    server.answer = lambda _: me(role=role, enterprise=OURS)
    found = prove(http, server)
    assert found.words == f"Ada (ada@example.com) is {words} of enterprise 77."
    (seen,) = server.requests
    assert (seen.method, seen.path) == ("GET", "/2.0/users/me")
    assert {"role", "enterprise"} <= set(seen.query["fields"].split(","))
    assert seen.headers["authorization"] == "Bearer canary-proof"


@pytest.mark.parametrize(
    "reported, message, who",
    [
        ({"role": "user", "enterprise": OURS}, "who isn't an admin", Who.BOX_ADMIN),
        ({"enterprise": OURS}, "who isn't an admin", Who.BOX_ADMIN),
        ({"role": "admin", "enterprise": {**OURS, "id": "78"}}, "another enterprise", Who.YOU),
        ({"role": "admin", "enterprise": None}, "isn't part of an enterprise", Who.YOU),
        ({"role": "admin", "enterprise": "77"}, "isn't part of an enterprise", Who.YOU),
    ],
)
def test_whoever_is_no_admin_there_proves_nothing(
    server: WireServer, http: httpx.Client, reported: dict[str, Any], message: str, who: Who
) -> None:
    server.answer = lambda _: me(**reported)
    with pytest.raises(RunbookError, match=message) as caught:
        prove(http, server)
    assert caught.value.who is who
    assert "canary" not in str(caught.value.as_dict())


def test_a_dead_token_is_boxs_own_refusal(server: WireServer, http: httpx.Client) -> None:
    header = 'Bearer realm="Service", error="invalid_token", error_description="It is invalid."'
    server.answer = lambda _: Reply(401, b"", {"WWW-Authenticate": header})
    with pytest.raises(BoxApiError) as caught:
        prove(http, server)
    assert caught.value.status == 401
    assert len(server.requests) == 1

"""The token endpoint: every row of Box's error table, met by a request that deserves it."""

import re
import time
from typing import Any

import httpx
import pytest

from lib.sandbox.app import utc_now
from lib.sandbox.world import World, WorldSpec
from tests.integration.sandbox.box_calls import EXCHANGE, JWT_GRANT, Box

PAST = "Current date/time MUST be before the expiration date/time listed in the 'exp' claim"
TOO_FAR = (
    "Please check the 'exp' claim. The 'exp' value exceeds the maximum value of 60 seconds beyond "
    "the issue time."
)
SUB = "Please check the 'sub' claim. The 'sub' specified is invalid."
SIGNATURE = (
    'Signature verification error. The public key identified by "kid" must correspond to the '
    "private key used for signing."
)
JTI_USED = "Please check the 'jti' claim. A unique 'jti' value is required."
USER = "Cannot obtain user token based on the enterprise configuration for your app"


def refused(answer: httpx.Response, error: str, description: str, status: int = 400) -> None:
    assert answer.status_code == status
    assert answer.json() == {"error": error, "error_description": description}
    assert answer.headers["box-request-id"]


@pytest.mark.parametrize("algorithm", ["RS256", "RS384", "RS512"])
def test_a_signed_assertion_gets_a_token_of_the_service_account(box: Box, algorithm: str) -> None:
    answer = box.ask_by_assertion(algorithm=algorithm)
    body = answer.json()
    assert answer.headers["cache-control"] == "no-store"
    assert body["token_type"] == "bearer"
    assert body["restricted_to"] == []
    assert 3600 <= body["expires_in"] <= 4200
    me = box.get("/users/me", body["access_token"]).json()
    assert me["login"].startswith("AutomationUser_")
    assert me["login"].endswith("@boxdevedition.com")


def test_regression_each_server_app_has_a_service_account_of_its_own(box: Box) -> None:
    apps = ("main", "ccg", "gcm", "app-access", "ccg-app-access", "files-only")
    tokens = {app: box.token(app) for app in apps}
    them = {app: box.get("/users/me", token).json() for app, token in tokens.items()}
    for what in ("id", "login", "name"):
        assert len({me[what] for me in them.values()}) == len(apps)
    for me in them.values():
        assert re.fullmatch(r"AutomationUser_\d+_\w{10}@boxdevedition\.com", me["login"])
    root = box.get("/folders/0/items", tokens["ccg"]).json()
    assert root["total_count"] == 0
    assert box.get("/users/me", box.token("ccg")).json() == them["ccg"]
    assert box.get("/users", tokens["ccg"]).status_code == 200
    events = box.get("/events", tokens["ccg"], stream_type="admin_logs", limit=1)
    assert events.json()["chunk_size"] == 1
    listed = box.get("/users", tokens["main"], limit=1000).json()["entries"]
    assert {me["id"] for me in them.values()}.isdisjoint(one["id"] for one in listed)
    as_another = {"As-User": them["ccg"]["id"]}
    assert box.get("/users/me", tokens["main"], headers=as_another).status_code == 403


@pytest.mark.parametrize(
    "claims,description",
    [
        ({"exp": 1_700_000_000}, PAST),
        ({"exp": 4_000_000_000}, TOO_FAR),
        ({"exp": 1_700_000_000.5}, "Please check the 'exp' claim. Should be an integer"),
        ({"exp": "1700000000"}, "Please check the 'exp' claim. Should be an integer"),
        ({"exp": True}, "Please check the 'exp' claim. Should be an integer"),
        ({"exp": None}, "Please check the 'exp' claim."),
        ({"jti": None}, "Please check the 'jti' claim."),
        ({"jti": "short"}, "Please check the 'jti' claim."),
        ({"jti": "x" * 129}, "Please check the 'jti' claim."),
        ({"aud": "https://api.box.com/oauth2/token/"}, "Please check the 'aud' claim."),
        ({"aud": None}, "Please check the 'aud' claim."),
        ({"iss": "somebody"}, "Please check the 'iss' claim."),
        ({"sub": "0"}, SUB),
        ({"sub": "999"}, SUB),
        ({"sub": 42}, SUB),
        ({"sub": None}, SUB),
        ({"box_sub_type": "user"}, SUB),
        ({"box_sub_type": "Enterprise"}, SUB),
        ({"box_sub_type": None}, SUB),
        ({"nbf": 4_000_000_000}, "Please check the 'nbf' claim."),
        ({"iat": 4_000_000_000}, "Please check the 'iat' claim."),
    ],
    ids=str,
)
def test_a_wrong_claim_is_an_invalid_grant(
    box: Box, claims: dict[str, Any], description: str
) -> None:
    refused(box.ask_by_assertion(**claims), "invalid_grant", description)


def test_exp_may_be_60_seconds_away_and_not_more(box: Box) -> None:
    assert box.ask_by_assertion(exp=int(time.time()) + 60).status_code == 200
    refused(box.ask_by_assertion(exp=int(time.time()) + 63), "invalid_grant", TOO_FAR)


def test_a_number_as_sub_is_refused_even_when_it_is_the_enterprise(box: Box) -> None:
    number = int(box.credentials["ccg"]["enterprise_id"])
    refused(box.ask_by_assertion(sub=number), "invalid_grant", SUB)


def test_an_assertion_works_once(box: Box) -> None:
    form = box.form("main", grant_type=JWT_GRANT, assertion=box.assertion())
    assert box.ask_token(form).status_code == 200
    refused(box.ask_token(form), "invalid_grant", JTI_USED)


def test_a_jti_works_once_even_in_another_assertion(box: Box) -> None:
    jti = f"jti-{time.time_ns()}"
    assert box.ask_by_assertion(jti=jti).status_code == 200
    refused(box.ask_by_assertion(jti=jti, exp=int(time.time()) + 30), "invalid_grant", JTI_USED)


@pytest.mark.parametrize(
    "options",
    [
        {"header": {"kid": "zzzzzzzz"}},
        {"header": {"kid": None}},
        {"key_of": "gcm"},
    ],
    ids=["unknown kid", "no kid", "another key"],
)
def test_key_and_kid_must_belong_together(box: Box, options: dict[str, Any]) -> None:
    refused(box.ask_by_assertion(**options), "invalid_grant", SIGNATURE)


def test_a_changed_assertion_fails_its_signature(box: Box) -> None:
    head, _, tail = box.assertion().split(".")
    claims = box.assertion(sub="999").split(".")[1]
    form = box.form("main", grant_type=JWT_GRANT, assertion=f"{head}.{claims}.{tail}")
    refused(box.ask_token(form), "invalid_grant", SIGNATURE)


def test_an_unsigned_assertion_is_refused(box: Box) -> None:
    head = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0"  # {"alg":"none","typ":"JWT"}
    claims = box.assertion().split(".")[1]
    form = box.form("main", grant_type=JWT_GRANT, assertion=f"{head}.{claims}.")
    refused(box.ask_token(form), "invalid_grant", "Please check the 'alg' header.")


@pytest.mark.parametrize("assertion", ["x", "a.b.c", "..", "e30.e30", "é.é.é"])
def test_what_is_no_token_is_refused(box: Box, assertion: str) -> None:
    answer = box.ask_token(box.form("main", grant_type=JWT_GRANT, assertion=assertion))
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    "form",
    [{}, {"client_secret": "wrong"}, {"client_id": "nobody"}],
    ids=["none", "wrong secret", "unknown id"],
)
def test_client_id_and_secret_must_be_right(box: Box, form: dict[str, str]) -> None:
    fields = box.form("main", grant_type=JWT_GRANT, assertion=box.assertion())
    answer = box.ask_token({**fields, **form})
    if form:
        refused(answer, "invalid_client", "The client credentials are invalid")
    else:
        assert answer.status_code == 200


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"grant_type": "password"},
        {"grant_type": JWT_GRANT},
        {"grant_type": "refresh_token"},
        {"grant_type": "client_credentials"},
        {"grant_type": EXCHANGE, "scope": "item_preview"},
    ],
    ids=str,
)
def test_a_missing_field_is_an_invalid_request(box: Box, form: dict[str, str]) -> None:
    answer = box.ask_token(box.form("main", **form))
    refused(answer, "invalid_request", "Invalid grant_type parameter or parameter missing")


def test_a_json_body_is_not_read(box: Box) -> None:
    form = box.form("main", grant_type=JWT_GRANT, assertion=box.assertion())
    answer = box.http.post("/oauth2/token", json=form)
    refused(answer, "invalid_request", "Invalid grant_type parameter or parameter missing")


def test_the_grant_must_be_the_apps_own(box: Box) -> None:
    ccg = {
        "grant_type": "client_credentials",
        "box_subject_type": "enterprise",
        "box_subject_id": box.credentials["ccg"]["enterprise_id"],
    }
    said = "The grant type is unauthorized for this client_id"
    refused(box.ask_token(box.form("main", **ccg)), "unauthorized_client", said)
    refused(box.ask_token(box.form("oauth", **ccg)), "unauthorized_client", said)


def test_an_app_that_nobody_authorized_gets_no_token(box: Box) -> None:
    said = "This app is not authorized by the enterprise admin"
    refused(box.ask_by_assertion("unauthorized"), "unauthorized_client", said)


def test_the_second_enterprise_has_not_authorized_the_app(box: Box) -> None:
    second = World(WorldSpec(days=1), utc_now).second_enterprise.id
    said = "This app is not authorized by the enterprise admin"
    refused(box.ask_by_assertion(sub=second), "unauthorized_client", said)


def test_an_app_that_is_not_enabled_gets_no_token(box: Box) -> None:
    said = "Cannot obtain token based on the enterprise configuration for your app"
    refused(box.ask_by_assertion("disabled"), "invalid_request", said)


def test_a_user_token_is_the_users_own(box: Box) -> None:
    managed = box.credentials["users"]["managed"]
    assert box.get("/users/me", box.token(user=managed)).json()["id"] == managed


@pytest.mark.parametrize(
    "app,user,error,said",
    [
        ("no-user-tokens", "managed", "invalid_request", USER),
        ("no-user-tokens", "app_user", "invalid_request", USER),
        ("app-access", "managed", "invalid_request", USER),
        ("main", "external", "invalid_grant", SUB),
    ],
)
def test_a_user_token_needs_switch_and_access(
    box: Box, app: str, user: str, error: str, said: str
) -> None:
    answer = box.ask_by_assertion(app, sub=box.credentials["users"][user], box_sub_type="user")
    refused(answer, error, said)


def test_app_access_reaches_app_users(box: Box) -> None:
    app_user = box.credentials["users"]["app_user"]
    assert box.get("/users/me", box.token("app-access", app_user)).json()["id"] == app_user


def test_the_service_account_is_no_user_to_ask_a_token_for(box: Box) -> None:
    me = box.get("/users/me", box.token()).json()["id"]
    refused(box.ask_by_assertion(sub=me, box_sub_type="user"), "invalid_request", USER)
    refused(box.ask_by_assertion(sub=me), "invalid_grant", SUB)


@pytest.mark.parametrize(
    "app,change,error,said",
    [
        ("ccg", {"client_secret": "x"}, "invalid_grant", "Grant credentials are invalid"),
        ("ccg", {"box_subject_id": "999"}, "invalid_grant", "Grant credentials are invalid"),
        ("ccg-unauthorized", {}, "invalid_grant", "Grant credentials are invalid"),
        (
            "ccg",
            {"box_subject_type": "group"},
            "invalid_request",
            "Invalid grant_type parameter or parameter missing",
        ),
    ],
)
def test_client_credentials_are_refused(
    box: Box, app: str, change: dict[str, str], error: str, said: str
) -> None:
    form = box.form(
        app,
        grant_type="client_credentials",
        box_subject_type="enterprise",
        box_subject_id=box.credentials["ccg"]["enterprise_id"],
    )
    refused(box.ask_token({**form, **change}), error, said)


def test_client_credentials_with_app_access_reach_no_managed_user(box: Box) -> None:
    form = box.form(
        "ccg-app-access",
        grant_type="client_credentials",
        box_subject_type="user",
        box_subject_id=box.credentials["users"]["managed"],
    )
    said = 'The "box_subject_type" value is unauthorized for this client_id'
    refused(box.ask_token(form), "unauthorized_client", said)


def test_client_credentials_give_tokens_for_enterprise_and_user(box: Box) -> None:
    managed = box.credentials["users"]["managed"]
    assert box.get("/users/me", box.token("ccg")).json()["login"].startswith("AutomationUser_")
    assert box.get("/users/me", box.token("ccg", managed)).json()["id"] == managed


def admin_login(box: Box) -> str:
    answer = box.get(f"/users/{box.credentials['users']['admin']}", box.token())
    return str(answer.json()["login"])


def test_a_code_works_once(box: Box) -> None:
    code = box.code(admin_login(box))
    form = box.form("oauth", grant_type="authorization_code", code=code)
    tokens = box.ask_token(form).json()
    assert box.get("/users/me", tokens["access_token"]).status_code == 200
    assert box.ask_token(form).json()["error"] == "invalid_grant"
    assert box.get("/users/me", tokens["access_token"]).status_code == 401, "a code seen twice"


def test_a_code_is_bound_to_app_and_redirect(box: Box) -> None:
    login = admin_login(box)
    other = box.form("oauth-behalf", grant_type="authorization_code", code=box.code(login))
    assert box.ask_token(other).json()["error"] == "invalid_grant"
    wrong = box.form(
        "oauth",
        grant_type="authorization_code",
        code=box.code(login),
        redirect_uri="https://runbook.example/connected",
    )
    assert box.ask_token(wrong).json()["error"] == "invalid_grant"


def test_a_refresh_token_rotates_and_works_once(box: Box) -> None:
    first = box.signed_in(admin_login(box))
    form = box.form("oauth", grant_type="refresh_token", refresh_token=first["refresh_token"])
    second = box.ask_token(form).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert box.get("/users/me", second["access_token"]).status_code == 200
    refused(box.ask_token(form), "invalid_grant", "Refresh token has expired")
    unknown = {**form, "refresh_token": "unknown"}
    refused(box.ask_token(unknown), "invalid_grant", "Invalid refresh token")


def test_revoking_ends_both_tokens(box: Box) -> None:
    tokens = box.signed_in(admin_login(box))
    bad = box.form("oauth", token=tokens["access_token"], client_secret="x")
    refused(
        box.http.post("/oauth2/revoke", data=bad),
        "invalid_client",
        "The client credentials are invalid",
    )
    good = box.form("oauth", token=tokens["access_token"])
    answer = box.http.post("/oauth2/revoke", data=good)
    assert (answer.status_code, answer.content) == (200, b"")
    assert box.get("/users/me", tokens["access_token"]).status_code == 401
    form = box.form("oauth", grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    refused(box.ask_token(form), "invalid_grant", "Invalid refresh token")


def exchange(box: Box, token: str, **fields: str) -> httpx.Response:
    form = {
        "grant_type": EXCHANGE,
        "subject_token": token,
        "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
        "scope": "item_preview base_explorer",
        **fields,
    }
    return box.ask_token(form)


def visible_folders(box: Box, token: str) -> list[str]:
    entries = box.get("/folders/0/items", token).json()["entries"]
    return [entry["id"] for entry in entries if entry["type"] == "folder"]


def test_a_downscoped_token_reaches_its_folder_only(box: Box) -> None:
    token = box.token(user=box.credentials["users"]["managed"])
    inside, outside = visible_folders(box, token)[:2]
    body = exchange(box, token, resource=f"https://api.box.com/2.0/folders/{inside}").json()
    assert body["issued_token_type"] == "urn:ietf:params:oauth:token-type:access_token"
    assert {one["scope"] for one in body["restricted_to"]} == {"item_preview", "base_explorer"}
    assert {one["object"]["id"] for one in body["restricted_to"]} == {inside}
    small = body["access_token"]
    assert box.get(f"/folders/{inside}", small).status_code == 200
    assert box.get(f"/folders/{outside}", small).status_code == 403
    assert box.get("/users", small).status_code == 403
    assert exchange(box, small, scope="item_upload").status_code == 401, "no way up again"


def test_what_can_not_be_restricted_gives_no_token(box: Box) -> None:
    token = box.token(user=box.credentials["users"]["managed"])
    inside = visible_folders(box, token)[0]
    for fields in (
        {"resource": f"https://example.com/2.0/folders/{inside}"},
        {"resource": f"https://api.box.com/2.0/users/{inside}"},
        {"resource": "https://api.box.com/2.0/folders/1"},
        {"box_shared_link": "https://app.box.com/s/1"},
        {"actor_token": "x"},
    ):
        answer = exchange(box, token, **fields)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_downscoping_gives_no_scope_that_was_not_there(box: Box) -> None:
    answer = exchange(box, box.token("files-only"), scope="item_upload")
    assert answer.status_code == 401
    assert answer.json()["error"] == "invalid_scope"
    assert exchange(box, "nothing").json()["error"] == "invalid_grant"


def test_the_developer_token_is_the_admins(box: Box) -> None:
    answer = box.get("/users/me", box.credentials["developer_token"])
    assert answer.json()["id"] == box.credentials["users"]["admin"]

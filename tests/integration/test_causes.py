"""Each known fault provoked on the sandbox, and the cause that a person then reads."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from lib.box import BoxClient, connect
from lib.box.api_errors import token_error
from lib.box.tokens.auth import exchange
from lib.core.errors import (
    BoxApiError,
    KloudlessApiError,
    RateLimited,
    TokenError,
    Unreachable,
    Who,
)
from lib.http import Egress, Journal, Policy, Waiting, build_client
from lib.kloudless import connect as connect_kloudless
from lib.settings.profiles import Profile, sandbox_profile
from tests.integration.sandbox.box_calls import EXCHANGE, JWT_GRANT, Box, open_box
from tests.sandbox_server import SandboxServer

QUICK = Policy(
    waiting=Waiting(sleep=lambda _: None, jitter=lambda low, _high: low), budget=None, read_s=30
)


@pytest.fixture(scope="module")
def bare(sandbox_process: SandboxServer) -> Iterator[Box]:
    box = open_box(sandbox_process.url)
    yield box
    box.http.close()


@pytest.fixture
def profile(sandbox: SandboxServer) -> Profile:
    return sandbox_profile(sandbox.credentials())


@pytest.fixture
def http(profile: Profile) -> Iterator[httpx.Client]:
    with build_client(Egress.for_profile(profile), Journal(), policy=QUICK) as http:
        yield http


@pytest.fixture
def client(profile: Profile) -> Iterator[BoxClient]:
    egress = Egress.for_profile(profile)
    with connect(profile, egress=egress, journal=Journal(), policy=QUICK) as client:
        yield client


# ---------------------------------------------------------------- requests that deserve it


def twice(box: Box) -> httpx.Response:
    form = box.form("main", grant_type=JWT_GRANT, assertion=box.assertion())
    box.ask_token(form)
    return box.ask_token(form)


def ccg(box: Box, app: str = "ccg", **fields: str) -> httpx.Response:
    return box.ask_token(
        box.form(
            app,
            grant_type="client_credentials",
            box_subject_type=fields.pop("kind", "enterprise"),
            box_subject_id=fields.pop("subject", box.credentials["ccg"]["enterprise_id"]),
        )
        | fields
    )


def refreshed_twice(box: Box) -> httpx.Response:
    login = box.get(f"/users/{box.credentials['users']['admin']}", box.token()).json()["login"]
    tokens = box.signed_in(login)
    form = box.form("oauth", grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    box.ask_token(form)
    return box.ask_token(form)


REQUESTS: dict[str, tuple[Callable[[Box], httpx.Response], str]] = {
    "exp past": (lambda box: box.ask_by_assertion(exp=1_700_000_000), "token.expired_assertion"),
    "exp far": (lambda box: box.ask_by_assertion(exp=4_000_000_000), "token.exp_too_far"),
    "exp float": (lambda box: box.ask_by_assertion(exp=1.5), "token.exp_not_integer"),
    "exp missing": (lambda box: box.ask_by_assertion(exp=None), "token.exp"),
    "jti twice": (twice, "token.jti_reused"),
    "jti short": (lambda box: box.ask_by_assertion(jti="x"), "token.jti_reused"),
    "sub": (lambda box: box.ask_by_assertion(sub="0"), "token.sub_invalid"),
    "aud": (lambda box: box.ask_by_assertion(aud="x"), "token.aud"),
    "iss": (lambda box: box.ask_by_assertion(iss="x"), "token.iss"),
    "kid": (lambda box: box.ask_by_assertion(header={"kid": "zzzzzzzz"}), "token.signature"),
    "key": (lambda box: box.ask_by_assertion(key_of="gcm"), "token.signature"),
    "not authorized": (
        lambda box: box.ask_by_assertion("unauthorized"),
        "token.app_not_authorized",
    ),
    "disabled": (lambda box: box.ask_by_assertion("disabled"), "token.enterprise_token_refused"),
    "user token off": (
        lambda box: box.ask_by_assertion(
            "no-user-tokens", sub=box.credentials["users"]["managed"], box_sub_type="user"
        ),
        "token.user_token_refused",
    ),
    "secret": (
        lambda box: box.ask_token(
            box.form("main", grant_type=JWT_GRANT, assertion="x") | {"client_secret": "x"}
        ),
        "token.bad_client",
    ),
    "grant type": (
        lambda box: box.ask_token(
            box.form(
                "oauth",
                grant_type="client_credentials",
                box_subject_type="enterprise",
                box_subject_id="1",
            )
        ),
        "token.grant_not_allowed",
    ),
    "nothing": (lambda box: box.ask_token({**box.form("main")}), "token.bad_request"),
    "ccg secret": (lambda box: ccg(box, client_secret="x"), "token.ccg_refused"),
    "ccg subject": (
        lambda box: ccg(
            box, "ccg-app-access", kind="user", subject=box.credentials["users"]["managed"]
        ),
        "token.subject_type",
    ),
    "refresh token used": (refreshed_twice, "token.refresh_expired"),
    "refresh token unknown": (
        lambda box: box.ask_token(box.form("oauth", grant_type="refresh_token", refresh_token="x")),
        "token.refresh_invalid",
    ),
    "scope": (
        lambda box: box.ask_token(
            {
                "grant_type": EXCHANGE,
                "subject_token": box.token("files-only"),
                "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
                "scope": "item_upload",
            }
        ),
        "token.scope",
    ),
}


@pytest.mark.parametrize("request_name", REQUESTS)
def test_a_request_that_deserves_it_gets_its_cause(
    sandbox: SandboxServer, bare: Box, request_name: str
) -> None:
    del sandbox
    ask, expected = REQUESTS[request_name]
    answer = ask(bare)
    assert answer.is_error
    said = token_error(answer)
    assert said.cause_id == expected
    assert said.fix


# ---------------------------------------------------------------- each row of the token error table

TOKEN_FAULTS = {
    "token_exp_past": "token.expired_assertion",
    "token_exp_too_far": "token.exp_too_far",
    "token_exp_not_integer": "token.exp_not_integer",
    "token_exp": "token.exp",
    "token_jti_used": "token.jti_reused",
    "token_jti": "token.jti_reused",
    "token_sub": "token.sub_invalid",
    "token_signature": "token.signature",
    "token_iss": "token.iss",
    "token_aud": "token.aud",
    "token_grant_credentials": "token.ccg_refused",
    "token_refresh_invalid": "token.refresh_invalid",
    "token_refresh_expired": "token.refresh_expired",
    "token_code_expired": "token.code_expired",
    "app_not_authorized": "token.app_not_authorized",
    "app_not_authorized_short": "token.app_not_authorized",
    "token_grant_type": "token.grant_not_allowed",
    "token_grant_type_invalid_request": "token.grant_not_allowed",
    "token_subject_type": "token.subject_type",
    "token_user": "token.user_token_refused",
    "token_enterprise": "token.enterprise_token_refused",
    "token_client": "token.bad_client",
    "token_client_not_valid": "token.bad_client",
    "token_request": "token.bad_request",
    "token_scope": "token.scope",
}


@pytest.mark.parametrize("fault", TOKEN_FAULTS)
def test_a_token_fault_reaches_the_person_with_cause_and_fix(
    sandbox: SandboxServer, profile: Profile, http: httpx.Client, fault: str
) -> None:
    assert profile.box is not None
    with sandbox.fault(fault), pytest.raises(TokenError) as caught:
        exchange(profile.box, http)
    assert caught.value.cause_id == TOKEN_FAULTS[fault]
    assert caught.value.description in caught.value.message
    assert caught.value.cause
    assert caught.value.fix
    assert exchange(profile.box, http).token.value.reveal()


def test_every_token_fault_of_the_sandbox_has_its_row_here(sandbox: SandboxServer) -> None:
    names = {fault["name"] for fault in sandbox.get("/sandbox/faults")}
    rows = {
        name
        for name in names
        if name.startswith(("token_", "app_not_authorized")) and name != "token_rejected"
    }
    assert rows == set(TOKEN_FAULTS)


@pytest.mark.parametrize(
    "fault,cause", [("clock_fast", "token.expired_assertion"), ("clock_slow", "token.exp_too_far")]
)
def test_a_wrong_clock_has_a_cause_and_its_direction(
    sandbox: SandboxServer, profile: Profile, http: httpx.Client, fault: str, cause: str
) -> None:
    assert profile.box is not None
    with sandbox.fault(fault, offset=300), pytest.raises(TokenError) as caught:
        exchange(profile.box, http)
    assert caught.value.cause_id == cause
    assert caught.value.who is Who.YOU


# ---------------------------------------------------------------- the API


def test_a_refused_token_is_named(sandbox: SandboxServer, client: BoxClient) -> None:
    with sandbox.fault("token_rejected"), pytest.raises(BoxApiError) as caught:
        client.me()
    assert caught.value.cause_id == "box.invalid_token"


@pytest.mark.parametrize("json", [False, True])
def test_a_missing_scope_is_named_with_and_without_a_body(
    sandbox: SandboxServer, client: BoxClient, *, json: bool
) -> None:
    if json:
        sandbox.post("/sandbox/faults", {"name": "json_403"})
    sandbox.post("/sandbox/faults", {"name": "missing_scope_manage_groups"})
    with pytest.raises(BoxApiError) as caught:
        client.get("/2.0/groups")
    assert caught.value.cause_id == "box.insufficient_scope"
    assert caught.value.who is Who.DEVELOPER


EVENTS = {"stream_type": "admin_logs_streaming", "stream_position": "now"}


@pytest.mark.parametrize(
    "fault,cause,who",
    [
        ("no_report_right", "events.no_report_right", Who.BOX_ADMIN),
        (
            "missing_scope_manage_enterprise_properties",
            "events.scope_missing",
            Who.DEVELOPER,
        ),
        ("location_blocked", "box.location_blocked", Who.BOX_ADMIN),
    ],
)
def test_a_refusal_of_the_event_stream_is_named(
    sandbox: SandboxServer, client: BoxClient, fault: str, cause: str, who: Who
) -> None:
    with sandbox.fault(fault), pytest.raises(BoxApiError) as caught:
        client.get("/2.0/events", EVENTS)
    assert (caught.value.cause_id, caught.value.who) == (cause, who)


def test_a_refusal_as_a_user_is_named(client: BoxClient, bare: Box) -> None:
    users = bare.credentials["users"]
    with pytest.raises(BoxApiError) as caught:
        client.as_user(users["external"]).me()
    assert caught.value.cause_id in ("as_user.not_allowed", "as_user.not_found")
    with pytest.raises(BoxApiError) as caught:
        client.as_user(users["managed"]).get("/2.0/events", EVENTS)
    assert caught.value.cause_id == "as_user.enterprise_events"


def test_what_is_not_there_is_named(client: BoxClient) -> None:
    with pytest.raises(BoxApiError) as caught:
        client.get("/2.0/folders/999999999")
    assert caught.value.cause_id == "box.not_found"
    with pytest.raises(BoxApiError) as caught:
        client.get("/2.0/folders/abc")
    assert caught.value.cause_id == "box.method_not_allowed"


def test_nobody_at_the_address_is_named(profile: Profile) -> None:
    assert profile.box is not None
    nobody = replace(profile, box=replace(profile.box, api_url="http://127.0.0.1:9"))
    egress = Egress.for_profile(nobody)
    with (
        connect(nobody, egress=egress, journal=Journal(), policy=QUICK) as client,
        pytest.raises(Unreachable) as caught,
    ):
        client.me()
    assert caught.value.cause_id == "network.refused"


# ---------------------------------------------------------------- Kloudless


def kloudless_faults() -> dict[str, str]:
    """Fault and cause, for each error code of the reference's table."""
    codes = (
        "bad_request request_failed invalid_parent_folder invalid_parameters invalid_resource_type "
        "unauthorized service_unauthorized authentication_required invalid_token folder_not_empty "
        "permission_denied forbidden service_forbidden not_found method_not_allowed not_acceptable "
        "naming_conflict too_many_requests too_many_service_requests internal_error link_error "
        "unsupported_media_type not_implemented bad_gateway service_not_available gateway_timeout "
        "insufficient_storage"
    )
    return {f"kloudless_{code}": f"kloudless.{code}" for code in codes.split()}


@pytest.mark.parametrize("fault", kloudless_faults())
def test_a_kloudless_fault_reaches_the_person_with_its_cause(
    sandbox: SandboxServer, profile: Profile, fault: str
) -> None:
    egress = Egress.for_profile(profile)
    raised: type[Any] = RateLimited if "too_many" in fault else KloudlessApiError
    with (
        connect_kloudless(profile, egress=egress, journal=Journal(), policy=QUICK) as client,
        sandbox.fault(fault),
        pytest.raises(raised) as caught,
    ):
        client.accounts()
    assert caught.value.fix
    if raised is KloudlessApiError:
        assert caught.value.cause_id == kloudless_faults()[fault]

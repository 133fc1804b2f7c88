from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from threading import Barrier
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from lib.box.client import BoxClient
from lib.box.tokens.auth import (
    Subject,
    SubjectType,
    Token,
    assertion,
    authorize_url,
    exchange,
    exchange_code,
    for_enterprise,
    new_jti,
    token_source,
)
from lib.core.errors import (
    ConfigurationError,
    KeyProblem,
    RateLimited,
    TokenError,
    Unreachable,
    Who,
)
from lib.core.redaction import Secret
from lib.http import Journal
from lib.settings.profiles import BoxAuth, BoxCredentials
from tests.wire_server import CUT, Reply, Seen, WireServer, as_json

MakeCredentials = Callable[..., BoxCredentials]
EXPIRED = "Current date/time MUST be before the expiration date/time listed in the 'exp' claim"
TOO_FAR = (
    "Please check the 'exp' claim. The 'exp' value exceeds the maximum value of 60 seconds beyond "
    "the issue time."
)


def granted(value: str = "canary-token", seconds: int = 3600, **more: Any) -> Reply:
    body = {
        "access_token": value,
        "expires_in": seconds,
        "token_type": "bearer",
        "restricted_to": [],
        **more,
    }
    return as_json(body)


def refused(error: str, description: str, status: int = 400, **headers: str) -> Reply:
    return as_json({"error": error, "error_description": description}, status, **headers)


def claims_of(seen: Seen, key: rsa.RSAPrivateKey) -> dict[str, Any]:
    options = {"verify_exp": False, "verify_sub": False}
    claims: dict[str, Any] = jwt.decode(
        seen.form["assertion"],
        key.public_key(),
        algorithms=["RS256"],
        audience="https://api.box.com/oauth2/token",
        options=options,  # type: ignore[arg-type]
    )
    return claims


# -- the assertion ---------------------------------------------------------------------------


def test_pin_an_assertion_says_what_box_documents(
    credentials: MakeCredentials, private_key: rsa.RSAPrivateKey
) -> None:
    now = datetime(2026, 11, 1, 12, 0, 0, 700_000, tzinfo=UTC)
    made = assertion(
        credentials(), subject_type="enterprise", subject_id="1234567", now=now, jti="j" * 32
    )
    assert made.header == {"alg": "RS256", "typ": "JWT", "kid": "abcd1234"}
    assert made.claims == {
        "iss": "client-1",
        "sub": "1234567",
        "box_sub_type": "enterprise",
        "aud": "https://api.box.com/oauth2/token",
        "jti": "j" * 32,
        "exp": 1793534430,
    }
    assert jwt.get_unverified_header(made.token.reveal()) == made.header
    seen = Seen("POST", "/", {}, {}, f"assertion={made.token.reveal()}".encode(), 1)
    assert claims_of(seen, private_key) == made.claims
    assert made.token.reveal() not in repr(made)


def test_jtis_are_unique_and_of_a_length_that_box_takes() -> None:
    made = {new_jti() for _ in range(1000)}
    assert len(made) == 1000
    assert all(16 <= len(jti) <= 128 for jti in made)


# -- JWT and CCG -----------------------------------------------------------------------------


def test_a_jwt_app_gets_an_enterprise_token(
    server: WireServer,
    http: httpx.Client,
    credentials: MakeCredentials,
    private_key: rsa.RSAPrivateKey,
) -> None:
    server.queue = [granted()]
    source = token_source(credentials(), http, lambda: datetime.now(UTC))
    assert source.token().value == Secret("canary-token")
    (seen,) = server.requests
    assert (seen.method, seen.path) == ("POST", "/oauth2/token")
    assert "authorization" not in seen.headers
    assert seen.form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    assert seen.form["client_id"] == "client-1"
    assert seen.form["client_secret"] == "canary-client-secret"
    claims = claims_of(seen, private_key)
    assert (claims["sub"], claims["box_sub_type"]) == ("1234567", "enterprise")
    assert abs(claims["exp"] - datetime.now(UTC).timestamp()) < 60


def test_one_app_serves_users_and_several_enterprises(
    server: WireServer,
    http: httpx.Client,
    credentials: MakeCredentials,
    private_key: rsa.RSAPrivateKey,
) -> None:
    server.answer = lambda _: granted()
    base = credentials()
    sources = [
        token_source(base, http),
        token_source(base, http, subject=Subject(SubjectType.USER, "77")),
        token_source(credentials(user_id="88"), http),
        token_source(for_enterprise(base, "999"), http),
    ]
    for source in sources:
        source.token()
    said = [claims_of(seen, private_key) for seen in server.requests]
    assert [(claims["box_sub_type"], claims["sub"]) for claims in said] == [
        ("enterprise", "1234567"),
        ("user", "77"),
        ("user", "88"),
        ("enterprise", "999"),
    ]
    assert len({source.identity for source in sources}) == 4


def test_a_ccg_app_sends_its_subject(
    server: WireServer, http: httpx.Client, credentials: MakeCredentials
) -> None:
    server.queue = [granted()]
    token_source(credentials(BoxAuth.CCG, private_key=None), http).token()
    assert server.requests[0].form == {
        "grant_type": "client_credentials",
        "box_subject_type": "enterprise",
        "box_subject_id": "1234567",
        "client_id": "client-1",
        "client_secret": "canary-client-secret",
    }


def test_a_token_is_kept_until_shortly_before_its_end(
    server: WireServer, http: httpx.Client, credentials: MakeCredentials, time: Any
) -> None:
    server.answer = lambda _: granted(f"token-{len(server.requests)}", 3600)
    source = token_source(credentials(), http, time.now, waiting=time.waiting)
    assert source.token().expires_at == time.at + timedelta(hours=1)
    time.move(3600 - 181)
    assert source.token().value == Secret("token-1")
    time.move(2)
    assert source.token().value == Secret("token-2")


def test_a_short_life_is_used_for_half_of_it(
    server: WireServer, http: httpx.Client, credentials: MakeCredentials, time: Any
) -> None:
    server.answer = lambda _: granted(seconds=100)
    source = token_source(credentials(), http, time.now, waiting=time.waiting)
    source.token()
    time.move(49)
    source.token()
    assert len(server.requests) == 1
    time.move(2)
    source.token()
    assert len(server.requests) == 2


def test_threads_that_need_a_token_at_once_share_one_request(
    server: WireServer, http: httpx.Client, credentials: MakeCredentials
) -> None:
    server.answer = lambda _: granted()
    source = token_source(credentials(), http)
    gate = Barrier(12)

    def take() -> Token:
        gate.wait()
        return source.token()

    with ThreadPoolExecutor(12) as pool:
        tokens = [future.result() for future in [pool.submit(take) for _ in range(12)]]
    assert len(server.requests) == 1
    assert len(set(map(id, tokens))) == 1


def test_threads_that_waited_share_the_refusal(
    server: WireServer, http: httpx.Client, credentials: MakeCredentials
) -> None:
    gate = Barrier(2)

    def answer(_: Seen) -> Reply:
        if len(server.requests) == 1:
            gate.wait(timeout=10)
        return refused("invalid_client", "The client credentials are invalid")

    server.answer = answer
    source = token_source(credentials(), http)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(source.token)
        second = pool.submit(source.token)
        gate.wait(timeout=10)
        for future in (first, second):
            assert isinstance(future.exception(), TokenError)
    assert len(server.requests) in (1, 2)
    with pytest.raises(TokenError):
        source.token()  # a later call asks again


def test_a_forgotten_token_is_asked_for_again_once(
    server: WireServer, http: httpx.Client, credentials: MakeCredentials
) -> None:
    server.answer = lambda _: granted(f"token-{len(server.requests)}")
    source = token_source(credentials(), http)
    first = source.token()
    source.invalidate(first)
    second = source.token()
    source.invalidate(first)  # somebody else noticed late
    assert source.token() is second
    source.invalidate()
    assert source.token().value == Secret("token-3")


@pytest.mark.parametrize("reply", [Reply(500), Reply(503), CUT, Reply(429)])
def test_every_attempt_has_a_fresh_assertion(
    server: WireServer,
    http: httpx.Client,
    credentials: MakeCredentials,
    private_key: rsa.RSAPrivateKey,
    time: Any,
    reply: Reply,
) -> None:
    server.queue = [reply, reply, granted()]
    source = token_source(credentials(), http, time.now, waiting=time.waiting)
    source.token()
    claims = [claims_of(seen, private_key) for seen in server.requests]
    assert len(claims) == 3
    assert len({claim["jti"] for claim in claims}) == 3
    assert [claim["exp"] for claim in claims] == sorted(claim["exp"] for claim in claims)
    assert len(time.slept) == 2


def test_attempts_end(
    server: WireServer, http: httpx.Client, credentials: MakeCredentials, time: Any
) -> None:
    server.answer = lambda _: Reply(503)
    source = token_source(credentials(), http, time.now, waiting=time.waiting)
    with pytest.raises(TokenError) as caught:
        source.token()
    assert caught.value.status == 503
    assert len(server.requests) == 3


def test_a_long_retry_after_is_not_sat_through(
    server: WireServer, http: httpx.Client, credentials: MakeCredentials, time: Any
) -> None:
    server.answer = lambda _: Reply(429, headers={"Retry-After": "120"})
    source = token_source(credentials(), http, time.now, waiting=time.waiting)
    with pytest.raises(RateLimited) as caught:
        source.token()
    assert caught.value.retry_after_s == 120
    assert time.slept == []


@pytest.mark.parametrize(
    "reply", [Reply(429, headers={"Retry-After": "1"}), Reply(429), Reply(503), CUT]
)
def test_regression_background_work_is_as_patient_for_tokens_as_for_events(
    server: WireServer,
    http: httpx.Client,
    credentials: MakeCredentials,
    private_key: rsa.RSAPrivateKey,
    time: Any,
    reply: Reply,
) -> None:
    server.queue = [*[reply] * 4, granted(), as_json({"id": "1"})]
    source = token_source(credentials(), http, time.now, waiting=time.waiting)
    client = BoxClient(http, source, api_url=server.url).in_background()
    assert client.get("/2.0/users/me") == {"id": "1"}
    assert len({claims_of(seen, private_key)["jti"] for seen in server.requests[:5]}) == 5


def test_background_work_sits_through_what_a_page_does_not(
    server: WireServer, http: httpx.Client, credentials: MakeCredentials, time: Any
) -> None:
    server.queue = [Reply(429, headers={"Retry-After": "50"}), granted()]
    token_source(credentials(), http, time.now, waiting=time.waiting).token(patient=True)
    assert time.slept == [50.0]


# -- clocks ----------------------------------------------------------------------------------


def on_box_time(reply: Reply, when: datetime) -> Reply:
    date = format_datetime(when.replace(microsecond=0), usegmt=True)
    return Reply(reply.status, reply.body, {**reply.headers, "Date": date})


@pytest.mark.parametrize("skew", [-4000, -90, 90, 4000])
@pytest.mark.parametrize("text", [EXPIRED, TOO_FAR, "Please check the 'exp' claim."])
def test_a_wrong_clock_is_corrected_once_and_reported(
    server: WireServer,
    http: httpx.Client,
    credentials: MakeCredentials,
    private_key: rsa.RSAPrivateKey,
    time: Any,
    skew: int,
    text: str,
) -> None:
    box_now = time.at + timedelta(seconds=skew)

    def answer(_: Seen) -> Reply:
        first = len(server.requests) == 1
        return on_box_time(refused("invalid_grant", text) if first else granted(), box_now)

    server.answer = answer
    source = token_source(credentials(), http, time.now, waiting=time.waiting)
    source.token()
    first, second = (claims_of(seen, private_key) for seen in server.requests)
    assert first["exp"] == int(time.at.timestamp()) + 30
    assert second["exp"] - box_now.timestamp() == pytest.approx(30, abs=1)
    assert first["jti"] != second["jti"]
    assert source.skew_s == pytest.approx(skew, abs=1)
    source.invalidate()
    source.token()
    assert len(server.requests) == 3  # the correction is remembered


def test_a_clock_that_stays_wrong_is_corrected_only_once(
    server: WireServer, http: httpx.Client, credentials: MakeCredentials, time: Any
) -> None:
    server.answer = lambda _: on_box_time(refused("invalid_grant", EXPIRED), time.at)
    source = token_source(credentials(), http, time.now, waiting=time.waiting)
    with pytest.raises(TokenError) as caught:
        source.token()
    assert len(server.requests) == 2
    assert caught.value.cause_id == "token.expired_assertion"


@pytest.mark.parametrize(
    "text",
    [
        "Please check the 'exp' claim. Should be an integer",
        "Please check the 'jti' claim. A unique 'jti' value is required.",
        "Please check the 'sub' claim. The 'sub' specified is invalid.",
        "Grant credentials are invalid",
    ],
)
def test_other_refusals_are_final(
    server: WireServer, http: httpx.Client, credentials: MakeCredentials, text: str
) -> None:
    server.answer = lambda _: refused("invalid_grant", text)
    with pytest.raises(TokenError) as caught:
        token_source(credentials(), http).token()
    assert len(server.requests) == 1
    assert (caught.value.code, caught.value.description) == ("invalid_grant", text)


def test_the_skew_is_known_after_any_answer(
    server: WireServer, http: httpx.Client, credentials: MakeCredentials, time: Any
) -> None:
    server.answer = lambda _: on_box_time(granted(), time.at + timedelta(seconds=20))
    source = token_source(credentials(), http, time.now, waiting=time.waiting)
    assert source.skew_s is None
    source.token()
    assert source.skew_s == pytest.approx(20, abs=1)


# -- errors ----------------------------------------------------------------------------------


def test_a_token_error_keeps_what_the_answer_said(
    server: WireServer, http: httpx.Client, credentials: MakeCredentials
) -> None:
    text = "This app is not authorized by the enterprise admin"
    server.queue = [refused("unauthorized_client", text, box_request_id="0f1e2d")]
    with pytest.raises(TokenError) as caught:
        exchange(credentials(), http)
    error = caught.value
    assert (error.status, error.code, error.description) == (400, "unauthorized_client", text)
    assert error.header_request_id == "0f1e2d"
    assert error.cause_id == "token.app_not_authorized"
    assert error.who is Who.BOX_ADMIN
    assert text in error.message


@pytest.mark.parametrize(
    "body", [b"", b"<html>Bad Gateway</html>", b"[]", b'{"error":5,"error_description":null}']
)
def test_a_strange_refusal_is_unknown_and_not_guessed(
    server: WireServer, http: httpx.Client, credentials: MakeCredentials, body: bytes
) -> None:
    server.queue = [Reply(418, body)]
    with pytest.raises(TokenError) as caught:
        exchange(credentials(), http)
    assert caught.value.cause_id == "unknown"
    assert caught.value.status == 418


@pytest.mark.parametrize("body", [b"{}", b'{"access_token":7}', b'{"access_token":""}', b"nope"])
def test_an_answer_without_a_token_is_malformed(
    server: WireServer, http: httpx.Client, credentials: MakeCredentials, body: bytes
) -> None:
    server.queue = [Reply(200, body)]
    with pytest.raises(Unreachable) as caught:
        exchange(credentials(), http)
    assert caught.value.kind == "malformed"


@pytest.mark.parametrize(
    "auth, changes, setting",
    [
        (BoxAuth.JWT, {"client_id": ""}, "client_id"),
        (BoxAuth.JWT, {"client_secret": None}, "client_secret"),
        (BoxAuth.JWT, {"private_key": None}, "private_key"),
        (BoxAuth.JWT, {"enterprise_id": ""}, "enterprise_id"),
        (BoxAuth.CCG, {"enterprise_id": ""}, "enterprise_id"),
        (BoxAuth.OAUTH, {}, "refresh_token"),
        (BoxAuth.DEVELOPER_TOKEN, {}, "developer_token"),
    ],
)
def test_credentials_that_cannot_work_are_named_before_a_call(
    server: WireServer,
    http: httpx.Client,
    credentials: MakeCredentials,
    auth: BoxAuth,
    changes: dict[str, Any],
    setting: str,
) -> None:
    with pytest.raises(ConfigurationError, match=setting):
        token_source(credentials(auth, **changes), http)
    assert server.requests == []


def test_a_wrong_passphrase_is_a_key_problem_before_a_call(
    server: WireServer, http: httpx.Client, credentials: MakeCredentials
) -> None:
    with pytest.raises(KeyProblem):
        token_source(credentials(passphrase=Secret("wrong")), http)
    assert server.requests == []


def test_no_secret_shows_in_errors_reprs_or_the_journal(
    server: WireServer, http: httpx.Client, credentials: MakeCredentials, journal: Journal
) -> None:
    mine = credentials()
    server.queue = [
        refused("invalid_client", "client_secret=canary-client-secret is wrong"),
        granted(),
    ]
    source = token_source(mine, http)
    with pytest.raises(TokenError) as caught:
        source.token()
    token = source.token()
    shown = f"{caught.value!r} {caught.value.cause} {caught.value.description} {caught.value.args}"
    shown += f"{mine!r} {source!r} {token!r} {source.identity} {journal.calls}"
    assert "canary" not in shown
    assert "PRIVATE KEY" not in shown


# -- OAuth, developer token ------------------------------------------------------------------


def test_an_oauth_app_hands_on_each_new_refresh_token_before_it_is_used(
    server: WireServer, http: httpx.Client, credentials: MakeCredentials, time: Any
) -> None:
    server.answer = lambda _: granted(
        f"access-{len(server.requests)}", refresh_token=f"refresh-{len(server.requests)}"
    )
    kept: list[tuple[Secret, Token]] = []
    source = token_source(
        credentials(BoxAuth.OAUTH, refresh_token=Secret("refresh-0")),
        http,
        time.now,
        on_refresh=lambda refresh, token: kept.append((refresh, token)),
    )
    first = source.token()
    assert kept == [(Secret("refresh-1"), first)]
    time.move(3600)
    source.token()
    assert [seen.form["refresh_token"] for seen in server.requests] == ["refresh-0", "refresh-1"]
    assert [refresh for refresh, _ in kept] == [Secret("refresh-1"), Secret("refresh-2")]


@pytest.mark.parametrize("reply", [CUT, Reply(500), Reply(502)])
def test_a_refresh_token_is_never_sent_twice(
    server: WireServer,
    http: httpx.Client,
    credentials: MakeCredentials,
    time: Any,
    reply: Reply,
) -> None:
    server.answer = lambda _: reply
    mine = credentials(BoxAuth.OAUTH, refresh_token=Secret("refresh-0"))
    with pytest.raises((TokenError, Unreachable)):
        token_source(mine, http, time.now, waiting=time.waiting).token()
    assert len(server.requests) == 1


def test_a_code_is_exchanged_once(
    server: WireServer, http: httpx.Client, credentials: MakeCredentials
) -> None:
    server.queue = [granted("access-1", refresh_token="refresh-1")]
    mine = credentials(BoxAuth.OAUTH)
    grant = exchange_code(mine, http, code=Secret("code-1"), redirect_uri="https://app/connected")
    assert grant.token.value == Secret("access-1")
    assert grant.refresh_token == Secret("refresh-1")
    assert server.requests[0].form == {
        "grant_type": "authorization_code",
        "code": "code-1",
        "redirect_uri": "https://app/connected",
        "client_id": "client-1",
        "client_secret": "canary-client-secret",
    }
    server.queue = [CUT]
    with pytest.raises(Unreachable):
        exchange_code(mine, http, code=Secret("code-2"))
    assert len(server.requests) == 2


def test_the_authorize_url_holds_no_secret(credentials: MakeCredentials) -> None:
    url = httpx.URL(
        authorize_url(credentials(BoxAuth.OAUTH), redirect_uri="https://app/c?d", state="s t")
    )
    assert url.path == "/api/oauth2/authorize"
    assert dict(url.params) == {
        "response_type": "code",
        "client_id": "client-1",
        "redirect_uri": "https://app/c?d",
        "state": "s t",
    }
    assert "canary" not in str(url)


def test_a_developer_token_is_used_as_it_is(
    server: WireServer, http: httpx.Client, credentials: MakeCredentials
) -> None:
    mine = credentials(BoxAuth.DEVELOPER_TOKEN, developer_token=Secret("canary-developer"))
    source = token_source(mine, http)
    token = source.token()
    assert token == Token(Secret("canary-developer"), None)
    source.invalidate(token)
    assert source.token() == token
    assert not source.renewable
    assert "canary" not in source.identity
    assert server.requests == []

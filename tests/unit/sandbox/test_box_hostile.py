"""Whatever is sent to the sandbox's Box, it answers as Box would: never with a crash."""

import base64
import json
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lib.sandbox.box.apps import BY_NAME, FULL, GCM
from lib.sandbox.state import Settings
from tests.unit.sandbox.bench import WORLD, Bench

BENCH = Bench(settings=Settings(rate_limits=False))
ADMIN = BENCH.token(WORLD.admin.id, "gcm", FULL | {GCM})
CALM = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))

WORDS = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        [
            "",
            "0",
            "-1",
            "1e9",
            "null",
            "now",
            "9" * 40,
            "../..",
            "%00",
            "\x00",
            "é",
            "🙂",
            "a,b,,",
            "true",
            "false",
            "id,name",
            "admin_logs",
            "ASC",
            "2026-01-01T00:00:00Z",
            "1,2",
            ",",
        ]
    ),
)
NAMES = st.sampled_from(
    [
        "limit",
        "offset",
        "marker",
        "usemarker",
        "fields",
        "filter_term",
        "user_type",
        "sort",
        "direction",
        "stream_type",
        "stream_position",
        "event_type",
        "created_after",
        "query",
        "created_before",
        "scope",
        "type",
        "ancestor_folder_ids",
        "size_range",
        "mdfilters",
        "created_at_range",
        "owner_user_ids",
        "file_extensions",
        "content_types",
        "categories",
    ]
)
PATHS = st.sampled_from(
    [
        "/2.0/users",
        "/2.0/users/me",
        "/2.0/groups",
        "/2.0/events",
        "/2.0/folders/0",
        "/2.0/folders/0/items",
        "/2.0/recent_items",
        "/2.0/webhooks",
        "/2.0/search",
    ]
)
HEADERS = st.dictionaries(
    st.sampled_from(["as-user", "box-version", "if-none-match", "authorization"]),
    st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@CALM
@given(path=PATHS, query=st.dictionaries(NAMES, WORDS, max_size=5), headers=HEADERS)
def test_any_parameter_gets_an_answer(
    path: str, query: dict[str, Any], headers: dict[str, str]
) -> None:
    answer = BENCH.ask(path, ADMIN, headers=headers, **query)
    assert answer.status in (200, 304, 400, 401, 403, 404, 405)
    if answer.status >= 400 and answer.body:
        assert orjson.loads(answer.body)["status"] == answer.status
    elif answer.status == 200:
        assert isinstance(orjson.loads(answer.body), dict)


@CALM
@given(kind=st.sampled_from(["folders", "files", "users", "groups", "webhooks"]), id_=WORDS)
def test_any_id_gets_an_answer(kind: str, id_: str) -> None:
    if "/" in id_:
        return
    answer = BENCH.ask(f"/2.0/{kind}/{id_}", ADMIN)
    assert answer.status in (200, 404, 405)


@CALM
@given(
    form=st.dictionaries(
        st.sampled_from(
            [
                "grant_type",
                "client_id",
                "client_secret",
                "assertion",
                "code",
                "scope",
                "refresh_token",
                "subject_token",
                "subject_token_type",
                "resource",
                "box_subject_type",
                "box_subject_id",
                "token",
                "redirect_uri",
            ]
        ),
        WORDS,
    ),
    grant=st.sampled_from(
        [
            "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "client_credentials",
            "authorization_code",
            "refresh_token",
            "urn:ietf:params:oauth:grant-type:token-exchange",
        ]
    ),
    app=st.sampled_from(sorted(BY_NAME)),
    path=st.sampled_from(["/oauth2/token", "/oauth2/revoke"]),
)
def test_any_form_gets_an_answer(form: dict[str, str], grant: str, app: str, path: str) -> None:
    one = BY_NAME[app]
    right = {
        "grant_type": grant,
        "client_id": one.client_id,
        "client_secret": one.client_secret,
        "subject_token": ADMIN,
        "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
    }
    answer = BENCH.ask(path, form={**right, **form})
    assert answer.status in (200, 400, 401)
    if answer.status != 200:
        assert set(orjson.loads(answer.body)) == {"error", "error_description"}
    if one.authorized is False:
        assert answer.status != 200 or grant.endswith("exchange") or path == "/oauth2/revoke"


@pytest.mark.parametrize("path", ["/oauth2/token", "/oauth2/revoke", "/api/oauth2/authorize"])
@pytest.mark.parametrize(
    "form",
    [{"token": "x" * 2_000_000}, {f"f{number}": "1" for number in range(1500)}],
    ids=["large", "many"],
)
def test_a_form_too_large_is_refused(path: str, form: dict[str, str]) -> None:
    answer = BENCH.ask(path, form=form)
    assert answer.status == 400
    assert "box-request-id" in dict(answer.headers)


def test_a_redirect_address_that_is_no_address_is_refused() -> None:
    asked: dict[str, Any] = {"client_id": BY_NAME["oauth"].client_id, "response_type": "code"}
    answer = BENCH.ask("/api/oauth2/authorize", redirect_uri="http://[::1", **asked)
    assert answer.status == 400
    assert b"redirect_uri_mismatch" in answer.body


@CALM
@given(
    header=JSON,
    claims=JSON,
    signature=st.binary(max_size=300),
)
def test_any_assertion_is_refused(header: Any, claims: Any, signature: bytes) -> None:
    def part(value: bytes) -> str:
        return base64.urlsafe_b64encode(value).decode().rstrip("=")

    one = BY_NAME["main"]
    said = {"alg": "RS256", "typ": "JWT", "kid": next(iter(one.keys))}
    heads = [header, {**said, **header} if isinstance(header, dict) else said]
    for head in heads:
        assertion = ".".join([part(_dumped(head)), part(_dumped(claims)), part(signature)])
        answer = BENCH.ask(
            "/oauth2/token",
            form={
                "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
                "client_id": one.client_id,
                "client_secret": one.client_secret,
                "assertion": assertion,
            },
        )
        assert answer.status == 400
        assert orjson.loads(answer.body)["error"] == "invalid_grant"


def _dumped(value: Any) -> bytes:
    return json.dumps(value).encode()  # orjson refuses large integers


@CALM
@given(body=JSON)
def test_any_webhook_gets_an_answer(body: Any) -> None:
    answer = BENCH.ask("/2.0/webhooks", ADMIN, content=_dumped(body))
    assert answer.status in (400, 403, 404)


@CALM
@given(body=st.dictionaries(st.sampled_from(["target", "address", "triggers"]), JSON | WORDS))
def test_any_part_of_a_webhook_gets_an_answer(body: dict[str, Any]) -> None:
    folder = next(item.id for item in WORLD.children("0") if item.type == "folder")
    right: dict[str, Any] = {
        "target": {"type": "folder", "id": folder},
        "address": "https://runbook.example/",
        "triggers": ["FILE.UPLOADED"],
    }
    answer = BENCH.ask("/2.0/webhooks", ADMIN, content=_dumped({**right, **body}))
    assert answer.status in (201, 400, 403, 404, 409)


@CALM
@given(
    params=st.dictionaries(
        st.sampled_from(["client_id", "response_type", "redirect_uri", "state", "scope", "login"]),
        WORDS,
    ),
    decision=st.sampled_from(["grant", "deny", "perhaps"]),
)
def test_the_page_never_repeats_markup(params: dict[str, str], decision: str) -> None:
    markup = "<img src=x onerror=alert(1)>"
    form = {
        "client_id": BY_NAME["oauth"].client_id,
        "response_type": "code",
        "redirect_uri": BY_NAME["oauth"].redirect_uris[0],
        "decision": decision,
        "login": markup,
        "state": markup,
        **params,
    }
    answer = BENCH.ask("/api/oauth2/authorize", form=form)
    assert answer.status in (200, 302, 400)
    assert markup.encode() not in answer.body
    if answer.status == 302:
        assert "\n" not in answer.headers["location"]


@pytest.mark.parametrize("path", ["/sandbox/faults", "/sandbox/emit", "/sandbox/routes"])
@CALM
@given(body=JSON)
def test_any_order_to_the_sandbox_gets_an_answer(path: str, body: Any) -> None:
    answer = BENCH.ask(path, content=_dumped(body))
    assert answer.status in (200, 400)

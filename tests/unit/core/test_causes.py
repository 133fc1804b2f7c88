"""The table of causes, row by row: what the other side says, and the cause that we name."""

import ast
import re
import tomllib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.core import causes
from lib.core.causes import Api, Mark, TableError, all_causes, read_table
from lib.core.errors import Who

TABLE = Path("lib/core/data/causes.toml")
KEY_MODULES = [
    Path("lib/box/key_inspection.py"),
    *Path("lib/box/keys").glob("*.py"),
]

SIGNATURE = (
    'Signature verification error. The public key identified by "kid" must correspond to the '
    "private key used for signing."
)
# Box's token endpoint: its two error fields, word for word, and our cause.
TOKEN = [
    (
        "invalid_grant",
        "Current date/time MUST be before the expiration date/time listed in the 'exp' claim",
        "token.expired_assertion",
    ),
    (
        "invalid_grant",
        (
            "Please check the 'exp' claim. The 'exp' value exceeds the maximum value of 60 seconds "
            "beyond the issue time."
        ),
        "token.exp_too_far",
    ),
    (
        "invalid_grant",
        "Please check the 'exp' claim. Should be an integer",
        "token.exp_not_integer",
    ),
    ("invalid_grant", "Please check the 'exp' claim.", "token.exp"),
    (
        "invalid_grant",
        "Please check the 'jti' claim. A unique 'jti' value is required.",
        "token.jti_reused",
    ),
    ("invalid_grant", "Please check the 'jti' claim.", "token.jti_reused"),
    (
        "invalid_grant",
        "Please check the 'sub' claim. The 'sub' specified is invalid.",
        "token.sub_invalid",
    ),
    (
        "invalid_grant",
        SIGNATURE,
        "token.signature",
    ),
    ("invalid_grant", "Please check the 'aud' claim.", "token.aud"),
    ("invalid_grant", "Please check the 'iss' claim.", "token.iss"),
    ("invalid_grant", "Grant credentials are invalid", "token.ccg_refused"),
    ("invalid_grant", "Invalid refresh token", "token.refresh_invalid"),
    ("invalid_grant", "Refresh token has expired", "token.refresh_expired"),
    ("invalid_grant", "The authorization code has expired", "token.code_expired"),
    (
        "unauthorized_client",
        "This app is not authorized by the enterprise admin",
        "token.app_not_authorized",
    ),
    (
        "unauthorized_client",
        "This app is not authorized by the enterprise",
        "token.app_not_authorized",
    ),
    (
        "unauthorized_client",
        "The grant type is unauthorized for this client_id",
        "token.grant_not_allowed",
    ),
    (
        "invalid_request",
        "The grant type is unauthorized for this client_id",
        "token.grant_not_allowed",
    ),
    (
        "unauthorized_client",
        'The "box_subject_type" value is unauthorized for this client_id',
        "token.subject_type",
    ),
    (
        "invalid_request",
        "Cannot obtain user token based on the enterprise configuration for your app",
        "token.user_token_refused",
    ),
    (
        "invalid_request",
        "Cannot obtain token based on the enterprise configuration for your app",
        "token.enterprise_token_refused",
    ),
    ("invalid_client", "The client credentials are invalid", "token.bad_client"),
    ("invalid_client", "The client credentials are not valid", "token.bad_client"),
    ("invalid_request", "Invalid grant_type parameter or parameter missing", "token.bad_request"),
    ("invalid_scope", "The scope is not allowed", "token.scope"),
    ("access_denied", "The user denied access", "oauth.access_denied"),
    ("redirect_uri_mismatch", "The redirect_uri does not match", "oauth.redirect_uri"),
    ("redirect_uri_missing", "", "oauth.redirect_uri"),
]


def test_pin_box_token_error() -> None:
    for error, description, expected in TOKEN:
        found = causes.token_error(error, description, status=400)
        assert found.id == expected, (error, description)


@pytest.mark.parametrize(
    "status,expected",
    [
        (401, "token.subject_token"),
        (429, "rate_limited"),
        (500, "box.internal_error"),
        (502, "box.unavailable"),
        (503, "box.unavailable"),
    ],
)
def test_the_token_endpoint_has_faults_without_words(status: int, expected: str) -> None:
    assert causes.token_error("", "", status=status).id == expected


INVALID_TOKEN = (
    'Bearer realm="Service", error="invalid_token", '
    'error_description="The access token provided is invalid."'
)
NO_SCOPE = (
    'Bearer realm="Service", error="insufficient_scope", error_description="The request requires '
    'higher privileges than provided by the access token."'
)
BOX = [
    (401, None, INVALID_TOKEN, "box.invalid_token"),
    (401, "unauthorized", None, "box.invalid_token"),
    (401, None, None, "box.invalid_token"),
    (403, None, NO_SCOPE, "box.insufficient_scope"),
    (403, "insufficient_scope", None, "box.insufficient_scope"),
    (403, "access_denied_insufficient_permissions", None, "box.no_permission"),
    (403, "access_from_location_blocked", None, "box.location_blocked"),
    (403, "forbidden_by_policy", None, "box.forbidden_by_policy"),
    (403, "user_email_confirmation_required", None, "box.email_unconfirmed"),
    (403, "cors_origin_not_whitelisted", None, "box.cors_origin"),
    (403, "storage_limit_exceeded", None, "box.storage_full"),
    (403, None, None, "box.forbidden"),
    (400, "terms_of_service_required", None, "box.terms_open"),
    (400, "password_reset_required", None, "box.password_reset"),
    (400, "bad_request", None, "box.bad_request"),
    (400, "invalid_request_parameters", None, "box.bad_request"),
    (400, "invalid_limit", None, "box.bad_limit"),
    (400, "invalid_offset", None, "box.bad_limit"),
    (400, "invalid_api_version", None, "box.bad_version"),
    (404, "not_found", None, "box.not_found"),
    (404, None, None, "box.not_found"),
    (404, "trashed", None, "box.trashed"),
    (404, "not_trashed", None, "box.not_trashed"),
    (405, "method_not_allowed", None, "box.method_not_allowed"),
    (405, None, None, "box.method_not_allowed"),
    (409, "conflict", None, "box.conflict"),
    (409, "item_name_in_use", None, "box.name_in_use"),
    (409, "name_temporarily_reserved", None, "box.name_in_use"),
    (409, "operation_blocked_temporary", None, "box.blocked_for_now"),
    (409, "user_login_already_used", None, "box.login_in_use"),
    (410, "session_expired", None, "box.session_expired"),
    (412, "precondition_failed", None, "box.precondition_failed"),
    (413, "request_entity_too_large", None, "box.too_large"),
    (429, "rate_limit_exceeded", None, "rate_limited"),
    (429, None, None, "rate_limited"),
    (500, "internal_error", None, "box.internal_error"),
    (500, "internal_server_error", None, "box.internal_error"),
    (502, "bad_gateway", None, "box.unavailable"),
    (503, "unavailable", None, "box.unavailable"),
    (504, None, None, "box.unavailable"),
]


def test_pin_box_api_fault() -> None:
    for status, code, header, expected in BOX:
        found = causes.box_error(status, code=code, message=None, www_authenticate=header)
        assert found.id == expected, (status, code, header)


AS_USER = [
    (403, "insufficient_scope", None, "/2.0/users/me", "as_user.switch_off"),
    (403, None, NO_SCOPE, "/2.0/users/me", "as_user.switch_off"),
    (403, "access_denied_insufficient_permissions", None, "/2.0/users/me", "as_user.not_allowed"),
    (404, "not_found", None, "/2.0/users/me", "as_user.not_found"),
    (403, None, NO_SCOPE, "/2.0/events", "as_user.enterprise_events"),
    (401, None, INVALID_TOKEN, "/2.0/users/me", "box.invalid_token"),
]


@pytest.mark.parametrize("status,code,header,path,expected", AS_USER)
def test_a_refusal_as_a_user_has_its_own_cause(
    status: int, code: str | None, header: str | None, path: str, expected: str
) -> None:
    found = causes.box_error(
        status, code=code, message=None, www_authenticate=header, as_user=True, path=path
    )
    assert found.id == expected


EVENTS = [
    ("access_denied_insufficient_permissions", None, "events.no_report_right"),
    ("insufficient_scope", None, "events.scope_missing"),
    (None, NO_SCOPE, "events.scope_missing"),
]


@pytest.mark.parametrize("code,header,expected", EVENTS)
def test_a_refusal_of_the_event_stream_has_its_own_cause(
    code: str | None, header: str | None, expected: str
) -> None:
    found = causes.box_error(
        403, code=code, message=None, www_authenticate=header, path="/2.0/events"
    )
    assert found.id == expected


KLOUDLESS = [
    (400, "bad_request", "kloudless.bad_request"),
    (400, "request_failed", "kloudless.request_failed"),
    (400, "invalid_parent_folder", "kloudless.invalid_parent_folder"),
    (400, "invalid_parameters", "kloudless.invalid_parameters"),
    (400, "invalid_resource_type", "kloudless.invalid_resource_type"),
    (401, "unauthorized", "kloudless.unauthorized"),
    (401, "service_unauthorized", "kloudless.service_unauthorized"),
    (401, "authentication_required", "kloudless.authentication_required"),
    (401, "invalid_token", "kloudless.invalid_token"),
    (400, "invalid_token", "kloudless.invalid_token"),
    (403, "folder_not_empty", "kloudless.folder_not_empty"),
    (403, "permission_denied", "kloudless.permission_denied"),
    (403, "forbidden", "kloudless.forbidden"),
    (403, "service_forbidden", "kloudless.service_forbidden"),
    (404, "not_found", "kloudless.not_found"),
    (405, "method_not_allowed", "kloudless.method_not_allowed"),
    (500, "method_not_allowed", "kloudless.upstream_method_not_allowed"),
    (406, "not_acceptable", "kloudless.not_acceptable"),
    (500, "not_acceptable", "kloudless.upstream_not_acceptable"),
    (409, "naming_conflict", "kloudless.naming_conflict"),
    (429, "too_many_requests", "kloudless.too_many_requests"),
    (429, "too_many_service_requests", "kloudless.too_many_service_requests"),
    (500, "internal_error", "kloudless.internal_error"),
    (500, "link_error", "kloudless.link_error"),
    (500, "unsupported_media_type", "kloudless.unsupported_media_type"),
    (501, "not_implemented", "kloudless.not_implemented"),
    (502, "bad_gateway", "kloudless.bad_gateway"),
    (503, "service_not_available", "kloudless.service_not_available"),
    (504, "gateway_timeout", "kloudless.gateway_timeout"),
    (507, "insufficient_storage", "kloudless.insufficient_storage"),
    (401, None, "kloudless.credentials_refused"),
    (403, None, "kloudless.credentials_refused"),
    (404, None, "kloudless.not_found"),
    (429, None, "kloudless.too_many_requests"),
    (502, None, "kloudless.bad_gateway"),
]


def test_pin_kloudless_error_code() -> None:
    for status, code, expected in KLOUDLESS:
        assert causes.kloudless_error(status, code).id == expected, (status, code)


# What stands in the address that a person comes back to from a consent page.
CONSENT = [
    (Api.BOX_CONSENT, "access_denied", "oauth.access_denied"),
    (Api.KLOUDLESS_CONSENT, "access_denied", "kloudless.access_denied"),
    (Api.KLOUDLESS_CONSENT, "invalid_scope", "kloudless.consent_scope"),
    (Api.BOX_CONSENT, "server_error", "unknown"),
    (Api.KLOUDLESS_CONSENT, "server_error", "unknown"),
]


@pytest.mark.parametrize("api,error,expected", CONSENT)
def test_what_comes_back_from_a_consent_page_has_its_cause(
    api: Api, error: str, expected: str
) -> None:
    found = causes.consent_error(api, error, "Their words.")
    assert found.id == expected
    assert ("Their words." in found.text) is (expected == "unknown")


@pytest.mark.parametrize(
    "kind", ["dns", "tls", "timeout", "refused", "reset", "malformed", "blocked"]
)
def test_each_kind_of_no_answer_has_a_cause(kind: str) -> None:
    assert causes.network_error(kind).id == f"network.{kind}"


# ---------------------------------------------------------------- the unknown


def test_an_unknown_fault_is_shown_as_it_came() -> None:
    found = causes.token_error("invalid_grant", "Something quite new.", status=400)
    assert found.id == "unknown"
    assert "invalid_grant: Something quite new." in found.text
    assert causes.box_error(418, code="teapot", message="Short and stout").text.endswith(
        "418 teapot Short and stout"
    )
    assert causes.kloudless_error(418, "teapot", message="Short").text.endswith("418 teapot Short")
    assert causes.network_error("gremlins").id == "unknown"


def test_an_unknown_fault_shows_no_secret_and_no_control_characters() -> None:
    found = causes.token_error("odd", "refresh_token=canary12345 \x1b[31m\nred", status=400)
    assert "canary" not in found.text
    assert "\x1b" not in found.text
    assert "\n" not in found.text
    assert len(causes.token_error("odd", "x" * 10_000, status=400).text) < 800


def test_a_known_word_with_another_status_is_not_forced_into_a_cause() -> None:
    assert causes.box_error(302, code=None, message="Found").id == "unknown"
    assert causes.kloudless_error(200, None).id == "unknown"


@given(st.integers(0, 999), st.text(max_size=40), st.text(max_size=80), st.booleans())
def test_every_fault_has_some_cause(status: int, code: str, text: str, as_user: bool) -> None:  # noqa: FBT001  # hypothesis passes it
    ids = {row.id for row in all_causes()}
    assert causes.token_error(code, text, status=status).id in ids
    assert causes.kloudless_error(status, code, message=text).id in ids
    found = causes.box_error(
        status, code=code, message=text, www_authenticate=text, as_user=as_user, path=text
    )
    assert found.id in ids


def test_a_row_is_found_by_its_id_and_a_strange_id_is_unknown() -> None:
    assert causes.cause("token.signature").id == "token.signature"
    assert causes.cause("no such row").id == "unknown"


# ---------------------------------------------------------------- the table itself

GUESS = re.compile(r"\b(may|might|perhaps|possibly|probably|seems?|likely)\b", re.IGNORECASE)


def test_a_row_reads_like_a_row() -> None:
    for row in all_causes():
        assert re.fullmatch(r"[a-z_]+(\.[a-z_]+)?", row.id), row.id
        for text in (row.title, row.text, row.fix):
            assert text.endswith("."), row.id
            assert text == text.strip(), row.id
            assert "  " not in text, row.id
        assert len(row.title) <= 80, row.id
        assert len(row.fix) <= 200, row.id
        assert row.who in Who, row.id
        if row.mark is Mark.INFERRED:
            assert GUESS.search(row.text), f"{row.id}: what is inferred is worded as a guess"
        if row.where:
            assert row.where.startswith(("Admin Console > ", "Developer Console > ")), row.id
            assert row.known_good is not None, row.id
            assert date.fromisoformat(row.known_good) <= date(2026, 6, 29), row.id


def test_every_row_can_be_reached_by_a_fault_of_these_tests_or_by_its_name() -> None:
    expected = {
        row[-1] for rows in (TOKEN, BOX, AS_USER, EVENTS, KLOUDLESS, CONSENT) for row in rows
    }
    expected |= {f"network.{kind}" for kind in ("dns", "tls", "timeout", "refused", "reset")}
    expected |= {f"network.{kind}" for kind in ("malformed", "blocked", "closed")}
    expected.add("token.subject_token")
    assert expected | named_in_code() == {row.id for row in all_causes()}


COMPARING = {"broken_by.py", "standing.py"}
"""Modules of lib/runbook that compare causes, and choose none."""


def test_rows_that_are_matched_are_the_ones_with_patterns() -> None:
    raw = tomllib.loads(TABLE.read_text(encoding="utf-8"))["cause"]
    without = {row["id"] for row in raw if not row.get("match")}
    assert without == named_in_code()


def named_in_code() -> set[str]:
    """Rows that code chooses by their id: the literals of lib/runbook, and the codes of keys."""
    rows = {row["id"] for row in tomllib.loads(TABLE.read_text(encoding="utf-8"))["cause"]}
    literals = {
        node.value
        for file in Path("lib/runbook").rglob("*.py")
        if file.name not in COMPARING
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    codes = set(re.findall(r'"([a-z_]+)"', "".join(map(Path.read_text, KEY_MODULES))))
    return (
        {"unknown"}
        | (rows & literals)
        | {row for row in rows if row[:4] == "key." and row[4:] in codes}
    )


ROW = '[[cause]]\nid="{id}"\ntitle="t."\ntext="x."\nfix="f."\nwho="you"\nmark="observed"\n'
UNKNOWN = ROW.format(id="unknown")


@pytest.mark.parametrize(
    "table,words",
    [
        ("", "no row for unknown"),
        (UNKNOWN + UNKNOWN, "twice"),
        (UNKNOWN.replace('fix="f."\n', ""), "fix is missing"),
        (UNKNOWN.replace('"f."', '" "'), "fix is missing"),
        (UNKNOWN.replace('"you"', '"nobody"'), "nobody"),
        (UNKNOWN.replace('"observed"', '"heard"'), "heard"),
        (UNKNOWN + 'colour="red"\n', "no field colour"),
        (UNKNOWN + 'where="Admin Console > X"\n', "date it was read"),
        (UNKNOWN + "known_good=2026-02-16\n", "date it was read"),
        (UNKNOWN + 'match=[{api="box"}]\n', "something of"),
        (UNKNOWN + 'match=[{code=["x"]}]\n', "names an api"),
        (UNKNOWN + 'match=[{api="box",color="x"}]\n', "something of"),
        (UNKNOWN + 'match=[{api="boxx",code=["x"]}]\n', "boxx"),
        (UNKNOWN + 'match=[{api="box",text="("}]\n', "unterminated"),
    ],
)
def test_a_table_that_is_wrong_is_refused(table: str, words: str) -> None:
    with pytest.raises(TableError, match=words):
        read_table(table)

"""What must never be shown, in the forms it takes on its way, and what must stay readable."""

import itertools
import json
import logging
import pickle
import urllib.parse
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.core.redaction import (
    HIDDEN,
    RedactingFilter,
    Secret,
    redact,
    redact_headers,
    redact_value,
)

CANARY = "zQ9xCanary77kU3w5Rt8y"
NAMES = [
    "access_token", "refresh_token", "subject_token", "actor_token", "developer_token",
    "client_secret", "clientSecret", "api_key", "apiKey", "assertion", "private_key", "privateKey",
    "passphrase", "password", "primaryKey", "secondary_key", "webhook_primary_key", "shared_link",
    "download_url", "signature", "jwt_private_key_passphrase", "shared_link_password", "token",
    "BOX_RUNBOOK__PROFILES__ACME__BOX__CLIENT_SECRET", "box.client_secret", "x-runbook-token",
    "bearer", "jwt", "authorization", "cookie", "box_api", "raw_headers", "signature_primary",
    "box-signature-secondary",
]  # fmt: skip

FORMS: dict[str, Callable[[str, str], str]] = {
    "json": lambda name, value: json.dumps({"a": 1, name: value, "b": "c"}),
    "json in json": lambda name, value: json.dumps({"body": json.dumps({name: value, "b": 1})}),
    "json in json in json": lambda name, value: json.dumps(json.dumps(json.dumps({name: value}))),
    "cut off json": lambda name, value: f'{{"{name}": "{value}',
    "python": lambda name, value: str({name: value, "b": None}),
    "bytes": lambda name, value: f"{name}={value.encode()!r}",
    "form": lambda name, value: f"a=1&{name}={value}&b=2",
    "query": lambda name, value: f"GET /x?a=1&{name}={value} HTTP/1.1",
    "encoded form": lambda name, value: urllib.parse.quote(f"a=1&{name}={value}&b=2", safe=""),
    "encoded json": lambda name, value: urllib.parse.quote(json.dumps({name: value}), safe=""),
    "toml": lambda name, value: f'{name} = "{value}"\n',
    "toml, literal": lambda name, value: f"{name} = '''{value}'''\n",
    "argument": lambda name, value: f"run --{name}={value}",
    "sentence": lambda name, value: f"the request had {name}={value}, and failed",
    "colon": lambda name, value: f"{name}: {value}",
}


@pytest.mark.parametrize("before", ["?", "?code=abc1234567&", "&"])
def test_a_state_of_a_sign_in_is_hidden_in_an_address(before: str) -> None:
    line = f'"GET /connected{before}state={CANARY} HTTP/1.1" 200'
    assert CANARY not in redact(line)
    assert redact(redact(line)) == redact(line)


@pytest.mark.parametrize(
    "text",
    [
        "?account_state=disabled&x=1",
        "/accounts?state=enabled",
        "state=a-long-word-of-no-secrecy-at-all",
        "its state: not callable, tried twice",
    ],
)
def test_a_state_that_is_a_word_like_any_other_stays(text: str) -> None:
    assert redact(text) == text


def test_a_secret_field_is_hidden_in_every_form() -> None:
    for name, form in itertools.product(NAMES, FORMS):
        row = f"{name} as {form}"
        text = FORMS[form](name, CANARY)
        assert CANARY in text, row
        hidden = redact(text)
        assert CANARY not in hidden, row
        assert HIDDEN in hidden, row
        assert name in hidden.replace("%5F", "_"), row
        assert redact(hidden) == hidden, row


@pytest.mark.parametrize("value", ['quo"te', "apo'strophe", "back\\slash", "new\nline", "ümlaut é"])
def test_a_value_with_odd_characters_is_hidden_to_its_end(value: str) -> None:
    secret = f"{CANARY}{value}{CANARY[::-1]}"
    for form in ("json", "json in json", "json in json in json", "encoded json"):
        hidden = redact(FORMS[form]("client_secret", secret))
        assert CANARY not in hidden
        assert CANARY[::-1] not in hidden


@pytest.mark.parametrize(
    "text",
    [
        f"Authorization: Bearer {CANARY}",
        f"authorization: {CANARY}",
        f'"Authorization": "Bearer {CANARY}"',
        f"curl -H 'X-Other: Bearer {CANARY}'",
        f'curl -H "X-Other: ApiKey {CANARY}"',
        f"Bearer {CANARY},{CANARY}",
        f"DeveloperKey {CANARY}",
        f"Basic {CANARY}==",
        f"Cookie: a={CANARY}; b={CANARY}",
        f"Set-Cookie: session={CANARY}; HttpOnly",
        f"BoxApi: shared_link=https://x&shared_link_password={CANARY}",
        f"BOX-SIGNATURE-PRIMARY: {CANARY}",
        f"'box-signature-secondary': '{CANARY}'",
        f"X-Kloudless-Signature: {CANARY}",
        f"postgresql://ada:{CANARY}@db/box",
        f"eyJhbGciOiJSUzI1NiJ9.{CANARY}.{CANARY}",
        f"assertion%3DeyJhbGciOiJSUzI1NiJ9.{CANARY}.{CANARY}",
        f"/connected?code={CANARY}&state=abc",
        f"/connected?state=abc&code={CANARY}",
        f"code={CANARY}",
        f'{{"code": "{CANARY}"}}',
        f"authorization_code={CANARY}",
    ],
)
def test_a_credential_is_hidden_where_it_travels(text: str) -> None:
    hidden = redact(text)
    assert CANARY not in hidden
    assert redact(hidden) == hidden


def test_all_that_a_header_of_credentials_says_is_hidden() -> None:
    for name in ("Authorization", "Cookie", "BoxApi", "X-Kloudless-Raw-Headers"):
        assert (
            redact(f"{name}: first; second {CANARY}\nnext: line") == f"{name}: {HIDDEN}\nnext: line"
        )


def test_an_empty_value_is_said_to_be_empty() -> None:
    for text in ('password=""', '{"client_secret": ""}', "token='' and more"):
        assert redact(text) == text


def test_a_number_is_an_error_s_code_however_long() -> None:
    assert redact_value({"code": 1234567}) == {"code": 1234567}
    assert redact_value({"code": "1234567"}) == {"code": HIDDEN}


def test_a_message_that_cannot_be_written_is_told_by_its_type() -> None:
    class Silent:
        def __str__(self) -> str:
            raise ValueError(CANARY)

    record = logging.LogRecord("x", logging.ERROR, "x", 1, Silent(), (), None)
    assert RedactingFilter().filter(record)
    assert record.msg == "Silent"


def test_a_code_is_an_error_s_word_or_number_or_it_is_hidden() -> None:
    for code in ("x", "X", "a" * 19, "A" * 19, "12345", "-1", "not_found", "NOT_FOUND"):
        assert redact(f'{{"code": "{code}"}}') == f'{{"code": "{code}"}}', code
    for code in ("a" * 20, "A" * 20, "123456", "aB", "a1", "not_Found", "_a", "a_"):
        assert redact(f'{{"code": "{code}"}}') == f'{{"code": "{HIDDEN}"}}', code


def test_a_jwt_is_known_by_its_head_wherever_it_stands() -> None:
    for text, hidden in (
        ("eyJ12345678.e.s", HIDDEN),
        ("eyJ1234567.e.s", "eyJ1234567.e.s"),
        ("eyJ12345678.e.", HIDDEN),
        ("%22eyJ12345678.e.s%22", f"%22{HIDDEN}%22"),
        ("(eyJ12345678.e.s)", f"({HIDDEN})"),
        ("keyJ12345678.e.s", "keyJ12345678.e.s"),
        ("eyJ12345678..s", "eyJ12345678..s"),
    ):
        assert redact(text) == hidden, text


def test_a_word_after_a_name_stays_only_where_the_name_is_a_word_too() -> None:
    for name, word in (
        ("token", True),
        ("Token", True),
        ("TOKEN", False),
        ("clientSecret", False),
        ("client_secret", False),
    ):
        shown = "opensesame" if word else HIDDEN
        assert redact(f"{name}: opensesame") == f"{name}: {shown}", name
        assert redact(f"{name}=opensesame") == f"{name}={HIDDEN}", name


def test_a_quoted_value_is_taken_as_it_is() -> None:
    """Brackets and full stops at its end are its own, other than those behind a bare word."""
    for text in ('"token": "null)"', '"token": "None."', '"code": "not_found]"'):
        assert redact(text) == f'{text.partition(":")[0]}: "{HIDDEN}"', text


def test_an_oauth_code_of_letters_alone_is_hidden_in_a_query() -> None:
    assert "abcdefgh" not in redact("/connected?code=abcdefgh&state=1")
    assert "abcdefghijklmnopqrstuvwx" not in redact("code=abcdefghijklmnopqrstuvwx")


PEM = (
    "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIFHDBOcanaryAgEA\n+/canary==\n"
    "-----END ENCRYPTED PRIVATE KEY-----\n"
)
PEM_FORMS: dict[str, Callable[[str], str]] = {
    "as it is": lambda pem: pem,
    "traditional": lambda pem: pem.replace("ENCRYPTED", "RSA"),
    "plain": lambda pem: pem.replace("ENCRYPTED ", ""),
    "openssh": lambda pem: pem.replace("ENCRYPTED", "OPENSSH"),
    "escaped": lambda pem: pem.replace("\n", "\\n"),
    "escaped twice": lambda pem: pem.replace("\n", "\\\\n"),
    "json": lambda pem: json.dumps({"x": pem}),
    "json in json": lambda pem: json.dumps(json.dumps({"x": pem})),
    "url": urllib.parse.quote,
    "form": urllib.parse.quote_plus,
    "strict url": lambda pem: urllib.parse.quote(pem, safe="").replace("-", "%2D"),
    "two hyphens": lambda pem: pem.replace("-----", "--"),
    "one line": lambda pem: pem.replace("\n", " "),
    "crlf": lambda pem: pem.replace("\n", "\r\n"),
    "without its end": lambda pem: pem[:60],
    "without its beginning": lambda pem: pem[45:],
    "without its beginning, escaped": lambda pem: pem[45:].replace("\n", "\\n"),
    "without its beginning, url": lambda pem: urllib.parse.quote(pem[45:]),
}


@pytest.mark.parametrize("form", PEM_FORMS)
def test_a_private_key_is_hidden_in_every_form(form: str) -> None:
    text = PEM_FORMS[form](PEM)
    assert "canary" in text
    hidden = redact(f"<before> {text} <after>")
    assert "canary" not in hidden
    assert "<before>" in hidden
    if "without its end" not in form:
        assert "<after>" in hidden


def test_what_is_left_of_a_key_before_its_last_line_is_hidden_to_its_first_letter() -> None:
    end = "-----END PRIVATE KEY-----"
    for length in range(5):
        left = "MIIB"[:length]
        assert redact(f"!{left}{end} and") == f"!{HIDDEN} and", length
        assert redact(f"{left}{end} and") == f"{HIDDEN} and", length
        assert redact(f"!{left}{end}!{left}{end}") == f"!{HIDDEN}!{HIDDEN}", length


READABLE = [
    '{"type":"error","status":404,"code":"not_found","message":"Not Found","request_id":"abc1"}',
    '{"error":"invalid_grant","error_description":"Please check the \'jti\' claim."}',
    'error code="invalid_grant"',
    "code: 404",
    '"code": 404',
    "code=not_found",
    "?code=not_found",
    "(code=not_found)",
    "status code: 403, error_code=invalid_token, exit code=1",
    'WWW-Authenticate: Bearer realm="Service", error="insufficient_scope"',
    "Bearer token is missing",
    "Basic authentication is not used",
    "Basic Authentication is not used",
    "its shared_link: {kind: open}",
    "(token=[hidden]).",
    "The passphrase: use the one that this key was made with",
    "token: it has expired",
    "token=None secret=null",
    '{"token_type":"bearer","expires_in":4175}',
    '{"access_token": null}',
    "client_id=abc123 public_key_id=abcd1234",
    "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----",
    "https://api.box.com:443/2.0/users?fields=id,name&limit=1000",
    "10:42:17 INFO lib.http GET /2.0/events 200 113 ms",
    "next_stream_position: 30401068076164269",
    "C:\\Users\\ada\\key.pem",
    "",
]


@pytest.mark.parametrize("text", READABLE)
def test_what_is_no_secret_stays_readable(text: str) -> None:
    assert redact(text) == text


def test_the_length_from_which_a_value_is_a_secret_and_no_word() -> None:
    """Below it a sentence stays readable, from it on nothing gets through."""
    for length, form, value in (
        (6, "token: {}", "aB3dE6gH9"),
        (6, "token: {}", "a2cdefghi"),
        (6, "password: {}", "123456789"),
        (6, "Bearer {}", "aB3dE6gH9"),
        (6, "Bearer {}", "ab3de6gh9"),
        (6, "ApiKey {}", "Ab3de6gh9"),
        (20, "token: {}", "internationalisations"),
        (20, "/connected?state={}", "internationalisations"),
    ):
        below, at = value[: length - 1], value[:length]
        assert redact(form.format(below)) == form.format(below), (form, below)
        assert redact(form.format(at)) == form.format(HIDDEN), (form, at)


@given(st.text(max_size=300))
def test_hiding_twice_changes_nothing_more(text: str) -> None:
    once = redact(text)
    assert redact(once) == once


SAMPLES = st.sampled_from(
    ["token", "=", ":", '"', "'", "\\", "secret", "code", "Bearer ", "eyJ", ".", "-----BEGIN ",
     "PRIVATE KEY-----", "-----END ", "\n", " ", "://", "@", "%22", "%3D", "a_", "{", "abc123d4"]
)  # fmt: skip


@given(st.lists(SAMPLES, max_size=40).map("".join))
def test_no_mixture_makes_it_raise_and_hiding_ends(text: str) -> None:
    assert isinstance(redact(text), str)
    assert isinstance(redact_value({"code": text, "x": [text, {"token": text}]}), dict)


@pytest.mark.parametrize(
    "piece",
    ["a_", "\\", '"', "token=\\", "a.b://", "-----BEGIN PRIVATE KEY-----", "eyJ", "token:'''",
     "-----END PRIVATE KEY-----", 'token:\\"', "Bearer ", "secret=", "%3A", "token:%22"],
)  # fmt: skip
@pytest.mark.timeout(20)
def test_a_hostile_text_takes_linear_time(piece: str) -> None:
    redact(piece * (300_000 // len(piece)))


# ---------------------------------------------------------------- values, headers, logs


def test_the_fields_of_a_value_are_hidden_whatever_they_hold() -> None:
    value = {
        "access_token": CANARY,
        "shared_link": {"url": CANARY},
        "items": [{"clientSecret": CANARY}, f"client_secret={CANARY}"],
        "code": "not_found",
        "status": 404,
        "refresh_token": None,
    }
    assert redact_value(value) == {
        "access_token": HIDDEN,
        "shared_link": HIDDEN,
        "items": [{"clientSecret": HIDDEN}, f"client_secret={HIDDEN}"],
        "code": "not_found",
        "status": 404,
        "refresh_token": None,
    }
    assert value["access_token"] == CANARY  # a copy was made
    for name in ("code", "auth_code", "authorizationCode"):
        assert redact_value({name: CANARY}) == {name: HIDDEN}
        assert redact(f"?{name}={CANARY}&x=1") == f"?{name}={HIDDEN}&x=1"
    for kept in ({"code": 404}, {"code": ""}, {"code": None}, {"auth_code": "denied"}):
        assert redact_value(kept) == kept
    assert redact_value((f"token={CANARY}", 5)) == [f"token={HIDDEN}", 5]


def test_every_header_with_a_credential_is_hidden_whatever_its_value_looks_like() -> None:
    for name in (
        "Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie", "BoxApi",
        "BOX-SIGNATURE-PRIMARY", "BOX-SIGNATURE-SECONDARY", "X-Kloudless-Signature",
        "X-Kloudless-Raw-Headers", "X-Runbook-Token",
    ):  # fmt: skip
        for spelled in (name, name.lower(), name.upper()):
            assert redact_headers({spelled: "word"}) == {spelled: HIDDEN}
    assert redact_headers({"X-Kloudless-As-User": "word"}) == {"X-Kloudless-As-User": "word"}


def test_headers_with_credentials_are_hidden_by_name() -> None:
    hidden = redact_headers(
        {"Authorization": "x", "BOX-SIGNATURE-PRIMARY": "y", "Location": f"/x?token={CANARY}"}
    )
    assert hidden == {
        "Authorization": HIDDEN,
        "BOX-SIGNATURE-PRIMARY": HIDDEN,
        "Location": f"/x?token={HIDDEN}",
    }


# ---------------------------------------------------------------- Secret


def test_a_secret_shows_itself_only_on_request() -> None:
    secret = Secret(CANARY)
    shown = [repr(secret), str(secret), f"{secret}", f"{secret:>40}", repr([secret])]
    assert all(CANARY not in text for text in shown)
    assert secret.reveal() == CANARY


def test_a_secret_goes_into_no_pickle_and_no_json() -> None:
    with pytest.raises(TypeError):
        pickle.dumps(Secret(CANARY))
    with pytest.raises(TypeError):
        json.dumps({"x": Secret(CANARY)})


def test_secrets_compare_by_value_and_wrap_once() -> None:
    assert Secret("a") == Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert len({Secret("a"), Secret("a")}) == 1
    assert Secret.of(None) is Secret.of("") is None
    inner = Secret("a")
    assert Secret.of(inner) is inner
    assert Secret.of("a") == inner
    assert bool(inner)

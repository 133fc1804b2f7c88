"""App settings files as Box gives them, and as people hand them in."""

import base64
import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.box.credential_problems import ProblemSeverity
from lib.box.key_inspection import generate_key_pair, load_private_key
from lib.box.settings.app_settings import SettingsReport, parse_app_settings
from lib.box.settings.settings_fields import State
from lib.box.settings.settings_text import MAX_BYTES
from lib.core.redaction import Secret
from lib.settings.profiles import BoxAuth, BoxCredentials, credentials_from_config

PASSPHRASE = "ghi345-canary"
PAIR = generate_key_pair(PASSPHRASE)
GOOD: dict[str, Any] = {
    "boxAppSettings": {
        "clientID": "abcdefghijklmnopqrstuvwxyz012345",
        "clientSecret": "canary9876543210zyxwvutsrqponmlk",
        "appAuth": {
            "publicKeyID": "abcd1234",
            "privateKey": PAIR.private_pem.reveal(),
            "passphrase": PASSPHRASE,
        },
    },
    "enterpriseID": "1234567",
}


def changed(change: Callable[[dict[str, Any]], object]) -> str:
    tree = copy.deepcopy(GOOD)
    change(tree)
    return json.dumps(tree)


def auth(tree: dict[str, Any]) -> dict[str, Any]:
    inner: dict[str, Any] = tree["boxAppSettings"]["appAuth"]
    return inner


def codes(report: SettingsReport) -> list[str]:
    return [problem.code for problem in report.problems]


def state(report: SettingsReport, name: str) -> State:
    return next(field.state for field in report.fields if field.name == name)


def check_shape(report: SettingsReport) -> None:
    """What holds for every verdict."""
    assert report.ok is not any(p.severity is ProblemSeverity.ERROR for p in report.problems)
    assert not report.ok or report.credentials is not None
    for problem in report.problems:
        assert problem.message.endswith(".")
        assert problem.fix
    names = [field.name for field in report.fields]
    assert len(names) == len(set(names))


def test_a_good_file_becomes_credentials() -> None:
    report = parse_app_settings(json.dumps(GOOD), "1234567_abcd1234_config.json")
    assert (report.ok, report.problems) == (True, ())
    assert report.credentials == BoxCredentials(
        auth=BoxAuth.JWT,
        client_id="abcdefghijklmnopqrstuvwxyz012345",
        client_secret=Secret("canary9876543210zyxwvutsrqponmlk"),
        public_key_id="abcd1234",
        private_key=PAIR.private_pem,
        passphrase=Secret(PASSPHRASE),
        enterprise_id="1234567",
    )
    assert {field.state for field in report.fields} == {State.OK, State.NOT_NEEDED}
    assert load_private_key(report.credentials.private_key or "", PASSPHRASE).key_size == 2048


def test_it_reads_what_the_host_settings_read() -> None:
    full = copy.deepcopy(GOOD) | {
        "userID": "42",
        "webhooks": {"primaryKey": "one-key", "secondaryKey": "two-key"},
    }
    assert parse_app_settings(json.dumps(full)).credentials == credentials_from_config(full)


MISTAKES: dict[str, tuple[Callable[[dict[str, Any]], object], list[str], str]] = {
    "free account": (lambda t: t.update(enterpriseID="0"), ["enterprise_zero"], "enterpriseID"),
    "free account, number": (
        lambda t: t.update(enterpriseID=0),
        ["enterprise_zero", "number_not_text"],
        "enterpriseID",
    ),
    "no enterprise": (lambda t: t.pop("enterpriseID"), ["missing_field"], "enterpriseID"),
    "null enterprise": (lambda t: t.update(enterpriseID=None), ["empty_field"], "enterpriseID"),
    "client id as enterprise": (
        lambda t: t.update(enterpriseID="abcdefghijklmnopqrstuvwxyz012345"),
        ["not_an_id"],
        "enterpriseID",
    ),
    "list as enterprise": (lambda t: t.update(enterpriseID=["1"]), ["wrong_type"], "enterpriseID"),
    "fraction as enterprise": (
        lambda t: t.update(enterpriseID=1.5e9),
        ["wrong_type"],
        "enterpriseID",
    ),
    "e-mail as user": (lambda t: t.update(userID="ada@acme.example"), ["not_an_id"], "userID"),
    "no client secret": (
        lambda t: t["boxAppSettings"].pop("clientSecret"),
        ["missing_field"],
        "boxAppSettings.clientSecret",
    ),
    "empty client id": (
        lambda t: t["boxAppSettings"].update(clientID=" "),
        ["empty_field"],
        "boxAppSettings.clientID",
    ),
    "placeholder": (
        lambda t: t["boxAppSettings"].update(clientID="YOUR_CLIENT_ID"),
        ["placeholder"],
        "boxAppSettings.clientID",
    ),
    "shortened sample": (
        lambda t: t["boxAppSettings"].update(clientID="abc...123"),
        ["placeholder"],
        "boxAppSettings.clientID",
    ),
    "masked": (
        lambda t: t["boxAppSettings"].update(clientSecret="********"),
        ["placeholder"],
        "boxAppSettings.clientSecret",
    ),
    "secret is the id": (
        lambda t: t["boxAppSettings"].update(clientSecret="abcdefghijklmnopqrstuvwxyz012345"),
        ["secret_is_client_id"],
        "boxAppSettings.clientSecret",
    ),
    "no appAuth": (
        lambda t: t["boxAppSettings"].pop("appAuth"),
        ["app_auth_missing"],
        "boxAppSettings.appAuth.privateKey",
    ),
    "appAuth null": (
        lambda t: t["boxAppSettings"].update(appAuth=None),
        ["app_auth_missing"],
        "boxAppSettings.appAuth.privateKey",
    ),
    "appAuth of empty texts": (
        lambda t: t["boxAppSettings"].update(
            appAuth={"publicKeyID": "", "privateKey": "", "passphrase": ""}
        ),
        ["app_auth_empty"],
        "boxAppSettings.appAuth.privateKey",
    ),
    "no key id": (
        lambda t: auth(t).update(publicKeyID=""),
        ["empty_field"],
        "boxAppSettings.appAuth.publicKeyID",
    ),
    "wrong passphrase": (
        lambda t: auth(t).update(passphrase="another"),
        ["passphrase_wrong"],
        "boxAppSettings.appAuth.passphrase",
    ),
    "no passphrase": (
        lambda t: auth(t).pop("passphrase"),
        ["passphrase_missing"],
        "boxAppSettings.appAuth.passphrase",
    ),
    "public key": (
        lambda t: auth(t).update(privateKey=PAIR.public_pem),
        ["public_not_private"],
        "boxAppSettings.appAuth.privateKey",
    ),
    "cut off key": (
        lambda t: auth(t).update(privateKey=PAIR.private_pem.reveal()[:500]),
        ["truncated"],
        "boxAppSettings.appAuth.privateKey",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_a_field_is_named(mistake: str) -> None:
    change, expected, field = MISTAKES[mistake]
    report = parse_app_settings(changed(change))
    check_shape(report)
    assert not report.ok
    assert codes(report) == expected
    assert state(report, field) is not State.OK
    assert report.credentials is not None
    assert "canary" not in f"{report.problems}{report.fields}"


def test_credentials_keep_what_is_right_beside_a_mistake() -> None:
    report = parse_app_settings(changed(lambda tree: tree["boxAppSettings"].pop("appAuth")))
    assert report.credentials is not None
    assert report.credentials.client_id == "abcdefghijklmnopqrstuvwxyz012345"
    assert report.credentials.enterprise_id == "1234567"
    assert report.credentials.private_key is None


ODDITIES: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "number": (lambda t: t.update(enterpriseID=1234567), "number_not_text"),
    "spaces": (lambda t: t.update(enterpriseID=" 1234567\n"), "spaces"),
    "escaped key": (
        lambda t: auth(t).update(privateKey=PAIR.private_pem.reveal().replace("\n", "\\n")),
        "escaped_newlines",
    ),
    "snake case": (
        lambda t: t.update(enterprise_id=t.pop("enterpriseID")),
        "spelling",
    ),
    "lower case": (lambda t: t.update(boxappsettings=t.pop("boxAppSettings")), "spelling"),
}


@pytest.mark.parametrize("oddity", ODDITIES)
def test_an_oddity_is_mended_and_named(oddity: str) -> None:
    change, code = ODDITIES[oddity]
    report = parse_app_settings(changed(change))
    check_shape(report)
    assert report.ok
    assert codes(report) == [code]
    assert report.credentials is not None
    assert report.credentials.enterprise_id == "1234567"


def test_a_passphrase_keeps_its_spaces() -> None:
    pair = generate_key_pair(" two words ")
    text = changed(
        lambda t: auth(t).update(passphrase=" two words ", privateKey=pair.private_pem.reveal())
    )
    report = parse_app_settings(text)
    assert report.problems == ()
    assert report.credentials is not None
    assert report.credentials.passphrase == Secret(" two words ")


GOOD_TEXT = json.dumps(GOOD, indent=2)
CURLY = GOOD_TEXT.replace('"', "\u201d")
TEXTS: dict[str, tuple[str | bytes, list[str]]] = {
    "bytes": (GOOD_TEXT.encode(), []),
    "windows": (GOOD_TEXT.replace("\n", "\r\n").encode(), []),
    "bom": (b"\xef\xbb\xbf" + GOOD_TEXT.encode(), ["bom"]),
    "bom in text": ("\ufeff" + GOOD_TEXT, []),
    "utf-16": (GOOD_TEXT.encode("utf-16"), ["utf16"]),
    "utf-16 without bom": (GOOD_TEXT.encode("utf-16-le"), ["utf16"]),
    "utf-16 big endian": (GOOD_TEXT.encode("utf-16-be"), ["utf16"]),
    "smart quotes": (CURLY, ["smart_quotes"]),
    "trailing comma": (GOOD_TEXT.replace('"1234567"', '"1234567",'), ["trailing_comma"]),
    "smart quotes and comma": (
        CURLY.replace("1234567\u201d", "1234567\u201d,"),
        ["smart_quotes", "trailing_comma"],
    ),
    "base64": (base64.b64encode(GOOD_TEXT.encode()), ["base64"]),
    "field twice": (GOOD_TEXT[:-2] + ',"enterpriseID":"1234567"}', ["repeated_field"]),
    "real line breaks in a text": (GOOD_TEXT.replace("\\n", "\n"), []),
}


@pytest.mark.parametrize("way", TEXTS)
def test_a_mangled_file_is_read_and_the_mangling_named(way: str) -> None:
    text, expected = TEXTS[way]
    report = parse_app_settings(text)
    check_shape(report)
    assert (report.ok, codes(report)) == (True, expected)
    assert report.credentials is not None
    assert report.credentials.enterprise_id == "1234567"


def test_a_file_without_its_outer_braces_is_read() -> None:
    report = parse_app_settings(json.dumps(GOOD)[1:-1])
    assert (report.ok, codes(report)) == (True, ["no_braces"])


def test_the_inner_part_alone_lacks_the_enterprise() -> None:
    report = parse_app_settings(json.dumps(GOOD["boxAppSettings"]))
    assert codes(report) == ["missing_field", "inner_part"]
    assert "enterpriseID" in report.problems[0].message
    assert report.credentials is not None
    assert report.credentials.public_key_id == "abcd1234"


FOREIGN: dict[str, tuple[str | bytes, str, str]] = {
    "google service account": (
        '{"type":"service_account","project_id":"p","private_key_id":"k","client_email":"a@b"}',
        "foreign",
        "Google service account",
    ),
    "google oauth client": ('{"installed":{"client_id":"x"}}', "foreign", "Google OAuth client"),
    "google web client": ('{"web":{"client_id":"x"}}', "foreign", "Google OAuth client"),
    "azure": ('{"appId":"x","tenant":"y","password":"z"}', "foreign", "Microsoft"),
    "aws": ('{"AccessKeyId":"x","SecretAccessKey":"y"}', "foreign", "AWS"),
    "token answer": ('{"access_token":"x","expires_in":1}', "foreign", "token endpoint"),
    "some json": ('{"a":1}', "foreign", "no boxAppSettings"),
    "empty object": ("{}", "empty", "empty"),
    "list": ("[]", "not_object", "not an object"),
    "text": ('"x"', "not_object", "not an object"),
    "settings that are a list": ('{"boxAppSettings":[]}', "wrong_type", "isn't an object"),
    "html": ("<!DOCTYPE html><html>", "html", "web page"),
    "xml": ("<?xml version='1.0'?>", "html", "web page"),
    "key": (PAIR.private_pem.reveal(), "key_only", "only a key"),
    "rtf": ("{\\rtf1\\ansi", "not_text", "word processor"),
    "zip": (b"PK\x03\x04" + bytes(range(200, 256)), "not_text", "binary"),
    "toml": ('[profiles.acme.box]\nauth = "jwt"', "not_json", "TOML"),
    "env": ("client_id = abc", "not_json", "TOML"),
    "nothing": ("", "empty", "It is empty"),
    "blank": (" \n", "empty", "It is empty"),
    "zeros": (bytes(9), "empty", "It is empty"),
    "cut off": (GOOD_TEXT[:400], "cut_off", "ends before"),
    "python": (str(GOOD), "not_json", "single quotes"),
    "words": ("hello", "not_json", "isn't valid JSON"),
    "huge": ("{" + " " * MAX_BYTES + "}", "too_large", f"{MAX_BYTES:,}"[:2]),
    "endless nesting": ("[" * 60000, "not_json", "isn't valid JSON"),
    "endless number": ('{"a":' + "9" * 6000 + "}", "not_json", "isn't valid JSON"),
    "picture": (b"\x89PNG\r\n\x1a\n\xff", "not_text", "binary"),
}


@pytest.mark.parametrize("thing", FOREIGN)
def test_something_else_is_called_what_it_is(thing: str) -> None:
    text, code, words = FOREIGN[thing]
    report = parse_app_settings(text)
    check_shape(report)
    assert (report.ok, report.credentials) == (False, None)
    assert codes(report) == [code]
    assert words in report.problems[0].message


NAMES = [
    ("1234567_abcd1234_config.json", []),
    ("1234567_abcd1234_config (1).json", []),
    ("C:\\Users\\ada\\1234567_abcd1234_config.json", []),
    ("config.json", []),
    ("../../etc/passwd", []),
    ("0_abcd1234_config.json", ["filename_enterprise_zero"]),
    ("7654321_abcd1234_config.json", ["filename_mismatch"]),
    ("1234567_zzzz9999_config.json", ["filename_key_mismatch"]),
]


@pytest.mark.parametrize("name,expected", NAMES)
def test_the_file_name_is_compared_with_the_content(name: str, expected: list[str]) -> None:
    report = parse_app_settings(GOOD_TEXT, name)
    check_shape(report)
    assert (report.ok, codes(report)) == (True, expected)


def test_a_zero_in_both_name_and_content_is_said_once() -> None:
    text = changed(lambda tree: tree.update(enterpriseID="0"))
    assert codes(parse_app_settings(text, "0_abcd1234_config.json")) == ["enterprise_zero"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["boxAppSettings", "clientID", "appAuth", "privateKey", "webhooks", "userID"]
            )
            | st.text(max_size=5),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(JSON)
@settings(max_examples=300, deadline=None)
def test_no_json_makes_it_raise(value: Any) -> None:
    check_shape(parse_app_settings(json.dumps(value), "0__config.json"))


@given(st.binary(max_size=300) | st.text(max_size=300))
@settings(max_examples=300, deadline=None)
def test_nothing_makes_it_raise(data: bytes | str) -> None:
    check_shape(parse_app_settings(data))


@given(st.integers(0, len(GOOD_TEXT)), st.text(max_size=3), st.integers(0, 3))
@settings(max_examples=200, deadline=None)
def test_no_damage_makes_it_raise_or_quotes_a_secret(place: int, new: str, cut: int) -> None:
    report = parse_app_settings(GOOD_TEXT[:place] + new + GOOD_TEXT[place + cut :])
    check_shape(report)
    assert "canary" not in f"{report.problems}{report.fields}"


@pytest.mark.parametrize(
    "text",
    [
        '{"a":"' + '\\"' * 30_000,
        "{" + '"' * 60_000,
        "{," * 30_000,
        "[" * 60_000 + ",]",
        json.dumps({"boxAppSettings": {"clientID": "..." * 10_000 + "\n" + "x" * 20_000}}),
        "\u201c" * 20_000,
    ],
    ids=["escapes", "quotes", "commas", "brackets", "dots", "curly"],
)
@pytest.mark.timeout(20)
def test_a_hostile_text_takes_no_more_than_a_instant(text: str) -> None:
    check_shape(parse_app_settings(text))

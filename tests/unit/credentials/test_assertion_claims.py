"""The verdict on each claim, for good assertions and for each way to spoil one."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lib.credentials.assertion_claims import Expected, judge_assertion, skew_words
from lib.credentials.fields import Level
from lib.credentials.guide_commands import CORRECTIONS, key_commands

NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
EXPECTED = Expected("client", "abcd1234", "enterprise", "1234567")
HEADER: dict[str, Any] = {"alg": "RS256", "typ": "JWT", "kid": "abcd1234"}
CLAIMS: dict[str, Any] = {
    "iss": "client",
    "sub": "1234567",
    "box_sub_type": "enterprise",
    "aud": "https://api.box.com/oauth2/token",
    "jti": "j" * 32,
    "exp": int((NOW + timedelta(seconds=30)).timestamp()),
}


def levels(
    header: dict[str, Any] | None = None,
    claims: dict[str, Any] | None = None,
    skew_s: float | None = None,
) -> dict[str, Level]:
    rows = judge_assertion(
        HEADER | (header or {}), CLAIMS | (claims or {}), EXPECTED, now=NOW, skew_s=skew_s
    )
    return {row.name: row.verdict.level for row in rows}


def test_a_good_assertion_passes_claim_by_claim() -> None:
    found = levels()
    assert set(found) == {*HEADER, *CLAIMS}
    assert set(found.values()) == {Level.OK}


@pytest.mark.parametrize(
    "name, value",
    [
        ("iss", "another"),
        ("iss", ""),
        ("sub", 1234567),
        ("sub", ""),
        ("sub", "0"),
        ("sub", "client"),
        ("sub", "7654321"),
        ("sub", "ada@example.com"),
        ("box_sub_type", "user"),
        ("box_sub_type", "group"),
        ("aud", "https://gateway.example.com/oauth2/token"),
        ("jti", "short"),
        ("jti", "j" * 129),
        ("exp", CLAIMS["exp"] - 31),
        ("exp", CLAIMS["exp"] + 31),
        ("exp", float(CLAIMS["exp"])),
        ("exp", None),
    ],
)
def test_a_spoiled_claim_fails_alone(name: str, value: object) -> None:
    found = levels(claims={name: value})
    assert found.pop(name) is Level.ERROR
    assert set(found.values()) == {Level.OK}


@pytest.mark.parametrize("name, value", [("alg", "none"), ("typ", "JWS"), ("kid", "other")])
def test_a_spoiled_header_fails_alone(name: str, value: str) -> None:
    found = levels(header={name: value})
    assert found.pop(name) is Level.ERROR
    assert set(found.values()) == {Level.OK}


def test_exp_is_judged_on_boxs_clock_once_it_is_known() -> None:
    assert levels(skew_s=40.0)["exp"] is Level.ERROR
    assert levels(skew_s=-40.0)["exp"] is Level.ERROR
    assert levels(skew_s=20.0)["exp"] is Level.OK


def test_a_claim_that_begins_later_is_a_warning() -> None:
    later = int((NOW + timedelta(minutes=5)).timestamp())
    assert levels(claims={"nbf": later})["nbf"] is Level.WARNING
    assert levels(claims={"iat": int(NOW.timestamp())})["iat"] is Level.OK


@pytest.mark.parametrize(
    "skew, level, word",
    [
        (None, Level.EMPTY, "Not measured"),
        (0.4, Level.OK, "agrees"),
        (7.0, Level.OK, "7 s behind"),
        (-7.0, Level.OK, "7 s ahead"),
        (90.0, Level.WARNING, "90 s behind"),
    ],
)
def test_the_clocks_are_compared_in_words(skew: float | None, level: Level, word: str) -> None:
    found = skew_words(skew)
    assert found.level is level
    assert word in found.text


def test_the_commands_are_those_of_the_guide() -> None:
    lines = [command.line for command in key_commands()]
    assert "openssl genrsa -aes256 -out private_key.pem 2048" in lines
    assert "openssl rsa -pubout -in private_key.pem -out public_key.pem" in lines
    assert all(c.guide and c.today for c in CORRECTIONS)

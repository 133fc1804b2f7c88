"""What is said beside a field, and that it never repeats the value."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.credentials.draft import FIELDS, Draft
from lib.credentials.fields import Level, judge, reach
from lib.http import Egress
from lib.settings.profiles import session_profile

GOOD = "abcdefgh" * 4


@pytest.mark.parametrize(
    "name, value, level, word",
    [
        ("box.client_id", GOOD, Level.OK, "32"),
        ("box.client_id", "short", Level.WARNING, "5 characters"),
        ("box.client_id", "ada@example.com", Level.ERROR, "e-mail"),
        ("box.client_id", "“abc”", Level.ERROR, "quotes"),
        ("box.client_id", '"abc"', Level.ERROR, "quotes"),
        ("box.client_id", "abc def", Level.ERROR, "space"),
        ("box.client_id", "abc...123", Level.ERROR, "cut off"),
        ("box.client_id", "1234567", Level.WARNING, "digits"),
        ("box.client_secret", "-----BEGIN PRIVATE KEY-----", Level.ERROR, "PEM"),
        ("box.public_key_id", "abcd1234", Level.OK, "8"),
        ("box.public_key_id", "ABCD", Level.WARNING, "isn't 8"),
        ("box.enterprise_id", "0", Level.ERROR, "isn't part of an enterprise"),
        ("box.enterprise_id", "1234567", Level.OK, "number"),
        ("box.enterprise_id", "ada@example.com", Level.ERROR, "e-mail"),
        ("box.enterprise_id", "١٢٣", Level.ERROR, "isn't a number"),
        ("box.user_id", "12x", Level.ERROR, "isn't a number"),
        ("box.developer_token", "abc", Level.WARNING, "60 minutes"),
        ("box.api_url", "https://api.box.com", Level.OK, "api.box.com"),
        ("box.api_url", "http://api.box.com", Level.ERROR, "unencrypted"),
        ("box.api_url", "http://127.0.0.1:8600", Level.OK, "127.0.0.1"),
        ("box.api_url", "https://api.box.com/2.0", Level.ERROR, "API path"),
        ("box.api_url", "https://me:pw@api.box.com", Level.ERROR, "user name"),
        ("box.api_url", "api.box.com", Level.ERROR, "isn't an address"),
        ("box.api_url", "https://api.box.com/?a=1", Level.ERROR, "continues after"),
        ("kloudless.base_url", "https://k.example.com", Level.ERROR, "version"),
        ("kloudless.base_url", "https://k.example.com/v1", Level.OK, "k.example.com"),
        ("kloudless.base_url", "https://api.kloudless.com/v1", Level.WARNING, "off since 2023"),
        ("kloudless.api_key", GOOD, Level.OK, "Set"),
    ],
)
def test_a_value_is_judged_by_its_shape(name: str, value: str, level: Level, word: str) -> None:
    found = judge(Draft().put(name, value), name)
    assert found.level is level
    assert word in found.text
    assert found.fix or level is Level.OK


@pytest.mark.parametrize(
    "one, two",
    [("box.client_id", "box.client_secret"), ("kloudless.app_id", "kloudless.api_key")],
)
def test_the_same_value_in_two_fields_is_an_error(one: str, two: str) -> None:
    draft = Draft().put(one, GOOD).put(two, GOOD)
    assert judge(draft, one).level is Level.ERROR
    assert judge(draft, two).level is Level.ERROR


def test_the_client_id_is_no_enterprise() -> None:
    draft = Draft().put("box.client_id", "123").put("box.enterprise_id", "123")
    assert judge(draft, "box.enterprise_id").level is Level.ERROR


@pytest.mark.parametrize("name", list(FIELDS))
def test_a_field_without_a_value_is_not_an_error(name: str) -> None:
    if name in ("box.api_url", "box.account_url"):
        assert judge(Draft(), name).level is Level.OK
    else:
        assert judge(Draft(), name).level is Level.EMPTY


@pytest.mark.parametrize(
    "address",
    [
        "https://169.254.169.254",
        "https://[::1]",
        "https://0x7f.1",
        "https://10.0.0.8/v1",
        "https://evil.example.com",
        "http://127.0.0.1:1",
    ],
)
def test_an_address_that_may_not_be_asked_is_named_before_anything_is_sent(address: str) -> None:
    egress = Egress.for_profile(session_profile(), sandbox_url="http://127.0.0.1:8600")
    found = reach(address, egress)
    assert found is not None
    assert found.level is Level.ERROR
    assert reach("https://api.box.com", egress) is None
    assert reach("http://127.0.0.1:8600", egress) is None


@given(st.sampled_from(sorted(n for n, f in FIELDS.items() if f.secret)), st.text(min_size=1))
def test_a_judgement_never_repeats_a_secret(name: str, value: str) -> None:
    canary = f"{value}canary-77aa"
    found = judge(Draft().put(name, canary), name)
    assert "canary-77aa" not in found.text + found.fix

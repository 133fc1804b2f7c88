"""An import before it is sent: what is wrong with it, what goes out, and what is shown of it."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lib.core.redaction import HIDDEN, Secret
from lib.kloudless.account_import import (
    CONVENTION,
    ExtraField,
    Filled,
    ImportOrder,
    body,
    changed_tokens,
    preview,
    problems,
    read_expiry,
    sendable,
)

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
BASE = "https://kloudless.example/v1"
PERSON = ImportOrder(
    account=" ada@example.com ",
    token=Secret("canary-token"),
    refresh_token=Secret("canary-refresh"),
    token_expiry="2026-11-30T18:00:00+01:00",
)
ORGANISATION = ImportOrder(
    account="Example Ltd",
    organisation=True,
    enterprise_id="1234567",
    proof_token=Secret("canary-proof"),
    extra=CONVENTION,
)


def revealed(values: Any) -> dict[str, Any]:
    return {k: v.reveal() if isinstance(v, Secret) else v for k, v in dict(values).items()}


def wrong(order: ImportOrder) -> set[str]:
    return {one.field for one in problems(order, NOW) if not one.warning}


def test_a_persons_import_has_the_confirmed_names_and_no_other() -> None:
    assert problems(PERSON, NOW) == ()
    assert revealed(body(PERSON)) == {
        "account": "ada@example.com",
        "service": "box",
        "token": "canary-token",
        "refresh_token": "canary-refresh",
        "token_expiry": "2026-11-30T17:00:00Z",
    }


def test_an_organisations_import_sends_the_convention_and_no_token_of_a_person() -> None:
    assert problems(ORGANISATION, NOW) == ()
    left_over = replace(ORGANISATION, token=Secret("canary-token"), token_expiry="2027-01-01")
    for order in (ORGANISATION, left_over):
        assert revealed(body(order)) == {
            "account": "Example Ltd",
            "service": "box",
            "token": "canary-proof",
            "admin": True,
            "enterprise_id": "1234567",
        }


def test_the_names_of_the_convention_can_be_changed() -> None:
    extra = (
        ExtraField("is_admin", "1"),
        ExtraField("proof", Filled.PROOF_TOKEN),
        ExtraField("tenant", Filled.ENTERPRISE_ID),
    )
    found = revealed(body(replace(ORGANISATION, extra=extra)))
    assert found["is_admin"] == 1
    assert found["proof"] == "canary-proof"
    assert found["tenant"] == "1234567"
    assert "token" not in found


@pytest.mark.parametrize(
    "said, sent",
    [
        ("true", True),
        ("12", 12),
        ('"12"', "12"),
        ("null", None),
        ('{"a": [1]}', {"a": [1]}),
        ("plain text", "plain text"),
        ("", ""),
        ("NaN", "NaN"),
        ("Infinity", "Infinity"),
        ('"\\ud800"', '"\\ud800"'),
        ("[" * 100_000, "[" * 100_000),
    ],
)
def test_a_value_is_json_where_it_is_some_that_can_be_sent(said: str, sent: Any) -> None:
    found = body(replace(PERSON, extra=(ExtraField("more", said),)))["more"]
    assert found == sent
    assert type(found) is type(sent)


@pytest.mark.parametrize(
    "change, field",
    [
        ({"account": "  "}, "account"),
        ({"token": None}, "token"),
        ({"token": Secret("Bearer abc")}, "token"),
        ({"token": Secret("two words")}, "token"),
        ({"refresh_token": Secret("a\nb")}, "refresh_token"),
        ({"token": Secret("x" * 5000)}, "token"),
        ({"token_expiry": "tomorrow"}, "token_expiry"),
        ({"token_expiry": "0001-01-01T00:00:00+23:59"}, "token_expiry"),
        ({"refresh_token_expiry": "3600"}, "refresh_token_expiry"),
        ({"extra": (ExtraField("", "x"),)}, "extra 1"),
        ({"extra": (ExtraField("token", "x"),)}, "extra 1"),
        ({"extra": (ExtraField("a", "x"), ExtraField(" a ", "y"))}, "extra 2"),
        ({"extra": (ExtraField("account", "x"),)}, "extra 1"),
        ({"extra": (ExtraField("x" * 101, "x"),)}, "extra 1"),
        ({"extra": (ExtraField("a\nb", "x"),)}, "extra 1"),
        ({"extra": (ExtraField("a", Filled.PROOF_TOKEN),)}, "extra 1"),
    ],
)
def test_a_slip_of_a_person_is_named_at_its_field(change: dict[str, Any], field: str) -> None:
    order = replace(PERSON, **change)
    assert wrong(order) == {field}
    assert not sendable(order, NOW)


@pytest.mark.parametrize(
    "change, field",
    [
        ({"enterprise_id": ""}, "enterprise_id"),
        ({"enterprise_id": "E-12"}, "enterprise_id"),
        ({"enterprise_id": "١٢٣"}, "enterprise_id"),
        ({"proof_token": None}, "proof_token"),
        ({"proof_token": Secret("bearer x")}, "proof_token"),
        ({"extra": (*CONVENTION, ExtraField("admin", "false"))}, "extra 4"),
    ],
)
def test_a_slip_of_an_organisation_is_named_at_its_field(
    change: dict[str, Any], field: str
) -> None:
    assert wrong(replace(ORGANISATION, **change)) == {field}


def test_what_only_needs_attention_does_not_stop_an_import() -> None:
    order = replace(PERSON, refresh_token=None, token_expiry="2026-10-01T00:00:00Z")
    found = problems(order, NOW)
    assert {one.field for one in found} == {"refresh_token", "token_expiry"}
    assert sendable(order, NOW)


def test_a_time_without_a_zone_is_utc() -> None:
    assert read_expiry("2026-11-30 18:00") == datetime(2026, 11, 30, 18, tzinfo=UTC)
    assert read_expiry("") is None


@given(
    secret=st.text(st.characters(categories=("L", "N", "P")), min_size=12, max_size=60),
    name=st.text(max_size=30),
)
def test_the_preview_shows_the_request_and_never_a_secret(secret: str, name: str) -> None:
    assume(secret not in name and secret[::-1] not in name)
    person = ImportOrder(account="Ada", token=Secret(secret), refresh_token=Secret(secret[::-1]))
    extra = (ExtraField(name, Filled.PROOF_TOKEN), *CONVENTION[1:])
    organisation = replace(ORGANISATION, proof_token=Secret(secret), extra=extra)
    for order in (person, organisation):
        shown = preview(order, BASE)
        assert shown.startswith(f"POST {BASE}/accounts/\nAuthorization: APIKey {HIDDEN}\n")
        for hidden in (secret, secret[::-1]):
            assert hidden not in shown
            assert json.dumps(hidden)[1:-1] not in shown


def test_the_preview_is_what_is_sent_but_for_the_secrets() -> None:
    shown = json.loads(preview(ORGANISATION, f"{BASE}/").split("\n\n", 1)[1])
    assert shown == {**revealed(body(ORGANISATION)), "token": HIDDEN}


def test_new_tokens_of_an_account_leave_its_name_alone() -> None:
    found = revealed(changed_tokens(token=Secret("a"), refresh_token=None, token_expiry=""))
    assert found == {"token": "a"}

"""Signatures of webhooks: the vectors, mutations of what is right, and whatever else may come."""

import base64
import runpy
import subprocess
import sys
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.box import signatures as box
from lib.core.redaction import Secret
from lib.core.signatures import Key, SignatureFault, SignatureVerdict, VerdictStep
from lib.kloudless import signatures as kloudless
from tests.signature_vectors import FOLDER, Vector, vectors

KEYS = box.SignatureKeys(Secret("one-key"), Secret("another-key"))
API_KEY = Secret("an-api-key")
TIMESTAMP = "2026-03-01T09:30:05-08:00"
AT = datetime.fromisoformat(TIMESTAMP) + timedelta(seconds=5)
SIGNED_HEADERS = (box.TIMESTAMP, box.VERSION, box.ALGORITHM, *box.SIGNATURES.values())
# Whatever a header may hold, lone surrogates and control characters too.
TEXTS = st.text(st.characters(), max_size=80)
HEADERS = st.dictionaries(
    st.sampled_from([*SIGNED_HEADERS, kloudless.SIGNATURE]).map(str.lower), TEXTS
)


def verdict(vector: Vector) -> SignatureVerdict:
    if vector.kind == "box":
        return box.verify(vector.body, vector.headers, vector.box_keys, at=vector.at)
    return kloudless.verify(vector.body, vector.headers, vector.api_key)


@pytest.mark.parametrize(
    "vector", [*vectors("box"), *vectors("kloudless")], ids=lambda v: f"{v.kind}: {v.name}"
)
def test_the_verdict_on_a_vector(vector: Vector) -> None:
    found = verdict(vector)
    assert {
        "ok": found.ok,
        "key": found.key,
        "reason": found.reason,
        "age_s": found.age_s,
    } == vector.expect


def test_the_vectors_are_what_their_generator_writes() -> None:
    done = subprocess.run([sys.executable, FOLDER / "generate.py", "--check"], check=False)
    assert done.returncode == 0, "run python tests/vectors/generate.py"


def test_the_generator_fails_on_drift(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["generate.py", "--check"])
    generator: dict[str, Any] = runpy.run_path(str(FOLDER / "generate.py"))
    generator["main"].__globals__["UPLOADED_AT"] = "2026-03-01T09:30:06-08:00"
    assert generator["main"]() == 1
    assert "box.json" in capsys.readouterr().err


@pytest.mark.needs("openssl")
@pytest.mark.parametrize("vector", vectors("box")[:3], ids=lambda v: v.name)
def test_openssl_computes_the_same(vector: Vector) -> None:
    message = vector.body + vector.headers["BOX-DELIVERY-TIMESTAMP"].encode()
    command = ["openssl", "dgst", "-sha256", "-binary", "-hmac", vector.keys["primary"]]
    done = subprocess.run(command, input=message, capture_output=True, check=True)
    expected = base64.b64encode(done.stdout).decode()
    assert vector.headers["BOX-SIGNATURE-PRIMARY"] == expected


@given(body=st.binary(max_size=300))
def test_what_was_signed_rightly_is_accepted(body: bytes) -> None:
    found = box.verify(body, box.sign(body, TIMESTAMP, KEYS), KEYS, at=AT)
    assert (found.ok, found.key) == (True, Key.PRIMARY)
    assert found.matched == (Key.PRIMARY, Key.SECONDARY)
    assert kloudless.verify(body, kloudless.sign(body, API_KEY), API_KEY).ok


@given(body=st.binary(min_size=1, max_size=200), data=st.data())
def test_any_changed_byte_of_the_body_is_refused(body: bytes, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(body) - 1))
    flip = data.draw(st.integers(1, 255))
    changed = body[:place] + bytes([body[place] ^ flip]) + body[place + 1 :]
    headers = box.sign(body, TIMESTAMP, KEYS)
    assert box.verify(changed, headers, KEYS, at=AT).reason is SignatureFault.WRONG
    signed = kloudless.sign(body, API_KEY)
    assert kloudless.verify(changed, signed, API_KEY).reason is SignatureFault.WRONG


@given(body=st.binary(max_size=50), extra=st.binary(min_size=1, max_size=20), front=st.booleans())
def test_anything_added_to_the_body_is_refused(body: bytes, extra: bytes, *, front: bool) -> None:
    longer = extra + body if front else body + extra
    if longer == body:
        return
    assert not box.verify(longer, box.sign(body, TIMESTAMP, KEYS), KEYS, at=AT).ok
    assert not kloudless.verify(longer, kloudless.sign(body, API_KEY), API_KEY).ok


@given(data=st.data(), letter=st.characters())
def test_any_changed_letter_of_a_header_is_refused(data: st.DataObject, letter: str) -> None:
    """Of a signature: as long as no other signature of the delivery is right."""
    body = b'{"id":"1"}'
    headers = box.sign(body, TIMESTAMP, box.SignatureKeys(KEYS.primary))
    name = data.draw(st.sampled_from(sorted(headers)))
    value = headers[name]
    place = data.draw(st.integers(0, len(value) - 1))
    changed = value[:place] + letter + value[place + 1 :]
    found = box.verify(body, {**headers, name: changed}, KEYS, at=AT)
    assert found.ok == (changed == value)


@given(data=st.data(), letter=st.characters())
def test_any_changed_letter_of_a_kloudless_signature_is_refused(
    data: st.DataObject, letter: str
) -> None:
    value = kloudless.sign(b"account=1", API_KEY)[kloudless.SIGNATURE]
    place = data.draw(st.integers(0, len(value) - 1))
    changed = value[:place] + letter + value[place + 1 :]
    found = kloudless.verify(b"account=1", {kloudless.SIGNATURE: changed}, API_KEY)
    assert found.ok == (changed == value)


def test_a_signature_in_other_letters_is_refused() -> None:
    """Base64 tells small letters from capitals: one in the other case stands for other bytes."""
    signed = box.sign(b"{}", TIMESTAMP, box.SignatureKeys(KEYS.primary))
    name = box.SIGNATURES[Key.PRIMARY]
    other = kloudless.sign(b"account=1", API_KEY)[kloudless.SIGNATURE]
    for change in (str.lower, str.upper, str.swapcase):
        found = box.verify(b"{}", {**signed, name: change(signed[name])}, KEYS, at=AT)
        assert found.reason is SignatureFault.WRONG, change
        sent = {kloudless.SIGNATURE: change(other)}
        assert kloudless.verify(b"account=1", sent, API_KEY).reason is SignatureFault.WRONG, change
    for place, letter in enumerate(signed[name]):
        if letter.isalpha():
            one = f"{signed[name][:place]}{letter.swapcase()}{signed[name][place + 1 :]}"
            assert not box.verify(b"{}", {**signed, name: one}, KEYS, at=AT).ok, place


@given(other=st.text(min_size=1, max_size=40))
def test_any_other_key_is_refused(other: str) -> None:
    headers = box.sign(b"{}", TIMESTAMP, box.SignatureKeys(Secret("one-key")))
    found = box.verify(b"{}", headers, box.SignatureKeys(Secret(other)), at=AT)
    assert found.ok == (other == "one-key")
    signed = kloudless.sign(b"", API_KEY)
    assert kloudless.verify(b"", signed, Secret(other)).ok == (other == "an-api-key")


@given(age=st.floats(-1e7, 1e7))
def test_the_age_decides_exactly_at_its_limits(age: float) -> None:
    at = datetime.fromisoformat(TIMESTAMP) + timedelta(seconds=age)
    found = box.verify(b"{}", box.sign(b"{}", TIMESTAMP, KEYS), KEYS, at=at)
    exact = (at - datetime.fromisoformat(TIMESTAMP)).total_seconds()
    expected = (
        SignatureFault.EXPIRED if exact > 600 else SignatureFault.FUTURE if exact < -120 else None
    )
    assert (found.reason, found.age_s) == (expected, exact)


@given(headers=HEADERS, body=st.binary(max_size=60), key=st.text(st.characters(), max_size=20))
def test_malformed_input_is_a_verdict_and_never_raises(
    headers: dict[str, str], body: bytes, key: str
) -> None:
    keys = box.SignatureKeys(Secret.of(key), Secret("x"))
    assert not box.verify(body, headers, keys, at=AT).ok
    assert not kloudless.verify(body, headers, Secret.of(key)).ok


@given(text=st.one_of(TEXTS, st.datetimes().map(str), st.times(timezones=st.timezones()).map(str)))
def test_whatever_stands_for_the_time_never_raises(text: str) -> None:
    headers = box.sign(b"{}", text, KEYS)
    found = box.verify(b"{}", headers, KEYS, at=AT)
    assert found.ok == (found.age_s is not None and -120 <= found.age_s <= 600)


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"])
def test_the_ends_of_time_have_an_age(text: str) -> None:
    found = box.verify(b"{}", box.sign(b"{}", text, KEYS), KEYS, at=datetime.now(UTC))
    assert found.reason in {SignatureFault.EXPIRED, SignatureFault.FUTURE}


@pytest.mark.parametrize("name", SIGNED_HEADERS)
def test_a_header_that_comes_twice_is_malformed(name: str) -> None:
    headers = box.sign(b"{}", TIMESTAMP, KEYS)
    pairs = [*headers.items(), (name.lower(), headers[name])]
    assert box.verify(b"{}", pairs, KEYS, at=AT).reason is SignatureFault.MALFORMED
    signed = [*kloudless.sign(b"", API_KEY).items()] * 2
    assert kloudless.verify(b"", signed, API_KEY).reason is SignatureFault.MALFORMED


def test_a_key_that_is_being_exchanged_shows_as_one_right_and_one_wrong() -> None:
    new = box.SignatureKeys(Secret("a-new-primary"), KEYS.secondary)
    found = box.verify(b"{}", box.sign(b"{}", TIMESTAMP, new), KEYS, at=AT)
    assert (found.key, found.matched, found.mismatched) == (
        Key.SECONDARY,
        (Key.SECONDARY,),
        (Key.PRIMARY,),
    )


def test_a_verdict_and_the_keys_show_no_secret() -> None:
    assert "one-key" not in repr(KEYS)
    assert "one-key" not in repr(box.verify(b"{}", {}, KEYS, at=AT))


# --- step by step

BOX_STEPS = [
    "Key present",
    "Time and signature present",
    "No header is repeated",
    "Version 1",
    "Algorithm HmacSHA256",
    "Format of time and signature",
    "Signature matches body, time and key",
    "Signed recently",
]
KLOUDLESS_STEPS = [
    "API key present",
    "Signature present",
    "Signature format",
    "Signature matches body and key",
]


@pytest.mark.parametrize(
    "vector", [*vectors("box"), *vectors("kloudless")], ids=lambda v: f"{v.kind}: {v.name}"
)
def test_the_steps_lead_to_the_verdict(vector: Vector) -> None:
    found, steps = (
        box.explain(vector.body, vector.headers, vector.box_keys, at=vector.at)
        if vector.kind == "box"
        else kloudless.explain(vector.body, vector.headers, vector.api_key)
    )
    assert found == verdict(vector)
    assert_steps(found, steps, [*vector.keys.values(), *signatures_of(vector.headers.items())])


@given(
    st.lists(st.tuples(st.sampled_from(SIGNED_HEADERS), TEXTS), max_size=8),
    st.sampled_from([KEYS, box.SignatureKeys(), box.SignatureKeys(None, KEYS.secondary)]),
)
def test_whatever_the_headers_are_the_steps_lead_to_the_verdict(
    headers: list[tuple[str, str]], keys: box.SignatureKeys
) -> None:
    found, steps = box.explain(b"{}", headers, keys, at=AT)
    assert found == box.verify(b"{}", headers, keys, at=AT)
    assert_steps(found, steps, ["one-key", "another-key"])
    signed = [(kloudless.SIGNATURE, text) for _, text in headers]
    reported = kloudless.explain(b"{}", signed, API_KEY)
    assert reported[0] == kloudless.verify(b"{}", signed, API_KEY)
    assert_steps(*reported, ["an-api-key"])


def test_each_step_says_what_was_seen() -> None:
    primary, secondary = box.SIGNATURES.values()
    right = box.sign(b"{}", TIMESTAMP, KEYS)
    alone = {name: value for name, value in right.items() if name != secondary}
    crossed = right | {primary: right[secondary], secondary: right[primary]}
    new = box.sign(b"{}", TIMESTAMP, box.SignatureKeys(Secret("new"), KEYS.secondary))
    twice = [*right.items(), (box.VERSION.lower(), "1")]
    late = AT + timedelta(seconds=596)
    for headers, at, step, said in (
        ({}, AT, 1, f"Missing: {box.TIMESTAMP}, {primary} and {secondary}."),
        ({primary: "x"}, AT, 1, f"Missing: {box.TIMESTAMP}."),
        ({box.TIMESTAMP: TIMESTAMP}, AT, 1, f"Missing: {primary} and {secondary}."),
        (right, AT, 1, f"{box.TIMESTAMP}, {primary}, {secondary}."),
        (alone, AT, 1, f"{box.TIMESTAMP}, {primary}."),
        (twice, AT, 2, f"Twice: {box.VERSION}."),
        (right, AT, 2, "Each header is present once."),
        (right | {box.TIMESTAMP: "noon"}, AT, 5, f"{box.TIMESTAMP} isn't a time with an offset."),
        (alone | {primary: "x"}, AT, 5, "No signature is the base64 of 32 bytes."),
        (right, AT, 6, "Valid for: primary and secondary."),
        (alone, AT, 6, "Valid for: primary."),
        (new, AT, 6, ("Valid for: secondary. Not valid for: primary; that key is being rotated, or"
         " was entered wrongly.")),
        (alone | {primary: right[secondary]}, AT, 6,
         "The signature matches the other key: the two keys are swapped."),
        (crossed, AT, 6, "The signature matches the other key: the two keys are swapped."),
        (box.sign(b"[]", TIMESTAMP, KEYS), AT, 6,
         "It was made with another key, or over another body or time."),
        (right, AT, 7, "5 s ago."),
        (right, AT - timedelta(seconds=5), 7, "0 s ago."),
        (right, AT - timedelta(seconds=6), 7, "1 s ahead of that time."),
        (right, late, 7,
         "601 s ago. Allowed: at most 600 s old or 120 s ahead."),
    ):  # fmt: skip
        assert box.explain(b"{}", headers, KEYS, at=at)[1][step].said == said, (step, said)
    other = box.SignatureKeys(None, KEYS.secondary)
    steps = box.explain(b"{}", alone, other, at=AT)[1]
    assert steps[0].said == "Known here: secondary."
    assert steps[6].said == "There is no signature for a key known here (secondary)."


def signatures_of(headers: Iterable[tuple[str, str]]) -> list[str]:
    return [value for name, value in headers if "signature-" in name.lower() and len(value) > 20]


def assert_steps(
    found: SignatureVerdict, steps: tuple[VerdictStep, ...], secrets: list[str]
) -> None:
    """Whatever the verdict: the same steps, those before the one that failed held, none after."""
    assert [step.title for step in steps] in (BOX_STEPS, KLOUDLESS_STEPS)
    failed = [step for step in steps if step.reason is not None]
    assert [step.reason for step in failed] == ([found.reason] if found.reason else [])
    at = steps.index(failed[0]) if failed else len(steps)
    assert all(step.passed and step.said and step.reached for step in steps[:at])
    assert all(step.reached and not step.passed and step.said for step in failed)
    assert not any(step.reached or step.said for step in steps[at + 1 :])
    said = " ".join(step.said for step in steps)
    assert not [one for one in secrets if one and one in said]

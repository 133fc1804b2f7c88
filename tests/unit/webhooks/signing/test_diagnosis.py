"""Why a signature doesn't fit: each thing that happens to bodies is found, and nothing else is."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.webhooks.signing.diagnosis import diagnose
from tests.webhook_bench import box_body

SIGNED = json.dumps(
    {"id": "1", "trigger": "FILE.RENAMED", "source": {"name": "Übersicht/日本 😀.pdf"}},
    separators=(",", ":"),
).encode()


def found(signed: bytes, arrived: bytes) -> str | None:
    finding = diagnose(arrived, lambda body: body == signed)
    return None if finding is None else finding.what


@pytest.mark.parametrize(
    "signed, arrived, word",
    [
        (SIGNED, SIGNED + b"\n", "added"),
        (SIGNED, SIGNED + b"\r\n", "added"),
        (SIGNED, b"  " + SIGNED + b"\t", "White space"),
        (SIGNED + b"\n", SIGNED, "lost"),
        (b"a\r\nb", b"a\nb", "converted"),
        (b"a\nb", b"a\r\nb", "converted"),
        (SIGNED, b"\xef\xbb\xbf" + SIGNED, "byte order mark"),
        (SIGNED, json.dumps(json.loads(SIGNED), ensure_ascii=False).encode(), "parsed"),
        (SIGNED, json.dumps(json.loads(SIGNED), indent=2).encode(), "parsed"),
        (SIGNED.replace(b"/", b"\\/"), SIGNED, "parsed"),
        (json.dumps(json.loads(SIGNED)).encode(), SIGNED, "parsed"),
    ],
)
def test_what_happened_on_the_way_is_found(signed: bytes, arrived: bytes, word: str) -> None:
    assert word in (found(signed, arrived) or "")


def test_a_changed_body_is_not_explained_away() -> None:
    assert found(SIGNED, SIGNED.replace(b'"1"', b'"2"')) is None
    assert found(box_body(1), box_body(2)) is None
    assert found(b"x" * 2_000_000, b"x" * 2_000_000 + b"\n") is None


@given(st.binary(max_size=300))
def test_whatever_arrives_it_never_raises_nor_accepts_what_arrived(arrived: bytes) -> None:
    tried: list[bytes] = []

    def fits(body: bytes) -> bool:
        tried.append(body)
        return False

    assert diagnose(arrived, fits) is None
    assert arrived not in tried

"""What is undone before blocks are looked for, and which lines begin and end one."""

import pytest

from lib.box.keys import pem


def codes(reading: pem.Reading) -> list[str]:
    return [notice.code for notice in reading.notices]


def framed(first: str, last: str, inside: str = "\nAAAA\n") -> bytes:
    return f"-----BEGIN {first}-----{inside}-----END {last}-----".encode()


@pytest.mark.parametrize("label", ["A", "A" * 61, "RSA PRIVATE KEY"])
def test_a_label_has_up_to_61_characters(label: str) -> None:
    [block] = pem.read(framed(label, label)).blocks
    assert (block.label, block.der, block.whole) == (label, bytes(3), True)
    longer = label + "B" * (62 - len(label))
    assert pem.read(framed(longer, longer)).blocks == ()
    [block] = pem.read(framed(label, longer)).blocks  # its last line is none
    assert (block.der, block.whole) == (None, False)


def test_a_lost_line_break_is_told_once() -> None:
    flat = framed("A", "A", inside="AAAA")
    assert codes(pem.read(flat)) == ["escaped_newlines"]
    assert codes(pem.read(rb"\n" + flat)) == ["escaped_newlines"]
    assert codes(pem.read(framed("A", "A"))) == []


def test_two_characters_for_a_line_break_are_one_only_in_a_key() -> None:
    assert pem.read(rb"a\nb") == pem.Reading(r"a\nb")
    read = pem.read(framed("A", "A", inside=r"\r\nAAAA\r\n"))
    assert (codes(read), read.blocks[0].der) == (["escaped_newlines"], bytes(3))


@pytest.mark.parametrize(
    "data, text",
    [
        (b"\xe9\0" * 8, "é" * 8),
        (b"\0\xe9" * 8, "é" * 8),
        (b"\xe9\0" * 7, None),  # too short to see a pattern
        (b"\xe9\0" * 8 + b"a", None),  # half a letter
        (b"\xe9\0\0\0" * 8, None),
        (b"\0\0\0\xe9" * 8, None),
        (b"\xe9\0\xe9a" * 8, None),
        ("\ufeffé".encode("utf-16-le"), "é"),
        ("\ufeffé".encode("utf-16-be"), "é"),
    ],
)
def test_utf_16_is_known_by_its_zeros(data: bytes, text: str | None) -> None:
    read = pem.read(data)
    assert read.text == text
    assert codes(read) == ([] if text is None else ["bom"])

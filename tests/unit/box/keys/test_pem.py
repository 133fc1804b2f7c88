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
        (b"a\0" * 8 + b"a", "a\0" * 8 + "a"),
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
    assert codes(read) == (["bom"] if text and "\0" not in text else [])


def test_the_head_of_the_traditional_encryption_is_read_in_any_letters() -> None:
    head = "\nProc-Type: 4,ENCRYPTED\nDEK-Info: aes-128-cbc,00aa\n\nAAAA\n"
    [block] = pem.read(framed("RSA PRIVATE KEY", "RSA PRIVATE KEY", inside=head)).blocks
    assert (block.cipher, block.iv, block.der) == ("AES-128-CBC", "00AA", bytes(3))


def test_a_block_without_its_last_line_ends_where_the_next_begins() -> None:
    read = pem.read(b"-----BEGIN A-----\nAAAA\n" + framed("B", "B") + b"\n" + framed("C", "C"))
    assert [(one.label, one.der, one.whole) for one in read.blocks] == [
        ("A", bytes(3), False),
        ("B", bytes(3), True),
        ("C", bytes(3), True),
    ]


def test_what_is_no_base64_is_no_key_that_lost_its_line_breaks() -> None:
    read = pem.read(framed("A", "A", inside="!!!!"))
    assert (codes(read), read.blocks[0].der) == ([], None)


def test_base64_that_breaks_off_is_read_as_far_as_it_goes() -> None:
    assert pem.from_bare_base64("A" * 13) == bytes(9)
    assert pem.from_bare_base64("AAA=A") is None


def test_what_stands_around_a_key_is_named() -> None:
    key = framed("A", "A")
    for data, words in (
        (b"x" + key, "other text"),
        (key + b"\nthe end", "other text"),
        (b"Bag Attributes\n" + key, "Bag Attributes"),
        (b"Key Attributes: none\n" + key, "Bag Attributes"),
        (key + b"\n" + key + b"\n" + key, "3 blocks"),
    ):
        read = pem.read(data)
        assert codes(read) == ["extra_text"], data
        assert words in read.notices[0].message, data

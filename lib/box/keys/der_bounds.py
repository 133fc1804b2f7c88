"""Just enough DER to look at a key before a library does.

It reads tags and lengths, so that a truncated file can be told from a wrong passphrase, and so that
a file that needs hours of key derivation is refused before the work begins. It never decrypts.
Sources: X.690, RFC 5958 (PKCS#8), RFC 8018 (PKCS#5), RFC 7914 (scrypt).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

INTEGER: Final = 0x02
BIT_STRING: Final = 0x03
OCTET_STRING: Final = 0x04
OID: Final = 0x06
SEQUENCE: Final = 0x30

RSA: Final = bytes.fromhex("2a864886f70d010101")
RSA_PSS: Final = bytes.fromhex("2a864886f70d01010a")
_PKCS5: Final = bytes.fromhex("2a864886f70d0105")
_PBES2: Final = _PKCS5 + b"\x0d"
_SCRYPT: Final = bytes.fromhex("2b06010401da47040b")
_PKCS12_PBE: Final = bytes.fromhex("2a864886f70d010c01")

MAX_ROUNDS: Final = 4_000_000
"""Rounds of key derivation that are still worked through: about a second or two."""
_MAX_SCRYPT_MEMORY: Final = 64 * 1024 * 1024
_MAX_LENGTH_BYTES: Final = 4
_LONG_FORM: Final = 0x80


class DerError(ValueError):
    """The bytes aren't DER, or end too early (`short`)."""

    def __init__(self, text: str, *, short: bool = False) -> None:
        super().__init__(text)
        self.short = short


@dataclass(frozen=True, slots=True)
class Node:
    """One element: its tag and its content."""

    tag: int
    content: bytes

    def children(self) -> tuple["Node", ...]:
        """The elements inside. Raises DerError when they don't add up."""
        return tuple(_nodes(self.content))

    def number(self) -> int:
        """An INTEGER's value."""
        return int.from_bytes(self.content, "big", signed=True)


def read(data: bytes, tag: int = SEQUENCE) -> Node:
    """The one element that the bytes are. Raises DerError; `short` if more bytes are announced."""
    node, end = _element(data, 0)
    if node.tag != tag:
        raise DerError("another kind of element")
    if end != len(data):
        raise DerError("more bytes than the element has")
    return node


def _nodes(data: bytes) -> Iterator[Node]:
    position = 0
    while position < len(data):
        node, position = _element(data, position)
        yield node


def _element(data: bytes, start: int) -> tuple[Node, int]:
    if len(data) < start + 2:
        raise DerError("ends inside an element's head", short=True)
    tag, first, begin = data[start], data[start + 1], start + 2
    length = first
    if first >= _LONG_FORM:
        size = first - _LONG_FORM
        if not 1 <= size <= _MAX_LENGTH_BYTES:
            raise DerError("a length that DER doesn't have")
        length = int.from_bytes(data[begin : begin + size], "big")
        begin += size
    if len(data) < begin + length:  # also where it ends inside the length
        raise DerError("ends inside an element", short=True)
    return Node(tag, data[begin : begin + length]), begin + length


def private_key_algorithm(data: bytes) -> bytes:
    """The algorithm's object id in an unencrypted PKCS#8 key. Raises DerError."""
    parts = read(data).children()
    if len(parts) < 3 or parts[0].tag != INTEGER or parts[1].tag != SEQUENCE:  # noqa: PLR2004
        raise DerError("not a PKCS#8 key")
    algorithm = parts[1].children()
    if not algorithm or algorithm[0].tag != OID:
        raise DerError("no algorithm")
    return algorithm[0].content


def is_encrypted_pkcs8(data: bytes) -> bool:
    """Whether the bytes have the outer form of an encrypted PKCS#8 key."""
    try:
        parts = read(data).children()
        head = parts[0].children() if parts and parts[0].tag == SEQUENCE else ()
    except DerError:
        return False
    return (
        [part.tag for part in parts] == [SEQUENCE, OCTET_STRING]
        and bool(head)
        and head[0].tag == OID
        and head[0].content.startswith((_PKCS5, _PKCS12_PBE))
    )


def derivation_is_bearable(data: bytes) -> bool:
    """Whether an encrypted PKCS#8 key needs no more work than the limit allows."""
    try:
        oid, parameters = read(data).children()[0].children()[:2]
        values = parameters.children()
        if oid.content == _PBES2:
            oid, parameters = values[0].children()[:2]
            values = parameters.children()
        numbers = [value.number() for value in values if value.tag == INTEGER]
    except (DerError, ValueError, IndexError):
        return True  # unreadable: the library refuses it without working
    if oid.content == _SCRYPT:
        cost, block, parallel = (*numbers, 1, 1, 1)[:3]
        return 0 < 128 * cost * block * max(parallel, 1) <= _MAX_SCRYPT_MEMORY
    return not numbers or 0 < numbers[0] <= MAX_ROUNDS


def holds_encryption(data: bytes) -> bool:
    """Whether a container names one of the encryptions that PKCS#12 uses."""
    return _PBES2 in data or _PKCS12_PBE in data

"""The little DER that is read before a library sees a key: its lengths, shapes and limits."""

import pytest

from lib.box.keys import der_bounds
from lib.box.keys.der_bounds import INTEGER, OCTET_STRING, OID, RSA, SEQUENCE, DerError

PKCS5 = bytes.fromhex("2a864886f70d0105")
PBES2, PBKDF2, DES_MD5 = PKCS5 + b"\x0d", PKCS5 + b"\x0c", PKCS5 + b"\x03"
SCRYPT = bytes.fromhex("2b06010401da47040b")
PKCS12_3DES = bytes.fromhex("2a864886f70d010c0103")
AES_256 = bytes.fromhex("60864801650304012a")


def node(tag: int, content: bytes = b"") -> bytes:
    size = len(content)
    if size < 128:
        return bytes([tag, size]) + content
    return bytes([tag, 0x82]) + size.to_bytes(2, "big") + content


def sequence(*parts: bytes) -> bytes:
    return node(SEQUENCE, b"".join(parts))


def integer(value: int) -> bytes:
    size = value.bit_length() // 8 + 1
    return node(INTEGER, value.to_bytes(size, "big", signed=True))


def locked(*algorithm: bytes) -> bytes:
    return sequence(sequence(*algorithm), node(OCTET_STRING, b"secret"))


def test_an_element_is_read_whole_or_it_is_said_how_it_fails() -> None:
    for data in (
        b"\x30\x00",
        b"\x30\x02\x05\x00",
        b"\x30\x81\x01\x00",
        b"\x30\x84\x00\x00\x00\x01a",
    ):
        assert len(der_bounds.read(data).content) == len(data) - (
            2 if data[1] < 128 else data[1] - 126
        )
    assert len(der_bounds.read(b"\x30\x7f" + bytes(127)).content) == 127
    for data, short in (
        (b"", True),
        (b"\x30", True),
        (b"\x30\x01", True),
        (b"\x30\x82", True),
        (b"\x30\x82\x01", True),
        (b"\x30\x81\x02\x00", True),
        (b"\x30\x80", False),  # a length that BER has and DER hasn't
        (b"\x30\x85" + bytes(5), False),
        (b"\x30\x00\x00", False),
        (b"\x31\x00", False),
    ):
        with pytest.raises(DerError) as caught:
            der_bounds.read(data)
        assert caught.value.short is short, data


def test_the_parts_of_an_element_must_add_up() -> None:
    inside = der_bounds.read(sequence(integer(0), integer(-2), integer(70_000))).children()
    assert [part.number() for part in inside] == [0, -2, 70_000]
    with pytest.raises(DerError):
        der_bounds.read(node(SEQUENCE, integer(1) + b"\x02")).children()


def test_the_algorithm_of_a_key_is_read_only_where_it_stands() -> None:
    head, key = sequence(node(OID, RSA)), node(OCTET_STRING, b"key")
    assert der_bounds.private_key_algorithm(sequence(integer(0), head, key)) == RSA
    for data in (
        sequence(integer(0), head),
        sequence(key, head, key),
        sequence(integer(0), key, key),
        sequence(integer(0), node(OCTET_STRING, node(OID, RSA)), key),
        sequence(integer(0), sequence(), key),
        sequence(integer(0), sequence(integer(1)), key),
    ):
        with pytest.raises(DerError):
            der_bounds.private_key_algorithm(data)


def test_an_encrypted_key_is_known_by_its_outer_form() -> None:
    for oid, known in ((PBES2, True), (DES_MD5, True), (PKCS12_3DES, True), (RSA, False)):
        assert der_bounds.is_encrypted_pkcs8(locked(node(OID, oid))) is known, oid
    secret = node(OCTET_STRING, b"secret")
    for data in (
        b"",
        sequence(),
        locked(),
        locked(node(OCTET_STRING, PBES2)),
        sequence(sequence(node(OID, PBES2)), secret, secret),
        sequence(sequence(node(OID, PBES2)), integer(1)),
        sequence(node(OCTET_STRING, node(OID, PBES2)), secret),
        sequence(integer(1), secret),
    ):
        assert not der_bounds.is_encrypted_pkcs8(data), data


def test_a_derivation_is_worked_through_up_to_its_limit() -> None:
    """4,000,000 rounds, or 64 MiB of scrypt: more is refused before the work begins."""
    salt = node(OCTET_STRING, b"saltsalt")
    for rounds, bearable in (
        (1, True),
        (4_000_000, True),
        (4_000_001, False),
        (0, False),
        (-1, False),
    ):
        old = locked(node(OID, DES_MD5), sequence(salt, integer(rounds)))
        derived = sequence(node(OID, PBKDF2), sequence(salt, integer(rounds)))
        new = locked(node(OID, PBES2), sequence(derived, sequence(node(OID, AES_256))))
        assert der_bounds.derivation_is_bearable(old) is bearable, rounds
        assert der_bounds.derivation_is_bearable(new) is bearable, rounds
    for cost, block, parallel, bearable in (
        (2**14, 8, 1, True),
        (2**16, 8, 1, True),  # 64 MiB
        (2**16 + 1, 8, 1, False),
        (2**16, 9, 1, False),
        (2**16, 8, 2, False),
        (2**15, 8, 2, True),
        (2**16, 8, 0, True),
        (0, 8, 1, False),
        (-1, 8, 1, False),
    ):
        numbers = [integer(value) for value in (cost, block, parallel)]
        derived = sequence(node(OID, SCRYPT), sequence(salt, *numbers))
        data = locked(node(OID, PBES2), sequence(derived, sequence(node(OID, AES_256))))
        assert der_bounds.derivation_is_bearable(data) is bearable, (cost, block, parallel)


def test_what_stands_behind_the_parameters_does_not_hide_the_work() -> None:
    parameters = sequence(node(OCTET_STRING, b"saltsalt"), integer(4_000_001))
    assert not der_bounds.derivation_is_bearable(
        locked(node(OID, DES_MD5), parameters, node(OID, AES_256))
    )


def test_what_tells_no_work_is_left_to_the_library_which_refuses_it() -> None:
    for data in (
        b"",
        sequence(),
        locked(node(OID, PBES2)),
        locked(node(OID, DES_MD5), sequence()),
        locked(node(OID, PBES2), sequence()),
        locked(node(OID, PBES2), sequence(sequence(node(OID, SCRYPT), sequence()))),
    ):
        assert der_bounds.derivation_is_bearable(data), data


def test_a_container_holds_encryption_where_it_names_one() -> None:
    for data, holds in ((b"..", False), (PBES2 + b".", True), (b"." + PKCS12_3DES, True)):
        assert der_bounds.holds_encryption(data) is holds, data

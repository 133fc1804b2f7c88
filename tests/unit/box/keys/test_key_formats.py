"""What a file is by its outer form, and whether a passphrase opens the traditional encryption."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from lib.box.keys import key_formats, legacy_pem, pem
from lib.box.keys.der_bounds import BIT_STRING as BITS
from lib.box.keys.der_bounds import OCTET_STRING, OID
from lib.box.keys.key_formats import Binary, Text
from lib.box.keys.pem import Block
from tests.unit.box.keys.test_der_bounds import integer, locked, node, sequence
from tests.unit.box.openssl_keys import PASSPHRASE, run


def test_a_binary_file_is_known_by_its_shape() -> None:
    octets, bits = node(OCTET_STRING, b"x"), node(BITS, b"\0x")
    for data, kind in (
        (sequence(integer(0), sequence(), octets), Binary.PRIVATE),
        (sequence(integer(1), sequence(), octets), Binary.PRIVATE),
        (sequence(integer(3), sequence()), Binary.PKCS12),
        (sequence(*[integer(n) for n in range(9)]), Binary.PRIVATE),
        (sequence(*[integer(n) for n in range(8)]), Binary.PUBLIC),
        (sequence(integer(1), octets), Binary.PRIVATE),
        (locked(node(OID, bytes.fromhex("2a864886f70d01050d"))), Binary.PRIVATE),
        (sequence(sequence(), bits), Binary.PUBLIC),
        (sequence(integer(5), integer(3)), Binary.PUBLIC),
        (sequence(sequence(), sequence(), bits), Binary.CERTIFICATE),
        (sequence(sequence(), sequence(), octets), None),
        (sequence(sequence(), octets), None),
        (sequence(integer(1)), None),
        (sequence(), None),
        (b"\xfe\xed\xfe\xed", Binary.JAVA),
        (b"\xce\xce\xce\xce", Binary.JAVA),
        (b"\x30\x82\x01\x00", Binary.CUT_OFF),
        (b"\x30\x81\x80", Binary.CUT_OFF),
        (b"\x30\x10", None),
        (b"\x31\x82\x01\x00", None),
        (b"\x30\x82\x00\x01\x00\x00", None),
        (b"", None),
    ):
        assert key_formats.binary_kind(data) is kind, data


def test_a_text_is_known_by_how_it_begins() -> None:
    for text, kind in (
        ("ssh-rsa AAAA", Text.SSH_PUBLIC),
        ("\n  ssh-ed25519 AAAA", Text.SSH_PUBLIC),
        ("ssh-dss AAAA", Text.SSH_PUBLIC),
        ("ecdsa-sha2-nistp256 AAAA", Text.SSH_PUBLIC),
        ("---- BEGIN SSH2 PUBLIC KEY ----", Text.SSH_PUBLIC),
        ("PuTTY-User-Key-File-2: ssh-rsa", Text.PUTTY),
        ("<!DOCTYPE HTML>", Text.HTML),
        ("<head>", Text.HTML),
        ("<body>", Text.HTML),
        ('<?xml version="1.0"?>', Text.XML),
        ("<RSAParameters>", Text.XML),
        ('{"boxAppSettings": {}}', Text.SETTINGS),
        ('{"clientID": "x"}', Text.SETTINGS),
        ('{"kty": "RSA"}', Text.JWK),
        ("-----BEGIN PGP MESSAGE", Text.PGP),
        ("a line with BEGIN RSA PRIVATE KEY", Text.BROKEN_FRAME),
        ("{" + " " * 2000 + '"kty"', Text.JWK),
        ("{" + " " * 2001 + '"kty"', None),
        ("{" + " " * 2000 + '"clientID"', Text.SETTINGS),
        ("{" + " " * 2001 + '"clientID"', None),
        ("." * 200 + "BEGIN RSA PRIVATE KEY", Text.BROKEN_FRAME),
        ("BEGIN KEY", Text.BROKEN_FRAME),
        (f"BEGIN {'A' * 30}KEY", Text.BROKEN_FRAME),
        (f"BEGIN {'A' * 31}KEY", None),
        ("." * 201 + "BEGIN RSA PRIVATE KEY", None),
        ("not ssh-rsa AAAA", None),
        ("hello", None),
    ):
        assert key_formats.text_kind(text) is kind, text


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("plain") / "plain.pem"
    run("openssl", "genrsa", "-traditional", "-out", path, "2048")
    return path


def test_the_first_block_tells_whether_a_passphrase_opens_a_key(plain: Path) -> None:
    secret = PASSPHRASE.encode()
    for cipher in ("aes128", "aes192", "aes256", "des3"):
        text = run(
            "openssl", "rsa", "-in", plain, "-traditional", f"-{cipher}",
            "-passout", f"pass:{PASSPHRASE}",
        )  # fmt: skip
        [block] = pem.read(text).blocks
        assert block.der is not None
        assert block.iv is not None
        assert legacy_pem.opens(block, secret), cipher
        assert not any(legacy_pem.opens(block, b"wrong %d" % n) for n in range(300)), cipher
        for none in (
            replace(block, cipher="CAMELLIA-256-CBC"),
            replace(block, cipher=None),
            replace(block, der=None),
            replace(block, iv=None),
            replace(block, iv="zz"),
            replace(block, iv=block.iv[:-2]),
            replace(block, iv="00" * (len(block.iv) // 2)),
        ):
            assert not legacy_pem.opens(none, secret), (cipher, none.cipher, none.iv)
        damaged = replace(block, der=block.der[:-5] + b"\0" * 5)
        assert legacy_pem.opens(damaged, secret), cipher  # only its end is


def test_only_the_beginning_of_an_rsa_key_shows_that_a_passphrase_fits() -> None:
    secret, iv = PASSPHRASE.encode(), bytes(range(16))
    key = hashlib.md5(secret + iv[:8], usedforsecurity=False).digest()  # EVP_BytesToKey
    for head, fits in (
        ("30820122 020100 02", True),
        ("3082ffff 020100 02", True),
        ("30810122 020100 02", False),
        ("31820122 020100 02", False),
        ("30820122 020101 02", False),
        ("30820122 030100 02", False),
        ("30820122 020100 03", False),
        ("30820122 020100 7e", False),
    ):
        plain = bytes.fromhex(head) + bytes(24)
        locked_up = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor().update(plain)
        block = Block("RSA PRIVATE KEY", locked_up, cipher="AES-128-CBC", iv=iv.hex())
        assert legacy_pem.opens(block, secret) is fits, head


def test_a_block_is_written_as_a_pem_of_64_columns() -> None:
    lines = Block("PRIVATE KEY", bytes(60)).pem().decode().splitlines()
    assert [len(line) for line in lines[1:-1]] == [64, 16]
    assert (lines[0], lines[-1]) == ("-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----")
    locked_lines = Block("RSA PRIVATE KEY", b"x", cipher="AES-128-CBC", iv="00AA").pem().decode()
    assert "\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00AA\n\neA==\n" in locked_lines


def test_a_public_key_of_another_kind_is_none_of_ours(tmp_path: Path) -> None:
    certificate = tmp_path / "ec.pem"
    run(
        "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
        "-nodes", "-keyout", tmp_path / "key.pem", "-subj", "/CN=box", "-out", certificate,
    )  # fmt: skip
    [block] = pem.read(certificate.read_bytes()).blocks
    assert key_formats.certificate_key(block.der or b"") is None
    public = run("openssl", "pkey", "-in", tmp_path / "key.pem", "-pubout", "-outform", "DER")
    assert key_formats.public_key(public) is None
    line = x509.load_der_x509_certificate(block.der or b"").public_key()
    assert isinstance(line, ec.EllipticCurvePublicKey)
    text = line.public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    assert key_formats.ssh_public_key(text.decode()) is None


def test_a_key_with_factors_that_are_none_is_not_consistent(plain: Path) -> None:
    [block] = pem.read(plain.read_bytes()).blocks
    key = key_formats.load_der(block.der or b"", None)
    assert isinstance(key, rsa.RSAPrivateKey)
    assert key_formats.is_consistent(key)
    whole = key.private_numbers()
    numbers = whole.public_numbers
    for p, q in ((1, numbers.n), (numbers.n, 1), (2, numbers.n)):
        values = (0, numbers.n, numbers.e, whole.d, p, q, 1, 1, 1)
        odd = key_formats.load_der(sequence(*map(integer, values)), None)
        assert isinstance(odd, rsa.RSAPrivateKey), "the library reads it: we must judge it"
        assert not key_formats.is_consistent(odd), (p, q)


def test_an_openssh_key_is_read_up_to_its_public_part_or_not_at_all() -> None:
    def string(data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + data

    head = b"openssh-key-v1\0"
    blob = string(string(b"ssh-ed25519") + string(bytes(32)))
    whole = head + string(b"aes256-ctr") + string(b"bcrypt") + string(b"salt") + b"\0\0\0\1" + blob
    assert key_formats.openssh(whole) == (None, "ssh-ed25519", True)
    plain = whole.replace(string(b"aes256-ctr"), string(b"none"))
    assert key_formats.openssh(plain) == (None, "ssh-ed25519", False)
    for size, told in ((39, 39), (40, 40), (41, 40)):
        long_name = whole.replace(blob, string(string(b"k" * size) + string(bytes(32))))
        assert key_formats.openssh(long_name) == (None, "k" * told, True)
    for end in range(len(whole)):
        assert key_formats.openssh(whole[:end]) == (None, None, None), end
    assert key_formats.openssh(b"x" + whole) == (None, None, None)

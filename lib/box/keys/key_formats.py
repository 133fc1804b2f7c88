"""Keys as other programs write them; the one place where the cryptography library reads them.

Every function returns None or False where the library would raise; none of them gives a verdict.
OpenSSH keys and PKCS#12 containers are recognised, never opened: their key derivation isn't
bounded. Sources: RFC 5958, RFC 7292, OpenSSH PROTOCOL.key, RFC 4253 section 6.6.
"""

import base64
import re
from enum import Enum, auto
from typing import Any, Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa

import lib.box.keys.der_bounds as asn1
from lib.box.keys.pem import Block

ALGORITHMS: Final = {
    bytes.fromhex("2a8648ce3d0201"): "EC",
    bytes.fromhex("2b6570"): "Ed25519",
    bytes.fromhex("2b6571"): "Ed448",
    bytes.fromhex("2b656e"): "X25519",
    bytes.fromhex("2b656f"): "X448",
    bytes.fromhex("2a8648ce380401"): "DSA",
    bytes.fromhex("2a864886f70d010301"): "DH",
    asn1.RSA_PSS: "RSA-PSS, which can't make RS256 signatures",
}

LEGACY_CIPHERS: Final = frozenset({"AES-128-CBC", "AES-256-CBC", "DES-EDE3-CBC"})
"""The traditional encryptions that the library opens."""


class Binary(Enum):
    """What a binary file is."""

    PRIVATE = auto()
    PUBLIC = auto()
    CERTIFICATE = auto()
    PKCS12 = auto()
    JAVA = auto()
    CUT_OFF = auto()


_SSH2_BEGIN: Final = "---- BEGIN SSH2 PUBLIC KEY ----"


class Text(Enum):
    """What a text without PEM blocks is."""

    SSH_PUBLIC = auto()
    PUTTY = auto()
    JWK = auto()
    XML = auto()
    SETTINGS = auto()
    HTML = auto()
    PGP = auto()
    BROKEN_FRAME = auto()


TEXTS: Final = {
    Text.PUTTY: (
        "This is a key in PuTTY's own format (.ppk).",
        ("Export it with PuTTYgen (Conversions, Export OpenSSH key), or generate a new key pair."),
    ),
    Text.JWK: (
        "This is a key as JSON (JWK); Box requires PEM text.",
        "Convert it to PKCS#8 PEM, or generate a new key pair.",
    ),
    Text.XML: (
        "This is a key as XML; Box requires PEM text.",
        "Convert it to PKCS#8 PEM, or generate a new key pair.",
    ),
    Text.SETTINGS: (
        "This is a Box app settings file, not only a key.",
        "Upload it as app settings: the key in it is read from there.",
    ),
    Text.HTML: (
        "This is a web page, not a key.",
        "Sign in to the site that has the key, and download the file again.",
    ),
    Text.PGP: (
        "This is a PGP key; Box's JWT apps use RSA keys as PEM.",
        "Generate an RSA key pair of 2048 bits.",
    ),
    Text.BROKEN_FRAME: (
        "The first line of the key is damaged: it must have five hyphens on each side.",
        (
            "Copy the key again as plain text. Word processors and chat apps turn hyphens "
            "into dashes."
        ),
    ),
}


def binary_kind(data: bytes) -> Binary | None:
    """The type of the bytes by their outer form, None if unknown."""
    if data.startswith((b"\xfe\xed\xfe\xed", b"\xce\xce\xce\xce")):
        return Binary.JAVA
    try:
        parts = asn1.read(data).children()
    except asn1.DerError as fault:
        looks_like_key = data[:2] in (b"\x30\x81", b"\x30\x82")
        return Binary.CUT_OFF if fault.short and looks_like_key else None
    if asn1.is_encrypted_pkcs8(data):
        return Binary.PRIVATE
    tags = tuple(part.tag for part in parts)
    if tags[:2] == (asn1.INTEGER, asn1.SEQUENCE) and parts[0].content == b"\x03":
        return Binary.PKCS12  # PFX has version 3; PKCS#8 has 0 or 1
    return next((kind for kind, head in _SHAPES if tags[: len(head)] == head), None)


_SHAPES: Final = (
    (Binary.PRIVATE, (asn1.INTEGER, asn1.SEQUENCE)),  # PKCS#8
    (Binary.PRIVATE, (asn1.INTEGER,) * 9),  # PKCS#1
    (Binary.PRIVATE, (asn1.INTEGER, asn1.OCTET_STRING)),  # SEC 1
    (Binary.PUBLIC, (asn1.SEQUENCE, asn1.BIT_STRING)),
    (Binary.PUBLIC, (asn1.INTEGER, asn1.INTEGER)),  # PKCS#1
    (Binary.CERTIFICATE, (asn1.SEQUENCE, asn1.SEQUENCE, asn1.BIT_STRING)),
)

_SIGNS: Final = (
    (Text.SSH_PUBLIC, re.compile(r"\s*(?:ssh-(?:rsa|ed25519|dss)|ecdsa-sha2-\S{1,40}) AAAA")),
    (Text.SSH_PUBLIC, re.compile(rf"\s*{_SSH2_BEGIN}")),
    (Text.PUTTY, re.compile(r"\s*PuTTY-User-Key-File-")),
    (Text.HTML, re.compile(r"\s*<(?:!doctype html|html|head|body)", re.IGNORECASE)),
    (Text.XML, re.compile(r"\s*<(?:\?xml|RSAKeyValue|RSAParameters)", re.IGNORECASE)),
    (Text.SETTINGS, re.compile(r"\s*\{.{0,2000}?\"(?:boxAppSettings|clientID)\"", re.DOTALL)),
    (Text.JWK, re.compile(r"\s*\{.{0,2000}?\"kty\"", re.DOTALL)),
    (Text.PGP, re.compile(r"\s*-----BEGIN PGP|\s*-----BEGIN PGP PRIVATE KEY BLOCK")),
    (Text.BROKEN_FRAME, re.compile(r"[^\n]{0,200}BEGIN [A-Z ]{0,30}KEY")),
)


def text_kind(text: str) -> Text | None:
    """The type of a text without PEM blocks, None if unknown."""
    return next((kind for kind, sign in _SIGNS if sign.match(text.lstrip()[:8192])), None)


def load_der(der: bytes, passphrase: bytes | None) -> object | None:
    """The private key of any kind, None where the library can't read it."""
    try:
        # The library's own validation tests primes, which takes minutes for a hostile key;
        # `is_consistent` does the arithmetic that finds damage.
        return serialization.load_der_private_key(
            der, passphrase, unsafe_skip_rsa_key_validation=True
        )
    except Exception:  # noqa: BLE001  # its exceptions for hostile input aren't a closed set
        return None


def decrypt(block: Block, passphrase: bytes) -> object | None:
    """The private key in an encrypted block, None if it doesn't open.

    Raises UnsupportedAlgorithm for an encryption that the library doesn't have, and for one that
    needs more work than the limit allows.
    """
    if block.cipher is not None:
        if block.cipher not in LEGACY_CIPHERS:
            raise UnsupportedAlgorithm(block.cipher)
    elif block.der is not None and not asn1.derivation_is_bearable(block.der):
        raise UnsupportedAlgorithm("too many rounds")
    try:
        return serialization.load_pem_private_key(
            block.pem(), passphrase, unsafe_skip_rsa_key_validation=True
        )
    except UnsupportedAlgorithm:
        raise
    except Exception:  # noqa: BLE001  # as load_der
        return None


def decrypts(block: Block, passphrase: bytes) -> bool:
    """Whether the passphrase opens the block."""
    try:
        return decrypt(block, passphrase) is not None
    except UnsupportedAlgorithm:
        return False


def is_consistent(key: rsa.RSAPrivateKey) -> bool:
    """Whether the numbers of the key belong together (not whether its primes are primes)."""
    try:
        numbers = key.private_numbers()
    except Exception:  # noqa: BLE001  # as load_der
        return False
    p, q, d = numbers.p, numbers.q, numbers.d
    n, e = numbers.public_numbers.n, numbers.public_numbers.e
    return (
        min(p, q) > 2  # noqa: PLR2004
        and p * q == n
        and e * d % (p - 1) == 1
        and e * d % (q - 1) == 1
        and numbers.dmp1 == d % (p - 1)
        and numbers.dmq1 == d % (q - 1)
        and numbers.iqmp * q % p == 1
    )


def name_of(key: object) -> str:
    """The name of the type of a key that isn't RSA."""
    kinds: tuple[tuple[type[Any], str], ...] = (
        (ec.EllipticCurvePrivateKey, "EC"),
        (ed25519.Ed25519PrivateKey, "Ed25519"),
        (ed448.Ed448PrivateKey, "Ed448"),
    )
    return next((name for kind, name in kinds if isinstance(key, kind)), "not RSA")


def public_key(der: bytes) -> rsa.RSAPublicKey | None:
    """The RSA public key in DER (SubjectPublicKeyInfo or PKCS#1), None if it isn't one."""
    try:
        key = serialization.load_der_public_key(der)
    except Exception:  # noqa: BLE001  # as load_der
        return None
    return key if isinstance(key, rsa.RSAPublicKey) else None


def certificate_key(der: bytes) -> rsa.RSAPublicKey | None:
    """The RSA public key in a certificate, None if there is none."""
    try:
        key = x509.load_der_x509_certificate(der).public_key()
    except Exception:  # noqa: BLE001  # as load_der
        return None
    return key if isinstance(key, rsa.RSAPublicKey) else None


def ssh_public_key(text: str) -> rsa.RSAPublicKey | None:
    """The RSA public key in a line of OpenSSH's or a file as in RFC 4716, None if it isn't one."""
    try:
        words = ["ssh-rsa", _ssh2_body(text)] if _SSH2_BEGIN in text else text.split()[:2]
        key = serialization.load_ssh_public_key(" ".join(words).encode())
    except Exception:  # noqa: BLE001  # as load_der
        return None
    return key if isinstance(key, rsa.RSAPublicKey) else None


def _ssh2_body(text: str) -> str:
    inside = text.partition(_SSH2_BEGIN)[2].partition("---- END")[0]
    body = re.sub(r"(?m)^[^:\n]{1,64}:(?:.*\\\n)*.*\n", "", inside)  # headers, maybe continued
    return "".join(body.split())


def openssh(data: bytes) -> tuple[rsa.RSAPublicKey | None, str | None, bool | None]:
    """The public key, the name of its kind, and whether it is encrypted, without opening it."""
    try:
        if not data.startswith(b"openssh-key-v1\0"):
            return None, None, None
        cipher, rest = _string(data[15:])
        _kdf, rest = _string(rest)
        _options, rest = _string(rest)
        blob, _rest = _string(rest[4:])
        name, _rest = _string(blob)
    except ValueError:
        return None, None, None
    kind = name.decode("ascii", "replace")[:40]
    line = f"{kind} {base64.b64encode(blob).decode()}"
    return ssh_public_key(line), kind, cipher != b"none"


def _string(data: bytes) -> tuple[bytes, bytes]:
    size = int.from_bytes(data[:4], "big")
    if len(data) < 4 + size:
        raise ValueError("ends inside a string")
    return data[4 : 4 + size], data[4 + size :]

"""What a key file contains, and what is wrong with it."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from lib.box.credential_problems import Problem, error

MAX_KEY_BYTES: Final = 12_000
"""The largest key inside it, a little over RSA with 16384 bits."""


class KeyFormat(StrEnum):
    """What the file is."""

    PKCS8 = "pkcs8"
    PKCS1 = "pkcs1"
    DER = "der"
    PKCS12 = "pkcs12"
    OPENSSH = "openssh"
    PUBLIC = "public"
    CERTIFICATE = "certificate"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class KeyContents:
    """What reading the file found, errors before warnings.

    `encrypted` is None where it is unknown. `private` is set only if the key can sign.
    """

    format: KeyFormat
    problems: tuple[Problem, ...] = ()
    encrypted: bool | None = None
    private: rsa.RSAPrivateKey | None = None
    public: rsa.RSAPublicKey | None = None


def fingerprint(key: rsa.RSAPublicKey) -> str:
    """Lower-case hex of the SHA-256 of the DER SubjectPublicKeyInfo."""
    spki = key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return hashlib.sha256(spki).hexdigest()


def refused(code: str, message: str, fix: str, kind: KeyFormat = KeyFormat.UNKNOWN) -> KeyContents:
    """A file that can't be used, with one error."""
    return KeyContents(kind, (error(code, message, fix),))

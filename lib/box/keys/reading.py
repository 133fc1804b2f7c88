"""Read a private or public key from a file, or say why it can't be used.

The checks behind `lib.box.key_inspection`: what kind of file it is, whether it opens, whether it
is complete and RSA. It compares nothing and generates nothing. No exception of the cryptography
library gets out. Sources: Box developer documentation (JWT without SDKs), RFC 5958, RFC 7468; how
the library fails was measured with OpenSSL 3 and cryptography 50.
"""

import hashlib
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

import lib.box.keys.der_bounds as asn1
import lib.box.keys.key_formats as foreign  # `from lib.box` would wait for the package
import lib.box.keys.legacy_pem as legacy_pem  # noqa: PLR0402  # `from lib.box` would wait for the package
import lib.box.keys.pem as pem  # noqa: PLR0402  # `from lib.box` would wait for the package
from lib.box.credential_problems import Problem, ProblemSeverity, error, warning
from lib.box.keys.key_problems import (
    HOW_TO_ENCRYPT,
    MIN_BITS,
    damaged,
    not_a_key,
    not_rsa,
    passphrase_missing,
    too_small,
    truncated,
    unsupported_encryption,
)

MAX_BYTES: Final = 64 * 1024
"""The largest file that is looked at."""
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


def find(data: bytes, passphrase: bytes | None) -> KeyContents:
    """Read what should be a private key. Never raises."""
    if len(data) > MAX_BYTES:
        return _refused(
            "too_large",
            f"The file has {len(data):,} bytes; a key has a few thousand.",
            f"The limit is {MAX_BYTES:,} bytes. Is this the right file?",
        )
    if not data.strip(b"\0 \t\r\n\xef\xbb\xbf\xff\xfe"):
        return _refused("empty", "The file is empty.", "Choose the private key file again.")
    reading = pem.read(data)
    private = [block for block in reading.blocks if block.is_private_key]
    if private:
        found = _from_block(private[0], passphrase)
    elif reading.blocks:
        found = _from_other_block(reading.blocks[0])
    elif reading.text is None:
        found = _from_binary(data)
    else:
        found = _from_text(reading.text)
    problems = [*found.problems, *reading.notices]
    if found.public is not None and found.public.key_size < MIN_BITS:
        problems.append(too_small(found.public.key_size))
    problems.sort(key=lambda problem: problem.severity is ProblemSeverity.WARNING)
    return replace(found, problems=tuple(problems))


def _from_block(block: pem.Block, passphrase: bytes | None) -> KeyContents:
    kind = _FORMATS.get(block.label, KeyFormat.UNKNOWN)
    encrypted = block.cipher is not None or block.label == "ENCRYPTED PRIVATE KEY"
    if block.der is not None and len(block.der) > MAX_KEY_BYTES:
        return _refused(
            "too_large",
            f"The key has {len(block.der):,} bytes, more than RSA with 16384 bits needs.",
            "Use a key of 2048 to 4096 bits.",
            kind,
        )
    if block.label not in ("PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "RSA PRIVATE KEY"):
        return _from_foreign_key(block, kind)
    damage = _damage(block)
    if damage:
        return KeyContents(kind, (damage,), encrypted)
    if encrypted:
        return _encrypted_key(block, kind, passphrase)
    return _plain_key(block.der or b"", kind, passphrase)


_FORMATS: Final = {
    "PRIVATE KEY": KeyFormat.PKCS8,
    "ENCRYPTED PRIVATE KEY": KeyFormat.PKCS8,
    "RSA PRIVATE KEY": KeyFormat.PKCS1,
    "OPENSSH PRIVATE KEY": KeyFormat.OPENSSH,
}


def _from_foreign_key(block: pem.Block, kind: KeyFormat) -> KeyContents:
    if kind is KeyFormat.OPENSSH:
        public, name, locked = foreign.openssh(block.der or b"")
        problems = (
            error(
                "unsupported_format",
                "This is a key in OpenSSH's own format, which Box doesn't accept.",
                "Convert a copy: ssh-keygen -p -m PKCS8 -f KEY. Or generate a new key pair.",
            ),
            *((not_rsa(name),) if name and public is None else ()),
        )
        return KeyContents(kind, problems, locked, public=public)
    name = block.label.removesuffix(" PRIVATE KEY")
    return KeyContents(kind, (not_rsa(name),), block.cipher is not None)


def _damage(block: pem.Block) -> Problem | None:
    if block.der is None and block.empty:
        return truncated("There is nothing between its first and last line.")
    if block.der is None:
        return damaged("There are characters between its first and last line that no key contains.")
    if not block.whole:
        return truncated("Its last line is missing or belongs to another type of key.")
    if block.cipher is not None:
        return None  # nothing can be told before it is decrypted
    try:
        asn1.read(block.der)
    except asn1.DerError as fault:
        return truncated(
            "The key ends too early." if fault.short else "The text of the key is damaged."
        )
    return None


def _plain_key(der: bytes, kind: KeyFormat, passphrase: bytes | None) -> KeyContents:
    if asn1.is_encrypted_pkcs8(der):  # the first line says otherwise; the content decides
        block = pem.Block("ENCRYPTED PRIVATE KEY", der)
        return _from_block(block, passphrase)
    notes = [
        warning(
            "unencrypted",
            "The private key isn't encrypted: anyone who has the file can act as your app.",
            f"Encrypt it: {HOW_TO_ENCRYPT}",
        )
    ]
    if passphrase is not None:
        notes.append(
            warning(
                "passphrase_unneeded",
                "A passphrase was given, but this key isn't encrypted.",
                "Leave the passphrase empty, or use the encrypted key.",
            )
        )
    other = _other_algorithm(der) if kind is KeyFormat.PKCS8 else None
    if other:
        return KeyContents(kind, (not_rsa(other), *notes), encrypted=False)
    key = foreign.load_der(der, None)
    if isinstance(key, rsa.RSAPrivateKey) and foreign.is_consistent(key):
        return KeyContents(
            kind, tuple(notes), encrypted=False, private=key, public=key.public_key()
        )
    problem = truncated("Its content is damaged.")
    return KeyContents(kind, (problem, *notes), encrypted=False)


def _encrypted_key(block: pem.Block, kind: KeyFormat, passphrase: bytes | None) -> KeyContents:
    if passphrase is None:
        return KeyContents(kind, (passphrase_missing(),), encrypted=True)
    key: object
    try:
        key = foreign.decrypt(block, passphrase)
    except UnsupportedAlgorithm:
        return KeyContents(kind, (unsupported_encryption(),), encrypted=True)
    if isinstance(key, rsa.RSAPrivateKey) and foreign.is_consistent(key):
        return KeyContents(kind, (), encrypted=True, private=key, public=key.public_key())
    if isinstance(key, rsa.RSAPrivateKey) or (key is None and legacy_pem.opens(block, passphrase)):
        problem = truncated("It opens with this passphrase, but its content is damaged.")
    elif key is not None:
        problem = not_rsa(foreign.name_of(key))
    else:
        problem = _passphrase_wrong(block, passphrase)
    return KeyContents(kind, (problem,), encrypted=True)


def _passphrase_wrong(block: pem.Block, passphrase: bytes) -> Problem:
    message = "The passphrase doesn't open this key."
    trimmed = passphrase.strip()
    if trimmed and trimmed != passphrase and foreign.decrypts(block, trimmed):
        message = (
            "The passphrase has a space or line break at its start or end. It opens "
            "the key without it."
        )
    return error(
        "passphrase_wrong",
        message,
        "Use the passphrase of exactly this key. If it is lost, generate a new key pair.",
    )


def _other_algorithm(der: bytes) -> str | None:
    """The name of the algorithm of an unencrypted PKCS#8 key, None if it is RSA or unreadable."""
    try:
        oid = asn1.private_key_algorithm(der)
    except asn1.DerError:
        return None
    return None if oid == asn1.RSA else foreign.ALGORITHMS.get(oid, "another algorithm's")


def _from_other_block(block: pem.Block) -> KeyContents:
    if block.label in ("PUBLIC KEY", "RSA PUBLIC KEY"):
        return _public_not_private(foreign.public_key(block.der or b""))
    if "CERTIFICATE" in block.label:
        request = "REQUEST" in block.label
        problem = error(
            "certificate_not_private",
            "This is a certificate request." if request else "This is a certificate.",
            "Choose the private key file: its first line says PRIVATE KEY.",
        )
        key = None if request else foreign.certificate_key(block.der or b"")
        return KeyContents(KeyFormat.CERTIFICATE, (problem,), encrypted=False, public=key)
    return _refused(
        "not_a_key",
        "The file is in PEM format, but it contains no private key.",
        "Choose the private key file: its first line says PRIVATE KEY.",
    )


def _public_not_private(key: rsa.RSAPublicKey | None) -> KeyContents:
    problem = error(
        "public_not_private",
        "This is a public key. It belongs in Box's developer console; the private key "
        "is needed here.",
        "Choose the private key file: its first line says PRIVATE KEY.",
    )
    return KeyContents(KeyFormat.PUBLIC, (problem,), encrypted=False, public=key)


def _from_binary(data: bytes) -> KeyContents:
    match foreign.binary_kind(data):
        case foreign.Binary.PKCS12:
            found = _pkcs12(data)
        case foreign.Binary.PRIVATE:
            found = _der_key(data)
        case foreign.Binary.PUBLIC:
            found = _public_not_private(foreign.public_key(data))
        case foreign.Binary.CERTIFICATE:
            found = _from_other_block(pem.Block("CERTIFICATE", data))
        case foreign.Binary.CUT_OFF:
            found = KeyContents(KeyFormat.DER, (truncated("The key ends too early."),))
        case foreign.Binary.JAVA:
            found = _refused(
                "unsupported_format",
                "This is a Java keystore.",
                "Convert it to PKCS#12 with keytool -importkeystore, then extract the key from it.",
            )
        case None:
            problem = not_a_key("The file is binary and not a known key format.")
            found = KeyContents(KeyFormat.UNKNOWN, (problem,))
    return found


def _pkcs12(data: bytes) -> KeyContents:
    problem = error(
        "unsupported_format",
        "This is a PKCS#12 container (.p12 or .pfx).",
        "Extract the key: openssl pkcs12 -in FILE -nocerts -out private_key.pem",
    )
    return KeyContents(KeyFormat.PKCS12, (problem,), asn1.holds_encryption(data) or None)


def _der_key(data: bytes, *, bare: bool = False) -> KeyContents:
    """A key in DER. `bare`: its base64 text was given without the first and last line."""
    encrypted = asn1.is_encrypted_pkcs8(data)
    key = None if encrypted or len(data) > MAX_KEY_BYTES else foreign.load_der(data, None)
    if bare:
        problem = truncated("Its first and last line (BEGIN and END) are missing.")
    else:
        problem = error(
            "unsupported_format",
            "This is a key in binary form (DER); Box requires the text form (PEM).",
            "Convert it: openssl pkcs8 -inform DER -topk8 -v2 aes256 -in FILE -out private_key.pem",
        )
    problems = [problem]
    if key is not None and not isinstance(key, rsa.RSAPrivateKey):
        problems.append(not_rsa(foreign.name_of(key)))
    public = key.public_key() if isinstance(key, rsa.RSAPrivateKey) else None
    kind = KeyFormat.UNKNOWN if bare else KeyFormat.DER
    return KeyContents(kind, tuple(problems), encrypted, public=public)


_NO_KEYS: Final = frozenset(
    {foreign.Text.SETTINGS, foreign.Text.HTML, foreign.Text.PGP, foreign.Text.BROKEN_FRAME}
)


def _from_text(text: str) -> KeyContents:
    known = foreign.text_kind(text)
    if known is foreign.Text.SSH_PUBLIC:
        return _public_not_private(foreign.ssh_public_key(text))
    if known is not None:
        code = "not_a_key" if known in _NO_KEYS else "unsupported_format"
        return _refused(code, *foreign.TEXTS[known])
    der = pem.from_bare_base64(text)
    if der is not None and foreign.binary_kind(der) is foreign.Binary.PRIVATE:
        return _der_key(der, bare=True)
    if der is not None and foreign.binary_kind(der) is foreign.Binary.PUBLIC:
        return _public_not_private(foreign.public_key(der))
    if der is not None and foreign.binary_kind(der) is foreign.Binary.CUT_OFF:
        return KeyContents(KeyFormat.UNKNOWN, (truncated("Only part of a key was provided."),))
    return KeyContents(KeyFormat.UNKNOWN, (not_a_key(),))


def read_public_key(data: bytes) -> rsa.RSAPublicKey | None:
    """The RSA public key in a PEM, DER, certificate or OpenSSH line; None if there is none."""
    if len(data) > MAX_BYTES:
        return None
    reading = pem.read(data)
    found: KeyContents | None = None
    if reading.blocks and not any(block.is_private_key for block in reading.blocks):
        found = _from_other_block(reading.blocks[0])
    elif reading.text is None:
        found = _from_binary(data)
    elif not reading.blocks:
        found = _from_text(reading.text)
    if found is None or found.format not in (KeyFormat.PUBLIC, KeyFormat.CERTIFICATE):
        return None
    return found.public


def _refused(code: str, message: str, fix: str, kind: KeyFormat = KeyFormat.UNKNOWN) -> KeyContents:
    return KeyContents(kind, (error(code, message, fix),))

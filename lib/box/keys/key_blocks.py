"""Keys in PEM blocks: private ones, with and without a passphrase, and what is no private key."""

from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa

import lib.box.keys.der_bounds as asn1  # `from lib.box` would wait for the package
import lib.box.keys.key_formats as foreign
import lib.box.keys.legacy_pem as legacy_pem  # noqa: PLR0402  # `from lib.box` would wait for the package
import lib.box.keys.pem as pem  # noqa: PLR0402  # `from lib.box` would wait for the package
from lib.box.credential_problems import Problem, error, warning
from lib.box.keys.key_contents import MAX_KEY_BYTES, KeyContents, KeyFormat, refused
from lib.box.keys.key_problems import (
    HOW_TO_ENCRYPT,
    damaged,
    not_rsa,
    passphrase_missing,
    truncated,
    unsupported_encryption,
)


def from_block(block: pem.Block, passphrase: bytes | None) -> KeyContents:
    """The key in a block that says PRIVATE KEY."""
    kind = _FORMATS.get(block.label, KeyFormat.UNKNOWN)
    encrypted = block.cipher is not None or block.label == "ENCRYPTED PRIVATE KEY"
    if block.der is not None and len(block.der) > MAX_KEY_BYTES:
        return refused(
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
        return from_block(block, passphrase)
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


def from_other_block(block: pem.Block) -> KeyContents:
    """What a block without a private key contains."""
    if block.label in ("PUBLIC KEY", "RSA PUBLIC KEY"):
        return public_not_private(foreign.public_key(block.der or b""))
    if "CERTIFICATE" in block.label:
        request = "REQUEST" in block.label
        problem = error(
            "certificate_not_private",
            "This is a certificate request." if request else "This is a certificate.",
            "Choose the private key file: its first line says PRIVATE KEY.",
        )
        key = None if request else foreign.certificate_key(block.der or b"")
        return KeyContents(KeyFormat.CERTIFICATE, (problem,), encrypted=False, public=key)
    return refused(
        "not_a_key",
        "The file is in PEM format, but it contains no private key.",
        "Choose the private key file: its first line says PRIVATE KEY.",
    )


def public_not_private(key: rsa.RSAPublicKey | None) -> KeyContents:
    """A public key where a private one is needed."""
    problem = error(
        "public_not_private",
        "This is a public key. It belongs in Box's developer console; the private key "
        "is needed here.",
        "Choose the private key file: its first line says PRIVATE KEY.",
    )
    return KeyContents(KeyFormat.PUBLIC, (problem,), encrypted=False, public=key)

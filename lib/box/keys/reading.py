"""Read a private or public key from a file, or say why it can't be used.

The checks behind `lib.box.key_inspection`: what kind of file it is, whether it opens, whether it
is complete and RSA. It compares nothing and generates nothing. No exception of the cryptography
library gets out. Sources: Box developer documentation (JWT without SDKs), RFC 5958, RFC 7468; how
the library fails was measured with OpenSSL 3 and cryptography 50.
"""

from dataclasses import replace
from typing import Final

from cryptography.hazmat.primitives.asymmetric import rsa

import lib.box.keys.der_bounds as asn1  # `from lib.box` would wait for the package
import lib.box.keys.key_formats as foreign
import lib.box.keys.pem as pem  # noqa: PLR0402  # `from lib.box` would wait for the package
from lib.box.credential_problems import ProblemSeverity, error
from lib.box.keys.key_blocks import from_block, from_other_block, public_not_private
from lib.box.keys.key_contents import MAX_KEY_BYTES, KeyContents, KeyFormat, refused
from lib.box.keys.key_problems import (
    MIN_BITS,
    not_a_key,
    not_rsa,
    too_small,
    truncated,
)

MAX_BYTES: Final = 64 * 1024
"""The largest file that is looked at."""


def find(data: bytes, passphrase: bytes | None) -> KeyContents:
    """Read what should be a private key. Never raises."""
    if len(data) > MAX_BYTES:
        return refused(
            "too_large",
            f"The file has {len(data):,} bytes; a key has a few thousand.",
            f"The limit is {MAX_BYTES:,} bytes. Is this the right file?",
        )
    if not data.strip(b"\0 \t\r\n\xef\xbb\xbf\xff\xfe"):
        return refused("empty", "The file is empty.", "Choose the private key file again.")
    reading = pem.read(data)
    private = [block for block in reading.blocks if block.is_private_key]
    if private:
        found = from_block(private[0], passphrase)
    elif reading.blocks:
        found = from_other_block(reading.blocks[0])
    elif reading.text is None:
        found = _from_binary(data)
    else:
        found = _from_text(reading.text)
    problems = [*found.problems, *reading.notices]
    if found.public is not None and found.public.key_size < MIN_BITS:
        problems.append(too_small(found.public.key_size))
    problems.sort(key=lambda problem: problem.severity is ProblemSeverity.WARNING)
    return replace(found, problems=tuple(problems))


def _from_binary(data: bytes) -> KeyContents:
    match foreign.binary_kind(data):
        case foreign.Binary.PKCS12:
            found = _pkcs12(data)
        case foreign.Binary.PRIVATE:
            found = _der_key(data)
        case foreign.Binary.PUBLIC:
            found = public_not_private(foreign.public_key(data))
        case foreign.Binary.CERTIFICATE:
            found = from_other_block(pem.Block("CERTIFICATE", data))
        case foreign.Binary.CUT_OFF:
            found = KeyContents(KeyFormat.DER, (truncated("The key ends too early."),))
        case foreign.Binary.JAVA:
            found = refused(
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
        return public_not_private(foreign.ssh_public_key(text))
    if known is not None:
        code = "not_a_key" if known in _NO_KEYS else "unsupported_format"
        return refused(code, *foreign.TEXTS[known])
    der = pem.from_bare_base64(text)
    if der is not None and foreign.binary_kind(der) is foreign.Binary.PRIVATE:
        return _der_key(der, bare=True)
    if der is not None and foreign.binary_kind(der) is foreign.Binary.PUBLIC:
        return public_not_private(foreign.public_key(der))
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
        found = from_other_block(reading.blocks[0])
    elif reading.text is None:
        found = _from_binary(data)
    elif not reading.blocks:
        found = _from_text(reading.text)
    if found is None or found.format not in (KeyFormat.PUBLIC, KeyFormat.CERTIFICATE):
        return None
    return found.public

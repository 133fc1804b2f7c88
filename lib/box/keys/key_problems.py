"""The messages about a key that several places share.

No text contains anything of the key. Sizes are worded as what Box's guide uses: Box names no limit.
"""

from typing import Final

import lib.box.keys.der_bounds as asn1
from lib.box.credential_problems import Problem, error

MIN_BITS: Final = 2048
"""The size that Box's guide and its own key pairs use; Box publishes no limit."""
HOW_TO_ENCRYPT: Final = "openssl pkcs8 -topk8 -v2 aes256 -in KEY -out private_key.pem"


def truncated(why: str) -> Problem:
    """Part of the key is missing or was changed."""
    return error(
        "truncated",
        f"The key is incomplete. {why}",
        "Copy the whole file again, from the BEGIN line to the END line.",
    )


def damaged(why: str) -> Problem:
    """The frame is that of a key, but its content was changed on the way."""
    return error(
        "not_a_key",
        f"The key is damaged. {why}",
        "Copy the file again as plain text, unchanged, from the BEGIN line to the END line.",
    )


def not_a_key(message: str = "This isn't a private key.") -> Problem:
    """The problem of a file that isn't a key."""
    return error(
        "not_a_key", message, "Choose the private key file: its first line says PRIVATE KEY."
    )


def not_rsa(name: str) -> Problem:
    """The key is of another type; `name` is its name."""
    return error(
        "not_rsa",
        f"This is a key of another type ({name}); Box's JWT apps use RSA.",
        "Generate an RSA key pair of 2048 bits and add its public key in Box's developer console.",
    )


def passphrase_missing() -> Problem:
    """The key is encrypted, and no passphrase came with it."""
    return error(
        "passphrase_missing",
        "The key is encrypted and no passphrase was given.",
        "Enter its passphrase. In Box's app settings file it is the field passphrase.",
    )


def unsupported_encryption() -> Problem:
    """The key is encrypted in a way that isn't supported here."""
    return error(
        "unsupported_format",
        "The key is encrypted with a method that isn't supported here, or one that "
        f"needs more than {asn1.MAX_ROUNDS:,} rounds.",
        f"Encrypt it again with AES-256: {HOW_TO_ENCRYPT}",
    )


def too_small(bits: int) -> Problem:
    """The key has fewer bits than Box's guide uses, which isn't a published limit."""
    return error(
        "too_small",
        f"The key has {bits} bits, which is smaller than Box's guide uses ({MIN_BITS}).",
        f"Generate a new key pair of {MIN_BITS} bits or more.",
    )

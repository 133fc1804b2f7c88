"""Tell a wrong passphrase from a damaged key in the traditional encryption of PEM files.

That format has no checksum: a damaged end and a wrong passphrase fail alike. But the first block of
an RSA key always begins the same way, so opening that one block shows whether the passphrase fits.
Sources: RFC 1421 section 4.6.1.1, OpenSSL's EVP_BytesToKey (MD5, one round), PEM_bytes_read_bio(3).
"""

import hashlib
from typing import Final

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, CipherAlgorithm, algorithms, modes

from lib.box.keys.pem import Block

_CIPHERS: Final[dict[str, tuple[type[CipherAlgorithm], int, int]]] = {
    "AES-128-CBC": (algorithms.AES, 16, 16),
    "AES-192-CBC": (algorithms.AES, 24, 16),
    "AES-256-CBC": (algorithms.AES, 32, 16),
    "DES-EDE3-CBC": (TripleDES, 24, 8),
}


def opens(block: Block, passphrase: bytes) -> bool:
    """Whether the passphrase turns the first bytes into the beginning of an RSA key."""
    known = _CIPHERS.get(block.cipher or "")
    if known is None or block.der is None:
        return False
    algorithm, key_size, block_size = known
    try:
        iv = bytes.fromhex(block.iv or "")
        key = _derive(passphrase, iv[:8], key_size)
        decryptor = Cipher(algorithm(key), modes.CBC(iv)).decryptor()  # type: ignore[call-arg]
        head = decryptor.update(block.der[: 16 // block_size * block_size])
    except ValueError:
        return False
    # SEQUENCE with a two-byte length, INTEGER 0 (the version), INTEGER (the modulus)
    return head[:2] == b"\x30\x82" and head[4:7] == b"\x02\x01\x00" and head[7:8] in b"\x02"


def _derive(passphrase: bytes, salt: bytes, size: int) -> bytes:
    key = digest = b""
    while len(key) < size:
        digest = hashlib.md5(digest + passphrase + salt, usedforsecurity=False).digest()
        key += digest
    return key[:size]

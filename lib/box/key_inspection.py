"""Check and generate the RSA keys of a Box JWT app, offline.

Every way in which a key can't be used has a code, a plain sentence and a fix; no exception of the
cryptography library gets out, no key material gets into a message. Limits that Box doesn't publish
are worded as what Box's guide uses. Sources: Box developer documentation (JWT without SDKs, key
pairs), RFC 5958, RFC 7468.
"""

from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from lib.box.credential_problems import Problem, ProblemSeverity, error, has_error, warning
from lib.box.keys.key_contents import KeyContents, KeyFormat, fingerprint
from lib.box.keys.key_problems import MIN_BITS, not_a_key
from lib.box.keys.reading import MAX_BYTES, find, read_public_key
from lib.box.settings.app_settings import parse_app_settings
from lib.core.errors import KeyProblem, Who
from lib.core.redaction import Secret
from lib.settings.profiles import BoxCredentials

__all__ = [
    "MAX_BYTES",
    "MIN_BITS",
    "KeyFormat",
    "KeyPair",
    "KeyReport",
    "Problem",
    "ProblemSeverity",
    "fingerprint",
    "generate_key_pair",
    "inspect_key",
    "load_private_key",
]

MAX_BITS: Final = 8192
"""The largest key that we make: larger ones take minutes."""
_MAX_PASSPHRASE_BYTES: Final = 1023


@dataclass(frozen=True, slots=True)
class KeyReport:
    """The verdict on a key.

    `encrypted` and `bits` are None where they are unknown. The fingerprint is lower-case hex of the
    SHA-256 of the DER SubjectPublicKeyInfo, None when the key is unreadable.
    """

    ok: bool
    format: KeyFormat
    encrypted: bool | None = None
    bits: int | None = None
    fingerprint_sha256: str | None = None
    problems: tuple[Problem, ...] = ()
    public_pem: str | None = None

    def as_dict(self) -> dict[str, object]:
        """The shape that `keys inspect --json` prints."""
        return {
            "ok": self.ok,
            "format": self.format.value,
            "encrypted": self.encrypted,
            "bits": self.bits,
            "fingerprint_sha256": self.fingerprint_sha256,
            "problems": [problem.as_dict() for problem in self.problems],
        }


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A new pair: encrypted PKCS#8 and SubjectPublicKeyInfo, both PEM."""

    private_pem: Secret
    public_pem: str
    fingerprint_sha256: str


def inspect_key(
    data: bytes | str | Secret,
    passphrase: str | Secret | None = None,
    *,
    public: bytes | str | None = None,
    config: BoxCredentials | bytes | str | None = None,
) -> KeyReport:
    """Check a private key against what Box's JWT set-up requires. Never raises for any bytes.

    `public` is a public key file that should belong to it. `config` is the app settings, parsed or
    as the file's content, that should hold the same key; without a passphrase of its own the key is
    tried with the one in there.
    """
    problems: list[Problem] = []
    if isinstance(config, bytes | str):
        credentials = parse_app_settings(config).credentials
        if credentials is None:
            problems.append(_no_settings())
    else:
        credentials = config
    secret = _bytes(passphrase)
    if secret is None and credentials is not None:
        secret = _bytes(credentials.passphrase)
    found = find(_raw(data), secret)
    if found.private is not None and public is not None:
        problems.extend(_compare_public(found.private.public_key(), _raw(public)))
    if found.private is not None and credentials is not None:
        problems.extend(_compare_config(found.private, credentials))
    key = found.public
    everything = [*found.problems, *problems]
    everything.sort(key=lambda problem: problem.severity is ProblemSeverity.WARNING)
    return KeyReport(
        ok=not has_error(everything),
        format=found.format,
        encrypted=found.encrypted,
        bits=key.key_size if key else None,
        fingerprint_sha256=fingerprint(key) if key else None,
        problems=tuple(everything),
        public_pem=_public_pem(key) if key else None,
    )


def load_private_key(
    data: bytes | str | Secret, passphrase: str | Secret | None = None
) -> rsa.RSAPrivateKey:
    """The key, ready to sign. Raises KeyProblem with the first error's code, text and fix.

    A key that is only smaller than Box's guide uses is loaded: Box decides about it.
    """
    found = find(_raw(data), _bytes(passphrase))
    errors = [
        problem
        for problem in found.problems
        if problem.severity is ProblemSeverity.ERROR and problem.code != "too_small"
    ]
    if errors or found.private is None:
        raise _key_problem(errors[0] if errors else not_a_key())
    return found.private


def generate_key_pair(passphrase: str | Secret, bits: int = MIN_BITS) -> KeyPair:
    """A new RSA pair of `bits` (2048 to 8192); the private key is encrypted with AES-256.

    Raises KeyProblem for an empty or over-long passphrase and for a size outside the range.
    """
    secret = _bytes(passphrase)
    if secret is None or len(secret) > _MAX_PASSPHRASE_BYTES:
        raise _key_problem(
            error(
                "passphrase_missing",
                f"The new key needs a passphrase of 1 to {_MAX_PASSPHRASE_BYTES} bytes.",
                "Choose one and keep it: the key can't be used without it.",
            )
        )
    if not MIN_BITS <= bits <= MAX_BITS:
        raise _key_problem(
            error(
                "too_small" if bits < MIN_BITS else "too_large",
                f"This app doesn't generate keys of {bits} bits.",
                f"Choose {MIN_BITS} to {MAX_BITS} bits; Box's guide uses {MIN_BITS}.",
            )
        )
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(secret),  # PBES2 with AES-256-CBC
    )
    return KeyPair(
        private_pem=Secret(private.decode()),
        public_pem=_public_pem(key.public_key()),
        fingerprint_sha256=fingerprint(key.public_key()),
    )


def _compare_public(key: rsa.RSAPublicKey, data: bytes) -> list[Problem]:
    other = read_public_key(data)
    if other is None:
        return [
            error(
                "public_mismatch",
                "The other file isn't an RSA public key, so it can't belong to this private key.",
                "Write the public key again: openssl rsa -in private_key.pem -pubout.",
            )
        ]
    if fingerprint(other) != fingerprint(key):
        return [
            error(
                "public_mismatch",
                "The public key belongs to another private key.",
                "Upload the public key that belongs to this private key to Box's "
                "console, or use the private key that belongs to the one there.",
            )
        ]
    return []


def _compare_config(key: rsa.RSAPrivateKey, config: BoxCredentials) -> list[Problem]:
    if config.private_key is None:
        return []
    other: KeyContents = find(_raw(config.private_key), _bytes(config.passphrase))
    if other.private is None:
        return [
            warning(
                "config_mismatch",
                "The key in the app settings can't be opened, so the two can't be compared.",
                "Check the app settings on their own first.",
            )
        ]
    if fingerprint(other.private.public_key()) != fingerprint(key.public_key()):
        return [
            error(
                "config_mismatch",
                "The app settings contain another private key, so their public key ID "
                "belongs to that key.",
                "Use the key and the public key ID of the same pair.",
            )
        ]
    return []


def _no_settings() -> Problem:
    return error(
        "config_mismatch",
        "The other file isn't a Box app settings file, so the key can't be compared with it.",
        "Choose the JSON file from Box's developer console.",
    )


def _key_problem(problem: Problem) -> KeyProblem:
    return KeyProblem(
        problem.message, code=problem.code, cause="", fix=problem.fix, who=Who.DEVELOPER
    )


def _public_pem(key: rsa.RSAPublicKey) -> str:
    return key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()


def _raw(data: bytes | str | Secret) -> bytes:
    if isinstance(data, Secret):
        data = data.reveal()
    return data.encode("utf-8", "surrogatepass") if isinstance(data, str) else bytes(data)


def _bytes(passphrase: str | Secret | None) -> bytes | None:
    """The passphrase in UTF-8; None for none and for the empty one."""
    text = passphrase.reveal() if isinstance(passphrase, Secret) else passphrase
    return text.encode("utf-8", "surrogatepass") if text else None

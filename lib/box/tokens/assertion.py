"""The JWT assertion with which a Box app authenticates: a new one for every attempt.

Box accepts each `jti` once and an `exp` at most 60 seconds ahead of its own clock; `sub` is text
and `exp` an integer. The audience is Box's own address, whatever address the request is sent to.
Source: Box developer documentation, "JWT without SDK".
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from lib.box.key_inspection import load_private_key
from lib.core.errors import ConfigurationError, Who
from lib.core.redaction import Secret
from lib.settings.profiles import BoxCredentials

AUDIENCE: Final = "https://api.box.com/oauth2/token"
# What the official SDKs send.
LIFETIME_S: Final = 30
ALGORITHM: Final = "RS256"


@dataclass(frozen=True, slots=True)
class Assertion:
    """A signed assertion. Header and claims may be shown; the token is a secret for a minute."""

    header: dict[str, Any]
    claims: dict[str, Any]
    token: Secret


def signing_key(credentials: BoxCredentials) -> RSAPrivateKey:
    """The private key of these credentials. Raises KeyProblem, ConfigurationError without one."""
    if not credentials.private_key:
        raise ConfigurationError(
            "box.private_key isn't set.",
            cause="A JWT app signs its token requests with a private key.",
            fix="Provide the app settings JSON, or the private key with its passphrase.",
            who=Who.YOU,
        )
    passphrase = credentials.passphrase.reveal() if credentials.passphrase else None
    return load_private_key(credentials.private_key.reveal().encode(), passphrase)


def assertion(
    credentials: BoxCredentials,
    *,
    subject_type: str,
    subject_id: str,
    now: datetime,
    jti: str,
    key: RSAPrivateKey | None = None,
) -> Assertion:
    """An assertion that says who asks for which subject (`enterprise` or `user`).

    `now` is the time on Box's clock as well as it is known. `key` saves reading it again.
    Raises KeyProblem when the private key can't be used.
    """
    claims = {
        "iss": credentials.client_id,
        "sub": str(subject_id),
        "box_sub_type": subject_type,
        "aud": AUDIENCE,
        "jti": jti,
        "exp": int(now.timestamp()) + LIFETIME_S,
    }
    header = {"alg": ALGORITHM, "typ": "JWT", "kid": credentials.public_key_id}
    token = jwt.encode(
        claims,
        key or signing_key(credentials),
        algorithm=ALGORITHM,
        headers={"kid": credentials.public_key_id},
    )
    return Assertion(header=header, claims=claims, token=Secret(token))

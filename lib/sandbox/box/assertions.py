"""Checks a JWT assertion as Box does: key, audience, times, jti; in Box's order, in Box's words.

Signatures are verified with the app's registered public key, chosen by `kid`. Facts: Box API
reference, sections 3.1 and 3.3 (the texts for `iss`, `aud`, `alg` and `nbf` are ours: Box's were
never published).
"""

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import orjson

from lib.sandbox.box.apps import DATA, App
from lib.sandbox.box.memory import Memory

AUDIENCE = "https://api.box.com/oauth2/token"
MAX_LIFE_S = 60
JTI_KEPT_S = 86_400
JTI_LENGTH = range(16, 129)
ALGORITHMS = ("RS256", "RS384", "RS512")
EXPIRED = "Current date/time MUST be before the expiration date/time listed in the 'exp' claim"
TOO_LONG = (
    "Please check the 'exp' claim. The 'exp' value exceeds the maximum value of 60 seconds beyond "
    "the issue time."
)
NOT_INTEGER = "Please check the 'exp' claim. Should be an integer"
NO_EXP = "Please check the 'exp' claim."
JTI_USED = "Please check the 'jti' claim. A unique 'jti' value is required."
NO_JTI = "Please check the 'jti' claim."
WRONG_SUB = "Please check the 'sub' claim. The 'sub' specified is invalid."
WRONG_SIGNATURE = (
    'Signature verification error. The public key identified by "kid" must correspond to the '
    "private key used for signing."
)


class Unacceptable(Exception):
    """The token endpoint refuses: `error` and `description` are its two fields."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.status = status


@dataclass(frozen=True, slots=True)
class AssertedSubject:
    """For whom a token is asked."""

    kind: str
    id: str


def invalid(description: str) -> Unacceptable:
    """An invalid_grant."""
    return Unacceptable("invalid_grant", description)


def checked(assertion: str, app: App, now: datetime, memory: Memory) -> AssertedSubject:
    """The subject of a good assertion, whose jti is used up by this. Raises Unacceptable."""
    header, claims = _parsed(assertion)
    _check_signature(assertion, header, app)
    if claims.get("iss") != app.client_id:
        raise invalid("Please check the 'iss' claim.")
    if claims.get("aud") != AUDIENCE:
        raise invalid("Please check the 'aud' claim.")
    _check_times(claims, now.timestamp())
    jti = claims.get("jti")
    if not isinstance(jti, str) or len(jti) not in JTI_LENGTH:
        raise invalid(NO_JTI)
    if not memory.first_use(jti, app.client_id, JTI_KEPT_S):
        raise invalid(JTI_USED)
    kind, subject = claims.get("box_sub_type"), claims.get("sub")
    if kind not in ("enterprise", "user") or not isinstance(subject, str):
        raise invalid(WRONG_SUB)
    return AssertedSubject(kind, subject)


def _decoded(part: str) -> Any:
    try:
        return orjson.loads(_bytes(part))
    except (orjson.JSONDecodeError, ValueError) as error:
        raise invalid("Please check the assertion. It is not a JSON Web Token.") from error


def _bytes(part: str) -> bytes:
    try:
        padded = (part + "=" * (-len(part) % 4)).encode("ascii")
        return base64.b64decode(padded, altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError("not base64url") from error


def _parsed(assertion: str) -> tuple[dict[str, Any], dict[str, Any]]:
    parts = assertion.split(".")
    if len(parts) != 3:  # noqa: PLR2004  # header, claims, signature
        raise invalid("Please check the assertion. It is not a JSON Web Token.")
    header, claims = _decoded(parts[0]), _decoded(parts[1])
    if not isinstance(header, dict) or not isinstance(claims, dict):
        raise invalid("Please check the assertion. It is not a JSON Web Token.")
    return header, claims


@cache
def _public_key(file: str) -> Any:
    # cryptography is loaded with the first assertion, so that the sandbox starts without it
    from cryptography.hazmat.primitives.serialization import load_pem_public_key  # noqa: PLC0415

    return load_pem_public_key((DATA / f"{file}.pub.pem").read_bytes())


def _check_signature(assertion: str, header: dict[str, Any], app: App) -> None:
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415  # as _public_key
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import padding  # noqa: PLC0415

    algorithm, kid = header.get("alg"), header.get("kid")
    if algorithm not in ALGORITHMS:
        raise invalid("Please check the 'alg' header.")
    if header.get("typ", "JWT") != "JWT":
        raise invalid("Please check the 'typ' header.")
    if not isinstance(kid, str) or kid not in app.keys:
        raise invalid(WRONG_SIGNATURE)
    digests = {"RS256": hashes.SHA256(), "RS384": hashes.SHA384(), "RS512": hashes.SHA512()}
    signed, _, signature = assertion.rpartition(".")
    try:
        _public_key(app.keys[kid]).verify(
            _bytes(signature), signed.encode(), padding.PKCS1v15(), digests[algorithm]
        )
    except (InvalidSignature, ValueError) as error:
        raise invalid(WRONG_SIGNATURE) from error


def _check_times(claims: dict[str, Any], now: float) -> None:
    if "exp" not in claims:
        raise invalid(NO_EXP)
    ends = claims["exp"]
    if isinstance(ends, bool) or not isinstance(ends, int):
        raise invalid(NOT_INTEGER)
    if ends <= now:
        raise invalid(EXPIRED)
    if ends > now + MAX_LIFE_S:
        raise invalid(TOO_LONG)
    for name in ("nbf", "iat"):
        if name in claims:
            starts = claims[name]
            if isinstance(starts, bool) or not isinstance(starts, int | float) or starts > now + 1:
                raise invalid(f"Please check the '{name}' claim.")

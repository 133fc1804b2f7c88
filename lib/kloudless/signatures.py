"""How Kloudless signs webhook deliveries, and how a signature is verified.

    X-Kloudless-Signature = base64(HMAC-SHA256(API key, raw body))

The request by which Kloudless tests an address has no body and is signed like any other. It
contains no time, so a signature doesn't show how old it is. Source: three independent receivers in
published client code, which agree.
"""

from typing import Final

from lib.core.redaction import Secret
from lib.core.signatures import (
    Headers,
    JudgingStage,
    Key,
    SignatureFault,
    SignatureVerdict,
    VerdictStep,
    gathered,
    is_formed,
    mac,
    same,
    steps_of,
)

SIGNATURE: Final = "X-Kloudless-Signature"


def sign(body: bytes, api_key: Secret) -> dict[str, str]:
    """The signature header that Kloudless would send with a body."""
    return {SIGNATURE: mac(api_key, body)}


def verify(body: bytes, headers: Headers, api_key: Secret | None) -> SignatureVerdict:
    """Whether Kloudless sent this body with these headers. Never raises for what is in them."""
    if not api_key:
        return SignatureVerdict(SignatureFault.NO_KEYS)
    given = gathered(headers, (SIGNATURE.lower(),))[SIGNATURE.lower()]
    if not given:
        return SignatureVerdict(SignatureFault.MISSING)
    if len(given) > 1 or not is_formed(given[0]):
        return SignatureVerdict(SignatureFault.MALFORMED)
    if not same(given[0], mac(api_key, body)):
        return SignatureVerdict(SignatureFault.WRONG, mismatched=(Key.API_KEY,))
    return SignatureVerdict(None, Key.API_KEY, matched=(Key.API_KEY,))


def explain(
    body: bytes, headers: Headers, api_key: Secret | None
) -> tuple[SignatureVerdict, tuple[VerdictStep, ...]]:
    """The verdict of `verify`, and its steps: the first that fails decides."""
    verdict = verify(body, headers, api_key)
    stages = (
        JudgingStage(
            "API key present",
            "The API key is known here.",
            "No API key is known here.",
            frozenset({SignatureFault.NO_KEYS}),
        ),
        JudgingStage(
            "Signature present",
            f"{SIGNATURE} is present.",
            f"{SIGNATURE} is missing.",
            frozenset({SignatureFault.MISSING}),
        ),
        JudgingStage(
            "Signature format",
            "It is present once, the base64 of 32 bytes.",
            "It is present twice, or isn't the base64 of 32 bytes.",
            frozenset({SignatureFault.MALFORMED}),
        ),
        JudgingStage(
            "Signature matches body and key",
            "It matches the API key.",
            "It was made with another key, or over another body.",
            frozenset({SignatureFault.WRONG}),
        ),
    )
    return verdict, steps_of(stages, verdict)

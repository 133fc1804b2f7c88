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
    Key,
    Reason,
    Stage,
    Step,
    Verdict,
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


def verify(body: bytes, headers: Headers, api_key: Secret | None) -> Verdict:
    """Whether Kloudless sent this body with these headers. Never raises for what is in them."""
    if not api_key:
        return Verdict(Reason.NO_KEYS)
    given = gathered(headers, (SIGNATURE.lower(),))[SIGNATURE.lower()]
    if not given:
        return Verdict(Reason.MISSING)
    if len(given) > 1 or not is_formed(given[0]):
        return Verdict(Reason.MALFORMED)
    if not same(given[0], mac(api_key, body)):
        return Verdict(Reason.WRONG, mismatched=(Key.API_KEY,))
    return Verdict(None, Key.API_KEY, matched=(Key.API_KEY,))


def explain(
    body: bytes, headers: Headers, api_key: Secret | None
) -> tuple[Verdict, tuple[Step, ...]]:
    """The verdict of `verify`, and its steps: the first that fails decides."""
    verdict = verify(body, headers, api_key)
    stages = (
        Stage(
            "API key present",
            "The API key is known here.",
            "No API key is known here.",
            frozenset({Reason.NO_KEYS}),
        ),
        Stage(
            "Signature present",
            f"{SIGNATURE} is present.",
            f"{SIGNATURE} is missing.",
            frozenset({Reason.MISSING}),
        ),
        Stage(
            "Signature format",
            "It is present once, the base64 of 32 bytes.",
            "It is present twice, or isn't the base64 of 32 bytes.",
            frozenset({Reason.MALFORMED}),
        ),
        Stage(
            "Signature matches body and key",
            "It matches the API key.",
            "It was made with another key, or over another body.",
            frozenset({Reason.WRONG}),
        ),
    )
    return verdict, steps_of(stages, verdict)

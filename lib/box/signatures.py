"""How Box signs webhook deliveries, and how a signature is verified.

    signature = base64(HMAC-SHA256(key, raw body + text of BOX-DELIVERY-TIMESTAMP))

A delivery has one signature for each key that the app has, two at most, so that one can be rotated
while the other stays valid. The primary signature counts with the primary key, the secondary with
the secondary, never crosswise. Only the raw bytes are verified.
Source: Box developer documentation, webhook signatures; the official SDKs agree.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
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

DELIVERY_ID: Final = "BOX-DELIVERY-ID"
TIMESTAMP: Final = "BOX-DELIVERY-TIMESTAMP"
VERSION: Final = "BOX-SIGNATURE-VERSION"
ALGORITHM: Final = "BOX-SIGNATURE-ALGORITHM"
SIGNATURES: Final[Mapping[Key, str]] = MappingProxyType(
    {Key.PRIMARY: "BOX-SIGNATURE-PRIMARY", Key.SECONDARY: "BOX-SIGNATURE-SECONDARY"}
)
KNOWN_VERSION: Final = "1"
KNOWN_ALGORITHM: Final = "HmacSHA256"
OLDEST_S: Final = 600.0
"""How old a delivery may be; Box's own rule."""
FUTURE_S: Final = 120.0
"""How far ahead the sender's clock may be; our own allowance, Box tells none."""

_NAMES: Final = tuple(
    name.lower() for name in (TIMESTAMP, VERSION, ALGORITHM, *SIGNATURES.values())
)
_OTHER: Final = {Key.PRIMARY: Key.SECONDARY, Key.SECONDARY: Key.PRIMARY}


@dataclass(frozen=True, slots=True)
class SignatureKeys:
    """The two keys of a Box app, as far as they are known."""

    primary: Secret | None = None
    secondary: Secret | None = None

    def known(self) -> dict[Key, Secret]:
        """The keys that are set."""
        both = {Key.PRIMARY: self.primary, Key.SECONDARY: self.secondary}
        return {name: key for name, key in both.items() if key}


def sign(body: bytes, timestamp: str, keys: SignatureKeys) -> dict[str, str]:
    """The headers that Box would send with a body at a time (RFC 3339, with an offset)."""
    signed = {SIGNATURES[name]: mac(key, body, _raw(timestamp)) for name, key in _keys(keys)}
    return {
        TIMESTAMP: timestamp,
        VERSION: KNOWN_VERSION,
        ALGORITHM: KNOWN_ALGORITHM,
        **signed,
    }


def verify(body: bytes, headers: Headers, keys: SignatureKeys, *, at: datetime) -> SignatureVerdict:
    """Whether Box sent this body, with these headers, not longer ago than it says at `at` (UTC).

    Never raises for what is in body, headers or keys. Whether it is too old is only told of one
    that is signed rightly.
    """
    if not keys.known():
        return SignatureVerdict(SignatureFault.NO_KEYS)
    found = gathered(headers, _NAMES)
    timestamps = found[TIMESTAMP.lower()]
    age_s = _age_s(timestamps[0], at) if len(timestamps) == 1 else None
    reason = _unreadable(found, age_s)
    if reason is not None or age_s is None:
        return SignatureVerdict(reason or SignatureFault.MALFORMED, age_s=age_s)
    signatures = {name: found[header.lower()] for name, header in SIGNATURES.items()}
    sent = {name: values[0] for name, values in signatures.items() if values}
    return _compared(body, timestamps[0], sent, keys, age_s)


def explain(
    body: bytes, headers: Headers, keys: SignatureKeys, *, at: datetime
) -> tuple[SignatureVerdict, tuple[VerdictStep, ...]]:
    """The verdict of `verify`, and its steps: the first that fails decides.

    The texts quote no signature and no key.
    """
    verdict = verify(body, headers, keys, at=at)
    found = gathered(headers, _NAMES)
    known = " and ".join(keys.known())
    age = "" if verdict.age_s is None else _age_words(verdict.age_s)
    stages = (
        JudgingStage(
            "Key present",
            f"Known here: {known}.",
            "Neither key is known here.",
            frozenset({SignatureFault.NO_KEYS}),
        ),
        *_header_stages(found, verdict),
        JudgingStage("Signature matches body, time and key", *_matching(verdict, known)),
        JudgingStage(
            "Signed recently",
            age,
            f"{age} Allowed: at most {OLDEST_S:.0f} s old or {FUTURE_S:.0f} s ahead.",
            frozenset({SignatureFault.EXPIRED, SignatureFault.FUTURE}),
        ),
    )
    return verdict, steps_of(stages, verdict)


def _header_stages(
    found: Mapping[str, list[str]], verdict: SignatureVerdict
) -> tuple[JudgingStage, ...]:
    """The checks of the headers before anything is compared."""
    sent = [header for header in SIGNATURES.values() if found[header.lower()]]
    twice = [name.upper() for name, values in found.items() if len(values) > 1]
    absent = [TIMESTAMP] if not found[TIMESTAMP.lower()] else []
    absent += [] if sent else [" and ".join(SIGNATURES.values())]
    return (
        JudgingStage(
            "Time and signature present",
            f"{TIMESTAMP}, {', '.join(sent)}.",
            f"Missing: {', '.join(absent)}.",
            frozenset({SignatureFault.MISSING} if absent else ()),
        ),
        JudgingStage(
            "No header is repeated",
            "Each header is present once.",
            f"Twice: {', '.join(twice)}.",
            frozenset({SignatureFault.MALFORMED} if twice else ()),
        ),
        JudgingStage(
            f"Version {KNOWN_VERSION}",
            f"{VERSION} matches.",
            f"{VERSION} is missing or different.",
            frozenset({SignatureFault.UNSUPPORTED_VERSION}),
        ),
        JudgingStage(
            f"Algorithm {KNOWN_ALGORITHM}",
            f"{ALGORITHM} matches.",
            f"{ALGORITHM} is missing or different.",
            frozenset({SignatureFault.UNSUPPORTED_ALGORITHM}),
        ),
        JudgingStage(
            "Format of time and signature",
            "The time has an offset; a signature is the base64 of 32 bytes.",
            f"{TIMESTAMP} isn't a time with an offset."
            if verdict.age_s is None
            else "No signature is the base64 of 32 bytes.",
            frozenset({SignatureFault.MALFORMED}),
        ),
    )


def _matching(verdict: SignatureVerdict, known: str) -> tuple[str, str, frozenset[SignatureFault]]:
    """The texts of the comparison when it holds and when it fails, and its reasons."""
    matched = " and ".join(verdict.matched)
    holds = f"Valid for: {matched}."
    if verdict.matched and verdict.mismatched:
        other = " and ".join(verdict.mismatched)
        holds += f" Not valid for: {other}; that key is being rotated, or was entered wrongly."
    fails = {
        SignatureFault.SWAPPED: "The signature matches the other key: the two keys are swapped.",
        SignatureFault.MISSING: f"There is no signature for a key known here ({known}).",
    }.get(
        verdict.reason or SignatureFault.WRONG,
        "It was made with another key, or over another body or time.",
    )
    return (
        holds,
        fails,
        frozenset({SignatureFault.WRONG, SignatureFault.SWAPPED, SignatureFault.MISSING}),
    )


def _age_words(age_s: float) -> str:
    return f"{age_s:,.0f} s ago." if age_s >= 0 else f"{-age_s:,.0f} s ahead of that time."


def _unreadable(found: Mapping[str, list[str]], age_s: float | None) -> SignatureFault | None:
    """Why the headers can't be compared."""
    signatures = [text for header in SIGNATURES.values() for text in found[header.lower()]]
    if not signatures or not found[TIMESTAMP.lower()]:
        return SignatureFault.MISSING
    if any(len(values) > 1 for values in found.values()):
        return SignatureFault.MALFORMED
    if found[VERSION.lower()] != [KNOWN_VERSION]:
        return SignatureFault.UNSUPPORTED_VERSION
    if found[ALGORITHM.lower()] != [KNOWN_ALGORITHM]:
        return SignatureFault.UNSUPPORTED_ALGORITHM
    return (
        SignatureFault.MALFORMED if age_s is None or not any(map(is_formed, signatures)) else None
    )


def _compared(
    body: bytes, timestamp: str, signatures: Mapping[Key, str], keys: SignatureKeys, age_s: float
) -> SignatureVerdict:
    expected = {name: mac(key, body, _raw(timestamp)) for name, key in _keys(keys)}
    # all of them, so that the time doesn't tell which one matched
    agree = {
        (mine, theirs): same(signature, text)
        for theirs, signature in signatures.items()
        for mine, text in expected.items()
    }
    matched = tuple(name for name in expected if agree.get((name, name)))
    mismatched = tuple(name for name in expected if agree.get((name, name)) is False)
    if matched:
        reason = _by_age(age_s)
        key = matched[0] if reason is None else None
        return SignatureVerdict(reason, key, age_s, matched, mismatched)
    if any(agree.get((name, _OTHER[name])) for name in expected):
        return SignatureVerdict(SignatureFault.SWAPPED, None, age_s, matched, mismatched)
    reason = SignatureFault.WRONG if mismatched else SignatureFault.MISSING
    return SignatureVerdict(reason, None, age_s, matched, mismatched)


def _by_age(age_s: float) -> SignatureFault | None:
    if age_s > OLDEST_S:
        return SignatureFault.EXPIRED
    return SignatureFault.FUTURE if age_s < -FUTURE_S else None


def _keys(keys: SignatureKeys) -> list[tuple[Key, Secret]]:
    return list(keys.known().items())


def _raw(timestamp: str) -> bytes:
    return timestamp.encode("utf-8", "surrogatepass")


def _age_s(text: str, at: datetime) -> float | None:
    """Seconds from a time with an offset to `at`; None for anything else."""
    try:
        signed_at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if signed_at.tzinfo is None else (at - signed_at).total_seconds()

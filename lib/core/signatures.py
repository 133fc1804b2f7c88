"""What the two signatures of webhooks have in common: a verdict, and comparing in constant time.

A signature that is wrong in any way is a verdict with its reason, never an exception. How Box and
Kloudless sign is theirs to say (`lib.box.signatures`, `lib.kloudless.signatures`).
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from lib.core.redaction import Secret

Headers = Mapping[str, str] | Iterable[tuple[str, str]]
"""Headers as a mapping or, where one may come twice, as pairs. Names in any case."""

# The standard base64 of 32 bytes.
_FORM: Final = re.compile(r"[A-Za-z0-9+/]{43}=", re.ASCII)


class Key(StrEnum):
    """Which key a signature was made with."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    API_KEY = "api_key"


class SignatureFault(StrEnum):
    """Why a signature doesn't count."""

    NO_KEYS = "no_keys"
    """The profile has no key to verify with."""
    MISSING = "missing"
    """There is no signature, or none for a key that the profile has."""
    MALFORMED = "malformed"
    """A header doesn't have the form that it must have, or comes twice."""
    UNSUPPORTED_VERSION = "unsupported_version"
    UNSUPPORTED_ALGORITHM = "unsupported_algorithm"
    WRONG = "wrong"
    """The signature was made with another key, or over another body or time."""
    SWAPPED = "swapped"
    """The signature is right for the other key: primary and secondary are exchanged."""
    EXPIRED = "expired"
    """Signed rightly, but too long ago."""
    FUTURE = "future"
    """Signed rightly, but for a time that is still to come."""


@dataclass(frozen=True, slots=True)
class SignatureVerdict:
    """Whether a delivery is genuine.

    `key` is the one that proved it. `reason` is None if it is. `age_s` is how many seconds ago it
    says it was signed, below 0 for the future, None where it doesn't say. `matched` and
    `mismatched` are the keys whose own header was right and wrong: with a key that is being
    exchanged, one of each.
    """

    reason: SignatureFault | None
    key: Key | None = None
    age_s: float | None = None
    matched: tuple[Key, ...] = ()
    mismatched: tuple[Key, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether it is."""
        return self.reason is None


_AT_ONCE: Final = 2047
"""From 2048 bytes on hashlib lets other threads run, and beside busy pages getting the turn back
takes a hundred times as long as the hash."""


def gathered(headers: Headers, names: Iterable[str]) -> dict[str, list[str]]:
    """The values of some headers, by their lower-case name; a name that isn't there has none."""
    found: dict[str, list[str]] = {name: [] for name in names}
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    for name, value in pairs:
        values = found.get(name.lower())
        if values is not None:
            values.append(value)
    return found


def mac(key: Secret, *parts: bytes) -> str:
    """The base64 HMAC-SHA256 of the parts, one after the other, with the key's UTF-8."""
    made = hmac.new(key.reveal().encode("utf-8", "surrogatepass"), digestmod=hashlib.sha256)
    for part in parts:
        for start in range(0, len(part), _AT_ONCE):
            made.update(part[start : start + _AT_ONCE])
    return base64.b64encode(made.digest()).decode("ascii")


def is_formed(signature: str) -> bool:
    """Whether a text has the form of such a signature."""
    return _FORM.fullmatch(signature) is not None


def same(signature: str, expected: str) -> bool:
    """Whether two signatures are the same, compared in constant time, as text.

    Base64 has several texts for the same bytes; only the one that is sent counts.
    """
    return hmac.compare_digest(signature.encode("utf-8", "surrogatepass"), expected.encode())


@dataclass(frozen=True, slots=True)
class JudgingStage:
    """One part of the verification: its texts for success and failure, and its reason."""

    title: str
    holds: str
    fails: str
    reasons: frozenset[SignatureFault]


@dataclass(frozen=True, slots=True)
class VerdictStep:
    """One step of judging a signature, for people.

    `reason` is why it failed; None for one that holds, and for one that wasn't reached.
    """

    title: str
    said: str
    passed: bool
    reason: SignatureFault | None = None

    @property
    def reached(self) -> bool:
        """Whether it was checked at all."""
        return self.passed or self.reason is not None


def steps_of(stages: Iterable[JudgingStage], verdict: SignatureVerdict) -> tuple[VerdictStep, ...]:
    """A judgement step by step: those that hold, the one that fails, those not reached.

    Stages are in the order in which they are judged.
    """
    found: list[VerdictStep] = []
    failed = False
    for stage in stages:
        if failed:
            found.append(VerdictStep(stage.title, "", passed=False))
        elif verdict.reason in stage.reasons:
            failed = True
            found.append(VerdictStep(stage.title, stage.fails, passed=False, reason=verdict.reason))
        else:
            found.append(VerdictStep(stage.title, stage.holds, passed=True))
    return tuple(found)

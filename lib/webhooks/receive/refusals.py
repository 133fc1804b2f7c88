"""Why a request to a webhook address is refused: the reason, its status, and what to do about it.

One table for everybody who says it: the answer, the log, the command line. A status of 503 is for
what is our own fault, so that a sender tries again; nothing but 2xx makes Box stop.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from lib.core.errors import Who
from lib.core.signatures import Reason


class Refusal(StrEnum):
    """Every reason; those of a signature have the same word as `lib.core.signatures.Reason`."""

    UNKNOWN_PROFILE = "unknown_profile"
    WRONG_METHOD = "wrong_method"
    TOO_LARGE = "too_large"
    TOO_SLOW = "too_slow"
    CUT_OFF = "cut_off"
    NO_KEYS = "no_keys"
    MISSING = "missing"
    MALFORMED = "malformed"
    UNSUPPORTED_VERSION = "unsupported_version"
    UNSUPPORTED_ALGORITHM = "unsupported_algorithm"
    WRONG = "wrong"
    SWAPPED = "swapped"
    EXPIRED = "expired"
    FUTURE = "future"
    NOT_JSON = "not_json"
    NO_ACCOUNT = "no_account"
    BUSY = "busy"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class Told:
    """A refusal in words: the status it is answered with, what happened, what to do, and who."""

    status: int
    what: str
    fix: str
    who: Who


_RESEND: Final = "Nothing to do: the sender tries again."
_KEYS: Final = (
    "Compare the profile's keys with those of the developer console (Webhooks, Manage signature"
    " keys); nothing between the sender and here may change the body."
)

TOLD: Final[Mapping[Refusal, Told]] = MappingProxyType(
    {
        Refusal.UNKNOWN_PROFILE: Told(
            404,
            "No profile of that name receives webhooks here.",
            "Correct the webhook's address, or configure the profile: typed ones receive none.",
            Who.DEVELOPER,
        ),
        Refusal.WRONG_METHOD: Told(
            405,
            "Webhooks come with POST.",
            "If you opened the address in a browser to test it: it is there.",
            Who.DEVELOPER,
        ),
        Refusal.TOO_LARGE: Told(
            413,
            "The body is larger than a delivery may be here.",
            "Look where it comes from; senders of webhooks stay far below the limit.",
            Who.DEVELOPER,
        ),
        Refusal.TOO_SLOW: Told(
            408, "The body didn't arrive in time.", f"Look at the network. {_RESEND}", Who.NETWORK
        ),
        Refusal.CUT_OFF: Told(
            400,
            "The connection ended before the body did.",
            f"Look at the network. {_RESEND}",
            Who.NETWORK,
        ),
        Refusal.NO_KEYS: Told(
            503,
            "The profile has no key to verify this delivery with.",
            "Add webhook_primary_key and webhook_secondary_key (Box) or api_key (Kloudless) to it.",
            Who.YOU,
        ),
        Refusal.MISSING: Told(
            401,
            "There is no signature for a key that the profile has.",
            "Generate the signature keys in the developer console, and enter both here.",
            Who.DEVELOPER,
        ),
        Refusal.MALFORMED: Told(
            400,
            "A header of the signature doesn't have the form it must have, or comes twice.",
            "Look what changes headers between the sender and here.",
            Who.NETWORK,
        ),
        Refusal.UNSUPPORTED_VERSION: Told(
            400,
            "The signature's version isn't the one that is documented (1).",
            "Look for an update of this app.",
            Who.THIS_APP,
        ),
        Refusal.UNSUPPORTED_ALGORITHM: Told(
            400,
            "The signature's algorithm isn't the one that is documented (HmacSHA256).",
            "Look for an update of this app.",
            Who.THIS_APP,
        ),
        Refusal.WRONG: Told(
            403,
            "The signature doesn't belong to this body: another key, or something was changed.",
            _KEYS,
            Who.DEVELOPER,
        ),
        Refusal.SWAPPED: Told(
            403,
            "The signature is right for the other key: primary and secondary are exchanged.",
            "Exchange webhook_primary_key and webhook_secondary_key in the profile.",
            Who.YOU,
        ),
        Refusal.EXPIRED: Told(
            403,
            "It was signed more than ten minutes ago.",
            "Set this machine's clock; if it is right, somebody sent an old delivery again.",
            Who.YOU,
        ),
        Refusal.FUTURE: Told(
            403,
            "It was signed for a time that is more than two minutes ahead.",
            "Set this machine's clock: it is behind.",
            Who.YOU,
        ),
        Refusal.NOT_JSON: Told(
            400,
            "The body is genuine, but no JSON object.",
            "Look at what sends it: Box's deliveries are JSON.",
            Who.DEVELOPER,
        ),
        Refusal.NO_ACCOUNT: Told(
            400,
            "The body is genuine, but names no account.",
            "Look at what sends it: Kloudless's deliveries name one.",
            Who.DEVELOPER,
        ),
        Refusal.BUSY: Told(503, "More arrives at once than can be kept.", _RESEND, Who.THIS_APP),
        Refusal.UNAVAILABLE: Told(
            503,
            "The delivery couldn't be kept: the ledger can't be written.",
            f"Look at the health of this app and the room on its disk. {_RESEND}",
            Who.YOU,
        ),
    }
)


def of_signature(reason: Reason) -> Refusal:
    """The refusal for a signature that doesn't count."""
    return Refusal(reason.value)

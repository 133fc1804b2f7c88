"""Why a request to a webhook address is rejected: the reason, its status, and what to do.

One table for the response, the log and the command line. Status 503 means that the fault is ours,
so that a sender retries; Box stops only at a 2xx.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from lib.core.errors import Who
from lib.core.signatures import SignatureFault


class Refusal(StrEnum):
    """Every reason; those about a signature have the values of `lib.core.signatures.Reason`."""

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
class RefusalText:
    """The texts of a rejection: the response status, what happened, what to do, and who can."""

    status: int
    what: str
    fix: str
    who: Who


_RESEND: Final = "Nothing to do: the sender retries."
_KEYS: Final = (
    "Compare the profile's keys with those in the developer console (Webhooks, Manage signature"
    " keys), and make sure that nothing changes the body on its way."
)

REFUSAL_TEXTS: Final[Mapping[Refusal, RefusalText]] = MappingProxyType(
    {
        Refusal.UNKNOWN_PROFILE: RefusalText(
            404,
            "No profile with this name receives webhooks here.",
            "Correct the webhook's address, or configure the profile: session profiles get none.",
            Who.DEVELOPER,
        ),
        Refusal.WRONG_METHOD: RefusalText(
            405,
            "Webhooks are sent with POST.",
            "Nothing to do if you opened the address in a browser: it works.",
            Who.DEVELOPER,
        ),
        Refusal.TOO_LARGE: RefusalText(
            413,
            "The body is larger than this app accepts.",
            "Find out who sent it. Webhook senders stay far below the limit.",
            Who.DEVELOPER,
        ),
        Refusal.TOO_SLOW: RefusalText(
            408, "The body didn't arrive in time.", f"Check the network. {_RESEND}", Who.NETWORK
        ),
        Refusal.CUT_OFF: RefusalText(
            400,
            "The connection closed before the whole body arrived.",
            f"Check the network. {_RESEND}",
            Who.NETWORK,
        ),
        Refusal.NO_KEYS: RefusalText(
            503,
            "The profile has no key to verify this delivery with.",
            "Add webhook_primary_key and webhook_secondary_key (Box) or api_key (Kloudless).",
            Who.YOU,
        ),
        Refusal.MISSING: RefusalText(
            401,
            "There is no signature for any key of the profile.",
            "Generate the signature keys in the developer console, and enter both here.",
            Who.DEVELOPER,
        ),
        Refusal.MALFORMED: RefusalText(
            400,
            "A signature header is malformed or appears twice.",
            "Find out what changes headers between the sender and this app.",
            Who.NETWORK,
        ),
        Refusal.UNSUPPORTED_VERSION: RefusalText(
            400,
            "The signature's version isn't the documented one (1).",
            "Look for an update of this app.",
            Who.THIS_APP,
        ),
        Refusal.UNSUPPORTED_ALGORITHM: RefusalText(
            400,
            "The signature's algorithm isn't the documented one (HmacSHA256).",
            "Look for an update of this app.",
            Who.THIS_APP,
        ),
        Refusal.WRONG: RefusalText(
            403,
            "The signature doesn't match the body: the key differs, or something was changed.",
            _KEYS,
            Who.DEVELOPER,
        ),
        Refusal.SWAPPED: RefusalText(
            403,
            "The signature matches the other key: primary and secondary are swapped.",
            "Swap webhook_primary_key and webhook_secondary_key in the profile.",
            Who.YOU,
        ),
        Refusal.EXPIRED: RefusalText(
            403,
            "It was signed more than ten minutes ago.",
            "Check this machine's clock. If it is right, somebody sent an old delivery again.",
            Who.YOU,
        ),
        Refusal.FUTURE: RefusalText(
            403,
            "Its timestamp is more than two minutes in the future.",
            "Set this machine's clock: it is slow.",
            Who.YOU,
        ),
        Refusal.NOT_JSON: RefusalText(
            400,
            "The body is genuine, but isn't a JSON object.",
            "Find out who sent it: Box's deliveries are JSON.",
            Who.DEVELOPER,
        ),
        Refusal.NO_ACCOUNT: RefusalText(
            400,
            "The body is genuine, but names no account.",
            "Find out who sent it: Kloudless's deliveries name one.",
            Who.DEVELOPER,
        ),
        Refusal.BUSY: RefusalText(
            503, "More requests arrive than can be stored.", _RESEND, Who.THIS_APP
        ),
        Refusal.UNAVAILABLE: RefusalText(
            503,
            "The delivery couldn't be stored: the ledger can't be written.",
            f"Check the health of this app and the free space on its disk. {_RESEND}",
            Who.YOU,
        ),
    }
)


def of_signature(reason: SignatureFault) -> Refusal:
    """The rejection for a signature that isn't valid."""
    return Refusal(reason.value)

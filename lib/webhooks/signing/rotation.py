"""Whether one of Box's two signature keys may be rotated, judging by recent deliveries.

Box signs each delivery with every key that exists, and one valid signature is enough. So one key
is rotated while the other verifies what arrives, never both at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from lib.core.signatures import Key
from lib.store.ledger.deliveries import KeyUse

LATELY: Final = timedelta(hours=24)


class State(StrEnum):
    """Whether a key may be rotated now."""

    SAFE = "safe"
    FINISH = "finish"
    """One of the two is being rotated: finish that first."""
    NOT_YET = "not_yet"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do about the two keys."""

    state: State
    reported: str
    fix: str


def advice(known: Mapping[Key, object], uses: Sequence[KeyUse], now: datetime) -> Advice:
    """`known` are the keys of the profile, `uses` what the receiver noted of Box's deliveries."""
    by_key = {use.key: use for use in uses if use.kind == "box"}
    if not known:
        return Advice(
            State.NOT_YET,
            "No key is configured: every delivery is rejected.",
            "Enter both keys from the developer console.",
        )
    wrong = [key for key in known if _is_wrong(by_key.get(key))]
    proved = [key for key in known if _proved(by_key.get(key), now) and key not in wrong]
    if wrong and proved:
        one, other = wrong[0], proved[0]
        return Advice(
            State.FINISH,
            f"Box no longer signs with the {one} key that is configured here; the {other} key "
            "verifies what arrives.",
            f"Enter Box's new {one} key. Don't rotate the {other} key until the {one} key verifies "
            "deliveries again.",
        )
    if len(known) == 1:
        (only,) = known
        other = Key.SECONDARY if only == Key.PRIMARY else Key.PRIMARY
        return Advice(
            State.NOT_YET,
            f"Only the {only} key is configured: when it is rotated, deliveries are rejected until "
            "the new one is entered.",
            f"Generate a {other} key in the developer console and enter it here first.",
        )
    if len(proved) == len(known):
        return Advice(
            State.SAFE,
            "Both keys verified deliveries in the last 24 hours: either may be rotated now.",
            "Reset one in the developer console, enter the new one here, wait until it verifies "
            "deliveries, then rotate the other.",
        )
    if proved:
        silent = next(key for key in known if key not in proved)
        return Advice(
            State.NOT_YET,
            f"Only the {proved[0]} key verified deliveries in the last 24 hours.",
            f"Check whether Box has a {silent} key, and whether the same one is entered here.",
        )
    return Advice(
        State.UNKNOWN,
        "No genuine delivery arrived in the last 24 hours, so neither key is verified.",
        "Wait for a delivery, or change something in a watched folder.",
    )


def _is_wrong(use: KeyUse | None) -> bool:
    """Whether the last signature for a key didn't match."""
    if use is None or use.mismatched_at is None:
        return False
    return use.verified_at is None or use.mismatched_at > use.verified_at


def _proved(use: KeyUse | None, now: datetime) -> bool:
    return use is not None and use.verified_at is not None and now - use.verified_at <= LATELY

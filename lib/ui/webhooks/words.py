"""Deliveries in words: verdicts with a mark, times between two moments, sizes, people and items."""

from datetime import timedelta
from typing import Final

from lib.activity.ingest.delivery_events import ACCEPTED, REPEATED
from lib.core.texts import number, undisguised
from lib.webhooks.log.log import Logged
from lib.webhooks.receive.refusals import Refusal

KINDS: Final = {"box": "Box", "kloudless": "Kloudless"}
VERDICTS: Final = {
    ACCEPTED: "Accepted",
    REPEATED: "Repeat",
    Refusal.UNKNOWN_PROFILE: "Unknown profile",
    Refusal.WRONG_METHOD: "Wrong method",
    Refusal.TOO_LARGE: "Too large",
    Refusal.TOO_SLOW: "Too slow",
    Refusal.CUT_OFF: "Cut off",
    Refusal.NO_KEYS: "No keys here",
    Refusal.MISSING: "No signature",
    Refusal.MALFORMED: "Malformed signature",
    Refusal.UNSUPPORTED_VERSION: "Unsupported version",
    Refusal.UNSUPPORTED_ALGORITHM: "Unsupported algorithm",
    Refusal.WRONG: "Wrong signature",
    Refusal.SWAPPED: "Keys swapped",
    Refusal.EXPIRED: "Too old",
    Refusal.FUTURE: "From the future",
    Refusal.NOT_JSON: "Not JSON",
    Refusal.NO_ACCOUNT: "Names no account",
    Refusal.BUSY: "Busy",
    Refusal.UNAVAILABLE: "Not kept",
}
KEYS: Final = {"primary": "primary", "secondary": "secondary", "api_key": "API key"}
NO_TRIGGER: Final = "no trigger"
"""What a notice of Kloudless, or a refused request, has in place of a trigger."""
_MARKS: Final = {ACCEPTED: "✓", REPEATED: "↻"}
_MINUTE_S: Final = 60
_HOUR_S: Final = 3600
_DAY_S: Final = 86400


def verdict(name: str) -> str:
    """`✓ Accepted`, `↻ Repeat`, `✗ Wrong signature`: never a colour alone."""
    return f"{_MARKS.get(name, '✗')} {VERDICTS.get(name, name)}"


def seconds(value: float | None) -> str:
    """`230 ms`, `1.4 s`, `3 min 5 s`; empty for nothing. Between two clocks it can be negative."""
    if value is None:
        return ""
    if abs(value) < 1:
        return f"{value * 1000:,.0f} ms"
    if abs(value) < _MINUTE_S:
        return f"{value:.1f} s"
    sign = "-" if value < 0 else ""
    return sign + length(timedelta(seconds=abs(value)))


def length(span: timedelta) -> str:
    """`3 min 5 s`, `2 h 10 min`, `3 d 4 h`."""
    total = int(span.total_seconds())
    for unit, name, below, below_name in (
        (_DAY_S, "d", _HOUR_S, "h"),
        (_HOUR_S, "h", _MINUTE_S, "min"),
        (_MINUTE_S, "min", 1, "s"),
    ):
        if total >= unit:
            rest = total % unit // below
            return f"{number(total // unit)} {name}" + (f" {rest} {below_name}" if rest else "")
    return f"{total} s"


def item(one: Logged) -> str:
    """The item that a delivery is about, as people call it; Kloudless only names an account."""
    if one.item_name or one.item_id:
        return undisguised(one.item_name or f"{one.item_type or 'item'} {one.item_id}")
    return undisguised(f"account {one.account_id}") if one.account_id else ""


def actor(one: Logged) -> str:
    """Who did it."""
    return undisguised(one.actor_name or one.actor_login or one.actor_id or "")


def attempt(one: Logged, attempts: int) -> str:
    """`1`, or `2 of 3` where the same body came more often."""
    if one.attempt is None:
        return ""
    return str(one.attempt) if attempts <= 1 else f"{one.attempt} of {max(attempts, one.attempt)}"

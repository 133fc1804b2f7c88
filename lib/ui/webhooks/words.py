"""Texts that the views of Webhooks share, and those of test deliveries and replays.

The texts of one tab alone are in `words_log`, `words_receiving` and `words_playground`, and for
Management and Reconciliation in their own folders.
"""

from datetime import timedelta
from typing import Final

from lib.activity.ingest.delivery_events import ACCEPTED, OWN, REPEATED
from lib.core.texts import number, plural, undisguised
from lib.webhooks.log.log import Logged
from lib.webhooks.receive.refusals import Refusal
from lib.webhooks.replay import SignWith

FILTERS: Final = "filters on Webhooks"
"""What a change of the profile resets."""
SUBTITLE: Final = "Deliveries from Box and Kloudless: authenticity, duplicates, latency."
KINDS: Final = {"box": "Box", "kloudless": "Kloudless"}
VERDICTS: Final = {
    ACCEPTED: "Accepted",
    REPEATED: "Duplicate",
    OWN: "Sent by this app",
    Refusal.UNKNOWN_PROFILE: "Unknown profile",
    Refusal.WRONG_METHOD: "Wrong method",
    Refusal.TOO_LARGE: "Too large",
    Refusal.TOO_SLOW: "Timed out",
    Refusal.CUT_OFF: "Incomplete body",
    Refusal.NO_KEYS: "No keys configured",
    Refusal.MISSING: "No signature",
    Refusal.MALFORMED: "Malformed signature",
    Refusal.UNSUPPORTED_VERSION: "Unsupported version",
    Refusal.UNSUPPORTED_ALGORITHM: "Unsupported algorithm",
    Refusal.WRONG: "Signature mismatch",
    Refusal.SWAPPED: "Keys swapped",
    Refusal.EXPIRED: "Timestamp too old",
    Refusal.FUTURE: "Timestamp in the future",
    Refusal.NOT_JSON: "Not JSON",
    Refusal.NO_ACCOUNT: "No account",
    Refusal.BUSY: "Overloaded",
    Refusal.UNAVAILABLE: "Not stored",
}
KEYS: Final = {"primary": "primary", "secondary": "secondary", "api_key": "API key"}
NO_TRIGGER: Final = "no trigger"
"""Shown for a Kloudless notification or a rejected request, which have no trigger."""
_MARKS: Final = {ACCEPTED: "✓", REPEATED: "↻", OWN: "→"}
_MINUTE_S: Final = 60
_HOUR_S: Final = 3600
_DAY_S: Final = 86400


def verdict(name: str) -> str:
    """`✓ Accepted`, `↻ Duplicate`, `✗ Signature mismatch`: never a colour alone."""
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
    """The name of the item that a delivery is about; Kloudless names only an account."""
    if one.item_name or one.item_id:
        return undisguised(one.item_name or f"{one.item_type or 'item'} {one.item_id}")
    return undisguised(f"account {one.account_id}") if one.account_id else ""


def actor(one: Logged) -> str:
    """Who did it."""
    return undisguised(one.actor_name or one.actor_login or one.actor_id or "")


def attempt(one: Logged, attempts: int) -> str:
    """`1`, or `2 of 3` where the same body was delivered more often."""
    if one.attempt is None:
        return ""
    return str(one.attempt) if attempts <= 1 else f"{one.attempt} of {max(attempts, one.attempt)}"


def deliveries(count: int) -> str:
    """`1 delivery`, `3 deliveries`."""
    return plural(count, "delivery", "deliveries")


def rejection(what: str, fix: str, who: str) -> str:
    """Why a request was rejected, as Markdown."""
    return f"**{what}**\n\n**What to do:** {fix}\n\n**Who:** {who}"


# -- how deliveries were answered ------------------------------------------------------------------

NO_BODY: Final = "its body isn't stored"


def status(code: int | None) -> str:
    """`status 500`: the reason where the receiver gave none."""
    return f"status {code}"


def outcomes(accepted: int, failed: int, reasons: str) -> str:
    """`3 accepted`, `2 accepted, 1 failed (wrong)`."""
    return f"{accepted} accepted, {failed} failed ({reasons})" if failed else f"{accepted} accepted"


# -- test deliveries and sandbox events ------------------------------------------------------------

GENERATE_EVENTS: Final = "Generate events"
GENERATE: Final = "Generate"
GENERATING: Final = "Generating and delivering…"
GENERATE_NOTE: Final = (
    "The sandbox generates events now and sends their webhooks to this app over HTTP, signed as "
    "Box and Kloudless sign them."
)
EVENT_COUNT: Final = "Number of events"
EVENT_TYPE: Final = "Event type"
ANY_TYPE: Final = "Mixed"
SENT_AS: Final = "Sender"
ATTEMPTS_EACH: Final = "Deliveries per event"
ATTEMPTS_HELP: Final = "Box sends a delivery again when the response isn't 2xx."
SIGNATURE: Final = "Signature"
SIGNATURES: Final = {
    "good": "valid",
    "wrong": "wrong key",
    "swapped": "primary and secondary swapped",
    "old": "timestamp 20 minutes old",
    "future": "timestamp 20 minutes ahead",
}
OWN_ADDRESS_UNKNOWN: Final = (
    "The sandbox delivers over plain HTTP on this machine, but the address this app listens on is "
    "unknown. Test deliveries still work."
)
TESTING: Final = "Signing, sending, receiving…"
TEST_HELP: Final = "Signs a delivery with this profile's key and passes it to this app's receiver."


def test_as(kind: str) -> str:
    """The button that sends a test delivery."""
    return f"Test delivery as {KINDS[kind]}"


def tested(outcome: str) -> str:
    """The outcome, as a toast."""
    return f"Test delivery: {outcome}."


def generated(events: int, sent: int, accepted: int) -> str:
    """`Generated 3 events and sent 3 deliveries: 2 accepted, 1 rejected`."""
    rest = sent - accepted
    end = f", {rest} rejected." if rest else "."
    return (
        f"Generated {plural(events, 'event')} and sent {deliveries(sent)}: {accepted} accepted{end}"
    )


# -- replays ---------------------------------------------------------------------------------------

REPLAY_TO: Final = "Replay to"
THIS_APP: Final = "this app"
ANOTHER_ADDRESS: Final = "another address"
REPLAY_NOTE: Final = (
    "The body is sent with a new delivery ID and signed with the current time. This app treats it "
    "as a duplicate because it knows the body ID, so no activity is counted twice."
)
REPLAY_BY_HOST: Final = "Only the host of this app can replay this profile's deliveries."
SIGN_WITH: Final = "Sign with"
SIGN_WITH_KEYS: Final = {
    SignWith.ALL: "all keys of the profile",
    SignWith.PRIMARY: "the primary key",
    SignWith.SECONDARY: "the secondary key",
    SignWith.TYPED: "a key that you type",
}
KEY: Final = "Key"
KEY_HELP: Final = "Kept only in this session's memory."
ADDRESS: Final = "Address"
NO_ADDRESS_ALLOWED: Final = (
    "No address is allowed. The host of this app lists allowed hosts in `access.allowed_hosts`."
)


def replay(count: int) -> str:
    """The button."""
    return f"Replay {deliveries(count)}"


def replaying(count: int) -> str:
    """While it is under way."""
    return f"Replaying {deliveries(count)}…"


def allowed_hosts(hosts: str) -> str:
    """The help of the address field."""
    return f"An https address on an allowed host: {hosts}"

"""Texts of “Speed and limits” on the Health page, and of the facts there."""

from datetime import datetime, tzinfo
from typing import Final

from lib.core.texts import number, plural, when

# Speed and limits
NO_CALLS: Final = "No calls yet"
NO_CALLS_HELP: Final = "Durations are measured from the first call on. Press “Check now”."
DURATIONS: Final = "Call durations"
DURATIONS_HELP: Final = (
    "Calls of checks, reading and pages together. Each attempt counts. Faults: no answer, a server "
    "error, or a rate limit response."
)
SERVERS_ALT: Final = "Percentiles of all calls by server"
SERVER: Final = "Server"
CALL: Final = "Call"
CALLS: Final = "Calls"
FAULTS_COLUMN: Final = "Faults"
P50: Final = "p50 ms"
P95: Final = "p95 ms"
P99: Final = "p99 ms"
LONGEST: Final = "Longest ms"


def calls_counted(count: int, period: str) -> str:
    """Which calls the percentiles are of."""
    return f"The last {plural(count, 'call')} of this app's process, {period}."


def durations_alt(kinds: int) -> str:
    """What the chart of durations shows."""
    return f"Median, 95th and 99th percentile of {kinds} kinds of calls, in milliseconds"


def rarer_calls(count: int) -> str:
    """How many kinds of calls the chart leaves out."""
    return f"{number(count)} less frequent kinds of calls are listed under “Rows”."


# Facts
NONE_YET: Final = "None yet"
LAST_EVENT: Final = "Last event"
NO_EVENT: Final = "Read events on the Activity page."
LAST_DELIVERY: Final = "Last webhook delivery"
NOTHING: Final = "None"
SESSION_WITHOUT_WEBHOOKS: Final = "A session profile receives no webhooks."
NO_DELIVERY: Final = "No webhook has been received for this profile."
TOKEN: Final = "Access token"  # noqa: S105  # a label
TOKEN_AGE_UNKNOWN: Final = "Age unknown"  # noqa: S105  # a label
DEVELOPER_TOKEN: Final = "A developer token expires after 60 minutes."  # noqa: S105  # a sentence
NO_TOKEN: Final = "The next call requests one."  # noqa: S105  # a sentence
KEY: Final = "Key"
NO_KEY: Final = "This authentication method uses no key."
KEY_NOT_SEEN: Final = "Not seen yet"
KEY_NOT_SEEN_HELP: Final = "The next run of checks records it."
CALLS_IN_MINUTE: Final = "Calls in the last minute"
UNKNOWN: Final = "—"
READING_POSITION: Final = "Reading position"


def occurred(at: datetime, zone: tzinfo) -> str:
    """When the last event happened."""
    return f"Occurred {when(at, zone)}."


def received(at: datetime, zone: tzinfo) -> str:
    """When the last delivery came."""
    return f"Received {when(at, zone)}."


def token_expires(at: datetime, zone: tzinfo) -> str:
    """When a token ends."""
    return f"Expires {when(at, zone)}; renewed before then."


def token_expired(at: datetime, zone: tzinfo) -> str:
    """When a token ended."""
    return f"Expired {when(at, zone)}. The next call requests a new one."


def old(age: str) -> str:
    """An age."""
    return f"{age} old"


def at_least_old(age: str) -> str:
    """An age of which only the least is known."""
    return f"At least {age} old"


def key_first_seen(at: datetime, zone: tzinfo, fingerprint: str) -> str:
    """How the age of a key is known."""
    return (
        f"First seen here {when(at, zone)}. Box doesn't report how old a key is. "
        f"SHA-256: {fingerprint}…"
    )


def call_limit(limit: int) -> str:
    """Box's limit, where this app's calls can't be counted."""
    return f"Box allows {number(limit)} calls per minute and user."


def calls_of(used: int, limit: int) -> str:
    """Calls against the limit."""
    return f"{number(used)} of {number(limit)}"


def calls_note(limit: int) -> str:
    """Whose calls are counted, and Box's limit."""
    return (
        f"Calls of this app only. Box allows {number(limit)} per minute and user, whoever makes "
        "them."
    )


def days_left(days: str) -> str:
    """How long reading may pause before something is lost."""
    return f"{days} days left"


def hours_behind(hours: str) -> str:
    """How far reading is behind."""
    return f"{hours} hours behind"


def complete_to(until: str) -> str:
    """Up to when everything was read."""
    return f"Complete to {until}."

"""The texts of the tab Receiving: addresses, keys, rejected requests, drills."""

from typing import Final

from lib.core.texts import number
from lib.store.ledger.deliveries import DrillMode
from lib.ui.webhooks.words import KINDS, deliveries
from lib.webhooks.receive.receiver import Kind
from lib.webhooks.signing.rotation import State

SESSION_NOTE: Final = (
    "A session profile has no address: it receives only test deliveries and replays. To receive "
    "from outside, configure the profile on the host."
)

# -- a sender --------------------------------------------------------------------------------------

ADDRESS_UNKNOWN: Final = (
    "The address at which your browser sees this app is unknown, so the receiving address is too."
)
SANDBOX_ADDRESS: Final = (
    "The sandbox delivers on this machine, whatever the public address of this app is."
)
ADDRESS_WELL: Final = (
    ":material/public: No problem found, as far as this app can tell. A delivery that arrives is "
    "the proof."
)
NEVER: Final = "never"
KEY: Final = "Key"
KNOWN: Final = "Configured"
VERIFIED_LAST: Final = "Last verified"
VERIFIED: Final = "Verified"
MISMATCHED_LAST: Final = "Last mismatch"
MISMATCHED: Final = "Mismatches"
YES: Final = "yes"
NO: Final = "no"
ROTATION: Final = {
    State.SAFE: ":green[:material/check_circle: Safe to rotate]",
    State.FINISH: ":orange[:material/sync_problem: Finish the rotation first]",
    State.NOT_YET: ":orange[:material/warning: Not safe to rotate]",
    State.UNKNOWN: ":gray[:material/help: Not verified]",
}


def address_of(kind: Kind) -> str:
    """Above the address."""
    where = "Webhooks, or `POST /webhooks`" if kind is Kind.BOX else "developer portal, Webhooks"
    return f"Address to register with {KINDS[kind]} ({where}):"


def last_at(at: str, ago: str) -> str:
    """`Mon 30 Nov 10:42 (3 minutes ago)`."""
    return f"{at} ({ago})"


def came(last: str, kept: int, repeated: int, rejected: int) -> str:
    """What a sender has delivered, as Markdown."""
    return (
        f"Last genuine delivery: **{last}**  \n"
        f"Last 30 days: **{number(kept)}** stored (of these {number(repeated)} duplicates), "
        f"**{number(rejected)}** rejected"
    )


def keys_alt(kind: Kind) -> str:
    """The table, read aloud."""
    return f"The keys of {KINDS[kind]}: which verified deliveries, and when"


def rotation(mark: str, what: str, fix: str) -> str:
    """Whether a key may be rotated, as Markdown."""
    return f"{mark}  \n{what}  \n:gray[What to do:] {fix}"


# -- rejected requests -----------------------------------------------------------------------------

REJECTED: Final = "Rejected"
NOTHING_REJECTED: Final = "No request was rejected in the last 30 days."
REASON: Final = "Reason"
LAST_DAY: Final = "24 hours"
LAST_MONTH: Final = "30 days"
LAST: Final = "Last"
STATUS: Final = "Status"
WHAT: Final = "What happened"
FIX: Final = "What to do"
REJECTED_ALT: Final = "Rejected requests by reason"
HEADERS_BY_HOST: Final = "Only the host of this app can see the last headers."
LAST_HEADERS: Final = "Last headers by reason"
DETAILS_GONE: Final = "No details are stored any more: 10,000 newer requests were rejected."
NO_HEADERS: Final = "(none)"
HEADERS_NOTE: Final = "Signatures and credentials aren't stored, nor is any of the body."


def size(in_bytes: int | None) -> str:
    """`, 1,234 bytes`."""
    return "" if in_bytes is None else f", {in_bytes:,} bytes"


def last_request(at: str, method: str, kind: str, size_: str, status: int) -> str:
    """The last request of a reason."""
    return f"{at}: {method} to the address for {kind}{size_}, response status {status}."


# -- drills ----------------------------------------------------------------------------------------

DRILL: Final = "Drill"
DRILL_NOTE: Final = (
    "Answer the next deliveries with 500, or slowly, to see how the sender retries. Every delivery "
    "is still stored, so nothing is lost. Box stops waiting for a response after 30 seconds."
)
DRILLS_BY_HOST: Final = "Only the host of this app can start drills for this profile."
DELIVERIES_OF: Final = "Sender"
RESPONSE: Final = "Response"
RESPONSES: Final = {DrillMode.FAIL: "status 500", DrillMode.SLOW: "slow"}
COUNT: Final = "Deliveries"
DELAY: Final = "Delay in seconds, if slow"
START: Final = "Start"
STOP: Final = "Stop"


def running(kind: str, mode: DrillMode, remaining: int, delay_s: float) -> str:
    """The drill that is under way, as Markdown."""
    fails = mode is DrillMode.FAIL
    how = "answered with status 500" if fails else f"delayed by {delay_s:g} s"
    return (
        f":orange[:material/fire_extinguisher:] **{KINDS.get(kind, kind)}**: "
        f"the next {deliveries(remaining)} will be {how}."
    )

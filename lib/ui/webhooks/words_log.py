"""The texts of the tab Log: filters, figures and charts, the list, one delivery, downloads."""

from typing import Final

from lib.core.texts import number, plural
from lib.ui.webhooks.words import deliveries
from lib.webhooks.log.delivery_latency import DeliveryStage
from lib.webhooks.log.figures import By

# -- the tab ---------------------------------------------------------------------------------------

MORE: Final = "Latency, rejections, duplicates, gaps and activity"
ACTIVITY_NOTE: Final = (
    "Activity reported by webhooks, each body counted once. The Activity page counts the event "
    "stream, where the same action has another ID; the two are never added together."
)
RANKINGS: Final = {"trigger": "Triggers", "actor": "Most active people", "item": "Items"}
DELIVERIES: Final = "Deliveries"

NOTHING: Final = "No deliveries yet"
NOTHING_SANDBOX: Final = (
    "Generate events in the sandbox: it sends their webhooks here, signed as Box signs them. They "
    "appear on this page by themselves."
)
GENERATE_THREE: Final = "Generate three events"
NOTHING_SESSION: Final = (
    "A session profile has no address, so nothing can be sent to it from outside. You can still "
    "send a test delivery: it is signed with the profile's keys and received here."
)
NOTHING_PRACTICE: Final = " The shared sandbox delivers over HTTP: select it in the sidebar."
NOTHING_CONFIGURED: Final = (
    "Register the address shown under “Receiving” with Box or Kloudless, or press “Test delivery”: "
    "it is signed with this profile's key and received here."
)
NO_KEYS: Final = (
    "This profile has no key to verify deliveries with. Box's two signature keys are in its "
    "developer console (Webhooks, Manage signature keys). Kloudless signs with the API key."
)
GO_TO_CREDENTIALS: Final = "Go to Credentials"
TESTS_BY_HOST: Final = "Only the host of this app can send test deliveries."


def selected(count: int) -> str:
    """Above what can be done with several, as Markdown."""
    return f"**{count} deliveries selected**"


# -- filters ---------------------------------------------------------------------------------------

PERIOD: Final = "Received in the last"
PERIODS: Final = {
    "1h": "1 hour",
    "24h": "24 hours",
    "7d": "7 days",
    "30d": "30 days",
    "custom": "Custom",
}
ROWS: Final = "Show"
ALL_DELIVERIES: Final = "all deliveries"
FIRST_ATTEMPTS: Final = "first attempts"
ROWS_HELP: Final = (
    "When Box sends a body again, its ID stays the same. “First attempts” shows each body once."
)
SENDER: Final = "Sender"
VERDICT: Final = "Verdict"
STATUS: Final = "Response status"
ATTEMPT: Final = "Attempt"
SIZE: Final = "Size in bytes"
ATTEMPT_LEAST: Final = "Attempt, at least"
SIZE_LEAST: Final = "Size in bytes, at least"
SIZE_MOST: Final = "at most"
ANY: Final = "any"
FIELDS: Final = {
    "trigger": "Trigger",
    "item": "Item",
    "actor": "Person",
    "webhook": "Webhook",
    "account": "Kloudless account",
    "key": "Key",
    "body": "Body ID",
}
FIELD_NOUNS: Final = {
    "trigger": ("trigger", "triggers"),
    "item": ("item", "items"),
    "actor": ("person", "people"),
    "webhook": ("webhook", "webhooks"),
    "account": ("Kloudless account", "Kloudless accounts"),
    "key": ("key", "keys"),
}
REJECTED_NOTE: Final = (
    "Rejected requests aren't parsed: they have no trigger, item, person or attempt, so a filter "
    "by these leaves them out."
)
CLEAR_ALL: Final = "Clear all"


def filters(count: int) -> str:
    """`Filters`, `Filters (2)`."""
    return f"Filters ({count})" if count else "Filters"


def chip(field: str, text: str) -> str:
    """`Verdict: ✓ Accepted`."""
    return f"{field}: {text}"


def period_chip(start: str, end: str) -> str:
    """A period of its own."""
    return f"{start} to {end}"


def bounds(least: int | None, most: int | None) -> str:
    """`3`, `3 or more`, `up to 500`, `100 to 500`."""
    if least == most:
        return str(least)
    if most is None:
        return f"{least} or more"
    return f"up to {most}" if least is None else f"{least} to {most}"


# -- figures ---------------------------------------------------------------------------------------

DELIVERIES_HELP: Final = "Every request received, rejected ones included."
OWN_NOTE: Final = (
    "This app sent it: a test, a replay or a generated event. It doesn't show that the sender "
    "delivers, and no figure or chart counts it."
)


def own_left_out(count: int) -> str:
    """How many deliveries of this app are in no figure."""
    return f"Not counted: {plural(count, 'delivery', 'deliveries')} sent by this app."


ACCEPTED: Final = "Accepted"
ACCEPTED_HELP: Final = "Genuine, and the first delivery of its body."
DUPLICATES: Final = "Duplicates"
REJECTED: Final = "Rejected"
REJECTED_HELP: Final = "Not genuine or not readable. Counted; the body is never stored."
TIME_TO_STORE: Final = "Time to store"
TIME_TO_STORE_HELP: Final = "Median time from arrival until a delivery can be charted."
NONE: Final = "none"


def duplicates_help(repeated: int, kept: int) -> str:
    """What a duplicate is, and their share."""
    share = f" {repeated / kept:.0%} of stored deliveries." if kept else ""
    return f"The same body was received before.{share}"


# -- charts ----------------------------------------------------------------------------------------

MINUTE: Final = "minute"
HOUR: Final = "hour"
DAY: Final = "day"
WEEK: Final = "week"
COUNT: Final = "deliveries"
REQUESTS: Final = "requests"
TIMES: Final = "times"
MINUTES: Final = "minutes"
REASON: Final = "reason"
RANKING_COLUMNS: Final = ["id", "name", "deliveries"]
ATTEMPT_COLUMN: Final = "attempt"
BODY_COLUMNS: Final = ["body ID", "times"]
BAR_FROM: Final = "from"
GAP_TO: Final = "to"
GAP_LENGTH: Final = "length"
GROUP_BY: Final = "Group by"
GROUPS: Final = {By.TRIGGER: "Trigger", By.VERDICT: "Verdict", By.KIND: "Sender"}
SERIES_NOTE: Final = "Webhooks only. Never added to the counts on Activity."
NO_PERIOD: Final = "No period is selected."

LATENCY: Final = "Latency"
MAX: Final = "max"
STAGE: Final = "Stage"
STAGES: Final = {
    DeliveryStage.RECEIVED_TO_STORED: "Received to stored",
    DeliveryStage.SENT_TO_RECEIVED: "Sent to received",
}
STAGE_HELP: Final = "The sender's timestamps are whole seconds, and its clock may differ from ours."
NO_SEND_TIME: Final = "None of these deliveries says when it was sent."

REJECTED_BY_REASON: Final = "Rejected requests by reason"
NOTHING_REJECTED: Final = "No request was rejected in this selection."
NO_VALUES: Final = "None of these deliveries names one."

BY_ATTEMPT: Final = "Deliveries by attempt"
NO_DUPLICATES: Final = "No body was delivered more than once in this selection."
MOST_DELIVERED: Final = "Most delivered bodies"
MOST_DELIVERED_ALT: Final = "The bodies that were delivered most often"

GAPS: Final = "Longest gaps between deliveries"
GAPS_NOTE: Final = "A gap can mean that nothing happened, or that nothing arrived."


def series_title(unit: str, by: By) -> str:
    """`Deliveries per hour by trigger`."""
    return f"Deliveries per {unit} by {GROUPS[by].lower()}"


def series_alt(total: int, by: By) -> str:
    """What the bars show, read aloud."""
    return f"{deliveries(total)} over time by {by}"


def latency_alt(stage: DeliveryStage, shown: str) -> str:
    """What the lines show, read aloud."""
    return f"Latency from {STAGES[stage].lower()}: {shown}"


def rejected_alt(reasons: str) -> str:
    """What the bars show, read aloud."""
    return f"{REJECTED_BY_REASON}: {reasons}"


def attempt(count: int) -> str:
    """A bar's label."""
    return f"attempt {count}"


def attempts_alt(first: int) -> str:
    """What the bars show, read aloud."""
    return f"Deliveries by attempt: {number(first)} first attempts"


def gaps_from(zone: str) -> str:
    """A table's column."""
    return f"from ({zone})"


def no_gaps(least: str) -> str:
    """No gap is worth a bar."""
    return f"No gap between two deliveries was longer than {least}."


def gaps_alt(length: str) -> str:
    """What the bars show, read aloud."""
    return f"The longest gap between deliveries was {length}"


def axis_time(zone: str) -> str:
    """The time axis."""
    return f"time, {zone}"


# -- the list --------------------------------------------------------------------------------------

RECEIVED: Final = "Received"
TRIGGER: Final = "Trigger"
ITEM: Final = "Item"
PERSON: Final = "Person"
TRANSIT: Final = "Transit time"
TRANSIT_HELP: Final = "From sending, by the sender's clock (whole seconds), to arrival."
STORE_HELP: Final = "From arrival until it can be charted."
ATTEMPT_HELP: Final = "The same body, sent again: its body ID stays, its delivery ID is new."
BYTES: Final = "Bytes"
STATUS_COLUMN: Final = "Status"
KEY: Final = "Key"
DELIVERY_ID: Final = "Delivery ID"
NOTHING_OLDER: Final = "There is nothing older."
NO_MATCH: Final = "No delivery matches. Try a longer period or fewer filters."
NEWEST: Final = "Newest"
OLDER: Final = "Older"


def received_in(zone: str) -> str:
    """The head of the column."""
    return f"Received ({zone})"


def list_alt(count: int) -> str:
    """The list, read aloud."""
    return f"{deliveries(count)}, newest first"


def page_note(count: int, *, older: bool) -> str:
    """Below the list."""
    where = "Older" if older else "Newest"
    return f"{where}: {deliveries(count)}. Select one to open it, or several to replay them."


# -- one delivery ----------------------------------------------------------------------------------

DELIVERY: Final = "Delivery"
CLOSE: Final = "Close"
NOT_FOUND: Final = (
    "Delivery not found. It was removed, or it never was in this profile. Rejected requests are "
    "kept until 10,000 newer ones have arrived."
)
KLOUDLESS_NOTIFICATION: Final = "Kloudless notification"
SIZE_FACT: Final = "Size"
SIGNED_WITH: Final = "Signed with"
WEBHOOK: Final = "Webhook"
BODY_ID: Final = "Body ID"
DUPLICATE_NOTE: Final = "Duplicate: the same body was stored before, so nothing is counted twice."
UNKNOWN: Final = "unknown"
RAW_BY_HOST: Final = (
    "Only the host of this app can see body and headers, because they hold personal data."
)
RAW_TABS: Final = ("Headers", "Body", "Export", "Replay")
HEADERS_NOTE: Final = "As received. Signatures and credentials aren't stored."
NO_HEADERS: Final = "(none)"
BODY_NOT_STORED: Final = "The body of a rejected request isn't stored."
BODY_EMPTY: Final = "The body is empty, as in the request with which Kloudless tests an address."
BODY_CUT: Final = "Only the beginning is shown. The export has the whole body."
EXPORT_NOTE: Final = (
    "Signatures aren't stored, so the command has variables in their place. To sign the same body "
    "again, use `python -m lib webhook send`."
)


def in_bytes(size: int) -> str:
    """`1,234 bytes`."""
    return f"{size:,} bytes"


def attempts_of(count: int) -> str:
    """Above the attempts, as Markdown."""
    return f"**Attempts to deliver this body** ({count})"


def attempt_button(attempt: int | None, at: str, status: int) -> str:
    """`2: 10:42:07, status 200`."""
    return f"{attempt}: {at}, status {status}"


def attempt_help(delivery_id: str) -> str:
    """Which one it is."""
    return f"Delivery ID: {delivery_id}"


# -- downloads -------------------------------------------------------------------------------------

DOWNLOAD: Final = "Download"
EXPORT_BY_HOST: Final = "Only the host of this app can export this profile's deliveries."
JSON_LINES: Final = "JSON Lines"


def download_note(most: int) -> str:
    """What the file holds."""
    return (
        f"All selected deliveries, newest first, up to {number(most)}: with names, headers without "
        "signatures, and bodies as received."
    )

"""Every text of the Detections page, by view."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Final

from lib.core.texts import ago, number, plural, when
from lib.detections.finding import Severity

# -- the page ----------------------------------------------------------------------------------

TITLE: Final = "Detections"
SUBTITLE: Final = "What is unusual in Box, why, and possible benign explanations."

# -- how findings are called -------------------------------------------------------------------

SEVERITIES: Final[Mapping[Severity, str]] = {
    Severity.HIGH: "High",
    Severity.MEDIUM: "Medium",
    Severity.LOW: "Low",
}
STATES: Final = {
    "open": "Open",
    "acknowledged": "Acknowledged",
    "muted": "Muted",
    "resolved": "Resolved",
    "all": "All",
}
PERIODS: Final = {
    "24h": "24 hours",
    "7d": "7 days",
    "30d": "30 days",
    "90d": "90 days",
    "400d": "All",
}
NO_ACTOR: Final = "no single account"
ANONYMOUS: Final = "anonymous users"
FACTS: Final = {
    "usual_day": "Account's daily median",
    "days_of_history": "Days in this median",
    "items": "Items",
    "folders": "Folders",
    "bytes": "Bytes",
    "people": "People",
    "addresses": "Addresses",
    "domains": "Domains",
    "new_domains": "New domains",
    "opened": "Links opened to anyone",
    "unprotected": "Links that lost their password",
    "classified": "With a classification",
    "downloads": "Downloads",
    "succeeded": "A sign-in succeeded",
    "accounts": "Accounts",
    "signs": "Event types",
    "refused": "Refused",
    "kinds": "Event types",
    "administrators": "Administrators",
    "endings": "Extensions",
    "notes": "Ransom notes",
    "malware": "Marked as malicious",
    "alerts": "Shield alerts",
    "blocked": "Blocked actions",
    "violations": "Policy violations",
    "rules": "Rules",
    "network": "Network",
    "used_by_others": "Used by others",
    "seen_before": "Active before the silence",
    "events_of_many": "Events without the busiest accounts",
    "limit": "Limit",
    "hours": "Windows over the limit",
    "expected": "Expected events",
}
YES: Final = "yes"
NO: Final = "no"


def user(actor_id: str) -> str:
    """An account without a name."""
    return f"user {actor_id}"


def span(start: str, end: str) -> str:
    """From when to when."""
    return f"{start} to {end}"


# -- running detections ------------------------------------------------------------------------

RUN_AGAIN: Final = "Run again"
RUN_AGAIN_HELP: Final = "Runs the detections again for the last 30 days"
NO_EVENTS: Final = "No events yet"
HOW_TO_START: Final = (
    "Press “Read events” and choose the last 90 days: detections run for the last 30 days, and the "
    "days before show what is usual."
)
RUNS_AFTER_READING: Final = "Detections run as soon as all events are read."
RUNNING: Final = "Running detections for the last 30 days…"


def judged(at: datetime, until: datetime, now: datetime, zone: tzinfo, zone_name: str) -> str:
    """When detections last ran, and on which events."""
    return f"Last run: {ago(at, now)}, on events until {when(until, zone)} ({zone_name})"


ON_OPENING: Final = "for a session profile, detections run when this page is opened"
BY_ITSELF: Final = "detections run again when new events arrive"


def not_enough(count: int) -> str:
    """How many detections couldn't judge."""
    return f"Not enough data for {plural(count, 'detection')}"


def ran_again(new: int) -> str:
    """What running again found."""
    found = plural(new, "new finding") if new else "no new findings"
    return f"Detections ran again for the last 30 days: {found}."


# -- the list ----------------------------------------------------------------------------------

SHOW: Final = "Show"
IN_THE_LAST: Final = "In the last"
SEVERITY: Final = "Severity"
DETECTION: Final = "Detection"
ANY: Final = "Any"
PER_DAY: Final = "Findings per day"
DAY: Final = "day"
UNIT: Final = "findings"
FINDINGS: Final = "Findings"
DETAILS: Final = "Details"
NOT_RUN_YET: Final = "not checked yet"
NOTHING_UNUSUAL: Final = "Nothing unusual"
NOTHING_UNUSUAL_WHY: Final = (
    "No detection found anything in the events that were read. New events are checked "
    "automatically; “Read events” goes further back."
)
NOTHING_HERE: Final = "No findings match"
NOTHING_OPEN: Final = "No open findings"
WIDEN: Final = "Choose another state, a longer period or fewer filters."


def hidden_open(count: int) -> str:
    """Open findings that the filters hide."""
    return (
        f"Open findings that don't match: {number(count)}. Remove a filter or choose a longer"
        " period."
    )


def per_day_alt(count: int) -> str:
    """The chart, for who can't see it."""
    return f"{plural(count, 'finding')} by day and severity"


def per_day(high: int, title: str, count: int) -> str:
    """How many are of high severity, and which detection has the most."""
    most = f"; most frequent: {title} ({count})" if count > 1 else ""
    return f"{plural(high, 'finding')} of high severity{most}."


def listed(count: int) -> str:
    """How many findings are listed, in which order."""
    return f"{plural(count, 'finding')}, highest severity first."


def more(next_: int, left: int) -> str:
    """The button that lists more."""
    return f"Show {next_} more of {left}"


def details_help(title: str) -> str:
    """What the button of a card opens."""
    return f"Reason, evidence and next step: {title}"


def card_line(state: str, events: int, confidence: str, note: str) -> str:
    """The last line of a card."""
    parts = [state, plural(events, "event"), f"Confidence: {confidence}", note]
    return " · ".join(part for part in parts if part)


# -- one finding -------------------------------------------------------------------------------

NOT_THERE: Final = "the finding that was open"
UNKNOWN_FINDING: Final = (
    "The finding in this address isn't there: it belongs to another profile or was deleted."
)
WHAT: Final = "Detects"
WHY: Final = "Reason"
CONFIDENCE: Final = "Confidence"
NEXT_STEP: Final = "Next step"
ATTACK: Final = "ATT&CK"
BENIGN: Final = "Possible benign explanations"
FIGURES: Final = "Figures"
EVENTS: Final = "Events"
NO_EVIDENCE: Final = "This finding has no events: their absence is the finding."
EVIDENCE_ALT: Final = "The events behind this finding"
SHOW_ON_ACTIVITY: Final = "Show on Activity"
EVENT: Final = "Event"
COLUMNS: Final = {
    "occurred_at": "Time",
    "event_type": "Type",
    "actor_name": "Person",
    "actor_login": "Login",
    "item_name": "Item",
    "parent_name": "Folder",
    "target_login": "Target",
    "ip": "IP address",
    "service_name": "App",
    "event_id": "Event ID",
}


def time_in(zone_name: str) -> str:
    """The column of times."""
    return f"Time ({zone_name})"


def first_events(shown: int, events: int) -> str:
    """The table has only the first events."""
    return f"The first {number(shown)} of {plural(events, 'event')}. Activity shows all."


def events_left(shown: int, events: int) -> str:
    """Some events aren't stored any more."""
    return f"{number(shown)} of {plural(events, 'event')}. The others are no longer stored."


def all_events(events: int) -> str:
    """The table has all events."""
    return f"{plural(events, 'event')}, oldest first."


# -- decisions ---------------------------------------------------------------------------------

NO_RIGHT: Final = "You don't have permission to decide about findings."
NOTE: Final = "Note"
NOTE_PLACEHOLDER: Final = "What you found out, for the next person who opens this"
ACKNOWLEDGE: Final = "Acknowledge"
RESOLVE: Final = "Resolve"
REOPEN: Final = "Reopen"
SAVE_NOTE: Final = "Save note"
MUTE: Final = "Mute"
MUTE_HELP: Final = (
    "Findings of this detection about the same person, item or address are still kept, but nobody "
    "is notified until the mute ends."
)
MUTE_WHY: Final = "Reason"
MUTE_FOR: Final = "Duration"
MUTE_DO: Final = "Mute findings"
MUTE_NEEDS_WHY: Final = "Enter a reason, so that others know why it is muted."
UNMUTE: Final = "Unmute"
UNMUTED: Final = "Unmuted. Notifications about such findings are on again."


def decided(state: str, listed_under: str, *, note_only: bool) -> str:
    """What was decided, and where the finding is listed now."""
    done = "The note was saved." if note_only else f"Marked as {state}."
    return f"{done} The finding is listed under “{listed_under}”."


def muted_until(at: datetime, zone: tzinfo) -> str:
    """Until when it is muted."""
    return f"Muted until {when(at, zone)}"


def muted_for(span: str) -> str:
    """For how long it is muted now."""
    return f"Muted for {span}. Nobody is notified of such findings until then."


# -- downloads ---------------------------------------------------------------------------------

DOWNLOAD: Final = "Download"
FORMATS: Final = {"csv": "CSV, safe for spreadsheets", "jsonl": "JSON Lines, with event IDs"}


def findings(count: int) -> str:
    """`3 findings`."""
    return plural(count, "finding")


def download_note(count: int) -> str:
    """What the files have."""
    return (
        f"{findings(count)} as filtered, with names, decisions and notes. What looks like a secret "
        "is hidden."
    )

"""Texts of the Health page, by view. What is said of verdicts and incidents: `words_summary`."""

from datetime import datetime, timedelta, tzinfo
from typing import Final

from lib.core.texts import ago, plural, span, when
from lib.runbook.checks.verdict import Status
from lib.runbook.health.history import Extent
from lib.store.ledger.incidents import AlertKind

# The page and its tabs; the tabs' names are in the address
HEADING: Final = "Health"
SUMMARY: Final = "What works, what fails, who is responsible, and who can fix it."
CHECKS_TAB: Final = "Checks"
HISTORY_TAB: Final = "Over time"
NUMBERS_TAB: Final = "Speed and limits"
ALERTS_TAB: Final = "Alerts"

# The summary on top
CHECK_NOW: Final = "Check now"
CHECK_NOW_HELP: Final = "Runs every check of this profile once. Read-only."
FIRST_RUN: Final = "Checking for the first time…"
NOT_CHECKED: Final = "Not checked yet"
NOT_CHECKED_HELP: Final = (
    "Press “Check now” to run every check of this profile once. Checks only read."
)
SCHEDULE_STARTS: Final = "Scheduled checks start automatically when reading is idle."
STOPPED: Final = "The last run was stopped. None of its results were kept."
ON_DEMAND: Final = (
    "A session profile is checked on demand only; its results are forgotten with the session."
)
NOT_MONITORED_SINCE: Final = "Not monitored since, so this may have changed."
TILE_WORDS: Final = {
    Status.PASSED: "Healthy",
    Status.WARNING: "Warning",
    Status.FAILED: "Failing",
    Status.UNPROVEN: "Unproven",
    Status.SKIPPED: "Skipped",
}
PARTLY_PROVED: Final = "Partly proved"


def checked(at: datetime, zone: tzinfo, zone_name: str, now: datetime) -> str:
    """When the last run was."""
    return f"Checked {ago(at, now)}, {when(at, zone)} ({zone_name})."


def repeats(every: timedelta) -> str:
    """How often checks run."""
    return f"Repeats every {span(every)}."


def checking(done: int, total: int) -> str:
    """How far a run is."""
    return f"Checking: {done} of {total}"


def since_line(at: datetime, zone: tzinfo) -> str:
    """Since when a tile or a check is as it is."""
    return f"since {when(at, zone)}"


# Checks
NO_VERDICTS: Final = "No verdicts yet"
NO_VERDICTS_HELP: Final = "They appear here after the first run. Press “Check now”."


def tried(at: datetime, now: datetime) -> str:
    """When a check ran, where nothing says since when it is so."""
    return f"tried {ago(at, now)}"


# Incidents; the names of the lists are in the address
INCIDENTS: Final = "Incidents"
INCIDENTS_SHOWN: Final = "Incidents to show"
LISTS: Final = {"open": "Open", "muted": "Muted", "resolved": "Resolved"}
NONE: Final = {
    "open": (
        "No open incidents",
        "No incident is open that isn't muted. New incidents appear here when a check finds them.",
    ),
    "muted": (
        "No muted incidents",
        "No open incident is muted. Mute a known problem while it is being worked on, and say why.",
    ),
    "resolved": ("No resolved incidents", "No incident was resolved in the last 90 days."),
}
FAILURE: Final = "Failure"
WARNING: Final = "Warning"
NO_REASON: Final = "no reason given"
RESPONSIBLE: Final = "Responsible"
WHY: Final = "Why"
WHAT_TO_DO: Final = "What to do"
WHO: Final = "Who"
WHERE: Final = "Where"
CHECKS: Final = "Checks"
MUTE: Final = "Mute"
MUTE_HELP: Final = "No alerts are sent for this cause until then. It is still checked and counted."
REASON: Final = "Reason"
REASON_EXAMPLE: Final = "Ada re-authorizes the app on Monday"
REASON_MISSING: Final = "Give a reason, so that others know why."
HOW_LONG: Final = "For how long"
MUTE_SPANS: Final = {
    "1 hour": timedelta(hours=1),
    "1 day": timedelta(days=1),
    "1 week": timedelta(days=7),
    "30 days": timedelta(days=30),
}
MUTE_THIS: Final = "Mute this cause"
UNMUTE: Final = "Unmute"
UNMUTED: Final = "Unmuted. It is listed under Open again, and alerts can be sent for it."


def older_ones(count: int) -> str:
    """How many incidents aren't listed."""
    return f"{plural(count, 'older incident')} not shown."


def muted_until(until: datetime, zone: tzinfo) -> str:
    """Until when an incident is muted; its reason follows."""
    return f"Muted until {when(until, zone)}"


def muted(until: datetime, zone: tzinfo, zone_name: str) -> str:
    """What muting did."""
    return (
        f"Muted until {when(until, zone)} ({zone_name}). It is listed under Muted, and no alerts "
        "are sent for it."
    )


# Over time
NO_HISTORY: Final = "No history yet"
NO_HISTORY_HELP: Final = "It starts with the first run. Press “Check now”."
PERIOD: Final = "Period"
ALL_CHECKS: Final = "All checks"
NO_VERDICT: Final = "no verdict"
NOTHING_JUDGED: Final = "No check passed or failed in this period"
UPTIME: Final = "Uptime: share of the monitored time without a failure"
UPTIME_ALT: Final = "Uptime of each check over 24 hours, 7 days and 30 days"
KLOUDLESS: Final = "Kloudless: "
CHECK: Final = "Check"
NOW: Final = "Now"
MONITORED: Final = "Monitored, 30 days"
NOT_MONITORED: Final = "Not monitored"
FROM: Final = "From"
TO: Final = "To"
STATUS: Final = "Status"
CAUSE: Final = "Cause"
EXTENTS: Final = {
    Extent.UP: "passing",
    Extent.WARNING: "passing, with a warning",
    Extent.DOWN: "failing",
    Extent.OPEN: "skipped or unproven",
    Extent.UNWATCHED: "not monitored",
}
MILLISECONDS: Final = "milliseconds (logarithmic)"


def no_failures_for(share: str) -> str:
    """The title of the strips: the share of the time in which no check failed."""
    return f"No check failed for {share} of the monitored time"


def monitored(share: str, period: str) -> str:
    """How much of a period was monitored."""
    return (
        f"{share} of the last {period} was monitored. Hatched time was not, and counts neither as "
        "up nor as down."
    )


def strips_alt(period: str, share: str) -> str:
    """What the strips show."""
    return f"Status of each check over the last {period}; no check failed for {share}"


def time_axis(zone_name: str) -> str:
    """The axis of the strips."""
    return f"time, {zone_name}"


def from_to(start: str, end: str) -> str:
    """A span of time."""
    return f"{start} to {end}"


# Alerts
NO_ALERTS: Final = "No alerts"
NO_ALERTS_HELP: Final = "A session profile is checked on demand only, so no alerts are sent for it."
NO_CHANNEL: Final = "No alerts are sent"
NO_CHANNEL_HELP: Final = (
    "To alert a channel when something fails and when it is resolved, add this to "
    ".streamlit/secrets.toml on the host and restart:"
)
ALERTS_EXAMPLE: Final = '''[alerts]
url = "https://hooks.slack.com/services/…"
kind = "slack"            # or "generic"
min_severity = "failure"  # or "warning"
after = "10m"'''
DESTINATION: Final = "Destination"
FORMAT: Final = "Format"
FORMATS: Final = {"slack": "Slack JSON", "generic": "Generic JSON"}
SEVERITY: Final = "Severity"
SEVERITIES: Final = {"warning": "Failures and warnings", "failure": "Failures"}
DELAY: Final = "Sent"
AT_ONCE: Final = "At once"
REMINDERS: Final = "Repeated"
REMINDERS_VALUE: Final = "Once a day while the incident is open, and once when it is resolved"
SEND_TEST: Final = "Send a test"
SENDING: Final = "Sending…"
NOTHING_SENT: Final = "No alerts have been sent yet."
TIME: Final = "Time"
KIND: Final = "Kind"
INCIDENT: Final = "Incident"
OUTCOME: Final = "Outcome"
SENT: Final = "✓ Sent"
NOT_SENT: Final = "✗ Not sent"
ATTEMPTS: Final = "Attempts"
DETAIL: Final = "Detail"
OUTCOMES_ALT: Final = "The latest alerts and their outcomes"
ALERT_KINDS: Final = {
    AlertKind.OPEN: "New incident",
    AlertKind.RESOLVE: "Resolved",
    AlertKind.REMINDER: "Reminder",
    AlertKind.TEST: "Test",
    AlertKind.FINDINGS: "New findings",
}


def destination(host: str) -> str:
    """Where alerts go; the path of the address is a secret."""
    return f"{host} (the address itself is a secret)"


def after(length: timedelta) -> str:
    """When an alert is sent."""
    return f"When an incident has lasted {span(length)}"


def last_test(at: datetime, zone: tzinfo) -> str:
    """When the last test was sent; its outcome follows."""
    return f"Last test {when(at, zone)}"


def not_delivered(detail: str, attempts: int, last: str) -> str:
    """An alert that was not delivered, as Markdown: what happened, and what to do."""
    return (
        f"**An alert could not be sent.** {detail}\n\n"
        f"Tried {plural(attempts, 'time')}, last {last}. **What to do** Compare alerts.url on the "
        "host with the channel's settings. A loopback or private address must be listed in "
        "access.allowed_hosts."
    )


def missing(sentence_md: str, fix_md: str) -> str:
    """What the event store lacks, and what to do."""
    return f"{sentence_md} **What to do** {fix_md}"


NOTHING_PROVED: Final = "Nothing is proved: no check passed, and none failed."


def also_unproven(count: int) -> str:
    """What follows “No failures.” where some checks could decide nothing."""
    return f" {plural(count, 'check')} couldn't prove anything." if count else ""


def nothing_judged(unproven: int) -> str:
    """The figure of a group in which nothing passed or failed."""
    return f"{unproven} not proved" if unproven else "Nothing to check"

"""Texts of the components that pages share, by component."""

from datetime import timedelta
from typing import Final

from lib.activity.model.coverage import Extent
from lib.core.texts import number, plural
from lib.runbook.checks.verdict import Status

# Verdicts and evidence
STATUSES: Final = {
    Status.PASSED: ("Passed", "The check was run, and what it proves is true."),
    Status.WARNING: ("Warning", "It works, but needs attention."),
    Status.FAILED: ("Failed", "The check was run, and what it proves isn't true."),
    Status.SKIPPED: (
        "Skipped",
        "The check wasn't run: a prerequisite failed, or it doesn't apply here.",
    ),
    Status.UNPROVEN: ("Unproven", "This can't be proved without writing or waiting."),
}
WHY: Final = "Why"
WHAT_TO_DO: Final = "What to do"
WHO: Final = "Who"
WHERE: Final = "Where"
EVIDENCE: Final = "Evidence"
HAND_OVER: Final = "Hand over"
HAND_OVER_HELP: Final = "A text to send to the person who can fix it"
TRIED: Final = "Checked at"
TOOK: Final = "Duration"
AS_TEXT: Final = "As text, to copy:"
COPY: Final = "Copy this and send it to the person who can fix it. It contains no secrets."


def evidence_of(check_id: str) -> str:
    """Whose evidence a button opens."""
    return f"What {check_id} found"


# Outcomes of a call
NOT_PROVED: Final = "What this call doesn't prove"
SCOPES_UNKNOWN: Final = "A token doesn't show which scopes it has until each one is used:"
THEIR_WORDS: Final = "In their words"
REQUEST_ID: Final = "Request ID"
CALL: Final = "Call"
STATUS: Final = "Status"
TIME: Final = "Duration"
NO_ANSWER: Final = "no answer"
NOTHING: Final = "—"


def sent(calls: int) -> str:
    """How many calls were sent."""
    return f"What was sent ({plural(calls, 'call')})"


# What comes after “Try it”
VERIFY: Final = "Verify the set-up step by step"
FIND: Final = "Find the failing step"
SEE: Final = "See activity in Box"
READ_WEEK: Final = "Read the last 7 days"
CONNECT: Final = "Connect an account"
LIST: Final = "List users and accounts"
SAVE: Final = "Save these credentials"
ADMIN: Final = "Send the admin their step"
CHECK_KEY: Final = "Check the key"
CORRECT: Final = "Correct what was entered"
NEXT: Final = "**What next?**"
NEXT_AND_AGAIN: Final = "**What next?** Then try again."

# Charts and their rows
ROWS: Final = "Rows"
ROWS_HELP: Final = "The rows behind this chart"
CSV: Final = "CSV"
CSV_HELP: Final = "Downloads these rows. To save the picture, use the camera icon above the chart."
AXES: Final = {"stacked": "events", "lines": "events", "share": "share of events, %"}
EVENTS: Final = "events"
WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
NO_EVENTS: Final = "No events"


def hours(zone_name: str) -> str:
    """The axis of the hours of a day."""
    return f"hour of the day, {zone_name}"


# Coverage
COVERAGE: Final = {
    Extent.UNREAD: "not read",
    Extent.PARTIAL: "not read",
    Extent.LOST: "no longer kept by Box",
    Extent.DROPPED: "no longer kept here",
    Extent.THINNED: "some types no longer kept here",
    Extent.SETTLING: "still settling",
}
NOT_READ: Final = "not read"
IMPORTED: Final = "From imported files; whether they are complete isn't known."
NOTHING_READ: Final = "No events have been read yet."


def complete_to(end: str) -> str:
    """A period without gaps."""
    return f"Complete to {end}."


def partly_kept(share: float, end: str) -> str:
    """A period of which some types of events are gone here."""
    return (
        f"{share:.0%} of this period has all events, complete to {end}. In the shaded time, some "
        "event types are no longer kept here, or events were not read."
    )


def partly_read(share: float, end: str, *, lost: bool) -> str:
    """A period with gaps."""
    text = f"{share:.0%} of this period was read, complete to {end}. Shaded time was not read"
    return text + (", in part because Box no longer keeps it." if lost else ".")


# Filters
REMOVE_FILTER: Final = "Remove this filter"
FILTERS_ON_ACTIVITY: Final = "filters on Activity"
IN_LIST: Final = " They are in the list."


def days(zone_name: str) -> str:
    """The field for the days of a period."""
    return f"From and to, days in {zone_name}"


def busiest(many: str) -> str:
    """How a filter's other values are found."""
    return (
        f"Lists the {many} with the most events. To find another, type its name, login or ID and "
        "press Enter; if the list has some that match, choose “Add: …” below."
    )


def no_match(single: str, typed: str) -> str:
    """Nothing has what was typed."""
    return f"No {single} kept for this source has “{typed}” in its name or login, or as its ID."


def matches(found: int, single: str, many: str, typed: str, listed: int) -> str:
    """What was typed fits several, of which some are listed."""
    more = (
        f" The list has the {listed} with the most events; type more to find another."
        if found > listed
        else IN_LIST
    )
    return f"{plural(found, single, many)} match “{typed}”.{more}"


def same_name(label: str, value: str) -> str:
    """A value whose label another has too."""
    return f"{label} (ID {value})"


# Reading events
LAST_PERIODS: Final = {
    "Last 24 hours": timedelta(hours=24),
    "Last 7 days": timedelta(days=7),
    "Last 30 days": timedelta(days=30),
    "Last 90 days": timedelta(days=90),
    "Last 365 days": timedelta(days=365),
}
READ: Final = "Read events"
READ_HELP: Final = (
    "From Box into this app, newest days first. Events that were already read aren't read again."
)
STOP: Final = "Stop"
STOP_HELP: Final = "Events read so far are kept."


def kept_in_memory(limit: int) -> str:
    """Where a session's events are."""
    return f"Kept in memory for this session, up to {number(limit)} events."


def left_out(limit: int, count: int) -> str:
    """Events that a session had no room for."""
    return (
        f"This session can hold {number(limit)} events. {plural(count, 'event')} were left out, "
        "and their time counts as not read."
    )


def stopped(count: int) -> str:
    """A run of reading that was stopped."""
    return f"Reading was stopped after {plural(count, 'event')}. “Read events” resumes there."


def reading(count: int, back_to: str) -> str:
    """How far a run of reading is."""
    text = f"Reading: {plural(count, 'event')}"
    return f"{text}, back to {back_to}" if back_to else text


# Reports and downloads
REPORT: Final = "Report"
REPORT_HELP: Final = (
    "Charts and tables of the period, what is unusual, and which time was not read. The report "
    "names people, files and addresses."
)
NOTHING_TO_REPORT: Final = "There are no events to report yet."
REPORT_HTML: Final = "HTML, one file"
REPORT_PDF: Final = "PDF"
PERIOD: Final = "Period"
DOWNLOAD: Final = "Download"
DOWNLOAD_CSV: Final = "CSV, safe for spreadsheets"
DOWNLOAD_JSONL: Final = "JSON Lines, exact"
DOWNLOAD_PARQUET: Final = "Parquet, exact"


def downloaded(completeness: str) -> str:
    """What a download has."""
    return (
        f"All filtered events, with names, addresses and the event as Box sent it; {completeness}."
    )


# Sign-in in another tab
PASTE_HELP: Final = (
    "Copy the whole address from the other tab and paste it here at once. It doesn't matter if the "
    "page there doesn't load."
)
FINISHING: Final = "Finishing the sign-in…"
CANCEL: Final = "Cancel"
NO_CODE: Final = "This address contains no code."
OTHER_SIGN_IN: Final = "This address belongs to another sign-in."
OTHER_SIGN_IN_WHY: Final = "Its state isn't the one from this session, so its code was not used."
OTHER_SIGN_IN_FIX: Final = (
    "Use the link on this page, in this session, and paste the address that follows."
)


def address_field(side: str) -> str:
    """The field for the address that the browser ended at."""
    return f"Address that {side} sent you back to"


def waiting(side: str, minutes: int) -> str:
    """This tab waits for the other one."""
    return (
        f"Waiting for you to return from {side} in the other tab. This tab continues "
        f"automatically · {minutes} min left"
    )


def no_code_why(side: str) -> str:
    """Where the code is."""
    return f"The address that {side} sends you back to has a code after the question mark."


def no_code_fix(side: str) -> str:
    """Which address to paste."""
    return f"Copy the whole address from the browser after {side} sent you back."


# Entered credentials
OF_SANDBOX: Final = "This app belongs to the sandbox, so the sandbox's addresses are used."
THIS_SESSION: Final = "This session"
ENTERED_CREDENTIALS: Final = "the credentials that were entered"
ENTER_AGAIN: Final = (
    "Enter the credentials again, or open the encrypted file under “Keep or forget” if you saved "
    "one."
)
OTHER_CREDENTIALS: Final = "The credentials changed"


def this_session(enterprise_id: str) -> str:
    """A session's profile, by its enterprise."""
    return f"{THIS_SESSION} ({enterprise_id})"


def dropped(why: str, events: int) -> str:
    """Events that were read with other credentials."""
    were = "was" if events == 1 else "were"
    return f"{why}, so {plural(events, 'event')} read with the earlier ones {were} deleted."


def forgotten(events: int) -> str:
    """What “Forget now” did."""
    read = f", and {plural(events, 'event')} read with it" if events else ""
    return f"Deleted: everything that was entered on Credentials and JWT key{read}."


# Lists
GO_TO_CREDENTIALS: Final = "Go to Credentials"
REFRESH: Final = "Refresh"
NAME: Final = "Name"
LOGIN: Final = "Login"
KIND: Final = "Kind"
ROLE: Final = "Role"
USER_STATUS: Final = "Status"
LAST_ACTIVITY: Final = "Last activity"
CREATED: Final = "Created"


def lacks(label: str, what: str) -> str:
    """A profile without what a list needs, as Markdown."""
    return (
        f"**{label}** has no {what}. Enter one on the Credentials page, or choose another profile "
        "in the sidebar."
    )


def fetched_at(where: str, time: str) -> str:
    """A list's position, and when it was loaded."""
    return f"{where} · loaded at {time} UTC"


def cut_off(last: str) -> str:
    """A list of which Box shows no more."""
    return (
        f"Box lists entries by position, up to entry {last}. To see later ones, search by the "
        "start of a name or login."
    )

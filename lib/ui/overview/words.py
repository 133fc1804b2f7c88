"""The texts of the Overview page.

A parameter named `..._md` is Markdown already; every other one is a plain value that needs no
escaping.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final

from lib.activity.importing.times import Dates
from lib.core.texts import number, plural

# The page
TITLE: Final = "Overview"
SUBTITLE: Final = "Connection, events received, and next steps."

# Three ways in
SET_UP: Final = "Set it up"
SET_UP_NOTE: Final = (
    "Enter the credentials of a Box app, check its key, and verify each step with a real call."
)
HEALTH: Final = "Is it healthy?"
HEALTH_NOTE: Final = "What works, what is broken, who is responsible, and who can fix it."
ACTIVITY: Final = "What happened?"
ACTIVITY_NOTE: Final = (
    "Who did what in Box and when: charts, filters, and each event as Box sent it."
)

# The connection
CONNECTION: Final = "Connection"
NO_CONNECTION: Final = "None: this profile contains only imported events. No API is called."
FIRST_CALL: Final = ":material/hourglass_top: Connecting for the first time…"
CONNECTED: Final = ":green[:material/check_circle:] Connected."
CONNECTED_AS: Final = "As"
ENTERPRISE: Final = "Enterprise"
LAST_READ: Final = "Last read"
NOT_READ: Final = "not yet"


def connected_before(ago: str) -> str:
    """The last call worked, but it was made a while ago."""
    return f":gray[:material/history:] Connected {ago}, and not called since."


def not_connected(ago: str) -> str:
    """The last call failed, and when it was made."""
    return f":red[:material/error:] Not connected. Last attempt: {ago}."


def fact(label: str, value_md: str) -> str:
    """A label and its value."""
    return f"{label}: **{value_md}**"


# The events received
ARRIVED: Final = "Events received"
NOTHING_ARRIVED: Final = "None yet."


def events_from(events: int, source: str) -> str:
    """How many events a source gave."""
    return f"**{number(events)}** {'event' if events == 1 else 'events'} from {source}"


def period(oldest: str, newest: str, complete_to: str = "") -> str:
    """From when to when, and up to when every event is here."""
    return f"{oldest} to {newest}" + (f"; complete to {complete_to}" if complete_to else "")


def in_zone(period_md: str, zone_md: str) -> str:
    """A period and its time zone."""
    return f"{period_md} ({zone_md})."


def quarantined(events: int, reason_md: str) -> str:
    """Events that couldn't be normalised."""
    return f":material/warning: {plural(events, 'event')} in quarantine: {reason_md}"


def gap(sentence_md: str, fix_md: str) -> str:
    """What may be missing, and what to do."""
    return f":orange[:material/report:] {sentence_md} {fix_md}"


def streams_agree(day: date, events: int) -> str:
    """The live stream and the history were compared over a day."""
    return f"Live stream and history agree on {day:%Y-%m-%d} (UTC): {plural(events, 'event')}."


def not_kept(kind: str, before: str) -> str:
    """Retention removed older events."""
    what = f"Events of type {kind}" if kind else "Events"
    return f"{what} before {before} are no longer kept here."


# Next steps
NEXT: Final = "Next steps"
SEE_PEOPLE: Final = "See what people do here"
ENTER_BOX_APP: Final = "Enter your own Box app"
CHECK_KEY: Final = "Check a key or generate a pair"
KEEP_CREDENTIALS: Final = "Save these credentials, encrypted"
SEE_USERS: Final = "See who is in this enterprise"
READ_AND_CHART: Final = "Read events and chart them"
CHECK_REACH: Final = "Check which users the app can see"
READ_FURTHER: Final = "Read further back, up to a year"
CHART_IMPORTED: Final = "Chart the imported events"
ENTER_TO_READ: Final = "Enter a Box app to read more"
SEE_BROKEN: Final = "See what is broken and who can fix it"
SEE_REACH: Final = "See which accounts it still reaches"

# The last week
NO_EVENTS: Final = "No events yet"
PRESS_READ: Final = (
    "Press “Read events”. The newest days load first; the chart fills in as they arrive."
)


def events_of_week(events: int, days: int) -> str:
    """The chart's title."""
    return f"{plural(events, 'event')} in the last {days} whole days"


def reading_week(days: int) -> str:
    """The chart's title while the first events are read."""
    return f"Reading the last {days} days…"


def week_chart(days: int) -> str:
    """What the chart shows, for readers who don't see it."""
    return f"Events per day of the last {days} whole days and today, by category"


# Importing a file
IMPORT: Final = "**Have only a report?**"
IMPORT_NOTE: Final = (
    "Drop a CSV report, JSON or JSON Lines of Box events, or an export of this app. No credentials "
    "are needed. Nothing is written to disk, and nothing is imported until you confirm. On the "
    "host, `python -m lib import` accepts larger files."
)
EVENT_FILE: Final = "A file of events"
NOTHING_IMPORTED: Final = "**Nothing imported yet**"
SEE_IMPORTED: Final = "See what happened"
FORGET_IMPORTED: Final = "Forget the imported events"
READING_ROWS: Final = "Reading each row…"
IMPORTING: Final = "Importing…"
COLUMNS_UNKNOWN: Final = (
    "The column names don't show when something happened or what. Choose these columns below."
)
ZONE: Final = "Times without an offset are in"
DATE_ORDER: Final = "Dates such as 03/04/2026 have the"
DATE_ORDER_HELP: Final = "No date in this file shows the order."
DATE_ORDERS: Final = {Dates.MONTH_FIRST: "month first", Dates.DAY_FIRST: "day first"}
COLUMNS: Final = "Column mapping"
COLUMNS_NOTE: Final = (
    "Recognised by name alone. An unmapped column stays with the event's original row."
)
FILE_COLUMN: Final = "In the file"
MAPPED_TO: Final = "Mapped to"
NOT_MAPPED: Final = "not mapped"
COLUMNS_TABLE: Final = "The columns of the file, and what each is mapped to"
LOST: Final = "the imported events"
LOST_FIX: Final = "Drop the file on Overview again."
SHOW_IMPORTED: Final = "Show them"
SEE_EVENTS: Final = "See these events"


def imported_events(events: int) -> str:
    """How many events came from files."""
    return f"**{plural(events, 'imported event')}**"


def imported_period(oldest_md: str, newest_md: str, zone_md: str) -> str:
    """The period of the imported events, and what isn't known of it."""
    return (
        f"{oldest_md} to {newest_md} ({zone_md}). Whether the files contain every event of this "
        "period isn't known."
    )


def see_source(events: int, source: str) -> str:
    """The link to the events of one source."""
    return f"{SEE_IMPORTED}: {plural(events, 'event')} of source {source}"


def too_many(most: int, left_out: int) -> str:
    """The session's limit was reached."""
    return (
        f"A session holds at most {number(most)} events: {plural(left_out, 'event')} were not "
        "imported."
    )


def import_button(events: int) -> str:
    """The button that imports."""
    return f"Import {plural(events, 'event')}"


def importing(events: int) -> str:
    """The progress of an import."""
    return f"Importing: {plural(events, 'event')}"


def imported(added: int, repeated: int, refused: int) -> str:
    """How an import ended."""
    return (
        f"{plural(added, 'event')} imported ({number(repeated)} already present or duplicate, "
        f"{plural(refused, 'row')} rejected)."
    )


def forgotten(events: int) -> str:
    """The imported events were dropped."""
    return f"Forgotten: {plural(events, 'imported event')}."


# What a file contains
FORMS: Final = {
    "csv": "a table (CSV)",
    "json": "JSON",
    "jsonl": "JSON Lines",
    "parquet": "Parquet",
    "empty": "empty",
}
EVENTS: Final = "Events"
REFUSED: Final = "Rejected rows"
REPEATED: Final = "Duplicates"
REPEATED_HELP: Final = "Each event is imported once."
MANY: Final = "many"
TYPES: Final = "Types"
REFUSED_BY_REASON: Final = "Rejected, by reason"
WHICH_ROWS: Final = "Which rows"
FIRST_ROW: Final = "How it will be imported."
FIRST_ROWS_TABLE: Final = "The first rows of the file as they will be imported"


def file_form(form: str, encoding: str) -> str:
    """The format of a file and its encoding."""
    return f"This is {FORMS[form]}" + (f" in {encoding}." if encoding else ".")


def file_period(oldest: str, newest: str, zone: str) -> str:
    """From when to when the events of a file are."""
    return f"From {oldest} to {newest} ({zone})."


def note(rows: int, text_md: str) -> str:
    """A remark on some rows."""
    return f":material/info: {number(rows)} {text_md}"


def lines_above(lines: int) -> str:
    """What stood above the header row."""
    return f"{plural(lines, 'line')} above the column names skipped."


def matched(pairs: Sequence[tuple[str, str]]) -> str:
    """Event types that were recognised by their name."""
    return f"Recognised by name: {', '.join(f'{given} as {kept}' for given, kept in pairs)}."


def first_rows(rows: int) -> str:
    """The preview's caption."""
    return f"The first {rows} as they will be imported."

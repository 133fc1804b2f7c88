"""Texts of the Activity page; those of a profile and of three views are in modules beside."""

from datetime import datetime, tzinfo
from typing import Final

from lib.core.texts import number, plural, when
from lib.ui.components.filters.activity_filters import CUSTOM

# -- the page ----------------------------------------------------------------------------------

TITLE: Final = "Activity"
SUBTITLE: Final = "Who did what in Box, when, and from where."
NO_EVENTS: Final = "No events yet"
HOW_TO_START: Final = (
    "Press “Read events” to load what happened in Box. Newest days load first; charts fill in as "
    "they arrive."
)
MORE_LISTS: Final = "Networks, apps, file types, folders, owners and targets"
EVENTS: Final = "Events"
PEOPLE: Final = "People"
ITEMS: Final = "Items"
TITLES: Final = {
    "actor": "Most active people",
    "item": "Most used items",
    "ip": "IP addresses",
    "type": "Event types",
    "network": "IP networks",
    "service": "Apps",
    "file_type": "File types",
    "parent": "Folders",
    "owner": "Owners",
    "target": "Targets",
}
"""The lists of the busiest values, by filter."""


def updated(at: datetime, zone_name: str) -> str:
    """When the charts were last drawn again."""
    return f"Last updated: {at:%H:%M:%S} ({zone_name})"


# -- filters -----------------------------------------------------------------------------------

FILTERS: Final = "Filters"
FILTER_BY: Final = "Filter by"
NAMES: Final = {
    "actor": "Person",
    "item": "Item",
    "type": "Event type",
    "category": "Category",
    "parent": "Folder",
    "owner": "Owner",
    "target": "Target",
    "service": "App",
    "ip": "IP address",
    "network": "Network",
    "file_type": "File type",
    "item_type": "Item type",
    "kind": "User type",
    "account": "Account",
    "stream": "Stream",
}
"""Every filter by value, in the order in which they are offered."""
NOUNS: Final = {
    "actor": ("person", "people"),
    "item": ("item", "items"),
    "type": ("event type", "event types"),
    "category": ("category", "categories"),
    "parent": ("folder", "folders"),
    "owner": ("owner", "owners"),
    "target": ("target", "targets"),
    "service": ("app", "apps"),
    "ip": ("IP address", "IP addresses"),
    "network": ("network", "networks"),
    "file_type": ("file type", "file types"),
    "item_type": ("item type", "item types"),
    "kind": ("user type", "user types"),
    "account": ("account", "accounts"),
    "stream": ("stream", "streams"),
}
WHICH: Final = {"include": "include", "exclude": "exclude"}
PLACEHOLDERS: Final = {"include": "Any", "exclude": "None"}
TEXT: Final = "Text in names, logins and types"
TEXT_HELP: Final = "Kept in this session only. Links don't include it."
SOURCE: Final = "Source"
SOURCE_OF_RECORD: Final = "Source of record"
SOURCE_HELP: Final = (
    "One source is counted at a time, because the same action has a different ID in each."
)
HOUR_NAME: Final = "Hour of the week"
CLEAR_ALL: Final = "Clear all"
TURN: Final = {"include": "Exclude instead", "exclude": "Include instead"}
TURN_HELP: Final = {
    "include": "Show everything except this value",
    "exclude": "Show only this value",
}
UNLINKED: Final = (
    "A link to this page leaves out the IP address, network and text filters, because they are "
    "personal data."
)


def filters_button(count: int) -> str:
    """The button that opens the filters."""
    return f"{FILTERS} ({count})" if count else FILTERS


def field_label(name: str, which: str) -> str:
    """`Person: include`."""
    return f"{NAMES[name]}: {WHICH[which]}"


def chip(name: str, which: str, value: str) -> str:
    """`Person: Ada`, `Person: not Ada`."""
    mark = "" if which == "include" else "not "
    return f"{NAMES.get(name, HOUR_NAME)}: {mark}{value}"


def period_chip(start: datetime, end: datetime, zone: tzinfo) -> str:
    """A period of its own."""
    return f"{when(start, zone)} to {when(end, zone)}"


def more_chips(count: int) -> str:
    """How many filters have no chip."""
    return f"and {count} more in “Filters”"


def text_chip(text: str) -> str:
    """The filter by text."""
    return f"Text: {text}"


def source_chip(source: str) -> str:
    """The filter by source."""
    return f"Source: {source}"


# -- controls ----------------------------------------------------------------------------------

VIEW: Final = "View"
VIEWS: Final = {
    "overview": "Overview",
    "content": "Content",
    "sharing": "Sharing",
    "compare": "Compare",
}
PERIOD: Final = "Period"
PERIODS: Final = {
    "24h": "24 hours",
    "7d": "7 days",
    "30d": "30 days",
    "90d": "90 days",
    "365d": "1 year",
    CUSTOM: "Custom",
}
ALL_IMPORTED: Final = "All imported"
ON_CLICK: Final = "On click"
CLICKS: Final = {"keeps": "Filter", "leaves out": "Exclude", "opens": "Open"}
CLICK_HELP: Final = (
    "Filter: show only what you click. Exclude: hide what you click. Open: show the profile of "
    "the person or item."
)
DISPLAY: Final = "Display"
STACK_BY: Final = "Stack by"
OVER_TIME_AS: Final = "Chart type"
DRAWN: Final = {"stacked": "Stacked", "lines": "Lines", "share": "Share"}
REFRESH: Final = "Auto-refresh"
REFRESHES: Final = {0: "Off", 10: "10 s", 60: "1 min", 300: "5 min"}
REFRESH_HELP: Final = "Redraws the charts with new events. A custom period doesn't change."


def people_toggle(hidden: int) -> str:
    """The toggle for service and app users, with how many of their events are hidden."""
    more = f" ({plural(hidden, 'event')} hidden)" if hidden else ""
    return f"Service and app users{more}"


def hidden_sentence(shown: int, hidden: int) -> str:
    """How many events are shown, and how many the toggle hides."""
    if not hidden:
        return f"{plural(shown, 'event')} shown."
    whole = plural(shown + hidden, "event")
    return f"{number(shown)} of {whole} shown; {number(hidden)} by service and app users hidden."


# -- charts ------------------------------------------------------------------------------------

STACKS: Final = {"kind": "user type", "type": "event type"}
OPEN_A_PROFILE: Final = "Open a profile"
WEEK: Final = "Events by weekday and hour"
WEEK_ALT: Final = "Events by weekday and hour of the day"
THE_WEEK_OF: Final = "the week of "


def not_compared(reason: str) -> str:
    """Why a figure has no change beside it."""
    return f"Not compared: {reason}"


def previous(count: int) -> str:
    """What a figure was in the period before."""
    return f"Previous period of the same length: {number(count)}"


def series_title(unit: str, by: str) -> str:
    """The chart over time."""
    return f"Events per {unit} by {STACKS.get(by, by)}"


def series_alt(total: int, by: str, drawn: str) -> str:
    """The chart over time, for who can't see it."""
    return f"{plural(total, 'event')} over time by {STACKS.get(by, by)}, {drawn}"


def gone(values: list[str]) -> str:
    """The busiest of the period before that have no events now."""
    return f"No events in this period; events in the previous one: {', '.join(values)}."


def first_of(title: str, labels: list[str]) -> str:
    """A list, for who can't see its chart: the first three."""
    return f"{title}: {', '.join(labels[:3])}"


def with_id(name: str, value: str) -> str:
    """A name that two have, with the ID of one."""
    return f"{name} (ID {value})"


# -- the table of events -----------------------------------------------------------------------

EVENT: Final = "Event"
COLUMNS: Final = "Columns"
COLUMNS_LABEL: Final = "Columns, in this order"
NO_MATCH: Final = "No events match this selection."
TABLE_ALT: Final = "Events of the selection, newest first"
NEWEST_ALT: Final = "The newest events"
SELECT_A_ROW: Final = (
    "Select a row to see the event as Box sent it and to open the profile of its person or item."
)
EVENT_GONE: Final = "This event is no longer stored."
NEWER: Final = "Newer"
OLDER: Final = "Older"
OPEN_PROFILE: Final = "Open the profile"


def page_of(first: int, last: int) -> str:
    """Which events the table shows."""
    return f"Events {number(first)} to {number(last)}, newest first."


# -- find --------------------------------------------------------------------------------------

FIND: Final = "Find"
FIND_HELP: Final = "Find a person or item and open its profile"
FIND_LABEL: Final = "Person or item"
FIND_PLACEHOLDER: Final = "Name, login or ID"
FIND_FIELD_HELP: Final = "Searches all stored events of this source, not only this period."
FIND_CAPTION: Final = "Type part of a name or login, or an ID."


def nothing_found(noun: str) -> str:
    """No person or no item matches."""
    return f"No {noun} matches."


def found(total: int, nouns: tuple[str, str], listed: int) -> str:
    """How many match, and how many of them are listed."""
    more = f"; the {listed} with the most events are listed" if total > listed else ""
    return f"{plural(total, *nouns)}{more}"


# -- saved views -------------------------------------------------------------------------------

SAVED: Final = "Views"
NO_VIEWS: Final = "No saved views yet. Set the filters, then enter a name here."
DELETE: Final = "Delete"
SAVE_AS: Final = "Save this view as"
SAVE_PLACEHOLDER: Final = "Name; an existing view of this name is replaced"
SAVE: Final = "Save view"
UNSAVED: Final = (
    "The IP address, network and text filters aren't saved, because they are personal data."
)
NO_LINK: Final = "A session profile exists in this tab only, so there is no link to share."
LINK: Final = "Link to this view. Whoever opens it needs permission to see this profile."


def view_opened(name: str) -> str:
    """A saved view is shown."""
    return f"Opened the view “{name}”."


def view_saved(name: str, *, replaced: bool) -> str:
    """A view is saved."""
    done = "Replaced" if replaced else "Saved"
    return f"{done} the view “{name}”. Everyone with access to this profile can use it."


def view_deleted(name: str) -> str:
    """A view is deleted."""
    return f"Deleted the view “{name}”."

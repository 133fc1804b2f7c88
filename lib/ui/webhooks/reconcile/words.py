"""The texts of the tab Reconciliation: the basis, the figures, the reasons, the rows."""

from enum import StrEnum
from typing import Final

from lib.core.texts import number, plural
from lib.webhooks.manage.triggers import pair
from lib.webhooks.reconcile.reconciliation import FAULTS, Line, MissReason


class Outcome(StrEnum):
    """Which actions of the comparison are shown."""

    DIFFERENT = "different"
    STREAM = "stream"
    HOOKS = "webhooks"
    LATE = "late"
    REPEATED = "repeated"
    ORDER = "order"
    ALL = "all"


class Side(StrEnum):
    """Which side has an action, as the chart tells them apart."""

    BOTH = "both"
    MISSED = "missed"
    STREAM = "stream"
    HOOKS = "webhooks"


# -- the tab ---------------------------------------------------------------------------------------

LOADING: Final = "Loading webhooks…"
COMPARING: Final = "Comparing…"
PERIOD: Final = "Period"
PERIODS: Final = {
    "1h": "Last hour",
    "24h": "Last 24 hours",
    "7d": "Last 7 days",
    "30d": "Last 30 days",
}
LATE: Final = "Late is more than"
LATE_HELP: Final = "From the time of the action until its delivery arrived here."
LATE_AFTER: Final = {"10s": "10 seconds", "1m": "1 minute", "5m": "5 minutes", "1h": "1 hour"}
SANDBOX_NOTE: Final = (
    "The sandbox delivers only what “Generate events” creates. What its users do by themselves "
    "comes through the stream only, and counts as missed where a webhook watches it."
)
NOTHING: Final = "Nothing to compare"
FOLDERS_HELP: Final = "Whether an item is watched depends on where its folder is."
LOCATING: Final = "Asking Box where they are…"


def basis(source: str, coverage: str, webhooks: int, owners: str) -> str:
    """What is compared with what, as Markdown."""
    of = f" of {owners}" if owners else ""
    return (
        f"Stream: {source}. {coverage} Webhooks: {plural(webhooks, 'webhook')}{of}. "
        "Matched by item, action, actor and time. Other owners' webhooks are unknown until you add "
        "the owners under Management."
    )


def unknown(message: str) -> str:
    """Box didn't say what is watched."""
    return f"The watched items are unknown: {message} Without them, nothing counts as missed."


def nothing(period: str) -> str:
    """Neither side has anything."""
    return (
        f"{PERIODS[period]}: neither the stream nor webhooks have any events. Choose a longer "
        "period, or read events on the Activity page."
    )


def locate(count: int) -> str:
    """The button that looks up folders."""
    return f"Locate {plural(count, 'more folder')}"


# -- figures and chart -----------------------------------------------------------------------------

IN_BOTH: Final = "In both"
IN_BOTH_HELP: Final = "Events of the stream that webhooks delivered too."
MISSED: Final = "Missed"
MISSED_HELP: Final = (
    "A webhook watches the item for this trigger, and nothing arrived within the two hours in "
    "which Box retries."
)
HOOKS_ONLY: Final = "Webhooks only"
HOOKS_ONLY_HELP: Final = "Delivered here, but not in the part of the stream that was read."
LATE_FIGURE: Final = "Late"
DUPLICATES: Final = "Duplicates"
DUPLICATES_HELP: Final = "Deliveries beyond the first of their body."
OUT_OF_ORDER: Final = "Out of order"
OUT_OF_ORDER_HELP: Final = "Arrived after something that happened later."
ALL_WELL: Final = "Everything that webhooks can deliver is on both sides."
CHART_NOTE: Final = "By the time of the action."
SERIES: Final = {
    Side.BOTH: "in both",
    Side.MISSED: "missed by webhooks",
    Side.HOOKS: "webhooks only",
    Side.STREAM: "stream only, explained",
}


def late_help(bodies: int) -> str:
    """Of how many."""
    return f"Of {plural(bodies, 'body', 'bodies')} that arrived."


def chart_title(size: str) -> str:
    """`Actions per hour by side`."""
    return f"Actions per {size} by side"


def chart_alt(actions: int) -> str:
    """The chart, read aloud."""
    return f"{plural(actions, 'action')} over time: in both, or on one side only"


# -- reasons ---------------------------------------------------------------------------------------

_WHY: Final = {
    MissReason.MISSED: "A webhook watches the item for this trigger, but nothing arrived.",
    MissReason.MAY_COME: "Nothing has arrived yet. Box retries for two hours.",
    MissReason.PERHAPS: "Box doesn't say that this event type fires the trigger.",
    MissReason.NOT_WATCHED: "No webhook of the listed owners watches the item for this trigger.",
    MissReason.BEFORE: "It happened before the webhook was created.",
    MissReason.UNKNOWN_PLACE: "The item's location, or what is watched, is unknown.",
    MissReason.NOT_READ: "The stream hasn't been read for that time (yet).",
    MissReason.NO_EVENT: "No event type is known to report the same action.",
    MissReason.ALARM: "It is about the webhook itself.",
    MissReason.TWICE: "The same webhook delivered it before, with another ID.",
    MissReason.NOT_IN_STREAM: "The stream was read for that time and doesn't have it.",
}
_FIX: Final = {
    MissReason.MISSED: "Check the log for rejected requests at that time, and whether this app was "
    "reachable.",
    MissReason.NOT_READ: "Read events on the Activity page.",
    MissReason.NOT_IN_STREAM: "Events can reach the stream minutes late. If it stays missing, "
    "check the account and the times.",
    MissReason.UNKNOWN_PLACE: "Add the webhooks' owners under Management.",
}


def side_of(line: Line) -> Side:
    """Which side has an action."""
    if line.reason is None:
        return Side.BOTH
    if line.event is None:
        return Side.HOOKS
    return Side.MISSED if line.reason is MissReason.MISSED else Side.STREAM


def reason_words(reason: MissReason | None) -> str:
    """Why the other side doesn't have it; empty where it has."""
    return "" if reason is None else _WHY[reason]


def explain(reason: MissReason, times: int) -> str:
    """`**12 actions:** A webhook watches the item …` as Markdown."""
    icon = ":orange[:material/warning:] " if reason in FAULTS else ""
    return f"{icon}**{plural(times, 'action')}:** {_WHY[reason]} {_FIX.get(reason, '')}".rstrip()


def trigger_words(line: Line) -> str:
    """The triggers that were delivered, or in brackets those that could have been."""
    came = dict.fromkeys(body.first.trigger or "none" for body in line.bodies)
    if came:
        return ", ".join(came)
    if line.event is None:
        return ""
    reported = pair(line.event.type, line.event.item_type).triggers
    return f"({', '.join(reported[:2])})" if reported else ""


# -- rows ------------------------------------------------------------------------------------------

ACTIONS: Final = "Actions"
WHICH: Final = "Show"
OUTCOMES: Final = {
    Outcome.DIFFERENT: "Needs attention",
    Outcome.STREAM: "Stream only",
    Outcome.HOOKS: "Webhooks only",
    Outcome.LATE: "Late",
    Outcome.REPEATED: "Duplicates",
    Outcome.ORDER: "Out of order",
    Outcome.ALL: "All",
}
NONE: Final = "None in this period."
WHEN: Final = "When"
ACTION: Final = "Action"
TRIGGER: Final = "Trigger"
ITEM: Final = "Item"
ACTOR: Final = "Actor"
SIDE: Final = "Side"
WHY: Final = "Why"
DELAY: Final = "Delay"
DELIVERIES: Final = "Deliveries"
NO_TRIGGER: Final = "no trigger"
ROWS_ALT: Final = "Actions on both sides or one, with the reason"
CSV: Final = "CSV"
CSV_HELP: Final = "Every action of the period, with names and addresses."


def outcome(which: Outcome, count: int) -> str:
    """`Late 12`."""
    return f"{OUTCOMES[which]} {number(count)}"


def item(kind: str | None, id_: str | None) -> str:
    """`file 123`: an item whose name isn't known."""
    return f"{kind or 'item'} {id_ or '?'}"


def newest_of(shown: int, total: int) -> str:
    """Below a list that is cut."""
    return f"The newest {number(shown)} of {number(total)}. The download has all of them."


# -- what webhooks never deliver -------------------------------------------------------------------

NEVER_NOTE: Final = (
    "Webhooks report what happens to files and folders that they watch. Event types without a "
    "trigger, and items that nothing watches, come through the stream only. Box publishes no table "
    "of triggers and event types: the pairs here are inferred from Box's descriptions of both."
)
EVENT_TYPE: Final = "Event type"
MEANING: Final = "Meaning"
EVENTS: Final = "Events"
NEVER_ALT: Final = "Event types that no trigger reports, and how many events there were"


def never(events: int) -> str:
    """The heading."""
    return f"What webhooks can't deliver: {plural(events, 'event')}"

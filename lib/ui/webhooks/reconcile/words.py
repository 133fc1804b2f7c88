"""Reconciliation in words: which side has an action, and why the other hasn't."""

from enum import StrEnum
from typing import Final

from lib.core.texts import plural
from lib.webhooks.manage.triggers import pair
from lib.webhooks.reconcile.matching import FAULTS, Line, Reason


class Outcome(StrEnum):
    """What of the comparison is shown."""

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


OUTCOMES: Final = {
    Outcome.DIFFERENT: "To look into",
    Outcome.STREAM: "Only in the stream",
    Outcome.HOOKS: "Only by webhooks",
    Outcome.LATE: "Late",
    Outcome.REPEATED: "Repeated",
    Outcome.ORDER: "Out of order",
    Outcome.ALL: "All",
}
SERIES: Final = {
    Side.BOTH: "in both",
    Side.MISSED: "missed by webhooks",
    Side.HOOKS: "only by webhooks",
    Side.STREAM: "stream only, explained",
}
_WHY: Final = {
    Reason.MISSED: "A webhook watches it for this, and nothing came.",
    Reason.MAY_COME: "Nothing came yet; Box tries for two hours.",
    Reason.PERHAPS: "Box doesn't say that this type of event sets off the trigger.",
    Reason.NOT_WATCHED: "No webhook of the owners listed watches it for this.",
    Reason.BEFORE: "It happened before the webhook was made.",
    Reason.UNKNOWN_PLACE: "Where the item is, or what is watched, isn't known.",
    Reason.NOT_READ: "The stream isn't read for that time (yet).",
    Reason.NO_EVENT: "No type of event is known to tell the same.",
    Reason.ALARM: "It tells of the webhook itself.",
    Reason.TWICE: "The same webhook told it already, under another ID.",
    Reason.NOT_IN_STREAM: "The stream is read for that time and doesn't have it.",
}
_FIX: Final = {
    Reason.MISSED: "Look in the log for refusals at that time, and whether this app could be "
    "reached.",
    Reason.NOT_READ: "Read events on the Activity page.",
    Reason.NOT_IN_STREAM: "Events can come into the stream minutes late; if it stays so, look at "
    "its account and times.",
    Reason.UNKNOWN_PLACE: "Add the owners of the webhooks under Management.",
}


def side_of(line: Line) -> Side:
    """Which side has an action."""
    if line.reason is None:
        return Side.BOTH
    if line.event is None:
        return Side.HOOKS
    return Side.MISSED if line.reason is Reason.MISSED else Side.STREAM


def reason_words(reason: Reason | None) -> str:
    """Why the other side hasn't got it; empty where it has."""
    return "" if reason is None else _WHY[reason]


def explain(reason: Reason, times: int) -> str:
    """`**12 actions:** A webhook watches it for this, and nothing came. …` as Markdown."""
    icon = ":orange[:material/warning:] " if reason in FAULTS else ""
    return f"{icon}**{plural(times, 'action')}:** {_WHY[reason]} {_FIX.get(reason, '')}".rstrip()


def trigger_words(line: Line) -> str:
    """The triggers that came, or in brackets those that could have."""
    came = dict.fromkeys(body.first.trigger or "none" for body in line.bodies)
    if came:
        return ", ".join(came)
    if line.event is None:
        return ""
    told = pair(line.event.type, line.event.item_type).triggers
    return f"({', '.join(told[:2])})" if told else ""

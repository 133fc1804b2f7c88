"""How findings are drawn: severities, states, times, figures. A color never stands alone."""

from datetime import datetime, timedelta
from typing import Any, Final, Literal

import streamlit as st

from lib.activity.model.event_names import with_raw
from lib.core.texts import md, number, undisguised, when
from lib.detections.finding import Severity
from lib.ui.detections import words
from lib.ui.detections.state import MUTED
from lib.ui.shell.frame import Context

Colour = Literal["red", "orange", "blue", "gray", "green"]
SEVERITIES: Final = (Severity.HIGH, Severity.MEDIUM, Severity.LOW)
_LOOKS: Final[dict[Severity, tuple[str, Colour]]] = {
    Severity.HIGH: (":material/priority_high:", "red"),
    Severity.MEDIUM: (":material/warning:", "orange"),
    Severity.LOW: (":material/info:", "blue"),
}
STATE_ICONS: Final = {
    "open": ":material/radio_button_unchecked:",
    "acknowledged": ":material/visibility:",
    MUTED: ":material/notifications_off:",
    "resolved": ":material/check_circle:",
}
#: Facts that are lists of event types.
_TYPES: Final = frozenset({"signs", "kinds"})


def severity_badge(severity: Severity) -> None:
    """The severity as a badge."""
    icon, colour = _LOOKS[severity]
    st.badge(words.SEVERITIES[severity], icon=icon, color=colour)


def severity_word(severity: str) -> str:
    """High, Medium, Low."""
    return words.SEVERITIES[Severity(severity)]


def span_of(context: Context, since: datetime, until: datetime) -> str:
    """`2026-11-01 14:05 to 14:55`, in the visitor's zone."""
    start = when(since, context.zone)
    if until - since < timedelta(minutes=1):
        return start
    end = when(until, context.zone)
    return words.span(start, end.removeprefix(start[:11]))


def fact_rows(facts: dict[str, Any]) -> list[tuple[str, str]]:
    """The figures of a finding, in words, as Markdown."""
    return [
        (md(words.FACTS.get(name, name.replace("_", " "))), _fact(name, value))
        for name, value in facts.items()
        if value is not None and value != []
    ]


def _fact(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return words.YES if value else words.NO
    if isinstance(value, int):
        return number(value)
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list | tuple):
        shown = (with_raw(str(one)) if name in _TYPES else str(one) for one in value)
        return ", ".join(md(undisguised(one)) for one in shown)
    return md(undisguised(str(value)))

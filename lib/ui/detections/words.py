"""How findings are worded and drawn: severities, states, times. A colour never stands alone."""

from datetime import datetime, timedelta
from typing import Any, Final, Literal

import streamlit as st

from lib.core.texts import md, number, undisguised, when
from lib.detections.finding import Severity
from lib.ui.detections.state import MUTED
from lib.ui.shell.frame import Context

Colour = Literal["red", "orange", "blue", "gray", "green"]
SEVERITIES: Final = (Severity.HIGH, Severity.MEDIUM, Severity.LOW)
_LOOKS: Final[dict[Severity, tuple[str, str, Colour]]] = {
    Severity.HIGH: ("High", ":material/priority_high:", "red"),
    Severity.MEDIUM: ("Medium", ":material/warning:", "orange"),
    Severity.LOW: ("Low", ":material/info:", "blue"),
}
STATES: Final = {
    "open": "Open",
    "acknowledged": "Acknowledged",
    MUTED: "Muted",
    "resolved": "Resolved",
    "all": "All",
}
STATE_ICONS: Final = {
    "open": ":material/radio_button_unchecked:",
    "acknowledged": ":material/visibility:",
    MUTED: ":material/notifications_off:",
    "resolved": ":material/check_circle:",
}
_FACTS: Final = {
    "usual_day": "The account's median day",
    "days_of_history": "Days it is made of",
    "items": "Items",
    "folders": "Folders",
    "bytes": "Bytes",
    "people": "People",
    "addresses": "Addresses",
    "domains": "Domains",
    "new_domains": "Domains that are new",
    "opened": "Links opened to anybody",
    "unprotected": "Links that lost their password",
    "classified": "With a classification",
    "downloads": "Downloads",
    "succeeded": "A sign-in succeeded",
    "accounts": "Accounts",
    "signs": "Signs",
    "refused": "Refused",
    "kinds": "Kinds of change",
    "administrators": "Administrators",
    "endings": "Endings",
    "notes": "Ransom notes",
    "malware": "Marked as malicious",
    "alerts": "Shield alerts",
    "blocked": "Blocked actions",
    "violations": "Violations of a policy",
    "rules": "Rules",
    "network": "Network",
    "used_by_others": "Others use it too",
    "seen_before": "Active before the silence",
    "events_of_many": "Events without the busiest accounts",
    "limit": "Limit",
    "hours": "Windows that were too full",
    "expected": "Events to be expected",
}


def severity_badge(severity: Severity) -> None:
    """The severity as a badge."""
    word, icon, colour = _LOOKS[severity]
    st.badge(word, icon=icon, color=colour)


def severity_word(severity: str) -> str:
    """High, Medium, Low."""
    return _LOOKS[Severity(severity)][0]


def span_of(context: Context, since: datetime, until: datetime) -> str:
    """`2026-11-01 14:05 to 14:55`, in the visitor's zone."""
    start = when(since, context.zone)
    if until - since < timedelta(minutes=1):
        return start
    end = when(until, context.zone)
    return f"{start} to {end.removeprefix(start[:11])}"


def fact_rows(facts: dict[str, Any]) -> list[tuple[str, str]]:
    """The figures of a finding, in words, as Markdown."""
    return [
        (md(_FACTS.get(name, name.replace("_", " "))), _fact(value))
        for name, value in facts.items()
        if value is not None and value != []
    ]


def _fact(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return number(value)
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list | tuple):
        return ", ".join(md(undisguised(str(one))) for one in value)
    return md(undisguised(str(value)))

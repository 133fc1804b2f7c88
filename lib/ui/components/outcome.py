"""How the outcome of a call is drawn: facts as a table, a failure with cause, fix, who and where.

Shared by the pages that make a call to prove something. Everything that the other side wrote is
escaped.
"""

import re
from collections.abc import Sequence
from typing import Final

import streamlit as st

from lib.core.errors import Who
from lib.core.texts import md
from lib.credentials.assertion_claims import skew_words
from lib.credentials.fields import Level
from lib.http import Call
from lib.http.outcome import Fact, Fault, Outcome
from lib.ui.components import words
from lib.ui.shell.boundary import WHO

_SECOND_MS: Final = 1000


def show_outcome(outcome: Outcome) -> None:
    """The whole outcome of one try."""
    took = duration(outcome.ms)
    if outcome.fault is not None:
        show_fault(outcome.fault)
        st.caption(f"{md(outcome.title)} · {outcome.at:%H:%M:%S} UTC · {took}")
    else:
        st.success(f"**{md(outcome.title)}** · {took}", icon=":material/check_circle:")
        if outcome.facts:
            definitions([(fact.label, _value(fact)) for fact in outcome.facts])
    if outcome.skew_s is not None:
        clock = skew_words(outcome.skew_s)
        mark = ":orange[:material/warning:] " if clock.level is Level.WARNING else ""
        st.caption(f"{mark}{md(clock.text)} {md(clock.fix)}")
    if outcome.unproven:
        with st.expander(words.NOT_PROVED):
            st.markdown(
                f"{words.SCOPES_UNKNOWN}\n\n"
                + "\n".join(f"- **{md(scope)}**: {md(how)}" for scope, how in outcome.unproven)
            )
    show_calls(outcome.calls)


def _value(fact: Fact) -> str:
    value = verbatim(fact.value) if fact.verbatim else md(fact.value)
    if fact.warning:
        return f"{value}  :orange[:material/warning:] {md(fact.warning)}"
    return value


def show_fault(fault: Fault) -> None:
    """Message, why, what to do, who, where, and the other side's own words and request ids."""
    rows = [
        (words.WHY, md(fault.cause)),
        (words.WHAT_TO_DO, md(fault.fix)),
        (words.WHO, WHO[Who(fault.who)]),
        (words.WHERE, md(fault.where)),
        (words.THEIR_WORDS, verbatim(fault.said) if fault.said else ""),
        (words.REQUEST_ID, " ".join(verbatim(one) for one in fault.request_ids)),
    ]
    with st.container(border=True, gap="xsmall"):
        st.markdown(f":red[:material/error:] **{md(fault.message)}**")
        definitions([(term, value) for term, value in rows if value])


def show_calls(calls: Sequence[Call]) -> None:
    """What went over the wire: no header, no body, no query."""
    if not calls:
        return
    with st.expander(words.sent(len(calls))):
        st.table(
            {
                words.CALL: [f"{call.method} {md(call.host)}{md(call.path)}" for call in calls],
                words.STATUS: [str(call.status or words.NO_ANSWER) for call in calls],
                words.TIME: [duration(call.ms) for call in calls],
                words.REQUEST_ID: [
                    md(", ".join(call.request_ids)) or words.NOTHING for call in calls
                ],
            },
            hide_index=True,
            border="horizontal",
        )


def definitions(rows: Sequence[tuple[str, str]]) -> None:
    """A table of terms and values. Values are Markdown already."""
    st.table(
        {"": [f"**{term}**" for term, _ in rows], " ": [value for _, value in rows]},
        hide_index=True,
        hide_header=True,
        border="horizontal",
    )


def verbatim(text: str) -> str:
    """A text from outside as inline code: no Markdown, and no address in it becomes a link."""
    line = " ".join(text.split())
    longest = max((len(run) for run in re.findall(r"`+", line)), default=0)
    fence = "`" * (longest + 1)
    return f"{fence} {line} {fence}" if longest else f"`{line}`" if line else "—"


def duration(ms: float) -> str:
    """“84 ms”, “1.2 s”."""
    return f"{ms:.0f} ms" if ms < _SECOND_MS else f"{ms / _SECOND_MS:.1f} s"

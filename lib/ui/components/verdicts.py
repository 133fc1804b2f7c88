"""How verdicts are drawn, on every page alike: an icon, a word and a colour, cause, and evidence.

A colour never stands alone. What the other side wrote is escaped; the evidence can be copied as
text, to be sent to whoever can fix the fault.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

import streamlit as st

from lib.core.texts import md
from lib.runbook.checks.describe import evidence_rows, evidence_text
from lib.runbook.checks.verdict import Status, Verdict
from lib.runbook.handoff.cards import handoff_text
from lib.ui.components import words
from lib.ui.components.outcome import definitions, duration, verbatim
from lib.ui.shell.boundary import WHO
from lib.ui.shell.frame import Context
from lib.ui.shell.session import state

Colour = Literal["red", "orange", "green", "gray", "blue"]


@dataclass(frozen=True, slots=True)
class StatusLook:
    """A status for people: its word, its icon, its colour, and what it means."""

    word: str
    icon: str
    colour: Colour
    meaning: str


_ICONS: Final[Mapping[Status, tuple[str, Colour]]] = MappingProxyType(
    {
        Status.PASSED: (":material/check_circle:", "green"),
        Status.WARNING: (":material/warning:", "orange"),
        Status.FAILED: (":material/error:", "red"),
        Status.SKIPPED: (":material/do_not_disturb_on:", "gray"),
        Status.UNPROVEN: (":material/help:", "blue"),
    }
)
STATUS_LOOKS: Final = {
    status: StatusLook(word, *_ICONS[status], meaning)
    for status, (word, meaning) in words.STATUSES.items()
}
ORDER: Final = (
    Status.FAILED,
    Status.WARNING,
    Status.PASSED,
    Status.UNPROVEN,
    Status.SKIPPED,
)
"""The order of counts."""


_BADGE_WIDTH: Final = 92  # pixels: the longest word with its icon


@dataclass(slots=True)
class Drawer:
    """Whether this session has a drawer open."""

    open: bool = False


def status_badge(status: Status, *, label: str = "") -> None:
    """The status as a badge; `label` stands in place of its word."""
    style = STATUS_LOOKS[status]
    st.badge(label or style.word, icon=style.icon, color=style.colour, help=style.meaning)


def status_mark(status: Status) -> str:
    """Icon and word as Markdown, for a line of text or a table."""
    style = STATUS_LOOKS[status]
    return f":{style.colour}[{style.icon} {style.word}]"


def counts_line(verdicts: Iterable[Verdict]) -> str:
    """`2 failed · 1 warning · 20 passed`, as Markdown, what is worst first."""
    found = [verdict.status for verdict in verdicts]
    return " · ".join(
        f":{STATUS_LOOKS[status].colour}[{STATUS_LOOKS[status].icon} "
        f"{found.count(status)} {STATUS_LOOKS[status].word.lower()}]"
        for status in ORDER
        if status in found
    )


def verdict_line(verdict: Verdict, context: Context, *, key: str, note: str = "") -> None:
    """A verdict on one line with its evidence behind a button; `note` stands at its end."""
    with st.container(horizontal=True, vertical_alignment="center", key=f"line.{key}", gap="small"):
        with st.container(width=_BADGE_WIDTH):  # the titles of several lines begin below each other
            status_badge(verdict.status)
        st.markdown(md(verdict.title), width="stretch")
        with st.container(
            horizontal=True, vertical_alignment="center", gap="small", width="content"
        ):
            if note:
                st.caption(md(note), width="content")
            evidence_drawer(verdict, context, key=key)


def verdict_card(
    verdict: Verdict, context: Context, *, key: str, note: str = "", compact: bool = True
) -> None:
    """A verdict with what follows from it.

    What passed takes one line (unless not `compact`), what couldn't be judged one more; the others
    say why, what to do, who can do it and where.
    """
    if compact and verdict.status not in (Status.FAILED, Status.WARNING):
        verdict_line(verdict, context, key=key, note=note)
        if verdict.status is not Status.PASSED:
            st.caption(md(f"{verdict.cause_title} {verdict.cause_text}"))
        return
    with st.container(border=True, gap="xsmall", key=f"card.{key}"):
        verdict_line(verdict, context, key=key, note=note)
        verdict_reason(verdict)


def verdict_reason(verdict: Verdict) -> None:
    """Why, what to do, who and where; for what passed, what was seen."""
    if verdict.status is Status.PASSED:
        if verdict.evidence.note:
            st.caption(md(verdict.evidence.note))
        return
    if verdict.status is Status.SKIPPED:
        st.caption(md(verdict.cause_text or verdict.cause_title))
        return
    if verdict.cause_title:
        st.markdown(f"**{md(verdict.cause_title)}**")
    rows = [
        (words.WHY, md(verdict.cause_text)),
        (words.WHAT_TO_DO, md(verdict.fix)),
        (words.WHO, WHO[verdict.who] if verdict.who else ""),
        (words.WHERE, md(verdict.place)),
    ]
    terms([(term, value) for term, value in rows if value])


def terms(rows: Iterable[tuple[str, str]]) -> None:
    """Terms and what is said of them, a line each. Values are Markdown already."""
    lines = [f":gray[{term}:] {value}" for term, value in rows]
    if lines:
        st.markdown("  \n".join(lines))


def evidence_drawer(verdict: Verdict, context: Context, *, key: str) -> None:
    """The button “Evidence”: a drawer with what was asked, answered and compared; to copy.

    Not for a fragment that draws itself again by the clock: each drawing would close the drawer.
    """
    pressed = st.button(
        words.EVIDENCE,
        icon=":material/frame_inspect:",
        type="tertiary",
        key=f"evidence.{key}",
        help=words.evidence_of(verdict.id),
    )
    if pressed:
        _open(words.EVIDENCE, lambda: _evidence(verdict, context))


def handoff_drawer(
    verdict: Verdict, context: Context, *, key: str, also: Sequence[str] = ()
) -> None:
    """The button “Hand over”: a drawer with what to send to the person who can fix it.

    `also` are titles of other checks that the same cause stops.
    """
    pressed = st.button(
        words.HAND_OVER,
        icon=":material/forward_to_inbox:",
        type="tertiary",
        key=f"handover.{key}",
        help=words.HAND_OVER_HELP,
    )
    if pressed:
        _open(words.HAND_OVER, lambda: handoff_box(verdict, context, also=also))


def drawer_open() -> bool:
    """Whether a drawer is open: who then has the whole page drawn again would close it."""
    return state(Drawer).open


def no_drawer() -> None:
    """Note that the page is drawn from its beginning, which closes a drawer. Call it once a run."""
    state(Drawer).open = False


def _open(title: str, draw: Callable[[], None]) -> None:
    state(Drawer).open = True
    st.dialog(title, width="medium", position="right", on_dismiss=no_drawer)(draw)()


def _evidence(verdict: Verdict, context: Context) -> None:
    st.markdown(f"**{md(verdict.title)}**")
    st.markdown(f"{status_mark(verdict.status)} {verbatim(verdict.id)}")
    verdict_reason(verdict)
    rows = [(md(term), verbatim(value)) for term, value in evidence_rows(verdict.evidence)]
    local = verdict.at.astimezone(context.zone)
    rows.append((words.TRIED, f"{local:%Y-%m-%d %H:%M:%S} ({md(context.zone_name)})"))
    rows.append((words.TOOK, duration(verdict.ms)))
    definitions(rows)
    st.caption(words.AS_TEXT)
    st.code(evidence_text(verdict), language=None, wrap_lines=True)


def handoff_box(verdict: Verdict, context: Context, *, also: Sequence[str] = ()) -> None:
    """What to send to the person who can fix it, with a button that copies it."""
    st.caption(words.COPY)
    text = handoff_text(verdict, context.profile.label, also=also)
    st.code(text, language=None, wrap_lines=True)

"""The steps of a road: the list with each state, and the open step in full."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import streamlit as st

from lib.core.errors import RunbookError
from lib.core.texts import ago, md
from lib.runbook.checks.describe import PERSONS
from lib.runbook.checks.registry import CHECKS, by_id
from lib.runbook.checks.verdict import Status
from lib.runbook.checks.writes import WRITING, planned
from lib.runbook.roads.roads import Step
from lib.runbook.runs.runs import SETTLED, StepRecord, StepState
from lib.runbook.runs.standing import Standing
from lib.ui.components.fields import words_field
from lib.ui.components.verdicts import handoff_drawer, verdict_card
from lib.ui.runbook import words
from lib.ui.runbook.actions import by_hand, leave_out, prove, reopen
from lib.ui.runbook.state import STEP, CurrentRoad, choose
from lib.ui.shell.boundary import show_error
from lib.ui.shell.frame import Context
from lib.ui.shell.session import drop


@dataclass(frozen=True, slots=True)
class StateLook:
    """A step's state for people: a word and an icon; a colour never stands alone."""

    word: str
    icon: str
    colour: str


LOOKS: Final = {
    StepState.OPEN: StateLook(
        words.STATES[StepState.OPEN], ":material/radio_button_unchecked:", "gray"
    ),
    StepState.PROVED: StateLook(words.STATES[StepState.PROVED], ":material/verified:", "green"),
    StepState.DONE: StateLook(words.STATES[StepState.DONE], ":material/check:", "green"),
    StepState.SKIPPED: StateLook(
        words.STATES[StepState.SKIPPED], ":material/do_not_disturb_on:", "gray"
    ),
    StepState.BLOCKED: StateLook(words.STATES[StepState.BLOCKED], ":material/error:", "red"),
}
_WAITS: Final = StateLook(words.WAITS, ":material/hourglass_empty:", "gray")
_AGED: Final = StateLook(words.STATES[StepState.OPEN], ":material/history:", "gray")
_KNOWN: Final = frozenset(check.id for check in CHECKS)
LIST_HEIGHT: Final = 620
_WRITE: Final = "runbook.write"


def look_of(standing: Standing) -> StateLook:
    """How a step is shown: what only waits, or was proved too long ago, is grey and says so."""
    if standing.waits_for is not None:
        return replace(_WAITS, word=words.waits_for(standing.waits_for))
    if standing.last_proved is not None:
        return replace(_AGED, word=words.last_proved(standing.last_proved))
    return LOOKS[standing.state]


def steps_list(current_road: CurrentRoad, chosen: Step) -> None:
    """Every step with its state; a click opens it."""
    standings = current_road.standings
    with st.container(height=LIST_HEIGHT, border=False, gap=None, key="runbook_list"):
        for place, step in enumerate(current_road.steps, start=1):
            look = look_of(standings[step.id])
            st.button(
                f":{look.colour}[{look.icon}] {place}. {md(step.title)}",
                key=f"runbook.go.{step.id}",
                type="secondary" if step.id == chosen.id else "tertiary",
                width="stretch",
                help=words.OTHER_APP if current_road.run.of_another_app(step.id) else look.word,
                on_click=choose,
                args=(STEP, step.id),
            )


def step_detail(context: Context, current_road: CurrentRoad, step: Step) -> None:
    """One step: why, do, prove, and what else can become of it."""
    record = current_road.run.step(step.id)
    with st.container(border=True, key="runbook.step"):
        _head(context, current_road, step, record)
        blocked = record.state is StepState.BLOCKED
        if blocked:  # what is wrong comes before what was to be done
            _proof(context, current_road, step, record)
        _instructions(step)
        if not blocked:
            _proof(context, current_road, step, record)
        _by_person(context, current_road, step, record)
        with st.expander(words.UNDO, icon=":material/undo:"):
            st.markdown(step.undo)
    _neighbours(current_road, step)


def _head(context: Context, current_road: CurrentRoad, step: Step, record: StepRecord) -> None:
    look = look_of(current_road.standings[step.id])
    place = current_road.ids.index(step.id) + 1
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader(f"{place}. {md(step.title)}", anchor=False, width="stretch")
        st.badge(look.word, icon=look.icon, color=look.colour)  # type: ignore[arg-type]  # of its words
    since = f" · {ago(record.at, context.now)}" if record.at else ""
    reason = f" · {md(record.reason)}" if record.reason else ""
    st.caption(words.for_whom(PERSONS[step.who], words.SOURCES[step.mark]) + since + reason)


def _instructions(step: Step) -> None:
    st.markdown(step.why)
    st.markdown(f"**{words.DO}**")
    st.markdown(step.do)
    _where(step)


def _where(step: Step) -> None:
    if step.place:
        st.caption(f":material/ads_click: {md(step.place)}")
    if step.unknown:
        st.caption(f":material/edit: {words.unknown_values(md(', '.join(step.unknown)))}")


def _proof(context: Context, current_road: CurrentRoad, step: Step, record: StepRecord) -> None:
    st.markdown(f"**{words.VERIFY}**")
    checks = [one for one in step.verify if one in _KNOWN]
    if not checks:
        st.caption(step.no_check or words.NO_CHECK)
        return
    found = {verdict.id for verdict in record.verdicts}
    if current_road.run.of_another_app(step.id):
        st.caption(f":orange[:material/history: {words.OTHER_APP}.] {words.OTHER_APP_EVIDENCE}")
    for verdict in record.verdicts:
        verdict_card(verdict, context, key=f"{step.id}.{verdict.id}")
        if verdict.status is Status.FAILED:
            handoff_drawer(verdict, context, key=f"{step.id}.{verdict.id}")
    for one in checks:
        if one not in found:
            check = by_id(one)
            st.markdown(
                f":gray[:material/radio_button_unchecked:] {md(check.title)} "
                f":gray[· {md(check.method)}]"
            )
    allow = _writes(context, step, checks)
    if st.button(
        words.RUN_AGAIN if record.verdicts else words.RUN_CHECKS,
        type="secondary" if record.state in SETTLED else "primary",
        icon=":material/play_arrow:",
        key=f"runbook.prove.{step.id}",
    ):
        with st.spinner(words.RUNNING, show_time=True):
            prove(context, current_road, step, allow_writes=allow, reported=lambda *_: None)
        drop(f"{_WRITE}.{step.id}")  # allowed once
        choose(STEP, step.id)
        st.rerun()


def _writes(context: Context, step: Step, checks: list[str]) -> bool:
    """The preview of what would be written, and the person's word for it."""
    box = context.profile.box
    writing = [one for one in checks if one in WRITING]
    if not writing or box is None:
        return False
    with st.expander(words.WRITES, icon=":material/edit_note:"):
        for one in writing:
            for call in planned(one, box):
                st.caption(md(call.why))
                st.code(call.text, language=None, wrap_lines=True)
    return st.checkbox(
        words.ALLOW_WRITE,
        key=f"{_WRITE}.{step.id}",
        help=words.ALLOW_WRITE_HELP,
    )


def _by_person(context: Context, current_road: CurrentRoad, step: Step, record: StepRecord) -> None:
    """What a person can say of the step; of a settled one only that it is open again."""
    with st.container(horizontal=True, gap="small", key=f"runbook.person.{step.id}"):
        if record.state in SETTLED:
            _go_on(current_road, step)
            if record.state is not StepState.PROVED and st.button(
                words.REOPEN, icon=":material/undo:", key=f"runbook.reopen.{step.id}"
            ):
                reopen(context, current_road, step)
                choose(STEP, step.id)
                st.rerun()
            return
        _note(
            words.DONE,
            ":material/check:",
            words.DONE_NOTE,
            f"runbook.done.{step.id}",
            lambda text: by_hand(context, current_road, step, text),
        )
        _note(
            words.SKIP,
            ":material/do_not_disturb_on:",
            words.SKIP_NOTE,
            f"runbook.skip.{step.id}",
            lambda text: leave_out(context, current_road, step, text),
        )


def _go_on(current_road: CurrentRoad, step: Step) -> None:
    """From a settled step to the first that isn't."""
    following = current_road.run.next_open(current_road.ids)
    if following is not None:
        st.button(
            words.continue_with(current_road.ids.index(following) + 1),
            type="primary",
            icon=":material/arrow_forward:",
            key=f"runbook.on.{step.id}",
            on_click=choose,
            args=(STEP, following),
        )


def _note(label: str, icon: str, question: str, key: str, act: Callable[[str], None]) -> None:
    with (
        # Of this step by its key: without one it could stay open over the next step, where a
        # second Enter would complete a step that no one has read.
        st.popover(label, icon=icon, type="secondary", key=f"{key}.box"),
        st.form(f"{key}.form", border=False, enter_to_submit=True),
    ):
        text = words_field(question, key=f"{key}.text", in_form=True, max_chars=300)
        if st.form_submit_button(label, type="primary"):
            try:
                act(text)
            except RunbookError as error:
                show_error(error)
            else:
                st.rerun()


def _neighbours(current_road: CurrentRoad, step: Step) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", key="runbook.beside"):
        for by, label, icon in (
            (-1, words.PREVIOUS, ":material/arrow_back:"),
            (1, words.NEXT, ":material/arrow_forward:"),
        ):
            beside = current_road.beside(step, by)
            st.button(
                label,
                icon=icon,
                key=f"runbook.beside.{by}",
                disabled=beside is None,
                on_click=choose,
                args=(STEP, beside.id if beside else ""),
            )

"""When detections ran on the Detections page: nothing read, reading, run until when."""

from datetime import timedelta
from typing import Final

import streamlit as st

from lib.activity.queries import source_of_record
from lib.core.texts import md
from lib.detections.registry import by_id
from lib.settings.profiles import ProfileKind
from lib.ui.components import panels, reading
from lib.ui.components.auditing import record
from lib.ui.detections import words
from lib.ui.detections.state import DetectionsView
from lib.ui.shell.boundary import boundary
from lib.ui.shell.frame import Context
from lib.ui.shell.notices import tell

REFRESH_S: Final = 2.0
_JUDGED: Final = timedelta(days=30)


def control(context: Context) -> None:
    """The button that runs the detections again for the last 30 days."""
    st.button(
        words.RUN_AGAIN,
        icon=":material/radar:",
        key="detections.again",
        on_click=_again,
        args=(context,),
        help=words.RUN_AGAIN_HELP,
    )


def nothing_yet(context: Context) -> bool:
    """Whether there is nothing to show yet; then it says what to do, or shows how far it is."""
    has_events = bool(source_of_record.sources(context.events, context.profile.key))
    if reading.running(context):
        st.fragment(_reading, run_every=REFRESH_S)(context)
        if not has_events or _never_judged(context):
            st.caption(words.RUNS_AFTER_READING)
            return True
        return False
    reading.progress(context)
    if not has_events:
        panels.empty(words.NO_EVENTS, words.HOW_TO_START)
        return True
    _catch_up(context)
    return False


def judged(context: Context, now: DetectionsView) -> None:
    """Until when it is judged, and what couldn't be and why."""
    run = now.run
    if run is None:
        return
    last = words.judged(run.at, run.until, now.now, context.zone, context.zone_name)
    following = words.BY_ITSELF if now.detecting.scheduled else words.ON_OPENING
    st.caption(md(f"{last}; {following}."))
    if run.not_judged:
        with st.expander(
            words.not_enough(len(run.not_judged)),
            icon=":material/hourglass_empty:",
        ):
            for name, reason in run.not_judged.items():
                detection = by_id(name)
                title = detection.title if detection else name
                st.markdown(f"**{md(title)}** {md(reason)}")


def _reading(context: Context) -> None:
    if not reading.running(context):
        st.rerun()
    with boundary():
        reading.progress(context)


def _never_judged(context: Context) -> bool:
    book = context.runtime.detecting_for(context.profile).stores.ledger.findings
    return book.last_run(context.profile.key) is None


def _catch_up(context: Context) -> None:
    """Judge now, where nothing else does it by itself, or nothing was judged yet."""
    detecting = context.runtime.detecting_for(context.profile)
    alone = context.profile.kind is ProfileKind.SESSION
    if _never_judged(context) or (alone and detecting.stale):
        with boundary(), st.spinner(words.RUNNING, show_time=True):
            detecting.refresh()


def _again(context: Context) -> None:
    with boundary():
        detecting = context.runtime.detecting_for(context.profile)
        book, since = detecting.stores.ledger.findings, context.now - _JUDGED
        before = {one.key for one in book.all(context.profile.key, since)}
        detecting.refresh(whole=True)
        record(context, "detect", None)
        new = sum(one.key not in before for one in book.all(context.profile.key, since))
        tell(words.ran_again(new), icon=":material/radar:")

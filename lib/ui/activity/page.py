"""The Activity page put together: its view of the events, and what it draws in which order."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

import streamlit as st

from lib.activity.queries import source_of_record
from lib.core.texts import md, short_digest
from lib.ui.activity import (
    view_charts,
    view_compare,
    view_content,
    view_controls,
    view_profile,
    view_sharing,
    words,
)
from lib.ui.activity.view_charts import View
from lib.ui.components import panels, reading
from lib.ui.components.filters import activity_selection
from lib.ui.components.filters.activity_filters import Selection, to_parameters
from lib.ui.components.page_cache import Answers
from lib.ui.shell.boundary import boundary
from lib.ui.shell.frame import Context
from lib.ui.shell.session import Visitor, state

REFRESH_S: Final = 2.0
HEAD_START_S: Final = 0.45
_VIEWS: Final[Mapping[str, Callable[[View], None]]] = MappingProxyType(
    {
        "content": view_content.view,
        "sharing": view_sharing.view,
        "compare": view_compare.view,
    }
)


@dataclass(slots=True)
class DrawnPage(Answers):
    """What the last drawing found, and whether this session's browser was sent a chart."""

    drawn: bool = False


def view_of(context: Context, chosen: Selection) -> View:
    """What every part of the page shares in this run.

    It is about the moment of the first such drawing, until something new can be charted or a minute
    has passed.
    """
    events, digest, answers = context.events, _digest(context, chosen), state(DrawnPage)
    minute = context.now.replace(second=0, microsecond=0)
    now = answers.about((digest, context.runtime.version(context.profile), minute), context.now)
    return View(
        events=events,
        selection=chosen,
        filters=chosen.filters(context.profile.key, now),
        style=panels.style(context.zone_name),
        zone=context.zone,
        now=now,
        digest=digest,
        answers=answers,
    )


def nothing_yet(context: Context, view: View) -> bool:
    """Whether there is no event at all; then it says what to do next."""
    if source_of_record.sources(view.events, context.profile.key):
        return False
    reading.progress(context)
    if reading.running(context):
        st.fragment(_wait_for_events, run_every=1.0)(context)
    else:
        panels.empty(words.NO_EVENTS, words.HOW_TO_START)
    return True


def charts_of(context: Context) -> None:
    """The figures and charts; while events are read they are drawn again every two seconds.

    At rest they are drawn again as often as the visitor asks for, or not at all.
    """
    if reading.running(context):
        st.fragment(_filling, run_every=REFRESH_S)(context, _drawn(context))
        return
    reading.progress(context)
    every = state(Visitor).refresh_s
    if every:
        st.fragment(_again, run_every=every)(context, _drawn(context))
    else:
        _charts(context)


def _wait_for_events(context: Context) -> None:
    events = context.events
    if source_of_record.sources(events, context.profile.key) or not reading.running(context):
        st.rerun()
    st.skeleton(220)


def _filling(context: Context, drawn: str) -> None:
    # What a click changed is for the controls too, and the end of the reading for the whole page.
    changed = _drawn(context) != drawn
    if changed or not reading.running(context):
        st.rerun()
    with boundary():
        reading.progress(context)
    _charts(replace(context, now=datetime.now(UTC)))


def _again(context: Context, drawn: str) -> None:
    if _drawn(context) != drawn or reading.running(context):
        st.rerun()
    now = replace(context, now=datetime.now(UTC))
    _charts(now)
    st.caption(md(words.updated(now.now.astimezone(context.zone), context.zone_name)))


def _charts(context: Context) -> None:
    view = view_of(context, activity_selection.current())
    if view.selection.opened is not None:
        with boundary():
            view_profile.view(view, *view.selection.opened)
        return
    other = _VIEWS.get(view.selection.view)
    if other is not None:
        with boundary():
            other(view)
        return
    _overview(context)


def _overview(context: Context) -> None:
    with boundary():
        view = view_of(context, activity_selection.current())
        with st.container(horizontal=True, key="totals"):
            found = view_charts.totals(view)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(
                words.hidden_sentence(found.current.events, found.hidden),
                width="stretch",
            )
            view_controls.people_toggle(view.selection, found.hidden)
        if found.between is not None:
            st.caption(md(found.between.sentence))
        with st.container(border=True):
            view_charts.series(view)
    _let_it_be_drawn()
    _details(context)


def _let_it_be_drawn() -> None:
    """Once a session, wait until the browser can have drawn the first chart.

    It still loads what draws charts then. What arrives meanwhile is drawn together, and nothing is
    seen until the last of it is done; with a head start the first is seen 0.2 to 0.7 s sooner, and
    the last not much later (`benchmarks/activity_page.py`).
    """
    if not state(DrawnPage).drawn:
        state(DrawnPage).drawn = True
        time.sleep(HEAD_START_S)


def _details(context: Context) -> None:
    view = view_of(context, activity_selection.current())
    for column, by in zip(st.columns(3), ("actor", "item", "ip"), strict=True):
        with column, st.container(border=True, height="stretch"), boundary():
            view_charts.ranking(view, by, words.TITLES[by])
    left, right = st.columns([3, 2])
    with left, st.container(border=True, height="stretch"), boundary():
        view_charts.week(view)
    with right, st.container(border=True, height="stretch"), boundary():
        view_charts.ranking(view, "type", words.TITLES["type"])
    more = st.expander(words.MORE_LISTS, on_change="rerun", key="activity.more")
    if more.open:
        with more:
            _more(view)


def _more(view: View) -> None:
    for row in (("network", "service", "file_type"), ("parent", "owner", "target")):
        for column, by in zip(st.columns(3), row, strict=True):
            with column, boundary():
                view_charts.ranking(view, by, words.TITLES[by])


def _drawn(context: Context) -> str:
    chosen = activity_selection.current()
    return f"{_digest(context, chosen)}.{to_parameters(chosen)}.{state(Visitor).refresh_s}"


def _digest(context: Context, chosen: Selection) -> str:
    """Equal for selections of the same events, however they are drawn."""
    text = json.dumps(
        [
            context.profile.key,
            context.zone_name,
            to_parameters(chosen.counted()),
            chosen.active,
            chosen.text,
        ]
    )
    return short_digest(text)

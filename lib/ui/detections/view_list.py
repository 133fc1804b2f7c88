"""The findings of the Detections page: what to show, when it happened, one card each."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import pandas as pd
import streamlit as st

from lib.core import palette
from lib.core.texts import md, undisguised
from lib.detections.registry import DETECTIONS
from lib.ui.components import panels
from lib.ui.components.charts import series_chart
from lib.ui.components.charts.series_chart import Shade
from lib.ui.components.coverage import wall
from lib.ui.components.panels import empty
from lib.ui.detections import words
from lib.ui.detections.badges import (
    SEVERITIES,
    STATE_ICONS,
    severity_badge,
    severity_word,
    span_of,
)
from lib.ui.detections.export import downloads
from lib.ui.detections.state import PERIODS, DetectionsView, Shown
from lib.ui.detections.view_finding import open_finding
from lib.ui.shell.frame import Context
from lib.ui.shell.session import of_profile, seed, value

PAGE: Final = 25
_STATE: Final = "triage"
_PERIOD: Final = "found_in"
_SEVERITY: Final = "severity"
_DETECTION: Final = "detection"
_PAGES: Final = "detections.pages"
_TITLES: Final = {one.id: one.title for one in DETECTIONS}
LINKED: Final = {
    _STATE: words.STATES,
    _PERIOD: words.PERIODS,
    _SEVERITY: {str(one): severity_word(one) for one in SEVERITIES},
    _DETECTION: _TITLES,
}
"""What the page keeps in the address: the words for each id, by parameter."""


def controls(now: DetectionsView) -> list[Shown]:
    """The row of controls; what is left of the findings. All of it stands in the address."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="detections.controls"):
        state = st.segmented_control(
            words.SHOW,
            list(words.STATES),
            default="open",
            required=True,
            format_func=words.STATES.__getitem__,
            key=_STATE,
            bind="query-params",
        )
        period = st.segmented_control(
            words.IN_THE_LAST,
            list(PERIODS),
            default="30d",
            required=True,
            format_func=words.PERIODS.__getitem__,
            key=_PERIOD,
            bind="query-params",
        )
        severities = st.multiselect(
            words.SEVERITY,
            [str(one) for one in SEVERITIES],
            format_func=severity_word,
            key=_SEVERITY,
            bind="query-params",
            placeholder=words.ANY,
        )
        detections = st.multiselect(
            words.DETECTION,
            list(_TITLES),
            format_func=_TITLES.__getitem__,
            key=_DETECTION,
            bind="query-params",
            placeholder=words.ANY,
        )
    since = now.now - PERIODS[period or "30d"]
    return [
        one
        for one in now.found
        if one.kept.until >= since
        and (state == "all" or one.state == (state or "open"))
        and (not severities or one.kept.severity in severities)
        and (not detections or one.kept.detection in detections)
    ]


def timeline(context: Context, now: DetectionsView, shown: Sequence[Shown]) -> None:
    """How many findings began on each day, by severity."""
    if not shown:
        return
    zone = context.zone
    since = now.now - PERIODS[str(value(_PERIOD) or "30d")]
    first = wall(max(since, min(one.kept.since for one in shown)), zone)
    start = min(first, wall(now.now, zone) - timedelta(days=7)).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    end = wall(now.now, zone).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    days = [max(start, wall(one.kept.since, zone)).replace(hour=0, minute=0, second=0,
            microsecond=0) for one in shown]  # fmt: skip
    frame = pd.DataFrame(
        {"bucket": days, "series": [severity_word(one.kept.severity) for one in shown]}
    )
    frame = frame.groupby(["bucket", "series"]).size().reset_index(name="events")
    style = panels.style(context.zone_name)
    with st.container(border=True):
        panels.titled(words.PER_DAY, _sentence(shown), _rows(frame), key="findings")
        panels.chart(
            series_chart.stacked_series(
                frame,
                style,
                bucket_label=words.DAY,
                width=timedelta(days=1),
                span=(start, end),
                shades=_shades(now, start, context),
                colours=_colours(style.dark),
                height=190,
                unit=words.UNIT,
            ),
            key="findings.timeline",
            alt=words.per_day_alt(len(shown)),
        )


def listing(context: Context, now: DetectionsView, shown: Sequence[Shown]) -> None:
    """One card for each finding: highest severity first, then newest first."""
    if not shown:
        _none(now)
        return
    order = sorted(
        shown,
        key=lambda one: (
            [str(s) for s in SEVERITIES].index(one.kept.severity),
            -one.kept.until.timestamp(),
        ),
    )
    most = PAGE * int(value(of_profile(_PAGES), 1))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(words.FINDINGS, anchor=False, width="content")
        st.caption(words.listed(len(shown)), width="stretch")
        downloads(context, order)
    for one in order[:most]:
        _card(context, one)
    if len(order) > most:
        st.button(
            words.more(min(PAGE, len(order) - most), len(order) - most),
            key="detections.more",
            on_click=lambda: seed(of_profile(_PAGES), int(value(of_profile(_PAGES), 1)) + 1),
        )


def _card(context: Context, one: Shown) -> None:
    with st.container(border=True, gap="xxsmall", key=f"finding.{one.kept.key}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            severity_badge(one.finding.severity)
            st.markdown(f"**{md(one.title)}** · {md(undisguised(one.who))}", width="stretch")
            st.caption(span_of(context, one.kept.since, one.kept.until), width="content")
            st.button(
                words.DETAILS,
                icon=":material/open_in_full:",
                key=f"finding.open.{one.kept.key}",
                on_click=open_finding,
                args=(context, one),
                help=words.details_help(one.title),
            )
        st.caption(md(one.finding.why))
        state = f"{STATE_ICONS[one.state]} {words.STATES[one.state]}"
        note = md(undisguised(one.kept.note)) if one.kept.note else ""
        st.caption(words.card_line(state, one.kept.events, str(one.finding.confidence), note))


def _none(now: DetectionsView) -> None:
    if not now.found:
        empty(words.NOTHING_UNUSUAL, words.NOTHING_UNUSUAL_WHY)
        return
    chosen = str(value(_STATE) or "open")
    waiting = sum(one.state == "open" for one in now.found)
    hint = words.hidden_open(waiting) if waiting and chosen == "open" else words.WIDEN
    empty(words.NOTHING_HERE if chosen != "open" else words.NOTHING_OPEN, hint)


def _sentence(shown: Sequence[Shown]) -> str:
    high = sum(one.kept.severity == "high" for one in shown)
    busiest: dict[str, int] = {}
    for one in shown:
        busiest[one.title] = busiest.get(one.title, 0) + 1
    title, count = max(busiest.items(), key=lambda item: (item[1], item[0]))
    return words.per_day(high, title, count)


def _shades(now: DetectionsView, start: datetime, context: Context) -> list[Shade]:
    run = now.run
    end = wall(now.now, context.zone)
    if run is None or wall(run.until, context.zone) >= end - timedelta(hours=1):
        return []
    judged = max(start, wall(run.until, context.zone))
    return [Shade(judged, end, words.NOT_RUN_YET, settling=True)]


def _colours(dark: bool) -> dict[str, str]:  # noqa: FBT001  # as the theme says it
    tones = (palette.BAD, palette.WARNING, palette.BLUE)  # gravest first, as the severities are
    return {severity_word(one): tone.of(dark) for one, tone in zip(SEVERITIES, tones, strict=True)}


def _rows(frame: pd.DataFrame) -> pd.DataFrame:
    wide = frame.pivot_table(
        index="bucket", columns="series", values="events", aggfunc="sum", fill_value=0
    )
    wide.index.name = words.DAY
    return wide.reset_index()

"""The view "Compare": two periods of the same length, or two people, side by side."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import Final

import pandas as pd
import streamlit as st

from lib.activity.model import coverage
from lib.activity.model.event_names import with_raw
from lib.activity.queries import (
    period_totals,
    source_of_record,
    summaries,
    time_series,
    value_search,
)
from lib.activity.queries.filters import Filters
from lib.core.texts import md, number, short, when
from lib.ui.activity import value_picker, words
from lib.ui.activity import words_views as texts
from lib.ui.activity.view_charts import FIGURES, TOP, View
from lib.ui.components import coverage as components_coverage
from lib.ui.components import panels
from lib.ui.components.charts import chart_style, series_chart
from lib.ui.components.charts.series import SIZES, WIDTHS, axis, folded
from lib.ui.components.filters import activity_selection, picker
from lib.ui.components.filters.activity_filters import PAIR
from lib.ui.components.filters.picker import Field
from lib.ui.shell.boundary import boundary
from lib.ui.shell.session import seed, value

_PEOPLE: Final = "compare.people"
_START: Final = "compare.start"
_CHOICES: Final = 200
_LISTS: Final = (
    ("type", words.TITLES["type"]),
    ("item", words.ITEMS),
    ("service", words.TITLES["service"]),
    ("ip", words.TITLES["ip"]),
)


@dataclass(frozen=True, slots=True)
class ComparedSide:
    """One of the two: what it is called, the span of a period, its place in a sentence, events."""

    title: str
    span: str
    only: str
    filters: Filters


def view(view: View) -> None:
    """Two people where two are chosen, else two periods."""
    pair = view.selection.pair
    names = _names(view, pair)
    _choose(view)
    if len(pair) == PAIR:
        _people(view, [(one, names.get(one, one)) for one in pair])
    elif pair:
        panels.empty(texts.ONE_MORE, texts.ONE_MORE_WHY)
    else:
        _periods(view)


def _names(view: View, pair: tuple[str, ...]) -> dict[str, str]:
    """What the chosen are called, whatever else is filtered or hidden, and whenever they acted."""
    found = value_search.known(view.events, view.filters, "actor", pair)
    return picker.distinct(pair, {one: match.label for one, match in found.items()})


def _choose(view: View) -> None:
    found = summaries.top(
        view.events, replace(view.filters, include={}, exclude={}), "actor", limit=_CHOICES
    )
    offered = value_picker.offered(found)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container():
            picker.pick(
                Field(
                    key=_PEOPLE,
                    label=texts.TWO_PEOPLE,
                    what=words.NOUNS["actor"],
                    chosen=view.selection.pair,
                    offered=offered
                    | value_picker.called(view.events, view.filters, "actor", view.selection.pair),
                    find=value_picker.finder(view.events, view.filters, "actor"),
                    choose=lambda two: activity_selection.change(
                        replace(activity_selection.current(), pair=two)
                    ),
                    most=PAIR,
                    placeholder=texts.PEOPLE_PLACEHOLDER,
                )
            )
        if not view.selection.pair:
            seed(_START, _other(view).since.astimezone(view.zone).date())
            st.date_input(
                texts.other_period_from(view.style.zone_name),
                key=_START,
                max_value=view.now.astimezone(view.zone).date(),
                on_change=_set_start,
                args=(view,),
                help=texts.PERIOD_HELP,
            )


def _set_start(view: View) -> None:
    day = value(_START)
    if isinstance(day, date):
        start = datetime.combine(day, time.min, tzinfo=view.zone).astimezone(UTC)
        activity_selection.change(replace(activity_selection.current(), beside=start))


def _other(view: View) -> Filters:
    length = view.filters.until - view.filters.since
    start = view.selection.beside or view.filters.since - length
    return view.filters.between(start, start + length)


def _periods(view: View) -> None:
    other = _other(view)
    sides = [
        ComparedSide(name, texts.span(when(f.since, view.zone), when(f.until, view.zone)), only, f)
        for name, only, f in (
            (texts.CHOSEN_PERIOD, texts.IN_CHOSEN, view.filters),
            (texts.OTHER_PERIOD, texts.IN_OTHER, other),
        )
    ]
    _side_by_side(view, sides)


def _people(view: View, pair: list[tuple[str, str]]) -> None:
    sides = [
        ComparedSide(
            name,
            "",
            texts.of_person(name),
            replace(
                view.filters,
                include={**view.filters.include, "actor": (one,)},
                hide=frozenset(),
            ),
        )
        for one, name in pair
    ]
    _side_by_side(view, sides)


def _side_by_side(view: View, sides: list[ComparedSide]) -> None:
    found = [
        time_series.series(
            view.events,
            side.filters,
            now=view.now,
            by="category",
            timezone=view.style.zone_name,
            top=40,
        )
        for side in sides
    ]
    most = max((int(one.buckets["events"].max()) for one in found), default=1)
    for place, (column, side) in enumerate(zip(st.columns(2), sides, strict=True)):
        with column, boundary():
            st.subheader(md(side.title), anchor=False)
            if side.span:
                st.caption(md(side.span))
            _figures(view, side.filters)
            with st.container(border=True):
                _series(view, found[place], side.filters, f"{'ab'[place]}", most)
    st.subheader(texts.DIFFERENCES, anchor=False)
    for row in (_LISTS[:2], _LISTS[2:]):
        for column, (by, title) in zip(st.columns(2), row, strict=True):
            with column, st.container(border=True, height="stretch"), boundary():
                _differences(view, sides, by, title)


def _figures(view: View, filters: Filters) -> None:
    source = source_of_record.chosen_source(view.events, filters)
    known = coverage.coverage(view.events, filters.profile, source, view.now)
    counted = period_totals.totals(view.events, filters, now=view.now).current
    with st.container(horizontal=True):
        for label, name in FIGURES:
            st.metric(label, number(int(getattr(counted, name))), border=True)
    until = min(filters.until, view.now)
    st.caption(md(components_coverage.sentence(known, filters.since, until, view.zone)))


def _series(view: View, found: time_series.Series, filters: Filters, key: str, most: int) -> None:
    frame, keys = folded(found, "category")
    unit = SIZES[found.size]
    panels.titled(texts.compare_title(unit), "", frame, key=f"compare.{key}")
    span = axis(found)
    until = min(filters.until, view.now)
    figure = series_chart.stacked_series(
        frame,
        view.style,
        bucket_label=unit,
        width=WIDTHS[found.size],
        span=span,
        shades=components_coverage.shades(found.coverage, filters.since, until, view.zone),
        colours=chart_style.palette(keys, view.style, fixed=True),
        most=most * 1.05,
    )
    panels.chart(
        figure,
        key=f"compare.{key}.{view.digest}.{view.selection.pair}.{view.selection.beside}",
        alt=texts.compare_alt(found.total),
    )


def _differences(view: View, sides: list[ComparedSide], by: str, title: str) -> None:
    parts = [summaries.top(view.events, side.filters, by, limit=50) for side in sides]
    names = ["first", "second"]
    both = pd.concat(
        [
            part.set_index("value")["events"].rename(name)
            for part, name in zip(parts, names, strict=True)
        ],
        axis=1,
    )
    if both.empty:
        panels.titled(title, "", None, key=f"differ.{by}")
        st.caption(texts.NO_VALUES)
        return
    labels = {
        value: with_raw(value) if by == "type" else label
        for part in reversed(parts)
        for value, label in zip(part["value"], part["label"], strict=True)
    }
    table = pd.DataFrame(
        {
            "name": [labels[str(value)] for value in both.index],
            **{n: both[n].fillna(0).astype("int64").to_numpy() for n in names},
        }
    )
    table["difference"] = table["first"] - table["second"]
    table = table.reindex(table["difference"].abs().sort_values(ascending=False).index)
    only = [int(((table[a] > 0) & (table[b] == 0)).sum()) for a, b in (names, names[::-1])]
    panels.titled(
        title,
        "",
        table,
        key=f"differ.{by}",
        stands_out=texts.only_on_one_side(only[0], sides[0].only, only[1], sides[1].only),
    )
    st.dataframe(
        table.head(TOP),
        hide_index=True,
        key=f"differences.{by}",
        column_order=("name", "difference", *names),
        column_config={
            "name": st.column_config.TextColumn(title),
            "difference": st.column_config.NumberColumn(texts.DIFFERENCE, format="localized"),
            "first": st.column_config.NumberColumn(short(sides[0].title, 24), format="localized"),
            "second": st.column_config.NumberColumn(short(sides[1].title, 24), format="localized"),
        },
        alt=texts.beside(title, sides[0].title, sides[1].title),
    )

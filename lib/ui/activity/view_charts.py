"""The charts of the Activity page: what to ask, how to draw it, what a click means."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

import pandas as pd
import streamlit as st

from lib.activity.model.coverage import Extent
from lib.activity.model.event_names import event_name, with_raw
from lib.activity.model.week_hours import HOUR
from lib.activity.model.zones import BucketSize
from lib.activity.queries import (
    anomaly_text,
    changes,
    period_totals,
    rankings,
    summaries,
    time_series,
)
from lib.activity.queries.filters import Filters
from lib.activity.queries.period_totals import Totals
from lib.activity.queries.time_series import Series
from lib.core.texts import md, number, short
from lib.store import EventStore
from lib.ui.activity import words
from lib.ui.components import coverage, panels
from lib.ui.components.charts import chart_style, ranking_chart, series_chart, week_chart
from lib.ui.components.charts.chart_style import OTHERS, SHOWN, ChartStyle
from lib.ui.components.charts.series import SIZES, WIDTHS, axis, folded
from lib.ui.components.filters import activity_selection as selection
from lib.ui.components.filters.activity_filters import OPENABLE, Selection
from lib.ui.components.page_cache import Answers
from lib.ui.shell.session import Visitor, state

T = TypeVar("T")
NOTHING: Final = ("no-such-value",)
TOP: Final = 8


@dataclass(frozen=True, slots=True)
class View:
    """What every chart of one run of the page shares.

    `of_one` is the profile of a person or item: there a name opens the next profile, and another
    value leaves the profile for everything that is filtered by both.
    """

    events: EventStore
    selection: Selection
    filters: Filters
    style: ChartStyle
    zone: Any
    now: datetime
    digest: str
    of_one: bool = False
    answers: Answers = field(default_factory=Answers)

    def once(self, name: str, ask: Callable[[], T]) -> T:
        """The answer to a question about these events; by name, which says all else of it."""
        return self.answers.once(f"{self.digest}.{name}", ask)

    def clicked(self, name: str, values: list[str]) -> None:
        """Keep or leave out what was clicked, as the switch says."""
        values = [value for value in values if value != OTHERS]
        if not values:
            return
        chosen, means = self.selection, state(Visitor).click
        if name in OPENABLE and (means == "opens" or self.of_one):
            self.open(name, values[0])
        elif means == "leaves out":
            selection.change(chosen.leave_out(name, values))
        else:
            selection.change(chosen.keep(name, values))

    def clicked_others(self, name: str, named: list[str]) -> None:
        """Keep or leave out all but the named, as the switch says."""
        if state(Visitor).click == "leaves out":
            selection.change(self.selection.keep(name, named))
        else:
            selection.change(self.selection.leave_out(name, named))

    def narrowed(self, name: str, values: tuple[str, ...]) -> "View":
        """The same view of some values of a filter alone, together with what is filtered."""
        now = self.filters.include.get(name, ())
        both = tuple(one for one in values if one in now) if now else values
        include = {**self.filters.include, name: both or NOTHING}
        return replace(
            self,
            filters=replace(self.filters, include=include),
            digest=f"{self.digest}.{name}.{'.'.join(values)}",
        )

    def open(self, name: str, value: str) -> None:
        """Show the profile of a person or an item."""
        selection.change(replace(selection.current(), opened=(name, value)))


FIGURES: Final = ((words.EVENTS, "events"), (words.PEOPLE, "actors"), (words.ITEMS, "items"))


def totals(view: View, figures: tuple[tuple[str, str], ...] = FIGURES) -> Totals:
    """The figures on top; returns them for what else is said about them."""
    found = view.once(
        "totals", lambda: period_totals.totals(view.events, view.filters, now=view.now)
    )
    for label, name in figures:
        delta, help_ = None, words.not_compared(found.comparison.reason)
        if found.compared is not None and found.previous is not None:
            previous = int(getattr(found.previous, name))
            delta = changes.of_figure(int(getattr(found.compared, name)), previous)
            help_ = words.previous(previous)
        st.metric(
            label,
            number(int(getattr(found.current, name))),
            delta,
            delta_color="off",
            delta_arrow="auto" if delta and "vs" in delta else "off",
            border=True,
            height="stretch",
            help=help_,
        )
    return found


def series(view: View, *, by: str | None = None) -> Series:
    """Events over time; a click keeps or leaves out a series, a drag across zooms into its time."""
    by, drawn = by or view.selection.stack, view.selection.drawn
    found = view.once(
        f"series by {by}",
        lambda: time_series.series(
            view.events,
            view.filters,
            now=view.now,
            by=by,
            timezone=view.style.zone_name,
            top=40 if by == "category" else SHOWN,
        ),
    )
    frame, keys = folded(found, by)
    since, until = view.filters.since, min(view.filters.until, view.now)
    unit = SIZES[found.size]
    panels.titled(
        words.series_title(unit, by),
        coverage.sentence(found.coverage, since, until, view.zone),
        _rows(frame, found),
        key="series",
        stands_out=anomaly_text.of_series(found.buckets, unit, bucket_text(found.size)),
    )
    figure = series_chart.stacked_series(
        _with_zeros(frame, keys, found) if drawn == "lines" else frame,
        view.style,
        bucket_label=unit,
        width=WIDTHS[found.size],
        span=axis(found),
        shades=[
            *coverage.shades(found.coverage, since, until, view.zone),
            *coverage.edges(axis(found), since, until, view.zone),
        ],
        colours=chart_style.palette(keys, view.style, fixed=by == "category"),
        names={key: event_name(key) for key in keys} if by == "type" else {},
        drawn=drawn,
    )

    def clicked(values: list[str], chosen: dict[str, Any]) -> None:
        if chosen.get("box"):
            _zoom(view, found, chosen["box"][0])
        elif OTHERS in values:
            view.clicked_others(by, [key for key in keys if key != OTHERS])
        else:
            view.clicked(by, values)

    panels.chart(
        figure,
        key=f"series.{view.digest}.{by}.{drawn}",
        alt=words.series_alt(found.total, by, drawn),
        on_points=clicked,
        select_box=True,
    )
    return found


def ranking(view: View, by: str, title: str, *, limit: int = TOP, key: str = "") -> None:
    """The values with the most events, beside the period before; a click keeps or leaves out."""
    found = view.once(
        f"top {limit} by {by}",
        lambda: rankings.ranked(view.events, view.filters, by, now=view.now, limit=limit),
    )
    frame, key = found.frame, key or f"top.{by}"
    panels.titled(
        title,
        "",
        _listed(found),
        key=key,
        help_=None if found.comparison.allowed else words.not_compared(found.comparison.reason),
        stands_out=anomaly_text.of_ranking(frame, len(found.gone)),
    )
    if not frame.empty:
        figure = ranking_chart.ranking(
            [str(label) for label in frame["label"]],
            [str(value) for value in frame["value"]],
            [int(count) for count in frame["events"]],
            view.style,
            changes=[_beside(row) for _, row in frame.iterrows()],
            hovers=[with_raw(str(value)) for value in frame["value"]] if by == "type" else (),
        )
        panels.chart(
            figure,
            key=f"{key}.{view.digest}",
            alt=words.first_of(title, [str(label) for label in frame["label"]]),
            on_points=lambda values, _chosen: view.clicked(by, values),
        )
    if len(found.gone):
        gone = [
            f"{label} ({number(int(count))})"
            for label, count in zip(found.gone["label"], found.gone["events"], strict=True)
        ]
        st.caption(md(words.gone(gone)))
    if by in OPENABLE and not frame.empty:
        openers(view, by, frame, key)


def openers(view: View, by: str, frame: pd.DataFrame, key: str) -> None:
    """The names of a list as buttons that open their profiles."""
    with st.popover(words.OPEN_A_PROFILE, type="tertiary", icon=":material/badge:"):
        often = Counter(str(label) for label in frame["label"])
        for row in frame[["value", "label"]].itertuples(index=False):
            name = short(str(row.label))
            st.button(
                md(name if often[str(row.label)] == 1 else words.with_id(name, str(row.value))),
                key=f"open.{key}.{row.value}",
                type="tertiary",
                on_click=view.open,
                args=(by, str(row.value)),
            )


def week(view: View) -> None:
    """Events by weekday and hour; a click keeps or leaves out an hour of the week."""
    found = view.once(
        "week",
        lambda: summaries.heatmap(view.events, view.filters, timezone=view.style.zone_name),
    )
    panels.titled(words.WEEK, "", found, key="week", stands_out=anomaly_text.of_week(found))
    panels.chart(
        week_chart.weekday_by_hour(found, view.style),
        key=f"week.{view.digest}",
        alt=words.WEEK_ALT,
        on_points=lambda values, _chosen: view.clicked(HOUR, values),
    )


def bucket_text(size: BucketSize) -> Callable[[pd.Timestamp], str]:
    """How a bucket of that size is called in a sentence."""
    form = "%a %d %b %H:%M" if size is BucketSize.HOUR else "%a %d %b %Y"
    before = words.THE_WEEK_OF if size is BucketSize.WEEK else ""
    return lambda at: before + at.strftime(form)


def _beside(row: "pd.Series[Any]") -> str:
    """The change of one value in a word; nothing where it isn't compared."""
    before = row["previous"]
    return "" if pd.isna(before) else changes.beside(int(row["compared"]), int(before))


def _listed(found: rankings.Ranking) -> pd.DataFrame:
    """The rows of a top list, with what is gone at its end."""
    frame = found.frame.rename(columns={"value": "id", "compared": "to compare"})
    if not found.comparison.allowed:
        return frame.drop(columns=["to compare", "previous"])
    gone = found.gone.rename(columns={"value": "id", "events": "previous"})
    return pd.concat([frame, gone.assign(events=0)], ignore_index=True) if len(gone) else frame


def _with_zeros(frame: pd.DataFrame, keys: list[str], found: Series) -> pd.DataFrame:
    """A point for each series and bucket: zero where it was read, none where it wasn't."""
    bars = found.buckets
    starts = bars["bucket"].dt.tz_localize(None)
    wide = frame.pivot_table(index="bucket", columns="series", values="events", aggfunc="sum")
    wide = wide.reindex(index=starts, columns=keys)
    known = bars["extent"].isin([Extent.READ, Extent.PARTIAL, Extent.SETTLING]).to_numpy()
    wide[known] = wide[known].fillna(0)
    return wide.reset_index(names="bucket").melt("bucket", var_name="series", value_name="events")


def _rows(frame: pd.DataFrame, found: Series) -> pd.DataFrame:
    wide = frame.pivot_table(
        index="bucket", columns="series", values="events", aggfunc="sum", fill_value=0
    )
    bars = found.buckets
    wide = wide.reindex(bars["bucket"].dt.tz_localize(None), fill_value=0)
    wide.insert(0, "read", bars["extent"].to_numpy())
    wide.index.name = f"from ({found.timezone})"
    return wide.reset_index()


def _zoom(view: View, found: Series, box: dict[str, Any]) -> None:
    """Zoom into the dragged span, out to whole buckets."""
    starts = [start.tz_localize(None) for start in found.buckets["bucket"]]
    inside = series_chart.dragged(box, starts)
    if not inside:
        return
    start = found.buckets["bucket"].iloc[inside[0]].to_pydatetime()
    end = found.buckets["end"].iloc[inside[-1]].to_pydatetime()
    end = min(end, view.now)
    if end - start >= timedelta(minutes=1):
        selection.change(selection.current().zoom(start, end))

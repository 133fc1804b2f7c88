"""The charts of the Activity page: what to ask, how to draw it, what a click means."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import pandas as pd
import streamlit as st

from lib.activity import queries
from lib.activity.filters import Filters
from lib.activity.queries import Series, Totals
from lib.activity.zones import BucketSize
from lib.store import EventStore
from lib.ui import charts, coverage_view, panels, selection
from lib.ui.charts import CATEGORIES, OTHERS, SHOWN, Look
from lib.ui.filters import Selection
from lib.ui.session import Visitor, state
from lib.ui.text import number, plural

SIZES: Final = {BucketSize.HOUR: "hour", BucketSize.DAY: "day", BucketSize.WEEK: "week"}
WIDTHS: Final = {
    BucketSize.HOUR: timedelta(hours=1),
    BucketSize.DAY: timedelta(days=1),
    BucketSize.WEEK: timedelta(days=7),
}
TOP: Final = 8


@dataclass(frozen=True, slots=True)
class View:
    """What every chart of one run of the page shares."""

    events: EventStore
    selection: Selection
    filters: Filters
    look: Look
    zone: Any
    now: datetime
    digest: str

    def clicked(self, name: str, values: list[str]) -> None:
        """Keep or leave out what was clicked, as the switch says."""
        values = [value for value in values if value != OTHERS]
        if not values:
            return
        chosen = self.selection
        leave_out = state(Visitor).click_leaves_out
        selection.change(chosen.leave_out(name, values) if leave_out else chosen.keep(name, values))


def totals(view: View) -> Totals:
    """The figures on top; returns them for what else is said about them."""
    found = queries.totals(view.events, view.filters, now=view.now)
    for label, name in (("Events", "events"), ("People", "actors"), ("Items", "items")):
        delta, help_ = None, f"Not compared: {found.comparison.reason}"
        if found.compared is not None and found.previous is not None:
            previous = int(getattr(found.previous, name))
            delta = _change(int(getattr(found.compared, name)), previous)
            help_ = f"The period of the same length before: {number(previous)}."
        st.metric(
            label,
            number(int(getattr(found.current, name))),
            delta,
            delta_color="off",
            delta_arrow="auto" if delta and "vs" in delta else "off",
            border=True,
            help=help_,
        )
    return found


def series(view: View) -> Series:
    """Events over time, stacked; a click keeps a series, a drag across zooms into its time."""
    by = view.selection.stack
    found = queries.series(
        view.events,
        view.filters,
        now=view.now,
        by=by,
        timezone=view.look.zone_name,
        top=40 if by == "category" else SHOWN,
    )
    frame, keys = folded(found, by)
    since, until = view.filters.since, min(view.filters.until, view.now)
    unit = SIZES[found.size]
    panels.titled(
        f"Events per {unit} by {by}",
        coverage_view.sentence(found.coverage, since, until, view.zone),
        _rows(frame, found),
        key="series",
    )
    figure = charts.stacked_series(
        frame,
        view.look,
        bucket_label=unit,
        width=WIDTHS[found.size],
        span=axis(found),
        shades=[
            *coverage_view.shades(found.coverage, since, until, view.zone),
            *coverage_view.edges(axis(found), since, until, view.zone),
        ],
        colours=charts.palette(keys, view.look, fixed=by == "category"),
    )

    def clicked(values: list[str], chosen: dict[str, Any]) -> None:
        if chosen.get("box"):
            _zoom(view, found, chosen["box"][0])
        else:
            view.clicked(by, values)

    panels.chart(
        figure,
        key=f"series.{view.digest}.{by}",
        alt=f"{plural(found.total, 'event')} over time, stacked by {by}",
        on_points=clicked,
        select_box=True,
    )
    return found


def folded(found: Series, by: str) -> tuple[pd.DataFrame, list[str]]:
    """The series that have a colour of their own, and the rest as one: (frame, keys in order)."""
    frame = found.frame.copy()
    if by == "category":
        keys: list[str] = [name for name in CATEGORIES if name in found.order]
    else:
        keys = [name for name in found.order if name != queries.OTHER_SERIES][:SHOWN]
    frame["series"] = frame["series"].where(frame["series"].isin(keys), OTHERS)
    frame = pd.DataFrame(frame.groupby(["bucket", "series"], as_index=False)["events"].sum())
    if (frame["series"] == OTHERS).any():
        keys.append(OTHERS)
    frame["bucket"] = frame["bucket"].dt.tz_localize(None)
    return frame, keys


def ranking(view: View, by: str, title: str, *, limit: int = TOP) -> None:
    """The values with the most events; a click keeps or leaves out."""
    found = queries.top(view.events, view.filters, by, limit=limit)
    panels.titled(title, "", found.rename(columns={"value": "id"}), key=f"top.{by}")
    if found.empty:
        st.caption("No event of this selection names one.")
        return
    figure = charts.ranking(
        [str(label) for label in found["label"]],
        [str(value) for value in found["value"]],
        [int(count) for count in found["events"]],
        view.look,
    )
    panels.chart(
        figure,
        key=f"top.{by}.{view.digest}",
        alt=f"{title}: {', '.join(str(label) for label in found['label'][:3])}",
        on_points=lambda values, _chosen: view.clicked(by, values),
    )


def week(view: View) -> None:
    """Events by weekday and hour."""
    found = queries.heatmap(view.events, view.filters, timezone=view.look.zone_name)
    panels.titled("Events by weekday and hour", "", found, key="week")
    panels.chart(
        charts.weekday_by_hour(found, view.look),
        key=f"week.{view.digest}",
        alt="Events by weekday and hour of the day",
    )


def _change(now: int, before: int) -> str:
    if before == 0:
        return "none before" if now else "as before"
    change = f"{(now - before) / before:+.0%}"
    return "as before" if change in {"+0%", "-0%"} else f"{change} vs previous"


def axis(found: Series) -> tuple[datetime, datetime]:
    """The whole buckets of a series as an axis, in wall-clock times of its zone."""
    bars = found.buckets
    first = bars["bucket"].iloc[0].tz_localize(None)
    last = bars["end"].iloc[-1].tz_localize(None)
    return first.to_pydatetime(), last.to_pydatetime()


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
    edges = box.get("x") or []
    if len(edges) < 2:  # noqa: PLR2004  # a span has two ends
        return
    first, last = sorted(str(edge) for edge in edges[:2])
    starts = [s.tz_localize(None).isoformat(sep=" ") for s in found.buckets["bucket"]]
    inside = [i for i, start in enumerate(starts) if first <= start <= last]
    if not inside:
        return
    start = found.buckets["bucket"].iloc[inside[0]].to_pydatetime()
    end = found.buckets["end"].iloc[inside[-1]].to_pydatetime()
    end = min(end, view.now)
    if end - start >= timedelta(minutes=1):
        selection.change(view.selection.zoom(start, end))

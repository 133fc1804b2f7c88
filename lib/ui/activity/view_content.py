"""The view "Content": downloads beside uploads, file types, and how storage moves."""

from typing import TYPE_CHECKING, Final

import pandas as pd
import streamlit as st

from lib.activity.model.coverage import Coverage
from lib.activity.model.zones import BucketSize
from lib.activity.queries import anomaly_text, content
from lib.ui.activity import words_views as words
from lib.ui.activity.view_charts import View, bucket_text, ranking
from lib.ui.components import coverage, panels
from lib.ui.components.charts import chart_style, series_chart
from lib.ui.components.charts.series import SIZES, WIDTHS
from lib.ui.shell.boundary import boundary

if TYPE_CHECKING:
    import plotly.graph_objects as go

_BYTES: Final = "bytes"


def view(view: View) -> None:
    """Everything of the view, each part in a frame of its own."""
    with st.container(border=True), boundary():
        _moved(view)
    with st.container(border=True), boundary():
        _storage(view)
    parts = (
        ("file_type", words.FILE_TYPES),
        ("item", words.MOST_USED),
        ("parent", words.FOLDERS),
    )
    for column, (by, title) in zip(st.columns(3), parts, strict=True):
        with column, st.container(border=True, height="stretch"), boundary():
            ranking(view, by, title)


def _moved(view: View) -> None:
    found = content.moved(view.events, view.filters, now=view.now, timezone=view.style.zone_name)
    frame, unit = found.frame, SIZES[found.size]
    downloads, uploads = int(frame["downloads"].sum()), int(frame["uploads"].sum())
    counts = words.moved(downloads, uploads)
    panels.titled(
        words.moved_title(unit),
        _complete(found.coverage, view),
        bare(frame),
        key="moved",
        stands_out=anomaly_text.of_series(
            with_extent(frame.assign(events=frame["downloads"]), found.coverage, view),
            unit,
            bucket_text(found.size),
            words.DOWNLOADS,
        ),
    )
    left, right = st.columns(2)
    with left:
        panels.chart(
            over_time(view, long(frame, ("downloads", "uploads")), found.size, found.coverage),
            key=f"moved.{view.digest}",
            alt=words.moved_alt(counts),
        )
    with right:
        panels.chart(
            over_time(
                view, long(frame, ("downloaded", "uploaded")), found.size, found.coverage, _BYTES
            ),
            key=f"moved.bytes.{view.digest}",
            alt=words.BYTES_ALT,
        )
    down, up, unsized = (int(frame[name].sum()) for name in ("downloaded", "uploaded", "unsized"))
    st.caption(words.moved_sizes(counts, down, up, unsized))


def _storage(view: View) -> None:
    found = content.storage(view.events, view.filters, now=view.now, timezone=view.style.zone_name)
    unit = SIZES[found.size]
    panels.titled(
        words.storage_title(unit),
        _complete(found.coverage, view),
        bare(found.frame),
        key="storage",
        help_=words.STORAGE_HELP,
    )
    growth = words.storage_growth(found.growth, found.uploads, found.deletes)
    unknown = words.storage_unknown(found.unsized_uploads, found.unsized_deletes, found.recalled)
    st.caption(f"{growth} {unknown}")
    if not found.uploads and not found.deletes:
        return
    figure = over_time(
        view,
        long(found.frame, ("added", "removed", "growth")),
        found.size,
        found.coverage,
        _BYTES,
        drawn="lines",
    )
    panels.chart(
        figure,
        key=f"storage.{view.digest}",
        alt=words.storage_alt(unit),
    )


# -- what the other views draw with too ------------------------------------------------------------


def over_time(
    view: View,
    frame: pd.DataFrame,
    bars: BucketSize,
    known: Coverage,
    unit: str | None = None,
    *,
    drawn: str | None = None,
) -> "go.Figure":
    """Series over time (bucket, series, events), beside each other as lines unless told else."""
    since, until = view.filters.since, min(view.filters.until, view.now)
    starts = frame["bucket"]
    span = (starts.min().to_pydatetime(), (starts.max() + WIDTHS[bars]).to_pydatetime())
    keys = list(dict.fromkeys(frame["series"]))
    drawn = drawn or (view.selection.drawn if view.selection.drawn != "stacked" else "lines")
    return series_chart.stacked_series(
        frame,
        view.style,
        bucket_label=SIZES[bars],
        width=WIDTHS[bars],
        span=span,
        shades=coverage.shades(known, since, until, view.zone),
        colours=chart_style.palette(keys, view.style, fixed=False),
        drawn=drawn,
        unit=unit if drawn != "share" else None,
    )


def long(frame: pd.DataFrame, names: tuple[str, ...]) -> pd.DataFrame:
    """Columns as series: bucket (wall-clock), series, events."""
    flat = bare(frame)[["bucket", *names]]
    return flat.melt("bucket", var_name="series", value_name="events")


def bare(frame: pd.DataFrame) -> pd.DataFrame:
    """With wall-clock times instead of times in a zone."""
    return frame.assign(bucket=frame["bucket"].dt.tz_localize(None))


def with_extent(frame: pd.DataFrame, known: Coverage, view: View) -> pd.DataFrame:
    """With how much of each bucket was read."""
    starts = list(frame["bucket"])
    ends = [*starts[1:], view.filters.until]
    since, until = view.filters.since, view.filters.until
    return frame.assign(
        extent=[
            str(known.extent(max(a, since), min(b, until)))
            for a, b in zip(starts, ends, strict=True)
        ]
    )


def _complete(known: Coverage, view: View) -> str:
    since, until = view.filters.since, min(view.filters.until, view.now)
    return coverage.sentence(known, since, until, view.zone)

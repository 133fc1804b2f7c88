"""The one chart that only this page has: percentiles of latency over time."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from lib.ui.components.charts.chart_style import ChartStyle
from lib.ui.components.charts.figure_layout import HEIGHT
from lib.ui.webhooks import words_log

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

_LINES: Final = (("p50", "solid", 0), ("p95", "dash", 1), ("p99", "dot", 3))


def percentiles(
    frame: "pd.DataFrame",
    style: ChartStyle,
    span: tuple[datetime, datetime],
    *,
    height: int = HEIGHT - 40,
) -> "go.Figure":
    """Lines of p50, p95 and p99 in seconds; told apart by colour and by dash.

    `frame` has `bucket` (in a zone), `deliveries`, `p50`, `p95`, `p99`; `span` is the axis, in
    wall-clock times of the zone.
    """
    import plotly.graph_objects as go  # noqa: PLC0415  # loaded ahead by the server, not by imports

    layout = {
        "height": height,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "hoverlabel": {"font": {"size": 12}},
        "legend": {
            "orientation": "h", "x": 0, "xanchor": "left", "y": 1.02, "yanchor": "bottom",
            "font": {"size": 11},
        },
        "xaxis": {
            "type": "date",
            "title": {"text": words_log.axis_time(style.zone_name), "font": {"size": 11}},
            "range": list(span),
            "fixedrange": True,
        },
        "yaxis": {
            "title": {"text": "seconds", "font": {"size": 11}},
            "rangemode": "tozero",
            "fixedrange": True,
        },
    }  # fmt: skip
    return go.Figure({"data": _lines(frame, style), "layout": layout})


def _lines(frame: "pd.DataFrame", style: ChartStyle) -> list[dict[str, Any]]:
    """A line for each percentile."""
    at = frame["bucket"].dt.tz_localize(None)
    return [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "name": name,
            "x": at,
            "y": frame[name],
            "line": {"color": style.colour(colour), "width": 2, "dash": dash},
            "marker": {"size": 5},
            "customdata": frame["deliveries"],
            "hovertemplate": f"%{{x|%a %d %b %H:%M}}<br>{name}: %{{y:,.3f}} s"
            "<br>%{customdata:,} deliveries<extra></extra>",
        }
        for name, dash, colour in _LINES
    ]

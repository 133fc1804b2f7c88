"""Events by weekday and hour, as a heat map."""

from typing import TYPE_CHECKING, Any, Final

from lib.activity.model.week_hours import WeekHour
from lib.core.palette import SHADES
from lib.ui.components import words
from lib.ui.components.charts.chart_style import ChartStyle
from lib.ui.components.charts.figure_layout import (
    axis_title,
    base_layout,
    centred_note,
    figure,
    whole_ticks,
)

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

_CELL: Final = 0.92  # of a column and a row of the heat map; the rest is the gap between cells


def weekday_by_hour(frame: "pd.DataFrame", style: ChartStyle) -> "go.Figure":
    """Events by weekday and hour. `frame` has `weekday` (1 is Monday), `hour` and `events`.

    The cells are bars, each with its `WeekHour` in `customdata`: Plotly's own heat map tells nobody
    of a click. Without events they are blank, and a word says so.
    """
    counts = dict.fromkeys(((day, hour) for day in range(1, 8) for hour in range(24)), 0)
    for weekday, hour, count in frame[["weekday", "hour", "events"]].itertuples(index=False):
        counts[int(weekday), int(hour)] = int(count)
    most = max(counts.values())
    layout = {
        **base_layout(256),
        "barmode": "overlay",
        **_axes(style),
        "annotations": [] if most else [centred_note(words.NO_EVENTS, style)],
    }
    return figure([_cells(counts, most, style)], layout)


def _cells(counts: dict[tuple[int, int], int], most: int, style: ChartStyle) -> dict[str, Any]:
    """A bar for each weekday and hour, in the colour of its count."""
    cells = [WeekHour(day, hour, style.zone_name) for day, hour in counts]
    return {
        "type": "bar",
        "x": [cell.hour for cell in cells],
        "y": [_CELL] * len(cells),
        "base": [cell.weekday - 1 - _CELL / 2 for cell in cells],
        "width": _CELL,
        "customdata": [cell.value for cell in cells],
        "marker": {"color": list(counts.values()), **_colour_scale(most, style)},
        "unselected": {"marker": {"opacity": 1}},  # a colour means a count, clicked or not
        "hovertext": [cell.span for cell in cells],
        "hovertemplate": "%{hovertext}<br>%{marker.color:,} events<extra></extra>",
    }


def _colour_scale(most: int, style: ChartStyle) -> dict[str, Any]:
    """How a count becomes a colour, and the bar beside the chart that says so."""
    colours = [tone.of(style.dark) for tone in SHADES]
    return {
        "colorscale": [[i / (len(colours) - 1), c] for i, c in enumerate(colours)],
        "cmin": 0,
        "cmax": max(1, most),
        "line": {"width": 0},
        "showscale": most > 0,
        "colorbar": {
            "title": {"text": "events", "side": "right", "font": {"size": 11}},
            "thickness": 8,
            "outlinewidth": 0,
            "tickfont": {"size": 10},
            "nticks": 4,
            **whole_ticks(most),
        },
    }


def _axes(style: ChartStyle) -> dict[str, Any]:
    """The hours of a day, and the weekdays from Monday downwards."""
    return {
        "xaxis": {
            "title": axis_title(words.hours(style.zone_name)),
            "dtick": 3,
            "range": [-0.5, 23.5],
            "showgrid": False,
            "zeroline": False,
        },
        "yaxis": {
            "tickmode": "array",
            "tickvals": list(range(len(words.WEEKDAYS))),
            "ticktext": list(words.WEEKDAYS),
            "range": [len(words.WEEKDAYS) - 0.5, -0.5],
            "showgrid": False,
            "zeroline": False,
        },
    }

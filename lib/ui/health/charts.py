"""The figures of the Health page: strips of status over time, and how long calls took.

Small values in, Plotly figures out. A status has a pattern besides its colour; time that was not
monitored is hatched grey, never drawn as up.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from lib.core import palette
from lib.core.palette import Tone
from lib.runbook.health.history import Extent, Segment
from lib.runbook.health.latency import Latency
from lib.ui.components.charts.axis_labels import shorten
from lib.ui.components.charts.chart_style import ChartStyle
from lib.ui.components.charts.figure_layout import figure
from lib.ui.components.coverage import wall
from lib.ui.health import words

if TYPE_CHECKING:
    from datetime import tzinfo

    import plotly.graph_objects as go

ROW: Final = 22
BAR: Final = 0.66  # of a row; by itself Plotly would make the bars of rare extents thicker


@dataclass(frozen=True, slots=True)
class _Ink:
    tone: Tone
    pattern: str = ""

    def of(self, style: ChartStyle) -> str:
        return self.tone.of(style.dark)


_INKS: Final = {
    Extent.UP: _Ink(palette.GOOD),
    Extent.WARNING: _Ink(palette.WARNING, "."),
    Extent.DOWN: _Ink(palette.BAD, "x"),
    Extent.OPEN: _Ink(Tone("#c9d2de", "#3a4656")),
    Extent.UNWATCHED: _Ink(Tone("#e9edf2", "#1d2530"), "/"),
}
_HATCH: Final = Tone(palette.GREY.light, "#566373")


_LEGEND: Final[dict[str, Any]] = {
    "orientation": "h",
    "traceorder": "normal",
    "x": 0,
    "xanchor": "left",
    "y": 1.0,
    "yanchor": "bottom",
    "font": {"size": 11},
    "itemclick": False,
    "itemdoubleclick": False,
}


def strips(rows: Mapping[str, Sequence[Segment]], style: ChartStyle, zone: "tzinfo") -> "go.Figure":
    """One strip for each label, top first. Segments are UTC; the axis shows the zone's time."""
    places = list(rows)
    bars = []
    for extent, ink in _INKS.items():
        found = [
            (place, one)
            for place, label in enumerate(places)
            for one in rows[label]
            if one.extent is extent
        ]
        bars.append(_bars(extent, ink, found, places, style, zone))
    starts = [one.start for part in rows.values() for one in part]
    ends = [one.end for part in rows.values() for one in part]
    layout = {
        "height": ROW * len(places) + 92,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "barmode": "overlay",
        "hoverlabel": {"font": {"size": 12}},
        "legend": dict(_LEGEND),
        "xaxis": {
            "type": "date",
            "title": {"text": words.time_axis(style.zone_name), "font": {"size": 11}},
            "range": [wall(min(starts), zone), wall(max(ends), zone)] if starts else None,
            "fixedrange": True,
        },
        "yaxis": {
            "tickmode": "array",
            "tickvals": list(range(len(places))),
            "ticktext": [shorten(label, 44) for label in places],
            "range": [len(places) - 0.5, -0.5],
            "showgrid": False,
            "ticks": "",
            "fixedrange": True,
            "automargin": True,
        },
    }
    return figure(bars, layout)


def _bars(
    extent: Extent,
    ink: _Ink,
    found: Sequence[tuple[int, Segment]],
    places: Sequence[str],
    style: ChartStyle,
    zone: "tzinfo",
) -> dict[str, Any]:
    starts = [wall(one.start, zone) for _, one in found]
    ends = [wall(one.end, zone) for _, one in found]
    status = words.EXTENTS[extent]
    return {
        "type": "bar",
        "orientation": "h",
        "width": BAR,
        "name": status,
        "showlegend": True,
        "y": [place for place, _ in found],
        "base": starts,
        "x": [_ms(start, end) for start, end in zip(starts, ends, strict=True)],
        "marker": {
            "color": ink.of(style),
            "line": {"width": 0},
            "pattern": {
                "shape": ink.pattern,
                "fgcolor": _HATCH.of(style.dark) if extent is Extent.UNWATCHED else "#ffffff",
                "fgopacity": 0.9,
                "size": 5,
                "solidity": 0.25,
                "fillmode": "overlay",
            },
        },
        "hovertext": [
            f"{shorten(places[place], 60)}<br>{status}"
            f"{f' ({shorten(one.cause, 60)})' if one.cause and extent in _NAMED else ''}<br>"
            + words.from_to(f"{start:%a %d %b %H:%M}", f"{end:%a %d %b %H:%M}")
            for (place, one), start, end in zip(found, starts, ends, strict=True)
        ],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


_NAMED: Final = frozenset({Extent.DOWN, Extent.WARNING})


def _ms(start: datetime, end: datetime) -> float:
    return (end - start).total_seconds() * 1000


def dumbbells(lines: Sequence[Latency], style: ChartStyle) -> "go.Figure":
    """From the median to the 99th percentile of each group, on a logarithmic axis."""
    layout = {
        "height": ROW * len(lines) + 96,
        "margin": {"l": 8, "r": 16, "t": 8, "b": 8},
        "legend": {"orientation": "h", "x": 0, "y": 1.0, "yanchor": "bottom", "font": {"size": 11}},
        "xaxis": {
            "type": "log",
            "title": {"text": words.MILLISECONDS, "font": {"size": 11}},
            "fixedrange": True,
            "dtick": 1,
        },
        "yaxis": {
            "tickmode": "array",
            "tickvals": list(range(len(lines))),
            "ticktext": [shorten(line.group, 40) for line in lines],
            "range": [len(lines) - 0.5, -0.5],
            "showgrid": True,
            "ticks": "",
            "fixedrange": True,
            "automargin": True,
        },
    }
    ink = style.colour(0)
    return figure([_ranges(lines, ink), *_marks(lines, ink)], layout)


def _ranges(lines: Sequence[Latency], ink: str) -> dict[str, Any]:
    """A bar from the median to the 99th percentile of each group."""
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [x for line in lines for x in (max(line.p50, 0.1), max(line.p99, 0.1), None)],
        "y": [y for place in range(len(lines)) for y in (place, place, None)],
        "line": {"color": ink, "width": 3},
        "opacity": 0.45,
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _marks(lines: Sequence[Latency], ink: str) -> list[dict[str, Any]]:
    """The three percentiles of each group, told apart by their symbols."""
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "name": name,
            "x": [max(getattr(line, name), 0.1) for line in lines],
            "y": list(range(len(lines))),
            "marker": {"symbol": symbol, "size": 9, "color": ink},
            "hovertext": [shorten(f"{line.server} {line.group}", 80) for line in lines],
            "hovertemplate": f"%{{hovertext}}<br>{name}: %{{x:,.0f}} ms<extra></extra>",
        }
        for name, symbol in (("p50", "circle"), ("p95", "diamond"), ("p99", "line-ns-open"))
    ]

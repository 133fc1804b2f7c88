"""Events over time: bars, lines or shares, with what was not read shaded.

A span that was not read, or is still settling, is shaded and named: it is never drawn as zero.
Every axis says its unit, and the time axis its zone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from lib.core.palette import INK
from lib.ui.components import words
from lib.ui.components.charts.axis_labels import shorten
from lib.ui.components.charts.chart_style import DASHES, OTHERS, PATTERNS, SYMBOLS, ChartStyle
from lib.ui.components.charts.figure_layout import (
    HEIGHT,
    axis_title,
    base_layout,
    figure,
    whole_ticks,
)

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

WORD_SHARE: Final = 0.08
_SHADE: Final = {False: "rgba(90,104,124,0.13)", True: "rgba(160,175,195,0.13)"}
_SETTLING: Final = {False: "rgba(90,104,124,0.06)", True: "rgba(160,175,195,0.06)"}
_LEGEND_ABOVE: Final[Mapping[str, Any]] = MappingProxyType({
    "orientation": "h",
    "traceorder": "normal",
    "x": 0,
    "xanchor": "left",
    "y": 1.02,
    "yanchor": "bottom",
    "font": {"size": 11},
    "title": {"text": ""},
})  # fmt: skip
_UNNAMED: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Shade:
    """A span of a time axis that isn't complete, and why: `not read` or `still settling`."""

    start: datetime
    end: datetime
    label: str
    settling: bool = False


@dataclass(frozen=True, slots=True)
class _Named:
    """A series: its key, and what it is called."""

    key: str
    name: str

    @property
    def hover(self) -> str:
        """The name with the key beside it, where that is another text."""
        both = self.name if self.name == self.key else f"{self.name} ({self.key})"
        return shorten(both, 90)


def stacked_series(  # noqa: PLR0913  # options of one chart, read by name
    frame: "pd.DataFrame",
    style: ChartStyle,
    *,
    bucket_label: str,
    width: timedelta,
    span: tuple[datetime, datetime],
    shades: Sequence[Shade] = (),
    colours: Mapping[str, str],
    names: Mapping[str, str] = _UNNAMED,
    height: int = HEIGHT,
    drawn: str = "stacked",
    unit: str | None = None,
    most: float | None = None,
) -> "go.Figure":
    """Events per bucket: `drawn` stacked, as lines, or as each series' share of its bucket.

    `frame` has `bucket` (naive wall-clock start of the bucket), `series` and `events`; `span` and
    `shades` are naive wall-clock times as well. Each bar carries its series in `customdata`.
    `unit` is what is counted where that isn't events, `most` the end of the axis if it is given.
    `names` are what series are called in the legend; where one has a name, hover shows its key too.
    """
    make = _line if drawn == "lines" else _bar
    bars = [
        make(frame[frame["series"] == key], _Named(key, names.get(key, key)), colour, place, width)
        for place, (key, colour) in enumerate(colours.items())
    ]
    shapes, annotations = _shaded(style, shades, span)
    layout = {
        **base_layout(height),
        "barmode": "stack",
        "barnorm": "percent" if drawn == "share" else None,
        "dragmode": False,  # where a drag chooses time, `panels.chart` says so
        "selectdirection": "h",
        "legend": dict(_LEGEND_ABOVE),
        "xaxis": {
            "type": "date",
            "title": axis_title(f"{bucket_label}, {style.zone_name}"),
            "range": list(span),
        },
        "yaxis": {
            "title": axis_title(unit or words.AXES.get(drawn, words.EVENTS)),
            **_upwards(frame, drawn, unit, most),
        },
        "shapes": shapes,
        "annotations": annotations,
    }
    return figure(bars, layout)


def _upwards(
    frame: "pd.DataFrame", drawn: str, unit: str | None, most: float | None
) -> dict[str, Any]:
    """The axis of counts, shares or bytes; in whole numbers where they are counts."""
    if unit == "bytes" or drawn == "share":
        return {"rangemode": "tozero", "tickformat": "~s" if unit == "bytes" else ",d"}
    if most is None:
        each = frame["events"] if drawn == "lines" else frame.groupby("bucket")["events"].sum()
        highest = float(each.max()) if each.notna().any() else 0.0
    else:
        highest = most
    found = {"rangemode": "tozero", "tickformat": ",d", **whole_ticks(highest)}
    if most is None and highest <= 0:
        most = 1.0  # nothing at all: else the axis would begin below zero
    return found if most is None else {**found, "range": [0, most]}


def _bar(
    part: "pd.DataFrame", series: "_Named", colour: str, place: int, width: timedelta
) -> dict[str, Any]:
    return {
        "type": "bar",
        "x": part["bucket"],
        "y": part["events"],
        "name": shorten(series.name),
        "customdata": [series.key] * len(part),
        "width": width.total_seconds() * 900,  # milliseconds; a tenth stays free between bars
        "offset": width.total_seconds() * 50,
        "marker": {
            "color": colour,
            "line": {"width": 0},
            "pattern": {
                "shape": PATTERNS[place % len(PATTERNS)],
                "fillmode": "overlay",
                "fgcolor": "rgba(255,255,255,0.5)",
                "size": 6,
                "solidity": 0.22,
            },
        },
        "hovertemplate": f"%{{x|%a %d %b %H:%M}}<br>{series.hover}: %{{y:,}}<extra></extra>",
    }


def _line(
    part: "pd.DataFrame", series: "_Named", colour: str, place: int, width: timedelta
) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "x": part["bucket"] + width / 2,
        "y": part["events"],
        "name": shorten(series.name),
        "customdata": [series.key] * len(part),
        "connectgaps": False,
        "line": {"color": colour, "width": 2, "dash": DASHES[place % len(DASHES)]},
        "marker": {"color": colour, "size": 6, "symbol": SYMBOLS[place % len(SYMBOLS)]},
        "hovertemplate": f"%{{x|%a %d %b %H:%M}}<br>{series.hover}: %{{y:,}}<extra></extra>",
    }


def folded(frame: "pd.DataFrame", keys: Sequence[str]) -> tuple["pd.DataFrame", list[str]]:
    """Series beside `keys` as one, `OTHERS`: (frame, keys in order).

    `frame` has `bucket` (aware), `series` and `events`; the buckets come back as wall-clock times.
    """
    named = frame.assign(series=frame["series"].where(frame["series"].isin(list(keys)), OTHERS))
    summed = named.groupby(["bucket", "series"], as_index=False)[["events"]].sum()
    summed["bucket"] = summed["bucket"].dt.tz_localize(None)  # not before: an hour can come twice
    rest = [OTHERS] if (summed["series"] == OTHERS).any() else []
    return summed, [*keys, *rest]


def dragged(box: Mapping[str, Any], starts: Sequence[datetime]) -> list[int]:
    """Which buckets begin inside the span of a drag, by place; `starts` are wall-clock times.

    A drag inside of one bucket means that one.
    """
    ends = sorted(str(end) for end in (box.get("x") or [])[:2])
    if len(ends) < 2:  # noqa: PLR2004  # a span has two ends
        return []
    texts = [start.isoformat(sep=" ") for start in starts]
    inside = [place for place, text in enumerate(texts) if ends[0] <= text <= ends[1]]
    return inside or [place for place, text in enumerate(texts) if text <= ends[0]][-1:]


def _shaded(
    style: ChartStyle, shades: Sequence[Shade], span: tuple[datetime, datetime]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rectangles behind the bars, and a word in those that have room for one."""
    whole = (span[1] - span[0]).total_seconds() or 1.0
    shapes, labels = [], []
    for shade in shades:
        start, end = max(shade.start, span[0]), min(shade.end, span[1])
        if start >= end:
            continue
        colour = (_SETTLING if shade.settling else _SHADE)[style.dark]
        shapes.append(
            {
                "type": "rect",
                "yref": "y domain",
                "x0": start,
                "x1": end,
                "y0": 0,
                "y1": 1,
                "layer": "below",
                "line": {"width": 0},
                "fillcolor": colour,
            }
        )
        if shade.label and (end - start).total_seconds() / whole > WORD_SHARE:
            labels.append(
                {
                    "text": shade.label,
                    "x": start,
                    "y": 1,
                    "yref": "y domain",
                    "xanchor": "left",
                    "yanchor": "top",
                    "showarrow": False,
                    "font": {"size": 10, "color": INK.of(style.dark)},
                }
            )
    return shapes, labels

"""Charts: small frames in, Plotly figures out. No query, no Streamlit call, no outside request.

Colours are told apart without red against green, and a category keeps its colour whatever else is
shown; each series has a pattern or a dash of its own too, so that a print in grey tells as much.
A span that was not read, or is still settling, is shaded and named: it is never drawn as zero.
Every axis says its unit, and the time axis its zone.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from lib.activity.model.week_hours import WeekHour
from lib.core.palette import GREY, INK, SERIES, SHADES
from lib.core.texts import number
from lib.ui.components import words

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

OTHERS: Final = "all others"
SHOWN: Final = 7
_CELL: Final = 0.92  # of a column and a row of the heat map; the rest is the gap between cells
HEIGHT: Final = 300
WORD_SHARE: Final = 0.08
_END: Final = 5  # characters of an id that tell two of one name apart
_FEW: Final = 6
#: In the order of the legend; these keep their colour, everything else is "all others".
CATEGORIES: Final = (
    "content",
    "sharing",
    "collaboration",
    "login",
    "security",
    "user",
    "group",
)
_SHADE: Final = {False: "rgba(90,104,124,0.13)", True: "rgba(160,175,195,0.13)"}
_SETTLING: Final = {False: "rgba(90,104,124,0.06)", True: "rgba(160,175,195,0.06)"}
PATTERNS: Final = ("", "/", ".", "x", "-", "\\", "+", "|")
DASHES: Final = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot", "6px,2px", "2px,6px")
SYMBOLS: Final = (
    "circle", "square", "diamond", "triangle-up", "x", "cross", "star", "triangle-down",
)  # fmt: skip
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


@dataclass(frozen=True, slots=True)
class ChartStyle:
    """How to draw: dark or light, and the zone whose wall-clock times are on the axis."""

    dark: bool
    zone_name: str

    def colour(self, index: int) -> str:
        """The colour of the series with that rank; grey beyond the palette."""
        tone = SERIES[index] if index < len(SERIES) else GREY
        return tone.of(self.dark)


def palette(keys: Sequence[str], style: ChartStyle, *, fixed: bool) -> dict[str, str]:
    """A colour for each key. `fixed` keeps a category's colour; else the rank decides."""
    ranks = {name: i for i, name in enumerate(CATEGORIES)} if fixed else {}
    return {
        key: style.colour(SHOWN if key == OTHERS else ranks.get(key, SHOWN) if fixed else index)
        for index, key in enumerate(keys)
    }


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
        **_layout(height),
        "barmode": "stack",
        "barnorm": "percent" if drawn == "share" else None,
        "dragmode": False,  # where a drag chooses time, `panels.chart` says so
        "selectdirection": "h",
        "legend": {
            "orientation": "h",
            "traceorder": "normal",
            "x": 0,
            "xanchor": "left",
            "y": 1.02,
            "yanchor": "bottom",
            "font": {"size": 11},
            "title": {"text": ""},
        },
        "xaxis": {
            "type": "date",
            "title": _title(f"{bucket_label}, {style.zone_name}"),
            "range": list(span),
        },
        "yaxis": {
            "title": _title(unit or words.AXES.get(drawn, words.EVENTS)),
            **_upwards(frame, drawn, unit, most),
        },
        "shapes": shapes,
        "annotations": annotations,
    }
    return _figure(bars, layout)


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


def ranking(
    labels: Sequence[str],
    ids: Sequence[str],
    counts: Sequence[int],
    style: ChartStyle,
    *,
    unit: str = "events",
    changes: Sequence[str] = (),
    hovers: Sequence[str] = (),
) -> "go.Figure":
    """Horizontal bars, the largest on top; `customdata` carries the id behind each label.

    `changes` are words beside each count, such as `+12%` or `new`; `hovers` stand in place of the
    labels when a bar is pointed at.
    """
    beside = [f"  {word}" if word else "" for word in changes] or [""] * len(labels)
    space = 1.18 + 0.045 * max((len(word) for word in beside), default=0)
    most = max(counts, default=1)
    shown = distinct_labels(labels, ids)
    places = list(range(len(shown)))
    bars = {
        "type": "bar",
        "x": list(counts),
        "y": places,
        "orientation": "h",
        "customdata": list(ids),
        "text": [number(int(n)) + word for n, word in zip(counts, beside, strict=True)],
        "textposition": "outside",
        "textfont": {"size": 11, "color": INK.of(style.dark)},
        "cliponaxis": False,
        "marker": {"color": style.colour(0), "line": {"width": 0}},
        "hovertext": [shorten(label, 200) for label in hovers or labels],
        "hovertemplate": "%{hovertext}: %{x:,} " + unit + "<extra></extra>",
    }
    layout = {
        **_layout(max(120, 26 * len(shown) + 46)),
        "bargap": 0.28,
        "xaxis": {
            "title": _title(unit),
            "tickformat": "~s",
            "range": [0, max(1, most) * space],
            "nticks": 5,
            **whole_ticks(most),
        },
        "yaxis": {
            "tickmode": "array",
            "tickvals": places,
            "ticktext": shown,
            "autorange": "reversed",
            "showgrid": False,
            "ticks": "",
        },
    }
    return _figure([bars], layout)


def weekday_by_hour(frame: "pd.DataFrame", style: ChartStyle) -> "go.Figure":
    """Events by weekday and hour. `frame` has `weekday` (1 is Monday), `hour` and `events`.

    The cells are bars, each with its `WeekHour` in `customdata`: Plotly's own heat map tells nobody
    of a click. Without events they are blank, and a word says so.
    """
    counts = dict.fromkeys(((day, hour) for day in range(1, 8) for hour in range(24)), 0)
    for weekday, hour, count in frame[["weekday", "hour", "events"]].itertuples(index=False):
        counts[int(weekday), int(hour)] = int(count)
    most = max(counts.values())
    cells = [WeekHour(day, hour, style.zone_name) for day, hour in counts]
    colours = [tone.of(style.dark) for tone in SHADES]
    heat = {
        "type": "bar",
        "x": [cell.hour for cell in cells],
        "y": [_CELL] * len(cells),
        "base": [cell.weekday - 1 - _CELL / 2 for cell in cells],
        "width": _CELL,
        "customdata": [cell.value for cell in cells],
        "marker": {
            "color": list(counts.values()),
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
        },
        "unselected": {"marker": {"opacity": 1}},  # a colour means a count, clicked or not
        "hovertext": [cell.span for cell in cells],
        "hovertemplate": "%{hovertext}<br>%{marker.color:,} events<extra></extra>",
    }
    layout = {
        **_layout(256),
        "barmode": "overlay",
        "xaxis": {
            "title": _title(words.hours(style.zone_name)),
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
        "annotations": [] if most else [_in_the_middle(words.NO_EVENTS, style)],
    }
    return _figure([heat], layout)


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


def shorten(label: str, length: int = 26) -> str:
    """A label for an axis; hover shows the whole. Plotly reads HTML in labels: none is let in."""
    text = " ".join(label.split())
    text = text if len(text) <= length else text[: length - 1] + "…"
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def distinct_labels(labels: Sequence[str], ids: Sequence[str], length: int = 26) -> list[str]:
    """Labels for an axis; those that would look the same end with the end of their id."""
    plain = [shorten(label, length) for label in labels]
    often = Counter(plain)
    return [
        text
        if often[text] == 1
        else f"{shorten(label, length - _END - 2)} …{shorten(name[-_END:])}"
        for text, label, name in zip(plain, labels, ids, strict=True)
    ]


def _layout(height: int) -> dict[str, Any]:
    return {
        "height": height,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "hoverlabel": {"font": {"size": 12}},
        "modebar": {
            "remove": [
                "lasso2d",
                "select2d",
                "zoom2d",
                "pan2d",
                "autoScale2d",
                "zoomIn2d",
                "zoomOut2d",
                "resetScale2d",
            ],
            "orientation": "h",
            "bgcolor": "rgba(0,0,0,0)",
        },
    }


def whole_ticks(most: float) -> dict[str, Any]:
    """What an axis of counts needs where they are few: there are no halves of an event."""
    return {"dtick": 1, "tickformat": ",d"} if most < _FEW else {}


def _in_the_middle(word: str, style: ChartStyle) -> dict[str, Any]:
    return {
        "text": word,
        "x": 0.5,
        "y": 0.5,
        "xref": "paper",
        "yref": "paper",
        "showarrow": False,
        "font": {"size": 13, "color": INK.of(style.dark)},
    }


def _title(text: str) -> dict[str, Any]:
    return {"text": text, "font": {"size": 11}}


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


def _figure(data: list[dict[str, Any]], layout: dict[str, Any]) -> "go.Figure":
    """One figure in one step: each later change of a Plotly figure costs milliseconds."""
    import plotly.graph_objects as go  # noqa: PLC0415  # loaded ahead by the server, not by imports

    return go.Figure({"data": data, "layout": layout})

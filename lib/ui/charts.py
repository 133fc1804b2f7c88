"""Charts: small frames in, Plotly figures out. No query, no Streamlit call, no outside request.

Colours are told apart without red against green, and a category keeps its colour whatever else is
shown. A span that was not read, or is still settling, is shaded and named: it is never drawn as
zero. Every axis says its unit, and the time axis its zone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from lib.ui.text import number

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

OTHERS: Final = "all others"
SHOWN: Final = 7
HEIGHT: Final = 300
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
_LIGHT: Final = (
    "#2f6fd0", "#d98a1f", "#3b9c86", "#b5568f", "#c25a34", "#7fb3e6", "#a99a2b",
)  # fmt: skip
_DARK: Final = (
    "#5b9bf3", "#e9a64b", "#5cbfa8", "#d182b3", "#e0855f", "#a5cdf5", "#cfc05a",
)  # fmt: skip
_GREY: Final = {False: "#98a3b3", True: "#6b7888"}
_SHADE: Final = {False: "rgba(90,104,124,0.13)", True: "rgba(160,175,195,0.13)"}
_SETTLING: Final = {False: "rgba(90,104,124,0.06)", True: "rgba(160,175,195,0.06)"}
_INK: Final = {False: "#566273", True: "#9aa7b8"}
_SEQUENTIAL: Final = {
    False: ("#f3f6fb", "#c9dcf6", "#82ade6", "#437fd0", "#1d4686"),
    True: ("#151c26", "#1d3557", "#2c5a99", "#4f8add", "#a9cbf9"),
}
WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True)
class Shade:
    """A span of a time axis that isn't complete, and why: `not read` or `still settling`."""

    start: datetime
    end: datetime
    label: str
    settling: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """How to draw: dark or light, and the zone whose wall-clock times are on the axis."""

    dark: bool
    zone_name: str

    def colour(self, index: int) -> str:
        """The colour of the series with that rank; grey beyond the palette."""
        palette = _DARK if self.dark else _LIGHT
        return palette[index] if index < len(palette) else _GREY[self.dark]


def palette(keys: Sequence[str], look: Look, *, fixed: bool) -> dict[str, str]:
    """A colour for each key. `fixed` keeps a category's colour; else the rank decides."""
    ranks = {name: i for i, name in enumerate(CATEGORIES)} if fixed else {}
    return {
        key: look.colour(SHOWN if key == OTHERS else ranks.get(key, SHOWN) if fixed else index)
        for index, key in enumerate(keys)
    }


def stacked_series(
    frame: "pd.DataFrame",
    look: Look,
    *,
    bucket_label: str,
    width: timedelta,
    span: tuple[datetime, datetime],
    shades: Sequence[Shade] = (),
    colours: Mapping[str, str],
    height: int = HEIGHT,
) -> "go.Figure":
    """Events per bucket, stacked.

    `frame` has `bucket` (naive wall-clock start of the bucket), `series` and `events`; `span` and
    `shades` are naive wall-clock times as well. Each bar carries its series in `customdata`.
    """
    import plotly.graph_objects as go  # noqa: PLC0415  # loaded ahead by the server, not by imports

    figure = go.Figure()
    for key, colour in colours.items():
        part = frame[frame["series"] == key]
        figure.add_bar(
            x=part["bucket"],
            y=part["events"],
            name=key,
            customdata=[key] * len(part),
            width=width.total_seconds() * 900,  # milliseconds; a tenth stays free between bars
            offset=width.total_seconds() * 50,
            marker={"color": colour, "line": {"width": 0}},
            hovertemplate=f"%{{x|%a %d %b %H:%M}}<br>{key}: %{{y:,}}<extra></extra>",
        )
    figure.update_layout(barmode="stack", **_layout(height))
    figure.update_layout(
        legend={
            "orientation": "h",
            "traceorder": "normal",
            "x": 0,
            "xanchor": "left",
            "y": 1.02,
            "yanchor": "bottom",
            "font": {"size": 11},
            "title": {"text": ""},
        },
        dragmode="select",
        selectdirection="h",
    )
    figure.update_xaxes(title=_title(f"{bucket_label}, {look.zone_name}"), range=list(span))
    figure.update_yaxes(title=_title("events"), rangemode="tozero", tickformat=",d")
    _shade(figure, look, shades, span)
    return figure


def ranking(
    labels: Sequence[str],
    ids: Sequence[str],
    counts: Sequence[int],
    look: Look,
    *,
    unit: str = "events",
) -> "go.Figure":
    """Horizontal bars, the largest on top; `customdata` carries the id behind each label."""
    import plotly.graph_objects as go  # noqa: PLC0415  # as above

    shown = [shorten(label) for label in labels]
    places = list(range(len(shown)))
    figure = go.Figure(
        go.Bar(
            x=list(counts),
            y=places,
            orientation="h",
            customdata=list(ids),
            text=[number(int(n)) for n in counts],
            textposition="outside",
            textfont={"size": 11, "color": _INK[look.dark]},
            cliponaxis=False,
            marker={"color": look.colour(0), "line": {"width": 0}},
            hovertext=list(labels),
            hovertemplate="%{hovertext}: %{x:,} " + unit + "<extra></extra>",
        )
    )
    figure.update_layout(bargap=0.28, **_layout(max(120, 26 * len(shown) + 46)))
    figure.update_xaxes(
        title=_title(unit),
        tickformat="~s",
        rangemode="tozero",
        range=[0, max(counts, default=1) * 1.18],
        nticks=5,
    )
    figure.update_yaxes(
        tickmode="array", tickvals=places, ticktext=shown, autorange="reversed", title=None
    )
    figure.update_yaxes(showgrid=False, ticks="")
    return figure


def weekday_by_hour(frame: "pd.DataFrame", look: Look) -> "go.Figure":
    """Events by weekday and hour. `frame` has `weekday` (1 is Monday), `hour` and `events`."""
    import plotly.graph_objects as go  # noqa: PLC0415  # as above

    grid = [[0] * 24 for _ in WEEKDAYS]
    for weekday, hour, count in frame[["weekday", "hour", "events"]].itertuples(index=False):
        grid[int(weekday) - 1][int(hour)] = int(count)
    colours = _SEQUENTIAL[look.dark]
    figure = go.Figure(
        go.Heatmap(
            z=grid,
            x=list(range(24)),
            y=list(WEEKDAYS),
            colorscale=[[i / (len(colours) - 1), c] for i, c in enumerate(colours)],
            xgap=2,
            ygap=2,
            colorbar={
                "title": {"text": "events", "side": "right", "font": {"size": 11}},
                "thickness": 8,
                "outlinewidth": 0,
                "tickfont": {"size": 10},
                "nticks": 4,
            },
            hovertemplate="%{y} %{x}:00<br>%{z:,} events<extra></extra>",
        )
    )
    figure.update_layout(**_layout(256))
    figure.update_xaxes(
        title=_title(f"hour of the day, {look.zone_name}"), dtick=3, showgrid=False, zeroline=False
    )
    figure.update_yaxes(autorange="reversed", showgrid=False, title=None)
    return figure


def shorten(label: str, length: int = 26) -> str:
    """A label for an axis; hover shows the whole. Plotly reads HTML in labels: none is let in."""
    text = " ".join(label.split())
    text = text if len(text) <= length else text[: length - 1] + "…"
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _layout(height: int) -> dict[str, Any]:
    return {
        "height": height,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "hoverlabel": {"font": {"size": 12}},
        "modebar": {"remove": ["lasso2d", "autoScale2d", "toImage", "zoomIn2d", "zoomOut2d"]},
    }


def _title(text: str) -> dict[str, Any]:
    return {"text": text, "font": {"size": 11}}


def _shade(
    figure: "go.Figure", look: Look, shades: Sequence[Shade], span: tuple[datetime, datetime]
) -> None:
    whole = (span[1] - span[0]).total_seconds() or 1.0
    for shade in shades:
        start, end = max(shade.start, span[0]), min(shade.end, span[1])
        if start >= end:
            continue
        wide = (end - start).total_seconds() / whole > 0.08  # noqa: PLR2004  # room for a word
        label: dict[str, Any] = {}
        if wide and shade.label:
            label = {
                "annotation_text": shade.label,
                "annotation_position": "top left",
                "annotation_font": {"size": 10, "color": _INK[look.dark]},
            }
        figure.add_vrect(
            x0=start,
            x1=end,
            layer="below",
            line_width=0,
            fillcolor=_SETTLING[look.dark] if shade.settling else _SHADE[look.dark],
            **label,
        )

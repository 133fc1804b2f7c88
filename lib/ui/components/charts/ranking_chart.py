"""Values with the most events, as horizontal bars."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lib.core.palette import INK
from lib.core.texts import number
from lib.ui.components.charts.axis_labels import distinct_labels, shorten
from lib.ui.components.charts.chart_style import ChartStyle
from lib.ui.components.charts.figure_layout import axis_title, base_layout, figure, whole_ticks

if TYPE_CHECKING:
    import plotly.graph_objects as go


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
    text = [number(int(n)) + word for n, word in zip(counts, beside, strict=True)]
    bars = {
        **_bars(counts, ids, text, style),
        "hovertext": [shorten(label, 200) for label in hovers or labels],
        "hovertemplate": "%{hovertext}: %{x:,} " + unit + "<extra></extra>",
    }
    layout = {
        **base_layout(max(120, 26 * len(labels) + 46)),
        "bargap": 0.28,
        "xaxis": {
            "title": axis_title(unit),
            "tickformat": "~s",
            "range": [0, max(1, most) * space],
            "nticks": 5,
            **whole_ticks(most),
        },
        "yaxis": _label_axis(distinct_labels(labels, ids)),
    }
    return figure([bars], layout)


def _bars(
    counts: Sequence[int], ids: Sequence[str], text: Sequence[str], style: ChartStyle
) -> dict[str, Any]:
    """A bar for each value, its count in words behind its end."""
    return {
        "type": "bar",
        "x": list(counts),
        "y": list(range(len(ids))),
        "orientation": "h",
        "customdata": list(ids),
        "text": list(text),
        "textposition": "outside",
        "textfont": {"size": 11, "color": INK.of(style.dark)},
        "cliponaxis": False,
        "marker": {"color": style.colour(0), "line": {"width": 0}},
    }


def _label_axis(shown: Sequence[str]) -> dict[str, Any]:
    """A label for each bar, the first on top."""
    return {
        "tickmode": "array",
        "tickvals": list(range(len(shown))),
        "ticktext": list(shown),
        "autorange": "reversed",
        "showgrid": False,
        "ticks": "",
    }

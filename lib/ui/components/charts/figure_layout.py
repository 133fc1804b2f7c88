"""What all figures share: layout, titles, ticks, and the one place that makes a Plotly figure."""

from typing import TYPE_CHECKING, Any, Final

from lib.core.palette import INK
from lib.ui.components.charts.chart_style import ChartStyle

if TYPE_CHECKING:
    import plotly.graph_objects as go

HEIGHT: Final = 300
_FEW: Final = 6


def base_layout(height: int) -> dict[str, Any]:
    """The layout that every chart begins with."""
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


def centred_note(word: str, style: ChartStyle) -> dict[str, Any]:
    """A word in the middle of a chart that shows nothing else."""
    return {
        "text": word,
        "x": 0.5,
        "y": 0.5,
        "xref": "paper",
        "yref": "paper",
        "showarrow": False,
        "font": {"size": 13, "color": INK.of(style.dark)},
    }


def axis_title(text: str) -> dict[str, Any]:
    """The title of an axis."""
    return {"text": text, "font": {"size": 11}}


def figure(data: list[dict[str, Any]], layout: dict[str, Any]) -> "go.Figure":
    """One figure in one step: each later change of a Plotly figure costs milliseconds."""
    import plotly.graph_objects as go  # noqa: PLC0415  # loaded ahead by the server, not by imports

    return go.Figure({"data": data, "layout": layout})

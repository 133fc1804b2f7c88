"""Small parts that pages are made of: a chart with its title and rows, chips, empty states."""

import io
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from lib.activity.exporting.csv_safety import guarded
from lib.core.texts import md
from lib.ui.components import words
from lib.ui.components.charts.chart_style import ChartStyle
from lib.ui.shell import theme
from lib.ui.shell.session import value

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

PLOTLY_CONFIG: Final = {"displaylogo": False, "responsive": True}
_NAME: Final = re.compile(r"[^a-z0-9]+")


def style(zone_name: str) -> ChartStyle:
    """How charts are drawn for this visitor."""
    return ChartStyle(theme.is_dark(), zone_name)


def titled(
    title: str,
    note: str,
    rows: "pd.DataFrame | None" = None,
    *,
    key: str,
    help_: str | None = None,
    stands_out: str = "",
) -> None:
    """A chart's title, what it says about its coverage, and its rows one click away.

    `stands_out` is the sentence below that says what is unusual in it, or that nothing is.
    """
    with st.container(horizontal=True, vertical_alignment="center", key=f"head.{key}"):
        st.markdown(f"**{md(title)}**", width="content", help=help_)
        if note:
            st.caption(md(note), width="stretch")
        else:
            st.space("stretch")
        if rows is not None:
            with st.popover(
                words.ROWS, type="tertiary", icon=":material/table_rows:", help=words.ROWS_HELP
            ):
                st.dataframe(rows, hide_index=True, height=320, key=f"rows.{key}")
                frame = rows
                st.download_button(
                    words.CSV,
                    lambda: csv_of(frame),
                    f"{file_stem(title)}.csv",
                    "text/csv",
                    key=f"csv.{key}",
                    icon=":material/download:",
                    on_click="ignore",
                    help=words.CSV_HELP,
                )
    if stands_out:
        st.caption(md(stands_out))


def csv_of(rows: "pd.DataFrame") -> bytes:
    """Rows as CSV that a spreadsheet reads as text, never as a formula."""
    safe = rows.copy()
    for name in safe.columns:
        if safe[name].dtype.kind not in "iufbM":
            safe[name] = [guarded(one) if isinstance(one, str) else one for one in safe[name]]
    safe.columns = [guarded(str(name)) for name in safe.columns]
    buffer = io.StringIO()
    safe.to_csv(buffer, index=False)
    return buffer.getvalue().encode()


def file_stem(title: str) -> str:
    """A title as the name of a file."""
    return _NAME.sub("-", title.lower()).strip("-") or "chart"


def chart(
    figure: "go.Figure",
    *,
    key: str,
    alt: str,
    on_points: Callable[[list[str], dict[str, Any]], None] | None = None,
    select_box: bool = False,
) -> None:
    """A figure; `on_points` gets the values behind what was clicked, and the whole selection.

    A camera above it keeps it as an image. `select_box`: a drag across selects a span as well.
    """
    config = {
        **PLOTLY_CONFIG,
        "toImageButtonOptions": {"format": "png", "scale": 2, "filename": file_stem(alt)[:60]},
    }
    if on_points is None:
        st.plotly_chart(figure, key=key, config=config, alt=alt)
        return
    handler = on_points

    def clicked() -> None:
        selection = dict(value(key, {}).get("selection", {}))
        handler(_values(selection.get("points", [])), selection)

    st.plotly_chart(
        _clickable(figure, drag=select_box),
        key=key,
        config=config,
        alt=alt,
        on_select=clicked,
        selection_mode=("points", "box") if select_box else "points",
    )


def _clickable(figure: "go.Figure", *, drag: bool) -> "go.Figure":
    """All that clicks need is said: what Streamlit adds itself it loses when the theme changes."""
    from lib.ui.components.charts.click_and_drag import ClickAndDrag  # noqa: PLC0415  # Plotly is loaded where used

    figure.update_layout(clickmode="event+select", hovermode="closest", dragmode="pan")
    return ClickAndDrag(figure) if drag else figure


def _values(points: Sequence[Any]) -> list[str]:
    found: list[str] = []
    for point in points:
        data = point.get("customdata")
        data = data[0] if isinstance(data, list | tuple) and data else data
        if isinstance(data, str) and data:
            found.append(data)
    return list(dict.fromkeys(found))


def empty(title: str, sentence: str) -> None:
    """What to do next where there is nothing to show."""
    with st.container(border=True, key=f"empty.{title}"):
        st.markdown(f"**{md(title)}**")
        st.caption(md(sentence))

"""Small parts that pages are made of: a chart with its title and rows, chips, empty states."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from lib.ui import theme
from lib.ui.charts import Look
from lib.ui.session import value
from lib.ui.text import md

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

PLOTLY_CONFIG: Final = {"displaylogo": False, "displayModeBar": False, "responsive": True}


def look(zone_name: str) -> Look:
    """How charts are drawn for this visitor."""
    return Look(theme.is_dark(), zone_name)


def titled(
    title: str, note: str, rows: "pd.DataFrame | None" = None, *, key: str, help_: str | None = None
) -> None:
    """A chart's title, what it says about its coverage, and its rows one click away."""
    with st.container(horizontal=True, vertical_alignment="center", key=f"head.{key}"):
        st.markdown(f"**{md(title)}**", width="content", help=help_)
        if note:
            st.caption(md(note), width="stretch")
        else:
            st.space("stretch")
        if rows is not None:
            with st.popover("Rows", type="tertiary", icon=":material/table_rows:", help="Its rows"):
                st.dataframe(rows, hide_index=True, height=320, key=f"rows.{key}")


def chart(
    figure: "go.Figure",
    *,
    key: str,
    alt: str,
    on_points: Callable[[list[str], dict[str, Any]], None] | None = None,
    select_box: bool = False,
) -> None:
    """A figure; `on_points` gets the values behind what was clicked, and the whole selection."""
    if on_points is None:
        st.plotly_chart(figure, key=key, config=PLOTLY_CONFIG, alt=alt)
        return
    handler = on_points

    def clicked() -> None:
        selection = dict(value(key, {}).get("selection", {}))
        handler(_values(selection.get("points", [])), selection)

    st.plotly_chart(
        figure,
        key=key,
        config=PLOTLY_CONFIG,
        alt=alt,
        on_select=clicked,
        selection_mode=("points", "box") if select_box else "points",
    )


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

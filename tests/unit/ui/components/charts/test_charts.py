"""Charts: what wasn't read is shaded and named, colours stay with their category."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

import pandas as pd
import plotly.graph_objects as go
import pytest

from lib.activity.model.coverage import Coverage
from lib.store.spans import Span
from lib.ui.components import coverage
from lib.ui.components.charts.chart_style import CATEGORIES, OTHERS, ChartStyle, palette
from lib.ui.components.charts.click_and_drag import ClickAndDrag
from lib.ui.components.charts.figure_layout import whole_ticks
from lib.ui.components.charts.ranking_chart import ranking
from lib.ui.components.charts.series_chart import Shade, dragged, stacked_series
from lib.ui.components.charts.week_chart import weekday_by_hour

NOW = datetime(2026, 11, 8, tzinfo=UTC)
DAY = timedelta(days=1)
LIGHT = ChartStyle(dark=False, zone_name="UTC")
DARK = ChartStyle(dark=True, zone_name="UTC")


def covered(*spans: tuple[int, int]) -> Coverage:
    """Coverage from and to days before now."""
    found = tuple(Span(NOW - a * DAY, NOW - b * DAY, NOW) for a, b in spans)
    return Coverage("box_stream", found, NOW)


def test_a_day_that_was_not_read_is_shaded_and_named() -> None:
    known = covered((7, 4), (3, 0))
    found = coverage.shades(known, NOW - 7 * DAY, NOW, UTC)
    assert [(s.start.day, s.end.day, s.label) for s in found] == [(4, 5, "not read")]
    figure = stacked_series(
        pd.DataFrame({"bucket": [], "series": [], "events": []}),
        LIGHT,
        bucket_label="day",
        width=DAY,
        span=(datetime(2026, 11, 1), datetime(2026, 11, 8)),  # noqa: DTZ001  # wall-clock times
        shades=found,
        colours={},
    )
    assert len(figure.layout.shapes) == 1
    assert figure.layout.annotations[0].text == "not read"


def test_what_settles_is_not_called_missing() -> None:
    known = Coverage("box_stream", (Span(NOW - 7 * DAY, NOW - timedelta(minutes=5), NOW),), NOW)
    assert coverage.sentence(known, NOW - 7 * DAY, NOW, UTC).startswith("Complete to")
    assert all(s.settling for s in coverage.shades(known, NOW - 7 * DAY, NOW, UTC))


def test_a_gap_is_reported_in_words() -> None:
    text = coverage.sentence(covered((7, 4), (3, 0)), NOW - 7 * DAY, NOW, UTC)
    assert "86% of this period was read" in text
    nothing = Coverage("box_stream", (), NOW)
    assert coverage.sentence(nothing, NOW - DAY, NOW, UTC) == "No events have been read yet."


def test_a_category_keeps_its_colour_whatever_else_is_shown() -> None:
    alone = palette(["login"], LIGHT, fixed=True)
    together = palette([*CATEGORIES, OTHERS], LIGHT, fixed=True)
    assert alone["login"] == together["login"]
    assert len(set(together.values())) == len(together)
    assert not set(together.values()) & set(palette([*CATEGORIES], DARK, fixed=True).values())


@pytest.mark.parametrize("style", [LIGHT, DARK])
def test_axes_say_their_unit_and_zone(style: ChartStyle) -> None:
    heat = pd.DataFrame({"weekday": [1], "hour": [9], "events": [5]})
    figure = weekday_by_hour(heat, style)
    assert "hour of the day, UTC" in figure.layout.xaxis.title.text
    cells = figure.data[0]
    counts = dict(zip(cells.customdata, cells.marker.color, strict=True))
    assert {cell: count for cell, count in counts.items() if count} == {"1.09.UTC": 5}
    bars = ranking(["<b>Ada</b>"], ["42"], [3], style)
    assert bars.layout.xaxis.title.text == "events"
    assert bars.data[0].customdata[0] == "42"
    assert "<b>" not in bars.layout.yaxis.ticktext[0]


def test_shades_outside_of_the_axis_are_left_out() -> None:
    shade = Shade(datetime(2026, 1, 1), datetime(2026, 1, 2), "not read")  # noqa: DTZ001  # as above
    figure = stacked_series(
        pd.DataFrame({"bucket": [], "series": [], "events": []}),
        LIGHT,
        bucket_label="day",
        width=DAY,
        span=(datetime(2026, 11, 1), datetime(2026, 11, 8)),  # noqa: DTZ001  # as above
        shades=[shade],
        colours={},
    )
    assert len(figure.layout.shapes) == 0


def test_without_events_a_heat_map_is_blank_and_says_so() -> None:
    for most in (0, 1, 2, 5):
        heat = pd.DataFrame({"weekday": [1], "hour": [9], "events": [most]})
        figure = weekday_by_hour(heat, LIGHT)
        marker = figure.data[0].marker
        assert (marker.cmin, marker.cmax) == (0, max(1, most)), most
        assert marker.showscale is (most > 0), most
        assert [note.text for note in figure.layout.annotations] == (
            [] if most else ["No events"]
        ), most


def test_an_axis_of_few_counts_has_whole_numbers() -> None:
    day = datetime(2026, 11, 1)  # noqa: DTZ001  # a wall-clock time
    for most, step in ((0, 1), (1, 1), (2, 1), (5, 1), (6, None), (2000, None)):
        assert whole_ticks(most).get("dtick") == step, most
        top = ranking(["Ada"], ["1"], [most], LIGHT).layout.xaxis
        assert top.dtick == step, most
        assert top.range[0] < top.range[1], most
        # the bar of a day is as high as its two series together
        frame = pd.DataFrame({"bucket": day, "series": ["a", "b"], "events": [most - 1, 1]})
        frame = frame if most else frame.head(0)
        bars = _drawn(frame, "stacked").layout.yaxis
        assert bars.dtick == step, most
        assert (bars.range is None) == bool(most), most
    assert (
        _drawn(
            pd.DataFrame({"bucket": day, "series": ["a"], "events": [3]}), "share"
        ).layout.yaxis.dtick
        is None
    )


def _drawn(
    frame: pd.DataFrame, drawn: str, names: Mapping[str, str] = MappingProxyType({})
) -> go.Figure:
    return stacked_series(
        frame,
        LIGHT,
        bucket_label="day",
        width=DAY,
        span=(datetime(2026, 11, 1), datetime(2026, 11, 8)),  # noqa: DTZ001  # as above
        colours={"a": "#111111", "b": "#222222"},
        names=names,
        drawn=drawn,
    )


def test_a_type_has_its_name_in_the_legend_and_its_raw_name_when_pointed_at() -> None:
    for drawn in ("stacked", "lines", "share"):
        frame = pd.DataFrame(
            {"bucket": [datetime(2026, 11, 2)] * 2, "series": ["a", "b"], "events": [3, 1]}  # noqa: DTZ001  # as above
        )
        first, second = _drawn(frame, drawn, names={"a": "Metadata added"}).data
        assert (first.name, second.name) == ("Metadata added", "b"), drawn
        assert "Metadata added (a)" in first.hovertemplate, drawn
        assert "b: " in second.hovertemplate, drawn
        assert list(first.customdata) == ["a"], drawn
    [bars] = ranking(["Metadata added"], ["a"], [3], LIGHT, hovers=["Metadata added (a)"]).data
    assert (list(bars.hovertext), list(bars.customdata)) == (["Metadata added (a)"], ["a"])


def test_pin_a_click_and_a_drag_both_reach_python() -> None:
    """Streamlit reads the layout alone, Plotly the template where the layout's word is none."""
    empty = pd.DataFrame({"bucket": [], "series": [], "events": []})
    sent = ClickAndDrag(_drawn(empty, "stacked"))
    layout = sent.to_dict()["layout"]
    assert layout["dragmode"]
    assert layout["dragmode"] not in {"select", "lasso"}
    with pytest.raises(ValueError, match="dragmode"):
        sent.update_layout(dragmode=layout["dragmode"])
    assert layout["template"]["layout"]["dragmode"] == "select"
    assert layout["selectdirection"] == "h"


def test_a_drag_means_the_buckets_that_begin_in_it_or_the_one_it_is_in() -> None:
    starts = [datetime(2026, 11, day) for day in (1, 2, 3)]  # noqa: DTZ001  # as above
    for ends, places in (
        (["2026-11-01 20:00", "2026-11-03 04:00:00.5"], [1, 2]),
        (["2026-11-03 04:00", "2026-11-01 20:00"], [1, 2]),  # from right to left
        (["2026-11-02 04:00", "2026-11-02 09:00"], [1]),
        (["2026-10-30 04:00", "2026-10-31 09:00"], []),
    ):
        assert dragged({"x": ends}, starts) == places, ends

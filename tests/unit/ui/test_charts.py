"""Charts: what wasn't read is shaded and named, colours stay with their category."""

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from lib.activity.coverage import Coverage
from lib.store.spans import Span
from lib.ui import coverage_view
from lib.ui.activity_charts import changed
from lib.ui.charts import (
    CATEGORIES,
    OTHERS,
    Look,
    Shade,
    palette,
    ranking,
    stacked_series,
    weekday_by_hour,
)

NOW = datetime(2026, 11, 8, tzinfo=UTC)
DAY = timedelta(days=1)
LIGHT = Look(dark=False, zone_name="UTC")
DARK = Look(dark=True, zone_name="UTC")


def covered(*spans: tuple[int, int]) -> Coverage:
    """Coverage from and to days before now."""
    found = tuple(Span(NOW - a * DAY, NOW - b * DAY, NOW) for a, b in spans)
    return Coverage("box_stream", found, NOW)


def test_a_day_that_was_not_read_is_shaded_and_named() -> None:
    known = covered((7, 4), (3, 0))
    found = coverage_view.shades(known, NOW - 7 * DAY, NOW, UTC)
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
    assert coverage_view.sentence(known, NOW - 7 * DAY, NOW, UTC).startswith("Complete to")
    assert all(s.settling for s in coverage_view.shades(known, NOW - 7 * DAY, NOW, UTC))


def test_a_gap_is_told_in_words() -> None:
    text = coverage_view.sentence(covered((7, 4), (3, 0)), NOW - 7 * DAY, NOW, UTC)
    assert "86% of this period was read" in text
    nothing = Coverage("box_stream", (), NOW)
    assert coverage_view.sentence(nothing, NOW - DAY, NOW, UTC) == "Nothing was read yet."


def test_a_category_keeps_its_colour_whatever_else_is_shown() -> None:
    alone = palette(["login"], LIGHT, fixed=True)
    together = palette([*CATEGORIES, OTHERS], LIGHT, fixed=True)
    assert alone["login"] == together["login"]
    assert len(set(together.values())) == len(together)
    assert not set(together.values()) & set(palette([*CATEGORIES], DARK, fixed=True).values())


@pytest.mark.parametrize("look", [LIGHT, DARK])
def test_axes_say_their_unit_and_zone(look: Look) -> None:
    heat = pd.DataFrame({"weekday": [1], "hour": [9], "events": [5]})
    figure = weekday_by_hour(heat, look)
    assert "hour of the day, UTC" in figure.layout.xaxis.title.text
    assert figure.data[0].z[0][9] == 5
    bars = ranking(["<b>Ada</b>"], ["42"], [3], look)
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


@pytest.mark.parametrize(
    "now,before,word",
    [
        (5, 0, "new"),
        (0, 0, ""),
        (112, 100, "+12%"),
        (0, 7, "-100%"),
        (1000, 1000, "±0%"),
        (99, 10, "+890%"),
        (93, 1, "\N{MULTIPLICATION SIGN}93"),
    ],
)
def test_a_change_is_a_percentage_until_it_is_tenfold(now: int, before: int, word: str) -> None:
    assert changed(now, before) == word

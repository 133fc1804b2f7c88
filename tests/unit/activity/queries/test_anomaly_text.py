"""The sentence that says what stands out: from the figures alone, or that nothing does."""

import pandas as pd
import pytest

from lib.activity.model.coverage import Extent
from lib.activity.queries import anomaly_text


def days(*counts: int, extent: Extent = Extent.READ) -> pd.DataFrame:
    at = pd.date_range("2026-03-01", periods=len(counts), tz="UTC")
    return pd.DataFrame({"bucket": at, "events": counts, "extent": [str(extent)] * len(counts)})


def said(frame: pd.DataFrame) -> str:
    return anomaly_text.of_series(frame, "day", lambda at: f"{at:%d %b}")


def test_a_peak_is_named_with_what_is_usual() -> None:
    text = said(days(50, 60, 55, 40, 300, 45, 52, 58, 61))
    assert text.startswith("Stands out: 05 Mar with 300 events; 90% of the other days")


@pytest.mark.parametrize("counts", [(50, 60, 55, 40, 65, 45, 52, 58, 61), (1, 2, 1, 9, 1, 1, 1, 1)])
def test_an_even_or_tiny_series_has_nothing_that_stands_out(counts: tuple[int, ...]) -> None:
    assert said(days(*counts)).startswith("Nothing stands out")


def test_what_was_not_read_is_not_judged() -> None:
    assert "too few" in said(days(*[500] * 20, extent=Extent.UNREAD))
    assert said(days(*[0] * 20)) == "No events in this period."


def listed(*rows: tuple[str, int, float, int | None, int | None]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["label", "events", "share", "compared", "previous"])
    return frame.astype({"compared": "Int64", "previous": "Int64"})


def test_a_list_names_the_new_the_risen_and_the_dominant() -> None:
    text = anomaly_text.of_ranking(
        listed(("Ada", 600, 0.6, 600, 590), ("Bob", 90, 0.09, 90, 30), ("Cy", 80, 0.08, 80, 0))
    )
    assert "Ada has 60% of all events" in text
    assert "new: Cy" in text
    assert "3 times the previous period: Bob" in text


def test_a_list_without_a_period_before_says_so() -> None:
    text = anomaly_text.of_ranking(listed(("Ada", 9, 0.3, None, None), ("Bob", 8, 0.2, None, None)))
    assert text.startswith("Nothing stands out")
    assert "no previous period" in text


def test_a_week_tells_its_busiest_hour_and_the_nights() -> None:
    cells = [(d, h, 10 if 8 <= h < 18 and d < 6 else 0) for d in range(1, 8) for h in range(24)]
    frame = pd.DataFrame(cells, columns=["weekday", "hour", "events"])
    assert anomaly_text.of_week(frame).startswith("Nothing stands out")
    frame.loc[(frame["weekday"] == 7) & (frame["hour"] == 3), "events"] = 500
    text = anomaly_text.of_week(frame)
    assert text.startswith("Stands out: Sun 03:00 with 500 events; 50% fall")

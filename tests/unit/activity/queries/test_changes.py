"""A change is a percentage only where the earlier count carries one."""

import pandas as pd

from lib.activity.queries import anomaly_text, changes


def test_a_percentage_needs_ten_before_and_at_most_tenfold() -> None:
    for now, before, said in (
        (0, 0, ""),
        (5, 0, "new"),
        (9, 9, "9 before"),
        (0, 9, "9 before"),
        (20, 9, "9 before"),
        (0, 10, "-100%"),
        (10, 10, "±0%"),
        (20, 10, "+100%"),
        (100, 10, "+900%"),
        (101, 10, "10 before"),
        (112, 100, "+12%"),
        (1001, 1000, "±0%"),
        (7252, 40, "40 before"),
        (10_001, 1000, "1,000 before"),
    ):
        assert changes.beside(now, before) == said, (now, before)
        percent = said if said.endswith("%") else None
        assert changes.percentage(now, before) == percent, (now, before)


def test_three_times_nearly_nothing_is_reported_as_fewer_than_ten_before() -> None:
    for now, before, said in (
        (29, 9, ""),
        (30, 9, "fewer than 10 in the previous period: Ada"),
        (30, 1, "fewer than 10 in the previous period: Ada"),
        (29, 10, ""),
        (30, 10, "3 times the previous period: Ada"),
        (30, 11, ""),
    ):
        row = ("Ada", now, 0.1, now, before)
        names = ["label", "events", "share", "compared", "previous"]
        text = anomaly_text.of_ranking(pd.DataFrame([row], columns=names))
        assert said in text, (now, before, text)
        assert bool(said) == text.startswith("Stands out"), (now, before, text)


def test_a_figure_says_what_it_was_before() -> None:
    for now, before, said in (
        (0, 0, "no change"),
        (5, 0, "0 before"),
        (9, 9, "no change"),
        (8, 9, "9 before"),
        (8, 10, "-20% vs previous"),
        (100, 10, "+900% vs previous"),
        (101, 10, "10 before"),
        (7252, 40, "40 before"),
        (1001, 1000, "no change"),
    ):
        assert changes.of_figure(now, before) == said, (now, before)

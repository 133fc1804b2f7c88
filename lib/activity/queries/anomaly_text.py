"""What stands out in a chart, as a sentence: computed from its own figures, or that nothing does.

A bucket stands out at twice the most that 90% of the others reach. Only what was read is
judged. Nothing here guesses at reasons.
"""

from collections.abc import Callable, Sequence
from typing import Final

import pandas as pd

from lib.activity.model.coverage import Extent
from lib.activity.queries.changes import ENOUGH as CARRIES

ENOUGH: Final = 8
"""Buckets below which nothing is said about the usual."""
TWICE: Final = 2.0
MOST: Final = 0.5
RISE: Final = 3.0
SOME: Final = 20
"""Events below which a rise is chance."""
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_EVENING, _MORNING, _FRIDAY = 20, 6, 5


def of_series(
    buckets: pd.DataFrame, unit: str, named: Callable[[pd.Timestamp], str], what: str = "events"
) -> str:
    """Of counts over time. `buckets` has bucket, events and extent; `named` says when one was."""
    read = buckets[buckets["extent"] == Extent.READ]
    if int(buckets["events"].sum()) == 0:
        return f"No {what} in this period."
    if len(read) < ENOUGH:
        return f"Fewer than {ENOUGH} {unit}s were read completely: too few to say what is usual."
    counts = [int(count) for count in read["events"]]
    place, most, usual = _peak(counts)
    peak = f"{named(read['bucket'].iloc[place])} with {most:,} {what}"
    if most >= TWICE * usual and most >= SOME:
        return f"Stands out: {peak}; 90% of the other {unit}s have at most {usual:,.0f}."
    return (
        f"Nothing stands out: the busiest {unit} is {peak}; 90% of the others have at most"
        f" {usual:,.0f}."
    )


def of_ranking(frame: pd.DataFrame, gone: int = 0) -> str:
    """Of a top list: label, events, share, compared, previous (NA where not compared)."""
    if frame.empty:
        return "No events in this selection have this value."
    first = frame.iloc[0]
    reported = []
    if len(frame) > 2 and float(first["share"]) >= MOST:  # noqa: PLR2004  # of two, one has half
        reported.append(f"{first['label']} has {float(first['share']):.0%} of all events")
    known = frame[frame["previous"].notna()] if "previous" in frame else frame.head(0)
    fresh = known[(known["previous"] == 0) & (known["compared"] >= SOME)]
    few = known["previous"].between(1, CARRIES - 1)
    many = known["compared"] >= RISE * CARRIES
    risen = known[
        (known["previous"] >= CARRIES) & many & (known["compared"] >= RISE * known["previous"])
    ]
    nearly_fresh = known[few & many]
    if len(fresh):
        reported.append(f"new: {_named(list(fresh['label']))}")
    if len(risen):
        reported.append(f"at least 3 times the previous period: {_named(list(risen['label']))}")
    if len(nearly_fresh):
        reported.append(
            f"fewer than {CARRIES} in the previous period: {_named(list(nearly_fresh['label']))}"
        )
    if gone:
        reported.append(f"{gone} of the busiest in the previous period without events now")
    if reported:
        return f"Stands out: {'; '.join(reported)}."
    compared = "" if len(known) else "; no previous period to compare with"
    return f"Nothing stands out: the first has {float(first['share']):.0%} of all events{compared}."


def of_week(frame: pd.DataFrame) -> str:
    """Of counts by weekday (1 = Monday) and hour."""
    total = int(frame["events"].sum())
    if total == 0:
        return "No events in this period."
    place, most, usual = _peak([int(count) for count in frame["events"]])
    busiest = frame.iloc[place]
    away = frame[
        (frame["weekday"] > _FRIDAY) | (frame["hour"] < _MORNING) | (frame["hour"] >= _EVENING)
    ]
    night = int(away["events"].sum()) / total
    when = f"{_DAYS[int(busiest['weekday']) - 1]} {int(busiest['hour']):02d}:00"
    aside = f"{night:.0%} fall on weekends or between {_EVENING}:00 and 0{_MORNING}:00"
    if most >= TWICE * usual and most >= SOME:
        return f"Stands out: {when} with {most:,} events; {aside}."
    return f"Nothing stands out: the busiest hour is {when} ({most:,}); {aside}."


def _peak(counts: Sequence[int]) -> tuple[int, int, float]:
    """The place of the most, the most, and what nine in ten of the others have at most."""
    place = max(range(len(counts)), key=counts.__getitem__)
    others = pd.Series([*counts[:place], *counts[place + 1 :]], dtype="float64")
    return place, counts[place], float(others.quantile(0.9)) if len(others) else 0.0


def _named(labels: Sequence[object]) -> str:
    names = [str(label) for label in labels]
    rest = f" and {len(names) - 3} more" if len(names) > 3 else ""  # noqa: PLR2004  # a sentence
    return ", ".join(names[:3]) + rest

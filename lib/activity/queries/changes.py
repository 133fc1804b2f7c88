"""A count beside an earlier one, in words: a percentage where it tells something, else the numbers.

One rule for figures, rankings, sentences and reports. Below ten, one event more is ten percent and
more: such a percentage is chance. Beyond tenfold nobody pictures it (“+18029%”): the two counts
say it better.
"""

from typing import Final

ENOUGH: Final = 10
"""The least earlier count that carries a percentage or a factor."""
MOST: Final = 10
"""The greatest factor that is told as one."""


def carries(now: float, before: float) -> bool:
    """Whether a percentage or a factor against the earlier count is told."""
    return before >= ENOUGH and now <= MOST * before


def percentage(now: int, before: int) -> str | None:
    """`+12%` or `±0%`; None where the earlier count doesn't carry one."""
    if not carries(now, before):
        return None
    change = f"{(now - before) / before:+.0%}"
    return "±0%" if change in {"+0%", "-0%"} else change


def beside(now: int, before: int) -> str:
    """To stand beside the new count: `new`, `+12%`, `±0%`, `40 before`; nothing for none at all."""
    if not before:
        return "new" if now else ""
    return percentage(now, before) or f"{before:,} before"


def of_figure(now: int, before: int) -> str:
    """Below a figure: `+12% vs previous`, `no change`, `40 before` or `0 before`."""
    change = percentage(now, before)
    if now == before or change == "±0%":
        return "no change"
    if change is None:
        return f"{before:,} before" if before else "0 before"
    return f"{change} vs previous"

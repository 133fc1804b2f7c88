"""How charts look: colours, patterns, dashes, dark and light.

Colours are told apart without red against green, and a category keeps its colour whatever else is
shown; each series has a pattern or a dash of its own too, so that a print in grey tells as much.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from lib.core.palette import GREY, SERIES

OTHERS: Final = "all others"
SHOWN: Final = 7
#: In the order of the legend; these keep their colour, everything else is "all others".
CATEGORIES: Final = (
    "content",
    "sharing",
    "collaboration",
    "login",
    "security",
    "user",
    "group",
)
PATTERNS: Final = ("", "/", ".", "x", "-", "\\", "+", "|")
DASHES: Final = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot", "6px,2px", "2px,6px")
SYMBOLS: Final = (
    "circle", "square", "diamond", "triangle-up", "x", "cross", "star", "triangle-down",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ChartStyle:
    """How to draw: dark or light, and the zone whose wall-clock times are on the axis."""

    dark: bool
    zone_name: str

    def colour(self, index: int) -> str:
        """The colour of the series with that rank; grey beyond the palette."""
        tone = SERIES[index] if index < len(SERIES) else GREY
        return tone.of(self.dark)


def palette(keys: Sequence[str], style: ChartStyle, *, fixed: bool) -> dict[str, str]:
    """A colour for each key. `fixed` keeps a category's colour; else the rank decides."""
    ranks = {name: i for i, name in enumerate(CATEGORIES)} if fixed else {}
    return {
        key: style.colour(SHOWN if key == OTHERS else ranks.get(key, SHOWN) if fixed else index)
        for index, key in enumerate(keys)
    }

"""The colours of charts and reports, each once, for light and for dark.

Okabe and Ito's colours, muted: told apart by people who confuse red and green, and in print. What a
theme of Streamlit needs stands in `.streamlit/config.toml`, which can't read Python: a test holds
the colours that are in both together.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Tone:
    """A colour on a light page, and on a dark one."""

    light: str
    dark: str

    def of(self, dark: bool) -> str:  # noqa: FBT001  # as the theme says it
        """The colour of that theme."""
        return self.dark if dark else self.light


BLUE: Final = Tone("#2f6fd0", "#5b9bf3")
AMBER: Final = Tone("#d98a1f", "#e9a64b")
TEAL: Final = Tone("#3b9c86", "#5cbfa8")
PLUM: Final = Tone("#b5568f", "#d182b3")
RUST: Final = Tone("#c25a34", "#e0855f")
SKY: Final = Tone("#7fb3e6", "#a5cdf5")
OLIVE: Final = Tone("#a99a2b", "#cfc05a")
GREY: Final = Tone("#98a3b3", "#6b7888")
SERIES: Final = (BLUE, AMBER, TEAL, PLUM, RUST, SKY, OLIVE)
"""Of the series of a chart, in the order of its legend; what comes after them is GREY."""

GOOD: Final = TEAL
WARNING: Final = AMBER
BAD: Final = Tone("#b3261e", "#ff9a92")
"""What failed, and what is most severe. Text of an error has the same."""
INK: Final = Tone("#566273", "#9aa7b8")
"""Of words in a chart."""
SHADES: Final = (
    Tone("#f3f6fb", "#151c26"),
    Tone("#c9dcf6", "#1d3557"),
    Tone("#82ade6", "#2c5a99"),
    Tone("#437fd0", "#4f8add"),
    Tone("#1d4686", "#a9cbf9"),
)
"""From little to much."""

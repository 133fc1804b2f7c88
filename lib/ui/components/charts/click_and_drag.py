"""A chart that reports both single clicks and drags to Python.

Streamlit's front end takes clicks away from a chart whose layout says `dragmode: "select"` (it sets
`clickmode: "event"`, with which Plotly selects no point). It reads the layout alone, while Plotly
falls back to the template where the layout's value is none that it knows. So the template asks for
selecting, and the layout holds a word that neither of them knows.
"""

from typing import Any, Final

import plotly.graph_objects as go

UNKNOWN: Final = "click and drag"
"""Not empty, or Streamlit puts `pan` in its place."""


class ClickAndDrag(go.Figure):  # type: ignore[misc]  # Plotly has no types
    """A figure that is sent with the template's drag; the word in its layout is no valid one."""

    def to_dict(self) -> dict[str, Any]:
        """The figure as it is sent to the browser."""
        sent: dict[str, Any] = super().to_dict()
        layout = sent["layout"]
        template = layout.setdefault("template", {})
        template.setdefault("layout", {})["dragmode"] = "select"
        layout["dragmode"] = UNKNOWN
        return sent

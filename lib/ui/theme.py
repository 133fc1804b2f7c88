"""What `config.toml` can't say: rules of spacing and type, and the logo. No data goes in here."""

from pathlib import Path
from typing import Final

import streamlit as st

ASSETS: Final = Path(__file__).parent / "assets"

_STYLE: Final = """<style>
.stMainBlockContainer { max-width: 1480px; }
[data-testid="stMetricValue"], table { font-variant-numeric: tabular-nums; }
[data-testid="stMetric"] { padding: 0.55rem 0.8rem; }
[data-testid="stMetricLabel"] p { font-size: 0.82rem; opacity: 0.8; }
.st-key-banner {
  border-left: 3px solid color-mix(in srgb, currentColor 35%, transparent);
  padding: 0.3rem 0.8rem; font-size: 0.88rem;
  background: color-mix(in srgb, currentColor 4%, transparent); border-radius: 0.3rem;
}
.st-key-banner p { font-size: 0.88rem; margin: 0; }
h1 { letter-spacing: -0.015em; padding-bottom: 0 !important; }
</style>"""


def apply() -> None:
    """Put the logo and our few rules of style on the page."""
    dark = st.context.theme.type == "dark"
    st.logo(ASSETS / ("logo-dark.svg" if dark else "logo-light.svg"), size="large")
    st.html(_STYLE)


def is_dark() -> bool:
    """Whether the visitor sees the dark theme."""
    return bool(st.context.theme.type == "dark")

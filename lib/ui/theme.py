"""What `config.toml` can't say: rules of spacing and type, and the logo. No data goes in here."""

from pathlib import Path
from typing import Final

import streamlit as st

ASSETS: Final = Path(__file__).parent / "assets"

_STYLE: Final = """<style>
.stMainBlockContainer { max-width: 1480px; }
[data-testid="stMetricValue"], table { font-variant-numeric: tabular-nums; }
[data-testid="stMetric"] { padding: 0.6rem 0.9rem; }
[data-testid="stMetricLabel"] p { font-size: 0.85rem; }
.st-key-banner {
  padding: 0.4rem 0.8rem; border-radius: 0.35rem;
  border-left: 3px solid color-mix(in srgb, currentColor 35%, transparent);
  background: color-mix(in srgb, currentColor 4%, transparent);
}
.st-key-banner [data-testid="stMarkdownContainer"] { margin: 0; }
.st-key-banner p { font-size: 0.9rem; margin: 0; }
.st-key-runbook_list button { justify-content: flex-start; text-align: left; }
@media (max-width: 640px) { .st-key-runbook_list { max-height: 17rem; } }
.st-key-runbook_list button > div { justify-content: flex-start; }
.plotly-notifier .notifier-note {
  background: #2b3442 !important; border-color: #2b3442 !important;
}
[data-testid="stCaptionContainer"] { opacity: 0.78; }
h1 { letter-spacing: -0.015em; padding: 0 0 1rem 0 !important; }
</style>"""

# White on the dark theme's light accent can't be read well enough.
_DARK_STYLE: Final = """<style>
:is(button:enabled, a)[kind^="primary"],
:is(button:enabled, a)[kind^="primary"] *,
.stMultiSelect:not(:has(input:disabled)) [data-tag],
.stMultiSelect:not(:has(input:disabled)) [data-tag] * { color: #0f141b; }
</style>"""


def apply() -> None:
    """Put the logo and our few rules of style on the page."""
    dark = st.context.theme.type == "dark"
    st.logo(ASSETS / ("logo-dark.svg" if dark else "logo-light.svg"), size="large")
    st.html(_STYLE + _DARK_STYLE if dark else _STYLE)


def is_dark() -> bool:
    """Whether the visitor sees the dark theme."""
    return bool(st.context.theme.type == "dark")

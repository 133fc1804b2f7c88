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
.st-key-fields_script { display: none; }
.st-key-runbook_list button { justify-content: flex-start; text-align: left; }
/* On a phone a list flows on: a box that scrolls within the page hides what is below it. */
@media (max-width: 640px) {
  [data-testid="stLayoutWrapper"]:has(> :is(.st-key-runbook_list, .st-key-rehearsal-list)) {
    flex-basis: auto !important; height: auto !important;
  }
  :is(.st-key-runbook_list, .st-key-rehearsal-list) {
    height: auto !important; overflow: visible !important;
  }
  .st-key-heading > [data-testid="stLayoutWrapper"]:first-child { flex-basis: 100%; }
}
/* A table that is wider than its place says so, as long as there is more to its right: the timeline
   of its scroller only runs where there is something to scroll. */
@supports (animation-timeline: scroll()) {
  .stDataFrame { timeline-scope: --table; }
  .stDataFrame .dvn-scroller { scroll-timeline: --table inline; }
  .stDataFrame::before, .stDataFrame::after {
    opacity: 0; animation: table-more linear both; animation-timeline: --table;
    pointer-events: none;
  }
  .stDataFrame::after {
    content: ""; position: absolute; right: 0; bottom: 0; height: calc(100% - var(--line, 0rem));
    width: 2rem; border-radius: 0 0.4rem 0.4rem 0;
    background: linear-gradient(to right, transparent, rgb(110 120 135 / 0.3));
  }
  @media (max-width: 640px) {
    [data-testid="stElementContainer"]:has(> * > .stDataFrame) {
      flex-basis: auto !important; height: auto !important;
    }
    .stDataFrame { --line: 1.6rem; }
    .stDataFrame::before {
      content: "More columns: scroll sideways \\2192"; display: block; height: 0;
      overflow: hidden; font-size: 0.85rem; text-align: right;
      animation-name: table-more, table-line; animation-timeline: --table, --table;
    }
  }
}
@keyframes table-more { from, 95% { opacity: 0.85; } to { opacity: 0; } }
@keyframes table-line { from, to { height: 1.6rem; } }
.st-key-runbook_list button > div { justify-content: flex-start; }
.plotly-notifier .notifier-note {
  background: #2b3442 !important; border-color: #2b3442 !important;
}
[data-testid="stCaptionContainer"] { opacity: 0.78; }
h1 { letter-spacing: -0.015em; padding: 0 0 1rem 0 !important; }
/* White on the dark theme's light accent can't be read well enough. The theme may change under an
   open page, which runs nothing here: so CSS decides, by the scheme that Streamlit sets. */
:is(button:enabled, a)[kind^="primary"],
:is(button:enabled, a)[kind^="primary"] *,
.stMultiSelect:not(:has(input:disabled)) [data-tag],
.stMultiSelect:not(:has(input:disabled)) [data-tag] * { color: light-dark(#ffffff, #0f141b); }
</style>"""


def apply() -> None:
    """Put the logo and our few rules of style on the page."""
    st.logo(ASSETS / ("logo-dark.svg" if is_dark() else "logo-light.svg"), size="large")
    st.html(_STYLE)


def is_dark() -> bool:
    """Whether the visitor sees the dark theme."""
    return bool(st.context.theme.type == "dark")

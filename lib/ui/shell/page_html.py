"""The HTML each page starts from: Streamlit's own, with two hints for the browser.

Where the app is: otherwise the browser asks for it below the page's own name, is told 404, and
waits 100 ms before it asks one level up. And what the page will draw with: the library of charts is
4.7 MB, and would only be asked for when the first chart has arrived
(`benchmarks/activity_page.py`).
"""

import json
from pathlib import Path
from typing import Final

import streamlit as st
from streamlit import file_util

from lib.ui.shell.navigation import available

_ENTRY: Final = '<script type="module"'
# A host that embeds the app says itself where it is; then this says nothing.
_WHERE: Final = """<script>(() => {
  const page = "/" + %s, path = location.pathname.replace(/\\/+$/, "");
  if (!path.endsWith(page)) return;
  const app = location.origin + path.slice(0, -page.length) + "/";
  window.__streamlit ??= { BACKEND_BASE_URL: app, MAIN_PAGE_BASE_URL: app };
})()</script>
"""


def documents() -> dict[str, str]:
    """Page name to its HTML; a page that isn't in it gets Streamlit's own.

    Empty where the app has a base path: routes of ours don't have it, Streamlit's do.
    """
    static = Path(file_util.get_static_dir())
    try:
        plain = (static / "index.html").read_text("utf-8")
    except (OSError, ValueError):
        return {}
    if st.get_option("server.baseUrlPath") or plain.count(_ENTRY) != 1:
        return {}
    found = {}
    for spec in available():
        hints = _WHERE.replace("%s", json.dumps(spec.name))
        hints += "".join(_ahead(static, library) for library in spec.draws_with)
        found[spec.name] = plain.replace(_ENTRY, hints + _ENTRY)
    return found


def _ahead(static: Path, library: str) -> str:
    files = sorted((static / "static" / "js").glob(f"{library}.*.js"))
    if len(files) != 1:
        return ""
    return f'<link rel="modulepreload" crossorigin href="./static/js/{files[0].name}">\n'

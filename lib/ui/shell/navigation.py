"""The list of pages, as data. A page that isn't built is absent, not a stub."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import streamlit as st

from lib.ui.shell import words

PAGES_DIR: Final = Path(__file__).parents[3] / "pages"


@dataclass(frozen=True, slots=True)
class PageSpec:
    """One page: its script's name (also its URL path), title, icon and section.

    `draws_with` names the parts of Streamlit that a browser can fetch while the page is on its way.
    """

    name: str
    title: str
    icon: str
    section: str
    hidden: bool = False
    draws_with: tuple[str, ...] = ()

    @property
    def path(self) -> Path:
        """Its script."""
        return PAGES_DIR / f"{self.name}.py"


START: Final = "overview"
_CHARTS: Final = "PlotlyChart"
_TABLES: Final = "DataFrame"
PAGES: Final = (
    PageSpec("overview", words.OVERVIEW, ":material/space_dashboard:", ""),
    PageSpec("runbook", words.RUNBOOK, ":material/checklist:", words.SET_UP),
    PageSpec("credentials", words.CREDENTIALS, ":material/passkey:", words.SET_UP),
    PageSpec("jwt_key", words.JWT_KEY, ":material/key:", words.SET_UP),
    PageSpec("accounts", words.ACCOUNTS, ":material/group:", words.SET_UP),
    PageSpec("files", words.FILES, ":material/folder_open:", words.SET_UP),
    PageSpec("connected", words.CONNECTED, ":material/login:", words.SET_UP, hidden=True),
    PageSpec(
        "activity", words.ACTIVITY, ":material/monitoring:", words.OBSERVE, draws_with=(_CHARTS,)
    ),
    PageSpec("detections", words.DETECTIONS, ":material/radar:", words.OBSERVE),
    PageSpec(
        "webhooks",
        words.WEBHOOKS,
        ":material/webhook:",
        words.OBSERVE,
        draws_with=(_CHARTS, _TABLES),
    ),
    PageSpec("health", words.HEALTH, ":material/monitor_heart:", words.OPERATE),
)


def available(pages: Sequence[PageSpec] = PAGES) -> tuple[PageSpec, ...]:
    """The pages whose script exists."""
    return tuple(page for page in pages if page.path.is_file())


def page(name: str) -> "st.Page | None":
    """The page of that name for `st.page_link`, None where it isn't built."""
    for spec in available():
        if spec.name == name:
            return _streamlit_page(spec)
    return None


def sections() -> dict[str, list["st.Page"]]:
    """The pages as `st.navigation` takes them."""
    found: dict[str, list[st.Page]] = {}
    for spec in available():
        found.setdefault(spec.section, []).append(_streamlit_page(spec))
    # Streamlit serves the start page at the root only; a link that names it must work as well.
    alias = st.Page(_to_start, title=words.START, url_path=START, visibility="hidden")
    found.setdefault("", []).append(alias)
    return found


def _to_start() -> None:
    start = page(START)
    if start is not None:
        st.switch_page(start, query_params=st.query_params.to_dict())


def _streamlit_page(spec: PageSpec) -> "st.Page":
    return st.Page(
        spec.path,
        title=spec.title,
        icon=spec.icon,
        # the start page is served at the root, but would reserve its name as well
        url_path="start" if spec.name == START else spec.name,
        default=spec.name == START,
        visibility="hidden" if spec.hidden else "visible",
    )

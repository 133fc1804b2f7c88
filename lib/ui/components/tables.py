"""How the Accounts page draws lists: one screen of rows, its position, and the chosen row."""

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any, Final

import pandas as pd
import streamlit as st

from lib.accounts.rows import PAGE_SIZE, Paging, UserRow
from lib.core.texts import ago, md, number, undisguised
from lib.kloudless.account_import import ImportProblem
from lib.settings.profiles import BoxAuth
from lib.ui.components import words
from lib.ui.components.fetched_pages import page_number, refresh
from lib.ui.shell import navigation
from lib.ui.shell.frame import Context
from lib.ui.shell.session import seed

ROW_HEIGHT: Final = 34
_HEADER: Final = 36


def missing_half(context: Context, what: str) -> None:
    """The profile lacks what a list needs: what to do next."""
    st.info(words.lacks(md(context.profile.label), what), icon=":material/passkey:")
    page = navigation.page("credentials")
    if page is not None:
        st.page_link(page, label=words.GO_TO_CREDENTIALS, icon=":material/arrow_forward:")


def show_problem(problem: ImportProblem) -> None:
    """What is wrong with a field, or doubtful, and what to do; below the field."""
    colour, icon = ("orange", "warning") if problem.warning else ("red", "error")
    st.caption(f":{colour}[:material/{icon}:] {md(problem.text)} {md(problem.fix)}")


def table(frame: pd.DataFrame, *, key: str, columns: Mapping[str, Any], alt: str) -> int | None:
    """A list of which a row can be chosen; its position."""
    chosen = rows_table(frame, key=key, columns=columns, alt=alt, several=False)
    return chosen[0] if chosen else None


def rows_table(
    frame: pd.DataFrame, *, key: str, columns: Mapping[str, Any], alt: str, several: bool = True
) -> tuple[int, ...]:
    """A list whose rows can be chosen; the positions of the chosen ones, in their order."""
    height = _HEADER + ROW_HEIGHT * len(frame)
    event = st.dataframe(
        frame,
        key=key,
        hide_index=True,
        height=height,
        row_height=ROW_HEIGHT,
        column_config=dict(columns),
        on_select="rerun",
        selection_mode="multi-row" if several else "single-row",
        placeholder="—",
        alt=alt,
    )
    return tuple(sorted(int(row) for row in event.selection.rows if row < len(frame)))


def pager(paging: Paging, shown: int, *, key: str, what: str, fetched_at: datetime) -> None:
    """The list's position, links to other pages, and a button that loads it again."""
    if page_number(key) > paging.pages:
        seed(key, paging.pages)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.caption(words.fetched_at(paging.words(shown, what), f"{fetched_at:%H:%M:%S}"))
        if paging.pages > 1:
            st.pagination(
                paging.pages, key=key, bind="query-params", max_visible_pages=5, width=340
            )
        st.button(
            words.REFRESH,
            key=f"{key}.refresh",
            icon=":material/refresh:",
            type="tertiary",
            on_click=refresh,
        )
    if paging.cut:
        st.caption(words.cut_off(number(paging.pages * PAGE_SIZE)))


def user_frame(rows: Sequence[UserRow], zone: tzinfo, *, seen: bool) -> pd.DataFrame:
    """Users as a table; times in the visitor's zone. `seen`: whether last activity is known."""
    frame = pd.DataFrame(
        {
            words.NAME: [undisguised(row.name) for row in rows],
            words.LOGIN: [undisguised(row.login) for row in rows],
            words.KIND: [str(row.kind) for row in rows],
            words.ROLE: [row.role for row in rows],
            words.USER_STATUS: [row.status for row in rows],
            words.LAST_ACTIVITY: times([row.last_activity for row in rows], zone),
            words.CREATED: times([row.created_at for row in rows], zone),
        }
    )
    return frame if seen else frame.drop(columns=words.LAST_ACTIVITY)


def times(values: Sequence[datetime | None], zone: tzinfo) -> "pd.Series[pd.Timestamp]":
    """A column of times in that zone; unknown ones are empty."""
    stamps = pd.to_datetime(pd.Series(list(values), dtype="object"), utc=True)
    return stamps.dt.tz_convert(zone)


def time_words(instant: datetime | None, context: Context, unknown: str = "unknown") -> str:
    """“2026-11-01 14:05 (3 hours ago)”."""
    if instant is None:
        return unknown
    return f"{instant.astimezone(context.zone):%Y-%m-%d %H:%M} ({ago(instant, context.now)})"


def acts_as_person(context: Context) -> bool:
    """Whether a list may be short because the app acts for a person without admin rights."""
    box = context.profile.box
    return box is not None and box.auth in (BoxAuth.OAUTH, BoxAuth.DEVELOPER_TOKEN)

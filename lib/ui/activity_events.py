"""The table of events, the raw JSON of the chosen one, and the downloads."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from lib.activity import paging
from lib.activity.event import describe_type
from lib.activity.paging import Cursor
from lib.ui.activity_charts import View
from lib.ui.session import state, value
from lib.ui.text import md

if TYPE_CHECKING:
    import pandas as pd

PAGE: Final = 100
COLUMNS: Final = {
    "occurred_at": "Time",
    "event_type": "Type",
    "actor_name": "Person",
    "actor_login": "Login",
    "item_name": "Item",
    "item_type": "Kind",
    "parent_name": "Folder",
    "ip": "IP address",
    "service_name": "App",
    "size_bytes": "Bytes",
    "event_id": "Event id",
}


@dataclass(slots=True)
class Place:
    """Where the table stands: the cursors that were followed, for one selection."""

    digest: str = ""
    cursors: tuple[Cursor, ...] = ()


def table(view: View) -> None:
    """A page of events, newest first, and the raw JSON of the one that is chosen."""
    place = state(Place)
    if place.digest != view.digest:
        place.digest, place.cursors = view.digest, ()
    before = place.cursors[-1] if place.cursors else None
    found = paging.page(view.events, view.filters, limit=PAGE, before=before)
    if found.frame.empty:
        st.caption("No events match this selection.")
        return
    key = f"events.{view.digest}.{before}"
    st.dataframe(
        _shown(found.frame, view),
        key=key,
        hide_index=True,
        height=360,
        on_select="rerun",
        selection_mode="single-row",
        column_config=_config(view),
    )
    _pager(place, found.next, len(found.frame))
    rows = value(key, {}).get("selection", {}).get("rows", [])
    if rows:
        _raw(view, found.frame.iloc[int(rows[0])])
    else:
        st.caption("Choose a row to see the event as Box sent it.")


def _shown(frame: "pd.DataFrame", view: View) -> "pd.DataFrame":
    shown = frame[list(COLUMNS)].copy()
    shown["occurred_at"] = shown["occurred_at"].dt.tz_convert(view.zone).dt.tz_localize(None)
    return shown


def _config(view: View) -> dict[str, Any]:
    config: dict[str, Any] = {name: st.column_config.TextColumn(t) for name, t in COLUMNS.items()}
    config["occurred_at"] = st.column_config.DatetimeColumn(
        f"Time ({view.look.zone_name})", format="YYYY-MM-DD HH:mm:ss", width="medium"
    )
    config["event_type"] = st.column_config.TextColumn("Type", width="medium")
    config["size_bytes"] = st.column_config.NumberColumn("Bytes", format="localized")
    return config


def _pager(place: Place, following: Cursor | None, shown: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="pager"):
        first = len(place.cursors) * PAGE + 1
        st.caption(f"Events {first:,} to {first + shown - 1:,}, newest first.", width="stretch")
        st.button(
            "Newer",
            key="pager.newer",
            icon=":material/chevron_left:",
            disabled=not place.cursors,
            on_click=_go,
            args=(place.cursors[:-1],),
        )
        st.button(
            "Older",
            key="pager.older",
            icon=":material/chevron_right:",
            icon_position="right",
            disabled=following is None,
            on_click=_go,
            args=((*place.cursors, following),),
        )


def _go(cursors: tuple[Cursor, ...]) -> None:
    state(Place).cursors = cursors


def _raw(view: View, row: "pd.Series[Any]") -> None:
    found = paging.event(
        view.events,
        view.filters.profile,
        str(row["source"]),
        str(row["event_id"]),
        occurred_at=row["occurred_at"].to_pydatetime(),
    )
    if found is None:
        st.caption("This event is no longer there.")
        return
    described = describe_type(str(found["event_type"]))
    st.markdown(f"**{md(str(found['event_type']))}**" + (f": {md(described)}" if described else ""))
    raw = str(found["raw"] or "{}")
    try:
        text = json.dumps(json.loads(raw), indent=2, ensure_ascii=False)
    except ValueError:
        text = raw
    st.code(text, language="json", height=320)

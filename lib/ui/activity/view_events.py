"""The table of events, the raw JSON of the chosen one, and the downloads."""

import json
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from lib.activity.model.event import describe_type
from lib.activity.model.event_names import event_name
from lib.activity.queries import paging
from lib.activity.queries.paging import EventCursor
from lib.core.texts import md, short, short_digest
from lib.ui.activity import words
from lib.ui.activity.view_charts import View
from lib.ui.components.event_columns import COLUMNS, MORE
from lib.ui.components.filters import activity_selection
from lib.ui.shell.session import seed, state, ticked, value

if TYPE_CHECKING:
    import pandas as pd

PAGE: Final = 100
NAME: Final = "event_name"
"""A column of the table alone: the readable name beside `event_type`."""
_TIMES: Final = ("occurred_at", "received_at")
_CHOSEN: Final = "activity.columns"


@dataclass(frozen=True, slots=True)
class Chosen:
    """An event that was chosen: what it is found by."""

    source: str
    event_id: str
    occurred_at: datetime


@dataclass(slots=True)
class Place:
    """Where the table stands for one selection: the cursors that were followed, what was chosen."""

    digest: str = ""
    cursors: tuple[EventCursor, ...] = ()
    chosen: Chosen | None = None
    cells: list[Any] = field(default_factory=list)


def table(view: View) -> None:
    """A page of events, newest first, and the raw JSON of the one that is chosen."""
    place = state(Place)
    if place.digest != view.digest:
        place.digest, place.cursors, place.chosen = view.digest, (), None
    before = place.cursors[-1] if place.cursors else None
    found = view.once(
        f"page before {before}",
        lambda: paging.page(view.events, view.filters, limit=PAGE, before=before),
    )
    if found.frame.empty:
        st.caption(words.NO_MATCH)
        return
    columns = _columns(view)
    rows = _rows(found.frame)
    # rows are chosen by their place, so other rows are another widget
    shown = short_digest("".join(one.event_id for one in rows))
    key = f"events.{view.digest}.{shown}.{','.join(columns)}"
    st.dataframe(
        _shown(found.frame, view, columns),
        key=key,
        hide_index=True,
        height=360,
        on_select=lambda: _choose(place, key, rows),
        selection_mode=("single-row", "single-cell"),
        selection_default={
            "selection": {"rows": [n for n, one in enumerate(rows) if one == place.chosen]}
        },
        column_config=_config(view, columns),
        placeholder="",
        alt=words.TABLE_ALT,
    )
    _pager(place, found.next, len(found.frame))
    if place.chosen is None:
        st.caption(words.SELECT_A_ROW)
    else:
        _raw(view, place.chosen)


def _rows(frame: "pd.DataFrame") -> list[Chosen]:
    found = zip(frame["source"], frame["event_id"], frame["occurred_at"], strict=True)
    return [Chosen(str(source), str(one), at.to_pydatetime()) for source, one, at in found]


def _choose(place: Place, key: str, rows: list[Chosen]) -> None:
    """A tick in front of a row chooses it, and so does a click anywhere in it."""
    cells = list(dict(value(key, {})).get("selection", {}).get("cells", []))
    clicked, place.cells = cells != place.cells, cells
    if clicked and cells:
        at = int(cells[0][0])
        place.chosen = rows[at] if at < len(rows) else None
    else:
        place.chosen = next(iter(ticked(key, rows)), None)


def plain(frame: "pd.DataFrame", view: View, *, key: str) -> None:
    """Events as a table, nothing to choose."""
    columns = _columns(view)
    st.dataframe(
        _shown(frame, view, columns),
        key=key,
        hide_index=True,
        column_config=_config(view, columns),
        placeholder="",
        alt=words.NEWEST_ALT,
    )


def chooser(view: View) -> None:
    """Which columns the table shows; the address carries those that aren't the usual."""
    with st.popover(words.COLUMNS, icon=":material/view_column:"):
        seed(_CHOSEN, list(_columns(view)))
        st.multiselect(
            words.COLUMNS_LABEL,
            [*COLUMNS, *MORE],
            key=_CHOSEN,
            format_func=lambda name: {**COLUMNS, **MORE}[str(name)],
            on_change=_set_columns,
        )


def _set_columns() -> None:
    chosen = tuple(value(_CHOSEN) or ())
    usual = () if chosen == tuple(COLUMNS) else chosen
    activity_selection.change(replace(activity_selection.current(), columns=usual))


def _columns(view: View) -> tuple[str, ...]:
    """The chosen columns, as far as there are such; else the usual ones."""
    known = tuple(name for name in view.selection.columns if name in COLUMNS or name in MORE)
    return known or tuple(COLUMNS)


def _shown(frame: "pd.DataFrame", view: View, columns: tuple[str, ...]) -> "pd.DataFrame":
    shown = frame[list(columns)].copy()
    if "event_type" in columns:
        shown.insert(columns.index("event_type"), NAME, frame["event_type"].map(event_name))
    for name in _TIMES:
        if name in columns:
            shown[name] = shown[name].dt.tz_convert(view.zone).dt.tz_localize(None)
    return shown


def _config(view: View, columns: tuple[str, ...]) -> dict[str, Any]:
    titles = {**COLUMNS, **MORE}
    config: dict[str, Any] = {NAME: st.column_config.TextColumn(words.EVENT, width="medium")}
    for name in columns:
        if name in _TIMES:
            config[name] = st.column_config.DatetimeColumn(
                f"{titles[name]} ({view.style.zone_name})",
                format="YYYY-MM-DD HH:mm:ss",
                width="medium",
            )
        elif name == "size_bytes":
            config[name] = st.column_config.NumberColumn(titles[name], format="localized")
        else:
            config[name] = st.column_config.TextColumn(
                titles[name], width="medium" if name == "event_type" else None
            )
    return config


def _pager(place: Place, following: EventCursor | None, shown: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="pager"):
        first = len(place.cursors) * PAGE + 1
        st.caption(words.page_of(first, first + shown - 1), width="stretch")
        st.button(
            words.NEWER,
            key="pager.newer",
            icon=":material/chevron_left:",
            disabled=not place.cursors,
            on_click=_go,
            args=(place.cursors[:-1],),
        )
        st.button(
            words.OLDER,
            key="pager.older",
            icon=":material/chevron_right:",
            icon_position="right",
            disabled=following is None,
            on_click=_go,
            args=((*place.cursors, following),),
        )


def _go(cursors: tuple[EventCursor, ...]) -> None:
    place = state(Place)
    place.cursors, place.chosen = cursors, None


def _raw(view: View, chosen: Chosen) -> None:
    found = paging.event(
        view.events,
        view.filters.profile,
        chosen.source,
        chosen.event_id,
        occurred_at=chosen.occurred_at,
    )
    if found is None:
        st.caption(words.EVENT_GONE)
        return
    event_type = str(found["event_type"])
    name, described = event_name(event_type), describe_type(event_type)
    raw_name = "" if name == event_type else f" · {md(event_type)}"
    st.markdown(f"**{md(name)}**{raw_name}" + (f": {md(described)}" if described else ""))
    _profiles(view, found)
    raw = str(found["raw"] or "{}")
    try:
        text = json.dumps(json.loads(raw), indent=2, ensure_ascii=False)
    except ValueError:
        text = raw
    st.code(text, language="json", height=320)


def _profiles(view: View, found: dict[str, Any]) -> None:
    """The person and the item of an event, one click from their profiles."""
    with st.container(horizontal=True, key="event_profiles"):
        for name, label in (("actor", "actor_name"), ("item", "item_name")):
            one = found[f"{name}_id"]
            if one is not None:
                st.button(
                    md(short(str(found[label] or one))),
                    key=f"open.event.{name}",
                    icon=":material/badge:",
                    on_click=view.open,
                    args=(name, str(one)),
                    help=words.OPEN_PROFILE,
                )

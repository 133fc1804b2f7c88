"""What the parts of the Files page share: tables of items, pagers, the request as curl, faults."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any, Final, TypeVar

import pandas as pd
import streamlit as st

from lib.core.texts import md, undisguised
from lib.files.curl import BOX_TOKEN, KLOUDLESS_KEY, curls
from lib.files.location import Place
from lib.files.rows import FILE, FOLDER, ROOT, ItemRow, RecentRow
from lib.files.source import FileSide
from lib.http import Call
from lib.ui.components.outcome import duration, show_fault, verbatim
from lib.ui.components.tables import times
from lib.ui.files import words
from lib.ui.files.identity import Lens
from lib.ui.files.state import FOLDERS, Asked, ask_again, follow, go, look_at, trail, turn
from lib.ui.shell.boundary import boundary
from lib.ui.shell.frame import Context
from lib.ui.shell.session import ticked, value

T = TypeVar("T")
PAGE: Final = 50
ROW_HEIGHT: Final = 34
_HEADER: Final = 36
_ROWS_SHOWN: Final = 14
_OPEN: Final = words.OPEN


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns a table has beside name, kind, size, modified and owner.

    `narrow` is for a table beside another.
    """

    narrow: bool = False
    sharing: bool = False
    parent: bool = False
    marks: tuple[str, ...] = ()


def misread(refused: Sequence[str]) -> None:
    """Show which parts of the address are invalid."""
    if refused:
        names = ", ".join(f"`{name}`" for name in refused)
        st.warning(
            words.invalid_ids(names),
            icon=":material/link_off:",
        )


def panels(lenses: Sequence[Lens], draw: Callable[[Lens], None], *, key: str) -> None:
    """One panel per side, side by side; a fault stays inside its panel."""
    places = st.columns(len(lenses), gap="medium") if len(lenses) > 1 else [st.container()]
    for place, lens in zip(places, lenses, strict=True):
        with place, st.container(key=f"{key}.{lens.side}"):
            if len(lenses) > 1:
                st.markdown(f"#### {md(lens.side.label)}")
            with boundary():
                draw(lens)


def answered(asked: Asked[T], lens: Lens, *, key: str) -> T | None:
    """The answer of a side; for a refusal, its cause and fix and the refused request."""
    if asked.value is None:
        if asked.fault is not None:
            show_fault(asked.fault)
        request(asked, lens.side, key=key)
    return asked.value


def request(asked: Asked[Any], side: FileSide, *, key: str) -> None:
    """Where the answer comes from: the request as curl, and its calls."""
    with st.expander(words.REQUEST, icon=":material/terminal:", key=f"{key}.request"):
        for line in curls(asked.exchanges, side):
            # Plain: the colours of a highlighted one can't be read well enough on our grounds.
            st.code(line, language=None, wrap_lines=True)
        variable = BOX_TOKEN if side is FileSide.BOX else KLOUDLESS_KEY
        st.caption(words.credential_omitted(variable.removeprefix("$")))
        st.caption("\n".join(_call_words(one.call) for one in asked.exchanges))


def _call_words(call: Call) -> str:
    """One call as a line of a list: a table would not fit into half a page."""
    status = str(call.status or call.error_code or words.CALL_UNANSWERED)
    ids = " ".join(verbatim(one) for one in call.request_ids)
    path = verbatim(f"{call.method} {call.path}")
    return words.call(path, md(status), duration(call.ms), ids)


def folders_first(rows: Sequence[ItemRow]) -> tuple[ItemRow, ...]:
    """The same rows with folders first, otherwise in their order."""
    return tuple(sorted(rows, key=lambda row: not row.is_folder))


def items(
    context: Context,
    place: Place,
    lens: Lens,
    rows: Sequence[ItemRow],
    columns: Columns,
    *,
    key: str,
    recent: Sequence[RecentRow] = (),
) -> None:
    """A table of items: selecting a row shows its details, a button opens a folder."""
    widget = f"{key}.{lens.side}.{turn(lens.side)}"
    opened = f"{widget}.open"
    frame = item_frame(rows, columns, context.zone, recent=recent)
    st.dataframe(
        frame,
        key=widget,
        hide_index=True,
        height=_HEADER + ROW_HEIGHT * min(len(rows), _ROWS_SHOWN),
        row_height=ROW_HEIGHT,
        placeholder=words.NOT_REPORTED,
        on_select=lambda: _chosen(place, rows, widget, lens.side),
        selection_mode="single-row",
        selection_default=_selected(place, rows),
        column_config={
            **_config(narrow=columns.narrow),
            _OPEN: st.column_config.ButtonColumn(
                "",
                width=70,
                type="tertiary",
                on_click=lambda: _opened(place, rows, opened),
                key=opened,
            ),
        },
        alt=words.items_table(lens.side.label),
    )


def item_frame(
    rows: Sequence[ItemRow],
    columns: Columns,
    zone: tzinfo,
    *,
    recent: Sequence[RecentRow] = (),
) -> pd.DataFrame:
    """Items as a table. Names are shown without characters that disguise them."""
    found: dict[str, Any] = {}
    if any(row.is_folder for row in rows):
        found[_OPEN] = [_OPEN if row.is_folder else None for row in rows]
    found[words.NAME] = [undisguised(row.name) for row in rows]
    if columns.marks:
        found[words.OTHER_SIDE] = list(columns.marks)
    if recent:
        found[words.WHAT] = [one.what for one in recent]
        found[words.WHEN] = times([one.at for one in recent], zone)
    if not columns.narrow:
        found[words.KIND] = [row.kind_word for row in rows]
    found[words.SIZE] = [None if row.size is None else round(row.size / 1000, 1) for row in rows]
    found[words.MODIFIED] = times([row.modified_at for row in rows], zone)
    if columns.parent:
        found[words.IN_FOLDER] = [undisguised(row.parent_name) for row in rows]
    found[words.OWNER] = [undisguised(row.owner) for row in rows]
    if columns.sharing:
        found[words.SHARED_LINK] = [row.access_word for row in rows]
        found[words.COLLABORATORS] = [_yes_no(row.collaborations) for row in rows]
        found[words.EXTERNAL_OWNER] = [_yes_no(row.external) for row in rows]
        found[words.CLASSIFICATION] = [
            None if row.classification is None else undisguised(row.classification) for row in rows
        ]
    return pd.DataFrame(found)


def _yes_no(said: bool | None) -> str | None:  # noqa: FBT001  # what a row says
    return None if said is None else words.YES if said else words.NO


def _config(*, narrow: bool) -> dict[str, Any]:
    when = st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm", width=140)
    return {
        words.NAME: st.column_config.TextColumn(width=200 if narrow else 300),
        words.OTHER_SIDE: st.column_config.TextColumn(width=100),
        words.SIZE: st.column_config.NumberColumn(format="localized", width=85),
        words.MODIFIED: when,
        words.WHEN: when,
    }


def _selected(place: Place, rows: Sequence[ItemRow]) -> Any:
    chosen = [at for at, row in enumerate(rows) if (row.kind, row.id) == place.item]
    return {"selection": {"rows": chosen[:1]}} if chosen else None


def _chosen(place: Place, rows: Sequence[ItemRow], widget: str, side: FileSide) -> None:
    row = next(iter(ticked(widget, rows)), None)
    known = row is not None and row.kind in (FILE, FOLDER) and bool(row.id)
    look_at(place, (row.kind, row.id) if row is not None and known else None, chosen_in=side)


def _opened(place: Place, rows: Sequence[ItemRow], key: str) -> None:
    click = value(key)
    at = click["row"] if click is not None else len(rows)
    if at < len(rows) and rows[at].is_folder:
        open_folder(place, rows[at])


def open_folder(place: Place, row: ItemRow) -> None:
    """Open a folder; for callbacks."""
    if row.id:
        go(place.into(row.id), view=FOLDERS)
    else:
        go(place.into(ROOT), other_id=row.other_id, view=FOLDERS)


def trail_pager(
    key: Hashable, asked: Asked[Any], following: str, shown: str, *, widget: str
) -> None:
    """Previous and next page of a list that knows only its next one, and a refresh button."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(words.loaded(shown, asked.at), width="stretch")
        # In a container of their own the buttons stay in one line where there is little room.
        with st.container(horizontal=True, width="content", gap="small"):
            _turns(key, following, widget)
            again(widget)


def _turns(key: Hashable, following: str, widget: str) -> None:
    before = trail(key)
    if not before and not following:
        return
    st.button(
        words.EARLIER,
        key=f"{widget}.earlier",
        icon=":material/chevron_left:",
        disabled=not before,
        on_click=follow,
        args=(key, before[:-1]),
    )
    st.button(
        words.LATER,
        key=f"{widget}.later",
        icon=":material/chevron_right:",
        icon_position="right",
        disabled=not following,
        on_click=follow,
        args=(key, (*before, following)),
    )


def again(widget: str) -> None:
    """A button that loads everything on the page again."""
    st.button(
        words.REFRESH,
        key=f"{widget}.again",
        icon=":material/refresh:",
        type="tertiary",
        on_click=ask_again,
    )

"""What a file of events contains, shown before the import: counts, rejected rows, first rows."""

from collections import Counter
from typing import Final

import pandas as pd
import streamlit as st

from lib.activity.importing.result import ImportResult
from lib.activity.ingest.json_values import to_datetime
from lib.activity.model.event import COLUMNS
from lib.core.texts import md, number, when
from lib.ui.components.coverage import wall
from lib.ui.components.event_columns import COLUMNS as ACTIVITY_COLUMNS
from lib.ui.components.event_columns import MORE
from lib.ui.overview import words
from lib.ui.shell.frame import Context

SHOWN: Final = 200
SHOWN_COLUMNS: Final = (*ACTIVITY_COLUMNS, *(name for name in MORE if name != "received_at"))


def summary(context: Context, found: ImportResult) -> None:
    """The format, how many rows are events, and what is rejected and why."""
    shape = found.shape
    if shape is not None:
        said = words.file_form(shape.form, (shape.encoding or "").removesuffix("-sig").upper())
        st.caption(md(said))
    with st.container(horizontal=True):
        st.metric(words.EVENTS, number(found.rows), border=True)
        st.metric(words.REFUSED, number(found.refused_count), border=True)
        repeated = words.MANY if found.repeated is None else number(found.repeated)
        st.metric(words.REPEATED, repeated, border=True, help=words.REPEATED_HELP)
    if found.oldest is not None and found.newest is not None:
        first, last = when(found.oldest, context.zone), when(found.newest, context.zone)
        st.caption(md(words.file_period(first, last, context.zone_name)))
    for note, rows in found.notes.items():
        st.caption(words.note(rows, md(note)))
    if found.above:
        st.caption(words.lines_above(found.above))
    left, right = st.columns(2)
    with left:
        _counts(words.TYPES, found.types, "type")
        taken = [pair for pair in found.words if pair[0] != pair[1]]
        if taken:
            st.caption(md(words.matched(taken[:20])))
    with right:
        _counts(words.REFUSED_BY_REASON, found.problems, "reason")
        if found.refused:
            lines = [{"line": row.line, "reason": row.reason} for row in found.refused[:SHOWN]]
            with st.popover(words.WHICH_ROWS):
                st.dataframe(pd.DataFrame(lines), hide_index=True)


def preview(context: Context, found: ImportResult) -> None:
    """The first rows as they will be imported; columns without values are left out."""
    if not found.sample:
        return
    frame = pd.DataFrame(found.sample, columns=COLUMNS).dropna(axis="columns", how="all")
    names = [name for name in SHOWN_COLUMNS if name in frame]
    st.caption(words.first_rows(len(frame)) if len(frame) > 1 else words.FIRST_ROW)
    shown = frame[names].copy()
    shown["occurred_at"] = [wall(to_datetime(at), context.zone) for at in frame["occurred_at"]]
    titles = {name: title(name) for name in names}
    titles["occurred_at"] += f" ({context.zone_name})"
    st.dataframe(
        shown.rename(columns=titles),
        hide_index=True,
        height="content",
        key="import.preview",
        alt=words.FIRST_ROWS_TABLE,
    )


def _counts(title: str, counts: Counter[str], name: str) -> None:
    if counts:
        st.caption(title)
        rows = [{name: key, "rows": n} for key, n in counts.most_common(SHOWN)]
        st.dataframe(pd.DataFrame(rows), hide_index=True)


def title(column: object) -> str:
    """A column's title on the page Activity."""
    return {**ACTIVITY_COLUMNS, **MORE}.get(str(column), str(column))

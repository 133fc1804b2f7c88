"""What is in a file of events, shown before it is brought in: counts, refusals, the first rows."""

from collections import Counter
from typing import Final

import pandas as pd
import streamlit as st

from lib.activity.importing.result import ImportResult
from lib.activity.ingest.json_values import to_datetime
from lib.activity.model.event import COLUMNS
from lib.core.texts import md, number, plural, when
from lib.ui.components.coverage import wall
from lib.ui.components.event_columns import COLUMNS as ACTIVITY_COLUMNS
from lib.ui.components.event_columns import MORE
from lib.ui.shell.frame import Context

SHOWN: Final = 200
SHOWN_COLUMNS: Final = (*ACTIVITY_COLUMNS, *(name for name in MORE if name != "received_at"))
_FORMS: Final = {
    "csv": "a table (CSV)",
    "json": "JSON",
    "jsonl": "JSON Lines",
    "parquet": "Parquet",
    "empty": "empty",
}


def summary(context: Context, found: ImportResult) -> None:
    """What it is, how many rows are events, and what is refused and why."""
    shape = found.shape
    if shape is not None:
        said = f"This is {_FORMS[shape.form]}"
        said += f" in {shape.encoding.removesuffix('-sig').upper()}" if shape.encoding else ""
        st.caption(md(said + "."))
    with st.container(horizontal=True):
        st.metric("Events", number(found.rows), border=True)
        st.metric("Refused rows", number(found.refused_count), border=True)
        repeated = "many" if found.repeated is None else number(found.repeated)
        st.metric("Said twice", repeated, border=True, help="Kept once.")
    if found.oldest is not None and found.newest is not None:
        period = f"{when(found.oldest, context.zone)} to {when(found.newest, context.zone)}"
        st.caption(md(f"From {period} ({context.zone_name})."))
    for note, rows in found.notes.items():
        st.caption(f":material/info: {number(rows)} {md(note)}")
    if found.above:
        st.caption(f"{plural(found.above, 'line')} above the names of the columns left out.")
    left, right = st.columns(2)
    with left:
        _counts("Types", found.types, "type")
        words = {pair: n for pair, n in found.words.items() if pair[0] != pair[1]}
        if words:
            taken = ", ".join(f"{given} as {kept}" for given, kept in list(words)[:20])
            st.caption(md(f"Taken by their words: {taken}."))
    with right:
        _counts("Refused, by reason", found.problems, "reason")
        if found.refused:
            lines = [{"line": row.line, "reason": row.reason} for row in found.refused[:SHOWN]]
            with st.popover("Which rows"):
                st.dataframe(pd.DataFrame(lines), hide_index=True)


def preview(context: Context, found: ImportResult) -> None:
    """The first rows as they will be kept; columns of which none has anything are left out."""
    if not found.sample:
        return
    frame = pd.DataFrame(found.sample, columns=COLUMNS).dropna(axis="columns", how="all")
    names = [name for name in SHOWN_COLUMNS if name in frame]
    st.caption(
        f"The first {len(frame)} as they will be kept." if len(frame) > 1 else "As it will be kept."
    )
    shown = frame[names].copy()
    shown["occurred_at"] = [wall(to_datetime(at), context.zone) for at in frame["occurred_at"]]
    titles = {name: title(name) for name in names}
    titles["occurred_at"] += f" ({context.zone_name})"
    st.dataframe(
        shown.rename(columns=titles),
        hide_index=True,
        height="content",
        key="import.preview",
        alt="The first rows of the file as they will be kept",
    )


def _counts(title: str, counts: Counter[str], name: str) -> None:
    if counts:
        st.caption(title)
        rows = [{name: key, "rows": n} for key, n in counts.most_common(SHOWN)]
        st.dataframe(pd.DataFrame(rows), hide_index=True)


def title(column: object) -> str:
    """What a column is called on the page Activity."""
    return {**ACTIVITY_COLUMNS, **MORE}.get(str(column), str(column))

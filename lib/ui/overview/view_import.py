"""“Have only a report?”: drop a file of events, look at it, import it.

It needs no credentials: the imported events are a session profile of their own, in memory. What a
column or a time means is shown before anything is imported.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, BinaryIO, Final
from zoneinfo import available_timezones

import pandas as pd
import streamlit as st

from lib.activity.importing.column_mapping import MAPPABLE
from lib.activity.importing.importer import ImportOptions, ImportResult, examine, import_file
from lib.activity.queries.source_of_record import source_of_record
from lib.core.texts import md, when
from lib.settings.profiles import Profile, imported_profile
from lib.store import SESSION_ROW_LIMIT, EventStore
from lib.ui.components.filters import activity_selection
from lib.ui.components.filters.activity_filters import Selection, to_parameters
from lib.ui.overview import import_preview, words
from lib.ui.shell import navigation
from lib.ui.shell.boundary import boundary
from lib.ui.shell.frame import Context, choose
from lib.ui.shell.lost import Loss, lost_with_session
from lib.ui.shell.notices import tell
from lib.ui.shell.session import Imported, state
from lib.ui.shell.session_lifetime import events_of, forget_stores

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

KINDS: Final = ("csv", "tsv", "txt", "json", "jsonl", "ndjson", "parquet")


@dataclass(slots=True)
class Dropped:
    """What is known about the current file, and the outcome of the last import.

    `life` renews the uploader, so that an imported file isn't offered again; `link` opens the
    period of the last import.
    """

    life: int = 0
    looked: dict[str, ImportResult] = field(default_factory=dict)
    done: str = ""
    link: dict[str, str] = field(default_factory=dict)


def section(context: Context) -> None:
    """The drop zone, what the file contains, and the button that imports it."""
    kept = state(Dropped)
    with st.container(border=True, key="import"):
        st.markdown(words.IMPORT)
        st.caption(words.IMPORT_NOTE)
        upload = st.file_uploader(
            words.EVENT_FILE,
            type=KINDS,
            key=f"import.file.{kept.life}",
            label_visibility="collapsed",
        )
        with boundary():
            if upload is not None:
                _offer(context, upload)
            elif kept.done:
                _done(context, kept.done)


def extent(context: Context) -> None:
    """How many events were imported and their period; in place of the last week."""
    found = context.events.sources(context.profile.key)
    if not found:
        st.markdown(words.NOTHING_IMPORTED)
        return
    total = sum(facts.events for facts in found)
    oldest, newest = min(f.oldest for f in found), max(f.newest for f in found)
    st.markdown(words.imported_events(total))
    st.caption(
        words.imported_period(
            md(when(oldest, context.zone)), md(when(newest, context.zone)), md(context.zone_name)
        )
    )
    for facts in found:  # one source is counted at a time
        label, source = words.SEE_IMPORTED, None
        if len(found) > 1:
            label = words.see_source(facts.events, facts.source)
            source = facts.source
        _link(context, label, _parameters(facts.oldest, facts.newest, source))
    left_out = context.events.overflowed
    if left_out:
        st.warning(
            words.too_many(SESSION_ROW_LIMIT, left_out),
            icon=":material/inventory_2:",
        )
    st.button(words.FORGET_IMPORTED, icon=":material/delete:", on_click=_forget)


def _offer(context: Context, upload: "UploadedFile") -> None:
    zone = context.zone_name
    first = _looked(upload, ImportOptions(timezone=zone))
    options = _questions(upload, first, zone)
    found = first if options == ImportOptions(timezone=zone) else _looked(upload, options)
    import_preview.summary(context, found)
    import_preview.preview(context, found)
    if st.button(
        words.import_button(found.rows),
        type="primary",
        disabled=not found.rows,
        key="import.go",
    ):
        _bring(upload, options)
        st.rerun()


def _looked(upload: "UploadedFile", options: ImportOptions) -> ImportResult:
    kept = state(Dropped).looked
    key = f"{upload.file_id}.{options!r}"
    if key not in kept:
        with st.spinner(words.READING_ROWS):
            found = examine(upload, clock=_now, options=options)
        if not any(name.startswith(f"{upload.file_id}.") for name in kept):
            kept.clear()  # another file
        kept[key] = found
    return kept[key]


def _questions(upload: "UploadedFile", first: ImportResult, zone: str) -> ImportOptions:
    """What only the person can answer, asked where it matters."""
    columns, dates = first.columns, None
    if columns is None:
        return ImportOptions(timezone=zone)
    if columns.missing:
        st.warning(
            words.COLUMNS_UNKNOWN,
            icon=":material/help:",
        )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        zones = sorted({*available_timezones(), zone})
        zone = st.selectbox(
            words.ZONE,
            zones,
            index=zones.index(zone),
            key=f"import.zone.{upload.file_id}",
        )
        if first.order is not None and not first.order.sure:
            dates = st.selectbox(
                words.DATE_ORDER,
                list(words.DATE_ORDERS),
                format_func=words.DATE_ORDERS.__getitem__,
                key=f"import.dates.{upload.file_id}",
                help=words.DATE_ORDER_HELP,
            )
    with st.expander(words.COLUMNS, expanded=bool(columns.missing)):
        st.caption(words.COLUMNS_NOTE)
        edited = st.data_editor(
            pd.DataFrame({"column": columns.headers, "is": columns.taken}),
            column_config={
                "column": st.column_config.TextColumn(words.FILE_COLUMN, disabled=True),
                "is": st.column_config.SelectboxColumn(
                    words.MAPPED_TO, options=list(MAPPABLE), format_func=import_preview.title
                ),
            },
            hide_index=True,
            key=f"import.columns.{upload.file_id}",
            placeholder=words.NOT_MAPPED,
            alt=words.COLUMNS_TABLE,
        )
    said = [value if isinstance(value, str) else None for value in edited["is"]]
    pairs = zip(columns.headers, said, columns.taken, strict=True)
    chosen = {header: now for header, now, before in pairs if now != before}
    return ImportOptions(chosen, timezone=zone, dates=dates)


def _bring(file: BinaryIO, options: ImportOptions) -> None:
    """Import the file's events into the session's own profile, and use that profile."""
    from lib.app import current  # noqa: PLC0415  # as a page, after the runtime has started

    runtime, kept = current(), state(Dropped)
    if runtime is None:
        return
    profile = _profile()
    own = runtime.sessions.stores_of(profile)
    total = max(1, sum(found.rows for found in list(kept.looked.values())[-1:]))
    bar = st.progress(0.0, text=words.IMPORTING)

    def progress(rows: int) -> None:
        own.drain()
        bar.progress(min(1.0, rows / total), text=words.importing(rows))

    before = own.stores.events.count()
    result = import_file(
        file,
        profile.key,
        own.stores.ledger,
        clock=_now,
        options=options,
        on_progress=progress,
    )
    added = own.stores.events.count() - before
    kept.done = words.imported(added, result.rows - added, result.refused_count)
    kept.looked.clear()
    kept.life += 1
    _open_it(own.stores.events, profile, result)
    choose(profile.key)


def _open_it(events: EventStore, profile: Profile, result: ImportResult) -> None:
    """Let every link to Activity open the imported events; `link` opens those of this file."""
    facts = events.sources(profile.key)
    if not facts:
        return
    times = min(f.oldest for f in facts), max(f.newest for f in facts)
    state(Imported).times = _whole_seconds(*times)
    counted = source_of_record(events, profile.key)
    most = next((name for name, _ in result.sources.most_common(1)), counted)
    source = None if counted in result.sources else most
    activity_selection.start_anew(Selection(everyone=True, source=source))
    if result.oldest is not None and result.newest is not None:
        state(Dropped).link = _parameters(result.oldest, result.newest, source)


def _parameters(oldest: datetime, newest: datetime, source: str | None) -> dict[str, str]:
    """The address of Activity for events of a source, from the oldest to the newest of them."""
    chosen = Selection(everyone=True, source=source)
    return to_parameters(chosen.zoom(*_whole_seconds(oldest, newest)))


def _whole_seconds(oldest: datetime, newest: datetime) -> tuple[datetime, datetime]:
    """Whole seconds, as an address holds them, without losing an event; the end is exclusive."""
    first, last = (at.astimezone(UTC).replace(microsecond=0) for at in (oldest, newest))
    return first, last + timedelta(seconds=1)


def _link(context: Context, label: str, parameters: dict[str, str]) -> None:
    page = navigation.page("activity")
    if page is not None:
        st.page_link(page, label=label, query_params=context.links | parameters)


def _profile() -> Profile:
    mine = state(Imported)
    if mine.profile is None:
        mine.profile = imported_profile()
    return mine.profile


def _forget() -> None:
    mine = state(Imported)
    if mine.profile is not None:
        events = events_of(mine.profile.key)
        forget_stores(mine.profile.key)
        tell(words.forgotten(events), icon=":material/delete:")
    mine.profile, mine.times = None, None
    state(Dropped).done = ""
    activity_selection.start_anew(Selection())


@lost_with_session
def _lost() -> Loss | None:
    if state(Imported).profile is None:
        return None
    return Loss(words.LOST, words.LOST_FIX, "overview")


def _done(context: Context, sentence: str) -> None:
    st.success(md(sentence), icon=":material/check_circle:")
    mine = state(Imported).profile
    if mine is not None and mine.key != context.profile.key:
        st.button(words.SHOW_IMPORTED, on_click=choose, args=(mine.key,))
    elif link := state(Dropped).link:
        _link(context, words.SEE_EVENTS, link)


def _now() -> datetime:
    return datetime.now(UTC)

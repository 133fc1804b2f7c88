"""The Files page's folders: the path, the items, and how the two sides differ."""

from collections.abc import Hashable, Sequence
from typing import Final

import streamlit as st

from lib.accounts.rows import Paging, UserKind
from lib.core.texts import md, plural, undisguised
from lib.files import comparison as files_comparison
from lib.files.comparison import Comparison, Presence, RowComparison, compare
from lib.files.location import Place
from lib.files.rows import FOLDER, ROOT, Crumb, FolderFacts, ItemRow
from lib.files.source import Ask, FileSide, ItemRef, Listing, Opened
from lib.ui.components.outcome import verbatim
from lib.ui.files import words
from lib.ui.files.identity import Lens, acting
from lib.ui.files.state import NUMBER, Asked, Files, found_out, go, look_at
from lib.ui.files.view_common import (
    PAGE,
    Columns,
    again,
    answered,
    folders_first,
    items,
    panels,
    request,
    trail_pager,
)
from lib.ui.files.view_who import same_person, somebody_else
from lib.ui.shell.frame import Context
from lib.ui.shell.session import seed, state, value

#: Side by side each side is read as far as one call reaches.
COMPARED: Final = 1000
_NAME_SHOWN: Final = 40
_SORT, _DOWN, _MARKED = "folder_sort", "folder_down", "folder_marker"
_MARKS: Final = {
    Presence.SAME: words.SAME,
    Presence.MISSING: words.MISSING,
    Presence.UNKNOWN: words.UNKNOWN,
}


def folders(context: Context, place: Place, lenses: Sequence[Lens]) -> None:
    """Breadcrumbs, the folder's items by each side, and what differs."""
    above = st.container()
    place = _known(context, place, lenses)
    spot = ItemRef(place.folder, state(Files).other_id)
    key = ("folder", spot, *(lens.key for lens in lenses))
    how = _how(lenses, key)
    with st.spinner(words.OPENING, show_time=True):
        answers = {lens.side: _open(context, lens, spot, how) for lens in lenses}
    facts = next((one.value.facts for one in answers.values() if one.value is not None), None)
    with above:
        _crumbs(place, facts)
    comparison = None
    if len(lenses) > 1 and all(one.value is not None for one in answers.values()):
        comparison = _comparison(context, lenses, answers)
    nothing = comparison is not None and not (comparison.left or comparison.right)
    if nothing:  # said once: both sides have the same reason
        _empty(context, place, lenses[0])
    panels(
        lenses,
        lambda lens: _panel(
            context, place, lens, answers[lens.side], comparison, how, key, said=nothing
        ),
        key="files.folder",
    )


def _known(context: Context, place: Place, lenses: Sequence[Lens]) -> Place:
    """The place with its folder's Box id, where a path through Kloudless gave only Kloudless's."""
    lens = next((one for one in lenses if one.side is FileSide.KLOUDLESS), None)
    if place.folder or lens is None:
        return place
    asked = _open(context, lens, ItemRef("", state(Files).other_id), Ask(PAGE))
    found = asked.value.facts.row.id if asked.value is not None else ""
    return found_out(place, found) if found else place


def _open(context: Context, lens: Lens, spot: ItemRef, how: Ask) -> Asked[Opened]:
    # Kloudless's ids mean nothing to Box, nor Box's order of a page to Kloudless.
    asked = how if lens.side is FileSide.BOX else Ask(how.size, marker=how.marker)
    where = "the root" if spot.id == ROOT else f"folder {spot.id}" if spot.id else "a folder"
    return lens.ask(context, ("folder", spot, asked), lambda s: s.open(spot, asked), where)


def _how(lenses: Sequence[Lens], key: Hashable) -> Ask:
    """Which page to ask for, from the controls of the one side on show."""
    if len(lenses) > 1:
        return Ask(COMPARED)
    marker = next(reversed(state(Files).trails.get(key, ())), "")
    if lenses[0].side is FileSide.KLOUDLESS:
        return Ask(PAGE, marker=marker)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        marked = st.toggle(
            words.BY_MARKER,
            key=_MARKED,
            bind="query-params",
            on_change=_first_page,
            args=(key,),
            help=(words.BY_MARKER_HELP),
        )
        sort = st.selectbox(
            words.SORT,
            list(words.SORTS),
            format_func=words.SORTS.__getitem__,
            key=_SORT,
            bind="query-params",
            disabled=marked,
            on_change=_first_page,
            args=(key,),
            width=150,
        )
        down = st.toggle(
            words.DESCENDING,
            key=_DOWN,
            bind="query-params",
            disabled=marked or not sort,
            on_change=_first_page,
            args=(key,),
        )
    if marked:
        return Ask(PAGE, marker=marker, by_marker=True)
    number = value(NUMBER, 1)
    number = number if isinstance(number, int) and number >= 1 else 1
    return Ask(PAGE, number=number, sort=sort or "", descending=bool(down and sort))


def _first_page(key: Hashable) -> None:
    state(Files).trails.pop(key, None)
    seed(NUMBER, 1)


def _crumbs(place: Place, facts: FolderFacts | None) -> None:
    """The folders above as buttons; the one on show as text."""
    path = facts.path if facts is not None else ()
    if not path and place.folder != ROOT:
        path = (Crumb(ROOT, words.ROOT),)
    with st.container(
        horizontal=True, vertical_alignment="center", gap="xxsmall", key="files.crumbs"
    ):
        for at, crumb in enumerate(path):
            name = undisguised(crumb.name) or words.UNNAMED_CRUMB
            st.button(
                md(_short(name)),
                key=f"files.crumb.{at}",
                type="tertiary",
                icon=":material/home:" if at == 0 else None,
                help=md(name) if len(name) > _NAME_SHOWN else None,
                on_click=go,
                args=(place.into(crumb.id or ROOT),),
                kwargs={"other_id": "" if crumb.id else crumb.other_id},
            )
            st.markdown("/", width="content")
        here = undisguised(facts.row.name) if facts is not None else words.folder(place.folder)
        st.markdown(f"**{md(_short(here, 120))}**", width="content")
        if facts is not None and facts.row.id not in ("", ROOT):
            st.button(
                words.DETAILS,
                key="files.folder.details",
                type="tertiary",
                icon=":material/info:",
                on_click=look_at,
                args=(place, (FOLDER, facts.row.id)),
            )


def _short(name: str, most: int = _NAME_SHOWN) -> str:
    return name if len(name) <= most else f"{name[: most - 1]}…"


def _comparison(
    context: Context, lenses: Sequence[Lens], answers: dict[FileSide, Asked[Opened]]
) -> Comparison | None:
    """What the sides show differently; None where it would compare two people."""
    if not same_person(context, lenses):
        return None
    left, right = (answers[side].value for side in (FileSide.BOX, FileSide.KLOUDLESS))
    if left is None or right is None:
        return None
    found = compare(left.listing, right.listing)
    compared = files_comparison.words(found, words.IN_BOX, words.THROUGH_KLOUDLESS)
    if found.whole and not (found.left or found.right):
        return found
    if found.differences:
        st.warning(words.sides_differ(compared), icon=":material/difference:")
    else:
        mark = ":green[:material/check_circle:]" if found.whole else ":material/info:"
        st.markdown(f"{mark} {compared}")
    return found


def _panel(  # what a panel is made of
    context: Context,
    place: Place,
    lens: Lens,
    asked: Asked[Opened],
    comparison: Comparison | None,
    how: Ask,
    key: Hashable,
    *,
    said: bool,
) -> None:
    widget = f"files.folder.{lens.side}"
    opened = answered(asked, lens, key=widget)
    if opened is None:
        again(widget)
        return
    rows = opened.listing.rows
    verdicts: Sequence[RowComparison] = ()
    if comparison is not None:
        verdicts = comparison.left if lens.side is FileSide.BOX else comparison.right
    if not rows:
        if not said:
            _empty(context, place, lens)
    else:
        alone = how.size != COMPARED
        page = f"{place.folder}.{alone}.{how.number}.{len(state(Files).trails.get(key, ()))}"
        _table(context, place, lens, rows, verdicts, alone=alone, page=page)
    _pager(asked, opened.listing, lens, how, key)
    request(asked, lens.side, key=widget)


def _table(
    context: Context,
    place: Place,
    lens: Lens,
    rows: Sequence[ItemRow],
    verdicts: Sequence[RowComparison],
    *,
    alone: bool,
    page: str,
) -> None:
    ordered = folders_first(rows)
    marks: tuple[str, ...] = ()
    if verdicts:
        by_row = {id(row): verdict for row, verdict in zip(rows, verdicts, strict=True)}
        marks = tuple(_mark(by_row[id(row)]) for row in ordered)
    columns = Columns(narrow=not alone, sharing=alone and lens.side is FileSide.BOX, marks=marks)
    items(context, place, lens, ordered, columns, key=f"files.folder.{page}")


def _mark(verdict: RowComparison) -> str:
    if verdict.found is Presence.DIFFERS:
        return words.differs(verdict.fields)
    return _MARKS[verdict.found]


def _pager(asked: Asked[Opened], listing: Listing, lens: Lens, how: Ask, key: Hashable) -> None:
    widget = f"files.folder.{lens.side}.pager"
    shown = len(listing.rows)
    if how.size == COMPARED:
        reported = plural(shown, "item") if listing.whole else words.first_items(shown)
        trail_pager((key, lens.side), asked, "", reported, widget=widget)
        return
    if lens.side is FileSide.KLOUDLESS or how.by_marker:
        before = len(state(Files).trails.get(key, ()))
        reported = words.page_of(before + 1, shown)
        trail_pager(key, asked, listing.following, reported, widget=widget)
        return
    paging = Paging(how.number, listing.total or shown, PAGE)
    if how.number > paging.pages:
        seed(NUMBER, paging.pages)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.caption(words.loaded(paging.words(shown, words.ITEMS), asked.at), width="stretch")
        if paging.pages > 1:
            st.pagination(
                paging.pages, key=NUMBER, bind="query-params", max_visible_pages=5, width=340
            )
        again(widget)
    if paging.cut:
        st.caption(words.POSITION_LIMIT)


def _empty(context: Context, place: Place, lens: Lens) -> None:
    """Why nothing is shown, and what to do."""
    if place.folder != ROOT:
        st.info(words.EMPTY_FOLDER, icon=":material/folder_off:")
        return
    row = acting(context, lens).value
    if row is None or row.kind is not UserKind.SERVICE:
        st.info(
            words.EMPTY_ROOT,
            icon=":material/folder_off:",
        )
    else:
        st.info(
            words.empty_service_account(verbatim(row.login)),
            icon=":material/folder_off:",
        )
    somebody_else(context, place, lens)

"""The Files page's lists across folders: recent files and search results."""

from collections.abc import Hashable, Sequence
from datetime import date
from typing import Final

import streamlit as st

from lib.accounts.rows import UserKind
from lib.core.texts import md
from lib.files.comparison import in_both
from lib.files.location import Place
from lib.files.rows import ROOT
from lib.files.search import KINDS, Form, query_of
from lib.files.source import Ask, FileSide, ItemRef, Listing, SearchQuery
from lib.ui.components.fields import code_field, words_field
from lib.ui.files import words
from lib.ui.files.identity import Lens, acting
from lib.ui.files.state import Asked, Files, search_for, search_key, trail
from lib.ui.files.view_common import (
    PAGE,
    Columns,
    again,
    answered,
    items,
    panels,
    request,
    trail_pager,
)
from lib.ui.files.view_who import same_person
from lib.ui.shell.frame import Context
from lib.ui.shell.session import state

Answers = dict[FileSide, Asked[Listing]]
_RECENT_SENTENCE: Final = {
    FileSide.BOX: words.RECENT_BOX,
    FileSide.KLOUDLESS: words.RECENT_KLOUDLESS,
}


def recent(context: Context, place: Place, lenses: Sequence[Lens]) -> None:
    """The recent files of each side."""
    with st.spinner(words.GETTING_RECENT, show_time=True):
        answers = {lens.side: _recent(context, lens) for lens in lenses}
    _common(context, lenses, answers, words.RECENT_DIFFER)

    def draw(lens: Lens) -> None:
        st.caption(_RECENT_SENTENCE[lens.side])
        narrow = len(lenses) > 1
        key = (lens.key, "recent")
        _list(context, place, lens, answers[lens.side], key, "recent", narrow=narrow)

    panels(lenses, draw, key="files.recent")


def search(context: Context, place: Place, lenses: Sequence[Lens]) -> None:
    """The form, and the results of each side."""
    _form(context, place)
    st.caption(words.SEARCH_NOTE)
    query = state(Files).query
    if query is None:
        return
    with st.spinner(words.SEARCHING, show_time=True):
        answers = {lens.side: _found(context, lens, query) for lens in lenses}
    _common(context, lenses, answers, words.SEARCH_DIFFERS)

    def draw(lens: Lens) -> None:
        if lens.side is FileSide.KLOUDLESS and query.box_only:
            st.caption(words.BOX_FILTERS)
        narrow = len(lenses) > 1
        key = (lens.key, query)
        _list(context, place, lens, answers[lens.side], key, "search", narrow=narrow)

    panels(lenses, draw, key="files.search")


def _recent(context: Context, lens: Lens) -> Asked[Listing]:
    how = Ask(PAGE, marker=_marker((lens.key, "recent")))
    return lens.ask(context, ("recent", how), lambda s: s.recent(how), "recent files")


def _found(context: Context, lens: Lens, query: SearchQuery) -> Asked[Listing]:
    how = Ask(PAGE, marker=_marker((lens.key, query)))
    return lens.ask(context, ("search", query, how), lambda s: s.search(query, how), "a search")


def _marker(key: Hashable) -> str:
    return next(reversed(trail(key)), "")


def _common(context: Context, lenses: Sequence[Lens], answers: Answers, why: str) -> None:
    """How many items two pages have in common; nothing where it would compare two people."""
    if len(lenses) < 2 or not same_person(context, lenses):  # noqa: PLR2004  # two sides
        return
    left, right = answers[FileSide.BOX].value, answers[FileSide.KLOUDLESS].value
    if left is None or right is None:
        return
    both = in_both(left, right)
    st.markdown(words.on_both(both, len(left.rows), len(right.rows), md(why)))


def _list(
    context: Context,
    place: Place,
    lens: Lens,
    asked: Asked[Listing],
    key: Hashable,
    what: str,
    *,
    narrow: bool,
) -> None:
    widget = f"files.{what}.{lens.side}"
    found = answered(asked, lens, key=widget)
    if found is None:
        again(widget)
        return
    page = len(trail(key)) + 1
    if found.rows:
        columns = Columns(narrow=narrow, parent=True)
        items(
            context,
            place,
            lens,
            found.rows,
            columns,
            key=f"files.{what}.{page}",
            recent=found.recent,
        )
    elif page > 1 or found.following:  # the others may have some
        st.info(words.NOTHING_ON_PAGE, icon=":material/search_off:")
    elif what == "recent":
        _nothing_recent(context, lens)
    else:
        st.info(
            words.NOTHING_FOUND,
            icon=":material/search_off:",
        )
    shown = words.page_of(page, len(found.rows), found.total)
    trail_pager(key, asked, found.following, shown, widget=f"{widget}.pager")
    request(asked, lens.side, key=widget)


def _nothing_recent(context: Context, lens: Lens) -> None:
    row = acting(context, lens).value
    if row is not None and row.kind is UserKind.SERVICE:
        nothing = words.NO_RECENT_SERVICE
    elif lens.side is FileSide.KLOUDLESS:
        nothing = words.NO_RECENT_KLOUDLESS
    else:
        nothing = words.NO_RECENT
    st.info(nothing, icon=":material/history_toggle_off:")


def _form(context: Context, place: Place) -> None:
    with st.form("files.search.form", border=True):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            typed = words_field(
                words.SEARCH_FOR,
                key=search_key("words"),
                in_form=True,
                type="search",
                placeholder=words.SEARCH_EXAMPLE,
            )
            kind = st.selectbox(
                words.SEARCH_KIND,
                list(KINDS),
                format_func=KINDS.__getitem__,
                key=search_key("kind"),
                width=160,
            )
            pressed = st.form_submit_button(words.SEARCH, type="primary", icon=":material/search:")
        within = _within(place)
        with st.expander(words.MORE_FILTERS, key=search_key("more")):
            form = _filters(typed, kind or "")
    if not pressed:
        return
    query, problems = query_of(form, context.zone, below=_below(place) if within else None)
    if query is None:
        st.warning("\n\n".join(md(one) for one in problems), icon=":material/error:")
        return
    search_for(place, query)


def _within(place: Place) -> bool:
    if _below(place) is None:
        return False
    return bool(st.checkbox(words.ONLY_HERE, key=search_key("below")))


def _below(place: Place) -> ItemRef | None:
    return None if place.folder in ("", ROOT) else ItemRef(place.folder)


def _filters(typed: str, kind: str) -> Form:
    first, second = st.columns(2)
    with first:
        extensions = code_field(
            words.EXTENSIONS,
            key=search_key("extensions"),
            in_form=True,
            placeholder=words.EXTENSIONS_EXAMPLE,
        )
    with second:
        owners = code_field(
            words.OWNERS,
            key=search_key("owners"),
            in_form=True,
            placeholder="12345678",
        )
    created_from, created_to = _days(words.CREATED, "created")
    updated_from, updated_to = _days(words.CHANGED, "updated")
    low, high = st.columns(2)
    size_from = low.number_input(
        words.SIZE_FROM, min_value=0.0, value=None, key=search_key("size_from")
    )
    size_to = high.number_input(words.SIZE_TO, min_value=0.0, value=None, key=search_key("size_to"))
    everywhere = st.checkbox(
        words.EVERYWHERE,
        key=search_key("everywhere"),
        help=(words.EVERYWHERE_HELP),
    )
    return Form(
        words=typed,
        kind=kind,
        extensions=extensions or "",
        owners=owners or "",
        created_from=created_from,
        created_to=created_to,
        updated_from=updated_from,
        updated_to=updated_to,
        size_from=size_from,
        size_to=size_to,
        everywhere=everywhere,
    )


def _days(label: str, name: str) -> tuple[date | None, date | None]:
    first, second = st.columns(2)
    begin = first.date_input(words.from_day(label), value=None, key=search_key(f"{name}_from"))
    end = second.date_input(words.to_day(label), value=None, key=search_key(f"{name}_to"))
    return begin, end

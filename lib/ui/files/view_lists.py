"""The Files page's lists across folders: what was touched lately, and what a search finds."""

from collections.abc import Hashable, Sequence
from datetime import date
from typing import Final

import streamlit as st

from lib.accounts.rows import UserKind
from lib.core.texts import md, plural
from lib.files.comparison import in_both
from lib.files.location import Place
from lib.files.rows import ROOT
from lib.files.search import KINDS, Form, query_of
from lib.files.source import Ask, Listing, Query, Side, Spot
from lib.ui.components.fields import code_field, words_field
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

Answers = dict[Side, Asked[Listing]]
_RECENT_SENTENCE: Final = {
    Side.BOX: "What this identity previewed, uploaded, opened, changed or commented on in the last "
    "90 days, at most 1,000 items.",
    Side.KLOUDLESS: "The files that changed lately, newest first. Kloudless collects them only "
    "for applications with `recent_enabled`; for Box, its guide asks for a webhook as well.",
}


def recent(context: Context, place: Place, lenses: Sequence[Lens]) -> None:
    """What was touched lately, by each side."""
    with st.spinner("Asking for recent files…", show_time=True):
        answers = {lens.side: _recent(context, lens) for lens in lenses}
    _common(context, lenses, answers, "The two lists count differently, so neither is complete.")

    def draw(lens: Lens) -> None:
        st.caption(_RECENT_SENTENCE[lens.side])
        narrow = len(lenses) > 1
        key = (lens.key, "recent")
        _list(context, place, lens, answers[lens.side], key, "recent", narrow=narrow)

    panels(lenses, draw, key="files.recent")


def search(context: Context, place: Place, lenses: Sequence[Lens]) -> None:
    """The form, and what each side finds."""
    _form(context, place)
    st.caption(
        "Box finds names, descriptions and the text inside of files, some minutes after they "
        "changed, and allows each user 6 searches a second and 60 a minute. What you search for "
        "stays in this session: it isn't in the address."
    )
    query = state(Files).query
    if query is None:
        return
    with st.spinner("Searching…", show_time=True):
        answers = {lens.side: _found(context, lens, query) for lens in lenses}
    _common(context, lenses, answers, "Each side ranks by itself.")

    def draw(lens: Lens) -> None:
        if lens.side is Side.KLOUDLESS and query.box_only:
            st.caption(
                ":orange[:material/warning:] Kloudless's search takes the words and the folder "
                "only: the other filters are not applied on this side."
            )
        narrow = len(lenses) > 1
        key = (lens.key, query)
        _list(context, place, lens, answers[lens.side], key, "search", narrow=narrow)

    panels(lenses, draw, key="files.search")


def _recent(context: Context, lens: Lens) -> Asked[Listing]:
    how = Ask(PAGE, marker=_marker((lens.key, "recent")))
    return lens.ask(context, ("recent", how), lambda s: s.recent(how), "recent files")


def _found(context: Context, lens: Lens, query: Query) -> Asked[Listing]:
    how = Ask(PAGE, marker=_marker((lens.key, query)))
    return lens.ask(context, ("search", query, how), lambda s: s.search(query, how), "a search")


def _marker(key: Hashable) -> str:
    return next(reversed(trail(key)), "")


def _common(context: Context, lenses: Sequence[Lens], answers: Answers, why: str) -> None:
    """How much of the two pages is the same; nothing where it would compare two people."""
    if len(lenses) < 2 or not same_person(context, lenses):  # noqa: PLR2004  # two sides
        return
    left, right = answers[Side.BOX].value, answers[Side.KLOUDLESS].value
    if left is None or right is None:
        return
    both = in_both(left, right)
    st.markdown(
        f":material/info: {plural(both, 'item')} on both of these pages, of "
        f"{len(left.rows):,} and {len(right.rows):,}. {md(why)}"
    )


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
    elif what == "recent":
        _nothing_recent(context, lens)
    else:
        st.info(
            "Nothing found that this identity may see. Try fewer words, or act as somebody else.",
            icon=":material/search_off:",
        )
    of = "" if found.total is None else f" of {found.total:,}"
    words = f"Page {page}, {plural(len(found.rows), 'item')}{of}"
    trail_pager(key, asked, found.following, words, widget=f"{widget}.pager")
    request(asked, lens.side, key=widget)


def _nothing_recent(context: Context, lens: Lens) -> None:
    row = acting(context, lens).value
    if row is not None and row.kind is UserKind.SERVICE:
        words = "The service account touched nothing lately. Choose a person with “Act as…”."
    elif lens.side is Side.KLOUDLESS:
        words = "Kloudless has no recent files of this account. See what it needs, above."
    else:
        words = "This identity touched nothing in the last 90 days."
    st.info(words, icon=":material/history_toggle_off:")


def _form(context: Context, place: Place) -> None:
    with st.form("files.search.form", border=True):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            words = words_field(
                "Search for",
                key=search_key("words"),
                in_form=True,
                type="search",
                placeholder="contract 2026",
            )
            kind = st.selectbox(
                "What",
                list(KINDS),
                format_func=KINDS.__getitem__,
                key=search_key("kind"),
                width=160,
            )
            pressed = st.form_submit_button("Search", type="primary", icon=":material/search:")
        within = _within(place)
        with st.expander("More filters (Box only)", key=search_key("more")):
            form = _filters(words, kind or "")
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
    return bool(
        st.checkbox(
            "Only in the folder that is open in “Folders”, and below", key=search_key("below")
        )
    )


def _below(place: Place) -> Spot | None:
    return None if place.folder in ("", ROOT) else Spot(place.folder)


def _filters(words: str, kind: str) -> Form:
    first, second = st.columns(2)
    with first:
        extensions = code_field(
            "File extensions", key=search_key("extensions"), in_form=True, placeholder="pdf, docx"
        )
    with second:
        owners = code_field(
            "Box user IDs of owners",
            key=search_key("owners"),
            in_form=True,
            placeholder="12345678",
        )
    created_from, created_to = _days("Created", "created")
    updated_from, updated_to = _days("Changed", "updated")
    low, high = st.columns(2)
    size_from = low.number_input(
        "Size from (MB)", min_value=0.0, value=None, key=search_key("size_from")
    )
    size_to = high.number_input(
        "Size to (MB)", min_value=0.0, value=None, key=search_key("size_to")
    )
    everywhere = st.checkbox(
        "The whole enterprise, not only what this identity sees",
        key=search_key("everywhere"),
        help=(
            "Box's scope enterprise_content. Box support enables it on request; without it Box "
            "refuses the search."
        ),
    )
    return Form(
        words=words,
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
    begin = first.date_input(f"{label} from", value=None, key=search_key(f"{name}_from"))
    end = second.date_input(f"{label} to", value=None, key=search_key(f"{name}_to"))
    return begin, end

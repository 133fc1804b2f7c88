"""The Files page's first part: the identity, the sides, and how to change them."""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from lib.accounts.rows import AccountRow, UserKind, UserRow
from lib.core.invisible import INVISIBLE
from lib.core.texts import md, undisguised
from lib.files.location import Place, is_id
from lib.files.source import FileSide, People
from lib.settings.profiles import BoxAuth
from lib.ui.components.fields import code_field, words_field
from lib.ui.components.outcome import show_fault, verbatim
from lib.ui.components.tables import missing_half
from lib.ui.files import words
from lib.ui.files.identity import (
    Accounts,
    Lens,
    accounts,
    acting,
    box_lens,
    kloudless_lens,
    sides_of,
)
from lib.ui.files.state import BOTH, QUIET_SWITCH, SIDES, Asked, ask, go
from lib.ui.shell.boundary import boundary
from lib.ui.shell.frame import Context
from lib.ui.shell.session import of_profile, seed, value

PEOPLE_SHOWN: Final = 8
_ACCOUNT: Final = "files.account"
_USER_ID: Final = "files.user_id"
_PICKER: Final = "files.picker"
_WORDS: Final = {
    BOTH: words.SIDE_BY_SIDE,
    FileSide.BOX: words.BOX,
    FileSide.KLOUDLESS: words.KLOUDLESS,
}


def who(context: Context, place: Place) -> tuple[Lens, ...]:
    """Draw the identity and its controls; the sides that can be asked, Box first."""
    sides = sides_of(context)
    if not sides:
        missing_half(context, words.NO_PROFILE_HALF)
        return ()
    with st.container(border=True, key="files.who", gap="small"):
        with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
            requested = _sides(sides)
            listed = _accounts(context, place) if FileSide.KLOUDLESS in requested else None
            quiet = st.toggle(
                words.QUIET,
                key=QUIET_SWITCH,
                bind="query-params",
                help=words.QUIET_HELP,
            )
        lenses = _lenses(context, place, requested, listed, quiet=quiet)
        seen = [(lens, acting(context, lens)) for lens in lenses]
        with st.container(horizontal=True, vertical_alignment="center"):
            with st.container(width="stretch", gap="xxsmall"):
                _identities(seen)
            _picker(context, place, lenses)
        _refusals(seen, place)
        if quiet:
            st.caption(words.QUIET_NOTE)
    return tuple(lens for lens, asked in seen if asked.value is not None)


def same_person(context: Context, lenses: Sequence[Lens]) -> bool:
    """Whether all sides act as the same person, according to Box."""
    found = {row.id for lens in lenses if (row := acting(context, lens).value) is not None}
    return len(found) == 1


def _sides(sides: Sequence[FileSide]) -> tuple[FileSide, ...]:
    if len(sides) == 1:
        return tuple(sides)
    chosen = st.segmented_control(
        words.SIDE,
        [BOTH, *sides],
        default=BOTH,
        required=True,
        format_func=lambda one: _WORDS[one],
        key=SIDES,
        bind="query-params",
    )
    return tuple(side for side in sides if chosen in (BOTH, None, side))


def _accounts(context: Context, place: Place) -> Asked[Accounts]:
    with st.spinner(words.GETTING_ACCOUNTS, show_time=True):
        listed = accounts(context, place)
    if listed.value is None:
        return listed
    rows = {row.id: row for row in listed.value.rows}
    seed(_ACCOUNT, listed.value.used.id)
    st.selectbox(
        words.ACCOUNT,
        list(rows),
        key=_ACCOUNT,
        format_func=lambda one: _account_words(rows[one]),
        on_change=_through,
        args=(place,),
        width=340,
        help=(words.ACCOUNT_HELP + (words.FIRST_THOUSAND if listed.value.cut else "")),
    )
    return listed


def _account_words(row: AccountRow) -> str:
    kind = words.ORGANISATION if row.admin else words.PERSONAL
    return words.account_label(undisguised(row.account), kind)


def _through(place: Place) -> None:
    chosen = value(_ACCOUNT)
    if isinstance(chosen, str) and is_id(chosen):
        go(place.through(chosen))


def _lenses(
    context: Context,
    place: Place,
    requested: Sequence[FileSide],
    listed: Asked[Accounts] | None,
    *,
    quiet: bool,
) -> list[Lens]:
    found: list[Lens] = []
    if FileSide.BOX in requested:
        with boundary():
            found.append(box_lens(context, place, quiet=quiet))
    if listed is not None and listed.value is not None:
        with boundary():
            found.append(kloudless_lens(context, place, listed.value.used, quiet=quiet))
    if listed is not None and listed.fault is not None:
        show_fault(listed.fault)
    return found


def _identities(seen: Sequence[tuple[Lens, Asked[UserRow]]]) -> None:
    known = [(lens, asked.value) for lens, asked in seen if asked.value is not None]
    if len(known) > 1 and len({row.id for _, row in known}) == 1:
        st.markdown(words.acting_on_both(_person(known[0][1])))
        return
    for lens, row in known:
        side = md(lens.side.label) if len(known) > 1 else ""
        st.markdown(words.acting(_person(row), side))
    if len(known) > 1:
        st.caption(words.DIFFERENT_PEOPLE)


def _person(row: UserRow) -> str:
    name = md(undisguised(row.name)) or words.UNNAMED_USER
    return words.person(name, verbatim(row.login), row.kind, verbatim(row.id))


def _refusals(seen: Sequence[tuple[Lens, Asked[UserRow]]], place: Place) -> None:
    refused = [(lens, asked.fault) for lens, asked in seen if asked.fault is not None]
    for lens, fault in refused:
        st.markdown(f"**{md(lens.side.label)}**")
        show_fault(fault)
    if refused and place.user:
        st.button(
            words.BACK_TO_SELF,
            icon=":material/undo:",
            on_click=go,
            args=(place.acting_as(""),),
            key="files.back_to_self",
        )


def _picker(context: Context, place: Place, lenses: Sequence[Lens]) -> None:
    asked = next((lens for lens in lenses if _can_act(lens)), None)
    if asked is None:
        return
    with st.popover(
        words.ACT_AS, icon=":material/switch_account:", key=_PICKER, on_change="rerun"
    ) as box:
        if not box.open:
            return
        term = words_field(
            words.USER_SEARCH,
            type="search",
            key=of_profile("files.people.term"),
            live=True,
            placeholder=words.USER_SEARCH_EXAMPLE,
        )
        with boundary():
            _people(context, place, asked, term)
        code_field(
            words.USER_ID,
            key=_USER_ID,
            on_change=_act_as_typed,
            args=(place,),
            validate=(rf"^[\d\s{INVISIBLE}]*$", words.USER_ID_INVALID),
            placeholder="12345678",
        )
        if place.user:
            st.button(
                words.act_as(_itself(context)),
                icon=":material/smart_toy:",
                on_click=_act_as,
                args=(place, ""),
                width="stretch",
            )


def _itself(context: Context) -> str:
    box = context.profile.box
    if box is not None and box.auth in (BoxAuth.JWT, BoxAuth.CCG) and not box.user_id:
        return words.SERVICE_ACCOUNT
    return words.PROFILE_ITSELF


def _can_act(lens: Lens) -> bool:
    return lens.account is None or lens.account.admin


def _people(context: Context, place: Place, lens: Lens, term: str) -> None:
    asked = _listed(context, place, lens, term)
    if asked.fault is not None:
        show_fault(asked.fault)
        return
    found = asked.value or People((), 0)
    _choices(place, found, key="files.people")
    if not found.rows:
        st.caption(words.NO_USER)
    elif found.total > len(found.rows):
        st.caption(words.first_users_narrow(len(found.rows), found.total))


def somebody_else(context: Context, place: Place, lens: Lens) -> None:
    """The first people of the enterprise, to view as one of them; nothing where none are listed.

    A person chooses whom to view as: nobody's files are opened without being asked for.
    """
    if place.user or not _can_act(lens):
        return
    found = _listed(context, place, lens, "").value
    if found is None or not found.rows:
        return
    with st.container(gap="xsmall", key=f"files.else.{lens.side}"):
        st.markdown(words.LOOK_AS)
        with st.container(horizontal=True, gap="small"):
            _choices(place, found, key=f"files.else.{lens.side}")
        if found.total > len(found.rows):
            st.caption(words.first_users(len(found.rows), found.total))


def _listed(context: Context, place: Place, lens: Lens, term: str) -> Asked[People]:
    # The profile itself lists people: whom it acts as may not.
    source = (
        box_lens(context, place.acting_as(""), quiet=False)
        if lens.account is None
        else kloudless_lens(context, place.acting_as(""), lens.account, quiet=False)
    )
    with st.spinner(words.GETTING_USERS):
        return ask(
            context,
            (source.key, "people", term),
            lambda: source.source.people(term, limit=PEOPLE_SHOWN),
        )


def _choices(place: Place, found: People, *, key: str) -> None:
    for row in found.rows:
        st.button(
            f"{md(undisguised(row.name))} · {md(row.login)}",
            key=f"{key}.{row.id}",
            type="tertiary",
            icon=f":material/{'person' if row.kind is UserKind.MANAGED else 'smart_toy'}:",
            on_click=_act_as,
            args=(place, row.id),
        )


def _act_as_typed(place: Place) -> None:
    typed = str(value(_USER_ID) or "").strip()
    if is_id(typed):
        seed(_USER_ID, "")
        _act_as(place, typed)


def _act_as(place: Place, user: str) -> None:
    seed(_PICKER, False)  # noqa: FBT003  # the state of a popover: closed
    go(place.acting_as(user))

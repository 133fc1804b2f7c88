"""The fields of the import form: plain ones, secrets, and rows of further ones."""

from typing import Final

import streamlit as st

from lib.core.redaction import Secret
from lib.core.texts import md
from lib.kloudless.account_import import (
    CONVENTION,
    Filled,
    ImportProblem,
)
from lib.ui.accounts import words_kloudless as words
from lib.ui.accounts.import_state import (
    MOST_FIELDS,
    Import,
    add_field,
    drop_field,
    drop_secret,
    key_of,
    take_field,
    take_plain,
    take_secret,
    use_convention,
)
from lib.ui.components.fields import code_field, secret_field
from lib.ui.components.tables import show_problem

_CHOICES: Final = (*Filled, "true", "false")


def plain_input(found: Import, wrong: dict[str, ImportProblem], name: str, example: str) -> None:
    """A field whose value may be read."""
    typed = str(getattr(found.order, name))
    code_field(
        words.FIELDS[name],
        value=typed,
        key=key_of(name),
        placeholder=example,
        help=words.FIELD_HELP[name],
        autocomplete="off",
        on_change=take_plain,
        args=(name,),
    )
    show_import_problem(wrong.get(name), reported=found.pressed or bool(typed))


def secret_input(found: Import, wrong: dict[str, ImportProblem], name: str) -> None:
    """A field whose value is kept and never shown again."""
    label = words.FIELDS[name]
    value: Secret | None = getattr(found.order, name)
    secret_field(
        label,
        key=key_of(name),
        placeholder=words.REPLACE if value else "",
        help=words.FIELD_HELP[name],
        on_change=take_secret,
        args=(name,),
    )
    if value:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption(words.SET)
            st.button(
                words.CLEAR,
                key=f"{key_of(name)}.clear",
                type="tertiary",
                help=words.clear_field(label),
                on_click=drop_secret,
                args=(name,),
            )
    reported = found.pressed or bool(value) or bool(found.order.token and name == "refresh_token")
    show_import_problem(wrong.get(name), reported=reported)


def show_import_problem(problem: ImportProblem | None, *, reported: bool) -> None:
    """A field's problem, once something was entered or sent."""
    if problem is not None and reported:
        show_problem(problem)


def extra_inputs(found: Import, wrong: dict[str, ImportProblem]) -> None:
    """Further fields of the request, a row for each."""
    organisation = found.order.organisation
    with st.container(border=True, gap="small"):
        st.markdown(words.EXTRA_FIELDS if not organisation else words.ORGANISATION_FIELDS)
        if organisation:
            st.caption(words.ORGANISATION_FIELDS_NOTE)
        else:
            st.caption(words.EXTRA_FIELDS_NOTE)
        for row in list(found.rows):
            _extra_row(found, row)
        for place in range(1, len(found.rows) + 1):
            show_import_problem(wrong.get(f"extra {place}"), reported=True)
        with st.container(horizontal=True, gap="small"):
            st.button(
                words.ADD_FIELD,
                icon=":material/add:",
                on_click=add_field,
                disabled=len(found.rows) >= MOST_FIELDS,
            )
            if organisation and tuple(found.rows.values()) != CONVENTION:
                st.button(words.RESTORE_NAMES, type="tertiary", on_click=use_convention)


def _extra_row(found: Import, row: int) -> None:
    one = found.rows[row]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        code_field(
            words.FIELD_NAME,
            value=one.name,
            key=key_of(f"name.{row}"),
            autocomplete="off",
            on_change=take_field,
            args=(row,),
            width=230,
        )
        options = [*_CHOICES, *([one.value] if one.value and one.value not in _CHOICES else [])]
        st.selectbox(
            words.FIELD_VALUE,
            options,
            index=options.index(one.value) if one.value else None,
            key=key_of(f"value.{row}"),
            accept_new_options=True,
            placeholder=words.FIELD_VALUE_EXAMPLE,
            help=words.FIELD_VALUE_HELP,
            on_change=take_field,
            args=(row,),
            width=230,
        )
        st.button(
            words.REMOVE_FIELD,
            key=key_of(f"away.{row}"),
            icon=":material/close:",
            type="tertiary",
            help=words.remove_field(md(one.name)) if one.name else words.REMOVE_UNNAMED,
            on_click=drop_field,
            args=(row,),
        )

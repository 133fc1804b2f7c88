"""The text fields of every page: what was typed is there, and is what it looks like.

No page draws a text field in another way, so the next one can't be made wrong. Streamlit 1.67
loses what was typed into a password field that is left by Tab: the next stop is the field's own
button "Show password", and leaving that commits nothing. A script of ours tells the field
(`assets/fields.js`); a field without a callback is committed while somebody types, too. And what
is pasted carries characters that nobody sees: they are taken out before anything reads them.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

import streamlit as st

from lib.core.invisible import INVISIBLE, typed_words, unfinished_words, without_invisible
from lib.ui.shell.session import seed, value
from lib.ui.shell.theme import ASSETS

Tidy = Callable[[str], str]

_SCRIPT: Final = (
    (ASSETS / "fields.js")
    .read_text(encoding="utf-8")
    .replace("%INVISIBLE%", "".join(f"\\u{ord(one):04x}" for one in INVISIBLE))
)


def mend_fields() -> None:
    """Put the script for fields on the page; it holds nothing but itself."""
    with st.container(key="fields_script"):
        st.html(f"<script>{_SCRIPT}</script>", unsafe_allow_javascript=True)


def secret_field(
    label: str,
    *,
    key: str,
    exact: bool = False,
    on_change: Callable[..., None] | None = None,
    args: Sequence[Any] = (),
    **options: Any,
) -> str:
    """A field whose text is hidden, in no address, and offered by no browser again.

    `exact` for what people make up (a passphrase): every character may belong to it. `on_change`
    is called when the field is left and may empty it; without one, the page follows the typing.
    """
    return _field(
        label,
        str if exact else without_invisible,
        key=key,
        on_change=on_change,
        args=args,
        type="password",
        autocomplete="off",
        live=on_change is None,
        **options,
    )


def code_field(
    label: str,
    *,
    key: str,
    on_change: Callable[..., None] | None = None,
    args: Sequence[Any] = (),
    **options: Any,
) -> str:
    """A field for an ID, an address, a date: no invisible character belongs to one."""
    options.setdefault("autocomplete", "off")
    return _field(label, without_invisible, key=key, on_change=on_change, args=args, **options)


def words_field(
    label: str,
    *,
    key: str,
    on_change: Callable[..., None] | None = None,
    args: Sequence[Any] = (),
    **options: Any,
) -> str:
    """A field for words: a name, a note, what to search for. No space around them comes back."""
    # What is sent back while somebody types must not take the space that the next word needs.
    tidy = unfinished_words if options.get("live") else typed_words
    return typed_words(_field(label, tidy, key=key, on_change=on_change, args=args, **options))


def _field(
    label: str,
    tidy: Tidy,
    *,
    key: str,
    on_change: Callable[..., None] | None,
    args: Sequence[Any],
    in_form: bool = False,
    **options: Any,
) -> str:
    if not in_form:  # where Streamlit allows no callback but the button's
        options["on_change"] = partial(_left, key, tidy, on_change, tuple(args))
    return tidy(str(st.text_input(label, key=key, **options) or ""))


def _left(key: str, tidy: Tidy, on_change: Callable[..., None] | None, args: tuple[Any]) -> None:
    typed = str(value(key) or "")
    if (clean := tidy(typed)) != typed:
        seed(key, clean)  # so that the callback and whoever looks at the field see the same
    if on_change is not None:
        on_change(*args)

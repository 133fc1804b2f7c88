"""What is pasted loses the characters that nobody sees, and nothing that belongs to it."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from lib.box.settings.settings_text import read_object
from lib.core.invisible import INVISIBLE, typed_words, unfinished_words, without_invisible
from lib.webhooks.signing.parse_pasted import headers_of


def test_all_of_them_show_nothing() -> None:
    assert {unicodedata.category(one) for one in INVISIBLE} == {"Cf"}
    assert len(set(INVISIBLE)) == len(INVISIBLE)


def test_a_code_has_none_of_them() -> None:
    for one in INVISIBLE:
        assert without_invisible(f"{one}ada@{one}acme.example{one}") == "ada@acme.example", ascii(
            one
        )


def test_words_keep_what_may_belong_to_a_name() -> None:
    for pasted, requested in (
        ("\ufeffAda\u2060 Lovelace\u200b", "Ada Lovelace"),
        ("ada@\u2060acme.example", "ada@acme.example"),
        ("co\u00adoperation", "cooperation"),
        ("\u200e\u202aAda\u202c \u200f", "Ada"),
        ("party \U0001f469\u200d\U0001f680", "party \U0001f469\u200d\U0001f680"),
        (
            "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
            "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        ),
        ("a\u202egnp.exe", "a\u202egnp.exe"),
        ("\u2764\ufe0f", "\u2764\ufe0f"),
    ):
        assert typed_words(pasted) == requested, ascii(pasted)


def test_what_is_being_typed_keeps_its_end() -> None:
    assert unfinished_words("Ada\u2060 ") == "Ada "
    assert unfinished_words("\u0645\u06cc\u200c") == "\u0645\u06cc\u200c"


@given(st.text(alphabet=INVISIBLE + "a @\u00e9"))
def test_tidying_twice_is_tidying_once(text: str) -> None:
    for tidy in (without_invisible, typed_words, unfinished_words):
        assert tidy(tidy(text)) == tidy(text)


def test_a_settings_file_and_headers_are_read_through_them() -> None:
    for one in INVISIBLE:
        assert read_object(f"{one} \u00a0{one}{{}}\n{one}") == ({}, []), ascii(one)
        assert headers_of(f"{one}BOX-SIGNATURE-PRIMARY: ab{one}c=") == [
            ("BOX-SIGNATURE-PRIMARY", "abc=")
        ], ascii(one)

"""A cell that a spreadsheet would run is harmless in the file, and comes back as it was."""

from hypothesis import given
from hypothesis import strategies as st

from lib.activity.exporting.csv_safety import guarded, restored


def test_what_begins_like_a_formula_gets_an_apostrophe_and_nothing_else_does() -> None:
    for sign in "=+-@\t\r":
        for cell in (f"{sign}1+1", sign, f"'{sign}1", f"'''{sign}"):
            assert guarded(cell) == f"'{cell}", repr(cell)
    for cell in ("", "plain", "a=1", " =1", "1-1", "ada@acme.test", "'quoted'", "''", "\n=1"):
        assert guarded(cell) == cell, repr(cell)


def test_only_an_apostrophe_that_guards_is_taken_away() -> None:
    for cell, before in (
        ("'=1", "=1"),
        ("''=1", "'=1"),
        ("=1", "=1"),
        ("'quoted'", "'quoted'"),
        ("'", "'"),
        ("", ""),
        ("''a", "''a"),
    ):
        assert restored(cell) == before, repr(cell)


@given(st.text(st.sampled_from("'=+-@\t\r\n a1"), max_size=6) | st.text(max_size=20))
def test_every_cell_comes_back_as_it_was(cell: str) -> None:
    assert restored(guarded(cell)) == cell

"""The same folder by two sides: only what is certain is called a difference."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from lib.files.comparison import Presence, compare, in_both, words
from lib.files.rows import ItemRow
from lib.files.source import Listing

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def row(name: str, item_id: str = "", *, kind: str = "file", **more: object) -> ItemRow:
    return ItemRow(kind, item_id or name, name, **more)  # type: ignore[arg-type]  # fields of a row


def listing(*rows: ItemRow, following: str = "") -> Listing:
    return Listing(rows, following=following)


def founds(left: Listing, right: Listing) -> tuple[list[Presence], list[Presence]]:
    made = compare(left, right)
    return [one.found for one in made.left], [one.found for one in made.right]


def test_what_is_on_one_side_only_is_missing_on_the_other() -> None:
    left, right = listing(row("a", "1"), row("b", "2")), listing(row("b", "2"), row("c", "3"))
    assert founds(left, right) == (
        [Presence.MISSING, Presence.SAME],
        [Presence.SAME, Presence.MISSING],
    )
    made = compare(left, right)
    assert made.differences == 2
    assert words(made, "in Box", "through Kloudless") == (
        "1 item only in Box; 1 item only through Kloudless. The same on both: 1 item."
    )


def test_nothing_is_missing_on_a_page_that_is_not_the_last() -> None:
    left, right = listing(row("a", "1")), listing(row("b", "2"), following="more")
    assert founds(left, right) == ([Presence.UNKNOWN], [Presence.MISSING])
    assert "the rest isn't compared" in words(
        compare(listing(row("a", "1"), following="x"), listing(row("a", "1"))), "l", "r"
    )


def test_entries_that_only_box_counts_make_no_folder_longer() -> None:
    assert Listing((row("a"),), total=2).whole
    assert not Listing((row("a"),), total=2, following="1").whole


def test_a_file_and_a_folder_of_one_id_are_two_things() -> None:
    left, right = listing(row("a", "1")), listing(row("a", "1", kind="folder"))
    assert founds(left, right) == ([Presence.MISSING], [Presence.MISSING])


def test_a_name_stands_for_an_id_that_was_not_reported_and_for_no_other() -> None:
    untold = ItemRow("file", "", "a")
    assert founds(listing(row("a", "1")), listing(untold)) == ([Presence.SAME], [Presence.SAME])
    assert founds(listing(row("a", "1")), listing(row("a", "2"))) == (
        [Presence.MISSING],
        [Presence.MISSING],
    )


def test_what_is_reported_differently_is_named() -> None:
    left = row("a", "1", size=1, modified_at=NOON, owner_login="ada@x")
    right = row("b", "1", size=2, modified_at=NOON + timedelta(milliseconds=900), owner_login="")
    made = compare(listing(left), listing(right))
    assert made.left[0].fields == ("name", "size")
    assert made.differences == 1
    assert "1 item with different details" in words(made, "l", "r")


def test_the_size_of_a_folder_is_not_compared() -> None:
    left, right = row("a", "1", kind="folder", size=5), row("a", "1", kind="folder", size=None)
    assert founds(listing(left), listing(right)) == ([Presence.SAME], [Presence.SAME])


def test_two_empty_sides_are_called_empty() -> None:
    assert words(compare(listing(), listing()), "l", "r") == (
        "Neither side shows anything in this folder."
    )


ROWS = st.lists(
    st.builds(
        ItemRow,
        kind=st.sampled_from(["file", "folder"]),
        id=st.sampled_from(["", "1", "2", "3"]),
        name=st.sampled_from(["a", "b", "\u202e"]),
    ),
    max_size=6,
)


@given(ROWS, st.booleans())
def test_a_side_is_the_same_as_itself(rows: list[ItemRow], more: bool) -> None:  # noqa: FBT001
    distinct = list({(one.kind, one.id or one.name): one for one in rows}.values())
    same = listing(*distinct, following="more" if more else "")
    made = compare(same, same)
    assert made.differences == 0
    assert in_both(same, same) == len(distinct)


@given(ROWS, ROWS)
def test_every_row_gets_a_verdict(left: list[ItemRow], right: list[ItemRow]) -> None:
    made = compare(listing(*left), listing(*right))
    assert (len(made.left), len(made.right)) == (len(left), len(right))
    assert words(made, "in Box", "through Kloudless")

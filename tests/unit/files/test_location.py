"""The address of the Files page: ids, and whatever anybody writes into it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.files.location import PARAMETERS, Place, parse, to_parameters

IDS = st.integers(min_value=0, max_value=10**20 - 1).map(str)
PLACES = st.builds(
    Place,
    user=st.just("") | IDS,
    account=st.just("") | IDS,
    folder=IDS,
    item=st.none() | st.tuples(st.sampled_from(["file", "folder"]), IDS),
)


@given(PLACES)
def test_an_address_leads_back_to_its_place(place: Place) -> None:
    assert parse(to_parameters(place)) == (place, ())


@given(st.dictionaries(st.sampled_from(PARAMETERS), st.text()))
def test_nothing_but_digits_gets_out_of_an_address(parameters: dict[str, str]) -> None:
    place, refused = parse(parameters)
    ids = [place.user, place.account, place.folder, *(place.item or ())[1:]]
    assert all(one == "" or (one.isascii() and one.isdigit()) for one in ids)
    kept = to_parameters(place)
    given = {name for name, said in parameters.items() if said}
    assert given == set(refused) | set(kept) | {name for name in given if parameters[name] == "0"}


@pytest.mark.parametrize(
    "name, said",
    [
        ("folder", "../../users/me"),
        ("folder", "١٢٣"),
        ("as", "ada@example.com"),
        ("account", "1,2"),
        ("item", "file-"),
        ("item", "web_link-1"),
        ("item", "file-1/../2"),
        ("folder", "1" * 21),
    ],
)
def test_what_is_no_id_is_left_out_and_named(name: str, said: str) -> None:
    assert parse({name: said}) == (Place(), (name,))


def test_another_identity_begins_at_its_root() -> None:
    place = Place(user="1", folder="2", item=("file", "3"))
    assert place.acting_as("9") == Place(user="9")
    assert place.through("8") == Place(user="1", account="8")
    assert place.into("5") == Place(user="1", folder="5")

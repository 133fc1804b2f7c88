"""What can be broken, in plain words: made from the sandbox's own list, found, and drawn."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.app.practice.faults import Area, Group, PracticeFault, draw, matching, offers_of

LISTING: list[dict[str, Any]] = [
    {"name": "json_403", "does": "A refusal is JSON.", "area": "box", "params": {"times": None}},
    {"name": "clock_fast", "does": "`offset` seconds ahead.", "params": {"offset": 300}},
    {"name": "missing_scope_manage_groups", "does": "Tokens lack it.", "area": "box"},
    {"name": "kloudless_bad_gateway", "does": "Answers are 502", "area": "kloudless"},
    {"name": "volcano", "does": "It erupts <b>everywhere</b>.", "area": "lava"},
    {"name": "slow", "does": "Waits `delay` seconds.", "area": "both", "params": {"delay": 5.0}},
    {"name": "token_exp", "does": "Refused.", "area": "box", "params": {}},
]
OFFERS = {offer.name: offer for offer in offers_of(LISTING)}


def test_they_stand_in_their_groups_and_what_no_check_notices_comes_last() -> None:
    assert [(offer.group, offer.name) for offer in OFFERS.values()] == [
        (Group.TOKEN, "token_exp"),
        (Group.PERMISSIONS, "missing_scope_manage_groups"),
        (Group.KLOUDLESS, "kloudless_bad_gateway"),
        (Group.NETWORK, "clock_fast"),
        (Group.NETWORK, "slow"),
        (Group.OTHER, "volcano"),
        (Group.HARDLY, "json_403"),
    ]


def test_a_fault_that_the_tables_do_not_know_is_offered_under_its_own_name() -> None:
    volcano = OFFERS["volcano"]
    assert (volcano.title, volcano.sentence) == ("Volcano", "It erupts <b>everywhere</b>.")
    assert volcano.area is Area.BOTH  # whose it is isn't known: it is asked for both
    assert volcano.noticeable


def test_scopes_and_kloudless_codes_have_titles_without_a_table() -> None:
    assert OFFERS["missing_scope_manage_groups"].title == "The app lacks a scope: Manage groups"
    assert OFFERS["kloudless_bad_gateway"].title == "Kloudless: bad gateway"


def test_the_sentence_tells_values_and_gentler_limits() -> None:
    assert OFFERS["clock_fast"].sentence == "offset seconds ahead. Here offset is 300."
    assert OFFERS["slow"].options == {"delay": 4.2, "path": "/2.0/groups"}
    assert OFFERS["slow"].sentence.startswith("Waits delay seconds. Here 4.2 seconds, and only")
    assert OFFERS["kloudless_bad_gateway"].sentence == "Answers are 502."


def test_what_no_check_notices_says_where_it_shows() -> None:
    assert not OFFERS["json_403"].noticeable
    assert OFFERS["json_403"].note in OFFERS["json_403"].sentence
    assert OFFERS["json_403"].note


@pytest.mark.parametrize(
    "text,group,names",
    [
        ("", None, list(OFFERS)),
        ("  GROUPS scope", None, ["missing_scope_manage_groups"]),
        ("502", None, ["kloudless_bad_gateway"]),
        ("clock_fast", None, ["clock_fast"]),
        ("", Group.NETWORK, ["clock_fast", "slow"]),
        ("502", Group.NETWORK, []),
    ],
)
def test_they_are_found_by_every_word_and_by_group(
    text: str, group: Group | None, names: list[str]
) -> None:
    assert [offer.name for offer in matching(list(OFFERS.values()), text, group)] == names


@given(st.text(max_size=30))
def test_no_text_breaks_the_search_and_it_never_invents_one(text: str) -> None:
    found = matching(list(OFFERS.values()), text)
    assert [offer for offer in OFFERS.values() if offer in found] == found


def test_only_what_a_check_notices_is_drawn() -> None:
    put: list[list[PracticeFault]] = []

    def last(among: Any) -> PracticeFault:
        put.append(list(among))
        return put[-1][-1]

    assert draw(list(OFFERS.values()), last).name == "volcano"
    assert [offer.name for offer in put[0]] == [name for name in OFFERS if name != "json_403"]
    with pytest.raises(IndexError):
        draw([OFFERS["json_403"]])

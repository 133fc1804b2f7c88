"""Rows of files and folders out of whatever Box and Kloudless answer."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lib.core.texts import disguises, undisguised
from lib.files import rows, rows_kloudless
from lib.files.rows import FILE_FIELDS, FOLDER_FIELDS, ITEM_FIELDS, Crumb
from lib.files.sharing_risk import needed_untold, signs, untold

JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
KEYS = st.sampled_from(
    [
        *FILE_FIELDS,
        *FOLDER_FIELDS,
        *("item", "interacted_at", "interaction_type", "raw", "raw_id", "ancestors", "owner"),
        *("modified", "created", "creator", "last_modifier", "mime_type", "downloadable"),
    ]
)
CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
LINK = {
    "url": "https://canary.app.box.com/s/canary-link",
    "download_url": "https://canary.app.box.com/shared/static/canary-download",
    "vanity_url": "https://canary.app.box.com/v/canary-vanity",
    "vanity_name": "canary-vanity",
    "access": "open",
    "effective_access": "company",
    "effective_permission": "can_preview",
    "is_password_enabled": True,
    "unshared_at": "2026-12-01T00:00:00-08:00",
    "permissions": {"can_download": False, "can_preview": True, "can_edit": False},
    "download_count": 3,
    "preview_count": 4,
}


@CALM
@given(st.dictionaries(KEYS, JSON))
def test_no_answer_is_too_strange_for_a_row(raw: dict[str, Any]) -> None:
    for found in (rows.details(raw), rows_kloudless.details(raw)):
        signs(found)
        untold(found)
    rows.recent_row(raw)
    rows.folder_facts(raw)
    rows_kloudless.folder_facts(raw)
    rows.link_addresses(raw)


def test_no_address_of_a_shared_link_gets_into_a_row() -> None:
    raw = {"type": "file", "id": "1", "name": "a.txt", "shared_link": LINK}
    found = rows.details(raw)
    assert "canary" not in repr(found)
    assert "canary" not in repr(rows.recent_row({"item": raw}))
    assert rows.link_addresses(raw) == (LINK["url"], LINK["download_url"])
    link = found.row.link
    assert link is not None
    assert (link.access, link.effective_access, link.password) == ("open", "company", True)
    assert link.ends_at == datetime(2026, 12, 1, 8, tzinfo=UTC)
    assert link.allows == ("preview",)
    assert found.row.access_word == "Anyone with the link"


def test_none_and_not_reported_are_two_things() -> None:
    bare = rows.item_row({"type": "folder", "id": "1", "name": "a"})
    none = rows.item_row({"shared_link": None, "classification": None})
    assert (bare.access_word, bare.classification, bare.collaborations) == (None, None, None)
    assert (none.access_word, none.classification) == ("", "")
    assert untold(rows.details({"shared_link": None, "classification": None})) == (
        "external owner",
        "collaborators",
    )


def test_no_sign_is_no_risk_only_where_box_reported_what_would_show_one() -> None:
    whole = {"shared_link": None, "has_collaborations": False, "is_externally_owned": False}
    assert not needed_untold(rows.details(whole))  # a classification alone may be lacking
    for name in whole:
        partial = rows.details({key: value for key, value in whole.items() if key != name})
        assert signs(partial) == ()
        assert needed_untold(partial)


def test_a_size_in_exponent_notation_is_a_size() -> None:
    assert rows.item_row({"size": 1.5e12}).size == 1_500_000_000_000
    assert rows.item_row({"size": float("nan")}).size is None


def test_a_path_of_kloudless_has_kloudless_ids_and_a_root() -> None:
    raw = {
        "id": "Fabc",
        "raw_id": "77",
        "type": "folder",
        "ancestors": [{"id": "Froot", "name": "All Files"}, {"id": "Fa", "name": "a"}],
    }
    found = rows_kloudless.folder_facts(raw)
    assert found.path == (Crumb("0", "All Files", "Froot"), Crumb("", "a", "Fa"))
    assert (found.row.id, found.row.other_id) == ("77", "Fabc")


def test_an_id_of_box_is_read_from_raw_data_as_well() -> None:
    raw = {"id": "Fabc", "raw": {"id": "77", "object": {}}}
    assert rows_kloudless.item_row(raw).id == "77"


@pytest.mark.parametrize(
    "name, hidden",
    [
        ("\u202egpj.tropeR.exe", ("U+202E",)),
        ("a\u2066b\u2069c", ("U+2066", "U+2069")),
        ("two\nlines\tand a tab", ("U+000A", "U+0009")),
        ("تقرير الربع الثالث.pdf", ()),
        ("\U0001f469\u200d\U0001f680 plan.pptx", ()),
        ("", ()),
    ],
)
def test_what_disguises_a_name_is_marked_and_the_rest_stays(
    name: str, hidden: tuple[str, ...]
) -> None:
    assert disguises(name) == hidden
    shown = undisguised(name)
    assert len(shown) == len(name)
    assert disguises(shown) == ()
    assert (shown == name) is not bool(hidden)


def test_a_list_asks_for_what_it_shows_and_a_risk_needs() -> None:
    needed = {"shared_link", "has_collaborations", "is_externally_owned", "classification"}
    assert needed <= set(ITEM_FIELDS)


# -- risk ------------------------------------------------------------------------------------


def titles(**raw: Any) -> list[str]:
    reported = {
        "shared_link": None,
        "is_externally_owned": False,
        "has_collaborations": False,
        "classification": None,
        "name": "a.txt",
    }
    return [sign.title for sign in signs(rows.details({**reported, **raw}))]


def test_an_item_without_signs_has_none() -> None:
    assert titles() == []


def test_what_is_in_effect_counts_not_what_was_set() -> None:
    assert "Open link" not in titles(shared_link=LINK)  # set to open, in effect for the company
    assert titles(shared_link=LINK) == ["Company link"]


def test_an_open_link_weighs_less_with_a_password_and_more_on_what_is_classified() -> None:
    guarded = {"access": "open", "is_password_enabled": True, "unshared_at": None}
    open_ = {"access": "open", "is_password_enabled": False, "unshared_at": "2026-12-01T00:00:00Z"}
    made = signs(rows.details({"shared_link": guarded}))
    assert [(sign.title, sign.weight) for sign in made] == [
        ("Open link", "orange"),
        ("No expiry date", "orange"),
    ]
    assert titles(shared_link=open_) == ["Open link"]
    assert titles(shared_link=open_, classification={"name": "Secret"}) == [
        "Open link",
        "Classified and open",
    ]


def test_a_link_of_a_folder_above_opens_the_item_too() -> None:
    assert titles(is_accessible_via_shared_link=True) == ["Link on parent folder"]


def test_people_and_disguised_names_are_signs() -> None:
    assert titles(is_externally_owned=True, has_collaborations=True) == [
        "External owner",
        "Collaborators",
    ]
    assert titles(name="\u202egpj.exe") == ["Disguised name"]

"""Ids, scopes, pages and errors of the sandbox's Kloudless, without a server."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.sandbox.kloudless import FAULTS, OPERATIONS, scopes
from lib.sandbox.kloudless.errors import TABLE, KloudlessError
from lib.sandbox.kloudless.ids import BadId, Sealer, group_id, person_id, raw_of
from lib.sandbox.kloudless.pages import open_page, seal_page
from lib.sandbox.kloudless.service import Bucket

RAW_IDS = st.from_regex(r"[1-9][0-9]{0,17}", fullmatch=True)
OWN, OTHER = Sealer("key", "account 1"), Sealer("key", "account 2")


@given(raw_id=RAW_IDS, kind=st.sampled_from(["file", "folder"]))
def test_sealed_id_opens_for_its_account_and_kind_only(raw_id: str, kind: str) -> None:
    sealed = OWN.seal(kind, raw_id)
    assert sealed.startswith("F")
    assert sealed == OWN.seal(kind, raw_id)
    assert raw_id not in sealed or len(raw_id) < 4
    assert OWN.open(kind, sealed) == raw_id
    assert OTHER.seal(kind, raw_id) != sealed
    other_kind = "folder" if kind == "file" else "file"
    for opener, asked in ((OTHER, kind), (OWN, other_kind)):
        with pytest.raises(BadId):
            opener.open(asked, sealed)


@given(noise=st.text(max_size=60))
def test_noise_is_no_id(noise: str) -> None:
    for attempt in (noise, f"F{noise}"):
        with pytest.raises(BadId):
            OWN.open("file", attempt)


@given(raw_id=RAW_IDS)
def test_ids_of_people_and_groups_can_be_read_back(raw_id: str) -> None:
    assert raw_of(person_id(raw_id), "u") == raw_id
    assert raw_of(group_id(raw_id), "g") == raw_id
    with pytest.raises(BadId):
        raw_of(person_id(raw_id), "g")


def test_user_id_cannot_smuggle_a_header() -> None:
    with pytest.raises(BadId):
        raw_of(person_id("1\r\nAuthorization: x"), "u")


@pytest.mark.parametrize("place", [1, ["12", 3], [["0", 5], ["77", 0]]])
def test_next_page_fits_only_its_own_list(place: object) -> None:
    sealed = seal_page(OWN, "users", place)
    assert open_page(OWN, "users", sealed) == place
    assert open_page(OWN, "users", None) is None
    assert open_page(OWN, "users", "1") is None
    for sealer, family, text in (
        (OWN, "groups", sealed),
        (OTHER, "users", sealed),
        (OWN, "users", "2"),
        (OWN, "users", ""),
    ):
        with pytest.raises(KloudlessError, match="page"):
            open_page(sealer, family, text)


@pytest.mark.parametrize(
    "text, services, admin",
    [
        ("", "box", False),
        ("any", "box", False),
        ("all:admin", "box", True),
        ("any.storage", "box", False),
        ("storage", "box", False),
        ("box", "box", False),
        ("box:normal.basic", "box", False),
        ("box:admin.storage", "box", True),
        ("box:normal.storage box:normal.basic", "box", False),
        ('gdrive.storage."https://www.example.com/auth drive":raw', "gdrive", False),
        ("salesforce.crm", "salesforce", False),
        ("box:normal.storage.default:kloudless", "box", False),
    ],
)
def test_scope_grammar(text: str, services: str, admin: bool) -> None:  # noqa: FBT001  # a table's column
    entries = scopes.parse(text)
    assert any(services in entry.services for entry in entries)
    assert any(entry.admin for entry in entries) is admin


@pytest.mark.parametrize("text", ["nobody", "box:owner", "box.crm", "box..x", "BOX", 'box."a'])
def test_scope_outside_the_grammar_is_refused(text: str) -> None:
    with pytest.raises(scopes.BadScope):
        scopes.parse(text)


def test_effective_scope_is_what_was_asked_or_all() -> None:
    assert scopes.effective("box", admin=False) == "box:normal.storage.default:kloudless"
    assert scopes.effective("box", admin=True) == (
        "box:admin.storage.default:kloudless box:admin.team.default:kloudless"
    )
    asked = scopes.parse("box:admin.team")
    assert scopes.effective("box", admin=True, entries=asked) == "box:admin.team.default:kloudless"


def test_each_row_of_the_error_table_has_a_fault() -> None:
    names = {fault.name for fault in FAULTS}
    assert {f"kloudless_{code}" for code in TABLE} <= names


def test_operations_are_told_apart_by_method_and_path() -> None:
    assert len({(o.method, o.path) for o in OPERATIONS}) == len(OPERATIONS)


def test_bucket_gives_its_burst_then_its_rate() -> None:
    bucket = Bucket(burst=3, per_second=2.0)
    assert [bucket.wait(10.0) for _ in range(3)] == [0.0, 0.0, 0.0]
    assert bucket.wait(10.0) == pytest.approx(0.5)
    assert bucket.wait(10.6) == 0.0
    assert bucket.wait(10.6) > 0
    assert [bucket.wait(100.0) for _ in range(4)][:3] == [0.0, 0.0, 0.0]

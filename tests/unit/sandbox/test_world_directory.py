"""The people, groups and files of the sandbox's world."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.sandbox.world import File, Folder, World, WorldSpec
from lib.sandbox.world.mixing import Scramble

UNTIL = datetime(2026, 11, 1, tzinfo=UTC)


def make(**changes: int) -> World:
    return World(WorldSpec(until=UNTIL, **changes), lambda: UNTIL)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def world() -> World:
    return make()


def test_the_default_world_has_sixty_users_and_every_kind_of_person(world: World) -> None:
    kinds = [p.kind for p in world.people()]
    assert sum(kinds.count(k) for k in ("managed", "admin", "coadmin")) == 60
    assert set(kinds) == {"managed", "admin", "coadmin", "app_user", "service", "external"}
    assert sum(p.status == "inactive" for p in world.people()) == 1


def test_one_coadmin_may_run_reports_and_one_may_not(world: World) -> None:
    first, second = world.people({"coadmin"})[:2]
    assert first == world.coadmin
    assert first.role == second.role == "coadmin"
    assert first.can_run_reports
    assert not second.can_run_reports


def test_externals_belong_to_other_enterprises_and_domains(world: World) -> None:
    for person in world.people({"external"}):
        assert person.enterprise_id != world.enterprise.id
        assert not person.login.endswith(world.enterprise.domains)
    assert world.second_enterprise.id != world.enterprise.id
    assert world.person(world.second_admin.id) is None


def test_ids_and_logins_are_unique_with_many_users() -> None:
    people = make(users=6000).people()
    assert len({p.id for p in people}) == len({p.login.lower() for p in people}) == len(people)


def test_people_are_found_by_id_and_by_login_in_any_case(world: World) -> None:
    for person in world.people():
        assert world.person(person.id) is person
        assert world.person_by_login(person.login.upper()) is person
    assert world.person("no such id") is None


def test_memberships_are_the_same_from_both_sides(world: World) -> None:
    by_group = {m.id for g in world.groups() for m in world.memberships(group_id=g.id)}
    by_person = {m.id for p in world.people() for m in world.memberships(user_id=p.id)}
    assert by_group == by_person != set()
    everyone = next(g for g in world.groups() if g.group_type == "all_users_group")
    assert len(world.memberships(group_id=everyone.id)) == 60


def test_every_listed_item_is_found_again_by_its_id(world: World) -> None:
    stack: list[Folder] = [f for f in world.children("0") if isinstance(f, Folder)]
    seen = 0
    while stack and seen < 2000:
        folder = stack.pop()
        for item in world.children(folder.id):
            seen += 1
            assert world.item(item.type, item.id) == item
            assert world.path(item)[-1] == folder
            assert world.path(item)[0].id == "0"
            if isinstance(item, Folder):
                stack.append(item)
    assert seen >= 1000


@settings(max_examples=200)
@given(st.text(max_size=20) | st.integers(min_value=-10, max_value=10**18).map(str))
def test_a_made_up_id_is_an_item_only_if_it_is_listed(item_id: str) -> None:
    world = make()
    for kind in ("file", "folder", "web_link"):
        found = world.item(kind, item_id)
        assert found is None or found.id == item_id


@given(st.integers(min_value=0), st.integers(min_value=4, max_value=60), st.data())
def test_a_scrambled_number_comes_back(key: int, bits: int, data: st.DataObject) -> None:
    value = data.draw(st.integers(min_value=0, max_value=2**bits - 1))
    scramble = Scramble(key, bits)
    assert scramble.back(scramble.forward(value)) == value


def test_children_are_folders_then_files_by_name(world: World) -> None:
    for folder in world.children("0", world.managed_example):
        kinds = [i.type for i in world.children(folder.id)]
        assert kinds == sorted(kinds, key=("folder", "file").index)
        names = [i.name.lower() for i in world.children(folder.id) if isinstance(i, File)]
        assert names == sorted(names)


def test_people_see_their_department_and_nobody_elses_private_folder(world: World) -> None:
    me = world.managed_example
    mine = {f.name for f in world.children("0", me)}
    assert me.department in mine
    assert f"{me.name} (private)" in mine
    assert sum("(private)" in name for name in mine) == 1


def test_pin_a_service_accounts_root_is_empty(world: World) -> None:
    assert list(world.children("0", world.service_account)) == []


def test_a_further_service_account_is_the_same_each_time_and_owns_nothing(world: World) -> None:
    one, other = make().add_service_account("Reports"), make()
    other.add_service_account("Backup")
    again = other.add_service_account("Reports")
    assert again == one
    assert again is other.add_service_account("Reports") is other.person(one.id)
    assert len(one.id) == len(world.service_account.id)
    assert world.person(one.id) is None
    assert one not in other.people()
    assert list(other.children("0", one)) == []
    assert list(other.recent(one)) == []
    assert list(other.search(one, "report")) == []
    assert other.user_events(one, "all", position=None, limit=100).entries == []
    assert other.truth() == make().truth()


def test_externals_see_only_what_was_shared_with_them(world: World) -> None:
    seen = world.children("0", world.external_example)
    assert seen
    assert all(f.kind in ("exchange", "project") for f in seen if isinstance(f, Folder))


def test_the_tree_grows_with_time() -> None:
    later = datetime(2027, 11, 1, tzinfo=UTC)
    grown = World(WorldSpec(until=later), lambda: later)
    before = {i.id for i in make().search(None, "project", item_type="folder")}
    after = {i.id for i in grown.search(None, "project", item_type="folder")}
    assert before < after


def test_hostile_names_are_among_the_files(world: World) -> None:
    found = {i.name for i in world.search(None, "<script>")}
    assert "<script>alert(1)</script>.html" in found
    assert world.search(None, "=hyperlink")
    assert world.search(None, "\u202e")


def test_search_finds_only_what_a_person_may_see(world: World) -> None:
    me = world.managed_example
    found = world.search(me, "report")
    assert found
    assert all(world.visible(me, item) for item in found)
    assert all("report" in item.name.lower() for item in found)
    assert len(world.search(None, "report", limit=10**6)) > len(world.search(me, "report"))


def test_search_narrows_by_type_extension_owner_and_folder(world: World) -> None:
    folder = world.children("0", world.managed_example)[0]
    owner = folder.owner_id
    for item in world.search(None, "a", item_type="file", extensions=["PDF"], owner_ids=[owner],
                             ancestor_ids=[folder.id]):  # fmt: skip
        assert isinstance(item, File)
        assert item.extension == "pdf"
        assert item.owner_id == owner
        assert folder in world.path(item)


def test_recent_items_are_new_ones_first_and_visible(world: World) -> None:
    recent = world.recent(world.managed_example)
    times = [r.interacted_at for r in recent]
    assert times == sorted(times, reverse=True)
    assert all(world.visible(world.managed_example, r.item) for r in recent)
    assert (UNTIL - times[-1]).days <= 90

"""Everybody is found by name, login or id, however many are busier and whatever the case."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from lib.activity.queries import summaries, text_search, value_search
from lib.activity.queries.filters import FIELDS, Filters
from lib.store import Stores
from tests.unit.activity.samples import DAY, NOW, box_event, memory_stores, put_events

WEEK = Filters("acme", NOW - 7 * DAY, NOW + DAY)
CROWD = 300
LONG_AGO = NOW - 200 * DAY


def _person(number: int, name: str, login: str) -> dict[str, str]:
    return {"type": "user", "id": str(number), "name": name, "login": login}


@pytest.fixture(scope="module")
def stores() -> Iterator[Stores]:
    """Three hundred who were busy this week, and a few who did one thing long ago."""
    made = memory_stores()
    busy = [
        box_event(
            n,
            at=NOW - timedelta(minutes=n),
            created_by=_person(
                1000 + n % CROWD, f"Busy Bee {n % CROWD}", f"b{n % CROWD}@acme.test"
            ),
            ip_address=f"198.51.100.{n % 200}",
        )
        for n in range(2 * CROWD)
    ]
    rare = [
        _person(1, "Jürgen Müller", "jm@acme.test"),
        _person(2, "Zoe\u0308 Muller", "zoe@acme.test"),  # composed of letter and accent
        _person(3, "Sam Twin", "sam.a@acme.test"),
        _person(4, "Sam Twin", "sam.b@acme.test"),
        _person(5, "Ann", "ann@acme.test"),
        _person(6, "Johann Hoffmann", "jh@acme.test"),
        _person(7, "100% Backup_Bot", "bot@acme.test"),
    ]
    item = box_event()["source"]
    seldom = [
        box_event(
            9000 + n,
            at=LONG_AGO,
            event_type="ITEM_RENAMED" if n else "RARE_TYPE",
            created_by=person,
            ip_address="2001:db8::7",
            source=item | {"item_id": str(500 + n), "item_name": f"Ärger {n}.xlsx"},
        )
        for n, person in enumerate(rare)
    ]
    more = [box_event(9500 + n, at=LONG_AGO, created_by=rare[5], source=item) for n in range(5)]
    renamed = box_event(9900, at=NOW, created_by=_person(1, "Jürgen Meier", "jm@acme.test"))
    put_events(made, [*busy, *seldom, *more, renamed])
    yield made
    made.close()


def _found(stores: Stores, by: str, text: str) -> list[str]:
    return [one.value for one in value_search.find(stores.events, WEEK, by, text).found]


def test_who_is_not_among_the_busiest_is_found(stores: Stores) -> None:
    listed = set(summaries.top(stores.events, WEEK, "actor", limit=200)["value"])
    for text, ids in (
        ("müller", ["1", "2"]),
        ("MULLER", ["1", "2"]),
        ("müller jürgen", ["1"]),
        ("zoë", ["2"]),
        ("JM@ACME", ["1"]),
        ("sam twin", ["3", "4"]),
        ("100%", ["7"]),
        ("_", ["7"]),
        ("jürgen meier", ["1"]),
        ("nobody", []),
        ("  ", []),
        ("'; DROP TABLE events; --", []),
    ):
        assert not listed & set(ids), text
        assert sorted(_found(stores, "actor", text)) == ids, text


def test_every_filter_finds_what_is_of_another_time(stores: Stores) -> None:
    for by, text, requested in (
        ("item", "ärger 3", "503"),
        ("item", "503", "503"),
        ("type", "rare_t", "RARE_TYPE"),
        ("ip", "db8::7", "2001:db8::7"),
        ("network", "2001:db8", "2001:db8:0::/48"),
        ("file_type", "XLS", "xlsx"),
        ("parent", "finan", "1001"),
        ("owner", "olu@", "12"),
        ("service", "audit", "54321"),
        ("category", "cont", "content"),
        ("kind", "unkn", "unknown"),
        ("item_type", "fil", "file"),
        ("stream", "admin", "admin_logs"),
    ):
        assert requested in _found(stores, by, text), (by, text)
    for by in FIELDS:
        assert _found(stores, by, "not a value of any") == [], by


def test_the_nearest_come_first_and_the_rest_is_counted(stores: Stores) -> None:
    reported = value_search.find(stores.events, WEEK, "actor", "ann", limit=1)
    assert [one.label for one in reported.found] == ["Ann"]  # busier ones only have it in a word
    assert reported.total == 2
    crowd = value_search.find(stores.events, WEEK, "actor", "busy bee")
    assert (len(crowd.found), crowd.total) == (value_search.MOST, CROWD)


def test_more_names_than_can_be_listed_are_found_all_the_same(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_search, "NAMED", 0)
    monkeypatch.setattr(value_search, "NAMED", 0)
    assert sorted(_found(stores, "actor", "müller")) == ["1", "2"]


def test_a_text_means_the_only_one_or_the_one_called_exactly_so(stores: Stores) -> None:
    for text, requested in (
        ("zoë", "2"),
        ("ann", "5"),
        ("4", "4"),  # an ID, though many logins have a 4 in them
        ("Sam Twin", None),
        ("SAM.B@acme.test", "4"),
        ("müller", None),
        ("nobody", None),
    ):
        meant = value_search.find(stores.events, WEEK, "actor", text).meant
        assert (meant.value if meant else None) == requested, text


def test_what_is_chosen_is_called_by_its_newest_name_of_any_time(stores: Stores) -> None:
    found = value_search.known(stores.events, WEEK, "actor", ("1", "3", "nobody"))
    assert found["1"].label == "Jürgen Meier"
    assert found["3"].detail == "sam.a@acme.test"
    assert value_search.known(stores.events, WEEK, "item", ("503",))["503"].label == "Ärger 3.xlsx"

"""The list of texts holds what the searched columns hold."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from lib.activity.ingest.renormalise import renormalise
from lib.activity.ingest.retention import step
from lib.activity.model.directory import ledger_directories
from lib.settings.retention import RetentionSettings
from lib.store import Stores
from lib.store.events.dialect import key_of
from lib.store.events.retention import forget_texts
from lib.store.events.texts import SEARCHED
from lib.store.ledger.records import KnownPerson
from tests.unit.activity.samples import DAY, NOW, box_event, memory_stores, put_events

EXISTING = " UNION ALL ".join(
    f"SELECT DISTINCT profile, source, '{name}', {name} FROM events WHERE {name} IS NOT NULL"  # noqa: S608
    for name in SEARCHED
)


@pytest.fixture
def stores() -> Iterator[Stores]:
    made = memory_stores()
    yield made
    made.close()


def listed(stores: Stores) -> list[tuple[str, ...]]:
    return stores.events.rows("SELECT profile, source, field, text FROM texts ORDER BY ALL")


def existing(stores: Stores) -> list[tuple[str, ...]]:
    return stores.events.rows(f"{EXISTING} ORDER BY ALL")


def named(number: int, name: str) -> dict[str, object]:
    source = box_event()["source"] | {"item_name": name, "item_id": str(number)}
    return box_event(number, at=NOW - number * timedelta(hours=7), source=source)


def test_each_text_is_listed_once_whatever_batches_it_came_in(stores: Stores) -> None:
    for start in range(0, 60, 10):
        put_events(stores, [named(n, f"report {n % 23}.pdf") for n in range(start, start + 15)])
    put_events(stores, [named(1, "report 1.pdf")], profile="other")
    put_events(stores, [named(1, "ärger ☃ 'x'.pdf")], source="import")
    assert listed(stores) == existing(stores)


def test_new_texts_of_what_is_normalised_again_are_found(stores: Stores) -> None:
    put_events(stores, [box_event(n, created_by={"type": "user", "id": "3"}) for n in range(3)])
    stores.ledger.remember_people("acme", [KnownPerson("3", "c@acme.test", "C", "managed")], NOW)
    assert renormalise(stores.events, ledger_directories(stores.ledger), everything=True).changed
    assert set(existing(stores)) <= set(listed(stores))


def test_texts_are_forgotten_with_the_events_they_were_in(stores: Stores) -> None:
    put_events(stores, [named(n, f"report {n}.pdf") for n in range(60)])
    while step(stores.events, RetentionSettings(keep=5 * DAY), NOW):
        pass
    assert ("acme", "box_stream", "item_name", "report 59.pdf") in listed(stores)
    forget_texts(stores.events)
    assert listed(stores) == existing(stores)
    stores.events.delete_profile("acme")
    assert listed(stores) == []


@pytest.mark.parametrize("text", ["700000123", "ä☃", "", "a" * 10_000, "\x00", "'; --"])
def test_keys_made_here_are_those_the_engine_makes(stores: Stores, text: str) -> None:
    assert stores.events.rows("SELECT md5_number_lower(?)", [text]) == [(key_of(text),)]


def test_keys_follow_what_they_are_made_of(stores: Stores) -> None:
    put_events(stores, [named(n, f"report {n}.pdf") for n in range(5)])
    put_events(stores, [box_event(7, source=None)])
    stores.ledger.remember_people("acme", [KnownPerson("11", "c@acme.test", "C", "app")], NOW)
    renormalise(stores.events, ledger_directories(stores.ledger), everything=True)
    assert stores.events.rows(
        "SELECT count(*) FROM events WHERE item_key IS DISTINCT FROM md5_number_lower(item_id)"
        " OR name_key IS DISTINCT FROM md5_number_lower(item_name)"
    ) == [(0,)]

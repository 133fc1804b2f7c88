"""Backups that hold together, and putting them back without losing what was there."""

from pathlib import Path
from types import MappingProxyType

import pytest

from lib.activity.ingest.drain import drain_all
from lib.activity.ingest.renormalise import renormalise
from lib.activity.model.directory import ledger_directories
from lib.core.errors import StoreError
from lib.settings.profiles import Settings
from lib.store import Stores, copying, open_stores
from lib.store.backup import EVENTS, LEDGER, back_up, read_backup, restore
from lib.store.ledger.records import KnownPerson
from tests.unit.activity.samples import NOW, box_event, memory_stores, page_entry, put_events


def settings(folder: Path) -> Settings:
    return Settings(folder / "data", MappingProxyType({}))


@pytest.fixture
def stores(tmp_path: Path) -> Stores:
    opened = open_stores(settings(tmp_path))
    put_events(opened, [box_event(n) for n in range(5)])
    opened.ledger.inbox.acknowledge([page_entry([box_event(9)])])  # waits in the inbox
    return opened


def test_a_backup_of_open_stores_comes_back_with_what_waited(
    stores: Stores, tmp_path: Path
) -> None:
    here = settings(tmp_path)
    back_up(stores, here, tmp_path / "backup", now=NOW)
    put_events(stores, [box_event(20)])
    with pytest.raises(StoreError, match="ledger open"):
        restore(here, tmp_path / "backup", replace=True, now=NOW)
    stores.close()
    with pytest.raises(StoreError, match="already"):
        restore(here, tmp_path / "backup", replace=False, now=NOW)
    kept = restore(here, tmp_path / "backup", replace=True, now=NOW)
    assert {path.name.split(".before-")[0] for path in kept} >= {LEDGER, EVENTS}
    again = open_stores(here)
    assert again.events.count() == 5
    assert drain_all(again).added == 1
    again.close()
    for path in (tmp_path / "backup").iterdir():
        assert path.stat().st_mode & 0o777 == 0o600


def test_the_engine_copies_where_nobody_may_read_its_file(
    stores: Stores, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "WINDOWS", True)
    here = settings(tmp_path)
    place = tmp_path / "it's a backup"
    back_up(stores, here, place, now=NOW)
    put_events(stores, [box_event(20)])  # its own database is in use as before
    stores.close()
    restore(here, place, replace=True, now=NOW)
    again = open_stores(here)
    assert again.events.count() == 5
    assert drain_all(again).added == 1
    again.close()


def test_a_damaged_backup_is_never_put_back(stores: Stores, tmp_path: Path) -> None:
    back_up(stores, settings(tmp_path), tmp_path / "backup", now=NOW)
    stores.close()
    ledger = tmp_path / "backup" / LEDGER
    ledger.write_bytes(ledger.read_bytes()[:-1])
    with pytest.raises(StoreError, match="damaged"):
        read_backup(tmp_path / "backup")
    with pytest.raises(StoreError, match="isn't a backup"):
        read_backup(tmp_path)


def test_a_folder_with_something_in_it_is_no_place_for_a_backup(
    stores: Stores, tmp_path: Path
) -> None:
    with pytest.raises(StoreError, match="empty"):
        back_up(stores, settings(tmp_path), tmp_path, now=NOW)
    assert (tmp_path / "data").exists()
    stores.close()


def test_columns_are_built_again_from_raw_and_identity_stays() -> None:
    stores = memory_stores()
    put_events(stores, [box_event(n) for n in range(3)])
    before = stores.events.rows("SELECT * FROM events ORDER BY event_id")
    with stores.events.writing() as cursor:
        cursor.execute(
            "UPDATE events SET item_name = 'wrong', category = 'other', normaliser = 0"
            " WHERE event_id <> ?",
            [box_event(0)["event_id"]],
        )
    done = renormalise(stores.events, ledger_directories(stores.ledger))
    assert (done.events, done.changed, done.kept) == (2, 2, 0)
    assert stores.events.rows("SELECT * FROM events ORDER BY event_id") == before
    stores.ledger.remember_people(
        "acme", [KnownPerson("11", "ada@acme.test", "Ada", "managed")], NOW
    )
    again = renormalise(stores.events, ledger_directories(stores.ledger), everything=True)
    assert again.changed == 3
    kinds = stores.events.rows("SELECT DISTINCT actor_kind FROM events")
    assert kinds == [("managed",)]
    assert stores.events.sources("acme")[0].events == 3
    stores.close()

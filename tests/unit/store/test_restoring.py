"""A restore that is cut off at any of its steps is finished or undone by the next opening."""

import os
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from lib.core.errors import StoreError
from lib.store import open_ledger, open_stores
from lib.store.backup import back_up, restore
from lib.store.restoring import JOURNAL, copy_of
from tests.data_folders import settings_of
from tests.unit.activity.samples import NOW, box_event, put_events

LATER = NOW + timedelta(hours=1)
STEPS = 15
"""How many times a restore renames, deletes or waits for the disk."""

EACH = 1 if "BOX_RUNBOOK_KILLS" in os.environ else 2


class KilledError(Exception):
    """Stands for the end of the process: nothing that follows is done."""


def cut_off(monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    """Nothing is renamed, replaced or deleted any more after so many of these calls."""
    left = [step]

    def counted(name: str) -> Any:
        real = getattr(os, name)

        def call(*arguments: Any, **named: Any) -> Any:
            if left[0] == 0:
                raise KilledError
            left[0] -= 1
            return real(*arguments, **named)

        return call

    for name in ("replace", "unlink", "fsync"):
        monkeypatch.setattr(os, name, counted(name))


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two events in the stores, one in the backup."""
    folder = tmp_path_factory.mktemp("filled")
    here = settings_of(folder / "data")
    stores = open_stores(here)
    put_events(stores, [box_event(1)])
    back_up(stores, here, folder / "backup", now=NOW)
    put_events(stores, [box_event(2)])
    stores.close()
    return folder


def events(folder: Path) -> int:
    stores = open_stores(settings_of(folder / "data"))
    try:
        return stores.events.count()
    finally:
        stores.close()


@pytest.mark.parametrize("step", range(0, STEPS + 1, EACH))
def test_cut_off_at_any_step_it_is_whole_or_not_at_all(
    step: int, filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(filled, tmp_path, dirs_exist_ok=True)
    here = settings_of(tmp_path / "data")
    with monkeypatch.context() as patched:
        cut_off(patched, step)
        try:
            restore(here, tmp_path / "backup", replace=True, now=LATER)
        except KilledError:
            killed = True
        else:
            killed = False
    assert killed == (step < STEPS)
    begun = (here.data_dir / JOURNAL).exists()
    if begun:
        with pytest.raises(StoreError, match="being restored"):
            open_ledger(here)
    found = events(tmp_path)
    assert found == (1 if begun or not killed else found)
    assert found in (1, 2)
    assert not (here.data_dir / JOURNAL).exists()
    for name in ("ledger.sqlite", "events.duckdb"):
        assert not copy_of(here.data_dir / name).exists()
    kept = {path.name.split(".before-")[0] for path in here.data_dir.glob("*.before-*")}
    assert kept == ({"ledger.sqlite", "events.duckdb"} if found == 1 else set())

"""Which version each store has, told without opening it for work."""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb

from lib.settings.profiles import Settings
from lib.store.events.schema import EVENTS_VERSION
from lib.store.ledger.tables import LEDGER_VERSION
from lib.store.paths import events_path, is_ledger_file, ledger_path
from lib.store.schema_version import APP, SCHEMA, NewerStoreError

_QUERY: Final = "SELECT name, value FROM meta"


@dataclass(frozen=True, slots=True)
class StoreVersion:
    """The schema version of a store, and the version of the app that gave it to it, if it says."""

    schema: int
    app: str | None


def known() -> dict[str, int | None]:
    """The versions that this app makes."""
    return {"ledger": LEDGER_VERSION, "events": EVENTS_VERSION}


def existing(settings: Settings) -> dict[str, int | None]:
    """The versions in the data folder; None for a store that isn't there or can't be read."""
    found = {"ledger": of_ledger(ledger_path(settings)), "events": of_events(events_path(settings))}
    return {name: None if one is None else one.schema for name, one in found.items()}


def ledger_is_older(settings: Settings) -> bool:
    """Whether the ledger's file is of an earlier version, and waits for the owner's upgrade.

    Raises NewerStoreError for one of a newer version.
    """
    found = of_ledger(ledger_path(settings)) if is_ledger_file(settings) else None
    if found is None:
        return False
    if found.schema > LEDGER_VERSION:
        raise NewerStoreError("ledger", found.schema, LEDGER_VERSION, found.app)
    return found.schema < LEDGER_VERSION


def of_ledger(path: Path) -> StoreVersion | None:
    """The version of a ledger's file; None where there is none, or none that can be read."""
    if not path.exists():
        return None
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
            return _read(lambda: database.execute(_QUERY).fetchall())
    except sqlite3.Error:
        return None


def of_events(path: Path) -> StoreVersion | None:
    """The version of an event store's file that nobody has open; None as for a ledger."""
    if not path.exists():
        return None
    try:
        with duckdb.connect(str(path), read_only=True) as database:
            return _read(lambda: database.execute(_QUERY).fetchall())
    except duckdb.Error:
        return None


def _read(ask: Callable[[], Sequence[tuple[Any, ...]]]) -> StoreVersion | None:
    found = dict(ask())
    return StoreVersion(int(found[SCHEMA]), found.get(APP)) if SCHEMA in found else None

"""Which version each store has, told without opening it for work."""

import sqlite3
from contextlib import closing

import duckdb

from lib.settings.profiles import Settings
from lib.store import events_path, ledger_path
from lib.store.events.schema import EVENTS_VERSION
from lib.store.ledger.tables import LEDGER_VERSION

_QUERY = "SELECT value FROM meta WHERE name = 'version'"


def known() -> dict[str, int | None]:
    """The versions that this app makes."""
    return {"ledger": LEDGER_VERSION, "events": EVENTS_VERSION}


def existing(settings: Settings) -> dict[str, int | None]:
    """The versions in the data folder; None for a store that isn't there or can't be read."""
    return {"ledger": _ledger(settings), "events": _events(settings)}


def _ledger(settings: Settings) -> int | None:
    path = ledger_path(settings)
    if not path.exists():
        return None
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
            found = database.execute(_QUERY).fetchone()
    except sqlite3.Error:
        return None
    return int(found[0]) if found else None


def _events(settings: Settings) -> int | None:
    path = events_path(settings)
    if not path.exists():
        return None
    try:
        with duckdb.connect(str(path), read_only=True) as database:
            found = database.execute(_QUERY).fetchone()
    except duckdb.Error:
        return None
    return int(found[0]) if found else None

"""Where things are kept: the ledger (transactional, shared) and the event store (charted, owned).

A session profile gets the same two in memory; they are gone when closed.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lib.core.errors import ConfigurationError, Who
from lib.settings.profiles import Settings
from lib.store.events.events import EventStore
from lib.store.ledger.ledger import Ledger

SESSION_ROW_LIMIT: Final = 200_000
"""How many events a session profile can hold; its pages say so."""
_DUCKDB: Final = "duckdb:///"
_SQLITE: Final = "sqlite:///"

__all__ = [
    "SESSION_ROW_LIMIT",
    "EventStore",
    "Ledger",
    "Stores",
    "events_path",
    "ledger_path",
    "open_ledger",
    "open_stores",
    "session_stores",
]


@dataclass(frozen=True, slots=True)
class Stores:
    """The two stores of one host, or of one session."""

    ledger: Ledger
    events: EventStore

    def close(self) -> None:
        """Let go of both."""
        self.events.close()
        self.ledger.close()

    def delete_profile(self, profile: str) -> None:
        """Forget everything of a profile but the audit record."""
        self.ledger.delete_profile(profile)
        self.events.delete_profile(profile)


def ledger_path(settings: Settings) -> Path:
    """Where the ledger's file is. Raises ConfigurationError for a ledger that is no file."""
    if not settings.ledger_url.startswith(_SQLITE):
        raise ConfigurationError(
            "The ledger isn't a file of this app.",
            cause="Only SQLite ledgers are backed up here. Other databases have their own tools.",
            fix="Back up the ledger with the tools of its database.",
            who=Who.YOU,
        )
    return (settings.data_dir / settings.ledger_url.removeprefix(_SQLITE)).absolute()


def open_ledger(settings: Settings) -> Ledger:
    """The host's ledger; any process may open it. A relative path is inside the data folder."""
    url = settings.ledger_url
    if url.startswith(_SQLITE):
        path = settings.data_dir / url.removeprefix(_SQLITE)
        url = f"{_SQLITE}{path.absolute()}"
    return Ledger.open(url)


def events_path(settings: Settings) -> Path:
    """Where the event store's file is. Raises ConfigurationError for an engine we don't have."""
    if not settings.events_url.startswith(_DUCKDB):
        raise ConfigurationError(
            "The setting store.events is wrong.",
            cause="The event store must be a DuckDB file.",
            fix='Use a value such as "duckdb:///events.duckdb".',
            who=Who.YOU,
        )
    return (settings.data_dir / settings.events_url.removeprefix(_DUCKDB)).absolute()


def open_stores(settings: Settings) -> Stores:
    """Both stores of the host. Only the owner may call it; others use `open_ledger`.

    Raises StoreError when another process holds the event store.
    """
    path = events_path(settings)
    ledger = open_ledger(settings)
    try:
        return Stores(ledger, EventStore.open(path))
    except BaseException:
        ledger.close()
        raise


def session_stores(*, row_limit: int = SESSION_ROW_LIMIT) -> Stores:
    """The stores of one session, in memory: no byte of them is written to disk."""
    return Stores(
        Ledger.in_memory(),
        EventStore.open(":memory:", memory_limit="300MB", threads=1, row_limit=row_limit),
    )

"""Where the stores of a data folder are."""

from pathlib import Path
from typing import Final

from lib.core.errors import ConfigurationError, Who
from lib.settings.profiles import Settings

DUCKDB: Final = "duckdb:///"
SQLITE: Final = "sqlite:///"


def ledger_path(settings: Settings) -> Path:
    """Where the ledger's file is. Raises ConfigurationError for a ledger that is no file."""
    if not is_ledger_file(settings):
        raise ConfigurationError(
            "The ledger isn't a file of this app.",
            cause="Only SQLite ledgers are backed up here. Other databases have their own tools.",
            fix="Back up the ledger with the tools of its database.",
            who=Who.YOU,
        )
    return (settings.data_dir / settings.ledger_url.removeprefix(SQLITE)).absolute()


def is_ledger_file(settings: Settings) -> bool:
    """Whether the ledger is a file; another database is backed up by its own tools."""
    return settings.ledger_url.startswith(SQLITE)


def events_path(settings: Settings) -> Path:
    """Where the event store's file is. Raises ConfigurationError for an engine we don't have."""
    if not settings.events_url.startswith(DUCKDB):
        raise ConfigurationError(
            "The setting store.events is wrong.",
            cause="The event store must be a DuckDB file.",
            fix='Use a value such as "duckdb:///events.duckdb".',
            who=Who.YOU,
        )
    return (settings.data_dir / settings.events_url.removeprefix(DUCKDB)).absolute()

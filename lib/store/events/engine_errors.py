"""What DuckDB raises, as an error that people can do something about."""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from lib.core.errors import REPORT_WITH, StoreError, Who
from lib.core.system_errors import fix_of_engine


def roll_back(cursor: duckdb.DuckDBPyConnection) -> None:
    """Take back what a transaction did, as far as the engine still can."""
    try:
        cursor.rollback()
    except duckdb.Error:
        return  # the first error is the one to tell


@contextmanager
def explained(name: str) -> Iterator[None]:
    """Raise StoreError for what the engine raises inside; `name` says which store it is."""
    try:
        yield
    except duckdb.Error as error:
        raise explain(error, name) from error


def explain(error: duckdb.Error, name: str) -> StoreError:
    """The error for people; `name` says which store it is."""
    text = str(error)
    if "lock" in text and ("Conflicting" in text or "Could not set lock" in text):
        return StoreError(
            f"Another process has the event store open ({name}).",
            cause="Only one process can open it: the app while it runs.",
            fix="Ask the running app, or stop it first.",
            who=Who.YOU,
        )
    if isinstance(error, duckdb.IOException | duckdb.SerializationException):
        return StoreError(
            f"The event store can't be opened ({name}).",
            cause="The file isn't an event store of this app, is damaged, or can't be written.",
            fix=fix_of_engine(text),
            who=Who.YOU,
        )
    if isinstance(error, duckdb.OutOfMemoryException):
        return StoreError(
            "The event store ran out of memory.",
            cause="The query needs more memory than the store's limit.",
            fix="Choose a shorter period or fewer values.",
            who=Who.YOU,
        )
    first_line = text.split("\n", 1)[0]
    return StoreError(
        "The event store failed.",
        cause=f"{type(error).__name__}: {first_line}",
        fix=f"Try again; if it stays, report it. {REPORT_WITH}",
        who=Who.THIS_APP,
    )

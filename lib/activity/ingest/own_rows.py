"""Rows of our own columns, as an export has them."""

from typing import Final

from lib.activity.ingest.event_row import NO_TIME, NO_TYPE, Context, Json, Row, UnusableEventError
from lib.activity.ingest.json_values import (
    address,
    from_datetime,
    made_id,
    microseconds,
    size,
    text,
)
from lib.activity.ingest.own_columns import agreed_category, nonsense
from lib.activity.model.event import (
    COLUMNS,
    NORMALISER,
)
from lib.activity.model.source import Source

_TIMES: Final = frozenset({"occurred_at", "received_at"})
_NUMBERS: Final = frozenset({"size_bytes", "normaliser"})


def own_row(values: dict[str, Json], raw: str, context: Context) -> Row:
    """A row of our own columns (an export), under the profile of the context.

    Without an id it gets one; without a source it is an import. Its category follows its type.
    """
    del raw
    reason = nonsense(values)
    if reason is not None:
        raise UnusableEventError(reason)
    row: dict[str, Json] = {
        name: microseconds(values.get(name))
        if name in _TIMES
        else size(values.get(name))
        if name in _NUMBERS
        else text(values.get(name))
        for name in COLUMNS
    }
    if row["occurred_at"] is None:
        raise UnusableEventError(NO_TIME)
    if row["event_type"] is None:
        raise UnusableEventError(NO_TYPE)
    row["ip"] = address(row["ip"])
    row["profile"] = context.profile
    if row["source"] is None:
        row["source"] = Source.IMPORT
    if row["received_at"] is None:
        row["received_at"] = from_datetime(context.received_at)
    if row["normaliser"] is None:
        row["normaliser"] = NORMALISER
    row["category"] = agreed_category(row["source"], row["event_type"], row["category"])
    if row["actor_kind"] is None:
        row["actor_kind"] = context.directory.kind(row["actor_id"], row["actor_login"])
    if row["event_id"] is None:
        row["event_id"] = made_id(
            row["account_id"],
            row["occurred_at"],
            row["event_type"],
            row["item_id"],
            row["actor_id"] or row["actor_login"],
            *(() if row["source"] == Source.KLOUDLESS else _more(row)),
        )
    return tuple(row[name] for name in COLUMNS)


def _more(row: dict[str, Json]) -> tuple[str | None, str | None]:
    """What tells apart events of one second by the same person on the same item."""
    return row["target_id"] or row["target_login"], row["ip"]

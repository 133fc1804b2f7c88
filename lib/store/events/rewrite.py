"""Events that take the place of themselves, with other columns: one transaction."""

from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc

from lib.store.events import rollups, texts
from lib.store.events.schema import ARROW, with_keys

if TYPE_CHECKING:
    from lib.store.events.events import EventStore

_SAME: Final = " AND ".join(
    f"events.{name} = arriving.{name}" for name in ("occurred_at", "profile", "source", "event_id")
)


def replace_events(store: "EventStore", rows: pa.Table) -> None:
    """Put rows in the place of those with the same identity and time. Raises StoreError."""
    if not len(rows):
        return
    bounds = pc.min_max(rows.column("occurred_at"))
    with store.writing() as cursor:
        cursor.register("arriving", rows.cast(ARROW))
        try:
            cursor.execute(
                "DELETE FROM events USING arriving WHERE"  # noqa: S608  # our own names
                f" events.occurred_at BETWEEN ? AND ? AND {_SAME}",
                [bounds["min"].as_py(), bounds["max"].as_py()],
            )
            cursor.execute(f"INSERT INTO events {with_keys('arriving')} ORDER BY occurred_at")
            rollups.count_again(cursor, bounds["min"].as_py(), bounds["max"].as_py())
            texts.add(cursor, "arriving")
        finally:
            cursor.unregister("arriving")

"""The event store's mark of the pair it belongs to (`lib.store.pair_mark`)."""

from datetime import datetime
from typing import TYPE_CHECKING

from lib.store.events.commits import put_meta
from lib.store.pair_mark import BEFORE, COMMIT, GENERATION, NAMES, PairMark
from lib.store.times import aware_utc

if TYPE_CHECKING:
    from lib.store.events.events import EventStore


def read(store: "EventStore") -> PairMark:
    """Its mark; empty texts where it has none yet."""
    found = dict(store.rows("SELECT name, value FROM meta"))
    return PairMark(*(str(found.get(name, "")) for name in NAMES))


def write(store: "EventStore", mark: PairMark) -> None:
    """Set its mark."""
    with store.writing() as cursor:
        put_meta(cursor, {GENERATION: mark.generation, COMMIT: mark.commit, BEFORE: mark.before})


def newest_received(store: "EventStore") -> datetime | None:
    """When the newest inbox entry of the last commit came; None before the first commit."""
    found = store.rows("SELECT max(received_at) FROM applied")[0][0]
    return None if found is None else aware_utc(found)


def delivered(store: "EventStore") -> set[tuple[str, str]]:
    """The deliveries of webhooks that it has: profile and body id."""
    found = store.rows("SELECT DISTINCT profile, body_id FROM deliveries")
    return {(str(profile), str(body)) for profile, body in found}

"""The events behind a finding, and the names of those it is about, for whoever looks at it."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from lib.detections.finding import Finding
from lib.store.events import dialect
from lib.store.events.events import EventStore
from lib.store.times import naive_utc

if TYPE_CHECKING:
    import pandas as pd

SHOWN: Final = 500
COLUMNS: Final = (
    "occurred_at",
    "event_type",
    "actor_name",
    "actor_login",
    "item_name",
    "parent_name",
    "target_login",
    "ip",
    "service_name",
    "event_id",
)


def rows_of(events: EventStore, profile: str, source: str, finding: Finding) -> "pd.DataFrame":
    """The first `SHOWN` events of a finding, oldest first, in `COLUMNS`; times are aware, UTC."""
    frame = events.frame(
        f"SELECT {', '.join(COLUMNS)} FROM events WHERE profile = ? AND source = ?"  # noqa: S608
        f" AND occurred_at >= ? AND occurred_at <= ? AND {dialect.one_of('event_id')}"
        " ORDER BY occurred_at, event_id",
        [
            profile,
            source,
            naive_utc(finding.since),
            naive_utc(finding.until),
            list(finding.event_ids[:SHOWN]),
        ],
    )
    frame["occurred_at"] = frame["occurred_at"].dt.tz_localize("UTC")
    return frame


def names_of(
    events: EventStore, profile: str, source: str, actors: Collection[str], since: datetime
) -> dict[str, tuple[str | None, str | None]]:
    """The newest name and login of actors, as far as their events since then tell."""
    if not actors:
        return {}
    found = events.rows(
        f"SELECT actor_id, {dialect.latest('actor_name')}, {dialect.latest('actor_login')}"  # noqa: S608
        " FROM events WHERE profile = ? AND source = ? AND occurred_at >= ?"
        f" AND {dialect.one_of('actor_id')} GROUP BY actor_id",
        [profile, source, naive_utc(since - timedelta(days=1)), sorted(actors)],
    )
    return {str(actor): (name, login) for actor, name, login in found}


def shown_name(actor: str, names: Mapping[str, tuple[str | None, str | None]]) -> str | None:
    """What an actor is called among those of `names_of`: namesakes have their login, or id, too."""
    name, login = names.get(actor, (None, None))
    if name and sum(other == name for other, _ in names.values()) > 1:
        return f"{name} ({login or actor})"
    return name or login

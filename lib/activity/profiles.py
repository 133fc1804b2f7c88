"""One person or one item up close: first and last seen, whom and what they have to do with.

Everything is asked of one source, as the charts are. First and last look at all that is kept;
the rest looks at the period. Peers of a person are those who touched the same items.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import pandas as pd

from lib.activity.filters import Filters, condition
from lib.activity.queries import chosen_source
from lib.store import dialect
from lib.store.events import EventStore

ACTOR: Final = "actor"
ITEM: Final = "item"
KINDS: Final = (ACTOR, ITEM)
_COLUMNS: Final = {ACTOR: "actor_id", ITEM: "item_id"}
_TOLD: Final = {
    ACTOR: ("actor_name", "actor_login", "actor_kind", "NULL"),
    ITEM: ("item_name", "owner_login", "item_type", "parent_name"),
}


@dataclass(frozen=True, slots=True)
class Subject:
    """Who or what it is, by the newest event that says so.

    `detail` is a person's login or an item's owner, `kind` the actor kind or item type, `place` an
    item's folder. `events` and the two times (UTC) are of all that is kept of the source.
    """

    kind_of: str
    id: str
    name: str
    detail: str | None
    kind: str | None
    place: str | None
    events: int
    first: datetime
    last: datetime


def subject(events: EventStore, filters: Filters, kind_of: str, value: str) -> Subject | None:
    """The person or item of an id; None when no event of the source names it."""
    name, detail, kind, place = _TOLD[kind_of]
    told = ", ".join(
        "NULL" if one == "NULL" else dialect.latest(one) for one in (name, detail, kind, place)
    )
    row = events.rows(
        f"SELECT count(*), min(occurred_at), max(occurred_at), {told} FROM events"  # noqa: S608
        f" WHERE profile = ? AND source = ? AND {_COLUMNS[kind_of]} = ?",
        [filters.profile, chosen_source(events, filters), value],
    )[0]
    if not row[0]:
        return None
    return Subject(
        kind_of,
        value,
        str(row[3] or row[4] or value) if kind_of == ACTOR else str(row[3] or value),
        row[4],
        row[5],
        row[6],
        int(row[0]),
        row[1].replace(tzinfo=UTC),
        row[2].replace(tzinfo=UTC),
    )


def peers(events: EventStore, everyone: Filters, actor_id: str, *, limit: int = 8) -> pd.DataFrame:
    """Who else touched the items of a person: value, label, detail, items, events.

    `everyone` is the period without a filter on the person.
    """
    where = condition(everyone, chosen_source(events, everyone))
    found = events.rows(
        f"SELECT actor_id, {dialect.latest('actor_name')}, {dialect.latest('actor_login')},"  # noqa: S608
        f" count(DISTINCT item_id) AS items, count(*) FROM events WHERE {where.sql}"
        " AND actor_id <> ? AND item_id IN (SELECT item_id FROM events"
        f" WHERE {where.sql} AND actor_id = ? AND item_id IS NOT NULL)"
        " GROUP BY actor_id ORDER BY items DESC, actor_id LIMIT ?",
        [*where.parameters, actor_id, *where.parameters, actor_id, limit],
    )
    frame = pd.DataFrame(found, columns=["value", "label", "detail", "items", "events"])
    frame["label"] = frame["label"].fillna(frame["detail"]).fillna(frame["value"])
    return frame

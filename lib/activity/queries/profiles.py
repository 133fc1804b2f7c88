"""One person or one item up close: first and last seen, whom and what they have to do with.

Everything is asked of one source, as the charts are. First and last look at all that is kept;
the rest looks at the period. Peers of a person are those who touched the same items.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import pandas as pd

from lib.activity.queries.display_names import names
from lib.activity.queries.filters import Filters, condition
from lib.activity.queries.source_of_record import chosen, chosen_source, counted
from lib.store.events import dialect
from lib.store.events.events import EventStore

ACTOR: Final = "actor"
ITEM: Final = "item"
_EVER: Final = (datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC))
_KINDS_WITH_PLACE: Final = {
    ACTOR: ("actor_name", "actor_login", "actor_kind", "NULL"),
    ITEM: ("item_name", "owner_login", "item_type", "parent_name"),
}


@dataclass(frozen=True, slots=True)
class ProfileSubject:
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


def subject(
    events: EventStore, filters: Filters, kind_of: str, value: str
) -> ProfileSubject | None:
    """The person or item of an id; None when no event of the source names it."""
    name, detail, kind, place = _KINDS_WITH_PLACE[kind_of]
    reported = ", ".join(
        "NULL" if one == "NULL" else dialect.latest(one) for one in (name, detail, kind, place)
    )
    source = chosen_source(events, filters)
    ever = Filters(filters.profile, _EVER[0], _EVER[1], include={kind_of: (value,)})
    where = condition(counted(events, ever, source), source)
    row = events.rows(
        f"SELECT count(*), min(occurred_at), max(occurred_at), {reported} FROM events"  # noqa: S608
        f" WHERE {where.sql}",
        where.parameters,
    )[0]
    if not row[0]:
        return None
    return ProfileSubject(
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
    everyone, source = chosen(events, everyone)
    where = condition(everyone, source)
    found = events.rows(
        "SELECT actor_id, count(*) AS items, sum(n) FROM (SELECT actor_id, item_key, count(*) AS n"  # noqa: S608
        f" FROM events WHERE {where.sql} AND actor_id <> ? AND item_key IN"
        f" (SELECT item_key FROM events WHERE {where.sql} AND actor_id = ?) GROUP BY ALL)"
        " GROUP BY actor_id ORDER BY items DESC, actor_id LIMIT ?",
        [*where.parameters, actor_id, *where.parameters, actor_id, limit],
    )
    reported = names(events, everyone, source, ACTOR, [actor for actor, *_ in found])
    rows = []
    for actor, items, n in found:
        named = reported[actor]
        called = named.label if named.label != actor else named.detail or actor
        rows.append((actor, called, named.detail, items, n))
    return pd.DataFrame(rows, columns=["value", "label", "detail", "items", "events"])

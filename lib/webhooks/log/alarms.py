"""Deliveries about webhooks themselves: Box removed one, or its owner has no session.

An alarm stands until the same webhook delivers something else, and not forever: after a month there
is nothing left to do about it. Both triggers are documented; the whole of their bodies
isn't, so only the webhook's id is read. Source: Box developer documentation, webhooks V2.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from lib.activity.ingest.delivery_events import OWN
from lib.store.events.events import EventStore
from lib.store.times import naive_utc
from lib.webhooks.manage.triggers import DELETED, NO_SESSION

STANDS: Final = {DELETED: timedelta(days=7), NO_SESSION: timedelta(days=30)}
"""How long an alarm stands at most, after it came last."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm that stands. `webhook_id` is empty where the delivery didn't name one."""

    trigger: str
    webhook_id: str
    at: datetime
    times: int


def standing(events: EventStore, profile: str, now: datetime) -> tuple[Alarm, ...]:
    """The alarms of a profile that stand, newest first."""
    since = naive_utc(now - max(STANDS.values()))
    rows = events.rows(
        "WITH mine AS (SELECT coalesce(webhook_id, '') AS hook, trigger, received_at"
        " FROM deliveries WHERE profile = ? AND kind = 'box' AND verdict <> ?"
        " AND received_at >= ?),"
        " well AS (SELECT hook, max(received_at) AS at FROM mine"
        " WHERE trigger IS NULL OR trigger NOT IN (?, ?) GROUP BY hook)"
        " SELECT trigger, hook, max(received_at), count(*) FROM mine LEFT JOIN well USING (hook)"
        " WHERE trigger IN (?, ?) AND (well.at IS NULL OR received_at > well.at)"
        " GROUP BY trigger, hook ORDER BY 3 DESC, 2",
        [profile, OWN, since, *STANDS, *STANDS],
    )
    found = (Alarm(name, hook, at.replace(tzinfo=UTC), int(n)) for name, hook, at, n in rows)
    return tuple(one for one in found if now - one.at < STANDS[one.trigger])


def last_deliveries(events: EventStore, profile: str) -> dict[str, datetime]:
    """When each webhook last brought something that wasn't an alarm, by its id (UTC)."""
    rows = events.rows(
        "SELECT webhook_id, max(received_at) FROM deliveries WHERE profile = ? AND kind = 'box'"
        " AND verdict <> ? AND webhook_id IS NOT NULL"
        " AND (trigger IS NULL OR trigger NOT IN (?, ?)) GROUP BY ALL",
        [profile, OWN, *STANDS],
    )
    return {str(hook): at.replace(tzinfo=UTC) for hook, at in rows}


def last_notices(events: EventStore, profile: str) -> dict[str, tuple[datetime, int]]:
    """When each Kloudless account was last named by a notice (UTC), and how often, by its id."""
    rows = events.rows(
        "SELECT account_id, max(received_at), count(*) FROM deliveries WHERE profile = ?"
        " AND kind = 'kloudless' AND verdict <> ?"
        " AND account_id IS NOT NULL GROUP BY ALL",
        [profile, OWN],
    )
    return {str(account): (at.replace(tzinfo=UTC), int(n)) for account, at, n in rows}

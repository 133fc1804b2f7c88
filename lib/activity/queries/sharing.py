"""Sharing: shared links, collaborators, and collaborators outside the enterprise's domains.

Own domains are those of the logins of managed users, as the events name them; where none is known,
nobody is called external. A link's audience isn't shown: Box doesn't document what it sends of it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import pandas as pd

from lib.activity.model.coverage import Coverage
from lib.activity.model.zones import BucketSize, auto_size, buckets
from lib.activity.queries import group_counts
from lib.activity.queries.chosen_coverage import coverage_for
from lib.activity.queries.filters import Condition, Filters, condition
from lib.activity.queries.source_of_record import chosen
from lib.activity.queries.time_series import bucket_expression, in_zone
from lib.store.events import dialect
from lib.store.events.dialect import texts
from lib.store.events.events import EventStore

OPENED: Final = ("SHARE", "ITEM_SHARED_CREATE", "ITEM_SHARED")
CLOSED: Final = ("UNSHARE", "ITEM_SHARED_UNSHARE")
CHANGED: Final = ("ITEM_SHARED_UPDATE", "SHARE_EXPIRATION", "UPDATE_SHARE_EXPIRATION")
INVITED: Final = ("COLLABORATION_INVITE", "COLLAB_INVITE_COLLABORATOR", "COLLAB_ADD_COLLABORATOR")
LINKS_ON: Final = "links turned on"
LINKS_OFF: Final = "links turned off"
_FAMILIES: Final = (
    (LINKS_ON, OPENED),
    (LINKS_OFF, CLOSED),
    ("link settings changed", CHANGED),
    ("collaborators invited", INVITED),
)
_DOMAIN: Final = "lower(nullif(split_part({}, '@', 2), ''))"


@dataclass(frozen=True, slots=True)
class Sharing:
    """Sharing over time and the people outside.

    `frame`: bucket, series (`links turned on`, …), events. `external`: collaborators outside the
    own domains with value (id), label (login), domain, events, items. `domains` are the own ones.
    `unknown` counts invitations without an address.
    """

    frame: pd.DataFrame
    buckets: pd.DataFrame
    external: pd.DataFrame
    domains: tuple[str, ...]
    invited: int
    invited_outside: int
    unknown: int
    anonymous: int
    size: BucketSize
    coverage: Coverage

    def total(self, series: str) -> int:
        """The events of one series."""
        return int(self.frame.loc[self.frame["series"] == series, "events"].sum())


def own_domains(events: EventStore, filters: Filters, source: str) -> tuple[str, ...]:
    """The domains of managed users who did something, in the period and the 90 days before."""
    found = events.rows(
        f"SELECT DISTINCT {_DOMAIN.format('actor_login')} AS domain FROM"  # noqa: S608
        " (SELECT DISTINCT actor_login FROM events"  # few: a domain is cut out of each once
        " WHERE profile = ? AND source = ? AND actor_kind = 'managed'"
        " AND occurred_at >= ?::TIMESTAMP - INTERVAL 90 DAY AND occurred_at < ?)"
        " ORDER BY domain",
        [filters.profile, source, *condition(filters, source).parameters[2:4]],
    )
    return tuple(str(domain) for (domain,) in found if domain)


def sharing(
    events: EventStore, filters: Filters, *, now: datetime, timezone: str = "UTC"
) -> Sharing:
    """Links and collaborations of a choice, and who of the collaborators is outside."""
    filters, source = chosen(events, filters)
    size = auto_size(filters.since, filters.until)
    where = condition(filters, source)
    cases = " ".join(f"WHEN event_type IN ({texts(t)}) THEN '{name}'" for name, t in _FAMILIES)
    every = texts(tuple(one for _, types in _FAMILIES for one in types))
    rows = group_counts.over_time(filters, source, timezone=timezone)
    found = events.frame(
        f"SELECT {bucket_expression(filters, size, timezone)} AS bucket,"  # noqa: S608
        f" CASE {cases} END AS series, sum(times)::BIGINT AS events FROM {rows.sql}"
        f" WHERE event_type IN ({every}) GROUP BY ALL ORDER BY ALL",
        rows.parameters,
    )
    bars = buckets(timezone, filters.since, filters.until, size)
    found["bucket"] = in_zone(found["bucket"], bars, size, timezone)
    starts = pd.DatetimeIndex([bar.start for bar in bars], tz="UTC").tz_convert(timezone)
    ends = pd.DatetimeIndex([bar.end for bar in bars], tz="UTC").tz_convert(timezone)
    own = own_domains(events, filters, source)
    invited, outside, unknown = _invitations(events, where, own)
    anonymous = events.rows(
        f"SELECT coalesce(sum(times), 0) FROM {rows.sql} WHERE actor_kind = 'anonymous'",  # noqa: S608
        rows.parameters,
    )
    return Sharing(
        found,
        pd.DataFrame({"bucket": starts, "end": ends}),
        _external(events, where, own),
        own,
        invited,
        outside,
        unknown,
        int(anonymous[0][0]),
        size,
        coverage_for(events, filters, source, now),
    )


def _invitations(
    events: EventStore, where: Condition, own: tuple[str, ...]
) -> tuple[int, int, int]:
    domain = _DOMAIN.format("target_login")
    row = events.rows(
        f"SELECT count(*), count(*) FILTER (WHERE NOT {dialect.one_of(domain)}),"  # noqa: S608
        f" count(*) FILTER (WHERE {domain} IS NULL) FROM events"
        f" WHERE {where.sql} AND event_type IN ({texts(INVITED)})",
        [list(own), *where.parameters],
    )[0]
    return int(row[0]), int(row[1]) if own else 0, int(row[2])


def _external(events: EventStore, where: Condition, own: tuple[str, ...]) -> pd.DataFrame:
    columns = ["value", "label", "domain", "events", "items"]
    if not own:
        return pd.DataFrame(columns=columns)
    domain = _DOMAIN.format("target_login")
    found = events.rows(
        f"SELECT target_id, {dialect.latest('target_login')}, any_value({domain}),"  # noqa: S608
        f" count(*) AS n, count(DISTINCT item_key) FROM events WHERE {where.sql}"
        f" AND category IN ('collaboration', 'sharing') AND {domain} IS NOT NULL"
        f" AND target_id IS NOT NULL AND NOT {dialect.one_of(domain)}"
        " GROUP BY target_id ORDER BY n DESC, target_id LIMIT 50",
        [*where.parameters, list(own)],
    )
    return pd.DataFrame(found, columns=columns)

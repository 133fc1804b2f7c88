"""Accounts at an unusual place or time: new networks, dormant accounts that return.

Both need a past to compare with, and say so where there is none. A new VPN of the company looks
like a new network for everybody: only a network that comes with a new device is reported.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from lib.detections.detection import Detection, DetectionContext, NotEnough
from lib.detections.finding import EVIDENCE_LIMIT, Attack, Confidence, Finding, Severity
from lib.store.events import dialect
from lib.store.times import aware_utc, naive_utc

_NETWORK: Final = dialect.network("ip")
_KINDS: Final = "actor_kind NOT IN ('service', 'app', 'anonymous', 'external')"

# --- networks


@dataclass(frozen=True, slots=True)
class NewNetwork:
    """A network is new when the account hasn't used it for `history`; a failed sign-in is no use.

    The account must have been active on `active_days` of them. A new device is told by Box within
    `device_within` of the sign-in, which is within `first` of the first sight of the network.
    """

    history: timedelta = timedelta(days=28)
    active_days: int = 5
    device_within: timedelta = timedelta(minutes=15)
    first: timedelta = timedelta(hours=1)


NEW_NETWORK_AT: Final = NewNetwork()
_DEVICE: Final = "ADD_LOGIN_ACTIVITY_DEVICE"
# Sign-ins with a new device near them: few, so that only these accounts' past is looked at.
_WITH_DEVICE: Final = f"""
WITH doors AS (
    SELECT event_id, occurred_at, event_type, actor_id, {_NETWORK} AS network FROM events
    WHERE profile = ? AND source = ? AND occurred_at >= ? AND occurred_at < ?
        AND event_type IN ('LOGIN', '{_DEVICE}') AND {_KINDS} AND actor_id IS NOT NULL)
SELECT DISTINCT d.actor_id, d.network, greatest(d.occurred_at, l.occurred_at) AS seen
FROM doors d JOIN doors l ON l.actor_id = d.actor_id AND l.network = d.network
    AND l.event_type = 'LOGIN' AND d.event_type = '{_DEVICE}'
    AND l.occurred_at BETWEEN d.occurred_at - to_seconds(?) AND d.occurred_at + to_seconds(?)
ORDER BY seen, d.actor_id, d.network"""  # noqa: S608  # our own texts
_PAST: Final = f"""
SELECT min(occurred_at) FILTER (WHERE here AND occurred_at >= seen - to_seconds(?)),
    count(*) FILTER (WHERE here AND occurred_at < seen - to_seconds(?)),
    count(DISTINCT date_trunc('day', occurred_at)) FILTER (WHERE NOT here)
FROM (
    SELECT occurred_at, coalesce({_NETWORK} = ?, false) AS here, ?::TIMESTAMP AS seen FROM events
    WHERE profile = ? AND source = ? AND actor_id = ? AND occurred_at >= ? AND occurred_at <= ?
        AND event_type <> 'FAILED_LOGIN')"""  # noqa: S608  # our own texts


def _new_networks(context: DetectionContext) -> Iterator[Finding]:
    scope, rule = context.scope, NEW_NETWORK_AT
    reported: set[tuple[str, datetime]] = set()
    since = scope.since - rule.first - timedelta(hours=1)
    pairs = context.query(
        _WITH_DEVICE,
        [
            scope.profile,
            scope.source,
            naive_utc(since),
            naive_utc(scope.until),
            rule.device_within.total_seconds(),
            rule.device_within.total_seconds(),
        ],
    )
    for actor, network, seen in pairs:
        first = _first_seen(context, actor, network, seen)
        if first is None or (f"{actor} {network}", first) in reported:
            continue
        reported.add((f"{actor} {network}", first))
        found = _on_network(context, actor, network, first)
        if found.until >= scope.since:
            yield found


def _first_seen(
    context: DetectionContext, actor: str, network: str, seen: datetime
) -> datetime | None:
    """When the account was first seen on a network that is new to it; None where it isn't new."""
    rule = NEW_NETWORK_AT
    first_s = rule.first.total_seconds()
    [(first, before, days)] = context.query(
        _PAST,
        [
            first_s,
            first_s,
            network,
            seen,
            context.scope.profile,
            context.scope.source,
            actor,
            seen - rule.history,
            seen,
        ],
    )
    if first is None or before or days < rule.active_days:
        return None
    return aware_utc(first)


def _on_network(context: DetectionContext, actor: str, network: str, first: datetime) -> Finding:
    scope, rule = context.scope, NEW_NETWORK_AT
    end = first + rule.first
    rows = context.query(
        f"SELECT event_id, occurred_at, event_type FROM events WHERE profile = ? AND source = ?"  # noqa: S608
        f" AND actor_id = ? AND occurred_at >= ? AND occurred_at <= ? AND occurred_at < ?"
        f" AND {_NETWORK} = ? ORDER BY occurred_at, event_id",
        [
            scope.profile,
            scope.source,
            actor,
            naive_utc(first),
            naive_utc(end),
            naive_utc(scope.until),
            network,
        ],
    )
    downloads = sum(kind == "DOWNLOAD" for _, _, kind in rows)
    alone = not _used_by_others(context, actor, network, first)
    return Finding(
        detection="new_network",
        subject=f"{actor} {network}",
        actor_id=actor,
        since=first,
        until=aware_utc(rows[-1][1]),
        event_ids=tuple(str(one[0]) for one in rows[:EVIDENCE_LIMIT]),
        events=len(rows),
        severity=Severity.HIGH if alone and downloads else Severity.MEDIUM,
        confidence=Confidence.MEDIUM if alone else Confidence.LOW,
        why="A sign-in from a network that this account hasn't used for 28 days, with a device that"
        f" Box hadn't seen before. Actions in the first hour: {len(rows):,}; downloads:"
        f" {downloads:,}."
        + (" Nobody else used this network." if alone else " Others use this network too."),
        facts={"network": network, "downloads": downloads, "used_by_others": not alone},
    )


def _used_by_others(context: DetectionContext, actor: str, network: str, first: datetime) -> bool:
    """Whether another account was on the network in the four weeks before."""
    scope = context.scope
    [(others,)] = context.query(
        f"SELECT count(*) FROM (SELECT 1 FROM events WHERE profile = ? AND source = ?"  # noqa: S608
        f" AND actor_id <> ? AND occurred_at >= ? AND occurred_at < ? AND {_NETWORK} = ? LIMIT 1)",
        [
            scope.profile,
            scope.source,
            actor,
            naive_utc(first - NEW_NETWORK_AT.history),
            naive_utc(first),
            network,
        ],
    )
    return bool(others)


NEW_NETWORK: Final = Detection(
    id="new_network",
    title="New network and device",
    family="Sign-in",
    says="An account signs in from a network it doesn't use, with a device it hasn't used before.",
    benign_causes=(
        "Travel, a new home, or a new phone with a new provider",
        "A new VPN that starts on the same day as new laptops",
    ),
    next_step="Ask the person over another channel whether this is their device.",
    parameters=NEW_NETWORK_AT,
    look_back=NEW_NETWORK_AT.history + timedelta(hours=3),
    find=_new_networks,
    attack=Attack("T1078.004", "Valid Accounts: Cloud Accounts"),
    types=("LOGIN", _DEVICE),
)

# --- dormant accounts


@dataclass(frozen=True, slots=True)
class Dormant:
    """Nothing for `quiet`, then at least `events` within `within`.

    An account that was seen in the `remembered` time before is known to be an old one.
    """

    quiet: timedelta = timedelta(days=30)
    remembered: timedelta = timedelta(days=90)
    events: int = 5
    within: timedelta = timedelta(hours=2)


DORMANT: Final = Dormant()
# By actor and day first: far fewer rows than events.
_RETURNS: Final = f"""
WITH days AS (
    SELECT actor_id, min(occurred_at) AS first, max(occurred_at) AS last FROM events
    WHERE profile = ? AND source = ? AND occurred_at >= ? AND occurred_at < ?
        AND {_KINDS} AND actor_id IS NOT NULL
    GROUP BY actor_id, date_trunc('day', occurred_at)),
gaps AS (
    SELECT actor_id, first, lag(last) OVER (PARTITION BY actor_id ORDER BY first) AS before
    FROM days)
SELECT actor_id, first FROM gaps
WHERE first >= ? AND (before IS NULL OR first - before >= to_seconds(?))
ORDER BY first, actor_id"""  # noqa: S608  # our own texts


def _returns(context: DetectionContext) -> Iterator[Finding]:
    scope, rule = context.scope, DORMANT
    start = scope.since - rule.within
    end = scope.known_to
    if not scope.knows(end - rule.quiet - timedelta(hours=1), end):
        raise NotEnough(
            f"To know whether an account was inactive, {rule.quiet.days} days must be read without"
            " a gap."
        )
    rows = context.query(
        _RETURNS,
        [
            scope.profile,
            scope.source,
            naive_utc(start - rule.quiet - timedelta(days=1)),
            naive_utc(scope.until),
            naive_utc(start),
            rule.quiet.total_seconds(),
        ],
    )
    for actor, first in rows:
        at = aware_utc(first)
        if not scope.knows(at - rule.quiet, min(at, end)):
            continue
        known = _known(context, actor, first)
        if not known and _is_new(context, actor, first):
            continue
        found = _returned(context, actor, at, known=known)
        if found is not None and found.until >= scope.since:
            yield found


def _known(context: DetectionContext, actor: str, first: datetime) -> bool:
    """Whether the account was seen before it was quiet."""
    [(seen,)] = context.query(
        "SELECT count(*) FROM (SELECT 1 FROM events WHERE profile = ? AND source = ?"
        " AND actor_id = ? AND occurred_at < ? AND occurred_at > ? LIMIT 1)",
        [context.scope.profile, context.scope.source, actor, first, first - DORMANT.remembered],
    )
    return bool(seen)


def _is_new(context: DetectionContext, actor: str, first: datetime) -> bool:
    """Whether the account was made shortly before: then it wasn't dormant."""
    [(made,)] = context.query(
        "SELECT count(*) FROM events WHERE profile = ? AND source = ? AND event_type = 'NEW_USER'"
        " AND target_id = ? AND occurred_at <= ? AND occurred_at > ?",
        [context.scope.profile, context.scope.source, actor, first, first - DORMANT.quiet],
    )
    return bool(made)


def _returned(
    context: DetectionContext, actor: str, first: datetime, *, known: bool
) -> Finding | None:
    scope, rule = context.scope, DORMANT
    rows = context.query(
        "SELECT event_id, occurred_at, event_type FROM events WHERE profile = ? AND source = ?"
        " AND actor_id = ? AND occurred_at >= ? AND occurred_at <= ? AND occurred_at < ?"
        " ORDER BY occurred_at, event_id",
        [
            scope.profile,
            scope.source,
            actor,
            naive_utc(first),
            naive_utc(first + rule.within),
            naive_utc(scope.until),
        ],
    )
    if len(rows) < rule.events:
        return None
    downloads = sum(kind == "DOWNLOAD" for _, _, kind in rows)
    many = len(rows) >= 2 * rule.events
    return Finding(
        detection="dormant_return",
        subject=actor,
        actor_id=actor,
        since=first,
        until=aware_utc(rows[-1][1]),
        event_ids=tuple(str(one[0]) for one in rows[:EVIDENCE_LIMIT]),
        events=len(rows),
        severity=Severity.HIGH if many and downloads else Severity.MEDIUM,
        confidence=Confidence.HIGH if known and many else Confidence.MEDIUM,
        why=f"An account with no activity for at least {rule.quiet.days} days did {len(rows):,}"
        f" actions within two hours; downloads: {downloads:,}.",
        facts={"downloads": downloads, "seen_before": known},
    )


DORMANT_RETURN: Final = Detection(
    id="dormant_return",
    title="Dormant account returns",
    family="Sign-in",
    says="An account with no activity for a month is suddenly busy.",
    benign_causes=("Return from parental leave, a long illness or a sabbatical", "Seasonal staff"),
    next_step="Ask the person's manager whether they are back. If not, lock the account.",
    parameters=DORMANT,
    look_back=DORMANT.remembered + timedelta(days=1),
    find=_returns,
    attack=Attack("T1078.004", "Valid Accounts: Cloud Accounts"),
)

"""Incidents, mutes and the outcomes of alerts, as the ledger keeps them.

An incident is one cause of one profile. What opens, updates and resolves it is decided elsewhere
(`lib.runbook.health.incidents`); here it is only kept.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, delete, insert, or_, select, update

from lib.store.ledger.health_tables import alerts, incidents, mutes


class IncidentSeverity(StrEnum):
    """How bad it is."""

    WARNING = "warning"
    FAILURE = "failure"


class IncidentState(StrEnum):
    """Whether it goes on."""

    OPEN = "open"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Incident:
    """One cause, from when it was first seen until it stayed away.

    `seen` counts the runs that saw it, `checks` are those it ever touched, `waiting` those that
    haven't held again since. `calm_at` is since when none waits. An incident that comes back is
    the same one in another `episode`, which began at `episode_at`. `verdict` is the record of the
    latest verdict that saw it. `id` is 0 until it is kept. Times are UTC.
    """

    profile: str
    cause: str
    severity: IncidentSeverity
    opened_at: datetime
    seen_at: datetime
    episode_at: datetime
    state: IncidentState = IncidentState.OPEN
    calm_at: datetime | None = None
    resolved_at: datetime | None = None
    episode: int = 1
    seen: int = 1
    checks: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    verdict: Mapping[str, Any] = field(default_factory=dict)
    id: int = 0

    @property
    def open(self) -> bool:
        """Whether it goes on."""
        return self.state is IncidentState.OPEN


@dataclass(frozen=True, slots=True)
class Mute:
    """Nobody is told of that cause until then, and why."""

    profile: str
    cause: str
    reason: str
    at: datetime
    until: datetime


class AlertKind(StrEnum):
    """What an alert says."""

    OPEN = "open"
    RESOLVE = "resolve"
    REMINDER = "reminder"
    TEST = "test"
    FINDINGS = "findings"


@dataclass(frozen=True, slots=True)
class AlertOutcome:
    """How the sending of an alert ended; `detail` is a sentence without the address."""

    profile: str
    kind: AlertKind
    at: datetime
    ok: bool
    incident_id: int = 0
    episode: int = 0
    attempts: int = 1
    status: int | None = None
    detail: str = ""


def read_incidents(
    connection: Connection,
    profile: str,
    *,
    resolved_since: datetime | None = None,
    limit: int | None = None,
) -> list[Incident]:
    """Incidents, newest sighting first: the open ones, and those resolved since then."""
    query = select(incidents).where(incidents.c.profile == profile)
    if resolved_since is not None:
        query = query.where(
            or_(incidents.c.state == IncidentState.OPEN, incidents.c.resolved_at >= resolved_since)
        )
    query = query.order_by(incidents.c.seen_at.desc(), incidents.c.id.desc()).limit(limit)
    return [_incident(row) for row in connection.execute(query).mappings()]


def keep_incident(connection: Connection, incident: Incident) -> None:
    """Add an incident, or bring the one with its number up to date."""
    values = {
        name: getattr(incident, name)
        for name in Incident.__slots__
        if name not in ("id", "checks", "waiting", "verdict")
    }
    values["checks"] = json.dumps(incident.checks)
    values["waiting"] = json.dumps(incident.waiting)
    values["verdict"] = json.dumps(dict(incident.verdict))
    if incident.id:
        connection.execute(update(incidents).where(incidents.c.id == incident.id).values(**values))
    else:
        connection.execute(insert(incidents).values(**values))


def read_mutes(connection: Connection, profile: str, now: datetime) -> dict[str, Mute]:
    """The mutes that hold now, by cause."""
    query = select(mutes).where(mutes.c.profile == profile, mutes.c.until > now)
    return {row["cause"]: Mute(**row) for row in connection.execute(query).mappings()}


def keep_mute(connection: Connection, mute: Mute) -> None:
    """Mute a cause; an older mute of it is replaced."""
    lift_mute(connection, mute.profile, mute.cause)
    connection.execute(insert(mutes).values({name: getattr(mute, name) for name in Mute.__slots__}))


def lift_mute(connection: Connection, profile: str, cause: str) -> None:
    """Let that cause be told again."""
    connection.execute(delete(mutes).where(mutes.c.profile == profile, mutes.c.cause == cause))


def keep_outcome(connection: Connection, outcome: AlertOutcome) -> None:
    """Add how an alert ended."""
    connection.execute(
        insert(alerts).values({name: getattr(outcome, name) for name in AlertOutcome.__slots__})
    )


def read_outcomes(
    connection: Connection,
    profile: str,
    *,
    incident_ids: Sequence[int] | None = None,
    limit: int | None = None,
) -> list[AlertOutcome]:
    """How alerts ended, newest first; only those of some incidents, if asked so."""
    columns = [alerts.c[name] for name in AlertOutcome.__slots__]
    query = select(*columns).where(alerts.c.profile == profile).order_by(alerts.c.id.desc())
    if incident_ids is not None:
        query = query.where(alerts.c.incident_id.in_(incident_ids))
    return [
        AlertOutcome(**{**row, "kind": AlertKind(row["kind"])})
        for row in connection.execute(query.limit(limit)).mappings()
    ]


def _incident(row: Mapping[Any, Any]) -> Incident:
    values = dict(row)
    values["severity"] = IncidentSeverity(values["severity"])
    values["state"] = IncidentState(values["state"])
    values["checks"] = tuple(json.loads(values["checks"]))
    values["waiting"] = tuple(json.loads(values["waiting"]))
    values["verdict"] = json.loads(values["verdict"])
    return Incident(**values)

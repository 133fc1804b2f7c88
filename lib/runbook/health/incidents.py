"""Incidents: one for each cause, opened, updated, resolved after a calm period, reopened.

Pure functions over what one run found. Nothing here reads a clock or a store. Three rules keep it
from flapping: an incident belongs to a cause and not to a check; it is resolved only after each
check that it touched has held for the whole calm period; and a cause that returns within a calm
period of that is the same incident again. A check that couldn't be judged (skipped because of
something else, or failing for another cause) proves nothing, and so ends no incident.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from lib.core.causes import UNKNOWN
from lib.core.errors import Who
from lib.runbook.checks.verdict import Status, Verdict
from lib.store.ledger.incidents import Incident, IncidentSeverity, IncidentState

NEED_FAILED: Final = "check.need_failed"
_UNKNOWN_HERE: Final = frozenset({NEED_FAILED, "events.no_records"})
_SEVERITIES: Final = {
    Status.WARNING: IncidentSeverity.WARNING,
    Status.FAILED: IncidentSeverity.FAILURE,
}


class Blame(StrEnum):
    """Who is responsible for a fault, as far as its cause shows."""

    YOU = "you"
    BOX_ADMIN = "box_admin"
    BOX = "box"
    KLOUDLESS = "kloudless"
    NETWORK = "network"
    THIS_APP = "this_app"
    UNKNOWN = "unknown"


BLAMES: Final = {
    Who.YOU: Blame.YOU,
    Who.DEVELOPER: Blame.YOU,  # of the app that is set up here
    Who.BOX_ADMIN: Blame.BOX_ADMIN,
    Who.BOX_SUPPORT: Blame.BOX,
    Who.KLOUDLESS_ADMIN: Blame.KLOUDLESS,
    Who.NETWORK: Blame.NETWORK,
    Who.THIS_APP: Blame.THIS_APP,
}
"""Who can fix a fault is mostly who is responsible for it."""
_OTHERWISE: Final = {
    UNKNOWN: Blame.UNKNOWN,
    "box.gcm_granted": Blame.YOU,  # Box's support can undo it, but didn't ask for it
}


def blame_of(cause: str | None, who: Who | None) -> Blame:
    """Who is responsible for a cause; unknown where it isn't known."""
    plain = (cause or "").partition(":")[0]
    found = _OTHERWISE.get(plain)
    if found is not None:
        return found
    return BLAMES[who] if who is not None else Blame.UNKNOWN


def cause_key(verdict: Verdict) -> str | None:
    """What names the incident of a verdict; None for a verdict that makes none.

    Unknown faults are told apart by what the other side answered, else they would be one cause.
    """
    if verdict.status not in _SEVERITIES:
        return None
    cause = verdict.cause or UNKNOWN
    if cause != UNKNOWN:
        return cause
    seen = verdict.evidence
    return f"{UNKNOWN}:{seen.status or 'none'}:{seen.code or ''}"[:160].rstrip(":")


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a cause must stay away until its incident is resolved, and the pace of the runs."""

    calm: timedelta = timedelta(minutes=30)
    every: timedelta = timedelta(minutes=5)

    @property
    def longest_gap(self) -> timedelta:
        """Between two runs that are further apart, the time counts as not monitored."""
        return max(3 * self.every, timedelta(minutes=15))


def advance(
    known: Sequence[Incident],
    verdicts: Sequence[Verdict],
    *,
    profile: str,
    now: datetime,
    calm: timedelta,
    complete: bool = True,
) -> list[Incident]:
    """The incidents that are new or changed after one run, in no order.

    `known` are the open ones and those resolved within a calm period. `complete` says that every
    check was run: one that is missing then exists no longer.
    """
    sightings: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        key = cause_key(verdict)
        if key is not None:
            sightings.setdefault(key, []).append(verdict)
    changed = []
    for key, seen in sightings.items():
        incident = _of_cause(known, key, now, calm)
        changed.append(
            _opened(profile, key, seen, now) if incident is None else _again(incident, seen, now)
        )
    for incident in known:
        if incident.open and incident.cause not in sightings:
            quiet = _quieter(incident, verdicts, now, calm, complete=complete)
            if quiet != incident:
                changed.append(quiet)
    return changed


def verdict_of(incident: Incident) -> Verdict | None:
    """The latest verdict that saw it; None when another version of the app kept it."""
    try:
        return Verdict.from_record(incident.verdict)
    except ValueError:
        return None


def _of_cause(
    known: Iterable[Incident], key: str, now: datetime, calm: timedelta
) -> Incident | None:
    """The open incident of a cause, else one that was resolved a short while ago."""
    mine = [one for one in known if one.cause == key]
    for one in mine:
        if one.open:
            return one
    recent = [one for one in mine if one.resolved_at and now - one.resolved_at <= calm]
    return max(recent, key=lambda one: (one.seen_at, one.id), default=None)


def _opened(profile: str, key: str, seen: Sequence[Verdict], now: datetime) -> Incident:
    worst = _worst(seen)
    checks = tuple(verdict.id for verdict in seen)
    return Incident(
        profile=profile,
        cause=key,
        severity=_SEVERITIES[worst.status],
        opened_at=now,
        seen_at=now,
        episode_at=now,
        checks=checks,
        waiting=checks,
        verdict=worst.to_record(),
    )


def _again(incident: Incident, seen: Sequence[Verdict], now: datetime) -> Incident:
    worst = _worst(seen)
    severity = _SEVERITIES[worst.status]
    checks = tuple(verdict.id for verdict in seen)
    before = (severity,) if not incident.open else (severity, incident.severity)
    found = replace(
        incident,
        severity=IncidentSeverity.FAILURE
        if IncidentSeverity.FAILURE in before
        else IncidentSeverity.WARNING,
        state=IncidentState.OPEN,
        seen_at=now,
        seen=incident.seen + 1,
        calm_at=None,
        resolved_at=None,
        checks=_joined(incident.checks, checks),
        waiting=_joined(incident.waiting, checks),
        verdict=worst.to_record(),
    )
    if incident.open:
        return found
    return replace(found, episode=incident.episode + 1, episode_at=now, waiting=checks)


def _quieter(
    incident: Incident,
    verdicts: Sequence[Verdict],
    now: datetime,
    calm: timedelta,
    *,
    complete: bool,
) -> Incident:
    """An open incident whose cause this run didn't see."""
    found = {verdict.id: verdict for verdict in verdicts}
    waiting = tuple(
        check
        for check in incident.waiting
        if (check in found and not _proves(found[check])) or (check not in found and not complete)
    )
    if waiting:
        return replace(incident, waiting=waiting, calm_at=None)
    since = incident.calm_at or now
    if now - since < calm:
        return replace(incident, waiting=(), calm_at=since)
    return replace(
        incident, waiting=(), calm_at=since, state=IncidentState.RESOLVED, resolved_at=now
    )


def _proves(verdict: Verdict) -> bool:
    """Whether a verdict of another cause shows that a check is free of this one."""
    if verdict.status is Status.FAILED:
        return False
    return not (verdict.status is Status.SKIPPED and verdict.cause in _UNKNOWN_HERE)


def _worst(seen: Sequence[Verdict]) -> Verdict:
    return next((one for one in seen if one.status is Status.FAILED), seen[0])


def _joined(before: Sequence[str], now: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*before, *now)))

"""When an alert about an incident is due, and its text. Pure: nothing is sent here.

A message is made of our own texts alone: the table of causes, ids, times, counts, and the label of
the profile. What the other side wrote can hold names, so it stays in the app.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from lib.core import causes
from lib.detections.registry import by_id
from lib.runbook.checks.describe import PERSONS
from lib.runbook.health.incidents import Blame, blame_of
from lib.store.ledger.findings import FindingMute, KeptFinding, muted
from lib.store.ledger.incidents import AlertKind, AlertOutcome, Incident, IncidentSeverity, Mute

VERSION: Final = 1
REMIND_AFTER: Final = timedelta(days=1)
_STALE: Final = timedelta(days=1)  # too late to report a resolution
_FIRST_WAIT: Final = timedelta(minutes=1)
_LONGEST_WAIT: Final = timedelta(hours=1)
_ANNOUNCED_FINDINGS: Final = frozenset({"high", "medium"})
MOST_FINDINGS: Final = 10
_ANNOUNCED: Final = frozenset({AlertKind.OPEN, AlertKind.REMINDER})
_WORD: Final = re.compile(r"[A-Za-z0-9_]{1,40}")
FAULTS: Final = {
    Blame.YOU: "you",
    Blame.BOX_ADMIN: "the Box admin",
    Blame.BOX: "Box",
    Blame.KLOUDLESS: "Kloudless",
    Blame.NETWORK: "the network",
    Blame.THIS_APP: "this app",
    Blame.UNKNOWN: "unknown",
}
"""Who is responsible, as words for people."""
_HEADINGS: Final = {
    AlertKind.OPEN: "New incident",
    AlertKind.REMINDER: "Still open",
    AlertKind.RESOLVE: "Resolved",
    AlertKind.TEST: "Test",
    AlertKind.FINDINGS: "New findings",
}


@dataclass(frozen=True, slots=True)
class Threshold:
    """Whether warnings are sent too, and how long an incident must last before an alert."""

    warnings: bool = False
    after: timedelta = timedelta(minutes=10)


def due(
    incident: Incident,
    outcomes: Sequence[AlertOutcome],
    *,
    mute: Mute | None,
    threshold: Threshold,
    now: datetime,
) -> AlertKind | None:
    """What has to be sent about an incident now; None when nothing has.

    `outcomes` are those of this incident, newest first. What failed is tried again, after a wait
    that doubles up to an hour.
    """
    if mute is not None or not _severe(incident, threshold):
        return None
    mine = [one for one in outcomes if one.episode == incident.episode]
    if _waits(mine, now):
        return None
    reported = next((one for one in mine if one.ok and one.kind in _ANNOUNCED), None)
    if not incident.open:
        return AlertKind.RESOLVE if reported and _resolution_is_news(incident, mine, now) else None
    if incident.calm_at is not None:
        return None  # it may be over: no reminder before it is seen again
    if reported is None:
        return AlertKind.OPEN if now - incident.episode_at >= threshold.after else None
    return AlertKind.REMINDER if now - reported.at >= REMIND_AFTER else None


def generic_message(
    kind: AlertKind, incident: Incident | None, *, key: str, label: str, now: datetime
) -> dict[str, Any]:
    """An alert as plain JSON."""
    return {
        "version": VERSION,
        "kind": kind.value,
        "profile": {"key": key, "label": label},
        "incident": None if incident is None else _facts(incident),
        "sent_at": now.isoformat(),
    }


def slack_message(
    kind: AlertKind, incident: Incident | None, *, label: str, now: datetime
) -> dict[str, Any]:
    """An alert as Slack and those who imitate it take it: one text."""
    heading = f"*{_HEADINGS[kind]}: {label}*"
    if incident is None:
        lines = [heading, f"This is a test of Box Runbook, sent {_instant(now)}. Nothing is wrong."]
        return {"text": _escaped("\n".join(lines))}
    facts = _facts(incident)
    lines = [heading, f"{facts['title']} ({facts['cause']}, {facts['severity']})"]
    if kind is AlertKind.RESOLVE and incident.resolved_at is not None:
        lines.append(
            f"From {_instant(incident.episode_at)} to {_instant(incident.seen_at)}; not seen since."
        )
    else:
        lines += [
            f"Responsible: {FAULTS[Blame(facts['blame'])]}. Who can fix it: {facts['person']}.",
            f"What to do: {facts['fix']}",
            *([f"Where: {facts['where']}"] if facts["where"] else []),
            f"Since {_instant(incident.episode_at)}, {_seen(incident)}.",
        ]
    lines.append(f"Checks: {', '.join(incident.checks)}")
    return {"text": _escaped("\n".join(lines))}


def findings_due(
    found: Sequence[KeptFinding],
    mutes: Mapping[tuple[str, str], FindingMute],
    outcomes: Sequence[AlertOutcome],
    *,
    threshold: Threshold,
    now: datetime,
) -> list[KeptFinding]:
    """The new findings for which an alert is due now.

    `outcomes` are those of messages about findings, newest first. Without warnings only what is at
    least of medium severity is told.
    """
    if _waits(outcomes, now):
        return []
    reported = _ANNOUNCED_FINDINGS | ({"low"} if threshold.warnings else set())
    return [one for one in found if one.severity in reported and muted(mutes, one) is None]


def generic_findings(
    found: Sequence[KeptFinding], *, key: str, label: str, now: datetime
) -> dict[str, Any]:
    """New findings as plain JSON: ids, times and counts, no names."""
    return {
        "version": VERSION,
        "kind": AlertKind.FINDINGS.value,
        "profile": {"key": key, "label": label},
        "findings": [
            {
                "key": one.key,
                "detection": one.detection,
                "title": _title_of(one.detection),
                "severity": one.severity,
                "from": one.since.isoformat(),
                "to": one.until.isoformat(),
                "events": one.events,
                "why": str(one.record.get("why", "")),
            }
            for one in found[:MOST_FINDINGS]
        ],
        "more": max(0, len(found) - MOST_FINDINGS),
        "sent_at": now.isoformat(),
    }


def slack_findings(found: Sequence[KeptFinding], *, label: str) -> dict[str, Any]:
    """New findings as one text."""
    count = "1 new finding" if len(found) == 1 else f"{len(found)} new findings"
    lines = [f"*{_HEADINGS[AlertKind.FINDINGS]}: {label}*", f"{count} on the Detections page."]
    lines += [
        f"{_title_of(one.detection)} ({one.severity}), {_instant(one.since)}:"
        f" {one.record.get('why', '')}"
        for one in found[:MOST_FINDINGS]
    ]
    if len(found) > MOST_FINDINGS:
        lines.append(f"and {len(found) - MOST_FINDINGS} more")
    return {"text": _escaped("\n".join(lines))}


def _title_of(detection_id: str) -> str:
    detection = by_id(detection_id)
    return detection.title if detection else detection_id


def _facts(incident: Incident) -> dict[str, Any]:
    cause_id, _, rest = incident.cause.partition(":")
    known = causes.cause(cause_id)
    shown = " ".join(_WORD.findall(rest))
    who = known.who
    place = f"{known.where} (as of {known.known_good})" if known.where else None
    return {
        "id": incident.id,
        "cause": f"{cause_id} {shown}".strip(),
        "title": known.title,
        "severity": incident.severity.value,
        "state": incident.state.value,
        "blame": blame_of(cause_id, who).value,
        "who": who.value,
        "person": PERSONS[who],
        "fix": known.fix,
        "where": place,
        "opened_at": incident.opened_at.isoformat(),
        "last_seen_at": incident.seen_at.isoformat(),
        "resolved_at": incident.resolved_at.isoformat() if incident.resolved_at else None,
        "seen": incident.seen,
        "episode": incident.episode,
        "checks": list(incident.checks),
    }


def _severe(incident: Incident, threshold: Threshold) -> bool:
    return incident.severity is IncidentSeverity.FAILURE or threshold.warnings


def _resolution_is_news(incident: Incident, mine: Sequence[AlertOutcome], now: datetime) -> bool:
    done = any(one.ok and one.kind is AlertKind.RESOLVE for one in mine)
    return not done and incident.resolved_at is not None and now - incident.resolved_at <= _STALE


def _waits(mine: Sequence[AlertOutcome], now: datetime) -> bool:
    """Whether the last attempts failed so lately that it is too early for another."""
    failures = 0
    for one in mine:
        if one.ok:
            break
        failures += 1
    if not failures:
        return False
    wait = min(_FIRST_WAIT * (1 << min(failures - 1, 10)), _LONGEST_WAIT)
    return now - mine[0].at < wait


def _seen(incident: Incident) -> str:
    times = "once" if incident.seen == 1 else f"{incident.seen} times"
    return f"seen {times}, last {_instant(incident.seen_at)}"


def _instant(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC"


def _escaped(text: str) -> str:
    """Slack's three special characters; a label with `<!channel>` then notifies no one."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

"""What the Health page says of verdicts and incidents: headline, tiles, incidents. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from lib.core import causes
from lib.core.texts import ago, plural, when
from lib.runbook.checks.verdict import Status, Verdict
from lib.runbook.health.alerts import FAULTS
from lib.runbook.health.groups import worst
from lib.runbook.health.history import since_when
from lib.runbook.health.incidents import blame_of
from lib.store.ledger.incidents import Incident, IncidentSeverity
from lib.store.ledger.verdicts import VerdictSpan
from lib.ui.health import words

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Glance:
    """The sentence on top: a status, a headline, and what is said below it."""

    status: Status
    headline: str
    lines: tuple[tuple[str, str], ...] = ()


def glance(
    verdicts: Sequence[Verdict],
    incidents: Sequence[Incident],
    *,
    since: datetime | None,
    zone: tzinfo,
    now: datetime,
) -> Glance:
    """What passes or fails now. “All checks pass” only if every single one passed.

    `incidents` are the open ones; `since` is since when the whole is as it is, None where nobody
    watches now.
    """
    failed = [one for one in verdicts if one.status is Status.FAILED]
    warned = [one for one in verdicts if one.status is Status.WARNING]
    if not failed:
        no_failures = (
            f"No failures since {time_words(since, zone, now)}." if since else "No failures."
        )
        if warned:
            return Glance(Status.WARNING, f"{no_failures} {plural(len(warned), 'warning')}.")
        if all(one.status is not Status.PASSED for one in verdicts):
            return Glance(Status.UNPROVEN, words.NOTHING_PROVED)
        unproven = _unproven(verdicts)
        if any(one.status is not Status.PASSED for one in verdicts):
            return Glance(Status.PASSED, f"{no_failures}{words.also_unproven(unproven)}")
        return Glance(
            Status.PASSED, f"All checks pass. {no_failures}" if since else "All checks pass."
        )
    first = failed[0]
    started = _started(first, incidents)
    shown = f" since {time_words(started, zone, now)}" if started else ""
    known = len({one.cause for one in failed})
    problems = plural(known, "problem")
    return Glance(
        Status.FAILED,
        f"{problems}{shown}: {first.cause_title or first.title}",
        tuple(
            (term, text)
            for term, text in (
                (words.RESPONSIBLE, FAULTS[blame_of(first.cause, first.who)]),
                (words.WHAT_TO_DO, first.fix),
                (words.WHERE, first.place),
            )
            if text
        ),
    )


def _unproven(verdicts: Sequence[Verdict]) -> int:
    return sum(one.status is Status.UNPROVEN for one in verdicts)


def _started(verdict: Verdict, incidents: Sequence[Incident]) -> datetime | None:
    mine = [one for one in incidents if verdict.id in one.checks and one.open]
    return min((one.episode_at for one in mine), default=None)


@dataclass(frozen=True, slots=True)
class Tile:
    """A group of checks at a glance; `word` says the status."""

    status: Status
    word: str
    figure: str
    since: datetime | None


def tile(
    verdicts: Sequence[Verdict],
    spans: Sequence[Sequence[VerdictSpan]],
    *,
    now: datetime,
    longest_gap: timedelta,
) -> Tile:
    """The status of a group and since when; `spans` are those of its checks."""
    status = worst(verdicts)
    judged = [
        one for one in verdicts if one.status in (Status.PASSED, Status.WARNING, Status.FAILED)
    ]
    good = [one for one in judged if one.status is not Status.FAILED]
    ids = {one.id for one in verdicts if one.status is status}
    starts = [
        found
        for one in spans
        if one and one[0].check_id in ids
        if (found := since_when(one, now, longest_gap)) is not None
    ]
    # Failing since the first of them failed; healthy since the last of them was.
    since = None
    if starts:
        since = min(starts) if status is Status.FAILED else max(starts)
    figure = (
        f"{len(good)} of {len(judged)} pass"
        if judged
        else words.nothing_judged(_unproven(verdicts))
    )
    doubtful = sum(one.status is Status.WARNING for one in judged)
    if doubtful:
        figure += f", {doubtful} with a warning"
    if judged and _unproven(verdicts):
        figure += f", {_unproven(verdicts)} not proved"
    if status is Status.PASSED and _unproven(verdicts):  # healthy is what all of it shows
        return Tile(Status.UNPROVEN, words.PARTLY_PROVED, figure, None)
    return Tile(status, words.TILE_WORDS[status], figure, since)


@dataclass(frozen=True, slots=True)
class Lines:
    """An incident in words."""

    title: str
    fault: str
    when: str
    state: str


def incident_lines(incident: Incident, *, zone: tzinfo, now: datetime, calm: timedelta) -> Lines:
    """What is said of an incident, whatever its verdict was."""
    cause_id = incident.cause.partition(":")[0]
    known = causes.cause(cause_id)
    times = "once" if incident.seen == 1 else f"{incident.seen} times"
    seen = f"Seen {times}, last {time_words(incident.seen_at, zone, now)}."
    if incident.episode > 1:
        seen += f" Recurred {plural(incident.episode - 1, 'time')}."
    return Lines(
        title=known.title,
        fault=FAULTS[blame_of(cause_id, known.who)],
        when=f"Since {time_words(incident.opened_at, zone, now)}. {seen}",
        state=_state(incident, zone, now, calm),
    )


def _state(incident: Incident, zone: tzinfo, now: datetime, calm: timedelta) -> str:
    if incident.resolved_at is not None:
        return f"Resolved {time_words(incident.resolved_at, zone, now)}."
    if incident.calm_at is None:
        return ""
    left = max(_MINUTE, incident.calm_at + calm - now)
    minutes = round(left / _MINUTE)
    return (
        f"Not seen since {time_words(incident.calm_at, zone, now)}. Resolved if it isn't seen for "
        f"{plural(minutes, 'more minute', 'more minutes')}."
    )


def severity_status(severity: IncidentSeverity) -> Status:
    """The status that looks as bad."""
    return Status.FAILED if severity is IncidentSeverity.FAILURE else Status.WARNING


def time_words(at: datetime, zone: tzinfo, now: datetime) -> str:
    """`2026-11-01 14:05 (3 hours ago)`."""
    return f"{when(at, zone)} ({ago(at, now)})"

"""Volume of the whole enterprise: far more than usual at this hour of the week, or nothing.

Counts of sliding hours, a quarter of an hour apart, are held against the same time of the weeks
before: a median and the median deviation from it, which odd weeks don't move. The clock change
of spring and autumn shifts everything by an hour, so the busiest of the three hours around counts.
What wasn't read is unknown, never zero; with too few known weeks there is no judgement.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median, median_low
from typing import Final

from lib.detections.detection import Detection, DetectionContext, DetectionScope, NotEnough
from lib.detections.finding import EVIDENCE_LIMIT, Confidence, Finding, Severity
from lib.store.times import aware_utc, naive_utc

QUARTER: Final = timedelta(minutes=15)
HOUR: Final = timedelta(hours=1)
WEEK: Final = timedelta(days=7)
_QUARTERS: Final = HOUR // QUARTER
_LONGEST_RUN: Final = timedelta(days=3)
_NORMAL: Final = 1.4826  # what makes a median deviation comparable with a standard deviation


@dataclass(frozen=True, slots=True)
class Volume:
    """When an hour is too full, held against up to `weeks` weeks before, at least `least`.

    More than `times` the median, `deviations` above it, and `floor` events above it. `without` are
    the busiest accounts of a quarter of an hour, left out: one account that does a lot is told of
    by other detections.
    """

    weeks: int = 8
    least: int = 4
    times: float = 1.6
    deviations: float = 6.0
    floor: int = 60
    without: int = 3


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing for at least `length`, where the weeks before let expect `expected` events."""

    length: timedelta = timedelta(hours=3)
    expected: float = 30.0
    weeks: int = 6
    least: int = 3


VOLUME: Final = Volume()
SILENCE: Final = Silence()
_COUNTS: Final = """
WITH parts AS (
    SELECT time_bucket(INTERVAL 15 MINUTE, occurred_at) AS quarter, actor_id, count(*) AS n
    FROM events WHERE profile = ? AND source = ? AND occurred_at >= ? AND occurred_at < ?
    GROUP BY ALL),
ranked AS (
    SELECT quarter, n, row_number() OVER (PARTITION BY quarter ORDER BY n DESC) AS place FROM parts)
SELECT quarter, coalesce(sum(n) FILTER (WHERE place > ?), 0)::BIGINT, sum(n)::BIGINT
FROM ranked GROUP BY quarter"""


def _floor(at: datetime) -> datetime:
    return at - (at - datetime(1970, 1, 1, tzinfo=UTC)) % QUARTER


def _counts(
    context: DetectionContext, start: datetime, without: int
) -> dict[datetime, tuple[int, int]]:
    """By quarter of an hour: events without those of the busiest accounts, and all."""
    scope = context.scope
    rows = context.query(
        _COUNTS, [scope.profile, scope.source, naive_utc(start), naive_utc(scope.until), without]
    )
    return {aware_utc(at): (int(rest), int(everything)) for at, rest, everything in rows}


# --- volume


def _volumes(context: DetectionContext) -> Iterator[Finding]:
    scope, rule = context.scope, VOLUME
    start = _floor(scope.since) - _LONGEST_RUN
    if not _weeks(scope, _floor(scope.until - HOUR), rule.weeks, rule.least):
        raise NotEnough(
            f"To judge an hour, at least {rule.least} of the previous {rule.weeks} weeks must be"
            " read; fewer were."
        )
    hours = _hours(_counts(context, start - rule.weeks * WEEK - 2 * HOUR, rule.without))
    run: list[tuple[datetime, int, float]] = []
    at = start
    while at + HOUR <= scope.until:
        judged = _too_full(scope, hours, at)
        if judged is not None:
            if run and at - run[-1][0] > HOUR:
                yield from _findings(context, run)
                run = []
            run.append((at, *judged))
        at += QUARTER
    if run:
        yield from _findings(context, run)


def _hours(counts: dict[datetime, tuple[int, int]]) -> dict[datetime, int]:
    """Events without those of the busiest accounts in the hour that begins with each quarter."""
    found: dict[datetime, int] = {}
    for at, (rest, _) in counts.items():
        for n in range(_QUARTERS):
            begin = at - n * QUARTER
            found[begin] = found.get(begin, 0) + rest
    return found


def _weeks(scope: DetectionScope, at: datetime, weeks: int, least: int) -> list[datetime]:
    """The same time of the weeks before, as far as it was read; empty when that is too few."""
    found = [
        at - n * WEEK
        for n in range(1, weeks + 1)
        if scope.knows(at - n * WEEK - HOUR, at - n * WEEK + 2 * HOUR)
    ]
    return found if len(found) >= least else []


def _too_full(
    scope: DetectionScope, hours: dict[datetime, int], at: datetime
) -> tuple[int, float] | None:
    """How many events an hour has and how many it may have, where it has too many."""
    rule = VOLUME
    n = hours.get(at, 0)
    weeks = _weeks(scope, at, rule.weeks, rule.least) if n > rule.floor else []
    if not weeks:
        return None
    allowed = 0.0
    for shift in (-HOUR, timedelta(), HOUR):
        usual = [hours.get(one + shift, 0) for one in weeks]
        middle = median_low(usual)  # of two in the middle the lower: half the weeks may be odd
        spread = _NORMAL * median_low(abs(one - middle) for one in usual)
        allowed = max(
            allowed,
            middle + rule.floor,
            middle * rule.times,
            middle + rule.deviations * spread,
        )
    return (n, allowed) if n > allowed else None


def _findings(
    context: DetectionContext, run: list[tuple[datetime, int, float]]
) -> Iterator[Finding]:
    """The finding of a run of hours that overlap; its evidence is what lies in its fullest hour."""
    scope = context.scope
    at, n, allowed = max(run, key=lambda one: (one[1] - one[2], one[0]))
    if run[-1][0] + HOUR <= scope.since:
        return
    rows = context.query(
        "SELECT event_id, occurred_at FROM events WHERE profile = ? AND source = ?"
        " AND occurred_at >= ? AND occurred_at < ? ORDER BY occurred_at, event_id",
        [scope.profile, scope.source, naive_utc(at), naive_utc(at + HOUR)],
    )
    far = n >= 2 * allowed
    yield Finding(
        detection="volume_anomaly",
        subject="",
        actor_id=None,
        since=aware_utc(rows[0][1]),
        until=aware_utc(rows[-1][1]),
        event_ids=tuple(str(one[0]) for one in rows[:EVIDENCE_LIMIT]),
        events=len(rows),
        severity=Severity.MEDIUM if far else Severity.LOW,
        confidence=Confidence.HIGH if far else Confidence.MEDIUM,
        why=f"{n:,} events within an hour, without those of the {VOLUME.without} busiest accounts;"
        f" the limit for this time of the week is {allowed:,.0f}.",
        facts={"events_of_many": n, "limit": round(allowed, 1), "hours": len(run)},
        began=run[0][0],
    )


VOLUME_ANOMALY: Final = Detection(
    id="volume_anomaly",
    title="Unusual volume",
    family="Rhythm",
    says="Many accounts together do far more than usual at this time of the week.",
    benign_causes=(
        "A new app or a backup that reads as many users",
        "A deadline or a company-wide announcement",
    ),
    next_step="Check which apps and event types the extra events have.",
    parameters=VOLUME,
    look_back=VOLUME.weeks * WEEK + _LONGEST_RUN + HOUR,
    find=_volumes,
)

# --- silence


def _gaps(context: DetectionContext) -> Iterator[Finding]:
    scope, rule = context.scope, SILENCE
    start = _floor(scope.since) - LONGEST_GAP
    counts = _counts(context, start - rule.weeks * WEEK - 2 * HOUR, 0)
    if not _weeks(scope, _floor(scope.until - HOUR), rule.weeks, rule.least):
        raise NotEnough(
            f"To judge a silence, at least {rule.least} of the previous {rule.weeks} weeks must be"
            " read; fewer were."
        )
    for begin, end in _silences(scope, counts, start):
        if end - begin < rule.length or end <= scope.since:
            continue
        expected = _expected(scope, counts, begin, end)
        if expected >= rule.expected:
            yield Finding(
                detection="stream_gap",
                subject="",
                actor_id=None,
                since=begin,
                until=end,
                event_ids=(),
                events=0,
                severity=Severity.MEDIUM,
                confidence=Confidence.HIGH if expected >= 3 * rule.expected else Confidence.MEDIUM,
                why=f"No events for {(end - begin) / HOUR:,.1f} hours, although the stream was"
                f" read. Expected at this time of the week: {expected:,.0f}.",
                facts={"expected": round(expected, 1)},
            )


LONGEST_GAP: Final = timedelta(days=10)


def _silences(
    scope: DetectionScope, counts: dict[datetime, tuple[int, int]], start: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """Stretches of whole quarters that were read and are empty."""
    begin: datetime | None = None
    at = start
    while at + QUARTER <= scope.until:
        if at not in counts and scope.knows(at, at + QUARTER):
            begin = begin or at
        elif begin is not None:
            yield begin, at
            begin = None
        at += QUARTER
    if begin is not None:
        yield begin, at


def _expected(
    scope: DetectionScope, counts: dict[datetime, tuple[int, int]], begin: datetime, end: datetime
) -> float:
    total, at = 0.0, begin
    while at < end:
        weeks = _weeks(scope, at, SILENCE.weeks, SILENCE.least)
        if weeks:
            total += median(counts.get(one, (0, 0))[1] for one in weeks)
        at += QUARTER
    return total


STREAM_GAP: Final = Detection(
    id="stream_gap",
    title="Gap in the stream",
    family="Rhythm",
    says="No events arrive for hours that always have some, although the stream was read.",
    benign_causes=("A company-wide holiday", "A Box outage: see status.box.com"),
    next_step="Read the history of that period again. If it stays empty, check the app's scopes and"
    " the page Health.",
    parameters=SILENCE,
    look_back=SILENCE.weeks * WEEK + LONGEST_GAP + timedelta(days=1),
    find=_gaps,
    attack=None,
)

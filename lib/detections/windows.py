"""The shared kit: counting in sliding windows, and episodes out of what is too much.

An event is hot when the window that ends with it holds more than it may: a fixed number, or a
multiple of the subject's own median day, whichever is more. What lies in the windows of hot events
is evidence; evidence without a long pause between is one episode. Everything looks back from the
event, never forward, so that later events can extend an episode but never move its beginning. Where
the shortest window is too full, the evidence of an episode is what lies in it: a day that is too
full because of one hour is told as that hour.

An episode that goes on for days is cut at the start of a week, if it has lasted three days by then:
what never ends is told once a week, and its beginning can be found without reading everything.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from lib.detections.detection import DetectionContext
from lib.detections.finding import EVIDENCE_LIMIT, Confidence, Finding, Severity
from lib.store.events import dialect
from lib.store.times import aware_utc, naive_utc

HISTORY: Final = timedelta(days=28)
"""How far back the subject's own median day is looked for."""
LONGEST: Final = timedelta(days=10)
"""A piece of an episode never lasts longer: a week and the three days before."""
_CUT_AFTER: Final = 3  # days
_PLACES: Final = 1_000_000_000  # more than an episode has events: the last of equals is taken


@dataclass(frozen=True, slots=True)
class Window:
    """Too much: at least `floor` within `length`, and `factor` times the own median day."""

    length: timedelta
    floor: int
    factor: float = 0.0


class Measure(StrEnum):
    """What a window is full of."""

    EVENTS = "count(*)"
    DIFFERENT = "count(DISTINCT value)"
    SUM = "sum(value)"


@dataclass(frozen=True, slots=True)
class Burst:
    """What is counted, for whom. SQL parts are our own texts, never anybody's data.

    `subject` and `where` are expressions over the columns of an event, or of another `relation`;
    `measure` says what is counted of `value`. `columns` names further expressions that `facts` may
    use: aggregates over the evidence, which must not depend on the order of rows. `windows` go from
    the shortest to the longest.
    """

    types: tuple[str, ...]
    subject: str
    windows: tuple[Window, ...]
    where: str = "true"
    value: str = "NULL"
    measure: Measure = Measure.EVENTS
    relation: str = "events"
    columns: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)
    parameters: tuple[Any, ...] = ()
    pause: timedelta = timedelta(hours=6)

    @property
    def quiet(self) -> timedelta:
        """The pause that ends an episode: what lies in one window belongs together."""
        return max(self.pause, *(window.length for window in self.windows))

    @property
    def look_back(self) -> timedelta:
        """How far before a period it must read to tell what was active in it."""
        longest = max(window.length for window in self.windows)
        history = HISTORY if any(window.factor for window in self.windows) else timedelta()
        return LONGEST + self.quiet + longest + history + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Episode:
    """A stretch of too much of one subject.

    `most` is the fullest window and `allowed` what it was held against, by place in `windows`;
    `usual` is the subject's median day (None without history), `days` the days it is made of.
    """

    subject: str
    actor_id: str | None
    began: datetime
    since: datetime
    until: datetime
    events: int
    event_ids: tuple[str, ...]
    most: tuple[int, ...]
    allowed: tuple[float, ...]
    usual: float | None
    days: int
    facts: Mapping[str, Any]

    def finding(
        self,
        detection: str,
        *,
        severity: Severity,
        confidence: Confidence,
        why: str,
        **instead: Any,
    ) -> Finding:
        """The finding of this stretch; `instead` are the fields in which it differs."""
        found = Finding(
            detection=detection,
            subject=self.subject,
            actor_id=self.actor_id,
            since=self.since,
            until=self.until,
            event_ids=self.event_ids,
            events=self.events,
            severity=severity,
            confidence=confidence,
            why=why,
            facts=dict(self.facts),
            began=self.began,
        )
        return replace(found, **instead)


def episodes(
    context: DetectionContext, burst: Burst, before: Sequence[Any] = ()
) -> Iterator[Episode]:
    """The episodes with evidence in the period, oldest first.

    `before` are the parameters of the burst's `relation`.
    """
    scope = context.scope
    parameters = [
        *before,
        scope.profile,
        scope.source,
        naive_utc(scope.since - burst.look_back),
        naive_utc(scope.until),
        *burst.parameters,
        naive_utc(scope.since),
    ]
    count = len(burst.windows)
    for row in context.query(statement(burst), parameters):
        subject, actor, began, since, until, events, ids, usual, days, *rest = row
        yield Episode(
            subject=str(subject),
            actor_id=actor,
            began=aware_utc(began),
            since=aware_utc(since),
            until=aware_utc(until),
            events=int(events),
            event_ids=tuple(ids),
            most=tuple(int(one) for one in rest[:count]),
            allowed=tuple(float(one) for one in rest[count : 2 * count]),
            usual=None if usual is None else float(usual),
            days=int(days or 0),
            facts=dict(zip(burst.facts, rest[2 * count :], strict=True)),
        )


def statement(burst: Burst) -> str:
    """The query for a burst: one pass over its types, bounded by time."""
    windows = list(enumerate(burst.windows))
    most = ", ".join(f"max(n{i})" for i, _ in windows)
    allowed = ", ".join(
        f"arg_max(allowed{i}, n{i} * {_PLACES} + place) AS held{i}" for i, _ in windows
    )
    facts = "".join(f", {sql} AS fact_{name}" for name, sql in burst.facts.items())
    # S608: every part is a text of ours; values are parameters
    return f"""
WITH {_picked(burst)},
{_judged(burst)},
{_evidence(burst)},
{_pieces(burst)},
{_sharpest(burst)}
SELECT subject, arg_min(actor_id, place), piece, min(moment), max(moment), count(*),
    list(event_id ORDER BY place) FILTER (WHERE place <= {EVIDENCE_LIMIT}),
    arg_max(usual, moment), arg_max(days, moment), {most}, {allowed}{facts}
FROM placed GROUP BY subject, piece HAVING max(moment) >= ? ORDER BY min(moment), subject"""  # noqa: S608


_OVER: Final = "OVER (PARTITION BY subject ORDER BY moment RANGE BETWEEN"


def _picked(burst: Burst) -> str:
    """The events of the types, of subjects that have enough of them for any window."""
    columns = "".join(f", {sql} AS {name}" for name, sql in burst.columns.items())
    least = min(window.floor for window in burst.windows)
    return f"""picked AS (
    SELECT event_id, occurred_at AS moment, event_type, actor_id,
        {burst.subject} AS subject, {burst.value} AS value{columns}
    FROM {burst.relation}
    WHERE profile = ? AND source = ? AND occurred_at >= ? AND occurred_at < ?
        AND event_type IN ({dialect.texts(burst.types)}) AND ({burst.where})),
enough AS (
    SELECT * FROM picked WHERE subject IN (
        SELECT subject FROM picked WHERE subject IS NOT NULL
        GROUP BY subject HAVING {burst.measure} >= {least}))"""  # noqa: S608  # our own texts


def _judged(burst: Burst) -> str:
    """What the windows that end with each event hold, and may hold beside the usual day."""
    windows, counted = list(enumerate(burst.windows)), str(burst.measure)
    counts = ", ".join(
        f"{counted} {_OVER} {_interval(w.length)} PRECEDING AND CURRENT ROW) AS n{i}"
        for i, w in windows
    )
    allowed = ", ".join(
        f"greatest({w.floor}, {w.factor} * coalesce(u.usual, 0)) AS allowed{i}" for i, w in windows
    )
    return f"""counted AS (SELECT *, {counts} FROM enough),
a_day AS (
    SELECT subject, date_trunc('day', moment) AS day, {counted} AS n FROM enough GROUP BY ALL),
usually AS (
    SELECT subject, day, median(n) OVER earlier AS usual, count(*) OVER earlier AS days FROM a_day
    WINDOW earlier AS (PARTITION BY subject ORDER BY day
        RANGE BETWEEN INTERVAL {HISTORY.days} DAY PRECEDING AND INTERVAL 1 DAY PRECEDING)),
judged AS (
    SELECT c.*, u.usual, u.days, {allowed} FROM counted c
    JOIN usually u ON u.subject = c.subject AND u.day = date_trunc('day', c.moment))"""  # noqa: S608


def _evidence(burst: Burst) -> str:
    """The events that lie in a window that holds too much."""
    windows = list(enumerate(burst.windows))
    hot = ", ".join(
        f"min(CASE WHEN n{i} >= allowed{i} THEN moment END) {_OVER} CURRENT ROW AND"
        f" {_interval(w.length)} FOLLOWING) AS hot{i}"
        for i, w in windows
    )
    heated = " OR ".join(f"hot{i} IS NOT NULL" for i, _ in windows)
    return f"""heated AS (SELECT *, {hot} FROM judged),
evidence AS (SELECT * FROM heated WHERE {heated})"""  # noqa: S608  # our own texts


def _pieces(burst: Burst) -> str:
    """The evidence by episode, and by week where an episode goes on for days."""
    return f"""paused AS (
    SELECT *, moment - lag(moment) OVER (PARTITION BY subject ORDER BY moment, event_id) AS pause
    FROM evidence),
numbered AS (
    SELECT *, count(*) FILTER (WHERE pause IS NULL OR pause > {_interval(burst.quiet)})
        OVER (PARTITION BY subject ORDER BY moment, event_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS island
    FROM paused),
dated AS (
    SELECT *, min(moment) OVER (PARTITION BY subject, island) AS begun,
        date_trunc('week', moment) AS week
    FROM numbered),
pieces AS (
    SELECT *, CASE WHEN begun >= week - INTERVAL {_CUT_AFTER} DAY THEN begun ELSE week END AS piece
    FROM dated)"""  # noqa: S608  # our own texts


def _sharpest(burst: Burst) -> str:
    """What is left of each piece: what lies in the shortest window that was too full."""
    ranks = " ".join(f"WHEN hot{i} IS NOT NULL THEN {i}" for i, _ in enumerate(burst.windows))
    return f"""ranked AS (SELECT *, CASE {ranks} END AS rank FROM pieces),
sharpest AS (
    SELECT * FROM (SELECT *, min(rank) OVER (PARTITION BY subject, piece) AS best FROM ranked)
    WHERE rank = best),
placed AS (
    SELECT *, row_number() OVER (PARTITION BY subject, piece ORDER BY moment, event_id) AS place
    FROM sharpest)"""  # noqa: S608  # our own texts


def _interval(length: timedelta) -> str:
    return f"INTERVAL {int(length.total_seconds())} SECOND"

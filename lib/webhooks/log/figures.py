"""Figures about deliveries: counts over time, latency, duplicates, gaps.

Counts are exact. They are of webhooks alone and never added to what a stream counts. Rejected ones
are counted by the minute in the ledger, accepted ones one by one in the event store.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

import pandas as pd

from lib.activity.model.zones import Bucket, BucketSize, auto_size, buckets, zone
from lib.activity.queries.value_search import Match, Matches
from lib.store import Stores
from lib.store.events import dialect
from lib.store.ledger.deliveries import RejectCount
from lib.store.times import naive_utc
from lib.webhooks.log.delivery_filter import COLUMNS, Choice
from lib.webhooks.receive.refusals import REFUSAL_TEXTS, Refusal

MINUTES_UP_TO: Final = timedelta(hours=3)
_MINUTE: Final = timedelta(minutes=1)
# Bars begin at whole quarters of an hour UTC in every zone.
_PART_MINUTES: Final = 15
_HOUR_MINUTES: Final = 60
_DAY_MINUTES: Final = 1440
_NAMES: Final = {"item": ("item_name",), "actor": ("actor_name", "actor_login")}
NO_TRIGGER: Final = ""
"""The series of what has no trigger, by trigger: Kloudless's notices and whatever was refused."""


class By(StrEnum):
    """What a bar is divided by."""

    TRIGGER = "trigger"
    VERDICT = "verdict"
    KIND = "kind"


@dataclass(frozen=True, slots=True)
class Counts:
    """Deliveries by time and series.

    `frame`: bucket (time in the zone), series, deliveries; only what there is. `bars` are all bars
    of the period. `order` lists the series, most first.
    """

    frame: pd.DataFrame
    bars: tuple[Bucket, ...]
    order: tuple[str, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Totals:
    """How many requests came, and what became of them."""

    accepted: int
    repeated: int
    refused: dict[str, int]
    newest: datetime | None

    @property
    def kept(self) -> int:
        """How many deliveries are held."""
        return self.accepted + self.repeated


class DeliveryStage(StrEnum):
    """A stretch of a delivery's way."""

    SENT_TO_RECEIVED = "sent_to_received"
    RECEIVED_TO_STORED = "received_to_stored"


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds that a stage took, over `deliveries` of them; None where there were none."""

    stage: DeliveryStage
    deliveries: int
    p50: float | None
    p95: float | None
    p99: float | None
    most: float | None


@dataclass(frozen=True, slots=True)
class Gap:
    """A time without a delivery, between two that came (UTC)."""

    start: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        """How long it was."""
        return self.end - self.start


def counts(
    stores: Stores,
    choice: Choice,
    *,
    by: By = By.TRIGGER,
    size: BucketSize | None = None,
    timezone: str = "UTC",
) -> Counts:
    """Deliveries by time; by the minute up to three hours unless a size is given."""
    bars = _bars(choice, size, timezone)
    found: Counter[tuple[datetime, str]] = Counter()
    if choice.wants_accepted and bars:
        where = choice.condition()
        part = dialect.part(_part_minutes(bars), "received_at")
        rows = stores.events.rows(
            f"SELECT {part} AS part, coalesce({by}, '') AS series,"  # noqa: S608
            f" count(*) FROM deliveries WHERE {where.sql} GROUP BY ALL",
            where.parameters,
        )
        for at, series, n in rows:
            found[_bar(bars, at.replace(tzinfo=UTC)), str(series)] += int(n)
    if choice.wants_refused and bars:
        for at, series, n in _refused(stores, choice, by, _part_minutes(bars)):
            found[_bar(bars, at), series] += n
    return _counts(found, tuple(bars), timezone)


def totals(stores: Stores, choice: Choice) -> Totals:
    """What came in a period. Refused ones of the period's whole minutes."""
    where = choice.condition()
    accepted, repeated, newest = stores.events.rows(
        "SELECT count(*) FILTER (attempt = 1), count(*) FILTER (attempt > 1),"  # noqa: S608
        f" max(received_at) FROM deliveries WHERE {where.sql}",
        where.parameters,
    )[0]
    refused: Counter[str] = Counter()
    if choice.wants_refused:
        for _, reason, n in _refused(stores, choice, By.VERDICT, None):
            refused[reason] += n
    return Totals(
        int(accepted),
        int(repeated),
        dict(refused.most_common()),
        None if newest is None else newest.replace(tzinfo=UTC),
    )


def bodies(stores: Stores, choice: Choice) -> int:
    """How many different bodies came. Costs more than counting: it compares all ids."""
    where = choice.condition()
    sql = f"SELECT count(DISTINCT body_id) FROM deliveries WHERE {where.sql}"  # noqa: S608
    return int(stores.events.rows(sql, where.parameters)[0][0])


def latency(
    stores: Stores, choice: Choice, stages: Sequence[DeliveryStage] = tuple(DeliveryStage)
) -> tuple[Latency, ...]:
    """How long each stage took. Between two clocks it can be below zero."""
    where = choice.condition()
    found = []
    for stage in stages:
        start = _start(stage)
        row = stores.events.rows(
            f"SELECT count({start}), {_quantiles(stage)}, max({_seconds(stage)})"  # noqa: S608
            f" FROM deliveries WHERE {where.sql} AND {start} IS NOT NULL",
            where.parameters,
        )[0]
        found.append(_latency(stage, *row))
    return tuple(found)


def half_within(stores: Stores, choice: Choice, stage: DeliveryStage) -> float | None:
    """The seconds within which a stage was done for half of the deliveries; None for none."""
    where = choice.condition()
    rows = stores.events.rows(
        f"SELECT quantile_cont({_seconds(stage)}, 0.5) FROM deliveries"  # noqa: S608
        f" WHERE {where.sql} AND {_start(stage)} IS NOT NULL",
        where.parameters,
    )
    return None if rows[0][0] is None else float(rows[0][0])


def latency_over_time(
    stores: Stores,
    choice: Choice,
    stage: DeliveryStage,
    *,
    size: BucketSize | None = None,
    timezone: str = "UTC",
) -> pd.DataFrame:
    """A stage's percentiles by time: bucket (in the zone), deliveries, p50, p95, p99 (seconds)."""
    bars = _bars(choice, size, timezone)
    where = choice.condition()
    rows = stores.events.rows(
        "WITH bars AS (SELECT unnest(?::TIMESTAMP[]) AS bar)"  # noqa: S608  # our own names
        f" SELECT bar, count(*), {_quantiles(stage)} FROM deliveries ASOF JOIN bars"
        f" ON received_at >= bar WHERE {where.sql} AND {_start(stage)} IS NOT NULL"
        " GROUP BY bar ORDER BY bar",
        [[naive_utc(bar.start) for bar in bars], *where.parameters],
    )
    frame = pd.DataFrame(
        [(bar, n, *quantiles) for bar, n, quantiles in rows],
        columns=["bucket", "deliveries", "p50", "p95", "p99"],
    )
    frame["bucket"] = pd.to_datetime(frame["bucket"], utc=True).dt.tz_convert(zone(timezone))
    return frame


def most_repeated(stores: Stores, choice: Choice, *, limit: int = 10) -> list[tuple[str, int]]:
    """The bodies that came most often, and how often; only those that came again."""
    where = choice.condition()
    rows = stores.events.rows(
        f"SELECT body_id, max(attempt) AS n FROM deliveries WHERE {where.sql} AND attempt > 1"  # noqa: S608
        " GROUP BY body_id ORDER BY n DESC, body_id LIMIT ?",
        [*where.parameters, limit],
    )
    return [(str(body), int(n)) for body, n in rows]


def by_attempt(stores: Stores, choice: Choice) -> dict[int, int]:
    """How many deliveries were a first, second, … attempt."""
    where = choice.condition()
    rows = stores.events.rows(
        f"SELECT attempt, count(*) FROM deliveries WHERE {where.sql} GROUP BY ALL ORDER BY ALL",  # noqa: S608
        where.parameters,
    )
    return {int(attempt): int(n) for attempt, n in rows}


def gaps(
    stores: Stores, choice: Choice, *, at_least: timedelta = timedelta(hours=1), limit: int = 20
) -> list[Gap]:
    """The longest times between two deliveries, longest first; `at_least` from a minute on."""
    where = choice.condition()
    # the gaps inside a part are shorter than the part
    minutes = max(1, min(_PART_MINUTES, int(at_least / _MINUTE)))
    rows = stores.events.rows(
        "WITH parts AS (SELECT min(received_at) AS low, max(received_at) AS high FROM deliveries"  # noqa: S608
        f" WHERE {where.sql} GROUP BY {dialect.part(minutes, 'received_at')})"
        " SELECT before, low FROM (SELECT low, lag(high) OVER (ORDER BY low) AS before FROM parts)"
        " WHERE low - before >= ? ORDER BY low - before DESC, low DESC LIMIT ?",
        [*where.parameters, at_least, limit],
    )
    return [Gap(low.replace(tzinfo=UTC), high.replace(tzinfo=UTC)) for low, high in rows]


def values(
    stores: Stores, choice: Choice, field: str, *, limit: int = 200
) -> list[tuple[str, str | None, int]]:
    """The values of a field of `choice.COLUMNS` in a choice: value, newest name, deliveries."""
    where = choice.condition()
    column = COLUMNS[field]
    rows = stores.events.rows(
        f"SELECT {column}, {_label(field)}, count(*) AS n FROM deliveries WHERE {where.sql}"  # noqa: S608
        f" AND {column} IS NOT NULL GROUP BY {column} ORDER BY n DESC, {column} LIMIT ?",
        [*where.parameters, limit],
    )
    return [(str(value), label, int(n)) for value, label, n in rows]


def find(stores: Stores, profile: str, field: str, text: str, *, limit: int = 50) -> Matches:
    """The values of a field that a typed text means, among all deliveries that are kept."""
    text = " ".join(text.split())
    if not text:
        return Matches(text)
    column = COLUMNS[field]
    names = (column, *_NAMES.get(field, ()))
    word = f"contains({dialect.plain('{}')}, {dialect.plain('?')})"
    fits = " OR ".join(
        "(" + " AND ".join([word.format(name)] * len(text.split())) + ")" for name in names
    )
    exact = " OR ".join(f"{dialect.plain(name)} = {dialect.plain('?')}" for name in names)
    rows = stores.events.rows(
        f"SELECT {column}, {_label(field)}, count(*) AS n, count(*) OVER ()"  # noqa: S608
        f" FROM deliveries WHERE profile = ? AND {column} IS NOT NULL AND ({fits})"
        f" GROUP BY {column} ORDER BY bool_or({exact}) DESC, n DESC, {column} LIMIT ?",
        [profile, *text.split() * len(names), *[text] * len(names), limit],
    )
    found = tuple(Match(str(value), label or str(value), None, n) for value, label, n, _ in rows)
    return Matches(text, found, int(rows[0][3]) if rows else 0)


def known(stores: Stores, profile: str, field: str, requested: Sequence[str]) -> dict[str, str]:
    """What values are called by any delivery that is kept; those without a name are absent."""
    if field not in _NAMES or not requested:
        return {}
    column = COLUMNS[field]
    rows = stores.events.rows(
        f"SELECT {column}, {_label(field)} FROM deliveries"  # noqa: S608  # our own names
        f" WHERE profile = ? AND {dialect.one_of(column)} GROUP BY {column}",
        [profile, list(requested)],
    )
    return {str(value): label for value, label in rows if label}


def _label(field: str) -> str:
    """The newest name of a value."""
    names = _NAMES.get(field)
    return f"arg_max(coalesce({', '.join(names)}), received_at)" if names else "NULL"


def _bars(choice: Choice, size: BucketSize | None, timezone: str) -> list[Bucket]:
    length = choice.until - choice.since
    if size is None and length <= MINUTES_UP_TO:
        start = choice.since.astimezone(UTC).replace(second=0, microsecond=0)
        number = -((start - choice.until) // _MINUTE)
        return [Bucket(start + n * _MINUTE, start + (n + 1) * _MINUTE) for n in range(number)]
    width = size or auto_size(choice.since, choice.until)
    return buckets(timezone, choice.since, choice.until, width)


def _part_minutes(bars: Sequence[Bucket]) -> int:
    """The widest part of which bars are made: fewer rows come back from a longer period.

    Bars of a zone begin at whole days or hours of UTC, or at quarters of an hour.
    """
    if bars[0].end - bars[0].start == _MINUTE:
        return 1
    starts = [bar.start.astimezone(UTC) for bar in bars[1:]]  # what is before them is in the first
    if any(start.minute or start.second for start in starts):
        return _PART_MINUTES
    return _HOUR_MINUTES if any(start.hour for start in starts) else _DAY_MINUTES


def _bar(bars: Sequence[Bucket], at: datetime) -> datetime:
    """The start of the bar that a time is in; what a part begins before them is in the first."""
    place = bisect_right(bars, at, key=lambda bar: bar.start) - 1
    return bars[max(0, place)].start


def _refused(
    stores: Stores, choice: Choice, by: By, minutes: int | None
) -> list[tuple[datetime, str, int]]:
    """Refused ones of a choice, by part of time and series; none for a choice of sizes."""
    if choice.sizes != (None, None):
        return []  # their sizes aren't counted
    reasons = {
        reason
        for reason in choice.reasons
        if not choice.answers or REFUSAL_TEXTS[Refusal(reason)].status in choice.answers
    }
    found = stores.ledger.deliveries.reject_counts(
        choice.profile,
        choice.since.replace(second=0, microsecond=0),
        choice.until,
        minutes=minutes,
    )
    return [
        (one.minute, _series(one, by), one.times)
        for one in found
        if one.reason in reasons and (not choice.kinds or one.kind in choice.kinds)
    ]


def _series(one: RejectCount, by: By) -> str:
    if by is By.TRIGGER:
        return NO_TRIGGER
    return one.reason if by is By.VERDICT else one.kind


def _counts(
    found: Counter[tuple[datetime, str]], bars: tuple[Bucket, ...], timezone: str
) -> Counts:
    by_series: Counter[str] = Counter()
    for (_, series), n in found.items():
        by_series[series] += n
    rows = sorted((at, series, n) for (at, series), n in found.items())
    frame = pd.DataFrame(rows, columns=["bucket", "series", "deliveries"])
    frame["bucket"] = pd.to_datetime(frame["bucket"], utc=True).dt.tz_convert(zone(timezone))
    order = tuple(sorted(by_series, key=lambda name: (-by_series[name], name)))
    return Counts(frame, bars, order, by_series.total())


def _start(stage: DeliveryStage) -> str:
    return str(stage).split("_to_", 1)[0] + "_at"


def _seconds(stage: DeliveryStage) -> str:
    start, end = str(stage).split("_to_")
    return f"(epoch_us({end}_at) - epoch_us({start}_at)) / 1e6"


def _quantiles(stage: DeliveryStage) -> str:
    return f"quantile_cont({_seconds(stage)}, [0.5, 0.95, 0.99])"


def _latency(stage: DeliveryStage, n: int, quantiles: Any, most: float | None) -> Latency:
    p50, p95, p99 = quantiles or (None, None, None)
    return Latency(stage, int(n), p50, p95, p99, most)

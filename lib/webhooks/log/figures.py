"""Figures about deliveries: counts over time, totals, duplicates, gaps.

Counts are exact. They are of webhooks alone and never added to what a stream counts. Rejected ones
are counted by the minute in the ledger, accepted ones one by one in the event store.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

import pandas as pd

from lib.activity.ingest.delivery_events import ACCEPTED, OWN, REPEATED
from lib.activity.model.zones import Bucket, BucketSize, zone
from lib.store import Stores
from lib.store.events import dialect
from lib.store.ledger.deliveries import RejectCount
from lib.webhooks.log.delivery_bars import MINUTE, PART_MINUTES, bar_at, bars_of, part_minutes
from lib.webhooks.log.delivery_filter import Choice
from lib.webhooks.receive.refusals import REFUSAL_TEXTS, Refusal

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
    """How many requests came, and what became of them; `own` are this app's, in no other figure."""

    accepted: int
    repeated: int
    refused: dict[str, int]
    newest: datetime | None
    own: int = 0

    @property
    def kept(self) -> int:
        """How many deliveries are held."""
        return self.accepted + self.repeated


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
    bars = bars_of(choice, size, timezone)
    found: Counter[tuple[datetime, str]] = Counter()
    if choice.wants_accepted and bars:
        where = choice.condition(own=by is By.VERDICT)
        part = dialect.part(part_minutes(bars), "received_at")
        rows = stores.events.rows(
            f"SELECT {part} AS part, coalesce({by}, '') AS series,"  # noqa: S608
            f" count(*) FROM deliveries WHERE {where.sql} GROUP BY ALL",
            where.parameters,
        )
        for at, series, n in rows:
            found[bar_at(bars, at.replace(tzinfo=UTC)), str(series)] += int(n)
    if choice.wants_refused and bars:
        for at, series, n in _refused(stores, choice, by, part_minutes(bars)):
            found[bar_at(bars, at), series] += n
    return _counts(found, tuple(bars), timezone)


def totals(stores: Stores, choice: Choice) -> Totals:
    """What came in a period. Refused ones of the period's whole minutes."""
    where = choice.condition(own=True)
    accepted, repeated, newest, own = stores.events.rows(
        "SELECT count(*) FILTER (verdict = ?), count(*) FILTER (verdict = ?),"  # noqa: S608
        " max(received_at) FILTER (verdict <> ?), count(*) FILTER (verdict = ?)"
        f" FROM deliveries WHERE {where.sql}",
        [ACCEPTED, REPEATED, OWN, OWN, *where.parameters],
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
        int(own),
    )


def bodies(stores: Stores, choice: Choice) -> int:
    """How many different bodies came. Costs more than counting: it compares all ids."""
    where = choice.condition()
    sql = f"SELECT count(DISTINCT body_id) FROM deliveries WHERE {where.sql}"  # noqa: S608
    return int(stores.events.rows(sql, where.parameters)[0][0])


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
    minutes = max(1, min(PART_MINUTES, int(at_least / MINUTE)))
    rows = stores.events.rows(
        "WITH parts AS (SELECT min(received_at) AS low, max(received_at) AS high FROM deliveries"  # noqa: S608
        f" WHERE {where.sql} GROUP BY {dialect.part(minutes, 'received_at')})"
        " SELECT before, low FROM (SELECT low, lag(high) OVER (ORDER BY low) AS before FROM parts)"
        " WHERE low - before >= ? ORDER BY low - before DESC, low DESC LIMIT ?",
        [*where.parameters, at_least, limit],
    )
    return [Gap(low.replace(tzinfo=UTC), high.replace(tzinfo=UTC)) for low, high in rows]


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

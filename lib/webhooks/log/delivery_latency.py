"""How long deliveries took: percentiles of each stage, in all and over time."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import pandas as pd

from lib.activity.model.zones import BucketSize, zone
from lib.store import Stores
from lib.store.times import naive_utc
from lib.webhooks.log.delivery_bars import bars_of
from lib.webhooks.log.delivery_filter import Choice


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
    bars = bars_of(choice, size, timezone)
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

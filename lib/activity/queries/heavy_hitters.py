"""Which few of very many keys can be among the heaviest, without counting every key.

Keys are spread evenly over buckets, and a bucket weighs at least as much as any key in it. Adding
up sixteen thousand buckets takes a third of the time that adding up some hundred thousand keys
does; then only the keys in the heaviest buckets are counted. Whether that was enough is known
afterwards: no key that was left out weighs more than the heaviest bucket that was.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from lib.activity.queries.group_counts import Rows
from lib.store.events import dialect
from lib.store.events.events import EventStore

MOST: Final = 50
"""Longer lists count every key."""
BITS: Final = 14
EACH: Final = 8
"""Buckets that are looked into for each place of a list."""


@dataclass(frozen=True, slots=True)
class Weight:
    """A list of the heaviest: the sum that orders it, with its parameters, and its length."""

    sql: str
    parameters: tuple[Any, ...]
    limit: int


@dataclass(frozen=True, slots=True)
class HeavyHitters:
    """The rows of the heaviest buckets of each weight.

    `total` is the first weight of all rows, those of unknown keys too. `bounds` has for each weight
    the length of its list, and what a key that was left out weighs at most.
    """

    rows: Rows
    total: int
    bounds: tuple[tuple[int, int], ...]

    def enough(self, *lists: Sequence[int]) -> bool:
        """Whether the lists, as their weights from the heaviest on, are those of all rows."""
        return all(
            beyond == 0 or (len(found) == limit and found[-1] > beyond)
            for found, (limit, beyond) in zip(lists, self.bounds, strict=True)
        )


def heavy_hitters(events: EventStore, rows: Rows, weights: Sequence[Weight]) -> HeavyHitters | None:
    """The rows to count for lists of the heaviest keys; None where all have to be counted."""
    if not rows.keyed or any(weight.limit > MOST for weight in weights):
        return None
    bucket = dialect.bucket(rows.part, BITS)
    sums = ", ".join(f"{weight.sql} AS w{n}" for n, weight in enumerate(weights))
    looked_into = [weight.limit * EACH for weight in weights]
    lists = " UNION ALL ".join(
        f"(SELECT {n}, bucket, w{n}, (SELECT sum(w0) FROM buckets) FROM buckets"  # noqa: S608  # our own names
        f" WHERE bucket IS NOT NULL AND w{n} > 0 ORDER BY w{n} DESC LIMIT {most + 1})"
        for n, most in enumerate(looked_into)
    )
    found = events.rows(
        f"WITH buckets AS MATERIALIZED (SELECT {bucket} AS bucket, {sums} FROM {rows.sql}"  # noqa: S608
        f" GROUP BY bucket) {lists}",
        [*(value for weight in weights for value in weight.parameters), *rows.parameters],
    )
    chosen: set[int] = set()
    bounds = []
    for n, (weight, most) in enumerate(zip(weights, looked_into, strict=True)):
        of_weight = sorted(
            ((int(w), int(bucket)) for which, bucket, w, _ in found if which == n), reverse=True
        )
        chosen |= {bucket for _, bucket in of_weight[:most]}
        bounds.append((weight.limit, of_weight[most][0] if len(of_weight) > most else 0))
    within = replace(
        rows,
        sql=f"(SELECT * FROM {rows.sql} WHERE {dialect.one_of_keys(bucket)})",  # noqa: S608
        parameters=(*rows.parameters, sorted(chosen)),
    )
    return HeavyHitters(within, int(found[0][3]) if found else 0, tuple(bounds))

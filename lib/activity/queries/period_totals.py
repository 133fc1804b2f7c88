"""Totals of a period beside those of the period before, where both were read."""

from dataclasses import dataclass, replace
from datetime import datetime

from lib.activity.model.coverage import Comparison, Coverage, Extent, comparison_allowed
from lib.activity.queries import group_counts
from lib.activity.queries.chosen_coverage import coverage_for
from lib.activity.queries.filters import Filters, condition
from lib.activity.queries.source_of_record import chosen
from lib.store.events import dialect
from lib.store.events.events import EventStore
from lib.store.spans import Span


@dataclass(frozen=True, slots=True)
class Counted:
    """How many events, and how many different actors and items."""

    events: int
    actors: int
    items: int


@dataclass(frozen=True, slots=True)
class CountedRange:
    """Between how many actions a choice has, where accounts may tell the same ones.

    `low` events are counted, those of `accounts`; all accounts together have `high`.
    """

    low: int
    high: int
    accounts: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """Which accounts are counted, and between how many actions there are."""
        named = ", ".join(f"account {one}" for one in self.accounts) or "no account"
        return (
            f"Kloudless told of between {self.low:,} and {self.high:,} actions: several accounts"
            f" may tell the same ones, so only {named} is counted here."
        )


@dataclass(frozen=True, slots=True)
class Totals:
    """Totals of a period. `hidden` counts the events of hidden actor kinds.

    `previous` counts the period of the same length right before; it is None where it must not be
    compared, `comparison.reason` says why. Where the running period isn't read to its end,
    `compared` and `previous` stop at the same distance, so that like is compared with like.
    """

    current: Counted
    hidden: int
    previous: Counted | None
    compared: Counted | None
    comparison: Comparison
    coverage: Coverage
    source: str
    between: CountedRange | None = None


@dataclass(frozen=True, slots=True)
class Periods:
    """The running period as far as it may be compared, and the one before it."""

    period: Span
    previous: Span
    comparison: Comparison


def periods(known: Coverage, filters: Filters, now: datetime) -> Periods:
    """What is compared with what: where reading stands short of the end, both stop there."""
    length = filters.until - filters.since
    end = min(filters.until, now)
    if known.extent(filters.since, end) is Extent.SETTLING and known.complete_to is not None:
        end = known.complete_to
    period = Span(filters.since, end)
    previous = Span(filters.since - length, end - length)
    return Periods(period, previous, comparison_allowed(known, period, previous))


def totals(events: EventStore, filters: Filters, *, now: datetime) -> Totals:
    """Events, actors and items of a period, with the previous period where both are covered."""
    filters, source = chosen(events, filters)
    known = coverage_for(events, filters, source, now)
    current, hidden = _counted(events, filters, source), hidden_count(events, filters)
    between = counted_range(events, filters)
    both = periods(known, filters, now)
    period, previous, comparison = both.period, both.previous, both.comparison
    if not comparison.allowed:
        return Totals(current, hidden, None, None, comparison, known, source, between)
    before = _counted(events, filters.between(previous.start, previous.end), source)
    alike = (
        current
        if period.end == filters.until
        else _counted(events, filters.between(period.start, period.end), source)
    )
    return Totals(current, hidden, before, alike, comparison, known, source, between)


def counted_range(events: EventStore, filters: Filters) -> CountedRange | None:
    """How many actions there are at least and at most; None where that is known."""
    filters, source = chosen(events, filters)
    if all(one.certain for one in filters.uncounted):
        return None
    certain = tuple(one for one in filters.uncounted if one.certain)
    low, high = (condition(one, source) for one in (filters, replace(filters, uncounted=certain)))
    found = events.rows(
        f"SELECT account_id, count(*) FROM events WHERE {low.sql} GROUP BY ALL ORDER BY ALL",  # noqa: S608
        low.parameters,
    )
    [(most,)] = events.rows(f"SELECT count(*) FROM events WHERE {high.sql}", high.parameters)  # noqa: S608
    least = sum(int(n) for _, n in found)
    if least == most:
        return None
    return CountedRange(least, int(most), tuple(str(name) for name, _ in found if name))


def _counted(events: EventStore, filters: Filters, source: str) -> Counted:
    rows = group_counts.over_time(filters, source)
    actors = group_counts.by_value(filters, source, "actor")
    items = group_counts.by_value(filters, source, "item")

    # groups that are then counted: a quarter less time than count(DISTINCT …)
    def different(rows: group_counts.Rows) -> str:
        return (
            f"(SELECT count(*) FROM (SELECT 1 FROM {rows.sql}"  # noqa: S608  # our own names
            f" WHERE {rows.part} IS NOT NULL GROUP BY {rows.part}))"
        )

    row = events.rows(
        f"SELECT (SELECT sum(times) FROM {rows.sql}),"  # noqa: S608  # our own names
        f" {different(actors)}, {different(items)}",
        [*rows.parameters, *actors.parameters, *items.parameters],
    )[0]
    return Counted(*(int(n or 0) for n in row))


def hidden_count(events: EventStore, filters: Filters) -> int:
    """How many events of a choice are hidden because of who acted."""
    if not filters.hide:
        return 0
    filters, source = chosen(events, filters)
    rows = group_counts.over_time(filters, source, hide=False)
    row = events.rows(
        f"SELECT sum(times) FROM {rows.sql} WHERE {dialect.one_of('actor_kind')}",  # noqa: S608
        [*rows.parameters, sorted(filters.hide)],
    )[0]
    return int(row[0] or 0)

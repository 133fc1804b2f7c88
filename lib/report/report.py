"""A report of a period: what happened, what stands out, and how much of it is known.

`build` asks the questions of the Activity page once and keeps the answers as plain values, so that
every form of the report (`html`, `pdf`) shows the same figures. A report counts one
source, says which, and says what of the period wasn't read.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from statistics import median
from typing import Final

from lib.activity.ingest.derived_ids import is_derived
from lib.activity.model.coverage import Coverage, Extent
from lib.activity.model.source import Source
from lib.activity.model.zones import BucketSize, zone
from lib.activity.queries import changes, period_totals, summaries, time_series
from lib.activity.queries.filters import Filters
from lib.activity.queries.period_totals import Totals
from lib.activity.queries.time_series import OTHER_SERIES, Series
from lib.store.events.events import EventStore

TOP: Final = 12
SERIES: Final = 7
DEFAULT: Final = timedelta(days=30)
WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_RANKINGS: Final = (
    ("actor", "Most active people"),
    ("type", "Event types"),
    ("item", "Most used items"),
    ("ip", "IP addresses"),
    ("service", "Apps"),
    ("target", "Target people and groups"),
)
NOT_KNOWN: Final = "not known"
_NIGHT: Final = (*range(6), 22, 23)
_WEEKEND: Final = (6, 7)
_MUCH: Final = 2.0


class ReportFormat(StrEnum):
    """What a report can be."""

    HTML = "html"
    PDF = "pdf"

    @property
    def media_type(self) -> str:
        """The media type of a download."""
        return "text/html; charset=utf-8" if self is ReportFormat.HTML else "application/pdf"


@dataclass(frozen=True, slots=True)
class ReportScope:
    """What a report is about. Times are UTC, `until` is not included; `label` names the profile."""

    filters: Filters
    label: str
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One value of a ranking; `share` is its part of all events (0 to 1)."""

    label: str
    detail: str
    events: int
    share: float


@dataclass(frozen=True, slots=True)
class ReportRanking:
    """The values with the most events."""

    title: str
    rows: tuple[ReportRow, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """One bucket of time: events by series in the report's order, and how much of it was read."""

    start: datetime
    end: datetime
    events: tuple[int, ...]
    extent: str

    @property
    def total(self) -> int:
        """All of its events."""
        return sum(self.events)


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that a form of the report shows."""

    scope: ReportScope
    made_at: datetime
    source: str
    totals: Totals
    size: BucketSize
    series: tuple[str, ...]
    bars: tuple[Bar, ...]
    rankings: tuple[ReportRanking, ...]
    heat: tuple[tuple[int, ...], ...]
    coverage: Coverage
    remarks: tuple[str, ...] = field(default=())

    @property
    def known(self) -> str:
        """How complete it is, in a sentence."""
        known = _known(self.coverage, self.scope)
        return known if self.totals.between is None else f"{known} {self.totals.between.sentence}"

    def when(self, at: datetime) -> str:
        """A time in the report's zone."""
        return clock_time(at, self.scope.timezone)


def clock_time(at: datetime, timezone: str, pattern: str = "%Y-%m-%d %H:%M") -> str:
    """A time in a zone; an hour that comes twice, when clocks go back, has its offset behind it."""
    local = at.astimezone(zone(timezone))
    other = local.replace(fold=1 - local.fold)
    twice = other.utcoffset() != local.utcoffset() and _exists(local)
    return local.strftime(pattern + " %z" if twice else pattern)


def _exists(local: datetime) -> bool:
    return local.astimezone(UTC).astimezone(local.tzinfo).replace(tzinfo=None) == local.replace(
        tzinfo=None
    )


def build(
    events: EventStore,
    scope: ReportScope,
    *,
    now: datetime,
    on_progress: Callable[[float], None] = lambda _share: None,
) -> Report:
    """The report of a scope. Raises StoreError, and ConfigurationError for an unknown zone."""
    filters = scope.filters
    steps = len(_RANKINGS) + 3
    totals = period_totals.totals(events, filters, now=now)
    on_progress(1 / steps)
    found = time_series.series(
        events, filters, now=now, by="category", timezone=scope.timezone, top=SERIES
    )
    on_progress(2 / steps)
    rankings = []
    for place, (by, title) in enumerate(_RANKINGS, start=3):
        rankings.append(_ranking(events, filters, by, title))
        on_progress(place / steps)
    frame = summaries.heatmap(events, filters, timezone=scope.timezone)
    counts = [int(n) for n in frame["events"]]
    report = Report(
        scope=scope,
        made_at=now,
        source=totals.source,
        totals=totals,
        size=found.size,
        series=found.order,
        bars=_bars(found),
        rankings=tuple(ranking for ranking in rankings if ranking.rows),
        heat=tuple(tuple(counts[day * 24 : day * 24 + 24]) for day in range(7)),
        coverage=totals.coverage,
    )
    on_progress(1.0)
    return _with_remarks(report)


def file_name(scope: ReportScope, form: ReportFormat) -> str:
    """A name for a download, which tells the period."""
    ends = (scope.filters.since, scope.filters.until)
    first, last = (at.astimezone(UTC).strftime("%Y%m%d") for at in ends)
    return f"box-report-{first}-{last}.{form}"


def _ranking(events: EventStore, filters: Filters, by: str, title: str) -> ReportRanking:
    frame = summaries.top(events, filters, by, limit=TOP)
    rows = []
    for value, label, detail, count, share in zip(
        frame["value"], frame["label"], frame["detail"], frame["events"], frame["share"],
        strict=True,
    ):  # fmt: skip
        reported = detail if isinstance(detail, str) else ""
        rows.append(
            ReportRow(str(label), reported if reported != label else _id(value), int(count), share)
        )
    return ReportRanking(title, tuple(rows))


def _id(value: object) -> str:
    return "" if is_derived(str(value)) else str(value)


def _bars(found: Series) -> tuple[Bar, ...]:
    counts: dict[tuple[object, str], int] = {}
    for bucket, name, events in zip(
        found.frame["bucket"], found.frame["series"], found.frame["events"], strict=True
    ):
        counts[bucket, str(name)] = int(events)
    return tuple(
        Bar(
            start.to_pydatetime(),
            end.to_pydatetime(),
            tuple(counts.get((start, name), 0) for name in found.order),
            NOT_KNOWN if found.coverage.source == Source.IMPORT else str(extent),
        )
        for start, end, extent in zip(
            found.buckets["bucket"], found.buckets["end"], found.buckets["extent"], strict=True
        )
    )


def _known(known: Coverage, scope: ReportScope) -> str:
    if known.source == Source.IMPORT:
        return "Imported files: it isn't known whether they contain all events of this period."
    since, until = scope.filters.since, min(scope.filters.until, known.now)

    def shown(at: datetime) -> str:
        return clock_time(at, scope.timezone)

    gaps = [
        gap
        for gap in known.gaps(since, until)
        if known.extent(gap.start, gap.end) is not Extent.SETTLING
    ]
    if known.complete_to is None:
        return "No part of this period was read completely."
    end = shown(min(known.complete_to, until))
    if not gaps:
        return f"Complete to {end} ({scope.timezone})."
    lost = known.lost(since, until)
    reported = ", ".join(f"{shown(gap.start)} to {shown(gap.end)}" for gap in gaps[:8])
    more = f" and {len(gaps) - 8} more" if len(gaps) > 8 else ""  # noqa: PLR2004  # as shown above
    why = " Box no longer keeps some of it." if lost else ""
    if any(known.extent(gap.start, gap.end) is Extent.THINNED for gap in gaps):
        why += " Some event types aren't stored here that long."
    return f"Complete to {end} ({scope.timezone}), but not read: {reported}{more}.{why}"


# --- what stands out: each sentence follows from figures that the report shows


def _with_remarks(report: Report) -> Report:
    found = (_change(report), _busiest(report), _one_person(report), _odd_hours(report),
             _failed(report))  # fmt: skip
    return replace(report, remarks=tuple(text for text in found if text))


def _change(report: Report) -> str:
    totals = report.totals
    if totals.previous is None or totals.compared is None:
        return f"Not compared with the previous period: {totals.comparison.reason}"
    before, now = totals.previous.events, totals.compared.events
    if not before:
        return "The previous period of the same length had no events."
    change = changes.percentage(now, before)
    if change is None:
        return f"{now:,} events; the previous period of the same length had {before:,}."
    return f"{change} events compared with the previous period of the same length ({before:,})."


def _busiest(report: Report) -> str:
    whole = [bar for bar in report.bars if bar.extent == Extent.READ and bar.total]
    if len(whole) < 5:  # noqa: PLR2004  # with fewer, nothing is usual
        return ""
    usual = median(bar.total for bar in whole)
    top = max(whole, key=lambda bar: bar.total)
    if top.total < _MUCH * usual:
        return f"No {report.size} had more than {_MUCH:g} times the median of {usual:,.0f} events."
    reported = (
        f"{top.total / usual:.1f} times the median"
        if changes.carries(top.total, usual)
        else f"compared with a median of {usual:,.0f}"
    )
    return (
        f"The busiest {report.size} started at {report.when(top.start)}: {top.total:,} events,"
        f" {reported}."
    )


def _one_person(report: Report) -> str:
    people = next((r for r in report.rankings if r.title == _RANKINGS[0][1]), None)
    if people is None:
        return ""
    first = people.rows[0]
    return f"{first.label} accounts for {first.share:.0%} of all events ({first.events:,})."


def _odd_hours(report: Report) -> str:
    total = sum(map(sum, report.heat))
    if not total:
        return ""
    odd = sum(
        count
        for day, hours in enumerate(report.heat, start=1)
        for hour, count in enumerate(hours)
        if day in _WEEKEND or hour in _NIGHT
    )
    return f"{odd / total:.0%} of all events were on weekends or between 22:00 and 06:00."


def _failed(report: Report) -> str:
    types = next((r for r in report.rankings if r.title == _RANKINGS[1][1]), None)
    if types is None:
        return ""
    failed = next((row for row in types.rows if row.detail == "FAILED_LOGIN"), None)
    return f"Failed sign-ins: {failed.events:,}." if failed else ""


def shown_series(name: str) -> str:
    """A series' name for people."""
    return "all others" if name == OTHER_SERIES else name

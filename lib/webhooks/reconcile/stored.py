"""Compares the stream with webhooks, from the event store; and writes the comparison as CSV.

Both sides are in the one store: the stream's events, and each delivery that was accepted. Types
that no trigger reports are only counted. More rows than a page can compare are refused, not cut.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from lib.activity.exporting.csv_safety import guarded
from lib.activity.ingest.delivery_events import OWN
from lib.activity.model.coverage import coverage
from lib.activity.model.source import Source, first_of_record
from lib.core.errors import ConfigurationError, Who
from lib.core.time_texts import rfc3339
from lib.store import EventStore
from lib.store.events import dialect
from lib.store.times import naive_utc
from lib.webhooks.manage.triggers import paired_types
from lib.webhooks.reconcile.matching import CLOSE, LATE, reconcile
from lib.webhooks.reconcile.reconciliation import Came, Happened, Line, Reconciliation, Watched

MOST_ROWS: Final = 100_000
COLUMNS: Final = (
    "at",
    "side",
    "reason",
    "event_type",
    "trigger",
    "item_type",
    "item_id",
    "item_name",
    "actor_id",
    "actor_login",
    "delay_s",
    "deliveries",
    "out_of_order",
    "event_id",
    "body_id",
    "webhook_id",
)
"""Columns of the CSV, after its version."""
_CSV_SCHEMA: Final = 1


def stream_source(events: EventStore, profile: str) -> str:
    """The stream that deliveries are compared with: the first that holds events."""
    existing = {facts.source for facts in events.sources(profile)}
    return str(first_of_record(existing & {Source.BOX_STREAM, Source.BOX_USER_STREAM}))


def account(
    events: EventStore,
    profile: str,
    period: tuple[datetime, datetime],
    watched: Watched,
    *,
    now: datetime,
    close: timedelta = CLOSE,
    late_after: timedelta = LATE,
    most: int = MOST_ROWS,
) -> Reconciliation:
    """The comparison of a period (from, to before; UTC). Raises ConfigurationError for too much."""
    source = stream_source(events, profile)
    around = (period[0] - close, period[1] + close)
    happened = _happened(events, profile, source, around, most)
    came = _came(events, profile, around, most)
    read = [(span.start, span.end) for span in coverage(events, profile, source, now).spans]
    found = reconcile(
        happened,
        came,
        watched,
        now=now,
        read=read,
        period=period,
        close=close,
        late_after=late_after,
    )
    return replace(found, never=_never(events, profile, source, period, found))


def parents_unknown(found: Reconciliation, watched: Watched) -> tuple[str, ...]:
    """Folders of events that webhooks didn't bring and whose place isn't known, most first."""
    counted: dict[str, int] = {}
    for line in found.lines:
        parent = line.event.parent_id if line.event is not None else None
        if line.reason is not None and parent is not None and parent not in watched.paths:
            counted[parent] = counted.get(parent, 0) + 1
    return tuple(sorted(counted, key=lambda parent: (-counted[parent], parent)))


def as_csv(lines: tuple[Line, ...]) -> Iterator[bytes]:
    """The comparison as CSV, line by line; safe for spreadsheets."""
    yield _row(["csv_schema", *COLUMNS])
    for line in lines:
        yield _row([str(_CSV_SCHEMA), *(guarded(_cell(value)) for value in values(line))])


def values(line: Line) -> tuple[Any, ...]:
    """A line in the order of `COLUMNS`."""
    event = line.event
    body = line.bodies[0] if line.bodies else None
    came = body.first if body is not None else None
    side = "both" if line.reason is None else "stream" if event is not None else "webhooks"
    item = event or came
    return (
        line.at,
        side,
        line.reason,
        event.type if event else None,
        ", ".join(dict.fromkeys(one.first.trigger or "" for one in line.bodies)) or None,
        *(
            (item.item_type, item.item_id, item.item_name, item.actor_id, item.actor_login)
            if item
            else (None,) * 5
        ),
        round(body.delay.total_seconds(), 3) if body else None,
        sum(one.times for one in line.bodies) or None,
        any(one.out_of_order for one in line.bodies) or None,
        event.id if event else None,
        came.body_id if came else None,
        came.webhook_id if came else None,
    )


def _happened(
    events: EventStore, profile: str, source: str, span: tuple[datetime, datetime], most: int
) -> list[Happened]:
    rows = events.rows(
        "SELECT event_id, occurred_at, event_type, item_type, item_id, item_name, parent_id,"  # noqa: S608  # our own names
        " actor_id, actor_login FROM events WHERE profile = ? AND source = ?"
        f" AND occurred_at >= ? AND occurred_at < ? AND {dialect.one_of('event_type')} LIMIT ?",
        [profile, source, *map(naive_utc, span), sorted(paired_types()), most + 1],
    )
    _check(len(rows), most, "events of the stream")
    return [Happened(row[0], row[1].replace(tzinfo=UTC), *row[2:]) for row in rows]


def _came(
    events: EventStore, profile: str, span: tuple[datetime, datetime], most: int
) -> list[Came]:
    at = "coalesce(occurred_at, sent_at, received_at)"
    # a delivery comes after what it tells, by any clock within a day
    rows = events.rows(
        f"SELECT id, body_id, {at}, received_at, trigger, item_type, item_id, item_name, actor_id,"  # noqa: S608  # our own names
        " actor_login, webhook_id FROM deliveries WHERE profile = ? AND kind = 'box'"
        f" AND verdict <> ? AND received_at >= ? AND {at} >= ? AND {at} < ? LIMIT ?",
        [
            profile,
            OWN,
            naive_utc(span[0] - timedelta(days=1)),
            *map(naive_utc, span),
            most + 1,
        ],
    )
    _check(len(rows), most, "deliveries")
    return [
        Came(row[0], row[1], row[2].replace(tzinfo=UTC), row[3].replace(tzinfo=UTC), *row[4:])
        for row in rows
    ]


def _never(
    events: EventStore,
    profile: str,
    source: str,
    period: tuple[datetime, datetime],
    found: Reconciliation,
) -> dict[str, int]:
    """Events that no trigger tells: those of other types, and those of things nothing watches."""
    rows = events.rows(
        "SELECT event_type, count(*) FROM events WHERE profile = ? AND source = ?"  # noqa: S608  # our own names
        " AND occurred_at >= ? AND occurred_at < ?"
        f" AND NOT {dialect.one_of('event_type')} GROUP BY ALL",
        [profile, source, *map(naive_utc, period), sorted(paired_types())],
    )
    counted = {str(name): int(n) for name, n in rows}
    for name, n in found.never.items():
        counted[name] = counted.get(name, 0) + n
    return dict(sorted(counted.items(), key=lambda one: (-one[1], one[0])))


def _check(rows: int, most: int, what: str) -> None:
    if rows > most:
        raise ConfigurationError(
            f"The period holds more than {most:,} {what}.",
            cause="That is too many to compare one by one on a page.",
            fix="Choose a shorter period.",
            who=Who.YOU,
        )


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return rfc3339(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _row(cells: list[str]) -> bytes:
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerow(cells)
    return file.getvalue().encode("utf-8", "replace")

"""The drain: from the inbox to the event store, in order, each event once.

It takes a few entries, normalises them, commits them to the event store, and only then deletes
them from the inbox. Killed in between, the next drain sees from `applied` what was committed and
does neither count nor add it again. Only the owner of the event store drains.
"""

import gc
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

import pyarrow as pa

from lib.activity.ingest.delivery_events import (
    Values,
    delivery_of,
    how_it_came,
    is_own,
    stands_for,
    table_of,
)
from lib.activity.ingest.event_row import Context, Row
from lib.activity.ingest.normalise import Normalised, UnusablePart, normalise
from lib.activity.model.directory import Directories, ledger_directories
from lib.activity.model.event import COLUMNS
from lib.activity.model.source import Source
from lib.store import Stores
from lib.store.events import marking
from lib.store.events.batch import Covered, EventBatch, Quarantined
from lib.store.events.schema import ARROW
from lib.store.ledger.inbox import EntryKind, InboxEntry
from lib.store.ledger.reading_runs import Counts
from lib.store.spans import Span

MAX_PAGES: Final = 40
_ID, _SOURCE, _PROFILE = (COLUMNS.index(name) for name in ("event_id", "source", "profile"))


@dataclass(frozen=True, slots=True)
class DrainResult:
    """What one step of the drain did. `pages` counts inbox entries; 0 means nothing waited.

    `deliveries` are those of them that a webhook brought, `notified` the profiles that one of
    these asked a sync for.
    """

    pages: int = 0
    deliveries: int = 0
    added: int = 0
    repeated: int = 0
    quarantined: int = 0
    notified: frozenset[str] = frozenset()

    def __add__(self, other: "DrainResult") -> "DrainResult":
        return DrainResult(
            self.pages + other.pages,
            self.deliveries + other.deliveries,
            self.added + other.added,
            self.repeated + other.repeated,
            self.quarantined + other.quarantined,
            self.notified | other.notified,
        )


def drain(
    stores: Stores, directory: Directories | None = None, *, max_pages: int = MAX_PAGES
) -> DrainResult:
    """Bring up to `max_pages` waiting entries into the event store; one step.

    Keep it small and call it again while `pages` isn't 0: between steps readers and other writers
    get their turn. Raises StoreError; then nothing of the step is lost.
    """
    entries = stores.ledger.inbox.take(max_pages)
    if not entries:
        return DrainResult()
    done = stores.events.applied()
    counts = {e.id: done[e.id, e.received_at] for e in entries if (e.id, e.received_at) in done}
    new = [entry for entry in entries if entry.id not in counts]
    if new:
        batch = collect(
            new, directory or ledger_directories(stores.ledger), stores.events.identity_key
        )
        counts |= stores.events.commit(batch)
        if stores.events.overflowed:
            stores.ledger.full.set()
    by_run: dict[int, Counts] = {}
    for entry in entries:
        if entry.run_id is not None:
            by_run[entry.run_id] = by_run.get(entry.run_id, Counts()) + counts.get(
                entry.id, Counts()
            )
    commit = marking.read(stores.events).commit
    stores.ledger.inbox.drained([entry.id for entry in entries], by_run, commit)
    total = sum(counts.values(), Counts())
    notified = frozenset(entry.profile for entry in entries if _only_notifies(entry))
    deliveries = sum(entry.kind is EntryKind.DELIVERY for entry in entries)
    return DrainResult(
        len(entries), deliveries, total.added, total.repeated, total.quarantined, notified
    )


def drain_all(
    stores: Stores, directory: Directories | None = None, *, max_pages: int = MAX_PAGES
) -> DrainResult:
    """Drain until nothing waits."""
    directory = directory or ledger_directories(stores.ledger)
    total = DrainResult()
    while (step := drain(stores, directory, max_pages=max_pages)).pages:
        total += step
    return total


def collect(
    entries: Sequence[InboxEntry], directory: Directories, identity_key: bytes = b""
) -> EventBatch:
    """One batch out of inbox entries: rows deduplicated among themselves, refusals, coverage."""
    with _no_collector():
        # asked once a step: who is who is looked up in the ledger
        return _collect(entries, cache(directory), identity_key)


@contextmanager
def _no_collector() -> Iterator[None]:
    """Without Python's cycle collector: JSON makes no cycles, and the search costs a third."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _collect(
    entries: Sequence[InboxEntry], directory: Directories, identity_key: bytes
) -> EventBatch:
    rows: list[Row] = []
    origin: list[int] = []
    counts: dict[int, Counts] = {}
    quarantined: list[Quarantined] = []
    covered: list[Covered] = []
    deliveries: list[Values] = []
    stored_at = datetime.now(UTC)
    seen: set[tuple[str, str, str]] = set()
    for entry in entries:
        if entry.kind is EntryKind.COVERAGE:
            covered.append(_covered(entry))
            continue
        body, came = entry.body, how_it_came(entry)
        if came is not None:
            deliveries.append(delivery_of(entry, came, body, stored_at))
        if _only_notifies(entry) or (came is not None and is_own(came)):
            continue
        stands = None if came is None else stands_for(entry, came)
        result = _normalise(entry, body, directory, stands, identity_key)
        repeated = 0
        for row in result.rows:
            key = (row[_PROFILE], row[_SOURCE], row[_ID])
            if key in seen:
                repeated += 1
                continue
            seen.add(key)
            rows.append(row)
            origin.append(entry.id)
        quarantined.extend(_quarantined(entry, refusal) for refusal in result.refused)
        counts[entry.id] = Counts(repeated=repeated, quarantined=len(result.refused))
    return EventBatch(
        events=table(rows),
        entries=origin,
        counts=counts,
        received={entry.id: entry.received_at for entry in entries},
        quarantined=quarantined,
        covered=covered,
        deliveries=table_of(deliveries),
    )


def _only_notifies(entry: InboxEntry) -> bool:
    """Whether an entry names an account that changed, and no event."""
    return entry.kind is EntryKind.DELIVERY and entry.source == Source.KLOUDLESS


def table(rows: Sequence[Row]) -> pa.Table:
    """An Arrow table of rows, in the columns of the event store."""
    columns = zip(*rows, strict=True) if rows else ([] for _ in COLUMNS)
    return pa.Table.from_arrays(
        [pa.array(values, type=field.type) for values, field in zip(columns, ARROW, strict=True)],
        schema=ARROW,
    )


def coverage_body(span: Span, *, read_at: datetime, filter_: str = "") -> bytes:
    """The body of a coverage marker."""
    return json.dumps(
        {
            "filter": filter_,
            "from": span.start.isoformat(),
            "to": span.end.isoformat(),
            "read_at": read_at.isoformat(),
        }
    ).encode()


def _covered(entry: InboxEntry) -> Covered:
    body: dict[str, Any] = json.loads(entry.body)
    span = Span(*(datetime.fromisoformat(body[name]) for name in ("from", "to", "read_at")))
    return Covered(entry.profile, entry.source, span, body["filter"])


def _normalise(
    entry: InboxEntry,
    body: bytes,
    directory: Directories,
    delivery: tuple[str, datetime] | None,
    identity_key: bytes,
) -> Normalised:
    return normalise(
        entry.kind,
        body,
        Context(
            profile=entry.profile,
            source=entry.source,
            received_at=entry.received_at,
            stream=entry.stream,
            enterprise_id=entry.enterprise_id,
            account_id=entry.account_id,
            directory=directory(entry.profile),
            delivery=delivery,
            identity_key=identity_key,
        ),
    )


def _quarantined(entry: InboxEntry, refusal: UnusablePart) -> Quarantined:
    return Quarantined(
        profile=entry.profile,
        source=entry.source,
        stream=entry.stream,
        received_at=entry.received_at,
        run_id=entry.run_id,
        reason=refusal.reason,
        raw=refusal.raw,
        inbox_id=entry.id,
    )

"""Whether the event store is the one that its ledger filled, and what to read again if it isn't.

The owner asks when it opens both. A missing event store, or an older one that was put back, lacks
what the ledger marks as read: those spans become unread, and the next sync reads them again. What
no sender can be asked for any more is named as lost. An event store of another ledger is refused.
"""

import json
import logging
import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from lib.activity.model.event import KLOUDLESS_STREAM
from lib.activity.model.source import RECORDS, Source, source_label
from lib.box.events import Stream
from lib.core.errors import StoreError, Who
from lib.store import Stores
from lib.store.events import marking
from lib.store.events.retention import ALL, marks
from lib.store.ledger.inbox import unpack
from lib.store.ledger.ledger import Ledger
from lib.store.ledger.missing import Missing, ReadKey, ReadTotals, Unfit
from lib.store.pair_mark import PairMark, belong_together, new_generation, next_commit
from lib.store.spans import Span, subtract, union

FRESH: Final = timedelta(minutes=75)
"""What is read again before the end of an older event store: events that came late."""
KLOUDLESS_KEPT: Final = timedelta(days=7)
"""The most that Kloudless keeps events for (Kloudless reference, activity: retention)."""
_EDGE: Final = timedelta(hours=1)
"""What reaches so little beyond what its sender keeps isn't called lost: it was read to the end of
that, which has moved since. A chart says of it that its sender keeps it no more."""
_DAY: Final = timedelta(days=1)
_EVER: Final = datetime.min.replace(tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_STREAMS: Final = (
    Stream.ADMIN_LOGS,
    Stream.ADMIN_LOGS_STREAMING,
    Stream.ALL,
    KLOUDLESS_STREAM,
)
_READABLE: Final[Mapping[str, timedelta]] = {
    Source.BOX_STREAM: RECORDS[Source.BOX_STREAM].kept or _DAY,
    Source.BOX_USER_STREAM: RECORDS[Source.BOX_USER_STREAM].kept or _DAY,
    Source.KLOUDLESS: KLOUDLESS_KEPT,
}

_log = logging.getLogger(__name__)


def make_pair(stores: Stores, now: datetime) -> None:
    """Let both stores fit, and name what that leaves missing. Nothing is done where they fit.

    Killed in between, it is done again at the next opening. Raises StoreError for an event store
    that belongs to another ledger; then nothing was changed.
    """
    ledger, events = stores.ledger.missing.mark(), marking.read(stores.events)
    if belong_together(ledger, events):
        return
    if ledger.generation and events.generation not in ("", ledger.generation):
        raise _foreign(stores)
    generation = ledger.generation or events.generation or new_generation()
    mark = PairMark(generation, events.commit or next_commit(""), events.before)
    if not ledger.generation and _agree(stores):
        marking.write(stores.events, mark)  # first: a ledger alone with a mark lacks its events
        stores.ledger.missing.set_mark(mark)
        return
    unfit = _unfit(stores, mark, now)
    stores.ledger.missing.mend(unfit)  # first: what fits isn't looked at again
    marking.write(stores.events, mark)
    for one in unfit.missing:
        _log.warning("%s", sentence(one))


def settle(ledger: Ledger, profile: str, source: str) -> None:
    """After a whole run: what it read isn't missing any more, what it wasn't given is lost."""
    known = [one for one in ledger.missing.of(profile) if one.source == source]
    read = ledger.inbox.reads(profile, source)
    left: list[Missing] = []
    for one in known:
        if not one.readable:
            left.append(one)
            continue
        still = source == Source.BOX_STREAM  # its history can be asked for again
        for gap in subtract(one.span, read):
            calls = one.calls if still else 0
            gone = replace(one, from_at=gap.start, to_at=gap.end, reported_at=None)
            left.append(replace(gone, readable=still, calls=calls))
    if left != known:
        ledger.missing.replace(profile, source, left)


def settle_imports(ledger: Ledger, profile: str) -> None:
    """After an import: what a lost file held isn't missing when its span was imported again."""
    known = [one for one in ledger.missing.of(profile) if one.source == Source.IMPORT]
    if not known:
        return
    done = [
        (run.started_at, Span(run.oldest, run.newest + _MICROSECOND))
        for run in ledger.missing.imports()
        if run.profile == profile and run.oldest is not None and run.newest is not None
    ]
    left = [
        one
        for one in known
        if not any(at > one.found_at and span.covers(one.span) for at, span in done)
    ]
    ledger.missing.replace(profile, Source.IMPORT, left)


def read_from(ledger: Ledger, profile: str, source: str, since: datetime) -> datetime:
    """From when a run has to read: `since`, or earlier where something is to be read again."""
    found = ledger.missing.of(profile)
    return min([since, *(one.from_at for one in found if one.readable and one.source == source)])


def sentence(one: Missing) -> str:
    """What is missing, for people."""
    label = source_label(one.source)
    span = f"{one.from_at:%Y-%m-%d %H:%M} to {one.to_at:%Y-%m-%d %H:%M} (UTC)"
    if one.readable:
        calls = f"about {one.calls:,} call{'' if one.calls == 1 else 's'}"
        return (
            f"The event store lacks what was read from {label}, {span}. It is read again: {calls}."
        )
    count = "Events" if one.events is None else f"{one.events:,} events"
    return f"{count} of {label} are lost, {span}: the event store lacks them."


def _foreign(stores: Stores) -> StoreError:
    keys = stores.ledger.missing.read_keys()
    spans = [span for key in keys for span in _reads(stores, key)]
    lacks = f" It lacks {len(spans)} spans that were read." if spans else ""
    return StoreError(
        "The event store belongs to another ledger.",
        cause=f"One of the two was replaced by that of another data folder.{lacks}"
        " Nothing was changed.",
        fix="Put the right file back, or restore a backup of both: `python -m lib store restore"
        " FOLDER --replace`. To read everything again, move the event store's file away.",
        who=Who.YOU,
    )


def _reads(stores: Stores, key: ReadKey) -> list[Span]:
    return stores.ledger.inbox.reads(key.profile, key.source, key.filter)


# --- two stores of before 0.2.0, which say nothing of each other


def _agree(stores: Stores) -> bool:
    """Whether the event store has what the ledger counted: spans, events, the newest of each."""
    waiting = _waiting(stores)
    for key in stores.ledger.missing.read_keys():
        gone = marks(stores.events, key.profile, key.source).get(ALL, _EVER)
        charted = [*_charted(stores, key), *waiting.get(key, []), Span(_EVER, gone)]
        if any(subtract(read, charted) for read in _reads(stores, key)):
            return False
    return all(_counted(stores, total) for total in stores.ledger.missing.totals())


def _counted(stores: Stores, total: ReadTotals) -> bool:
    if marks(stores.events, total.profile, total.source):
        return True  # retention took some
    facts = next(
        (one for one in stores.events.sources(total.profile) if one.source == total.source), None
    )
    if facts is None:
        return not total.added
    waits = stores.ledger.inbox.waiting(profile=total.profile) > 0
    newest = waits or total.newest is None or facts.newest >= total.newest
    return facts.events >= total.added and newest


def _waiting(stores: Stores) -> dict[ReadKey, list[Span]]:
    found: dict[ReadKey, list[Span]] = {}
    for profile, source, size, packed in stores.ledger.missing.waiting_coverage():
        body = json.loads(unpack(packed, size))
        span = Span(*(datetime.fromisoformat(body[name]) for name in ("from", "to")))
        found.setdefault(ReadKey(profile, source, body["filter"]), []).append(span)
    return found


def _charted(stores: Stores, key: ReadKey) -> list[Span]:
    return stores.events.coverage(key.profile, key.source, key.filter)


# --- what is missing


def _unfit(stores: Stores, mark: PairMark, now: datetime) -> Unfit:
    pages = {(one.profile, one.source): one.pages for one in stores.ledger.missing.totals()}
    found: list[Missing] = []
    kept: dict[ReadKey, list[Span]] = {}
    for key in stores.ledger.missing.read_keys():
        was, charted = _reads(stores, key), _charted(stores, key)
        fresh = charted[-1].end - FRESH if charted else _EVER
        gone = marks(stores.events, key.profile, key.source).get(ALL, _EVER)
        sure = union(
            [Span(_EVER, gone), *(Span(one.start, min(one.end, fresh)) for one in charted)]
        )
        gaps = [gap for read in was for gap in subtract(read, sure)]
        kept[key] = [
            Span(part.start, part.end, read.read_at)
            for read in was
            for part in subtract(read, gaps)
        ]
        whole = sum((one.length for one in was), timedelta()) or _DAY
        share = pages.get((key.profile, key.source), 0) / (whole / _DAY)
        for gap in gaps:
            found.extend(_named(key, gap, share, now))
    found += [*_lost_deliveries(stores, now), *_lost_imports(stores, now)]
    return Unfit(now, mark, found, kept, _STREAMS)


def _named(key: ReadKey, gap: Span, pages_a_day: float, now: datetime) -> Iterator[Missing]:
    """A gap, cut where its sender can't be asked any more."""
    oldest = now - _READABLE.get(key.source, timedelta())
    names = (key.profile, key.source)
    if oldest - gap.start < _EDGE:
        gap = Span(max(gap.start, oldest), gap.end)
    if gap.start < oldest:
        yield Missing(*names, gap.start, min(gap.end, oldest), found_at=now)
    if gap.end > oldest:
        start = max(gap.start, oldest)
        days = (gap.end - start) / _DAY
        calls = math.ceil(max(days, days * pages_a_day, 1))
        yield Missing(*names, start, gap.end, found_at=now, readable=True, calls=calls)


def _lost_deliveries(stores: Stores, now: datetime) -> Iterator[Missing]:
    existing = marking.delivered(stores.events)
    gone: dict[str, list[datetime]] = {}
    for profile, body, at in stores.ledger.missing.accepted():
        if (profile, body) not in existing:
            gone.setdefault(profile, []).append(at)
    for profile, times in gone.items():
        ends = (min(times), max(times) + _MICROSECOND)
        yield Missing(profile, Source.BOX_WEBHOOK, *ends, found_at=now, events=len(times))


def _lost_imports(stores: Stores, now: datetime) -> Iterator[Missing]:
    """Imports that were drained after the event store's last commit, or by it."""
    last = marking.newest_received(stores.events)
    for run in stores.ledger.missing.imports():
        if run.added and (last is None or (run.ended_at or now) >= last):
            start, end = run.oldest or run.started_at, run.newest or run.ended_at or now
            names = (run.profile, Source.IMPORT)
            yield Missing(*names, start, end + _MICROSECOND, found_at=now, events=run.added)

"""Gaps are told where there is enough to tell, and only there."""

from datetime import timedelta

import pytest

from lib.activity.ingest.gaps import GapKind, gaps
from lib.activity.ingest.stream_comparison import day_of, due, latest
from lib.activity.model.source import Source
from lib.box.events import Stream
from lib.store import Stores
from lib.store.ledger.inbox import EntryKind, NewEntry, Position
from lib.store.ledger.inbox_records import Progress, ReadSpan
from lib.store.ledger.reading_runs import RunState
from lib.store.spans import Span
from tests.unit.activity.samples import (
    DAY,
    NOW,
    box_event,
    box_page,
    marker,
    memory_stores,
    put,
    put_events,
)

HOUR = timedelta(hours=1)


def followed(*, quiet: timedelta, weeks: int = 4, each: int = 30) -> Stores:
    """A stream that is read up to now, with `each` events in these hours of the weeks before."""
    stores = memory_stores()
    events = [box_event(0, at=NOW - quiet)]
    events += [
        box_event(1 + week * 1000 + n, at=NOW - week * 7 * DAY - timedelta(minutes=n))
        for week in range(1, weeks + 1)
        for n in range(each)
    ]
    put_events(stores, events)
    put(stores, marker(NOW - 40 * DAY, NOW - timedelta(minutes=1)))
    return stores


def kinds(stores: Stores) -> list[GapKind]:
    return [gap.kind for gap in gaps(stores, "acme", NOW)]


def test_silence_where_events_are_usual_is_a_gap() -> None:
    stores = followed(quiet=3 * HOUR)
    (gap,) = gaps(stores, "acme", NOW)
    assert gap.kind is GapKind.SILENT
    assert gap.size == 28  # up to where the stream is read, as the silence is
    assert "3 hours" in gap.sentence
    stores.close()


@pytest.mark.parametrize(
    "how",
    [
        {"quiet": timedelta(minutes=40)},
        {"quiet": 3 * HOUR, "each": 5},
        {"quiet": 3 * HOUR, "weeks": 1},
    ],
)
def test_silence_that_is_short_or_usual_is_none(how: dict[str, timedelta]) -> None:
    stores = followed(**how)  # type: ignore[arg-type]  # ints among spans
    assert kinds(stores) == []
    stores.close()


def test_silence_of_a_stream_that_nobody_reads_is_not_claimed() -> None:
    stores = memory_stores()
    put_events(stores, [box_event(n, at=NOW - 7 * DAY - timedelta(minutes=n)) for n in range(60)])
    put(stores, marker(NOW - 40 * DAY, NOW - 5 * HOUR))
    assert kinds(stores) == []
    stores.close()


@pytest.mark.parametrize(
    "age,expected", [(1, []), (12, [GapKind.NEAR_END]), (20, [GapKind.NEAR_END])]
)
def test_an_old_position_is_near_its_end(age: int, expected: list[GapKind]) -> None:
    stores = memory_stores()
    at = Position("acme", Source.BOX_STREAM, Stream.ADMIN_LOGS_STREAMING, "", "1", NOW - age * DAY)
    stores.ledger.inbox.acknowledge(position=at)
    assert kinds(stores) == expected
    stores.close()


def test_events_that_only_the_history_had_are_a_gap_and_repaired() -> None:
    stores = memory_stores()
    day = day_of(NOW)
    put_events(stores, [box_event(n, at=day.start + n * HOUR) for n in range(5)])
    run = stores.ledger.begin_run(kind="compare", profile="acme", source="box_stream", at=NOW)
    page = box_page([box_event(n, at=day.start + n * HOUR) for n in range(7)])
    entry = NewEntry(EntryKind.PAGE, "acme", "box_stream", page, NOW, run_id=run)
    stores.ledger.inbox.acknowledge([entry], run_id=run, progress=Progress(7))
    stores.ledger.finish_run(run, state=RunState.DONE, at=NOW)
    put(stores)
    found = latest(stores.ledger, "acme")
    assert found is not None
    assert (found.day, found.history, found.left_out, found.pending) == (day, 7, 2, False)
    (gap,) = gaps(stores, "acme", NOW)
    assert (gap.kind, gap.size) == (GapKind.LEFT_OUT, 2)
    assert stores.events.count() == 7
    stores.close()


def test_a_day_is_compared_once_and_only_when_it_was_read() -> None:
    stores = memory_stores()
    day = day_of(NOW)
    assert (day.start, day.end) == (NOW.replace(hour=0) - 2 * DAY, NOW.replace(hour=0) - DAY)
    assert due(stores.ledger, "acme", NOW) is None
    read = ReadSpan("acme", "box_stream", Span(day.start - DAY, NOW, NOW))
    stores.ledger.inbox.acknowledge(read=read)
    assert due(stores.ledger, "acme", NOW) == day
    run = stores.ledger.begin_run(kind="compare", profile="acme", source="box_stream", at=NOW)
    assert due(stores.ledger, "acme", NOW) == day  # not finished
    stores.ledger.finish_run(run, state=RunState.DONE, at=NOW)
    assert due(stores.ledger, "acme", NOW) is None
    assert due(stores.ledger, "acme", NOW + DAY) is not None
    stores.close()

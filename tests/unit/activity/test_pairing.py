"""Two stores that don't fit are noticed, and what that leaves missing is read again or named."""

from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path

import orjson
import pytest

from lib.activity.importing.importer import import_file
from lib.activity.ingest.drain import drain_all
from lib.activity.ingest.gaps import GapKind, gaps
from lib.activity.ingest.pairing import make_pair, read_from, sentence, settle
from lib.core.errors import StoreError
from lib.store import Stores, open_stores
from lib.store.events import marking
from lib.store.ledger.deliveries import ReceivedDelivery
from lib.store.ledger.inbox import Position
from lib.store.ledger.inbox_records import ReadSpan
from lib.store.ledger.reading_runs import RunState
from lib.store.pair_mark import belong_together
from lib.store.spans import Span
from tests.data_folders import settings_of
from tests.unit.activity.samples import NOW, box_event, marker, page_entry

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
STREAM = Position("acme", "box_stream", "admin_logs_streaming", "", "7", NOW)
LATE = Position("acme", "box_stream", "admin_logs_late", "x/y", None, NOW)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def opened(data: Path) -> Stores:
    stores = open_stores(settings_of(data))
    make_pair(stores, NOW)
    return stores


def read(stores: Stores, day: int) -> None:
    """A day was read, drained and claimed."""
    start = NOW - day * DAY
    run = stores.ledger.begin_run(kind="sync", profile="acme", source="box_stream", at=NOW)
    stores.ledger.inbox.acknowledge(
        [page_entry([box_event(day, at=start + HOUR)]), marker(start, start + DAY)],
        position=STREAM,
        read=ReadSpan("acme", "box_stream", Span(start, start + DAY, NOW)),
        run_id=run,
    )
    stores.ledger.finish_run(run, state=RunState.DONE, at=NOW)
    drain_all(stores)


def taken_away(data: Path) -> None:
    (data / "events.duckdb").unlink()


def unread(stores: Stores) -> list[tuple[int, int]]:
    """What is to be read again, in days before now."""
    return [
        ((NOW - one.from_at) // DAY, (NOW - one.to_at) // DAY)
        for one in stores.ledger.missing.of("acme")
        if one.readable
    ]


def test_stores_that_fit_are_left_alone_however_often_they_are_opened(data: Path) -> None:
    for day in (3, 2, 1):
        stores = opened(data)
        read(stores, day)
        stores.close()
    stores = opened(data)
    assert stores.ledger.missing.of("acme") == []
    assert stores.ledger.inbox.position("acme", "box_stream", "admin_logs_streaming") is not None
    stores.close()


def test_an_event_store_that_is_gone_makes_everything_unread(data: Path) -> None:
    stores = opened(data)
    stores.ledger.inbox.acknowledge(position=LATE)
    for day in (3, 2):
        read(stores, day)
    going_on = stores.ledger.begin_run(kind="sync", profile="acme", source="box_stream", at=NOW)
    stores.close()
    taken_away(data)
    stores = opened(data)
    ledger = stores.ledger
    assert unread(stores) == [(3, 1)]
    assert ledger.inbox.reads("acme", "box_stream") == []
    assert [one.stream for one in ledger.inbox.all_positions("acme", "box_stream")] == [LATE.stream]
    assert read_from(ledger, "acme", "box_stream", NOW) == NOW - 3 * DAY
    assert "about 2 calls" in sentence(ledger.missing.of("acme")[0])
    with pytest.raises(StoreError, match="ended"):  # a run that knows positions of before
        ledger.inbox.acknowledge(position=STREAM, run_id=going_on)
    read(stores, 3)
    settle(ledger, "acme", "box_stream")
    assert unread(stores) == [(2, 1)]
    read(stores, 2)
    settle(ledger, "acme", "box_stream")
    assert ledger.missing.of("acme") == []
    stores.close()


def test_an_older_event_store_lacks_what_came_after_it(data: Path) -> None:
    stores = opened(data)
    read(stores, 3)
    stores.close()
    old = (data / "events.duckdb").read_bytes()
    stores = opened(data)
    read(stores, 2)
    stores.close()
    (data / "events.duckdb").write_bytes(old)
    stores = opened(data)
    (one,) = stores.ledger.missing.of("acme")
    # the end of what it has is read again too, for events that came late
    assert (one.from_at, one.to_at) == (NOW - 2 * DAY - timedelta(minutes=75), NOW - DAY)
    assert stores.events.coverage("acme", "box_stream")[0].end == NOW - 2 * DAY
    assert belong_together(stores.ledger.missing.mark(), marking.read(stores.events))
    stores.close()


def test_a_crash_between_both_commits_fits(data: Path) -> None:
    stores = opened(data)
    read(stores, 3)
    before = stores.ledger.missing.mark()
    read(stores, 2)
    stores.ledger.missing.set_mark(before)
    stores.close()
    stores = opened(data)
    assert stores.ledger.missing.of("acme") == []
    stores.close()


def test_an_event_store_two_commits_ahead_does_not_fit(data: Path) -> None:
    stores = opened(data)
    before = stores.ledger.missing.mark()
    read(stores, 3)
    read(stores, 2)
    stores.ledger.missing.set_mark(before)
    assert not belong_together(stores.ledger.missing.mark(), marking.read(stores.events))
    stores.close()


def test_an_event_store_of_another_ledger_is_refused_and_nothing_is_changed(
    data: Path, tmp_path: Path
) -> None:
    for folder in (data, tmp_path / "other"):
        stores = opened(folder)
        read(stores, 3)
        stores.close()
    foreign = (tmp_path / "other" / "events.duckdb").read_bytes()
    (data / "events.duckdb").write_bytes(foreign)
    stores = open_stores(settings_of(data))
    with pytest.raises(StoreError, match="another ledger") as caught:
        make_pair(stores, NOW)
    assert "lacks 1 spans" in caught.value.cause
    assert len(stores.ledger.inbox.reads("acme", "box_stream")) == 1
    stores.close()


@pytest.mark.parametrize("lacks", [False, True])
def test_a_pair_without_marks_is_adopted_only_if_it_agrees(data: Path, lacks: bool) -> None:  # noqa: FBT001
    stores = open_stores(settings_of(data))
    read(stores, 3)
    stores.close()
    if lacks:
        taken_away(data)
    stores = opened(data)
    assert unread(stores) == ([(3, 2)] if lacks else [])
    assert belong_together(stores.ledger.missing.mark(), marking.read(stores.events))
    stores.close()


def test_what_no_sender_keeps_any_more_is_lost_by_source_and_span(data: Path) -> None:
    stores = opened(data)
    for source, start, end in (("kloudless", 9, 2), ("box_stream", 370, 364)):
        span = Span(NOW - start * DAY, NOW - end * DAY, NOW)
        stores.ledger.inbox.acknowledge(read=ReadSpan("acme", source, span))
    run = stores.ledger.begin_run(kind="import", profile="acme", source="import", at=NOW - DAY)
    stores.ledger.inbox.acknowledge([page_entry([box_event(1)], source="import")], run_id=run)
    stores.ledger.finish_run(run, state=RunState.DONE, at=NOW)
    drain_all(stores)
    stores.close()
    taken_away(data)
    stores = opened(data)
    found = [
        (one.source, (NOW - one.from_at) // DAY, (NOW - one.to_at) // DAY, one.readable, one.events)
        for one in stores.ledger.missing.of("acme")
    ]
    assert found[:4] == [
        ("box_stream", 370, 365, False, None),
        ("box_stream", 365, 364, True, None),
        ("kloudless", 9, 7, False, None),
        ("kloudless", 7, 2, True, None),
    ]
    assert [(one[0], one[3], one[4]) for one in found[4:]] == [("import", False, 1)]
    settle(stores.ledger, "acme", "kloudless")  # it was asked, and gave nothing
    of_kloudless = [o for o in stores.ledger.missing.of("acme") if o.source == "kloudless"]
    assert [one.readable for one in of_kloudless] == [False, False]
    stores.close()


def test_deliveries_that_no_store_has_any_more_are_lost_and_those_that_wait_are_not(
    data: Path,
) -> None:
    stores = opened(data)

    def keep(number: int) -> None:
        body = f'{{"type": "webhook_event", "id": "{number}"}}'.encode()
        stores.ledger.deliveries.keep(
            [
                ReceivedDelivery(
                    f"d{number}", "acme", "box", "box_webhook", body, {}, NOW, "primary",
                    body_id=f"b{number}",
                )
            ]
        )  # fmt: skip

    keep(1)
    keep(2)
    drain_all(stores)
    keep(3)
    stores.close()
    taken_away(data)
    stores = opened(data)
    (one,) = stores.ledger.missing.of("acme")
    assert (one.source, one.events, one.readable) == ("box_webhook", 2, False)
    assert (one.from_at, one.to_at) == (NOW, NOW + timedelta(microseconds=1))
    (gap,) = gaps(stores, "acme", NOW)
    assert gap.kind is GapKind.MISSING
    assert "2 events of Box webhooks are lost" in gap.sentence
    drain_all(stores)
    assert stores.events.rows("SELECT count(*) FROM deliveries") == [(1,)]
    stores.close()


def test_a_ledger_that_was_put_back_doubles_no_delivery(data: Path) -> None:
    stores = opened(data)
    body = b'{"type": "webhook_event", "id": "1"}'
    one = ReceivedDelivery(
        "d1", "acme", "box", "box_webhook", body, {}, NOW, "primary", body_id="b1"
    )
    stores.ledger.deliveries.keep([one])
    stores.close()
    old = (data / "ledger.sqlite").read_bytes()
    stores = opened(data)
    for day in (3, 2):
        read(stores, day)
    stores.close()
    for end in ("", "-wal", "-shm"):
        (data / f"ledger.sqlite{end}").unlink(missing_ok=True)
    (data / "ledger.sqlite").write_bytes(old)
    stores = opened(data)
    drain_all(stores)
    assert stores.events.rows("SELECT count(*) FROM deliveries") == [(1,)]
    assert stores.ledger.missing.of("acme") == []
    stores.close()


def test_a_lost_import_is_made_good_by_importing_its_span_again(data: Path) -> None:
    def imported(stores: Stores, at: datetime) -> None:
        lines = orjson.dumps(box_event(1)) + b"\n" + orjson.dumps(box_event(2))
        import_file(BytesIO(lines), "acme", stores.ledger, clock=lambda: at)
        drain_all(stores)

    stores = opened(data)
    imported(stores, NOW - HOUR)
    stores.close()
    taken_away(data)
    stores = opened(data)
    (one,) = stores.ledger.missing.of("acme")
    assert (one.source, one.events) == ("import", 2)
    imported(stores, NOW + HOUR)
    assert stores.ledger.missing.of("acme") == []
    stores.close()

"""The comparison out of a real event store, and as CSV."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from lib.core.errors import ConfigurationError
from lib.store.ledger.inbox import EntryKind, NewEntry
from lib.webhooks.manage.watching import Watching
from lib.webhooks.reconcile.reconciliation import MissReason, Watched
from lib.webhooks.reconcile.stored import COLUMNS, account, as_csv, parents_unknown, values
from tests.webhook_bench import NOW, Bench, box_body

AT = "2026-03-01T09:30:00-08:00"
HOUR = timedelta(hours=1)
PERIOD = (NOW - HOUR, NOW + HOUR)
HOOK = Watching("4165", "folder", "1", frozenset({"FILE.UPLOADED", "FILE.DOWNLOADED"}))
WATCHED = Watched((HOOK,), {"1": frozenset({"1"})}, known=True)
LATER = NOW + timedelta(days=1)


def event(number: int, kind: str = "UPLOAD", **changes: Any) -> dict[str, Any]:
    return {
        "type": "event",
        "event_id": f"e-{number}",
        "event_type": kind,
        "created_at": AT,
        "created_by": {"type": "user", "id": "11", "name": "Ada", "login": "ada@acme.test"},
        "source": {
            "item_type": "file",
            "item_id": str(700 + number),
            "item_name": "=Q1.pdf",
            "parent": {"type": "folder", "id": "1", "name": "All"},
        },
        **changes,
    }


def streamed(webhooks: Bench, *events: dict[str, Any]) -> None:
    """A page of the stream that ends after these."""
    page = orjson.dumps({"entries": list(events), "next_stream_position": "1"})
    entry = NewEntry(EntryKind.PAGE, "acme", "box_stream", page, NOW, "admin_logs")
    webhooks.stores.ledger.inbox.acknowledge([entry])
    webhooks.drain()


def delivered(webhooks: Bench, number: int, **changes: Any) -> None:
    source = {"id": str(700 + number), "type": "file", "name": "=Q1.pdf"}
    assert webhooks.box(box_body(number, source=source, **changes)).status_code == 200
    webhooks.drain()


def test_both_sides_of_the_store_are_matched_and_counted(webhooks: Bench) -> None:
    streamed(webhooks, *(event(n) for n in range(4)), event(5, "LOGIN", source=None))
    for number in (0, 1, 7):
        delivered(webhooks, number)
    delivered(webhooks, 1)  # again
    found = account(webhooks.stores.events, "acme", PERIOD, WATCHED, now=LATER)
    assert (found.both, found.repeated, found.late) == (2, 1, 0)
    assert found.reasons(of_stream=True) == {MissReason.MISSED: 2}
    assert found.reasons(of_stream=False) == {MissReason.NOT_READ: 1}
    assert found.never == {"LOGIN": 1}
    assert all(line.bodies[0].delay.total_seconds() == 10 for line in found.lines if line.bodies)


def test_folders_whose_place_is_not_known_are_named(webhooks: Bench) -> None:
    streamed(webhooks, event(0), event(1))
    somewhere = Watched((HOOK,), known=True)
    found = account(webhooks.stores.events, "acme", PERIOD, somewhere, now=LATER)
    assert found.reasons(of_stream=True) == {MissReason.MISSED: 2}
    assert parents_unknown(found, somewhere) == ("1",)
    assert parents_unknown(found, WATCHED) == ()


def test_another_period_and_another_profile_have_nothing(webhooks: Bench) -> None:
    streamed(webhooks, event(0))
    delivered(webhooks, 0)
    store = webhooks.stores.events
    earlier = (NOW - 3 * HOUR, NOW - 2 * HOUR)
    assert not account(store, "acme", earlier, WATCHED, now=LATER).lines
    assert not account(store, "other", PERIOD, WATCHED, now=LATER).lines


def test_more_than_can_be_compared_is_refused_with_what_to_do(webhooks: Bench) -> None:
    streamed(webhooks, *(event(n) for n in range(4)))
    with pytest.raises(ConfigurationError) as caught:
        account(webhooks.stores.events, "acme", PERIOD, WATCHED, now=LATER, most=3)
    assert "shorter period" in caught.value.fix


def test_the_csv_has_every_line_and_is_safe_for_spreadsheets(webhooks: Bench) -> None:
    streamed(webhooks, event(0), event(1))
    delivered(webhooks, 0)
    found = account(webhooks.stores.events, "acme", PERIOD, WATCHED, now=LATER)
    text = b"".join(as_csv(found.lines)).decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert list(rows[0]) == ["csv_schema", *COLUMNS]
    assert {row["item_name"] for row in rows} == {"'=Q1.pdf"}
    assert sorted((row["side"], row["reason"], row["delay_s"]) for row in rows) == [
        ("both", "", "10.0"),
        ("stream", "missed", ""),
    ]
    assert {row["at"] for row in rows} == {"2026-03-01T17:30:00Z"}
    assert len(values(found.lines[0])) == len(COLUMNS)
    assert datetime(2026, 3, 1, 17, 30, tzinfo=UTC) == found.lines[0].at

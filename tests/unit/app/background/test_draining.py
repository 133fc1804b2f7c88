"""The drain lets deliveries gather, and nobody who waits for it waits for that."""

import threading
from collections.abc import Iterator

import pytest

from lib.app.background import draining
from lib.app.background.draining import LINGER_AFTER_MANY_S, LINGER_S, Drainer
from lib.store import Stores
from lib.store.ledger.deliveries import ReceivedDelivery
from tests.unit.activity.samples import NOW, box_event, memory_stores, page_entry
from tests.webhook_bench import box_body

FOREVER_S = 3600.0


@pytest.fixture
def stores() -> Iterator[Stores]:
    made = memory_stores()
    yield made
    made.close()


@pytest.fixture
def drainer(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> Iterator[Drainer]:
    monkeypatch.setattr(draining, "LINGER_S", FOREVER_S)
    made = Drainer(stores)
    made.start()
    yield made
    made.stop()


def deliver(stores: Stores, number: int) -> None:
    body = box_body(number)
    stores.ledger.deliveries.keep(
        [
            ReceivedDelivery(
                id=f"{number:024x}",
                profile="acme",
                kind="box",
                source="box_webhook",
                body=body,
                headers={},
                received_at=NOW,
                key="primary",
                body_id=str(number),
            )
        ]
    )


def test_who_waits_for_it_is_not_kept_waiting(stores: Stores, drainer: Drainer) -> None:
    for number in range(3):
        deliver(stores, number)
        assert drainer.finish(timeout_s=60)
    assert stores.events.rows("SELECT count(*) FROM deliveries") == [(3,)]
    stores.ledger.inbox.acknowledge([page_entry([box_event(1)])])
    assert drainer.finish(timeout_s=60)


def test_it_ends_at_once_though_more_may_come(stores: Stores, drainer: Drainer) -> None:
    deliver(stores, 1)
    assert drainer.finish(timeout_s=60)
    drainer.stop()
    deliver(stores, 2)
    assert stores.ledger.inbox.waiting() == 1
    assert not drainer._thread.is_alive()  # it would go on for an hour


def test_pages_are_not_made_to_wait(stores: Stores, drainer: Drainer) -> None:
    stores.ledger.inbox.acknowledge([page_entry([box_event(1)])])
    assert drainer.finish(timeout_s=60)
    before = drainer.version
    stores.ledger.inbox.acknowledge([page_entry([box_event(2)])])
    drainer.wake()
    for _ in range(600):
        if drainer.version > before:
            break
        with drainer._moved:  # told of each step
            drainer._moved.wait(0.1)
    assert stores.events.count() == 2


class Noted(threading.Event):
    """An event that notes how long it was waited for, and is there at once."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float | None] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append(timeout)
        return True


def test_more_may_gather_after_a_step_of_many(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draining, "MANY", 3)
    for count in (2, 3):
        for number in range(count):
            deliver(stores, 10 * count + number)
        made = Drainer(stores)
        made._hurry = noted = Noted()
        made.start()
        while stores.ledger.inbox.waiting():
            with made._moved:
                made._moved.wait(0.1)
        made.stop()
        assert noted.waits == [LINGER_S if count < 3 else LINGER_AFTER_MANY_S]

"""Alarms in deliveries: which stand, for how long, and that the checks tell them."""

from datetime import timedelta
from typing import Any

import pytest

from lib.webhooks.log.alarms import STANDS, last_deliveries, standing
from lib.webhooks.manage.triggers import DELETED, NO_SESSION
from tests.webhook_bench import NOW, Bench, box_body

MINUTE = timedelta(minutes=1)


def came(webhooks: Bench, number: int, trigger: str, hook: str = "4165") -> None:
    webhooks.now = NOW + number * MINUTE
    webhook = {"id": hook, "type": "webhook"}
    assert webhooks.box(box_body(number, trigger, webhook=webhook)).status_code == 200
    webhooks.drain()


def found(webhooks: Bench, now: Any = None) -> list[tuple[str, str, int]]:
    alarms = standing(webhooks.stores.events, "acme", now or webhooks.now)
    return [(one.trigger, one.webhook_id, one.times) for one in alarms]


@pytest.mark.parametrize("trigger", [DELETED, NO_SESSION])
def test_an_alarm_stands_until_the_same_webhook_brings_something_else(
    webhooks: Bench, trigger: str
) -> None:
    came(webhooks, 1, "FILE.UPLOADED")
    assert found(webhooks) == []
    came(webhooks, 2, trigger)
    came(webhooks, 3, trigger)
    assert found(webhooks) == [(trigger, "4165", 2)]
    came(webhooks, 4, "FILE.UPLOADED", "4166")
    assert found(webhooks) == [(trigger, "4165", 2)]
    came(webhooks, 5, "FILE.UPLOADED")
    assert found(webhooks) == []


@pytest.mark.parametrize("trigger", [DELETED, NO_SESSION])
def test_an_alarm_does_not_stand_for_ever(webhooks: Bench, trigger: str) -> None:
    came(webhooks, 0, trigger)
    second = timedelta(seconds=1)
    assert found(webhooks, NOW + STANDS[trigger] - second)
    assert not found(webhooks, NOW + STANDS[trigger])


def test_an_alarm_of_a_body_without_a_webhook_is_reported_too(webhooks: Bench) -> None:
    webhooks.box(box_body(1, DELETED, webhook=None, source={}))
    webhooks.drain()
    assert found(webhooks) == [(DELETED, "", 1)]
    assert standing(webhooks.stores.events, "other", NOW) == ()


def test_an_alarm_is_no_sign_of_life(webhooks: Bench) -> None:
    came(webhooks, 1, "FILE.UPLOADED")
    came(webhooks, 2, NO_SESSION)
    assert last_deliveries(webhooks.stores.events, "acme") == {"4165": NOW + MINUTE}

"""What the app sent itself never counts as Box's or Kloudless's."""

from datetime import timedelta
from typing import Any

import pytest

from lib.app.background.checking import LedgerRecords
from lib.core.redaction import Secret
from lib.webhooks.log import figures, log
from lib.webhooks.log.alarms import last_deliveries, last_notices, standing
from lib.webhooks.log.delivery_filter import Choice
from lib.webhooks.log.delivery_latency import latency
from lib.webhooks.receive.ingest import hand_in
from lib.webhooks.receive.receiver import Kind, Receiver
from lib.webhooks.reconcile.reconciliation import Watched
from lib.webhooks.reconcile.stored import account
from lib.webhooks.replay import Signing, signed
from lib.webhooks.signing.own_mark import is_own, keys_for_marks, marked
from lib.webhooks.signing.sending import Outgoing, box_delivery
from tests.webhook_bench import KEYS, NOW, Bench, acme, box_body

HOUR = timedelta(hours=1)
CHOICE = Choice("acme", NOW - HOUR, NOW + HOUR)


def sent(webhooks: Bench, kind: Kind, outgoing: Outgoing) -> None:
    receiver = Receiver(webhooks.profiles.get, webhooks.keeper, clock=lambda: webhooks.now)
    assert hand_in(receiver, kind, "acme", outgoing).status == 200


def own(webhooks: Bench, kind: Kind, body: bytes) -> None:
    sent(webhooks, kind, signed(kind, body, acme(), Signing(), NOW))


def shown(webhooks: Bench) -> dict[str, Any]:
    """All that reads deliveries, in one."""
    webhooks.drain()
    webhooks.settle()
    stores, events = webhooks.stores, webhooks.stores.events
    period = (NOW - timedelta(days=2), NOW + HOUR)
    totals = figures.totals(stores, CHOICE)
    return {
        "kept": totals.kept,
        "newest": totals.newest,
        "chart": figures.counts(stores, CHOICE).total,
        "latency": [one.deliveries for one in latency(stores, CHOICE)],
        "keys": [use.key for use in stores.ledger.deliveries.key_uses("acme")],
        "last": LedgerRecords(stores.ledger, events).last_delivery("acme", "box"),
        "alarms": standing(events, "acme", NOW),
        "webhooks": last_deliveries(events, "acme"),
        "notices": last_notices(events, "acme"),
        "compared": len(account(events, "acme", period, Watched(), now=NOW).lines),
        "events": events.rows("SELECT count(*) FROM events")[0][0],
    }


def test_nothing_counts_what_this_app_sent(webhooks: Bench) -> None:
    nothing = shown(webhooks)
    webhooks.keeper = type(webhooks.keeper)(webhooks.stores.ledger.deliveries)
    webhooks.keeper.start()
    own(webhooks, Kind.BOX, box_body(1))
    own(webhooks, Kind.BOX, box_body(2, "WEBHOOK.DELETED"))
    own(webhooks, Kind.KLOUDLESS, b"account=7")
    assert shown(webhooks) == nothing
    assert figures.totals(webhooks.stores, CHOICE).own == 3
    listed = log.page(webhooks.stores, CHOICE).entries
    assert [one.verdict for one in listed] == ["own"] * 3


def test_each_of_them_counts_when_it_is_of_box(webhooks: Bench) -> None:
    nothing = shown(webhooks)
    webhooks.keeper = type(webhooks.keeper)(webhooks.stores.ledger.deliveries)
    webhooks.keeper.start()
    sent(webhooks, Kind.BOX, box_delivery(box_body(1), KEYS, NOW))
    found = shown(webhooks)
    quiet = {"alarms", "notices"}
    assert {name for name in nothing if found[name] == nothing[name]} == quiet


@pytest.mark.parametrize("mark", [None, "", "yes", "x" * 44])
def test_a_mark_that_no_key_made_is_none(webhooks: Bench, mark: str | None) -> None:
    outgoing = box_delivery(box_body(1), KEYS, NOW)
    if mark is None:
        outgoing = marked(outgoing, [Secret("another key")])
    else:
        outgoing = Outgoing({**outgoing.headers, "Box-Runbook-Sent": mark}, outgoing.body)
    assert not is_own(outgoing.headers, keys_for_marks(acme()))
    sent(webhooks, Kind.BOX, outgoing)
    ((verdict, headers),) = webhooks.rows("verdict, headers")
    assert verdict == "accepted"
    assert "box-runbook-sent" not in headers


def test_a_mark_is_kept_as_a_word(webhooks: Bench) -> None:
    own(webhooks, Kind.BOX, box_body(1))
    ((headers,),) = webhooks.rows("headers")
    assert '"box-runbook-sent":"yes"' in headers


def test_own_ones_are_counted_apart_where_verdicts_are(webhooks: Bench) -> None:
    own(webhooks, Kind.BOX, box_body(1))
    webhooks.drain()
    by_verdict = figures.counts(webhooks.stores, CHOICE, by=figures.By.VERDICT)
    assert (by_verdict.order, by_verdict.total) == (("own",), 1)


def test_what_a_receiver_counts_keeps_what_this_app_sent_apart(webhooks: Bench) -> None:
    own(webhooks, Kind.BOX, box_body(1))
    own(webhooks, Kind.BOX, box_body(1))
    old = box_delivery(box_body(2), KEYS, at=NOW - 2 * HOUR)
    receiver = Receiver(webhooks.profiles.get, webhooks.keeper, clock=lambda: webhooks.now)
    marks = keys_for_marks(acme())
    assert hand_in(receiver, Kind.BOX, "acme", marked(old, marks)).status == 403
    done = webhooks.keeper.done()
    assert done.pop("own") == {"accepted": 1, "repeated": 1, "refused": {"expired": 1}}
    assert done == {"accepted": 0, "repeated": 0, "refused": {}}
    webhooks.box(box_body(3))
    webhooks.box(box_body(4), age=2 * HOUR)
    done = webhooks.keeper.done()
    assert (done["accepted"], done["refused"]) == (1, {"expired": 1})
    assert done["own"]["accepted"] == 1

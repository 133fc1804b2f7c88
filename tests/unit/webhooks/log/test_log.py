"""What the page asks of deliveries: pages, choices, counts, latency, gaps. All figures exact."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.activity.model.zones import BucketSize
from lib.box import signatures as box
from lib.core.redaction import HIDDEN, Secret
from lib.webhooks.log import delivery_latency, delivery_values, figures, log
from lib.webhooks.log.delivery_filter import VERDICTS, Choice
from lib.webhooks.log.delivery_latency import DeliveryStage
from lib.webhooks.log.figures import By
from lib.webhooks.log.log import DeliveryCursor, Logged
from tests.webhook_bench import KEYS, NOW, Bench, bench, box_body

OTHERS = box.SignatureKeys(Secret("x"), Secret("y"))
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
ALL = Choice("acme", NOW - HOUR, NOW + 10 * HOUR)
TRIGGERS = ("FILE.UPLOADED", "FILE.DOWNLOADED", "FOLDER.CREATED")


def chosen(**changes: Any) -> Choice:
    return replace(ALL, **changes)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """40 deliveries over some hours: every fourth a repeat, every fifth refused, some Kloudless.

    They are only looked at, so all tests share them.
    """
    with bench(tmp_path_factory.mktemp("filled")) as webhooks:
        for number in range(40):
            webhooks.now = NOW + number * 7 * MINUTE
            if number % 5 == 4:
                webhooks.box(box_body(number), keys=OTHERS)
            elif number % 8 == 7:
                webhooks.kloudless(b"account=%d" % (number % 3))
            else:
                body = number if number % 4 else max(0, number - 1)
                source = {"id": str(700 + number % 4), "type": "file", "name": f"Q{number % 4}.pdf"}
                actor = {"id": str(11 + number % 2), "login": "a@b", "name": f"Ada {number % 2}"}
                said = box_body(body, TRIGGERS[body % 3], source=source, created_by=actor)
                webhooks.box(said, age=timedelta(seconds=number), delivery=f"d-{number}")
        webhooks.drain()
        webhooks.settle()
        yield webhooks


def walked(webhooks: Bench, choice: Choice, limit: int) -> list[Logged]:
    """Every page, one after the other, each reached by the text of a cursor."""
    found: list[Logged] = []
    before: DeliveryCursor | None = None
    while True:
        page = log.page(webhooks.stores, choice, limit=limit, before=before)
        assert len(page.entries) <= limit
        found += page.entries
        if page.next is None:
            return found
        before = DeliveryCursor.parse(str(page.next))
        assert before is not None


@pytest.mark.parametrize("limit", [1, 7, 100])
def test_pages_hold_everything_once_newest_first(filled: Bench, limit: int) -> None:
    found = walked(filled, ALL, limit)
    assert len(found) == len({one.id for one in found}) == 40
    assert all(one.received_at >= other.received_at for one, other in pairwise(found))
    assert Counter(one.verdict for one in found)["wrong"] == 8


def test_pages_of_one_instant_hold_everything_once(webhooks: Bench) -> None:
    for number in range(12):
        webhooks.box(box_body(number), keys=OTHERS if number % 3 == 0 else KEYS)
    webhooks.drain()
    webhooks.settle()
    for limit in (1, 2, 5):
        found = walked(webhooks, ALL, limit)
        assert len(found) == len({one.id for one in found}) == 12


CHOICES: dict[str, tuple[dict[str, Any], Callable[[Logged], bool]]] = {
    "kind": ({"kinds": ("kloudless",)}, lambda one: one.kind == "kloudless"),
    "accepted": ({"verdicts": ("accepted",)}, lambda one: one.verdict == "accepted"),
    "repeated": ({"verdicts": ("repeated",)}, lambda one: one.verdict == "repeated"),
    "refused": ({"verdicts": ("wrong", "expired")}, lambda one: one.verdict == "wrong"),
    "mixed": (
        {"verdicts": ("repeated", "wrong")},
        lambda one: one.verdict in ("repeated", "wrong"),
    ),
    "trigger": ({"only": {"trigger": TRIGGERS[:1]}}, lambda one: one.trigger == TRIGGERS[0]),
    "item": (
        {"only": {"item": ("701", "702")}},
        lambda one: one.item_id in ("701", "702"),
    ),
    "actor": ({"only": {"actor": ("12",)}}, lambda one: one.actor_id == "12"),
    "account": ({"only": {"account": ("1",)}}, lambda one: one.account_id == "1"),
    "attempts": ({"attempts": (2, None)}, lambda one: (one.attempt or 0) >= 2),
    "small": ({"sizes": (None, 100)}, lambda one: (one.size or 0) <= 100),
    "large": ({"sizes": (101, None)}, lambda one: (one.size or 0) > 100),
    "answer": ({"answers": (403,)}, lambda one: one.answer == 403),
    "time": (
        {"since": NOW + HOUR, "until": NOW + 2 * HOUR},
        lambda one: NOW + HOUR <= one.received_at < NOW + 2 * HOUR,
    ),
}


@pytest.mark.parametrize("name", CHOICES)
def test_a_choice_finds_what_it_says_and_counts_the_same(filled: Bench, name: str) -> None:
    changes, belongs = CHOICES[name]
    choice = chosen(**changes)
    everything = walked(filled, ALL, 100)
    expected = [one.id for one in everything if belongs(one)]
    assert expected
    assert [one.id for one in walked(filled, choice, 3)] == expected
    totals = figures.totals(filled.stores, choice)
    refused = sum(totals.refused.values())
    if choice.sizes == (None, None):
        assert totals.kept + refused == len(expected)
    assert figures.counts(filled.stores, choice).total == totals.kept + refused


def test_a_delivery_is_opened_with_its_body_and_redacted_headers(filled: Bench) -> None:
    everything = walked(filled, ALL, 100)
    accepted = next(one for one in everything if one.verdict == "accepted" and one.kind == "box")
    found = log.opened(filled.stores, "acme", accepted.id)
    assert found is not None
    assert found.logged == accepted
    assert found.body is not None
    assert found.body.startswith(b'{"type":"webhook_event"')
    assert found.headers["box-signature-primary"] == HIDDEN
    refused = next(one for one in everything if one.verdict == "wrong")
    found = log.opened(filled.stores, "acme", refused.id)
    assert found is not None
    assert (found.logged, found.body) == (refused, None)
    assert log.opened(filled.stores, "other", accepted.id) is None
    assert log.opened(filled.stores, "other", refused.id) is None


@pytest.mark.parametrize(
    "id_", ["", "r", "r-1", "r\u0661", "r" + "9" * 40, "zz", "f" * 24, "~", "%"]
)
def test_an_id_that_is_none_opens_nothing(webhooks: Bench, id_: str) -> None:
    assert log.opened(webhooks.stores, "acme", id_) is None


@given(text=st.text(max_size=60))
def test_a_cursor_of_a_link_may_be_anything(text: str) -> None:
    found = DeliveryCursor.parse(text)
    assert found is None or DeliveryCursor.parse(str(found)) == found


def test_a_cursor_that_names_nothing_is_a_place_in_time_all_the_same(filled: Bench) -> None:
    for last in ("r" + "9" * 30, "x", "r0", "'; DROP TABLE deliveries"):
        page = log.page(filled.stores, ALL, before=DeliveryCursor(NOW + HOUR, last))
        assert all(one.received_at <= NOW + HOUR for one in page.entries)


def test_attempts_of_a_body_are_grouped(webhooks: Bench) -> None:
    for number in range(3):
        webhooks.now += MINUTE
        webhooks.box(box_body(5), delivery=f"d-{number}")
    webhooks.box(box_body(6))
    webhooks.drain()
    found = log.attempts(webhooks.stores, "acme", "0c1f7e6a-0000-4000-8000-000000000005")
    assert [(one.attempt, one.delivery_id) for one in found] == [(1, "d-0"), (2, "d-1"), (3, "d-2")]
    assert figures.most_repeated(webhooks.stores, ALL) == [(found[0].body_id, 3)]
    assert figures.by_attempt(webhooks.stores, ALL) == {1: 2, 2: 1, 3: 1}


@pytest.mark.parametrize("by", By)
@pytest.mark.parametrize("timezone", ["UTC", "Asia/Kathmandu", "America/St_Johns"])
@pytest.mark.parametrize("size", [None, *BucketSize])
def test_bars_count_what_the_log_holds(
    filled: Bench, by: By, timezone: str, size: BucketSize | None
) -> None:
    everything = walked(filled, ALL, 100)
    found = figures.counts(filled.stores, ALL, by=by, size=size, timezone=timezone)
    assert found.total == 40
    for bar in found.bars:
        inside = [one for one in everything if bar.start <= one.received_at < bar.end]
        expected = Counter(_series(one, by) for one in inside)
        rows = found.frame[found.frame["bucket"] == bar.start]
        assert dict(zip(rows["series"], rows["deliveries"], strict=True)) == expected


def _series(one: Logged, by: By) -> str:
    return {By.TRIGGER: one.trigger or "", By.VERDICT: one.verdict, By.KIND: one.kind}[by]


def test_a_short_period_is_counted_by_the_minute(filled: Bench) -> None:
    found = figures.counts(filled.stores, ALL.between(NOW, NOW + HOUR))
    assert {bar.end - bar.start for bar in found.bars} == {MINUTE}
    assert found.total == 9
    assert len(found.frame) == 9


def test_latency_has_percentiles_of_both_stages(filled: Bench) -> None:
    choice = chosen(kinds=("box",))
    ages = sorted(
        one.sent_to_received_s for one in walked(filled, choice, 100) if one.attempt
        if one.sent_to_received_s is not None
    )  # fmt: skip
    sent, stored = delivery_latency.latency(filled.stores, choice)
    assert (sent.stage, sent.deliveries) == (DeliveryStage.SENT_TO_RECEIVED, len(ages))
    assert sent.most == ages[-1]
    assert sent.p50 == pytest.approx(ages[len(ages) // 2], abs=2)
    assert stored.deliveries == sent.deliveries
    for one in (sent, stored):
        assert delivery_latency.half_within(filled.stores, choice, one.stage) == one.p50
    over_time = delivery_latency.latency_over_time(
        filled.stores, choice, DeliveryStage.SENT_TO_RECEIVED
    )
    assert int(over_time["deliveries"].sum()) == len(ages)
    assert list(over_time.columns) == ["bucket", "deliveries", "p50", "p95", "p99"]


def test_nothing_has_no_latency_and_no_bars(webhooks: Bench) -> None:
    assert [one.p50 for one in delivery_latency.latency(webhooks.stores, ALL)] == [None, None]
    assert (
        delivery_latency.half_within(webhooks.stores, ALL, DeliveryStage.RECEIVED_TO_STORED) is None
    )
    assert figures.totals(webhooks.stores, ALL).newest is None
    assert figures.counts(webhooks.stores, ALL).total == 0
    assert log.page(webhooks.stores, ALL).entries == ()
    assert figures.gaps(webhooks.stores, ALL) == []


def test_gaps_between_deliveries_are_found_longest_first(webhooks: Bench) -> None:
    for minutes in (0, 1, 50, 190, 191, 200):
        webhooks.now = NOW + minutes * MINUTE
        webhooks.box(box_body(minutes))
    webhooks.drain()
    found = figures.gaps(webhooks.stores, ALL, at_least=9 * MINUTE)
    assert [(gap.start, gap.length) for gap in found] == [
        (NOW + 50 * MINUTE, 140 * MINUTE),
        (NOW + 1 * MINUTE, 49 * MINUTE),
        (NOW + 191 * MINUTE, 9 * MINUTE),
    ]


def test_values_of_a_field_come_with_their_names(filled: Bench) -> None:
    found = delivery_values.values(filled.stores, ALL, "item")
    assert {(value, name) for value, name, _ in found} == {
        (f"70{n}", f"Q{n}.pdf") for n in range(4)
    }
    assert [n for _, _, n in found] == sorted((n for _, _, n in found), reverse=True)
    assert {value for value, _, _ in delivery_values.values(filled.stores, ALL, "trigger")} == set(
        TRIGGERS
    )


def test_every_verdict_can_be_chosen(filled: Bench) -> None:
    for verdict in VERDICTS:
        page = log.page(filled.stores, chosen(verdicts=(verdict,)))
        assert {one.verdict for one in page.entries} <= {verdict}


def test_a_typed_text_finds_what_the_period_does_not_have(filled: Bench) -> None:
    for field, text, requested in (
        ("actor", "ada 1", ["12"]),
        ("actor", "A@B", ["11", "12"]),
        ("actor", "11", ["11"]),
        ("item", "q2", ["702"]),
        ("trigger", "folder.", ["FOLDER.CREATED"]),
        ("item", "nothing", []),
        ("item", " ", []),
    ):
        reported = delivery_values.find(filled.stores, ALL.profile, field, text)
        assert sorted(one.value for one in reported.found) == requested, (field, text)
        assert reported.total == len(requested), (field, text)
    assert delivery_values.find(filled.stores, ALL.profile, "actor", "a", limit=1).total == 2
    named = delivery_values.known(filled.stores, ALL.profile, "actor", ("12", "nobody"))
    assert named == {"12": "Ada 1"}

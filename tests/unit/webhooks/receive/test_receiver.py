"""One request to a webhook address: how it is judged, kept and answered."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from lib.box import signatures as box
from lib.core.errors import StoreError, Who
from lib.core.redaction import HIDDEN, Secret
from lib.kloudless import signatures as kloudless
from lib.store.ledger.deliveries import Drill, DrillMode, Kept, Notes, ReceivedDelivery
from lib.webhooks.receive.keeper import DETAILS_A_MINUTE, Keeper
from lib.webhooks.receive.refusals import REFUSAL_TEXTS, Refusal
from tests.signature_vectors import Vector, vectors
from tests.webhook_bench import API_KEY, APP_ID, KEYS, MAX_BYTES, NOW, Bench, acme, bench, box_body

HOUR = timedelta(hours=1)
SWAPPED = box.SignatureKeys(KEYS.secondary, KEYS.primary)
OTHERS = box.SignatureKeys(Secret("x"), Secret("y"))


def counts(webhooks: Bench, profile: str = "acme") -> dict[str, int]:
    """How many were refused, by reason, once all is written."""
    webhooks.settle()
    found = webhooks.stores.ledger.deliveries.reject_counts(profile, NOW - HOUR, NOW + HOUR)
    return {count.reason: count.times for count in found}


@pytest.mark.parametrize("vector", [*vectors("box"), *vectors("kloudless")], ids=lambda v: v.name)
def test_the_routes_say_what_the_vectors_do(tmp_path: Path, vector: Vector) -> None:
    profile = acme(keys=vector.box_keys)
    if vector.kind == "kloudless":
        assert profile.kloudless is not None
        key = vector.api_key
        profile = replace(profile, kloudless=replace(profile.kloudless, api_key=key))
    with bench(tmp_path, profile) as webhooks:
        webhooks.now = vector.at
        path = f"/webhooks/{vector.kind}/acme"
        answer = webhooks.ask(path, content=vector.body, headers=vector.headers)
        reason = vector.expect["reason"]
        if reason is not None:
            assert answer.json()["reason"] == reason
            assert answer.status_code == REFUSAL_TEXTS[Refusal(reason)].status
        elif vector.body or vector.kind == "kloudless":
            assert answer.status_code == 200
            assert webhooks.rows("key") == [(vector.expect["key"],)]
        else:  # signed rightly, and yet no delivery
            assert answer.json()["reason"] == "not_json"


def test_a_genuine_delivery_is_kept_as_it_came(webhooks: Bench) -> None:
    answer = webhooks.box(box_body(7))
    assert (answer.status_code, answer.json()) == (200, {"ok": True, "repeat": False})
    webhooks.drain()
    (row,) = webhooks.stores.events.frame("SELECT * FROM deliveries").to_dict("records")
    headers = json.loads(row.pop("headers"))
    assert row.pop("id").startswith(f"{int(NOW.timestamp() * 1000):012x}")
    assert bytes(row.pop("body")) == box_body(7)
    assert {name: str(value) for name, value in row.items()} == {
        "profile": "acme",
        "kind": "box",
        "body_id": "0c1f7e6a-0000-4000-8000-000000000007",
        "delivery_id": "d-1",
        "trigger": "FILE.UPLOADED",
        "webhook_id": "4165",
        "item_type": "file",
        "item_id": "735",
        "item_name": "Q1.pdf",
        "actor_id": "11",
        "actor_login": "ada@acme.test",
        "actor_name": "Ada",
        "account_id": "None",
        "occurred_at": "2026-03-01 17:30:00",
        "sent_at": "2026-03-01 17:30:10",
        "received_at": "2026-03-01 17:30:10",
        "stored_at": str(row["stored_at"]),
        "size": str(len(box_body(7))),
        "verdict": "accepted",
        "key": "primary",
        "attempt": "1",
        "answer": "200",
    }
    assert headers["box-delivery-id"] == "d-1"
    assert headers["box-signature-primary"] == headers["box-signature-secondary"] == HIDDEN


def test_a_delivery_becomes_an_event_of_its_own_source_once(webhooks: Bench) -> None:
    for delivery in ("d-1", "d-2", "d-3"):
        webhooks.box(box_body(1), delivery=delivery)
        webhooks.drain()
    webhooks.box(box_body(2, "COLLABORATION.CREATED"))
    webhooks.drain()
    found = webhooks.stores.events.rows(
        "SELECT source, event_type, category, actor_id, item_id FROM events ORDER BY event_id"
    )
    assert found == [
        ("box_webhook", "FILE.UPLOADED", "content", "11", "735"),
        ("box_webhook", "COLLABORATION.CREATED", "collaboration", "11", "735"),
    ]


def test_a_repeat_is_answered_and_counted_as_one(webhooks: Bench) -> None:
    first = webhooks.box(box_body(1), delivery="d-1")
    webhooks.now += timedelta(minutes=5)
    again = webhooks.box(box_body(1), delivery="d-2")
    assert [first.json()["repeat"], again.json()["repeat"]] == [False, True]
    assert again.status_code == 200
    assert webhooks.rows("delivery_id, attempt, verdict") == [
        ("d-1", 1, "accepted"),
        ("d-2", 2, "repeated"),
    ]


def test_the_same_body_id_of_another_profile_is_no_repeat(tmp_path: Path) -> None:
    with bench(tmp_path, acme(), acme("other")) as webhooks:
        answers = [webhooks.box(box_body(1), profile=name) for name in ("acme", "other")]
        assert [answer.json()["repeat"] for answer in answers] == [False, False]


def test_many_at_once_are_all_kept_and_each_body_once_new(webhooks: Bench) -> None:
    bodies = [box_body(number % 40) for number in range(200)]
    at = webhooks.now.isoformat()

    async def send_all() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app=webhooks.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
            return await asyncio.gather(
                *(
                    client.post("/webhooks/box/acme", content=b, headers=box.sign(b, at, KEYS))
                    for b in bodies
                )
            )

    answers = asyncio.run(send_all())
    assert [answer.status_code for answer in answers] == [200] * 200
    assert sum(not answer.json()["repeat"] for answer in answers) == 40
    assert len(webhooks.rows("id")) == 200
    attempts = webhooks.stores.events.rows(
        "SELECT body_id, list_sort(list(attempt)) FROM deliveries GROUP BY ALL"
    )
    assert [found for _, found in attempts] == [[1, 2, 3, 4, 5]] * 40
    assert webhooks.stores.events.count() == 40


def test_a_delivery_that_is_sent_again_and_again_fills_no_disk(webhooks: Bench) -> None:
    for _ in range(60):
        assert webhooks.box(box_body(1)).status_code == 200
    assert len(webhooks.rows("id")) == 50


def test_a_body_without_an_id_is_kept_and_known_by_its_bytes(webhooks: Bench) -> None:
    alarm = b'{"type":"webhook_event","trigger":"NO_ACTIVE_SESSION","webhook":{"id":"1"}}'
    assert webhooks.box(alarm).json() == {"ok": True, "repeat": False}
    assert webhooks.box(alarm).json() == {"ok": True, "repeat": True}
    ((body_id, trigger),) = set(webhooks.rows("body_id, trigger"))
    assert (body_id[:2], trigger) == ("x-", "NO_ACTIVE_SESSION")
    found = webhooks.stores.events.rows("SELECT event_id, event_type, occurred_at FROM events")
    assert found == [(body_id, "NO_ACTIVE_SESSION", NOW.replace(tzinfo=None))]
    assert webhooks.stores.events.rows("FROM quarantine") == []


# --- Kloudless


def test_kloudless_gets_the_app_id_and_the_account_asks_for_a_sync(webhooks: Bench) -> None:
    for body in (b"account=1234", b"account=1234", b'{"account": 77, "subscription": 5}'):
        answer = webhooks.kloudless(body)
        assert (answer.status_code, answer.text) == (200, APP_ID)
        assert answer.headers["content-type"].startswith("text/plain")
    requested = webhooks.stores.ledger.deliveries.requested("acme")
    assert {(one.account_id, one.times) for one in requested} == {("1234", 2), ("77", 1)}
    result = webhooks.drain()
    assert result.notified == {"acme"}
    assert webhooks.stores.events.count() == 0
    assert sorted(webhooks.rows("kind, account_id, attempt, verdict, key")) == [
        ("kloudless", "1234", 1, "accepted", "api_key"),
        ("kloudless", "1234", 2, "repeated", "api_key"),
        ("kloudless", "77", 1, "accepted", "api_key"),
    ]


def test_an_account_that_was_synced_begins_anew_unless_it_asked_again(webhooks: Bench) -> None:
    deliveries = webhooks.stores.ledger.deliveries
    webhooks.kloudless(b"account=1")
    webhooks.kloudless(b"account=2")
    seen = deliveries.requested("acme")
    webhooks.now += timedelta(seconds=1)
    webhooks.kloudless(b"account=2")
    deliveries.served(seen)
    assert [one.account_id for one in deliveries.requested("acme")] == ["2"]
    webhooks.now += timedelta(seconds=1)
    webhooks.kloudless(b"account=1")
    assert webhooks.rows("account_id, attempt")[-1] == ("1", 1)


def test_notices_of_one_account_that_nobody_follows_fill_no_disk(webhooks: Bench) -> None:
    for _ in range(30):
        webhooks.kloudless(b"account=1")
    assert [one.times for one in webhooks.stores.ledger.deliveries.requested("acme")] == [30]
    assert len(webhooks.rows("id")) == 5


def test_the_signed_test_of_an_address_works_without_a_body(webhooks: Bench) -> None:
    answers = [webhooks.kloudless(b"") for _ in range(9)]
    assert {(answer.status_code, answer.text) for answer in answers} == {(200, APP_ID)}
    assert webhooks.stores.ledger.deliveries.requested("acme") == []
    assert webhooks.rows("account_id, size")[0] == (None, 0)
    assert len(webhooks.rows()) == 5


@pytest.mark.parametrize(
    "body",
    [b"account=", b"acount=1", b"account=1&account=2", b"{}", b'{"account":null}', b"{", b"\xff",
     b"account=%00", b'{"account":"' + b"9" * 81 + b'"}', b'{"account":["1"]}', b"="],
)  # fmt: skip
def test_a_notice_that_names_no_account_is_refused(webhooks: Bench, body: bytes) -> None:
    answer = webhooks.kloudless(body)
    assert (answer.status_code, answer.json()["reason"]) == (400, "no_account")


# --- what is refused


def test_each_reason_has_its_own_word_and_status(webhooks: Bench) -> None:
    body = box_body()
    right = box.sign(body, NOW.isoformat(), KEYS)
    path = "/webhooks/box/acme"

    def without(*names: str, **changes: str) -> httpx.Response:
        headers = {k: v for k, v in right.items() if k not in names} | changes
        return webhooks.ask(path, content=body, headers=headers)

    answers = {
        "missing": without(*box.SIGNATURES.values()),
        "malformed": without(**{box.TIMESTAMP: "yesterday"}),
        "unsupported_version": without(**{box.VERSION: "2"}),
        "unsupported_algorithm": without(**{box.ALGORITHM: "HmacSHA1"}),
        "wrong": webhooks.box(body, keys=OTHERS),
        "swapped": webhooks.box(body, keys=SWAPPED),
        "expired": webhooks.box(body, age=timedelta(seconds=601)),
        "future": webhooks.box(body, age=timedelta(seconds=-121)),
        "not_json": webhooks.box(b"[1]"),
        "no_account": webhooks.kloudless(b"hello"),
        "unknown_profile": webhooks.box(body, profile="nobody"),
        "wrong_method": webhooks.ask(path, method="GET"),
        "too_large": webhooks.box(b"x" * (MAX_BYTES + 1)),
    }
    assert {name: answer.json()["reason"] for name, answer in answers.items()} == {
        name: name for name in answers
    }
    statuses = {name: answer.status_code for name, answer in answers.items()}
    assert statuses == {name: REFUSAL_TEXTS[Refusal(name)].status for name in answers}
    assert all(400 <= status < 500 for status in statuses.values())
    assert webhooks.stores.ledger.inbox.waiting() == 0
    expected = dict.fromkeys(answers, 1)
    assert counts(webhooks, "") == {"unknown_profile": expected.pop("unknown_profile")}
    assert counts(webhooks) == expected


def test_every_reason_is_reported_and_none_too_much() -> None:
    assert set(REFUSAL_TEXTS) == set(Refusal)
    assert all(
        reported.what.endswith(".") and reported.fix.endswith(".")
        for reported in REFUSAL_TEXTS.values()
    )


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"])
def test_only_post_is_allowed_and_said_so(webhooks: Bench, method: str) -> None:
    for kind in ("box", "kloudless"):
        answer = webhooks.ask(f"/webhooks/{kind}/acme", method=method)
        assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
        assert bool(answer.content) == (method != "HEAD")


@pytest.mark.parametrize("name", ["nobody", "ACME", "acme%20", "%2e%2e", "%00", "a" * 5000])
def test_a_name_that_is_no_profile_is_counted_without_its_name(webhooks: Bench, name: str) -> None:
    assert webhooks.ask(f"/webhooks/box/{name}").status_code == 404
    webhooks.settle()
    (one,) = webhooks.stores.ledger.deliveries.rejects("")
    assert (one.profile, one.reason) == ("", "unknown_profile")


def test_a_profile_without_keys_says_so_and_the_sender_comes_back(tmp_path: Path) -> None:
    with bench(tmp_path, acme(keys=box.SignatureKeys())) as webhooks:
        answer = webhooks.box(box_body())
        assert (answer.status_code, answer.json()["reason"]) == (503, "no_keys")
        assert int(answer.headers["retry-after"]) > 0


def test_a_body_that_is_said_to_be_too_large_is_not_read(webhooks: Bench) -> None:
    asked = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal asked
        for _ in range(100):
            asked += 1
            yield b"x" * 1000

    headers = {"content-length": str(MAX_BYTES + 1)}
    answer = webhooks.ask("/webhooks/box/acme", content=body(), headers=headers)
    assert (answer.status_code, asked) == (413, 0)
    answer = webhooks.ask("/webhooks/box/acme", content=body())
    assert answer.status_code == 413
    assert asked <= MAX_BYTES // 1000 + 2


def test_a_body_that_does_not_come_is_not_waited_for(tmp_path: Path) -> None:
    async def never() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    with bench(tmp_path) as webhooks:
        receiver = webhooks.app.routes[0].app._find()  # type: ignore[attr-defined]
        receiver._body_s = 0.01
        answer = webhooks.ask("/webhooks/box/acme", content=never())
        assert (answer.status_code, answer.json()["reason"]) == (408, "too_slow")


def test_all_bodies_together_hold_no_more_than_the_room(webhooks: Bench) -> None:
    """Those that don't fit are told to come back; afterwards there is room again."""
    waiting = asyncio.Event()

    async def slow(number: int) -> AsyncIterator[bytes]:
        yield b"x" * MAX_BYTES
        if number < 10:
            await waiting.wait()

    async def send_all() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app=webhooks.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
            first = [
                asyncio.create_task(client.post("/webhooks/box/acme", content=slow(n)))
                for n in range(10)
            ]
            for _ in range(50):
                await asyncio.sleep(0)
            over = await client.post("/webhooks/box/acme", content=slow(99))
            waiting.set()
            return [over, *await asyncio.gather(*first)]

    over, *others = asyncio.run(send_all())
    assert (over.status_code, over.json()["reason"]) == (503, "busy")
    assert {answer.status_code for answer in others} == {401}
    assert webhooks.box(box_body()).status_code == 200


def test_nothing_of_a_refused_body_and_no_signature_is_kept(
    webhooks: Bench, tmp_path: Path
) -> None:
    body = box_body(1, name="canary-body")
    signed = box.sign(body, NOW.isoformat(), OTHERS)
    extra = {"authorization": "Bearer canary-token-0815", "cookie": "s=canary-cookie", "x-a": "b"}
    webhooks.ask("/webhooks/box/acme", content=body, headers={**signed, **extra})
    webhooks.ask("/webhooks/kloudless/acme", content=body,
                 headers=kloudless.sign(body, Secret("x")))  # fmt: skip
    webhooks.settle()
    kept = webhooks.stores.ledger.deliveries.rejects("acme")
    assert [(one.reason, one.method, one.size) for one in kept] == [
        ("wrong", "POST", len(body))
    ] * 2
    assert kept[1].headers["x-a"] == "b"
    assert kept[1].headers["authorization"] == kept[1].headers["cookie"] == HIDDEN
    webhooks.stores.close()
    for file in tmp_path.iterdir():
        content = file.read_bytes()
        assert b"canary" not in content
        assert not any(value.encode() in content for name, value in signed.items()
                       if "PRIMARY" in name or "SECONDARY" in name)  # fmt: skip


def test_a_header_can_not_fill_the_ring(webhooks: Bench) -> None:
    many = {f"x-{n}": "v" * 5000 for n in range(90)}
    webhooks.ask("/webhooks/box/acme", headers=many)
    webhooks.settle()
    (one,) = webhooks.stores.ledger.deliveries.rejects("acme")
    assert len(json.dumps(dict(one.headers))) < 15_000


def test_a_flood_of_refusals_costs_few_commits_and_pushes_nothing_out(tmp_path: Path) -> None:
    with bench(tmp_path) as webhooks:
        deliveries = webhooks.stores.ledger.deliveries
        commits = 0
        keep = deliveries.keep

        def counted(batch: list[ReceivedDelivery], notes: Notes | None = None) -> list[Kept]:
            nonlocal commits
            commits += 1
            return keep(batch, notes)

        deliveries.keep = counted  # type: ignore[method-assign,assignment]
        webhooks.box(box_body(1), keys=SWAPPED)
        for _ in range(1000):
            webhooks.box(box_body(1), keys=OTHERS)
        assert webhooks.box(box_body(2)).status_code == 200
        assert counts(webhooks) == {"swapped": 1, "wrong": 1000}
        assert commits < 100
        existing = [one.reason for one in deliveries.rejects("acme")]
        assert existing.count("wrong") == DETAILS_A_MINUTE
        assert existing.count("swapped") == 1
        assert len(webhooks.rows("id")) == 1


def test_what_can_not_be_kept_is_not_acknowledged(
    webhooks: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any) -> list[Kept]:
        raise StoreError("Full.", cause="No room.", fix="Make some.", who=Who.YOU)

    with monkeypatch.context() as patched:
        patched.setattr(webhooks.stores.ledger.deliveries, "keep", fails)
        answer = webhooks.box(box_body(1))
        assert (answer.status_code, answer.json()["reason"]) == (503, "unavailable")
        assert "retry-after" in answer.headers
    assert webhooks.stores.ledger.inbox.waiting() == 0
    assert webhooks.box(box_body(1)).json() == {"ok": True, "repeat": False}
    assert counts(webhooks) == {"unavailable": 1}


def test_one_delivery_that_breaks_a_batch_does_not_take_the_others_along(tmp_path: Path) -> None:
    with bench(tmp_path) as webhooks:
        deliveries = webhooks.stores.ledger.deliveries
        keep = deliveries.keep

        def picky(batch: list[ReceivedDelivery], notes: Notes | None = None) -> list[Kept]:
            if any(b"poison" in one.body for one in batch):
                raise UnicodeError
            return keep(batch, notes)

        deliveries.keep = picky  # type: ignore[method-assign,assignment]
        bodies = [box_body(n, note="poison" if n == 3 else "") for n in range(8)]
        at = NOW.isoformat()

        async def send_all() -> list[httpx.Response]:
            transport = httpx.ASGITransport(app=webhooks.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
                posts = [
                    client.post("/webhooks/box/acme", content=b, headers=box.sign(b, at, KEYS))
                    for b in bodies
                ]
                return await asyncio.gather(*posts)

        statuses = [answer.status_code for answer in asyncio.run(send_all())]
        assert statuses == [200, 200, 200, 503, 200, 200, 200, 200]


def test_a_receiver_that_stops_keeps_what_it_took(tmp_path: Path) -> None:
    with bench(tmp_path) as webhooks:
        assert webhooks.box(box_body(1)).status_code == 200
        webhooks.keeper.stop()
        answer = webhooks.box(box_body(2))
        assert (answer.status_code, answer.json()["reason"]) == (503, "busy")
        assert len(webhooks.rows("id")) == 1


# --- keys and drills


def test_which_key_verified_what_lately_is_known(webhooks: Bench) -> None:
    deliveries = webhooks.stores.ledger.deliveries
    webhooks.box(box_body(1))
    webhooks.now += HOUR
    webhooks.box(box_body(2), keys=box.SignatureKeys(Secret("new"), KEYS.secondary))
    webhooks.kloudless(b"account=1")
    webhooks.box(box_body(3), keys=OTHERS)
    webhooks.settle()
    uses = {(use.kind, use.key): use for use in deliveries.key_uses("acme")}
    primary, secondary = uses["box", "primary"], uses["box", "secondary"]
    assert (primary.verified_at, primary.verified) == (NOW, 1)
    assert (primary.mismatched_at, primary.mismatched) == (NOW + HOUR, 1)
    assert (secondary.verified_at, secondary.verified) == (NOW + HOUR, 2)
    assert secondary.mismatched_at is None
    assert uses["kloudless", "api_key"].verified == 1


def test_a_drill_answers_the_next_ones_with_500_and_keeps_them(webhooks: Bench) -> None:
    deliveries = webhooks.stores.ledger.deliveries
    deliveries.set_drill(Drill("acme", "box", DrillMode.FAIL, 2, 0.0, NOW))
    statuses = [webhooks.box(box_body(1), delivery=f"d-{n}").status_code for n in range(4)]
    assert statuses == [500, 500, 200, 200]
    assert webhooks.kloudless(b"account=1").status_code == 200
    answered = sorted(webhooks.rows("kind, attempt, answer"))[:4]
    assert [found[1:] for found in answered] == [(1, 500), (2, 500), (3, 200), (4, 200)]
    assert deliveries.drills("acme") == []
    assert webhooks.stores.events.count() == 1


def test_a_drill_answers_slowly_and_can_be_called_off(webhooks: Bench) -> None:
    deliveries = webhooks.stores.ledger.deliveries
    deliveries.set_drill(Drill("acme", "box", DrillMode.SLOW, 9, 0.01, NOW))
    assert webhooks.box(box_body(1)).status_code == 200
    (left,) = deliveries.drills("acme")
    assert left.remaining == 8
    deliveries.set_drill(Drill("acme", "box", DrillMode.SLOW, 0, 0.0, NOW))
    assert deliveries.drills("acme") == []


def test_a_drill_takes_nothing_of_what_is_refused(webhooks: Bench) -> None:
    deliveries = webhooks.stores.ledger.deliveries
    deliveries.set_drill(Drill("acme", "box", DrillMode.FAIL, 1, 0.0, NOW))
    assert webhooks.box(box_body(1), keys=OTHERS).status_code == 403
    assert webhooks.box(box_body(1)).status_code == 500


# --- forgetting


def test_body_ids_are_known_for_30_days(webhooks: Bench) -> None:
    deliveries = webhooks.stores.ledger.deliveries
    webhooks.box(box_body(1))
    webhooks.now += timedelta(days=1)
    webhooks.box(box_body(2))
    assert deliveries.prune(NOW + timedelta(days=30)) == 0
    assert deliveries.prune(NOW + timedelta(days=30, seconds=1)) == 1
    webhooks.now += timedelta(days=29, seconds=2)
    assert webhooks.box(box_body(2)).json()["repeat"] is True
    assert webhooks.box(box_body(1)).json()["repeat"] is False
    webhooks.drain()
    assert webhooks.stores.events.count() == 2  # the event of the body is known all the same


def test_forgetting_a_profile_forgets_its_deliveries(webhooks: Bench) -> None:
    webhooks.box(box_body(1))
    webhooks.kloudless(b"account=1")
    webhooks.box(box_body(1), keys=OTHERS)
    webhooks.drain()
    webhooks.settle()
    webhooks.stores.delete_profile("acme")
    deliveries = webhooks.stores.ledger.deliveries
    assert webhooks.rows() == []
    assert (
        deliveries.rejects("acme"),
        deliveries.key_uses("acme"),
        deliveries.requested("acme"),
    ) == (
        [],
        [],
        [],
    )


def test_the_thread_of_a_keeper_that_nobody_uses_ends(tmp_path: Path) -> None:
    with bench(tmp_path) as webhooks:
        keeper = Keeper(webhooks.stores.ledger.deliveries)
        keeper.start()
        keeper.stop()
        assert not keeper._thread.is_alive()
    assert API_KEY.reveal() not in repr(webhooks.profiles)


def test_refusals_are_summed_by_any_part_of_time(webhooks: Bench) -> None:
    start = NOW.replace(minute=58, second=0)
    for minutes in (0, 1, 1, 3, 70):
        webhooks.now = start + timedelta(minutes=minutes)
        webhooks.box(box_body(), keys=OTHERS)
    webhooks.settle()
    counts = webhooks.stores.ledger.deliveries.reject_counts
    span = ("acme", start - HOUR, start + 3 * HOUR)

    def reported(minutes: int | None) -> list[tuple[str, int]]:
        found = counts(*span, minutes=minutes)
        assert {one.reason for one in found} == {"wrong"}
        return [(f"{one.minute:%H:%M}", one.times) for one in found]

    assert reported(1) == [("17:58", 1), ("17:59", 2), ("18:01", 1), ("19:08", 1)]
    assert reported(60) == [("17:00", 3), ("18:00", 1), ("19:00", 1)]
    assert reported(1440) == [("00:00", 5)]
    assert reported(None) == [("17:58", 5)]

"""How many visitors are remembered, what a forgotten one leaves, and whose calls count."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from lib.sandbox import kloudless, visitors
from lib.sandbox.box.limits import GENERAL
from lib.sandbox.box.memory import memory_of
from lib.sandbox.world import World, WorldSpec
from tests.unit.sandbox.bench import Bench

UNTIL = datetime(2026, 11, 1, tzinfo=UTC)
SMALL = World(WorldSpec(days=2, users=12, until=UNTIL), lambda: UNTIL)


@pytest.fixture
def bench() -> Bench:
    return Bench(world=SMALL)


def admin_token(given: Mapping[str, Any]) -> str:
    return str(given["box"]["developer_token"])


def client_id(given: Mapping[str, Any]) -> str:
    return str(given["box"]["config"]["boxAppSettings"]["clientID"])


def webhook(bench: Bench, token: str) -> None:
    folder = next(one.id for one in SMALL.children("0") if SMALL.visible(SMALL.admin, one))
    body = (
        '{"target":{"id":"%s","type":"folder"},"address":"https://runbook.example/x",'
        '"triggers":["FILE.UPLOADED"]}'
    )
    answer = bench.ask("/2.0/webhooks", token, content=(body % folder).encode())
    assert answer.status == 201, answer.body


def test_the_oldest_visitor_is_forgotten_with_everything_that_was_theirs(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visitors, "MOST", 3)
    memory, service = memory_of(bench.state), kloudless.service_of(bench.state)

    def kept() -> tuple[int, ...]:
        existing = (service.apps, service.accounts, service.bearers, service.subscriptions)
        return tuple(len(one) for one in (*existing, memory.visiting))

    given = [visitors.welcome(bench.state) for _ in range(3)]
    first = given[0]
    token, key = admin_token(first), f"APIKey {first['kloudless']['api_key']}"
    webhook(bench, token)
    for whose in (client_id(first), first["kloudless"]["app_id"], client_id(given[1])):
        bench.state.faults.switch_on("slow", {"client_id": whose, "delay": 0})
    assert bench.ask("/2.0/users/me", token).status == 200
    assert bench.ask("/v1/accounts", headers={"authorization": key}).status == 200

    before = kept()
    given.append(visitors.welcome(bench.state))
    assert kept() == before

    assert bench.ask("/2.0/users/me", token).status == 401
    assert bench.ask("/v1/accounts", headers={"authorization": key}).status == 403
    refused = bench.ask(
        "/oauth2/token",
        form={
            "grant_type": "client_credentials",
            "client_id": first["box"]["ccg"]["client_id"],
            "client_secret": first["box"]["ccg"]["client_secret"],
            "box_subject_type": "enterprise",
            "box_subject_id": SMALL.enterprise.id,
        },
    )
    assert refused.status == 400
    assert not memory.webhooks
    on = next(one for one in bench.state.faults.listing() if one["name"] == "slow")
    assert [one["client_id"] for one in on["activations"]] == [client_id(given[1])]
    for later in given[1:]:
        assert bench.ask("/2.0/users/me", admin_token(later)).status == 200


def test_two_hundred_visitors_are_remembered_and_no_more(bench: Bench) -> None:
    assert visitors.MOST == 200
    service = kloudless.service_of(bench.state)
    apps = len(service.apps)
    tokens = [admin_token(visitors.welcome(bench.state)) for _ in range(203)]
    assert [bench.ask("/2.0/users/me", token).status for token in (*tokens[:4], tokens[-1])] == [
        401,
        401,
        401,
        200,
        200,
    ]
    assert len(service.apps) == apps + 200
    assert len(memory_of(bench.state).visiting) == 3 * 200


def test_a_visitor_does_not_use_up_what_others_may_call(bench: Bench) -> None:
    one, two = (admin_token(visitors.welcome(bench.state)) for _ in range(2))
    usual = bench.token(SMALL.admin.id)
    answers = [bench.ask("/2.0/users/me", one).status for _ in range(GENERAL.calls + 1)]
    assert answers == [200] * GENERAL.calls + [429]
    assert bench.ask("/2.0/users/me", two).status == 200
    assert bench.ask("/2.0/users/me", usual).status == 200


def test_accounts_of_one_person_share_a_log_of_events(bench: Bench) -> None:
    service = kloudless.service_of(bench.state)
    logs = set()
    for _ in range(3):
        given = visitors.welcome(bench.state)["kloudless"]
        account = service.accounts[int(given["admin_account"])]
        logs.add(service.feed(account))
    assert len(logs) == 1

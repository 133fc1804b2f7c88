"""What passes with time at the sandbox's Box: call limits, lifetimes, the number of webhooks."""

import asyncio
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest

from lib.sandbox import box, wire
from lib.sandbox.box.apps import BY_NAME, FULL, GCM, service_account
from lib.sandbox.box.memory import Webhook, memory_of
from lib.sandbox.state import Settings
from lib.sandbox.world import World, WorldSpec
from tests.unit.sandbox.bench import UNTIL, WORLD, Bench, Time


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_user_has_1000_calls_a_minute(bench: Bench) -> None:
    person = WORLD.managed_example.id
    token, second = bench.token(person), bench.token(person, "gcm")
    for _ in range(1000):
        assert bench.ask("/2.0/users/me", token).status == 200
    bench.time.move(20)
    refused = bench.ask("/2.0/users/me", second)
    assert (refused.status, refused.headers["retry-after"]) == (429, "40")
    body = orjson.loads(refused.body)
    assert body["code"] == "rate_limit_exceeded"
    assert body["message"] == "Request rate limit exceeded, please try again later"
    assert bench.ask("/2.0/users/me", bench.token(WORLD.admin.id)).status == 200, "another user"
    bench.time.move(41)
    assert bench.ask("/2.0/users/me", token).status == 200


def test_regression_each_server_apps_service_account_has_its_own_calls(bench: Bench) -> None:
    jwt = bench.token(WORLD.service_account.id)
    ccg = bench.token(service_account(WORLD, BY_NAME["ccg"]).id, "ccg")
    for _ in range(1000):
        bench.ask("/2.0/users/me", jwt)
    assert bench.ask("/2.0/users/me", jwt).status == 429
    assert bench.ask("/2.0/users/me", ccg).status == 200


def test_calls_as_a_user_count_for_that_user(bench: Bench) -> None:
    service = bench.token(WORLD.service_account.id)
    own = bench.token(WORLD.managed_example.id)
    for _ in range(1000):
        bench.ask("/2.0/users/me", own)
    assert bench.ask("/2.0/users/me", service).status == 200
    app = bench.state.app
    assert app is not None
    headers = {"authorization": f"Bearer {service}", "as-user": WORLD.managed_example.id}
    assert asyncio.run(wire.ask(app, "GET", "/2.0/users/me", headers=headers)).status == 429


def test_limits_can_be_lifted_for_measuring() -> None:
    bench = Bench(settings=Settings(rate_limits=False))
    token = bench.token(WORLD.managed_example.id)
    assert {bench.ask("/2.0/users/me", token).status for _ in range(1100)} == {200}


def test_search_has_6_a_second_60_a_minute_and_12_for_the_enterprise(bench: Bench) -> None:
    mine, theirs = bench.token(WORLD.admin.id), bench.token(WORLD.coadmin.id)
    third = bench.token(WORLD.managed_example.id)

    folder = next(item.id for item in WORLD.children("0", WORLD.managed_example))

    def search(token: str) -> int:
        return bench.ask(
            "/2.0/search", token, query="zzzqq", limit=1, ancestor_folder_ids=folder
        ).status

    assert [search(mine) for _ in range(7)] == [200] * 6 + [429]
    bench.time.move(1.1)
    assert [search(mine) for _ in range(6)] == [200] * 6
    assert [search(theirs) for _ in range(6)] == [200] * 6
    assert search(third) == 429, "the enterprise's twelve are gone"
    spent = 12
    while spent < 60:
        bench.time.move(1.1)
        spent += [search(mine) for _ in range(6)].count(200)
    bench.time.move(1.1)
    assert search(mine) == 429, "60 in a minute"
    bench.time.move(61)
    assert search(mine) == 200


def test_an_access_token_ends_after_about_an_hour(bench: Bench) -> None:
    token = bench.token(WORLD.admin.id)
    bench.time.move(3600)
    assert bench.ask("/2.0/users/me", token).status == 200
    bench.time.move(600)
    assert bench.ask("/2.0/users/me", token).status == 401


def test_the_developer_token_ends_after_an_hour_until_it_is_made_anew(bench: Bench) -> None:
    def made() -> str:
        answer = orjson.loads(bench.ask("/sandbox/credentials").body)
        return str(answer["box"]["developer_token"])

    token = made()
    assert bench.ask("/2.0/users/me", token).status == 200
    bench.time.move(3601)
    box.credentials(bench.state)
    assert bench.ask("/2.0/users/me", token).status == 401
    assert made() == token
    assert bench.ask("/2.0/users/me", token).status == 200


def _code(bench: Bench) -> dict[str, str]:
    app = BY_NAME["oauth"]
    form = {
        "client_id": app.client_id,
        "response_type": "code",
        "redirect_uri": app.redirect_uris[0],
        "login": WORLD.admin.login,
        "decision": "grant",
    }
    answer = bench.ask("/api/oauth2/authorize", form=form)
    code = parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]
    return {
        "grant_type": "authorization_code",
        "code": code,
        "client_id": app.client_id,
        "client_secret": app.client_secret,
    }


def test_a_code_lives_30_seconds(bench: Bench) -> None:
    form = _code(bench)
    bench.time.move(29)
    assert bench.ask("/oauth2/token", form=form).status == 200
    form = _code(bench)
    bench.time.move(31)
    answer = orjson.loads(bench.ask("/oauth2/token", form=form).body)
    assert answer == {
        "error": "invalid_grant",
        "error_description": "The authorization code has expired",
    }


def test_a_refresh_token_lives_60_days(bench: Bench) -> None:
    form = _code(bench)
    tokens = orjson.loads(bench.ask("/oauth2/token", form=form).body)
    bench.time.move(60 * 86_400 + 1)
    again = {**form, "grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    answer = orjson.loads(bench.ask("/oauth2/token", form=again).body)
    assert answer["error_description"] == "Refresh token has expired"


def test_a_fault_ends_after_its_seconds(bench: Bench) -> None:
    token = bench.token(WORLD.admin.id)
    order = {"name": "token_rejected", "seconds": 5}
    assert bench.ask("/sandbox/faults", content=orjson.dumps(order)).status == 200
    assert bench.ask("/2.0/users/me", token).status == 401
    bench.time.move(6)
    assert bench.ask("/2.0/users/me", token).status == 200
    listing = orjson.loads(bench.ask("/sandbox/faults").body)
    assert not [one for one in listing if one["active"]]


@pytest.mark.parametrize("stream", ["admin_logs", "admin_logs_streaming"])
def test_emitted_events_reach_both_admin_streams_after_a_while(stream: str) -> None:
    time = Time()
    bench = Bench(time, world=World(WorldSpec(days=2, until=UNTIL), time.now))
    token = bench.token(WORLD.service_account.id)
    order = {"count": 4, "event_type": "DOWNLOAD"}
    made = orjson.loads(bench.ask("/sandbox/emit", content=orjson.dumps(order)).body)
    assert len(set(made["event_ids"])) == 4
    assert made["deliveries"] == []
    time.move(300)
    seen: set[str] = set()
    position: Any = "0"
    while True:
        page = orjson.loads(
            bench.ask(
                "/2.0/events",
                token,
                stream_type=stream,
                stream_position=position,
                event_type="DOWNLOAD",
                limit=500,
            ).body
        )
        if not page["entries"]:
            break
        seen |= {event["event_id"] for event in page["entries"]}
        position = page["next_stream_position"]
    assert set(made["event_ids"]) <= seen


def test_an_app_and_user_have_at_most_1000_webhooks(bench: Bench) -> None:
    token = bench.token(WORLD.service_account.id, "gcm", FULL | {GCM})
    memory = memory_of(bench.state)
    client_id = BY_NAME["gcm"].client_id
    for number in range(999):
        memory.webhooks[str(number)] = Webhook(
            id=str(number),
            client_id=client_id,
            user_id=WORLD.service_account.id,
            target_type="file",
            target_id=f"9{number}",
            address="https://runbook.example/",
            triggers=("FILE.DOWNLOADED",),
            created_at="2026-01-01T00:00:00-08:00",
        )
    folders = [item.id for item in WORLD.children("0") if item.type == "folder"][:2]

    def create(folder: str) -> wire.Answer:
        body = {
            "target": {"type": "folder", "id": folder},
            "address": "https://runbook.example/",
            "triggers": ["FILE.UPLOADED"],
        }
        return bench.ask("/2.0/webhooks", token, content=orjson.dumps(body))

    assert create(folders[0]).status == 201
    refused = create(folders[1])
    assert refused.status == 400
    assert b"1000" in refused.body

"""Kloudless's webhooks: what is signed, what counts as accepted, how often it is tried."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from lib.sandbox import kloudless
from lib.sandbox.app import create_state
from lib.sandbox.kloudless import webhooks
from lib.sandbox.state import State
from lib.sandbox.world import World, WorldSpec

UNTIL = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def state() -> State:
    return create_state(World(WorldSpec(until=UNTIL), lambda: UNTIL))


@dataclass(slots=True)
class Receiver:
    """A receiver that answers as told and keeps what came."""

    url: str = ""
    answers: list[tuple[int, bytes]] = field(default_factory=list)
    came: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@contextmanager
def receiver(*answers: tuple[int, bytes]) -> Iterator[Receiver]:
    kept = Receiver(answers=list(answers))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"] or 0))
            kept.came.append(({k.lower(): v for k, v in self.headers.items()}, body))
            status, text = kept.answers.pop(0)
            self.send_response(status)
            self.send_header("content-length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            """Nothing is printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    kept.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
    try:
        yield kept
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    "body, signature",
    [
        (b"", "mJXmOIXOEvaWU3yhLXyFd+DlMvZQxbttrlRgkdQOHMo="),
        (b"account=1234", "B3kznggnjnprJ+kDtgXFgvRXCPmRe6j0gndmOhnT7Uo="),
        (
            b'{"account": 1234, "subscription": 56}',
            "lr816N9Le70kYS6QtGn+kWH7HIUTTck59CFkoRdcTGU=",
        ),
    ],
)
def test_pin_signature_vectors_of_the_reference(body: bytes, signature: str) -> None:
    assert kloudless.sign("test-api-key", body) == signature


def deliver(
    state: State, url: str, *, account: int | None
) -> tuple[kloudless.Notified, list[float]]:
    service = kloudless.service_of(state)
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    async def run() -> kloudless.Notified:
        async with httpx.AsyncClient() as http:
            known = None if account is None else service.accounts[account]
            return await webhooks.deliver(service, known, url, http, pause=pause)

    return asyncio.run(run()), pauses


def test_delivery_names_the_account_and_is_signed_with_the_api_key(state: State) -> None:
    credentials = kloudless.credentials(state)
    account = int(credentials["admin_account"])
    with receiver((200, credentials["app_id"].encode())) as kept:
        outcome, pauses = deliver(state, kept.url, account=account)
    headers, body = kept.came[0]
    assert body == f"account={account}".encode()
    assert headers["content-type"] == "application/x-www-form-urlencoded"
    assert headers["x-kloudless-signature"] == kloudless.sign(credentials["api_key"], body)
    assert (outcome.status, outcome.accepted, outcome.tries, pauses) == (200, True, 1, [])


def test_test_request_has_an_empty_body_and_is_signed_too(state: State) -> None:
    credentials = kloudless.credentials(state)
    with receiver((200, credentials["app_id"].encode())) as kept:
        outcome, _ = deliver(state, kept.url, account=None)
    headers, body = kept.came[0]
    assert body == b""
    assert headers["x-kloudless-signature"] == kloudless.sign(credentials["api_key"], b"")
    assert outcome.accepted


def test_wrong_answers_are_tried_again_with_growing_pauses(state: State) -> None:
    credentials = kloudless.credentials(state)
    app_id = credentials["app_id"].encode()
    account = int(credentials["admin_account"])
    with receiver((200, b"ok"), (500, app_id), (200, app_id)) as kept:
        outcome, pauses = deliver(state, kept.url, account=account)
        assert (outcome.accepted, outcome.tries, pauses) == (True, 3, [1.0, 5.0])
        assert len(kept.came) == 3


def test_delivery_that_nobody_takes_is_given_up(state: State) -> None:
    account = int(kloudless.credentials(state)["admin_account"])
    with receiver() as kept:
        url = kept.url
    outcome, pauses = deliver(state, url, account=account)
    assert (outcome.status, outcome.accepted, outcome.tries) == (None, False, 3)
    assert pauses == [1.0, 5.0]


def test_unknown_account_cannot_be_notified(state: State) -> None:
    async def run() -> None:
        async with httpx.AsyncClient() as http:
            await kloudless.notify(state, 1, "http://127.0.0.1:1/", http)

    with pytest.raises(LookupError):
        asyncio.run(run())


def test_events_touch_the_organisation_and_the_people_in_them(state: State) -> None:
    service = kloudless.service_of(state)
    person = state.world.managed_example
    event = {
        "created_by": {"id": "1"},
        "source": {"owned_by": {"id": person.id}},
    }
    found = kloudless.affected_accounts(state, [event])
    admin = service.apps[service.main_app].accounts["admin"]
    assert admin in found
    names = {service.accounts[number].account for number in found}
    assert names == {service.accounts[admin].account, person.login}
    assert kloudless.affected_accounts(state, [{"created_by": None, "source": None}]) == [admin]

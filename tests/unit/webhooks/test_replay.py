"""Replays: signed anew, judged by the real receiver, and only to addresses that were allowed."""

import threading
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from lib.core.errors import ConfigurationError, RunbookError
from lib.core.redaction import Secret
from lib.webhooks.receive.ingest import hand_in
from lib.webhooks.receive.receiver import Kind, Receiver
from lib.webhooks.replay import Signing, SignWith, check_address, send, signed
from tests.webhook_bench import APP_ID, Bench, acme, box_body

TYPED = Signing(SignWith.TYPED, Secret("another"))


def replayed(webhooks: Bench, kind: Kind, body: bytes, signing: Signing) -> tuple[int, bytes]:
    """The answer of the receiver to a replay, handed in as the page does."""
    now = datetime.now(UTC)
    outgoing = signed(kind, body, acme(), signing, now)
    receiver = Receiver(webhooks.profiles.get, webhooks.keeper, clock=lambda: now)
    answer = hand_in(receiver, kind, "acme", outgoing)
    return answer.status, answer.body


@pytest.mark.parametrize(
    "sign_with, key", [(SignWith.ALL, "primary"), (SignWith.PRIMARY, "primary"),
                       (SignWith.SECONDARY, "secondary")],
)  # fmt: skip
def test_a_replay_is_our_own_under_the_chosen_key(
    webhooks: Bench, sign_with: SignWith, key: str
) -> None:
    assert webhooks.box(box_body(1)).status_code == 200
    assert replayed(webhooks, Kind.BOX, box_body(1), Signing(sign_with))[0] == 200
    kept = webhooks.rows("verdict, key, attempt, body")
    assert [row[:3] for row in kept] == [("accepted", "primary", 1), ("own", key, 2)]
    assert {bytes(row[3]) for row in kept} == {box_body(1)}
    assert len(set(webhooks.rows("delivery_id"))) == 2


def test_a_replay_with_a_foreign_key_is_refused(webhooks: Bench) -> None:
    status, said = replayed(webhooks, Kind.BOX, box_body(1), TYPED)
    assert status == 403
    assert b'"wrong"' in said
    assert webhooks.rows("id") == []


def test_a_notice_of_kloudless_is_answered_with_the_application(webhooks: Bench) -> None:
    answer = replayed(webhooks, Kind.KLOUDLESS, b"account=7", Signing())
    assert answer == (200, APP_ID.encode())
    assert replayed(webhooks, Kind.KLOUDLESS, b"account=7", TYPED)[0] == 403


def test_replays_of_several_threads_are_all_kept(webhooks: Bench) -> None:
    threads = [
        threading.Thread(target=replayed, args=(webhooks, Kind.BOX, box_body(n), Signing()))
        for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(webhooks.rows("id")) == 8


@pytest.mark.parametrize("kind", Kind)
def test_without_a_key_nothing_is_signed(kind: Kind) -> None:
    bare = replace(acme(), box=None, kloudless=None)
    for signing in (Signing(), Signing(SignWith.TYPED), Signing(SignWith.PRIMARY)):
        with pytest.raises(ConfigurationError, match="no key to sign"):
            signed(kind, b"{}", bare, signing, datetime.now(UTC))


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.acme.example/",
        "https://other.example/",
        "https://hooks.acme.example.evil.example/",
        "https://hooks.acme.example@evil.example/",
        "https://user:word@hooks.acme.example/",
        "https://127.0.0.1/",
        "https://hooks.acme.example:99999/",
        "https://[::1",
        "ftp://hooks.acme.example/",
        "",
        "hooks.acme.example",
    ],
)
def test_an_address_that_nobody_allowed_is_refused(url: str) -> None:
    outgoing = signed(Kind.BOX, b"{}", acme(), Signing(), datetime.now(UTC))
    with pytest.raises(ConfigurationError):
        send(outgoing, url, ["hooks.acme.example"])


def test_with_nothing_allowed_nothing_is_sent() -> None:
    with pytest.raises(ConfigurationError) as raised:
        check_address("https://hooks.acme.example/", [])
    assert "allowed_hosts" in raised.value.cause


@pytest.mark.parametrize(
    "listed, url",
    [
        (["Hooks.Acme.Example."], "https://hooks.acme.example/in"),
        (["hooks.acme.example:8443"], "https://hooks.acme.example:8443/"),
        (["hooks.acme.example:443"], "https://hooks.acme.example/"),
    ],
)
def test_an_address_that_was_listed_is_taken(listed: list[str], url: str) -> None:
    check_address(url, listed)


def test_an_allowed_name_that_does_not_exist_is_no_answer() -> None:
    outgoing = signed(Kind.BOX, b"{}", acme(), Signing(), datetime.now(UTC))
    with pytest.raises(RunbookError):
        send(outgoing, "https://hooks.acme.invalid/", ["hooks.acme.invalid"])
